"""From columns to Avro messages: all records take the same field together, as in `walk`.

    messages = encode(frame, schema, schema_id=7)    # framed; one for each row
    bodies = encode(frame, schema)                   # without frames

First the size of every field of every record is computed, and with it where each record lies in one buffer;
then the fields are put there, one after the other, a few NumPy operations each. At the end the buffer is
cut.

Source: Apache Avro 1.12 specification, "Binary encoding".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamlab.features.columnar.layout import Schema, Step, steps
from streamlab.wire import SchemaId
from streamlab.wire import frame as framed

PIECE_ROWS: Final = 16_384

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Numbers = NDArray[np.uint64]

_FLOATS: Final[Mapping[str, str]] = {"float": "<f4", "double": "<f8"}


def encode(frame: pl.DataFrame, writer: Schema, schema_id: SchemaId | None = None) -> list[bytes]:
    """One message for each row.

    Args:
        frame: the columns of the schema's fields; others are left out. Enums may be text.
        writer: a record of plain fields.
        schema_id: what the frame in front of each body names; no frames without it.

    Raises:
        ValueError: a value is null or no symbol where the schema takes none.
        UnsupportedSchema: the schema has other than plain fields.
    """
    fields = steps(writer)
    header = b"" if schema_id is None else framed(schema_id, b"")
    messages: list[bytes] = []
    for piece in frame.iter_slices(PIECE_ROWS):
        messages += _encode(piece, fields, header)
    return messages


def _encode(frame: pl.DataFrame, fields: tuple[Step, ...], header: bytes) -> Iterator[bytes]:
    parts = [part for step in fields for part in _parts(step, frame[step.name])]
    sizes = np.full(frame.height, len(header), np.int64)
    for part in parts:
        sizes[part.rows] += part.sizes
    ends = np.cumsum(sizes)
    places = ends - sizes
    starts = places.tolist()
    buffer = np.empty(int(ends[-1]), np.uint8)
    for at, byte in enumerate(header):
        buffer[places + at] = byte
    places += len(header)
    for part in parts:
        part.put(buffer, places[part.rows])
        places[part.rows] += part.sizes
    whole = buffer.tobytes()
    return (whole[start:end] for start, end in zip(starts, ends.tolist(), strict=True))


@dataclass
class _Numbers:
    """Zig-zag integers, seven bits a byte, least significant first."""

    rows: Places | slice
    values: Numbers

    def __post_init__(self) -> None:
        self.sizes = np.ones(len(self.values), np.int64)
        rest = self.values >> np.uint64(7)
        while rest.any():
            self.sizes += rest > 0
            rest >>= np.uint64(7)

    def put(self, buffer: Bytes, places: Places) -> None:
        """Every number its next byte, as long as it has one."""
        rest = self.values
        while len(rest):
            following = rest >> np.uint64(7)
            goes_on = following > 0
            buffer[places] = (rest & np.uint64(0x7F)).astype(np.uint8) | goes_on.astype(np.uint8) << np.uint8(
                7
            )
            if goes_on.all():
                places, rest = places + 1, following
            else:
                places, rest = places[goes_on] + 1, following[goes_on]


@dataclass
class _Fixed:
    """Values of one width, as rows of bytes."""

    rows: Places | slice
    values: Bytes

    def __post_init__(self) -> None:
        self.sizes = np.full(len(self.values), self.values.shape[1], np.int64)

    def put(self, buffer: Bytes, places: Places) -> None:
        """Byte by byte of the width."""
        for at in range(self.values.shape[1]):
            buffer[places + at] = self.values[:, at]


@dataclass
class _Text:
    """Bytes of any length, one value's behind the other's."""

    rows: Places | slice
    values: Bytes
    sizes: Places

    def put(self, buffer: Bytes, places: Places) -> None:
        """Each byte goes as far as its value goes."""
        moves = places - (np.cumsum(self.sizes) - self.sizes)
        buffer[np.repeat(moves, self.sizes) + np.arange(len(self.values))] = self.values


_Part = _Numbers | _Fixed | _Text


def _parts(step: Step, column: pl.Series) -> Iterator[_Part]:
    """What a field puts into the records, in order; `rows` says into which."""
    rows: Places | slice = slice(None)
    if step.null_branch is not None:
        present = column.is_not_null().to_numpy()
        branch = np.where(present, 1 - step.null_branch, step.null_branch).astype(np.uint64)
        yield _Numbers(rows, branch << np.uint64(1))
        if not present.all():
            rows, column = np.flatnonzero(present), column.drop_nulls()
    given = column
    if step.kind == "enum":
        column = column.cast(pl.String).cast(pl.Enum(step.symbols), strict=False).to_physical()
    else:
        column = column.cast(step.dtype)
    wrong = column.is_null()
    if step.kind == "fixed":
        wrong |= column.bin.size() != step.size
    if wrong.any():
        value = given[wrong.arg_true()[0]]
        raise ValueError(f"field {step.name!r} cannot be {value!r}: its schema has no bytes for it")
    if step.kind in ("string", "bytes"):
        is_text = column.dtype == pl.String
        joined = column.str.join().item().encode() if is_text else b"".join(column.to_list())
        sizes = (column.str.len_bytes() if is_text else column.bin.size()).to_numpy().astype(np.int64)
        yield _Numbers(rows, sizes.astype(np.uint64) << np.uint64(1))
        yield _Text(rows, np.frombuffer(joined, np.uint8), sizes)
    elif step.kind in _FLOATS:
        floats = np.ascontiguousarray(column.to_numpy().astype(_FLOATS[step.kind]))
        yield _Fixed(rows, floats.view(np.uint8).reshape(len(column), -1))
    elif step.kind == "boolean":
        yield _Fixed(rows, column.to_numpy().astype(np.uint8).reshape(-1, 1))
    elif step.kind == "fixed":
        yield _Fixed(rows, np.frombuffer(b"".join(column.to_list()), np.uint8).reshape(-1, step.size))
    else:
        numbers = column.cast(pl.Int64).to_numpy()
        yield _Numbers(rows, ((numbers << 1) ^ (numbers >> 63)).view(np.uint64))
