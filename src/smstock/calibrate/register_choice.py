"""The choice of the method that continues registers; `smstock.nowcast.continuation` then continues them.

At each of the newest official dates every method estimates the registers of that date from figures so many years old,
and nothing later. The method with the least RMSLE is kept only where it beats carry forward in RMSLE and does not lose
in wMAPE, and where choosing at each date by the dates before it would have beaten carry forward too.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Final

import pandas as pd
import scipy.linalg  # noqa: F401 - threads can be limited of what is loaded
from threadpoolctl import threadpool_limits

from smstock.audience.gender_gap import split
from smstock.calibrate.register import HORIZONS, PastScore, Register
from smstock.corridors.history import official_history
from smstock.corridors.regimes import regimes
from smstock.errors import InputError
from smstock.evaluate.archive import months_later
from smstock.evaluate.backtest import backtest
from smstock.evaluate.scores import on_common_cells, rmsle, wmape
from smstock.models.baselines import CarryForward
from smstock.models.conformal import HalfWidths
from smstock.models.methods import SERIES
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.methods import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.evaluate.archive import Archive
    from smstock.models.base import Method

DATES: Final = 5
"""Newest official dates that are tested."""
FEWEST: Final = 30
"""Fewest past figures of registers, common to all methods, from which a choice among methods is made."""
COMMON: Final = 0.8
"""Share of the past figures that a method must have estimated to be in the choice."""


def learn_registers(
    evidence: Archive, date: str, *, methods: Sequence[type[Method]] = SERIES, horizons: Sequence[int] = HORIZONS
) -> tuple[Register, ...]:
    """Return how registers are continued at each horizon that could be tested.

    Parameters
    ----------
    evidence
        Official series and audiences; figures after ``date`` are not used. Its publication lags are not used: figures
        are taken to be known when they are as old as the horizon.
    date
        The newest day whose figures may teach (ISO).
    methods
        Methods to choose among, carry forward among them.
    horizons
        Ages of the last figure (years) to be tested.

    Notes
    -----
    A horizon with fewer than 30 past figures of registers is left out.

    Examples
    --------
    >>> from smstock.evaluate.archive import Archive
    >>> from smstock.tables import AUDIENCE, STOCK
    >>> nothing = Archive(pd.DataFrame(columns=[*STOCK.names]), pd.DataFrame(columns=[*AUDIENCE.names]))
    >>> learn_registers(nothing, "2020-01-01")
    ()
    """
    known = replace(evidence, official=evidence.official[evidence.official["reference_date"] <= date])
    registers = []
    # thousands of small systems: threads would only wait for each other
    with threadpool_limits(1):
        for years in horizons:
            errors = _past(known, methods, years)
            if errors is not None:
                registers.append(_register(errors, known, years))
    return tuple(registers)


def _past(evidence: Archive, methods: Sequence[type[Method]], years: int) -> pd.DataFrame | None:
    """Return what every method said of the registers of past dates; None where that is too little."""
    own = evidence.own
    dates = _dates_of_registers(own, years)
    if not dates:
        return None
    try:
        table = backtest(known_late(evidence, years), methods, targets=dates, months_after=0).table
    except InputError:
        return None
    table = table[table["regime"].isin(["register", "shock"])]
    cells = table["method"].value_counts()
    enough = cells[cells >= COMMON * cells.max()].index
    table = on_common_cells(table[table["method"].isin(enough)])
    return table if (table["method"] == CarryForward.name).sum() >= FEWEST else None


def known_late(evidence: Archive, years: int) -> Archive:
    """Return the evidence with every figure known so many years after the day it is about.

    Examples
    --------
    >>> from smstock.evaluate.archive import Archive
    >>> known_late(Archive(pd.DataFrame({"provider": ["undesa"]}), pd.DataFrame()), 2).lags
    {'undesa': 24}
    """
    tables = [evidence.official] if evidence.figures is None else [evidence.official, evidence.figures]
    providers = {str(provider) for table in tables for provider in table["provider"].unique()}
    return replace(evidence, lags=dict.fromkeys(sorted(providers), 12 * years))


def _dates_of_registers(own: pd.DataFrame, years: int) -> list[str]:
    """Return the newest dates at which corridors would have been registers, from figures so many years older."""
    nothing = pd.DataFrame(columns=[*CORRIDOR_KEY, "date", "value"])
    figures = own[own["value"] > 0][[*CORRIDOR_KEY, "reference_date", "value"]]
    dates = sorted(figures["reference_date"].unique())
    of_registers: list[str] = []
    for day in reversed(dates):
        older = figures[figures["reference_date"] <= months_later(day, -12 * years)]
        if len(of_registers) == DATES or older.empty:
            break
        kind = regimes(older, nothing, day)
        registers = kind[kind["regime"] == "register"]
        if len(registers.merge(figures[figures["reference_date"] == day], on=CORRIDOR_KEY)):
            of_registers.append(day)
    return of_registers[::-1]


def _register(table: pd.DataFrame, evidence: Archive, years: int) -> Register:
    """Choose the method, and take the errors of its totals, women and men for the intervals."""
    by_method = {str(name): cells for name, cells in table.groupby("method", sort=False)}
    ends = {name: (cells["stock"], cells["estimate"]) for name, cells in by_method.items()}
    scores = {name: (rmsle(*of), wmape(*of)) for name, of in ends.items()}
    anew, plain = _chosen_anew(table, years)
    skill = 1 - anew / plain if plain > 0 else float("nan")
    best = min(scores, key=lambda name: scores[name][0])
    carried = scores[CarryForward.name]
    beaten = best != CarryForward.name and scores[best][1] <= carried[1] and not skill <= 0
    chosen = best if beaten else CarryForward.name
    cells = by_method[chosen]
    return Register(
        horizon=years,
        method=chosen,
        reason=_reason(chosen, best, scores, len(cells), anew),
        skill=float(skill) if isfinite(skill) else None,
        cells=len(cells),
        dates=cells["target_date"].nunique(),
        scores=tuple(PastScore(name, *errors) for name, errors in scores.items()),
        half_widths=HalfWidths.of({"all": cells, "sex": _by_sex(cells, evidence, years)}),
    )


def _chosen_anew(table: pd.DataFrame, years: int) -> tuple[float, float]:
    """Return the RMSLE of the method chosen at each date by what was out before, and of carry forward beside it."""
    chosen = []
    for day in sorted(table["target_date"].unique()):
        before = table[table["target_date"] <= months_later(day, -12 * years)]
        if len(before):
            errors = {str(name): rmsle(of["stock"], of["estimate"]) for name, of in before.groupby("method")}
            now = table[table["target_date"] == day]
            chosen.append(now.assign(chosen=now["method"] == min(errors, key=lambda name: errors[name])))
    if not chosen:
        return float("nan"), float("nan")
    rows = pd.concat(chosen)
    anew, plain = rows[rows["chosen"]], rows[rows["method"] == CarryForward.name]
    return rmsle(anew["stock"], anew["estimate"]), rmsle(plain["stock"], plain["estimate"])


def _reason(chosen: str, best: str, scores: Mapping[str, tuple[float, float]], cells: int, anew: float) -> str:
    """Say why a method continues registers."""
    carried = scores[CarryForward.name]
    on = f"on {cells:,} past figures"
    if chosen != CarryForward.name:
        return f"RMSLE {scores[chosen][0]:.3f} {on}, carried forward {carried[0]:.3f}"
    if best == CarryForward.name:
        other = min((name for name in scores if name != best), key=lambda name: scores[name][0], default="")
        beside = f", {in_words(other)} {scores[other][0]:.3f}" if other else ""
        return f"carried forward: nothing was better {on} (RMSLE {carried[0]:.3f}{beside})"
    if scores[best][1] > carried[1]:
        more = f"wMAPE {scores[best][1]:.1f}, carried forward {carried[1]:.1f}"
        return f"carried forward: {in_words(best)} errs less on the logarithm {on}, more in persons ({more})"
    return f"carried forward: a method chosen at each date by earlier ones was no better {on} (RMSLE {anew:.3f})"


def _by_sex(cells: pd.DataFrame, evidence: Archive, years: int) -> pd.DataFrame:
    """Return women and men as the last official split has them, beside what came out: stock and estimate."""
    official = evidence.official
    if evidence.provider:
        official = official[official["provider"] == evidence.provider]
    parts = [pd.DataFrame({"destination": [], "stock": [], "estimate": []})]
    for day, rows in cells.groupby("target_date"):
        until = months_later(str(day), -12 * years)
        last = official_history(official, target_date=str(day), known_until=until)
        wide = last.pivot_table(index=CORRIDOR_KEY, columns="sex", values="official_last")
        totals = rows.set_index(CORRIDOR_KEY)["estimate"].astype("float64")
        out = official[official["reference_date"] == day]
        truth = out.pivot_table(index=CORRIDOR_KEY, columns="sex", values="value")
        if not {"female", "male"} <= set(wide) & set(truth):
            continue
        ratio = (wide["female"] / wide["male"]).reindex(totals.index)
        for sex, estimate in zip(("female", "male"), split(totals, ratio), strict=True):
            by_sex = pd.DataFrame({"stock": truth[sex].reindex(totals.index), "estimate": estimate})
            parts.append(by_sex.reset_index()[["destination", "stock", "estimate"]])
    table = pd.concat(parts, ignore_index=True).astype({"stock": "float64", "estimate": "float64"})
    return table[(table["stock"] > 0) & (table["estimate"] > 0)]
