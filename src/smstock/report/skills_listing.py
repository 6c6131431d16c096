"""A skill profile as people read it: dimensions in a fixed order, categories by size or by age, shares in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import InputError
from smstock.report import wording
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

DIMENSIONS: Final = {
    "sex": "Sex",
    "age": "Age",
    "degree": "Degree",
    "field_of_study": "Field of study",
    "experience": "Years of experience",
    "early_career": "Early career",
    "seniority": "Seniority",
    "function": "Function",
    "industry": "Industry",
    "skill": "Skill",
}
"""The dimensions in the order in which they are shown, and what stands above them."""

BASES: Final = {"stated": "of stated", "members": "of all members"}
"""Whom a share is of, in short; `bases_explained` says it in full."""
_BASES_EXPLAINED: Final = {
    "stated": "Of stated: of the members in one of the categories.",
    "members": "Of all members: also of those in none of the categories; one may be in several.",
}

BELOW: Final = "<: the count is below the platform's floor, and the share with 80 % probability below this."
"""Says what a bound is."""

ROUNDED: Final = "as the platform rounds them."
"""Says of a number of members that it is no exact one."""

MORE: Final = "▲"
"""Marks a quotient whose 80 % interval lies above 1, or a change above 0."""
FEWER: Final = "▼"
"""Marks one that lies below."""

_BY_YEARS: Final = ("age", "experience", "early_career")


def listing(profile: pd.DataFrame, destination: str, origin: str) -> pd.DataFrame:
    """Return the rows of one corridor, both sexes together, in reading order, with everybody's share as ``everybody``.

    Dimensions follow `DIMENSIONS`; ages and experience go up, other categories down by share, those below the floor
    last.

    Parameters
    ----------
    profile
        Skill profile table of one wave.
    destination, origin
        The corridor.

    Raises
    ------
    InputError
        The profile does not hold the corridor.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("", "entry", 0.2), ("", "cxo", 0.1), ("ROU", "entry", 0.3), ("ROU", "cxo", 0.4)]
    >>> profile = pd.DataFrame(rows, columns=["origin", "category", "share"]).assign(destination="DEU", sex="all",
    ...     dimension="seniority", upper_80=None)
    >>> listing(profile, "DEU", "ROU")[["category", "share", "everybody"]].to_numpy().tolist()
    [['cxo', 0.4, 0.1], ['entry', 0.3, 0.2]]
    """
    residents = profile[(profile["destination"] == destination) & (profile["sex"] == "all")]
    rows = residents[residents["origin"] == origin]
    if rows.empty:
        raise InputError(
            f"the profile holds no one from {wording.country(origin)} in {wording.country(destination)}",
            allowed=", ".join(f"{whence} in {where}" for where, whence in corridors(profile)),
        )
    key = ["dimension", "category"]
    everybody = residents[residents["origin"] == ""].set_index(key)["share"].rename("everybody")
    rows = rows.drop(columns="everybody", errors="ignore").join(everybody, on=key)
    order = [*DIMENSIONS]
    rows = rows.assign(
        _dimension=[order.index(name) for name in rows["dimension"]],
        _place=[
            _first_number(category) if dimension in _BY_YEARS else -share if wording.known(share) else 1
            for dimension, category, share in zip(rows["dimension"], rows["category"], rows["share"], strict=True)
        ],
    )
    rows = rows.sort_values(["_dimension", "_place", "category"], ignore_index=True)
    return rows.drop(columns=["_dimension", "_place"])


def side_by_side(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row of each category that any corridor has, in reading order, out of the listings of several.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("seniority", "cxo"), ("skill", "sales"), ("seniority", "cxo"), ("seniority", "entry")]
    >>> side_by_side(pd.DataFrame(rows, columns=["dimension", "category"]))["category"].tolist()
    ['cxo', 'entry', 'sales']
    """
    order = [*DIMENSIONS]
    rows = rows.drop_duplicates(["dimension", "category"])
    return rows.sort_values("dimension", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)


