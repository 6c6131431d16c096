"""Shares by dimension of a corridor: bases, floors, missing answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from smstock.compute import Compute
from smstock.errors import InputError, TooFewCellsError
from smstock.skills.members import members
from smstock.skills.quotients import against_everybody, against_other_origins
from smstock.skills.shares import Shares, shares, summary

if TYPE_CHECKING:
    from collections.abc import Hashable


def counts(*rows: tuple[str, str, str, str, float | None]) -> pd.DataFrame:
    """Return members from (destination, origin, dimension, category, count); below 300 is the floor, None no answer."""
    table = pd.DataFrame(rows, columns=["destination", "origin", "dimension", "category", "value"])
    known, floored = table["value"].notna(), table["value"] < 300
    return table.assign(
        sex="all",
        lower=np.where(floored, 0.0, table["value"] - 0.5),
        upper=np.where(floored, 300.0, table["value"] + 0.5),
        status=np.where(floored, "floored", np.where(known, "observed", "failed")),
        value=table["value"].mask(floored),
    )


def profile(members: pd.DataFrame) -> pd.DataFrame:
    return summary(shares(members, np.random.default_rng(1), draws=500))


def of(profile: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Return the rows that have these values."""
    chosen = np.logical_and.reduce([profile[name] == value for name, value in values.items()])
    return profile[chosen]


def row(profile: pd.DataFrame, **values: str) -> dict[Hashable, Any]:
    """Return the one row that has these values."""
    (found,) = of(profile, **values).to_dict("records")
    return found


def test_shares_of_a_composition_are_of_those_who_stated_it_and_others_of_all_members() -> None:
    found = profile(
        counts(
            ("DEU", "ROU", "", "", 100_000),
            ("DEU", "ROU", "age", "entry", 30_000),
            ("DEU", "ROU", "age", "manager", 10_000),
            ("DEU", "ROU", "skill", "nursing", 20_000),
            ("DEU", "ROU", "skill", "python", 90_000),
        )
    )
    assert found["share"].round(2).tolist() == [0.75, 0.25, 0.2, 0.9]
    assert found["base"].tolist() == ["stated", "stated", "members", "members"]
    assert found["size"].tolist() == [40_000, 40_000, 100_000, 100_000]


def test_below_the_floor_a_share_is_fewer_than_and_no_number() -> None:
    found = profile(counts(("DEU", "ROU", "age", "entry", 10_000), ("DEU", "ROU", "age", "cxo", 100)))
    cxo = row(found, category="cxo")
    assert pd.isna(cxo["share"])
    assert cxo["lower_80"] == 0
    assert 0 < cxo["upper_50"] < cxo["upper_80"] < cxo["upper_95"] < 0.035


def test_a_category_without_an_answer_has_no_share_nor_has_one_without_its_whole() -> None:
    found = profile(
        counts(
            ("DEU", "ROU", "", "", None),
            ("DEU", "ROU", "age", "entry", 10_000),
            ("DEU", "ROU", "age", "manager", None),
            ("DEU", "ROU", "skill", "nursing", 5_000),
        )
    )
    assert found["share"].isna().tolist() == [False, True, True]
    assert found["upper_95"].isna().tolist() == [False, True, True]


def test_a_corridor_all_of_whose_categories_are_below_the_floor_has_no_shares() -> None:
    table = counts(
        ("DEU", "ROU", "age", "entry", 10_000),
        ("DEU", "ROU", "age", "manager", 2_000),
        ("DEU", "SRB", "age", "entry", 200),
        ("DEU", "SRB", "age", "manager", 100),
    )
    found = profile(table)
    assert of(found, origin="SRB")[["share", "lower_80", "upper_80"]].isna().to_numpy().all()
    assert of(found, origin="ROU")["share"].notna().all()
    with pytest.raises(TooFewCellsError):
        profile(table[table["origin"] == "SRB"])


def test_the_home_stock_is_no_migrant_group() -> None:
    found = profile(
        counts(
            ("DEU", "ROU", "age", "entry", 10_000),
            ("DEU", "ROU", "age", "manager", 2_000),
            ("ROU", "ROU", "age", "entry", 500_000),
            ("ROU", "ROU", "age", "manager", 400_000),
        )
    )
    assert set(found["destination"]) == {"DEU"}


def test_draws_of_a_composition_add_up_to_one() -> None:
    found = shares(
        counts(("DEU", "ROU", "age", "18-34", 8_000), ("DEU", "ROU", "age", "35+", 700)),
        np.random.default_rng(1),
    )
    assert found.draws.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("compute", [Compute(2), Compute(2, "threading")], ids=str)
