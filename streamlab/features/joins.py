"""Payments with what their device was and did: the two joins by `device_id` (`definitions.JOINS`).

    joins = DeviceJoins(allowed_lateness_seconds=5.0)
    joins.add("device", device_event, partition=2)   # a Late, or None
    joins.add("click", click, partition=7)
    joins.add("txn", transaction, partition=3)
    joins.release()                                  # [{"txn_id": ..., "device_kind": "PHONE", ...}, ...]

A join needs three topics at once, and their partitions are keyed differently. So it waits for the watermark
of the operator: the minimum over the partitions of all three streams that are not idle. An event is late if
it is older than the operator's watermark when it arrives. That depends on how the partitions interleave, and
on the clock if one of them is idle: unlike the features of one key, a join is repeatable only if nothing
comes late.
"""

from collections import deque
from collections.abc import Hashable, Iterable
from operator import itemgetter
from typing import Any, Final, Literal

from streamlab.features.constants import (
    ALLOWED_LATENESS_SECONDS,
    CLICKS_BEFORE_PAYMENT_MS,
    IDLE_AFTER_SECONDS,
    MINUTE_MS,
    PROFILE_AGE_MS,
)
from streamlab.features.partition import SWEEP_MS, Event, Features
from streamlab.features.pipeline import StateSize
from streamlab.features.watermark import NEVER, Clock, Late, Watermarks, monotonic_ms

Stream = Literal["device", "click", "txn"]

_RANK: Final[dict[Stream, int]] = {"device": 0, "click": 1, "txn": 2}
"""At one time, profiles and clicks come before the payments: a payment sees what happened at its own time."""

_IDENTITY: Final[dict[Stream, str]] = {"device": "event_id", "click": "click_id", "txn": "txn_id"}
_PROFILE, _CLICK = _RANK["device"], _RANK["click"]

_Waiting = tuple[int, int, str, Event]
"""Event time, rank, identifier, event: sorted by the first three, the order of processing is fixed."""

_processing_order = itemgetter(0, 1, 2)


class DeviceState:
    """What one device was last, and when it was clicked on in the last ten minutes."""

    __slots__ = ("clicks", "last_ms", "profile", "profile_ms")

    def __init__(self) -> None:
        self.profile: Event | None = None
        self.profile_ms = NEVER
        self.clicks: deque[int] = deque()
        self.last_ms = NEVER

    def joined(self, payment: Event, now_ms: int) -> Features:
        """The fields of both joins as of a payment; everything up to its time has been taken in."""
        clicks, oldest = self.clicks, now_ms - CLICKS_BEFORE_PAYMENT_MS
        while clicks and clicks[0] <= oldest:
            clicks.popleft()
        profile = self.profile if now_ms - self.profile_ms < PROFILE_AGE_MS else None
        return _record(payment, now_ms, profile, self.profile_ms, len(clicks))


def _record(
    payment: Event, now_ms: int, profile: Event | None, profile_ms: int, clicks: int
) -> dict[str, Any]:
    """One output record."""
    return {
        "txn_id": payment["txn_id"],
        "card_id": payment["card_id"],
        "device_id": payment.get("device_id"),
        "event_time": now_ms,
        "device_kind": None if profile is None else profile["kind"],
        "device_country": None if profile is None else profile.get("country"),
        "device_is_proxy": None if profile is None else profile.get("is_proxy", False),
        "device_profile_age_min": None if profile is None else (now_ms - profile_ms) / MINUTE_MS,
        "device_clicks_10m": clicks,
    }


class DeviceJoins:
    """Both joins in one operator; see the module.

    Args:
        allowed_lateness_seconds: how much older than the newest event of its partition an event may be.
        idle_after_seconds: a partition without events for this long is not waited for.
        clock: milliseconds, monotonic.
    """

    def __init__(
        self,
        allowed_lateness_seconds: float = ALLOWED_LATENESS_SECONDS,
        idle_after_seconds: float = IDLE_AFTER_SECONDS,
        clock: Clock = monotonic_ms,
    ) -> None:
        self.watermarks: Final = Watermarks(allowed_lateness_seconds, idle_after_seconds, clock)
        self._waiting: list[_Waiting] = []
        self._devices: dict[str, DeviceState] = {}
        self._released_ms = NEVER
        self._swept_ms = NEVER

    def assign(self, stream: Stream, partitions: Iterable[Hashable]) -> None:
        """Know partitions before their first events: a release waits until each has had one, or is idle."""
        for partition in partitions:
            self.watermarks.assign((stream, partition))

    def add(self, stream: Stream, event: Event, partition: Hashable = 0) -> Late | None:
        """Judge an event by the operator's watermark as of the last release and, unless it is late, keep it.

        Args:
            stream: which of the three it is from.
            event: shaped by its contract, event_time in milliseconds.
            partition: where in the stream's topic it came from.
        """
        time = event["event_time"]
        self.watermarks.observe((stream, partition), time)
        if time < self._released_ms:
            return Late(event, (stream, partition), time, self._released_ms)
        self._waiting.append((time, _RANK[stream], event[_IDENTITY[stream]], event))
        return None

    def release(self, now_ms: int | None = None) -> list[Features]:
        """The joined record of every payment that the operator's watermark has passed, in the order of
        (event time, txn_id).

        Args:
            now_ms: what the clock says; it is asked if this is left out.
        """
        watermark = self.watermarks.overall(now_ms)
        if watermark is None or watermark <= self._released_ms:
            return []
        self._released_ms = watermark
        ready = sorted((one for one in self._waiting if one[0] < watermark), key=_processing_order)
        self._waiting = [one for one in self._waiting if one[0] >= watermark]
        released = self._advance(ready)
        self._sweep(watermark)
        return released

    def drain(self) -> list[Features]:
        """The joined records of all payments that still wait: the streams have ended."""
        newest = max((one[0] for one in self._waiting), default=NEVER)
        self._released_ms = max(self._released_ms, newest + 1)
        ready, self._waiting = sorted(self._waiting, key=_processing_order), []
        return self._advance(ready)

    def state_size(self) -> StateSize:
        """Devices, the profiles and clicks held for them, and what waits for the watermark."""
        held = sum(len(device.clicks) + (device.profile is not None) for device in self._devices.values())
        return StateSize(keys=len(self._devices), events=held, waiting=len(self._waiting))

    def _advance(self, ready: list[_Waiting]) -> list[Features]:
        """Take events in; a payment leaves with what its device is known for."""
        joined = []
        for now, rank, _, event in ready:
            device_id = event.get("device_id")
            device = self._devices.get(device_id) if device_id is not None else None
            if rank > _CLICK:
                joined.append(device.joined(event, now) if device else _record(event, now, None, NEVER, 0))
            elif device_id is not None:
                if device is None:
                    device = self._devices[device_id] = DeviceState()
                device.last_ms = now
                if rank == _PROFILE:
                    device.profile, device.profile_ms = event, now
                else:
                    device.clicks.append(now)
        return joined

    def _sweep(self, watermark: int) -> None:
        """Free, every `SWEEP_MS` of event time, the clicks and devices that no later payment can see."""
        if watermark - self._swept_ms < SWEEP_MS:
            return
        self._swept_ms = watermark
        for device in self._devices.values():
            while device.clicks and device.clicks[0] <= watermark - CLICKS_BEFORE_PAYMENT_MS:
                device.clicks.popleft()
        oldest = watermark - PROFILE_AGE_MS
        self._devices = {name: device for name, device in self._devices.items() if device.last_ms > oldest}
