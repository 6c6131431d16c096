"""Tables beyond memory: read, joined, summed and written by DuckDB, which holds a part of them at a time.

A relation is a question that is answered when its rows are asked for. It is made of names of the contracts and of
values as values: no text of a user becomes SQL.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from glob import escape
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from smstock.tables.contract import Contract

MEMORY: Final = "1GB"
"""What DuckDB holds at most before it writes to the disk."""
THREADS: Final = 2
"""Threads that share it, whatever the machine has: each needs some hundred MB to sort and write in."""


def database() -> DuckDBPyConnection:
    """Return a database of its own in bounded memory; what does not fit goes to a private temporary folder.

    The folder goes when the process ends. Nothing is fetched from a network.

    Examples
    --------
    >>> database().sql("SELECT 1 + 1").fetchall()
    [(2,)]
    """
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": _scratch().name,
            "autoinstall_known_extensions": False,
        }
    )
    # counted, so that it can be told (`query_progress`), and not printed
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    return connection


@cache
def _scratch() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="smstock-")


def stored(
    connection: DuckDBPyConnection,
    paths: Iterable[Path],
    *,
    filename: bool = False,
    columns: Contract | None = None,
) -> DuckDBPyRelation:
    """Return the rows of Parquet files, and if asked for the file of each: columns are those of the files alone.

    Or those of a contract: one that an earlier smstock did not write is empty.

    A path is that of one file: ``*``, ``?`` and ``[`` in the name of a folder stand for themselves, and ``wave=1`` is
    no column.

    Examples
    --------
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as place:
    ...     path = Path(place, "persons=9 [1].parquet")
    ...     write_parquet(database().sql("SELECT 2 AS persons"), path)
    ...     stored(database(), [path]).fetchall()
    [(2,)]
    """
    files = [escape(str(path)) for path in paths]
    rows = connection.read_parquet(files, union_by_name=True, filename=filename, hive_partitioning=False)
    if columns is None:
        return rows
    held = set(rows.columns)
    written = {name: f"coalesce({name}, '') AS {name}" if name in held else f"'' AS {name}" for name in columns.later}
    names = [*columns.names, *(["filename"] if filename else [])]
    return rows.project(", ".join(written.get(name, name) for name in names))


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
    with _faults_of_the_system():
        relation.project(", ".join(_as_text(name, kind) for name, kind in columns)).write_csv(str(path), header=True)


def write_parquet(relation: DuckDBPyRelation, path: Path) -> None:
    """Write rows as Parquet; raise `OSError` where the disk is full, here and in `write_csv`.

    Examples
    --------
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as place:
    ...     write_parquet(database().sql("SELECT 1.5 AS persons"), Path(place, "a.parquet"))
    ...     database().read_parquet(str(Path(place, "a.parquet"))).columns
    ['persons']
    """
    with _faults_of_the_system():
        relation.write_parquet(str(path), compression="zstd")


@contextmanager
def _faults_of_the_system() -> Iterator[None]:
    """Raise what DuckDB says of a disk, or of memory, as the error of the system that it is."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise OSError(str(error).splitlines()[0]) from error


def _as_text(name: str, kind: str) -> str:
    """Return what makes a column the text that it has in a CSV."""
    if kind == "DOUBLE":
        return f'printf(\'%.6g\', "{name}") AS "{name}"'
    # an empty text would be written as "", to tell it from a missing one
    return f'nullif("{name}", \'\') AS "{name}"' if kind == "VARCHAR" else f'"{name}"'
