"""Waves split at random between two offices and merged: the cells in which the table differs from one collector's.

A wave of the recordings in the repository, and one that the sandbox answers over HTTP. Each is collected once. Its
answers are dealt out at random, some to both offices; each office replays its part in a folder of its own, and the
second journal is merged into the first. All of it by the commands that a person types.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pandas as pd
from benchmarks.speed.overhead import sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY: Final = Path(__file__).parents[2]
BOTH: Final = 0.1
"""Share of the answers that both offices have."""
QUERY: Final = """name = "simulated"
platform = "meta"
origins = ["ROU", "POL", "SRB"]
destinations = ["DEU", "AUT", "ITA", "FRA", "ESP", "SWE", "NLD"]
ages = "18+"
age_groups = ["18-24", "25-34", "35-44", "45-54", "55+"]
breakdowns = [["sex", "age"]]
"""


def main(words: list[str]) -> None:
    """Print the cells that differ, of each wave, over some splits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks merge")
    parser.add_argument("--splits", type=int, default=5, help="of each wave")
    splits = parser.parse_args(words).splits
    print("| wave | splits | cells of each | cells that differ | s |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, differing in (("recorded", recorded_differing), ("sandbox", sandbox_differing)):
        began = time.perf_counter()
        cells, different = differing(splits)
        print(f"| {name} | {splits} | {cells:,} | {different:,} | {time.perf_counter() - began:.0f} |", flush=True)


def differing_cells(splits: int = 2) -> int:
    """Return the cells that differ between merged tables and those of one collector, of both waves."""
    return recorded_differing(splits)[1] + sandbox_differing(splits)[1]


def recorded_differing(splits: int) -> tuple[int, int]:
    """Return the cells of the recorded wave, and those that differ, all splits together."""
    with TemporaryDirectory() as place:
        query, recordings = REPOSITORY / "queries/serbia-diaspora.toml", REPOSITORY / "queries/recorded/serbia-diaspora"
        return _differing(query, recordings, Path(place), splits)


def sandbox_differing(splits: int) -> tuple[int, int]:
    """Return the cells of a wave that the sandbox answers, and those that differ, all splits together."""
    with TemporaryDirectory() as place, sandbox() as settings:
        query = Path(place, "simulated.toml")
        query.write_text(QUERY)
        output = Path(place, "live")
        smstock("collect", query, "--output", output, settings=settings)
        smstock("export", "simulated", Path(place, "recordings"), "--output", output)
        return _differing(query, Path(place, "recordings"), Path(place), splits)


def _differing(query: Path, recordings: Path, place: Path, splits: int) -> tuple[int, int]:
    """Return the cells of a wave, and those that differ from one collector's, over some splits of its answers."""
    (one,) = (Path(line) for line in smstock("collect", query, "--replay", recordings, "--output", place / "one"))
    right, different = pd.read_parquet(one), 0
    for seed in range(splits):
        offices = deal(recordings, place / str(seed), Random(seed))  # noqa: S311
        for office in offices:
            collect = ("collect", query, "--replay", office / "recordings", "--wave", one.parent.name)
            smstock(*collect, "--output", office)
        journal = next(offices[1].glob("waves/*/*.journal.sqlite"))
        (table,) = smstock("collect", query, "--merge", journal, "--output", offices[0])
        merged = pd.read_parquet(table)
        same = (merged == right) | (merged.isna() & right.isna()) if len(merged) == len(right) else None
        different += len(right) if same is None else int((~same.all(axis=1)).sum())
    return len(right) // right["metric"].nunique(), different


def deal(recordings: Path, place: Path, random: Random) -> list[Path]:
    """Deal the lines of recordings out to two offices, some to both; return the folders of the offices."""
    offices = [place / name for name in ("one", "other")]
    for office in offices:
        shutil.copytree(recordings, office / "recordings")
    for path in recordings.iterdir():
        if path.suffix not in (".csv", ".gz"):
            continue
        text = (gzip.open if path.suffix == ".gz" else open)(path, "rt", newline="")
        with text as file:
            head, rows = ([next(file)], list(file)) if path.suffix == ".csv" else ([], list(file))
        drawn = [random.random() for _ in rows]
        for place_of, office in enumerate(offices):
            few = [
                row
                for row, draw in zip(rows, drawn, strict=True)
                if (draw < (1 + BOTH) / 2, draw > (1 - BOTH) / 2)[place_of]
            ]
            content = "".join([*head, *few]).encode()
            (office / "recordings" / path.name).write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return offices


def smstock(*words: str | Path, settings: Mapping[str, str] | None = None) -> list[str]:
    """Run a command in a process of its own, and return the lines that it prints."""
    command = [sys.executable, "-m", "smstock", *map(str, words)]
    environment = {**os.environ, **(settings or {})}
    ended = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return ended.stdout.splitlines()
