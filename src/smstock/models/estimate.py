"""The nowcast of a wave: for each corridor the best method it has the data for, with intervals that were measured."""

from __future__ import annotations

from math import expm1, inf, sqrt
from typing import TYPE_CHECKING, Any, Final

from smstock.audience.gender_gap import sex_ratios
from smstock.models.conformal import band, interval
from smstock.models.hierarchical import Hierarchical
from smstock.models.regimes import DAMPING
from smstock.models.register import HORIZONS, width_at
from smstock.models.sexes import KEY, kind, with_sexes
from smstock.models.stack import Stack
from smstock.tables import ESTIMATE, LEVELS, check
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd

    from smstock.models.calibration import Calibration

FAR_APART: Final = 4.0
"""A calibrated audience and an official figure that differ by more than this factor are pointed out."""

SHOCK: Final = "minora_damped"
"""Method of a register in a shock: its series continued, times a damped part of the audience's excess growth."""
DAMPING_SD: Final = 0.3
"""How far the damping may be off, a standard deviation: it is assumed, so anything from 0 to 0.7 is thought likely."""

CONCEPT_NOTES: Final = {"citizenship": "official figure counts citizens", "mixed": "official figure mixes concepts"}


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
    """Return the estimate table of a wave: total, women and men of every corridor.

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
        Regime of each corridor and the reason for it, as `smstock.models.regimes.regimes` returns them; a corridor
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
    table["reason"] = _reasons(table, calibration)
    table["notes"] = _notes(table, calibration)
    return check(
        table.assign(
            age_min=0,
            age_max=None,
            reference_date=reference_date,
            wave=wave,
            skill_vs_carry_forward=_skills(table, calibration),
            calibration_id=calibration.id,
        ),
        ESTIMATE,
    )


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

    unheard = table["method"].map(lambda name: not _reads_audience(str(name), calibration)).astype(bool)
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
    return bool({"audience", "audience_growth"} & set(calibration.fitted(name).needs)) or name == Stack.name


def _with_intervals(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Add both ends of every level, as wide as the errors that were measured for the method and the size."""
    import pandas as pd
    from scipy.special import ndtri

    bands = band(table["median"].to_numpy(dtype=float))
    lags, narrower = table["lag"].fillna(inf), pd.Series(0.0, index=table.index)
    for level in LEVELS:
        widths = pd.Series(
            [
                _width(calibration, row, level, size=size)
                for row, size in zip(
                    zip(table["base"], table["sex"], lags, table["horizon"], strict=True), bands, strict=True
                )
            ],
            index=table.index,
            dtype="float64",
        )
        # a level with too few errors of its band takes those of all sizes, which may be smaller
        narrower = widths.clip(lower=narrower.replace(inf, 0.0))
        # by how much the damping of a shock may be off
        off = float(ndtri(0.5 + level / 200)) * DAMPING_SD / DAMPING * table["shift"].abs()
        table[f"lower_{level}"], table[f"upper_{level}"] = interval(table["median"], (narrower**2 + off**2) ** 0.5)
    return table


def _width(calibration: Calibration, row: tuple[str, str, float, int], level: int, *, size: str) -> float:
    """Return the half width (log scale) of a cell's interval; its lag is infinite where there is no official figure."""
    method, sex, lag, horizon = row
    if method == "none":
        return float("nan")
    if horizon and (register := calibration.register(horizon)):
        return width_at(lag, register, calibration.register(horizon - 1), (kind(sex), level, size))
    width = calibration.width(method, kind(sex), level, size)
    if "official_last" in calibration.fitted(method).needs and calibration.lag > 0:
        width *= sqrt(min(1.0, max(lag, 0.0) / calibration.lag))
    return width


def _from_audience(calibration: Calibration) -> str:
    """Return the best method that needs nothing but an audience, empty if there is none.

    The level model is left aside: a corridor at the floor lacks the covariates that it was fitted with.
    """
    for name in calibration.ranking:
        fitted = calibration.fitted(name)
        if fitted.needs == ("audience",) and not isinstance(fitted, Hierarchical):
            return name
    return ""


