"""Confluent's behaviour, row by row; each test is named after its row."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from in_process import InProcess, avro, code, record

V1 = record("a")
V2 = record("a", ("b", "string", ""))
INCOMPATIBLE = record("a", "c")


@pytest.fixture
def registry() -> Iterator[InProcess]:
    running = InProcess()
    yield running
    running.close()


# Form of the answers


def test_a_refusal_has_an_error_code_a_message_and_the_registry_s_content_type(registry: InProcess) -> None:
    answer = registry.get("/subjects/none/versions")
    assert answer.json() == {"error_code": 40401, "message": "Subject 'none' not found."}
    assert answer.headers["content-type"] == "application/vnd.schemaregistry.v1+json"


def test_an_answer_is_of_the_type_that_the_client_asks_for(registry: InProcess) -> None:
    def answered(accept: str) -> str:
        return registry.get("/subjects", headers={"accept": accept}).headers["content-type"]

    assert answered("application/json") == "application/json"
    assert answered("application/vnd.schemaregistry.v1+json, application/json") == (
        "application/vnd.schemaregistry.v1+json"
    )
    assert answered("*/*") == "application/vnd.schemaregistry.v1+json"


def test_unknown_paths_and_associations_answer_404_in_the_registry_s_form(registry: InProcess) -> None:
    for path in ("/nothing", "/associations/resources/lkc-1/orders", "/subjects/a/b/c/d"):
        assert code(registry.get(path)) == (404, 404)
    assert code(registry.request("PATCH", "/subjects")) == (405, 405)
    assert registry.get("/").json() == {}


# Errors


def test_40401_subject(registry: InProcess) -> None:
    assert code(registry.get("/subjects/none/versions/1")) == (404, 40401)
    assert code(registry.delete("/subjects/none")) == (404, 40401)
    assert code(registry.delete("/subjects/none/versions/1")) == (404, 40401)
    assert code(registry.post("/subjects/none", json=avro("int"))) == (404, 40401)


def test_40402_version_also_of_a_soft_deleted_one(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    assert code(registry.get("/subjects/s/versions/3")) == (404, 40402)
    registry.delete("/subjects/s/versions/1")
    assert code(registry.get("/subjects/s/versions/1")) == (404, 40402)
    assert registry.get("/subjects/s/versions/1?deleted=true").json()["version"] == 1


def test_40403_schema_by_id_and_by_lookup(registry: InProcess) -> None:
    assert code(registry.get("/schemas/ids/100")) == (404, 40403)
    assert registry.get("/schemas/ids/100").json()["message"] == "Schema 100 not found"
    registry.register("s", V1)
    assert code(registry.post("/subjects/s", json=avro(V2))) == (404, 40403)


def test_40404_subject_soft_deleted_already(registry: InProcess) -> None:
    registry.register("s", V1)
    assert registry.delete("/subjects/s").json() == [1]
    assert code(registry.delete("/subjects/s")) == (404, 40404)


def test_40405_permanent_before_soft(registry: InProcess) -> None:
    registry.register("s", V1)
    assert code(registry.delete("/subjects/s?permanent=true")) == (404, 40405)
    registry.delete("/subjects/s")
    assert registry.delete("/subjects/s?permanent=true").json() == [1]
    assert code(registry.delete("/subjects/s?permanent=true")) == (404, 40401)


def test_40406_and_40407_the_same_for_a_version(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    assert code(registry.delete("/subjects/s/versions/1?permanent=true")) == (404, 40407)
    assert registry.delete("/subjects/s/versions/1").json() == 1
    assert code(registry.delete("/subjects/s/versions/1")) == (404, 40406)
    assert registry.delete("/subjects/s/versions/1?permanent=true").json() == 1
    assert code(registry.delete("/subjects/s/versions/1")) == (404, 40402)


def test_40408_and_40409_subject_config_and_mode_unset(registry: InProcess) -> None:
    assert code(registry.get("/config/s")) == (404, 40408)
    assert code(registry.get("/mode/s")) == (404, 40409)


def test_42201_schema_or_reference_invalid_bad_default_non_next_version(registry: InProcess) -> None:
    def refused(body: dict[str, Any]) -> tuple[int, int]:
        return code(registry.post("/subjects/s/versions", json=body))

    assert refused({"schema": "{"}) == (422, 42201)
    assert refused(avro({"type": "record", "name": "R"})) == (422, 42201)
    assert refused(avro(record(("a", "int", "no number")))) == (422, 42201)
    assert refused(avro("string", schemaType="NONE")) == (422, 42201)
    assert refused({"schema": 'syntax = "proto3";', "schemaType": "PROTOBUF"}) == (422, 42201)
    missing = [{"name": "x.Y", "subject": "y", "version": 1}]
    assert refused(avro(record(("a", "x.Y")), references=missing)) == (422, 42201)
    assert refused(avro(V1, version=2)) == (422, 42201)
    assert registry.get("/subjects").json() == []


def test_42201_an_empty_schema_stands_for_the_latest_one_if_there_is_one(registry: InProcess) -> None:
    assert code(registry.post("/subjects/s/versions", json={})) == (422, 42201)
    first = registry.register("s", V1)
    answer = registry.post("/subjects/s/versions", json={"schema": " "}).json()
    assert answer["id"] == first
    assert json.loads(answer["schema"]) == V1


def test_42202_version_0_and_earliest_while_minus_1_is_the_latest(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    for version in ("0", "earliest", "-2", "2147483648", "1.0", "٢"):
        assert code(registry.get(f"/subjects/s/versions/{version}")) == (422, 42202)
    assert registry.get("/subjects/s/versions/-1").json()["version"] == 2
    assert registry.get("/subjects/s/versions/latest").json()["version"] == 2


def test_42203_level_and_42204_mode(registry: InProcess) -> None:
    assert code(registry.put("/config", json={"compatibility": "SOMETIMES"})) == (422, 42203)
    assert code(registry.put("/mode/s", json={"mode": "SLEEPING"})) == (422, 42204)


def test_42205_readonly_refuses_writes(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.put("/mode/s", json={"mode": "READONLY"})
    for answer in (
        registry.post("/subjects/s/versions", json=avro(V2)),
        registry.delete("/subjects/s"),
        registry.delete("/subjects/s/versions/1"),
        registry.put("/config/s", json={"compatibility": "NONE"}),
    ):
        assert code(answer) == (422, 42205)
    registry.register("other", V1)


def test_42205_import_conflict_and_ids_outside_import(registry: InProcess) -> None:
    assert code(registry.post("/subjects/s/versions", json=avro(V1, id=9, version=1))) == (422, 42205)
    registry.put("/mode/s", json={"mode": "IMPORT"})
    assert registry.register("s", V1, id=9, version=3) == 9
    assert registry.get("/subjects/s/versions").json() == [3]
    assert code(registry.post("/subjects/s/versions", json=avro(V2, id=9, version=4))) == (422, 42205)
    assert code(registry.post("/subjects/s/versions", json=avro(V2))) == (422, 42205)
    registry.register("s", INCOMPATIBLE, id=12, version=4)
    registry.put("/mode/s", json={"mode": "READWRITE"})
    assert registry.register("t", V2) == 13


def test_42205_import_needs_an_empty_subject_or_force(registry: InProcess) -> None:
    registry.register("s", V1)
    assert code(registry.put("/mode/s", json={"mode": "IMPORT"})) == (422, 42205)
    assert code(registry.put("/mode", json={"mode": "IMPORT"})) == (422, 42205)
    assert registry.put("/mode/s?force=true", json={"mode": "IMPORT"}).json() == {"mode": "IMPORT"}
    registry.put("/mode/s", json={"mode": "READWRITE"})
    registry.delete("/subjects/s")
    assert registry.put("/mode/s", json={"mode": "IMPORT"}).status_code == 200
    assert code(registry.get("/subjects/s/versions?deleted=true")) == (404, 40401)


def test_42207_is_given_no_more_for_import_may_give_a_schema_a_second_id(registry: InProcess) -> None:
    registry.put("/mode/s", json={"mode": "IMPORT"})
    assert registry.register("s", V1, id=9, version=1) == 9
    assert registry.register("s", V1, id=9) == 9
    assert registry.register("s", V1, id=12) == 12
    assert registry.get("/subjects/s/versions").json() == [1, 2]


def test_42206_referenced(registry: InProcess) -> None:
    refer(registry)
    for path in ("/subjects/address", "/subjects/address/versions/1"):
        answer = registry.delete(path)
        assert code(answer) == (422, 42206)
        assert "subject=address,version=1" in answer.json()["message"]


def test_42208_subject(registry: InProcess) -> None:
    for subject in ("__GLOBAL", "__EMPTY", "a%0Ab", ":.ctx:__GLOBAL"):
        assert code(registry.post(f"/subjects/{subject}/versions", json=avro(V1))) == (422, 42208)
        assert code(registry.put(f"/config/{subject}", json={"compatibility": "NONE"})) == (422, 42208)


def test_42209_too_large(registry: InProcess) -> None:
    assert code(registry.post("/subjects/s/versions", json=avro(record("a", doc="x" * 1_000_001)))) == (
        422,
        42209,
    )


def test_42210_rule_set(registry: InProcess) -> None:
    rules = {"domainRules": [{"name": ""}]}
    assert code(registry.post("/subjects/s/versions", json=avro(V1, ruleSet=rules))) == (422, 42210)


def test_incompatible_is_409_and_40901_and_the_message_names_version_schema_and_level(
    registry: InProcess,
) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    answer = registry.post("/subjects/s/versions", json=avro(INCOMPATIBLE))
    assert code(answer) == (409, 40901)
    message = answer.json()["message"]
    assert message.startswith(
        'Schema being registered is incompatible with an earlier schema for subject "s"'
    )
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in message
    assert "{oldSchemaVersion: 2}" in message
    assert '{oldSchema: \'{"type":"record","name":"R"' in message
    assert "compatibility: 'BACKWARD'}" in message


# Ids and versions


def test_ids_are_global_and_white_space_is_ignored(registry: InProcess) -> None:
    first = registry.register("s", V1)
    assert registry.register("t", V1) == first
    assert registry.register("s", V1) == first
    spaced = {"schema": json.dumps(V1, indent=4)}
    assert registry.post("/subjects/u/versions", json=spaced).json()["id"] == first
    assert registry.register("s", V2) == first + 1
    assert registry.get(f"/schemas/ids/{first}/subjects").json() == ["s", "t", "u"]


def test_a_schema_is_kept_without_white_space_in_avro_s_order(registry: InProcess) -> None:
    written = {"fields": [{"type": {"type": "string"}, "name": "a"}], "name": "n.R", "type": "record"}
    schema_id = registry.register("s", written)
    assert registry.get(f"/schemas/ids/{schema_id}/schema").text == (
        '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"string"}]}'
    )


def test_soft_deleted_numbers_are_not_reused(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    assert registry.delete("/subjects/s").json() == [1, 2]
    registry.register("s", V1)
    assert registry.get("/subjects/s/versions").json() == [3]


def test_permanent_deletion_of_the_highest_frees_its_number_but_not_its_id(registry: InProcess) -> None:
    registry.register("s", V1)
    second = registry.register("s", V2)
    registry.delete("/subjects/s/versions/2")
    registry.delete("/subjects/s/versions/2?permanent=true")
    assert code(registry.get(f"/schemas/ids/{second}")) == (404, 40403)
    third = registry.register("s", record("a", ("d", "string", "")))
    assert registry.get("/subjects/s/versions").json() == [1, 2]
    assert third > second


def test_delete_answers_with_numbers_and_takes_latest(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    assert registry.delete("/subjects/s/versions/latest").json() == 2
    assert registry.delete("/subjects/s/versions/1").json() == 1
    assert code(registry.get("/subjects/s/versions")) == (404, 40401)
    assert registry.get("/subjects").json() == []


def test_deleted_shows_deleted_ones_everywhere(registry: InProcess) -> None:
    schema_id = registry.register("s", V1)
    registry.delete("/subjects/s")
    assert registry.get("/subjects?deleted=true").json() == ["s"]
    assert registry.get("/subjects/s/versions?deleted=true").json() == [1]
    assert registry.get("/subjects/s/versions/1?deleted=true").json()["id"] == schema_id
    assert registry.post("/subjects/s?deleted=true", json=avro(V1)).json()["version"] == 1
    assert registry.get(f"/schemas/ids/{schema_id}").status_code == 200
    assert registry.get(f"/schemas/ids/{schema_id}/subjects").json() == []
    assert registry.get(f"/schemas/ids/{schema_id}/subjects?deleted=true").json() == ["s"]
    assert registry.get(f"/schemas/ids/{schema_id}/versions?deleted=true").json() == [
        {"subject": "s", "version": 1}
    ]


def test_deleted_only_offset_and_limit(registry: InProcess) -> None:
    for subject in "abcd":
        registry.register(subject, V1)
    registry.delete("/subjects/b")
    assert registry.get("/subjects?deletedOnly=true").json() == ["b"]
    assert registry.get("/subjects?deleted=true&offset=1&limit=2").json() == ["b", "c"]
    registry.register("a", V2)
    registry.delete("/subjects/a/versions/1")
    assert registry.get("/subjects/a/versions?deletedOnly=true").json() == [1]
    assert registry.get("/subjects/a/versions?deleted=true&offset=1").json() == [2]


def test_lookup_of_a_deleted_schema_is_40403_unless_deleted(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.register("s", V2)
    registry.delete("/subjects/s/versions/1")
    assert code(registry.post("/subjects/s", json=avro(V1))) == (404, 40403)
    assert registry.post("/subjects/s?deleted=true", json=avro(V1)).json()["version"] == 1


def test_compatibility_ignores_deleted_versions(registry: InProcess) -> None:
    registry.register("s", "string")
    assert code(registry.post("/subjects/s/versions", json=avro("int"))) == (409, 40901)
    registry.delete("/subjects/s/versions/1")
    registry.register("s", "int")


# Normalization


def test_normalize_ignores_the_order_of_properties_across_subjects(registry: InProcess) -> None:
    one = {"type": "string", "x": 1, "y": 2}
    other = {"type": "string", "y": 2, "x": 1}
    first = registry.register("s", one, "?normalize=true")
    assert registry.register("t", other) != first
    assert registry.register("u", other, "?normalize=true") == first
    assert registry.post("/subjects/s?normalize=true", json=avro(other)).json()["id"] == first
    assert registry.register("v", {"type": "int"}, "?normalize=true") == registry.register("w", "int")


def test_within_a_subject_a_reordered_schema_is_matched_without_normalize(registry: InProcess) -> None:
    first = registry.register("s", {"type": "string", "x": 1, "y": 2})
    assert registry.register("s", {"type": "string", "y": 2, "x": 1}) == first
    assert registry.get("/subjects/s/versions").json() == [1]


def test_normalize_may_be_set_in_the_configuration(registry: InProcess) -> None:
    registry.put("/config", json={"normalize": True})
    first = registry.register("s", {"type": "string", "x": 1, "y": 2})
    assert registry.register("t", {"type": "string", "y": 2, "x": 1}) == first


def test_normalize_ignores_the_order_of_references(registry: InProcess) -> None:
    registry.register("one", record("a", name="One"))
    registry.register("two", record("a", name="Two"))
    references = [
        {"name": "One", "subject": "one", "version": 1},
        {"name": "Two", "subject": "two", "version": 1},
    ]
    both = record(("o", "One"), ("t", "Two"), name="Both")
    first = registry.register("s", both, "?normalize=true", references=references)
    again = registry.register("t", both, "?normalize=true", references=references[::-1])
    assert again == first


def test_lookup_also_matches_with_references_inlined(registry: InProcess) -> None:
    address, person, references = refer(registry)
    inlined = {**person, "fields": [{"name": "home", "type": address}]}
    assert registry.post("/subjects/person", json=avro(inlined)).json()["version"] == 1
    assert registry.register("person", inlined) == registry.register("person", person, references=references)


# Compatibility


def test_a_named_version_is_tested_alone_even_for_transitive_levels(registry: InProcess) -> None:
    registry.register("s", record("a"))
    registry.register("s", record())
    registry.put("/config/s", json={"compatibility": "BACKWARD_TRANSITIVE"})
    # Against version 2 (no field), a new field needs a default; against version 1 it does not.
    candidate = avro(record("a"))
    assert registry.post("/compatibility/subjects/s/versions/1", json=candidate).json() == {
        "is_compatible": True
    }
    assert registry.post("/compatibility/subjects/s/versions/2", json=candidate).json() == {
        "is_compatible": False
    }
    assert registry.post("/compatibility/subjects/s/versions", json=candidate).json() == {
        "is_compatible": False
    }


def test_all_versions_are_tested_by_the_level(registry: InProcess) -> None:
    registry.register("s", record(("a", "int")))
    registry.register("s", record())
    candidate = avro(record(("a", "string", "")))
    assert registry.post("/compatibility/subjects/s/versions", json=candidate).json()["is_compatible"]
    registry.put("/config/s", json={"compatibility": "BACKWARD_TRANSITIVE"})
    answer = registry.post("/compatibility/subjects/s/versions?verbose=true", json=candidate).json()
    assert not answer["is_compatible"]
    assert "{oldSchemaVersion: 1}" in answer["messages"]


def test_an_unknown_subject_is_compatible_and_a_missing_version_is_40402(registry: InProcess) -> None:
    assert registry.post("/compatibility/subjects/none/versions/latest", json=avro(V1)).json() == {
        "is_compatible": True
    }
    assert registry.post("/compatibility/subjects/none/versions", json=avro(V1)).json()["is_compatible"]
    assert code(registry.post("/compatibility/subjects/none/versions/1", json=avro(V1))) == (404, 40402)


def test_verbose_adds_messages_and_a_bad_schema_is_42201_or_verbose_false(registry: InProcess) -> None:
    registry.register("s", V1)
    path = "/compatibility/subjects/s/versions/latest"
    assert registry.post(f"{path}?verbose=true", json=avro(V2)).json() == {
        "is_compatible": True,
        "messages": [],
    }
    refused = registry.post(f"{path}?verbose=true", json=avro(INCOMPATIBLE)).json()
    assert not refused["is_compatible"]
    assert any("READER_FIELD_MISSING_DEFAULT_VALUE" in message for message in refused["messages"])
    assert code(registry.post(path, json={"schema": "{"})) == (422, 42201)
    bad = registry.post(f"{path}?verbose=true", json={"schema": "{"}).json()
    assert not bad["is_compatible"]
    assert len(bad["messages"]) == 1


# Configuration and mode


def test_config_is_backward_put_says_compatibility_and_get_compatibility_level(registry: InProcess) -> None:
    assert registry.get("/config").json() == {"compatibilityLevel": "BACKWARD"}
    assert registry.get("/config/").json() == {"compatibilityLevel": "BACKWARD"}
    assert registry.put("/config", json={"compatibility": "FULL"}).json() == {"compatibility": "FULL"}
    assert registry.get("/config").json() == {"compatibilityLevel": "FULL"}
    assert registry.put("/config/unknown", json={"compatibility": "none"}).json() == {"compatibility": "none"}
    assert registry.get("/config/unknown").json() == {"compatibilityLevel": "NONE"}
    assert registry.get("/config/other?defaultToGlobal=true").json() == {"compatibilityLevel": "FULL"}
    assert registry.delete("/config/unknown").json() == {"compatibilityLevel": "NONE"}
    assert code(registry.get("/config/unknown")) == (404, 40408)
    registry.delete("/config")
    assert registry.get("/config").json() == {"compatibilityLevel": "BACKWARD"}


def test_deleting_a_subject_takes_its_settings_with_it(registry: InProcess) -> None:
    registry.register("s", V1)
    registry.put("/config/s", json={"compatibility": "NONE"})
    registry.put("/mode/s", json={"mode": "READWRITE"})
    registry.delete("/subjects/s")
    assert code(registry.get("/config/s")) == (404, 40408)
    assert code(registry.get("/mode/s")) == (404, 40409)


def test_mode_is_inherited_and_readonly_override_beats_the_subject_s(registry: InProcess) -> None:
    assert registry.get("/mode").json() == {"mode": "READWRITE"}
    assert registry.put("/mode", json={"mode": "READONLY"}).json() == {"mode": "READONLY"}
    assert code(registry.post("/subjects/s/versions", json=avro(V1))) == (422, 42205)
    registry.put("/mode/s", json={"mode": "READWRITE"})
    registry.register("s", V1)
    assert registry.get("/mode/other?defaultToGlobal=true").json() == {"mode": "READONLY"}
    registry.put("/mode", json={"mode": "READONLY_OVERRIDE"})
    assert code(registry.post("/subjects/s/versions", json=avro(V2))) == (422, 42205)
    assert registry.get("/mode/s").json() == {"mode": "READONLY_OVERRIDE"}
    registry.put("/mode", json={"mode": "READWRITE"})
    assert registry.delete("/mode/s").json() == {"mode": "READWRITE"}
    assert code(registry.get("/mode/s")) == (404, 40409)


# References


def refer(registry: InProcess) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Register `address`, and `person` that refers to it."""
    address = record("street", name="Address", namespace="shop")
    person = record(("home", "shop.Address"), name="Person", namespace="shop")
    references = [{"name": "shop.Address", "subject": "address", "version": 1}]
    registry.register("address", address)
    registry.register("person", person, references=references)
    return address, person, references


