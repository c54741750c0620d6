"""A leader that applies its own records at once ends where one ends that only reads the log."""

import asyncio

import pytest
from fake_topic import FakeMessage
from hypothesis import given
from hypothesis import strategies as st

from streamlab.registry import replica as replica_module
from streamlab.registry.errors import RegistryError
from streamlab.registry.replica import Replica
from streamlab.registry.schemas_topic import (
    Record,
    StoredSchema,
    schema_key,
    schema_record,
    subject_record,
)

SUBJECTS = st.sampled_from(("s", "t"))
SMALL = st.integers(1, 3)
RECORDS = st.one_of(
    st.builds(
        lambda subject, version, schema_id, deleted: schema_record(
            StoredSchema(subject, version, schema_id, f'{{"type":"fixed","name":"F","size":{schema_id}}}',
                         deleted=deleted)
        ),
        SUBJECTS, SMALL, SMALL, st.booleans(),
    ),
    st.builds(lambda subject, version: Record(schema_key(subject, version)), SUBJECTS, SMALL),
    st.builds(
        lambda subject, version: subject_record(
            "DELETE_SUBJECT", subject, {"subject": subject, "version": version}
        ),
        SUBJECTS, SMALL,
    ),
    st.builds(lambda subject: subject_record("CLEAR_SUBJECT", subject, {"subject": subject}), SUBJECTS),
    st.builds(
        lambda level: subject_record("CONFIG", None, level and {"compatibilityLevel": level}),
        st.sampled_from((None, "NONE", "FULL")),
    ),
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("own"), st.lists(RECORDS, min_size=1, max_size=3)),
        st.tuples(st.just("corrupt"), st.just([])),
        st.tuples(st.just("marker"), st.just([])),
        st.tuples(st.just("read"), SMALL),
    ),
    max_size=20,
)


def message(offset: int, record: Record | None) -> FakeMessage:
    if record is None:
        return FakeMessage(offset, b"garbage", None)
    return FakeMessage(offset, record.key_bytes, record.value_bytes)


@given(steps=STEPS)
def test_what_is_applied_ahead_of_reading_comes_to_the_same(steps: list[tuple[str, object]]) -> None:
    leader, follower = Replica(), Replica()
    log: list[FakeMessage] = []
    read, end = 0, 0
    for step, given_with in steps:
        if step == "own":
            records: list[Record] = given_with  # type: ignore[assignment]
            draft = leader.draft()
            for record in records:
                draft.apply(record)
            offsets = list(range(end, end + len(records)))
            log += [message(offset, record) for offset, record in zip(offsets, records, strict=True)]
            end += len(records)
            leader.take_in_own(records, offsets)
            assert leader.position == offsets[-1]
        elif step == "corrupt":
            log.append(message(end, None))
            end += 1
        elif step == "marker":
            end += 1
        else:
            count: int = given_with  # type: ignore[assignment]
            leader.take_in(log[read : read + count])  # type: ignore[arg-type]
            read = min(len(log), read + count)
        assert leader.draft() == leader.state
    leader.take_in(log[read:])  # type: ignore[arg-type]
    follower.take_in(log)  # type: ignore[arg-type]
    assert leader.state == follower.state
    assert leader.position == follower.position
    assert leader.skipped == follower.skipped


def test_a_settings_record_of_somebody_else_that_was_overtaken_does_not_win() -> None:
    def config(level: str) -> Record:
        return subject_record("CONFIG", None, {"compatibilityLevel": level})

    leader, follower = Replica(), Replica()
    log = [message(0, config("NONE")), message(1, config("FULL"))]
    leader.take_in_own([config("FULL")], [1])
    for one in (leader, follower):
        one.take_in(log)  # type: ignore[arg-type]
    assert leader.state == follower.state
    assert leader.state.config(None) == {"compatibilityLevel": "FULL"}


def test_a_record_that_was_read_before_it_was_known_to_be_committed_is_applied_once() -> None:
    replica = Replica()
    own = schema_record(StoredSchema("s", 1, 1, '"int"'))
    later = Record(schema_key("s", 1))
    replica.take_in([message(0, own), message(2, later)])  # type: ignore[list-item]
    replica.take_in_own([own], [0])
    assert replica.state.subjects() == []
    assert replica.position == 2


def test_the_draft_is_a_copy_until_it_is_dropped() -> None:
    replica = Replica()
    replica.take_in([message(0, schema_record(StoredSchema("s", 1, 1, '"int"')))])  # type: ignore[list-item]
    replica.draft().apply(schema_record(StoredSchema("s", 2, 2, '"long"')))
    assert list(replica.state.versions("s")) == [1]
    replica.drop_draft()
    assert replica.draft() == replica.state


def test_what_does_not_come_in_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_module, "APPLY_TIMEOUT_SECONDS", 0.01)
    with pytest.raises(RegistryError) as refused:
        asyncio.run(Replica().catch_up(3))
    assert refused.value.code == 50002
