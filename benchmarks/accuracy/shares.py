"""Shares by sex and age: the worked example of the US states, as `smstock calibrate` measures it with states left out.

Beside it the same of both waves of the public files (2017 and 2018), on corridors of more than 1,000 persons.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import scoreboard, us
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.platforms.meta.rounding import USERS_FLOOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smstock.evaluate.shares import ShareScore

REPOSITORY: Final = Path(__file__).parents[2]
WAVES: Final = {1: "2017", 5: "2018"}


def main(words: Sequence[str]) -> None:
    """Print the scores of every method of shares."""
    del words
    print(f"{machine()}\n")
    print("The worked example, each corridor without its state\n")
    scoreboard.print_lines(score_lines(learnt()))
    for wave, year in WAVES.items():
        print(f"Wave of {year}, corridors of more than {us.FEWEST_PERSONS:,} persons\n")
        scoreboard.print_lines(score_lines(of_wave(wave)))


def score_lines(scores: Sequence[ShareScore]) -> Iterator[str]:
    """Yield a line a method of a table in Markdown."""
    yield "| method | corridors | error, persons alike | error, corridors alike | 80 % |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for score in scores:
        yield (
            f"| {score.method} | {score.corridors} | {100 * score.error:.2f} | {100 * score.plain_error:.2f} |"
            f" {100 * score.held:.0f} |"
        )


@cache
def learnt() -> tuple[ShareScore, ...]:
    """Return the scores that a calibration of the worked example keeps."""
    from smstock import Workspace

    with TemporaryDirectory() as folder:
        for name in ("queries", "calibration"):
            shutil.copytree(REPOSITORY / name, Path(folder, name))
        workspace = Workspace(folder)
        workspace.collect("us-states", recordings=Path(folder, "queries/recorded/us-states"), wave="2017-01")
        shares = workspace.calibrate("us-states", query="us-states").shares
    assert shares is not None  # the example's stocks are by sex and age
    return shares.scores


def of_wave(wave: int) -> tuple[ShareScore, ...]:
    """Return the scores on a wave of the public files, of corridors of more than 1,000 persons."""
    from dataclasses import replace

    from smstock.evaluate.shares import leave_out
    from smstock.models.shares.compositions import compositions

    cells = us.us_cells(shared_folder(), wave)
    floored = cells["audience"] <= USERS_FLOOR
    groups = cells.assign(
        age_max=cells["age_min"] + 4,
        education="",
        audience=cells["audience"].mask(floored),
        audience_upper=cells["audience"],
        official=float("nan"),
        official_basis="",
    )
    left_out = leave_out(compositions(groups))
    large = left_out.of.total > us.FEWEST_PERSONS
    return replace(
        left_out,
        of=left_out.of.taken(large),
        expected={name: shares[large] for name, shares in left_out.expected.items()},
        inside={name: inside[large] for name, inside in left_out.inside.items()},
    ).scores()


def beside(rival: str, *, plain: bool = False) -> float:
    """Return the error of the method chosen over that of a rival, in the worked example."""
    errors = {score.method: score.plain_error if plain else score.error for score in learnt()}
    return errors[learnt()[0].method] / errors[rival]


def held() -> float:
    """Return how many groups the 80 % intervals of the method chosen hold, percent."""
    return 100 * learnt()[0].held
