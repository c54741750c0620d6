"""Errors of the stack that a person can act on.

raise StackUnavailable("The broker at 127.0.0.1:9092 does not answer.", "Run `streamlab up`.")
"""

from streamlab.errors import StreamlabError


class StackUnavailable(StreamlabError):
    """A part of the stack does not answer, or does not do its work."""


class CapabilityMissing(StreamlabError):
    """The stack works, but cannot do what was asked of it."""
