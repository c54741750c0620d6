"""One text for all schemas that read the same way, and its fingerprints.

The specification's chapter Parsing Canonical Form for Schemas: full names, fixed order, no spaces, and
nothing (doc, default, alias, logical type) that does not change how bytes are read.

    canonical_form({"type": "int", "doc": "cents"})                    # '"int"'
    fingerprint("int", Algorithm.CRC_64_AVRO).hex()                    # "8f5c393f1ad57572"
    fingerprint_as_long("int")                                         # 8247732601305521295
"""

from enum import StrEnum

import fastavro.schema

from streamlab.registry.schema_parser import parse
from streamlab.registry.schema_tree import Array, Enum, Fixed, Json, Map, Record, Schema, Union


class Algorithm(StrEnum):
    """The fingerprints that the specification recommends (Schema Fingerprints)."""

    CRC_64_AVRO = "CRC-64-AVRO"
    MD5 = "MD5"
    SHA_256 = "SHA-256"


def canonical_form(schema: Json | Schema) -> str:
    """The parsing canonical form of a schema that is given as parsed JSON.

    Raises:
        InvalidSchemaError: the schema breaks a rule of the specification; bad defaults are not looked for.
    """
    return _text(parse(schema, check_defaults=False), set())


def fingerprint(schema: Json | Schema, algorithm: Algorithm) -> bytes:
    """The fingerprint of the canonical form: 8 bytes for CRC-64-AVRO (little-endian), 16, or 32.

    Raises:
        InvalidSchemaError: the schema breaks a rule of the specification.
    """
    return bytes.fromhex(fastavro.schema.fingerprint(canonical_form(schema), algorithm.value))


def fingerprint_as_long(schema: Json | Schema) -> int:
    """The CRC-64-AVRO fingerprint as the signed number that Java prints."""
    return int.from_bytes(fingerprint(schema, Algorithm.CRC_64_AVRO), "little", signed=True)


def _text(schema: Schema, defined: set[str]) -> str:
    """The order of the keys is the specification's: name, type, fields, symbols, items, values, size."""
    match schema:
        case Union():
            return "[" + ",".join(_text(branch, defined) for branch in schema.branches) + "]"
        case Array():
            return f'{{"type":"array","items":{_text(schema.items, defined)}}}'
        case Map():
            return f'{{"type":"map","values":{_text(schema.values, defined)}}}'
        case Record() | Enum() | Fixed() if schema.full_name in defined:
            return f'"{schema.full_name}"'
        case Record():
            defined.add(schema.full_name)
            fields = (f'{{"name":"{one.name}","type":{_text(one.schema, defined)}}}' for one in schema.fields)
            return f'{{"name":"{schema.full_name}","type":"record","fields":[{",".join(fields)}]}}'
        case Enum():
            defined.add(schema.full_name)
            symbols = ",".join(f'"{symbol}"' for symbol in schema.symbols)
            return f'{{"name":"{schema.full_name}","type":"enum","symbols":[{symbols}]}}'
        case Fixed():
            defined.add(schema.full_name)
            return f'{{"name":"{schema.full_name}","type":"fixed","size":{schema.size}}}'
    return f'"{schema.type}"'
