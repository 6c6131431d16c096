"""Recorded answers in place of the live platform: the same requests, the same bytes, no network.

A recording is a file, or a folder of files, each one of

- ``*.jsonl`` or ``*.jsonl.gz``: one object a line with ``targeting_spec``, ``response_body`` (the raw text), and where
  known ``timestamp`` (Unix seconds), ``endpoint``, ``api_version``, ``http_status``;
- a file of another collector (`Platform.collected`), such as the data frames of pySocialWatcher;
- a file of the platform's own (`Platform.restated`), such as ``answers.csv`` of `smstock.platforms.meta.restated`.

Several answers to one request are told apart by their days: a wave takes the last one of its own days, of those that
settle the cell if there are any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import RecordingError, UnknownRecordingError
from smstock.files import Room
from smstock.platforms import recordings
from smstock.platforms.base import Action
from smstock.query.lattice import cells
from smstock.vocabulary import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from smstock.platforms.base import Platform, Q, RawAnswer, Request

LARGEST: Final = 512 << 20
"""Bytes of the recordings of a folder at most, unpacked: some million answers."""

_MOST_VALUES: Final = 5
_CELLS_COMPARED: Final = 100_000


@dataclass(frozen=True)
class Replay:
    """Recorded answers that answers requests of one wave.

    Parameters
    ----------
    answers
        Request key -> answers, oldest first.
    wave
        The wave to answer for; answers without a time belong to every one.
    remarks
        What was left out of files of other collectors, and why: a sentence for each file.
    settles
        Whether an answer settles its cell; all do unless it says otherwise.
    """

    answers: dict[str, tuple[RawAnswer, ...]]
    wave: str
    attempts: int = 1
    concurrency: int = 1
    dropped: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    settles: Callable[[RawAnswer], bool] | None = None

    async def ask(self, request: Request) -> RawAnswer | None:
        """Return the last answer to a request on the wave's days that settles it, or the last one; None if none is."""
        days = dates.wave(self.wave) if self.wave else None
        fitting = [
            answer
            for answer in self.answers.get(request.key, ())
            if not answer.asked_at or (days and days.holds(answer.asked_at[:10]))
        ]
        # a second run that met a limit or an estimate which was not ready takes nothing from the first
        settling = filter(self.settles, reversed(fitting)) if self.settles and len(fitting) > 1 else iter(())
        return next(settling, fitting[-1] if fitting else None)

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Do nothing: a recording has no quota."""

    async def close(self) -> None:
        """Do nothing: a recording has no connections."""

    def waves(self, keys: set[str], every: dates.Every = "month") -> list[str]:
        """Return the months (weeks, days) in which any of some requests was answered, oldest first."""
        answers = (answer.asked_at for key in keys for answer in self.answers.get(key, ()))
        days = {asked_at[:10] for asked_at in answers if asked_at}
        return dates.in_order(dates.wave_of(datetime.fromisoformat(f"{day}T00:00:00Z"), every) for day in days)


def read(place: Path, platform: Platform[Q], query: Q, wave: str = "") -> Replay:
    r"""Return the recorded answers of a file, or of the files of a folder.

    Raises
    ------
    RecordingError
        Nothing lies there that holds an answer, or more than `LARGEST`, or a line of a recording is damaged (the
        message names file and line).

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
    answers: dict[str, list[tuple[str, bool, RawAnswer]]] = {}
    remarks: list[str] = []
    passed: list[str] = []
    room = Room(place, LARGEST, RecordingError)
    files = recordings.listed(place, platform)
    for file in files:
        if restated := platform.restated.get(file.name):
            recordings.check(file, room)
            room.take(file.stat().st_size)
            for key, answer in restated(file, query):
                answers.setdefault(key, []).append((answer.asked_at, True, answer))
            continue
        account = recordings.Account(file)
        try:
            for line in recordings.lines(file, platform, room):
                account.count(line)
                if line.answer is not None:
                    # of two answers of one moment that of the platform's own words comes last, and is taken
                    answers.setdefault(line.key, []).append((line.answer.asked_at, not line.restated, line.answer))
        except UnknownRecordingError:
            if file == place:
                raise
            passed.append(file.name)
        if account.left_out or account.restated:
            remarks.append(str(account))
    remarks += recordings.passed_over(passed)
    if not answers and not any(file.name in platform.restated for file in files):
        raise RecordingError(
            f"{place} holds no answer that can be used",
            where="; ".join(remarks) or "it has no row of an answer",
            hint="" if remarks else "name the file that the answers were written to",
        )
    remarks += _in_doubt(answers, platform)
    in_order = {key: tuple(raw for *_, raw in sorted(answers[key], key=lambda item: item[:2])) for key in answers}
    return Replay(
        in_order, wave, remarks=tuple(remarks), settles=lambda answer: platform.read(answer).action is Action.KEEP
    )


