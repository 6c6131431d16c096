"""The nowcast of a wave: registers continued from their own past, all other corridors by the calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.models.fusion.method import long_tables
from smstock.models.regimes import regimes
from smstock.nowcast.continuation import continued
from smstock.nowcast.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from smstock.calibrate.calibration import Calibration
    from smstock.evaluate.vintage import Evidence


def nowcast(
    corridors: pd.DataFrame,
    calibration: Calibration,
    series: Evidence,
    *,
    wave: str,
    date: str,
    methods: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the estimate table of a wave.

    Parameters
    ----------
    corridors
        Corridor table of the wave.
    calibration
        What was learnt of stale figures and of none, and of registers.
    series
        Official figures and audiences up to the day.
    wave, date
        The wave, and the day that is estimated (ISO).
    methods
        Methods to use in this order for all corridors, in place of the calibration's choice.
    """
    evidence = regimes(*long_tables(series.official, series.audiences), date)
    totals = corridors[corridors["sex"] == "all"]
    registers = totals.merge(evidence.loc[evidence["series"] == "register", ["destination", "origin"]])
    return estimate(
        corridors,
        calibration,
        wave=wave,
        reference_date=date,
        evidence=evidence,
        continued=continued(series, registers, calibration.registers, date),
        methods=methods,
    )
