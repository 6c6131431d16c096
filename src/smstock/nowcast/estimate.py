"""The finished estimate table of a wave: medians, intervals, reasons and notes, checked under its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smstock.calibrate.register import HORIZONS
from smstock.corridors.own_country import OWN_COUNTRY, REASON
from smstock.corridors.regimes import regimes
from smstock.corridors.sexes import EVEN_SPLIT
from smstock.models.fusion.method import long_tables
from smstock.nowcast.continuation import continuable, continued, joined
from smstock.nowcast.foreign import comparable_foreign
from smstock.nowcast.former_states import with_both_readings
from smstock.nowcast.intervals import fewer_than, with_intervals
from smstock.nowcast.medians import assumed_sexes, from_audience, medians, with_shocks
from smstock.nowcast.notes import with_odd_ratios, with_remarks, with_repairs
from smstock.nowcast.plausibility import with_status
from smstock.nowcast.reasons import notes, reasons
from smstock.tables import CORRIDOR_KEY, ESTIMATE, check
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.audience.repair import Repair
    from smstock.calibrate.calibration import Calibration
    from smstock.evaluate.archive import Archive


def estimate(
    corridors: pd.DataFrame,
    calibration: Calibration,
    series: Archive,
    *,
    wave: str,
    date: str,
    stock: pd.DataFrame,
    population: pd.DataFrame | None = None,
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
    population
        Population of areas by sex, for the check of what is possible; profiles of countries stand in for it.
    repair
        How the audiences were repaired by earlier waves; None for a first wave.
    methods
        Methods to use in this order for all corridors, in place of the calibration's choice.
    """
    evidence = regimes(*long_tables(series.official, series.audiences), date)
    totals = corridors[corridors["sex"] == "all"]
    continuing = continuable(totals, evidence, calibration.registers)
    totals_continued = continued(series, continuing, calibration.registers, date)
    table = combined(
        corridors,
        calibration,
        wave=wave,
        reference_date=date,
        evidence=joined(evidence, totals_continued),
        continued=totals_continued,
        methods=methods,
    )
    table = with_odd_ratios(with_remarks(table, stock))
    youngest, oldest = ages_of(stock)
    table = table.assign(age_min=youngest, age_max=oldest)
    if repair is not None:
        table = with_repairs(table, repair, calibration, wave=wave, metric=series.metric)
    table = with_both_readings(table, calibration)
    return check(with_status(table, calibration, stock, population), ESTIMATE)


def ages_of(stock: pd.DataFrame) -> tuple[int, int | None]:
    """Return the youngest and oldest age that figures are about, and so the estimates; 0 and None: everybody.

    Examples
    --------
    >>> ages_of(pd.DataFrame({"age_min": [15, 15], "age_max": [64, 64]})), ages_of(pd.DataFrame())
    ((15, 64), (0, None))
    """
    if stock.empty or len(ages := stock[["age_min", "age_max"]].drop_duplicates()) > 1:
        return 0, None
    youngest, oldest = ages.iloc[0]
    return int(youngest), None if pd.isna(oldest) else int(oldest)


def combined(
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

    `estimate` adds what remarks of offices and repairs say, holds back what is not plausible, and checks the contract.

    A register is continued by the method that its past showed to be best. Any other corridor is estimated by the first
    method of the calibration's ranking that it has the data for. In a shock a method that does not read the audience is
    raised by a damped part of the audience's excess growth. Where only the floor of the platform is known, the median
    is missing and the upper ends say "fewer than". Where nothing is known, everything is missing.

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

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.calibrate.learnt import Score
    >>> from smstock.models.baselines import CarryForward
    >>> from smstock.tables import CORRIDOR
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1, sex_sources=("equal",),
    ...     methods={"carry_forward": CarryForward()}, ranking=("carry_forward",),
    ...     scores=(Score("carry_forward", "all", 31, 0.4),))
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "official_last": 1000.0, "lag": 5.0}
    >>> table = pd.DataFrame([row | {"audience_status": "not_asked"}]).reindex(columns=[*CORRIDOR.names])
    >>> evidence = pd.DataFrame([row | {"regime": "stale", "reason": "it is old", "scaled": None, "excess": None}])
    >>> combined(table, calibration, wave="2020-10", reference_date="2020-10-15", evidence=evidence,
    ...     continued=pd.DataFrame())[["median", "method", "regime"]].values.tolist()
    [[1000.0, 'carry_forward', 'stale']]
    """
    corridors, foreign_unlike = comparable_foreign(corridors, calibration.foreign_basis)
    table = medians(corridors, calibration, continued, methods=methods)
    known = evidence[[*CORRIDOR_KEY, "regime", "reason", "official_last", "scaled", "excess"]]
    known = known.rename(columns={"official_last": "before", "reason": "why"})
    table = table.merge(known, on=CORRIDOR_KEY, how="left")
    for name, otherwise in (("regime", "none"), ("why", "no official figure")):
        table[name] = table[name].astype(object).fillna(otherwise)
    table = fewer_than(with_intervals(with_shocks(table, calibration), calibration), calibration)
    name = from_audience(calibration)
    alone = calibration.methods[name].predict(_at_floor(table)) if name else pd.Series(float("nan"), index=table.index)
    above_floor = alone.where(table["audience"].notna())
    remarks = notes(table, above_floor, calibration, foreign_unlike=foreign_unlike)
    even = assumed_sexes(table, corridors, calibration)
    own = table["audience_status"].eq(OWN_COUNTRY)
    finished: pd.DataFrame = table.assign(
        reason=pd.Series(reasons(table, calibration), index=table.index).mask(own, REASON),
        notes=[
            "; ".join(filter(None, (note, EVEN_SPLIT * is_even))) for note, is_even in zip(remarks, even, strict=True)
        ],
        alone=alone,
        age_min=0,
        age_max=None,
        education="",
        reference_date=reference_date,
        wave=wave,
        skill_vs_carry_forward=_skills(table, calibration),
        calibration_id=calibration.id,
    )
    return finished


def _at_floor(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose audiences below the floor are taken at the floor."""
    floored = table["audience_status"].isin([status.FLOORED, status.DEDUCED])
    return table.assign(audience=table["audience"].where(~floored, table["audience_upper"]))


def _skills(table: pd.DataFrame, calibration: Calibration) -> pd.Series:
    """Return 1 - RMSLE / RMSLE of carry forward of each row's method, on the totals it was measured on.

    Missing in a shock: how well those are scaled was not measured. Missing, too, where carry forward never erred.
    """
    errors = calibration.rmsle()
    baseline = errors.get("carry_forward")
    of_method = {name: 1 - error / baseline for name, error in errors.items()} if baseline else {}
    of_register = {
        years: 1 - register.score(register.method).rmsle / carried
        for years in HORIZONS
        if (register := calibration.register(years)) and (carried := register.score("carry_forward").rmsle) > 0
    }
    registers = table["horizon"].map(of_register).astype("float64")
    skills = registers.where(table["horizon"] > 0, table["base"].map(of_method).astype("float64"))
    return skills.where(table["shift"] == 0)
