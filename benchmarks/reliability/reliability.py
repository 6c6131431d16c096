"""Collections that are killed, refused and lied to until they are done, and what holds of every one of them.

Each run is a small query against the simulated Meta or LinkedIn, with faults and kills drawn from a seed. Its processes
are killed with SIGKILL, in virtual time (`benchmarks.reliability.collector`). Further runs kill the command itself
(`benchmarks.reliability.killed_command`).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.machine import machine
from benchmarks.reliability import canary, killed_command
from benchmarks.reliability.collector import Attempt, Life, live
from benchmarks.reliability.invariants import (
    INVARIANTS,
    Evidence,
    asked_early,
    deduced_in_places,
    lost,
    same_table,
    untold_glitches,
)
from benchmarks.reliability.scenario import Scenario, scenario
from benchmarks.reliability.sides import HOUR, NUMBERS, SIDES

from smstock.folder import Folder
from smstock.query.lattice import count
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.simulation import simulate
from smstock.tables import AUDIENCE
from smstock.vocabulary.places import country_of
from smstock.workflows.recordings import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from smstock.query.spec import QuerySpec
    from smstock.sandbox.reply import Reply
    from smstock.sandbox.world import World

START = 1_794_300_000.0
"""2026-11-10T08:40:00Z; the month lasts longer than any run."""
MONTH, MONTH_BEFORE = "2026-11", "2026-10"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""A disk in memory, where there is one: a kill needs no disk that can fail, and each commit would wait for it."""
MOST_PROCESSES = 60
"""Processes after which a run that is not done never will be."""


@dataclass
class Report:
    """What became of some runs: counts of what happened, and of the breaches of each invariant."""

    happened: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, seed: int, invariant: str, problems: Iterable[str]) -> None:
        """Count the breaches of an invariant, and keep the first ones in words."""
        for problem in problems:
            self.breaches[invariant] += 1
            if len(self.examples) < 20:
                self.examples.append(f"seed {seed}: {invariant}: {problem}")

    def add(self, other: Report) -> None:
        """Add what became of other runs."""
        self.happened += other.happened
        self.breaches += other.breaches
        self.examples = (self.examples + other.examples)[:20]


def run(seed: int, platform: str = "meta", *, with_places: bool = False) -> Report:
    """Return what became of the run of a seed against a platform, asked for countries or for places too."""
    import numpy as np

    disturbance = scenario(seed, platform, with_places=with_places)
    origins = tuple(origin for origin in disturbance.query.origins if origin != "UKR")
    world = simulate(
        np.random.default_rng(seed),
        areas=(*map(country_of, disturbance.query.destinations), *disturbance.query.origins),
        origins=origins or ("POL",),
    )
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        report = _checked(disturbance, world, Path(folder, "disturbed"), Path(folder, "undisturbed"))
    report.happened["runs"] += 1
    return report


def _checked(planned: Scenario, world: World, disturbed: Path, undisturbed: Path) -> Report:
    """Collect a scenario and hold the invariants against what it left."""
    report = Report()
    earlier: dict[str, float] = {}
    calm = replace(planned, faults=FaultPlan(glitch=planned.faults.glitch), deaths=(), disks=(), patience=float("inf"))
    if planned.earlier:
        _Collection(replace(calm, faults=FaultPlan()), world, disturbed, START - 31 * 24 * HOUR).finish()
        copytree(disturbed, undisturbed)
        earlier = _values(_table(disturbed, MONTH_BEFORE), planned.side.platform.metrics[0])
    collection = _Collection(planned, world, disturbed, START)
    report.note(planned.seed, "every run ends, each process done, killed or stopped for a reason", collection.finish())
    table = _table(disturbed, MONTH)
    evidence = Evidence(
        query=collection.query,
        month=MONTH,
        earlier=earlier,
        journal=disturbed / "waves" / MONTH / "q.journal.sqlite",
        table=table,
        service=collection.service,
        lives=collection.lives,
        leaks=collection.leaks,
    )
    _hold(report, planned.seed, evidence)
    replayed = _replayed(planned, collection.query, disturbed)
    same = same_table(evidence, replayed)
    report.note(planned.seed, REPLAYED, [] if same else ["the tables differ"])
    if planned.repeatable:
        reference = _Collection(calm, world, undisturbed, START)
        reference.finish()
        same = same_table(evidence, _table(undisturbed, MONTH))
        report.note(planned.seed, SAME, [] if same else ["the tables differ"])
        report.happened["runs compared with an undisturbed one"] += 1
    return report


