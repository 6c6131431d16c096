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

    from smstock.evaluate.shares import LeftOut, ShareScore

REPOSITORY: Final = Path(__file__).parents[2]
WAVES: Final = {1: "2017", 5: "2018"}
SURVEYS: Final = 200
"""Surveys drawn of each corridor."""
SIZES: Final = (0, us.FEWEST_PERSONS, 5_000, 20_000)
"""Persons above which corridors are scored."""
SMALL: Final = 20_000
"""Persons of a corridor up to which counting prevails over what methods err by."""
MANY: Final = 200
"""Persons expected of a group above which a residual is near to normal."""


def main(words: Sequence[str]) -> None:
    """Print the scores of every method of shares."""
    del words
    print(f"{machine()}\n")
    print("The worked example, each corridor without its state\n")
    scoreboard.print_lines(score_lines(learnt()))
    for wave, year in WAVES.items():
        print(f"Wave of {year}, corridors of more than {us.FEWEST_PERSONS:,} persons\n")
        scoreboard.print_lines(score_lines(of_wave(wave)))
        print(f"Variance of a count over its mean: {counting(wave):.0f}; by margins of error {margins(wave):.0f}\n")
        scoreboard.print_lines(floor_lines(wave))


def score_lines(scores: Sequence[ShareScore]) -> Iterator[str]:
    """Yield a line a method of a table in Markdown."""
    yield "| method | corridors | error, persons alike | error, corridors alike | 80 % |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for score in scores:
        yield (
            f"| {score.method} | {score.corridors} | {100 * score.error:.2f} | {100 * score.plain_error:.2f} |"
            f" {100 * score.held:.0f} |"
        )


def floor_lines(wave: int) -> Iterator[str]:
    """Yield a line a size of corridors: errors over that of official shares kept, and what counting alone errs by."""
    yield "| corridors of more than | corridors | error, corridors alike | of counting | persons alike | of counting |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    for fewest in SIZES:
        scores = of_wave(wave, fewest)
        yield (
            f"| {fewest:,} | {scores[0].corridors} | {beside_of_wave(wave, fewest):.2f} | {floor(wave, fewest):.2f} |"
            f" {scores[0].error / _kept(scores).error:.2f} | {floor(wave, fewest, plain=False):.2f} |"
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


@cache
def left_out(wave: int) -> LeftOut:
    """Return what methods expect of the corridors of a wave of the public files, each without its state."""
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
    return leave_out(compositions(groups))


def of_wave(wave: int, fewest: float = us.FEWEST_PERSONS) -> tuple[ShareScore, ...]:
    """Return the scores on a wave, of corridors of more persons than these."""
    from dataclasses import replace

    every = left_out(wave)
    large = every.of.total > fewest
    return replace(
        every,
        of=every.of.taken(large),
        expected={name: shares[large] for name, shares in every.expected.items()},
        inside={name: inside[large] for name, inside in every.inside.items()},
    ).scores()


def margins(wave: int) -> float:
    """Return the variance of a count of the survey over its mean as its margins of error have it, median of cells."""
    cells = us.us_cells(shared_folder(), wave)
    return float((cells["error"] ** 2 * cells["stock"]).median())


def counting(wave: int) -> float:
    """Return the variance of a count of the survey over its mean, as counts of neighbouring ages show it.

    What a method errs by is much alike in neighbouring ages, what counting errs by is not: second differences of
    residuals along ages have the latter. The design factors that margins of error are made with are of all persons,
    and say more: with them counting alone would err by more than the official shares kept do.
    """
    import numpy as np

    every = left_out(wave).of
    persons = every.total
    rows = (persons > us.FEWEST_PERSONS) & (persons <= SMALL)
    expected = left_out(wave).expected[of_wave(wave)[0].method][rows] * persons[rows, None]
    residuals = (every.stock[rows] - expected) / np.sqrt(expected)
    squares = []
    for sex in ("female", "male"):
        of_sex = [group[0] == sex for group in every.groups]
        ages, mean = residuals[:, of_sex], expected[:, of_sex]
        least = np.minimum(np.minimum(mean[:, :-2], mean[:, 1:-1]), mean[:, 2:])
        squares.append(((ages[:, :-2] - 2 * ages[:, 1:-1] + ages[:, 2:]) ** 2 / 6)[least > MANY])
    return float(np.concatenate(squares).mean())


def floor(wave: int, fewest: float = us.FEWEST_PERSONS, *, plain: bool = True) -> float:
    """Return the error that a survey's counting alone gives true shares, over that of official shares kept.

    True shares are those that the method of least error expects; counts around them are drawn with the variance of
    `counting`. No method can err less on corridors of more persons than ``fewest`` but by chance.

    Parameters
    ----------
    wave
        A wave of the public files.
    fewest
        Corridors of more persons are scored.
    plain
        Whether every corridor counts alike, instead of every person.
    """
    import numpy as np

    scores = of_wave(wave, fewest)
    every = left_out(wave)
    expected = every.expected[scores[0].method]
    usable = (every.of.total > fewest) & np.isfinite(expected).all(axis=1)
    persons, expected = every.of.total[usable], expected[usable]
    variance, rng = counting(wave), np.random.default_rng(1)
    mean = np.repeat((expected * persons[:, None])[:, :, None], SURVEYS, axis=2)
    counted = rng.gamma(mean / variance, variance)
    errors = np.abs(counted / counted.sum(axis=1, keepdims=True) - expected[:, :, None]).mean(axis=(1, 2))
    score = _kept(scores)
    return float(errors.mean()) / score.plain_error if plain else float(errors @ persons / persons.sum()) / score.error


def beside(rival: str, *, plain: bool = False) -> float:
    """Return the error of the method chosen over that of a rival, in the worked example."""
    errors = {score.method: score.plain_error if plain else score.error for score in learnt()}
    return errors[learnt()[0].method] / errors[rival]


def held() -> float:
    """Return how many groups the 80 % intervals of the method chosen hold, percent."""
    return 100 * learnt()[0].held


def beside_of_wave(wave: int, fewest: float) -> float:
    """Return the error of the method chosen over that of official shares kept, every corridor of a wave alike."""
    scores = of_wave(wave, fewest)
    return scores[0].plain_error / _kept(scores).plain_error


def _kept(scores: Sequence[ShareScore]) -> ShareScore:
    return next(score for score in scores if score.method == "official_shares")
