"""Contracts of one's own in a temporary folder, and the random schemas of the registry's tests."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from payments import MakeContract

sys.path.append(str(Path(__file__).parent.parent / "registry"))


@pytest.fixture
def make_contract(tmp_path: Path) -> MakeContract:
    """Write a contract: its schemas are v1, v2, ...; text is written as it is."""

    def make(*schemas: Any, name: str = "payment", **metadata: Any) -> Path:
        folder = tmp_path / "contracts" / name
        folder.mkdir(parents=True)
        given = {
            "topic": f"{name}.events",
            "key": "id",
            "partitions": 3,
            "compatibility": "BACKWARD",
        } | metadata
        lines = [f"{key} = {json.dumps(value)}" for key, value in given.items() if value is not None]
        (folder / "contract.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for number, schema in enumerate(schemas, 1):
            text = schema if isinstance(schema, str) else json.dumps(schema)
            (folder / f"v{number}.avsc").write_text(text, encoding="utf-8")
        return folder

    return make
