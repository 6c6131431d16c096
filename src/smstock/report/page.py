"""The page of a nowcast: one HTML file that opens anywhere, without a network and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.report import charts, sentences, wording
from smstock.report.headline import headline
from smstock.report.limits import limits
from smstock.report.listing import (
    ALONE,
    CHECKED,
    DOUBTED,
    HELD,
    ROUNDED_UP,
    audience_text,
    ceilings,
    legend,
    listing,
    rounded_up,
    with_figures,
)
from smstock.report.pyramids import MEANINGS, NAMES, divided_by, pyramids
from smstock.report.rendering import rendered
from smstock.report.schooling import levels_of_corridors
from smstock.report.sum_pyramids import sum_pyramids
from smstock.report.sums import ABOUT, figures, listed
from smstock.report.tables import (
    RATIO_COLUMNS,
    RATIOS_EXPLAINED,
    estimate_text,
    interval_text,
    method_name,
    method_source,
    ratio_headers,
    with_ratios,
)
from smstock.tables import LEVELS
from smstock.vocabulary.dates import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.calibrate.learnt import Score
    from smstock.calibrate.shares import LearntShares
    from smstock.report.basis import Basis


def page(
    title: str,
    estimates: pd.DataFrame,
    basis: Basis,
    sex_ratios: pd.DataFrame,
    *,
    sums: pd.DataFrame | None = None,
    detail: pd.DataFrame | None = None,
    group_sums: pd.DataFrame | None = None,
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
    basis
        What the estimates were made with.
    sex_ratios
        Columns destination, origin, users, audience, corrected, official_last: women per man from each source.
    sums
        Table `smstock.tables.sums.SUM` of these estimates; the page has no sums without it.
    detail
        Estimates by sex and age, or by education; the page has no pyramids without any.
    group_sums
        Their sums; the page has no pyramids of sums without any.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.report.basis import Basis
    >>> basis = Basis(calibration="serbia-1", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", lag=5.0)
    >>> ends = dict.fromkeys([f"{end}_{level}" for end in ("lower", "upper") for level in (50, 80, 95)])
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0, "age_max": None, "wave": "2020-10",
    ...        "reference_date": "2020-10-15", "median": 178194.0, "regime": "stale", "reason": "old",
    ...        "method": "log_ratio", "status": "provisional", "precision": "digits",
    ...        "audience": 66000.0, "official_last": 177609.0, "official_last_date": "2020-07-01", "notes": ""}
    >>> ratios = pd.DataFrame(columns=["destination", "origin", "users", "audience", "corrected", "official_last"])
    >>> html = page("People from Serbia", pd.DataFrame([row | ends]), basis, ratios)
    >>> html[:15], "178,000" in html
    ('<!doctype html>', True)
    """
    rows = listing(estimates)
    by_education = detail is not None and len(detail) > 0 and divided_by(detail) == "education"
    learnt = basis.schooling if by_education else basis.shares
    checked = bool((rows["standing"] == CHECKED).any())
    drawn = rows[rows["median"] > 0].head(charts.MOST_ESTIMATES)
    grey = drawn.loc[drawn["standing"] != CHECKED, [f"upper_{level}" for level in LEVELS]].notna()
    return rendered(
        "page.html.j2",
        title=title,
        basis=basis,
        provider=wording.provider(basis.provider),
        wording=wording,
        headline=headline(rows, sums),
        in_brief=sentences.in_brief(basis.scores, target_date=basis.target_date, lag=basis.lag) if checked else "",
        months=wording.enumeration([wording.wave(wave) for wave in in_order(rows["wave"].unique())]),
        chart=charts.estimates_chart(estimates),
        drawn=len(drawn),
        grey=bool(grey.any(axis=None)),
        estimated=int(rows["standing"].isin([CHECKED, DOUBTED, ALONE]).sum()),
        indicative=bool((rows["standing"] == ALONE).any()),
        doubtful=bool((rows["standing"] == DOUBTED).any()),
        held_back=int((rows["standing"] == HELD).sum()),
        estimates=[_estimate(row) for row in with_figures(rows).to_dict("records")],
        legend=legend(rows),
        ceilings=[ceiling for ceiling in ceilings(rows) if ceiling.upper is not None],
        rounded_up=ROUNDED_UP if rounded_up(rows) else "",
        unknown=[name for ceiling in ceilings(rows) if ceiling.upper is None for name in ceiling.names],
        sums=[] if sums is None else [_sum(row) for row in listed(sums).to_dict("records")],
        sums_explained=ABOUT,
        pyramids={} if detail is None or detail.empty else _pyramids(detail, group_sums),
        by_sex=detail is not None and set(detail["sex"].unique()) != {"all"},
        schooling=levels_of_corridors(detail) if detail is not None and by_education else [],
        divided_by="" if detail is None or detail.empty else divided_by(detail),
        divided=0 if detail is None else len(detail.drop_duplicates(["destination", "origin"])),
        shares=_shares(learnt),
        shares_elsewhere=_shares(learnt and learnt.elsewhere),
        spread=learnt is not None and learnt.between > 0,
        scored="groups of origins" if learnt is not None and learnt.of_groups else "corridors",
        verdict=sentences.verdict(basis.scores, target_date=basis.target_date),
        choice=sentences.choice(basis.scores),
        continued=sentences.continued(basis.registers),
        methods_chart=charts.methods_chart(basis.scores),
        tested=any(wording.known(score.coverage(80)) for score in basis.scores),
        methods=[_accuracy(score) for score in sentences.by_method(basis.scores).values()],
        levels=LEVELS,
        sex_verdict=sentences.sex_verdict(basis.errors_of_ratios),
        ratios_explained=RATIOS_EXPLAINED,
        ratio_headers=ratio_headers(basis.errors_of_ratios),
        ratios=[_ratios(row) for row in with_ratios(sex_ratios).to_dict("records")],
        limits=limits(rows, basis),
    )


