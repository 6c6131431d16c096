"""Registers continued to the day of a nowcast, each by the method that its past showed to be best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.calibrate.register import HORIZONS, horizon
from smstock.calibrate.registers import CORRIDOR_KEY, known_late
from smstock.corridors.vintage import Vintage
from smstock.errors import ModelError
from smstock.evaluate.vintage import stand
from smstock.models.methods import SERIES
from smstock.tables import CORRIDOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.evaluate.vintage import Archive
    from smstock.models.base import Method


def continued(
    evidence: Archive, corridors: pd.DataFrame, found: Mapping[str, Mapping[str, Any]], date: str
) -> pd.DataFrame:
    """Return the totals of registers as their methods continue them to a day.

    Parameters
    ----------
    evidence
        Official series and audiences up to that day.
    corridors
        Totals of the registers to be estimated: a corridor table of one sex.
    found
        Records by horizon, as `learn_registers` returns them.
    date
        The day to be estimated (ISO).

    Returns
    -------
    pandas.DataFrame
        destination, origin, estimate (persons), horizon (years). Corridors of a horizon that was not tested, and those
        its method cannot estimate, are left out.
    """
    import pandas as pd

    parts = []
    horizons = horizon(corridors["lag"])
    for years in HORIZONS:
        record, group = found.get(str(years)), corridors[horizons == years]
        if record is None or group.empty:
            continue
        method = next(each for each in SERIES if each.name == record["method"])
        try:
            estimate = method.nowcast(_vintage(evidence, group.reset_index(drop=True), method, years, date))
        except ModelError:
            continue
        parts.append(group[CORRIDOR_KEY].assign(estimate=estimate.to_numpy(dtype=float), horizon=years))
    if not parts:
        return pd.DataFrame({"destination": [], "origin": [], "estimate": [], "horizon": []})
    return pd.DataFrame(pd.concat(parts, ignore_index=True).dropna(subset=["estimate"]))


def _vintage(evidence: Archive, corridors: pd.DataFrame, method: type[Method], years: int, date: str) -> Vintage:
    """Return what is known on a day; earlier dates, for a method that is fitted on them, from figures as old."""
    import pandas as pd

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