def corridors(profile: pd.DataFrame) -> list[tuple[str, str]]:
    """Return destination and origin of every corridor of a profile.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors(pd.DataFrame({"destination": "DEU", "origin": ["", "ROU", "ROU"]}))
    [('DEU', 'ROU')]
    """
    rows = profile.loc[profile["origin"] != "", CORRIDOR_KEY].drop_duplicates()
    return [(where, whence) for where, whence in rows.itertuples(index=False)]


def members_of(profile: pd.DataFrame, destination: str, origin: str) -> float:
    """Return the most members that shares of a corridor are of: by it corridors are put in order.

    Examples
    --------
    >>> import pandas as pd
    >>> members_of(pd.DataFrame({"destination": "DEU", "origin": "ROU", "sex": "all",
    ...                          "base_members": [400.0, 900.0]}), "DEU", "ROU")
    900.0
    """
    rows = profile[(profile["destination"] == destination) & (profile["origin"] == origin) & (profile["sex"] == "all")]
    return float(rows["base_members"].max()) if rows["base_members"].notna().any() else 0.0


def dimension(name: str, base: str = "") -> str:
    """Return the name of a dimension in words, and of whom its shares are.

    Examples
    --------
    >>> dimension("field_of_study"), dimension("age", "stated")
    ('Field of study', 'Age, of stated')
    """
    words = DIMENSIONS.get(name, name)
    return f"{words}, {BASES[base]}" if base else words


def heading(rows: pd.DataFrame) -> str:
    """Return what stands above the rows of a dimension of a corridor: whom shares are of, and how many of all.

    Rounded counts may add up to more than all.

    Examples
    --------
    >>> import pandas as pd
    >>> heading(pd.DataFrame({"dimension": ["age"], "base": ["stated"], "base_share": [0.968]}))
    'Age, of stated (97 % of all)'
    """
    name, base, of_all = rows.iloc[0][["dimension", "base", "base_share"]]
    counted = f" ({share(min(of_all, 1.0))} of all)" if base == "stated" and wording.known(of_all) else ""
    return f"{dimension(name, base)}{counted}"


def roundings_explained(profile: pd.DataFrame) -> str:
    """Return how many of the counts of a profile have more digits than two, and what that means; empty if none.

    Examples
    --------
    >>> import pandas as pd
    >>> roundings_explained(pd.DataFrame({"rounding": ["two_digits", "", "more_digits"]}))
    '1 of 2 counts has more than two digits: it may be a unit of its last digit other than 0 off.'
    """
    rounded = profile.loc[profile["rounding"] != "", "rounding"]
    finer = int((rounded == "more_digits").sum())
    if not finer:
        return ""
    has = (
        "has more than two digits: it may be a unit of its"
        if finer == 1
        else ("have more than two digits: each may be a unit of its")
    )
    return f"{finer:,} of {len(rounded):,} counts {has} last digit other than 0 off."


def bases_explained(profile: pd.DataFrame) -> str:
    """Return what the bases of the shares of a profile mean.

    Examples
    --------
    >>> import pandas as pd
    >>> bases_explained(pd.DataFrame({"base": ["stated", "stated"]}))
    'Of stated: of the members in one of the categories.'
    """
    return " ".join(text for base, text in _BASES_EXPLAINED.items() if (profile["base"] == base).any())


def category(text: str) -> str:
    """Return the name of a category as a query wrote it, in words.

    Examples
    --------
    >>> category("project_management"), category("female"), category("12-and-more")
    ('project management', 'women', '12 and more')
    >>> category("25-34") == f"25{wording.DASH}34"
    True
    """
    text = {"female": "women", "male": "men"}.get(text, text)
    return re.sub(r"(?<=\d)-(?=\d)", wording.DASH, text).replace("_", " ").replace("-", " ")


