"""Where the doubles lie: what a test on a double cannot tell you about Kafka.

    from streamlab.producers import WHERE_DOUBLES_LIE

    for lie in WHERE_DOUBLES_LIE:
        print(lie.double, lie.says, lie.truth, lie.so)

A double is a claim about the real thing. One suite of tests holds both to the same contract; here stands what
it leaves out. Each row is observed by a test of its own, on the double and on Kafka: a row that is no longer
true fails, and so does a lie that is listed without being shown.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Double(StrEnum):
    """What stands in for Kafka."""

    MEMORY = "RecordingProducer and RecordingConsumer"
    EMBEDDED = "the embedded broker"


class Lie(NamedTuple):
    """A difference between a double and Kafka.

    Attributes:
        name: short, and unique.
        says: what one sees on the double.
        truth: what one sees on Kafka with the same code.
        so: what a test on the double cannot show.
    """

    name: str
    double: Double
    says: str
    truth: str
    so: str


_MEMORY, _EMBEDDED = Double.MEMORY, Double.EMBEDDED

WHERE_DOUBLES_LIE: Final = (
    Lie(
        "sends only when asked", _MEMORY,
        "Before `poll` or `flush` nothing is in the log.",
        "The client sends in the background, by itself.",
        "A flush that was forgotten loses everything here; there, what happens to be left at the end.",
    ),
    Lie(
        "takes no time", _MEMORY,
        "A report's latency is 0 unless a delay was asked for.",
        "Every delivery is a trip over the network, and many are under way at once.",
        "Throughput, latency and a time-out that is too short cannot be seen.",
    ),
    Lie(
        "does not try again", _MEMORY,
        "An error that it is told to have is the end of the message.",
        "The client hears most errors of a broker, tries again, and reports a delivery.",
        "Whether retries, idempotence and time-outs are set well cannot be seen.",
    ),
    Lie(
        "knows every partition beforehand", _MEMORY,
        "A partition that is not there is refused by `produce`.",
        "Until the client has asked the broker, `produce` takes it; the refusal comes as a report.",
        "Who catches exceptions and reads no reports seems safe.",
    ),
    Lie(
        "has every topic", _MEMORY,
        "A topic that nobody made is made in passing.",
        "The broker does not know it, and the messages are reported as undelivered.",
        "A misspelt name goes unnoticed.",
    ),
    Lie(
        "accepts every size", _MEMORY,
        "A message that the client sends is delivered.",
        "A topic may take less (`max.message.bytes`), and refuses by a report.",
        "That an event has outgrown its topic cannot be seen.",
    ),
    Lie(
        "accepts every time", _MEMORY,
        "A timestamp hours ahead is taken.",
        "The broker refuses what is more than an hour ahead of it (`message.timestamp.after.max.ms`).",
        "A generator whose event time runs ahead works here and loses everything there.",
    ),
    Lie(
        "waits for nothing", _MEMORY,
        "`poll(1)` on an empty topic returns at once.",
        "It waits for a second.",
        "A loop that is too busy, or that waits too long to be stopped, cannot be seen.",
    ),
    Lie(
        "groups have one member", _MEMORY,
        "Two consumers of a group both get everything.",
        "The partitions are divided among them.",
        "Rebalances come only when a test asks for them (`take_away`, `hand_over`).",
    ),
    Lie(
        "has no transactions", _MEMORY,
        "There is no `begin_transaction`.",
        "There is.",
        "Exactly-once has to be tested on Kafka.",
    ),
    Lie(
        "shows aborted messages", _EMBEDDED,
        "A consumer with `read_committed` gets what was aborted.",
        "It does not.",
        "Exactly-once has to be tested on Kafka.",
    ),
    Lie(
        "reports another time", _EMBEDDED,
        "A report's timestamp is 1234, of the kind `LOG_APPEND_TIME`; the record has the right one.",
        "The report has the record's time.",
        "What is computed from a report's timestamp is wrong here.",
    ),
    Lie(
        "finds no offset by time", _EMBEDDED,
        "`offsets_for_times` finds nothing.",
        "It finds the first record with the time or a later one.",
        "Restoring by time has to be tested on Kafka.",
    ),
    Lie(
        "checks no sequence numbers", _EMBEDDED,
        "An idempotent producer's batch whose answer was lost is sent again and stored twice.",
        "The broker knows a batch that it has by its sequence numbers (KIP-98).",
        "Idempotence can be shown with a transactional producer, whose numbers are checked here too.",
    ),
    Lie(
        "accepts every time, too", _EMBEDDED,
        "A timestamp hours ahead is taken.",
        "The broker refuses what is more than an hour ahead of it.",
        "As in memory.",
    ),
)  # fmt: skip
