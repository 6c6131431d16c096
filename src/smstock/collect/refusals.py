"""Answers that tell nothing of their cell: refusals that name no cell, and answers without a number.

An answer about the application or the whole query looks like one about the cell. So a refusal settles its cell only
where the platform has answered another one, and an answer without a number only where enough others hold one. Where
nothing else came, the run ends with the platform's words, and those cells stay open.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from smstock.errors import PlatformError
from smstock.vocabulary.status import FLOORED, GLITCH, NO_NUMBER, OBSERVED, names_no_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smstock.collect.reader import JournalReader
    from smstock.platforms.base import Request

ALIKE: Final = 5
"""Refusals alike, of two destinations or more, after which a run ends that has nothing else."""

ALIKE_OF_ONE: Final = 20
"""The same of a single destination, which may be one that the platform does not offer."""

NUMBERLESS: Final = 20
"""Answers without a number after which a run ends that has no number."""

MOST_NUMBERLESS: Final = 0.9
"""Share of the answers of a wave from which on those without a number settle nothing."""


def tells_nothing(status: str) -> bool:
    """Whether an answer of a status may as well be about everything that is asked.

    Examples
    --------
    >>> [tells_nothing(status) for status in ("refused:code_4711", "no_number", "refused:invalid_geo", "floored")]
    [True, True, False, False]
    """
    return status == NO_NUMBER or names_no_cell(status)


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
    return is_replay(journal) or any(not tells_nothing(status) for status in journal.statuses())


def is_replay(journal: JournalReader) -> bool:
    r"""Whether the answers of a journal are recorded ones, which asking again does not change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as folder, Journal(Path(folder, "q.sqlite"), query, "2026-11", "replay") as journal:
    ...     is_replay(journal)
    True
    """
    return journal.about()["source"] == "replay"


def enough_numbers(statuses: Mapping[str, int], numberless: int) -> bool:
    """Whether cells without a number are settled so, by what settled the others of the wave.

    Parameters
    ----------
    statuses
        How many cells each status settled.
    numberless
        Further cells, whose answer has no number.

    Examples
    --------
    >>> enough_numbers({"observed": 2}, 17), enough_numbers({"observed": 2}, 18), enough_numbers({}, 1)
    (True, False, False)
    """
    without = statuses.get(NO_NUMBER, 0) + numberless
    return without < MOST_NUMBERLESS * (_numbers(statuses) + without)


def _numbers(statuses: Mapping[str, int]) -> int:
    """Count the cells whose answer holds a number."""
    return sum(statuses.get(status, 0) for status in (OBSERVED, FLOORED, GLITCH))


class Refusals:
    """The answers of a run that are not yet known to be about their cells.

    Parameters
    ----------
    title
        Name of the platform.
    destinations
        How many the query has.
    journal
        What earlier runs were answered; of a replay every answer is about its cell.
    """

    def __init__(self, title: str, destinations: int, journal: JournalReader) -> None:
        self._title, self._several, self._counted = title, destinations > 1, about_cells(journal)
        self._replay, self._statuses = is_replay(journal), Counter(journal.statuses())
        self._waiting: list[tuple[str, str, int]] = []
        self._numberless: list[tuple[str, str, int]] = []
        self._words: set[str] = set()
        self._last_words = ""
        self._destinations: set[str] = set()

    def settled(self, request: Request, status: str, number: int, words: str) -> Iterator[tuple[str, str, int]]:
        """Yield key, status and answer of every cell that an answer settles: its own, and those refused before.

        Raises
        ------
        PlatformError
            Nothing came yet but refusals alike that name no cell, or answers without a number.
        """
        if self._replay:
            yield request.key, status, number
        elif status == NO_NUMBER:
            self._numberless.append((request.key, status, number))
            self._last_words = words
            if len(self._numberless) >= NUMBERLESS and not _numbers(self._statuses):
                self._require_numbers()
        elif not names_no_cell(status) or self._counted:
            self._counted = True
            waiting, self._waiting = self._waiting, []
            self._statuses.update(settled for _, settled, _ in (*waiting, (request.key, status, number)))
            yield from (*waiting, (request.key, status, number))
        else:
            self._wait(request, status, number, words)

    def end(self) -> Iterator[tuple[str, str, int]]:
        """Yield what is settled without a number once the run has asked everything.

        Raises
        ------
        PlatformError
            Nothing but refusals that name no cell has come, or hardly an answer with a number.
        """
        self._require_answers()
        self._require_numbers()
        yield from self._numberless

    def _wait(self, request: Request, status: str, number: int, words: str) -> None:
        """Keep a refusal until another cell is answered."""
        self._waiting.append((request.key, status, number))
        self._words.add(words)
        self._destinations.add(request.cell.destination)
        enough = ALIKE if len(self._destinations) > 1 or not self._several else ALIKE_OF_ONE
        if len(self._words) == 1 and len(self._waiting) >= enough:
            self._require_answers()

    def _require_answers(self) -> None:
        if self._waiting:
            raise PlatformError(
                f"{self._title} refuses every cell, {len(self._waiting):,} so far: {min(self._words)}",
                hint="it is about the application, the account or the query as a whole, and settles no cell; mend what "
                "it names, then run the same command again",
            )

    def _require_numbers(self) -> None:
        if self._numberless and not enough_numbers(self._statuses, len(self._numberless)):
            without = len(self._numberless) + self._statuses[NO_NUMBER]
            answered = without + _numbers(self._statuses)
            raise PlatformError(
                f"{self._title} gives no number for {without:,} of the {answered:,} cells it answered: "
                f"{self._last_words}",
                hint="it counts nobody for this account or query, or is out of order, and this settles no cell; run "
                "the same command later, or mend the query",
            )
