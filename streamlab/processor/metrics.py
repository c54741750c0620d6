"""What monitoring sees of a processor, in Prometheus' text format, on loopback.

    with serve(port=9464) as metrics:    # metrics.url: where they are
        processor.run(stop, on_progress=metrics.update)

Counts are read from the account when they are asked for; nothing is counted twice, and nothing per event.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from streamlab.errors import StreamlabError
from streamlab.processor.account import Latencies
from streamlab.processor.progress import Progress
from streamlab.stack.ports import LOOPBACK

BUCKETS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000)


class Metrics(Collector):
    """The last progress of a processor, as metrics.

    Attributes:
        url: where they are served; empty before.
    """

    def __init__(self) -> None:
        self.url = ""
        self.registry = CollectorRegistry()
        self._progress: Progress | None = None
        self.registry.register(self)

    def update(self, progress: Progress) -> None:
        """Show this from now on."""
        self._progress = progress

    def collect(self) -> Iterator[Metric]:
        """Every metric; none before the first progress."""
        progress = self._progress
        if progress is None:
            return
        account = progress.account
        events = CounterMetricFamily(
            "streamlab_processor_events", "Messages by what became of them", labels=["outcome"]
        )
        events.add_metric(["in"], account.events_in)
        events.add_metric(["out"], account.out)
        for reason, count in sorted(account.dead_letters.items()):
            events.add_metric([reason], count)
        yield events
        writes = CounterMetricFamily(
            "streamlab_processor_store_writes", "Rows given to the store", labels=["result"]
        )
        writes.add_metric(["applied"], account.applied)
        writes.add_metric(["stale"], account.stale)
        yield writes
        lag = GaugeMetricFamily("streamlab_processor_lag", "Messages not yet taken", labels=["partition"])
        for partition, messages in sorted(progress.lag.items()):
            lag.add_metric([str(partition)], messages)
        yield lag
        for name, text, value in (
            ("buffered_events", "Events that wait for the watermark", account.waiting),
            ("state_events", "Events kept for windows and in buffers", progress.state_size),
            ("restoring_partitions", "Partitions whose state is being rebuilt", progress.restoring),
            ("blocked_partitions", "Partitions that wait for a schema", progress.blocked),
        ):
            yield GaugeMetricFamily(f"streamlab_processor_{name}", text, value)
        if progress.watermark_ms is not None:
            yield GaugeMetricFamily(
                "streamlab_processor_watermark_seconds",
                "The smallest watermark, in seconds since the epoch",
                progress.watermark_ms / 1000,
            )
        for name, text, value in (
            ("restored_events", "Messages read again to rebuild state", account.restored_events),
            ("lost_to_retention", "Messages deleted before anything came of them", account.lost_to_retention),
            ("aborted_transactions", "Transactions that were given up", account.aborted),
        ):
            yield CounterMetricFamily(f"streamlab_processor_{name}", text, value)
        yield _histogram(
            "event_to_sink_seconds", "From event time to the sinks' answer", account.event_to_sink
        )
        yield _histogram("processing_seconds", "From arrival to the sinks' answer", account.processing)


@contextlib.contextmanager
def serve(port: int) -> Iterator[Metrics]:
    """Metrics over HTTP, on loopback, until the block ends.

    Args:
        port: 0 for any that is free.

    Raises:
        StreamlabError: the port is taken.
    """
    metrics = Metrics()
    try:
        server, thread = start_http_server(port, addr=LOOPBACK, registry=metrics.registry)
    except OSError as error:
        raise StreamlabError(f"Port {port} cannot be used for metrics: {error}.", "Take another.") from error
    metrics.url = f"http://{LOOPBACK}:{server.server_port}/metrics"
    try:
        yield metrics
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _histogram(name: str, text: str, latencies: Latencies) -> HistogramMetricFamily:
    buckets = [(f"{bound / 1000:g}", latencies.at_most(bound)) for bound in BUCKETS_MS]
    family = HistogramMetricFamily(f"streamlab_processor_{name}", text)
    family.add_metric([], [*buckets, ("+Inf", latencies.count)], latencies.total_ms / 1000)
    return family
