"""What a query would cost, and every rule it breaks, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.collect.deduction import Deduction
from smstock.platforms.registry import platform
from smstock.query.lattice import Cell, cells, count
from smstock.query.preflight import Plan
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.query.spec import QuerySpec


def plan(query: QuerySpec, *, today: str, accounts: int = 1, earlier: Path | None = None) -> Plan:
    """Return cells, calls, hours and findings of a query.

    Parameters
    ----------
    query
        The query.
    today
        ISO date on which it would be asked: versions expire.
    accounts
        Advertising accounts that share the calls; quotas are by account, not by token.
    earlier
        Audience table of an earlier wave: what lay at the floor then is taken to lie there still, and the calls that
        this saves are predicted. Without it, the calls are the most there can be.
    """
    there = platform(query.platform)
    findings = tuple(there.findings(query, today))
    total = count(query)
    refused = sum(finding.cells for finding in findings)
    calls = total - refused if earlier is None else _predicted(query, earlier)
    return Plan(
        cells=total,
        calls=calls,
        calls_per_hour=there.calls_per_hour,
        accounts=accounts,
        findings=findings,
        predicted_from="" if earlier is None else earlier.parent.name,
    )


def _predicted(query: QuerySpec, earlier: Path) -> int:
    """Count the cells that no coarser cell of an earlier wave would settle."""
    import pandas as pd

    groups = ["education", "relationship", "dimension", "category"]
    columns = ["destination", "origin", "sex", "age_min", "age_max", *groups, "status"]
    table = pd.read_parquet(earlier, columns=[*columns, "metric"])
    there = platform(query.platform)
    table = table[table["metric"] == there.metrics[0]]
    known = {
        Cell(destination, origin, sex, Ages(int(low), None if pd.isna(high) else int(high)), *of_groups): status
        for destination, origin, sex, low, high, *of_groups, status in zip(
            *(table[name] for name in columns), strict=True
        )
    }
    deduction = Deduction(query, lambda cell: known.get(cell, ""))
    return sum(not there.refusal(cell, query) and not deduction.deduced(cell) for cell in cells(query))
