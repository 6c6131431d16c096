"""The journal of a wave: every raw answer in an append-only SQLite file, written before anyone reads it.

Write-ahead logging, synchronous: a process killed at any instant, or a machine without power, loses at most answers
that had not arrived. Each row has a checksum, so that an answer is read as it was written or not at all. The audience
table can be rebuilt from the answers alone, offline, at any time; what they settle is kept beside them only so that
nothing is read twice.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self

from smstock.collect.database import FAULTS, fault, writable
from smstock.collect.layout import COLUMNS, FORMAT, Layout, checksum
from smstock.collect.reader import JournalReader, row_of
from smstock.errors import InputError, QueryError
from smstock.query.spec import restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from smstock.platforms.base import RawAnswer, Request
    from smstock.query.spec import QuerySpec
    from smstock.vocabulary.places import Place

_COPY: Final = f"INSERT INTO answer (id, {COLUMNS}, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_INSERT: Final = f"INSERT INTO answer ({COLUMNS}, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
# the last answer to each request that a status settled
_LAST_OF: Final = """
SELECT request_key, (SELECT max(id) FROM answer WHERE answer.request_key = settled.request_key) FROM settled
WHERE status = ? OR (? = 'refused' AND status LIKE 'refused:%')
"""


class Journal(JournalReader):
    """The raw answers of one query in one wave.

    Parameters
    ----------
    path
        The SQLite file; made if it is not there.
    query, wave, source
        What is collected. An existing journal of another query is refused: two definitions never share a wave. Another
        title or API version is no other query, for a version can expire amid a wave; each answer keeps its own.

    Attributes
    ----------
    is_new
        Whether it was begun as it was opened, for there was no file or nothing in it.

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
        self.is_new = False
        with _whole_or_none(path):
            self._connection = writable(path)
            self._layout = Layout(self._connection, path)
            try:
                self._begin(query, source)
            except InputError:
                self.close()
                raise
            except FAULTS as error:
                self.close()
                raise fault(path, error, "written") from None

    def _begin(self, query: QuerySpec, source: str) -> None:
        """Write down what the journal is about, or hold it against what was written down."""
        self.is_new = self._layout.is_new()
        if self.is_new:
            about = {"format": str(FORMAT), "query": query.model_dump_json(), "wave": self.wave, "source": source}
            self._layout.create(about)
        about = self._look(whole=True)
        begun = restore(about["query"], where=str(self.path))
        _refuse_other_query(self.path, begun, query)
        if about["format"] != str(FORMAT):
            self._layout.upgrade(about)
        # who only looks at a journal must not wait for the run that writes to it
        if begun != query:
            self._layout.renew(self.about() | {"query": query.model_dump_json()})

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing journal to go on with; its query and wave are its own.

        Raises
        ------
        InputError
            There is no journal at ``path``, or it is damaged.
        """
        with JournalReader(path, whole=False) as journal:
            about, query = journal.about(), journal.query
        return cls(path, query, about["wave"], about["source"])

    def write(self, answers: Sequence[tuple[Request, RawAnswer]]) -> list[int]:
        """Append answers, durably and all together, before this returns; return their numbers."""
        rows = [row_of(request.key, dict(request.parameters), answer) for request, answer in answers]
        try:
            with self._connection:
                return [self.add(row) for row in rows]
        except FAULTS as error:
            raise fault(self.path, error, "written") from None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write what the block adds, settles and names durably all together, or nothing of it."""
        try:
            self._connection.commit()
            with self._connection:
                yield
        except FAULTS as error:
            raise fault(self.path, error, "written") from None

    def add(self, row: tuple[Any, ...]) -> int:
        """Append an answer as another journal holds it, within `at_once`; return its number."""
        return int(self._connection.execute(_INSERT, (*row, checksum(*row))).lastrowid or 0)

    def name_merged(self, journals: Sequence[Mapping[str, Any]]) -> None:
        """Note the journals that were merged into this one, with those noted before, within `at_once`."""
        merged = {str(journal["sha256"]): dict(journal) for journal in (*self.merged, *journals)}
        if merged:
            self._layout.describe(self.about() | {"merged": json.dumps(list(merged.values()))})

    def copy(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append answers as another journal holds them, number first, durably and all together."""
        try:
            with self._connection:
                self._connection.executemany(_COPY, [(*row, checksum(*row[1:])) for row in rows])
        except sqlite3.Error as error:
            raise fault(self.path, error, "written") from None

    def settle(self, key: str, status: str, answer: int) -> None:
        """Note what an answer settled; kept with the next answers written, or found out again after a kill."""
        row = (key, status, answer)
        try:
            self._connection.execute("INSERT OR REPLACE INTO settled VALUES (?, ?, ?, ?)", (*row, checksum(*row)))
        except FAULTS as error:
            raise fault(self.path, error, "written") from None

    def ask_again(self, status: str) -> int:
        """Let the cells that a status settled be asked anew, and return how many; the old answers stay.

        ``refused`` stands for every refusal of the platform.
        """
        numbers = [(str(key), int(number)) for key, number in self._rows(_LAST_OF, status, status)]
        for key, number in numbers:
            self.settle(key, "", number)
        try:
            self._connection.commit()
        except sqlite3.Error as error:
            raise fault(self.path, error, "written") from None
        return len(numbers)

    def close(self) -> None:
        """Close the file; what was written stays."""
        # on a full disk only what answers settled is lost, and that is found out again
        with suppress(sqlite3.Error):
            self._connection.commit()
        self._connection.close()


@contextmanager
def _whole_or_none(path: Path) -> Iterator[None]:
    """Leave no file where a journal cannot be begun, as on a full disk: it would be taken for a foreign one."""
    present = path.exists() or path.is_symlink()
    try:
        yield
    except InputError:
        if not present:
            for end in ("", "-wal", "-shm"):
                with suppress(OSError):
                    path.with_name(path.name + end).unlink(missing_ok=True)
        raise


def differing(query: QuerySpec, other: QuerySpec) -> list[str]:
    r"""Return the keys by which two queries ask for something else; another title or API version is none.

    Nor is what a place is called by people and offices, when it existed, or which country it is a part of the whole of.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> differing(query, query.model_copy(update={"title": "Serbia", "ages": "13+"}))
    ['ages']
    """
    apart = {"title", "api_version", "publish", "wave", "places", "covers"}
    one, another = (spec.model_dump(exclude=apart) for spec in (query, other))
    places, others = _locations(query), _locations(other)
    moved = any(places[code] != others[code] for code in places.keys() & others)
    changed = [name for name in one | another if one.get(name) != another.get(name)]
    return [*changed, "places"] if moved else changed


def _locations(query: QuerySpec) -> dict[str, Place]:
    """Return the places that are asked, by code, with no more than their locations."""
    asked = (place for code in query.destinations if (place := query.place(code)))
    return {place.code: replace(place, name=place.code, official="", valid_from="", valid_to="") for place in asked}


def _refuse_other_query(path: Path, begun: QuerySpec, now: QuerySpec) -> None:
    """Refuse to go on with a query that asks for something else."""
    if changed := differing(begun, now):
        raise QueryError(
            f"the wave was begun with another query: {', '.join(changed)} changed",
            where=str(path),
            hint="give the changed query a new name, or move this journal away to collect the wave anew",
        )
