"""Recorded answers in place of the live platform: the same requests, the same bytes, no network.

A folder is replayed if it holds one of

- ``*.jsonl`` or ``*.jsonl.gz``: one object a line with ``targeting_spec``, ``response_body`` (the raw text), and where
  known ``timestamp`` (Unix seconds), ``endpoint``, ``api_version``, ``http_status``;
- a file of the platform's own (`Platform.restated`), such as ``answers.csv`` of `smstock.platforms.meta.restated`.

Several answers to one request are told apart by their month: a wave takes the last one of its own month.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smstock import files
from smstock.errors import RecordingError, shown
from smstock.platforms.base import RawAnswer
from smstock.vocabulary.dates import instant_of_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from smstock.errors import SmstockError
    from smstock.platforms.base import Platform, Q, Request

LARGEST: Final = 512 << 20
"""Bytes of the recordings of a folder at most, unpacked: some million answers."""

LONGEST_LINE: Final = 1 << 20
"""Bytes of a recorded answer at most, with what was asked."""

_HTTP: Final = range(1000)


@dataclass(frozen=True)
class Replay:
    """A folder of recorded answers that answers requests of one wave.

    Parameters
    ----------
    answers
        Request key -> answers, oldest first.
    wave
        The month to answer for; answers without a time belong to every month.
    """

    answers: dict[str, tuple[RawAnswer, ...]]
    wave: str
    attempts: int = 1
    concurrency: int = 1
    dropped: tuple[str, ...] = ()

    async def ask(self, request: Request) -> RawAnswer | None:
        """Return the last answer to a request in the wave's month, None if none was recorded."""
        fitting = [answer for answer in self.answers.get(request.key, ()) if answer.asked_at[:7] in (self.wave, "")]
        return fitting[-1] if fitting else None

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Do nothing: a recording has no quota."""

    async def close(self) -> None:
        """Do nothing: a recording has no connections."""

    def waves(self, keys: set[str]) -> list[str]:
        """Return the months in which any of some requests was answered, oldest first."""
        return sorted({answer.asked_at[:7] for key in keys for answer in self.answers.get(key, ()) if answer.asked_at})


def read(folder: Path, platform: Platform[Q], query: Q, wave: str = "") -> Replay:
    r"""Return the recorded answers of a folder.

    Raises
    ------
    RecordingError
        The folder is missing, holds no recording or more than `LARGEST`, or a line of one is damaged (the message names
        file and line).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.meta import MetaQuery
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+")
    >>> line = '{"targeting_spec": {"age_min": 18}, "response_body": "{}", "timestamp": 1601872407}'
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "a.jsonl").write_text(line)
    ...     [answer.asked_at for (answer,) in read(Path(place), platform("meta"), query).answers.values()]
    ['2020-10-05T04:33:27Z']
    """
    if not folder.is_dir():
        raise RecordingError(f"{folder} is no folder", hint="give --replay the folder that holds the recorded answers")
    forms = ("*.jsonl", "*.jsonl.gz", *platform.restated)
    recordings = sorted(file for form in forms for file in folder.glob(form))
    if not recordings:
        raise RecordingError(f"{folder} holds no recorded answers", allowed=", ".join(forms))
    answers: dict[str, list[RawAnswer]] = {}
    room = LARGEST
    for file in recordings:
        restated = platform.restated.get(file.name)
        size = _size(file)
        lines = _Lines(file, room - size if restated else room)
        if lines.room < 0:
            raise _too_large(folder)
        for key, answer in restated(file, query) if restated else _recorded(lines, platform):
            answers.setdefault(key, []).append(answer)
        room = lines.room
    return Replay({key: tuple(sorted(answers[key], key=lambda answer: answer.asked_at)) for key in answers}, wave)


def _size(file: Path) -> int:
    """Return the bytes of a recording as it lies there; refuse what is no file, or larger than all may be."""
    try:
        files.check(file, LARGEST, RecordingError)
        return file.stat().st_size
    except OSError as error:
        raise RecordingError(f"{file} cannot be read: {error.strerror or error}") from None


def _too_large(folder: Path) -> SmstockError:
    return files.too_large(f"{folder}, unpacked,", LARGEST, RecordingError)


@dataclass
class _Lines:
    """The lines of a recording, packed or not, and how many bytes may still be read."""

    file: Path
    room: int

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Yield number and text of each line that is not blank."""
        number = 0
        with gzip.open(self.file) if self.file.suffix == ".gz" else self.file.open("rb") as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                self.room -= len(line)
                if len(line) > LONGEST_LINE:
                    raise files.too_large(f"{self.file}, line {number},", LONGEST_LINE, RecordingError)
                if self.room < 0:
                    raise _too_large(self.file.parent)
                if line.strip():
                    yield number, line.decode()


def _recorded(lines: _Lines, platform: Platform[Any]) -> Iterator[tuple[str, RawAnswer]]:
    """Yield request key and answer of each line of a JSON-lines recording."""
    file = lines.file
    try:
        for number, line in lines:
            yield _recorded_line(line, platform, f"{file}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise RecordingError(f"{file} is damaged or cut short: {error}", hint="copy the recording again") from None


def _recorded_line(line: str, platform: Platform[Any], where: str) -> tuple[str, RawAnswer]:
    try:
        row: dict[str, Any] = json.loads(line)
        seconds = row.get("timestamp")
        answer = RawAnswer(
            body=str(row["response_body"]).encode(),
            http_status=_HTTP[int(row.get("http_status") or 200)],
            asked_at="" if seconds is None else instant_of_timestamp(float(seconds)),
            endpoint=str(row.get("endpoint") or ""),
            api_version=str(row.get("api_version") or ""),
        )
        return platform.key(dict(row["targeting_spec"])), answer
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError) as error:
        raise RecordingError(
            f"not a recorded answer: {shown(repr(error))}",
            where=where,
            allowed="an object with targeting_spec and response_body",
        ) from None
