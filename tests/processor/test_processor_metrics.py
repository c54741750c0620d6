"""What monitoring reads is what the account says, under names that stay, on loopback alone."""

import socket

import httpx
import numpy as np
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from streamlab.errors import StreamlabError
from streamlab.processor import Account, Progress
from streamlab.processor.metrics import BUCKETS_MS, Metrics, serve

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Samples:
    return {
        (sample.name.removeprefix("streamlab_processor_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def progress() -> Progress:
    account = Account(
        events_in=100, out=80, waiting=13, applied=70, stale=10, restored_events=40, lost_to_retention=3,
        aborted=2,
    )  # fmt: skip
    account.dead_letters.update({"late": 5, "not framed": 2})
    account.event_to_sink.add(np.array([0.5, 3.0, 70.0, 120_000.0]))
    account.processing.add_same(4.0, 80)
    return Progress(
        account, seconds=3.0, rate=33.0, lag={3: 7, 0: 0}, watermark_ms=1_700_000_000_500, state_size=55,
        restoring=1, blocked=2,
    )  # fmt: skip


@pytest.fixture
def samples(progress: Progress) -> Samples:
    metrics = Metrics()
    metrics.update(progress)
    return read(generate_latest(metrics.registry).decode())


def test_every_figure_has_its_name_and_value(samples: Samples) -> None:
    plain = {name: value for (name, labels), value in samples.items() if not labels}
    assert plain == {
        "buffered_events": 13, "state_events": 55, "restoring_partitions": 1, "blocked_partitions": 2,
        "watermark_seconds": 1_700_000_000.5, "restored_events_total": 40, "lost_to_retention_total": 3,
        "aborted_transactions_total": 2, "event_to_sink_seconds_count": 4,
        "event_to_sink_seconds_sum": pytest.approx(120.0735), "processing_seconds_count": 80,
        "processing_seconds_sum": pytest.approx(0.32),
    }  # fmt: skip
    outcomes = {labels[0][1]: value for (name, labels), value in samples.items() if name == "events_total"}
    assert outcomes == {"in": 100, "out": 80, "late": 5, "not framed": 2}
    assert samples["store_writes_total", (("result", "applied"),)] == 70
    assert samples["store_writes_total", (("result", "stale"),)] == 10
    assert samples["lag", (("partition", "3"),)] == 7
    assert samples["lag", (("partition", "0"),)] == 0


def test_a_histogram_s_buckets_grow_to_its_count(samples: Samples) -> None:
    counts = [samples["event_to_sink_seconds_bucket", (("le", f"{ms / 1000:g}"),)] for ms in BUCKETS_MS]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[-1] == 3
    assert samples["event_to_sink_seconds_bucket", (("le", "+Inf"),)] == 4


def test_before_the_first_progress_there_is_nothing_to_say() -> None:
    assert generate_latest(Metrics().registry) == b""


def test_metrics_are_served_on_loopback_alone(progress: Progress) -> None:
    with serve(0) as metrics:
        port = httpx.URL(metrics.url).port
        assert port is not None
        metrics.update(progress)
        assert read(httpx.get(metrics.url).text)["state_events", ()] == 55
        # Another address of the same machine: a server on all addresses would answer there.
        with socket.socket() as elsewhere, pytest.raises(ConnectionRefusedError):
            elsewhere.connect(("127.0.0.2", port))
        with pytest.raises(StreamlabError, match=f"Port {port} cannot be used"), serve(port):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(metrics.url)
