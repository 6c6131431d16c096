"""Recorded answers in place of the live platform: the same requests, the same bytes, no network.

A folder is replayed if it holds one of

- ``*.jsonl`` or ``*.jsonl.gz``: one object a line with ``targeting_spec``, ``response_body`` (the raw text), and where
  known ``timestamp`` (Unix seconds), ``endpoint``, ``api_version``, ``http_status``;
- ``answers.csv``: one answer a row, its cell in smstock's words and the figures of the body
  (columns: :data:`COLUMNS`), with ``origin.toml`` beside it naming the source.

Several answers to one request are told apart by their month: a wave takes the last one of its own month.
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import InputError, RecordingError
from smstock.platforms.base import RawAnswer
from smstock.query.lattice import Cell
from smstock.vocabulary.dates import instant_of_timestamp
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from smstock.platforms.base import Platform, Request
    from smstock.query.spec import QuerySpec

COLUMNS: Final = (
    "asked_at", "endpoint", "api_version", "destination", "origin", "sex", "ages", "education", "relationship",
    "location_basis", "placements", "estimate_mau", "estimate_dau", "estimate_ready",
)  # fmt: skip
"""Columns of ``answers.csv``; placements are joined by ``+``, and the three last ones become the body."""


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


def read(folder: Path, platform: Platform, query: QuerySpec, wave: str = "") -> Replay:
    """Return the recorded answers of a folder.

    Raises
    ------
    RecordingError
        The folder is missing, holds no recording, or a line of one is damaged (the message names file and line).
    """
    if not folder.is_dir():
        raise RecordingError(f"{folder} is no folder", hint="give --replay the folder that holds the recorded answers")
    files = sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz"), *folder.glob("answers.csv")])
    if not files:
        raise RecordingError(f"{folder} holds no recorded answers", allowed="*.jsonl, *.jsonl.gz or answers.csv")
    answers: dict[str, list[RawAnswer]] = {}
    for file in files:
        rows = _restated(file, platform, query) if file.name == "answers.csv" else _recorded(file, platform)
        for key, answer in rows:
            answers.setdefault(key, []).append(answer)
    return Replay(
        {key: tuple(sorted(found, key=lambda answer: answer.asked_at)) for key, found in answers.items()}, wave
    )


def _recorded(file: Path, platform: Platform) -> Iterator[tuple[str, RawAnswer]]:
    """Yield request key and answer of each line of a JSON-lines recording."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _recorded_line(line, platform, f"{file}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RecordingError(f"{file} is damaged or cut short: {error}", hint="copy the recording again") from None


def _recorded_line(line: str, platform: Platform, where: str) -> tuple[str, RawAnswer]:
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


def _restated(file: Path, platform: Platform, query: QuerySpec) -> Iterator[tuple[str, RawAnswer]]:
    """Yield request key and answer of each row of a restated recording; rows of groups the query lacks are left out."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise RecordingError(
                f"{file} has other columns: {', '.join(rows.fieldnames or ())}", allowed=", ".join(COLUMNS)
            )
        for row in rows:
            if row["education"] and row["education"] not in query.education:
                continue
            if row["relationship"] and row["relationship"] not in query.relationship:
                continue
            try:
                yield _restated_row(row, platform, query)
            except (ValueError, TypeError, InputError) as error:
                raise RecordingError(f"not a recorded answer: {error}", where=f"{file}, line {rows.line_num}") from None


def _restated_row(row: dict[str, str], platform: Platform, query: QuerySpec) -> tuple[str, RawAnswer]:
    cell = Cell(
        row["destination"], row["origin"], row["sex"], Ages.parse(row["ages"]), row["education"], row["relationship"]
    )
    placements = tuple(sorted(filter(None, row["placements"].split("+"))))
    asked = query.model_copy(update={"location_basis": row["location_basis"], "placements": placements})
    estimate = {
        "estimate_dau": int(row["estimate_dau"]),
        "estimate_mau": int(row["estimate_mau"]),
        "estimate_ready": row["estimate_ready"] == "true",
    }
    body = json.dumps({"data": [estimate]}, separators=(",", ":")).encode()
    return platform.request(cell, asked).key, RawAnswer(body, 200, row["asked_at"], row["endpoint"], row["api_version"])
