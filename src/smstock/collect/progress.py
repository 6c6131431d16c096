"""How far a collection is, read from its journal while it runs or after it stopped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from smstock.collect.deduction import Deduction
from smstock.query.lattice import cells, count
from smstock.vocabulary.dates import instant
from smstock.vocabulary.status import DEDUCED, REFUSED

if TYPE_CHECKING:
    from datetime import datetime

    from smstock.collect.journal import Journal
    from smstock.platforms.base import Platform


@dataclass(frozen=True)
class Progress:
    """A collection at one moment.

    Attributes
    ----------
    query, wave
        What is collected.
    cells
        Planned.
    statuses
        Cells by status; what is deduced or refused needs no answer.
    to_ask
        Cells that the next run would ask as far as is known now: parts of cells that turn out to be at the floor will
        not be among them.
    answers
        Answers in the journal, faults included.
    last_hour
        Answers of the last hour by advertising account.
    calls_per_hour
        Quota of one account; None where the platform does not say.
    """

    query: str
    wave: str
    cells: int
    statuses: dict[str, int]
    to_ask: int
    answers: int
    last_hour: dict[str, int]
    calls_per_hour: int | None

    @property
    def hours(self) -> float | None:
        """Hours to go at the pace of the last hour, or at one account's quota where nothing was asked in it."""
        pace = sum(self.last_hour.values()) or self.calls_per_hour
        return self.to_ask / pace if pace else None


def progress(journal: Journal, platform: Platform, now: datetime) -> Progress:
    """Return how far a collection is; only reads, so that it can be asked while the collection runs."""
    query = journal.query
    deduction = Deduction.from_journal(query, platform, journal)
    statuses: Counter[str] = Counter()
    for cell in cells(query):
        if reason := platform.refusal(cell, query):
            statuses[f"{REFUSED}{reason}"] += 1
        elif status := journal.status(platform.request(cell, query).key):
            statuses[status] += 1
        elif deduction.deduced(cell):
            statuses[DEDUCED] += 1
    asked = Counter(raw.account or "recordings" for raw in journal.asked_since(instant(now - timedelta(hours=1))))
    return Progress(
        query=query.name,
        wave=journal.wave,
        cells=count(query),
        statuses=dict(sorted(statuses.items())),
        to_ask=count(query) - statuses.total(),
        answers=len(journal),
        last_hour=dict(asked),
        calls_per_hour=platform.calls_per_hour,
    )
