"""Journals of one wave that were collected apart, merged: each cell once, as one collector would have it.

A number goes before a refusal, a glitch or an answer without a number, and these before an open cell. Of two answers
of one kind the one that was asked earlier holds, whichever journal it lies in. A part of a cell at the floor is not
asked by one collector: where the floor is only known from another journal, the part is deduced, as if never asked.
So the order of merging changes nothing, and merging again neither.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from smstock.collect.deduction import Deduction
from smstock.collect.reader import JournalReader, row_of
from smstock.collect.unread import catch_up, suspicious, unread
from smstock.query.lattice import cells
from smstock.vocabulary.status import FLOORED, OBSERVED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.collect.journal import Journal
    from smstock.platforms.base import Platform, RawAnswer, Reading
    from smstock.query.lattice import Cell


class Word(NamedTuple):
    """What a journal has of a cell: the status, the number of its answer there, and the answer."""

    status: str
    number: int
    answer: RawAnswer

    @property
    def precedence(self) -> tuple[bool, str, bytes]:
        """The lower one of two holds."""
        return (not self.has_number, self.answer.asked_at, self.answer.body)

    @property
    def has_number(self) -> bool:
        """Whether it tells how many accounts there are."""
        return self.status in (OBSERVED, FLOORED)


@dataclass(frozen=True)
class Conflict:
    """A cell that two journals answer otherwise: when and how, the one that holds and the one that does not."""

    cell: str
    asked_at: str
    reading: str
    passed_over_at: str
    passed_over: str


@dataclass
class Merged:
    """What became of a journal that was merged into another one, by cells.

    Attributes
    ----------
    sha256, answers
        Of all its answers; how many they are.
    taken
        Cells that were open here.
    settled_otherwise
        Cells of which one journal has a number, and the other a refusal, a glitch or none: the number holds.
    alike
        Cells with the same reading in both; the earlier answer holds.
    needless
        Cells that were answered though a coarser one turns out to be at the floor: they are deduced.
    conflicts
        Cells with two readings of one kind.
    """

    sha256: str
    answers: int
    taken: int = 0
    settled_otherwise: int = 0
    alike: int = 0
    needless: int = 0
    conflicts: list[Conflict] = field(default_factory=list)


def merge(
    journal: Journal, others: Sequence[JournalReader], platform: Platform[Any], earlier: Mapping[str, float]
) -> list[Merged]:
    r"""Merge journals of the same wave and query into one, all or nothing; return what became of each.

    Parameters
    ----------
    journal
        Goes on; no answer in it is lost.
    others
        Are only read, each as it is at one instant.
    platform
        Understands the answers.
    earlier
        Values of the wave before (request key -> accounts): a floor that contradicts them is open until it was looked
        at often enough.

    Raises
    ------
    InputError
        A journal is damaged or was written to meanwhile; nothing is merged then.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.platforms.base import RawAnswer
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> request = platform("meta").request(next(cells(query)), query)
    >>> answer = RawAnswer(b'{"data":[{"estimate_mau":2600}]}', 200, "2020-10-05T07:40:47Z", request.endpoint, "v8.0")
    >>> with TemporaryDirectory() as folder:
    ...     with Journal(Path(folder, "b.sqlite"), query, "2020-10", "live") as other:
    ...         _ = other.write([(request, answer)])
    ...     with Journal(Path(folder, "a.sqlite"), query, "2020-10", "live") as journal:
    ...         with JournalReader(other.path) as reader:
    ...             merged = merge(journal, [reader], platform("meta"), {})
    ...         merged[0].taken, journal.status(request.key)
    (1, 'observed')
    """
    catch_up(platform, journal, earlier)
    results = []
    with journal.at_once():
        before = JournalReader(journal.path, whole=False)
        with before:
            known = Deduction.from_journal(journal.query, platform, before)
            for other in others:
                with other.still():
                    work = _Work(journal, other, platform, earlier, known)
                    work.do()
                results.append(work.merged)
        journal.name_merged([{"sha256": merged.sha256, "answers": merged.answers} for merged in results])
    return results


def _fingerprint(journal: JournalReader) -> Merged:
    """Return the hash and the number of all answers of a journal, read as they were written."""
    digest, answers = sha256(), 0
    for key, parameters, answer in journal.rows():
        *texts, body = row_of(key, parameters, answer)
        digest.update(json.dumps([*texts, len(body)]).encode() + body)
        answers += 1
    return Merged(digest.hexdigest(), answers)


class _Work:
    """One journal that is merged into another, cell by cell, the coarse ones first."""

    def __init__(
        self,
        journal: Journal,
        other: JournalReader,
        platform: Platform[Any],
        earlier: Mapping[str, float],
        known: Deduction,
    ) -> None:
        self.query, self.journal, self.other, self.platform = journal.query, journal, other, platform
        self.earlier, self.known = earlier, known
        self.deduction = Deduction.from_journal(self.query, platform, journal)
        self.unread = {key: (status, number) for key, status, number in unread(platform, other, earlier)}
        self.merged = _fingerprint(other)

    def do(self) -> None:
        for cell in cells(self.query):
            if not self.platform.refusal(cell, self.query):
                self.cell(cell, self.platform.request(cell, self.query).key)

    def cell(self, cell: Cell, key: str) -> None:
        own, other = self.own(key), self.others(key)
        if self.deduction.deduced(cell):
            self.deduce(cell, key, own, other)
        elif other is None:
            if own is None and not self.journal.attempts(key):
                self.take(key, None)
        elif own is None:
            if not self.set_aside(key, other):
                self.merged.taken += 1
                self.take(key, other)
        else:
            holds = min(own, other, key=lambda word: word.precedence)
            self.count(cell, own, other, holds)
            if holds is other and own.answer != other.answer:
                self.take(key, other)

    def own(self, key: str) -> Word | None:
        return _word(self.journal, key, self.journal.verdict(key))

    def others(self, key: str) -> Word | None:
        """Return what the other journal has of a cell, None where it is open, also by what is known in this folder."""
        word = _word(self.other, key, self.unread.get(key) or self.other.verdict(key))
        if word is None or word.status != FLOORED:
            return word
        return None if suspicious(self.platform.read(word.answer), self.earlier.get(key, 0.0)) else word

    def deduce(self, cell: Cell, key: str, own: Word | None, other: Word | None) -> None:
        """Let a part of a floor be one; a cell that was answered here beside the same floor keeps its answer."""
        if own is None:
            self.merged.needless += other is not None
        elif not self.known.deduced(cell):
            self.merged.needless += 1
            self.journal.settle(key, "", self.journal.attempts(key)[-1][0])

    def set_aside(self, key: str, other: Word) -> bool:
        """Whether an answer lies here already and settles nothing, since the cell is to be asked again."""
        return any(answer == other.answer for _, _, answer in self.journal.attempts(key))

    def count(self, cell: Cell, own: Word, other: Word, holds: Word) -> None:
        readings = {id(word): self.readings(word) for word in (own, other)}
        if own.has_number != other.has_number:
            self.merged.settled_otherwise += 1
        elif readings[id(own)] == readings[id(other)]:
            self.merged.alike += 1
        else:
            passed_over = own if holds is other else other
            parts = [(word.answer.asked_at, readings[id(word)]) for word in (holds, passed_over)]
            self.merged.conflicts.append(Conflict(str(cell), *parts[0], *parts[1]))

    def readings(self, word: Word) -> str:
        """Return what an answer says of each metric, in words."""
        answer = self.platform.read(word.answer)
        return ", ".join(_in_words(answer.reading(metric), word.status) for metric in self.query.metrics)

    def take(self, key: str, other: Word | None) -> None:
        """Append what another journal was answered of a cell, and what it settles; what lies here already stays."""
        present = [(number, row_of(key, sent, answer)) for number, sent, answer in self.journal.attempts(key)]
        verdict = self.other.verdict(key)
        aside = verdict[1] if verdict and not verdict[0] else 0
        for number, sent, answer in self.other.attempts(key):
            if number <= aside:
                continue
            row = row_of(key, sent, answer)
            place = next((known for known in present if known[1] == row), None)
            if place is not None:
                present.remove(place)
            new = self.journal.add(row) if place is None else place[0]
            if other is not None and number == other.number:
                self.journal.settle(key, other.status, new)


def _word(journal: JournalReader, key: str, verdict: tuple[str, int] | None) -> Word | None:
    """Return what a journal has of a cell by a verdict on it, None where that leaves it open."""
    if verdict is None or not verdict[0]:
        return None
    return Word(*verdict, journal.answer(verdict[1], key))


def _in_words(reading: Reading, status: str) -> str:
    value = reading.status if reading.value is None else f"{reading.value:,.0f}"
    return f"{reading.metric} {value if status == OBSERVED else status}"
