"""The back-test: each method estimates past target dates from what was known then; what came out later scores it.

A method is fitted on earlier target dates whose official figures were out by the cutoff. Each of them is taken as it
stood equally long after its own date. The method's intervals come from its own errors at those dates. A method, a fit
and an interval see only what was published by the cutoff.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.compute import ALONE
from smstock.corridors.regimes import regimes
from smstock.errors import InputError, ModelError
from smstock.evaluate.archive import months_later, stand, vintage
from smstock.evaluate.scores import size_band
from smstock.models.conformal import half_width, interval
from smstock.models.fusion.method import long_tables
from smstock.tables import CORRIDOR_KEY, CORRIDOR_SEX_KEY, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smstock.compute import Compute
    from smstock.corridors.vintage import Vintage
    from smstock.evaluate.archive import Archive
    from smstock.models.base import Method

FEWEST_OF_BAND: Final = 40
"""Earlier errors of a size band from which it has intervals of its own."""
_COLUMNS: Final = [
    *("target_date", "cutoff", "published", *CORRIDOR_SEX_KEY, "method", "stock", "estimate"),
    *("official_last", "official_last_date", "lag", "audience", "regime", "size_band"),
]


@dataclass(frozen=True)
class Backtest:
    """Estimates of past target dates, and the refusals of methods that lacked something.

    Attributes
    ----------
    table
        One row a target date, corridor and method: target_date, cutoff, published (when the stock was out),
        destination, origin, sex, method, stock, estimate, lower_L and upper_L for each level, official_last,
        official_last_date, lag, audience, regime (as `smstock.corridors.regimes` has it from what was known), size_band
        of the stock. A cell has a row if it has an estimate and an official stock that came out after the cutoff.
    refusals
        Why a method estimated nothing at a target date: target_date, method, reason.
    """

    table: pd.DataFrame
    refusals: pd.DataFrame


def backtest(
    evidence: Archive,
    methods: Sequence[type[Method]],
    *,
    targets: Iterable[str],
    months_after: int,
    compute: Compute = ALONE,
) -> Backtest:
    """Return what each method would have estimated of each target date.

    Parameters
    ----------
    evidence
        Official figures and audiences as there are by now.
    methods
        Methods to test; a table is estimated by their `Method.estimate`.
    targets
        Days of official figures (ISO). The first ones have no intervals, for these come from earlier errors; to give
        every scored date intervals, name a few dates before it.
    months_after
        Months from each target date to its cutoff; 0 is an estimate made on the very day.
    compute
        What dates and methods are spread over. No bit of the result depends on it.

    Raises
    ------
    InputError
        No target, or a target date of which the provider has no figure.
    """
    dates, target_days = sorted(evidence.own["reference_date"].unique()), sorted(set(targets))
    if not target_days or (unknown := [day for day in target_days if day not in dates]):
        raise InputError(
            f"there is no official figure for {', '.join(unknown)}" if target_days else "no target date is named",
            allowed=", ".join(dates) or "none",
            hint="test dates of which there are official figures",
        )
    cutoffs = {day: months_later(day, months_after) for day in dates if day <= target_days[-1]}
    stands = []
    for cutoff, (table, audiences) in zip(
        cutoffs.values(), compute.spread(_stood, cutoffs.items(), evidence), strict=True
    ):
        stands.append(table)
        if audiences is not None:
            evidence.keep(cutoff, audiences)
    vintages = {day: vintage(evidence, stands, cutoff=cutoffs[day], target_date=day) for day in target_days}
    # methods of whole series stand last and take longest, on late dates most: begun last, one would be waited for
    tasks = [(day, method) for method in reversed(methods) for day in reversed(target_days)]
    answers = dict(zip(tasks, compute.spread(_estimated, tasks, vintages), strict=True))
    regime_of = compute.spread(_regimes, vintages.values(), evidence.provider, evidence.metric)
    of_target = dict(zip(cutoffs, stands, strict=True))
    tables, refusals = [], []
    for day, of_corridors in zip(target_days, regime_of, strict=True):
        stock = of_target[day]
        of_target[day] = stock.assign(regime=of_corridors, cutoff=cutoffs[day], size_band=size_band(stock["stock"]))
    for day, method in ((day, method) for day in target_days for method in methods):
        estimate, reason = answers[day, method]
        rows = _scorable(of_target[day], cutoffs[day], method.name, estimate)
        if len(rows):
            tables.append(rows)
        else:
            because = reason or _nothing_to_score(of_target[day], cutoffs[day], method)
            refusals.append({"target_date": day, "method": method.name, "reason": because})
    if not tables:
        raise InputError(
            f"no method can estimate {', '.join(target_days)} from what was known {months_after} months later",
            where="; ".join(dict.fromkeys(row["reason"] for row in refusals)),
            hint="test later dates, or move the cutoff with --months-after",
        )
    table = _with_intervals(pd.concat(tables, ignore_index=True))
    return Backtest(table, pd.DataFrame(refusals, columns=["target_date", "method", "reason"]))


def _stood(evidence: Archive, dates: tuple[str, str]) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return the stand of a target date at its cutoff, and the audiences known then if they had to be made."""
    target_date, cutoff = dates
    audiences = evidence.audiences_at(cutoff) if evidence.as_collected or evidence.averaged else None
    return stand(evidence, cutoff=cutoff, target_date=target_date), audiences


