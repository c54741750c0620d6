"""Device events: topic device.events, key device_id.

    device = Devices(World(seed=7))
    device.event(0)["operating_system"]      # "Android 15"

Every visit begins with one: a device is known before the first click or payment that it makes.
"""

from typing import Any, Final

from streamlab.generators.draws import threshold
from streamlab.generators.layout import Place
from streamlab.generators.streams import Stream, Who

_UNKNOWN_BELOW: Final = threshold(0.02)
_NOBODY_BELOW: Final = threshold(0.05)


class Devices(Stream):
    """What a device looked like, `device` v1."""

    name = "device"
    contract_name = "device"
    version = 1

    def who(self, place: Place) -> Who:
        """The visit's device."""
        visit = self.world.visit(place.visit)
        return Who(
            visit.device.device_id,
            visit.user,
            visit.country,
            visit,
            place.slack_ms,
            visit.pattern,
        )

    def body(self, place: Place, who: Who, event_time_ms: int) -> dict[str, Any]:
        """A device; nobody may be signed in, and its address may not be known."""
        words, visit = place.words, who.visit
        assert visit is not None
        device = visit.device
        known = words[3] >= _UNKNOWN_BELOW
        return {
            "event_id": f"dvc-{self.world.tag}-{place.event_index:010d}",
            "device_id": who.key,
            "event_time": event_time_ms,
            "fingerprint": device.fingerprint,
            "kind": device.kind,
            "operating_system": device.operating_system,
            "user_id": None if words[4] < _NOBODY_BELOW else who.user.user_id,
            "ip_address": visit.address if known else None,
            "country": who.country.code if known else None,
            "is_proxy": device.is_proxy,
        }