SAME = "the table equals that of an undisturbed run"
REPLAYED = "the table equals that of a replay of its answers"


def _replayed(planned: Scenario, query: QuerySpec, folder: Path) -> pd.DataFrame:
    """Return the table that the answers of a wave give in another folder, where nobody is asked."""
    other = folder.with_name("replayed")
    other.mkdir()
    if planned.earlier:
        copytree(folder / "waves" / MONTH_BEFORE, other / "waves" / MONTH_BEFORE)
    recording, _ = record(Folder(folder, folder), query.name, MONTH, other)
    replayed = Attempt(query, Folder(other, other), [], START, 0.0, planned.seed, recordings=recording)
    live(replayed, _nobody)
    return _table(other, MONTH)


def _nobody(*call: object) -> Reply:
    raise AssertionError(f"asked in a replay: {call}")


class _Collection:
    """One wave of a scenario, process after process."""

    def __init__(self, scenario: Scenario, world: World, folder: Path, start: float) -> None:
        self.scenario, self.workspace, self.now = scenario, Folder(folder, folder), start
        self.query, self.asking = scenario.query, scenario.asking
        self.lives: list[Life] = []
        self.leaks: list[str] = []
        self.service = scenario.side.service(scenario, world, lambda: self.now)

    def finish(self) -> list[str]:
        """Start processes until nothing is open; return what went wrong."""
        rng = Random(self.scenario.seed)  # noqa: S311 - a simulation
        deaths, disks = iter(self.scenario.deaths), iter(self.scenario.disks)
        for number in range(MOST_PROCESSES):
            disk = next(disks, None)
            attempt = Attempt(
                query=self.query,
                workspace=self.workspace,
                credentials=[self.scenario.side.credential(token, number) for token, number in self.asking],
                start=self.now,
                patience=self.scenario.patience,
                seed=self.scenario.seed + number,
                death=next(deaths, None),
                disk=disk,
            )
            life = live(attempt, self._handle)
            self.lives.append(life)
            self.leaks += canary.leaks(self.workspace.root)
            self.now = life.ended
            match life.ending:
                case "done" if not life.open_cells:
                    return []
                case "done":
                    self.now += HOUR / 6
                case "killed":
                    self.now += rng.uniform(0, HOUR / 2)
                case "QuotaError":
                    self.now += self.scenario.side.wait
                case "CredentialError" if self.scenario.faults.token_expires_after is not None:
                    self.asking = ((canary.TOKENS[2], NUMBERS[0]),)
                case "SettingsError" if self.scenario.faults.version_expires_after is not None:
                    self.query = self.query.model_copy(update={"api_version": self.scenario.side.renewed})
                case "InputError" if disk:
                    pass
                case _:
                    return [f"a process ended with {life.ending}: {life.messages[-1]}"]
        return [f"not done after {MOST_PROCESSES} processes"]

    def _handle(self, now: float, method: str, path: bytes, headers: Mapping[str, str]) -> Reply:
        self.now = now
        return canary.repeating(self.service.handle(method, path, headers), headers["authorization"])


def _table(folder: Path, wave: str) -> pd.DataFrame:
    """Read an audience table; without threads, which would not survive the next fork."""
    import pandas as pd
    import pyarrow.parquet as pq

    path = Folder(folder, folder).wave(wave, "q.audience.parquet")
    if not path.is_file():
        return pd.DataFrame(columns=AUDIENCE.names)  # what was planned and asked is missing from it
    table: pd.DataFrame = pq.read_table(path, use_threads=False, pre_buffer=False).to_pandas(use_threads=False)
    return table


def _values(table: pd.DataFrame, metric: str) -> dict[str, float]:
    known = table[(table["metric"] == metric) & table["value"].notna()]
    return dict(zip(known["request_key"], known["value"], strict=True))


