"""A wave: the audience table that a journal holds, one row for each planned cell and metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.deduction import Deduction
from smstock.collect.refusals import tells_nothing
from smstock.collect.unread import catch_up
from smstock.platforms.base import Action, Reading
from smstock.query.lattice import cells
from smstock.tables import AUDIENCE, check
from smstock.vocabulary import status
from smstock.vocabulary.dates import wave

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from smstock.collect.journal import Journal
    from smstock.platforms.base import Platform, RawAnswer, Request
    from smstock.query.lattice import Cell


@dataclass
class Gaps:
    """Cells of a live wave that could be answered, and those of them that nothing settled; counted as rows are read.

    ``example`` is the first open cell in words. A replay has no open cells: its recording will never hold more.
    ``late`` counts the cells whose answer is neither of the days of the wave nor of those after it in which it may be
    completed.
    """

    answerable: int = 0
    unanswered: int = 0
    example: str = ""
    late: int = 0

    @property
    def answered(self) -> float:
        """Share of the cells that could be answered."""
        return 1.0 - self.unanswered / self.answerable if self.answerable else 1.0


CHUNK: Final = 50_000
"""Rows that are in memory at once."""


def chunks(
    journal: Journal,
    platform: Platform[Any],
    earlier: Mapping[str, float] | None = None,
    gaps: Gaps | None = None,
) -> Iterator[pd.DataFrame]:
    r"""Yield the audience table of a journal in pieces of at most 50,000 rows; memory does not grow with the wave.

    A cell without an answer of its own is a row that says so: ``refused:<reason>`` if the rules of the platform refuse
    it, ``deduced`` if a coarser cell is at the floor, ``failed`` if a recording has no answer for it, ``quota`` if it
    was not asked yet. A suspicious floor that was not looked at again yet is a ``glitch``.

    Parameters
    ----------
    journal, platform
        What was answered, and who understands it.
    earlier
        Values of the wave before, as `smstock.collect.runner.run` was given them.
    gaps
        Counts the cells that are open.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as folder, Journal(Path(folder, "q.sqlite"), query, "2026-11", "live") as journal:
    ...     [(row.destination, row.metric, row.status) for table in chunks(journal, platform("meta"))
    ...      for row in table.itertuples()]
    [('AUT', 'mau', 'quota')]
    """
    import pandas as pd

    catch_up(platform, journal, earlier or {})
    reader = _Reader(journal, platform, gaps or Gaps())
    columns: dict[str, list[Any]] = {name: [] for name in AUDIENCE.names}
    for cell in cells(reader.query):
        for row in reader.rows(cell):
            for name, value in row.items():
                columns[name].append(value)
        if len(columns["value"]) >= CHUNK:
            yield check(pd.DataFrame(columns), AUDIENCE)
            columns = {name: [] for name in AUDIENCE.names}
    yield check(pd.DataFrame(columns), AUDIENCE)


class _Reader:
    """What a journal says of each cell of its query."""

    def __init__(self, journal: Journal, platform: Platform[Any], gaps: Gaps) -> None:
        self.query, self.journal, self.platform = journal.query, journal, platform
        self.deduction = Deduction.from_journal(self.query, platform, journal)
        self.gaps = gaps
        self.live = journal.about()["source"] != "replay"
        self.wave = wave(journal.wave)

    def rows(self, cell: Cell) -> Iterator[dict[str, Any]]:
        """Yield a row for each metric of a cell."""
        if reason := self.platform.refusal(cell, self.query):
            yield from self._unasked(cell, f"{status.REFUSED}{reason}", None)
            return
        self.gaps.answerable += 1
        request = self.platform.request(cell, self.query)
        settled = self.journal.settling(request.key)
        if settled is not None:
            self.gaps.late += self.live and not self.wave.first <= settled[1].asked_at[:10] < self.wave.until
            yield from self._answered(cell, request, *settled)
        elif self.deduction.deduced(cell):
            yield from self._unasked(cell, status.DEDUCED, request)
        else:
            yield from self._open(cell, request)

    def _open(self, cell: Cell, request: Request) -> Iterator[dict[str, Any]]:
        if self.live:
            self.gaps.unanswered += 1
            self.gaps.example = self.gaps.example or str(cell)
        if (raw := self.journal.last(request.key)) is not None:
            yield from self._answered(cell, request, "", raw)
        else:
            yield from self._unasked(cell, status.QUOTA if self.live else status.FAILED, request)

    def _answered(self, cell: Cell, request: Request, settled_as: str, raw: RawAnswer) -> Iterator[dict[str, Any]]:
        answer = self.platform.read(raw)
        unsettled = not settled_as and answer.action is Action.KEEP
        nothing = unsettled and tells_nothing(answer.readings[0].status)
        # all answers have been read, so another one that could settle its cell is a floor to be looked at again
        glitch = settled_as == status.GLITCH or (unsettled and not nothing)
        for metric in self.query.metrics:
            reading = Reading(metric, status.FAILED) if nothing else answer.reading(metric)
            if glitch and reading.status != status.GLITCH:
                reading = Reading(metric, status.GLITCH)
            yield self._row(cell, request, raw, reading)

    def _unasked(self, cell: Cell, why: str, request: Request | None) -> Iterator[dict[str, Any]]:
        for metric in self.query.metrics:
            floor = self.platform.floor if why == status.DEDUCED else None
            yield self._row(cell, request, None, Reading(metric, why, None, None if floor is None else 0.0, floor))

    def _row(self, cell: Cell, request: Request | None, raw: RawAnswer | None, reading: Reading) -> dict[str, Any]:
        return {
            "platform": self.platform.name,
            "metric": reading.metric,
            "wave": self.journal.wave,
            "asked_at": raw.asked_at if raw else "",
            "destination": cell.destination,
            "origin": cell.origin,
            "origin_basis": self.query.origin_basis if cell.origin else "",
            "sex": cell.sex,
            "age_min": cell.ages.minimum,
            "age_max": cell.ages.maximum,
            "education": cell.education,
            "relationship": cell.relationship,
            "dimension": cell.dimension,
            "category": cell.category,
            "location_basis": self.query.location_basis,
            "placements": self.query.placement,
            "value": reading.value,
            "lower": reading.lower,
            "upper": reading.upper,
            "status": reading.status,
            "request_key": request.key if request else "",
            "api_version": raw.api_version if raw else "",
        }
