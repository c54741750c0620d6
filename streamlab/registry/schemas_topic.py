"""The records of the topic `_schemas`: a registry's state as a log, byte for byte as Confluent's writes it.

Key and value are JSON. The topic is compacted by key, so the order of a key's members is part of the format.

    record = schema_record(StoredSchema("orders-value", version=1, schema_id=7, text='"string"'))
    record.key_bytes        # b'{"keytype":"SCHEMA","subject":"orders-value","version":1,"magic":1}'
    decode(record.key_bytes, record.value_bytes) == record
    tombstone(record)       # the same key, no value: the record is gone

Key types: SCHEMA (a version), DELETE_SUBJECT (soft deletion up to a version), CLEAR_SUBJECT (all deleted
versions are forgotten), CONFIG, MODE, CONTEXT, NOOP. A value that is null takes the key back.
Source: Confluent Schema Registry, package `storage` (SchemaKey, SchemaValue and their neighbours).
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from streamlab.registry.compatibility import Level

Json: TypeAlias = dict[str, Any]

MAGIC: Final = {"SCHEMA": 1}
KEY_TYPES: Final = frozenset(
    ("SCHEMA", "DELETE_SUBJECT", "CLEAR_SUBJECT", "CONFIG", "MODE", "CONTEXT", "NOOP")
)


SUBJECT_KEYS: Final = frozenset(("CONFIG", "MODE", "CLEAR_SUBJECT"))
MODES: Final = ("READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD")


class CorruptRecordError(ValueError):
    """A record of the topic that is none of the registry's."""


@dataclass(frozen=True, order=True)
class Reference:
    """A schema that is named in another one.

    Attributes:
        name: how it is named there (Avro: the full name of the type).
        subject: under which subject it is registered.
        version: as which version.
    """

    name: str
    subject: str
    version: int

    @property
    def json(self) -> Json:
        """As the registry's API writes it."""
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True)
class StoredSchema:
    """One version of a subject, as it is in the log."""

    subject: str
    version: int
    schema_id: int
    text: str
    schema_type: str = "AVRO"
    references: tuple[Reference, ...] = ()
    metadata: Json | None = None
    rule_set: Json | None = None
    deleted: bool = False

    @cached_property
    def digest(self) -> bytes:
        """MD5 of what makes two schemas the same: text, references, metadata, rules. Sixteen bytes."""
        return digest_of(self.text, self.references, self.metadata, self.rule_set)

    @property
    def json(self) -> Json:
        """The schema itself, as log and API write it; what is usual (AVRO, no references) is left out."""
        written: Json = {}
        if self.schema_type != "AVRO":
            written["schemaType"] = self.schema_type
        if self.references:
            written["references"] = [reference.json for reference in self.references]
        if self.metadata is not None:
            written["metadata"] = self.metadata
        if self.rule_set is not None:
            written["ruleSet"] = self.rule_set
        return written | {"schema": self.text}

    @property
    def guid(self) -> str:
        """The id that is the same in every registry, for it is made of the schema alone."""
        return str(uuid.UUID(bytes=self.digest))


def digest_of(
    text: str, references: tuple[Reference, ...], metadata: Json | None, rule_set: Json | None
) -> bytes:
    """The digest by which a registry knows that it has a schema already."""
    md5 = hashlib.md5(text.encode(), usedforsecurity=False)
    for reference in references:
        md5.update(reference.name.encode() + reference.subject.encode())
        md5.update(reference.version.to_bytes(4, "big", signed=True))
    for extra in (metadata, rule_set):
        if extra is not None:
            md5.update(json.dumps(extra, sort_keys=True).encode())
    return md5.digest()


@dataclass(frozen=True)
class Record:
    """One record: a key, and a value or None."""

    key: Json
    value: Json | None = field(default=None)

    @property
    def key_type(self) -> str:
        """SCHEMA, CONFIG, ..."""
        return str(self.key["keytype"])

    @property
    def key_bytes(self) -> bytes:
        """The key as it is in the log."""
        return _dump(self.key)

    @property
    def value_bytes(self) -> bytes | None:
        """The value as it is in the log; None is a tombstone."""
        return None if self.value is None else _dump(self.value)


def schema_record(schema: StoredSchema) -> Record:
    """A version, new or (with `deleted`) soft-deleted."""
    value: Json = {
        "subject": schema.subject,
        "version": schema.version,
        "id": schema.schema_id,
        "guid": schema.guid,
    }
    return Record(
        schema_key(schema.subject, schema.version),
        value | schema.json | {"deleted": schema.deleted},
    )


def schema_key(subject: str, version: int) -> Json:
    """The key of a version."""
    return {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}


