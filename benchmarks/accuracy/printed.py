"""Single figures out of what a task of the accuracy benchmark prints."""

from __future__ import annotations

from functools import cache

from benchmarks.accuracy import accuracy
from benchmarks.real_data import shared_folder


def rmsle(task: str, method: str) -> float:
    """Return the RMSLE that a task prints for a method: one scored on the cells that all methods estimate."""
    return float(scores(_text(task))[method]["RMSLE"])


def scores(text: str) -> dict[str, dict[str, str]]:
    r"""Return the first table of methods and scores in a text, by method and heading.

    Examples
    --------
    >>> scores("| method | RMSLE |\n| --- | ---: |\n| trend | 0.149 |\n")
    {'trend': {'method': 'trend', 'RMSLE': '0.149'}}
    """
    blocks = [block.splitlines() for block in text.split("\n\n")]
    lines = next(block for block in blocks if block[0].startswith("| method |") and "| RMSLE |" in block[0])
    header, _, *rows = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines)
    return {row[0]: dict(zip(header, row, strict=False)) for row in rows}


@cache
def _text(task: str) -> str:
    return accuracy.printed(task, shared_folder())
