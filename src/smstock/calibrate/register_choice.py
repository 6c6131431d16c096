"""The choice of the method that continues registers; `smstock.nowcast.continuation` then continues them.

At each of the newest official dates every method estimates the registers of that date from figures so many years old,
and nothing later. A method is judged by the logarithms of its RMSLE and of its wMAPE over those of carry forward, on
all past figures, and by the share of the dates on which its RMSLE is the smaller. It continues registers if both
logarithms are below 0 and the share is two thirds or more; of several such methods, the one of least RMSLE does.

A handful of dates says little, so each of the three is a mean of what the past figures say and what comparable
registers say: the same corridors at figures of other ages, and corridors of the same official files that were not asked
for. These together count as three dates, those of the corridors themselves one by one.

Where choosing so at three dates or more, each by the dates before it, would have been no better than carrying forward,
the last figure is carried forward.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, isfinite
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import split
from smstock.calibrate.register import HORIZONS, PastScore, Register
from smstock.compute import ALONE
from smstock.corridors.history import official_history
from smstock.corridors.regimes import series
from smstock.errors import InputError
from smstock.evaluate.archive import months_later
from smstock.evaluate.backtest import backtest
from smstock.evaluate.scores import on_common_cells, rmsle, wmape
from smstock.models.baselines import CarryForward
from smstock.models.conformal import HalfWidths
from smstock.models.methods import OVER_TIME, SERIES
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.methods import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.compute import Compute
    from smstock.evaluate.archive import Archive
    from smstock.models.base import Method

DATES: Final = 5
"""Newest official dates that are tested."""
FEWEST: Final = 30
"""Fewest past figures of registers, common to all methods, from which a choice among methods is made."""
COMMON: Final = 0.8
"""Share of the past figures that a method must have estimated to be in the choice."""
OF_DATES: Final = 2 / 3
"""Least share of the dates on which a method that is kept beats carry forward."""
CHOICES: Final = 3
"""Fewest dates of choice from which choosing anew counts: with fewer it rests on single dates."""
COMPARABLE: Final = 3
"""Dates that comparable registers count for: the variance of a method's logarithmic ratio between dates over that
between sets of registers, 0.036 / 0.013 for the model over time on Eurostat's citizens of 2018 to 2024 (27 sets)."""
FEW: Final = 300
"""Past figures from which a choice does without corridors that were not asked for."""
BESIDE: Final = 60
"""Most corridors beside those asked for that are tested: they are there to steady a choice, and cost as much each."""


def learn_registers(
    evidence: Archive,
    date: str,
    *,
    beside: pd.DataFrame | None = None,
    methods: Sequence[type[Method]] = SERIES,
    horizons: Sequence[int] = HORIZONS,
    compute: Compute = ALONE,
) -> tuple[Register, ...]:
    """Return how registers are continued at each horizon that could be tested.

    Parameters
    ----------
    evidence
        Official series and audiences; figures after ``date`` are not used. Its publication lags are not used: figures
        are taken to be known when they are as old as the horizon.
    date
        The newest day whose figures may teach (ISO).
    beside
        Figures of corridors that were not asked for, of the same provider, edition, concept, sexes and ages: they
        steady the choice where few past figures are at hand, and are not estimated.
    methods
        Methods to choose among, carry forward among them.
    horizons
        Ages of the last figure (years) to be tested.
    compute
        What dates and methods are spread over.

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
    tables = {
        years: errors for years in horizons if (errors := _past(known, methods, years, compute=compute)) is not None
    }
    tried = {years: _Trial.of(errors[~errors["short"]]) for years, errors in tables.items()}
    few = {years: trial.cells.sum() < FEW for years, trial in tried.items()}
    others = []
    if any(few.values()) and beside is not None:
        until = beside[beside["reference_date"] <= date]
        others = _beside(until, known, methods, min(tried), compute)
    registers = []
    for years, trial in tried.items():
        comparable = [*(other for age, other in tried.items() if age != years), *(others if few[years] else [])]
        registers.append(_register(tables[years], trial, comparable, known, years))
    return tuple(registers)


def _beside(
    figures: pd.DataFrame, known: Archive, methods: Sequence[type[Method]], years: int, compute: Compute
) -> list[_Trial]:
    """Return what corridors that were not asked for say of the methods, at one age and few dates; empty if nothing."""
    official = _nearest(figures, known.own)
    alone = replace(known, official=official, audiences=known.audiences.iloc[:0])
    errors = _past(alone, methods, years, COMPARABLE, compute)
    return [] if errors is None else [_Trial.of(errors[~errors["short"]])]


def _nearest(figures: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Return the series that share an end with the own ones, the longest first and no more than 60."""
    totals = figures[figures["sex"] == "all"]
    shared = totals["destination"].isin(own["destination"]).astype(int) + totals["origin"].isin(own["origin"])
    of_series = totals.assign(shared=shared).groupby(CORRIDOR_KEY, as_index=False)
    series = of_series.agg(shared=("shared", "max"), figures=("reference_date", "nunique"))
    series = series.sort_values(["shared", "figures", *CORRIDOR_KEY], ascending=[False, False, True, True])
    return totals.merge(series.head(BESIDE)[CORRIDOR_KEY])


