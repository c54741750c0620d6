"""Who there is: users with several cards and devices, a home, a taste, and now and then a journey.

    population = Population(seed=7, users=2_000, skew=1.0)
    user = population.frequent(word)         # skewed: the k-th busiest user comes 1/k as often as the first
    user.cards, user.devices                 # ("card-000042-0", …), (Device(…), …)
    user.country_at(time_ms)                 # the country; None while the user flies from one to the other

Ten users hold twenty cards and twenty devices. Of ten users one travels; who is on the way does nothing, so
no honest card is ever in two countries within `FLIGHT_MS`.
"""

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from math import gcd
from typing import Final, NamedTuple

from streamlab.generators.countries import PROXY_NETWORK, City, Country, far_from, home_country
from streamlab.generators.day_curve import DAY_MS, HOUR_MS
from streamlab.generators.draws import Draws, below

CARDS: Final = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4)
DEVICES: Final = (1, 2, 2, 3, 1, 2, 1, 3, 2, 3)
"""How many a user has, by the last digit of the user's number."""
_TRAVELLER: Final = 4
"""The last digit of those who travel; who has the digit before it never does."""
FLIGHT_MS: Final = 12 * HOUR_MS
INTERESTS: Final = ("electronics", "fashion", "books", "home", "sports", "toys", "garden", "music")
_SYSTEMS: Final = {
    "PHONE": ("Android 14", "Android 15", "iOS 17.5", "iOS 18.1"),
    "TABLET": ("iPadOS 18.1", "Android 14"),
    "DESKTOP": ("Windows 11", "macOS 15", "Ubuntu 24.04"),
}
_KINDS: Final = ("PHONE", "PHONE", "PHONE", "DESKTOP", "DESKTOP", "TABLET")


class Device(NamedTuple):
    """A device as it looks; `address` is where it is at home."""

    device_id: str
    kind: str
    operating_system: str
    fingerprint: str
    address: str
    is_proxy: bool


class Journey(NamedTuple):
    """A regular journey: away for `away_ms` in every `period_ms`."""

    destination: Country
    period_ms: int
    phase_ms: int
    away_ms: int


@dataclass(frozen=True, slots=True)
class User:
    """A user of the shops; `interest` is the category that the user looks at most."""

    number: int
    user_id: str
    home: Country
    city: City
    street: str
    cards: tuple[str, ...]
    devices: tuple[Device, ...]
    interest: str
    journey: Journey | None

    def country_at(self, time_ms: int) -> Country | None:
        """Where the user is; None on the way."""
        if self.journey is None:
            return self.home
        destination, period_ms, phase_ms, away_ms = self.journey
        since = (time_ms + phase_ms) % period_ms
        if since >= away_ms + 2 * FLIGHT_MS:
            return self.home
        return destination if FLIGHT_MS <= since < FLIGHT_MS + away_ms else None


class Population:
    """The users of a world; each is a pure function of (seed, number) and made when first asked for.

    Args:
        users: how many, from 1.
        skew: the exponent s of Zipf's law, a user's weight is rank ** -s; 0 makes all alike.
    """

    def __init__(self, seed: int, users: int, skew: float) -> None:
        self.users = users
        self._draws = Draws(seed, "user")
        self._strange = Draws(seed, "strange device")
        # With s = 1 every step is exact, so the table is the same on every machine.
        self._sums = list(accumulate(round((1 << 40) / (rank + 1) ** skew) for rank in range(users)))
        words = self._draws(-1)
        self._factor, self._shift = _coprime_from(below(words[0], users), users), below(words[1], users)
        self._made: dict[int, User] = {}
        self._thieves_devices = max(users // 50, 8)

    def user(self, number: int) -> User:
        """The user with this number, 0 to users - 1."""
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(number)
        return made

    def frequent(self, word: int) -> User:
        """A user by Zipf's law; who is how busy differs from seed to seed."""
        rank = bisect_right(self._sums, below(word, self._sums[-1]))
        return self.user((self._factor * rank + self._shift) % self.users)

    def anyone(self, word: int) -> User:
        """A user, all with one probability: thieves take the cards that they find."""
        return self.user(below(word, self.users))

    def present(self, user: User, time_ms: int) -> tuple[User, Country]:
        """This user and where, or, if the user is on the way, a neighbour who never travels."""
        country = user.country_at(time_ms)
        if country is None:
            user = self.user(user.number - 1)
            country = user.home
        return user, country

    def thieves_device(self, word: int) -> Device:
        """A device that belongs to no user; nine of ten hide behind a proxy."""
        number = below(word, self._thieves_devices)
        words = self._strange(number)
        name = f"dev-x{number:05d}"
        hidden = below(words[0], 10) < 9
        network = PROXY_NETWORK if hidden else f"10.{home_country(words[1]).octet}"
        return _device(name, words[2], f"{network}.{number >> 8 & 0xFF}.{number & 0xFF}", is_proxy=hidden)

    def _make(self, number: int) -> User:
        words = self._draws(number)
        home = home_country(words[0])
        devices = tuple(
            _device(
                f"dev-{number:06d}-{k}",
                words[4] >> 8 * k,
                home.address((words[5] >> 8 * k & 0xFFFF) << 48),
                is_proxy=below(words[6], 50) == 0,
            )
            for k in range(DEVICES[number % 10])
        )
        journey = None
        if number % 10 == _TRAVELLER:
            period_days = 20 + (words[7] & 31)
            journey = Journey(
                far_from(home, words[6] << 32 & 0xFFFF_FFFF_FFFF_FFFF),
                period_days * DAY_MS,
                (words[7] >> 8) % (period_days * DAY_MS),
                (2 + (words[7] >> 5 & 7)) * DAY_MS,
            )
        street = home.streets[(words[1] >> 16) % len(home.streets)]
        return User(
            number,
            f"user-{number:06d}",
            home,
            home.cities[below(words[1], len(home.cities))],
            street.format(1 + below(words[2], 120)),
            tuple(f"card-{number:06d}-{k}" for k in range(CARDS[number % 10])),
            devices,
            INTERESTS[below(words[3], len(INTERESTS))],
            journey,
        )


def _device(device_id: str, word: int, address: str, *, is_proxy: bool) -> Device:
    kind = _KINDS[word % len(_KINDS)]
    system = _SYSTEMS[kind][(word >> 4) % len(_SYSTEMS[kind])]
    fingerprint = blake2b(f"{device_id} {system}".encode(), digest_size=16).hexdigest()
    return Device(device_id, kind, system, fingerprint, address, is_proxy)


def _coprime_from(start: int, count: int) -> int:
    """The first number from `start` on, around the circle, that has no common divisor with `count`."""
    return next(a for a in range(start or 1, start + count + 2) if gcd(a, count) == 1)