def _pyramids(detail: pd.DataFrame, group_sums: pd.DataFrame | None) -> dict[str, list[dict[str, str]]]:
    """Return the pyramids by section: those of corridors, then those of sums."""
    return {"Corridors": pyramids(detail)} | ({} if group_sums is None else sum_pyramids(detail, group_sums))


def _estimate(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells of a corridor as texts."""
    return {
        "name": row["name"],
        "mark": row["mark"],
        "estimate": estimate_text(row),
        "interval_80": interval_text(row, 80),
        "interval_95": interval_text(row, 95),
        "women": wording.per_cent(row["women"]),
        "audience": audience_text(row),
        "official": wording.count(row["official_last"]),
        "official_date": row["official_last_date"],
        "regime": row["regime"],
        "reason": row["reason"],
        "notes": row["notes"],
    }


def _sum(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells of a sum as texts."""
    median, interval_80, women = figures(row)
    return {
        "name": row["name"],
        "sum": median,
        "interval_80": interval_80,
        "interval_95": interval_text(row, 95),
        "women": women,
        "part": row["part"],
    }


def _accuracy(score: Score) -> dict[str, Any]:
    """Return the cells of a method as texts."""
    return {
        "name": method_name(score.method),
        "meaning": wording.METHODS.get(score.method, ""),
        "source": method_source(score.method),
        "cells": wording.count(score.cells_own),
        "mdape": wording.per_cent(score.mdape),
        "wmape": wording.per_cent(score.wmape),
        "rmsle": wording.ratio(score.rmsle, 3),
        "bias": wording.per_cent(score.total_bias, signed=True),
        "held": [wording.per_cent(score.coverage(level)) for level in LEVELS],
    }


def _shares(learnt: LearntShares | None) -> list[dict[str, Any]]:
    """Return the cells of each method of shares as texts; none where no shares were learnt."""
    return [
        {
            "name": NAMES[score.method],
            "meaning": MEANINGS[score.method],
            "corridors": wording.count(score.corridors),
            "error": f"{100 * score.error:.2f}",
            "plain": f"{100 * score.plain_error:.2f}",
            "held": wording.per_cent(100 * score.held),
        }
        for score in (learnt.scores if learnt else ())
    ]


def _ratios(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells of a corridor's sex ratios as texts."""
    return {"name": row["name"], "ratios": [wording.ratio(row[source]) for source in RATIO_COLUMNS]}
