"""A mock cluster of one broker in this process, and what can be done to it.

    cluster = MockCluster()
    cluster.bootstrap_servers                       # "127.0.0.1:40717"; the port cannot be chosen
    cluster.create_topic("txn.events", 3)
    cluster.push_errors("Produce", ["MSG_SIZE_TOO_LARGE"])     # the answers to the next Produce requests

It lives as long as the process. Names of requests and errors are those of Kafka's protocol.
"""

import ctypes
from typing import Final

from confluent_kafka import KafkaError

from streamlab.errors import StreamlabError
from streamlab.stack.embedded import librdkafka

BROKER_ID: Final = 1
REQUESTS: Final = {
    "Produce": 0,
    "Fetch": 1,
    "ListOffsets": 2,
    "Metadata": 3,
    "OffsetCommit": 8,
    "OffsetFetch": 9,
    "FindCoordinator": 10,
    "JoinGroup": 11,
    "Heartbeat": 12,
    "SyncGroup": 14,
    "InitProducerId": 22,
    "AddPartitionsToTxn": 24,
    "AddOffsetsToTxn": 25,
    "EndTxn": 26,
    "TxnOffsetCommit": 28,
}
"""The requests whose answers can be replaced, by their number in the protocol (kafka.apache.org/protocol)."""

_PRODUCER: Final = 0
_ALREADY_EXISTS: Final = 36


def error_code(name: str) -> int:
    """The number of one of the protocol's errors, "NOT_LEADER_FOR_PARTITION"; librdkafka's own are none.

    Raises:
        StreamlabError: the protocol has no error of that name.
    """
    code = getattr(KafkaError, name, None) if name.isupper() and not name.startswith("_") else None
    if not isinstance(code, int):
        raise StreamlabError(
            f"Kafka's protocol has no error {name!r}.", "Look at the names of `confluent_kafka.KafkaError`."
        )
    return code


def request_number(name: str) -> int:
    """The number of a request.

    Raises:
        StreamlabError: its answers cannot be replaced.
    """
    if name not in REQUESTS:
        raise StreamlabError(f"There is no request {name!r} to fail.", f"There is: {', '.join(REQUESTS)}.")
    return REQUESTS[name]


class MockCluster:
    """One broker; its functions may be called from any thread."""

    def __init__(self) -> None:
        self._library = librdkafka.load()
        self.version: str = self._library.rd_kafka_version_str().decode()
        reason = ctypes.create_string_buffer(512)
        # The client that owns the cluster talks to nobody, and would say at its start that this is odd.
        settings = self._library.rd_kafka_conf_new()
        self._library.rd_kafka_conf_set(settings, b"log_level", b"3", reason, len(reason))
        owner = self._library.rd_kafka_new(_PRODUCER, settings, reason, len(reason))
        cluster = self._library.rd_kafka_mock_cluster_new(owner, 1) if owner else None
        if not cluster:
            raise StreamlabError(
                f"librdkafka could not make its mock cluster ({reason.value.decode() or 'no reason given'}).",
                "Run `streamlab doctor`.",
            )
        self._cluster = ctypes.c_void_p(cluster)
        # With a controller, requests that it does not know are refused at once instead of after a time-out.
        self._library.rd_kafka_mock_set_controller_id(self._cluster, BROKER_ID)
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        self.bootstrap_servers: str = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def create_topic(self, topic: str, partitions: int) -> None:
        """Make a topic; nothing happens if it is there.

        Raises:
            StreamlabError: librdkafka refuses it.
        """
        code = self._library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), partitions, 1)
        if code not in (0, _ALREADY_EXISTS):
            raise StreamlabError(
                f"The topic {topic} could not be made: {KafkaError(code).str()}.", "Check its name."
            )

    def push_errors(self, request: str, errors: list[str]) -> None:
        """The next requests of that kind are answered with these errors, one each, whoever asks."""
        self._push(request, [error_code(name) for name in errors])

    def push_disconnects(self, request: str, times: int) -> None:
        """The next requests of that kind are not answered: their connection is closed."""
        self._push(request, [KafkaError._TRANSPORT] * times)

    def _push(self, request: str, codes: list[int]) -> None:
        array = (ctypes.c_int * len(codes))(*codes)
        number = request_number(request)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, number, len(codes), array)

    def clear_errors(self, request: str) -> None:
        """Forget the errors that nobody has got yet."""
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, request_number(request))

    def set_topic_error(self, topic: str, error: str | None) -> None:
        """Answer every question about a topic with this error; None ends it."""
        code = 0 if error is None else error_code(error)
        self._library.rd_kafka_mock_topic_set_error(self._cluster, topic.encode(), code)

    def set_delay(self, milliseconds: int) -> None:
        """Hold every answer back for so long."""
        self._library.rd_kafka_mock_broker_set_rtt(self._cluster, BROKER_ID, milliseconds)

    def set_down(self, is_down: bool) -> None:
        """Close all connections and refuse new ones, or accept them again; messages stay."""
        change = "rd_kafka_mock_broker_set_down" if is_down else "rd_kafka_mock_broker_set_up"
        getattr(self._library, change)(self._cluster, BROKER_ID)
