"""`smstock collect` as a command, killed at random moments of real time, against a simulated platform over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.reliability import canary
from benchmarks.reliability.collector import Life
from benchmarks.reliability.invariants import Evidence

from smstock.query.spec import QuerySpec, load
from smstock.sandbox.cities import by_code
from smstock.sandbox.entities import geo, schools
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.linkedin import CALLS, SimulatedLinkedIn
from smstock.sandbox.members import simulate_members
from smstock.sandbox.meta import ACCOUNT, SimulatedMeta, Token, account
from smstock.sandbox.server import HOST, serve
from smstock.sandbox.simulation import simulate
from smstock.vocabulary.dates import wave_of
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from benchmarks.reliability.sides import Service

    from smstock.sandbox.reply import Reply

REPOSITORY = Path(__file__).parents[2]
LATENCY = 0.01
MOST_PROCESSES = 20
FAULTS = FaultPlan(
    json_error=0.005, html_error=0.005, error_in_ok=0.005, reset=0.005, malformed=0.005, truncated=0.005, empty=0.005,
    duplicate=0.005, no_number=0.005, glitch=0.05,
)  # fmt: skip
"""Fewer than elsewhere: the pauses after them last as long as they say."""
META = """
name = "q"
platform = "meta"
destinations = ["AUT", "DEU", "NAM", "THA", "CHE"]
origins = ["NGA", "POL", "SRB", "UKR"]
ages = "18+"
age_groups = ["18-24", "25-44", "45+"]
breakdowns = [["sex", "age"]]
"""
LINKEDIN = f"""
name = "q"
platform = "linkedin"
destinations = ["CHE", "ESP", "IRL", "PRK"]
origins = ["POL", "SRB", "UKR"]
ages = "18+"
age_groups = ["18-24", "25-54", "55+"]
metrics = ["total"]
origin_basis = "school_country"
home = true
breakdowns = [["sex", "age"], ["skill"]]
[schools]
POL = {list(schools("POL"))}
SRB = {[*schools("SRB"), *(f"urn:li:organization:{number}" for number in range(150))]}
[dimensions.skill]
python = ["urn:li:skill:17"]
"""
"""Some of its calls are tunnelled."""
PLACES = {
    "meta": """place_sets = ["places/spanish-regions.toml", "places/spanish-cities.toml"]
destinations = ["AUT", "ESP", "ES-AN", "ES-MD", "ES-RI", "ES-AN-1", "ES-AS-1"]
""",
    "linkedin": """place_sets = ["places/locations.toml"]
