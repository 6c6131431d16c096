"""The terminal table of a collection's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.report.plans import duration

if TYPE_CHECKING:
    from rich.table import Table

    from smstock.collect.progress import Progress


def progress_table(progress: Progress) -> Table:
    """Return cells by status, answers, pace by account and time to go."""
    from rich.table import Table

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
