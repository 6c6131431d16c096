"""Which offices count under a former state is read off two real files, and real corridors bear it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.corridors.former_states import BEYOND, SUCCESSORS, beyond, misleading, offices, with_former_states
from smstock.vocabulary.countries import known_as

if TYPE_CHECKING:
    from pathlib import Path

FEWEST = 300
BENCHMARK = "benchmarks/eu28"


@pytest.fixture(scope="module")
def citizens(shared: Path) -> pd.DataFrame:
    """Return citizens of each country at each destination on 1 January 2020, Eurostat."""
    path = shared / "official/eurostat/migr_pop1ctz_citizen_total_geo_2015_2024_labels.csv.gz"
    rows = pd.read_csv(path).set_axis(["origin", "destination", "year", "citizens"], axis=1)
    rows = rows[rows["year"] == 2020]
    ends = {end: rows[end].map(lambda name: known_as(name, "name")) for end in ("origin", "destination")}
    return rows.assign(citizens=pd.to_numeric(rows["citizens"], errors="coerce"), **ends)


def test_they_are_those_where_most_successors_have_far_more_citizens_than_natives(
    shared: Path, citizens: pd.DataFrame
) -> None:
    natives = pd.read_csv(shared / "official/undesa/un2020_bilateral_by_sex_iso3_long.csv.gz")
    natives = natives[(natives["sex"] == "Total") & (natives["year"] == 2020)]
    natives = natives.rename(columns={"destination_iso3": "destination", "origin_iso3": "origin"})
    both = citizens[citizens["citizens"] >= FEWEST].merge(natives, on=["destination", "origin"])
    both["ratio"] = both["citizens"] / both["stock"].clip(lower=1)
    every = {state for successors in SUCCESSORS.values() for state in successors}
    usual = both[~both["origin"].isin(every)].groupby("destination")["ratio"].median()
    both["times"] = both["ratio"] / both["destination"].map(usual)
    counted = set()
    for former in ("CSK", "SUN", "YUG"):
        of_former = both[both["origin"].isin(SUCCESSORS[former])].groupby("destination")["times"]
        most = of_former.agg(lambda times: (times >= BEYOND).mean() > 0.5) & (of_former.size() > 1)
        counted |= {(str(where), former, "birth") for where in most.index[most.astype(bool)]}
    assert counted == offices()


def test_belgium_counts_czechoslovaks_and_yugoslavs_as_audiences_of_2018_say(shared: Path) -> None:
    """Of 164 corridors of the European Union with an audience, three are beyond their peers: all in Belgium."""
    asked = pd.read_csv(shared / BENCHMARK / "facebook_2016_2019.csv").query("date == '2018-06-01' and mau > 1000")
    born = pd.read_csv(shared / BENCHMARK / "eurostat_birth_15_64.csv").query("year == 2018 and stock > 0")
    table = asked.merge(born, on=["origin", "destination"]).rename(columns={"mau": "audience"})
    ends = {end: table[end].map(lambda name: known_as(name, "name")) for end in ("origin", "destination")}
    table = table.assign(sex="all", stock_concept="birth", **ends)
    none = pd.DataFrame(columns=["destination", "origin", "sex", "provider", "concept", "reference_date", "value"])
    table = with_former_states(table, none, known_until="2018-06-15", benchmark=True)
    assert len(table) == 164
    assert beyond(table, "stock").notna().sum() == misleading(table).sum() == 3
    assert sorted(table.loc[misleading(table), "origin"]) == ["CZE", "SVK", "SVN"]
    assert set(table.loc[misleading(table), "destination"]) == {"BEL"}


def test_figures_of_former_states_are_read_as_areas_of_their_own(shared: Path, citizens: pd.DataFrame) -> None:
    """Belgium had 1,099 citizens of Yugoslavia and 1,293 of Serbia and Montenegro in 2020, beside 4,871 of Serbia."""
    belgian = citizens[citizens["destination"] == "BEL"].set_index("origin")["citizens"]
    assert belgian[["YUG", "SCG", "SRB"]].tolist() == [1099, 1293, 4871]
    rows = citizens.rename(columns={"citizens": "value"}).assign(
        sex="all", provider="eurostat", concept="citizenship", reference_date="2020-01-01"
    )
    corridor = {
        "destination": "BEL",
        "origin": "SRB",
        "sex": "all",
        "official_last": 769.0,
        "official_concept": "birth",
    }
    table = with_former_states(pd.DataFrame([corridor]), rows, known_until="2020-10-15")
    assert table["counted_under"].tolist() == ["SCG YUG"]
    assert table["official_last"].tolist() == [769.0]
    assert table["former_figures"].item() == (
        "Serbia and Montenegro 1,293 (its citizens, eurostat, 2020-01-01), "
        "Yugoslavia 1,099 (its citizens, eurostat, 2020-01-01)"
    )
