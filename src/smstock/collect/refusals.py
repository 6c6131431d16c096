"""Refusals that name no cell: an answer about the application or the whole query looks like one about the cell.

They settle cells only where the platform has answered another cell. Where nothing but such refusals came, the run ends
with the platform's words, and every cell stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import PlatformError
from smstock.vocabulary.status import names_no_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.collect.reader import JournalReader
    from smstock.platforms.base import Request

ALIKE: Final = 5
"""Refusals alike, of two destinations or more, after which a run ends that has nothing else."""

ALIKE_OF_ONE: Final = 20
"""The same of a single destination, which may be one that the platform does not offer."""


def about_cells(journal: JournalReader) -> bool:
    r"""Whether refusals in a journal are about cells: another one was answered, or it is a replay, which stays so.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as folder, Journal(Path(folder, "q.sqlite"), query, "2026-11", "live") as journal:
    ...     about_cells(journal)
    False
    """
    return journal.about()["source"] == "replay" or any(not names_no_cell(status) for status in journal.statuses())


class Refusals:
    """The refusals of a run that are not yet known to be about their cells.

    Parameters
    ----------
    title
        Name of the platform.
    destinations
        How many the query has.
    counted
        Whether refusals are known to be about cells from the start.
    """

    def __init__(self, title: str, destinations: int, *, counted: bool) -> None:
        self._title, self._several, self._counted = title, destinations > 1, counted
        self._waiting: list[tuple[str, str, int]] = []
        self._words: set[str] = set()
        self._destinations: set[str] = set()

    def settled(self, request: Request, status: str, number: int, words: str) -> Iterator[tuple[str, str, int]]:
        """Yield key, status and answer of every cell that an answer settles: its own, and those refused before.

        Raises
        ------
        PlatformError
            Nothing came yet but refusals alike that name no cell.
        """
        if self._counted or not names_no_cell(status):
            self._counted = True
            waiting, self._waiting = self._waiting, []
            yield from (*waiting, (request.key, status, number))
            return
        self._waiting.append((request.key, status, number))
        self._words.add(words)
        self._destinations.add(request.cell.destination)
        enough = ALIKE if len(self._destinations) > 1 or not self._several else ALIKE_OF_ONE
        if len(self._words) == 1 and len(self._waiting) >= enough:
            self.end()

    def end(self) -> None:
        """Raise `PlatformError` if nothing but refusals that name no cell has come."""
        if self._waiting:
            raise PlatformError(
                f"{self._title} refuses every cell, {len(self._waiting):,} so far: {min(self._words)}",
                hint="it is about the application, the account or the query as a whole, and settles no cell; mend what "
                "it names, then run the same command again",
            )
