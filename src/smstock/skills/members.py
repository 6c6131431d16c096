"""Members of a network by dimension: the rows of an audience table that a skill profile is made from."""

from __future__ import annotations

from typing import Final

import pandas as pd

from smstock.errors import InputError
from smstock.vocabulary.facets import DIMENSIONS, Ages

KEY: Final = ("destination", "origin", "sex", "dimension", "category")
"""What identifies a count of members; without origin it is everybody, without dimension the whole."""

COLUMNS: Final = (*KEY, "value", "lower", "upper", "status")


def members(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of members of one wave by dimension: the columns of `COLUMNS`, a row a cell.

    Kept are rows of the widest ages of the table. Women and men become the dimension ``sex`` as well, and age groups
    the dimension ``age``, of both sexes together. A row whose destination is its origin is of the home stock.

    Parameters
    ----------
    audience
        Audience table of one platform, wave, metric and origin basis.

    Raises
    ------
    InputError
        The table has no row by dimension, or is of several waves, metrics or bases.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("all", "", "", 9000.0), ("female", "", "", 4000.0), ("all", "skill", "nursing", 1200.0)]
    >>> table = pd.DataFrame(rows, columns=["sex", "dimension", "category", "value"]).assign(
    ...     platform="linkedin", metric="total", wave="2026-11", origin_basis="school_country", destination="DEU",
    ...     origin="ROU", age_min=18, age_max=None, education="", relationship="", lower=1.0, upper=2.0,
    ...     status="observed")
    >>> members(table)[["sex", "dimension", "category", "value"]].to_numpy().tolist()[1:]
    [['all', 'sex', 'female', 4000.0], ['all', 'skill', 'nursing', 1200.0], ['female', '', '', 4000.0]]
    """
    rows = audience[(audience["education"] == "") & (audience["relationship"] == "")]
    _check_one_of_each(rows)
    ages = [
        Ages(int(low), None if pd.isna(high) else int(high))
        for low, high in zip(rows["age_min"], rows["age_max"], strict=True)
    ]
    widest = [age_range for age_range in set(ages) if all(age_range.holds(narrower) for narrower in ages)]
    if not widest:
        raise InputError("no age range of the audience holds all others", hint="ask for the whole of ages as well")
    rows = rows.assign(ages=[str(age_range) for age_range in ages])
    widest_rows = rows[rows["ages"] == str(widest[0])]
    plain = rows[(rows["dimension"] == "") & (rows["category"] == "")]
    sexes = widest_rows[(widest_rows["dimension"] == "") & (widest_rows["sex"] != "all")]
    sexes = sexes.assign(dimension="sex", category=sexes["sex"], sex="all")
    groups = plain[(plain["ages"] != str(widest[0])) & (plain["sex"] == "all")]
    groups = _disjoint(groups).assign(dimension="age", category=groups["ages"])
    counts = pd.concat([widest_rows, sexes, groups], ignore_index=True)[list(COLUMNS)]
    return counts.sort_values(list(KEY), kind="stable", ignore_index=True)


def _check_one_of_each(rows: pd.DataFrame) -> None:
    if not (rows["dimension"] != "").any():
        raise InputError(
            "the wave holds no audience by dimension",
            allowed=f"a query with breakdowns by {', '.join(DIMENSIONS)}",
            hint="LinkedIn offers dimensions; Meta does not",
        )
    for name in ("platform", "wave", "metric", "origin_basis"):
        values = sorted(set(rows[name].unique()) - {""})
        if len(values) > 1:
            raise InputError(f"the audience table is of several values of {name}: {', '.join(values)}")


def _disjoint(groups: pd.DataFrame) -> pd.DataFrame:
    """Return age groups as they are; groups that overlap are no composition."""
    ages = [Ages.parse(text) for text in groups["ages"].unique()]
    for one in ages:
        for other in ages:
            if one < other and (one.maximum is None or other.minimum <= one.maximum):
                return groups.iloc[:0]
    return groups
