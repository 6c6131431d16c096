"""CPU seconds of commands that are typed again and again: an unchanged month, plan, status, one corridor explained.

Each command runs in a process of its own, as a user types it; user and system time of the process are added up. What is
compared runs by turns, and the least of its runs counts, as a busy machine only adds to it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY: Final = Path(__file__).parents[2]
TURNS: Final = 5
STOCK: Final = "migr_pop1ctz_citizen_total_geo_2015_2024_labels.csv.gz"
"""Eurostat's citizens by citizenship and country: 5,859 corridors, of which 25 are asked."""
SIDECAR: Final = """
producer = "Eurostat"
title = "Population on 1 January by citizenship"
edition = "2025-03-13"
citation = "Eurostat, migr_pop1ctz"
licence = "CC BY 4.0"
retrieved = "2025-03-13"
dataset = "migr_pop1ctz"
sex = "all"
ages = "0+"
"""
CALIBRATION: Final = f"""
name = "citizens"
stock = "{STOCK}"
provider = "eurostat"
edition = "2025-03-13"
concepts = ["citizenship"]
target_date = "2023-01-01"
known_until = "2022-01-01"
"""
RECORDINGS: Final = "queries/recorded/serbia-diaspora"
EXPLAINED: Final = "ITA:DEU"
ASKED: Final = ("ROU", "POL", "ITA", "DEU", "SYR")
"""Origins of the 25 corridors."""


def seconds(*words: str | Path) -> float:
    """Return the CPU seconds of a command; its output is not looked at."""
    typed = "import sys; from smstock.cli import main; sys.exit(main())"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "PYTHONPATH": str(REPOSITORY / "src")}
    # an installed command finds its modules compiled
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", typed, *map(str, words)]
    subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@cache
def typed_again() -> dict[str, float]:
    """Return the CPU seconds of `--help`, and of what is typed again after a month that is made, by name."""
    with TemporaryDirectory() as output:
        month = ("run", "serbia", "--output", output)
        first = seconds(*month)
        commands: dict[str, tuple[str, ...]] = {
            "help": ("--help",),
            "plan": ("plan", "serbia-diaspora"),
            "plan_after": ("plan", "serbia-diaspora", "--output", output),
            "collect": ("collect", "serbia-diaspora", "--replay", RECORDINGS, "--output", output),
            "status": ("status", "serbia-diaspora", "--output", output),
            "again": month,
        }
        turns = [{name: seconds(*words) for name, words in commands.items()} for _ in range(TURNS)]
    return {"first": first} | {name: min(turn[name] for turn in turns) for name in commands}


def unchanged() -> float:
    """Return the CPU of an unchanged month over that of `smstock --help`."""
    taken = typed_again()
    return taken["again"] / taken["help"]


def plan() -> float:
    """Return the CPU of `smstock plan` over that of `smstock --help`."""
    taken = typed_again()
    return taken["plan"] / taken["help"]


def plan_after_a_wave() -> float:
    """Return the CPU of `smstock plan`, where a wave lies that its calls are predicted from, over that of `--help`."""
    taken = typed_again()
    return taken["plan_after"] / taken["help"]


def collected_again() -> float:
    """Return the CPU of `smstock collect` of a wave that is collected, over that of `smstock --help`."""
    taken = typed_again()
    return taken["collect"] / taken["help"]


def status() -> float:
    """Return the CPU of `smstock status` over that of `smstock --help`."""
    taken = typed_again()
    return taken["status"] / taken["help"]


@cache
def explaining(shared: Path) -> dict[str, float]:
    """Return the CPU seconds of the nowcast of 25 corridors and of one of them explained, both with a calibration."""
    with _citizens(shared) as root:
        nowcast = ("nowcast", "citizens", "--query", "asked", "--workspace", root)
        commands = {"nowcast": nowcast, "explain": (*nowcast, "--explain", EXPLAINED)}
        made = seconds(*nowcast)
        turns = [{name: seconds(*words) for name, words in commands.items()} for _ in range(3)]
    return {"calibrated": made} | {name: min(turn[name] for turn in turns) for name in commands}


def explained(shared: Path) -> float:
    """Return the CPU of `--explain` of one corridor of 25 over that of the nowcast of the 25."""
    taken = explaining(shared)
    return taken["explain"] / taken["nowcast"]


@contextmanager
def _citizens(shared: Path) -> Iterator[Path]:
    """Write a workspace that asks 25 corridors of a large file: audiences are 30 % of the figures of 2023."""
    from benchmarks.accuracy import workspace

    from smstock import read_official
    from smstock.tables import AUDIENCE, check

    with TemporaryDirectory() as name:
        root = Path(name)
        folder = root / "calibration"
        folder.mkdir()
        (folder / STOCK).write_bytes((shared / "official/eurostat" / STOCK).read_bytes())
        (folder / f"{STOCK}.origin.toml").write_text(SIDECAR, encoding="utf-8")
        (folder / "citizens.toml").write_text(CALIBRATION, encoding="utf-8")
        table = read_official(folder / STOCK)["stock"]
        rows = table[(table["reference_date"] == "2023-01-01") & (table["value"] > 10_000)]
        rows = rows[rows["origin"].isin(ASKED)].head(25).reset_index(drop=True)
        cells = rows[["destination", "origin"]].assign(wave="2024-06", age_min=18, age_max=None)
        accounts = (0.3 * rows["value"]).round(-3)
        path = root / "waves/2024-06/asked.audience.parquet"
        path.parent.mkdir(parents=True)
        check(workspace.answers(cells, accounts, 0.7 * accounts, 1000), AUDIENCE).to_parquet(path, index=False)
        yield root


def main(words: list[str]) -> None:
    """Print the table."""
    del words
    from benchmarks.real_data import shared_folder

    taken, corridor = typed_again(), explaining(shared_folder())
    print("| command | CPU s | held against | ratio |\n| --- | --- | --- | --- |")
    print(f"| `smstock --help` | {taken['help']:.2f} | | |")
    commands = {
        "again": "run serbia`, unchanged",
        "plan": "plan`",
        "plan_after": "plan` after a wave",
        "status": "status`",
        "collect": "collect` of a collected wave",
    }
    for name, command in commands.items():
        print(f"| `smstock {command} | {taken[name]:.2f} | `--help` | {taken[name] / taken['help']:.1f} |")
    against = f"nowcast of 25, {corridor['nowcast']:.2f}"
    print(f"| `--explain` of one | {corridor['explain']:.2f} | {against} | {explained(shared_folder()):.2f} |")
    print(f"| `smstock run serbia`, first | {taken['first']:.2f} | | |")
