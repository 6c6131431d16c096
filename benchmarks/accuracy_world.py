"""Audiences of April and May 2019 all over the world beside UN DESA's stocks of 2020: tasks G1 and G2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import accuracy_columns, scoreboard
from benchmarks.accuracy_eu import corridors

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import on_common_cells
from smstock.models.profiles import profiles
from smstock.models.registry import METHODS
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

EVERY: Final = tuple(method for method in METHODS if "penetration_origin" not in method.needs)
"""Methods but those that divide by the penetration of the origin, which is known of 780 of the 1,300 corridors."""
ALONE: Final = tuple(method for method in EVERY if "official_last" not in method.needs)
"""Methods that need no official figure."""
RANDOM_FOLDS: Final = 10
BLOCKS: Final = 20


def show_other_folds(title: str, shared: Path, *, leave_out: str) -> None:
    """Print the scores of every method in 20 blocks of destinations or origins, or in ten random folds of corridors."""
    import numpy as np
    import pandas as pd

    table, rng = world(shared), np.random.default_rng(1)
    if leave_out:
        names = rng.permutation(np.array(sorted(table[leave_out].unique()), dtype=object))
        block_of = {name: index for index, block in enumerate(np.array_split(names, BLOCKS)) for name in block}
        folds = table[leave_out].map(block_of)
    else:
        folds = pd.Series(rng.permutation(len(table)) % RANDOM_FOLDS, index=table.index)
    held_out = on_common_cells(cross_validate(table, ALONE, rng, folds=folds))
    scoreboard.show(f"{title}: World 2020, no official figure", held_out[held_out["sex"] == "all"])


def world(shared: Path) -> pd.DataFrame:
    """Return corridors of the world with an audience above the floor and at least 1,000 persons in UN DESA 2020."""
    import pandas as pd

    iso3 = countries.crosswalk("iso2")
    cells = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    cells = cells.assign(destination=cells["destination"].map(iso3))
    facebook = cells[(cells["sex"] == 0) & (cells["age_min"] == 13) & cells["age_max"].isna()]
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
    users = facebook[facebook["origin_label"] == ""].set_index("destination")["mau"].astype(float)
    people = profiles()
    rates = {
        area: mau / people[area].population for area, mau in zip(users.index, users, strict=True) if area in people
    }
    return accuracy_columns.world(corridors(table, pd.Series(dtype=float), lag=5.0), cells, rates, shared)
