"""Shares by sex and age of all migrants of a destination: UN DESA and Eurostat beside the ages of April 2019.

The audience is that of everybody who "lives abroad", the figures are those of all origins together, by sex and ages
of five years from 15 on. Each destination is left out of what methods learn. Either nothing official is known of it,
or its composition of some years before: of 2015 (UN DESA, which carries most countries' compositions forward itself)
or of 2014 (Eurostat, foreign citizens, 1 January).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import scoreboard
from benchmarks.accuracy.shares import score_lines
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.platforms.meta.rounding import FLOOR
from smstock.vocabulary import countries
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.evaluate.shares import ShareScore

YOUNGEST, OLDEST = 15, 65
"""Youngest ages of the first group, and of the last, which is open."""
SEXES: Final = {1: "male", 2: "female"}
GROUP: Final = ["destination", "sex", "age_min"]


def main(words: Sequence[str]) -> None:
    """Print the scores of every method of shares."""
    del words
    print(f"{machine()}\n")
    for office, (_, year, before) in OFFICES.items():
        for known in (False, True):
            print(f"{office}, {year}; {f'composition of {before} known' if known else 'nothing official known'}\n")
            scoreboard.print_lines(score_lines(scores(office, known=known)))


@cache
def scores(office: str, *, known: bool = False) -> tuple[ShareScore, ...]:
    """Return the scores that a calibration keeps of an office's figures, each destination left out.

    Parameters
    ----------
    office
        One of `OFFICES`.
    known
        Whether compositions of some years before are known, that of the destination left out among them.
    """
    from smstock.calibrate.shares import learn_shares

    learnt = learn_shares(_groups(office, known=known))
    assert learnt is not None  # figures of ten destinations and more
    return learnt.scores


def beside(office: str, rival: str, *, known: bool = False) -> float:
    """Return the error of the method chosen over that of a rival."""
    learnt = scores(office, known=known)
    return learnt[0].error / next(score.error for score in learnt if score.method == rival)


def held(office: str) -> float:
    """Return how many groups the 80 % intervals of the method chosen hold, nothing official being known; percent."""
    return 100 * scores(office)[0].held


def _groups(office: str, *, known: bool) -> pd.DataFrame:
    """Return the groups table of all destinations that have audiences of every group."""
    read, year, before = OFFICES[office]
    migrants, people = read(shared_folder())
    accounts = _accounts(shared_folder())
    table = accounts.assign(
        origin=FOREIGN,
        education="",
        age_max=(accounts["age_min"] + 4).where(accounts["age_min"] < OLDEST).astype("Int64"),
        audience_upper=accounts["audience"],
        audience=accounts["audience"].where(accounts["audience"] > FLOOR),
        official_basis="",
        official=float("nan"),
    )
    table = table.join(_of_year(migrants, year).rename("stock"), on=GROUP)
    table = table.join(_of_year(people, year).rename("population"), on=GROUP)
    if known:
        table = table.drop(columns="official").join(_of_year(migrants, before).rename("official"), on=GROUP)
        of_all = table.groupby("destination")["official"].transform("count") == _number(table)
        table["official"] = table["official"].where(of_all)
        table["official_basis"] = of_all.map({True: "corridor", False: ""})
    return table[table.groupby("destination")["sex"].transform("size") == _number(table)]


def _number(table: pd.DataFrame) -> int:
    return len(table[["sex", "age_min"]].drop_duplicates())


def _of_year(figures: pd.DataFrame, year: int) -> pd.Series:
    """Return persons of a year by destination, sex and age group; not known where a part is not."""
    rows = figures[(figures["year"] == year) & (figures["age_min"] >= YOUNGEST)]
    rows = rows.assign(age_min=rows["age_min"].clip(upper=OLDEST))
    return rows.groupby(GROUP)["value"].agg(lambda parts: parts.sum(skipna=False))


@cache
def _accounts(shared: Path) -> pd.DataFrame:
    """Return accounts of all who live abroad, and of all users, by destination, sex and ages of five years."""
    import pandas as pd

    cells = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    five = (cells["age_max"] - cells["age_min"] == 4) | (cells["age_min"] == OLDEST)
    cells = cells[five.fillna(value=False) & cells["sex"].isin([*SEXES]) & (cells["age_min"] >= YOUNGEST)]
    cells = cells.assign(
        destination=cells["destination"].map(countries.crosswalk("iso2")),
        sex=cells["sex"].map(SEXES),
        mau=cells["mau"].astype("float64"),
    )
    abroad, users = (
        cells[cells["origin_label"] == label].drop_duplicates(GROUP).set_index(GROUP)["mau"]
        for label in ("Expats (All)", "")
    )
    return pd.DataFrame({"audience": abroad, "users": users.reindex(abroad.index)}).reset_index()


@cache
def _undesa(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return migrants and population of UN DESA's edition of 2019: destination, year, sex, age_min, value."""
    import pandas as pd

    folder = shared / "official/undesa"
    tables = []
    for name in ("un2019_by_age_and_sex_wide.csv.gz", "un2019_total_population_by_age_and_sex_wide.csv.gz"):
        wide = pd.read_csv(folder / name, keep_default_na=False, dtype=str)
        wide = wide[wide["Year"] != ""].assign(destination=wide["Destination"].map(_areas(wide["Destination"])))
        groups = [
            column for column in wide.columns.astype(str) if column.endswith(("_(f)", "_(m)")) and column[0].isdigit()
        ]
        rows = wide.dropna(subset="destination").melt(["destination", "Year"], groups)
        ages = rows["variable"].str.extract(r"^(?P<low>\d+).*_\((?P<sex>[fm])\)$")
        tables.append(
            pd.DataFrame(
                {
                    "destination": rows["destination"],
                    "year": rows["Year"].astype(float).astype(int),
                    "sex": ages["sex"].map({"f": "female", "m": "male"}),
                    "age_min": ages["low"].astype(int),
                    "value": pd.to_numeric(rows["value"], errors="coerce"),
                }
            )
        )
    return tables[0], tables[1]


def _areas(names: pd.Series) -> dict[str, str]:
    """Return countries by the names that the file has for them; regions of the world are none."""
    from smstock.errors import UnknownNameError

    known = {}
    for name in names.unique():
        try:
            known[name] = countries.find(name)
        except UnknownNameError:
            continue
    return known


@cache
def _eurostat(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return foreign citizens and population of Eurostat on 1 January: destination, year, sex, age_min, value."""
    import pandas as pd

    name = "migr_pop1ctz_FOR_STLS_and_TOTAL_by_sex_age5_geo_2012_2024_labels.csv.gz"
    rows = pd.read_csv(shared / "official/eurostat" / name, keep_default_na=False, dtype=str)
    rows = rows[rows["Sex"].isin(["Females", "Males"]) & rows["Age class"].str.match(r"From|\d")]
    table = pd.DataFrame(
        {
            "destination": rows["geo"].map(countries.find),
            "year": rows["year"].astype(int),
            "sex": rows["Sex"].map({"Females": "female", "Males": "male"}),
            "age_min": rows["Age class"].str.extract(r"(\d+)")[0].astype(int),
            "value": pd.to_numeric(rows["Number"], errors="coerce"),
        }
    )
    everybody = rows["Country of citizenship"] == "Total"
    return table[~everybody], table[everybody]


OFFICES: Final[dict[str, tuple[Callable[[Path], tuple[pd.DataFrame, pd.DataFrame]], int, int]]] = {
    "UN DESA": (_undesa, 2019, 2015),
    "Eurostat": (_eurostat, 2019, 2014),
}
"""What reads the migrants and the population of each office, the year scored, and a year known before."""
