"""Some months of ``python -m benchmarks months``, and a defect that they have to find."""

from __future__ import annotations

import os

import pytest
from benchmarks.reliability import misfortune, months
from benchmarks.reliability.misfortune import Cause

from smstock.workflows import collection, completeness

pytestmark = [
    pytest.mark.slow,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="command and platform are forked"),
    # the threads are those of libraries, and idle
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]

OUTAGE = Cause("outage", "garbage: one destination in five", days=1, words="has not answered for|have no answer")


def befall(monkeypatch: pytest.MonkeyPatch, *causes: list[Cause]) -> None:
    planned = iter(causes)

    monkeypatch.setattr(misfortune.Deck, "dealt", lambda _: next(planned))


def test_three_months_are_published_each_human_step_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    token = Cause("token", words="Session has expired", number=4)
    ahead = Cause("clock", "a month ahead", words="the clock says")
    killed = Cause("kill", "SIGKILL", days=1, number=9)
    cut = Cause("damage", "the table of the month before: cut short", words="simulated.audience.parquet", bars=False)
    page = Cause("damage", "a page of the journal overwritten", day=2, words="smstock repair", number=3)
    befall(monkeypatch, [ahead], [token, OUTAGE, page], [cut, killed])
    report = months.run(seed=1, months=3)
    assert report.examples == []
    happened = report.happened
    assert (happened["months"], happened["months published"], happened["runs ended: SIGKILL"]) == (3, 3, 1)
    assert {what: times for what, times in happened.items() if what.startswith("human")} == {
        "human step: renew the token": 1,
        "human step: set the clock": 1,
        "human step: repair, delete or move away the file that is named": 2,
    }


def test_a_wave_that_is_published_with_open_cells_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (collection, completeness):
        monkeypatch.setattr(module, "require_answers", lambda *_, **__: "")
    befall(monkeypatch, [OUTAGE])
    report = months.run(seed=1, months=1)
    assert report.breaches[months.TRUE] >= 1
    assert "cells have no answer" in report.examples[0]
