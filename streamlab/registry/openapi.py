"""The API described for machines (OpenAPI 3.1) and for the curious (a page).

document(router.operations)["paths"]["/subjects"]["get"]["summary"]        # "List subjects"
page(router.operations)                                                    # an HTML page without scripts
"""

import html
import re
from collections.abc import Iterable
from typing import Any, Final

from streamlab.registry.requests import Operation

_REFERENCE: Final = {
    "type": "object",
    "required": ["name", "subject", "version"],
    "properties": {
        "name": {"type": "string"},
        "subject": {"type": "string"},
        "version": {"type": "integer", "format": "int32"},
    },
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "schema": {
        "type": "object",
        "properties": {
            "schema": {"type": "string"},
            "schemaType": {"type": "string", "enum": ["AVRO", "JSON"]},
            "references": {"type": "array", "items": _REFERENCE},
            "metadata": {"type": "object"},
            "ruleSet": {"type": "object"},
            "version": {"type": "integer", "format": "int32"},
            "id": {"type": "integer", "format": "int32"},
        },
    },
    "config": {
        "type": "object",
        "properties": {"compatibility": {"type": "string"}, "normalize": {"type": "boolean"}},
    },
    "mode": {"type": "object", "required": ["mode"], "properties": {"mode": {"type": "string"}}},
}
_ERROR: Final = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {"error_code": {"type": "integer"}, "message": {"type": "string"}},
}
_MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_PATH_TYPES: Final = {"id": "integer"}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI document of these operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Schema registry", "version": "8.2", "description": "As Confluent's behaves."},
        "paths": paths,
        "components": {"schemas": {**BODIES, "error": _ERROR}},
    }


def _described(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": _PATH_TYPES.get(name, "string")}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    parameters += [
        {"name": name, "in": "query", "schema": {"type": kind}} for name, kind in operation.query.items()
    ]
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": operation.handler.__doc__,
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer", "content": {_MEDIA_TYPE: {"schema": {}}}},
            "default": {
                "description": "A refusal",
                "content": {_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/error"}}},
            },
        },
    }
    if operation.body:
        schema = {"$ref": f"#/components/schemas/{operation.body}"}
        described["requestBody"] = {"required": True, "content": {_MEDIA_TYPE: {"schema": schema}}}
    return described


def page(operations: Iterable[Operation]) -> str:
    """The operations as a table; it loads nothing from elsewhere."""
    rows = "\n".join(
        f"<tr><td>{one.method}<td><code>{html.escape(one.path)}</code><td>{html.escape(one.summary)}"
        f"<td><code>{html.escape(' '.join(one.query))}</code>"
        for one in operations
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Schema registry</title>'
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em 1em;text-align:left}</style>"
        "<h1>Schema registry</h1><p>The machine-readable description is at "
        '<a href="/openapi.json">/openapi.json</a>, the counters at <a href="/metrics">/metrics</a>.</p>'
        f"<table><tr><th>Method<th>Path<th>What it does<th>Query\n{rows}</table></html>"
    )
