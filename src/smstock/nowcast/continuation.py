"""Registers continued to the day of a nowcast, each by the method that its past showed to be best.

A short series, of two figures a year apart or so, says little of its own drift. The model over time has that of the
series beside it, and past series cut to two figures were continued by it as well as whole ones (docs/notes/regimes.md).
So short series are continued with the registers wherever that model continues these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.calibrate.register import HORIZONS, horizon
from smstock.calibrate.register_choice import known_late
from smstock.corridors.vintage import Vintage
from smstock.errors import ModelError
from smstock.evaluate.archive import stand
from smstock.models.methods import OVER_TIME, SERIES
from smstock.tables import CORRIDOR, CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstock.calibrate.register import Register
    from smstock.evaluate.archive import Archive
    from smstock.models.base import Method


AS_BESIDE: Final = "a short series, continued as the longer ones beside it"
"""Why a short series is continued."""


def continuable(totals: pd.DataFrame, regimes: pd.DataFrame, registers: Iterable[Register]) -> pd.DataFrame:
    """Return the totals that are continued: registers, and short series of an age at which the model over time is used.

    Parameters
    ----------
    totals
        A corridor table of one sex.
    regimes
        As `smstock.corridors.regimes.regimes` returns them.
    registers
        How registers are continued at each horizon that was tested.

    Examples
    --------
    >>> from smstock.calibrate.register import Register
    >>> known = pd.DataFrame({"destination": "AUT", "origin": ["SRB", "BIH"], "series": ["register", "stale"]})
    >>> totals = known[["destination", "origin"]].assign(lag=1.0)
    >>> known = known.assign(short=[False, True])
    >>> [continuable(totals, known, [Register(1, method, "", None, 90, 3)])["origin"].tolist()
    ...  for method in ("fusion", "trend")]
    [['SRB', 'BIH'], ['SRB']]
    """
    over_time = {method.name for method in OVER_TIME}
    tested = [register.horizon for register in registers if register.method in over_time]
    series = regimes.loc[(regimes["series"] == "register") | regimes["short"], [*CORRIDOR_KEY, "short"]]
    table = totals.merge(series, on=CORRIDOR_KEY)
    left_out = table["short"] & ~np.isin(horizon(table["lag"]), tested)
    return table[~left_out].drop(columns="short").reset_index(drop=True)


def joined(regimes: pd.DataFrame, continued: pd.DataFrame) -> pd.DataFrame:
    """Return the regimes with the short series that were continued as registers, and why.

    Examples
    --------
    >>> known = pd.DataFrame({"destination": "AUT", "origin": ["SRB", "BIH"], "regime": "stale", "short": True,
    ...                       "reason": "2 official figures"})
    >>> joined(known, known[["destination", "origin"]].tail(1))[["regime", "reason"]].values.tolist()
    [['stale', '2 official figures'], ['register', '2 official figures; a short series, continued as the longer ...']]
    """
    keys = pd.MultiIndex.from_frame(regimes[CORRIDOR_KEY])
    short = regimes["short"] & keys.isin(pd.MultiIndex.from_frame(continued[CORRIDOR_KEY]))
    return regimes.assign(
        regime=regimes["regime"].mask(short & (regimes["regime"] == "stale"), "register"),
        reason=regimes["reason"].mask(short, regimes["reason"] + f"; {AS_BESIDE}"),
    )


def continued(evidence: Archive, corridors: pd.DataFrame, registers: Iterable[Register], date: str) -> pd.DataFrame:
    """Return the totals of registers as their methods continue them to a day.

    Parameters
    ----------
    evidence
        Official series and audiences up to that day.
    corridors
        Totals of the registers to be estimated: a corridor table of one sex.
    registers
        How they are continued at each horizon that was tested.
    date
        The day to be estimated (ISO).

    Returns
    -------
    pandas.DataFrame
        destination, origin, estimate (persons), horizon (years). Corridors of a horizon that was not tested, and those
        its method cannot estimate, are left out.

    Examples
    --------
    >>> from smstock.calibrate.register import Register
    >>> from smstock.evaluate.archive import Archive
    >>> from smstock.tables import AUDIENCE, STOCK
    >>> series = Archive(pd.DataFrame(columns=[*STOCK.names]), pd.DataFrame(columns=[*AUDIENCE.names]))
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "official_last": 1000.0, "lag": 1.0}
    >>> table = pd.DataFrame([row]).reindex(columns=[*CORRIDOR.names])
    >>> continued(series, table, [Register(1, "carry_forward", "", None, 90, 3)], "2021-01-01").values.tolist()
    [['AUT', 'SRB', 1000.0, 1]]
    """
    parts, of_horizon = [], {register.horizon: register for register in registers}
    horizons = horizon(corridors["lag"])
    for years in HORIZONS:
        register, group = of_horizon.get(years), corridors[horizons == years]
        if register is None or group.empty:
            continue
        method = next(method for method in SERIES if method.name == register.method)
        try:
            estimate = method.estimate(_vintage(evidence, group.reset_index(drop=True), method, years, date))
        except ModelError:
            continue
        parts.append(group[CORRIDOR_KEY].assign(estimate=estimate.to_numpy(dtype=float), horizon=years))
    if not parts:
        return pd.DataFrame({"destination": [], "origin": [], "estimate": [], "horizon": []})
    return pd.DataFrame(pd.concat(parts, ignore_index=True).dropna(subset=["estimate"]))


def _vintage(evidence: Archive, corridors: pd.DataFrame, method: type[Method], years: int, date: str) -> Vintage:
    """Return what is known on a day; earlier dates, for a method that is fitted on them, from figures as old."""
    late = known_late(evidence, years)
    past = [corridors.iloc[:0]]
    if method.fewest:
        days = [day for day in sorted(evidence.own["reference_date"].unique()) if day <= date]
        past = [stand(late, cutoff=day, target_date=day) for day in days]
    earlier = pd.concat(past, ignore_index=True)
    return Vintage(
        cutoff=date,
        target_date=date,
        corridors=corridors[CORRIDOR.names].assign(stock=float("nan")),
        past=earlier[earlier["stock"].notna()].reset_index(drop=True),
        official=evidence.official,
        audiences=evidence.audiences,
    )
