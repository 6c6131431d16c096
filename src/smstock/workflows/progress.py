"""How far the collection of a wave is, while it runs or after it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.collect.progress import Progress, progress
from smstock.collect.reader import JournalReader
from smstock.platforms.known import platform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from smstock.folder import Folder


def progress_of(workspace: Folder, query: str, wave: str, *, now: datetime) -> Progress:
    """Return how far the wave of a query is; raise `InputError` if it was never begun.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> progress_of(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11", now=datetime(2026, 11, 22, tzinfo=UTC))
    Traceback (most recent call last):
    smstock.errors.InputError: there is no journal nowhere/waves/2026-11/q.journal.sqlite
      next:    collect the wave first, or mend the path
    """

    def earlier() -> Mapping[str, float]:
        from smstock.workflows.wave_before import values_before  # only where answers are not read yet

        return values_before(workspace, journal.query, wave)

    with JournalReader(workspace.wave(wave, f"{query}.journal.sqlite")) as journal:
        return progress(journal, platform(journal.query.platform), now, earlier)
