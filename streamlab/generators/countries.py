"""The countries of the world: what money is spent there, which addresses and which cities it has.

COUNTRIES["JP"].currency                 # "JPY"
COUNTRIES["JP"].address(w)               # "10.40.…": private space (RFC 1918), nobody's real address
far_from(COUNTRIES["DE"], word)          # a country of another continent
"""

from dataclasses import dataclass
from typing import Final

from streamlab.generators.draws import below


@dataclass(frozen=True, slots=True)
class City:
    """A city, with a postal code in it, and its state where addresses name one."""

    name: str
    postal_code: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Country:
    """A country.

    Attributes:
        code: ISO 3166-1 alpha-2.
        currency: ISO 4217.
        octet: the second octet of its addresses.
        weight: its share of the users, in hundredths.
        streets: ways to write a street and a number.
    """

    code: str
    continent: str
    currency: str
    octet: int
    weight: int
    cities: tuple[City, ...]
    streets: tuple[str, ...]

    def address(self, word: int) -> str:
        """An IPv4 address of this country."""
        return f"10.{self.octet}.{word >> 56}.{word >> 48 & 0xFF}"


_ALL: Final = (
    Country(
        "US", "America", "USD", 10, 34,
        (City("Austin", "78701", "TX"), City("Boston", "02108", "MA"), City("Denver", "80202", "CO"),
         City("Seattle", "98101", "WA")),
        ("{} Main Street", "{} Oak Avenue", "{} Lake Drive"),
    ),
    Country(
        "GB", "Europe", "GBP", 20, 16,
        (City("Leeds", "LS1 4DY"), City("Bristol", "BS1 5TR"), City("London", "EC1A 1BB")),
        ("{} High Street", "{} Station Road", "{} Church Lane"),
    ),
    Country(
        "DE", "Europe", "EUR", 30, 16,
        (City("Berlin", "10115"), City("Leipzig", "04109"), City("Hamburg", "20095")),
        ("Hauptstrasse {}", "Gartenweg {}", "Bahnhofstrasse {}"),
    ),
    Country(
        "FR", "Europe", "EUR", 31, 12,
        (City("Lyon", "69001"), City("Nice", "06000"), City("Paris", "75001")),
        ("{} rue de la Gare", "{} avenue Victor Hugo"),
    ),
    Country(
        "ES", "Europe", "EUR", 32, 6,
        (City("Madrid", "28001"), City("Barcelona", "08001")),
        ("Calle Mayor {}", "Calle Real {}"),
    ),
    Country(
        "JP", "Asia", "JPY", 40, 10,
        (City("Osaka", "530-0001"), City("Sapporo", "060-0001"), City("Tokyo", "100-0001")),
        ("{}-chome Chuo", "{}-chome Kita"),
    ),
    Country(
        "CH", "Europe", "CHF", 50, 6,
        (City("Bern", "3011"), City("Geneva", "1201"), City("Zurich", "8001")),
        ("Dorfstrasse {}", "Seeweg {}"),
    ),
)  # fmt: skip

COUNTRIES: Final = {country.code: country for country in _ALL}
"""By code, the order fixed."""

PROXY_NETWORK: Final = "198.18"
"""Where proxies' addresses are: the network for benchmarks (RFC 2544), outside every country."""

_CHOICE: Final = tuple(country for country in _ALL for _ in range(country.weight))
_FAR: Final = {here.code: tuple(one for one in _ALL if one.continent != here.continent) for here in _ALL}

MINOR_PER_DOLLAR_CENT: Final = {
    "USD": (1, 1),
    "EUR": (93, 100),
    "GBP": (79, 100),
    "CHF": (88, 100),
    "JPY": (150, 1),
}
"""What a cent of a dollar is about worth in hundredths of a currency, as a fraction: made-up prices use it.
How payments are compared is another table's business."""


def home_country(word: int) -> Country:
    """A country with the probability of its weight."""
    return _CHOICE[below(word, len(_CHOICE))]


def far_from(here: Country, word: int) -> Country:
    """A country of another continent: nobody gets there in minutes."""
    there = _FAR[here.code]
    return there[below(word, len(there))]


def money(dollar_cents: int, currency: str) -> float:
    """A price in units of the currency, as a person would write it: hundredths, and whole yen."""
    numerator, denominator = MINOR_PER_DOLLAR_CENT[currency]
    hundredths = max(dollar_cents * numerator // denominator, 1)
    if currency == "JPY":
        return float(max(hundredths // 100, 1))
    return hundredths / 100
