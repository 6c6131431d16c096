"""Registers: which method continues yearly official series best, and what a nowcast by it comes to.

The choice that `smstock calibrate` makes, with the scores it was made on: Eurostat's corridors of the European Union up
to 2018, and Serbian citizens abroad up to 2020 (the worked example). Then the nowcasts themselves, one and two years
after the last figure that choice, widths and estimates have seen: European registers by birth of 2014 to 2018, and by
citizenship, in all countries that report it, of 2019 to 2024.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.accuracy import eu, workspace
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
from smstock.tables import AUDIENCE
from smstock.vocabulary import countries
from smstock.vocabulary.sizes import BANDS
from smstock.workflows import calibration_spec
from smstock.workflows.inputs import chosen_stock, read_stocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from smstock.calibrate.register import Register

REPOSITORY: Final = Path(__file__).parents[2]
YEARS: Final = range(2014, 2019)
"""Years whose registers by birth are estimated."""
YEARS_OF_CITIZENS: Final = range(2019, 2025)
"""Years whose registers by citizenship are estimated."""
CITIZENS: Final = "official/eurostat/migr_pop1ctz_citizen_total_geo_2015_2024_labels.csv.gz"
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
    inside = stock["destination"].isin(asked)
    serbian = Archive(official=stock[inside], audiences=european.audiences.iloc[:0])
    for title, evidence, date, beside in (
        ("Eurostat, by birth, ages 15 to 64, up to 2018", european, eu.LAST, None),
        ("Serbian citizens abroad, up to 2020", serbian, spec.target_date, stock[~inside]),
    ):
        print(f"### {title}\n")
        for line in lines(learn_registers(evidence, date, beside=beside)):
            print(line)
        print()
    for title, evidence, years in (
        ("Eurostat, by birth, ages 15 to 64", european, YEARS),
        ("Eurostat, citizens of EU countries", citizens(shared_folder()), YEARS_OF_CITIZENS),
    ):
        print(f"### Nowcasts one and two years after the last figure: {title}\n")
        table = vintages(continuations(evidence, years=years))
        for line in (*vintage_lines(table), "", *reason_lines(table), ""):
            print(line)


def citizens(shared: Path) -> Archive:
    """Return Eurostat's stocks of citizens of EU countries by destination, without audiences."""
    import pandas as pd

    rows = pd.read_csv(shared / CITIZENS)
    area = countries.crosswalk("name")
    table = pd.DataFrame(
        {
            "destination": rows["geo"].map(area),
            "origin": rows["citizen"].map(area),
            "reference_date": rows["year"].astype(str) + "-01-01",
            "value": rows["number of citizens in country"].astype(float),
        }
    ).dropna()
    table = table[table["origin"].isin(countries.group("eu28")) & (table["destination"] != table["origin"])]
    stock = workspace.stock(
        table[table["value"] > 0],
        provider="eurostat",
        dataset="migr_pop1ctz",
        edition="as copied",
        concept="citizenship",
    )
    return Archive(stock, pd.DataFrame(columns=[*AUDIENCE.names]), provider="eurostat")


def continuations(known: Archive, *, years: range = YEARS, aheads: Sequence[int] = AHEAD) -> pd.DataFrame:
    """Return the registers of each year as a nowcast continues them, with intervals, beside the figure that came out.

    Choice of the method, intervals and estimates have seen no figure younger than ``ahead`` years. The path is that of
    `smstock calibrate` and `smstock nowcast`: `learn_registers`, and `smstock.nowcast.estimate.estimate`.
    """
    import pandas as pd

    own = known.own
    tables = []
    for last in range(years[0] - max(aheads), years[-1]):
        published = own[own["reference_date"] <= f"{last}-01-01"]
        tested = [ahead for ahead in aheads if last + ahead in years]
        learnt = learn_registers(
            replace(known, official=own), f"{last}-01-01", horizons=range(1, max(tested, default=0) + 1)
        )
        for ahead in tested:
            date = f"{last + ahead}-01-01"
            table = continued(replace(known, official=published), learnt, date)
            for name, day in (("stock", date), ("last", f"{last}-01-01")):
                figures = own.loc[own["reference_date"] == day, ["destination", "origin", "value"]]
                table = table.merge(figures.rename(columns={"value": name}), on=["destination", "origin"])
            why = next((register.reason for register in learnt if register.horizon == ahead), "")
            tables.append(table.assign(ahead=ahead, why=why))
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
    is_register = table["regime"] == "register"
    return table[is_register & (table["sex"] == "all") & table["median"].notna()].reset_index(drop=True)


def vintages(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each year's nowcasts came to, a row an age of the last figure and year, and one of all years.

    Columns are year (``all`` for all of them), ahead, cells, method, why (it was chosen); mdape, wmape and rmsle, and
    the same of carry forward on the same cells (``carried_mdape``, ...); held_50, held_80 and held_95 (% of the figures
    inside their interval), and for each size band of the estimate ``held_80 <100``, ... and ``cells <100``, ....
    """
    import pandas as pd

    rows = []
    for ahead, of_age in table.groupby("ahead"):
        for year, cells in (*of_age.groupby(of_age["reference_date"].str[:4]), ("all", of_age)):
            sizes = band(cells["median"].to_numpy(dtype=float))
            row: dict[str, Any] = {"year": year, "ahead": ahead, "cells": len(cells)}
            row |= {"method": ", ".join(sorted(cells["method"].unique())), "why": cells["why"].iloc[0]}
            for prefix, name in (("", "median"), ("carried_", "last")):
                for score in (mdape, wmape, rmsle):
                    row[f"{prefix}{score.__name__}"] = score(cells["stock"], cells[name])
            row |= {f"held_{level}": coverage(cells, level) for level in (50, 80, 95)}
            for name in BANDS:
                row |= {
                    f"held_80 {name}": coverage(cells[sizes == name], 80),
                    f"cells {name}": int((sizes == name).sum()),
                }
            rows.append(row)
    return pd.DataFrame(rows)


def vintage_lines(table: pd.DataFrame) -> Iterable[str]:
    """Return `vintages` as the lines of a table."""
    yield (
        "| years | estimated | cells | method | MdAPE / wMAPE / RMSLE | carry forward | 50 % | 80 % | 95 %"
        f" | 80 %: {' | '.join(BANDS)} |"
    )
    yield "| ---: | --- | ---: | --- | --- | --- | ---: | ---: | ---: |" + " ---: |" * len(BANDS)
    for row in table.to_dict("records"):
        scores = " | ".join(
            f"{row[f'{of}mdape']:.1f} / {row[f'{of}wmape']:.2f} / {row[f'{of}rmsle']:.3f}" for of in ("", "carried_")
        )
        held = " | ".join(f"{row[f'held_{level}']:.0f}" for level in (50, 80, 95))
        by_size = " | ".join(f"{row[f'held_80 {name}']:.0f} ({row[f'cells {name}']})" for name in BANDS)
        yield f"| {row['ahead']} | {row['year']} | {row['cells']:,} | {row['method']} | {scores} | {held} | {by_size} |"


def reason_lines(table: pd.DataFrame) -> Iterable[str]:
    """Return why each vintage was continued by its method."""
    for row in table[table["year"] != "all"].to_dict("records"):
        yield f"- {row['year']}, figures {row['ahead']} years old, {row['method']}: {row['why']}"


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
