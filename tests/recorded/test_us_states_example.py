"""The worked example below the country: its figures taken again from their source, and its steps from end to end."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy import us

import smstock
from smstock import tables
from smstock.official import readers
from smstock.report import wording
from smstock.vocabulary import places

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.workflows.nowcasting import Nowcast

CELL = ["destination", "sex", "age_min", "age_max"]
FLOOR = 20
WITHDRAWN = "TUR"
SUMS: tuple[list[str], ...] = ([], ["sex"], ["age_min"], ["sex", "age_min"])
"""What the source's cells are added up over: nothing asked, and all that the query asked."""


@pytest.fixture(scope="module")
def source(shared: Path) -> pd.DataFrame:
    cells = us.us_cells(shared, 1)
    return cells[cells["origin"] != WITHDRAWN]


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "calibration" / "us-states"


def summed(cells: pd.DataFrame, key: list[str], column: str, *, by_age_alone: bool, how: str = "sum") -> pd.DataFrame:
    """Return sums of a column, or what else is made of cells, one row a cell of the files."""
    groupings = [names for names in SUMS if by_age_alone or names != ["age_min"]]
    made = [cells.groupby([*key, *names], as_index=False)[column].agg(how) for names in groupings]
    sums = pd.concat(made, ignore_index=True)
    ages = sums["age_min"]
    added: pd.DataFrame = sums.assign(
        sex=sums["sex"].fillna("all"), age_min=ages.fillna(us.YOUNGEST), age_max=(ages + 4).fillna(us.OLDEST)
    )
    return added


def assert_same(restated: pd.DataFrame, expected: pd.DataFrame, column: str, key: list[str]) -> None:
    joined = restated.merge(expected.astype({"age_min": "Int64", "age_max": "Int64"}), on=key, validate="one_to_one")
    assert len(joined) == len(restated) == len(expected)
    assert joined["value"].tolist() == joined[column].tolist()


@pytest.mark.parametrize(
    ("name", "contract", "rows"),
    [
        ("stock.csv.gz", tables.STOCK, 22_050),
        ("population.csv", tables.POPULATION, 735),
        ("users.csv", tables.USERS, 105),
    ],
)
def test_each_file_is_the_one_its_sidecar_describes(
    folder: Path, name: str, contract: tables.Contract, rows: int
) -> None:
    described = readers.read(folder / name, contract)
    assert len(described.table) == rows
    assert described.origin is not None
    assert described.origin.sha256
    assert "sums" in described.origin.notes or "Sums" in described.origin.notes


def test_recorded_answers_tell_where_they_are_from(repository: Path) -> None:
    origin = tomllib.loads((repository / "queries/recorded/us-states/origin.toml").read_text(encoding="utf-8"))
    assert "MJAlexander/fb-migration-bayes" in origin["citation"]
    assert "nobody asked for them" in origin["notes"]


def test_stock(source: pd.DataFrame, folder: Path) -> None:
    stock = readers.read_stock(folder / "stock.csv.gz")
    assert set(stock["reference_date"]) == {f"{us.SURVEY_YEAR}-07-01"}
    expected = summed(source, ["destination", "origin"], "stock", by_age_alone=False)
    assert_same(stock, expected, "stock", ["origin", *CELL])


def test_population(source: pd.DataFrame, folder: Path) -> None:
    population = readers.read_population(folder / "population.csv").rename(columns={"area": "destination"})
    of_states = source.drop_duplicates(["destination", "sex", "age_min"])
    assert_same(population, summed(of_states, ["destination"], "population", by_age_alone=False), "population", CELL)


def test_users(source: pd.DataFrame, folder: Path) -> None:
    users = readers.read_users(folder / "users.csv").rename(columns={"area": "destination"})
    of_states = source.drop_duplicates(["destination", "sex", "age_min"])
    sums = summed(of_states, ["destination"], "users", by_age_alone=False)
    assert_same(users, sums[sums["age_max"] == us.OLDEST].query("age_min == 15"), "users", CELL)


@pytest.fixture(scope="module")
def workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> smstock.Workspace:
    return smstock.Workspace(repository, output=tmp_path_factory.mktemp("states"))


@pytest.fixture(scope="module")
def answers(workspace: smstock.Workspace) -> pd.DataFrame:
    collected = workspace.collect("us-states", recordings="queries/recorded/us-states", wave="2017-01")
    return pd.read_parquet(collected.audience)


@pytest.fixture(scope="module")
def nowcast(workspace: smstock.Workspace, answers: pd.DataFrame) -> Nowcast:
    assert len(answers)
    return workspace.nowcast("us-states", query="us-states", by=("sex", "age"))


def two_digits(accounts: pd.Series) -> pd.Series:
    return accounts.map(lambda value: float(f"{value:.1e}"))


