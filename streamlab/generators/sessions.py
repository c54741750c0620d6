"""Visits: the one session model that gives every stream its user, session, card and device.

sessions = Sessions(seed=7, population=…, mixture=…, tag="3fa9c1", begins_ms=layout.begins_ms)
visit = sessions.visit(12_345)           # a pure function of the number
visit.session_id, visit.user.user_id, visit.device.device_id, visit.card_id
visit.pattern                            # None, or the fraud that is done in it
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from streamlab.generators.countries import Country
from streamlab.generators.draws import Draws, Words, below
from streamlab.generators.fraud import Mixture, Pattern
from streamlab.generators.population import Device, Population, User
from streamlab.generators.timetable import EPISODE_VISIT, VISITS


class Visit(NamedTuple):
    """A visit to a site.

    Attributes:
        kind: which of a beat's visits it is (0 to 11); decides on how many clicks it has and whether it pays.
        country: where it comes from; a thief seems to be where the user lives.
        address: the IPv4 address that it comes from.
        pattern: the fraud in it, if any.
        words: what the contents of its events are drawn from.
    """

    number: int
    kind: int
    session_id: str
    user: User
    card_id: str
    device: Device
    country: Country
    address: str
    pattern: Pattern | None
    words: Words


class Sessions:
    """The visits of a world.

    Args:
        tag: of the world; part of every session's id.
        begins_ms: when a visit begins.
    """

    def __init__(
        self,
        seed: int,
        population: Population,
        mixture: Mixture,
        tag: str,
        begins_ms: Callable[[int], int],
    ) -> None:
        self._draws = Draws(seed, "visit")
        self._population = population
        self._mixture = mixture
        self._tag = tag
        self._begins_ms = begins_ms
        self.visit = lru_cache(65_536)(self._visit)

    def _visit(self, number: int) -> Visit:
        words = self._draws(number)
        kind = number % VISITS
        pattern = self._mixture.pattern(words[0]) if kind == EPISODE_VISIT else None
        choose = self._population.frequent if pattern is None else self._population.anyone
        user = choose(words[1])
        country: Country = user.home
        if user.journey is not None:
            user, country = self._population.present(user, self._begins_ms(number))
        if pattern is not None and pattern.takes_account:
            device = self._population.thieves_device(words[3])
            address = device.address if device.is_proxy else country.address(words[4])
        else:
            device = user.devices[favourite(words[3], len(user.devices))]
            address = device.address if country is user.home else country.address(words[4])
        return Visit(
            number,
            kind,
            f"ses-{self._tag}-{number:09d}",
            user,
            user.cards[favourite(words[2], len(user.cards))],
            device,
            country,
            address,
            pattern,
            words,
        )


def favourite(word: int, count: int) -> int:
    """Which of a user's cards or devices: the first one every other time, otherwise any of them."""
    if count == 1 or word >> 62 < 2:
        return 0
    return below(word << 2 & 0xFFFF_FFFF_FFFF_FFFF, count)
