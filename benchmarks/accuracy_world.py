"""Audiences of April and May 2019 all over the world beside UN DESA's stocks of 2020: tasks G1 and G2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy_eu import corridors

from smstock.vocabulary import countries

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


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
    return corridors(table, pd.Series(dtype=float), lag=5.0)
