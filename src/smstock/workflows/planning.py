"""What a query would cost, and every rule it breaks, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.platforms.registry import platform
from smstock.query.lattice import count
from smstock.query.preflight import Plan

if TYPE_CHECKING:
    from smstock.query.spec import QuerySpec


def plan(query: QuerySpec, *, today: str, accounts: int = 1) -> Plan:
    """Return cells, calls, hours and findings of a query.

    Parameters
    ----------
    query
        The query.
    today
        ISO date on which it would be asked: versions expire.
    accounts
        Advertising accounts that share the calls; quotas are by account, not by token.
    """
    there = platform(query.platform)
    findings = tuple(there.findings(query, today))
    cells = count(query)
    refused = sum(finding.cells for finding in findings)
    return Plan(
        cells=cells, calls=cells - refused, calls_per_hour=there.calls_per_hour, accounts=accounts, findings=findings
    )
