"""What must hold after any collection, however often it was killed: each breach in a sentence.

The truth is computed from the simulated world and from what the platform handed out, without the code under test
wherever that can be.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any

from benchmarks.reliability import canary
from benchmarks.reliability.sides import SIDES, Told

from smstock.collect.runner import suspicious
from smstock.platforms.base import Action, RawAnswer
from smstock.query.lattice import cells, parents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from benchmarks.reliability.collector import Delivery, Life
    from benchmarks.reliability.sides import Service, Side

    from smstock.platforms.base import Platform
    from smstock.query.lattice import Cell
    from smstock.query.spec import QuerySpec

MOST_UNDER_WAY = 64
"""Calls that can be under way at once: two accounts on the Full tier at a latency below a second."""

Place = tuple[Any, ...]
"""The columns that tell one cell from another."""


@dataclass(frozen=True)
class Evidence:
    """What a collection left behind, and what is true.

    Parameters
    ----------
    query, month, earlier
        What was collected, when, and the values of the wave before by request key.
    journal, table
        The journal's file, and the audience table as it was read back.
    service
        The platform, and in it the world.
    lives
        The processes that collected.
    leaks
        Where a secret was found while the processes followed one another.
    """

    query: QuerySpec
    month: str
    earlier: Mapping[str, float]
    journal: Path
    table: pd.DataFrame
    service: Service
    lives: Sequence[Life]
    leaks: Sequence[str]

    @property
    def side(self) -> Side:
        """The platform, its simulation, and the truth behind it."""
        return SIDES[self.query.platform]

    @property
    def platform(self) -> Platform[Any]:
        """The platform as smstock knows it."""
        return self.side.platform

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The table's rows, a missing number as nan."""
        numbers = dict.fromkeys(("value", "lower", "upper", "age_max"), float)
        records = self.table.astype(numbers).to_dict("records")
        return [{str(name): value for name, value in record.items()} for record in records]

    @cached_property
    def answers(self) -> list[sqlite3.Row]:
        """The answers of the journal, oldest first, read without smstock."""
        with closing(sqlite3.connect(self.journal)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute("SELECT * FROM answer ORDER BY id").fetchall()

    @cached_property
    def asked(self) -> list[tuple[Cell, str]]:
        """The cells that may be asked, coarse ones first, and their request keys."""
        return [
            (cell, self.platform.request(cell, self.query).key)
            for cell in cells(self.query)
            if not self.platform.refusal(cell, self.query)
        ]


def rows_are_the_cells_planned(found: Evidence) -> Iterator[str]:
    """Rows out = cells planned x metrics, in the order of asking."""
    planned = [(*_place(cell), metric) for cell in cells(found.query) for metric in found.query.metrics]
    rows = [(*_row_place(row), row["metric"]) for row in found.rows]
    if rows != planned:
        yield f"{len(rows)} rows for {len(planned)} cells and metrics planned, or in another order"


def no_answered_call_is_lost(found: Evidence) -> Iterator[str]:
    """Answers delivered to the client = answers in the journal, but for those there was no time or room to write."""
    written = Counter((row["request_key"], row["body"]) for row in found.answers if row["http_status"])
    delivered = Counter(_arrival(each, found.side) for life in found.lives for each in life.delivered)
    excused = Counter(_arrival(each, found.side) for life in found.lives for each in _under_way(life))
    for (key, _), number in (delivered - written - excused).items():
        yield f"{number} answers to {key} were delivered and are not in the journal"
    for (key, _), number in (written - delivered).items():
        yield f"{number} answers to {key} are in the journal and were never delivered"


def lost(found: Evidence) -> int:
    """Return how many answers were delivered and are not in the journal."""
    written = sum(bool(row["http_status"]) for row in found.answers)
    return sum(len(life.delivered) for life in found.lives) - written


def _under_way(life: Life) -> list[Delivery]:
    """Return the answers that arrived at the instant of a kill, or as the disk was full: the last ones."""
    if life.ending != "done" and (life.disk is not None or life.unseen):
        return life.delivered[-MOST_UNDER_WAY:]
    return [each for each in life.delivered if life.ending == "killed" and each[0] == life.ended]


def _arrival(delivery: Delivery, side: Side) -> tuple[str, bytes]:
    _, path, reply = delivery
    return side.key(path), canary.hidden(reply.body)


def no_settled_cell_is_asked_again(found: Evidence) -> Iterator[str]:
    """Ask a cell again only after a fault, or after a suspicious floor, that is in the journal."""
    concluded: set[str] = set()
    for row in found.answers:
        key = row["request_key"]
        if key in concluded:
            yield f"{key} was asked again though its answer was conclusive"
        answer = found.platform.read(_raw(row))
        if answer.action is Action.KEEP and not suspicious(answer, found.earlier.get(key, 0.0)):
            concluded.add(key)


def no_part_of_a_floor_is_asked(found: Evidence) -> Iterator[str]:
    """Ask no cell of which a coarser one is known to be at the floor, unless the query says so."""
    always = {frozenset(facets) for facets in found.query.always_ask}
    first, last, concluded = _times_asked(found)
    for cell, key in found.asked:
        if key not in first or _facets(cell, found.query) in always:
            continue
        known = [concluded[whole] for _, whole in _coarser(cell, found) if whole in concluded]
        if any(time < last[key] for time in known):
            yield f"{cell} was asked though a coarser one was known to be at the floor"


def asked_early(found: Evidence) -> set[Place]:
    """Return the cells that were asked before a coarser one turned out to be at the floor, and all parts of them.

    That happens where the coarser one met with a fault at every attempt of a process, and was left for the next one.
    """
    first, _, concluded = _times_asked(found)
    early: set[Place] = set()
    for cell, key in found.asked:
        coarser = list(_coarser(cell, found))
        before = key in first and any(concluded.get(whole, 0) > first[key] for _, whole in coarser)
        if before or any(_place(whole) in early for whole, _ in coarser):
            early.add(_place(cell))
    return early


def _times_asked(found: Evidence) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return by key when it was asked first and last, and when an answer showed it to be at the floor, in ids."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    concluded: dict[str, int] = {}
    for row in found.answers:
        key = row["request_key"]
        first.setdefault(key, row["id"])
        last[key] = row["id"]
        answer = found.platform.read(_raw(row))
        if answer.readings[0].status == "floored" and not suspicious(answer, found.earlier.get(key, 0.0)):
            concluded[key] = row["id"]
    return first, last, concluded


def _coarser(cell: Cell, found: Evidence) -> Iterator[tuple[Cell, str]]:
    return ((whole, found.platform.request(whole, found.query).key) for whole in parents(cell, found.query))


def no_value_is_made_up(found: Evidence) -> Iterator[str]:
    """Every value is what the world displays; every interval holds the true count; every missing value says why.

    Where the platform was made to lie (a glitch: the floor in place of a larger count), nothing but the lie may be
    told, or, where it can be told from a floor, the status ``glitch``.
    """
    status = _status_by_place(found)
    injected: dict[str, set[str]] = defaultdict(set)
    for each in found.service.injected:
        injected[each.key].add(each.fault)
    lies: set[Place] = set()
    for cell, key in found.asked:
        if "glitch" in injected[key] or any(_place(whole) in lies for whole in parents(cell, found.query)):
            lies.add(_place(cell))
    planned = {_place(cell): cell for cell in cells(found.query)}
    for row in found.rows:
        place = _row_place(row)
        if place in planned:
            cell = planned[place]
            wholes = {status[_place(whole)] for whole in parents(cell, found.query)}
            problem = _problem(found, row, cell, Told(injected[row["request_key"]], wholes, place in lies))
            if problem:
                told = " ".join(f"{row[name]}" for name in ("metric", "status", "value", "lower", "upper"))
                yield f"{cell}: {problem}; told as {told}"


def no_secret_is_written(found: Evidence) -> Iterator[str]:
    """No token, no app secret and no proof is in a file, a message or a log record."""
    yield from found.leaks
    places = {
        "the audience table": [found.table.to_csv()],
        "the journal": [str(tuple(row)) for row in found.answers],
        "a message or a log record": [said for life in found.lives for said in life.said],
    }
    for place, texts in places.items():
        if any(map(canary.shows, texts)):
            yield f"a secret is in {place}"


INVARIANTS = {
    "rows out = cells planned": rows_are_the_cells_planned,
    "no answered call lost": no_answered_call_is_lost,
    "no settled cell asked again, no other asked twice without a cause in the journal": no_settled_cell_is_asked_again,
    "no part of a floor asked": no_part_of_a_floor_is_asked,
    "no value made up, every interval holds the true count": no_value_is_made_up,
    "no secret in any file, message or log record": no_secret_is_written,
}


def same_table(found: Evidence, other: pd.DataFrame) -> bool:
    """Whether a table says what another one does, but for the cells `asked_early`, the times and the versions."""
    early = asked_early(found)
    columns = [name for name in other.columns if name not in ("asked_at", "api_version")]
    kept = [_row_place(row) not in early for row in found.rows]
    return len(kept) == len(other) and bool(found.table.loc[kept, columns].equals(other.loc[kept, columns]))


def untold_glitches(found: Evidence) -> int:
    """Return how many floors in the table are glitches that nothing told: without an earlier wave they look alike."""
    lies = {each.key for each in found.service.injected if each.fault == "glitch"}
    return sum(row["status"] == "floored" and row["request_key"] in lies for row in found.rows)


def _problem(found: Evidence, row: Mapping[str, Any], cell: Cell, told: Told) -> str:
    """Return what is wrong with a row, empty if nothing is."""
    status, number = row["status"], not isnan(row["value"])
    if number != (status == "observed"):
        return "a value without an observation, or the reverse"
    if reason := found.platform.refusal(cell, found.query):
        return "" if status == f"refused:{reason}" else "the rules refuse it"
    return found.side.problem(found, row, cell, told)


def _facets(cell: Cell, query: QuerySpec) -> frozenset[str]:
    broken = {"sex": cell.sex != "all", "age": cell.ages != query.whole, "education": cell.education}
    broken |= {"relationship": cell.relationship, cell.dimension: cell.dimension}
    return frozenset(facet for facet, told in broken.items() if told)


def _place(cell: Cell) -> Place:
    groups = (cell.education, cell.relationship, cell.dimension, cell.category)
    return cell.destination, cell.origin, cell.sex, cell.ages.minimum, cell.ages.maximum, *groups


def _row_place(row: Mapping[str, Any]) -> Place:
    highest = None if isnan(row["age_max"]) else int(row["age_max"])
    return (
        *(row[name] for name in ("destination", "origin", "sex", "age_min")),
        highest,
        *(row[name] for name in ("education", "relationship", "dimension", "category")),
    )


def _status_by_place(found: Evidence) -> dict[Place, str]:
    return {_row_place(row): row["status"] for row in found.rows if row["metric"] == found.platform.metrics[0]}


def _raw(row: sqlite3.Row) -> RawAnswer:
    headers = tuple(json.loads(row["headers"]).items())
    return RawAnswer(
        row["body"], row["http_status"], row["asked_at"], row["endpoint"], row["api_version"], headers, row["account"]
    )
