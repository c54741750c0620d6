"""Whole records to columns: they are a block of a container file that lacks its header.

    frame, not_text = read_whole(block, count, layout)       # the writer's columns

Source: Apache Avro 1.12 specification, "Object Container Files".
"""

import io
from typing import Final

import numpy as np
import polars as pl

from streamlab.features.columnar.layout import Layout

_SYNC_MARKER: Final = b"streamlab/blocks"


def read_whole(block: bytes | memoryview, count: int, layout: Layout) -> tuple[pl.DataFrame, dict[int, str]]:
    """The columns of records that `walk` found whole, and, by place, those with text that is none, and why.

    The latter are not among the rows.
    """
    try:
        return _read(block, count, layout), {}
    except pl.exceptions.ComputeError:
        # Text that is not UTF-8 is the one thing that a walk does not see: read it as bytes, and look.
        return _as_text(_read(block, count, layout, text_as_bytes=True), layout)


def _read(block: bytes | memoryview, count: int, layout: Layout, text_as_bytes: bool = False) -> pl.DataFrame:
    """Records that are known to be whole, as the writer's columns."""
    if not layout.names:
        return pl.DataFrame({"nothing": pl.repeat(None, count, eager=True)})
    header = layout.header(text_as_bytes)
    file = b"".join(
        (
            b"Obj\x01\x04\x16avro.schema",
            _zigzag(len(header)),
            header,
            b"\x14avro.codec\x08null\x00",
            _SYNC_MARKER,
            _zigzag(count),
            _zigzag(len(block)),
            block,
            _SYNC_MARKER,
        )
    )
    return pl.read_avro(io.BytesIO(file), columns=layout.names)


def _zigzag(number: int) -> bytes:
    """A number that is not negative, as Avro writes it."""
    encoded, rest = bytearray(), number << 1
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def _as_text(frame: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, dict[int, str]]:
    """The frame with text in place of bytes, without the rows where that cannot be; these, and why."""
    texts = [step.name for step in layout.steps if step.kind == "string" and step.name in frame.columns]
    reasons: dict[int, str] = {}
    for name in texts:
        for row, value in enumerate(frame[name]):
            if value is not None and not _is_text(value):
                reasons.setdefault(row, f"field {name!r} is not UTF-8")
    keep = np.ones(frame.height, np.bool_)
    keep[list(reasons)] = False
    return frame.filter(keep).with_columns(pl.col(texts).cast(pl.String)), reasons


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
