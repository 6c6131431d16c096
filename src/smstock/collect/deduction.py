"""Cells that need no call: a part of an audience at the floor is at the floor itself.

Accounts of a cell are accounts of every coarser one. On the 662,400 cells of ten large destinations of April 2019
(``python -m benchmarks prune``) this rule alone leaves 12.8 % of the calls, with 3 cells deduced to be at the floor
that were shown above it. The further rule that parts add up to at most the whole would leave 12.4 %, with 119 such
cells: displayed numbers do not add up well enough for that, so it is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from smstock.query.lattice import parents
from smstock.vocabulary.status import DEDUCED, FLOORED

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.collect.reader import JournalReader
    from smstock.platforms.base import Platform
    from smstock.query.lattice import Cell
    from smstock.query.spec import QuerySpec

REMEMBERED = 20_000
"""Cells whose verdict is kept in memory; others are looked up again."""


class Deduction:
    """Which cells of a query are known to be at the floor without asking.

    Parameters
    ----------
    query
        What is asked.
    status_of
        The status that settled a cell, empty if nothing did. Verdicts follow from it alone, so that the audience table
        can be rebuilt from the journal, and calls predicted from an earlier wave.
    """

    def __init__(self, query: QuerySpec, status_of: Callable[[Cell], str]) -> None:
        self._query, self._status_of = query, status_of
        self._whole = query.whole
        self._always = {frozenset(facets) for facets in query.always_ask}
        self._verdicts: dict[Cell, bool] = {}

    @classmethod
    def from_journal(cls, query: QuerySpec, platform: Platform[Any], journal: JournalReader) -> Self:
        """Return the deduction from what a journal settled."""

        def status_of(cell: Cell) -> str:
            return "" if platform.refusal(cell, query) else journal.status(platform.request(cell, query).key)

        return cls(query, status_of)

    def deduced(self, cell: Cell) -> bool:
        """Whether a coarser cell is at the floor, and the query does not insist on asking this one."""
        return not self.insists(cell) and any(self._at_floor(parent) for parent in parents(cell, self._query))

    def insists(self, cell: Cell) -> bool:
        """Whether the query wants a cell asked even where a coarser one is at the floor."""
        return self._facets(cell) in self._always

    def _at_floor(self, cell: Cell) -> bool:
        if cell in self._verdicts:
            return self._verdicts[cell]
        status = self._status_of(cell)
        verdict = status in (FLOORED, DEDUCED) if status else self.deduced(cell)
        if status or verdict:  # an open cell may be settled later, or one that holds it
            if len(self._verdicts) >= REMEMBERED:
                self._verdicts.clear()
            self._verdicts[cell] = verdict
        return verdict

    def _facets(self, cell: Cell) -> frozenset[str]:
        broken_down = {
            "sex": cell.sex != "all",
            "age": cell.ages != self._whole,
            "education": bool(cell.education),
            "relationship": bool(cell.relationship),
            cell.dimension: bool(cell.dimension),
        }
        return frozenset(facet for facet, is_part in broken_down.items() if is_part)
