"""Coverage of sums over the corridors of a destination, with errors taken as independent and as learnt.

E3, E4 and G1 leave destinations out, as in the accuracy benchmark; the shares of common error that a destination's sum
is made with are learnt from the other destinations. E1 is one year ahead, the shares learnt from the errors of earlier
years. The sum is over the corridors that are scored, and the truth that of the same corridors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import eu, world
from benchmarks.accuracy.scoreboard import print_lines
from benchmarks.real_data import shared_folder

from smstock.calibrate.common_error import CommonError, learn
from smstock.evaluate.backtest import backtest
from smstock.evaluate.crossvalidate import cross_validate
from smstock.models.baselines import CarryForward
from smstock.models.hierarchical import Hierarchical, HierarchicalGravity, HierarchicalUpdate
from smstock.models.loglinear import LogLinear, LogRatio
from smstock.models.quantiles import normal_scores
from smstock.models.trend import DampedTrend
from smstock.nowcast.draws import SEXES, chunks
from smstock.nowcast.sums import COUNT, SEED, sums
from smstock.tables import LEVELS
from smstock.tables.sums import WITH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from smstock.models.base import Method

YEARS: Final = range(2015, 2019)
"""Target years of E1 whose sums are scored; 2014 is there for its errors."""
HEADER: Final = (
    "| task | method | sums | errors | 50 % | 80 % | 95 % | ratio of the 80 % ends, median |\n"
    "| --- | --- | ---: | --- | ---: | ---: | ---: | ---: |"
)
CENTRES: Final = {"sum_of_medians": "sum of medians", "median": "median of the sum", "mean": "mean of the sum"}


def main(words: list[str]) -> None:
    """Print coverage and accuracy of sums by destination; ``python -m benchmarks sums E3`` prints one task."""
    shared = shared_folder()
    lines, centres = (
        [HEADER],
        ["| task | method | centre | MdAPE | RMSLE | total bias |", "| --- | --- | --- | ---: | ---: | ---: |"],
    )
    for task, made in TASKS.items():
        if words and task not in words:
            continue
        for method, cells in made(shared).groupby("method", sort=False):
            both = {name: scored(cells, learnt=name == "learnt") for name in ("independent", "learnt")}
            lines += [line(task, str(method), name, of) for name, of in both.items()]
            centres += centre_lines(task, str(method), both["learnt"])
    print_lines(lines)
    print_lines(centres)


def scored(cells: pd.DataFrame, *, learnt: bool) -> pd.DataFrame:
    """Return the sum of each destination and target date beside the official one."""
    import pandas as pd

    scores = normal_scores(cells, cells["stock"].to_numpy(dtype=float))
    parts = []
    for (date, destination), part in cells[cells["scored"]].groupby(["reference_date", "destination"]):
        common = _learnt(cells, scores, str(date), str(destination)) if learnt else CommonError()
        of = sums(part, ["destination"], common=common).query(f"indicative == '{WITH}'")
        drawn = chunks(part, count=COUNT, seed=SEED, common=common)
        mean = sum(some.persons[:, SEXES.index("all")].mean(axis=1).sum() for some in drawn)
        parts.append(of.assign(stock=part["stock"].sum(), mean=mean, shared=common.everywhere + common.destination))
    return pd.concat(parts, ignore_index=True)


def _learnt(cells: pd.DataFrame, scores: np.ndarray, date: str, destination: str) -> CommonError:
    """Learn from earlier dates where there are some, else from the other destinations."""
    earlier = cells["reference_date"] < date
    teaching = earlier if earlier.any() else cells["destination"] != destination
    part = cells[teaching]
    ends = (part[end] + " " + part["reference_date"] for end in ("destination", "origin"))
    return learn(scores[teaching.to_numpy()], *ends)


def line(task: str, method: str, errors: str, scored_sums: pd.DataFrame) -> str:
    """Return the coverage and width of the intervals as a row."""
    import numpy as np

    held = [
        f"{100 * scored_sums['stock'].between(scored_sums[f'lower_{level}'], scored_sums[f'upper_{level}']).mean():.0f}"
        for level in LEVELS
    ]
    ratio = float(np.median(scored_sums["upper_80"] / scored_sums["lower_80"]))
    in_common = errors if errors == "independent" else f"{errors}: {scored_sums['shared'].median():.2f} in common"
    return f"| {task} | {method} | {len(scored_sums)} | {in_common} | {' | '.join(held)} | {ratio:.2f} |"


def centre_lines(task: str, method: str, scored_sums: pd.DataFrame) -> list[str]:
    """Return the errors of three central values of a sum, a row each."""
    import numpy as np

    lines = []
    for column, name in CENTRES.items():
        ratio = scored_sums[column] / scored_sums["stock"]
        mdape, rmsle = 100 * (ratio - 1).abs().median(), float(np.sqrt((np.log(ratio) ** 2).mean()))
        bias = 100 * (scored_sums[column].sum() / scored_sums["stock"].sum() - 1)
        lines.append(f"| {task} | {method} | {name} | {mdape:.1f} | {rmsle:.3f} | {bias:+.1f} |")
    return lines


def _left_out(corridors: pd.DataFrame, methods: list[type[Method]]) -> pd.DataFrame:
    import numpy as np

    return _as_estimates(
        cross_validate(corridors, methods, np.random.default_rng(1)), [method.name for method in methods]
    )


def _as_estimates(table: pd.DataFrame, methods: list[str]) -> pd.DataFrame:
    """Return the totals of the methods named as rows of an estimate table, with their stock."""
    table = table[(table["sex"] == "all") & table["method"].isin(methods) & table["lower_95"].notna()]
    table = table.rename(columns={"estimate": "median", "target_date": "reference_date"})
    table = table.assign(age_min=15, age_max=64, scored=True).reset_index(drop=True)
    return table if "reference_date" in table else table.assign(reference_date="2018-01-01")


def _without_figures(corridors: pd.DataFrame) -> pd.DataFrame:
    return corridors.assign(official_last=float("nan"))


def _year_ahead(shared: Path) -> pd.DataFrame:
    targets = [f"{year}-01-01" for year in range(2012, YEARS.stop)]
    methods: list[type[Method]] = [CarryForward, DampedTrend]
    tested = backtest(eu.evidence(shared), methods, targets=targets, months_after=6).table
    table = _as_estimates(tested, [method.name for method in methods])
    table = table[table["reference_date"] >= f"{YEARS.start - 1}-01-01"].reset_index(drop=True)
    return table.assign(scored=table["reference_date"] >= f"{YEARS.start}-01-01")


def _last_year(shared: Path) -> pd.DataFrame:
    table = _year_ahead(shared)
    return table.assign(scored=table["reference_date"] == f"{YEARS.stop - 1}-01-01")


TASKS: Final[dict[str, Callable[[Path], pd.DataFrame]]] = {
    "E1": _last_year,
    "E1, 2015 to 2018": _year_ahead,
    "E3": lambda shared: _left_out(_without_figures(eu.eu(shared, census=False)), [LogLinear, Hierarchical]),
    "E4": lambda shared: _left_out(eu.eu(shared, census=True), [LogRatio, HierarchicalUpdate]),
    "G1": lambda shared: _left_out(_without_figures(world.world(shared)), [HierarchicalGravity]),
}
"""What methods say of the corridors of each task, with intervals that have not seen them, given the real data."""
