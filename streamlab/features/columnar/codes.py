"""Numbers in place of names: what is only compared for equality need not be text."""

from collections.abc import Set

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamlab.features.columnar.windows import UNKNOWN


def codes_of(names: pl.Series) -> NDArray[np.int64]:
    """One number for each distinct name, from 0; UNKNOWN for null."""
    # Categories of this call alone: what others have named makes the numbers no larger.
    own = pl.Categorical(pl.Categories.random())
    return _numbers(names.cast(own))


def named_codes_of(names: pl.Series) -> tuple[NDArray[np.int64], list[str]]:
    """As `codes_of`, and the names by number: of an enum all its categories, whether they occur or not."""
    if not isinstance(names.dtype, pl.Enum):
        codes, found = sorted_codes_of(names)
        return codes, found.to_list()
    return _numbers(names), names.dtype.categories.to_list()


def sorted_codes_of(names: pl.Series) -> tuple[NDArray[np.int64], pl.Series]:
    """Numbers that ascend with the code points of the names, UNKNOWN for null; and the names by number."""
    # UTF-8 keeps the order of code points, and Polars sorts by bytes.
    distinct = names.drop_nulls().unique().cast(pl.String).sort()
    return _numbers(names.cast(pl.String).cast(pl.Enum(distinct))), distinct


def member_of(names: pl.Series, members: Set[str]) -> NDArray[np.bool_]:
    """Whether each name is one of the members; null is none of them."""
    return names.is_in(sorted(members)).fill_null(False).to_numpy()


def _numbers(categories: pl.Series) -> NDArray[np.int64]:
    return categories.to_physical().cast(pl.Int64).fill_null(UNKNOWN).to_numpy()
