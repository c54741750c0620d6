"""Which mistake a decoder betrays by what it gave, or raised, and by what it asked for.

explain(message, call, schema, asked, earlier)        # "five-bytes-left-on", "id-ignored", ..., or None
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO

import fastavro

from streamlab.grading import Call
from streamlab.grading.comparing import same
from streamlab.grading.showing import error_text
from streamlab.wire import unframe

from .. import records
from ..records import CLICK, TRANSACTION_V1, TRANSACTION_V2, Record, Schema

_ADDRESS = re.compile(r"0x[0-9a-f]+")


def explain(
    message: bytes, call: Call, schema: Schema, asked: Sequence[object], earlier: Sequence[Record]
) -> str | None:
    """The mistake, None when none fits.

    Args:
        schema: the one that the message was written with.
        asked: all questions that the registry was asked so far.
        earlier: the records that the decoder gave rightly before.
    """
    schema_id, payload = unframe(message)
    if call.error is None and any(same(call.value, record) for record in earlier):
        return "record-cached"
    others = [other for other in (TRANSACTION_V1, TRANSACTION_V2, CLICK) if other is not schema]
    misread = any(_alike(call, partial(records.decode, payload, other)) for other in others)
    if schema_id not in asked and (call.error is None or misread):
        return "cache-key-collides" if len(set(map(repr, asked))) > 1 else "id-ignored"
    if any(_alike(call, partial(records.decode, message[at:], schema)) for at in (0, 1, 4)):
        return "five-bytes-left-on"
    if _alike(call, lambda: next(fastavro.reader(BytesIO(payload), schema))):
        return "container-reader"
    if isinstance(call.error, UnicodeDecodeError | json.JSONDecodeError):
        return "json-body"
    return "schema-of-another-id" if misread else None


def _alike(call: Call, candidate: Callable[[], object]) -> bool:
    """Whether the candidate ends as the call did: with the same value, or with the same error."""
    try:
        value = candidate()
    except Exception as error:  # noqa: BLE001 - it is compared
        return type(error) is type(call.error) and _text(error) == _text(call.error)
    return call.error is None and same(call.value, value)


def _text(error: BaseException) -> str:
    return _ADDRESS.sub("", error_text(error))
