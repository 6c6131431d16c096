"""What can be said of a query before anything is asked: its rules, its cost, its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from smstock.query.lattice import cells

if TYPE_CHECKING:
    from smstock.query.spec import QuerySpec

Severity = Literal["refused", "cells", "note"]


@dataclass(frozen=True)
class Finding:
    """A rule that a query breaks, or a fact its author should know.

    ``severity``: ``refused`` (nothing of the query would be answered), ``cells`` (some cells are refused; they become
    rows with that status and cost no call), ``note``.
    """

    severity: Severity
    rule: str
    message: str
    cells: int = 0


def nothing_asked(query: QuerySpec) -> list[Finding]:
    r"""Return the finding that a query asks nothing; empty if it asks for any cell.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["SRB"]\nages="18+"')
    >>> [finding.rule for finding in nothing_asked(query)]
    ['nothing_asked']
    """
    if next(cells(query), None) is not None:
        return []
    message = (
        f"the query asks nothing: its only destination, {query.destinations[0]}, is its only origin, and nobody is a"
        " migrant at home; name another destination or origin, or write totals = true for all users"
    )
    return [Finding("refused", "nothing_asked", message)]


@dataclass(frozen=True)
class Plan:
    """The cost of a query: cells, calls, and hours at the account's pace.

    ``calls`` is the most there can be, or a prediction from the wave named in ``predicted_from``. ``calls_per_hour`` is
    None where the platform does not say, and so are ``hours``.

    Examples
    --------
    >>> Plan(cells=1602, calls=1602, calls_per_hour=300, accounts=1).hours
    5.34
    """

    cells: int
    calls: int
    calls_per_hour: int | None
    accounts: int
    findings: tuple[Finding, ...] = ()
    predicted_from: str = ""

    @property
    def hours(self) -> float | None:
        """Hours until the last answer, at the rolling hourly quota of all accounts together."""
        if self.calls_per_hour is None:
            return None
        return self.calls / (self.calls_per_hour * self.accounts)

    @property
    def refused(self) -> bool:
        """Whether the platform would refuse the whole query."""
        return any(finding.severity == "refused" for finding in self.findings)
