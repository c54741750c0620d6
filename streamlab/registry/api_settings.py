"""The API of compatibility and mode (/config, /mode), and what the registry says of itself.

OPERATIONS                                  # rows for `requests.Router`
"""

from streamlab.registry import contexts, errors, settings
from streamlab.registry.requests import Operation, Request
from streamlab.registry.schemas_topic import Json
from streamlab.registry.service import VERSION, Service


async def get_config(service: Service, request: Request) -> Json:
    """The compatibility that was set, or with `defaultToGlobal` the one that holds."""
    return settings.config_of(service.state, request.scope, default_to_global=request.flag("defaultToGlobal"))


async def put_config(service: Service, request: Request) -> Json:
    """Set the compatibility."""
    scope, body = _checked_scope(request), request.json()
    return await service.write(lambda state: settings.set_config(state, scope, body))


async def delete_config(service: Service, request: Request) -> Json:
    """Go back to the compatibility that holds above."""
    scope = request.scope
    return await service.write(lambda state: settings.delete_config(state, scope))


async def get_mode(service: Service, request: Request) -> Json:
    """The mode that was set, or with `defaultToGlobal` the one that holds."""
    return settings.mode_of(service.state, request.scope, default_to_global=request.flag("defaultToGlobal"))


async def put_mode(service: Service, request: Request) -> Json:
    """Set the mode."""
    scope, body, force = _checked_scope(request), request.json(), request.flag("force")
    return await service.write(lambda state: settings.set_mode(state, scope, body.get("mode"), force=force))


async def delete_mode(service: Service, request: Request) -> Json:
    """Go back to the mode that holds above."""
    scope = request.scope
    return await service.write(lambda state: settings.delete_mode(state, scope))


async def known_contexts(service: Service, request: Request) -> list[str]:
    """The contexts, the default one first."""
    return request.page(service.state.known_contexts())


async def cluster_id(service: Service, request: Request) -> Json:  # noqa: ARG001
    """Which registry on which cluster this is."""
    health = service.store.health()
    clusters = {"kafka-cluster": str(health.get("cluster", "")), "schema-registry-cluster": "schema-registry"}
    return {"id": "", "scope": {"path": [], "clusters": clusters}}


async def server_version(service: Service, request: Request) -> Json:  # noqa: ARG001
    """The release whose API this is."""
    return {"version": VERSION, "commitId": "streamlab"}


async def root(service: Service, request: Request) -> Json:  # noqa: ARG001
    """Clients ask it to see whether anybody is there."""
    return {}


async def health(service: Service, request: Request) -> Json:  # noqa: ARG001
    """See `Service.health`."""
    return service.health()


def _checked_scope(request: Request) -> str | None:
    scope = request.scope
    if scope is not None and not contexts.is_valid(scope):
        raise errors.invalid_subject(scope)
    return scope


_GLOBAL = {"defaultToGlobal": "boolean"}

OPERATIONS = (
    Operation("GET", "/config", "Get the compatibility", get_config, _GLOBAL),
    Operation("PUT", "/config", "Set the compatibility", put_config, {}, "config"),
    Operation("DELETE", "/config", "Reset the compatibility", delete_config),
    Operation("GET", "/config/{subject}", "Get a subject's compatibility", get_config, _GLOBAL),
    Operation("PUT", "/config/{subject}", "Set a subject's compatibility", put_config, {}, "config"),
    Operation("DELETE", "/config/{subject}", "Reset a subject's compatibility", delete_config),
    Operation("GET", "/mode", "Get the mode", get_mode, _GLOBAL),
    Operation("PUT", "/mode", "Set the mode", put_mode, {"force": "boolean"}, "mode"),
    Operation("DELETE", "/mode", "Reset the mode", delete_mode),
    Operation("GET", "/mode/{subject}", "Get a subject's mode", get_mode, _GLOBAL),
    Operation("PUT", "/mode/{subject}", "Set a subject's mode", put_mode, {"force": "boolean"}, "mode"),
    Operation("DELETE", "/mode/{subject}", "Reset a subject's mode", delete_mode),
    Operation("GET", "/contexts", "List contexts", known_contexts, {"offset": "integer", "limit": "integer"}),
    Operation("GET", "/v1/metadata/id", "Get the cluster's id", cluster_id),
    Operation("GET", "/v1/metadata/version", "Get the version", server_version),
    Operation("GET", "/", "Say that somebody is there", root),
    Operation("POST", "/", "Say that somebody is there", root),
    Operation("GET", "/health/schema-registry", "Get the health", health),
)
