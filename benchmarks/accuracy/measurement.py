"""Rampazzo et al. 2021 without a sampler: posteriors and CPU time beside the published ones (JAGS).

JAGS needs 190 CPU seconds for model 1 on a machine like that of the continuous integration. The comparison is with the
authors' own posterior summaries, which carry sampling error themselves: model 1 ran for 100,000 iterations a chain and
has about 700 independent draws of the Polish stocks, model 2 for 1,000,000 and has 2,000 and more.
"""

from __future__ import annotations

import time
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, Final

from benchmarks.real_data import shared_folder

from smstock.published.measurement import conflicts, fit
from smstock.published.measurement_uk import UK, uk_cells
from smstock.vocabulary.countries import find

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.published.measurement import Posterior

YEARS: Final = (2018, 2019)
ORIGINS: Final = (
    *("AUT", "BEL", "CZE", "LVA", "SWE", "FRA", "DEU", "HUN", "LTU", "DNK"),
    *("FIN", "IRL", "ITA", "NLD", "POL", "PRT", "ROU", "SVK", "ESP", "GRC"),
)
"""The order in which the published summaries number the origins, 2018 before 2019."""
JAGS_SECONDS: Final = 190.0
REPEATS: Final = 20
COLUMNS: Final = {"median": "X50.", "lower_95": "X2.5.", "upper_95": "X97.5."}
PARAMETERS: Final = {
    "a0": ("migration", "intercept"),
    "a1": ("migration", "population"),
    "a2": ("migration", "inflow"),
    "a3": ("migration", "outflow"),
    "a4": ("migration", "gdp"),
    "a5": ("migration", "unemployment"),
    "def.fb": ("audience", "definition"),
    "bias.fb": ("audience", "bias"),
    "bias.lfs": ("survey", "undercount"),
    "cov.fb": ("audience", "non_users"),
    "greece_f": ("audience", "greece"),
}
"""The published names of the parameters, and ours."""


def main(words: list[str]) -> None:
    """Print the posteriors of models 1 and 2 beside the published ones, how far they differ, and the CPU time."""
    del words
    folder = shared_folder() / "benchmarks/uk"
    for model in (1, 2):
        start = time.process_time()
        cells = read_cells(folder, model)
        posterior = fit(cells, UK)
        first = time.process_time() - start
        start = time.process_time()
        for _ in range(REPEATS):
            fit(cells, UK)
        seconds = (time.process_time() - start) / REPEATS
        print(f"## Model {model}: {len(cells)} cells, {len(posterior.weights)} Gaussians\n")
        stocks = stocks_beside(posterior, read_published(folder, model))
        _print_stocks(*stocks)
        _print_differences("stocks", relative(*stocks))
        sums = read_sums(folder, model)
        ours = posterior.totals(["origin", "year"]).set_index(["origin", "year"])
        name = "published_summary_truestock_model1.csv" if model == 1 else "published_model2_st.csv, both sexes"
        _print_differences(f"stocks, {name}", relative(*_beside(ours, sums)))
        _print_differences(
            "other parameters (absolute; they are logarithms)",
            absolute(*parameters_beside(posterior, read_published(folder, model))),
        )
        print(f"Poisson noise taken away, a median moves by at most {without_poisson(cells, posterior):.3%}.\n")
        print("Pushed more than 2 prior standard deviations:\n")
        print(conflicts(posterior).drop(columns="cell").round(2).to_string(index=False), "\n")
        ratio = f", {JAGS_SECONDS / seconds:,.0f} times less than the 190 s of JAGS" if model == 1 else ""
        print(f"CPU: {seconds:.3f} s a fit{ratio}; {first:.2f} s for the first with reading and imports.\n")


def read_cells(folder: Path, model: int) -> pd.DataFrame:
    """Return the cells of a published model (1 or 2)."""
    import pandas as pd

    return uk_cells({year: pd.read_csv(folder / f"data_m{model}_{year}.csv") for year in YEARS})


