"""Estimates beyond memory: 10^8 rows written, summed by destination, compared and exported, and what each step costs.

``python -m benchmarks tables [ROWS]``; 10^8 rows need 20 GB of disk, which are free again afterwards. The rows are
made up, under the contract of estimates: 24 months, 27 age groups, three sexes, all corridors between as many countries
as it takes. They are written by what `smstock nowcast` writes with, and read by `smstock estimates`. Each step is a
process of its own; its processor seconds and its peak memory are those that the system counted.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.machine import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

ROWS: Final = 10**8
NAME: Final = "made-up"
WAVES: Final = tuple(f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13))
AGES: Final = tuple(range(0, 135, 5))
SEXES: Final = ("all", "female", "male")
COLUMNS: Final = "wave,destination,origin,sex,age_min,age_max,median,lower_80,upper_80"
"""What a user exports: the keys, the estimate and its 80 % interval."""
STEPS: Final = {
    "summed by destination": ("--by", "destination"),
    "two months compared, exported": ("--compare", WAVES[-13], WAVES[-1], "--export", "{folder}/changes.csv"),
    "exported to CSV": ("--export", "{folder}/rows.csv", "--columns", COLUMNS),
    "exported to Parquet": ("--export", "{folder}/rows.parquet", "--columns", COLUMNS),
}
"""Options of `smstock estimates` by what they do."""


@dataclass(frozen=True)
class Cost:
    """What a step cost: processor seconds, peak memory, and the bytes of the files that it left."""

    processor: float
    gibibytes: float
    written: int


def main(words: list[str]) -> None:
    """Print rows, processor seconds and peak memory of each step."""
    rows = int(float(words[0])) if words else ROWS
    print(machine(), flush=True)
    print(f"\n{_blocks(rows) * len(WAVES) * len(AGES):,} rows\n")
    print("| step | processor s | peak GiB | GB written |\n| --- | ---: | ---: | ---: |")
    for step, cost in costs(rows).items():
        print(f"| {step} | {cost.processor:.1f} | {cost.gibibytes:.2f} | {cost.written / 1e9:.2f} |")


def peak(rows: int = ROWS) -> float:
    """Return the most memory (GiB) that a step held: writing, summing, comparing, exporting."""
    return max(cost.gibibytes for cost in costs(rows).values())


@cache
def costs(rows: int = ROWS) -> dict[str, Cost]:
    """Return what each step costs at a number of rows, at least; a number is measured once."""
    with TemporaryDirectory() as folder:
        code = f"from benchmarks.speed.tables import write; write({folder!r}, {rows})"
        measured = {"written": _cost(["-c", code], Path(folder, "estimates"))}
        for step, options in STEPS.items():
            words = [option.format(folder=folder) for option in options]
            file = next((Path(word) for word in words if word.startswith(folder)), Path(folder, "none"))
            measured[step] = _cost(["-m", "smstock", "estimates", NAME, "--workspace", folder, *words], file)
            file.unlink(missing_ok=True)
    return measured


def write(folder: str, rows: int) -> None:
    """Write the estimates of all months into a workspace, as a nowcast writes them."""
    from smstock import results
    from smstock.folder import Folder
    from smstock.provenance import TABLES, versions

    for number, wave in enumerate(WAVES):
        path = Folder(Path(folder), Path(folder)).estimate(wave, f"{NAME}.manifest.json")
        basis = {
            "concepts": "birth",
            "provider": "undesa",
            "edition": "2024",
            "origin_basis": "lived_in",
            "metric": "mau",
        }
        made = results.Manifest("nowcast", NAME, wave, inputs={}, versions=versions(TABLES), about={"basis": basis})
        results.write(path, made, {f"{NAME}.parquet": results.parquet(parts(rows, wave, number))})


def parts(rows: int, wave: str, number: int) -> Iterator[pd.DataFrame]:
    """Yield the estimates of a month, an age group at a time; each month drifts from a common level at random."""
    import numpy as np
    import pandas as pd

    from smstock.tables import ESTIMATE, LEVELS, check
    from smstock.vocabulary.countries import areas

    codes = np.array([area.iso3 for area in areas()][: _countries(rows)])
    destinations, origins = (end.ravel() for end in np.meshgrid(codes, codes, indexing="ij"))
    abroad = destinations != origins
    cells = pd.DataFrame({"destination": destinations[abroad], "origin": origins[abroad]}).merge(
        pd.DataFrame({"sex": SEXES}), how="cross"
    )
    for age in AGES:
        steady, drift = np.random.default_rng(age), np.random.default_rng([age, number])
        median = np.exp(steady.normal(5, 2, len(cells)) + drift.normal(0, 0.05, len(cells)))
        median[steady.random(len(cells)) < 0.05] = np.nan
        ends = {
            f"{end}_{level}": median * factor**sign
            for level, factor in zip(LEVELS, (1.2, 1.5, 2.0), strict=True)
            for end, sign in (("lower", -1), ("upper", 1))
        }
        part = cells.assign(
            age_min=age,
            age_max=age + 4 if age < AGES[-1] else None,
            reference_date=f"{wave}-15",
            wave=wave,
            median=median,
            **ends,
            regime="stale",
            status="provisional",
            precision=np.where(np.isnan(median), "", "digits"),
            reason="the last official figure is 6 years old, and one of a kind",
            method="hierarchical_update",
            audience=np.round(median / 3, -2),
            audience_status="observed",
            official_last=np.round(median),
            official_last_date="2020-07-01",
            skill_vs_carry_forward=0.25,
            notes="official: foreign-born; audience: lived in",
            calibration_id=f"{NAME}-0123456789ab",
        )
        yield check(part, ESTIMATE, distinct=True)


def _countries(rows: int) -> int:
    """Return how many countries it takes for so many rows."""
    return next(count for count in range(2, 1000) if count * (count - 1) * len(SEXES) * len(AGES) * len(WAVES) >= rows)


def _blocks(rows: int) -> int:
    """Return the rows of an age group of a month."""
    return _countries(rows) * (_countries(rows) - 1) * len(SEXES)


def _cost(arguments: list[str], output: Path) -> Cost:
    """Run Python in a process of its own, and return what it cost and how large its files are."""
    with Popen([sys.executable, *arguments], stdout=sys.stderr) as process:  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments[-1]} ended with {process.returncode}")
    files = [file for file in (output, *output.rglob("*")) if file.is_file()]
    kibibytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(usage.ru_utime + usage.ru_stime, kibibytes / 2**20, sum(file.stat().st_size for file in files))
