"""How tables of the terminal look: one rule under the header, figures to the right and never broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS: Final = 100
"""Most rows of a month's table in the terminal, and most names in a line of its caption; its files hold all."""


def ruled_table(title: str = "", caption: str = "") -> Table:
    """Return an empty table with one rule under its header and two spaces between columns.

    Square brackets in the title and the caption are no markup.

    Examples
    --------
    >>> from rich.console import Console
    >>> table = ruled_table("Stocks")
    >>> add_texts(table, "In")
    >>> add_figures(table, "Persons")
    >>> table.add_row("Austria", "178,000")
    >>> table.add_row("Chile", "20")
    >>> Console(width=40).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Stocks
    In       Persons
    ────────────────
    Austria  178,000
    Chile         20
    """
    return Table(
        title=plain(title) if title else None,
        caption=plain(caption) if caption else None,
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        caption_style="none",
        header_style="bold",
    )


def add_figures(table: Table, *headers: str) -> None:
    """Add columns of figures, to the right; they are never cut nor broken.

    Examples
    --------
    >>> table = ruled_table()
    >>> add_figures(table, "Women", "Men")
    >>> [(column.header, column.justify, column.no_wrap) for column in table.columns]
    [('Women', 'right', True), ('Men', 'right', True)]
    """
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)


def add_texts(table: Table, *headers: str) -> None:
    """Add columns of short texts, to the left, which are never broken.

    Examples
    --------
    >>> table = ruled_table()
    >>> add_texts(table, "Wave")
    >>> [(column.header, column.justify, column.no_wrap) for column in table.columns]
    [('Wave', 'left', True)]
    """
    for header in headers:
        table.add_column(header, no_wrap=True)


def add_folding(table: Table, header: str = "") -> None:
    """Add a column of texts that take several lines where there is no room, and lose no letter.

    Examples
    --------
    >>> table = ruled_table()
    >>> add_folding(table)
    >>> table.columns[0].overflow
    'fold'
    """
    table.add_column(header, overflow="fold")


def plain(text: str) -> Text:
    """Return a text in which square brackets are no markup.

    Examples
    --------
    >>> plain("[DEU]").plain
    '[DEU]'
    """
    return Text(text)


def cut(rows: int) -> list[str]:
    """Return what is said of rows that a table of the terminal leaves out: nothing where it leaves out none.

    Examples
    --------
    >>> cut(100), cut(9900)
    ([], ['The first 100 of 9,900 rows are shown; the files hold all.'])
    """
    return [f"The first {MOST_ROWS} of {rows:,} rows are shown; the files hold all."] if rows > MOST_ROWS else []


def named(names: Sequence[str]) -> str:
    """Return names side by side, as many as a line of the terminal holds.

    Examples
    --------
    >>> named(["Chile", "Fiji"]), named(["Chile"] * 120)[-17:]
    ('Chile, Fiji', 'Chile and 20 more')
    """
    more = len(names) - MOST_ROWS
    return f"{', '.join(names[:MOST_ROWS])}{f' and {more:,} more' if more > 0 else ''}"