def read_published(folder: Path, model: int) -> pd.DataFrame:
    """Return the published summary with our names: ``equation``, ``parameter``, ``cell``, and its quantiles."""
    import pandas as pd

    summary = pd.read_csv(folder / f"published_summary_model{model}.csv", index_col=0)
    labels = {}
    for place, (year, origin) in enumerate(((year, origin) for year in YEARS for origin in ORIGINS), start=1):
        if model == 1:
            labels[f"[{place}]"] = f"{origin} {year}"
        else:
            labels |= {f"[{row},{place}]": f"{origin} {sex} {year}" for row, sex in ((1, "female"), (2, "male"))}
    names = summary.index.str.extract(r"^([^\[]+)(\[.*\])?$")
    known = PARAMETERS | {"true.stock": ("", "stock")}
    summary["equation"] = [known.get(name, ("", ""))[0] for name in names[0]]
    summary["parameter"] = [known.get(name, ("", ""))[1] for name in names[0]]
    summary["cell"] = names[1].map(labels).fillna("").to_numpy()
    return summary[summary["parameter"] != ""].rename(columns={published: own for own, published in COLUMNS.items()})


def read_sums(folder: Path, model: int) -> pd.DataFrame:
    """Return the published stocks by origin and year: of model 1 its own file, of model 2 the sums of both sexes."""
    import pandas as pd

    name = "published_summary_truestock_model1.csv" if model == 1 else "published_model2_st.csv"
    table = pd.read_csv(folder / name, dtype={"year": "string"})
    table = table.rename(columns={"50%": "median", "2.5%": "lower_95", "97.5%": "upper_95"})
    return table.assign(origin=table["Country"].map(find)).set_index(["origin", "year"])


def stocks_beside(posterior: Posterior, published: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return our and the published median and 95 % bounds of every stock."""
    return _beside(posterior.stocks, published[published["parameter"] == "stock"].set_index("cell"))


def parameters_beside(posterior: Posterior, published: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return our and the published median and 95 % bounds of every published parameter but the stocks."""
    key = ["equation", "parameter", "cell"]
    ours = posterior.parameters.assign(cell=posterior.parameters["cell"].fillna("")).set_index(key)
    return _beside(ours, published[published["parameter"] != "stock"].set_index(key))


def relative(ours: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Return ours / published - 1, by quantile."""
    return ours / published - 1


def absolute(ours: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Return ours - published, by quantile."""
    return ours - published


def without_poisson(cells: pd.DataFrame, posterior: Posterior) -> float:
    """Return the largest relative change of a median stock when every count is a million times as large.

    The intercept's prior moves along, so that the Poisson noise is all that goes away.
    """
    many = 1e6
    larger = cells.assign(survey=cells["survey"] * many, audience=cells["audience"] * many)
    model = replace(UK, intercept=replace(UK.intercept, mean=UK.intercept.mean + log(many)))
    change = fit(larger, model).stocks["median"] / many / posterior.stocks["median"] - 1
    return float(change.abs().max())


def _beside(ours: pd.DataFrame, published: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = list(COLUMNS)
    return ours.loc[published.index, columns], published[columns]


def _print_stocks(ours: pd.DataFrame, published: pd.DataFrame) -> None:
    print("| cell | median | published | 95 % interval | published |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for cell in ours.index:
        rows = (ours.loc[cell], published.loc[cell])
        medians = " | ".join(f"{row['median']:,.0f}" for row in rows)
        intervals = " | ".join(f"{row['lower_95']:,.0f} to {row['upper_95']:,.0f}" for row in rows)
        print(f"| {cell} | {medians} | {intervals} |")
    print()


def _print_differences(what: str, differences: pd.DataFrame) -> None:
    sizes = differences.abs()
    print(f"{what}, {len(sizes)} values:")
    for column in COLUMNS:
        print(f"  {column:<9} largest {sizes[column].max():.4f}, median {sizes[column].median():.4f}")
    print()
