"""Medians: each corridor by the best method it has the data for, registers by the one that continues them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import sex_ratios
from smstock.calibrate.register import HORIZONS
from smstock.corridors.sexes import evenly_split, with_sexes
from smstock.models.baselines import CarryForward
from smstock.nowcast.single_figures import carried, carried_untested
from smstock.tables import CORRIDOR_KEY, CORRIDOR_SEX_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.calibrate.calibration import Calibration

SHOCK: Final = "minora_damped"
"""Method of a register in a shock: its series continued, times a damped part of the audience's excess growth."""


def medians(
    corridors: pd.DataFrame, calibration: Calibration, continued: pd.DataFrame, *, methods: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a corridor table with ``median`` (persons), ``method`` and ``horizon`` (years, 0 unless a register).

    Parameters
    ----------
    corridors
        Corridor table of the wave.
    calibration
        Methods and their ranking.
    continued
        Totals of registers as their method continues them: destination, origin, estimate (persons), horizon (years).
    methods
        Methods to use in this order for all corridors, in place of the calibration's choice.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.baselines import RawAudience
    >>> from smstock.tables import CORRIDOR
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"raw_audience": RawAudience()}, ranking=("raw_audience",), sex_sources=("equal",))
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "audience": 66000.0}
    >>> table = pd.DataFrame([row]).reindex(columns=[*CORRIDOR.names])
    >>> medians(table, calibration, pd.DataFrame())[["median", "method", "horizon"]].values.tolist()
    [[66000.0, 'raw_audience', 0]]
    """
    table = _by_ranking(corridors, calibration, list(methods) or list(calibration.ranking)).assign(horizon=0)
    if methods:
        return table
    if not continued.empty:
        table = _with_registers(table, corridors, calibration, continued)
    return _with_single_figures(table, corridors, calibration)


def _by_ranking(corridors: pd.DataFrame, calibration: Calibration, methods: list[str]) -> pd.DataFrame:
    """Estimate each corridor by the first method that can; ``method`` is ``none`` where none can."""
    table = corridors.reset_index(drop=True)
    totals = table[table["sex"] == "all"]
    persons, method = np.full(len(totals), np.nan), np.full(len(totals), "none", dtype=object)
    for name in methods:
        predicted = calibration.methods[name].predict(totals).to_numpy(dtype=float)
        newly = np.isnan(persons) & ~np.isnan(predicted)
        persons[newly], method[newly] = predicted[newly], name
        if not np.isnan(persons).any():
            break
    total = pd.Series(persons, index=pd.MultiIndex.from_frame(totals[CORRIDOR_KEY]))
    by_sex = with_sexes(total, sex_ratios(corridors), calibration.sex_sources)
    by_sex["method"] = np.tile(method, len(by_sex) // max(len(method), 1))
    estimates = table[CORRIDOR_SEX_KEY].merge(by_sex, on=CORRIDOR_SEX_KEY, how="left")
    return table.assign(median=estimates["estimate"], method=estimates["method"].fillna("none"))


def _with_registers(
    table: pd.DataFrame, corridors: pd.DataFrame, calibration: Calibration, continued: pd.DataFrame
) -> pd.DataFrame:
    """Replace the estimates of registers by those of the method that continues them, split by the last figures."""
    totals = continued.set_index(CORRIDOR_KEY)["estimate"].astype("float64")
    parts = with_sexes(totals, sex_ratios(corridors), ("official_last", *calibration.sex_sources))
    parts = parts.merge(continued[[*CORRIDOR_KEY, "horizon"]], on=CORRIDOR_KEY)
    parts = parts.rename(columns={"estimate": "own", "horizon": "years"})
    table = table.merge(parts, on=CORRIDOR_SEX_KEY, how="left")
    is_continued = table["own"].notna()
    names = {years: register.method for years in HORIZONS if (register := calibration.register(years))}
    table["median"] = table["own"].where(is_continued, table["median"])
    table["method"] = table["years"].map(names).where(is_continued, table["method"])
    table["horizon"] = table["years"].fillna(0).astype(int)
    return pd.DataFrame(table.drop(columns=["own", "years"]))


def _with_single_figures(table: pd.DataFrame, corridors: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Replace the estimates of corridors whose fresh figure is carried forward untested, split by that figure."""
    chosen = carried(table, calibration)
    if not chosen.any():
        return table
    totals = table[chosen & (table["sex"] == "all")].set_index(CORRIDOR_KEY)["official_last"].astype("float64")
    parts = with_sexes(totals, sex_ratios(corridors), ("official_last", *calibration.sex_sources))
    table = table.merge(parts.rename(columns={"estimate": "own"}), on=CORRIDOR_SEX_KEY, how="left")
    is_carried = table["own"].notna()
    median, method = (
        table["own"].where(is_carried, table["median"]),
        table["method"].mask(is_carried, CarryForward.name),
    )
    return pd.DataFrame(table.assign(median=median, method=method).drop(columns="own"))


