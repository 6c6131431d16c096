"""A user's folder: where each thing lies, one run at a time, and no file half-written.

::

    smstock.toml · queries/ · calibration/ · official/
    waves/2026-11/<query>.journal.sqlite, <query>.audience.parquet, <query>.manifest.json
    calibrations/<name>.json
    estimates/2026-11/<name>.parquet, .csv, .json, .report.html, .manifest.json
    months/<name>.json
    backtests/<name>.parquet, .csv, .manifest.json
    .parsed/: tables of official files as they were read, which may be deleted at any time
    .fetched/: copies of official files that are named by URL, which are fetched again where they are gone

Waves of weeks and days have folders of their own, such as ``waves/2026-W47/``.
"""

from __future__ import annotations

import errno
import logging
import os
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.errors import BusyError, DamagedError, InputError
from smstock.vocabulary.dates import in_order, is_wave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


LOCK: Final = ".smstock.lock"
"""File by whose lock a folder is held."""

_PARSED: Final = ".parsed"
FETCHED: Final = ".fetched"
"""Folder of the copies of official files that are named by URL."""


@dataclass(frozen=True)
class Folder:
    """The folder that commands read from and write to.

    Parameters
    ----------
    root
        Where queries, calibration specs and official files are.
    output
        Where waves, calibrations and estimates go; the root unless said otherwise.

    Examples
    --------
    >>> from pathlib import Path
    >>> Folder(Path("migration"), Path("made")).wave("2020-10", "q.audience.parquet").as_posix()
    'made/waves/2020-10/q.audience.parquet'
    """

    root: Path
    output: Path

    def wave(self, wave: str, name: str) -> Path:
        """Return the path of a file of a wave."""
        return self.output / "waves" / wave / name

    def calibration(self, name: str) -> Path:
        """Return the path of a calibration."""
        return self.output / "calibrations" / f"{name}.json"

    def estimate(self, wave: str, name: str) -> Path:
        """Return the path of a file of the estimates of a wave."""
        return self.output / "estimates" / wave / name

    def relative(self, path: Path) -> str:
        """Return the name of a file of the output, as it is called from there."""
        return path.relative_to(self.output).as_posix()

    def month(self, name: str) -> Path:
        """Return the path of the account of the last month that was made with a calibration."""
        return self.output / "months" / f"{name}.json"

    def backtest(self, name: str) -> Path:
        """Return the path of a file of a back-test."""
        return self.output / "backtests" / name

    @property
    def parsed(self) -> Path:
        """Folder of the tables of official files as they were read."""
        return self.output / _PARSED

    @property
    def fetched(self) -> Path:
        """Folder of the copies of official files that are named by URL."""
        return self.output / FETCHED

    def waves_of(self, query: str) -> list[str]:
        """Return the waves in which a query was collected, oldest first."""
        return self._waves_with(f"{query}.audience.parquet")

    def begun(self, query: str) -> list[str]:
        """Return the waves in which a collection of a query was begun, oldest first."""
        return self._waves_with(f"{query}.journal.sqlite")

    def of_waves(self, pattern: str) -> list[Path]:
        """Return the files of all waves whose names match a pattern; a folder of another name is no wave."""
        paths = sorted((self.output / "waves").glob(f"*/{pattern}"))
        return [path for path in paths if is_wave(path.parent.name)]

    def queries(self) -> list[str]:
        """Return the names of the queries that were collected, or whose files lie in ``queries/``."""
        files = [file.stem for file in (self.root / "queries").glob("*.toml")]
        return sorted({*files, *(file.name.partition(".")[0] for file in self.of_waves("*.journal.sqlite"))})

    def estimated(self, name: str) -> list[str]:
        """Return the waves that hold estimates of a name, oldest first."""
        return self._waves_with(f"{name}.parquet", among="estimates")

    def _waves_with(self, name: str, among: str = "waves") -> list[str]:
        """Return the waves that hold a file, in order; a folder of another name, such as a copy, is no wave."""
        if set(name) & {"/", os.sep}:  # it leads elsewhere
            return []
        try:
            folder = self.output / among
            waves = in_order(entry.name for entry in folder.iterdir() if is_wave(entry.name))
            # a link that leads nowhere is listed too, so that it can be named
            return [wave for wave in waves if os.path.lexists(folder / wave / name)]
        except (OSError, ValueError):  # a name that no file can have
            return []

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one run; released by the system even if the process is killed.

        A step of a run may hold it again in the same thread. A run that put nothing into a folder leaves no lock in it,
        nor the folder where it was not there before.

        Raises
        ------
        BusyError
            Another run holds it.
        InputError
            It can be no folder, or its lock can be no file.
        """
        with _held(self.output):
            yield


@contextmanager
def lock_around(path: Path) -> Iterator[None]:
    """Hold the folder that a file named by the user lies in, while it is written.

    That folder is the nearest one above it with a ``smstock.toml``, or with a lock: one that smstock works in. A file
    outside of every such folder needs no lock.

    Raises
    ------
    BusyError, InputError
        As for `Folder.lock`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     with lock_around(Path(place, "chart.png")):
    ...         pass
    ...     outside = Path(place, LOCK).exists()
    ...     Path(place, "smstock.toml").touch()
    ...     with lock_around(Path(place, "chart.png")):
    ...         outside, Path(place, LOCK).exists()
    (False, True)
    """
    folder = _around(path)
    with nullcontext() if folder is None else _held(folder):
        yield


def parsed_around(path: Path) -> Path | None:
    """Return `Folder.parsed` of the folder that a file lies in, as `lock_around` finds it; None outside of all.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     Path(place, "smstock.toml").touch()
    ...     parsed_around(Path(place, "official", "stock.csv")).relative_to(place).as_posix()
    '.parsed'
    """
    folder = _around(path)
    return None if folder is None else folder / _PARSED


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold a lock, and wait for it while another process does; released by the system even if the process is killed.

    Raises
    ------
    OSError, NotImplementedError
        The lock can be no file there, or its file system has no locks.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, waiting_lock(Path(place, "new", ".lock")):
    ...     Path(place, "new").is_dir()
    True
    """
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        yield


