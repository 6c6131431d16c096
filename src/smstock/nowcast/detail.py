"""Estimates by sex and age, or by education: totals divided by shares, with the uncertainty of both.

A group's estimate is its expected share of the total's estimate, so that groups add up to the total. Where women and
men have estimates of their own, shares are taken within each. The interval of a group comes from draws: those of the
total (`smstock.nowcast.draws`), which keep its own interval, times draws of the shares. Where the expected share lies
beyond an end of its interval, as that of a rare group may, the end is moved to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.compute import ALONE
from smstock.errors import UsageError, meant
from smstock.models.shares.compositions import GROUP, compositions
from smstock.nowcast.draws import SEXES, chunks
from smstock.nowcast.schooling import as_learnt, unmeasured, with_sources
from smstock.tables import CORRIDOR_KEY, ESTIMATE, HELD_BACK, LEVELS, check
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.calibrate.common_error import CommonError
    from smstock.calibrate.shares import LearntShares
    from smstock.compute import Compute
    from smstock.models.shares.compositions import Compositions
    from smstock.nowcast.group_sums import GroupSums

FACETS: Final = ("sex", "age", "education")
"""What estimates can be divided by."""
COUNT: Final = 1000
AT_ONCE: Final = 200
"""Corridors at a time: 200 of 20 groups and 1,000 draws are 32 MB."""
DECIMALS: Final = 3
"""Ends of intervals are told to a thousandth of a person: that of a rare group may be 1e-38."""
_IN_PART: Final = "accounts of one sex are below the floor: part of its share comes from pooling"
_STREAM: Final = 4
"""The stream of randomness of shares, beside those of totals."""


def require(by: Sequence[str]) -> None:
    """Raise `UsageError` where estimates cannot be divided by some facets; `sex` alone divides nothing further.

    Examples
    --------
    >>> require(["sex", "age"])
    >>> require(["income"])
    Traceback (most recent call last):
    smstock.errors.UsageError: estimates are not divided by income
      allowed: sex, age, education
    """
    if unknown := [facet for facet in by if facet not in FACETS]:
        raise UsageError(
            f"estimates are not divided by {', '.join(unknown)}",
            allowed=", ".join(FACETS),
            hint=meant(unknown[0], FACETS),
        )
    if "education" in by and len(set(by)) > 1:
        raise UsageError(
            "estimates are not divided by education and sex or age at once",
            allowed="education alone; sex, age, or both",
            hint="few offices cross education with them by origin: run the one after the other",
        )


def detail(
    estimates: pd.DataFrame,
    groups: pd.DataFrame,
    learnt: LearntShares,
    by: Sequence[str],
    *,
    common: CommonError | None = None,
    count: int = COUNT,
    seed: int = 1,
    sums: GroupSums | None = None,
    compute: Compute = ALONE,
) -> pd.DataFrame:
    """Return the estimates of groups: rows of the estimate table, of corridors that have an estimate.

    Parameters
    ----------
    estimates
        Estimate table of the wave: totals, and women and men where they are known.
    groups
        Groups table of the wave.
    learnt
        The method of shares.
    by
        Facets to divide by: age, sex and age, or education. Women and men have estimates of their own.
    common, count, seed, compute
        Of the draws of totals, as for `smstock.nowcast.draws.chunks`.
    sums
        What the groups are added to, from the same draws; none unless given.

    Raises
    ------
    UsageError
        A facet is unknown, or was not asked; or the groups are not those that the method learnt.

    Examples
    --------
    >>> from smstock.calibrate.shares import LearntShares
    >>> from smstock.tables import ESTIMATE
    >>> pair = {"destination": "AUT", "origin": "SRB", "age_min": 18, "age_max": None, "education": ""}
    >>> total = dict.fromkeys(ESTIMATE.names, "") | pair | {"sex": "all", "median": 100.0, "audience": None}
    >>> total |= {f"{end}_{level}": 100.0 for end in ("lower", "upper") for level in (50, 80, 95)}
    >>> total |= {"official_last": None, "skill_vs_carry_forward": None, "reference_date": "2020-01-01"}
    >>> total |= {"wave": "2020-01", "regime": "none", "status": "provisional", "method": "log_linear", "reason": "r"}
    >>> accounts = {"audience": [60.0, 40.0], "audience_upper": [60.0, 40.0], "audience_status": "observed"}
    >>> missing = dict.fromkeys(["users", "population", "official", "stock"]) | {"official_basis": ""}
    >>> ages = {"sex": "all", "age_min": [18, 45], "age_max": [44, None]}
    >>> groups = pd.DataFrame(pair | ages | accounts | missing | {"official_date": ""})
    >>> labels = (("all", 18, 44, ""), ("all", 45, None, ""))
    >>> kept = LearntShares("official_shares", {"usual": {"": (0.6, 0.4)}}, labels, ())
    >>> detail(pd.DataFrame([total | {"calibration_id": "c"}]), groups, kept, ["age"])["median"].round(6).tolist()
    [60.0, 40.0]
    """
    require(by)
    of = compositions(groups)
    if of.groups != learnt.groups:
        raise UsageError(
            "the groups of the wave are not those that the shares were learnt of",
            hint="calibrate on a wave that asks the same age groups",
        )
    labels = _labels(of, by)
    listed = list(dict.fromkeys(labels))
    member = np.array([[label == other for other in listed] for label in labels], dtype=float)
    pairs = zip(of.destination.tolist(), of.origin.tolist(), strict=True)
    known = as_learnt(of, groups, learnt)
    shares = learnt.expected(known)
    divisible = np.isfinite(shares).all(axis=1)
    numbered = {pair: number for number, pair in enumerate(pairs) if divisible[number]}
    parts: list[pd.DataFrame] = []
    divided = estimates[estimates["status"] != HELD_BACK]
    rng = np.random.default_rng([seed, _STREAM])
    for drawn in chunks(divided, count=count, seed=seed, common=common, corridors=AT_ONCE, compute=compute):
        ends = (drawn.cells[end].astype(str) for end in CORRIDOR_KEY)
        names = list(zip(*ends, strict=True))
        rows = np.array([numbered.get(name, -1) for name in names])
        usable = (rows >= 0) & ~drawn.floored
        if not usable.any():
            continue
        rows = rows[usable]
        taken, behind, share = of.taken(rows), known.taken(rows), shares[rows]
        medians = _medians(divided, [name for name, use in zip(names, usable, strict=True) if use])
        drawn_shares = learnt.draws(behind, share, medians[:, 0], count, rng)
        persons = drawn.persons[usable]
        sexes = np.array([group[0] for group in of.groups])
        expected = _divided(share[:, :, None], medians[:, :, None], sexes)[:, :, 0] @ member
        drawn_groups = _grouped(_divided(drawn_shares, persons, sexes), member)
        parts.append(_table(taken, learnt.methods(behind), listed, expected, drawn_groups))
        if sums is not None:
            of_totals = _grouped(_divided(share[:, :, None], persons, sexes), member)
            corridors = list(zip(taken.destination.tolist(), taken.origin.tolist(), strict=True))
            sums.add(corridors, listed, expected, of_totals, drawn_groups, alone=unmeasured(taken, learnt))
    if not parts:
        return check(pd.DataFrame(columns=ESTIMATE.names), ESTIMATE)
    return _finished(pd.concat(parts, ignore_index=True), divided, learnt, groups, by)


def _labels(of: Compositions, by: Sequence[str]) -> list[tuple[str, int, int | None, str]]:
    """Return sex, ages and education under which each group is listed: all where estimates are not divided by sex."""
    if "education" in by:
        return list(of.groups)
    if len({group[1:3] for group in of.groups}) < 2:
        raise UsageError(
            "the query does not ask its corridors by age, so that nothing is known by age",
            hint='add "age" to breakdowns of the query, and age_groups',
        )
    return [(sex if "sex" in by else "all", low, high, level) for sex, low, high, level in of.groups]


def _medians(estimates: pd.DataFrame, names: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return the medians of total, women and men of some corridors."""
    wide = estimates.pivot_table(index=CORRIDOR_KEY, columns="sex", values="median", aggfunc="first")
    wide = wide.reindex(columns=list(SEXES)).reindex(pd.MultiIndex.from_tuples(names))
    return wide.to_numpy(dtype=float)


