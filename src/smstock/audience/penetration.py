"""Penetration rates: what share of an area's people the platform counts among its accounts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def penetration(users: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Return accounts over persons of the same area, sex and ages: columns area, sex, age_min, rate.

    Where an area has users of several age ranges, the widest counts: lowest ``age_min``, then highest ``age_max``. A
    rate may exceed 1: accounts are not persons. An area without a population of exactly the same ages has no rate.

    Examples
    --------
    >>> import pandas as pd
    >>> users = pd.DataFrame({"area": ["AUT"], "sex": ["all"], "age_min": [13], "age_max": [None], "value": [3.6e6]})
    >>> people = pd.DataFrame({"area": ["AUT"], "sex": ["all"], "age_min": [13], "age_max": [None], "value": [7.8e6]})
    >>> penetration(users, people)["rate"].round(2).tolist()
    [0.46]
    """
    key = ["area", "sex", "age_min", "age_max"]
    joined = _with_ends(users)[[*key, "value"]].merge(
        _with_ends(population)[[*key, "value"]], on=key, suffixes=("_users", "_people")
    )
    joined = joined.sort_values(["age_min", "age_max"], ascending=[True, False]).drop_duplicates(["area", "sex"])
    joined["rate"] = joined["value_users"] / joined["value_people"]
    return joined[["area", "sex", "age_min", "rate"]].reset_index(drop=True)


def _with_ends(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an age for the upper end that is open, so that it joins."""
    return table.assign(
        age_min=table["age_min"].astype("int64"), age_max=table["age_max"].astype("float64").fillna(math.inf)
    )
