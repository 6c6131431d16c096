"""Draws beside the intervals they stand for, on the worked example, and what a million corridors cost.

Widths are ratios of the drawn to the published width of an interval (logarithms): least, tenth, median, ninetieth,
largest. Where women and men are published as better known than their sum, no draws that add up can have such widths.
``python -m benchmarks draws 4`` draws 10 to the fourth corridors.
"""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_uppercase
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pandas as pd
from benchmarks.machine import machine

from smstock import settings, workflows
from smstock.calibrate.common_error import CommonError
from smstock.folder import Folder
from smstock.models.quantiles import ENDS, MIDDLE, SCORES, knots
from smstock.nowcast.draws import SEXES, chunks
from smstock.nowcast.sums import sums
from smstock.tables import LEVELS

REPOSITORY: Final = Path(__file__).parents[2]
COUNT: Final = 200
COMMON: Final = CommonError(everywhere=0.1, destination=0.3, origin=0.1)


def main(words: list[str]) -> None:
    """Print how close draws come to intervals, and the time and memory of 10 to the power named (6) corridors."""
    print(f"{machine()}\n")
    show_widths(example())
    show_cost(10 ** int(words[0] if words else 6))


def example() -> pd.DataFrame:
    """Return the estimates of the worked example."""
    with TemporaryDirectory() as folder:
        place = Folder(REPOSITORY, Path(folder))
        return workflows.run_month(settings.job(REPOSITORY, "serbia"), place, now=datetime.now(UTC)).nowcast.estimates


def show_widths(estimates: pd.DataFrame) -> None:
    """Print the ratio of drawn to published widths of corridors that have a median."""
    totals = estimates[(estimates["sex"] == "all") & estimates["median"].notna()]
    rows = estimates.merge(totals[["destination", "origin"]]).sort_values(["destination", "origin", "sex"])
    published = knots(rows).reshape(-1, len(SEXES), len(ENDS))
    [part] = chunks(rows, count=1000, seed=1)
    probabilities = [(100 + sign * level) / 200 for sign, level in _ENDS]
    drawn = np.log1p(np.quantile(part.persons, probabilities, axis=2, method="hazen")).transpose(1, 2, 0)
    share = np.expm1(published[:, 1, MIDDLE]) / np.expm1(published[:, 0, MIDDLE])
    total, women, men = (published[:, :, -2] - published[:, :, 1]).T
    possible = share * women**2 + (1 - share) * men**2 >= total**2
    print(f"{len(published)} corridors; women and men can have their 80 % widths in {possible.sum()} of them\n")
    print("| corridors | sex | level | drawn width / published: least, 10 %, median, 90 %, largest |")
    print("| --- | --- | ---: | --- |")
    for name, chosen in (("possible", possible), ("impossible", ~possible)):
        for place, sex in enumerate(SEXES):
            for step, level in enumerate(LEVELS, start=1):
                ends = MIDDLE - step, MIDDLE + step
                width = [np.subtract(*of[chosen, place][:, ends[::-1]].T) for of in (drawn, published)]
                ratios = np.quantile(width[0] / width[1], [0, 0.1, 0.5, 0.9, 1])
                print(f"| {name} | {sex} | {level} % | {', '.join(f'{ratio:.2f}' for ratio in ratios)} |")
    off = np.abs(drawn - published)[:, 1:, MIDDLE]
    print(f"\nmedians of women and men are off by {100 * np.median(off):.1f} %, at most {100 * off.max():.1f} %\n")


_ENDS: Final = (*((-1, level) for level in reversed(LEVELS)), (0, 0), *((1, level) for level in LEVELS))


def show_cost(corridors: int) -> None:
    """Print seconds and memory of the draws of many corridors, and of their sums."""
    table = _many(corridors)
    started, before = time.process_time(), _peak()
    for _ in chunks(table, count=COUNT, seed=1, common=COMMON):
        pass
    print(
        f"{COUNT} draws of {corridors:,} corridors and both sexes: {time.process_time() - started:.0f} CPU seconds, ",
        end="",
    )
    print(f"{_peak() - before:.0f} MiB beside the table")
    started = time.process_time()
    summed = sums(table, common=COMMON, count=COUNT)
    print(
        f"draws and {len(summed) // 6:,} sums: {time.process_time() - started:.0f} CPU seconds, ",
        end="",
    )
    print(f"{_peak() - before:.0f} MiB beside the table")


def _many(corridors: int) -> pd.DataFrame:
    """Return as many made-up corridors, a square of destinations and origins."""
    side = int(corridors**0.5)
    names = [f"{a}{b}{c}" for a in ascii_uppercase for b in ascii_uppercase for c in ascii_uppercase][:side]
    median = np.exp(np.random.default_rng(1).normal(8, 2, side * side))
    parts = [
        pd.DataFrame(
            {end: share * median * np.exp(0.5 * score) for end, score in zip(ENDS, SCORES, strict=True)}
        ).assign(destination=np.repeat(names, side), origin=np.tile(names, side), sex=sex)
        for sex, share in (("all", 1.0), ("female", 0.5), ("male", 0.5))
    ]
    table = pd.concat(parts, ignore_index=True).assign(age_min=0, reference_date="2020-10-15")
    return table.assign(age_max=pd.Series(None, index=table.index, dtype="Int64"))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
