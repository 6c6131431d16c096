"""Yildiz et al. 2024 without a sampler: Eurostat of 2018 held out, inputs as published and as corrected.

As published, floors of 1,000 enter as values, glitches too, and the audience of 2019 is the mean of March (before the
redefinition) to June (after it); kappa is the corridor's own ratio 2019 / 2018. As corrected, glitches are taken out,
floors are censored, 2019 is April to June, and kappa is the factor of the corridor in the break of April 2019 with its
uncertainty (`smstock.audience`). Priors are the published ones in both.

The classes of undercount by destination (IMEM) are not in the data at hand: Eurostat has a factor a year here, where
the paper has 17 by class and year.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import audience
from benchmarks.real_data import shared_folder

from smstock.audience.repair import repair
from smstock.evaluate.scores import interval_coverage, mdape, median_log_error, rmsle, total_bias, wmape
from smstock.published import yildiz
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

YEARS: Final = range(2011, 2020)
HELD_OUT: Final = 2018
MONTHLY: Final = {
    2016: ((0.4, 0.6, 0.8), (0.35, 0.5, 0.6, 0.85)),
    2017: ((0.5, 0.7, 0.9), (0.45, 0.6, 0.75, 1.15)),
    2018: ((0.6, 0.8, 1.0, 1.4), (0.55, 0.7, 0.85, 1.05, 1.5)),
    2019: ((0.6, 0.8, 0.99, 1.4), (0.55, 0.7, 0.85, 1.0, 1.4)),
}
"""Cuts of the penetration rate of the destination, and the prior mean of the factor in each group, by year."""
DAILY: Final = {
    2018: ((0.4, 0.6, 0.8, 1.0), (0.35, 0.5, 0.65, 0.85, 1.1)),
    2019: ((0.4, 0.6, 0.8, 1.0), (0.35, 0.5, 0.65, 0.85, 1.05)),
}
SD: Final = 0.1
"""Prior standard deviation of every factor; of the survey's 10."""
VAGUE: Final = {**yildiz.PUBLISHED, **dict.fromkeys(("mau", "dau"), yildiz.Precision(2.0, 1000.0))}
"""The published precisions but those of the audiences, which are left to the data."""


