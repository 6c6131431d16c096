"""The page of a nowcast: one HTML file that opens anywhere, without a network and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.evaluate.crossvalidate import CHOSEN
from smstock.report import charts, sentences, wording
from smstock.report.limits import limits
from smstock.report.listing import ceilings, legend, listing, with_figures
from smstock.report.rendering import rendered
from smstock.report.sums import ABOUT, figures, listed
from smstock.report.tables import (
    RATIO_COLUMNS,
    RATIOS_EXPLAINED,
    estimate_text,
    method_name,
    method_source,
    ratio_headers,
    with_ratios,
)
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.calibrate.calibration import Calibration


def page(
    title: str,
    estimates: pd.DataFrame,
    calibration: Calibration,
    sex_ratios: pd.DataFrame,
    sums: pd.DataFrame | None = None,
) -> str:
    """Return the page of a nowcast as HTML: the answer, estimates, sums, accuracy, sex ratios, limits, provenance.

    Equal arguments give equal pages: nothing is read but the templates, no clock either. Styles and charts are inside;
    nothing is loaded from elsewhere. A corridor has a row if it has an estimate or an official figure; the others are
    listed by their upper end.

    Parameters
    ----------
    title
        Heading of the page; plain text.
    estimates
        Estimate table of one wave.
    calibration
        What the estimates were made with.
    sex_ratios
        Columns destination, origin, users, audience, corrected, official_last: women per man from each source.
    sums
        Table `smstock.tables.sums.SUM` of these estimates; the page has no sums without it.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.calibrate.calibration import Calibration
    >>> calibration = Calibration(name="serbia", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", methods={}, widths={}, ranking=(), scores=[],
    ...     sex_sources=(), errors_of_ratios=[], lag=5.0, cells=0, inputs={}, versions={}, seed=1)
    >>> ends = dict.fromkeys([f"{end}_{level}" for end in ("lower", "upper") for level in (50, 80, 95)])
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0, "age_max": None, "wave": "2020-10",
    ...        "reference_date": "2020-10-15", "median": 178194.0, "regime": "stale", "reason": "old",
    ...        "method": "log_ratio",
    ...        "audience": 66000.0, "official_last": 177609.0, "official_last_date": "2020-07-01", "notes": ""}
    >>> ratios = pd.DataFrame(columns=["destination", "origin", "users", "audience", "corrected", "official_last"])
    >>> html = page("People from Serbia", pd.DataFrame([row | ends]), calibration, ratios)
    >>> html[:15], "178,000" in html
    ('<!doctype html>', True)
    """
    rows = listing(estimates)
    return rendered(
        "page.html.j2",
        title=title,
        calibration=calibration,
        provider=wording.provider(calibration.provider),
        wording=wording,
        headline=sentences.headline(rows),
        in_brief=sentences.in_brief(calibration),
        months=wording.enumeration([wording.month(wave) for wave in sorted(rows["wave"].unique())]),
        chart=charts.estimates_chart(estimates),
        drawn=min(int((rows["median"] > 0).sum()), charts.MOST_ESTIMATES),
        estimated=int(rows["median"].notna().sum()),
        estimates=[_estimate(row) for row in with_figures(rows).to_dict("records")],
        legend=legend(rows),
        ceilings=ceilings(rows),
        sums=[] if sums is None else [_sum(row) for row in listed(sums).to_dict("records")],
        sums_explained=ABOUT,
        verdict=sentences.verdict(calibration),
        choice=sentences.choice(calibration),
        registers=sentences.registers(calibration),
        methods_chart=charts.methods_chart(calibration),
        methods=[_accuracy(name, record) for name, record in sentences.scores(calibration).items()],
        levels=LEVELS,
        sex_verdict=sentences.sex_verdict(calibration),
        ratios_explained=RATIOS_EXPLAINED,
        ratio_headers=ratio_headers(calibration),
        ratios=[_ratios(row) for row in with_ratios(sex_ratios).to_dict("records")],
        limits=limits(rows, calibration),
    )


def _estimate(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells of a corridor as texts."""
    known = wording.known(row["median"])
    return {
        "name": row["name"],
        "mark": row["mark"],
        "estimate": estimate_text(row),
        "interval_80": wording.interval(row["lower_80"], row["upper_80"]) if known else "",
        "interval_95": wording.interval(row["lower_95"], row["upper_95"]) if known else "",
        "women": wording.per_cent(row["women"]),
        "audience": wording.count(row["audience"]),
        "official": wording.count(row["official_last"]),
        "official_date": row["official_last_date"],
        "regime": row["regime"],
        "reason": row["reason"],
        "notes": row["notes"],
    }


def _sum(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells of a sum as texts."""
    interval_95 = wording.interval(row["lower_95"], row["upper_95"])
    median, interval_80, women = figures(row)
    return {
        "name": row["name"],
        "sum": median,
        "interval_80": interval_80,
        "interval_95": interval_95,
        "women": women,
        "part": row["part"],
    }


def _accuracy(name: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return the cells of a method as texts."""
    return {
        "name": method_name(name),
        "meaning": wording.METHODS.get(name, ""),
        "source": method_source(name),
        "chosen": name == CHOSEN,
        "cells": wording.count(record["cells_own"]),
        "mdape": wording.per_cent(record["mdape"]),
        "wmape": wording.per_cent(record["wmape"]),
        "rmsle": wording.ratio(record["rmsle"], 3),
        "bias": wording.per_cent(record["total_bias"], signed=True),
        "held": [wording.per_cent(record[f"coverage_{level}"]) for level in LEVELS],
    }


def _ratios(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells of a corridor's sex ratios as texts."""
    return {"name": row["name"], "ratios": [wording.ratio(row[source]) for source in RATIO_COLUMNS]}
