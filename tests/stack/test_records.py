"""The record is written whole or not at all, and a damaged one is as good as none."""

from dataclasses import replace

import pytest

from streamlab.stack import records
from streamlab.stack.layout import Layout
from streamlab.stack.processes import Identity
from streamlab.stack.records import Choice, Record

BROKER = Record("Apache Kafka", "127.0.0.1:9092", {"client": 9092}, Identity(42, 1700000000.25), ready=True)


def record(port: int, pid: int) -> str:
    """A record of a broker on this port, with this process."""
    return (
        '{"format": 1, "components": {"broker": {"product": "Kafka", "address": "127.0.0.1:1", "ports": '
        f'{{"client": {port}}}, "process": {{"pid": {pid}, "created": 1.0}}, "ready": true, '
        '"kind": "kafka", "uses": ""}}}'
    )


def test_what_was_written_is_read_back(layout: Layout) -> None:
    known = {
        "broker": replace(BROKER, kind="kafka", uses="127.0.0.1:9092"),
        "registry": Record("Apicurio", "http://127.0.0.1:8081", {"client": 8081}),
    }
    records.write(layout, known)
    assert records.read(layout) == known


def test_the_choice_stays_until_another_one_is_made(layout: Layout) -> None:
    records.write(layout, {"broker": BROKER}, Choice("local", "apicurio"))
    records.write(layout, {})
    assert records.choice(layout) == Choice("local", "apicurio")
    records.write(layout, {}, Choice(registry="streamlab"))
    assert records.choice(layout) == Choice("", "streamlab")


def test_without_a_record_nothing_is_known(layout: Layout) -> None:
    assert records.read(layout) == {}
    assert records.choice(layout) == Choice()


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{",
        "[]",
        '{"format": 99, "components": {}}',
        '{"format": 1, "components": {"broker": {}}}',
        "null",
        "[" * 100_000,
        record(port=9092, pid=-1),
        record(port=9092, pid=10**30),
        record(port=10**8, pid=1),
        record(port=-5, pid=1),
    ],
)
def test_a_damaged_record_is_as_good_as_none(layout: Layout, damaged: str) -> None:
    layout.state.mkdir()
    layout.record.write_text(damaged)
    assert records.read(layout) == {}
    assert records.choice(layout) == Choice()


def test_a_write_that_fails_leaves_the_old_record(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    records.write(layout, {"broker": BROKER})
    monkeypatch.setattr("json.dumps", lambda *_args, **_kwargs: "half\udcff")
    with pytest.raises(UnicodeEncodeError):
        records.write(layout, {})
    assert records.read(layout) == {"broker": BROKER}
