"""The first page of a journal, which names its tables: where it is lost, that of a new journal stands in its place.

Every journal is laid out alike, so that the pages after the first one are those that the new page names. What is read
by it is held against the checksums of the answers, as always.
"""

from __future__ import annotations

import shutil
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from smstock.collect.database import FAULTS, SUFFIX, readable, writable
from smstock.collect.layout import Layout
from smstock.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE_SIZE: Final = 4096
"""Bytes of a page, as SQLite makes them."""
_PAGES: Final = slice(28, 32)
"""Where the first page tells how many pages there are."""


@contextmanager
def restored(path: Path) -> Iterator[Path]:
    """Give the path of a journal to read: its own, or that of a copy with a new first page where its own is lost.

    The copy lies in a folder beside the journal, and is taken away at the end.

    Raises
    ------
    InputError
        The journal cannot be read, or there is no room for its copy.

    Examples
    --------
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "q.journal.sqlite")
    ...     with closing(writable(path)) as connection:
    ...         Layout(connection, path).create({"wave": "2026-11"})
    ...     _ = path.write_bytes(bytes(100) + path.read_bytes()[100:])
    ...     with restored(path) as copy, closing(readable(copy)) as connection:
    ...         connection.execute("SELECT value FROM about WHERE name = 'wave'").fetchone()
    ('2026-11',)
    """
    if not path.stat().st_size or _names_answers(path):
        yield path
        return
    with TemporaryDirectory(dir=path.parent, prefix=".repair-", ignore_cleanup_errors=True) as folder:
        try:
            copy = _copied(path, Path(folder))
        except OSError as error:
            raise InputError(
                f"{path} cannot be copied: {error.strerror}", hint="free space, then repair again"
            ) from None
        yield copy


def _copied(path: Path, folder: Path) -> Path:
    """Copy a journal and the log beside it into a folder, with the first page of a new one; return its path there."""
    copy = folder / path.name
    for ending in ("", "-wal"):
        part = path.with_name(path.name + ending)
        if part.exists():
            shutil.copyfile(part, copy.with_name(copy.name + ending))
    page = bytearray(_first_page(folder / f"new{SUFFIX}"))
    page[_PAGES] = (copy.stat().st_size // _PAGE_SIZE).to_bytes(4, "big")
    with copy.open("r+b") as file:
        file.write(page)
    return copy


def _names_answers(path: Path) -> bool:
    """Whether the first page of a journal can be read, and names a table of answers."""
    try:
        with closing(readable(path)) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'answer'").fetchone()[0])
    except FAULTS:
        return False


def _first_page(path: Path) -> bytes:
    """Return the first page of a new journal."""
    with closing(writable(path)) as connection:
        Layout(connection, path).create({})
    return path.read_bytes()[:_PAGE_SIZE]
