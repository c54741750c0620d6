"""From a message's bytes to a valid event, or to the reason why there is none.

    decoder = Decoder(schemas, validate_event, UnknownSchema.WAIT)
    decoder.reads.get(value[:5])         # the fast way: a known header, and so the function that decodes
    decoder.look_up(message, refusals, again=False)      # the slow way: a read, a letter, or a wait

One dictionary look-up answers both whether a message is framed and by which schema: its first five bytes are
the key.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Message
from fastavro.read import SchemaResolutionError

from streamlab.processor.dead_letter import DeadLetter, Reason
from streamlab.processor.refusals import Refusals
from streamlab.processor.schemas import Away, Event, Found, Read, WriterSchemas
from streamlab.processor.settings import UnknownSchema
from streamlab.wire import HEADER, NotFramed, unframe

DECODING_ERRORS: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    EOFError,
    ArithmeticError,
    MemoryError,
    struct.error,
    SchemaResolutionError,
)
"""What fastavro raises on bytes that are not what the schema says."""


@dataclass(frozen=True)
class Wait:
    """The message's schema is not here, and it is to be waited for."""

    schema_id: int
    error: str


class Decoder:
    """Decoding and validation for one processor.

    Attributes:
        reads: by the first five bytes of a message, how to decode it; of ids that were fetched.
        validate: the reason why an event breaks a rule, or None.
    """

    def __init__(
        self, schemas: WriterSchemas, validate: Callable[[Event], Any], unknown: UnknownSchema
    ) -> None:
        self.reads: dict[bytes, Read] = {}
        self.validate = validate
        self._schemas = schemas
        self._unknown = unknown

    def look_up(self, message: Message, refusals: Refusals, *, again: bool) -> Read | DeadLetter | Wait:
        """How to decode a message whose header is not in `reads`, or that may have been refused before.

        Args:
            again: it was taken before, and was not refused: its schema was known then, so it is waited for.
        """
        value = message.value()
        if value is None:
            return DeadLetter(Reason.NOT_FRAMED, "there is no value (a tombstone)", message)
        assert isinstance(value, bytes)
        try:
            schema_id, _ = unframe(value)
        except NotFramed as error:
            return DeadLetter(Reason.NOT_FRAMED, str(error), message)
        offset = message.offset() or 0
        if refusals.covers(schema_id, offset):
            return DeadLetter(Reason.UNKNOWN_ID, "it was refused before", message, schema_id)
        found = self._schemas.find(schema_id)
        if isinstance(found, Found):
            refusals.close(schema_id)
            self.reads[value[: HEADER.size]] = found.read
            return found.read
        if isinstance(found, Away) and (again or self._unknown is UnknownSchema.WAIT):
            return Wait(schema_id, found.error)
        refusals.add(schema_id, offset)
        return DeadLetter(Reason.UNKNOWN_ID, found.error, message, schema_id)
