"""What is written beside a committed offset: all that restoring a partition needs to know.

    note = Note(watermark_ms=1_790_000_000_000, lateness_ms=5_000, needed_from=4_120)
    note.text()                      # '{"v":1,"watermark":1790000000000,...}', the metadata of the commit
    Note.read(text)                  # the same again; None for metadata that somebody else wrote

Kafka keeps up to 4,096 bytes of metadata with each committed offset (`offset.metadata.max.bytes`); this is
about a hundred, unless many schemas were unknown. It is written in the same request, so offset and note can
never disagree.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from streamlab.processor.account import PartitionBooks

VERSION: Final = 1


@dataclass(frozen=True)
class Note:
    """The state of one partition at a committed offset, as far as the log itself does not say it.

    Attributes:
        watermark_ms: the partition's watermark; None before its first event.
        lateness_ms: the lateness by which it was computed.
        needed_from: the first offset that the windows and the buffer can still depend on.
        drained: where everything was released by force, because a stream was over: each the offset up to
            which, and the watermark after it. What came later and was older is late, and the log does not
            say so.
        books: what came in and what became of it.
        refused: messages that were set aside because nobody knew their schema; see `refusals`.
    """

    watermark_ms: int | None
    lateness_ms: int
    needed_from: int
    drained: list[list[int]] = field(default_factory=list)
    books: PartitionBooks = field(default_factory=PartitionBooks)
    refused: list[list[int]] = field(default_factory=list)

    def text(self) -> str:
        """As metadata."""
        books = [self.books.events_in, self.books.out, self.books.dead]
        content = {
            "v": VERSION,
            "watermark": self.watermark_ms,
            "lateness": self.lateness_ms,
            "from": self.needed_from,
            "books": books,
            **({"drained": self.drained} if self.drained else {}),
            **({"refused": self.refused} if self.refused else {}),
        }
        return json.dumps(content, separators=(",", ":"))

    @classmethod
    def read(cls, text: str | None) -> "Note | None":
        """The note in a commit's metadata; None if it is not one of ours: then the whole log is the state."""
        try:
            content = json.loads(text or "")
            if content["v"] != VERSION:
                return None
            watermark = content["watermark"]
            return cls(
                None if watermark is None else int(watermark),
                int(content["lateness"]),
                int(content["from"]),
                [[int(offset), int(after)] for offset, after in content.get("drained", ())],
                PartitionBooks(*(int(count) for count in content["books"])),
                [[int(one) for one in refusal] for refusal in content.get("refused", ())],
            )
        except (ValueError, KeyError, TypeError):
            return None