def test_references_are_kept_and_referencedby_lists_ids(registry: InProcess) -> None:
    _, _, references = refer(registry)
    person = registry.get("/subjects/person/versions/1").json()
    assert person["references"] == references
    assert registry.get("/subjects/address/versions/1/referencedby").json() == [person["id"]]
    registry.delete("/subjects/person")
    assert registry.get("/subjects/address/versions/1/referencedby").json() == []
    assert registry.delete("/subjects/address").json() == [1]


def test_schemas_with_references_are_compared_with_what_they_refer_to(registry: InProcess) -> None:
    refer(registry)
    registry.put("/config/address", json={"compatibility": "NONE"})
    registry.register("address", record("street", "zip", name="Address", namespace="shop"))
    person = record(("home", "shop.Address"), name="Person", namespace="shop")
    newer = [{"name": "shop.Address", "subject": "address", "version": 2}]
    answer = registry.post("/subjects/person/versions", json=avro(person, references=newer))
    assert code(answer) == (409, 40901)


# Schemas by id and guid


def test_schemas_by_id_by_guid_types_versions_and_formats(registry: InProcess) -> None:
    answer = registry.post("/subjects/s/versions", json=avro(V1)).json()
    schema_id, guid = answer["id"], answer["guid"]
    by_id = registry.get(f"/schemas/ids/{schema_id}?format=unheard-of&subject=s&fetchMaxId=true").json()
    assert by_id["maxId"] == schema_id
    by_guid = registry.get(f"/schemas/guids/{guid}").json()
    assert json.loads(by_id["schema"]) == json.loads(by_guid["schema"]) == V1
    assert registry.get(f"/schemas/guids/{guid}/ids").json() == [{"context": ".", "id": schema_id}]
    assert registry.get("/subjects/s/versions/1").json()["guid"] == guid
    assert code(registry.get("/schemas/guids/none")) == (404, 40403)
    assert code(registry.get("/schemas/ids/text")) == (404, 404)
    assert registry.get("/schemas/types").json() == ["JSON", "AVRO"]
    assert registry.get(f"/schemas/ids/{schema_id}/versions").json() == [{"subject": "s", "version": 1}]
    assert [one["version"] for one in registry.get("/schemas").json()] == [1]
    registry.register("s", V2)
    assert [one["version"] for one in registry.get("/schemas?latestOnly=true&subjectPrefix=s").json()] == [2]
    assert registry.get("/v1/metadata/id").json()["scope"]["clusters"]["schema-registry-cluster"]


