from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import ContractError
from smstock.models.fusion.totals import towards_totals


def nowcasts(medians: list[float], sd: float = 0.1) -> pd.DataFrame:
    table = pd.DataFrame({"destination": "AUT", "median": medians, "sd": sd})
    return table.assign(lower_80=table["median"] * np.exp(-0.2), upper_80=table["median"] * np.exp(0.2))


def total_of(persons: float) -> pd.DataFrame:
    return pd.DataFrame({"destination": ["AUT"], "total": [persons]})


@given(medians=st.lists(st.floats(10, 1e6), min_size=1, max_size=8), factor=st.floats(0.7, 1.4))
def test_the_sum_comes_between_what_was_and_the_total(medians: list[float], factor: float) -> None:
    whole = sum(medians)
    moved = towards_totals(nowcasts(medians), total_of(factor * whole))["median"].sum()
    assert min(1, factor) * whole * (1 - 1e-6) <= moved <= max(1, factor) * whole * (1 + 1e-6)


def test_an_exact_total_is_met_and_a_vague_one_changes_nothing() -> None:
    known = nowcasts([1000.0, 500.0])
    assert towards_totals(known, total_of(1800.0), spread=1e-6)["median"].sum() == pytest.approx(1800, rel=1e-4)
    assert towards_totals(known, total_of(1800.0), spread=100.0)["median"].tolist() == pytest.approx(
        [1000, 500], rel=1e-4
    )


def test_one_corridor_and_its_total_are_two_measurements_of_one_number() -> None:
    moved = towards_totals(nowcasts([1000.0], sd=0.1), total_of(1200.0), spread=0.1).iloc[0]
    assert moved["median"] == pytest.approx(np.sqrt(1000 * 1200))
    assert moved["sd"] == pytest.approx(0.1 / np.sqrt(2))
    assert np.log(moved["upper_80"] / moved["median"]) == pytest.approx(0.2 / np.sqrt(2))


def test_other_destinations_and_missing_estimates_stay() -> None:
    known = pd.concat([nowcasts([1000.0, np.nan]), nowcasts([300.0]).assign(destination="BEL")], ignore_index=True)
    moved = towards_totals(known, total_of(1100.0))
    assert moved["median"].iloc[2] == 300
    assert np.isnan(moved["median"].iloc[1])


@pytest.mark.parametrize("totals", [total_of(-1.0), total_of(np.nan), pd.concat([total_of(5.0), total_of(6.0)])])
def test_a_total_that_is_none_is_refused(totals: pd.DataFrame) -> None:
    with pytest.raises(ContractError, match="totals"):
        towards_totals(nowcasts([10.0]), totals)
