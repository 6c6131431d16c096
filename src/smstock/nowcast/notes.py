"""What was done to the figures and audiences behind an estimate, said in its notes, and what links add to intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.corridors.composition import undivided
from smstock.corridors.history import audience_growth
from smstock.official.flags import remarks
from smstock.tables import LEVELS

if TYPE_CHECKING:
    import pandas as pd

    from smstock.audience.repair import Repair
    from smstock.calibrate.calibration import Calibration

KEY: Final = ["destination", "origin", "sex"]


def with_remarks(estimates: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Return the estimate table with notes that also say where a last official figure was taken from another source.

    Parameters
    ----------
    estimates
        Keeps `smstock.tables.ESTIMATE`.
    stock
        Stock table that the last official figures are from, with one row for each corridor, sex and date. Its flags
        say if a figure is not from the most trusted source, or was interpolated; other flags are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"destination": "DNK", "origin": "SRB", "sex": "all"}
    >>> estimates = pd.DataFrame([row | {"official_last_date": "2020-07-01", "notes": "no audience (floored)"}])
    >>> flags = "B; resolved: undesa birth 2020 instead of eurostat birth 2025 (:)"
    >>> stock = pd.DataFrame([row | {"reference_date": "2020-07-01", "flags": flags}])
    >>> with_remarks(estimates, stock)["notes"].item()
    'no audience (floored); official figure: undesa birth 2020 instead of eurostat birth 2025 (:)'
    """
    said = stock[[*KEY, "reference_date", "flags"]].rename(columns={"reference_date": "official_last_date"})
    flags = estimates[[*KEY, "official_last_date"]].merge(said, on=[*KEY, "official_last_date"], how="left")["flags"]
    notes = [
        "; ".join(filter(None, (note, *(f"official figure: {text}" for text in remarks(of_row)))))
        for note, of_row in zip(estimates["notes"], flags.fillna(""), strict=True)
    ]
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
    """
    rows = estimates.reset_index(drop=True)
    chained = undivided(repair.chained[repair.chained["metric"] == metric])
    needs = {name: calibration.fitted(name).needs for name in set(rows["method"]) if name in calibration.methods}
    rests = rows["method"].map(lambda name: "audience_growth" in needs.get(name, ()))
    links = _crossed(rows, chained, wave=wave).where(rests, 0.0)
    return _widened(rows, links["sd"]).assign(notes=_notes(rows, repair, links, wave=wave, metric=metric))


def _crossed(rows: pd.DataFrame, chained: pd.DataFrame, *, wave: str) -> pd.DataFrame:
    """Return logarithm and standard deviation of the link between the wave and the one growth is counted from."""
    import numpy as np
    import pandas as pd

    # Growth from a value of exp(x) to 1 is -x, so growth itself picks the wave. Links are those of both sexes together.
    totals = rows.assign(sex="all", audience=1.0)
    known = chained["value"].gt(0)
    found = {
        name: -audience_growth(totals, chained.assign(value=np.exp(numbers).where(known)), wave=wave)
        for name, numbers in (("log", np.log(chained["link_factor"])), ("sd", chained["link_sd"]))
    }
    return pd.DataFrame(found).fillna(0.0) + 0.0


def _widened(rows: pd.DataFrame, sd: pd.Series) -> pd.DataFrame:
    import numpy as np
    from scipy.stats import norm

    wider = rows.copy()
    linked = (sd > 0) & rows["median"].gt(0)
    median = rows["median"].astype("float64")
    for level in LEVELS:
        for end, sign in (("lower", -1), ("upper", 1)):
            name = f"{end}_{level}"
            width = np.log(rows[name].astype("float64").where(linked) / median)
            width = np.hypot(width, norm.ppf(0.5 + level / 200) * sd)
            wider[name] = rows[name].where(~linked, median * np.exp(sign * width))
    return wider


def _notes(rows: pd.DataFrame, repair: Repair, links: pd.DataFrame, *, wave: str, metric: str) -> list[str]:
    from math import exp

    here = repair.glitches[(repair.glitches["wave"] == wave) & (repair.glitches["metric"] == metric)]
    shown = undivided(repair.shown[(repair.shown["wave"] == wave) & (repair.shown["metric"] == metric)])
    here = here.merge(shown[[*KEY, "age_min"]], on=[*KEY, "age_min"])
    glitches = {
        (row["destination"], row["origin"], row["sex"]): (row["rule"], row["shown"])
        for row in here[(here[["education", "relationship"]] == "").all(axis=1)].to_dict("records")
    }
    notes = []
    for row, log, sd in zip(rows.to_dict("records"), links["log"], links["sd"], strict=True):
        said = [row["notes"]]
        if found := glitches.get((row["destination"], row["origin"], row["sex"])):
            rule, accounts = found
            number = f"{accounts:,.0f} accounts shown, " if accounts == accounts else ""  # noqa: PLR0124 - missing
            said.append(f"{number}taken out as a glitch ({rule})")
        if sd > 0:
            said.append(f"earlier audience multiplied by {exp(log):.2f} to chain a break (sd {100 * sd:.0f} %)")
        notes.append("; ".join(filter(None, said)))
    return notes
