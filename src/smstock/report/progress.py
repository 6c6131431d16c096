"""The terminal table of a collection's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.report.pairs import Pairs
from smstock.report.plans import duration

if TYPE_CHECKING:
    from smstock.collect.progress import Progress


def progress_table(progress: Progress) -> Pairs:
    r"""Return cells by status, answers, pace by account and time to go.

    Examples
    --------
    >>> from smstock.collect.progress import Progress
    >>> progress = Progress("serbia-today", "2026-11", 90, {"ok": 30}, to_ask=60, answers=30, last_hour={}, pace=120.0)
    >>> print(*progress_table(progress).lines(60), sep="\n")  # doctest: +NORMALIZE_WHITESPACE
    query       serbia-today
    wave             2026-11
    cells                 90
      ok                  30
      to ask              60
    answers               30
    time to go        30 min
    """
    table = Pairs(to_the_right=True)
    table.add("query", progress.query)
    table.add("wave", progress.wave)
    table.add("cells", f"{progress.cells:,}")
    for status, number in progress.statuses.items():
        table.add(f"  {status}", f"{number:,}")
    table.add("  to ask", f"{progress.to_ask:,}")
    table.add("answers", f"{progress.answers:,}")
    for account, number in progress.last_hour.items():
        table.add(f"  last hour, {account}", f"{number:,}")
    table.add("time to go", duration(progress.hours) if progress.to_ask else "done")
    return table
