"""The table of a back-test for the terminal, and in words what it could not test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.report import wording
from smstock.report.style import add_figures, add_folding, ruled_table
from smstock.vocabulary.counts import plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd
    from rich.table import Table

SCORE_NAMES: Final = {"mdape": "MdAPE", "wmape": "wMAPE", "mape": "MAPE", "rmsle": "RMSLE", "crps": "CRPS"}
_EXPLAINED: Final = (
    "Skill: 1 minus the {} over that of carry forward, on the cells of both; its interval is from drawing "
    "destinations. 80 %: share of the stocks inside intervals that rest on earlier dates; CRPS is of those intervals. "
    "Other scores are on each method's own cells{}."
)
_HINT: Final = (
    "A method of audiences learns from earlier dates that have a wave near them. `smstock calibrate` tests it on one "
    "date, with destinations left out."
)


def backtest_table(scores: pd.DataFrame, untested: pd.DataFrame, *, months_after: int, score: str = "rmsle") -> Table:
    """Return one row a method, the most skilful first; the caption tells how to read it and what could not be tested.

    Parameters
    ----------
    scores
        Columns method, dates, cells, mdape, wmape, rmsle, crps, coverage_80, skill, skill_lower, skill_upper.
    untested
        Columns method, reason.
    months_after
        Months from each target date to its cutoff.
    score
        The score of the skill.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> row = {"method": "trend", "dates": 2, "cells": 80, "mdape": 20.6, "wmape": 27.0, "rmsle": 1.342, "crps": None,
    ...        "coverage_80": None, "skill": 0.1, "skill_lower": 0.05, "skill_upper": 0.25}
    >>> table = backtest_table(pd.DataFrame([row]), pd.DataFrame(columns=["method", "reason"]), months_after=6)
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Estimates of past dates, each from what was known 6 months after it
           Dates  Cells  MdAPE  wMAPE  RMSLE  CRPS  80 %  Skill  95 % interval
    ───────────────────────────────────────────────────────────────────────────
    trend      2     80   21 %   27 %  1.342                +0.10  +0.05 to +0.25
    """
    known = f"{plural(months_after, 'month')} after it" if months_after else "on the day itself"
    title = f"Estimates of past dates, each from what was known {known}"
    table = ruled_table(title, "\n" + "\n\n".join(_caption(scores, untested, score)))
    add_folding(table)
    add_figures(table, "Dates", "Cells", "MdAPE", "wMAPE", "RMSLE", "CRPS", "80 %", "Skill", "95 % interval")
    for row in scores.to_dict("records"):
        table.add_row(
            wording.method(str(row["method"])),
            wording.count(row["dates"]),
            wording.count(row["cells"]),
            wording.per_cent(row["mdape"]),
            wording.per_cent(row["wmape"]),
            wording.ratio(row["rmsle"], 3),
            wording.ratio(row["crps"], 3),
            wording.per_cent(row["coverage_80"]),
            signed(row["skill"]),
            _interval(row),
        )
    return table


def signed(number: float | None) -> str:
    """Return a skill with its sign; empty if missing.

    Examples
    --------
    >>> signed(0.231), signed(0.0), signed(None), signed(-1.5) == wording.MINUS + "1.50"
    ('+0.23', '0.00', '', True)
    """
    if number is None or not wording.known(number):
        return ""
    sign = wording.MINUS if number < 0 else "+" if number > 0 else ""
    return f"{sign}{abs(number):.2f}"


def _interval(row: Mapping[Any, Any]) -> str:
    ends = signed(row["skill_lower"]), signed(row["skill_upper"])
    return " to ".join(ends) if all(ends) else ""


def _caption(scores: pd.DataFrame, untested: pd.DataFrame, score: str) -> list[str]:
    """Say how to read the table, and name the methods that could not be tested, those of one reason together."""
    unlike = (
        ", which differ: rows are to be compared by their skill"
        if scores["cells"].min() < scores["cells"].max()
        else ""
    )
    paragraphs = [_EXPLAINED.format(SCORE_NAMES[score], unlike)]
    better = [wording.method(name) for name in scores.loc[scores["skill_lower"] > 0, "method"]]
    paragraphs.append(
        f"Better than carrying the last official figure forward, on the cells of both: {wording.enumeration(better)}."
        if better
        else "No method is better than carrying the last official figure forward by more than luck may do."
    )
    reasons: dict[str, list[str]] = {}
    for row in untested.to_dict("records"):
        method = str(row["method"])
        reasons.setdefault(str(row["reason"]).removeprefix(f"{method} "), []).append(wording.method(method))
    if reasons:
        texts = [f"{wording.enumeration(names)}: {reason}" for reason, names in reasons.items()]
        paragraphs.append(f"Not tested. {'. '.join(text[0].upper() + text[1:] for text in texts)}.")
        paragraphs.append(_HINT)
    return paragraphs
