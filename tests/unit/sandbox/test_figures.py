from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock.sandbox import audiences, figures
from smstock.sandbox.parameters import COMPILER, REGISTERS, Parameters, Provider
from smstock.sandbox.simulation import simulate
from smstock.sandbox.targeting import AnyOf, Target
from smstock.tables import POPULATION, STOCK, USERS, Contract, check
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from smstock.sandbox.world import World

PARTS = [Ages(0, 17), Ages(18, 64), Ages(65)]


@pytest.fixture(scope="module")
def stock(world: World) -> pd.DataFrame:
    return figures.stock(world, REGISTERS, "2026-03", ages=[Ages(0), *PARTS])


@pytest.fixture(scope="module")
def population(world: World) -> pd.DataFrame:
    return figures.population(world, ["2020-07-01", "2026-07-01"], ages=[Ages(0), *PARTS])


@pytest.fixture(scope="module")
def users(world: World) -> pd.DataFrame:
    return figures.users(world, "2026-11", ages=[Ages(0), *PARTS])


@pytest.mark.parametrize(("name", "contract"), [("stock", STOCK), ("population", POPULATION), ("users", USERS)])
def test_tables_keep_their_contracts(name: str, contract: Contract, request: pytest.FixtureRequest) -> None:
    table = request.getfixturevalue(name)
    assert len(table) > 0
    pd.testing.assert_frame_equal(check(table, contract), table.reset_index(drop=True))


@pytest.mark.parametrize("name", ["stock", "population", "users"])
def test_sexes_and_ages_add_up_exactly(name: str, request: pytest.FixtureRequest) -> None:
    table = request.getfixturevalue(name).dropna(subset="value").assign(age_max=lambda rows: rows["age_max"].fillna(-1))
    others = [column for column in table.columns if column not in ("value", "sex", "age_min", "age_max")]
    by_sex = table.pivot_table(index=[*others, "age_min", "age_max"], columns="sex", values="value")
    assert (by_sex["all"] == by_sex["female"] + by_sex["male"]).all()
    whole = (table["age_min"] == 0) & (table["age_max"] == -1)
    parts = table[~whole].groupby([*others, "sex"])["value"].sum()
    total = table[whole].set_index([*others, "sex"])["value"]
    pd.testing.assert_series_equal(parts.sort_index(), total.sort_index(), check_dtype=False)
    assert (table["value"] % 1 == 0).all()


def test_a_register_counts_the_stock_less_its_undercount(world: World) -> None:
    table = (
        figures.stock(world, REGISTERS, "2026-03")
        .query("sex == 'all' and reference_date == '2025-01-01'")
        .dropna(subset="value")
    )
    assert len(table) > 10
    there = [world.areas.index(area) for area in table["destination"]]
    home = [world.origins.index(origin) for origin in table["origin"]]
    counted = world.stock[world.month_number("2025-01")][there, home] * (1 - world.undercount[0][there])
    np.testing.assert_allclose(table["value"], counted, atol=0.5, rtol=0)


def test_a_destination_that_does_not_report_is_missing_and_says_so() -> None:
    silent = Parameters(providers=(replace(REGISTERS, reporting=0.0),))
    world = simulate(np.random.default_rng(1), silent, areas=("AUT",), origins=("SRB",))
    table = figures.stock(world, silent.providers[0], "2017-03", destinations=["AUT"])
    assert table["value"].isna().all()
    assert set(table["flags"]) == {":"}


def test_nobody_is_a_migrant_at_home(stock: pd.DataFrame) -> None:
    assert (stock["destination"] != stock["origin"]).all()


def test_an_edition_holds_what_was_published_by_then_and_a_later_one_repeats_it(world: World) -> None:
    early, late = (figures.stock(world, REGISTERS, edition) for edition in ("2025-03", "2026-03"))
    assert (early["reference_date"].max(), late["reference_date"].max()) == ("2024-01-01", "2025-01-01")
    repeated = late[late["reference_date"] <= "2024-01-01"]
    pd.testing.assert_frame_equal(
        early.drop(columns="edition"), repeated.drop(columns="edition").reset_index(drop=True)
    )


@pytest.mark.parametrize(
    ("provider", "month", "edition", "dates"),
    [
        (REGISTERS, "2016-02", "", ()),
        (REGISTERS, "2016-03", "2016-03", ("2015-01-01",)),
        (REGISTERS, "2017-02", "2016-03", ("2015-01-01",)),
        (COMPILER, "2026-11", "2026-01", ("2015-07-01", "2020-07-01", "2025-07-01")),
        (COMPILER, "2025-12", "2021-01", ("2015-07-01", "2020-07-01")),
    ],
)
def test_figures_are_published_after_their_lag(
    provider: Provider, month: str, edition: str, dates: tuple[str, ...]
) -> None:
    assert figures.newest_edition(provider, month) == edition
    assert figures.reference_dates(provider, month) == dates


def test_truth_is_what_the_platform_counts(world: World) -> None:
    truth = figures.truth(world, "2026-11", ages=Ages(18))
    assert len(truth) == (len(world.areas) * len(world.origins) - len(world.origins)) * 3
    there = truth[truth["destination"] == "DEU"]
    for origin, sex, audience in zip(there["origin"], there["sex"], there["audience"], strict=True):
        sexes = ("female", "male") if sex == "all" else (sex,)
        target = Target(("DEU",), sexes, Ages(18), (AnyOf(origins=frozenset({origin})),))
        assert 0 <= audience - audiences.count(world, target, "2026-11") < 1
    stocks = there[there["sex"] == "all"]["stock"].to_numpy()
    np.testing.assert_allclose(stocks, world.stock[world.month_number("2026-11"), world.areas.index("DEU")])
