"""In which order a new schema is deployed, what each step proves, and whether an adapter is needed.

    plan = plan_deployment(Level.BACKWARD, v1, v2)       # two files that hold schemas
    plan.order                                 # Order.CONSUMERS_FIRST
    [(step.who, step.proves) for step in plan.steps]
    plan.adapter_needed, plan.because

BACKWARD: the new schema reads old data, so consumers go first. FORWARD: the old schema reads new data, so
producers go first. FULL: either. Where the level refuses the change nothing may follow on the same topic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from streamlab.contracts.differences import Comparison, differences
from streamlab.registry.compatibility import Level, check
from streamlab.registry.schema_tree import Schema


class Order(StrEnum):
    """Who is upgraded first."""

    CONSUMERS_FIRST = "consumers first"
    PRODUCERS_FIRST = "producers first"
    EITHER = "either order"
    ADAPTER = "adapter"


@dataclass(frozen=True)
class Step:
    """One step of a deployment.

    Attributes:
        who: what is deployed: "schema", "consumers", "producers", "data", "topic" or "adapter".
        do: what to do, as a sentence.
        proves: what is known when the step went well, as a sentence.
    """

    who: str
    do: str
    proves: str


@dataclass(frozen=True)
class Plan:
    """The way from an old schema to a new one.

    Attributes:
        level: the compatibility level that the plan is made for.
        order: who goes first.
        steps: in the order in which they are done.
        because: what each refusal, or each changed meaning, says; empty where no adapter is needed.
        otherwise: what would make the adapter unnecessary, or what else should be known; sentences.
    """

    level: Level
    order: Order
    steps: tuple[Step, ...]
    because: tuple[str, ...]
    otherwise: tuple[str, ...]

    @property
    def adapter_needed(self) -> bool:
        """Whether old and new cannot share a topic at this level."""
        return self.order is Order.ADAPTER


_REGISTER: Final = (
    "Register the schema in the pipeline, before any program has it. Producers must not take it by "
    "themselves yet: auto.register.schemas and use.latest.version are off."
)
_ADAPTER: Final = (
    Step(
        "topic",
        "Make a new topic, and register the new schema under the new topic's subject.",
        "Nothing on the old topic changed: every program runs as before.",
    ),
    Step(
        "adapter",
        "Deploy an adapter: it reads the old topic with the old schema and writes the new one with the new.",
        "Every old record has a translation: as many records came out as went in, and none was set aside.",
    ),
    Step(
        "consumers",
        "Move the consumers to the new topic, one group at a time.",
        "Each reads the new schema only, from the new topic's first record; no group is left on the old.",
    ),
    Step(
        "producers",
        "Move the producers to the new topic.",
        "Nothing is written to the old topic any more.",
    ),
    Step(
        "adapter",
        "Stop the adapter when it has read the old topic to its end.",
        "Every record is on the new topic; the old one can go when its retention ends.",
    ),
)


def plan_deployment(level: Level, old: Schema, new: Schema, contents: Sequence[Any] = ()) -> Plan:
    """The plan for a change at a level.

    Args:
        old: the schema in use.
        new: the schema that is to be used.
        contents: both as parsed JSON, for what the rules do not compare: a changed logical type needs an
            adapter although every level allows it.
    """
    compared = differences(old, new, *contents)
    refusals = tuple(one.message for one in check(level, new, [old]))
    misleading = tuple(
        f"{change.field or 'the schema'}: {change.what}; {change.new_consumers.why}."
        for change in compared.changes
        if change.kind == "logical-type-changed"
    )
    order = _order(level, compared)
    if refusals or misleading or order is Order.ADAPTER:
        neither = () if refusals else _neither(compared)
        because = (*refusals, *misleading, *neither)
        return Plan(level, Order.ADAPTER, _ADAPTER, because, _instead(level, compared, misleading))
    if not compared.changes:
        return Plan(level, order, (), (), ("Nothing changed: there is nothing to deploy.",))
    steps = {
        Order.CONSUMERS_FIRST: _consumers_first,
        Order.PRODUCERS_FIRST: _producers_first,
        Order.EITHER: _either,
    }[order](level, compared)
    return Plan(level, order, steps, (), _remarks(level, compared))


def strongest_level(old: Schema, new: Schema) -> Level:
    """The level that promises the most and allows the change; NONE if only that does."""
    compared = differences(old, new)
    if not compared.new_reads_old and not compared.old_reads_new:
        return Level.FULL
    if not compared.new_reads_old:
        return Level.BACKWARD
    return Level.FORWARD if not compared.old_reads_new else Level.NONE


def _order(level: Level, compared: Comparison) -> Order:
    """By what the level promises; NONE promises nothing, so that only the facts decide."""
    backward, forward = level.backward, level.forward
    if level is Level.NONE:
        backward, forward = not compared.new_reads_old, not compared.old_reads_new
    if backward and forward:
        return Order.EITHER
    if backward:
        return Order.CONSUMERS_FIRST
    return Order.PRODUCERS_FIRST if forward else Order.ADAPTER


def _consumers_first(level: Level, compared: Comparison) -> tuple[Step, ...]:
    when = "The old schema reads this new data too, so a consumer that was forgotten goes on."
    if compared.old_reads_new:
        when = f"Not before no consumer has the old schema: {compared.old_reads_new[0].message}"
    return (
        Step("schema", _REGISTER, _accepted(level, "the new schema reads what the old one wrote")),
        Step(
            "consumers",
            "Deploy the new schema to every consumer of every group; producers still write the old one.",
            "The new schema reads old data in production: no record failed, no consumer runs the old schema.",
        ),
        Step(
            "producers",
            f"Deploy the new schema to the producers. {when}",
            "Every consumer reads new data: no record failed.",
        ),
    )


def _producers_first(level: Level, compared: Comparison) -> tuple[Step, ...]:
    steps = [
        Step("schema", _REGISTER, _accepted(level, "the old schema reads what the new one writes")),
        Step(
            "producers",
            "Deploy the new schema to every producer, while consumers still have the old one.",
            "The old schema reads new data in production: no record failed, no producer writes the old form.",
        ),
    ]
    if compared.new_reads_old:
        steps.append(
            Step(
                "data",
                "Wait until the old consumers have read the last record of the old form; start the new ones "
                f"after it. {compared.new_reads_old[0].message}",
                "No new consumer meets data of the old form.",
            )
        )
    steps.append(
        Step(
            "consumers",
            "Deploy the new schema to the consumers.",
            "The new schema reads new data: no record failed.",
        )
    )
    return tuple(steps)


def _either(level: Level, _compared: Comparison) -> tuple[Step, ...]:
    return (
        Step("schema", _REGISTER, _accepted(level, "each of the two schemas reads what the other wrote")),
        Step(
            "consumers and producers",
            "Deploy the new schema to consumers and producers, in either order or mixed.",
            "Old and new run side by side: no record failed in either direction; each may be rolled back.",
        ),
    )


def _accepted(level: Level, fact: str) -> str:
    if level is Level.NONE:
        return (
            f"Nothing by itself: a registry with NONE accepts any schema. The two schemas show that {fact}."
        )
    return f"The registry accepts it under {level}: {fact}. No data changed yet."


def _neither(compared: Comparison) -> tuple[str, ...]:
    """Why nobody can go first although the level does not object."""
    if not compared.new_reads_old or not compared.old_reads_new:
        return ()
    return tuple(one.message for one in (*compared.new_reads_old, *compared.old_reads_new))


def _instead(level: Level, compared: Comparison, misleading: Sequence[str]) -> tuple[str, ...]:
    """What would make an adapter unnecessary."""
    if misleading:
        return ("Without an adapter: keep the field as it is, and add a new field with the new meaning.",)
    if not compared.new_reads_old:
        other, first = Level.BACKWARD, "consumers"
    elif not compared.old_reads_new:
        other, first = Level.FORWARD, "producers"
    else:
        return (
            "Without an adapter: mend the schema as the reasons say, or reach it in two compatible steps.",
        )
    return (
        f"{other} would allow this change, with {first} first and no adapter; {level} asks for more or for "
        "the other direction, so changing the level is a decision of everybody on the topic.",
    )


def _remarks(level: Level, compared: Comparison) -> tuple[str, ...]:
    both = not compared.new_reads_old and not compared.old_reads_new
    remarks = []
    if both and level not in (Level.FULL, Level.FULL_TRANSITIVE, Level.NONE):
        remarks.append("This change is compatible in both directions: here, either order would work.")
    if not level.transitive and level is not Level.NONE:
        older = "data of still older versions" if level.backward else "consumers of still older versions"
        if level is Level.FULL:
            older = "data or consumers of still older versions"
        remarks.append(
            f"{level} compares with the latest version alone: where there are {older}, the topic needs "
            f"{level}_TRANSITIVE."
        )
    return tuple(remarks)
