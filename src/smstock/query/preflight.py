"""What can be said of a query before anything is asked: its rules, its cost, its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from smstock.query.lattice import cells, shapes
from smstock.vocabulary.dates import WAVES_A_MONTH
from smstock.vocabulary.facets import NO_ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.query.lattice import Cell
    from smstock.query.linkedin import LinkedInQuery
    from smstock.query.meta import MetaQuery
    from smstock.query.spec import QuerySpec
    from smstock.vocabulary.dates import Every

Q = TypeVar("Q", "MetaQuery", "LinkedInQuery")

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


def no_corridor(query: Q, refusal: Callable[[Cell, Q], str]) -> list[Finding]:
    r"""Return the finding that a query learns of no corridor; empty if it asks for one that the platform answers.

    The query is refused if nothing else of it would be answered either.

    Parameters
    ----------
    query
        The query; it asks for a cell at least.
    refusal
        Returns why the platform refuses a cell, empty if it does not.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> text = 'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n'
    >>> every, few = (lambda cell, query: "age_rule"), (lambda cell, query: "age_rule" if cell.origin else "")
    >>> [finding.severity for finding in no_corridor(parse(text), every)]
    ['refused']
    >>> [finding.message for finding in no_corridor(parse(text + "totals = true"), few)]
    ['every cell of a corridor is refused: only all users would be counted, and no stock could be estimated']
    """
    answered = [cell for cell, _ in shapes(query) if not refusal(cell, query)]
    if any(cell.origin not in NO_ORIGIN for cell in answered):
        return []
    if not answered:
        return [Finding("refused", "nothing_answered", "every cell of the query is refused")]
    why = "every cell of a corridor is refused"
    if not query.corridors:
        why = f"there is no corridor: the only destination, {query.destinations[0]}, is the only origin"
    return [Finding("note", "no_corridor", f"{why}: only all users would be counted, and no stock could be estimated")]


@dataclass(frozen=True)
class Plan:
    """The cost of a query: cells, calls, and hours at the account's pace.

    ``calls`` is the most there can be, or a prediction from the wave named in ``predicted_from``. ``calls_per_hour`` is
    None where the platform does not say, and so are ``hours``. ``every`` says how often the calls are made.

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
    every: Every = "month"

    @property
    def hours(self) -> float | None:
        """Hours until the last answer, at the rolling hourly quota of all accounts together."""
        if self.calls_per_hour is None:
            return None
        return self.calls / (self.calls_per_hour * self.accounts)

    @property
    def calls_a_month(self) -> int:
        """Calls of all waves of a month, on average."""
        return round(self.calls * WAVES_A_MONTH[self.every])

    @property
    def hours_a_month(self) -> float | None:
        """Hours of all waves of a month, on average."""
        return None if self.hours is None else self.hours * WAVES_A_MONTH[self.every]

    @property
    def refused(self) -> bool:
        """Whether the platform would refuse the whole query."""
        return any(finding.severity == "refused" for finding in self.findings)
