"""Recordings as files: JSON lines of raw answers, and the files of other collectors; each line read for itself.

What is replayed and what is converted is read here, so that both are the same. A line of JSON that is no answer is a
damaged recording. In the files of other collectors are lines that were never answered: they are left out, and counted
with the reason.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from smstock import files
from smstock.errors import RecordingError, shown
from smstock.platforms.base import RawAnswer, Recorded
from smstock.vocabulary.dates import instant, instant_of_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smstock.files import Room
    from smstock.platforms.base import Platform

LONGEST_LINE: Final = 1 << 20
"""Bytes of a recorded answer at most, with what was asked."""

LINES: Final = (".jsonl", ".jsonl.gz")
"""How the names of recordings of smstock end."""

MOST_REASONS: Final = 20
"""Reasons of a file that are told apart; more of them are counted together."""

_FAULTS: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)
_HTTP: Final = range(1000)
_NAMED: Final = 5
_SECONDS: Final = (1_104_537_600, 4_102_444_800)
"""Unix seconds of 2005 and of 2100: another number, such as one of milliseconds, is no time of a collection."""
_DETAIL: Final = re.compile(r"'[^']*'|\d[\d,.]*")


@dataclass
class LeftOut:
    """Lines that are no answers for one reason: the reason as of the first one, where that is, how many they are."""

    reason: str
    place: str
    lines: int = 0


@dataclass
class Account:
    """How many lines of a file are answers, how many of these were put together from figures, and what was left out."""

    file: Path
    answers: int = 0
    restated: int = 0
    left_out: dict[str, LeftOut] = field(default_factory=dict)

    def count(self, line: Recorded) -> None:
        """Count a line."""
        if line.answer is not None:
            self.answers += 1
            self.restated += line.restated
            return
        kind = _DETAIL.sub("…", line.reason)
        if kind not in self.left_out and len(self.left_out) >= MOST_REASONS:
            kind, line = "", Recorded(line.place, reason="other reasons")
        self.left_out.setdefault(kind, LeftOut(shown(line.reason), line.place)).lines += 1

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return self.answers + sum(reason.lines for reason in self.left_out.values())

    def __str__(self) -> str:
        restated = f", {self.restated:,} of them put together from figures" if self.restated else ""
        parts = [f"{shown(self.file.name)}: {self.answers:,} of {self.lines:,} rows are answers{restated}"]
        parts += [f"{left.lines:,} left out ({left.place}): {left.reason}" for left in self.left_out.values()]
        return "; ".join(parts)


def listed(place: Path, platform: Platform[Any]) -> list[Path]:
    """Return the recordings at a place: the file itself, or those of a folder.

    Raises
    ------
    RecordingError
        Nothing lies there, or a folder without any file that could be a recording.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.known import platform
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "a.jsonl").touch()
    ...     [file.name for file in listed(Path(folder), platform("meta"))]
    ['a.jsonl']
    """
    if not place.is_dir():
        if not place.exists():
            raise RecordingError(f"{shown(place)} is neither a folder nor a file", hint="name where the recordings lie")
        return [place]
    endings = (*LINES, *platform.collectors)
    try:
        recordings = [path for path in sorted(place.iterdir()) if path.name.endswith(endings)]
    except OSError as error:
        raise RecordingError(f"{shown(place)} cannot be read: {error.strerror or error}") from None
    if not recordings:
        forms = ", ".join(f"*{ending}" for ending in endings)
        raise RecordingError(f"{shown(place)} holds no recorded answers", allowed=forms)
    return recordings


def lines(file: Path, platform: Platform[Any], room: Room) -> Iterator[Recorded]:
    r"""Yield each line of a recording that is not blank.

    Parameters
    ----------
    file
        The recording.
    platform
        Whose answers they are.
    room
        The bytes that may be read, unpacked.

    Raises
    ------
    UnknownRecordingError
        The file is of no form that is read.
    RecordingError
        It is damaged, or too large.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.known import platform
    >>> line = '{"targeting_spec": {"age_min": 18}, "response_body": "{}", "timestamp": 1601872407}'
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.jsonl")
    ...     _ = file.write_text(line)
    ...     [line.place for line in lines(file, platform("meta"), files.Room(file, 100, RecordingError))]
    ['line 1']
    """
    check(file, room)
    if not file.name.endswith(LINES):
        for collected in platform.collected(file, room):
            yield collected if collected.answer is None else _keyed(collected, platform)
        return
    try:
        for number, line in _lines(file, room):
            yield _recorded(line, platform, f"line {number}", f"{file}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise RecordingError(f"{file} is damaged or cut short: {error}", hint="copy the recording again") from None


def check(file: Path, room: Room) -> None:
    """Refuse what is no file, or larger than all recordings may be together.

    Examples
    --------
    >>> from pathlib import Path
    >>> check(Path("nowhere.jsonl"), files.Room(Path("."), 100, RecordingError))
    Traceback (most recent call last):
    smstock.errors.RecordingError: nowhere.jsonl cannot be read: No such file or directory
    """
    try:
        files.check(file, room.most, RecordingError)
    except OSError as error:
        raise RecordingError(f"{file} cannot be read: {error.strerror or error}") from None


def passed_over(names: Sequence[str]) -> list[str]:
    """Return the sentence that files of a folder are passed over; nothing where none is.

    Examples
    --------
    >>> passed_over(["codes.csv", "notes.csv"]), passed_over([])
    (['2 files are no recordings, and were passed over: codes.csv, notes.csv'], [])
    """
    if not names:
        return []
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    how_many = (
        f"{len(names):,} files are no recordings, and were" if len(names) > 1 else "1 file is no recording, and was"
    )
    return [f"{how_many} passed over: {', '.join(map(shown, names[:_NAMED]))}{more}"]


def _lines(file: Path, room: Room) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that is not blank."""
    number = 0
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise files.too_large(f"{file}, line {number},", LONGEST_LINE, RecordingError)
            room.take(len(line))
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, line.decode()


