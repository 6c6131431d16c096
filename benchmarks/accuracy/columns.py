"""What else is known of the corridors of the European and the world set: columns the level models use where there are.

None of them holds the stock, or an official figure, of the corridor itself: daily accounts, ages and sexes of the
audience, the median audience of the waves around, accounts of all foreign origins, and the stock of the reverse
corridor (persons of the destination living in the origin: UN DESA, edition 2020, of 2015, which the statistics of other
countries know).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

AROUND: Final = ("2018-03-01", "2018-04-01", "2018-05-01", "2018-06-01")
"""Waves of one definition up to the one estimated from."""
AGES: Final = ((13, 14), (15, 19), (20, 24), (30, 34), (50, 54), (65, None))
"""Age groups whose shares describe an audience."""
FLOOR: Final = 1000.0
BELOW_FLOOR: Final = 500.0
"""Accounts taken for a group at the floor of 1,000: the middle of what it can be."""
KEY: Final = ["destination", "origin"]


def reverse_stock(shared: Path) -> pd.Series:
    """Return persons of each origin in each destination in 2015, indexed by (origin, destination): the way back."""
    import pandas as pd

    rows = pd.read_csv(
        shared / "official/undesa/un2020_bilateral_by_sex_iso3_long.csv.gz", keep_default_na=False, dtype=str
    )
    rows = rows[(rows["sex"] == "Total") & (rows["year"] == "2015")]
    return rows.set_index(["origin_iso3", "destination_iso3"])["stock"].astype(float)


def with_reverse(table: pd.DataFrame, shared: Path) -> pd.DataFrame:
    """Add the stock of the reverse corridor; 0 where UN DESA itemises none."""
    import pandas as pd

    reverse = reverse_stock(shared)
    return table.assign(official_reverse=reverse.reindex(pd.MultiIndex.from_frame(table[KEY])).fillna(0.0).to_numpy())


def eu(table: pd.DataFrame, facebook: pd.DataFrame, shared: Path) -> pd.DataFrame:
    """Add what the other waves of spring 2018 and the daily accounts say; ``facebook`` holds every wave by ISO code."""
    around = facebook[facebook["date"].isin(AROUND)]
    usual = around.groupby(KEY)["mau"].median()
    foreign = usual.groupby("destination").sum()
    table = table.join(usual.rename("audience_typical"), on=KEY)
    table = table.assign(
        audience_daily=table["dau"].astype(float) * table["audience_typical"] / table["audience"],
        audience_foreign=table["destination"].map(foreign).astype(float),
    )
    return with_reverse(table, shared)


def world(table: pd.DataFrame, facebook: pd.DataFrame, rates: Mapping[str, float], shared: Path) -> pd.DataFrame:
    """Add shares of ages and sexes, penetration and accounts of all foreign origins.

    Parameters
    ----------
    table
        Corridors, with ``behavior_id`` and ``audience``.
    facebook
        Every cell of the collection, destinations by ISO code.
    rates
        Users over population of each country.
    shared
        Folder of real data.
    """
    label = ["destination", "behavior_id"]

    def group(sex: int, youngest: int, oldest: int | None) -> pd.Series:
        of_group = facebook[(facebook["sex"] == sex) & (facebook["age_min"] == youngest)]
        of_group = of_group[of_group["age_max"].isna() if oldest is None else of_group["age_max"] == oldest]
        known = of_group.drop_duplicates(label, keep="last").set_index(label)["mau"].astype(float)
        return table[label].join(known.where(known > FLOOR, BELOW_FLOOR), on=label)["mau"]

    women, men = group(2, 13, None), group(1, 13, None)
    shares = {
        f"share_{youngest}_{oldest or 'over'}": group(0, youngest, oldest) / table["audience"]
        for youngest, oldest in AGES
    }
    everyone = facebook[
        (facebook["origin_label"] == "Expats (All)")
        & (facebook["sex"] == 0)
        & (facebook["age_min"] == 13)
        & facebook["age_max"].isna()
    ]
    foreign = everyone.set_index("destination")["mau"].astype(float)
    table = table.assign(
        audience_daily=table["dau"].astype(float),
        audience_foreign=table["destination"].map(foreign[~foreign.index.duplicated()]),
        share_female=women / (women + men),
        penetration_destination=table["destination"].map(rates),
        penetration_origin=table["origin"].map(rates),
        **shares,
    )
    return with_reverse(table, shared)