def _around(path: Path) -> Path | None:
    marks = (LOCK, "smstock.toml")
    above = (parent for parent in path.absolute().parents if any((parent / mark).exists() for mark in marks))
    return next(above, None)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        made = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # a name with a NUL is a plain ValueError
        raise InputError(
            f"{folder} can be no folder: {_reason(error)}", hint=advice(error, "choose another one")
        ) from None
    path = folder / LOCK
    is_new = not path.exists()
    lock = FileLock(path, timeout=0, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"another smstock run is at work in {folder}",
            where=str(path),
            hint="wait until it ends; nothing was changed",
        ) from None
    except OSError as error:
        raise InputError(
            f"{folder} cannot be locked: {_reason(error)}",
            where=str(path),
            allowed="a file that may be written",
            hint=advice(error, "take away what lies there, or choose another folder"),
        ) from None
    except NotImplementedError:
        raise InputError(
            f"{folder} cannot be locked: its file system has no locks", hint="choose a folder of another disk"
        ) from None
    try:
        yield
    finally:
        if is_new:
            _unmake(path, made)
        lock.release()


def _unmake(lock: Path, made: Iterable[Path]) -> None:
    """Take away a lock, which is still held, and the folders made for it, innermost first, where nothing else lies."""
    with suppress(OSError):
        if [entry.name for entry in lock.parent.iterdir()] == [lock.name]:
            lock.unlink()
            for folder in made:
                folder.rmdir()


def damaged(path: Path, error: object) -> DamagedError:
    """Return what is said of a wave's table that cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> print(damaged(Path("q.audience.parquet"), ValueError("no magic bytes")).what)
    q.audience.parquet is damaged: no magic bytes
    """
    return DamagedError(
        f"{path} is damaged: {error}", hint="delete it and collect again; the journal still holds the answers"
    )


def leave_aside(error: InputError, path: Path) -> None:
    """Name a file that is passed over, in the log ``smstock``; the command line prints it on stderr, each file once.

    The path is the ``file`` of the record.

    Examples
    --------
    >>> from pathlib import Path
    >>> logging.disable()
    >>> table = Path("waves/2026-10/q.audience.parquet")
    >>> leave_aside(damaged(table, "no magic bytes"), table)
    >>> logging.disable(logging.NOTSET)
    """
    where, hint = error.where and f"{error.where}: ", error.hint and f" ({error.hint})"
    logging.getLogger("smstock").warning("left aside: %s%s%s", where, error.what, hint, extra={"file": path})


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to; it takes the place of ``path`` when the block ends well.

    A reader sees the old file or the whole new one.

    Raises
    ------
    InputError
        The file cannot be written; what was there before is untouched.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     with replaced(Path(place, "new", "a.txt")) as partial:
    ...         _ = partial.write_text("whole")
    ...     Path(place, "new", "a.txt").read_text()
    'whole'
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except (FileExistsError, NotADirectoryError) as error:
        no_folder = next((above for above in path.parents if above.is_file()), path.parent)
        raise InputError(f"{no_folder} is a file, not a folder", hint="choose another folder") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {_reason(error)}", hint=advice(error, "free space or choose another folder")
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file, as `replaced` does.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     write_atomically(Path(place, "a.csv"), lambda partial: partial.write_text("a,b"))
    ...     Path(place, "a.csv").read_text()
    'a,b'
    """
    with replaced(path) as partial:
        write(partial)


def write_file(path: Path, content: str | bytes) -> None:
    r"""Write a text (UTF-8, lines end in a line feed) or bytes, as `replaced` does.

    Half a surrogate pair, legal in JSON and no UTF-8, is written as its escape.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     write_file(Path(place, "a.txt"), "\u00e9\n")
    ...     Path(place, "a.txt").read_bytes()
    b'\xc3\xa9\n'
    """
    encoded = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    write_atomically(path, lambda partial: partial.write_bytes(encoded))


def advice(error: OSError | ValueError, otherwise: str) -> str:
    """Return what to do about an error of the system, or ``otherwise`` where its number does not tell.

    Examples
    --------
    >>> advice(OSError(errno.ENOSPC, "No space left on device"), "look at it")
    'free space, then run again; what was written is kept'
    """
    match getattr(error, "errno", None):
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "free space, then run again; what was written is kept"
        case errno.EROFS:
            return "it is mounted to be read only: choose another folder with --output"
        case errno.EACCES | errno.EPERM:
            return "let this user write it, or choose another folder with --output"
        case _:
            return otherwise


def _reason(error: OSError | ValueError) -> object:
    return getattr(error, "strerror", None) or error
