"""The journal of a wave: every raw answer in an append-only SQLite file, written before anyone reads it.

Write-ahead logging, synchronous: a process killed at any instant, or a machine without power, loses at most answers
that had not arrived. The audience table can be rebuilt from the answers alone, offline, at any time; what they settle
is kept beside them only so that nothing is read twice.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from smstock.errors import InputError, QueryError
from smstock.platforms.base import RawAnswer
from smstock.query.spec import restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from smstock.platforms.base import Request
    from smstock.query.spec import QuerySpec

FORMAT: Final = "1"

_LAST: Final = """
SELECT body, http_status, asked_at, endpoint, api_version, headers, account
FROM answer WHERE request_key = ?1 AND id > coalesce(
    (SELECT answer FROM settled WHERE request_key = ?1 AND status = ''), 0
) ORDER BY id DESC LIMIT 1
"""
_STATUSES: Final = "SELECT status, count(*) FROM settled WHERE status != '' GROUP BY status ORDER BY status"
_SETTLING: Final = """
SELECT status, body, http_status, asked_at, endpoint, api_version, headers, account
FROM settled JOIN answer ON answer.id = settled.answer WHERE settled.request_key = ? AND status != ''
"""
_ASKED_SINCE: Final = """
SELECT body, http_status, asked_at, endpoint, api_version, headers, account FROM answer WHERE asked_at >= ? ORDER BY id
"""
_RECORDED: Final = """
SELECT parameters, body, http_status, asked_at, endpoint, api_version, headers, account FROM answer ORDER BY id
"""
_ALL: Final = """
SELECT id, request_key, body, http_status, asked_at, endpoint, api_version, headers, account FROM answer ORDER BY id
"""
_UNSETTLED: Final = """
SELECT id, request_key, body, http_status, asked_at, endpoint, api_version, headers, account FROM answer WHERE id IN (
    SELECT attempt.id FROM answer AS attempt WHERE NOT EXISTS (
        SELECT 1 FROM settled WHERE settled.request_key = attempt.request_key
        AND (settled.status != '' OR settled.answer >= attempt.id)
    )
) ORDER BY id
"""
# an empty status: the cell is to be asked again, and the answers so far do not settle it
_AGAIN: Final = """
UPDATE settled SET status = '', answer = (SELECT max(id) FROM answer WHERE answer.request_key = settled.request_key)
WHERE status = ?1 OR (?1 = 'refused' AND status LIKE 'refused:%')
"""
_INSERT: Final = (
    "INSERT INTO answer (request_key, asked_at, account, http_status, endpoint, api_version, parameters, headers, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY,
    request_key TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    account TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    api_version TEXT NOT NULL,
    parameters TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS settled (
    request_key TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    answer INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answer_key ON answer (request_key);
"""


