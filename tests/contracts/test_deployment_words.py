"""Who is deployed first, at every level; the direction words are held as words."""

from typing import Any

import pytest
from payments import payment

from streamlab.contracts.deployment import Order, Plan, plan_deployment, strongest_level
from streamlab.registry import schema_parser
from streamlab.registry.compatibility import Level

PLAIN = payment()
BOTH = payment(("n", "int", 1))
"""Reads PLAIN's data, and is read by PLAIN."""
MANDATORY = payment(("n", "int"))
"""PLAIN reads its data, and it cannot read PLAIN's: forward only."""
OTHER = payment(name="Sale")


def plan(level: Level, old: Any, new: Any) -> Plan:
    return plan_deployment(level, schema_parser.parse(old), schema_parser.parse(new), (old, new))


def who(made: Plan) -> list[str]:
    return [step.who for step in made.steps]


@pytest.mark.parametrize("level", [Level.BACKWARD, Level.BACKWARD_TRANSITIVE])
def test_under_backward_the_new_schema_reads_old_data_so_consumers_go_first(level: Level) -> None:
    made = plan(level, MANDATORY, PLAIN)
    assert made.order is Order.CONSUMERS_FIRST
    assert who(made) == ["schema", "consumers", "producers"]
    assert "the new schema reads what the old one wrote" in made.steps[0].proves
    assert made.steps[1].proves.startswith("The new schema reads old data in production")
    assert "Not before no consumer has the old schema" in made.steps[2].do
    assert "consumers are upgraded first" in made.level.definition
    assert not made.adapter_needed


@pytest.mark.parametrize("level", [Level.FORWARD, Level.FORWARD_TRANSITIVE])
def test_under_forward_old_readers_read_new_data_so_producers_go_first(level: Level) -> None:
    made = plan(level, PLAIN, MANDATORY)
    assert made.order is Order.PRODUCERS_FIRST
    assert who(made) == ["schema", "producers", "data", "consumers"]
    assert "the old schema reads what the new one writes" in made.steps[0].proves
    assert made.steps[1].proves.startswith("The old schema reads new data in production")
    assert "Wait until the old consumers have read the last record of the old form" in made.steps[2].do
    assert "producers are upgraded first" in made.level.definition


def test_under_forward_nobody_waits_where_new_consumers_read_old_data_too() -> None:
    made = plan(Level.FORWARD, PLAIN, BOTH)
    assert who(made) == ["schema", "producers", "consumers"]
    assert "compatible in both directions" in made.otherwise[0]


@pytest.mark.parametrize("level", [Level.FULL, Level.FULL_TRANSITIVE])
def test_under_full_either_may_go_first(level: Level) -> None:
    made = plan(level, PLAIN, BOTH)
    assert made.order is Order.EITHER
    assert who(made) == ["schema", "consumers and producers"]
    assert "each of the two schemas reads what the other wrote" in made.steps[0].proves


@pytest.mark.parametrize(
    ("old", "new", "order"),
    [
        (MANDATORY, PLAIN, Order.CONSUMERS_FIRST),
        (PLAIN, MANDATORY, Order.PRODUCERS_FIRST),
        (PLAIN, BOTH, Order.EITHER),
        (PLAIN, OTHER, Order.ADAPTER),
    ],
)
def test_under_none_only_the_two_schemas_decide(old: Any, new: Any, order: Order) -> None:
    made = plan(Level.NONE, old, new)
    assert made.order is order
    assert made.adapter_needed == bool(made.because)


@pytest.mark.parametrize("level", [level for level in Level if level is not Level.NONE])
def test_what_a_level_refuses_takes_an_adapter_and_a_new_topic(level: Level) -> None:
    made = plan(level, PLAIN, OTHER)
    assert made.adapter_needed
    assert who(made) == ["topic", "adapter", "consumers", "producers", "adapter"]
    assert made.because


def test_the_level_that_would_do_without_an_adapter_is_named_with_its_order() -> None:
    (hint,) = plan(Level.BACKWARD, PLAIN, MANDATORY).otherwise
    assert hint.startswith("FORWARD would allow this change, with producers first")
    (hint,) = plan(Level.FORWARD, MANDATORY, PLAIN).otherwise
    assert hint.startswith("BACKWARD would allow this change, with consumers first")


def test_a_changed_unit_takes_an_adapter_although_every_level_allows_it() -> None:
    def at(unit: str) -> Any:
        return payment(("t", {"type": "long", "logicalType": f"timestamp-{unit}"}))

    made = plan(Level.FULL_TRANSITIVE, at("millis"), at("micros"))
    assert made.adapter_needed
    assert "timestamp-millis and is timestamp-micros" in made.because[0]


def test_no_change_has_no_steps() -> None:
    assert plan(Level.BACKWARD, PLAIN, PLAIN).steps == ()


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        (PLAIN, BOTH, Level.FULL),
        (MANDATORY, PLAIN, Level.BACKWARD),
        (PLAIN, MANDATORY, Level.FORWARD),
        (PLAIN, OTHER, Level.NONE),
    ],
)
def test_the_strongest_level_is_the_one_that_holds(old: Any, new: Any, level: Level) -> None:
    assert strongest_level(schema_parser.parse(old), schema_parser.parse(new)) is level
