"""A journal as a recording: the same answers, in the form that can be replayed anywhere.

A recording holds what was asked and what came back, and nothing of who asked: a journal has no credential, and the
advertising account stays behind.
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import TYPE_CHECKING

from smstock.platforms.known import platform

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.collect.journal import Journal


def write(journal: Journal, path: Path) -> int:
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
    written = 0
    targeting = platform(journal.query.platform).targeting
    with path.open("wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as lines:
        for parameters, answer in journal.recorded():
            row = {
                "targeting_spec": targeting(parameters),
                "response_body": answer.body.decode(errors="replace"),
                "timestamp": datetime.fromisoformat(answer.asked_at).timestamp() if answer.asked_at else None,
                "endpoint": answer.endpoint,
                "api_version": answer.api_version,
                "http_status": answer.http_status,
            }
            lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            written += 1
    return written
