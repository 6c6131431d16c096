"""The journal of a wave: every raw answer in an append-only SQLite file, written before anyone reads it.

One transaction an answer, write-ahead logging, synchronous: a process killed at any instant loses at most the answer
that had not arrived. The audience table can be rebuilt from the journal alone, offline, at any time.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Final, Self

from smstock.errors import InputError, QueryError
from smstock.platforms.base import RawAnswer
from smstock.query.spec import QuerySpec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from smstock.platforms.base import Request

FORMAT: Final = "1"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY,
    request_key TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    api_version TEXT NOT NULL,
    parameters TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL
);
"""


class Journal:
    """The raw answers of one query in one wave.

    Parameters
    ----------
    path
        The SQLite file; made if it is not there.
    query, wave, source
        What is collected. An existing journal of another query is refused: two definitions never share a wave.

    Raises
    ------
    QueryError
        The journal was begun with another query; the message names the keys that differ.
    InputError
        The file is no journal, or damaged.
    """

    def __init__(self, path: Path, query: QuerySpec, wave: str, source: str) -> None:
        self.path = path
        self.wave = wave
        self._connection = _open(path)
        about = self.about()
        if not about:
            rows = {"format": FORMAT, "query": query.model_dump_json(), "wave": wave, "source": source}
            with self._connection:
                self._connection.executemany("INSERT INTO about VALUES (?, ?)", rows.items())
        else:
            _refuse_other_query(path, QuerySpec.model_validate_json(about["query"]), query)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing journal; its query and wave are its own.

        Raises
        ------
        InputError
            There is no journal at ``path``.
        """
        if not path.is_file():
            raise InputError(f"there is no journal {path}", hint="collect the wave first")
        connection = _open(path)
        try:
            about = dict(connection.execute("SELECT name, value FROM about"))
        finally:
            connection.close()
        if "query" not in about:
            raise InputError(f"{path} is no journal of smstock")
        return cls(path, QuerySpec.model_validate_json(about["query"]), about["wave"], about["source"])

    def about(self) -> dict[str, str]:
        """Return format, query, wave and source, empty for a new journal."""
        return dict(self._connection.execute("SELECT name, value FROM about"))

    @property
    def query(self) -> QuerySpec:
        """The query the journal was begun with."""
        return QuerySpec.model_validate_json(self.about()["query"])

    def write(self, request: Request, answer: RawAnswer) -> None:
        """Append an answer, durably, before this returns."""
        with self._connection:
            self._connection.execute(
                "INSERT INTO answer (request_key, asked_at, http_status, endpoint, api_version, parameters, headers, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    request.key,
                    answer.asked_at,
                    answer.http_status,
                    answer.endpoint,
                    answer.api_version,
                    json.dumps(dict(request.parameters), sort_keys=True),
                    json.dumps(dict(answer.headers), sort_keys=True),
                    answer.body,
                ),
            )

    def answers(self) -> Iterator[tuple[str, RawAnswer]]:
        """Yield request key and raw answer of every attempt, oldest first."""
        rows = self._connection.execute(
            "SELECT request_key, body, http_status, asked_at, endpoint, api_version, headers FROM answer ORDER BY id"
        )
        for key, body, http_status, asked_at, endpoint, api_version, headers in rows:
            yield key, RawAnswer(body, http_status, asked_at, endpoint, api_version, tuple(json.loads(headers).items()))

    def __len__(self) -> int:
        """Count the answers."""
        return int(self._connection.execute("SELECT count(*) FROM answer").fetchone()[0])

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_SCHEMA)
    except (sqlite3.DatabaseError, OSError) as error:
        raise InputError(f"the journal {path} cannot be used: {error}", hint="move it away, or restore it from a copy") from None
    return connection


def _refuse_other_query(path: Path, begun: QuerySpec, now: QuerySpec) -> None:
    """Refuse to go on with a query that asks for something else; a new title is no other query."""
    old, new = begun.model_dump(exclude={"title"}), now.model_dump(exclude={"title"})
    changed = [name for name in new if old.get(name) != new[name]]
    if changed:
        raise QueryError(
            f"the wave was begun with another query: {', '.join(changed)} changed",
            where=str(path),
            hint="give the changed query a new name, or move this journal away to collect the wave anew",
        )
