"""What may come with a schema: metadata and rules. The registry keeps them; clients carry them out.

merged({"properties": {"owner": "sales"}}, None, {"properties": {"tier": "1"}})
# {"properties": {"owner": "sales", "tier": "1"}}: default, the schema's own, override
check({"domainRules": [{"name": ""}]})           # RegistryError 42210
"""

from typing import Final

from streamlab.registry import errors
from streamlab.registry.schemas_topic import Json

VERSION_PROPERTY: Final = "confluent:version"
RULES: Final = ("migrationRules", "domainRules", "encodingRules")


def properties(metadata: Json | None) -> Json:
    """The properties in a schema's metadata."""
    found = (metadata or {}).get("properties")
    return found if isinstance(found, dict) else {}


def with_version(metadata: Json | None, version: int) -> Json:
    """Metadata that says which version it belongs to."""
    return {**(metadata or {}), "properties": {**properties(metadata), VERSION_PROPERTY: str(version)}}


def without_version(metadata: Json | None) -> Json:
    """Metadata without the version that a registry added."""
    kept = {name: value for name, value in properties(metadata).items() if name != VERSION_PROPERTY}
    rest = {name: value for name, value in (metadata or {}).items() if name != "properties" and value}
    return rest | ({"properties": kept} if kept else {})


def merged(default: Json | None, own: Json | None, override: Json | None) -> Json | None:
    """The three on top of each other, member by member; rules of the same name replace each other."""
    layers = [layer for layer in (default, own, override) if isinstance(layer, dict)]
    if not layers:
        return None
    found: Json = {}
    for layer in layers:
        for name, value in layer.items():
            earlier = found.get(name)
            if isinstance(earlier, dict) and isinstance(value, dict):
                found[name] = earlier | value
            elif isinstance(earlier, list) and isinstance(value, list):
                found[name] = _by_name(earlier + value)
            elif value is not None:
                found[name] = value
    return found


def check(rule_set: Json | None) -> None:
    """Refuse rules that no client could carry out.

    Raises:
        RegistryError: 42210, a rule has no name, or two have the same.
    """
    for kind in RULES:
        rules = (rule_set or {}).get(kind) or []
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise errors.invalid_rule_set(f"{kind} is not a list of rules")
        names = [rule.get("name") for rule in rules]
        for name in names:
            if not isinstance(name, str) or not name:
                raise errors.invalid_rule_set("Found rule with null or empty name")
            if names.count(name) > 1:
                raise errors.invalid_rule_set(f"Found rule with duplicate name '{name}'")


def _by_name(rules: list[object]) -> list[object]:
    named = {rule["name"] if isinstance(rule, dict) and "name" in rule else str(rule): rule for rule in rules}
    return list(named.values())
