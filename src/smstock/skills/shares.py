"""Shares of categories among the members of each corridor, as draws: what is known, and how well.

A dimension of which each member has one category is a composition, and a share is of those who stated it: nearly all
for ages. Of skills, fields and degrees a member may have several, and of seniorities, functions and industries as many
as positions (seniorities within a company size add up to more than all members of that size in 37 % of large cells):
each category is a composition of its own, those who have it and the rest, and a share is of all members. So is a
category of a dimension whose other categories were not counted (`smstock.skills.compositions`).
See `smstock.skills.pooling` for the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.compute import ALONE
from smstock.errors import TooFewCellsError
from smstock.skills.members import KEY
from smstock.skills.pooling import Belief, believe
from smstock.tables import CORRIDOR_KEY, LEVELS

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    from smstock.compute import Compute

    Numbers = npt.NDArray[np.float64]

COMPOSITIONS: Final = ("sex", "age", "experience")
"""Dimensions of which a member has one category; of the others it may have several."""

OF_STATED: Final = "stated"
"""Base of the shares of a composition: members who are in one of the categories asked for."""
OF_MEMBERS: Final = "members"
"""Base of all other shares: all members of the corridor."""

DRAWS: Final = 2000
"""Draws unless said otherwise; the ends of an 80 % interval are then known to about 0.04 standard deviations."""

_ENDS: Final = ("lower", "upper")


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of categories as draws from what is believed of them.

    Parameters
    ----------
    table
        The columns of `smstock.skills.members.COLUMNS`; ``base``, whom a share is of; ``size``, how many these are:
        the whole of the corridor, or the sum of the categories that are above the floor; ``whole``, all members of the
        corridor, missing if they were not counted.
    draws
        Shape (draws, rows of the table); missing where nothing is known. Draws of one number belong together.
    """

    table: pd.DataFrame
    draws: Numbers

    def of(self, **values: str) -> Shares:
        """Return the rows that have these values."""
        chosen = np.logical_and.reduce([self.table[name] == value for name, value in values.items()])
        return Shares(self.table[chosen].reset_index(drop=True), self.draws[:, chosen])


def shares(
    members: pd.DataFrame,
    rng: np.random.Generator,
    draws: int = DRAWS,
    compositions: Collection[str] = COMPOSITIONS,
    compute: Compute = ALONE,
) -> Shares:
    """Return the shares of all categories of all corridors, and of everybody at the destinations.

    Corridors learn from each other, everybody (no origin) from everybody elsewhere; each dimension and sex by itself.
    A share needs an answer for its category, and one category of its corridor above the floor. Rows of the home stock
    and of wholes are left out.

    Parameters
    ----------
    members
        Table of `smstock.skills.members.members`.
    rng
        Source of randomness.
    draws
        How many.
    compositions
        Dimensions whose shares are of those in one of the categories; of others they are of all members.
    compute
        What compositions are spread over; no draw depends on it.

    Raises
    ------
    TooFewCellsError
        No corridor has a category above the floor.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rows = [("", "", 10500.0), ("age", "18-34", 5950.0), ("age", "35+", 1950.0), ("seniority", "entry", 5250.0)]
    >>> table = pd.DataFrame(rows, columns=["dimension", "category", "lower"]).assign(destination="DEU", origin="ROU",
    ...     sex="all", upper=lambda rows: rows["lower"] + 100, value=lambda rows: rows["lower"] + 50, status="observed")
    >>> drawn = shares(table, np.random.default_rng(1))
    >>> summary(drawn)[["category", "base", "share"]].round(2).to_numpy().tolist()
    [['18-34', 'stated', 0.75], ['35+', 'stated', 0.25], ['entry', 'members', 0.5]]
    """
    counts = members[members["destination"] != members["origin"]]
    tables: list[pd.DataFrame] = []
    groups: list[list[_Composition]] = []
    for (dimension, sex, everybody), rows in counts.groupby(
        [counts["dimension"], counts["sex"], counts["origin"] == ""], sort=True
    ):
        if not dimension:
            continue
        wholes = counts[(counts["dimension"] == "") & (counts["sex"] == sex) & ((counts["origin"] == "") == everybody)]
        wholes = wholes.set_index(CORRIDOR_KEY)[["value", *_ENDS]].reindex(rows.set_index(CORRIDOR_KEY).index)
        group = rows.assign(whole=wholes["value"].to_numpy(dtype=float))
        if dimension in compositions:
            size = group.groupby(CORRIDOR_KEY)["value"].transform("sum", min_count=1)
            tables.append(group.assign(base=OF_STATED, size=size))
            groups.append([_composition(group, wholes)])
        else:
            tables.append(group.assign(base=OF_MEMBERS, size=group["whole"]))
            groups.append(_single_categories(group, wholes))
    beliefs = iter(compute.spread(_believed, [composition for group in groups for composition in group]))
    parts = []
    for of_group, compositions_of in zip(tables, groups, strict=True):
        # the randomness of one follows that of the other, so that it is drawn here
        known = [(composition, next(beliefs)) for composition in compositions_of]
        drawn = [(*pair, pair[1].draw(rng, draws) if pair[1] else np.empty((draws, 0, 0))) for pair in known]
        part = np.full((draws, len(of_group)), np.nan)
        for composition, of_rows in zip(compositions_of, compute.spread(_shared, drawn), strict=True):
            part[:, composition.places] = of_rows
        parts.append(part)
    if not parts or not any(np.isfinite(part).any() for part in parts):
        raise TooFewCellsError("no corridor has a category above the floor", hint="ask for fewer, wider categories")
    table = pd.concat(tables, ignore_index=True)
    order = table.sort_values(list(KEY), kind="stable").index.to_numpy()
    return Shares(table.loc[order].reset_index(drop=True), np.concatenate(parts, axis=1)[:, order])