def _what_happened(evidence: Evidence) -> Counter[str]:
    """Count what a run met with."""
    happened = Counter({f"fault: {injection.fault}": 0 for injection in evidence.service.injected})
    happened.update(f"fault: {injection.fault}" for injection in evidence.service.injected)
    happened.update(f"process ended: {life.ending}" for life in evidence.lives)
    happened["cells planned"] = count(evidence.query)
    happened["rows"] = len(evidence.table) // len(evidence.query.metrics)
    happened["calls that reached the platform"] = sum(len(life.calls) for life in evidence.lives)
    happened["answers delivered to the client"] = sum(len(life.delivered) for life in evidence.lives)
    happened["of these lost: killed as they arrived, or no room on the disk"] = lost(evidence)
    happened["cells asked before a coarser one turned out to be at the floor, and their parts"] = len(
        asked_early(evidence)
    )
    if evidence.query.places:
        happened["cells of places deduced from the floor of their country"] = deduced_in_places(evidence)
    happened["processes"] = len(evidence.lives)
    happened["floors that are glitches, and look no different"] = untold_glitches(evidence)
    return happened


def main(words: list[str]) -> None:
    """Print what happened, and how often each invariant was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability")
    parser.add_argument("--runs", type=int, default=1000, help="runs in virtual time")
    parser.add_argument("--platform", choices=sorted(SIDES), default="meta", help="whom they ask")
    parser.add_argument("--places", action="store_true", help="regions, cities, circles and postcodes among others")
    parser.add_argument("--commands", type=int, default=50, help="runs of the command itself")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first run")
    chosen = parser.parse_args(words)
    print(machine(), flush=True)
    began = time.perf_counter()
    seeds = range(chosen.seed, chosen.seed + chosen.runs)
    report = runs(seeds, chosen.platform, with_places=chosen.places)
    print(f"\n{chosen.runs:,} runs in virtual time, seeds from {chosen.seed}: {time.perf_counter() - began:.0f} s\n")
    show(report, (*INVARIANTS, SAME, REPLAYED))
    broken = report.breaches.total()
    if chosen.commands:
        began = time.perf_counter()
        report = Report()
        seeds = range(chosen.seed, chosen.seed + chosen.commands)
        killed_command.run(seeds, partial(_hold, report), chosen.platform, with_places=chosen.places)
        print(f"\n{chosen.commands:,} runs of the command in real time: {time.perf_counter() - began:.0f} s\n")
        show(report, tuple(INVARIANTS))
        broken += report.breaches.total()
    sys.exit(1 if broken else 0)


def runs(seeds: range, platform: str, *, with_places: bool) -> Report:
    """Return what became of the runs of some seeds, as many at a time as there are cores."""
    # before anything is forked: a thread does not survive it
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    report = Report()
    with ProcessPoolExecutor(os.cpu_count(), initializer=import_before_forks) as pool:
        for one in pool.map(partial(run, platform=platform, with_places=with_places), seeds, chunksize=4):
            report.add(one)
    return report


def breaches_with_places(platform: str, number: int) -> float:
    """Return how often a promise is broken in runs of queries whose destinations are places."""
    return float(runs(range(1, number + 1), platform, with_places=True).breaches.total())


def _hold(report: Report, seed: int, evidence: Evidence) -> None:
    """Hold every invariant against what a run left behind, and count what it met with."""
    for name, breaches in INVARIANTS.items():
        report.note(seed, name, breaches(evidence))
    report.happened += _what_happened(evidence)


def import_before_forks() -> None:
    """Import what every process needs, once: some of it is imported by the first table that is checked."""
    for name in ("anyio._backends._asyncio", "httpcore", "pyarrow.parquet"):
        import_module(name)
    import pandas as pd

    from smstock.tables import AUDIENCE, check

    check(pd.DataFrame({name: [] for name in AUDIENCE.names}), AUDIENCE)


def show(report: Report, invariants: Sequence[str]) -> None:
    """Print a report as two tables."""
    print("| what happened | times |\n| --- | ---: |")
    for name, number in sorted(report.happened.items()):
        print(f"| {name} | {number:,} |")
    print("\n| what must hold | breaches |\n| --- | ---: |")
    for name in dict.fromkeys((*invariants, *report.breaches)):
        print(f"| {name} | {report.breaches[name]:,} |")
    for example in report.examples:
        print(f"\n{example}")
