"""A user's folder: where each thing lies, one run at a time, and no file half-written.

::

    smstock.toml · queries/ · calibration/
    waves/2026-11/<query>.journal.sqlite, <query>.audience.parquet, <query>.manifest.json
    calibrations/<name>.json
    estimates/2026-11/<name>.parquet, .csv, .json, .report.html, .manifest.json
    backtests/<name>.parquet, .csv, .manifest.json
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.errors import BusyError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


MONTH: Final = "[0-9][0-9][0-9][0-9]-[01][0-9]"
"""Pattern of the folder of a wave."""


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
    >>> Folder(Path("here"), Path("there")).wave("2020-10", "q.audience.parquet").as_posix()
    'there/waves/2020-10/q.audience.parquet'
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

    def backtest(self, name: str) -> Path:
        """Return the path of a file of a back-test."""
        return self.output / "backtests" / name

    def waves_of(self, query: str) -> list[str]:
        """Return the waves in which a query was collected, oldest first."""
        return self._months(f"{query}.audience.parquet")

    def begun(self, query: str) -> list[str]:
        """Return the waves in which a collection of a query was begun, oldest first."""
        return self._months(f"{query}.journal.sqlite")

    def _months(self, name: str) -> list[str]:
        """Return the months that hold a file; a folder of another name, such as a copy, is no wave."""
        return sorted(path.parent.name for path in (self.output / "waves").glob(f"{MONTH}/{name}"))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one run; released by the system even if the process is killed.

        A step of a run may hold it again in the same thread.

        Raises
        ------
        BusyError
            Another run holds it.
        InputError
            It can be no folder.
        """
        from filelock import FileLock, Timeout

        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.output} can be no folder: {error.strerror}", hint="choose another one") from None
        path = self.output / ".smstock.lock"
        try:
            with FileLock(path, timeout=0, is_singleton=True):
                yield
        except Timeout:
            raise BusyError(
                f"another smstock run is at work in {self.output}",
                where=str(path),
                hint="wait until it ends; nothing was changed",
            ) from None


def damaged(path: Path, error: Exception) -> InputError:
    """Return what is said of a wave's table that cannot be read."""
    return InputError(
        f"{path} is damaged: {error}", hint="delete it and collect again; the journal still holds the answers"
    )


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then move it there: a reader sees the old file or the whole new one.

    Raises
    ------
    InputError
        The file cannot be written; what was there before is untouched.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}", hint="free space or choose another folder"
        ) from error
    finally:
        with suppress(NotADirectoryError):
            partial.unlink(missing_ok=True)
