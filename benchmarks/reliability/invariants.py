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
from benchmarks.reliability.sides import SIDES, Circumstances

from smstock.collect.prediction import predicted_calls
from smstock.collect.unread import suspicious
from smstock.platforms.base import Action, RawAnswer
from smstock.query.lattice import cells, parents
from smstock.vocabulary.places import country_of, is_place

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


def rows_are_the_cells_planned(evidence: Evidence) -> Iterator[str]:
    """Rows out = cells planned x metrics, in the order of asking."""
    planned = [(*_place(cell), metric) for cell in cells(evidence.query) for metric in evidence.query.metrics]
    rows = [(*_row_place(row), row["metric"]) for row in evidence.rows]
    if rows != planned:
        yield f"{len(rows)} rows for {len(planned)} cells and metrics planned, or in another order"


def no_answered_call_is_lost(evidence: Evidence) -> Iterator[str]:
    """Answers delivered to the client = answers in the journal, but for those there was no time or room to write."""
    written = Counter((row["request_key"], row["body"]) for row in evidence.answers if row["http_status"])
    delivered = Counter(_arrival(delivery, evidence.side) for life in evidence.lives for delivery in life.delivered)
    excused = Counter(_arrival(delivery, evidence.side) for life in evidence.lives for delivery in _under_way(life))
    for (key, _), number in (delivered - written - excused).items():
        yield f"{number} answers to {key} were delivered and are not in the journal"
    for (key, _), number in (written - delivered).items():
        yield f"{number} answers to {key} are in the journal and were never delivered"


def lost(evidence: Evidence) -> int:
    """Return how many answers were delivered and are not in the journal."""
    written = sum(bool(row["http_status"]) for row in evidence.answers)
    return sum(len(life.delivered) for life in evidence.lives) - written


def _under_way(life: Life) -> list[Delivery]:
    """Return the answers that arrived at the instant of a kill, or as the disk was full: the last ones."""
    if life.ending != "done" and (life.disk is not None or life.unseen):
        return life.delivered[-MOST_UNDER_WAY:]
    return [delivery for delivery in life.delivered if life.ending == "killed" and delivery[0] == life.ended]


def _arrival(delivery: Delivery, side: Side) -> tuple[str, bytes]:
    _, path, reply = delivery
    return side.key(path), canary.hidden(reply.body)


def no_settled_cell_is_asked_again(evidence: Evidence) -> Iterator[str]:
    """Ask a cell again only after a fault, or after a suspicious floor, that is in the journal."""
    concluded: set[str] = set()
    for row in evidence.answers:
        key = row["request_key"]
        if key in concluded:
            yield f"{key} was asked again though its answer was conclusive"
        answer = evidence.platform.read(_raw(row))
        if answer.action is Action.KEEP and not suspicious(answer, evidence.earlier.get(key, 0.0)):
            concluded.add(key)


def no_part_of_a_floor_is_asked(evidence: Evidence) -> Iterator[str]:
    """Ask no cell of which a coarser one is known to be at the floor, unless the query says so."""
    always = {frozenset(facets) for facets in evidence.query.always_ask}
    first, last, concluded = _times_asked(evidence)
    for cell, key in evidence.asked:
        if key not in first or _facets(cell, evidence.query) in always:
            continue
        known = [concluded[request_key] for _, request_key in _coarser(cell, evidence) if request_key in concluded]
        if any(time < last[key] for time in known):
            yield f"{cell} was asked though a coarser one was known to be at the floor"


def asked_early(evidence: Evidence) -> set[Place]:
    """Return the cells that were asked before a coarser one turned out to be at the floor, and all parts of them.

    That happens where the coarser one met with a fault at every attempt of a process, and was left for the next one.
    """
    first, _, concluded = _times_asked(evidence)
    early: set[Place] = set()
    for cell, key in evidence.asked:
        coarser = list(_coarser(cell, evidence))
        before = key in first and any(concluded.get(coarse, 0) > first[key] for _, coarse in coarser)
        if before or any(_place(coarse) in early for coarse, _ in coarser):
            early.add(_place(cell))
    return early


def _times_asked(evidence: Evidence) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return by key when it was asked first and last, and when an answer showed it to be at the floor, in ids."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    concluded: dict[str, int] = {}
    for row in evidence.answers:
        key = row["request_key"]
        first.setdefault(key, row["id"])
        last[key] = row["id"]
        answer = evidence.platform.read(_raw(row))
        if answer.readings[0].status == "floored" and not suspicious(answer, evidence.earlier.get(key, 0.0)):
            concluded[key] = row["id"]
    return first, last, concluded


def _coarser(cell: Cell, evidence: Evidence) -> Iterator[tuple[Cell, str]]:
    return ((coarse, evidence.platform.request(coarse, evidence.query).key) for coarse in parents(cell, evidence.query))


