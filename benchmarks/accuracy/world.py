"""Audiences of April and May 2019 all over the world beside UN DESA's stocks of 2020 (G1, G2) and 2019 (G3, G4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from benchmarks.accuracy import columns, scoreboard
from benchmarks.accuracy.eu import corridors

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import on_common_cells
from smstock.models.methods import METHODS
from smstock.models.profiles import profiles
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from smstock.models.base import Method

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
        folds = _blocks(table, leave_out, rng)
    else:
        folds = pd.Series(rng.permutation(len(table)) % RANDOM_FOLDS, index=table.index)
    _show(f"{title}: World 2020, no official figure", table, ALONE, folds)


def show_edition_2019(task: str, shared: Path, methods: Sequence[type[Method]]) -> None:
    """Print the scores of methods against the edition of 2019, in 20 blocks of destinations."""
    import numpy as np

    table = world(shared, "2019")
    known = methods is not ALONE
    table = table if known else table.assign(official_last=float("nan"))
    title = f"{task}: World 2019, {'UN DESA of 2015' if known else 'no official figure'}"
    _show(title, table, methods, _blocks(table, "destination", np.random.default_rng(1)))


def _blocks(table: pd.DataFrame, leave_out: str, rng: np.random.Generator) -> pd.Series:
    import numpy as np

    names = rng.permutation(np.array(sorted(table[leave_out].unique()), dtype=object))
    return table[leave_out].map(
        {name: index for index, block in enumerate(np.array_split(names, BLOCKS)) for name in block}
    )


def _show(title: str, table: pd.DataFrame, methods: Sequence[type[Method]], folds: pd.Series) -> None:
    import numpy as np

    held_out = on_common_cells(cross_validate(table, methods, np.random.default_rng(1), folds=folds))
    scoreboard.show(title, held_out[held_out["sex"] == "all"])


def world(shared: Path, edition: Literal["2019", "2020"] = "2020") -> pd.DataFrame:
    """Return corridors of the world with an audience above the floor and 1,000 persons or more in an edition.

    The stock is that of the edition's own year, the last official figure that of 2015 in the same edition.
    """
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
    undesa = EDITIONS[edition](shared / "official/undesa")
    now, then = (
        undesa[undesa["year"] == year].set_index(["destination", "origin"])["stock"] for year in (edition, "2015")
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
    lag = float(int(edition) - 2015)
    return columns.world(corridors(table, pd.Series(dtype=float), lag=lag), cells, rates, shared)


def _edition_2020(folder: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(folder / "un2020_bilateral_by_sex_iso3_long.csv.gz", keep_default_na=False, dtype=str)
    names = {"destination_iso3": "destination", "origin_iso3": "origin"}
    return table[table["sex"] == "Total"].assign(stock=lambda rows: rows["stock"].astype(float)).rename(columns=names)


def _edition_2019(folder: Path) -> pd.DataFrame:
    import pandas as pd

    path = folder / "ddf_un2019_migrant_stock_by_destination_origin_year.csv.gz"
    table = pd.read_csv(path, keep_default_na=False, dtype=str).rename(columns={"migrant_stock": "stock"})
    codes = {end: table[end].str.upper() for end in ("destination", "origin")}
    return table.assign(stock=table["stock"].astype(float), **codes)


EDITIONS: Final[dict[str, Callable[[Path], pd.DataFrame]]] = {"2019": _edition_2019, "2020": _edition_2020}
"""Stocks by destination, origin (ISO 3166-1 alpha-3) and year of each edition, read from the folder of UN DESA."""
