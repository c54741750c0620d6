"""The transactions that all sides of a measurement read: seeded, sorted by time, encoded once.

    folder = transactions.written(transactions.DENSE)      # made, or found as it was made
    transactions.occupancy(cards, times, window_ms=3_600_000)      # mean number of events in a window

The file is an Avro object container without compression. The body of each record in it is, byte for byte,
what follows the five-byte header of a Kafka message; `index.npz` says where each begins and ends. A side
that takes messages slices them, a side that reads container files reads the whole: the bytes are the same.

Cards are drawn by Zipf's law (the k-th is drawn in proportion to 1/k), times uniformly over a span that is
chosen so that the windows hold what is stated. What they hold is counted, and asserted.
"""

import hashlib
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
from numpy.typing import NDArray

from streamlab.features.constants import LONGEST_WINDOW_MS, SHORT_WINDOW_MS
from streamlab.paths import PROJECT, cache_folder

VERSION = 2
"""Of the drawing and the files; a change makes new files."""

SEED = 20_260
START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

SCHEMA_FILE = PROJECT / "schemas" / "transaction" / "v3.avsc"
BLOCK_EVENTS = 4_000
SYNC_MARKER = b"streamlab-bench!"
MERCHANTS = 2_000
COUNTRIES = np.array(["US", "GB", "DE", "FR", "CH", "JP", "ES", "IT"])
CURRENCIES = np.array(["USD", "GBP", "EUR", "EUR", "CHF", "JPY", "EUR", "EUR"])
CATEGORIES = np.array(["5411", "5812", "5541", "5732", "4111", "5999", "7995", "6051", "4829"])


@dataclass(frozen=True)
class Shape:
    """How many events, of how many cards, over which time, and what that comes to.

    Args:
        mean_in_hour: the least and the most mean number of events in the hour that ends at an event.
    """

    name: str
    events: int
    span_seconds: int
    mean_in_hour: tuple[float, float]
    cards: int = 10_000


DENSE = Shape("dense", 1_000_000, 57_000, (1_000, 1_100))
SPARSE = Shape("sparse", 1_000_000, 1_028_000, (57, 63))


def shape_like(shape: Shape, events: int) -> Shape:
    """The same rate with fewer events, hence a shorter span: less than an hour fills no window."""
    span = max(1, round(shape.span_seconds * events / shape.events))
    return Shape(shape.name, events, span, (0.0, shape.mean_in_hour[1]), shape.cards)


def occupancy(cards: NDArray[Any], times: NDArray[np.int64], window_ms: int) -> float:
    """The mean, over all events, of the number of events of its card in (t - window, t]; ties included."""
    order = np.lexsort((times, cards))
    sorted_times, sorted_cards = times[order], cards[order]
    # One axis on which cards lie further apart than any window reaches.
    gap = int(np.ptp(times)) + window_ms + 1
    axis = (sorted_times - times.min()) + np.unique(sorted_cards, return_inverse=True)[1] * gap
    first = np.searchsorted(axis, axis - window_ms, side="right")
    last = np.searchsorted(axis, axis, side="right")
    return float(np.mean(last - first))


def written(shape: Shape) -> Path:
    """The folder with `transactions.avro`, `index.npz` and `facts.json`; written unless it is there."""
    folder = cache_folder() / "benchmarks" / "inputs" / f"{shape.name}-{shape.events}-{_fingerprint(shape)}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        _write(shape, new)
        # Whole or not at all: a run that is broken off leaves nothing that looks finished.
        new.replace(folder)
    return folder


def _fingerprint(shape: Shape) -> str:
    what = [VERSION, SEED, shape.__dict__, SCHEMA_FILE.read_text("utf-8")]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]


