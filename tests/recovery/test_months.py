"""Some months of ``python -m benchmarks months``, and a defect that they have to find.

Commands are forked, and threads of libraries that other tests have used do not survive a fork: they could wait for ever.
So the months run in a process of their own.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from benchmarks.reliability import misfortune, months
from benchmarks.reliability.misfortune import Cause

from smstock.workflows import collection, completeness

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.reliability.reliability import Report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="command and platform are forked"),
]

OUTAGE = Cause("outage", "garbage: one destination in five", days=1, words="has not answered for|have no answer")


def befallen(*causes: list[Cause]) -> Report:
    """Return what became of some months, each with its causes."""
    planned = iter(causes)
    with patch.object(misfortune.Deck, "dealt", lambda _: next(planned)):
        return months.run(seed=1, months=len(causes))


def three_months() -> Report:
    token = Cause("token", words="Session has expired", number=4)
    ahead = Cause("clock", "a month ahead", words="the clock says")
    killed = Cause("kill", "SIGKILL", days=1, number=9)
    cut = Cause("damage", "the table of the month before: cut short", words="simulated.audience.parquet", bars=False)
    page = Cause("damage", "a page of the journal overwritten", day=2, words="smstock repair", number=3)
    return befallen([ahead], [token, OUTAGE, page], [cut, killed])


def a_month_that_publishes_anything() -> Report:
    with (
        patch.object(collection, "require_answers", lambda *_, **__: ""),
        patch.object(completeness, "require_answers", lambda *_, **__: ""),
    ):
        return befallen([OUTAGE])


def in_a_process_of_its_own(run: Callable[[], Report]) -> Report:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(run).result()


def test_three_months_are_published_each_human_step_is_asked_for_once() -> None:
    report = in_a_process_of_its_own(three_months)
    assert report.examples == []
    happened = report.happened
    assert (happened["months"], happened["months published"], happened["runs ended: SIGKILL"]) == (3, 3, 1)
    assert {what: times for what, times in happened.items() if what.startswith("human")} == {
        "human step: renew the token": 1,
        "human step: set the clock": 1,
        "human step: repair, delete or move away the file that is named": 2,
    }


def test_a_wave_that_is_published_with_open_cells_is_found() -> None:
    report = in_a_process_of_its_own(a_month_that_publishes_anything)
    assert report.breaches[months.TRUE] >= 1
    assert "cells have no answer" in report.examples[0]
