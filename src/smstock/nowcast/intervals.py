"""Intervals of a wave: as wide as the errors that were measured for the method, the kind of cell and the size."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from smstock.calibrate.register import half_width_at
from smstock.corridors.regimes import DAMPING
from smstock.corridors.sexes import kind
from smstock.models.conformal import band, interval
from smstock.nowcast.medians import from_audience
from smstock.nowcast.single_figures import carried_untested, change
from smstock.tables import CORRIDOR_KEY, LEVELS, SEX
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.calibrate.calibration import Calibration
    from smstock.corridors.sexes import Kind

TYPICAL: Final = 80
"""The level that errors enough stand behind; a higher one rests on the few largest."""
LONGEST_TAIL: Final = 4.0
"""Most half widths at 80 % that one at a higher level may have, beyond which too few errors made it: 95 % has 1.5 of
them for normal errors, 2.3 for those of Student's t with two degrees of freedom, 4.1 with one."""
DAMPING_SD: Final = 0.3
"""How far the damping may be off, a standard deviation: it is assumed, so anything from 0 to 0.7 is thought likely."""


def with_intervals(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Add both ends of every level, as wide as the errors that were measured for the method and the size.

    Intervals of a calibrated method come from errors over the calibration's lag between two official figures. For
    methods that rest on the last official figure, the half width shrinks with the square root of the figure's age over
    that lag (errors that add up year by year), and never grows beyond it. Those of registers come from past dates.

    A half width at 95 % that is out of proportion to that at 80 % is none.

    The damping of a shock is assumed, so its interval allows for dampings of about 0 to 0.7 at 80 %.

    Women alone, and men alone, are never more than both together.

    Parameters
    ----------
    table
        Medians (`smstock.nowcast.medians`), shocks raised.
    calibration
        Half widths by method.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.baselines import RawAudience
    >>> from smstock.models.conformal import HalfWidth, HalfWidths
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"raw_audience": RawAudience()},
    ...     half_widths={"raw_audience": HalfWidths((HalfWidth("all", 80, "all", 0.693147),))})
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "median": 100.0, "base": "raw_audience"}
    >>> table = with_intervals(pd.DataFrame([row | {"horizon": 0, "lag": None, "shift": 0.0}]), calibration)
    >>> table[["lower_80", "upper_80"]].round(1).values.tolist()
    [[50.0, 200.0]]
    """
    table = table.copy()
    lags, persons = table["lag"].astype("float64").fillna(inf).to_numpy(), table["median"].to_numpy(dtype=float)
    alike = [table["base"], table["sex"].map(kind), table["horizon"], band(persons)]
    groups: Mapping[Any, Any] = table.groupby(alike, sort=False).indices
    nested = pd.Series(0.0, index=table.index)
    for level in LEVELS:
        half_width = np.empty(len(table))
        for (method, sexes, horizon, size), rows in groups.items():
            of = (sexes, level, size)
            half_width[rows] = _half_width(calibration, method, horizon, of, lags=lags[rows], persons=persons[rows])
        # women and men are parts of a total by a split that may be wrong too: known no better than it
        totals = table[CORRIDOR_KEY].assign(of_total=half_width)[table["sex"] == "all"]
        of_total = table[CORRIDOR_KEY].merge(totals, on=CORRIDOR_KEY, how="left")["of_total"].to_numpy()
        half_width = np.fmax(half_width, of_total)
        # a level with too few errors of its band takes those of all sizes, which may be smaller
        wider = pd.Series(half_width, index=table.index).clip(lower=nested.replace(inf, 0.0))
        nested = wider.mask((nested > 0) & (wider > LONGEST_TAIL * nested), inf) if level > TYPICAL else wider
        # by how much the damping of a shock may be off
        off = float(ndtri(0.5 + level / 200)) * DAMPING_SD / DAMPING * table["shift"].abs()
        lower, upper = interval(table["median"], (nested**2 + off**2) ** 0.5)
        table[f"lower_{level}"], table[f"upper_{level}"] = lower, upper.clip(upper=_of_both_sexes(table, upper))
    return table


def _half_width(
    calibration: Calibration,
    method: str,
    horizon: int,
    of: tuple[Kind, int, str],
    *,
    lags: np.ndarray,
    persons: np.ndarray,
) -> np.ndarray | float:
    """Return half widths (log scale) of cells of a kind, level and band; a lag is infinite where there is no figure."""
    if method == "none":
        return float("nan")
    if horizon and (register := calibration.register(horizon)):
        return half_width_at(lags, register, calibration.register(horizon - 1), of)
    if carried_untested(method, horizon, calibration.methods):
        return change(of[1], lags, persons, calibration)
    half_width = calibration.half_width(method, *of)
    if calibration.methods[method].rests_on_last() and calibration.lag and half_width < inf:
        shrunk: np.ndarray = half_width * np.sqrt(np.clip(lags / calibration.lag, 0, 1))
        return shrunk
    return half_width


def fewer_than(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Give corridors of which only the floor is known an upper end: the floor, estimated as if it were reached.

    Women alone, and men alone, are never more than both together.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.baselines import RawAudience
    >>> from smstock.models.conformal import HalfWidth, HalfWidths
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"raw_audience": RawAudience()}, ranking=("raw_audience",),
    ...     half_widths={"raw_audience": HalfWidths((HalfWidth("all", 80, "all", 0.693147),))})
    >>> row = {"sex": "all", "median": None, "audience": None, "audience_status": "floored", "audience_upper": 1000.0}
    >>> row |= {f"{end}_{level}": None for end in ("lower", "upper") for level in LEVELS} | {"method": "none"}
    >>> row |= {"destination": "CHL", "origin": "SRB"}
    >>> fewer_than(pd.DataFrame([row]), calibration)[["lower_80", "upper_80", "method"]].values.tolist()
    [[0.0, 1999.99..., 'raw_audience']]
    """
    floored = (
        table["median"].isna()
        & table["audience_status"].isin([status.FLOORED, status.DEDUCED])
        & table["audience_upper"].notna()
    )
    name = from_audience(calibration)
    if not floored.any() or not name:
        return table
    table = table.copy()
    at_floor = calibration.methods[name].predict(table.assign(audience=table["audience_upper"]))
    for level in LEVELS:
        half_width = table["sex"].map({sex: calibration.half_width(name, kind(sex), level) for sex in SEX.allowed})
        # where almost nobody has an account, an extrapolated end may be absurdly low
        upper = interval(at_floor, half_width)[1].clip(lower=table["audience_upper"].astype("float64"))
        upper = pd.concat([upper, _of_both_sexes(table, upper.where(floored))], axis=1).min(axis=1)
        table[f"upper_{level}"] = table[f"upper_{level}"].where(~floored, upper)
        table[f"lower_{level}"] = table[f"lower_{level}"].where(~floored, 0.0)
    table["method"] = table["method"].where(~floored, name)
    return table


def _of_both_sexes(table: pd.DataFrame, upper: pd.Series) -> pd.Series:
    """Return on each row the upper end of its corridor's total; missing where the total has none."""
    total = upper.where(table["sex"] == "all")
    return total.groupby([table[name] for name in CORRIDOR_KEY]).transform("max")
