"""Journals as they were before answers had checksums."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def without_checksums(path: Path, **about: str) -> None:
    """Make a journal one of format 1, and change what it says it is about."""
    with closing(sqlite3.connect(path)) as file, file:
        for table in ("answer", "settled"):
            file.execute(f"ALTER TABLE {table} DROP COLUMN checksum")
        file.execute("DELETE FROM about WHERE name IN ('checksum', 'tables')")
        for name, value in ({"format": "1"} | about).items():
            file.execute("UPDATE about SET value = ? WHERE name = ?", (value, name))
