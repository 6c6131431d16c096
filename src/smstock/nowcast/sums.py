"""Sums over corridors: the foreign-born of a destination, the emigrants of an origin, all of them.

A sum is taken in each draw (`smstock.nowcast.draws`), and its median and intervals are those of these sums. Three
definitions make the published figures fit together.

*The median of a sum is not the sum of medians.* Errors are skewed: a corridor may be three times its median, and cannot
be three times less than nothing. So the median of a sum exceeds the sum of medians where errors are the corridors' own,
and equals it where they are common. On the sum over one corridor all agree. The mean would add up by itself; it hangs
on the far tail, of which least is known, and is 23 to 64 % too high where no official figure is at hand.

*Women and men* of a sum add up to both sexes in every draw. Their medians nearly do; they are scaled to do so exactly.

*Without and with*: an estimate that no official figure stands beside, or that is doubtful, is indicative. Each sum is
given without such corridors, and with them, from the same draws.

*Places and countries*: a country and its places are never added up. Places count in sums over destinations where their
country was not asked and they are together the whole of it, and the sum over them is that of the country; else each has
a sum of its own and is in no other.

*Parts and whole*: ``benchmarked`` scales the medians by destination (by origin) so that they add up to the median of
the sum over everything, as an office benchmarks a breakdown to its total. A table that shows parts and whole takes this
column; a figure by itself takes the median.
"""

from __future__ import annotations

from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from smstock.compute import ALONE
from smstock.corridors.own_country import abroad
from smstock.errors import UsageError
from smstock.models.quantiles import ENDS, SCORES, knots
from smstock.nowcast.draws import CELL, SEXES, chunks
from smstock.nowcast.reconciled import fitted
from smstock.tables import DIGITS, DOUBTFUL, HELD_BACK, LEVELS, MAGNITUDE, PROVISIONAL, check
from smstock.tables.sums import SUM, WITH, WITHOUT
from smstock.vocabulary.places import is_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smstock.calibrate.common_error import CommonError
    from smstock.compute import Compute

By = Literal["destination", "origin", "all"]
BYS: Final[tuple[By, ...]] = ("destination", "origin", "all")
_GROUPS: Final = {
    "destination": ["destination", "age_min", "age_max", "reference_date"],
    "origin": ["origin", "age_min", "age_max", "reference_date"],
    "all": ["age_min", "age_max", "reference_date"],
}
COUNT: Final = 1000
"""Draws that a sum is made from, unless told."""
SEED: Final = 1


def sums(
    estimates: pd.DataFrame,
    by: Sequence[By] = BYS,
    *,
    covers: Mapping[str, tuple[str, ...]] | None = None,
    common: CommonError | None = None,
    count: int = COUNT,
    seed: int = SEED,
    compute: Compute = ALONE,
) -> pd.DataFrame:
    """Return what corridors add up to, with 50, 80 and 95 % intervals and what is known of how many of them.

    Corridors that are held back, only known to hold "fewer than", or of which nothing is known, are counted and not
    added. A country with itself is no corridor, and not counted. Each sum is given without corridors that have no
    official figure or are doubtful, and with them.

    Parameters
    ----------
    estimates
        Estimate table, one method a corridor.
    by
        What sums are of: each ``destination``, each ``origin``, or ``all`` corridors.
    covers
        Countries with the codes of the places that are together the whole of each; none unless given.
    common
        Errors that corridors have in common; none, unless given, and then sums look surer than they are.
    count, seed, compute
        Of the draws, as for `smstock.nowcast.draws.chunks`.

    Returns
    -------
    pandas.DataFrame
        Table `smstock.tables.sums.SUM`: a row for each sum, without and with indicative ones, and sex; ages and
        reference dates apart.

    Raises
    ------
    ContractError
        A corridor has two rows of one sex, or women or men without the other or the total.
    UsageError
        ``by`` is none of the three, or ``count`` is below 2.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"origin": ["POL", "SRB", "UKR"], "median": [900.0, 100.0, None]})
    >>> for level, factor in {50: 1.5, 80: 2.0, 95: 3.0}.items():
    ...     rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / factor, rows["median"] * factor
    >>> rows = rows.assign(destination="AUT", sex="all", age_min=0, age_max=None, reference_date="2020-10-15")
    >>> rows = rows.assign(regime=["stale", "none", "none"], status="provisional", precision="digits")
    >>> added = sums(rows, ["destination"])
    >>> added[["destination", "origin", "indicative", "estimated", "left_out", "unknown"]].values.tolist()
    [['AUT', '', 'without', 1, 1, 1], ['AUT', '', 'with', 2, 0, 1]]
    >>> added[["sum_of_medians", "median"]].round(-1).values.tolist()
    [[900.0, 900.0], [1000.0, 1010.0]]
    """
    if unknown := [name for name in by if name not in BYS]:
        raise UsageError(f"sums by {', '.join(unknown)} are not made", allowed=", ".join(BYS))
    once = estimates["destination"].isin(counted(estimates["destination"].unique(), covers or {})).to_numpy()
    draw = partial(_sums, common=common, count=count, seed=seed, compute=compute)
    tables = [draw(estimates[once], by)] if once.any() or not len(once) else []
    if "destination" in by:
        for country, codes in together(estimates["destination"].unique(), covers or {}).items():
            of_places = estimates["destination"].isin(codes)
            of_country = draw(estimates[of_places], ["all"]).assign(destination=country, benchmarked=None)
            tables.append(_benchmarked_by_parts(of_country, tables[0][tables[0]["destination"].isin(codes)]))
        if not once.all():
            # each place by itself: it is benchmarked to nothing
            tables.append(draw(estimates[~once], ["destination"]).assign(benchmarked=None))
    return check(pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=SUM.names), SUM)


