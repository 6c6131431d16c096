"""A platform that answers nobody: the run slows down, says so, and ends; what an outage cost is asked again."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest
from benchmarks.reliability import virtual_time

from smstock.collect.journal import Journal
from smstock.collect.outage import PATIENCE
from smstock.collect.runner import Tally, run
from smstock.errors import PlatformError
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.known import platform
from smstock.query.lattice import count, parents
from smstock.query.spec import parse
from smstock.web.retry import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smstock.query.lattice import Cell

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB", "POL", "ROU"]\n'
    'destinations = ["AUT", "DEU", "ITA", "FRA", "ESP"]\nbreakdowns = [["sex"]]\n'
)
GOOD = (200, b'{"data":[{"estimate_mau":26000,"estimate_dau":100,"estimate_ready":true}]}')
AT_FLOOR = (200, b'{"data":[{"estimate_mau_lower_bound":1000,"estimate_mau_upper_bound":1000,"estimate_ready":true}]}')
UNREADY = (200, b'{"data":[{"estimate_ready":false}]}')
DOWN = {
    "not ready": UNREADY,
    "503": (503, b"<html>503</html>"),
    "connection": (0, b"ConnectError: refused"),
    "garbage": (200, b"\x00\x01"),
    "error": (500, b'{"error":{"message":"Service temporarily unavailable","code":2}}'),
}


class Wire:
    """A platform whose answer to a request at a second is what a function says; each call takes half a second."""

    attempts, dropped = 5, ()

    def __init__(self, answer: Callable[[Request, float], tuple[int, bytes]], concurrency: int) -> None:
        self.answer, self.concurrency = answer, concurrency
        self.times: list[float] = []
        self.under_way = self.most = 0

    async def ask(self, request: Request) -> RawAnswer:
        from asyncio import get_running_loop, sleep

        self.under_way += 1
        self.times.append(get_running_loop().time())
        await sleep(0.5)
        self.under_way -= 1
        status, body = self.answer(request, self.times[-1])
        return RawAnswer(body, status, "2026-11-22T10:00:00Z", request.endpoint, "v25.0")

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


class Run:
    """A collection in virtual time, and what the user heard of it."""

    def __init__(
        self,
        folder: Path,
        answer: Callable[[Request, float], tuple[int, bytes]],
        *,
        patience: float = PATIENCE,
        concurrency: int = 2,
    ) -> None:
        self.wire = Wire(answer, concurrency)
        self.tally = Tally(planned=count(QUERY))
        self.heard: list[tuple[float, str]] = []
        self.error: PlatformError | None = None
        self.seconds = 0.0
        with Journal(folder / "q.journal.sqlite", QUERY, "2026-11", "live") as journal:
            virtual_time.run(lambda: self._run(journal, patience))
            self.statuses = journal.statuses()

    async def _run(self, journal: Journal, patience: float) -> None:
        from asyncio import get_running_loop

        def progress(tally: Tally) -> None:
            if tally.outage:
                self.heard.append((get_running_loop().time(), tally.outage.words))

        wait = Backoff(Random(1), requested=lambda look: look.answer.wait)
        try:
            await run(QUERY, META, self.wire, journal, self.tally, wait=wait, patience=patience, progress=progress)
        except PlatformError as error:
            self.error = error
        self.seconds = get_running_loop().time()


@pytest.mark.parametrize("kind", DOWN)
@pytest.mark.parametrize("concurrency", [2, 64])
def test_an_outage_is_told_in_seconds_and_ends_after_patience(tmp_path: Path, kind: str, concurrency: int) -> None:
    ended = Run(tmp_path, lambda *_: DOWN[kind], concurrency=concurrency)
    assert ended.error is not None
    assert ended.error.exit_code == 4
    assert "Meta has not answered for 30 min" in ended.error.what
    assert ended.heard[0][0] < 10
    assert ended.seconds < PATIENCE + 60
    assert len(ended.wire.times) < 35 + concurrency
    assert ended.statuses == {}


def test_patience_bounds_an_outage_too(tmp_path: Path) -> None:
    ended = Run(tmp_path, lambda *_: DOWN["503"], patience=60)
    assert ended.error is not None
    assert ended.seconds < 120


@pytest.mark.parametrize("until", [30, 300, 1500])
@pytest.mark.parametrize("concurrency", [2, 8])
def test_all_cells_are_collected_where_the_platform_recovers(tmp_path: Path, until: float, concurrency: int) -> None:
    ended = Run(tmp_path, lambda _, at: DOWN["503"] if 3 < at < until else GOOD, concurrency=concurrency)
    assert ended.error is None
    assert ended.statuses == {"observed": 45}
    assert ended.tally.done == ended.tally.planned
    assert ended.tally.outage is None
    probes = [at for at in ended.wire.times if 150 < at < until]
    assert all(later - earlier >= 5 for earlier, later in pairwise(probes))


def test_cells_that_fail_by_themselves_stop_no_other(tmp_path: Path) -> None:
    def answer(request: Request, _: float) -> tuple[int, bytes]:
        return DOWN["error"] if request.cell.destination == "DEU" else GOOD

    ended = Run(tmp_path, answer)
    assert ended.statuses == {"observed": 36}
    assert ended.error is None
    assert ended.tally.planned - ended.tally.done == 9
    assert ended.seconds < 2 * PATIENCE


def test_a_fault_now_and_then_is_no_outage(tmp_path: Path) -> None:
    faults = Random(7)
    ended = Run(tmp_path, lambda *_: DOWN["503"] if faults.random() < 0.2 else GOOD, concurrency=8)
    assert (ended.error, ended.statuses) == (None, {"observed": 45})


def test_cells_that_are_not_ready_by_themselves_stop_no_other(tmp_path: Path) -> None:
    ended = Run(tmp_path, lambda request, _: UNREADY if request.cell.origin == "POL" else GOOD)
    assert ended.statuses == {"observed": 30}
    assert ended.error is None
    assert ended.tally.planned - ended.tally.done == 15


@pytest.mark.parametrize("concurrency", [2, 8, 64])
def test_estimates_that_are_ready_at_the_second_look_are_no_outage(tmp_path: Path, concurrency: int) -> None:
    looked: set[str] = set()

    def answer(request: Request, _: float) -> tuple[int, bytes]:
        ready = request.key in looked
        looked.add(request.key)
        return GOOD if ready else UNREADY

    ended = Run(tmp_path, answer, concurrency=concurrency)
    assert (ended.error, ended.statuses) == (None, {"observed": 45})
    assert len(ended.wire.times) == 90
    assert ended.seconds < 60


def test_patience_bounds_estimates_that_are_ready_for_nobody(tmp_path: Path) -> None:
    ended = Run(tmp_path, lambda *_: UNREADY, patience=7.2)
    assert ended.error is not None
    assert ended.error.what == "Meta has not answered for 1 min: the estimate is not ready"
    assert ended.seconds < 40


@pytest.mark.parametrize("until", [60, 300, 1500])
@pytest.mark.parametrize("concurrency", [2, 8, 64])
def test_what_an_outage_put_aside_is_asked_coarse_before_fine(tmp_path: Path, until: float, concurrency: int) -> None:
    floored: set[Cell] = set()
    late: list[Cell] = []

    def answer(request: Request, at: float) -> tuple[int, bytes]:
        if at < until:
            return DOWN["503"]
        if any(parent in floored for parent in parents(request.cell, QUERY)):
            late.append(request.cell)
        floored.add(request.cell)
        return AT_FLOOR

    ended = Run(tmp_path, answer, concurrency=concurrency)
    assert ended.tally.done == ended.tally.planned
    assert floored
    assert late == []
