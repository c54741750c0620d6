"""Subjects that live in a context: `:.sales:txn.events-value`.

A context is a registry within the registry: ids are counted in each on its own. A subject without one is
in the default context, written ".".

    split(":.sales:orders-value")        # (".sales", "orders-value")
    split("orders-value")                # (".", "orders-value")
    normalized(":.:orders-value")        # "orders-value"
"""

import unicodedata

DEFAULT = "."
WILDCARD = ":*:"
RESERVED = frozenset(("__GLOBAL", "__EMPTY"))


def split(subject: str) -> tuple[str, str]:
    """The context of a subject and its name there; a bare context (`:.sales:`) has an empty name."""
    if not subject.startswith(":."):
        return DEFAULT, subject
    context, colon, name = subject[1:].partition(":")
    return (context, name) if colon else (context, "")


def qualified(context: str, name: str) -> str:
    """The subject of that name in a context; the inverse of `split`."""
    return name if context == DEFAULT else f":{context}:{name}"


def normalized(subject: str) -> str:
    """One spelling for one subject."""
    return qualified(*split(subject))


def context_of(subject: str) -> str:
    """The context that a subject is in."""
    return split(subject)[0]


def relative(subject: str, parent: str) -> str:
    """The subject that a schema of `parent` means: without a context, it is in the parent's."""
    if subject.startswith(":."):
        return normalized(subject)
    return qualified(context_of(parent), subject)


def is_valid(subject: str) -> bool:
    """Whether something may be registered under this name: no control characters, no reserved name."""
    return split(subject)[1] not in RESERVED and not any(
        unicodedata.category(character) == "Cc" for character in subject
    )


def scopes(subject: str | None) -> list[str | None]:
    """Where a setting of the subject is looked up, nearest first; None is the whole registry."""
    if subject is None:
        return [None]
    context, name = split(subject)
    if context == DEFAULT:
        return [subject, None]
    return [subject, qualified(context, ""), None] if name else [subject, None]