@dataclass(frozen=True, eq=False)
class _Trial:
    """How every method fared on some past figures, the same of all methods.

    Attributes
    ----------
    rmsle, wmape
        A row a date, a column a method.
    cells, stock
        Past figures of each date, and the persons they add up to.
    """

    rmsle: pd.DataFrame
    wmape: pd.DataFrame
    cells: pd.Series
    stock: pd.Series

    @classmethod
    def of(cls, table: pd.DataFrame) -> Self:
        """Return the trial of a table of target_date, method, stock and estimate."""
        groups = table.groupby(["target_date", "method"], sort=False)
        scores = pd.DataFrame(
            [
                (day, name, rmsle(of["stock"], of["estimate"]), wmape(of["stock"], of["estimate"]))
                for (day, name), of in groups
            ],
            columns=["target_date", "method", "rmsle", "wmape"],
        )
        logs = scores.pivot_table(index="target_date", columns="method", values="rmsle")
        shares = scores.pivot_table(index="target_date", columns="method", values="wmape")
        figures = table[table["method"] == CarryForward.name].groupby("target_date")["stock"]
        return cls(logs, shares, figures.size(), figures.sum())

    @property
    def dates(self) -> int:
        """How many dates the figures are of."""
        return len(self.cells)

    def until(self, day: str) -> _Trial:
        """Return the part of the dates up to a day."""
        known = self.rmsle.index <= day
        return _Trial(self.rmsle[known], self.wmape[known], self.cells[known], self.stock[known])

    @property
    def scores(self) -> pd.DataFrame:
        """RMSLE and wMAPE of every method over all dates."""
        squares = self.rmsle.pow(2).mul(self.cells, axis=0).sum() / self.cells.sum()
        shares = self.wmape.mul(self.stock, axis=0).sum() / self.stock.sum()
        return pd.DataFrame({"rmsle": squares**0.5, "wmape": shares})

    @property
    def against(self) -> pd.DataFrame:
        """Logarithms of RMSLE and of wMAPE over those of carry forward, and on what share of dates RMSLE is less."""
        scores = self.scores
        # figures that never changed are carried forward without an error, which nothing beats
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log((scores / scores.loc[CarryForward.name]).to_numpy(dtype=float))
        table = pd.DataFrame(logs, index=scores.index, columns=["rmsle", "wmape"])
        return table.assign(won=self.rmsle.lt(self.rmsle[CarryForward.name], axis=0).mean())

    def judged(self, comparable: Sequence[_Trial] = ()) -> pd.DataFrame:
        """Return `against` but for carry forward, drawn towards comparable registers, which count as three dates."""
        against, beside = self.against.drop(CarryForward.name), [(other.against, other.dates) for other in comparable]
        for name in against.index:
            rows = [(of_methods.loc[name], dates) for of_methods, dates in beside if name in of_methods.index]
            if rows:
                dates = [dates for _, dates in rows]
                mean = np.average([row for row, _ in rows], axis=0, weights=dates)
                weight = min(COMPARABLE, sum(dates))
                against.loc[name] = (self.dates * against.loc[name] + weight * mean) / (self.dates + weight)
        return against


def _best(judged: pd.DataFrame) -> tuple[str, bool]:
    """Return the method that came out best, empty if none was tested, and whether it is to be kept."""
    better = judged[(judged["rmsle"] < 0) & (judged["wmape"] < 0) & (judged["won"] > OF_DATES - 1e-9)]
    among = better if len(better) else judged[judged["rmsle"].notna()]
    return (str(among["rmsle"].idxmin()), len(better) > 0) if len(among) else ("", False)


def _past(
    evidence: Archive, methods: Sequence[type[Method]], years: int, newest: int = DATES, compute: Compute = ALONE
) -> pd.DataFrame | None:
    """Return what every method said of the registers of the newest dates, and of short series; None if too little."""
    dates = _dates_of_registers(evidence.own, years, newest)
    if sum((known["series"] == "register").sum() for known in dates.values()) < FEWEST:
        return None
    try:
        table = backtest(
            known_late(evidence, years), methods, targets=list(dates), months_after=0, compute=compute
        ).table
    except InputError:
        return None
    short = pd.concat([known[known["short"]].assign(target_date=day) for day, known in dates.items()])
    key = [*CORRIDOR_KEY, "target_date"]
    table["short"] = pd.MultiIndex.from_frame(table[key]).isin(pd.MultiIndex.from_frame(short[key]))
    of_registers = table[table["regime"].isin(["register", "shock"]) & ~table["short"]]
    cells = of_registers["method"].value_counts()
    enough = cells[cells >= COMMON * cells.max()].index
    of_registers = on_common_cells(of_registers[of_registers["method"].isin(enough)])
    if (of_registers["method"] == CarryForward.name).sum() < FEWEST:
        return None
    return pd.concat([of_registers, table[table["short"] & table["method"].isin(enough)]], ignore_index=True)


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