def share(number: float | None) -> str:
    """Return a share in percent, with a decimal below 10 %.

    Examples
    --------
    >>> share(0.334), share(0.0421), share(None)
    ('33 %', '4.2 %', '')
    """
    return f"{_percent(number)} %" if number is not None and wording.known(number) else ""


def share_text(row: Mapping[Any, Any]) -> str:
    """Return the share of a row in words: the median, a bound below the floor, or that there was no answer.

    Examples
    --------
    >>> share_text({"share": None, "upper_80": 0.021}), share_text({"share": None, "upper_80": None})
    ('<2.1 %', 'not known')
    """
    if wording.known(row["share"]):
        return share(row["share"])
    return f"<{share(row['upper_80'])}" if wording.known(row["upper_80"]) else "not known"


def members(row: Mapping[Any, Any]) -> str:
    """Return how many members a count may be, from its lower to its upper end; below the floor a bound.

    Examples
    --------
    >>> members({"members_lower": 6400.0, "members_upper": 6500.0}).split(wording.DASH)
    ['6,400', '6,500']
    >>> members({"members_lower": 0.0, "members_upper": 300.0}), members({"members_lower": None, "members_upper": None})
    ('<300', '')
    """
    lower, upper = (wording.count(row[f"members_{end}"]) for end in ("lower", "upper"))
    if not upper:
        return ""
    return f"{lower}{wording.DASH}{upper}" if row["members_lower"] else f"<{upper}"


def interval(row: Mapping[Any, Any], level: int = 80) -> str:
    """Return the interval of a share in percent, with a decimal where it is small or narrow; empty for a bound.

    Examples
    --------
    >>> interval({"share": 0.33, "lower_80": 0.31, "upper_80": 0.352}).split(wording.DASH)
    ['31', '35 %']
    """
    if not wording.known(row["share"]):
        return ""
    lower, upper = 100 * row[f"lower_{level}"], 100 * row[f"upper_{level}"]
    digits = 1 if lower < 9.95 or round(lower) == round(upper) else 0
    return f"{lower:.{digits}f}{wording.DASH}{upper:.{digits}f} %"


def quotient(row: Mapping[Any, Any], name: str) -> str:
    """Return a quotient with its mark where its 80 % interval does not hold 1.

    Examples
    --------
    >>> row = {"location_quotient": 1.214, "location_quotient_lower_80": 1.1, "location_quotient_upper_80": 1.3}
    >>> quotient(row, "location_quotient")
    '1.21 ▲'
    """
    if not wording.known(row[name]):
        return ""
    return f"{wording.ratio(row[name])} {mark(row, name)}"


def mark(row: Mapping[Any, Any], name: str = "location_quotient") -> str:
    """Return the mark of a quotient: its 80 % interval is above 1, below 1, or (a space) holds it.

    Examples
    --------
    >>> mark({"location_quotient_lower_80": 0.7, "location_quotient_upper_80": 0.9})
    '▼'
    """
    if row[f"{name}_lower_80"] > 1:
        return MORE
    return FEWER if row[f"{name}_upper_80"] < 1 else " "


def change(row: Mapping[Any, Any]) -> str:
    """Return a change in percentage points, with its mark where its 80 % interval does not hold 0.

    Examples
    --------
    >>> change({"change": 0.0123, "change_lower_80": 0.004, "change_upper_80": 0.02})
    '+1.2 ▲'
    """
    if not wording.known(row["change"]):
        return ""
    points = round(100 * row["change"], 1)
    sign = wording.MINUS if points < 0 else "+" if points > 0 else ""
    direction = MORE if row["change_lower_80"] > 0 else FEWER if row["change_upper_80"] < 0 else " "
    return f"{sign}{abs(points):.1f} {direction}"


def _percent(number: float) -> str:
    return f"{100 * number:.0f}" if number >= 0.0995 else f"{100 * number:.1f}"


def _first_number(text: str) -> int:
    number = re.search(r"\d+", text)
    return int(number[0]) if number else 1000
