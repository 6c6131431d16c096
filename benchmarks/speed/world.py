"""A month of the whole world: corridors between N areas calibrated and nowcast by the commands, in CPU s and memory.

Sizes of origins and destinations, corridors, audiences and their errors are log-normal or heavier; audiences below
1,000 are floors. Official figures of 2010, 2015 and 2020, users and population lie beside them, as UN DESA's would.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from benchmarks.accuracy import workspace
from benchmarks.machine import machine

from smstock.platforms.meta.rounding import FLOOR
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SIZES: Final = (30, 100, 231)
"""Areas, each origin and destination: 870, 9,900 and 53,130 corridors."""
WAVE: Final = "2020-07"
YEARS: Final = (2010, 2015, 2020)
CALIBRATION: Final = """
name = "world"
stock = "stock.csv"
provider = "undesa"
edition = "2020"
concepts = ["birth"]
target_date = "2020-07-01"
known_until = "2015-07-01"
users = "users.csv"
population = "population.csv"
"""


@dataclass(frozen=True)
class Cost:
    """What a command took: CPU seconds, and the peak of its memory in GiB."""

    cpu: float
    memory: float


def main(words: list[str]) -> None:
    """Print what `smstock calibrate` and `smstock nowcast` take, by number of areas (30, 100 and 231, or as named)."""
    print(f"{machine()}\n")
    print("| areas | corridors | command | CPU s | peak memory, GiB |")
    print("| ---: | ---: | --- | ---: | ---: |")
    for areas in map(int, words or SIZES):
        for command, cost in costs(areas).items():
            print(f"| {areas} | {areas * (areas - 1):,} | {command} | {cost.cpu:.1f} | {cost.memory:.2f} |", flush=True)


def calibrate_10_000() -> float:
    """Return the CPU seconds of `smstock calibrate`, every method, on 9,900 corridors."""
    return costs(100, ("calibrate",))["calibrate"].cpu


def month_54_000() -> tuple[float, float]:
    """Return the CPU minutes of `smstock calibrate` and `smstock nowcast` on 53,130 corridors, and the peak in GiB."""
    measured = costs(231).values()
    return sum(cost.cpu for cost in measured) / 60, max(cost.memory for cost in measured)


def costs(areas: int, commands: Sequence[str] = ("calibrate", "nowcast")) -> dict[str, Cost]:
    """Return what commands take one after the other on corridors between so many areas."""
    with written(areas) as root:
        return {name: _cost(name, "calibration.toml", "--query", workspace.QUERY, folder=root) for name in commands}


@contextmanager
def written(areas: int) -> Iterator[Path]:
    """Write a workspace of a collected wave of all corridors between so many areas, and yield its folder."""
    audience, official = simulated(areas, np.random.default_rng(1))
    with workspace.written(audience, official, CALIBRATION) as evidence:
        yield evidence.folder.root


def simulated(areas: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return an audience table, and the official tables by the name of their file."""
    names = np.array([area.iso3 for area in countries.areas() if area.iso2][:areas])
    origin, destination = (place.ravel()[~np.eye(areas, dtype=bool).ravel()] for place in np.indices((areas, areas)))
    corridors = pd.DataFrame({"destination": names[destination], "origin": names[origin]})
    logs = 7 + rng.normal(0, 1.2, areas)[origin] + rng.normal(0, 1.2, areas)[destination]
    logs += rng.normal(0, 1.3, len(corridors))
    figures = []
    for year in YEARS:
        value = np.rint(np.exp(logs))
        figures.append(corridors.assign(reference_date=f"{year}-07-01", value=value))
        logs = logs + rng.normal(0.15, 0.25, len(corridors))
    bias = -0.8 + rng.normal(0, 0.4, areas)[origin] + rng.normal(0, 0.3, areas)[destination]
    accounts = figures[-1]["value"] * np.exp(bias + 0.3 * rng.standard_t(4, len(corridors)))
    shown = accounts.clip(FLOOR, 1e8).map(lambda number: float(f"{number:.2g}"))
    cells = corridors.assign(wave=WAVE, age_min=18, age_max=None)
    people, users = rng.lognormal(15.5, 1.5, areas).round(), rng.uniform(0.2, 0.9, areas)
    of_area = pd.DataFrame({"area": names, "sex": "all", "age_min": 18, "age_max": None})
    return workspace.answers(cells, shown, shown * rng.uniform(0.5, 0.8, len(shown)), FLOOR), {
        "stock.csv": workspace.stock(pd.concat(figures), provider="undesa", edition="2020"),
        "users.csv": of_area.assign(
            platform="meta", asked_at=f"{WAVE}-15T00:00:00Z", value=(people * users).round(), source="simulated"
        ),
        "population.csv": of_area.assign(provider="undesa", edition="2020", reference_date="2020-07-01", value=people),
    }


def _cost(*words: str, folder: Path) -> Cost:
    """Run a command of smstock in a folder, and return what it took."""
    command = [sys.executable, "-m", "smstock", *words, "--workspace", str(folder)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own command
        assert process.stderr is not None
        complaint = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {complaint}")
    unit = 1024**3 if sys.platform == "darwin" else 1024**2
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / unit)