def _write(shape: Shape, folder: Path) -> None:
    columns = _drawn(shape)
    starts, ends = _encode(columns, folder / "transactions.avro")
    cards, times = columns["card"], columns["event_time"]
    mean_in_hour = occupancy(cards, times, LONGEST_WINDOW_MS)
    least, most = shape.mean_in_hour
    assert least <= mean_in_hour <= most, f"{shape.name}: {mean_in_hour:.1f} events in the mean hour"
    np.savez(folder / "index.npz", starts=starts, ends=ends, times=times, cards=cards)
    facts = {
        "shape": shape.name,
        "events": shape.events,
        "cards": int(np.unique(cards).size),
        "span_seconds": shape.span_seconds,
        "mean_in_hour": mean_in_hour,
        "mean_in_five_minutes": occupancy(cards, times, SHORT_WINDOW_MS),
        "sha256": hashlib.sha256((folder / "transactions.avro").read_bytes()).hexdigest(),
        "schema": json.loads(SCHEMA_FILE.read_text("utf-8")),
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


def _drawn(shape: Shape) -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(SEED)
    n = shape.events
    weights = 1 / np.arange(1, shape.cards + 1)
    cards = random.choice(shape.cards, n, p=weights / weights.sum())
    abroad = random.random(n) < 0.06
    country = np.where(abroad, random.integers(0, COUNTRIES.size, n), cards % COUNTRIES.size)
    amounts = np.round(np.exp(random.normal(3.4, 1.2, n)), 2)
    currency = CURRENCIES[country]
    merchant = random.zipf(1.3, n) % MERCHANTS
    return {
        "event_time": START_MS + np.sort(random.integers(0, shape.span_seconds * 1_000, n)),
        "card": cards,
        "amount": np.where(currency == "JPY", np.round(amounts * 150), amounts),
        "currency": currency,
        "merchant": merchant,
        "merchant_known": random.random(n) > 0.03,
        "category": CATEGORIES[merchant % CATEGORIES.size],
        "country": COUNTRIES[country],
        "country_known": random.random(n) > 0.05,
        "risk_score": np.round(random.random(n), 3),
        "device": random.integers(0, 3, n),
    }


def _encode(columns: dict[str, NDArray[Any]], file: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Write the container; where each record's body starts and ends in it."""
    schema = fastavro.parse_schema(json.loads(SCHEMA_FILE.read_text("utf-8")))
    count = len(columns["card"])
    starts, ends = np.empty(count, np.int64), np.empty(count, np.int64)
    with file.open("wb") as container:
        fastavro.writer(container, _without_defaults(), [], codec="null", sync_marker=SYNC_MARKER)
        for first in range(0, count, BLOCK_EVENTS):
            body, places = io.BytesIO(), []
            for record in _records(columns, first, min(first + BLOCK_EVENTS, count)):
                fastavro.schemaless_writer(body, schema, record)
                places.append(body.tell())
            fastavro.schemaless_writer(container, "long", len(places))
            fastavro.schemaless_writer(container, "long", body.tell())
            block = slice(first, first + len(places))
            ends[block] = container.tell() + np.array(places)
            starts[block] = container.tell() + np.array([0, *places[:-1]])
            container.write(body.getvalue())
            container.write(SYNC_MARKER)
    return starts, ends


def _without_defaults() -> dict[str, Any]:
    """The contract for the container's header: readers need no writer's default; Polars refuses 0.0."""
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
    schema["fields"] = [{"name": field["name"], "type": field["type"]} for field in schema["fields"]]
    return schema


def _records(columns: dict[str, NDArray[Any]], start: int, stop: int) -> list[dict[str, Any]]:
    lists = {name: column[start:stop].tolist() for name, column in columns.items()}
    return [
        {
            "txn_id": f"txn-{start + place:09}",
            "card_id": f"card-{card:06}",
            "user_id": f"user-{card // 2:06}",
            "amount": lists["amount"][place],
            "currency": lists["currency"][place],
            "event_time": lists["event_time"][place],
            "merchant_id": f"merchant-{lists['merchant'][place]:05}"
            if lists["merchant_known"][place]
            else None,
            "risk_score": lists["risk_score"][place],
            "merchant_category": lists["category"][place],
            "country": lists["country"][place] if lists["country_known"][place] else None,
            "device_id": f"device-{card:06}-{lists['device'][place]}",
            "session_id": None,
            "ip_address": f"10.{card // 65_536}.{card // 256 % 256}.{card % 256}",
        }
        for place, card in enumerate(lists["card"])
    ]
