"""The nowcast of a wave: registers continued from their own past, all other corridors by the calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.corridors.regimes import regimes
from smstock.models.fusion.method import long_tables
from smstock.nowcast.continuation import continued
from smstock.nowcast.estimate import estimate
from smstock.nowcast.notes import with_remarks, with_repairs
from smstock.tables import ESTIMATE, check

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from smstock.audience.repair import Repair
    from smstock.calibrate.calibration import Calibration
    from smstock.evaluate.vintage import Archive


def nowcast(
    corridors: pd.DataFrame,
    calibration: Calibration,
    series: Archive,
    *,
    wave: str,
    date: str,
    stock: pd.DataFrame,
    repair: Repair | None = None,
    methods: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the finished estimate table of a wave: estimates, intervals, reasons and notes, under its contract.

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
    stock
        Stock table that the last official figures are from; its flags are said in the notes.
    repair
        How the audiences were repaired by earlier waves; None for a first wave.
    methods
        Methods to use in this order for all corridors, in place of the calibration's choice.
    """
    evidence = regimes(*long_tables(series.official, series.audiences), date)
    totals = corridors[corridors["sex"] == "all"]
    registers = totals.merge(evidence.loc[evidence["series"] == "register", ["destination", "origin"]])
    table = estimate(
        corridors,
        calibration,
        wave=wave,
        reference_date=date,
        evidence=evidence,
        continued=continued(series, registers, calibration.registers, date),
        methods=methods,
    )
    table = with_remarks(table, stock)
    if repair is not None:
        table = with_repairs(table, repair, calibration, wave=wave, metric=series.metric)
    return check(table, ESTIMATE)
