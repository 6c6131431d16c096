"""Databases of audiencer (SQLite): the table ``results`` holds a row for each question.

``targeting_spec`` is JSON, ``response`` the body (``b'{...}'``) or ``skipped`` where the tool predicted that the cell
lies at the floor, ``qtime`` Unix seconds. Numbers below 0 are its signs that nothing was answered. Questions that Meta
refused stand in ``queries`` only.

Source: tomthe/audiencer (audiencer.py).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from smstock.errors import RecordingError, shown
from smstock.platforms.base import RawAnswer, Recorded
from smstock.platforms.meta.collectors import figures, literals
from smstock.platforms.meta.collectors.literals import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGINNING: Final = b"SQLite format 3\x00"
"""First bytes of every SQLite file."""

_COLUMNS: Final = ("targeting_spec", "response", "qtime")
_FIGURES: Final = ("mau_lower", "mau_upper", "dau")
"""Columns that databases of before the bounds lack."""

_HINT: Final = "name the database that audiencer wrote, or a copy of it that is whole"
_FAULTS: Final = (sqlite3.Error, UnicodeDecodeError, MemoryError)
_PATIENCE: Final = 0.5
"""Seconds that a program is waited for which writes into the database."""

_LONGEST: Final = 1 << 20
_SKIPPED: Final = "skipped"
_PAIRS: Final = {"estimate_mau_lower_bound": "mau_lower", "estimate_mau_upper_bound": "mau_upper"}
_SIGN: Final = "-"
"""How the tool's signs that nothing was answered begin, numbers below 0."""


def rows(file: Path) -> Iterator[Recorded]:
    """Yield each row of the results as an answer, or with the reason why it is none; then the questions refused.

    Raises
    ------
    RecordingError
        The file is no database of audiencer, or damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> columns = "pk_results, targeting_spec, response, qtime, mau_lower, mau_upper, dau"
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "a.db")
    ...     with closing(sqlite3.connect(file)) as database:
    ...         _ = database.execute(f"create table results ({columns})")
    ...         values = ("{'age_min': 18}", "skipped", "1667485616.2", "-3", "-3", "-3")
    ...         _ = database.execute("insert into results values (1, ?, ?, ?, ?, ?, ?)", values)
    ...         database.commit()
    ...     [line.reason for line in rows(file)]
    ['skipped: audiencer predicted the cell from others, and did not ask']
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", _PATIENCE, uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            database.execute("PRAGMA trusted_schema = OFF")
            _require_results(file, database)
            columns = [*_COLUMNS, *(name for name in _FIGURES if name in _columns(database, "results"))]
            names = ", ".join(f"CAST({name} AS TEXT)" for name in columns)
            for number, *values in database.execute(f"SELECT rowid, {names} FROM results ORDER BY rowid"):  # noqa: S608
                yield _line(f"results, row {number}", dict(zip(columns, values, strict=True)))
            if "queries" in _tables(database):
                yield from _refused(database)
    except sqlite3.OperationalError as error:
        hint = (
            "end the program that writes to it; copy it with its -wal and -shm, if there are such, to a folder of yours"
        )
        raise RecordingError(f"{file} cannot be read: {shown(error)}", hint=hint) from None
    except _FAULTS as error:
        raise RecordingError(f"{file} is a damaged database: {shown(error)}", hint=_HINT) from None


def _tables(database: sqlite3.Connection) -> list[str]:
    # a view is no table: reading one runs what its author wrote
    return [str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {str(name) for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def _require_results(file: Path, database: sqlite3.Connection) -> None:
    tables = _tables(database)
    if "results" in tables:
        lacking = [name for name in _COLUMNS if name not in _columns(database, "results")]
        if not lacking:
            return
        what = f"its table results lacks {', '.join(lacking)}"
    else:
        what = f"it has the tables {shown(', '.join(tables)) or 'of nobody'}"
    hint = _HINT
    if {"about", "answer", "settled"} <= set(tables):
        what, hint = "it is a journal of smstock", "write its answers as a recording: smstock export QUERY FOLDER"
    raise RecordingError(f"{file} is no database of audiencer: {what}", allowed="a table results", hint=hint)


def _refused(database: sqlite3.Connection) -> Iterator[Recorded]:
    if {"status_code"} <= _columns(database, "queries"):
        asked = "SELECT rowid, CAST(status_code AS TEXT) FROM queries WHERE CAST(status_code AS TEXT) <> '200'"
        for number, status in database.execute(f"{asked} ORDER BY rowid"):
            reason = f"an error of Meta (HTTP {shown(status)}), without a result"
            yield Recorded(f"queries, row {number}", reason=reason)


def _line(place: str, row: dict[str, str | None]) -> Recorded:
    try:
        return _recorded(place, dict.fromkeys(_FIGURES, "") | {name: value or "" for name, value in row.items()})
    except UnreadableError as error:
        return Recorded(place, reason=str(error))


def _recorded(place: str, row: dict[str, str]) -> Recorded:
    if row["response"] == _SKIPPED:
        raise UnreadableError("skipped: audiencer predicted the cell from others, and did not ask")
    targeting: dict[str, Any] = _read("targeting_spec", row, literals.dictionary)
    asked_at = _read("qtime", row, literals.moment)
    bounds = {name: row[column] for name, column in _PAIRS.items()}
    restated = not row["response"]
    if restated:
        if sign := next((figure for figure in bounds.values() if figure.startswith(_SIGN)), ""):
            raise UnreadableError(f"no response: not answered, which audiencer says by {shown(sign)}")
        content, endpoint = figures.body(bounds, row["dau"])
    else:
        content, endpoint = _read("response", row, literals.body), "delivery_estimate"
        # where the tool could not read a body, its figures are signs below -1 and contradict nothing
        columns = bounds | {"estimate_dau": row["dau"]}
        answered = {name: figure for name, figure in columns.items() if not figure.startswith(_SIGN)}
        if words := figures.contradiction(content, answered):
            raise UnreadableError(f"figures contradict the response: {words}")
    return Recorded(place, targeting, RawAnswer(content, 200, asked_at, endpoint, ""), restated=restated)


def _read(column: str, row: dict[str, str], read: Any) -> Any:
    try:
        return read(row[column])
    except UnreadableError as error:
        raise UnreadableError(f"{column} {error}") from None