def _estimated(vintages: Mapping[str, Vintage], task: tuple[str, type[Method]]) -> tuple[np.ndarray, str]:
    """Return a method's estimates of a date, or nothing and why."""
    day, method = task
    known = vintages[day]
    try:
        return method.estimate(known).reindex(known.corridors.index).to_numpy(dtype=float), ""
    except ModelError as error:
        return np.full(len(known.corridors), np.nan), error.what


def _regimes(provider: str, metric: str, known: Vintage) -> np.ndarray:
    """Return the regime of each corridor of a vintage."""
    own_figures = known.official[known.official["provider"] == provider] if provider else known.official
    figures, audiences = long_tables(own_figures, known.audiences[known.audiences["metric"] == metric])
    regime_of = regimes(figures, audiences, known.target_date).set_index(CORRIDOR_KEY)["regime"]
    corridors = pd.MultiIndex.from_frame(known.corridors[CORRIDOR_KEY])
    return regime_of.reindex(corridors).fillna("none").to_numpy()


def _scorable(table: pd.DataFrame, cutoff: str, method: str, estimates: np.ndarray) -> pd.DataFrame:
    """Return the rows of a back-test: cells that have both a stock and an estimate."""
    known = _unpublished(table, cutoff) & (estimates > 0) & np.isfinite(estimates)
    scorable: pd.DataFrame = table[known].assign(method=method, estimate=estimates[known])[_COLUMNS]
    return scorable


def _unpublished(table: pd.DataFrame, cutoff: str) -> np.ndarray:
    """Return which cells have an official stock that came out after the cutoff."""
    unpublished: np.ndarray = ((table["stock"] > 0) & (table["published"] > cutoff)).to_numpy()
    return unpublished


def _nothing_to_score(table: pd.DataFrame, cutoff: str, method: type[Method]) -> str:
    """Say why a method that did not refuse has no row."""
    if (table["published"] != "").any() and not _unpublished(table, cutoff).any():
        return f"its official figures were out by {cutoff}"
    return f"no corridor of that date has {' and '.join(method.needs) or 'what it needs'}"


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Give each row the interval that the method's earlier, by then published errors in other destinations leave it.

    Errors are taken from the size band of the estimate where there are enough of them, else from all bands.
    """
    errors = np.log((table["stock"] / table["estimate"]).to_numpy(dtype=float))
    bands = size_band(table["estimate"]).cat.codes.to_numpy()
    destinations, _ = pd.factorize(table["destination"])
    published, target = (table[name].to_numpy(dtype="U10") for name in ("published", "target_date"))
    half_widths = {level: np.full(len(table), inf) for level in LEVELS}
    for group in table.groupby(["method"], sort=False).indices.values():
        for day in np.unique(target[group]):
            rows = group[target[group] == day]
            cutoff = table["cutoff"].iloc[rows[0]]
            earlier = group[(target[group] < day) & (published[group] <= cutoff)]
            for band, destination in set(zip(bands[rows], destinations[rows], strict=True)):
                cells = rows[(bands[rows] == band) & (destinations[rows] == destination)]
                elsewhere = earlier[destinations[earlier] != destination]
                # the only destination there is has but its own errors
                among = elsewhere if len(elsewhere) else earlier
                of_band = among[bands[among] == band]
                chosen = errors[of_band if len(of_band) >= FEWEST_OF_BAND else among]
                for level in LEVELS:
                    half_widths[level][cells] = half_width(chosen, level)
    for level in LEVELS:
        of_level = pd.Series(half_widths[level], index=table.index)
        table[f"lower_{level}"], table[f"upper_{level}"] = interval(table["estimate"], of_level)
    return table
