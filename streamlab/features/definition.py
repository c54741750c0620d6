"""The form of a feature's definition.

Definition("txn_count_5m", "int", FIVE_MINUTES, "transactions", "number of ...", "A stolen card ...").doc
"""

from dataclasses import dataclass
from typing import Final

FIVE_MINUTES: Final = "5 min"
ONE_HOUR: Final = "1 h"
OPTIONAL_DOUBLE: Final = ("null", "double")
OPTIONAL_STRING: Final = ("null", "string")


@dataclass(frozen=True)
class Definition:
    """One feature.

    Attributes:
        name: the field's name in the output and in the contract.
        avro: its Avro type, as in the contract.
        window: what it looks at.
        unit: what one of it is.
        formula: how it is computed, from integers.
        reason: what it is for, and why it is defined so.
    """

    name: str
    avro: str | tuple[str, ...]
    window: str
    unit: str
    formula: str
    reason: str

    @property
    def doc(self) -> str:
        """The field's `doc` in the contract."""
        return f"{self.formula[0].upper()}{self.formula[1:]}. Window: {self.window}. Unit: {self.unit}."


@dataclass(frozen=True)
class RiskFlag:
    """One named rule of `risk_flags`: it holds or it does not, for one transaction."""

    name: str
    formula: str
    reason: str
