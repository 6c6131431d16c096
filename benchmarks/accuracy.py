"""Every method on real audiences beside real stocks, each corridor estimated without its destination.

EU: Facebook audiences of June 2018 against Eurostat's stock of 1 January 2018 (ages 15 to 64), with the census of 2011
as the last official figure (task E4) or none (task E3). World: audiences of April and May 2019 against UN DESA 2020,
without (G1) or with its figure of 2015 (G2). The corridors of a task are the same for every method.
"""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

from benchmarks.real_data import shared_folder

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import on_common_cells, score
from smstock.models.registry import METHODS
from smstock.tables import LEVELS
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.models.base import Method

ALONE = tuple(method for method in METHODS if "official_last" not in method.needs)
"""Methods that need no official figure."""


def main(words: list[str]) -> None:
    """Print a table for each task; ``python -m benchmarks accuracy E3`` prints one."""
    shared = shared_folder() / "benchmarks"
    tasks: dict[str, tuple[str, Sequence[type[Method]], Callable[[], pd.DataFrame]]] = {
        "E3": ("EU 2018, no official figure", ALONE, lambda: eu(shared, census=False)),
        "E4": ("EU 2018, census of 2011", METHODS, lambda: eu(shared, census=True)),
        "G1": ("World 2020, no official figure", ALONE, lambda: world(shared.parent)),
        "G2": ("World 2020, UN DESA of 2015", METHODS, lambda: world(shared.parent)),
    }
    print(f"{platform.machine()}, Python {platform.python_version()}; folds are whole destinations\n")
    for name, (title, methods, corridors) in tasks.items():
        if not words or name in words:
            show(f"{name}: {title}", corridors(), methods)


def show(title: str, corridors: pd.DataFrame, methods: Sequence[type[Method]]) -> None:
    """Print the scores of every method on the cells that all of them estimate."""
    import numpy as np

    held_out = on_common_cells(cross_validate(corridors, methods, np.random.default_rng(1)))
    table = score(held_out[held_out["sex"] == "all"], levels=LEVELS)
    print(f"## {title}\n\n| method | cells | MdAPE | wMAPE | RMSLE | total bias | 50 % | 80 % | 95 % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in table.sort_values("rmsle", kind="stable").to_dict("records"):
        coverage = " | ".join(f"{row[f'coverage_{level}']:.0f}" for level in LEVELS)
        print(
            f"| {row['method']} | {row['cells']} | {row['mdape']:.1f} | {row['wmape']:.1f} | {row['rmsle']:.3f} "
            f"| {row['total_bias']:+.1f} | {coverage} |"
        )
    print()
    sys.stdout.flush()


def eu(shared: Path, *, census: bool) -> pd.DataFrame:
    """Return corridors of the EU with an audience above the floor and a stock; with ``census``, one of 100 or more."""
    import pandas as pd

    folder = shared / "eu28"
    facebook = pd.read_csv(folder / "facebook_2016_2019.csv")
    facebook = facebook[facebook["date"] == "2018-06-01"]
    ends = facebook.groupby("destination")[["platform_users_destination_mau", "population_destination_15_64"]].first()
    rates = ends["platform_users_destination_mau"] / ends["population_destination_15_64"]
    stock = pd.read_csv(folder / "eurostat_birth_15_64.csv")
    stock = stock[(stock["year"] == 2018) & (stock["stock"] > 0)][["origin", "destination", "stock"]]
    table = facebook[facebook["mau"] > 1000].merge(stock, on=["origin", "destination"])
    if census:
        counted = pd.read_csv(folder / "census_2011.csv")
        counted = counted[counted["stock"] >= 100].rename(columns={"stock": "official_last"})
        table = table.merge(counted[["origin", "destination", "official_last"]], on=["origin", "destination"])
    else:
        table["official_last"] = float("nan")
    return _corridors(table, rates, lag=6.8)


def world(shared: Path) -> pd.DataFrame:
    """Return corridors of the world with an audience above the floor and at least 1,000 persons in UN DESA 2020."""
    import pandas as pd

    iso3 = countries.crosswalk("iso2")
    facebook = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    facebook = facebook[(facebook["sex"] == 0) & (facebook["age_min"] == 13) & facebook["age_max"].isna()]
    facebook = facebook.assign(destination=facebook["destination"].map(iso3))
    labels = pd.read_csv(shared / "reference/meta_lived_in_behaviors.csv", dtype=str, keep_default_na=False)
    by_id = dict(zip(labels["behavior_id"], labels["iso3"], strict=True))
    origins = facebook.assign(origin=facebook["behavior_id"].astype(str).map(by_id))
    origins = origins[origins["origin"].fillna("").ne("") & (origins["mau"] > 1000)]
    origins = origins.sort_values("mau").drop_duplicates(["destination", "origin"], keep="last")
    undesa = pd.read_csv(
        shared / "official/undesa/un2020_bilateral_by_sex_iso3_long.csv.gz", keep_default_na=False, dtype=str
    )
    undesa = undesa[undesa["sex"] == "Total"].assign(stock=lambda rows: rows["stock"].astype(float))
    undesa = undesa.rename(columns={"destination_iso3": "destination", "origin_iso3": "origin"})
    now, then = (
        undesa[undesa["year"] == year].set_index(["destination", "origin"])["stock"] for year in ("2020", "2015")
    )
    table = origins.join(now, on=["destination", "origin"], how="inner").join(
        then.rename("official_last"), on=["destination", "origin"]
    )
    table = table[(table["stock"] >= 1000) & (table["destination"] != table["origin"])]
    return _corridors(table, pd.Series(dtype=float), lag=5.0)


def _corridors(table: pd.DataFrame, rates: pd.Series, *, lag: float) -> pd.DataFrame:
    """Return what methods see: totals only, penetration at both ends where the destination's is known."""
    return table.assign(
        sex="all",
        audience=table["mau"].astype(float),
        lag=lag,
        # one figure has no growth, one wave neither; its mean is itself
        official_growth=float("nan"),
        official_mean=table["official_last"],
        audience_growth=float("nan"),
        penetration_destination=table["destination"].map(rates).astype(float),
        penetration_origin=table["origin"].map(rates).astype(float),
    ).reset_index(drop=True)
