"""The registry's refusals: HTTP status, error code and text, as clients of Confluent's registry know them.

    raise subject_not_found("txn.events-value")
    # answered as 404 {"error_code": 40401, "message": "Subject 'txn.events-value' not found."}

Codes and texts are those of Confluent Schema Registry 8 (its REST reference, "Errors"): programs compare
the codes, people search for the texts. 42207 (the id does not match) is not among them: early releases said
it of a schema that is known by another id; the later ones let the mode IMPORT give it that id as well.
"""

from typing import Any


class RegistryError(Exception):
    """An answer that is not the one asked for.

    Attributes:
        status: the HTTP status.
        code: the registry's own code; its first three digits are the status.
        message: what the client is told.
    """

    def __init__(self, code: int, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status if status is not None else int(str(code)[:3])

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return {"error_code": self.code, "message": self.message}


def not_found() -> RegistryError:
    """The path is not one of the registry's, or a number in it is none."""
    return RegistryError(404, "HTTP 404 Not Found")


def method_not_allowed() -> RegistryError:
    """The path is the registry's, the method is not."""
    return RegistryError(405, "HTTP 405 Method Not Allowed")


def unsupported_media_type() -> RegistryError:
    """The body is announced as something that is not JSON."""
    return RegistryError(415, "HTTP 415 Unsupported Media Type")


def bad_request(reason: str) -> RegistryError:
    """The body is not JSON, or not of the form that was asked for."""
    return RegistryError(400, reason)


def subject_not_found(subject: str) -> RegistryError:
    """No version of the subject is there."""
    return RegistryError(40401, f"Subject '{subject}' not found.")


def version_not_found(version: int) -> RegistryError:
    """The subject is there, this version is not."""
    return RegistryError(40402, f"Version {version} not found.")


def schema_not_found(schema_id: int | str | None = None) -> RegistryError:
    """No schema has this id or guid, or the subject does not have this schema."""
    return RegistryError(40403, "Schema not found" if schema_id is None else f"Schema {schema_id} not found")


def subject_soft_deleted(subject: str) -> RegistryError:
    """A soft deletion of a subject that is soft-deleted already."""
    return RegistryError(
        40404, f"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently"
    )


def subject_not_soft_deleted(subject: str) -> RegistryError:
    """A permanent deletion before the soft one."""
    return RegistryError(40405, f"Subject '{subject}' was not deleted first before being permanently deleted")


def version_soft_deleted(subject: str, version: str) -> RegistryError:
    """A soft deletion of a version that is soft-deleted already."""
    return RegistryError(
        40406,
        f"Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently",
    )


def version_not_soft_deleted(subject: str, version: int) -> RegistryError:
    """A permanent deletion of a version before the soft one."""
    return RegistryError(
        40407,
        f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted",
    )


def subject_config_not_set(subject: str | None) -> RegistryError:
    """The subject has no compatibility level of its own."""
    return RegistryError(40408, f"Subject '{subject}' does not have subject-level compatibility configured")


def subject_mode_not_set(subject: str | None) -> RegistryError:
    """The subject has no mode of its own."""
    return RegistryError(40409, f"Subject '{subject}' does not have subject-level mode configured")


def incompatible_schema(subject: str, reasons: list[str]) -> RegistryError:
    """The compatibility level of the subject refuses the schema; code 40901 in 8.2 (409 up to 8.0.3)."""
    return RegistryError(
        40901,
        "Schema being registered is incompatible with an earlier schema for subject "
        f'"{subject}", details: [{", ".join(reasons)}]',
    )


def invalid_schema(reason: str) -> RegistryError:
    """The schema, its type or one of its references is not valid."""
    return RegistryError(42201, reason)


def invalid_version(version: str) -> RegistryError:
    """The version is neither a number from 1 nor "latest"."""
    return RegistryError(
        42202,
        f"The specified version '{version}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"',
    )


def invalid_compatibility() -> RegistryError:
    """There is no such compatibility level."""
    return RegistryError(
        42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full, "
        "backward_transitive, forward_transitive, and full_transitive",
    )


def invalid_mode() -> RegistryError:
    """There is no such mode."""
    return RegistryError(
        42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT and FORWARD"
    )


def operation_not_permitted(reason: str) -> RegistryError:
    """The mode of the subject does not allow it."""
    return RegistryError(42205, reason)


def reference_exists(subject: str, version: int) -> RegistryError:
    """Another schema refers to the version that should go."""
    return RegistryError(
        42206,
        "One or more references exist to the schema "
        f"{{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.",
    )


def invalid_subject(subject: str) -> RegistryError:
    """The name has control characters or is reserved."""
    return RegistryError(42208, f"The specified subject '{subject}' is not a valid subject.")


def schema_too_large() -> RegistryError:
    """The record would not fit into a Kafka message."""
    return RegistryError(42209, "Register operation failed because schema is too large")


def invalid_rule_set(reason: str) -> RegistryError:
    """The rules that come with the schema are not well-formed."""
    return RegistryError(42210, reason)


def unprocessable(reason: str) -> RegistryError:
    """The body is JSON, but what it says cannot be taken."""
    return RegistryError(422, reason)


def store_error(reason: str) -> RegistryError:
    """The log could not be read or written."""
    return RegistryError(50001, reason)


def operation_timed_out(reason: str) -> RegistryError:
    """The log did not confirm in time; whether the write happened is not known."""
    return RegistryError(50002, reason)


def unknown_leader() -> RegistryError:
    """Registries on one log take the lead from each other faster than one of them can write."""
    return RegistryError(50004, "Leader not known.")
