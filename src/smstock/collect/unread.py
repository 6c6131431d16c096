"""Answers that were written and not read yet: what each of them settles, and which floors are to be asked again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.refusals import about_cells, enough_numbers, is_replay, tells_nothing
from smstock.platforms.base import Action
from smstock.vocabulary.status import FLOORED, GLITCH, NO_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smstock.collect.journal import Journal
    from smstock.collect.reader import JournalReader
    from smstock.platforms.base import Answer, Platform

SECOND_LOOKS: Final = 2
"""How often a suspicious floor is asked again before it counts as a glitch."""

SUSPICIOUS: Final = 3.0
"""A floor where an earlier wave showed at least this many times the floor is suspicious: from March 2019 on, 9.5 % of
large corridors were a spurious 1,000."""


def catch_up(platform: Platform[Any], journal: Journal, earlier: Mapping[str, float]) -> None:
    r"""Read the answers that were written but not read when the last run ended.

    A suspicious floor settles nothing until it was looked at often enough: it is asked again. Refusals that name no
    cell and answers without a number settle their cells where others were answered (`smstock.collect.refusals`).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.platforms.base import RawAnswer
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.lattice import cells
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> request = platform("meta").request(next(cells(query)), query)
    >>> answer = RawAnswer(b'{"data":[{"estimate_mau":2600}]}', 200, "2020-10-05T07:40:47Z", request.endpoint, "v8.0")
    >>> with TemporaryDirectory() as folder, Journal(Path(folder, "q.sqlite"), query, "2020-10", "live") as journal:
    ...     _ = journal.write([(request, answer)])
    ...     catch_up(platform("meta"), journal, earlier={})
    ...     journal.status(request.key)
    'observed'
    """
    for settled in unread(platform, journal, earlier):
        journal.settle(*settled)


def unread(
    platform: Platform[Any], journal: JournalReader, earlier: Mapping[str, float]
) -> Iterator[tuple[str, str, int]]:
    r"""Yield key, status and answer of every cell that an answer settles which was written but not read yet.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as folder, Journal(Path(folder, "q.sqlite"), query, "2020-10", "live") as journal:
    ...     list(unread(platform("meta"), journal, earlier={}))
    []
    """
    looks: Counter[str] = Counter()
    known, settled = Counter(journal.statuses()), Counter[str]()
    held: dict[str, tuple[str, int]] = {}
    for number, key, raw in journal.unsettled():
        answer = platform.read(raw)
        if answer.action is not Action.KEEP:
            continue
        looks[key] += 1
        if tells_nothing(status := answer.readings[0].status):
            held[key] = (status, number)
            continue
        if suspicious(answer, earlier.get(key, 0.0)):
            if looks[key] <= SECOND_LOOKS:
                continue
            status = GLITCH
        held.pop(key, None)
        settled[status] += 1
        yield key, status, number
    numberless = [key for key, (status, _) in held.items() if status == NO_NUMBER]
    settles = is_replay(journal) or enough_numbers(known + settled, len(numberless))
    counted = bool(settled) or about_cells(journal)
    for key, (status, number) in held.items():
        if settles if status == NO_NUMBER else counted:
            yield key, status, number


def suspicious(answer: Answer, before: float) -> bool:
    """Whether an answer shows a floor that contradicts itself, or the value of an earlier wave (0: there is none).

    Examples
    --------
    >>> from smstock.platforms.base import Action, Answer, Reading
    >>> floored = Answer((Reading("mau", "floored", lower=0.0, upper=1000.0),), Action.KEEP)
    >>> suspicious(floored, 2900.0), suspicious(floored, 3000.0)
    (False, True)
    """
    reading = answer.readings[0]
    return reading.status == GLITCH or (reading.status == FLOORED and before >= SUSPICIOUS * (reading.upper or 0.0))
