"""Facebook audiences of 2016 to 2019 between countries of the European Union beside Eurostat's stocks: tasks E1 to E4.

E1 and E2 are nowcasts of 1 January of each year, 2014 to 2018, from what was published six months later (figures up to
the year before) and on the very day (up to two years before). E3 and E4 leave destinations out: audiences of June 2018
against the stocks of January 2018, without an official figure or with the census of 2011. Ages 15 to 64, by birth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import audience, columns, scoreboard
from benchmarks.peers.super_learner import SuperLearner

from smstock.evaluate.backtest import Backtest, backtest
from smstock.evaluate.vintage import PUBLICATION_LAGS, Evidence
from smstock.models.methods import METHODS, OVER_TIME
from smstock.tables import STOCK, check
from smstock.vocabulary import countries, status

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

FIRST_SCORED: Final = "2014-01-01"
LAST: Final = "2018-01-01"
FILES: Final = {"eurostat_birth_15_64": "eurostat", "census_2011": "census_2011", "lfs_2016_2017": "lfs"}
FLOOR: Final = 1000.0
"""Accounts that Facebook says where there are fewer, from 2018 on."""
LAGS: Final = {**PUBLICATION_LAGS, "census_2011": 39, "lfs": 12}
"""The census: 27 months after the end of 2011 (Regulation (EC) No 763/2008, Article 5). The survey: assumed."""


def evidence(shared: Path) -> Evidence:
    """Return Eurostat's stocks, with the census and the Labour Force Survey beside them, and all audiences."""
    import pandas as pd

    official = pd.concat(
        [_stock(shared, f"{name}.csv", provider) for name, provider in FILES.items()], ignore_index=True
    )
    return Evidence(check(official, STOCK), audience.corridors(shared), provider="eurostat", lags=LAGS)


def _stock(shared: Path, name: str, provider: str) -> pd.DataFrame:
    """Return a file as a stock table; 0 in the source means missing."""
    import pandas as pd

    rows = pd.read_csv(shared / "benchmarks/eu28" / name, dtype=str, keep_default_na=False)
    table = pd.DataFrame(
        {
            "destination": rows["destination"].map(countries.find),
            "origin": rows["origin"].map(countries.find),
            "reference_date": rows["year"] + "-01-01",
            "value": pd.to_numeric(rows["stock"].replace("", None)),
        }
    )
    fixed = {"dataset": name, "edition": "as copied", "concept": "birth", "sex": "all", "flags": "", "retrieved_at": ""}
    table = table.assign(provider=provider, age_min=15, age_max=64, **fixed)
    return table[table["value"] > 0]


def nowcasts(shared: Path, *, months_after: int, jobs: int = 1) -> Backtest:
    """Return the back-test of every method, 2014 to 2018; earlier years are there for the intervals only."""
    years = [f"{year}-01-01" for year in range(2012 if months_after else 2013, 2019)]
    methods = (*METHODS, *OVER_TIME, SuperLearner)
    tested = backtest(evidence(shared), methods, targets=years, months_after=months_after, jobs=jobs)
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


def eu(shared: Path, *, census: bool, floored: bool = False) -> pd.DataFrame:
    """Return corridors of the EU with an audience above the floor and a stock; with ``census``, one of 100 or more.

    With ``floored`` corridors below the floor in each wave of spring 2018 follow, for level models to learn from. One
    without daily accounts is left out: people who lived in Greece cannot be asked for, and all are at the floor.
    """
    import pandas as pd

    folder = shared / "benchmarks/eu28"
    waves = pd.read_csv(folder / "facebook_2016_2019.csv")
    facebook = waves[waves["date"] == "2018-06-01"]
    ends = facebook.groupby("destination")[["platform_users_destination_mau", "population_destination_15_64"]].first()
    rates = ends["platform_users_destination_mau"] / ends["population_destination_15_64"]
    stock = pd.read_csv(folder / "eurostat_birth_15_64.csv")
    stock = stock[(stock["year"] == 2018) & (stock["stock"] > 0)][["origin", "destination", "stock"]]
    shown = (facebook["mau"] > FLOOR) | (facebook["dau"].notna() & floored)
    table = facebook[shown].merge(stock, on=["origin", "destination"])
    if census:
        counted = pd.read_csv(folder / "census_2011.csv")
        counted = counted[counted["stock"] >= 100].rename(columns={"stock": "official_last"})
        table = table.merge(counted[["origin", "destination", "official_last"]], on=["origin", "destination"])
    else:
        table["official_last"] = float("nan")
    table, waves = corridors(table, rates, lag=6.8), waves.copy()
    for end in ("destination", "origin"):
        table[end], waves[end] = (rows[end].map(countries.find) for rows in (table, waves))
    table = columns.eu(table, waves, shared)
    return _with_floors(table) if floored else table


def _with_floors(table: pd.DataFrame) -> pd.DataFrame:
    """Return the corridors with what is at the floor as below it, those above it in some other wave left out."""
    seen = table["audience"] > FLOOR
    table = table[seen | (table["audience_typical"] <= FLOOR)]
    seen = seen.loc[table.index]
    columns = ["audience", "audience_typical", "audience_daily"]
    below = table.assign(
        audience_upper=table["audience"].where(seen, FLOOR),
        audience_status=seen.map({True: status.OBSERVED, False: status.FLOORED}),
        **{name: table[name].where(seen) for name in columns},
    )
    return below.sort_values("audience_status", ascending=False, kind="stable").reset_index(drop=True)


def corridors(table: pd.DataFrame, rates: pd.Series, *, lag: float) -> pd.DataFrame:
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