destinations = ["ESP", "IRL", "locations"]
""",
}
"""Sets of places, and destinations that take the place of the others."""
LOCATIONS = f"""reviewed = "2026-12-01"
[[place]]
code = "ES-MD"
name = "Madrid and Catalonia"
geos = ["{geo(by_code()["ES-MD"])}", "{geo(by_code()["ES-CT"])}"]
[[place]]
code = "ES-AN-1"
name = "City of Seville"
geos = ["{geo(by_code()["ES-AN-1"])}"]
"""
"""Places of LinkedIn, with the URNs of the sandbox."""


def run(
    seeds: Iterable[int], hold: Callable[[int, Evidence], None], platform: str = "meta", *, with_places: bool = False
) -> None:
    """Collect with each seed until it is done, as many at a time as there are cores; hand what is left to ``hold``."""

    async def all_of_them() -> None:
        gate = asyncio.Semaphore(os.cpu_count() or 1)
        async with asyncio.TaskGroup() as group:
            for seed in seeds:
                group.create_task(_run(seed, platform, gate, hold, with_places=with_places))

    asyncio.run(all_of_them())


async def _run(
    seed: int, platform: str, gate: asyncio.Semaphore, hold: Callable[[int, Evidence], None], *, with_places: bool
) -> None:
    async with gate:
        with TemporaryDirectory() as folder:
            query = _written(Path(folder), platform, with_places=with_places)
            hold(seed, await _collected(Random(seed), seed, query, Path(folder)))  # noqa: S311 - a simulation


def _written(folder: Path, platform: str, *, with_places: bool) -> QuerySpec:
    """Write a query file, and the sets of places that it names, as a user has them; return the query."""
    text = META if platform == "meta" else LINKEDIN
    if with_places:
        copytree(REPOSITORY / "queries" / "places", folder / "places")
        (folder / "places" / "locations.toml").write_text(LOCATIONS, encoding="utf-8")
        text = re.sub(r"^destinations = .*\n", PLACES[platform], text, flags=re.MULTILINE)
    (folder / "q.toml").write_text(text, encoding="utf-8")
    return load(folder / "q.toml")


async def _collected(rng: Random, seed: int, query: QuerySpec, folder: Path) -> Evidence:
    """Start the command again and again, killed at first, until no cell is open."""
    import pandas as pd

    platform = query.platform
    service = _service(rng, seed, query)
    lives: list[Life] = []
    leaks: list[str] = []

    def handle(method: str, path: bytes, headers: Mapping[str, str]) -> Reply:
        reply = canary.repeating(service.handle(method, path, headers), headers["authorization"])
        lives[-1].calls.append((path, reply))
        if reply.status:
            lives[-1].delivered.append((time.time(), path, reply))
        return reply

    month = wave_of(datetime.now(UTC))
    kills = rng.randint(1, 4)
    async with await serve(handle, port=0, latency=LATENCY) as server:
        url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        while len(lives) < MOST_PROCESSES:
            lives.append(Life(unseen=True))
            await _live(lives[-1], folder, _settings(platform, url), rng if len(lives) <= kills else None)
            leaks += canary.leaks(folder)
            if lives[-1].ending == "done" and not lives[-1].open_cells:
                break
    wave_folder = folder / "waves" / month
    return Evidence(
        query=query,
        month=month,
        earlier={},
        journal=wave_folder / "q.journal.sqlite",
        table=pd.read_parquet(wave_folder / "q.audience.parquet"),
        service=service,
        lives=lives,
        leaks=leaks,
    )


def _service(rng: Random, seed: int, query: QuerySpec) -> Service:
    import numpy as np

    world = simulate(
        np.random.default_rng(seed), areas=(*map(country_of, query.destinations), "UKR"), origins=("NGA", "POL", "SRB")
    )
    if query.platform == "linkedin":
        members = simulate_members(np.random.default_rng(seed), world)
        tokens, calls = {canary.TOKENS[0]: ACCOUNT}, CALLS["full"]
        return SimulatedLinkedIn(members, time.time, tokens=tokens, calls_per_day=calls, faults=FAULTS, seed=seed)
    return SimulatedMeta(
        world,
        time.time,
        accounts={ACCOUNT: account("full")},
        tokens={canary.TOKENS[0]: Token(frozenset({ACCOUNT}))},
        era=rng.choice(("point", "bounds")),
        faults=FAULTS,
        seed=seed,
    )


def _settings(platform: str, url: str) -> dict[str, str]:
    """Return the variables under which the command asks the simulated platform."""
    given = {"URL": url, "TOKEN": canary.TOKENS[0]}
    if platform == "meta":
        given |= {"ACCOUNT": ACCOUNT, "APP_SECRET": canary.APP_SECRET}
    return {f"SMSTOCK_{platform.upper()}_{name}": value for name, value in given.items()}


async def _live(life: Life, folder: Path, settings: Mapping[str, str], rng: Random | None) -> None:
    """Run the command once, and kill it where a generator is given: after some calls, or after some time."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SMSTOCK_")}
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("smstock")),
        *("collect", str(folder / "q.toml"), "--workspace", str(folder), "--json"),
        env=environment | dict(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    ending = asyncio.create_task(process.communicate())
    if rng:
        await _fatal_moment(rng, life, ending)
        if not ending.done():
            process.kill()
    out, err = await ending
    life.messages += [out.decode(), err.decode()]
    if process.returncode == 0:
        progress = json.loads(out)
        life.ending = "done"
        life.open_cells = (
            progress["cells"] - progress["settled"] - progress["deduced"] - progress["refused"] - progress["missing"]
        )
    elif process.returncode != -9:
        life.ending = f"exit code {process.returncode}"


async def _fatal_moment(rng: Random, life: Life, ending: asyncio.Task[tuple[bytes, bytes]]) -> None:
    """Wait for some calls, or for some time; no longer than the process lasts."""
    if rng.random() < 0.25:
        await asyncio.wait([ending], timeout=rng.uniform(0.3, 3))
        return
    calls = rng.randint(1, 120)
    while len(life.calls) < calls and not ending.done():  # noqa: ASYNC110 - the platform knows of no event
        await asyncio.sleep(0.002)
    await asyncio.sleep(rng.uniform(0, 0.03))