def _divided(shares: np.ndarray, persons: np.ndarray, sexes: np.ndarray) -> np.ndarray:
    """Return persons of each group: shares of women among women and of men among men where both are known.

    Shapes: shares (corridors, groups, draws), persons (corridors, 3, draws), the result as shares.
    """
    divided = shares * persons[:, :1]
    for place, sex in enumerate(SEXES[1:], 1):
        of_sex = sexes == sex
        if of_sex.any():
            among = shares[:, of_sex]
            sums = among.sum(axis=1, keepdims=True)
            within = np.divide(among, sums, out=np.full_like(among, 1 / of_sex.sum()), where=sums > 0)
            own = within * persons[:, place : place + 1]
            divided[:, of_sex] = np.where(np.isnan(own), divided[:, of_sex], own)
    return np.asarray(divided)


def _grouped(persons: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return draws by label of draws by group."""
    return np.asarray(np.einsum("ngd,gl->nld", persons, member))


def _table(
    of: Compositions,
    methods: np.ndarray,
    labels: Sequence[tuple[str, int, int | None, str]],
    median: np.ndarray,
    persons: np.ndarray,
) -> pd.DataFrame:
    """Return estimates and intervals of each corridor and label, and the method that told its shares."""
    table = pd.DataFrame(
        {
            "destination": np.repeat(of.destination, len(labels)),
            "origin": np.repeat(of.origin, len(labels)),
            "sex": [sex for sex, *_ in labels] * len(of),
            "age_min": [low for _, low, _, _ in labels] * len(of),
            "age_max": pd.array([high for _, _, high, _ in labels] * len(of), dtype="Int64"),
            "education": [level for *_, level in labels] * len(of),
            "median": median.ravel(),
            "method": np.repeat(methods, len(labels)),
        }
    )
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        low, high = np.round(np.quantile(persons, [tail, 1 - tail], axis=2), DECIMALS)
        table[f"lower_{level}"] = np.minimum(low, median).ravel()
        table[f"upper_{level}"] = np.maximum(high, median).ravel()
    return table


def _finished(
    table: pd.DataFrame, estimates: pd.DataFrame, learnt: LearntShares, groups: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame:
    """Return estimates of groups with the columns that their total has, and those of their own."""
    copied = ["reference_date", "wave", "regime", "status", "precision", "calibration_id"]
    totals = estimates[estimates["sex"] == "all"]
    totals = totals[[*CORRIDOR_KEY, *copied, "method", "notes"]].rename(
        columns={"method": "of_total", "notes": "of_notes"}
    )
    table = table.merge(totals, on=CORRIDOR_KEY, how="left")
    table = table.merge(_beside(groups, by), on=[*CORRIDOR_KEY, *GROUP], how="left")
    finished = table.assign(
        reason=[
            f"share by {method} of a total by {of_total}".replace("_", " ")
            for method, of_total in zip(table["method"], table["of_total"], strict=True)
        ],
        notes=[
            "; ".join(filter(None, (below, "of its total: " + note if note else "")))
            for below, note in zip(table["below"].fillna(""), table["of_notes"].fillna(""), strict=True)
        ],
        skill_vs_carry_forward=np.nan,
    )
    if "education" in by:
        finished = with_sources(finished, groups, learnt)
    return check(finished[list(ESTIMATE.names)], ESTIMATE)


def _beside(groups: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return accounts and official persons of each group listed, and a note where accounts are below the floor."""
    below = groups["audience_status"].isin([status.FLOORED, status.DEDUCED])
    own = groups["official_basis"] == "corridor"
    table = groups.assign(
        audience=groups["audience"].where(~below),
        most=groups["audience_upper"],
        floored=below,
        official_last=groups["official"].where(own),
        official_last_date=groups["official_date"].where(own, ""),
        audience_status=groups["audience_status"].fillna("not_asked"),
        sex=groups["sex"] if "sex" in by else "all",
    )
    key = [*CORRIDOR_KEY, *GROUP]
    parts = table.groupby(key, dropna=False, sort=False)
    numbers = ["audience", "most", "official_last"]
    summed = parts[numbers].sum(min_count=1).where(parts[numbers].count().eq(parts.size(), axis=0))
    summed["official_last_date"] = parts["official_last_date"].first()
    # a sum that holds a part below the floor is known no better than that part
    worst = table.sort_values("floored", ascending=False, kind="stable").groupby(key, dropna=False, sort=False)
    summed["audience_status"] = worst["audience_status"].first()
    every, some = parts["floored"].all(), parts["floored"].any()
    summed["below"] = [
        _below(most) if of_all else _IN_PART if of_some else ""
        for most, of_all, of_some in zip(
            summed["most"].to_numpy(dtype=float, na_value=np.nan), every, some, strict=True
        )
    ]
    return summed.drop(columns="most").reset_index()


def _below(most: float) -> str:
    """Return the note of a group whose accounts are all below the floor."""
    return f"fewer than {most:,.0f} accounts: its share comes from pooling"