def _in_doubt(answers: Mapping[str, Sequence[tuple[str, bool, RawAnswer]]], platform: Platform[Any]) -> list[str]:
    """Return the sentence that questions have answers of one moment whose numbers differ; nothing where none has."""
    doubtful = 0
    for of_question in answers.values():
        by_moment: dict[tuple[str, bool], dict[bytes, RawAnswer]] = {}
        for moment, restated, answer in of_question if len(of_question) > 1 else ():
            by_moment.setdefault((moment, restated), {})[answer.body] = answer
        doubtful += any(
            len({platform.read(answer).readings for answer in bodies.values()}) > 1
            for bodies in by_moment.values()
            if len(bodies) > 1
        )
    if not doubtful:
        return []
    of_them = f"{doubtful:,} questions have" if doubtful > 1 else "1 question has"
    return [f"{of_them} answers of one moment that differ: the last one of the files counts"]


def differences(place: Path, platform: Platform[Any], query: Any) -> list[str]:
    """Return in which keys recordings differ from a query that they answer nothing of, a sentence for each key.

    A key differs where no recorded question has a value of it that the query asks for.

    Parameters
    ----------
    place
        The recordings, which can be read.
    platform
        Whose answers they are.
    query
        The query.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.meta import MetaQuery
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+")
    >>> spec = '{"age_min": 18, "geo_locations": {"countries": ["AT"], "location_types": ["home"]}}'
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.jsonl").write_text(f'{{"targeting_spec": {spec}, "response_body": "{{}}"}}')
    ...     for sentence in differences(Path(folder), platform("meta"), query):
    ...         print(sentence)
    location_basis is "home" in the recordings, "default" in the query
    origins is all users in the recordings, SRB in the query
    """
    asked = _values(
        platform.described(platform.targeting(dict(platform.request(cell, query).parameters)))
        for cell in islice(cells(query), _CELLS_COMPARED)
        if not platform.refusal(cell, query)
    )
    recorded = _values(platform.described(targeting) for targeting in _asked(place, platform))
    return [
        f"{key} is {_few(values)} in the recordings, {_few(asked.get(key, ()))} in the query"
        for key, values in sorted(recorded.items())
        if not set(values) & set(asked.get(key, ()))
    ]


def _asked(place: Path, platform: Platform[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the targeting spec of each answer."""
    room = Room(place, LARGEST, RecordingError)
    for file in recordings.listed(place, platform):
        if file.name in platform.restated:
            continue
        try:
            yield from (line.targeting for line in recordings.lines(file, platform, room) if line.answer is not None)
        except UnknownRecordingError:
            continue


def _values(questions: Iterable[dict[str, str]]) -> dict[str, dict[str, None]]:
    """Return the values of each key in the order in which they come."""
    values: dict[str, dict[str, None]] = {}
    for question in questions:
        for key, value in question.items():
            values.setdefault(key, {})[value] = None
    return values


def _few(values: Iterable[str]) -> str:
    listed = list(values)
    more = len(listed) - _MOST_VALUES
    return f"{', '.join(listed[:_MOST_VALUES])}{f' and {more:,} more' if more > 0 else ''}" if listed else "nothing"
