"""Two processes beside one, on the audiences and stocks of the European Union: ``python -m benchmarks cores``.

The commands are run as a user runs them, with ``--jobs 1`` and ``--jobs 2`` in turn. A word is how many such pairs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import eu, workspace
from benchmarks.real_data import shared_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from smstock.workflows.evidence import Evidence

PAIRS: Final = 3
"""Pairs of runs unless said otherwise."""
COMMANDS: Final[dict[str, tuple[Callable[[Path], AbstractContextManager[Evidence]], tuple[str, ...]]]] = {
    "calibrate": (eu.month, ()),
    # months from a figure to its publication: those of Eurostat, the only ones that are estimated
    "backtest": (eu.years, ("--lag", "15")),
}
"""What is run where, and its options."""


def main(words: list[str]) -> None:
    """Print seconds of both commands with one process and with two."""
    pairs = int(words[0]) if words else PAIRS
    print("| command | 1 process, s | 2 processes, s | times as fast |\n| --- | ---: | ---: | ---: |")
    for command in COMMANDS:
        one, two = seconds(command, pairs)
        print(f"| `smstock {command}` | {median(one):.1f} | {median(two):.1f} | {_ratio(one, two):.2f} |")
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; medians of {pairs} pairs.")


def calibrating() -> float:
    """Return how many times as fast two processes calibrate as one."""
    return _ratio(*seconds("calibrate", PAIRS))


def backtesting() -> float:
    """Return how many times as fast two processes back-test as one."""
    return _ratio(*seconds("backtest", PAIRS))


def seconds(command: str, pairs: int) -> tuple[list[float], list[float]]:
    """Return the wall time of a command in each pair, with one process and with two; both must write the same."""
    written, options = COMMANDS[command]
    with written(shared_folder()) as evidence:
        root = evidence.folder.root
        arguments = [command, str(root / "calibration.toml"), "--query", workspace.QUERY, "--workspace", str(root)]
        laps: tuple[list[float], list[float]] = ([], [])
        outputs = []
        for _ in range(pairs):
            for jobs, lap in enumerate(laps, start=1):
                lap.append(_lap([*arguments, *options, "--jobs", str(jobs)]))
                outputs.append(_outputs(root))
    if any(output != outputs[0] for output in outputs):
        raise AssertionError(f"{command} writes other bytes with two processes than with one")
    return laps


def _lap(arguments: list[str]) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "smstock", *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - words of this module
    return time.perf_counter() - start


def _outputs(root: Path) -> dict[str, bytes]:
    files = [path for folder in ("calibrations", "backtests") for path in (root / folder).glob("*")]
    return {path.name: path.read_bytes() for path in files}


def _ratio(one: list[float], two: list[float]) -> float:
    return median(first / second for first, second in zip(one, two, strict=True))
