"""The layout of a journal: its tables, and a checksum in each row by which rot of the disk is found.

Format 1 had no checksums; such a journal is read as it is, and gets them when it is gone on with.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.collect.database import damaged
from smstock.errors import InputError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from pathlib import Path

FORMAT: Final = 2
"""Number of the layout; one higher than this is refused, a lower one is read."""

COLUMNS: Final = "request_key, asked_at, account, http_status, endpoint, api_version, parameters, headers, body"
"""What an answer's checksum is made of, in this order."""

_TABLES: Final = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    request_key TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    account TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    api_version TEXT NOT NULL,
    parameters TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    checksum INTEGER
)""",
    """CREATE TABLE settled (
    request_key TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    answer INTEGER NOT NULL,
    checksum INTEGER
) WITHOUT ROWID""",
    "CREATE INDEX answer_key ON answer (request_key)",
)
_NAMES: Final = {"format", "query", "wave", "source"}
_SUMS: Final = {"checksum", "tables"}
_WITHOUT_CHECKSUMS: Final = (
    "CREATE TEMP VIEW answer AS SELECT *, NULL AS checksum FROM main.answer",
    "CREATE TEMP VIEW settled AS SELECT *, NULL AS checksum FROM main.settled",
)


def checksum(*values: object) -> int:
    """Return the checksum of the values of a row (CRC-32): no flipped byte leaves it as it was.

    Examples
    --------
    >>> checksum("a", 200, b"{}") == checksum("a", 200, b"{}"), checksum("a", 200, b"{}") == checksum("a", 200, b"{|")
    (True, False)
    """
    parts = [value if type(value) is bytes else str(value).encode("utf-8", "surrogatepass") for value in values]
    return zlib.crc32(b"\x1f".join(parts))


@dataclass(frozen=True)
class Layout:
    """The tables of a journal in an open file.

    Parameters
    ----------
    connection, path
        The file; the path is for messages.
    """

    connection: sqlite3.Connection
    path: Path

    def is_new(self) -> bool:
        """Whether nothing was written yet, not even what the journal is about."""
        tables = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return True
        return {"about", "answer"} <= tables and not any(
            self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("about", "answer")
        )

    def create(self, about: Mapping[str, str]) -> None:
        """Make the tables of a new journal, and write down what it is about, all or nothing."""
        connection = self.connection
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # a run may have been killed between its tables and what they are about
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                connection.execute(f"DROP TABLE {name}")
            for statement in _TABLES:
                connection.execute(statement)
            self.describe(about)

    def about(self) -> dict[str, str]:
        """Return what the journal is about, once format, description and tables are those it was written with.

        Raises
        ------
        DamagedError
            The description is not what was written, or nothing was.
        InputError
            It is no journal, or a later smstock wrote it.
        """
        tables = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        described = dict(self.connection.execute("SELECT name, value FROM about")) if "about" in tables else {}
        number = described.get("format", "1")
        if number.isdecimal() and int(number) > FORMAT:
            raise InputError(
                f"the journal {self.path} has the format {number}: a later smstock wrote it",
                allowed=f"format 1 to {FORMAT}",
                hint="update smstock, or move the file away",
            )
        if self.is_new():
            raise damaged(self.path, "it is empty")
        if not described.keys() & {"query", "checksum", "tables"}:
            if tables & {"answer", "settled"}:
                raise damaged(self.path, "its description is lost")
            raise InputError(f"{self.path} is no journal of smstock", hint="move it away")
        if _NAMES - described.keys() - {"format"}:
            raise damaged(self.path, "a part of its description is lost")
        rows = {name: value for name, value in described.items() if name not in _SUMS}
        if number == "1" and not described.keys() & _SUMS:
            return rows | {"format": "1"}
        if {name: described.get(name) for name in _SUMS} != self._sums(rows):
            raise damaged(self.path, "its description is not what was written")
        return rows

    def renew(self, about: Mapping[str, str]) -> None:
        """Describe the journal anew, such as by a new title of its query."""
        with self.connection:
            self.describe(about)

    def without_checksums(self) -> None:
        """Let the tables of format 1 be read as those of this one, without a change of the file."""
        for statement in _WITHOUT_CHECKSUMS:
            self.connection.execute(statement)

    def upgrade(self, about: Mapping[str, str]) -> None:
        """Give every row of format 1 its checksum, and the journal this format, all or nothing."""
        connection = self.connection
        connection.create_function("checksum", -1, checksum, deterministic=True)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in ("answer", "settled"):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN checksum INTEGER")
            connection.execute(f"UPDATE answer SET checksum = checksum({COLUMNS})")  # noqa: S608
            connection.execute("UPDATE settled SET checksum = checksum(request_key, status, answer)")
            self.describe(dict(about) | {"format": str(FORMAT)})

    def describe(self, about: Mapping[str, str]) -> None:
        """Write the description and its checksums; whoever calls ends the transaction."""
        rows = dict(about) | self._sums(about)
        self.connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", rows.items())

    def _sums(self, about: Mapping[str, str]) -> dict[str, str]:
        """Return the checksums of a description and of the definitions of the tables."""
        tables = self.connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master ORDER BY name").fetchall()
        return {
            "checksum": str(checksum(*(text for row in sorted(about.items()) for text in row))),
            "tables": str(checksum(*(text for table in tables for text in table))),
        }
