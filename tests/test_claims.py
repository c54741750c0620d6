"""Every claim on trial has evidence that runs, and that would fail if the verdict were wrong."""

import re
from dataclasses import dataclass
from itertools import pairwise

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from streamlab import build, stack
from streamlab.paths import PROJECT

LESSONS = {
    "C13": "ch03_registry_wire_format",
    "C15": "ch03_registry_wire_format",
    "C16": "ch03_registry_wire_format",
    "C17": "ch03_registry_wire_format",
}


@dataclass(frozen=True)
class OtherWorld:
    """A cell of evidence, changed as if the world were other than the verdict says: its assert has to fail.

    Args:
        claim: the claim on trial.
        what: the other world, in words.
        cell: text by which exactly one cell of the lesson is found.
        old, new: what is replaced in it.
        is_after: it leaves marks that the evidence must not see, so it runs right after it, not right before.
    """

    claim: str
    what: str
    cell: str
    old: str
    new: str
    is_after: bool = False


OTHER_WORLDS = (
    OtherWorld(
        "C13",
        "the id stands in the message with its little end first",
        "plots.message_bytes(parts)",
        "dissect(value,",
        "dissect(value[:1] + value[4:0:-1] + value[5:],",
    ),
    OtherWorld(
        "C13",
        "a message starts with a one",
        "plots.message_bytes(parts)",
        'data == b"\\x00"',
        'data == b"\\x01"',
    ),
    OtherWorld(
        "C15",
        "every message makes the consumer fetch the schema",
        'fetches = asked_by_consumer.counts()["GET /schemas/ids/{id}"]',
        "fetches = ",
        "for m in here.read_topic(busy, max_messages=3):\n"
        "    AvroDeserializer(here.registry(asked_by_consumer.url))(m.value(), of_busy)\n"
        "fetches = ",
        is_after=True,
    ),
    OtherWorld(
        "C15",
        "the schema is in the message",
        'b"amount" in m.value()',
        "in m.value()",
        "in m.value() + schema.schema_str.encode()",
    ),
    OtherWorld(
        "C16",
        "the library does not call AvroProducer deprecated",
        "avro.AvroProducer(addresses)",
        'simplefilter("always")',
        'simplefilter("ignore")',
    ),
    OtherWorld(
        "C16",
        "AvroProducer takes a plain string as key",
        'old_producer.produce(key="card_001", **record)',
        'old_producer.produce(key="card_001", **record)',
        "None",
    ),
    OtherWorld(
        "C17",
        "the serializer registers nothing by default",
        "with_defaults = AvroSerializer(",
        "with_defaults(payment(1), of_topic)",
        "",
    ),
    OtherWorld(
        "C17",
        "with registration off an unregistered schema passes the producer",
        "refusal = error_of(strict,",
        "error_of(strict,",
        "error_of(serialize,",
    ),
)


def cells(claim: str) -> tuple[build.Cell, ...]:
    """The trial of a claim: from the cell that states it to the one that gives the verdict."""
    lesson = build.read(PROJECT / "chapters" / f"{LESSONS[claim]}.py").cells
    [start] = [i for i, cell in enumerate(lesson) if f"**{claim}. The claim:" in cell.text]
    [end] = [i for i, cell in enumerate(lesson) if f"Verdict on {claim}:" in cell.text]
    return lesson[start : end + 1]


def position(trial: tuple[build.Cell, ...], pattern: str) -> int:
    """The first cell of the trial that matches."""
    return next(i for i, cell in enumerate(trial) if re.search(pattern, cell.text))


@pytest.mark.parametrize("claim", LESSONS)
def test_a_claim_is_stated_then_predicted_then_judged_by_evidence(claim: str) -> None:
    trial = cells(claim)
    prediction = position(trial, rf'predict\(\s*"{claim.lower()}"')
    evidence = [i for i, cell in enumerate(trial) if cell.kind == "code" and "assert " in cell.text]
    assert trial[0].kind == "markdown"
    assert any(prediction < i for i in evidence)
    assert f"{claim.lower()}.evidence(" in trial[-1].text


@pytest.mark.parametrize("claim", LESSONS)
def test_what_answers_a_prediction_is_folded(claim: str) -> None:
    trial = cells(claim)
    prediction = position(trial, rf'predict\(\s*"{claim.lower()}"')
    first_evidence = next(cell for cell in trial[prediction + 1 :] if "assert " in cell.text)
    assert "answer" in first_evidence.tags
    assert "answer" in trial[-1].tags
    assert all("answer" not in cell.tags for cell in trial[: prediction + 1])


@pytest.mark.parametrize("claim", LESSONS)
def test_a_claim_has_a_world_in_which_its_evidence_fails(claim: str) -> None:
    assert [world for world in OTHER_WORLDS if world.claim == claim]


@pytest.mark.parametrize("stem", sorted(set(LESSONS.values())))
def test_a_lesson_tries_the_claims_that_are_listed_here_and_no_others(stem: str) -> None:
    text = (PROJECT / "chapters" / f"{stem}.py").read_text(encoding="utf-8")
    stated = re.findall(r"\*\*(C\d\d)\. The claim:", text)
    assert stated == [claim for claim, lesson in LESSONS.items() if lesson == stem]


@pytest.fixture(scope="module")
def executed(live_stack: stack.Stack) -> NotebookNode:
    """The lesson, run with the cells of the other worlds beside their originals."""
    [stem] = set(LESSONS.values())
    lesson = build.derive_lesson(stem)
    for world in OTHER_WORLDS:
        [index] = [i for i, cell in enumerate(lesson.cells) if world.cell in cell.source and not of(cell)]
        assert world.old in lesson.cells[index].source, world
        changed = new_code_cell(lesson.cells[index].source.replace(world.old, world.new))
        changed.metadata = {"tags": ["raises-exception"], "other_world": world.what}
        lesson.cells.insert(index + world.is_after, changed)
    return build.execute(lesson, here=live_stack)


def of(cell: NotebookNode) -> str | None:
    """The other world that a cell was made for, or None for the lesson's own cells."""
    return cell.metadata.get("other_world")


@pytest.mark.stack
@pytest.mark.parametrize("world", OTHER_WORLDS, ids=lambda world: f"{world.claim}-{world.what}")
def test_in_another_world_the_evidence_fails(executed: NotebookNode, world: OtherWorld) -> None:
    [cell] = [cell for cell in executed.cells if of(cell) == world.what]
    errors = [output.ename for output in cell.outputs if output.output_type == "error"]
    assert errors == ["AssertionError"]


@pytest.mark.stack
@pytest.mark.parametrize("claim", LESSONS)
def test_the_evidence_runs_and_gives_the_verdict(executed: NotebookNode, claim: str) -> None:
    own = [cell for cell in executed.cells if not of(cell)]
    [verdict] = [cell for cell in own if cell.cell_type == "code" and f"Verdict on {claim}:" in cell.source]
    assert any(
        f"Verdict on {claim}:" in output.get("data", {}).get("text/plain", "") for output in verdict.outputs
    )
    assert not [o for cell in own for o in cell.get("outputs", ()) if o.output_type == "error"]


def test_trials_do_not_overlap() -> None:
    places = []
    for claim, stem in LESSONS.items():
        lesson = build.read(PROJECT / "chapters" / f"{stem}.py").cells
        trial = cells(claim)
        places.append((lesson.index(trial[0]), lesson.index(trial[-1])))
    assert all(end < start for (_, end), (start, _) in pairwise(places))
