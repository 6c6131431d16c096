"""Repair of a query's waves: glitches marked, breaks found, everything on the scale of the newest wave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from smstock.audience.breaks import break_links, chain_link, find_breaks
from smstock.audience.eras import era_links
from smstock.audience.glitches import glitch_reasons, without_glitches
from smstock.vocabulary.dates import in_order
from smstock.vocabulary.status import GLITCH

COLLECTED: Final = "collected"
"""Rule of a glitch that was marked while it was collected: a sudden floor, asked again, that stayed."""

GLITCHES: Final = ("metric", "wave", "destination", "origin", "sex", "age_min", "age_max", "education", "relationship")
"""Columns that say where a glitch is."""

BREAKS: Final = ("platform", "metric", "wave", "origin", "kind", "factor", "least", "most", "link_sd", "corridors")


@dataclass(frozen=True, eq=False)
class Repair:
    """The waves of a query as shown and as repaired.

    Parameters
    ----------
    shown
        Audience table of all waves as the platform showed them, glitches marked: status ``glitch``, no value.
    chained
        The same on the scale of the newest wave, with ``link_factor`` and ``link_sd`` (`chain_link`).
    glitches
        A row a glitch: the columns of :data:`GLITCHES`, ``rule`` (`smstock.audience.glitches`, or :data:`COLLECTED`)
        and ``shown``, the accounts shown (of a floor the floor; missing where the collector kept none).
    breaks
        A row a break: platform, metric, wave (first of the new regime), origin (empty: all), ``kind`` (``break``, or
        ``display`` for two bounds in place of one number), ``factor`` (median after over before; of an origin beyond
        all corridors), ``least`` and ``most`` (5th and 95th percentile of the factors that corridors are multiplied
        by), ``link_sd`` (median standard deviation of their logarithms), ``corridors`` that it was found in, or that it
        links.
    """

    shown: pd.DataFrame
    chained: pd.DataFrame
    glitches: pd.DataFrame
    breaks: pd.DataFrame


def repair(audience: pd.DataFrame) -> Repair:
    """Return the repair of the waves of one query.

    Glitches are taken out, breaks are found in what remains, and glitches are marked anew within the regimes between
    breaks. A break of any origin parts the waves of all.

    Parameters
    ----------
    audience
        Audience table (`smstock.tables.AUDIENCE`) of all waves; both metrics, where there are two.

    Notes
    -----
    Nothing is filled in: a glitch has no value afterwards. A break in the newest wave looks like an error of that
    wave.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.audience.eras import SERIES
    >>> cell = dict.fromkeys(SERIES, "") | {"platform": "meta", "metric": "mau", "origin": "POL", "status": "observed"}
    >>> values = {"2019-02": 9000.0, "2019-03": 9000.0, "2019-04": 4500.0, "2019-05": 4500.0}
    >>> table = pd.DataFrame([
    ...     cell | {"destination": area, "wave": wave, "value": value, "lower": value - 50, "upper": value + 50}
    ...     for area in ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD") for wave, value in values.items()])
    >>> repaired = repair(table)
    >>> repaired.breaks[["wave", "factor"]].round(2).values.tolist()
    [['2019-04', 0.5]]
    >>> repaired.chained.loc[repaired.chained["destination"] == "DEU", "value"].round().tolist()
    [4500.0, 4500.0, 4500.0, 4500.0]
    """
    cleaned = without_glitches(audience)
    breaks = find_breaks(cleaned)
    links = break_links(cleaned, breaks)
    starts = in_order(breaks["wave"])
    rules = glitch_reasons(audience, starts).mask(audience["status"] == GLITCH, COLLECTED)
    shown = without_glitches(audience, starts)
    display = era_links(shown)
    every = [part for part in (display, links) if len(part)]
    chained = chain_link(shown, pd.concat(every, ignore_index=True) if every else links)
    accounts = audience["value"].astype("float64").fillna(audience["upper"].astype("float64"))
    glitches = audience[list(GLITCHES)].assign(rule=rules, shown=accounts)[rules != ""]
    order = ["wave", "destination", "origin", "metric", "sex", "age_min"]
    return Repair(shown, chained, glitches.sort_values(order, ignore_index=True), _described(breaks, links, display))


def _described(breaks: pd.DataFrame, links: pd.DataFrame, display: pd.DataFrame) -> pd.DataFrame:
    """Return the breaks with the spread of their links over corridors."""
    rows: list[dict[str, Any]] = []
    for record in breaks.assign(kind="break").to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        of_break = links
        for name in ("platform", "metric", "wave", *(["origin"] if row["origin"] else [])):
            of_break = of_break[of_break[name] == row[name]]
        rows.append(row | _spread(of_break))
    for (platform, metric, wave), of_break in display.groupby(["platform", "metric", "wave"]):
        common = {"platform": platform, "metric": metric, "wave": wave, "origin": "", "kind": "display", "factor": 1.0}
        rows.append(common | _spread(of_break) | {"corridors": len(of_break)})
    return pd.DataFrame(rows, columns=list(BREAKS)).sort_values(["wave", "metric", "origin"], ignore_index=True)


def _spread(links: pd.DataFrame) -> dict[str, float]:
    factors = links["factor"].astype("float64")
    least, most, link_sd = factors.quantile(0.05), factors.quantile(0.95), links["link_sd"].astype("float64").median()
    return {"least": float(least), "most": float(most), "link_sd": float(link_sd)}
