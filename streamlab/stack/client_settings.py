"""How the course's clients are set up where nobody says otherwise; `clients` makes them.

    dotted({"linger_ms": 5})                                     # {"linger.ms": 5}

Every time-out is stated: a server that died is noticed within seconds.
"""

from collections.abc import Mapping
from typing import Any, Final

from confluent_kafka import KafkaError

from streamlab.stack.client_logs import client_logger

REGISTRY_TIMEOUT_SECONDS: Final = 5.0

CONNECTION: Final[dict[str, Any]] = {
    "socket.timeout.ms": 5_000,
    "socket.connection.setup.timeout.ms": 3_000,
    # A broker that comes back is found at once: nobody is protected by a long back-off on loopback.
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1_000,
}
PRODUCER: Final[dict[str, Any]] = {
    "acks": "all",
    "enable.idempotence": True,
    # How long a message may stay undelivered before its report says so (default: five minutes).
    "delivery.timeout.ms": 8_000,
    "request.timeout.ms": 5_000,
}
CONSUMER: Final[dict[str, Any]] = {
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "session.timeout.ms": 6_000,
    "heartbeat.interval.ms": 1_500,
    "allow.auto.create.topics": False,
}
REGISTRY: Final[dict[str, Any]] = {
    # Without it a client waits for ever on an answer that never comes.
    "timeout": REGISTRY_TIMEOUT_SECONDS,
    "max.retries": 1,
    "retries.wait.ms": 100,
    "retries.max.wait.ms": 500,
}

ASYNCIO_BUFFER_SECONDS: Final = 0.05
"""How long a message may wait for others in the asyncio client's own buffer (default: a second)."""

REDIS: Final[dict[str, Any]] = {
    "socket_timeout": 5.0,
    "socket_connect_timeout": 3.0,
    # Understood by every Redis, also by 5.0 (the one for Windows).
    "protocol": 2,
}


async def log_in_loop(error: KafkaError) -> None:
    """What the asyncio client says by itself goes where the other clients' lines go."""
    client_logger().warning("%s", error)


def dotted(config: Mapping[str, Any]) -> dict[str, Any]:
    """Python's keyword arguments as Kafka's settings; a few have an underscore of their own."""
    keep = {"log_level", "error_cb", "stats_cb", "throttle_cb", "on_delivery", "on_commit", "oauth_cb"}
    return {key if key in keep else key.replace("_", "."): value for key, value in config.items()}