@dataclass(frozen=True, eq=False)
class _Composition:
    """Counts by corridor and category, and the rows of a table whose shares they give.

    Attributes
    ----------
    lower, upper
        Shape (corridors, categories).
    corridors
        Destination and origin of each.
    places
        Rows of the table.
    row, column
        Corridor and category of each of these rows.
    answered
        Which of them had an answer.
    """

    lower: Numbers
    upper: Numbers
    corridors: pd.DataFrame
    places: np.ndarray
    row: np.ndarray
    column: np.ndarray
    answered: np.ndarray

    @property
    def observed(self) -> np.ndarray:
        """Which corridors have a count above the floor."""
        observed: np.ndarray = np.nanmax(np.where(self.lower > 0, self.lower, 0.0), axis=1) > 0
        return observed


def _composition(group: pd.DataFrame, wholes: pd.DataFrame) -> _Composition:
    """Return the composition of a dimension's categories among those who have one of them.

    All of them together are not more than the whole of the corridor: below the floor that may be the nearer bound.
    """
    row, corridors = pd.factorize(pd.MultiIndex.from_frame(group[CORRIDOR_KEY]))
    column, categories = pd.factorize(group["category"])
    lower, upper = (np.full((len(corridors), len(categories)), np.nan) for _ in _ENDS)
    lower[row, column], upper[row, column] = (group[end].to_numpy(dtype=float) for end in _ENDS)
    most = np.full((len(corridors), 1), np.inf)
    most[row, 0] = wholes["upper"].fillna(np.inf)
    left = np.maximum(most - np.nansum(lower, axis=1, keepdims=True), 1.0)
    upper = np.where(lower == 0, np.minimum(upper, left), upper)
    names = pd.DataFrame([*corridors], columns=CORRIDOR_KEY)
    return _Composition(lower, upper, names, np.arange(len(group)), row, column, group["upper"].notna().to_numpy())


def _single_categories(group: pd.DataFrame, wholes: pd.DataFrame) -> list[_Composition]:
    """Return the compositions of categories that a member may have several of, each against the rest.

    A count below the floor says of a share no more than that it is less than the floor over the whole: the rest is then
    that beside the largest count that would be hidden.
    """
    compositions = []
    places = np.arange(len(group))
    for category in group["category"].unique():
        of_category = (group["category"] == category).to_numpy()
        rows = group[of_category].set_index(CORRIDOR_KEY)[list(_ENDS)]
        ends_of_all = wholes[of_category]
        lower, upper = (rows[end].to_numpy(dtype=float) for end in _ENDS)
        rest_lower = np.maximum(ends_of_all["lower"].to_numpy(dtype=float) - upper, 0)
        fewest = np.where(lower == 0, upper, lower)
        rest_upper = np.maximum(ends_of_all["upper"].to_numpy(dtype=float) - fewest, 1)
        # where the whole is at the floor nothing can be a share of it
        known = ends_of_all["lower"].to_numpy(dtype=float) > 0
        low, high = (
            np.where(known[:, None], np.column_stack(pair), np.nan)
            for pair in ((lower, rest_lower), (upper, rest_upper))
        )
        one_each, first = np.arange(len(rows)), np.zeros(len(rows), dtype=int)
        names = rows.index.to_frame(index=False)
        compositions.append(_Composition(low, high, names, places[of_category], one_each, first, np.isfinite(upper)))
    return compositions


def _believed(composition: _Composition) -> Belief | None:
    """Return what the corridors with a count above the floor say, None where there is none."""
    observed = composition.observed
    if not observed.any():
        return None
    destinations, origins = (composition.corridors[end][observed].tolist() for end in CORRIDOR_KEY)
    return believe(composition.lower[observed], composition.upper[observed], origins, destinations)


def _shared(drawn: tuple[_Composition, Belief | None, Numbers]) -> Numbers:
    """Return draws of the share of each row of a composition, missing where nothing is known."""
    composition, belief, draws = drawn
    theta = np.full((len(draws), *composition.lower.shape), np.nan)
    if belief:
        theta[:, composition.observed] = belief.exact(draws)
    part = _softmax(theta)[:, composition.row, composition.column]
    return np.where(composition.answered, part, np.nan)


def _softmax(theta: Numbers) -> Numbers:
    size = np.exp(theta - theta.max(axis=-1, keepdims=True))
    part: Numbers = size / size.sum(axis=-1, keepdims=True)
    return part


def summary(shares: Shares) -> pd.DataFrame:
    """Return the table with the median of each share and its intervals of 50, 80 and 95 %.

    Where the count is below the floor, the share is missing, lower ends are 0, and the upper end of level L is what the
    share stays below with L % probability: fewer than, and no guess how many.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> table = pd.DataFrame({"category": ["entry", "cxo"], "lower": [5000.0, 0.0]})
    >>> medians = summary(Shares(table, np.column_stack([np.linspace(0.8, 1, 101), np.linspace(0, 0.2, 101)])))
    >>> medians[["category", "share", "lower_80", "upper_80"]].round(2).to_numpy().tolist()
    [['entry', 0.9, 0.82, 0.98], ['cxo', nan, 0.0, 0.16]]
    """
    floored = (shares.table["lower"] == 0).to_numpy()
    known = np.isfinite(shares.draws).all(axis=0)
    table = shares.table.assign(share=np.where(floored, np.nan, np.median(shares.draws, axis=0)))
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        low, high, below = np.quantile(shares.draws, [tail, 1 - tail, level / 100], axis=0)
        table[f"lower_{level}"] = np.where(floored & known, 0.0, low)
        table[f"upper_{level}"] = np.where(floored, below, high)
    return table