def _keyed(line: Recorded, platform: Platform[Any]) -> Recorded:
    """Return a line with its request key; a targeting spec of no form that a platform knows is no question."""
    try:
        return line._replace(key=platform.key(line.targeting))
    except _FAULTS as error:
        return Recorded(line.place, reason=f"its targeting is none: {shown(repr(error))}")


def _recorded(line: str, platform: Platform[Any], place: str, where: str) -> Recorded:
    try:
        row: dict[str, Any] = json.loads(line, object_pairs_hook=_once)
        if row.get("mock_response"):
            return Recorded(place, reason="mock_response: the collector made the answer up, the platform gave none")
        recorded = row.get("response_body")
        restated = recorded is None
        body, endpoint = platform.restored(row) if restated else (_text(recorded).encode(), "")
        answer = RawAnswer(
            body=body,
            http_status=_HTTP.index(int(row.get("http_status") or 200)),
            asked_at=_instant(row.get("timestamp")) or _instant(row.get("asked_at")),
            endpoint=endpoint or str(row.get("endpoint") or ""),
            api_version=str(row.get("api_version") or ""),
        )
        asked = row["targeting_spec"]
        targeting = dict(json.loads(asked) if isinstance(asked, str) else asked)
        return Recorded(
            place, targeting, answer, restated=restated or bool(row.get("restated")), key=platform.key(targeting)
        )
    except _FAULTS as error:
        raise RecordingError(
            f"not a recorded answer: {shown(repr(error))}",
            where=where,
            allowed="an object with targeting_spec and response_body, or the platform's figures in its place",
        ) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of one that names a key twice nobody can say which of the two was asked."""
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("an object names a key twice")
    return named


def _text(body: Any) -> str:
    """Return the text of a body, which some write as the object that it holds."""
    if isinstance(body, dict):
        return json.dumps(body, separators=(",", ":"))
    if not isinstance(body, str):
        raise TypeError("response_body is no text")
    return body


def _instant(time: Any) -> str:
    """Return Unix seconds, or an instant with its time zone, as an instant in UTC; empty where there is none."""
    if time is None or time == "":
        return ""
    if isinstance(time, str) and "T" in time:
        moment = datetime.fromisoformat(time)
        if moment.tzinfo is None:
            raise ValueError(f"the time {time} has no time zone")
        return instant(moment)
    seconds = float(time)
    if not _SECONDS[0] <= seconds < _SECONDS[1]:
        raise ValueError(f"the time {time} is none of a collection, in Unix seconds")
    return instant_of_timestamp(seconds)
