"""Health check of the registry's container: register one schema (always the same) and fetch it by its id.

python3 registry_health.py http://127.0.0.1:8081        # exit code 0 when it came back

It runs on the Python of the registry's image, so it uses the standard library alone and plain syntax.
"""

import json
import sys
import urllib.request

SCHEMA = {"type": "fixed", "name": "compose_health", "size": 8}
SUBJECT = "compose-health"
TIMEOUT_SECONDS = 5


def ask(address, body=None):
    """The answer, as JSON; a registry is on loopback, so no proxy may stand in between."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 (the address is ours)
        address, data=data, headers={"Content-Type": "application/vnd.schemaregistry.v1+json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
        return json.load(answer)


def came_back(url):
    """Whether the schema went in and came out."""
    number = ask(f"{url}/subjects/{SUBJECT}/versions", {"schema": json.dumps(SCHEMA)})["id"]
    return json.loads(ask(f"{url}/schemas/ids/{number}")["schema"]) == SCHEMA


if __name__ == "__main__":
    sys.exit(0 if came_back(sys.argv[1]) else 1)
