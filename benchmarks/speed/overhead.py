"""What collecting and planning cost: answers a second through the client, memory by number of cells.

Each figure is that of a process of its own. The platform answers from another process, on another core where there is
one, so that the client's core is what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from benchmarks.accuracy import synthetic
from benchmarks.machine import machine

from smstock import workflows
from smstock.folder import Folder
from smstock.platforms.known import platform
from smstock.query.lattice import count
from smstock.query.spec import QuerySpec, specify
from smstock.sandbox.folder import DESTINATIONS, ORIGINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from smstock.collect.runner import Tally

PEERS: Final = """
pySocialWatcher and rsocialwatcher do not stand beside it: both ask hosts that are written into them, so neither can be
pointed at a platform on this machine.
"""
LARGEST: Final = (232, 92)
"""Destinations and origins of 15,301,440 cells, as many as the largest public collection has (April 2019)."""


@dataclass(frozen=True)
class Cost:
    """What a piece of work cost: seconds of wall clock and of processor, peak memory in MiB, and what it counted."""

    wall: float
    processor: float
    mebibytes: float
    counted: int


def main(words: list[str]) -> None:
    """Print the figures asked for, all unless named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks overhead")
    parser.add_argument("part", nargs="?", choices=[*PARTS], help="one of them; all unless named")
    chosen = parser.parse_args(words)
    print(machine(), flush=True)
    for part in [chosen.part] if chosen.part else PARTS:
        print(flush=True)
        PARTS[part]()


def speed(runs: int = 3) -> None:
    """Print how many answers a second one core takes from the sandbox without latency."""
    print("| run | answers | wall s | answers a second | processor s for 1,000 | answers a processor second |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for number in range(1, runs + 1):
        with sandbox() as settings:
            cost = apart(collect_over_http, settings)
        print(f"| {number} | {cost.counted:,} | {cost.wall:.1f} | {cost.counted / cost.wall:,.0f} ", end="")
        print(f"| {1000 * cost.processor / cost.counted:.2f} | {cost.counted / cost.processor:,.0f} |", flush=True)
    print(PEERS)


def memory() -> None:
    """Print the peak memory of collecting waves of three sizes, every cell of them asked and answered."""
    print("| cells, each answered | after asking MiB | after the table MiB | asking s | table s |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for destinations, origins in ((1, 15), (2, 71), (16, 88)):
        asked, written = apart(collect_at_once, destinations, origins)
        print(f"| {asked.counted:,} | {asked.mebibytes:.0f} | {written.mebibytes:.0f} ", end="")
        print(f"| {asked.wall:.0f} | {written.wall:.0f} |", flush=True)


def planning() -> None:
    """Print what planning the largest query costs."""
    print("| plan | cells | calls | s | peak MiB |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with TemporaryDirectory() as folder:
        earlier = Path(folder, "2026-10", "synthetic.audience.parquet")
        earlier.parent.mkdir()
        apart(synthetic.write_wave, synthetic.query(*LARGEST), earlier)
        for name, known in (("of a first wave", None), ("predicted from an earlier wave", earlier)):
            cost, calls = apart(plan, *LARGEST, known)
            print(f"| {name} | {cost.counted:,} | {calls:,} | {cost.wall:.0f} | {cost.mebibytes:.0f} |", flush=True)


PARTS: Final[Mapping[str, Callable[[], None]]] = {"speed": speed, "memory": memory, "planning": planning}


def apart(work: Callable[..., Any], *arguments: object) -> Any:
    """Return what a function returns in a process of its own, on one core."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


@contextmanager
def sandbox() -> Iterator[dict[str, str]]:
    """Serve the sandbox from another process, on the last core; yield the settings to ask it."""
    command = [str(Path(sys.executable).with_name("smstock")), "sandbox", "serve"]
    options = ["--port", "0", "--tier", "full", "--latency", "0", "--json"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:  # noqa: S603
        keep_to_core(server.pid, -1)
        assert server.stdout
        settings = json.loads(server.stdout.readline())
        try:
            yield settings
        finally:
            server.terminate()


def keep_to_core(process: int, place: int) -> None:
    """Keep a process (0: this one) to one core, where the system can and there is more than one."""
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(process, {cores[place]})


def collect_over_http(settings: dict[str, str]) -> Cost:
    """Collect a wave of the sandbox with `smstock.workflows.collect`, without the writing of its table."""
    keep_to_core(0, 0)
    query = specify(
        {
            "name": "q",
            "platform": "meta",
            "destinations": DESTINATIONS,
            "origins": ORIGINS,
            "ages": "18+",
            "age_groups": ["18-24", "25-34", "35-44", "45-54", "55+"],
            "breakdowns": [["sex", "age", "education"]],
            "education": {"tertiary": ["alum", "master_degree"], "secondary": ["high_school_grad"]},
        }
    )
    with TemporaryDirectory() as folder:
        source = platform("meta").connect(settings, Path(folder), patience=0)
        asked, _ = collected(query, Path(folder), source)
    return asked


def collect_at_once(destinations: int, origins: int) -> tuple[Cost, Cost]:
    """Collect a synthetic wave; return the cost of asking, and of all that is done until its table is written."""
    with TemporaryDirectory() as folder:
        return collected(synthetic.query(destinations, origins), Path(folder), synthetic.Synthetic())


def collected(query: QuerySpec, folder: Path, source: Any) -> tuple[Cost, Cost]:
    """Collect a wave; return the cost of asking its cells and that of writing its table, both with the peak so far."""
    planned, costs = count(query), []
    began = time.perf_counter(), time.process_time()

    def watch(tally: Tally) -> None:
        if tally.done == planned:
            costs.append(cost_since(*began, tally.asked))

    workflows.collect(query, Folder(folder, folder), now=datetime.now(UTC), source=source, on_progress=watch)
    (asked,) = costs
    total = cost_since(*began, asked.counted)
    return asked, Cost(total.wall - asked.wall, total.processor - asked.processor, total.mebibytes, total.counted)


def plan(destinations: int, origins: int, earlier: Path | None) -> tuple[Cost, int]:
    """Plan a query as `smstock plan` does."""
    began = time.perf_counter(), time.process_time()
    planned = workflows.plan(synthetic.query(destinations, origins), today="2026-11-22", earlier=earlier)
    return cost_since(*began, planned.cells), planned.calls


def cost_since(wall: float, processor: float, counted: int) -> Cost:
    """Return the cost of this process since two clocks were read, and its peak memory since it began."""
    return Cost(time.perf_counter() - wall, time.process_time() - processor, peak(), counted)


def peak() -> float:
    """Return the peak of the resident memory of this process in MiB, without what its parent had before."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    # kilobytes, on macOS bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
