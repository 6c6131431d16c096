"""What was done to the figures and audiences behind an estimate, said in its notes, and what links add to intervals."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from smstock.corridors.composition import undivided
from smstock.corridors.history import audience_growth
from smstock.official.flags import remarks
from smstock.tables import CORRIDOR_SEX_KEY, LEVELS
from smstock.vocabulary.counts import multiple

if TYPE_CHECKING:
    from smstock.audience.repair import Repair
    from smstock.calibrate.calibration import Calibration

JUMP: Final = 2.0
"""Factor between two official figures in a row that is pointed out."""
ODD_RATIO: Final = 10.0
"""Factor between persons per account of a corridor and of others that is pointed out."""


def with_remarks(estimates: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Return the estimate table with notes that also say where a last official figure was taken from another source.

    Parameters
    ----------
    estimates
        Keeps `smstock.tables.ESTIMATE`.
    stock
        Stock table that the last official figures are from, with one row for each corridor, sex and date. Its flags
        say if a figure is not from the most trusted source, or was interpolated; other flags are left out. A last
        figure that is more than twice the one before, or less than half of it, is pointed out.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"destination": "DNK", "origin": "SRB", "sex": "all"}
    >>> row_of_estimate = {"official_last_date": "2020-07-01", "official_last": 90.0, "notes": "no audience (floored)"}
    >>> estimates = pd.DataFrame([row | row_of_estimate])
    >>> flags = "B; resolved: undesa birth 2020 instead of eurostat birth 2025 (:)"
    >>> stock = pd.DataFrame([row | {"reference_date": "2020-07-01", "value": 90.0, "flags": flags}])
    >>> with_remarks(estimates, stock)["notes"].item()
    'no audience (floored); official figure: undesa birth 2020 instead of eurostat birth 2025 (:)'
    """
    flagged = stock[[*CORRIDOR_SEX_KEY, "reference_date", "flags"]]
    flagged = flagged.rename(columns={"reference_date": "official_last_date"})
    dated = [*CORRIDOR_SEX_KEY, "official_last_date"]
    flags = estimates[dated].merge(flagged, on=dated, how="left")["flags"]
    notes = [
        "; ".join(filter(None, (note, *(f"official figure: {text}" for text in remarks(of_row)), jump)))
        for note, of_row, jump in zip(estimates["notes"], flags.fillna(""), _jumps(estimates, stock), strict=True)
    ]
    return estimates.assign(notes=notes)


def _jumps(estimates: pd.DataFrame, stock: pd.DataFrame) -> list[str]:
    """Say of each row whose last figure is more than twice, or less than half, the one before how far it is."""
    figures = stock[[*CORRIDOR_SEX_KEY, "reference_date", "value"]]
    rows = estimates[[*CORRIDOR_SEX_KEY, "official_last", "official_last_date"]].reset_index(names="row")
    earlier = rows.merge(figures, on=CORRIDOR_SEX_KEY)
    earlier = earlier[
        (earlier["reference_date"].astype("str") < earlier["official_last_date"]) & (earlier["value"] > 0)
    ]
    before = earlier.sort_values("reference_date").drop_duplicates("row", keep="last").set_index("row")
    before = before.reindex(rows["row"])
    ratio = (before["official_last"] / before["value"]).astype("float64")
    return [
        f"the last official figure is {multiple(times)} times the one before ({value:,.0f} of {date})"
        if times > 0 and not 1 / JUMP <= times <= JUMP
        else ""
        for times, value, date in zip(ratio, before["value"], before["reference_date"], strict=True)
    ]


