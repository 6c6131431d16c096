"""The nowcast of a wave: for each corridor the best method it has the data for, with intervals that were measured."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from smstock.audience.gender_gap import sex_ratios
from smstock.calibrate.register import HORIZONS, width_at
from smstock.corridors.regimes import DAMPING
from smstock.corridors.sexes import KEY, kind, with_sexes
from smstock.models.conformal import band, interval
from smstock.nowcast.reasons import errors_of, notes, reasons
from smstock.tables import LEVELS, SEX
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from smstock.calibrate.calibration import Calibration

SHOCK: Final = "minora_damped"
"""Method of a register in a shock: its series continued, times a damped part of the audience's excess growth."""
DAMPING_SD: Final = 0.3
"""How far the damping may be off, a standard deviation: it is assumed, so anything from 0 to 0.7 is thought likely."""


def estimate(
    corridors: pd.DataFrame,
    calibration: Calibration,
    *,
    wave: str,
    reference_date: str,
    evidence: pd.DataFrame,
    continued: pd.DataFrame,
    methods: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the estimates of a wave, total, women and men of every corridor, with the columns of the estimate table.

    `smstock.nowcast.wave` adds what else is to be said in the notes, and checks the contract.

    A register is continued by the method that its past showed to be best. Any other corridor is estimated by the first
    method of the calibration's ranking that it has the data for. Where only the floor of the platform is known, the
    median is missing and the upper ends say "fewer than". Where nothing is known, everything is missing.

    Parameters
    ----------
    corridors
        Corridor table of the wave.
    calibration
        Methods, their ranking and their errors.
    wave, reference_date
        The wave, and the day that is estimated.
    evidence
        Regime of each corridor and the reason for it, as `smstock.corridors.regimes.regimes` returns them; a corridor
        that is not listed has no official figure.
    continued
        Totals of registers as their method continues them: destination, origin, estimate (persons), horizon (years).
    methods
        Methods to use in this order for all corridors, in place of the calibration's choice.

    Notes
    -----
    Intervals of a calibrated method come from errors over the calibration's lag between two official figures. For
    methods that rest on the last official figure, the half width shrinks with the square root of the figure's age over
    that lag (errors that add up year by year), and never grows beyond it. Those of registers come from past dates.

    In a shock a method that does not read the audience is raised by a damped part of the audience's excess growth; as
    the damping is assumed, the interval allows for dampings of about 0 to 0.7 at 80 %.
    """
    table = _medians(corridors, calibration, list(methods) or list(calibration.ranking))
    table["horizon"] = 0
    if not methods:
        table = _with_registers(table, corridors, calibration, continued)
    known = evidence[[*KEY, "regime", "reason", "official_last", "scaled", "excess"]]
    table = table.merge(known.rename(columns={"official_last": "before", "reason": "why"}), on=KEY, how="left")
    for name, otherwise in (("regime", "none"), ("why", "no official figure")):
        table[name] = table[name].astype(object).fillna(otherwise)
    table = _with_intervals(_with_shocks(table, calibration), calibration)
    table = _fewer_than(table, calibration)
    name = _from_audience(calibration)
    table["reason"] = reasons(table, calibration)
    table["notes"] = notes(table, calibration.fitted(name).predict(table) if name else table["median"])
    finished: pd.DataFrame = table.assign(
        age_min=0,
        age_max=None,
        reference_date=reference_date,
        wave=wave,
        skill_vs_carry_forward=_skills(table, calibration),
        calibration_id=calibration.id,
    )
    return finished


def _medians(corridors: pd.DataFrame, calibration: Calibration, methods: list[str]) -> pd.DataFrame:
    """Estimate each corridor by the first method that can; ``method`` is ``none`` where none can."""
    import pandas as pd

    table = corridors.reset_index(drop=True).assign(median=float("nan"), method="none")
    totals, ratios = table[table["sex"] == "all"], sex_ratios(corridors)
    index = pd.MultiIndex.from_frame(totals[KEY])
    for name in methods:
        total = calibration.fitted(name).predict(totals).set_axis(index)
        found = table[[*KEY, "sex"]].merge(
            with_sexes(total, ratios, calibration.sex_sources), on=[*KEY, "sex"], how="left"
        )["estimate"]
        newly = table["median"].isna() & found.notna()
        table["median"] = table["median"].where(~newly, found)
        table["method"] = table["method"].where(~newly, name)
    return table


def _with_registers(
    table: pd.DataFrame, corridors: pd.DataFrame, calibration: Calibration, continued: pd.DataFrame
) -> pd.DataFrame:
    """Replace the estimates of registers by those of the method that continues them, split by the last figures."""
    import pandas as pd

    if continued.empty:
        return table
    totals = continued.set_index(KEY)["estimate"].astype("float64")
    parts = with_sexes(totals, sex_ratios(corridors), ("official_last", *calibration.sex_sources))
    parts = parts.merge(continued[[*KEY, "horizon"]], on=KEY).rename(columns={"estimate": "own", "horizon": "years"})
    table = table.merge(parts, on=[*KEY, "sex"], how="left")
    here = table["own"].notna()
    names = {years: found.method for years in HORIZONS if (found := calibration.register(years))}
    table["median"] = table["own"].where(here, table["median"])
    table["method"] = table["years"].map(names).where(here, table["method"])
    table["horizon"] = table["years"].fillna(0).astype(int)
    return pd.DataFrame(table.drop(columns=["own", "years"]))


def _with_shocks(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Raise the estimates of shocks that rest on official figures alone; ``shift`` is by how much (logarithm)."""
    import numpy as np

    unheard = table["method"].map({name: not _reads_audience(name, calibration) for name in set(table["method"])})
    raised = (table["regime"] == "shock") & unheard & table["median"].notna()
    factor = (table["scaled"] / table["before"]).astype("float64")
    table["base"] = table["method"]
    table["shift"] = np.where(raised, np.log(factor), 0.0)
    table["median"] = table["median"].where(~raised, table["median"] * factor)
    table["method"] = table["method"].mask(raised, SHOCK)
    return table


def _reads_audience(name: str, calibration: Calibration) -> bool:
    """Return whether a calibrated method reads the audience; one that continues a series is not one of these."""
    if name not in calibration.methods:
        return name == "none"
    return calibration.fitted(name).reads_audience()


def _with_intervals(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Add both ends of every level, as wide as the errors that were measured for the method and the size."""
    import numpy as np
    import pandas as pd
    from scipy.special import ndtri

    lags = table["lag"].fillna(inf).to_numpy(dtype=float)
    alike = [table["base"], table["sex"].map(kind), table["horizon"], band(table["median"].to_numpy(dtype=float))]
    groups: Mapping[Any, Any] = table.groupby(alike, sort=False).indices
    narrower = pd.Series(0.0, index=table.index)
    for level in LEVELS:
        widths = np.empty(len(table))
        for (method, sexes, horizon, size), rows in groups.items():
            widths[rows] = _width(calibration, method, horizon, (sexes, level, size), lags[rows])
        # women and men are parts of a total by a split that may be wrong too: known no better than it
        totals = table[KEY].assign(width=widths)[table["sex"] == "all"]
        widths = np.fmax(widths, table[KEY].merge(totals, on=KEY, how="left")["width"].to_numpy())
        # a level with too few errors of its band takes those of all sizes, which may be smaller
        narrower = pd.Series(widths, index=table.index).clip(lower=narrower.replace(inf, 0.0))
        # by how much the damping of a shock may be off
        off = float(ndtri(0.5 + level / 200)) * DAMPING_SD / DAMPING * table["shift"].abs()
        table[f"lower_{level}"], table[f"upper_{level}"] = interval(table["median"], (narrower**2 + off**2) ** 0.5)
    return table


def _width(
    calibration: Calibration, method: str, horizon: int, of: tuple[str, int, str], lags: np.ndarray
) -> np.ndarray | float:
    """Return half widths (log scale) of cells of a kind, level and band; a lag is infinite where there is no figure."""
    import numpy as np

    if method == "none":
        return float("nan")
    if horizon and (register := calibration.register(horizon)):
        return width_at(lags, register, calibration.register(horizon - 1), of)
    width = calibration.width(method, *of)
    if "official_last" in calibration.fitted(method).needs and calibration.lag > 0 and width < inf:
        shrunk: np.ndarray = width * np.sqrt(np.clip(lags / calibration.lag, 0, 1))
        return shrunk
    return width


def _from_audience(calibration: Calibration) -> str:
    """Return the best method that needs nothing but an audience, empty if there is none."""
    return next((name for name in calibration.ranking if calibration.fitted(name).needs == ("audience",)), "")


def _fewer_than(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Give corridors of which only the floor is known an upper end: the floor, estimated as if it were reached."""
    floored = (
        table["median"].isna()
        & table["audience_status"].isin([status.FLOORED, status.DEDUCED])
        & table["audience_upper"].notna()
    )
    name = _from_audience(calibration)
    if not floored.any() or not name:
        return table
    at_floor = calibration.fitted(name).predict(table.assign(audience=table["audience_upper"]))
    for level in LEVELS:
        widths = table["sex"].map({sex: calibration.width(name, kind(sex), level) for sex in SEX.allowed})
        # where almost nobody has an account, an extrapolated end may be absurdly low
        upper = interval(at_floor, widths)[1].clip(lower=table["audience_upper"].astype("float64"))
        table[f"upper_{level}"] = table[f"upper_{level}"].where(~floored, upper)
        table[f"lower_{level}"] = table[f"lower_{level}"].where(~floored, 0.0)
    table["method"] = table["method"].where(~floored, name)
    return table


def _skills(table: pd.DataFrame, calibration: Calibration) -> pd.Series:
    """Return 1 - RMSLE / RMSLE of carry forward of each row's method, on the totals it was measured on.

    Missing in a shock: how well those are scaled was not measured.
    """
    errors = errors_of(calibration)
    baseline = errors.get("carry_forward")
    of_method = {name: 1 - error / baseline for name, error in errors.items()} if baseline else {}
    of_register: dict[int, float | None] = {}
    for years in HORIZONS:
        if register := calibration.register(years):
            past = {str(each["method"]): float(each["rmsle"]) for each in register.scores}
            of_register[years] = 1 - past[register.method] / past["carry_forward"]
    registers = table["horizon"].map(of_register).astype("float64")
    found = registers.where(table["horizon"] > 0, table["base"].map(of_method).astype("float64"))
    return found.where(table["shift"] == 0)
