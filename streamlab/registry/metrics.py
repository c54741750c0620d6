"""What monitoring sees of the registry, in Prometheus' text format.

    metrics.compatibility_checks.labels(result="refused").inc()
    metrics.text()                      # b"# HELP schema_registry_discoveries_total ..."

A counter's name ends in `_total` in this format, whatever it is called otherwise: the counter
`schema_registry_cache_hits` is shown as `schema_registry_cache_hits_total`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from streamlab.registry.service import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server."""

    def __init__(self, service: "Service") -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Read(service))
        self.compatibility_checks = Counter(
            "schema_evolution_compatibility_checks",
            "Schemas compared with earlier versions of their subject",
            ["result"],
            registry=self._registry,
        )
        self.migrations = Counter(
            "schema_evolution_migrations",
            "Versions registered that follow an earlier one of their subject",
            registry=self._registry,
        )
        self.errors = Counter(
            "schema_registry_errors",
            "Requests that were refused, by error code",
            ["code"],
            registry=self._registry,
        )

    def text(self) -> bytes:
        """All of them."""
        return generate_latest(self._registry)


class _Read(Collector):
    """What is counted elsewhere, read when it is asked for."""

    def __init__(self, service: "Service") -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        parser, state = self._service.parser, self._service.state
        yield CounterMetricFamily(
            "schema_registry_discoveries", "Different schemas in the log", state.schemas_seen
        )
        yield CounterMetricFamily(
            "schema_registry_cache_hits", "Schemas found in the cache of parsed schemas", parser.hits
        )
        yield CounterMetricFamily(
            "schema_registry_cache_misses", "Schemas that had to be parsed", parser.misses
        )
        yield GaugeMetricFamily(
            "schema_registry_cache_entries", "Parsed schemas that are kept", parser.entries
        )
        yield GaugeMetricFamily("schema_registry_subjects", "Subjects in the log", len(state.subjects()))