@pytest.mark.slow
def test_answers_by_sex_and_age_are_those_of_the_source_and_others_their_sums(
    source: pd.DataFrame, answers: pd.DataFrame
) -> None:
    everybody = source.drop_duplicates(["destination", "sex", "age_min"]).assign(audience=lambda cells: cells["users"])
    cells = pd.concat([source, everybody.assign(origin="")])
    sums = summed(cells, ["destination", "origin"], "audience", by_age_alone=True)
    most = summed(cells, ["destination", "origin"], "audience", by_age_alone=True, how="max")["audience"]
    expected = sums[(most > FLOOR) | (sums["age_max"] - sums["age_min"] == 4)]
    assert len(sums) - len(expected) == 212 + 513
    answered = answers[answers["status"] != "failed"]
    joined = answered.merge(expected.astype({"age_min": "Int64", "age_max": "Int64"}), on=["origin", *CELL])
    assert len(joined) == len(answered) == len(expected) == 31_825
    floored = joined["status"] == "floored"
    assert (floored == (joined["audience"] <= FLOOR)).all()
    assert joined["value"][floored].isna().all()
    shown = joined[~floored]
    finest = (shown["sex"] != "all") & (shown["age_max"] - shown["age_min"] == 4)
    assert (shown["value"] == two_digits(shown["audience"])).all()
    assert (shown["value"] == shown["audience"])[finest].all()
    assert finest.sum() == 10_519 + 630


@pytest.mark.slow
def test_only_users_at_the_origins_and_sums_of_nothing_shown_were_not_recorded(answers: pd.DataFrame) -> None:
    failed = answers[answers["status"] == "failed"]
    sums = failed[failed["origin"] != ""]
    assert set(sums["age_max"] - sums["age_min"]) == {us.OLDEST - us.YOUNGEST}
    assert (sums["sex"].eq("all").sum(), sums["sex"].ne("all").sum()) == (212, 513)
    assert (sums["origin"] == "GRC").sum() == 3 * 35
    failed = failed[failed["origin"] == ""]
    assert set(failed["origin"]) == {""}
    assert not failed["destination"].str.startswith("US-").any()


@pytest.mark.slow
def test_estimates_of_states_are_of_the_ages_of_the_survey_and_near_it(source: pd.DataFrame, nowcast: Nowcast) -> None:
    estimates = nowcast.estimates[nowcast.estimates["sex"] == "all"]
    assert len(estimates) == 35 * 30
    assert set(zip(estimates["age_min"], estimates["age_max"], strict=True)) == {(us.YOUNGEST, us.OLDEST)}
    survey = source.groupby(["destination", "origin"], as_index=False)["stock"].sum()
    large = estimates.merge(survey, on=["destination", "origin"]).query("stock > 1000")
    assert len(large) > 400
    assert np.abs(large["median"] / large["stock"] - 1).median() < 0.25


@pytest.mark.slow
def test_groups_add_up_to_their_corridor_and_the_model_of_shares_is_chosen(
    workspace: smstock.Workspace, nowcast: Nowcast
) -> None:
    detail, key = nowcast.detail, ["destination", "origin"]
    assert detail.groupby(key).size().unique().tolist() == [18]
    sums = detail.groupby(key)["median"].sum().rename("parts").reset_index()
    totals = nowcast.estimates[nowcast.estimates["sex"] == "all"].merge(sums, on=key)
    assert totals["parts"].tolist() == pytest.approx(totals["median"].tolist(), rel=1e-6)
    assert ((detail["lower_80"] <= detail["median"]) & (detail["median"] <= detail["upper_80"])).all()
    shares = workspace.calibrate("us-states", query="us-states").shares
    assert shares is not None
    assert shares.method == shares.scores[0].method == "log_ratio_shares"
    assert shares.scores[0].error < 0.8 * shares.scores[1].error
    assert 0.75 < shares.scores[0].held < 0.85


@pytest.mark.slow
def test_explaining_a_corridor_leaves_the_groups_on_file(workspace: smstock.Workspace, nowcast: Nowcast) -> None:
    (table,) = (path for path in nowcast.files if path.name == "us-states.parquet")
    written = table.read_bytes()
    explained = workspace.explain("us-states", "Mexico:California", query="us-states")
    assert explained.picture.name == "us-states.MEX-US-CA.png"
    assert table.read_bytes() == written
    assert len(pd.read_parquet(table)) == len(nowcast.estimates) + len(nowcast.detail)


@pytest.mark.slow
def test_groups_are_chosen_and_places_named_among_all_estimates(
    workspace: smstock.Workspace, nowcast: Nowcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_NAMES", {})  # as in a process that has read no query yet
    of_women = workspace.estimates("us-states", sex="female", ages="20-24", destinations=["US-CA"]).rows.df()
    expected = nowcast.detail.query("sex == 'female' and age_min == 20 and destination == 'US-CA'")
    assert sorted(of_women["median"]) == pytest.approx(sorted(expected["median"]))
    assert wording.country("US-CA") == "California"