def _dates_of_registers(own: pd.DataFrame, years: int, newest: int) -> dict[str, pd.DataFrame]:
    """Return the newest dates of registers, with the corridors that have a figure then and what their series were."""
    figures = own[own["value"] > 0][[*CORRIDOR_KEY, "reference_date", "value"]]
    of_dates: dict[str, pd.DataFrame] = {}
    for day in sorted(figures["reference_date"].unique(), reverse=True):
        older = figures[figures["reference_date"] <= months_later(day, -12 * years)]
        if len(of_dates) == newest or older.empty:
            break
        known = series(older, day)[[*CORRIDOR_KEY, "series", "short"]]
        known = known.merge(figures.loc[figures["reference_date"] == day, CORRIDOR_KEY], on=CORRIDOR_KEY)
        if (known["series"] == "register").any():
            of_dates[day] = known
    return of_dates


def _register(
    table: pd.DataFrame, trial: _Trial, comparable: Sequence[_Trial], evidence: Archive, years: int
) -> Register:
    """Choose the method, and take the errors of its totals, women and men for the intervals."""
    anew, choices = _skill_of_choosing(trial, years)
    judged = trial.judged(comparable)
    best, kept = _best(judged)
    chosen = best if kept and not (choices >= CHOICES and anew <= 0) else CarryForward.name
    # short series are continued by the model over time alone, and err in its intervals
    over_time = chosen in {method.name for method in OVER_TIME}
    cells = table[(table["method"] == chosen) & (over_time | ~table["short"])]
    reason = _measured(trial, best, judged, comparable) if best else "no other method could be tested"
    if chosen == CarryForward.name:
        reason = f"carried forward: {_against_it(best, judged) if best else ''}{reason}"
    return Register(
        horizon=years,
        method=chosen,
        reason=reason,
        skill=anew if isfinite(anew) else None,
        cells=int(trial.cells.sum()),
        dates=trial.dates,
        scores=tuple(PastScore(str(name), *map(float, errors)) for name, errors in trial.scores.iterrows()),
        half_widths=HalfWidths.of({"all": cells, "sex": _by_sex(cells, evidence, years)}),
    )


def _skill_of_choosing(trial: _Trial, years: int) -> tuple[float, int]:
    """Return 1 - RMSLE / RMSLE of carry forward, the method chosen at each date by those before, and of how many dates.

    The choice at a date is made by the rule itself, from figures that were out then; none of comparable registers.
    """
    chosen = {}
    for day in trial.rmsle.index:
        before = trial.until(months_later(str(day), -12 * years))
        if before.dates:
            best, kept = _best(before.judged())
            chosen[day] = best if kept else CarryForward.name
    if not chosen:
        return float("nan"), 0
    squares, cells = trial.rmsle.loc[list(chosen)].pow(2), trial.cells.loc[list(chosen)]
    anew = sum(squares.loc[day, name] * cells.loc[day] for day, name in chosen.items())
    plain = float((squares[CarryForward.name] * cells).sum())
    return (float(1 - (anew / plain) ** 0.5) if plain > 0 else float("nan")), len(chosen)


def _measured(trial: _Trial, name: str, judged: pd.DataFrame, comparable: Sequence[_Trial]) -> str:
    """Say in numbers how a method fared beside carry forward: on past figures, and with comparable registers."""
    (log, share), (plain_log, plain_share) = (trial.scores.loc[of].to_numpy() for of in (name, CarryForward.name))
    years = [str(day)[:4] for day in trial.rmsle.index]
    won = int((trial.rmsle[name] < trial.rmsle[CarryForward.name]).sum())
    text = (
        f"RMSLE {log:.3f}, carried forward {plain_log:.3f}, on {trial.cells.sum():,} past figures"
        f" ({' to '.join(dict.fromkeys([years[0], years[-1]]))}), less at {won} of {trial.dates} dates;"
        f" wMAPE {share:.1f}, {plain_share:.1f}"
    )
    others = [other for other in comparable if name in other.rmsle]
    log_ratio, ratio, share_won = judged.loc[name].to_numpy()
    if not others or not isfinite(log_ratio) or not isfinite(ratio):
        return text
    return (
        f"{text}; drawn towards {sum(other.cells.sum() for other in others):,} past figures of comparable registers"
        f" {exp(log_ratio):.2f} and {exp(ratio):.2f} times carry forward, less at {share_won:.0%} of the dates"
    )


def _against_it(name: str, judged: pd.DataFrame) -> str:
    """Say what speaks against the method that was best."""
    of = judged.loc[name]
    if of["rmsle"] >= 0:
        return f"nothing was better, {in_words(name)} came nearest: "
    if of["wmape"] >= 0:
        return f"{in_words(name)} errs less on the logarithm, not in persons: "
    if of["won"] < OF_DATES:
        return f"{in_words(name)} errs less on too few of the dates: "
    return f"{in_words(name)} was better, but a method chosen at each date by earlier ones was not: "


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
