"""Facebook audiences of 2016 to 2019 between countries of the European Union beside Eurostat's stocks: tasks E1 to E4.

E1 and E2 are nowcasts of 1 January of each year, 2014 to 2018, from what was published six months later (figures up to
the year before) and on the very day (up to two years before). E3 and E4 leave destinations out: audiences of June 2018
against the stocks of January 2018, without an official figure or with the census of 2011. Ages 15 to 64, by birth.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import audience, scoreboard, undesa, workspace
from benchmarks.peers.super_learner import SuperLearner

from smstock.evaluate.archive import PUBLICATION_LAGS
from smstock.evaluate.backtest import Backtest, backtest
from smstock.models.methods import METHODS, OVER_TIME
from smstock.vocabulary import countries
from smstock.vocabulary.status import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from smstock.evaluate.archive import Archive
    from smstock.workflows.evidence import Evidence

FIRST_SCORED: Final = "2014-01-01"
LAST: Final = "2018-01-01"
FILES: Final = {
    "eurostat": "eurostat_birth_15_64.csv",
    "census_2011": "census_2011.csv",
    "lfs": "lfs_2016_2017.csv",
}
"""Official files by provider."""
FEWEST_COUNTED: Final = 100
"""Fewest persons that the census counted in a corridor of E4."""
LAGS: Final = {**PUBLICATION_LAGS, "census_2011": 39, "lfs": 12}
"""The census: 27 months after the end of 2011 (Regulation (EC) No 763/2008, Article 5). The survey: assumed."""
NO_FIGURE: Final = """
name = "eu"
stock = ["eurostat.csv", "undesa.csv"]
provider = "eurostat"
edition = "as copied"
concepts = ["birth"]
target_date = "2018-01-01"
known_until = "2017-12-31"
users = "users.csv"
population = "population.csv"
"""
YEARLY: Final = """
name = "eu"
stock = ["eurostat.csv", "census_2011.csv", "lfs.csv", "undesa.csv"]
provider = "eurostat"
edition = "as copied"
concepts = ["birth"]
target_date = "2018-01-01"
known_until = "2017-12-31"
"""
CENSUS: Final = """
name = "eu"
stock = ["eurostat.csv", "census.csv", "undesa.csv"]
target_date = "2018-01-01"
known_until = "2017-12-31"
users = "users.csv"
population = "population.csv"

[[order]]
provider = "eurostat"
edition = "as copied"
concepts = ["birth"]

[[order]]
provider = "census_2011"
edition = "as copied"
concepts = ["birth"]
"""


def evidence(shared: Path) -> Archive:
    """Return Eurostat's stocks and all audiences, as they are back-tested."""
    with years(shared) as written:
        return written.dated(LAGS)


@contextmanager
def years(shared: Path) -> Iterator[Evidence]:
    """Write a workspace of all waves with Eurostat's yearly series, and yield its evidence.

    Its ``figures`` hold the census, the Labour Force Survey and UN DESA's stocks of 2015 too, none of them estimated.
    The platform has no category for people who lived in Bulgaria or Croatia: whoever asks for all corridors is refused
    these, and has them in the waves all the same.
    """
    import pandas as pd

    asked = audience.corridors(shared)
    refused = {"value": None, "lower": None, "upper": None, "status": f"{REFUSED}no_category"}
    without = [
        asked.drop_duplicates(["wave", "metric", "destination"]).assign(origin=origin, **refused)
        for origin in countries.group("eu28")
        if origin not in set(asked["origin"])
    ]
    with workspace.written(
        pd.concat([asked, *(table[table["destination"] != table["origin"]] for table in without)]),
        {f"{name}.csv": _stock(shared, name) for name in FILES}
        | {"undesa.csv": undesa.stock(shared, "2020", ["2015"])},
        YEARLY,
    ) as written:
        yield written


def _stock(shared: Path, provider: str) -> pd.DataFrame:
    """Return the figures of a provider; 0 in the source means missing."""
    import pandas as pd

    name = FILES[provider]
    rows = pd.read_csv(shared / "benchmarks/eu28" / name, dtype=str, keep_default_na=False)
    table = pd.DataFrame(
        {
            "destination": rows["destination"].map(countries.find),
            "origin": rows["origin"].map(countries.find),
            "reference_date": rows["year"] + "-01-01",
            "value": pd.to_numeric(rows["stock"].replace("", None)),
        }
    )
    return workspace.stock(
        table[table["value"] > 0], provider=provider, dataset=name, edition="as copied", age_min=15, age_max=64
    )


