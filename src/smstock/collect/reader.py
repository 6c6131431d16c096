"""Reading a journal: as it was written or not at all, on a read-only disk or beside the run that writes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self

from smstock.collect.database import FAULTS, ahead, damaged, fault, readable, require_whole, rows
from smstock.collect.layout import COLUMNS, FORMAT, Layout, checksum
from smstock.errors import InputError
from smstock.platforms.base import RawAnswer
from smstock.query.spec import restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from smstock.query.spec import QuerySpec

_ANSWER: Final = f"id, {COLUMNS}, checksum"
_ALL: Final = f"SELECT {_ANSWER} FROM answer ORDER BY id"  # noqa: S608  # columns of this program
# an empty status: the cell is to be asked again, and the answers up to the one noted with it do not settle it
_LAST: Final = f"""
SELECT {_ANSWER} FROM answer WHERE request_key = ? AND id > coalesce(
    (SELECT answer FROM settled WHERE request_key = ? AND status = ''), 0
) ORDER BY id DESC LIMIT 1
"""  # noqa: S608
# one that settled nothing, such as a lost connection, is dated by the clock of this machine alone
_NEWEST: Final = f"""
SELECT {_ANSWER} FROM answer WHERE id IN (SELECT answer FROM settled WHERE status != '')
ORDER BY asked_at DESC, id DESC LIMIT 1
"""  # noqa: S608
_STATUSES: Final = "SELECT status, count(*) FROM settled WHERE status != '' GROUP BY status ORDER BY status"
_ATTEMPTS: Final = f"SELECT {_ANSWER} FROM answer WHERE request_key = ? ORDER BY id"  # noqa: S608
_NUMBERED: Final = f"SELECT {_ANSWER} FROM answer WHERE id = ?"  # noqa: S608
_ASKED_SINCE: Final = f"SELECT {_ANSWER} FROM answer WHERE asked_at >= ? ORDER BY id"  # noqa: S608
_UNSETTLED: Final = f"""
SELECT {_ANSWER} FROM answer WHERE id IN (
    SELECT attempt.id FROM answer AS attempt WHERE NOT EXISTS (
        SELECT 1 FROM settled WHERE settled.request_key = attempt.request_key
        AND (settled.status != '' OR settled.answer >= attempt.id)
    )
) ORDER BY id
"""  # noqa: S608
_VERDICTS: Final = "SELECT * FROM settled ORDER BY request_key"
_SETTLED: Final = "SELECT status, answer, checksum FROM settled WHERE request_key = ?"


class JournalReader:
    """The raw answers of an existing journal; nothing is written, nor made beside it.

    Parameters
    ----------
    path
        The SQLite file.
    whole
        Look whether all of the file is as it was written; an answer's checksum is looked at in any case.

    Raises
    ------
    InputError
        There is no journal at ``path``, a later smstock wrote it, or it is damaged.
    """

    def __init__(self, path: Path, *, whole: bool = True) -> None:
        self.path = path
        self._at_work = ahead(path)
        self._connection = readable(path)
        self._layout = Layout(self._connection, path)
        try:
            about = self._look(whole=whole)
            if about["format"] != str(FORMAT):
                self._layout.without_checksums()
        except InputError:
            self.close()
            raise
        except FAULTS as error:
            self.close()
            raise fault(path, error, "read") from None
        self.wave = about["wave"]

    def _look(self, *, whole: bool) -> dict[str, str]:
        """Return what the journal is about; raise `InputError` if it, or the file as a whole, is not as written."""
        about = self._layout.about()
        restore(about["query"], where=str(self.path))
        if whole:
            require_whole(self._connection, self.path)
        return about

    def about(self) -> dict[str, str]:
        """Return format, query, wave and source; raise `InputError` if they are not what was written."""
        try:
            return self._layout.about()
        except FAULTS as error:
            raise fault(self.path, error, "read") from None

    @property
    def query(self) -> QuerySpec:
        """The query of the journal, with the title and API version it was last opened with."""
        return restore(self.about()["query"], where=str(self.path))

    def status(self, key: str) -> str:
        """Return the status that settled a request, empty if none did."""
        verdict = self.verdict(key)
        return verdict[0] if verdict else ""

    def settling(self, key: str) -> tuple[str, RawAnswer] | None:
        """Return the status that settled a request and the answer it came from, or None."""
        verdict = self.verdict(key)
        if verdict is None or not verdict[0]:
            return None
        return verdict[0], self.answer(verdict[1], key)

    def answer(self, number: int, key: str) -> RawAnswer:
        """Return the answer of a number that settled a request; raise `DamagedError` if it is lost."""
        for _, asked, _, answer in self._answers(_NUMBERED, number):
            if asked == key:
                return answer
        raise damaged(self.path, f"the answer {number} that settled {key} is lost")

    def verdict(self, key: str) -> tuple[str, int] | None:
        """Return the status of a request and the number of the answer it came from; None if it was never settled.

        An empty status: the answers up to that number do not settle it, for it is to be asked again.
        """
        for status, number, known in self._rows(_SETTLED, key):
            if known is not None and known != checksum(key, status, number):
                raise damaged(self.path, f"the status of {key} is not what was written")
            return str(status), int(number)
        return None

    def last(self, key: str) -> RawAnswer | None:
        """Return the last answer to a request that none settled, or None."""
        return next((answer for *_, answer in self._answers(_LAST, key, key)), None)

    def attempts(self, key: str) -> list[tuple[int, dict[str, str], RawAnswer]]:
        """Return number, parameters and raw answer of every attempt at a request, oldest first."""
        return [(number, parameters, answer) for number, _, parameters, answer in self._answers(_ATTEMPTS, key)]

    def answers(self) -> Iterator[tuple[int, str, RawAnswer]]:
        """Yield number, request key and raw answer of every attempt, oldest first."""
        for number, key, _, answer in self._answers(_ALL):
            yield number, key, answer

    def unsettled(self) -> Iterator[tuple[int, str, RawAnswer]]:
        """Yield number, request key and raw answer of every attempt at what nothing has settled, oldest first."""
        for number, key, _, answer in self._answers(_UNSETTLED):
            yield number, key, answer

    def rows(self) -> Iterator[tuple[str, dict[str, str], RawAnswer]]:
        """Yield request key, parameters and raw answer of every attempt, oldest first."""
        for _, key, parameters, answer in self._answers(_ALL):
            yield key, parameters, answer

    def recorded(self) -> Iterator[tuple[dict[str, str], RawAnswer]]:
        """Yield what was sent and what came back, oldest first."""
        for _, _, parameters, answer in self._answers(_ALL):
            yield parameters, answer

    def asked_since(self, instant: str) -> Iterator[RawAnswer]:
        """Yield every answer asked at or after an instant (ISO 8601, UTC), oldest first."""
        for *_, answer in self._answers(_ASKED_SINCE, instant):
            yield answer

    @property
    def merged(self) -> list[dict[str, Any]]:
        """The journals that were merged into this one: the SHA-256 of their answers, and how many those were."""
        merged: list[dict[str, Any]] = json.loads(self.about().get("merged", "[]"))
        return merged

    def content_hash(self) -> str:
        """Return the SHA-256 of all that the journal holds: what it is about, every answer, and what they settled."""
        digest = sha256(repr(sorted(self.about().items())).encode())
        for select in (_ALL, _VERDICTS):
            for row in self._rows(select):
                digest.update(repr(row).encode())
        return digest.hexdigest()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Read the journal in the block as it is at one instant, though a run goes on writing to it.

        Raises
        ------
        InputError
            A run began to write to it meanwhile.
        """
        before = self.path.stat()
        self._connection.execute("BEGIN")
        try:
            len(self)  # a snapshot begins as it is first read
            yield
        finally:
            self._connection.rollback()
        after = self.path.stat()
        # where a run was at work as it was opened, SQLite itself keeps the snapshot
        if not self._at_work and (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise InputError(f"the journal {self.path} was written to meanwhile", hint="wait, then merge again")

    def newest(self) -> str:
        """Return when the newest answer that settled a cell was asked, empty if there is none."""
        return next((answer.asked_at for *_, answer in self._answers(_NEWEST)), "")

    def statuses(self) -> dict[str, int]:
        """Return how many requests each status settled."""
        return {str(status): int(number) for status, number in self._rows(_STATUSES)}

    def _answers(self, select: str, *values: object) -> Iterator[tuple[int, str, dict[str, str], RawAnswer]]:
        """Yield number, request key, parameters and raw answer of rows whose checksum is right."""
        for row in self._rows(select, *values):
            yield read_answer(self.path, row)

    def _rows(self, select: str, *values: object) -> Iterator[tuple[Any, ...]]:
        return rows(self._connection, self.path, select, *values)

    def __len__(self) -> int:
        """Count the answers."""
        return next(int(number) for (number,) in self._rows("SELECT count(*) FROM answer"))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def row_of(key: str, parameters: Mapping[str, str], answer: RawAnswer) -> tuple[Any, ...]:
    """Return the row of an answer to a request, without its number and checksum.

    Examples
    --------
    >>> answer = RawAnswer(b"{}", 200, "2026-11-22T10:00:00Z", "delivery_estimate", "v25.0", (), "act_1")
    >>> row_of("k", {"a": "1"}, answer)
    ('k', '2026-11-22T10:00:00Z', 'act_1', 200, 'delivery_estimate', 'v25.0', '{"a": "1"}', '{}', b'{}')
    """
    sent, headers = (json.dumps(dict(parts), sort_keys=True) for parts in (parameters, answer.headers))
    origin = (answer.account, answer.http_status, answer.endpoint, answer.api_version)
    return (key, answer.asked_at, *origin, sent, headers, answer.body)


def read_answer(path: Path, row: tuple[Any, ...]) -> tuple[int, str, dict[str, str], RawAnswer]:
    r"""Return number, request key, parameters and raw answer of a row; raise `DamagedError` if its checksum is wrong.

    Examples
    --------
    >>> from pathlib import Path
    >>> row = ("k", "2026-11-22T10:00:00Z", "act_1", 200, "delivery_estimate", "v25.0", '{"a": "1"}', "{}", b"{}")
    >>> number, key, parameters, answer = read_answer(Path("q.sqlite"), (7, *row, checksum(*row)))
    >>> number, key, parameters, answer.body
    (7, 'k', {'a': '1'}, b'{}')
    """
    number, *values, known = row
    key, asked_at, account, http_status, endpoint, api_version, parameters, headers, body = values
    try:
        # in format 1 an answer had no checksum
        if known is not None and known != checksum(*values):
            raise damaged(path, f"the answer {number} is not what was written")
        raw = RawAnswer(body, http_status, asked_at, endpoint, api_version, tuple(json.loads(headers).items()), account)
        return int(number), key, dict(json.loads(parameters)), raw
    except (ValueError, TypeError, AttributeError) as error:
        raise damaged(path, f"the answer {number} cannot be read: {error}") from None
