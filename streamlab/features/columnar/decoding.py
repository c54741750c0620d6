"""From Avro messages to columns: a batch of bodies is a block of a container file that lacks its header.

    decoder = Decoder({7: writer_v2, 9: writer_v3}, reader_v3)
    decoded = decoder.decode(messages)               # framed messages, of several writers
    decoded.frame                                    # polars: "row" and the reader's fields
    decoded.rejected                                 # polars: row, reason, detail; none is lost

    decode_bodies(bodies, writer, reader)            # the same without frames, one writer

A container file ("Object Container Files" in the Avro specification) is a header with the schema, and
blocks: number of records, number of bytes, the records one after the other, sync marker. So the bodies of
messages joined, with a header in front, are a file, and `polars.read_avro` decodes all of them in Rust. It
believes its bytes, though: a damaged record would move all that follow, or end the program. Hence `walk`
first looks at every record, and names the damaged ones; the rest are decoded. Work is done in pieces that
fit into the processor's cache.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamlab.features.columnar.container import read_whole
from streamlab.features.columnar.layout import HEADER_BYTES, Layout, Schema
from streamlab.features.columnar.walk import PADDING, WHOLE, walk
from streamlab.wire import MAGIC_BYTE

PIECE_MESSAGES: Final = 16_384

NOT_FRAMED: Final = "not framed"
UNKNOWN_ID: Final = "unknown schema id"
UNDECODABLE: Final = "undecodable"

ROW: Final = "row"
_REJECTED_SCHEMA: Final = {ROW: pl.UInt32, "reason": pl.String, "detail": pl.String}


@dataclass(frozen=True)
class Decoded:
    """What came of a batch: every message is in exactly one of the two.

    Attributes:
        frame: `row` (the message's place in the batch, from 0; ascending) and the reader's fields.
        rejected: `row`, `reason` (NOT_FRAMED, UNKNOWN_ID or UNDECODABLE) and `detail`, by row.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame


class Decoder:
    """Decodes batches of framed messages for one reader.

    Args:
        writers: the schemas by their ids, as parsed JSON.
        reader: the schema whose fields become the columns.
        columns: the reader's fields that are wanted; all of them unless said otherwise.

    Raises:
        UnsupportedSchema: a schema has other than plain fields, or the reader cannot read a writer.
    """

    def __init__(
        self, writers: Mapping[int, Schema], reader: Schema, columns: Iterable[str] | None = None
    ) -> None:
        wanted = None if columns is None else tuple(columns)
        self._layouts = {
            schema_id: Layout(writer, reader, wanted, HEADER_BYTES) for schema_id, writer in writers.items()
        }
        self._empty = _empty(Layout(reader, reader, wanted))

    def decode(self, messages: Sequence[bytes]) -> Decoded:
        """The columns of a batch, and the messages that are none.

        Cost: proportional to the bytes. Messages of several writers are decoded writer by writer.
        """
        parts = []
        for first in range(0, len(messages), PIECE_MESSAGES):
            piece = messages[first : first + PIECE_MESSAGES]
            parts += self._piece(_Piece(piece, HEADER_BYTES), first)
        return _together(parts, self._empty)

    def _piece(self, piece: "_Piece", first: int) -> list[Decoded]:
        short = piece.starts > piece.ends
        magic = piece.data[np.minimum(piece.starts - HEADER_BYTES, piece.ends)]
        unframed = short | (magic != MAGIC_BYTE)
        ids = _schema_ids(piece)
        parts = []
        if unframed.any():
            rows = np.flatnonzero(unframed)
            parts.append(_reject(rows, first, NOT_FRAMED, [_no_frame(piece, row) for row in rows.tolist()]))
            ids[unframed] = WHOLE
        found = np.unique(ids[~unframed]).tolist()
        for schema_id in found:
            rows = np.flatnonzero(ids == schema_id)
            layout = self._layouts.get(schema_id)
            if layout is None:
                parts.append(_reject(rows, first, UNKNOWN_ID, [f"no schema has id {schema_id}"] * len(rows)))
            else:
                parts += _decode_rows(piece, rows, first, layout)
        return parts


def decode(
    messages: Sequence[bytes],
    writers: Mapping[int, Schema],
    reader: Schema,
    columns: Iterable[str] | None = None,
) -> Decoded:
    """Decode framed messages once; `Decoder` is for many batches."""
    return Decoder(writers, reader, columns).decode(messages)


def decode_bodies(
    bodies: Sequence[bytes], writer: Schema, reader: Schema, columns: Iterable[str] | None = None
) -> Decoded:
    """Decode bodies without frames, all of one writer.

    Raises:
        UnsupportedSchema: a schema has other than plain fields, or the reader cannot read the writer.
    """
    layout = Layout(writer, reader, columns)
    parts = []
    for first in range(0, len(bodies), PIECE_MESSAGES):
        piece = _Piece(bodies[first : first + PIECE_MESSAGES], 0)
        parts += _decode_rows(piece, np.arange(len(piece.messages)), first, layout)
    return _together(parts, _empty(layout))


class _Piece:
    """Some messages, joined."""

    def __init__(self, messages: Sequence[bytes], header_bytes: int) -> None:
        self.messages = messages
        joined = b"".join((*messages, bytes(PADDING)))
        self.data = np.frombuffer(joined, np.uint8)
        self.bytes = memoryview(joined)[:-PADDING]
        self.ends = np.cumsum(np.fromiter(map(len, messages), np.int64, len(messages)))
        self.starts = np.concatenate(([0], self.ends[:-1])) + header_bytes


def _schema_ids(piece: _Piece) -> NDArray[np.int64]:
    """The four bytes before each body, most significant first."""
    places = np.minimum(piece.starts, piece.ends) - HEADER_BYTES
    ids = np.zeros(len(places), np.int64)
    for byte in range(1, HEADER_BYTES):
        ids = ids << 8 | piece.data[np.maximum(places, 0) + byte]
    return ids


def _no_frame(piece: _Piece, row: int) -> str:
    message = piece.messages[row]
    if len(message) < HEADER_BYTES:
        return f"{len(message)} bytes are too few for the {HEADER_BYTES}-byte header"
    return f"the first byte is 0x{message[0]:02x}, not the magic byte 0x{MAGIC_BYTE:02x}"


def _decode_rows(piece: _Piece, rows: NDArray[np.int64], first: int, layout: Layout) -> list[Decoded]:
    """Some rows of a piece, all of one writer."""
    failed = walk(piece.data, piece.starts[rows], piece.ends[rows], layout)
    parts = []
    whole = failed == WHOLE
    if not whole.all():
        fields = [step.name for step in layout.steps]
        details = [
            f"field {fields[step]!r} is not what the schema says"
            if step < len(fields)
            else "bytes are left over after the last field"
            for step in failed[~whole]
        ]
        parts.append(_reject(rows[~whole], first, UNDECODABLE, details))
        rows = rows[whole]
    if len(rows) == len(piece.messages):
        block: bytes | memoryview = piece.bytes
    else:
        block = b"".join([piece.messages[row] for row in rows])
    frame, not_text = read_whole(block, len(rows), layout)
    if not_text:
        parts.append(_reject(rows[list(not_text)], first, UNDECODABLE, list(not_text.values())))
        rows = np.delete(rows, list(not_text))
    columns = layout.columns(frame).insert_column(0, pl.Series(ROW, rows + first, pl.UInt32))
    parts.append(Decoded(columns, _no_rejected()))
    return parts


def _reject(rows: NDArray[np.int64], first: int, reason: str, details: list[str]) -> Decoded:
    given = {ROW: rows + first, "reason": [reason] * len(rows), "detail": details}
    return Decoded(pl.DataFrame(), pl.DataFrame(given, schema=_REJECTED_SCHEMA))


def _no_rejected() -> pl.DataFrame:
    return pl.DataFrame(schema=_REJECTED_SCHEMA)


def _empty(layout: Layout) -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.UInt32, **{step.name: step.dtype for step in layout.reader}})


def _together(parts: list[Decoded], empty: pl.DataFrame) -> Decoded:
    """One batch of its parts, both tables by row."""
    frame = pl.concat([empty, *(part.frame for part in parts if part.frame.height)])
    rejected = pl.concat([_no_rejected(), *(part.rejected for part in parts if part.rejected.height)])
    if not frame[ROW].is_sorted():
        frame = frame.sort(ROW)
    return Decoded(frame, rejected.sort(ROW))
