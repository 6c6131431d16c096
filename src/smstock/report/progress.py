"""The terminal table of a collection's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from smstock.report.plans import duration

if TYPE_CHECKING:
    from smstock.collect.progress import Progress


def progress_table(progress: Progress) -> Table:
    """Return cells by status, answers, pace by account and time to go.

    Examples
    --------
    >>> from rich.console import Console
    >>> from smstock.collect.progress import Progress
    >>> progress = Progress("serbia-today", "2026-11", 90, {"ok": 30}, to_ask=60, answers=30, last_hour={}, pace=120.0)
    >>> Console(width=60).print(progress_table(progress))  # doctest: +NORMALIZE_WHITESPACE
    query       serbia-today
    wave             2026-11
    cells                 90
      ok                  30
      to ask              60
    answers               30
    time to go        30 min
    """
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    table.add_row("query", progress.query)
    table.add_row("wave", progress.wave)
    table.add_row("cells", f"{progress.cells:,}")
    for status, number in progress.statuses.items():
        table.add_row(f"  {status}", f"{number:,}")
    table.add_row("  to ask", f"{progress.to_ask:,}")
    table.add_row("answers", f"{progress.answers:,}")
    for account, number in progress.last_hour.items():
        table.add_row(f"  last hour, {account}", f"{number:,}")
    table.add_row("time to go", duration(progress.hours) if progress.to_ask else "done")
    return table