def main(words: list[str]) -> None:
    """Print the scores of 2018 with each preparation, beside the published posterior, and what was learnt."""
    del words
    shared = shared_folder()
    figures = stocks(shared, "eurostat_birth_15_64.csv")
    truth = figures[figures["year"] == HELD_OUT].set_index("corridor")["stock"]
    print("| model | cells | MdAPE | wMAPE | RMSLE | median log error | total | 80 % | rounds | CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(f"{line('published posterior (JAGS)', truth, published(shared))} | |")
    learnt = []
    every = preparations(shared)
    runs = [(name, prepared, yildiz.PUBLISHED) for name, prepared in every.items()]
    runs.append(("as corrected, vague precisions", every["as corrected"], VAGUE))
    for name, prepared, precisions in runs:
        start = time.process_time()
        fitted = yildiz.fit(*prepared, years=YEARS, precisions=precisions)
        seconds = time.process_time() - start
        print(f"{line(name, truth, of_year(fitted, HELD_OUT))} {fitted.rounds} | {seconds:.1f} |")
        learnt.append((name, {**fitted.precisions, **fitted.autoregression}))
    names = list(learnt[-1][1])
    print(f"\nAt the mode\n\n| model | {' | '.join(names)} |\n| --- |{' ---: |' * len(names)}")
    for name, values in learnt:
        print(f"| {name} | {' | '.join(f'{value:.3g}' for value in values.values())} |")


def preparations(shared: Path) -> dict[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]:
    """Return observations, factors and breaks of each preparation by name."""
    import pandas as pd

    official, factors = official_observations(shared)
    raw = audiences(shared)
    as_published, as_corrected = published_audiences(raw), corrected_audiences(shared, raw)
    nothing = as_published[1].assign(mean=0.0, sd=SD)
    prepared = {"no audience (S9)": (official, factors, nothing)}
    for name, (rows, breaks, more) in {"as published": as_published, "as corrected": as_corrected}.items():
        both = pd.concat([official, rows], ignore_index=True)
        prepared[name] = (both, pd.concat([factors, more]), breaks)
    return prepared


def stocks(shared: Path, name: str) -> pd.DataFrame:
    """Return a file of stocks with its corridors named ``origin destination``; 0 means missing."""
    import pandas as pd

    rows = pd.read_csv(shared / "benchmarks/eu28" / name, keep_default_na=False, na_values=[""])
    rows = rows[rows["stock"] > 0]
    return rows.assign(corridor=_corridors(rows))


def _corridors(rows: pd.DataFrame) -> pd.Series:
    return rows["origin"].map(countries.find) + " " + rows["destination"].map(countries.find)


def official_observations(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return observations of Eurostat (2018 held out), the census and the survey, and the priors of their factors."""
    import numpy as np
    import pandas as pd

    eurostat = stocks(shared, "eurostat_birth_15_64.csv").query("2011 <= year and year != @HELD_OUT")
    census, lfs = stocks(shared, "census_2011.csv"), stocks(shared, "lfs_2016_2017.csv")
    destination = lfs["corridor"].str[4:]
    rows = pd.concat(
        [
            eurostat.assign(source="eurostat", factor="eurostat " + eurostat["year"].astype(str), size=0.0),
            census.assign(source="census", factor="census", size=0.0),
            lfs.assign(source="lfs", factor="lfs " + destination + " " + lfs["year"].astype(str), size=lfs["stock"]),
        ],
        ignore_index=True,
    )
    rows = rows.assign(log=np.log(rows["stock"]), breaks=False, censored=False)
    names = rows["factor"].drop_duplicates()
    sd = np.where(names.str.startswith("lfs"), 10.0, SD)
    return rows[list(yildiz.COLUMNS)], pd.DataFrame({"mean": 1.0, "sd": sd}, index=pd.Index(names))


def audiences(shared: Path) -> pd.DataFrame:
    """Return the published audiences, with corridor, year and penetration of the destination."""
    import pandas as pd

    rows = pd.read_csv(shared / "benchmarks/eu28/facebook_2016_2019.csv", keep_default_na=False, na_values=[""])
    people = rows["population_destination_15_64"]
    return rows.assign(
        corridor=_corridors(rows),
        year=rows["date"].str[:4].astype(int),
        wave=rows["date"].str[:7],
        monthly_rate=rows["platform_users_destination_mau"] / people,
        daily_rate=rows["platform_users_destination_dau"] / people,
    )


def published_audiences(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return observations as the paper prepares them, breaks, and priors of the factors."""
    import numpy as np
    import pandas as pd

    recovered = raw["mau_union_difference"].fillna(raw["mau"])
    chosen = raw.assign(mau=np.where(raw["year"] >= 2018, recovered, raw["mau"]))
    taken = chosen[(chosen["year"] != 2018) | (chosen["wave"] == "2018-11")]
    monthly = taken.groupby(["corridor", "year"])["mau"].mean()
    daily = raw[raw["year"] >= 2018].groupby(["corridor", "year"])["dau"].mean()
    values = pd.concat({"mau": monthly, "dau": daily}, names=["source"]).rename("value").reset_index()
    ratio = monthly.xs(2019, level="year") / monthly.xs(2018, level="year")
    breaks = pd.DataFrame({"mean": np.log(ratio), "sd": SD / ratio}).reindex(_every())
    return _observed(values.assign(censored=False), raw, breaks)


def corrected_audiences(shared: Path, raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return observations without glitches, floors censored, 2019 after the break, and breaks by the links."""
    import numpy as np
    import pandas as pd

    repaired = repair(audience.corridors(shared))
    shown = repaired.shown[(repaired.shown["wave"] < "2019") | (repaired.shown["wave"] >= audience.BREAK)]
    shown = shown.assign(
        corridor=shown["origin"] + " " + shown["destination"],
        year=shown["wave"].str[:4].astype(int),
        value=shown["value"].astype("float64"),
    ).rename(columns={"metric": "source"})
    key = ["source", "corridor", "year"]
    observed = shown[shown["value"] > 0].groupby(key)["value"].median()
    floored = shown[(shown["status"] == "floored") & (shown["source"] == "mau")]
    bounds = floored.groupby(key)["upper"].max().astype("float64")
    bounds = bounds[~bounds.index.isin(observed.index)]
    both = pd.concat(
        [
            observed.rename("value").to_frame().assign(censored=False),
            bounds.rename("value").to_frame().assign(censored=True),
        ]
    ).reset_index()
    before = repaired.chained[(repaired.chained["wave"] == "2019-03") & (repaired.chained["metric"] == "mau")]
    links = before.set_index(before["origin"] + " " + before["destination"])
    breaks = pd.DataFrame({"mean": np.log(links["link_factor"]), "sd": links["link_sd"]}).reindex(_every())
    return _observed(both, raw, breaks)


def _every() -> list[str]:
    areas = countries.expand(("eu27", "GBR"))
    return sorted(f"{origin} {destination}" for origin in areas for destination in areas if origin != destination)


def _observed(
    values: pd.DataFrame, raw: pd.DataFrame, breaks: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return values as observations with the factor of their destination's group, breaks, and the priors."""
    import numpy as np
    import pandas as pd

    at_home = raw.assign(destination=raw["corridor"].str[4:])
    rates = at_home.groupby(["destination", "year"])[["monthly_rate", "daily_rate"]].mean()
    priors: dict[str, float] = {}
    rows = []
    for row in values[values["value"] > 0].to_dict("records"):
        table, name = (MONTHLY, "monthly_rate") if row["source"] == "mau" else (DAILY, "daily_rate")
        cuts, means = table[row["year"]]
        rate = rates[name].get((row["corridor"][4:], row["year"]), np.nan)
        if np.isnan(rate):
            continue
        group = int(np.searchsorted(cuts, rate))
        factor = f"{row['source']} {row['year']} {group}"
        priors[factor] = means[group]
        rows.append(row | {"factor": factor, "log": np.log(row["value"]), "breaks": row["year"] == 2019, "size": 0.0})
    prior = pd.DataFrame({"mean": priors}).assign(sd=lambda table: SD / table["mean"])
    return pd.DataFrame(rows)[list(yildiz.COLUMNS)], breaks.fillna({"mean": 0.0, "sd": SD}), prior


def published(shared: Path) -> pd.DataFrame:
    """Return the published posterior of 2018 by corridor: median, lower, upper (80 %)."""
    import pandas as pd

    rows = pd.read_csv(shared / "benchmarks/eu28/published_posterior_2018_held_out.csv")
    rows = rows[rows["year"] == HELD_OUT].rename(columns={"orig": "origin", "dest": "destination", "total": "median"})
    rows = rows.rename(columns={"lwr80": "lower", "upp80": "upper"})
    return rows.set_index(_corridors(rows))[["median", "lower", "upper"]]


def of_year(fitted: yildiz.Fit, year: int) -> pd.DataFrame:
    """Return the stocks of a year by corridor: median, lower, upper (80 %)."""
    import numpy as np

    rows = fitted.stocks.xs(year, level="year")
    reach = np.exp(1.2816 * rows["sd"])
    return rows.assign(lower=rows["median"] / reach, upper=rows["median"] * reach)


def line(name: str, truth: pd.Series, estimates: pd.DataFrame) -> str:
    """Return the scores of 2018 as the cells of a table."""
    rows = estimates.loc[truth.index]
    t, e = truth, rows["median"]
    return (
        f"| {name} | {len(t)} | {mdape(t, e):.1f} | {wmape(t, e):.1f} | {rmsle(t, e):.3f} "
        f"| {median_log_error(t, e):+.3f} | {total_bias(t, e):+.1f} "
        f"| {interval_coverage(t, rows['lower'], rows['upper']):.0f} |"
    )
