"""How long the model over time takes: a fit of the European panel, and nowcasts of ten thousand to ten million cells.

The fit has four sources (Eurostat, census, Labour Force Survey, audiences) and learns all parameters with their
uncertainty. A nowcast filters nine yearly figures and three audiences of each cell at four parameter points and gives
its median and standard deviation. Up to a million cells are one panel; ten million (``python -m
benchmarks speed 7``) are ten of them, each made up, estimated and let go. Making them up is not counted.
"""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from benchmarks.accuracy import eu
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.models.fusion.fit import fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.method import long_tables
from smstock.models.fusion.panel import Measurement, Panel, panel

if TYPE_CHECKING:
    from smstock.models.fusion.fit import Fit

TARGET: Final = "2019-06-15"
LARGEST: Final = 1_000_000
"""Most cells of one panel."""


def main(words: list[str]) -> None:
    """Print the seconds of a fit, and of nowcasts by number of cells up to 10 to the power named (6)."""
    largest = int(words[0]) if words else 6
    print(f"{machine()}\n")
    fitted = show_fit()
    print("| cells | seconds | CPU seconds | CPU microseconds a cell | peak memory of the process, MiB |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for power in range(4, largest + 1):
        cells = 10**power
        seconds, used = measured(fitted, cells)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {cells:,} | {seconds:.1f} | {used:.1f} | {used / cells * 1e6:.1f} | {peak:,.0f} |", flush=True)


def show_fit() -> Fit:
    """Fit the European panel, print what it took, and return the fit."""
    known = eu.evidence(shared_folder())
    figures, answers = long_tables(known.official if known.figures is None else known.figures, known.audiences)
    start, cpu = time.perf_counter(), time.process_time()
    made = panel(figures, answers, main="eurostat", dates=[TARGET])
    fitted = fit(made)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"Fit: {len(made.corridors)} corridors, {len(made.dates)} dates, {len(made.measurements)} measurements of "
        f"{', '.join([made.main, *made.sources, *made.metrics])}: {seconds:.1f} s, {used:.1f} CPU seconds\n"
    )
    return fitted


def measured(fitted: Fit, cells: int) -> tuple[float, float]:
    """Return the seconds and the CPU seconds of nowcasts of so many cells, panel after panel."""
    rng = np.random.default_rng(1)
    seconds = used = 0.0
    for start in range(0, cells, LARGEST):
        made = made_up(fitted, min(LARGEST, cells - start), rng)
        clock, cpu = time.perf_counter(), time.process_time()
        table = stocks_at(made, fitted, TARGET)
        seconds, used = seconds + time.perf_counter() - clock, used + time.process_time() - cpu
        assert len(table) == len(made.corridors)
        assert bool((table["sd"] > 0).all())
    return seconds, used


def made_up(fitted: Fit, cells: int, rng: np.random.Generator) -> Panel:
    """Return a panel of made-up cells: nine yearly figures and three audiences each."""
    days = [*(f"{year}-01-01" for year in range(2010, 2019)), "2018-05-15", "2018-11-15", "2019-05-15", TARGET]
    destination = rng.integers(0, len(fitted.destinations), cells)
    origin = rng.integers(0, len(fitted.origins), cells)
    level, nothing = rng.uniform(3, 12, cells), np.zeros(cells)
    measurements = []
    for place in range(len(days) - 1):
        level = level + rng.normal(0.03, 0.02, cells)
        kind, name = ("main", fitted.main) if place < 9 else ("audience", "mau")
        measurements.append(Measurement(place, kind, name, level + (kind == "audience"), nothing, nothing))  # type: ignore[arg-type]
    names = [np.array(labels)[code] for labels, code in ((fitted.destinations, destination), (fitted.origins, origin))]
    return Panel(
        pd.MultiIndex.from_arrays(names, names=["destination", "origin"]),
        tuple(days),
        fitted.destinations,
        fitted.origins,
        destination,
        origin,
        np.exp(level),
        tuple(measurements),
        fitted.main,
        (),
        ("mau",),
    )
