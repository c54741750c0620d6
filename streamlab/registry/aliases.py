"""Subjects that go by another name: what is asked of an alias is asked of the subject that it stands for.

    PUT /config/payments-value {"alias": "transactions-value"}
    GET /subjects/payments-value/versions        # those of transactions-value

    request = resolved(operation, request, state)

`/config` and `/mode` speak of the alias itself, and an alias of an alias is not followed.
Behaviour: Confluent Schema Registry 8, which puts the name in place of the alias before the path is matched.
"""

from dataclasses import replace
from typing import Final

from streamlab.registry import contexts
from streamlab.registry.requests import Operation, Request
from streamlab.registry.state import State

_IN_PATH: Final = "/subjects/{subject}"
_IN_QUERY: Final = "/schemas/ids/"


def resolved(operation: Operation, request: Request, state: State) -> Request:
    """The request, with the subject's name where it has an alias."""
    if _IN_PATH in operation.path:
        alias = _alias(state, request.subject)
        if alias:
            # The name is taken as it was set: it names its context itself if that is not the default one.
            return replace(request, params={**request.params, "subject": alias}, context=contexts.DEFAULT)
    elif operation.path.startswith(_IN_QUERY) and request.text("subject"):
        alias = _alias(state, request.asked_subject())
        if alias:
            return replace(request, query={**request.query, "subject": [alias]}, context=contexts.DEFAULT)
    return request


def _alias(state: State, subject: str | None) -> str | None:
    alias: str | None = (state.config(subject) or {}).get("alias")
    return alias
