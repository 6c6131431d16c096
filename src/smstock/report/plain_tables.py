"""Tables of the terminal as plain values, to be kept in JSON and printed again as wide as the terminal is then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.report.style import plain, ruled_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table


def values_of(table: Table) -> dict[str, Any]:
    """Return what a table made by `smstock.report.style` says, and how its columns stand.

    Examples
    --------
    >>> from smstock.report.style import add_figures
    >>> table = ruled_table("Stocks")
    >>> add_figures(table, "Women")
    >>> table.add_row("178,000")
    >>> values_of(table)["rows"]
    [{'cells': ['178,000'], 'style': None, 'end_section': False}]
    """
    columns = [
        {
            "header": str(column.header),
            "justify": column.justify,
            "no_wrap": column.no_wrap,
            "overflow": column.overflow,
            "min_width": column.min_width,
        }
        for column in table.columns
    ]
    cells = zip(*(map(str, column.cells) for column in table.columns), strict=True)
    rows = [
        {"cells": list(texts), "style": row.style, "end_section": row.end_section}
        for texts, row in zip(cells, table.rows, strict=True)
    ]
    return {"title": str(table.title or ""), "caption": str(table.caption or ""), "columns": columns, "rows": rows}


def table_of(values: Mapping[str, Any]) -> Table:
    """Return the table that `values_of` told of.

    Examples
    --------
    >>> from rich.console import Console
    >>> from smstock.report.style import add_folding
    >>> table = ruled_table("Stocks")
    >>> add_folding(table, "In")
    >>> table.add_row("[Chile]")
    >>> Console(width=30).print(table_of(values_of(table)))  # doctest: +NORMALIZE_WHITESPACE
    Stocks
    In
    ───────
    [Chile]
    """
    table = ruled_table(values["title"], values["caption"])
    for column in values["columns"]:
        table.add_column(**column)
    for row in values["rows"]:
        table.add_row(*map(plain, row["cells"]), style=row["style"], end_section=row["end_section"])
    return table
