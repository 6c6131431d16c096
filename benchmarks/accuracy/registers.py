"""Registers: which method continues yearly official series best from figures one, two and three years old.

Eurostat's corridors of the European Union up to 2018, and Serbian citizens abroad up to 2020 (the worked example): the
choice that `smstock calibrate` makes, with the scores it was made on. Then what its intervals hold: European registers
of 2014 to 2018, one and two years after the last figure that choice, widths and estimates have seen.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import eu
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.calibrate.calibration import Calibration
from smstock.calibrate.register_choice import learn_registers
from smstock.corridors.table import corridors
from smstock.evaluate.archive import Archive
from smstock.evaluate.scores import interval_coverage, mdape, rmsle, wmape
from smstock.models.conformal import band
from smstock.nowcast.estimate import estimate
from smstock.query import spec as query_spec
from smstock.vocabulary.sizes import BANDS
from smstock.workflows import calibration_spec
from smstock.workflows.inputs import chosen_stock, read_stocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from smstock.calibrate.register import Register

REPOSITORY: Final = Path(__file__).parents[2]
YEARS: Final = range(2014, 2019)
"""Years whose registers are estimated."""
AHEAD: Final = (1, 2)
"""Years since the last figure."""


def main(words: Sequence[str]) -> None:
    """Print the scores of every method by the age of the last figure, and what was chosen."""
    del words
    print(f"{machine()}\n")
    european = eu.evidence(shared_folder())
    spec = calibration_spec.load(REPOSITORY / "calibration/serbia-citizens.toml")
    asked = query_spec.load(REPOSITORY / "queries/serbia-diaspora.toml").destinations
    stock = chosen_stock(read_stocks(spec), spec, until=spec.target_date)
    stock = stock[stock["destination"].isin(asked)]
    serbian = Archive(official=stock, audiences=european.audiences.iloc[:0])
    for title, evidence, date in (
        ("Eurostat, by birth, ages 15 to 64, up to 2018", european, eu.LAST),
        ("Serbian citizens abroad, up to 2020", serbian, spec.target_date),
    ):
        print(f"### {title}\n")
        for line in lines(learn_registers(evidence, date)):
            print(line)
        print()
    print("### What the intervals hold: Eurostat, learnt and continued from figures one and two years old\n")
    for line in coverage_lines(continuations(european)):
        print(line)


def continuations(known: Archive, *, aheads: Sequence[int] = AHEAD) -> pd.DataFrame:
    """Return the registers of each year as a nowcast continues them, with intervals, beside the figure that came out.

    Choice of the method, intervals and estimates have seen no figure younger than ``ahead`` years.
    """
    import pandas as pd

    own = known.own
    tables = []
    for last in range(YEARS[0] - max(aheads), YEARS[-1]):
        published = own[own["reference_date"] <= f"{last}-01-01"]
        tested = [ahead for ahead in aheads if last + ahead in YEARS]
        learnt = learn_registers(
            replace(known, official=own), f"{last}-01-01", horizons=range(1, max(tested, default=0) + 1)
        )
        for ahead in tested:
            date = f"{last + ahead}-01-01"
            table = continued(replace(known, official=published), learnt, date)
            for name, day in (("stock", date), ("last", f"{last}-01-01")):
                figures = own.loc[own["reference_date"] == day, ["destination", "origin", "value"]]
                table = table.merge(figures.rename(columns={"value": name}), on=["destination", "origin"])
            tables.append(table.assign(ahead=ahead))
    return pd.concat(tables, ignore_index=True).astype({"median": "float64"})


def continued(series: Archive, registers: tuple[Register, ...], date: str) -> pd.DataFrame:
    """Return the estimate table of the registers of a date, by a calibration that has learnt nothing else."""
    calibration = Calibration(
        name="registers", query="registers", wave=date[:7], provider="eurostat", edition="as copied",
        concepts=("birth",), target_date=date, inputs={}, versions={}, seed=1, registers=registers,
    )  # fmt: skip
    asked = corridors(
        series.audiences.iloc[:0],
        series.official,
        target_date=date,
        known_until=date,
        benchmark=False,
        with_unasked=True,
    )
    before = replace(series, audiences=series.audiences_at(date))
    table = estimate(asked, calibration, before, wave=date[:7], date=date, stock=series.official)
    return table[(table["sex"] == "all") & table["median"].notna()].reset_index(drop=True)


def coverage_lines(table: pd.DataFrame) -> Iterable[str]:
    """Return scores and coverage by year and age of the last figure, and those of all years."""
    yield (
        "| years | estimated | cells | method | MdAPE / wMAPE / RMSLE | carry forward | 50 % | 80 % | 95 %"
        f" | 80 %: {' | '.join(BANDS)} |"
    )
    yield "| ---: | --- | ---: | --- | --- | --- | ---: | ---: | ---: |" + " ---: |" * len(BANDS)
    for ahead, of_age in table.groupby("ahead"):
        for year, rows in (*of_age.groupby(of_age["reference_date"].str[:4]), ("all", of_age)):
            scores = " | ".join(
                f"{mdape(rows['stock'], rows[name]):.1f} / {wmape(rows['stock'], rows[name]):.2f} /"
                f" {rmsle(rows['stock'], rows[name]):.3f}"
                for name in ("median", "last")
            )
            held = " | ".join(f"{coverage(rows, level):.0f}" for level in (50, 80, 95))
            sizes = band(rows["median"].to_numpy(dtype=float))
            of_size = [(rows[sizes == name], (sizes == name).sum()) for name in BANDS]
            by_size = " | ".join(f"{coverage(cells, 80):.0f} ({count})" for cells, count in of_size)
            methods = ", ".join(sorted(rows["method"].unique()))
            yield f"| {ahead} | {year} | {len(rows):,} | {methods} | {scores} | {held} | {by_size} |"


def coverage(rows: pd.DataFrame, level: int) -> float:
    """Return the share of the figures (%) that lie in their intervals of a level."""
    return interval_coverage(rows["stock"], rows[f"lower_{level}"], rows[f"upper_{level}"])


def lines(registers: Iterable[Register]) -> Iterable[str]:
    """Return a table, a row a method and age of the last figure, those chosen marked."""
    yield "| years | cells | dates | method | RMSLE | wMAPE | chosen | skill of choosing anew |"
    yield "| ---: | ---: | ---: | --- | ---: | ---: | :---: | ---: |"
    for register in registers:
        for score in register.scores:
            chosen = score.method == register.method
            skill = f"{register.skill:+.2f}" if chosen and register.skill is not None else ""
            yield (
                f"| {register.horizon} | {register.cells:,} | {register.dates} | {score.method} |"
                f" {score.rmsle:.3f} | {score.wmape:.1f} | {'x' if chosen else ''} | {skill} |"
            )
