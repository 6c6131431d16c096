"""Registers continued to the day of a nowcast, each by the method that its past showed to be best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smstock.calibrate.register import HORIZONS, horizon
from smstock.calibrate.register_choice import known_late
from smstock.corridors.vintage import Vintage
from smstock.errors import ModelError
from smstock.evaluate.archive import stand
from smstock.models.methods import SERIES
from smstock.tables import CORRIDOR, CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstock.calibrate.register import Register
    from smstock.evaluate.archive import Archive
    from smstock.models.base import Method


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
