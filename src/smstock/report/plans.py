"""What a query would cost, as a table for the terminal."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from smstock.report.pairs import Pairs
from smstock.vocabulary.counts import plural
from smstock.vocabulary.dates import HOURS_A_MONTH, WAVES_A_MONTH

if TYPE_CHECKING:
    from smstock.query.preflight import Plan

_SEVERITIES: Final = {"refused": "refused", "cells": "cells refused", "note": "note"}


def plan_table(plan: Plan) -> Pairs:
    r"""Return the cost of a query and every finding, the gravest first.

    Parameters
    ----------
    plan
        The plan.

    Examples
    --------
    >>> from smstock.query.preflight import Plan
    >>> plan = Plan(cells=1602, calls=1602, calls_per_hour=300, accounts=1)
    >>> print(*plan_table(plan).lines(60), sep="\n")  # doctest: +NORMALIZE_WHITESPACE
    cells     1,602
    calls     1,602, at most
    pace      300 an hour, 1 account
    duration  5 h 21 min
    findings  none
    """
    table = Pairs()
    refused = sum(finding.cells for finding in plan.findings)
    table.add(
        "cells", f"{plan.cells:,}" + (f", {refused:,} of them refused by the platform's rules" if refused else "")
    )
    basis = f", predicted from the wave {plan.predicted_from}" if plan.predicted_from else ", at most"
    table.add("calls", f"{plan.calls:,}{basis}")
    pace = "not published" if plan.calls_per_hour is None else f"{plan.calls_per_hour:,} an hour"
    table.add("pace", f"{pace}, {plural(plan.accounts, 'account')}")
    table.add("duration", duration(plan.hours))
    if plan.every != "month":
        waves, hours = WAVES_A_MONTH[plan.every], plan.hours_a_month
        taken = "" if hours is None else f", {duration(hours)} of {HOURS_A_MONTH:,.0f} h"
        table.add("a month", f"a wave every {plan.every}: {waves:.3g} waves, {plan.calls_a_month:,} calls{taken}")
    for severity, label in _SEVERITIES.items():
        for finding in plan.findings:
            if finding.severity == severity:
                table.add(label, finding.message, bold=severity == "refused")
    if not plan.findings:
        table.add("findings", "none")
    return table


def duration(hours: float | None) -> str:
    """Return hours and minutes, rounded up: a run is never promised to end earlier than it can.

    Examples
    --------
    >>> duration(5.34), duration(0.501), duration(None)
    ('5 h 21 min', '31 min', 'not known')
    """
    if hours is None:
        return "not known"
    minutes = ceil(round(hours * 60, 6))
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
