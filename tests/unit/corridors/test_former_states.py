"""Corridors that an office counts under a former state: which they are, and that they are found by their peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.corridors.former_states import (
    SUCCESSORS,
    beyond,
    excess,
    misleading,
    offices,
    taught,
    with_former_states,
)
from smstock.vocabulary.countries import areas

PLACES = ["BEL", "NLD", "AUT", "DEU", "FRA", "ITA", "ESP", "GBR", "SWE", "DNK", "FIN", "NOR", "CHE", "IRL", "POL"]
WHENCE = ["SVK", "CZE", "SVN", "LVA", "PAK", "BRA", "IND", "CHN", "USA", "MAR"]
HIDDEN = {("NLD", "SVK"), ("NLD", "CZE"), ("NLD", "SVN"), ("NLD", "LVA")}


def simulated(seed: int, *, part: float) -> pd.DataFrame:
    """Return corridors of which the Dutch ones of successor states show a part of their stock."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([PLACES, WHENCE], names=["destination", "origin"]).to_frame(index=False)
    effect = {name: rng.normal(0, 0.5) for name in [*PLACES, *WHENCE]}
    true = np.exp(rng.normal(9.0, 1.0, len(rows)))
    usual = rows["destination"].map(effect) + rows["origin"].map(effect)
    hidden = [cell in HIDDEN for cell in zip(rows["destination"], rows["origin"], strict=True)]
    rows["audience"] = true * np.exp(usual - 0.5 + rng.normal(0, 0.25, len(rows)))
    rows["stock"] = np.where(hidden, part * true, true)
    rows["official_last"], rows["official_concept"], rows["stock_concept"] = rows["stock"], "birth", "birth"
    none = pd.DataFrame(columns=["destination", "origin", "sex", "provider", "concept", "reference_date", "value"])
    return with_former_states(rows.assign(sex="all"), none, known_until="2020-07-01", benchmark=True)


def cells(table: pd.DataFrame, chosen: pd.Series) -> set[tuple[str, str]]:
    return set(table.loc[chosen, ["destination", "origin"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("seed", range(5))
def test_the_destination_that_counts_the_former_states_is_recovered(seed: int) -> None:
    table = simulated(seed, part=0.1)
    assert cells(table, misleading(table)) == HIDDEN
    assert cells(table, beyond(table, "official_last").notna()) == HIDDEN
    assert taught(table)["stock"].isna().sum() == len(HIDDEN)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_found_where_every_office_counts_today_s_states(seed: int) -> None:
    table = simulated(seed, part=1.0)
    assert cells(table, beyond(table, "stock").notna()) == set()
    assert taught(table) is table


def test_how_far_it_lies_beyond_its_peers_by_hand() -> None:
    """Half an account a person at every destination, 0.6 at one, and 5 at another: 10 times the median."""
    rows = pd.DataFrame({"destination": [*"ABCDEF"], "origin": "SVK", "sex": "all", "stock": 1000.0})
    rows["audience"] = [500.0, 500.0, 600.0, 500.0, 500.0, 5000.0]
    assert excess(rows, "stock").iloc[-1] == pytest.approx(10.0)
    assert beyond(rows.assign(origin="PAK"), "stock").isna().all()
    assert beyond(rows.assign(sex="female"), "stock").isna().all()


def test_where_peers_differ_as_much_nothing_is_beyond() -> None:
    rows = pd.DataFrame({"destination": [*"ABCDEFG"], "origin": "SVK", "sex": "all", "stock": 1000.0})
    rows["audience"] = [100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0]
    assert beyond(rows, "stock").isna().all()


def test_too_few_peers_judge_nothing() -> None:
    rows = pd.DataFrame({"destination": [*"ABCD"], "origin": "SVK", "sex": "all", "stock": 1000.0})
    assert excess(rows.assign(audience=[1e3, 1e3, 1e3, 9e4]), "stock").isna().all()


def known(**more: Any) -> pd.DataFrame:
    row = {"destination": "DNK", "origin": "SRB", "sex": "all", "official_last": 3000.0, "official_concept": "birth"}
    return pd.DataFrame([row | more])


def figure(value: float, *, origin: str = "YUG", day: str = "2019-01-01", sex: str = "all") -> dict[str, Any]:
    cell = {"destination": "DNK", "origin": origin, "sex": sex, "concept": "citizenship", "provider": "eurostat"}
    return cell | {"reference_date": day, "value": value}


@pytest.mark.parametrize(
    ("figures", "under", "words"),
    [
        ([figure(3862)], "YUG", "Yugoslavia 3,862 (its citizens, eurostat, 2019-01-01)"),
        (
            [figure(3862), figure(937, origin="SCG")],
            "SCG YUG",
            (
                "Serbia and Montenegro 937 (its citizens, eurostat, 2019-01-01), "
                "Yugoslavia 3,862 (its citizens, eurostat, 2019-01-01)"
            ),
        ),
        (
            [figure(4187, day="2018-01-01"), figure(3862)],
            "YUG",
            "Yugoslavia 3,862 (its citizens, eurostat, 2019-01-01)",
        ),
        ([figure(299)], "", "Yugoslavia 299 (its citizens, eurostat, 2019-01-01)"),
    ],
)
def test_a_file_that_holds_the_former_state_says_that_the_office_counts_it(
    figures: list[dict[str, Any]], under: str, words: str
) -> None:
    table = with_former_states(known(), pd.DataFrame(figures), known_until="2020-10-15")
    assert table[["counted_under", "former_figures"]].to_numpy().tolist() == [[under, words]]


@pytest.mark.parametrize(
    "figures",
    [
        [figure(3862, day="2021-01-01")],
        [figure(3862, day="2009-01-01")],
        [figure(3862, sex="female")],
        [figure(0)],
        [figure(3862, origin="SUN")],
    ],
)
def test_later_older_empty_and_other_figures_say_nothing(figures: list[dict[str, Any]]) -> None:
    assert "counted_under" not in with_former_states(known(), pd.DataFrame(figures), known_until="2020-10-15")


def test_an_office_is_known_for_whom_it_counts_only() -> None:
    nothing = pd.DataFrame([figure(0)])
    by_birth = known(destination="NLD")
    assert with_former_states(by_birth, nothing, known_until="2020-10-15")["counted_under"].tolist() == ["YUG"]
    citizens = known(destination="NLD", official_concept="citizenship")
    assert "counted_under" not in with_former_states(citizens, nothing, known_until="2020-10-15")


def test_former_states_are_areas_that_ended_and_successors_are_areas_that_did_not() -> None:
    ended = {area.iso3: area.valid_to is not None for area in areas()}
    assert all(ended[former] for former in SUCCESSORS)
    assert not any(ended[state] for successors in SUCCESSORS.values() for state in successors)
    assert {former for _, former, _ in offices()} <= set(SUCCESSORS)
