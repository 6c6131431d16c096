"""How far a collection is, read from its journal while it runs or after it stopped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.deduction import Deduction
from smstock.collect.unread import unread
from smstock.query.lattice import cells, count
from smstock.vocabulary.dates import instant
from smstock.vocabulary.status import DEDUCED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smstock.collect.reader import JournalReader
    from smstock.platforms.base import Platform
    from smstock.query.lattice import Cell


MINUTE: Final = 1 / 60
"""Hours after which a pace can be told."""


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
    pace
        Answers an hour of all accounts together; None where nothing was asked and the platform tells no quota, or
        where recordings answer, which have none.
    """

    query: str
    wave: str
    cells: int
    statuses: dict[str, int]
    to_ask: int
    answers: int
    last_hour: dict[str, int]
    pace: float | None

    @property
    def hours(self) -> float | None:
        """Hours to go at this pace."""
        return self.to_ask / self.pace if self.pace else None


def progress(
    journal: JournalReader,
    platform: Platform[Any],
    now: datetime,
    earlier: Callable[[], Mapping[str, float]] = dict,
) -> Progress:
    r"""Return how far a collection is; only reads, so that it can be asked while the collection runs.

    Parameters
    ----------
    earlier
        Returns the values of the wave before; called only where answers are not read yet, as after a repair.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.spec import parse
    >>> text = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT", "DEU"]'
    >>> with TemporaryDirectory() as place:
    ...     with Journal(Path(place, "q.journal.sqlite"), parse(text), "2026-11", "live") as journal:
    ...         begun = progress(journal, platform("meta"), datetime.fromisoformat("2026-11-30T12:00:00+00:00"))
    >>> begun.cells, begun.to_ask, begun.answers, begun.pace
    (2, 2, 0, 300)
    """
    query = journal.query
    live = journal.about()["source"] == "live"
    is_read = next(journal.unsettled(), None) is None
    settled = {} if is_read else {key: status for key, status, _ in unread(platform, journal, earlier())}

    def status_of(cell: Cell) -> str:
        if platform.refusal(cell, query):
            return ""
        key = platform.request(cell, query).key
        return journal.status(key) or settled.get(key, "")

    deduction = Deduction(query, status_of)
    statuses: Counter[str] = Counter()
    for cell in cells(query):
        if reason := platform.refusal(cell, query):
            statuses[f"{REFUSED}{reason}"] += 1
        elif status := status_of(cell):
            statuses[status] += 1
        elif deduction.deduced(cell):
            statuses[DEDUCED] += 1
    last_hour: Counter[str] = Counter()
    hours: dict[str, float] = {}
    for raw in journal.asked_since(instant(now - timedelta(hours=1))):
        account = raw.account or "recordings"
        last_hour[account] += 1
        hours.setdefault(account, (now - datetime.fromisoformat(raw.asked_at)) / timedelta(hours=1))
    paces = [_pace(number, hours[account], platform.calls_per_hour) for account, number in last_hour.items()]
    return Progress(
        query=query.name,
        wave=journal.wave,
        cells=count(query),
        statuses=dict(sorted(statuses.items())),
        to_ask=count(query) - statuses.total(),
        answers=len(journal),
        last_hour=dict(last_hour),
        pace=(sum(paces) or platform.calls_per_hour) if live else None,
    )


def _pace(answers: int, hours: float, quota: int | None) -> float:
    """Return the answers an hour of an account that has asked for some hours, one at most.

    An account within the ordinary quota may ask in a burst first, and will have spent the quota when the hour is full.
    One that has exceeded it has a larger quota, and goes on as it began.
    """
    if quota is not None and answers <= quota:
        return quota
    return answers / max(hours, MINUTE)
