"""Twenty European origins in the United Kingdom, 2018 and 2019: task UK, beside the posteriors of Rampazzo et al. 2021.

The public data hold no figure of what the stocks really were: the Labour Force Survey and the audience are both inputs,
and the paper scores against neither. So nothing here is an error. Each column says how far a row lies from the
published posterior median, and how many of its cells lie inside the published 95 % interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy import measurement, scoreboard

from smstock.evaluate.scores import mdape, median_log_error, rmsle, total_bias, wmape
from smstock.published.measurement import conflicts, fit
from smstock.published.measurement_uk import UK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

HEADER = (
    "| model | year | row | cells | median difference | weighted | rms of the log | median of the log | total "
    "| inside 95 % |\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)
ROWS = {"median": "measurement model, exact", "survey": "Labour Force Survey as is", "audience": "raw audience"}
"""Columns of `beside`, and what they are."""


def show(shared: Path) -> None:
    """Print the differences from the published posteriors of both models, by year, and the conflicts of the priors."""
    folder = shared / "benchmarks/uk"
    print("### UK: 20 origins in the United Kingdom, 2018 and 2019, difference from the published posterior\n")
    print("There is no truth in these data; nothing in this table is an error.\n")
    tables = {model: beside(folder, model) for model in (1, 2)}
    scoreboard.print_lines(
        [HEADER, *(line for model, table in tables.items() for line in difference_lines(model, table))]
    )
    print("Prior and posterior in conflict: medians more than 2 prior standard deviations from the prior mean\n")
    lines = [
        "| model | equation | parameter | prior | posterior | prior sd apart |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    scoreboard.print_lines([*lines, *(line for model in tables for line in conflict_lines(folder, model))])
    print("Change from 2018 to 2019 of all origins, and of Romania\n")
    scoreboard.print_lines(change_lines(tables[1]))


def beside(folder: Path, model: int) -> pd.DataFrame:
    """Return our and the published posterior, survey and audience of each cell, indexed by cell.

    Columns: origin, sex, year, median, lower_95, upper_95, published, published_lower, published_upper, survey,
    audience; persons, and accounts.
    """
    cells = measurement.read_cells(folder, model)
    ours, published = measurement.stocks_beside(fit(cells, UK), measurement.read_published(folder, model))
    names = {"median": "published", "lower_95": "published_lower", "upper_95": "published_upper"}
    inputs = cells[["origin", "sex", "year", "survey", "audience"]]
    return inputs.join(ours).join(published.rename(columns=names))


def difference_lines(model: int, table: pd.DataFrame) -> Iterator[str]:
    """Yield a line a year and row of :data:`ROWS`."""
    for year, cells in table.groupby("year"):
        for column, name in ROWS.items():
            known = cells[cells[column] > 0]
            theirs, ours = known["published"], known[column]
            inside = ours.between(known["published_lower"], known["published_upper"]).mean()
            yield (
                f"| {model} | {year} | {name} | {len(known)} "
                f"| {mdape(theirs, ours):.1f} % | {wmape(theirs, ours):.1f} % | {rmsle(theirs, ours):.3f} "
                f"| {median_log_error(theirs, ours):+.3f} | {total_bias(theirs, ours):+.1f} % | {100 * inside:.0f} % |"
            )


def conflict_lines(folder: Path, model: int) -> Iterator[str]:
    """Yield a line for each parameter that the data push away from its prior."""
    for row in conflicts(fit(measurement.read_cells(folder, model), UK)).fillna("").to_dict("records"):
        yield (
            f"| {model} | {row['equation']} | {row['parameter']} {row['cell']} "
            f"| {row['prior_mean']:.2f} +- {row['prior_sd']:.2f} | {row['median']:.2f} | {row['z']:+.1f} |"
        )


def change_lines(table: pd.DataFrame) -> Iterator[str]:
    """Yield a line a source: its change between the years, in percent."""
    yield "| source | all origins | Romania |\n| --- | ---: | ---: |"
    for column, name in {"published": "published posterior", **ROWS}.items():
        sums = table.groupby("year")[column].sum()
        romania = table[table["origin"] == "ROU"].groupby("year")[column].sum()
        changes = [100 * (of["2019"] / of["2018"] - 1) for of in (sums, romania)]
        yield f"| {name} | {changes[0]:+.0f} % | {changes[1]:+.0f} % |"