def subject_record(key_type: str, subject: str | None, value: Json | None) -> Record:
    """A CONFIG, MODE, DELETE_SUBJECT or CLEAR_SUBJECT record; the subject None is the registry."""
    return Record({"keytype": key_type, "subject": subject, "magic": 0}, value)


def context_record(context: str) -> Record:
    """A context that has come into being."""
    key = {"keytype": "CONTEXT", "tenant": "default", "context": context, "magic": 0}
    return Record(key, {"tenant": "default", "context": context})


def noop_record(value: Json | None = None) -> Record:
    """A record without effect; a registry writes it to see its own writing come back.

    Confluent's writes null. What this registry adds as a value (highest ids given out, who leads) is passed
    over by a reader that does not look for it.
    """
    return Record({"keytype": "NOOP", "magic": 0}, value)


def tombstone(record: Record) -> Record:
    """The record that takes another one back."""
    return replace(record, value=None)


def decode(key: bytes | None, value: bytes | None) -> Record:
    """The record of a message.

    Raises:
        CorruptRecordError: the message is not a record of a registry; it says why.
    """
    parsed_key = _load(key, "key")
    if parsed_key is None:
        raise CorruptRecordError("it has no key")
    key_type = parsed_key.get("keytype")
    if key_type not in KEY_TYPES:
        raise CorruptRecordError(f"its key type {key_type!r} is unknown")
    if parsed_key.get("magic") != MAGIC.get(key_type, 0):
        raise CorruptRecordError(f"the magic number {parsed_key.get('magic')!r} of its key is unknown")
    record = Record(parsed_key, _load(value, "value"))
    if key_type == "SCHEMA":
        _expect(parsed_key, {"subject": str, "version": int}, "key")
        if record.value is not None:
            stored_schema(record.value)
    elif key_type == "DELETE_SUBJECT" and record.value is not None:
        _expect(record.value, {"subject": str, "version": int}, "value")
    elif key_type == "CONTEXT":
        _expect(parsed_key, {"context": str}, "key")
    elif key_type == "MODE" and record.value is not None:
        _expect_one_of(record.value.get("mode"), MODES, "mode")
    elif key_type == "CONFIG" and record.value is not None:
        _expect_one_of(record.value.get("compatibilityLevel", Level.BACKWARD), list(Level), "level")
    elif key_type == "NOOP" and record.value is not None and "leader" in record.value:
        leader = record.value["leader"]
        _expect(leader if isinstance(leader, dict) else {}, {"url": str, "instance": str}, "leader")
    if key_type in SUBJECT_KEYS and not isinstance(parsed_key.get("subject", 0), str | None):
        raise CorruptRecordError("the subject of its key is not a string")
    return record


def stored_schema(value: Json) -> StoredSchema:
    """The version that the value of a SCHEMA record describes.

    Raises:
        CorruptRecordError: a member is missing or of the wrong type.
    """
    _expect(value, {"subject": str, "version": int, "id": int, "schema": str}, "value")
    references = value.get("references") or []
    if not isinstance(references, list) or not all(isinstance(one, dict) for one in references):
        raise CorruptRecordError("its references are not a list of objects")
    for one in references:
        _expect(one, {"name": str, "subject": str, "version": int}, "reference")
    for extra in ("metadata", "ruleSet"):
        if not isinstance(value.get(extra), dict | None):
            raise CorruptRecordError(f"its {extra} is not an object")
    return StoredSchema(
        subject=value["subject"],
        version=value["version"],
        schema_id=value["id"],
        text=value["schema"],
        schema_type=str(value.get("schemaType") or "AVRO"),
        references=tuple(Reference(one["name"], one["subject"], one["version"]) for one in references),
        metadata=value.get("metadata"),
        rule_set=value.get("ruleSet"),
        deleted=bool(value.get("deleted", False)),
    )


def _dump(content: Json) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _load(content: bytes | None, what: str) -> Json | None:
    if content is None:
        return None
    try:
        parsed = json.loads(content)
        # A lone surrogate ("\\ud800") is JSON, but no text that could be written again.
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise CorruptRecordError(f"its {what} is not JSON ({error})") from error
    if parsed is not None and not isinstance(parsed, dict):
        raise CorruptRecordError(f"its {what} is not a JSON object")
    return parsed


def _expect(content: Json, members: dict[str, type], what: str) -> None:
    for name, wanted in members.items():
        got = content.get(name)
        fits = isinstance(got, wanted) and not isinstance(got, bool)
        if isinstance(got, int) and not -(2**31) <= got < 2**31:
            fits = False
        if not fits:
            raise CorruptRecordError(f"the member {name} of its {what} is {got!r}, not {wanted.__name__}")


def _expect_one_of(value: Any, allowed: Sequence[str], what: str) -> None:
    if value not in allowed:
        raise CorruptRecordError(f"its {what} {value!r} is unknown")