def nowcasts(shared: Path, *, months_after: int) -> Backtest:
    """Return the back-test of every method, 2014 to 2018; earlier years are there for the intervals only."""
    targets = [f"{year}-01-01" for year in range(2012 if months_after else 2013, 2019)]
    methods = (*METHODS, *OVER_TIME, SuperLearner)
    tested = backtest(evidence(shared), methods, targets=targets, months_after=months_after)
    scored, refused = (table[table["target_date"] >= FIRST_SCORED] for table in (tested.table, tested.refusals))
    return Backtest(scored.reset_index(drop=True), refused.reset_index(drop=True))


def published(shared: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the posterior of Yildiz et al. 2024 with Eurostat's figures of 2018 withheld, for the cells given."""
    import pandas as pd

    rows = pd.read_csv(shared / "benchmarks/eu28/published_posterior_2018_held_out.csv")
    rows = rows[rows["year"] == 2018]
    table = pd.DataFrame(
        {
            "destination": rows["dest"].map(countries.find),
            "origin": rows["orig"].map(countries.find),
            "method": "published posterior",
            "estimate": rows["total"],
            "lower_50": rows["lwr50"],
            "upper_50": rows["upp50"],
            "lower_80": rows["lwr80"],
            "upper_80": rows["upp80"],
            "lower_95": float("nan"),
            "upper_95": float("nan"),
        }
    )
    own = ["target_date", "destination", "origin", "sex", "stock", "regime", "size_band"]
    return cells[own].merge(table, on=["destination", "origin"])


def show_nowcasts(title: str, shared: Path, *, months_after: int) -> None:
    """Print the scores of 2018 beside the published posterior on the same cells, and those of each year."""
    import pandas as pd

    tested = nowcasts(shared, months_after=months_after)
    table = tested.table
    last = table[table["target_date"] == LAST]
    posterior = published(shared, last[last["method"] == "carry_forward"])
    scoreboard.show(f"{title}, 1 January 2018", pd.concat([last, posterior], ignore_index=True))
    print(f"### {title}, every year: MdAPE / wMAPE / RMSLE (cells)\n")
    scoreboard.print_lines(scoreboard.year_lines(table))
    print(f"{scoreboard.BANDS}, all years\n")
    scoreboard.print_lines(scoreboard.band_lines(table))
    never = tested.refusals[~tested.refusals["method"].isin(table["method"])].drop_duplicates("method", keep="last")
    if len(never):
        print("Not run, and why:\n")
        scoreboard.print_lines(f"- {row['method']}: {row['reason']}" for row in never.to_dict("records"))


def eu(shared: Path, *, census: bool) -> pd.DataFrame:
    """Return the corridors that a calibration on the waves up to June 2018 learns from.

    Eurostat's figures of 2018 are the only ones to learn from; with ``census`` those of 2011 are the last one known, in
    corridors where it is 100 or more. UN DESA's stocks of 2015 lie in the workspace as well, and none is estimated.
    Corridors below the floor are there for level models to learn from. Ages 15 to 64, but those of UN DESA.
    """
    with workspace.written(
        audience.corridors(shared).query("wave <= '2018-06'"),
        {
            "eurostat.csv": _stock(shared, "eurostat").query("reference_date == @LAST"),
            "census.csv": _stock(shared, "census_2011"),
            "undesa.csv": undesa.stock(shared, "2020", ["2015"]),
            **_denominators(shared),
        },
        CENSUS if census else NO_FIGURE,
    ) as evidence:
        table = evidence.benchmark
    return table[table["official_last"] >= FEWEST_COUNTED].reset_index(drop=True) if census else table


@contextmanager
def month(shared: Path) -> Iterator[Evidence]:
    """Write a workspace of June 2018 with Eurostat's yearly series and the census, and yield its evidence."""
    with workspace.written(
        audience.corridors(shared).query("wave <= '2018-06'"),
        {
            "eurostat.csv": _stock(shared, "eurostat").query("reference_date >= '2014'"),
            "census.csv": _stock(shared, "census_2011"),
            "undesa.csv": undesa.stock(shared, "2020", ["2015"]),
            **_denominators(shared),
        },
        CENSUS,
    ) as evidence:
        yield evidence


def _denominators(shared: Path) -> dict[str, pd.DataFrame]:
    """Return users and population of each destination as of June 2018."""
    import pandas as pd

    rows = pd.read_csv(shared / "benchmarks/eu28/facebook_2016_2019.csv")
    rows = rows[rows["date"] == "2018-06-01"].drop_duplicates("destination")
    table = pd.DataFrame({"area": rows["destination"].map(countries.find), "sex": "all", "age_min": 15, "age_max": 64})
    users = table.assign(
        platform="meta",
        asked_at="2018-06-01T00:00:00Z",
        value=rows["platform_users_destination_mau"],
        source="as copied",
    )
    people = table.assign(
        provider="eurostat", edition="as copied", reference_date=LAST, value=rows["population_destination_15_64"]
    )
    return {"users.csv": users, "population.csv": people}
