"""The codecs' measurements as a section of the report.

    report.show(codec_report.measure())

The measurement itself is `codec`.
"""

from benchmarks import codec, machine
from benchmarks.report import Bar, Section

MESSAGES = 200_000


def measure(count: int = MESSAGES) -> Section:
    """All codecs on the same messages; ratios to fastavro in the same direction."""
    circumstances = machine.circumstances()
    rows = codec.measure(count)
    base = {row.name.rpartition(", ")[2]: row for row in rows if row.name.startswith("fastavro, ")}
    cells = [
        [
            row.name,
            f"{row.rate:,.0f}",
            f"{row.rate / base[row.name.rpartition(', ')[2]].rate:.3g}",
            f"{row.peak_bytes / 1e6:,.0f}" if row.peak_bytes else "-",
            row.note,
        ]
        for row in rows
    ]
    return Section(
        "codec",
        "Avro codecs",
        [f"{count:,} transactions; every side's result was compared with the others'."],
        ["codec", "messages/s", "/ fastavro", "memory MB", "how"],
        cells,
        codec.goals(rows),
        bars=[Bar("codec: messages a second", row.name, "codec", row.rate) for row in rows],
        circumstances=circumstances,
    )
