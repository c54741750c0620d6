"""One question to a broker that only a working one answers: an open port alone is not a broker.

broker_probe.ask("127.0.0.1:9092", timeout_seconds=2)        # NotAnswering says what came instead
"""

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ClusterMetadata,
)

from streamlab.stack.client_logs import client_logger
from streamlab.stack.component import NotAnswering


def ask(address: str, timeout_seconds: float) -> ClusterMetadata:
    """The cluster's metadata.

    Raises:
        NotAnswering: it did not come in time, or the cluster has no broker.
    """
    client = AdminClient(
        {
            "bootstrap.servers": address,
            "socket.timeout.ms": max(100, int(timeout_seconds * 1000)),
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 100,
            "log_level": 0,
        },
        logger=client_logger(),
    )
    try:
        metadata = client.list_topics(timeout=timeout_seconds)
    except KafkaException as error:
        raise NotAnswering(str(error.args[0].str())) from error
    if not metadata.brokers:
        raise NotAnswering("the cluster has no broker yet")
    return metadata
