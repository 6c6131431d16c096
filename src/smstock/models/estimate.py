"""The nowcast of a wave: for each corridor the best method it has the data for, with intervals that were measured."""

from __future__ import annotations

from math import inf, sqrt
from typing import TYPE_CHECKING, Any, Final

from smstock.audience.gender_gap import sex_ratios
from smstock.models.conformal import band, interval
from smstock.models.hierarchical import Hierarchical
from smstock.models.sexes import KEY, kind, with_sexes
from smstock.tables import ESTIMATE, LEVELS, check
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd

    from smstock.models.calibration import Calibration

FAR_APART: Final = 4.0
"""A calibrated audience and an official figure that differ by more than this factor are pointed out."""

CONCEPT_NOTES: Final = {"citizenship": "official figure counts citizens", "mixed": "official figure mixes concepts"}


def estimate(
    corridors: pd.DataFrame, calibration: Calibration, *, wave: str, reference_date: str, methods: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the estimate table of a wave: total, women and men of every corridor.

    Each corridor is estimated by the first method of ``methods`` (the calibration's ranking, unless given) that it has
    the data for. Where only the floor of the platform is known, the median is missing and the upper ends say "fewer
    than". Where nothing is known, everything is missing and the regime is ``none``.

    Notes
    -----
    Intervals come from errors over the calibration's lag between two official figures. For methods that rest on the
    last official figure, the half width shrinks with the square root of the figure's age over that lag (errors that
    add up year by year), and never grows beyond it.
    """
    import pandas as pd

    table = _medians(corridors, calibration, list(methods) or list(calibration.ranking))
    bands = band(table["median"].to_numpy(dtype=float))
    for level in LEVELS:
        widths = pd.Series(
            [
                _width(calibration, method, sex, lag, level, size=size)
                for method, sex, lag, size in zip(
                    table["method"], table["sex"], table["lag"].fillna(inf), bands, strict=True
                )
            ],
            index=table.index,
            dtype="float64",
        )
        table[f"lower_{level}"], table[f"upper_{level}"] = interval(table["median"], widths)
    table = _fewer_than(table, calibration)
    table["regime"] = _regimes(table)
    table["notes"] = _notes(table, calibration)
    return check(
        table.assign(
            age_min=0,
            age_max=None,
            reference_date=reference_date,
            wave=wave,
            skill_vs_carry_forward=table["method"].map(_skills(calibration)).astype("float64"),
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


def _width(calibration: Calibration, method: str, sex: str, lag: float, level: int, *, size: str) -> float:
    """Return the half width (log scale) of a cell's interval; ``lag`` is infinite where there is no official figure."""
    if method == "none":
        return float("nan")
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


def _regimes(table: pd.DataFrame) -> pd.Series:
    import numpy as np
    import pandas as pd

    conditions = [
        table["official_last"].notna() & table["median"].notna(),
        table["median"].notna(),
        table["upper_80"].notna(),
    ]
    return pd.Series(np.select(conditions, ["official", "audience", "floored"], "none"), index=table.index)


def _skills(calibration: Calibration) -> dict[str, float]:
    """Return 1 - RMSLE / RMSLE of carry forward for each method, on the totals that all methods share."""
    errors = {str(record["method"]): float(record["rmsle"]) for record in calibration.scores if record["kind"] == "all"}
    baseline = errors.get("carry_forward")
    return {name: 1 - error / baseline for name, error in errors.items()} if baseline else {}


def _notes(table: pd.DataFrame, calibration: Calibration) -> list[str]:
    """Say what a reader must know: the floor, missing answers, another concept, sources that contradict each other."""
    name = _from_audience(calibration)
    alone = calibration.fitted(name).predict(table) if name else table["median"]
    return [
        _note(row, ratio) for row, ratio in zip(table.to_dict("records"), alone / table["official_last"], strict=True)
    ]


def _note(row: dict[Hashable, Any], ratio: float) -> str:
    said = []
    if row["audience_status"] in (status.FLOORED, status.DEDUCED):
        said.append(f"audience fewer than {row['audience_upper']:,.0f} accounts")
    elif row["audience_status"] != status.OBSERVED:
        said.append(f"no audience ({row['audience_status']})")
    if row["official_concept"] in CONCEPT_NOTES:
        said.append(CONCEPT_NOTES[row["official_concept"]])
    if 0 < ratio < 1 / FAR_APART or FAR_APART < ratio < inf:
        said.append(f"audience alone says {ratio:.2g} times the official figure")
    if row["regime"] == "audience":
        said.append("no official figure: indicative")
    return "; ".join(said)
