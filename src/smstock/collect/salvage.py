"""What can be read of a damaged journal, in a new one; the damaged one is kept under another name."""

from __future__ import annotations

import shutil
from bisect import bisect_right
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.database import FAULTS, readable
from smstock.collect.first_page import restored
from smstock.collect.journal import Journal
from smstock.collect.layout import checksum
from smstock.collect.reader import JournalReader, read_answer
from smstock.errors import DamagedError, InputError
from smstock.folder import replaced

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from smstock.query.spec import QuerySpec

BATCH: Final = 1000
"""Answers that are written at a time."""
OLD_COLUMNS: Final = 10
"""Columns of an answer without its checksum."""

_LAST: Final = (
    "SELECT max(id) FROM answer",
    "SELECT max(answer) FROM settled",
    "SELECT count(*) FROM answer INDEXED BY answer_key",
)


@dataclass(frozen=True)
class Salvaged:
    """What became of a damaged journal.

    Attributes
    ----------
    saved, lost
        Answers that the new journal holds, and that could not be read.
    damaged
        Where the damaged journal lies now.
    """

    saved: int
    lost: int
    damaged: Path


def is_damaged(path: Path) -> bool:
    """Whether a journal, or an answer in it, is not as it was written.

    Raises
    ------
    InputError
        There is no journal at ``path``, it cannot be read, or a later smstock wrote it.

    Examples
    --------
    >>> from pathlib import Path
    >>> is_damaged(Path("nowhere.sqlite"))
    Traceback (most recent call last):
    smstock.errors.InputError: there is no journal nowhere.sqlite
      next:    collect the wave first, or mend the path
    """
    try:
        with JournalReader(path) as journal:
            for _, key, _ in journal.answers():
                journal.settling(key)
    except DamagedError:
        return True
    return False


def kept_query(path: Path) -> tuple[QuerySpec, str] | None:
    """Return the query and the source of a journal, None where they can be read no more.

    Examples
    --------
    >>> from pathlib import Path
    >>> kept_query(Path("nowhere.sqlite")) is None
    True
    """
    try:
        with restored(path) as whole, JournalReader(whole, whole=False) as journal:
            return journal.query, journal.about()["source"]
    except (InputError, OSError):
        return None


def salvage(path: Path, query: QuerySpec, wave: str, source: str) -> Salvaged:
    r"""Put the answers of a damaged journal that are as they were written into a new one in its place.

    What they settle goes with them, or is found out again when the wave is gone on with; what is lost is asked again.
    Answers are numbered anew without a gap, so that a later repair counts only what was lost since.

    Parameters
    ----------
    path
        The journal; no run may be at work in it.
    query, wave, source
        What it is about.

    Raises
    ------
    InputError
        The new journal cannot be written; the damaged one is untouched then.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "q.journal.sqlite")
    ...     Journal(path, query, "2026-11", "live").close()
    ...     outcome = salvage(path, query, "2026-11", "live")
    ...     (outcome.saved, outcome.lost, outcome.damaged.name)
    (0, 0, 'q.journal.sqlite.damaged')
    """
    kept, numbers = _unused(path), [0]
    with replaced(path) as partial:
        partial.unlink(missing_ok=True)
        with (
            Journal(partial, query, wave, source) as journal,
            restored(path) as whole,
            closing(readable(whole)) as connection,
        ):
            connection.execute("PRAGMA writable_schema=ON")  # a damaged definition of a table is no reason to stop
            last = _last(connection)
            for batch in _batches(_rows(connection, path, last)):
                journal.copy([(len(numbers) + place, *row[1:]) for place, row in enumerate(batch)])
                numbers += [number for number, *_ in batch]
            for key, status, number in _settled(connection):
                place = bisect_right(numbers, number) - 1
                # an empty status lets the answers up to a number settle nothing, whether it is saved or lost
                if not status or numbers[place] == number:
                    journal.settle(key, status, place)
            with journal.at_once(), suppress(InputError), JournalReader(whole, whole=False) as described:
                journal.name_merged(described.merged)
        _set_aside(path, kept)
    saved = len(numbers) - 1
    return Salvaged(saved, max(last, *numbers) - saved, kept)


def _rows(connection: sqlite3.Connection, path: Path, last: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of answers that are as they were written, each looked up by its number: leaves rot one by one."""
    table = _table(connection)
    for number in range(1, last + 1):
        try:
            row = connection.execute(f'SELECT * FROM "{table}" WHERE rowid = ?', (number,)).fetchone()  # noqa: S608
            if row is None:
                continue
            # format 1 has no column for a checksum; in format 2 none is a wrong one
            known = None if len(row) == OLD_COLUMNS else row[OLD_COLUMNS] or 0
            read_answer(path, (*row[:OLD_COLUMNS], known))
        except (*FAULTS, InputError, ValueError, IndexError):
            continue
        yield row[:OLD_COLUMNS]


def _settled(connection: sqlite3.Connection) -> Iterator[tuple[str, str, int]]:
    """Yield key, status and answer of what is settled and as it was written; nothing of a journal without checksums."""
    try:
        for key, status, number, known in connection.execute("SELECT * FROM settled"):
            if known == checksum(key, status, number):
                yield str(key), str(status), int(number)
    except (*FAULTS, ValueError, TypeError):
        return


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _table(connection: sqlite3.Connection) -> str:
    """Return the name of the table of answers, which may have suffered too."""
    try:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except FAULTS:
        names = []
    others = [name for name in names if name not in ("about", "settled")]
    return "answer" if "answer" in names or not others else str(others[0]).replace('"', '""')


def _last(connection: sqlite3.Connection) -> int:
    """Return the highest number of an answer, as far as any part of the file tells."""
    numbers = [0]
    for question in _LAST:
        try:
            numbers.append(int(connection.execute(question).fetchone()[0] or 0))
        except (*FAULTS, ValueError, TypeError):
            continue
    return max(numbers)


def _set_aside(path: Path, kept: Path) -> None:
    """Copy a journal, with the log beside it, to another name; its own place then has no log."""
    shutil.copyfile(path, kept)
    for ending in ("-wal", "-shm"):
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + ending))


def _unused(path: Path) -> Path:
    """Return the first name for a damaged journal that no file has."""
    names = chain([f"{path.name}.damaged"], (f"{path.name}.damaged-{number}" for number in count(2)))
    return next(kept for kept in map(path.with_name, names) if not kept.exists())
