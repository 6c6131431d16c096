"""Tables beyond memory: read, joined, summed and written by DuckDB, which holds a part of them at a time.

A relation is a question that is answered when its rows are asked for. It is made of names of the contracts and of
values as values: no text of a user becomes SQL.
"""

from __future__ import annotations

from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

MEMORY: Final = "1GB"
"""What DuckDB holds at most before it writes to the disk."""


def database() -> DuckDBPyConnection:
    """Return a database of its own in bounded memory; what does not fit goes to a private temporary folder.

    The folder goes when the process ends. Nothing is fetched from a network.

    Examples
    --------
    >>> database().sql("SELECT 1 + 1").fetchall()
    [(2,)]
    """
    import duckdb

    settings: dict[str, str | bool] = {
        "memory_limit": MEMORY,
        "temp_directory": _scratch().name,
        "autoinstall_known_extensions": False,
    }
    connection = duckdb.connect(config=settings)
    # counted, so that it can be told (`query_progress`), and not printed
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    return connection


@cache
def _scratch() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="smstock-")


def chosen(relation: DuckDBPyRelation, column: str, values: Iterable[str]) -> DuckDBPyRelation:
    """Return the rows whose column has one of some values; all rows where no value is given.

    Examples
    --------
    >>> rows = database().sql("SELECT unnest(['AUT', 'DEU']) AS destination")
    >>> chosen(rows, "destination", ["DEU", "' OR 1 = 1"]).fetchall(), len(chosen(rows, "destination", []).fetchall())
    ([('DEU',)], 2)
    """
    from duckdb import ColumnExpression, ConstantExpression

    constants = [ConstantExpression(value) for value in values]
    return relation.filter(ColumnExpression(column).isin(*constants)) if constants else relation


def write_csv(relation: DuckDBPyRelation, path: Path) -> None:
    r"""Write rows as CSV as pandas does: numbers with six digits, nothing where a value is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as place:
    ...     write_csv(database().sql("SELECT 'a, b' AS name, '' AS note, 2 / 3 AS persons"), Path(place, "a.csv"))
    ...     Path(place, "a.csv").read_text()
    'name,note,persons\n"a, b",,0.666667\n'
    """
    columns = zip(relation.columns, map(str, relation.types), strict=True)
    relation.project(", ".join(_as_text(name, kind) for name, kind in columns)).write_csv(str(path), header=True)


def write_parquet(relation: DuckDBPyRelation, path: Path) -> None:
    """Write rows as Parquet.

    Examples
    --------
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as place:
    ...     write_parquet(database().sql("SELECT 1.5 AS persons"), Path(place, "a.parquet"))
    ...     database().read_parquet(str(Path(place, "a.parquet"))).columns
    ['persons']
    """
    relation.write_parquet(str(path), compression="zstd")


def _as_text(name: str, kind: str) -> str:
    """Return what makes a column the text that it has in a CSV."""
    if kind == "DOUBLE":
        return f'printf(\'%.6g\', "{name}") AS "{name}"'
    # an empty text would be written as "", to tell it from a missing one
    return f'nullif("{name}", \'\') AS "{name}"' if kind == "VARCHAR" else f'"{name}"'
