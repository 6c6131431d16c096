"""The model over time on the European corridors: one and two years ahead, by what it is told.

Every target date is estimated from figures up to one or two years before it and audiences up to the date; parameters
are learnt from these alone. Scored are corridors with a figure at the date and at the last date before. What the
intervals of such estimates hold is measured with the registers (``python -m benchmarks registers``).
``python -m benchmarks fusion 2018`` runs one year.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
from benchmarks.accuracy import eu
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.evaluate.scores import mdape, rmsle, wmape
from smstock.models.fusion.fit import fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.method import long_tables
from smstock.models.fusion.panel import panel
from smstock.tables import CORRIDOR_KEY

YEARS: Final = range(2014, 2019)
SOURCES: Final = {
    "Eurostat alone": ("eurostat",),
    "and census, Labour Force Survey": ("eurostat", "census_2011", "lfs"),
    "and audiences": ("eurostat", "census_2011", "lfs"),
}
"""What the model is told, and the official sources of it."""


def main(words: list[str]) -> None:
    """Print scores and coverage of every target year, horizon and choice of sources."""
    known = eu.evidence(shared_folder())
    figures, answers = long_tables(known.official if known.figures is None else known.figures, known.audiences)
    print(f"{machine()}\n")
    for inputs, sources in SOURCES.items():
        some = figures[figures["source"].isin(sources)]
        waves = answers if inputs == "and audiences" else answers.iloc[:0]
        for years in (1, 2):
            print(f"### {inputs}, {years} year{'s' if years > 1 else ''} ahead\n\n{HEADER}")
            tables = []
            for year in map(int, words) if words else YEARS:
                tables.append(scored(some, waves, year, years))
                print(line(str(year), tables[-1]), flush=True)
            print(f"{line('all', pd.concat(tables))}\n\n{worse(tables)}\n")


HEADER: Final = "| year | cells | carry forward | MdAPE / wMAPE / RMSLE |\n| ---: | ---: | ---: | ---: |"


def scored(figures: pd.DataFrame, answers: pd.DataFrame, year: int, years: int) -> pd.DataFrame:
    """Return estimates of 1 January of a year, the figure of that day, and the last one known."""
    target, last = f"{year}-01-01", f"{year - years}-01-01"
    known = figures[figures["reference_date"] < f"{year - years}-12-31"]
    if years == 2:  # surveys of the year between are out
        known = figures[
            (figures["reference_date"] <= last) | ((figures["source"] == "lfs") & (figures["reference_date"] < target))
        ]
    made = panel(known, answers[answers["date"] < target], main="eurostat", dates=[target])
    table = stocks_at(made, fit(made), target)
    own = figures[figures["source"] == "eurostat"]
    for name, day in (("stock", target), ("last", last)):
        of_day = own[own["reference_date"] == day][[*CORRIDOR_KEY, "value"]].rename(columns={"value": name})
        table = table.merge(of_day, on=CORRIDOR_KEY)
    return table


def worse(tables: list[pd.DataFrame]) -> str:
    """Say in which years the wMAPE lies above that of carrying forward."""
    above = [table for table in tables if wmape(table["stock"], table["median"]) > wmape(table["stock"], table["last"])]
    return f"wMAPE above carry forward: {', '.join(table['reference_date'].iloc[0] for table in above) or 'in no year'}"


def line(year: str, table: pd.DataFrame) -> str:
    """Return the line of a year."""
    stock = table["stock"]
    errors = [
        f"{mdape(stock, estimate):.1f} / {wmape(stock, estimate):.2f} / {rmsle(stock, estimate):.3f}"
        for estimate in (table["last"], table["median"])
    ]
    return f"| {year} | {len(table)} | {' | '.join(errors)} |"