def test_a_guid_is_the_same_in_another_registry(registry: InProcess) -> None:
    other = InProcess()
    other.register("first", "int")
    one = registry.post("/subjects/s/versions", json=avro(V1)).json()
    two = other.post("/subjects/t/versions", json=avro(V1)).json()
    other.close()
    assert one["guid"] == two["guid"]
    assert one["id"] != two["id"]


def test_contexts_count_ids_on_their_own(registry: InProcess) -> None:
    registry.register("s", V1)
    assert registry.register(":.sales:s", V2) == 1
    assert registry.get("/contexts").json() == [".", ".sales"]
    assert registry.get("/subjects").json() == [":.sales:s", "s"]
    assert registry.get("/subjects?subjectPrefix=:.sales:").json() == [":.sales:s"]
    assert json.loads(registry.get("/schemas/ids/1?subject=:.sales:").json()["schema"]) == V2
    assert json.loads(registry.get("/contexts/.sales/schemas/ids/1").json()["schema"]) == V2
    assert registry.get("/contexts/.sales/subjects/s/versions").json() == [1]
    assert json.loads(registry.get("/schemas/ids/1").json()["schema"]) == V1
    assert registry.get("/subjects/:.:s/versions").json() == [1]


def test_settings_of_a_context_hold_for_its_subjects(registry: InProcess) -> None:
    registry.put("/config/:.sales:", json={"compatibility": "NONE"})
    registry.register(":.sales:s", "int")
    registry.register(":.sales:s", "string")
    registry.register("s", "int")
    assert code(registry.post("/subjects/s/versions", json=avro("string"))) == (409, 40901)


