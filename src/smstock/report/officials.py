"""The terminal table of what official files hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

MOST_LISTED = 4
"""Values that are listed one by one; more are counted."""


def official_table(summaries: Sequence[dict[str, Any]]) -> Table:
    """Return one column a file: what it was recognised as, how much it holds of what, and what was left out.

    Examples
    --------
    >>> official_table([{"file": "stock.csv", "layout": "tidy CSV", "rows": 3}]).row_count
    2
    """
    from rich.table import Table

    table = Table(box=None, show_header=True, header_style="bold", pad_edge=False)
    table.add_column("")
    for summary in summaries:
        table.add_column(str(summary["file"]).rpartition("/")[2], overflow="fold")
    names = dict.fromkeys(name for summary in summaries for name in summary if name != "file")
    for name in names:
        table.add_row(name.replace("_", " "), *(_text(summary.get(name, "")) for summary in summaries))
    return table


def _text(value: object) -> str:
    if isinstance(value, list):
        if len(value) <= MOST_LISTED:
            return ", ".join(value) or "none"
        return f"{len(value)}: {value[0]} to {value[-1]}"
    return f"{value:,}" if isinstance(value, int) else str(value)
