"""Recordings: a wave written as one, and files of other collectors converted to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstock.collect import recording
from smstock.collect.reader import JournalReader
from smstock.errors import RecordingError, UnknownRecordingError, UsageError, shown
from smstock.files import Room
from smstock.folder import lock_around, write_atomically
from smstock.platforms import recordings, replay
from smstock.platforms.known import platform

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smstock.folder import Folder
    from smstock.platforms.base import Platform, Recorded
    from smstock.platforms.recordings import Account


@dataclass(frozen=True)
class Converted:
    """A recording that was written: its answers, what each file held, and the files that were passed over."""

    path: Path
    answers: int
    accounts: tuple[Account, ...]
    passed_over: tuple[str, ...] = ()


def record(workspace: Folder, query: str, wave: str, folder: Path) -> tuple[Path, int]:
    """Write the answers of a wave as a recording into a folder; return its path and how many answers it holds.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     record(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11", Path(place))
    Traceback (most recent call last):
    smstock.errors.InputError: there is no journal nowhere/waves/2026-11/q.journal.sqlite
      next:    collect the wave first, or mend the path
    """
    path = folder / f"{query}.{wave}.jsonl.gz"
    counted: list[int] = []
    with lock_around(path), JournalReader(workspace.wave(wave, f"{query}.journal.sqlite")) as journal:
        write_atomically(path, lambda partial: counted.append(recording.write(journal, partial)))
    return path, counted[0]


def convert(places: Sequence[Path], path: Path, service: str = "meta") -> Converted:
    r"""Write the answers in files of other collectors as one recording; nothing is written where there is none.

    Parameters
    ----------
    places
        Files, or folders of them.
    path
        The recording: ``*.jsonl``, or ``*.jsonl.gz`` to be packed.
    service
        Whose answers they are.

    Raises
    ------
    UsageError
        The recording has another name, is one of the files, or exists.
    RecordingError
        A file is damaged or of no form that is read, or none of them holds an answer.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "a.csv")
    ...     _ = file.write_text("targeting_spec,estimate_mau,estimate_dau\n{},2600,1987\n{},,\n")
    ...     for account in convert([file], Path(place, "a.jsonl.gz")).accounts:
    ...         print(account)
    a.csv: 1 of 2 rows are answers, 1 of them put together from figures; 1 left out (line 3): has no figure
    """
    if not path.name.endswith(recordings.LINES):
        allowed = " or ".join(f"NAME{ending}" for ending in recordings.LINES)
        raise UsageError(f"{shown(path)} is no name of a recording", allowed=f"{allowed}, as the last argument")
    about = platform(service)
    files = [(file, file == place) for place in places for file in recordings.listed(place, about)]
    if path.resolve() in {file.resolve() for file, _ in files}:
        raise UsageError(f"{shown(path)} is among the files to convert", hint="name another file to be written")
    if path.exists():
        # the last of the files to be read, where the name of the one to be written was forgotten
        hint = "name the file to be written as the last argument; remove this one if it may be written anew"
        raise UsageError(f"{shown(path)} exists", hint=hint)
    accounts: list[Account] = []
    passed: list[str] = []
    counted: list[int] = []

    def answers() -> Iterator[Recorded]:
        for file, alone in files:
            yield from _answers(file, about, accounts, passed, alone=alone)
        if not any(account.answers for account in accounts):
            reasons = "; ".join([*map(str, accounts), *recordings.passed_over(passed)])
            raise RecordingError(f"there is no answer in {shown(', '.join(map(str, places)))}", where=reasons)

    packed = path.name.endswith(".gz")
    with lock_around(path):
        write_atomically(path, lambda partial: counted.append(recording.write_lines(answers(), partial, packed=packed)))
    return Converted(path, counted[0], tuple(accounts), tuple(recordings.passed_over(passed)))


def _answers(
    file: Path, about: Platform[Any], accounts: list[Account], passed: list[str], *, alone: bool
) -> Iterator[Recorded]:
    """Yield the answers of a file and count its lines; those of the platform's own table tell no question by itself."""
    if file.name in about.restated:
        if alone:
            raise RecordingError(
                f"{shown(file)} needs its query", hint="replay it: smstock collect QUERY --replay FOLDER"
            )
        passed.append(file.name)
        return
    account = recordings.Account(file)
    try:
        for line in recordings.lines(file, about, Room(file, replay.LARGEST, RecordingError)):
            account.count(line)
            if line.answer is not None:
                yield line
    except UnknownRecordingError:
        if alone:
            raise
        passed.append(file.name)
        return
    accounts.append(account)
