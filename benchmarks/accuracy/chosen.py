"""What a calibration would publish of destinations left out: scores of its choice, and what its intervals hold.

In the tasks of `benchmarks.accuracy.accuracy` that leave destinations out, each destination is estimated by what the
calibration chooses on the others (`smstock.evaluate.crossvalidate`), with the intervals that it learns there. Registers
are nowcasts of past dates (`benchmarks.accuracy.registers`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import eu, registers, scoreboard, serbia, us, world
from benchmarks.accuracy.accuracy import ALONE
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.held_out import CHOSEN
from smstock.evaluate.scores import interval_coverage, mdape, rmsle, size_band, total_bias, wmape
from smstock.models.methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.models.base import Method

FEWEST: Final = 30
"""Fewest cells of a size band whose coverage is told."""
TASKS: Final[dict[str, Callable[[Path], pd.DataFrame]]] = {
    "E3": lambda shared: _left_out(eu.eu(shared, census=False), ALONE),
    "E4": lambda shared: _left_out(eu.eu(shared, census=True), METHODS),
    "G1": lambda shared: _left_out(world.world(shared), world.ALONE),
    "G2": lambda shared: _left_out(world.world(shared), world.EVERY),
    "S1": lambda _: _left_out(serbia.serbia(), METHODS),
    "US1": lambda shared: _left_out(us.us_totals(us.us_cells(shared, 1)), us.TOTALS),
}
"""The estimates of each task, of all methods and of the choice among them."""


def main(words: Sequence[str]) -> None:
    """Print scores and coverage by size of the estimate of each task, or of those named."""
    print(f"{machine()}\n")
    for name in TASKS:
        if not words or name in words:
            scoreboard.print_lines(lines(name))
    if not words:
        scoreboard.print_lines(band_lines())


def lines(task: str) -> Iterator[str]:
    """Yield the scores of a task in a table of one line."""
    yield "| task | cells | MdAPE | wMAPE | RMSLE | total bias | 80 % |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    cells = estimates(task)
    held = interval_coverage(cells["stock"], cells["lower_80"], cells["upper_80"])
    of = {name: figure(task, name) for name in SCORES}
    yield (
        f"| {task} | {len(cells):,} | {of['mdape']:.1f} | {of['wmape']:.1f} | {of['rmsle']:.3f} |"
        f" {of['total_bias']:+.1f} | {held:.0f} |"
    )


SCORES: Final = {"mdape": mdape, "wmape": wmape, "rmsle": rmsle, "total_bias": total_bias}


def figure(task: str, score: str) -> float:
    """Return a score (`SCORES`) of the choice in a task."""
    cells = estimates(task)
    return float(SCORES[score](cells["stock"], cells["estimate"]))


@cache
def estimates(task: str) -> pd.DataFrame:
    """Return what the choice of the calibration made of each total, with intervals, beside the stock."""
    held_out = TASKS[task](shared_folder())
    cells = held_out[(held_out["method"] == CHOSEN) & (held_out["sex"] == "all")]
    return cells.astype({"estimate": "float64", "stock": "float64"}).reset_index(drop=True)


def _left_out(corridors: pd.DataFrame, methods: Sequence[type[Method]]) -> pd.DataFrame:
    import numpy as np

    if not any("official_last" in method.needs for method in methods):
        corridors = corridors.assign(official_last=float("nan"))
    return cross_validate(corridors, methods, np.random.default_rng(1))


def bands(*tasks: str) -> pd.DataFrame:
    """Return how much the 80 % intervals hold by task and size band of the estimate: task, band, cells, coverage (%).

    Of all tasks and of registers, unless tasks are named. Bands of fewer than `FEWEST` cells are left out.
    """
    import pandas as pd

    tables = {task: estimates(task) for task in tasks or TASKS}
    if not tasks:
        continued = registers.continuations(eu.evidence(shared_folder()))
        tables |= {f"registers, {ahead} y": table for ahead, table in continued.groupby("ahead")}
    rows = []
    for task, table in tables.items():
        name = "estimate" if "estimate" in table else "median"
        known = table[table["upper_80"].notna()]
        for band, cells in known.groupby(size_band(known[name]), sort=False):
            if len(cells) >= FEWEST:
                held = interval_coverage(cells["stock"], cells["lower_80"], cells["upper_80"])
                rows.append((task, str(band), len(cells), float(held)))
    return pd.DataFrame(rows, columns=["task", "band", "cells", "coverage"])


def band_lines() -> Iterator[str]:
    """Yield coverage by task and size band of the estimate."""
    yield "| task | size of the estimate | cells | 80 % |"
    yield "| --- | --- | ---: | ---: |"
    for row in bands().to_dict("records"):
        yield f"| {row['task']} | {row['band']} | {row['cells']:,} | {row['coverage']:.0f} |"
