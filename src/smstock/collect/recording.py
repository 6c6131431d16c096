"""A journal as a recording: the same answers, in the form that can be replayed anywhere.

A recording holds what was asked and what came back, and nothing of who asked: a journal has no credential, and the
advertising account stays behind.
"""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from smstock.platforms.base import Recorded
from smstock.platforms.known import platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from smstock.collect.reader import JournalReader
    from smstock.platforms.base import RawAnswer


def write(journal: JournalReader, path: Path) -> int:
    r"""Write the answers of a journal as gzipped JSON lines, oldest first; return how many they are.

    A line holds ``targeting_spec``, ``response_body``, ``timestamp`` (Unix seconds, UTC; null if not known),
    ``endpoint``, ``api_version`` and ``http_status``. Equal journals give equal files.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.query.spec import parse
    >>> text = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT"]'
    >>> with TemporaryDirectory() as place:
    ...     with Journal(Path(place, "q.journal.sqlite"), parse(text), "2026-11", "live") as journal:
    ...         write(journal, Path(place, "q.2026-11.jsonl.gz"))
    0
    """
    targeting = platform(journal.query.platform).targeting
    answered = ((targeting(parameters), answer) for parameters, answer in journal.recorded())
    return write_lines((Recorded("", spec, answer) for spec, answer in answered), path)


def write_lines(lines: Iterable[Recorded], path: Path, *, packed: bool = True) -> int:
    """Write lines that hold answers as JSON lines, packed by gzip or not; return their number.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.base import RawAnswer
    >>> with TemporaryDirectory() as place:
    ...     line = Recorded("line 1", {"age_min": 18}, RawAnswer(b"{}", 200, "", "", ""))
    ...     write_lines([line], Path(place, "a.jsonl.gz"))
    1
    """
    written = 0
    with path.open("wb") as file, ExitStack() as stack:
        stream: BinaryIO | gzip.GzipFile = file
        if packed:
            stream = stack.enter_context(gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0))
        for line in lines:
            if line.answer is None:
                continue
            row = _row(line.targeting, line.answer) | ({"restated": True} if line.restated else {})
            stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            written += 1
    return written


def _row(targeting: Mapping[str, Any], answer: RawAnswer) -> dict[str, Any]:
    return {
        "targeting_spec": targeting,
        "response_body": answer.body.decode(errors="replace"),
        "timestamp": datetime.fromisoformat(answer.asked_at).timestamp() if answer.asked_at else None,
        "endpoint": answer.endpoint,
        "api_version": answer.api_version,
        "http_status": answer.http_status,
    }