def with_odd_ratios(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the estimate table with notes where persons per account are unlike those of the other corridors.

    Of corridors without an official figure only; the others are those with one, if any has an audience.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"sex": "all", "regime": ["stale", "none", "none"], "median": [2e3, 640.0, 1e3]})
    >>> with_odd_ratios(rows.assign(audience=[1e3, 16e3, 1e3], notes=""))["notes"].tolist()
    ['', '0.04 persons per account, in corridors with an official figure typically 2', '']
    """
    ratio = (estimates["median"] / estimates["audience"]).astype("float64")
    checked = (estimates["sex"] == "all") & (estimates["regime"] != "none")
    typical = float(ratio[checked].median())
    times_typical = ratio / typical
    apart = ((times_typical > ODD_RATIO) | (times_typical < 1 / ODD_RATIO)) & (estimates["regime"] == "none")
    texts = [
        f"{times:.2g} persons per account, in corridors with an official figure typically {typical:.2g}" if odd else ""
        for times, odd in zip(ratio, apart, strict=True)
    ]
    notes = ["; ".join(filter(None, both)) for both in zip(estimates["notes"], texts, strict=True)]
    return estimates.assign(notes=notes)


def with_repairs(
    estimates: pd.DataFrame, repair: Repair, calibration: Calibration, *, wave: str, metric: str
) -> pd.DataFrame:
    """Return the estimate table with notes on glitches and links, and the intervals that links make wider.

    Where a method rests on the growth of the audience since a wave before a link, the standard deviation s of the
    link's logarithm is added to the half width w of each level L: sqrt(w^2 + (z_L s)^2), z_L that of a normal
    distribution. Errors at the benchmark may hold the same link already, so this errs on the wide side.

    Parameters
    ----------
    estimates
        Estimate table of the wave.
    repair
        Repair of the waves up to it.
    calibration
        Says which methods rest on the growth of the audience.
    wave, metric
        The wave and metric of the estimates.

    Examples
    --------
    >>> from smstock.audience.repair import GLITCHES, Repair
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.trend import Minora
    >>> from smstock.tables import AUDIENCE
    >>> calibration = Calibration(name="c", query="q", wave="2019-05", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2018-01-01", inputs={}, versions={}, seed=1,
    ...     methods={"minora": Minora()})
    >>> cell = dict.fromkeys(AUDIENCE.names, "") | {"destination": "DEU", "origin": "POL", "sex": "all"}
    >>> cell |= {"age_min": 18, "age_max": None, "metric": "mau", "status": "observed", "value": 500.0}
    >>> shown = pd.DataFrame([cell | {"wave": wave} for wave in ("2019-01", "2019-05")])
    >>> chained = shown.assign(link_factor=[0.5, 1.0], link_sd=[0.1, 0.0])
    >>> repair = Repair(shown, chained, pd.DataFrame(columns=[*GLITCHES, "rule", "shown"]), pd.DataFrame())
    >>> row = {"destination": "DEU", "origin": "POL", "sex": "all", "median": 1000.0, "method": "minora", "notes": ""}
    >>> row |= {f"{end}_{level}": value for level in LEVELS for end, value in (("lower", 900.0), ("upper", 1100.0))}
    >>> rows = pd.DataFrame([row | {"official_last_date": "2019-01-15", "audience": 500.0}])
    >>> with_repairs(rows, repair, calibration, wave="2019-05", metric="mau")["notes"].item()
    'earlier audience multiplied by 0.50 to chain a break (sd 10 %)'
    """
    rows = estimates.reset_index(drop=True)
    chained = undivided(repair.chained[repair.chained["metric"] == metric])
    needs = {name: method.needs for name, method in calibration.methods.items()}
    rests = rows["method"].map(lambda name: "audience_growth" in needs.get(name, ()))
    links = _crossed(rows, chained, wave=wave).where(rests, 0.0)
    return _widened(rows, links["sd"]).assign(notes=_notes(rows, repair, links, wave=wave, metric=metric))


def _crossed(rows: pd.DataFrame, chained: pd.DataFrame, *, wave: str) -> pd.DataFrame:
    """Return logarithm and standard deviation of the link between the wave and the one growth is counted from."""
    # Growth from a value of exp(x) to 1 is -x, so growth itself picks the wave. Links are those of both sexes together.
    totals = rows.assign(sex="all", audience=1.0)
    known = chained["value"].gt(0)
    crossed = {
        name: -audience_growth(totals, chained.assign(value=np.exp(numbers).where(known)), wave=wave)
        for name, numbers in (("log", np.log(chained["link_factor"])), ("sd", chained["link_sd"]))
    }
    return pd.DataFrame(crossed).fillna(0.0) + 0.0


def _widened(rows: pd.DataFrame, sd: pd.Series) -> pd.DataFrame:
    wider = rows.copy()
    linked = (sd > 0) & rows["median"].gt(0)
    median = rows["median"].astype("float64")
    for level in LEVELS:
        for end, sign in (("lower", -1), ("upper", 1)):
            name = f"{end}_{level}"
            half_width = np.log(rows[name].astype("float64").where(linked) / median)
            half_width = np.hypot(half_width, ndtri(0.5 + level / 200) * sd)
            wider[name] = rows[name].where(~linked, median * np.exp(sign * half_width))
    return wider


def _notes(rows: pd.DataFrame, repair: Repair, links: pd.DataFrame, *, wave: str, metric: str) -> list[str]:
    of_wave = repair.glitches[(repair.glitches["wave"] == wave) & (repair.glitches["metric"] == metric)]
    shown = undivided(repair.shown[(repair.shown["wave"] == wave) & (repair.shown["metric"] == metric)])
    of_wave = of_wave.merge(shown[[*CORRIDOR_SEX_KEY, "age_min"]], on=[*CORRIDOR_SEX_KEY, "age_min"])
    glitches = {
        (row["destination"], row["origin"], row["sex"]): (row["rule"], row["shown"])
        for row in of_wave[(of_wave[["education", "relationship"]] == "").all(axis=1)].to_dict("records")
    }
    notes = []
    for row, log, sd in zip(rows.to_dict("records"), links["log"], links["sd"], strict=True):
        parts = [row["notes"]]
        if glitch := glitches.get((row["destination"], row["origin"], row["sex"])):
            rule, accounts = glitch
            number = f"{accounts:,.0f} accounts shown, " if accounts == accounts else ""  # noqa: PLR0124 - missing
            parts.append(f"{number}taken out as a glitch ({rule})")
        if sd > 0:
            parts.append(f"earlier audience multiplied by {exp(log):.2f} to chain a break (sd {100 * sd:.0f} %)")
        notes.append("; ".join(filter(None, parts)))
    return notes
