"""A few runs of ``python -m benchmarks reliability`` and ``fuzz``, and defects that they have to find."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.reliability import fuzz, reliability
from benchmarks.reliability.bodies import PLATFORMS

from smstock.collect import runner, wave
from smstock.collect.deduction import Deduction
from smstock.collect.journal import Journal
from smstock.platforms.meta import answers, rounding
from smstock.web import client
from smstock.workflows import wave_table

if TYPE_CHECKING:
    from smstock.platforms.base import Reading

META = PLATFORMS["meta"]

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes of a run are forked, to be killed"),
    # the threads are those of libraries, and idle
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    reliability.import_before_forks()


@pytest.mark.parametrize("with_places", [False, True])
def test_killed_refused_and_lied_to_each_run_keeps_what_is_promised(with_places: bool) -> None:
    report = reliability.Report()
    for seed in range(1, 13):
        report.add(reliability.run(seed, with_places=with_places))
    assert report.examples == []
    assert report.breaches.total() == 0
    happened = report.happened
    assert happened["rows"] == happened["cells planned"] >= 12 * 60
    assert happened["process ended: killed"] >= 6
    assert happened["runs compared with an undisturbed one"] >= 3
    assert (happened["cells of places deduced from the floor of their country"] > 0) == with_places
    assert sum(number for what, number in happened.items() if what.startswith("fault:")) >= 120


write, chunks, readings_of = Journal.write, wave.chunks, answers._readings


def all_but_one(journal: Journal, arrived: Any) -> list[int]:
    return [*write(journal, arrived[1:]), 0]


def all_but_a_row(*told: Any) -> Any:
    return (piece.iloc[:-1] for piece in chunks(*told))


def nothing_as_zero(estimate: dict[str, Any], asked_at: str) -> tuple[Reading, ...]:
    readings = readings_of(estimate, asked_at)
    if readings[0].status != "no_number":
        return readings
    return tuple(replace(reading, status="observed", value=0.0, lower=0.0, upper=0.0) for reading in readings)


@pytest.mark.parametrize(
    ("invariant", "seed", "replaced", "name", "by"),
    [
        ("no answered call lost", 1, Journal, "write", all_but_one),
        ("rows out = cells planned", 1, wave_table, "chunks", all_but_a_row),
        ("cells asked = calls planned", 2, Deduction, "deduced", lambda *_: False),
        ("no settled cell asked again", 2, runner, "catch_up", lambda *_: None),
        ("no part of a floor asked", 2, Deduction, "deduced", lambda *_: False),
        ("no value made up", 3, rounding, "point_of_bounds", lambda _, upper: float(upper)),
        ("no value made up", 6, answers, "_readings", nothing_as_zero),
        ("no value made up", 18, runner, "suspicious", lambda *_: False),
        ("no secret", 1, client, "_cleaned", lambda text, _: text),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_defect_is_found(
    monkeypatch: pytest.MonkeyPatch, invariant: str, seed: int, replaced: Any, name: str, by: Any
) -> None:
    monkeypatch.setattr(replaced, name, by)
    # the seed that is known to meet the defect first
    broken = (breach for tried in (seed, *range(1, 21)) for breach in reliability.run(tried).breaches)
    assert any(breach.startswith(invariant) for breach in broken)


def test_mutated_bodies_raise_nothing_and_make_nothing_up() -> None:
    statuses, problems = fuzz.fuzz(META, [META.simulated], 4000, seed=1)
    assert problems == []
    assert statuses.total() == 4000
    assert statuses["observed"] > 300
    assert statuses["floored"] > 50


def test_a_parser_that_makes_a_number_up_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounding, "point_of_bounds", lambda lower, upper: lower + 0.4 * (upper - lower))
    assert any("where the body holds" in each for each in fuzz.fuzz(META, [META.simulated], 1000, seed=1)[1])