def test_draws_do_not_depend_on_what_they_are_spread_over(compute: Compute) -> None:
    rows = [
        ("DEU", origin, dimension, category, size * share)
        for origin, size in (("ROU", 90_000), ("POL", 40_000))
        for dimension, category, share in (
            ("", "", 1),
            ("age", "18-34", 0.5),
            ("age", "35+", 0.3),
            ("skill", "law", 0.1),
        )
    ]
    alone, spread = (shares(counts(*rows), np.random.default_rng(1), compute=of) for of in (Compute(), compute))
    np.testing.assert_array_equal(spread.draws, alone.draws)
    assert np.isfinite(alone.draws).all()


def test_quotients_compare_with_everybody_and_with_other_origins() -> None:
    table = counts(
        *(("DEU", origin, "", "", whole) for origin, whole in (("", 10_000_000), ("ROU", 100_000), ("POL", 300_000))),
        ("DEU", "", "skill", "nursing", 500_000),
        ("DEU", "ROU", "skill", "nursing", 10_000),
        ("DEU", "POL", "skill", "nursing", 60_000),
    )
    found = shares(table, np.random.default_rng(1))
    everybody, origins = (
        np.median(against(found).draws, axis=0) for against in (against_everybody, against_other_origins)
    )
    assert found.table["origin"].tolist() == ["", "POL", "ROU"]
    assert everybody.round(1).tolist()[1:] == [4.0, 2.0]
    assert origins.round(1).tolist()[1:] == [2.0, 0.5]
    assert np.isnan([everybody[0], origins[0]]).all()


def test_a_single_origin_has_no_other_origins_to_be_compared_with() -> None:
    table = pd.DataFrame({"origin": ["ROU"], "lower": 1.0, "size": 100.0}).assign(
        destination="DEU", sex="all", dimension="age", category="entry"
    )
    assert np.isnan(against_other_origins(Shares(table, np.array([[0.5]]))).draws).all()


def audience(*rows: tuple[str, str, str, int, int | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["sex", "dimension", "category", "age_min", "age_max"]).assign(
        platform="linkedin",
        metric="total",
        wave="2026-11",
        origin_basis="school_country",
        destination="DEU",
        origin="ROU",
        education="",
        relationship="",
        value=1000.0,
        lower=950.0,
        upper=1050.0,
        status="observed",
    )


def test_ages_and_sexes_become_dimensions_and_only_the_widest_ages_are_kept() -> None:
    found = members(
        audience(
            ("all", "", "", 18, None),
            ("female", "", "", 18, None),
            ("all", "", "", 18, 24),
            ("all", "", "", 25, 34),
            ("female", "", "", 25, 34),
            ("all", "skill", "nursing", 18, None),
            ("all", "skill", "nursing", 18, 24),
        )
    )
    assert found[["sex", "dimension", "category"]].to_numpy().tolist() == [
        ["all", "", ""],
        ["all", "age", "18-24"],
        ["all", "age", "25-34"],
        ["all", "sex", "female"],
        ["all", "skill", "nursing"],
        ["female", "", ""],
    ]


def test_age_groups_that_overlap_are_no_composition() -> None:
    found = members(
        audience(
            ("all", "", "", 18, None), ("all", "", "", 18, 34), ("all", "", "", 25, 34), ("all", "skill", "x", 18, None)
        )
    )
    assert "age" not in set(found["dimension"])


def test_a_wave_without_dimensions_or_of_two_bases_is_refused() -> None:
    plain = audience(("all", "", "", 18, None))
    with pytest.raises(InputError, match="no audience by dimension"):
        members(plain)
    both = pd.concat([audience(("all", "skill", "x", 18, None)), plain.assign(origin_basis="interface_language")])
    with pytest.raises(InputError, match="origin_basis"):
        members(both)


def test_a_hidden_count_bounds_its_share_by_the_floor_over_the_whole_and_says_no_more() -> None:
    cells = [
        ("DEU", origin, *cell)
        for origin, part in (("BGR", 0.5), ("HRV", 0.6), ("POL", 0.7), ("SVN", 0.8))
        for cell in (("", "", 40_000), ("skill", "x", 40_000 * part))
    ]
    found = profile(counts(*cells, ("DEU", "ROU", "", "", 480), ("DEU", "ROU", "skill", "x", 250)))
    hidden = row(found, origin="ROU")
    # elsewhere 50 to 80 %, here 300 of 480 (62.5 %) at most: nothing else speaks for a small one
    assert hidden["upper_50"] > 0.5
    assert 0.6 < hidden["upper_95"] < 0.66
