"""Terminal table of a guess: what each column of a table is taken as, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from smstock.errors import shown
from smstock.report.style import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST: Final = 60


def guess_table(record: Mapping[str, Any]) -> Table:
    """Return one row a column: its heading, what it is taken as, why, and some of its texts.

    Examples
    --------
    >>> column = {"column": "Dest", "taken_as": "destination", "why": "its heading", "examples": "DEU, AUT"}
    >>> guess_table({"file": "own.csv", "columns": [column]}).row_count
    1
    """
    title = plain(str(record["file"]).rpartition("/")[2])
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("column", "taken as", "why", "such as"):
        table.add_column(name, overflow="fold")
    for column in record["columns"]:
        texts = (column["column"], column["taken_as"], column["why"], column["examples"])
        table.add_row(*(plain(_short(shown(text))) for text in texts))
    return table


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
