"""Audiences of April and May 2019 all over the world beside UN DESA's stocks of 2020 (G1, G2) and 2019 (G3, G4)."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from benchmarks.accuracy import scoreboard, undesa, workspace

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import on_common_cells
from smstock.models.methods import METHODS
from smstock.platforms.meta.catalogue import LIVES_ABROAD
from smstock.platforms.meta.rounding import FLOOR
from smstock.vocabulary import countries
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd

    from smstock.models.base import Method
    from smstock.workflows.evidence import Evidence

EVERY: Final = tuple(method for method in METHODS if "penetration_origin" not in method.needs)
"""Methods but those that divide by the penetration of the origin, which is known of 780 of the 1,300 corridors."""
ALONE: Final = tuple(method for method in EVERY if "official_last" not in method.needs)
"""Methods that need no official figure."""
RANDOM_FOLDS: Final = 10
BLOCKS: Final = 20
WAVE: Final = "2019-04"
SEXES: Final = {0: "all", 1: "male", 2: "female"}
AGES: Final = (13, 15, 20, 30, 50, 65)
"""Youngest age of the groups that are asked for: 13-14, of five years each, and 65+."""
FEWEST_PERSONS: Final = 1000
"""Smaller stocks are left out."""
POPULATION: Final = Path(__file__).parents[2] / "calibration/serbia/population.csv"
CALIBRATION: Final = """
name = "world"
stock = "undesa.csv"
provider = "undesa"
edition = "{edition}"
concepts = ["birth"]
target_date = "{edition}-07-01"
known_until = "2015-07-01"
users = "users.csv"
population = "population.csv"
"""


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
    """Return corridors of the world of 1,000 persons or more in an edition, as a calibration learns from them.

    The stock is that of the edition's own year, the last official figure that of 2015 in the same edition. Users are
    those of the collection, over the population of 2020 aged 13 and over that the worked example has. Corridors below
    the floor are there for level models to learn from.
    """
    import pandas as pd

    cells = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    cells = cells.assign(destination=cells["destination"].map(countries.crosswalk("iso2")))
    with workspace.written(
        _answers(cells, shared),
        {
            "undesa.csv": undesa.stock(shared, edition, ["2015", edition]),
            "users.csv": _users(cells),
            "population.csv": pd.read_csv(POPULATION),
        },
        CALIBRATION.format(edition=edition),
    ) as evidence:
        table = evidence.benchmark
    return table[(table["sex"] == "all") & (table["stock"] >= FEWEST_PERSONS)].reset_index(drop=True)


@contextmanager
def month(shared: Path) -> Iterator[Evidence]:
    """Write a workspace of April 2019 with UN DESA's stocks of 2010 to 2020, and yield its evidence."""
    import pandas as pd

    cells = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    cells = cells.assign(destination=cells["destination"].map(countries.crosswalk("iso2")))
    with workspace.written(
        _answers(cells, shared),
        {
            "undesa.csv": undesa.stock(shared, "2020", ["2010", "2015", "2020"]),
            "users.csv": _users(cells),
            "population.csv": pd.read_csv(POPULATION),
        },
        CALIBRATION.format(edition="2020"),
    ) as evidence:
        yield evidence


def _answers(cells: pd.DataFrame, shared: Path) -> pd.DataFrame:
    """Return the audience table: each origin by sex and in six age groups, and all who live abroad.

    Of two categories of one origin the larger counts; what has no origin ("All - Expats") is left out.
    """
    import pandas as pd

    labels = pd.read_csv(shared / "reference/meta_lived_in_behaviors.csv", dtype=str, keep_default_na=False)
    origins = labels[labels["iso3"] != ""].set_index("behavior_id")["iso3"].to_dict() | {LIVES_ABROAD: FOREIGN}
    key = ["destination", "origin", "sex", "age_min", "age_max"]
    rows = cells.assign(origin=cells["behavior_id"].map(origins)).dropna(subset="origin")
    all_ages = (rows["age_min"] == 13) & rows["age_max"].isna()
    group = (
        (rows["sex"] == 0) & rows["age_min"].isin(AGES) & ~(rows["age_max"] - rows["age_min"] >= 5).fillna(value=False)
    )
    rows = rows[all_ages & (rows["sex"] == 0) | (rows["origin"] != FOREIGN) & (all_ages | group)]
    rows = rows.sort_values("mau", kind="stable").drop_duplicates(key, keep="last").reset_index(drop=True)
    table = rows[key].assign(wave=WAVE, sex=rows["sex"].map(SEXES))
    monthly, daily = (rows[name].astype("float64") for name in ("mau", "dau"))
    return workspace.answers(table, monthly, daily, FLOOR, location_basis="default")


def _users(cells: pd.DataFrame) -> pd.DataFrame:
    """Return all accounts of each destination, by sex."""
    import pandas as pd

    rows = cells[(cells["origin_label"] == "") & (cells["age_min"] == 13) & cells["age_max"].isna()]
    return pd.DataFrame(
        {
            "platform": "meta",
            "area": rows["destination"],
            "sex": rows["sex"].map(SEXES),
            "age_min": 13,
            "age_max": None,
            "asked_at": pd.to_datetime(rows["ts"], unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "value": rows["mau"],
            "source": "as copied",
        }
    )