def assumed_sexes(table: pd.DataFrame, corridors: pd.DataFrame, calibration: Calibration) -> pd.Series:
    """Return which women and men of a table of medians are half of their total for want of a sex ratio.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.tables import CORRIDOR
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1, sex_sources=("audience",))
    >>> rows = pd.DataFrame({"destination": "IRQ", "origin": "SRB", "sex": ["all", "female", "male"]})
    >>> rows = rows.reindex(columns=[*CORRIDOR.names])
    >>> assumed_sexes(rows.assign(median=[2.0, 1.0, 1.0], horizon=0, method="raw_audience"), rows, calibration).tolist()
    [False, True, True]
    """
    ratios, sources = sex_ratios(corridors), calibration.sex_sources
    keys = pd.MultiIndex.from_frame(table[CORRIDOR_KEY])
    even = keys.isin(evenly_split(ratios, sources))
    of_register = keys.isin(evenly_split(ratios, ("official_last", *sources)))
    by_figure = [
        years > 0 or carried_untested(name, years, calibration.methods)
        for name, years in zip(table["method"], table["horizon"], strict=True)
    ]
    assumed = np.where(by_figure, of_register, even)
    return (table["sex"] != "all") & table["median"].notna() & assumed


def with_shocks(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Raise the medians of shocks that rest on official figures alone.

    Parameters
    ----------
    table
        Medians with ``regime``, and ``before`` and ``scaled``: the last figure, and that times a damped part of the
        audience's excess growth (persons).
    calibration
        Says which methods read the audience.

    Returns
    -------
    pandas.DataFrame
        With ``base``, the method before, and ``shift``, by how much medians were raised (logarithm).

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.baselines import CarryForward
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"carry_forward": CarryForward()})
    >>> row = {"regime": "shock", "method": "carry_forward", "median": 1000.0, "before": 1000.0, "scaled": 1200.0}
    >>> with_shocks(pd.DataFrame([row]), calibration)[["median", "method", "base"]].values.tolist()
    [[1200.0, 'minora_damped', 'carry_forward']]
    """
    unheard = table["method"].map({name: not _reads_audience(name, calibration) for name in table["method"].unique()})
    raised = (table["regime"] == "shock") & unheard & table["median"].notna()
    factor = (table["scaled"] / table["before"]).astype("float64")
    return table.assign(
        base=table["method"],
        shift=np.where(raised, np.log(factor), 0.0),
        median=table["median"].where(~raised, table["median"] * factor),
        method=table["method"].mask(raised, SHOCK),
    )


def _reads_audience(name: str, calibration: Calibration) -> bool:
    """Return whether a calibrated method reads the audience; one that continues a series is not one of these."""
    if name not in calibration.methods:
        return name == "none"
    return calibration.methods[name].reads_audience()


def from_audience(calibration: Calibration) -> str:
    """Return the best method that needs nothing but an audience, empty if there is none.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.baselines import CarryForward, RawAudience
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"carry_forward": CarryForward(), "raw_audience": RawAudience()},
    ...     ranking=("carry_forward", "raw_audience"))
    >>> from_audience(calibration)
    'raw_audience'
    """
    return next((name for name in calibration.ranking if calibration.methods[name].needs == ("audience",)), "")
