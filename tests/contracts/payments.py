"""Small records for the tests of contracts.

payment(("note", "string"))                       # with an id, and a note without default
payment(("note", "string", "none"))               # with a default
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

MakeContract = Callable[..., Path]
"""What the fixture `make_contract` gives."""


def payment(*fields: Any, **more: Any) -> dict[str, Any]:
    """A record with the field id and further ones: (name, type) or (name, type, default) or an object."""
    written: list[Any] = [{"name": "id", "type": "string"}]
    for field in fields:
        keys = ("name", "type", "default")
        written.append(field if isinstance(field, dict) else dict(zip(keys, field, strict=False)))
    return {"type": "record", "name": "Payment", "namespace": "shop", **more, "fields": written}


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    """An enum Currency."""
    return {"type": "enum", "name": "Currency", "symbols": list(symbols), **more}
