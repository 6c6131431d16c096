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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstock.errors import RecordingError
from smstock.platforms.base import RawAnswer
from smstock.vocabulary.dates import instant_of_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from smstock.platforms.base import Platform, Q, Request


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
        The folder is missing, holds no recording, or a line of one is damaged (the message names file and line).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.lattice import cells
    >>> from smstock.query.spec import parse
    >>> text = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT"]'
    >>> query, meta = parse(text), platform("meta")
    >>> (request,) = (meta.request(cell, query) for cell in cells(query))
    >>> targeting_spec = meta.targeting(dict(request.parameters))
    >>> line = {"targeting_spec": targeting_spec, "response_body": "{}", "timestamp": 1603000000, "http_status": 200}
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "answers.jsonl").write_text(json.dumps(line), encoding="utf-8")
    ...     read(Path(place), meta, query).waves({request.key})
    ['2020-10']
    """
    if not folder.is_dir():
        raise RecordingError(f"{folder} is no folder", hint="give --replay the folder that holds the recorded answers")
    forms = ("*.jsonl", "*.jsonl.gz", *platform.restated)
    files = sorted(file for form in forms for file in folder.glob(form))
    if not files:
        raise RecordingError(f"{folder} holds no recorded answers", allowed=", ".join(forms))
    answers: dict[str, list[RawAnswer]] = {}
    for file in files:
        restated = platform.restated.get(file.name)
        for key, answer in restated(file, query) if restated else _recorded(file, platform):
            answers.setdefault(key, []).append(answer)
    return Replay({key: tuple(sorted(answers[key], key=lambda answer: answer.asked_at)) for key in answers}, wave)


def _recorded(file: Path, platform: Platform[Any]) -> Iterator[tuple[str, RawAnswer]]:
    """Yield request key and answer of each line of a JSON-lines recording."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _recorded_line(line, platform, f"{file}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RecordingError(f"{file} is damaged or cut short: {error}", hint="copy the recording again") from None


def _recorded_line(line: str, platform: Platform[Any], where: str) -> tuple[str, RawAnswer]:
    try:
        row: dict[str, Any] = json.loads(line)
        seconds = row.get("timestamp")
        answer = RawAnswer(
            body=str(row["response_body"]).encode(),
            http_status=int(row.get("http_status") or 200),
            asked_at="" if seconds is None else instant_of_timestamp(float(seconds)),
            endpoint=str(row.get("endpoint") or ""),
            api_version=str(row.get("api_version") or ""),
        )
        return platform.key(dict(row["targeting_spec"])), answer
    except (ValueError, KeyError, TypeError) as error:
        raise RecordingError(
            f"not a recorded answer: {error!r}", where=where, allowed="an object with targeting_spec and response_body"
        ) from None