def counted(destinations: Iterable[str], covers: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the destinations that count in sums over them: countries, and places that are the whole of one not asked.

    Examples
    --------
    >>> sorted(counted(["DEU", "DE-BY", "US-CA", "BE-1", "BE-2"], {"BEL": ("BE-1", "BE-2")}))
    ['BE-1', 'BE-2', 'DEU']
    """
    asked = frozenset(destinations)
    whole = frozenset(code for codes in together(asked, covers).values() for code in codes)
    return frozenset(code for code in asked if code in whole or not is_place(code))


def together(destinations: Iterable[str], covers: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the countries that were not asked, all of whose places were, with the codes of these.

    Examples
    --------
    >>> together(["DEU", "DE-BY", "BE-1", "BE-2"], {"BEL": ("BE-1", "BE-2"), "DEU": ("DE-BY",)})
    {'BEL': ('BE-1', 'BE-2')}
    """
    asked = frozenset(destinations)
    return {country: codes for country, codes in covers.items() if country not in asked and asked.issuperset(codes)}


def _benchmarked_by_parts(sums: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return sums over a country with what its places are benchmarked to, added up."""
    key = ["sex", "indicative", "age_min", "age_max", "reference_date"]
    added = parts.groupby(key, dropna=False)["benchmarked"].sum(min_count=1)
    of_sums = pd.MultiIndex.from_frame(sums[key])
    return sums.assign(benchmarked=added.reindex(of_sums).to_numpy())


def _sums(
    estimates: pd.DataFrame,
    by: Sequence[By],
    *,
    common: CommonError | None,
    count: int,
    seed: int,
    compute: Compute,
) -> pd.DataFrame:
    estimates = _marked(abroad(estimates).reset_index(drop=True))
    totals = estimates[estimates["sex"] == "all"].sort_values(CELL, kind="stable", ignore_index=True)
    groupings = dict.fromkeys((*by, "all"))
    number = {end: totals.groupby(_GROUPS[end], dropna=False).ngroup().to_numpy() for end in groupings}
    of_none = indicative(totals)
    added = {
        (end, which): np.zeros((groups.max(initial=-1) + 1, len(SEXES), count))
        for end, groups in number.items()
        for which in (WITHOUT, WITH)
    }
    for part in chunks(estimates, count=count, seed=seed, common=common, compute=compute):
        persons = np.nan_to_num(part.persons)
        persons[part.floored] = 0.0
        checked = np.where(of_none[part.cells.index][:, None, None], 0.0, persons)
        for end, groups in number.items():
            for which, of_corridors in ((WITHOUT, checked), (WITH, persons)):
                added[end, which] += _added(of_corridors, groups[part.cells.index], len(added[end, which]))
    parts: dict[tuple[By, str], pd.DataFrame] = {}
    for which in (WITHOUT, WITH):
        rows = _known(estimates, which)
        tables = {end: _with_figures(_described(rows, _GROUPS[end]), added[end, which]) for end in groupings}
        for end in dict.fromkeys(by):
            parts[end, which] = _benchmarked(tables[end], tables["all"]).assign(indicative=which)
    both = [parts[end, which] for end in dict.fromkeys(by) for which in (WITHOUT, WITH)]
    table = pd.concat(both, ignore_index=True).reindex(columns=SUM.names)
    return check(table[table["estimated"].notna()], SUM)


def _marked(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return estimates with their marks; a table without any has official figures and digits throughout."""
    marks = {"regime": "stale", "status": PROVISIONAL, "precision": DIGITS}
    return estimates.assign(**{name: mark for name, mark in marks.items() if name not in estimates})


def indicative(rows: pd.DataFrame) -> np.ndarray:
    """Return which rows have no official figure, or one that something speaks against.

    Examples
    --------
    >>> indicative(pd.DataFrame({"regime": ["none", "stale"], "status": "provisional"})).tolist()
    [True, False]
    """
    marked: np.ndarray = (rows["regime"].eq("none") | rows["status"].eq(DOUBTFUL)).to_numpy()
    return marked


def _added(persons: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Return the sum over the corridors of each group, shape (groups, 3, draws)."""
    member = csr_array((np.ones(len(groups)), (groups, np.arange(len(groups)))), shape=(count, len(groups)))
    flat = persons.reshape(len(groups), persons.shape[1] * persons.shape[2])
    added: np.ndarray = (member @ flat).reshape(count, *persons.shape[1:])
    return added


def _known(estimates: pd.DataFrame, which: str) -> pd.DataFrame:
    """Return the rows with what is known of each: exactly one of the five counts is 1."""
    drawn = ~np.isnan(knots(estimates)[:, 0])
    rows = estimates[[*CELL, "sex", "regime", "status", "precision", *ENDS]]
    rows = rows.assign(drawn=drawn, below=estimates["median"].isna())
    of_total = rows.loc[rows["sex"] == "all", [*CELL, "drawn", "below"]]
    rows = rows.drop(columns="below").merge(of_total, on=CELL, how="left", suffixes=("", "_total"))
    drawn = (rows["drawn"] & rows["drawn_total"]).to_numpy(dtype=bool)
    below = rows["below"].to_numpy(dtype=bool)
    held_back = rows["status"].eq(HELD_BACK).to_numpy()
    estimated = drawn & ~below & ~held_back
    left_out = estimated & indicative(rows) & (which == WITHOUT)
    rows = rows.assign(
        estimated=estimated & ~left_out,
        left_out=left_out,
        held_back=held_back,
        floored=drawn & below & ~held_back,
        unknown=~drawn & ~held_back,
    )
    rows["sum_of_medians"] = rows["median"].where(rows["estimated"])
    rows["of_magnitude"] = rows["sum_of_medians"].where(rows["precision"] == MAGNITUDE)
    rows["floored_upper_80"] = rows["upper_80"].where(rows["floored"])
    for level in LEVELS:
        rows[f"lacking_{level}"] = rows["estimated"] & (rows[f"lower_{level}"].isna() | rows[f"upper_{level}"].isna())
    return rows


def _described(rows: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Return how much is known of each group and sex: three rows a group, empty ones where sexes are not there."""
    counts = ["estimated", "left_out", "held_back", "floored", "unknown", *(f"lacking_{level}" for level in LEVELS)]
    members = rows.groupby([*groups, "sex"], dropna=False)
    ends = members[["sum_of_medians", "of_magnitude", "floored_upper_80"]].sum(min_count=1)
    described = members[counts].sum().join(ends).reset_index()
    mostly = described["of_magnitude"].fillna(0.0) > described["sum_of_medians"] / 2
    described["precision"] = np.where(described["estimated"] > 0, np.where(mostly, MAGNITUDE, DIGITS), "")
    every = described[groups].drop_duplicates().merge(pd.DataFrame({"sex": SEXES}), how="cross")
    return every.merge(described, on=[*groups, "sex"], how="left")


def _with_figures(table: pd.DataFrame, added: np.ndarray) -> pd.DataFrame:
    """Give each sum its median and intervals; medians of women and men add up where they cover the same corridors."""
    quantiles = np.quantile(added, [NormalDist().cdf(score) for score in SCORES], axis=2, method="hazen")
    known = (table["estimated"] > 0).to_numpy(dtype=bool)
    for name, values in zip(ENDS, quantiles.reshape(len(ENDS), -1), strict=True):
        table[name] = np.where(known, values, np.nan)
    for level in LEVELS:
        table.loc[table[f"lacking_{level}"] > 0, [f"lower_{level}", f"upper_{level}"]] = np.nan
    median = _by_sex(table, "median")
    parts = median[:, 1:].sum(axis=1)
    scaled = _complete(table) & (parts > 0)
    median[scaled, 1:] *= (median[scaled, 0] / parts[scaled])[:, None]
    return table.assign(median=median.ravel())


def _by_sex(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column with shape (groups, 3), in the order of the sexes."""
    return table[column].to_numpy(dtype=float).reshape(-1, len(SEXES)).copy()


def _complete(table: pd.DataFrame) -> np.ndarray:
    """Return for each group whether its women and men are known of all corridors that its total is known of."""
    estimated = _by_sex(table, "estimated")
    complete: np.ndarray = (estimated > 0).all(axis=1) & (estimated == estimated[:, :1]).all(axis=1)
    return complete


def _benchmarked(table: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """Scale the medians of the groups of each age group and date to those of their whole."""
    benchmarked = np.full(len(table), np.nan)
    stratum, of_whole = (sums.groupby(_GROUPS["all"], dropna=False).ngroup().to_numpy() for sums in (table, whole))
    for number in np.unique(stratum):
        benchmarked[stratum == number] = _raked(table[stratum == number], whole[of_whole == number])
    return table.assign(benchmarked=benchmarked)


def _raked(table: pd.DataFrame, whole: pd.DataFrame) -> np.ndarray:
    """Return medians of groups that add up: totals to the whole, sexes to these totals and the sexes of the whole."""
    median, target = _by_sex(table, "median"), _by_sex(whole, "median")[0]
    some = ~np.isnan(median[:, 0])
    total = median[some, 0]
    median[some, 0] = total * (target[0] / total.sum() if total.sum() > 0 else 1.0)
    if not _complete(table)[some].all():
        median[:, 1:] = np.nan
        return median.ravel()
    median[some, 1:] = fitted(median[some, 1:], median[some, :1], target[1:])
    return median.ravel()
