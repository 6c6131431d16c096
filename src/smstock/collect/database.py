"""The SQLite file of a journal: how it is opened to be written or only read, and what its faults mean."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from smstock import files
from smstock.errors import DamagedError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX: Final = ".journal.sqlite"
"""Ends the name of a journal, after that of its query."""

FAULTS: Final = (sqlite3.Error, UnicodeDecodeError, MemoryError)
"""What SQLite raises of a file; of one that rotted also what a name or a length in it makes of Python."""

_PRIMARY: Final = 0xFF
_NO_RIGHT: Final = (sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH)
_IN_USE: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def writable(path: Path) -> sqlite3.Connection:
    """Open a file to be written, durably; made if it is not there.

    Raises
    ------
    InputError
        It cannot be opened, or is no file, or no SQLite file.

    Examples
    --------
    >>> from contextlib import closing
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, closing(writable(Path(place, "2026-11", "q.sqlite"))) as connection:
    ...     connection.execute("PRAGMA journal_mode").fetchone()
    ('wal',)
    """
    connection = None
    _require_file(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # in a notebook the thread that asks is not the one that opened it, and waits while it asks
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except (*FAULTS, OSError) as error:
        if connection is not None:
            connection.close()
        raise fault(path, error, "written") from None
    return connection


def readable(path: Path) -> sqlite3.Connection:
    """Open a file to be read only: nothing is written or made beside it, so that it may lie on a read-only disk.

    Raises
    ------
    InputError
        There is none, or what lies there is no file, or cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> readable(Path("nowhere.sqlite"))
    Traceback (most recent call last):
    smstock.errors.InputError: there is no journal nowhere.sqlite
      next:    collect the wave first, or mend the path
    """
    connection = None
    _require_file(path)
    try:
        if not path.is_file():
            raise InputError(f"there is no journal {path}", hint="collect the wave first, or mend the path")
        # where no run writes, SQLite would make files beside it that hold nothing
        options = "mode=ro" if ahead(path) else "mode=ro&immutable=1"
        connection = sqlite3.connect(f"file:{quote(str(path))}?{options}", uri=True, check_same_thread=False)
        connection.execute("PRAGMA temp_store=MEMORY")
    except (*FAULTS, OSError, ValueError) as error:
        if connection is not None:
            connection.close()
        raise fault(path, error, "read") from None
    return connection


def rows(connection: sqlite3.Connection, path: Path, select: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a question; raise `InputError` if the file cannot answer it.

    Examples
    --------
    >>> from contextlib import closing
    >>> from pathlib import Path
    >>> with closing(sqlite3.connect(":memory:")) as connection:
    ...     list(rows(connection, Path("q.sqlite"), "SELECT ? + 1", 1))
    [(2,)]
    """
    try:
        yield from connection.execute(select, values)
    except FAULTS as error:
        raise fault(path, error, "read") from None


def require_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `DamagedError` unless every page, row and index of a file fits the others.

    Examples
    --------
    >>> from contextlib import closing
    >>> from pathlib import Path
    >>> with closing(sqlite3.connect(":memory:")) as connection:
    ...     require_whole(connection, Path("q.sqlite"))
    """
    for (answer,) in rows(connection, path, "PRAGMA integrity_check(1)"):
        if answer != "ok":
            raise damaged(path, answer)


def damaged(path: Path, what: object) -> DamagedError:
    """Return what is said of a journal that is not as it was written.

    Examples
    --------
    >>> from pathlib import Path
    >>> print(damaged(Path("waves/2026-11/q.journal.sqlite"), "no such page"))
    the journal waves/2026-11/q.journal.sqlite is damaged: no such page
      next:    `smstock repair 2026-11/q` saves what can be read, then collect again
    """
    name = f"{path.parent.name}/{path.name.removesuffix(SUFFIX)}"
    return DamagedError(
        f"the journal {path} is damaged: {what}",
        hint=f"`smstock repair {name}` saves what can be read, then collect again",
    )


def fault(path: Path, error: Exception, doing: str) -> InputError:
    """Return what an error of the file means: a full disk or a missing right is no damage.

    Parameters
    ----------
    path, error
        The journal, and what SQLite or the system answered.
    doing
        ``written`` or ``read``.

    Examples
    --------
    >>> from pathlib import Path
    >>> full = sqlite3.OperationalError("database or disk is full")
    >>> full.sqlite_errorcode = sqlite3.SQLITE_FULL
    >>> print(fault(Path("waves/2026-11/q.journal.sqlite"), full, "written"))
    the journal waves/2026-11/q.journal.sqlite cannot be written: database or disk is full
      next:    free space, then run again; what was written is kept
    """
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL:
        hint = "free space, then run again; what was written is kept"
    elif code == sqlite3.SQLITE_IOERR:
        hint = (
            "look whether the disk is full, failing or a share that is gone, then run again; what was written is kept"
        )
    elif code in _IN_USE:
        hint = "another program holds it: wait until it ends, then run again"
    elif code in _NO_RIGHT or isinstance(error, OSError):
        hint = "let this user read and write the file and its folder, or choose another one with --output"
    else:
        return damaged(path, error)
    return InputError(f"the journal {path} cannot be {doing}: {getattr(error, 'strerror', None) or error}", hint=hint)


def ahead(path: Path) -> bool:
    """Whether answers lie in the log beside a file: a run is at work, or was killed.

    Examples
    --------
    >>> from pathlib import Path
    >>> ahead(Path("nowhere.sqlite"))
    False
    """
    log = path.with_name(f"{path.name}-wal")
    return log.is_file() and log.stat().st_size > 0


def _require_file(path: Path) -> None:
    if words := files.kind(path):
        raise InputError(
            f"the journal {path} is {words}",
            allowed=f"a file of smstock, as waves/2026-11/<query>{SUFFIX}",
            hint="name the file; where a journal should lie, move it away, or restore the journal",
        )
