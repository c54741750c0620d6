"""The solution with one thing changed is no solution any more, and its check notices."""

import pytest
from lab_answers import mutated, solutions, task_of

from streamlab import stack
from streamlab.grading import Status

PURE_MUTANTS = [
    ("frame", '"big"', '"little"'),
    ("frame", 'b"\\x00" + ', ""),
    ("frame", 'b"\\x00"', 'b"\\x01"'),
    ("frame", 'b"\\x00"', 'b"0"'),
    ("frame", "to_bytes(4,", "to_bytes(5,"),
    ("frame", "to_bytes(4,", "to_bytes(8,"),
    ("frame", " + payload", " + payload.strip()"),
    ("frame", " + payload", ""),
    ("frame", "schema_id.to", "(schema_id & 0xFFFF).to"),
    ("frame", "schema_id.to", "(schema_id + 1).to"),
    ("unframe", "< 5", "<= 5"),
    ("unframe", "< 5", "< 4"),
    ("unframe", "< 5", "< 1"),
    ("unframe", "message[0] != 0", "message[0] > 1"),
    ("unframe", "message[0] != 0", 'message[0] != b"\\x00"'),
    ("unframe", "message[0] != 0", "message[0] == 0"),
    ("unframe", "message[0] != 0", "message[0] == 1"),
    ("unframe", "message[0] != 0", "False"),
    ("unframe", '"big"', '"little"'),
    ("unframe", "message[1:5]", "message[0:4]"),
    ("unframe", "message[1:5]", "message[2:5]"),
    ("unframe", "message[5:]\n", "message[4:]\n"),
    ("unframe", "message[5:]\n", "message[6:]\n"),
    ("unframe", "message[5:]\n", "message\n"),
    ("unframe", "message[5:]\n", "message[5:-1]\n"),
    ("unframe", 'ValueError(f"{len(message)} bytes', 'LookupError(f"{len(message)} bytes'),
    ("unframe", 'ValueError(f"{len(message)} bytes are too few for the five-byte header")', "ValueError"),
    ("unframe", 'raise ValueError(f"the first byte', 'return (f"the first byte'),
    ("decoder", "not in schemas", "in schemas or True"),
    ("decoder", "if schema_id not in schemas:", "if True:"),
    ("decoder", "if schema_id not in schemas:", "if not schemas:"),
    (
        "decoder",
        "        schemas[schema_id] = parse",
        "        schemas.clear()\n            schemas[schema_id] = parse",
    ),
    ("decoder", "schema_id, payload = unframe(message)", "schema_id, payload = unframe(message)[0], message"),
    ("decoder", "schema_id, payload = unframe(message)", "schema_id, payload = message[4], message[5:]"),
    ("decoder", "    schemas = {}\n", "    global schemas\n    schemas = {}\n"),
    ("decoder", "    schemas = {}\n", "    schemas = decoder.__dict__\n"),
    ("decoder", "parse_schema(fetch_schema(schema_id))", "transaction_v1"),
    ("decoder", "BytesIO(payload)", "BytesIO(payload[1:])"),
    ("decoder", "    return decode\n", "    return decode(b'')\n"),
    ("decoder", "return schemaless_reader(BytesIO(payload), schemas[schema_id])", "schemaless_reader"),
    ("consume", "pills.append((message,", "pills.append((payload,"),
    ("consume", 'pills.append((message, f"{type(error).__name__}: {error}"))', "pass"),
    ("consume", 'f"{type(error).__name__}: {error}"', "str(error)"),
    ("consume", 'f"{type(error).__name__}: {error}"', "error"),
    ("consume", 'f"{type(error).__name__}: {error}"', '"broken"'),
    ("consume", "except Exception as error", "except ValueError as error"),
    ("consume", "except Exception as error", "except (ValueError, KeyError, EOFError) as error"),
    ("consume", "except Exception as error", "except (ValueError, LookupError, EOFError) as error"),
    ("consume", "], reader_schema)", "])"),
    ("consume", "schemas[schema_id], reader_schema", "reader_schema, reader_schema"),
    ("consume", "schemas[schema_id], reader_schema", "reader_schema, schemas[schema_id]"),
    ("consume", "records.append(record)", "records.insert(0, record)"),
    ("consume", "records.append(record)", "record in records or records.append(record)"),
    ("consume", "records.append(record)", "records.append(record) if payload else None"),
    ("consume", "return records, pills", "return pills, records"),
    ("consume", "return records, pills", "return [records, pills]"),
    ("consume", "for message in messages:", "for message in messages[:]:"),
    ("consume", "for message in messages:", "for message in set(messages):"),
    ("consume", "schemas.get(schema_id) or fetch", "next(iter(schemas.values()), None) or fetch"),
    ("consume", "unframe(message)", "(message[4], message[5:])"),
    ("consume", "BytesIO(payload)", "BytesIO(payload + bytes(8))"),
]

PUBLISH_MUTANTS = [
    ("producer.flush()", "producer.poll(0)"),
    ("producer.flush()", "pass"),
    ('{"auto.register.schemas": False}', "{}"),
    ('transaction["card_id"]', 'transaction["user_id"]'),
    ("value, key, on_delivery", "value, on_delivery"),
    ("        raise KafkaException(error)", "        print(error)"),
    ("for transaction in transactions:", "for transaction in transactions[1:]:"),
    ("MessageField.VALUE", "MessageField.KEY"),
    ("produce(topic, value", 'produce(topic + ".retry", value'),
    ("produce(topic, value", "produce(topic, value[5:]"),
    ("errors.append(error)", "None"),
]


def names(mutants: list[tuple[str, ...]]) -> list[str]:
    return [f"{': '.join(m[:-1])} -> {m[-1]}".replace("\n", "⏎") for m in mutants]


@pytest.mark.parametrize(("name", "old", "new"), PURE_MUTANTS, ids=names(PURE_MUTANTS))
def test_a_mutation_of_the_solution_is_noticed(name: str, old: str, new: str) -> None:
    for seed in (0, 17, 4242):
        result = task_of(name).result(mutated(name, old, new), seed=seed)
        assert result.status is Status.WRONG, result.message


@pytest.mark.stack
@pytest.mark.parametrize(("old", "new"), PUBLISH_MUTANTS, ids=names(PUBLISH_MUTANTS))
def test_a_mutation_of_publish_is_noticed(old: str, new: str, live_stack: stack.Stack) -> None:
    result = task_of("publish").result(mutated("publish", old, new), seed=11)
    assert result.status is Status.WRONG, result.message


def test_mutating_without_a_change_is_an_error() -> None:
    with pytest.raises(AssertionError):
        mutated("frame", "not in the solution", "")
    with pytest.raises(AssertionError):
        mutated("frame", '"big"', '"big"')
    assert task_of("frame").result(solutions()["frame"], seed=0).passed