def _fewer_than(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Give corridors of which only the floor is known an upper end: the floor, estimated as if it were reached."""
    import pandas as pd

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
        widths = pd.Series([calibration.width(name, kind(sex), level) for sex in table["sex"]], index=table.index)
        upper = interval(at_floor, widths)[1]
        table[f"upper_{level}"] = table[f"upper_{level}"].where(~floored, upper)
        table[f"lower_{level}"] = table[f"lower_{level}"].where(~floored, 0.0)
    table["method"] = table["method"].where(~floored, name)
    return table


def _skills(table: pd.DataFrame, calibration: Calibration) -> pd.Series:
    """Return 1 - RMSLE / RMSLE of carry forward of each row's method, on the totals it was measured on.

    Missing in a shock: how well those are scaled was not measured.
    """
    import pandas as pd

    errors = _errors(calibration)
    baseline = errors.get("carry_forward")
    of_method = {name: 1 - error / baseline for name, error in errors.items()} if baseline else {}
    of_register: dict[int, float | None] = {}
    for years in HORIZONS:
        if register := calibration.register(years):
            past = {str(each["method"]): float(each["rmsle"]) for each in register.scores}
            of_register[years] = 1 - past[register.method] / past["carry_forward"]
    skills = [
        of_register.get(horizon) if horizon else of_method.get(method)
        for horizon, method in zip(table["horizon"], table["base"], strict=True)
    ]
    found = pd.Series(skills, index=table.index, dtype="float64")
    return found.where(table["shift"] == 0)


def _errors(calibration: Calibration) -> dict[str, float]:
    """Return the RMSLE of each method on the totals that all methods share."""
    return {str(record["method"]): float(record["rmsle"]) for record in calibration.scores if record["kind"] == "all"}


def _reasons(table: pd.DataFrame, calibration: Calibration) -> list[str]:
    """Say why a row has its regime, and why its method."""
    errors = _errors(calibration)
    return [
        "; ".join(filter(None, (row["why"], _because(row, calibration, errors)))) for row in table.to_dict("records")
    ]


def _because(row: dict[Hashable, Any], calibration: Calibration, errors: dict[str, float]) -> str:
    """Say why a row is estimated by its method: what was measured, or what is lacking."""
    base, said = str(row["base"]), ""
    if not row["median"] > 0:
        return "only the floor is known" if row["upper_80"] > 0 else "and no audience"
    if row["horizon"] and (register := calibration.register(row["horizon"])):
        said = register.reason if base == "carry_forward" else f"{_words(base)}: {register.reason}"
    elif base == "carry_forward":
        better = [name for name in calibration.ranking if errors.get(name, inf) < errors.get(base, inf)]
        alone = f"RMSLE {errors[base]:.3f}" if base in errors else "not measured"
        said = (
            f"carried forward ({alone}): it lacks what {_words(better[0])} needs, an audience above the floor"
            if better
            else f"carried forward ({alone}): no method did better on destinations left out"
        )
    elif base in errors:
        beside = errors.get("carry_forward")
        said = f"{_words(base)}: RMSLE {errors[base]:.3f} on destinations left out"
        if row["official_last"] > 0 and beside is not None:
            said += f", carried forward {beside:.3f}{' (worse)' if errors[base] > beside else ''}"
    if row["shift"]:
        said += (
            f"; raised by {expm1(row['shift']):.0%}, a part of that growth, as an audience's label once given is kept"
        )
    return said


def _words(method: str) -> str:
    return method.replace("_", " ")


def _notes(table: pd.DataFrame, calibration: Calibration) -> list[str]:
    """Say what a reader must know: the floor, missing answers, another concept, sources that contradict each other."""
    name = _from_audience(calibration)
    alone = calibration.fitted(name).predict(table) if name else table["median"]
    return [
        _note(row, ratio) for row, ratio in zip(table.to_dict("records"), alone / table["official_last"], strict=True)
    ]


def _note(row: dict[Hashable, Any], ratio: float) -> str:
    said = [f"alert: {row['why']}"] if row["regime"] == "shock" else []
    if row["audience_status"] in (status.FLOORED, status.DEDUCED):
        said.append(f"audience fewer than {row['audience_upper']:,.0f} accounts")
    elif row["audience_status"] != status.OBSERVED:
        said.append(f"no audience ({row['audience_status']})")
    if row["official_concept"] in CONCEPT_NOTES:
        said.append(CONCEPT_NOTES[row["official_concept"]])
    if 0 < ratio < 1 / FAR_APART or FAR_APART < ratio < inf:
        said.append(f"audience alone says {ratio:.2g} times the official figure")
    if row["regime"] == "none" and row["median"] > 0:
        said.append("no official figure: indicative")
    return "; ".join(said)