def test_percent_encoded_slashes_belong_to_the_subject(registry: InProcess) -> None:
    registry.register("a%2Fb%20c%3Fd", V1)
    assert registry.get("/subjects").json() == ["a/b c?d"]
    assert registry.get("/subjects/a%2Fb%20c%3Fd/versions").json() == [1]


# JSON Schema


def test_json_schema_is_kept_validated_and_not_compared(registry: InProcess) -> None:
    def body(schema: Any) -> dict[str, str]:
        return {"schema": json.dumps(schema), "schemaType": "JSON"}

    path = "/subjects/s/versions"
    assert registry.post(path, json=body({"type": "object"})).json()["version"] == 1
    assert registry.post(path, json=body({"type": "object"})).json()["version"] == 1
    assert registry.get(f"{path}/1").json()["schemaType"] == "JSON"
    assert code(registry.post(path, json=body({"type": "no type"}))) == (422, 42201)
    refused = registry.post(path, json=body({"type": "string"}))
    assert code(refused) == (422, 42201)
    assert '{"compatibility": "NONE"}' in refused.json()["message"]
    registry.put("/config/s", json={"compatibility": "NONE"})
    assert registry.post(path, json=body({"type": "string"})).json()["version"] == 2


# Metadata


def test_metadata_and_rules_are_kept_and_inherited(registry: InProcess) -> None:
    metadata = {"properties": {"owner": "sales"}}
    first = registry.register("s", V1, metadata=metadata)
    registry.register("s", V2)
    second = registry.get("/subjects/s/versions/2").json()
    assert second["metadata"] == metadata
    assert second["id"] != first
    latest = registry.get("/subjects/s/metadata?key=owner&value=sales").json()
    assert latest["version"] == 2
    assert code(registry.get("/subjects/s/metadata?key=owner&value=nobody")) == (404, 40403)