class Journal:
    """The raw answers of one query in one wave.

    Parameters
    ----------
    path
        The SQLite file; made if it is not there.
    query, wave, source
        What is collected. An existing journal of another query is refused: two definitions never share a wave. Another
        title or API version is no other query, for a version can expire amid a wave; each answer keeps its own.

    Raises
    ------
    QueryError
        The journal was begun with another query; the message names the keys that differ.
    InputError
        The file is no journal, or damaged; or it cannot be written.
    """

    def __init__(self, path: Path, query: QuerySpec, wave: str, source: str) -> None:
        self.path = path
        self.wave = wave
        self._connection = _open(path)
        try:
            self._begin(query, source)
        except QueryError:
            self.close()
            raise
        except sqlite3.Error as error:
            self.close()
            raise self._unwritable(error) from None

    def _begin(self, query: QuerySpec, source: str) -> None:
        """Write down what the journal is about, or hold it against what was written down."""
        about = self.about()
        if not about:
            rows = {"format": FORMAT, "query": query.model_dump_json(), "wave": self.wave, "source": source}
            with self._connection:
                self._connection.executemany("INSERT INTO about VALUES (?, ?)", rows.items())
            return
        begun = restore(about["query"], where=str(self.path))
        _refuse_other_query(self.path, begun, query)
        # who only looks at a journal must not wait for the run that writes to it
        if begun != query:
            with self._connection:
                self._connection.execute("UPDATE about SET value = ? WHERE name = 'query'", (query.model_dump_json(),))

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
        return cls(path, restore(about["query"], where=str(path)), about["wave"], about["source"])

    def about(self) -> dict[str, str]:
        """Return format, query, wave and source, empty for a new journal."""
        return dict(self._connection.execute("SELECT name, value FROM about"))

    @property
    def query(self) -> QuerySpec:
        """The query of the journal, with the title and API version it was last opened with."""
        return restore(self.about()["query"], where=str(self.path))

    def write(self, answers: Sequence[tuple[Request, RawAnswer]]) -> list[int]:
        """Append answers, durably and all together, before this returns; return their numbers."""
        rows = [
            (
                request.key,
                answer.asked_at,
                answer.account,
                answer.http_status,
                answer.endpoint,
                answer.api_version,
                json.dumps(dict(request.parameters), sort_keys=True),
                json.dumps(dict(answer.headers), sort_keys=True),
                answer.body,
            )
            for request, answer in answers
        ]
        try:
            with self._connection:
                return [int(self._connection.execute(_INSERT, row).lastrowid or 0) for row in rows]
        except sqlite3.Error as error:
            raise self._unwritable(error) from None

    def settle(self, key: str, status: str, answer: int) -> None:
        """Note what an answer settled; kept with the next answers written, or found out again after a kill."""
        try:
            self._connection.execute("INSERT OR REPLACE INTO settled VALUES (?, ?, ?)", (key, status, answer))
        except sqlite3.Error as error:
            raise self._unwritable(error) from None

    def ask_again(self, status: str) -> int:
        """Let the cells that a status settled be asked anew, and return how many; the old answers stay.

        ``refused`` stands for every refusal of the platform.
        """
        try:
            with self._connection:
                return self._connection.execute(_AGAIN, (status,)).rowcount
        except sqlite3.Error as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: sqlite3.Error) -> InputError:
        return InputError(
            f"the journal {self.path} cannot be written: {error}",
            hint="free space, then run again; what was written is kept",
        )

    def status(self, key: str) -> str:
        """Return the status that settled a request, empty if none did."""
        row = self._connection.execute("SELECT status FROM settled WHERE request_key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def settling(self, key: str) -> tuple[str, RawAnswer] | None:
        """Return the status that settled a request and the answer it came from, or None."""
        row = self._connection.execute(_SETTLING, (key,)).fetchone()
        return None if row is None else (str(row[0]), _answer(row[1:]))

    def last(self, key: str) -> RawAnswer | None:
        """Return the last answer to a request that none settled, or None."""
        row = self._connection.execute(_LAST, (key,)).fetchone()
        return None if row is None else _answer(row)

    def answers(self) -> Iterator[tuple[int, str, RawAnswer]]:
        """Yield number, request key and raw answer of every attempt, oldest first."""
        return self._numbered(_ALL)

    def unsettled(self) -> Iterator[tuple[int, str, RawAnswer]]:
        """Yield number, request key and raw answer of every attempt at what nothing has settled, oldest first."""
        return self._numbered(_UNSETTLED)

    def _numbered(self, select: str) -> Iterator[tuple[int, str, RawAnswer]]:
        for row in self._connection.execute(select):
            yield int(row[0]), str(row[1]), _answer(row[2:])

    def recorded(self) -> Iterator[tuple[dict[str, str], RawAnswer]]:
        """Yield what was sent and what came back, oldest first."""
        for row in self._connection.execute(_RECORDED):
            yield dict(json.loads(row[0])), _answer(row[1:])

    def asked_since(self, instant: str) -> Iterator[RawAnswer]:
        """Yield every answer asked at or after an instant (ISO 8601, UTC), oldest first."""
        for row in self._connection.execute(_ASKED_SINCE, (instant,)):
            yield _answer(row)

    def newest(self) -> str:
        """Return when the newest answer was asked, empty if there is none."""
        return str(self._connection.execute("SELECT coalesce(max(asked_at), '') FROM answer").fetchone()[0])

    def statuses(self) -> dict[str, int]:
        """Return how many requests each status settled."""
        return dict(self._connection.execute(_STATUSES))

    def __len__(self) -> int:
        """Count the answers."""
        return int(self._connection.execute("SELECT count(*) FROM answer").fetchone()[0])

    def close(self) -> None:
        """Close the file; what was written stays."""
        # on a full disk only what answers settled is lost, and that is found out again
        with suppress(sqlite3.Error):
            self._connection.commit()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _answer(row: tuple[Any, ...]) -> RawAnswer:
    body, http_status, asked_at, endpoint, api_version, headers, account = row
    return RawAnswer(body, http_status, asked_at, endpoint, api_version, tuple(json.loads(headers).items()), account)


def _open(path: Path) -> sqlite3.Connection:
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # in a notebook the thread that asks is not the one that opened it, and waits while it asks
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_SCHEMA)
    except (sqlite3.DatabaseError, OSError) as error:
        if connection is not None:
            connection.close()
        raise InputError(
            f"the journal {path} cannot be used: {error}", hint="move it away, or restore it from a copy"
        ) from None
    return connection


def _refuse_other_query(path: Path, begun: QuerySpec, now: QuerySpec) -> None:
    """Refuse to go on with a query that asks for something else."""
    old, new = (query.model_dump(exclude={"title", "api_version", "publish"}) for query in (begun, now))
    changed = [name for name in old | new if old.get(name) != new.get(name)]
    if changed:
        raise QueryError(
            f"the wave was begun with another query: {', '.join(changed)} changed",
            where=str(path),
            hint="give the changed query a new name, or move this journal away to collect the wave anew",
        )