def calls_are_those_planned(evidence: Evidence) -> Iterator[str]:
    """Ask as many cells as the plan of another wave predicts from this one, but for those `asked_early`."""
    planned = predicted_calls(evidence.query, evidence.platform, [evidence.table])
    asked = len({row["request_key"] for row in evidence.answers})
    early = len(asked_early(evidence))
    if not planned <= asked <= planned + early:
        yield f"{asked} cells were asked, and the plan tells of {planned} ({early} were asked early)"


def no_value_is_made_up(evidence: Evidence) -> Iterator[str]:
    """Every value is what the world displays; every interval holds the true count; every missing value says why.

    Where the platform was made to lie (a glitch: the floor in place of a larger count), nothing but the lie may be
    told, or, where it can be told from a floor, the status ``glitch``.
    """
    status = _status_by_place(evidence)
    injected: dict[str, set[str]] = defaultdict(set)
    for injection in evidence.service.injected:
        injected[injection.key].add(injection.fault)
    lies: set[Place] = set()
    for cell, key in evidence.asked:
        if "glitch" in injected[key] or any(_place(coarse) in lies for coarse in parents(cell, evidence.query)):
            lies.add(_place(cell))
    planned = {_place(cell): cell for cell in cells(evidence.query)}
    for row in evidence.rows:
        place = _row_place(row)
        if place in planned:
            cell = planned[place]
            wholes = {status[_place(coarse)] for coarse in parents(cell, evidence.query)}
            problem = _problem(evidence, row, cell, Circumstances(injected[row["request_key"]], wholes, place in lies))
            if problem:
                reading = " ".join(f"{row[name]}" for name in ("metric", "status", "value", "lower", "upper"))
                yield f"{cell}: {problem}; told as {reading}"


def no_secret_is_written(evidence: Evidence) -> Iterator[str]:
    """No token, no app secret and no proof is in a file, a message or a log record."""
    yield from evidence.leaks
    places = {
        "the audience table": [evidence.table.to_csv()],
        "the journal": [str(tuple(row)) for row in evidence.answers],
        "a message or a log record": [message for life in evidence.lives for message in life.messages],
    }
    for place, texts in places.items():
        if any(map(canary.shows, texts)):
            yield f"a secret is in {place}"


INVARIANTS = {
    "rows out = cells planned": rows_are_the_cells_planned,
    "no answered call lost": no_answered_call_is_lost,
    "no settled cell asked again, no other asked twice without a cause in the journal": no_settled_cell_is_asked_again,
    "no part of a floor asked": no_part_of_a_floor_is_asked,
    "cells asked = calls planned": calls_are_those_planned,
    "no value made up, every interval holds the true count": no_value_is_made_up,
    "no secret in any file, message or log record": no_secret_is_written,
}


def same_table(evidence: Evidence, other: pd.DataFrame) -> bool:
    """Whether a table says what another one does, but for the cells `asked_early`, the times and the versions."""
    early = asked_early(evidence)
    columns = [name for name in other.columns if name not in ("asked_at", "api_version")]
    comparable = [_row_place(row) not in early for row in evidence.rows]
    return len(comparable) == len(other) and bool(
        evidence.table.loc[comparable, columns].equals(other.loc[comparable, columns])
    )


def untold_glitches(evidence: Evidence) -> int:
    """Return how many floors in the table are glitches that nothing told: without an earlier wave they look alike."""
    lies = {injection.key for injection in evidence.service.injected if injection.fault == "glitch"}
    return sum(row["status"] == "floored" and row["request_key"] in lies for row in evidence.rows)


def deduced_in_places(evidence: Evidence) -> int:
    """Return how many cells of places are deduced, and their country is at the floor in the same cell."""
    status = _status_by_place(evidence)
    return sum(
        status[place] == "deduced" and status.get((country_of(place[0]), *place[1:])) in {"floored", "deduced"}
        for place in status
        if is_place(place[0])
    )


def _problem(evidence: Evidence, row: Mapping[str, Any], cell: Cell, circumstances: Circumstances) -> str:
    """Return what is wrong with a row, empty if nothing is."""
    status, number = row["status"], not isnan(row["value"])
    if number != (status == "observed"):
        return "a value without an observation, or the reverse"
    if reason := evidence.platform.refusal(cell, evidence.query):
        return "" if status == f"refused:{reason}" else "the rules refuse it"
    return evidence.side.problem(evidence, row, cell, circumstances)


def _facets(cell: Cell, query: QuerySpec) -> frozenset[str]:
    broken = {"sex": cell.sex != "all", "age": cell.ages != query.whole, "education": cell.education}
    broken |= {"relationship": cell.relationship, cell.dimension: cell.dimension}
    return frozenset(facet for facet, facet_broken in broken.items() if facet_broken)


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


def _status_by_place(evidence: Evidence) -> dict[Place, str]:
    return {_row_place(row): row["status"] for row in evidence.rows if row["metric"] == evidence.platform.metrics[0]}


def _raw(row: sqlite3.Row) -> RawAnswer:
    headers = tuple(json.loads(row["headers"]).items())
    return RawAnswer(
        row["body"], row["http_status"], row["asked_at"], row["endpoint"], row["api_version"], headers, row["account"]
    )
