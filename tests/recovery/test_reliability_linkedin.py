"""A few runs of ``python -m benchmarks reliability --platform linkedin``, and defects that they have to find."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from benchmarks.reliability import fuzz, reliability
from benchmarks.reliability.bodies import PLATFORMS

from smstock.collect.deduction import Deduction
from smstock.platforms.base import Reading
from smstock.platforms.linkedin import answers, rounding
from smstock.web import client

LINKEDIN = PLATFORMS["linkedin"]

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes of a run are forked, to be killed"),
    # the threads are those of libraries, and idle
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    reliability.import_before_forks()


def held(seeds: range, *, with_places: bool = False) -> reliability.Report:
    report = reliability.Report()
    for seed in seeds:
        report.add(reliability.run(seed, "linkedin", with_places=with_places))
    assert report.examples == []
    assert report.happened["rows"] == report.happened["cells planned"]
    return report


def test_killed_refused_and_lied_to_a_few_runs_keep_what_is_promised() -> None:
    assert held(range(1, 4)).happened["process ended: killed"] > 0


def test_a_few_runs_keep_it_with_places() -> None:
    happened = held(range(1, 5), with_places=True).happened
    assert happened["process ended: killed"] > 0
    assert happened["cells of places deduced from the floor of their country"] > 0


@pytest.mark.slow
def test_killed_refused_and_lied_to_each_run_keeps_what_is_promised() -> None:
    happened = held(range(4, 18)).happened
    assert happened["process ended: killed"] >= 3
    assert happened["process ended: QuotaError"] > 0
    assert happened["fault: burst"] > 0
    assert happened["runs compared with an undisturbed one"] >= 3


reading_of = answers._total


def nothing_as_nobody(total: Any) -> Reading:
    reading = reading_of(total)
    return replace(reading, status="observed", value=0.0, upper=0.0) if reading.status == "floored" else reading


@pytest.mark.slow
@pytest.mark.parametrize(
    ("invariant", "replaced", "name", "by"),
    [
        ("no part of a floor asked", Deduction, "deduced", lambda *_: False),
        ("no value made up", rounding, "interval", lambda total: (total + 0.5, total + 0.5)),
        ("no value made up", answers, "_total", nothing_as_nobody),
        ("no secret", client, "_cleaned", lambda text, _: text),
    ],
)
def test_a_defect_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str, replaced: Any, name: str, by: Any) -> None:
    monkeypatch.setattr(replaced, name, by)
    broken = (breach for seed in range(1, 21) for breach in reliability.run(seed, "linkedin").breaches)
    assert any(breach.startswith(invariant) for breach in broken)


def test_mutated_bodies_raise_nothing_and_make_nothing_up() -> None:
    statuses, problems = fuzz.fuzz(LINKEDIN, [LINKEDIN.simulated], 4000, seed=1)
    assert problems == []
    assert statuses.total() == 4000
    assert statuses["observed"] > 300
    assert statuses["floored"] > 50


@pytest.mark.parametrize(
    ("name", "by", "told"),
    [
        ("_total", lambda total: Reading("total", "observed", 310.0, 300.0, 320.0), "where the body holds"),
        ("_total", lambda total: Reading("total", "floored", lower=0.0, upper=300.0), "a floor that is none"),
        ("_object", json.loads, "DecodeError"),
    ],
)
def test_a_parser_that_makes_a_number_up_or_raises_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, by: Any, told: str
) -> None:
    monkeypatch.setattr(answers, name, by)
    assert any(told in each for each in fuzz.fuzz(LINKEDIN, [LINKEDIN.simulated], 1000, seed=1)[1])