def test_an_alias_stands_for_its_subject_everywhere_but_in_config_and_mode(registry: InProcess) -> None:
    first = registry.register("orders", V1)
    registry.put("/config/old", json={"alias": "orders"})
    assert registry.get("/subjects/old/versions").json() == [1]
    assert registry.register("old", V2) != first
    assert registry.get("/subjects/orders/versions").json() == [1, 2]
    assert registry.post("/subjects/old", json=avro(V1)).json()["subject"] == "orders"
    assert registry.get(f"/schemas/ids/{first}?subject=old").json()["schema"] == json.dumps(
        V1, separators=(",", ":")
    )
    test = registry.post("/compatibility/subjects/old/versions/latest", json=avro(INCOMPATIBLE))
    assert test.json() == {"is_compatible": False}
    assert code(registry.get("/mode/old")) == (404, 40409)
    assert registry.get("/config/old").json()["alias"] == "orders"
    assert registry.get("/subjects").json() == ["orders"]


def test_an_alias_is_not_followed_twice_and_names_its_context_itself(registry: InProcess) -> None:
    registry.register(":.sales:orders", V1)
    registry.put("/config/old", json={"alias": ":.sales:orders"})
    registry.put("/config/older", json={"alias": "old"})
    registry.put("/config/:.sales:back", json={"alias": "old"})
    assert registry.get("/subjects/old/versions").json() == [1]
    assert code(registry.get("/subjects/older/versions")) == (404, 40401)
    assert code(registry.get("/contexts/.sales/subjects/back/versions")) == (404, 40401)
    registry.register("old", V2)
    assert registry.get("/contexts/.sales/subjects/orders/versions").json() == [1, 2]
