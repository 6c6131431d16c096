"""States of the USA that no official figure is known of: a calibration of the others, and what its nowcast gives them.

It is what a user gets who has audiences of all 35 states and the survey of 28 of them: seven are left out in turn, in
five groups. Scored are totals of more than 1,000 persons. The survey asked few of smaller ones, and it is given to the
calibration in two ways: totals of more than 1,000 persons alone, as a statistical office publishes what rests on enough
interviews, and all that the file has, groups of whom nobody was asked included.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import scoreboard, us
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.evaluate.scores import interval_coverage, mdape, rmsle, size_band, total_bias, wmape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

WAVES: Final = {1: "2017", 5: "2018"}
GROUPS: Final = 5
"""Groups of states that are left out in turn."""
FEWEST: Final = 30
"""Fewest totals of a size band whose coverage is told."""
SCORES: Final = {"mdape": mdape, "wmape": wmape, "rmsle": rmsle, "total_bias": total_bias}


def main(words: Sequence[str]) -> None:
    """Print scores and coverage of both waves."""
    del words
    print(f"{machine()}\n")
    scoreboard.print_lines(lines())


def lines() -> Iterator[str]:
    """Yield a line a wave and way to give the survey."""
    yield "| wave | figures given | totals | estimated | MdAPE | wMAPE | RMSLE | bias | 80 % by size of the estimate |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    for wave, year in WAVES.items():
        for every in (False, True):
            table = left_out(wave, every=every)
            of = {name: figure(wave, name, every=every) for name in SCORES}
            held = ", ".join(f"{band}: {share:.0f}" for band, share in bands(wave, every=every).items())
            yield (
                f"| {year} | {'all' if every else 'of more than 1,000'} | {len(table)} | {table['median'].count()} |"
                f" {of['mdape']:.1f} | {of['wmape']:.1f} | {of['rmsle']:.3f} | {of['total_bias']:+.1f} | {held} |"
            )


def figure(wave: int, score: str, *, every: bool = False) -> float:
    """Return a score (`SCORES`) of the estimates of states left out."""
    table = left_out(wave, every=every).dropna(subset="median")
    return float(SCORES[score](table["stock"], table["median"]))


def bands(wave: int, *, every: bool = False) -> dict[str, float]:
    """Return how many stocks the 80 % intervals hold, percent, by size of the estimate."""
    table = left_out(wave, every=every).dropna(subset="median")
    return {
        str(band): float(interval_coverage(rows["stock"], rows["lower_80"], rows["upper_80"]))
        for band, rows in table.groupby(size_band(table["median"]), sort=True)
        if len(rows) >= FEWEST
    }


@cache
def left_out(wave: int, *, every: bool = False) -> pd.DataFrame:
    """Return the estimate of each total of more than 1,000 persons, made without the figures of its state.

    Columns of the estimate table, and ``stock``. Where no cell of a corridor was shown there is no median.

    Parameters
    ----------
    wave
        Wave of the public files.
    every
        Whether all figures are given to the calibration, not those of more than 1,000 persons alone.
    """
    import pandas as pd

    from smstock.workflows.calibration import calibrate
    from smstock.workflows.nowcasting import nowcast

    cells = us.us_cells(shared_folder(), wave)
    survey = us.us_survey(cells)
    large = survey["value"] > us.FEWEST_PERSONS
    states = sorted(survey["destination"].unique())
    parts = []
    for group in range(GROUPS):
        outside = survey["destination"].isin(states[group::GROUPS])
        known = survey[~outside & (large | every)].reset_index(drop=True)
        with us.us_evidence(cells, known) as evidence:
            estimates = nowcast(evidence, calibrate(evidence)).estimates
        scored = survey.loc[outside & large, ["destination", "origin", "value"]].rename(columns={"value": "stock"})
        parts.append(estimates[estimates["sex"] == "all"].merge(scored, on=["destination", "origin"]))
    return pd.concat(parts, ignore_index=True)
