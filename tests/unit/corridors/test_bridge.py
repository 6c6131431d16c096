"""Persons of other age groups: exact where they are sums, close to the truth where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.corridors.bridge import OLDEST, bridged, by_year

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.corridors.bridge import AgeGroup

KNOWN: list[AgeGroup] = [(0, 14), *((low, low + 9) for low in range(15, 65, 10)), (65, None)]
COUNTS = np.array([[300.0, 250, 400, 350, 200, 120, 90], [0, 30, 80, 20, 0, 0, 5], [1e6, 9e5, 8e5, 7e5, 6e5, 5e5, 4e5]])
PERSONS = st.lists(st.floats(0, 1e7), min_size=len(KNOWN), max_size=len(KNOWN))


def test_groups_that_hold_whole_known_groups_are_plain_sums() -> None:
    wanted: list[AgeGroup] = [(0, 24), (25, 54), (55, None)]
    assert bridged(COUNTS, KNOWN, wanted)[0].tolist() == [550, 950, 210]
    assert bridged(COUNTS, KNOWN, KNOWN[::-1]).tolist() == COUNTS[:, ::-1].tolist()


def test_a_sum_is_taken_whether_the_last_group_is_named_open_or_by_the_oldest_age() -> None:
    assert bridged(COUNTS[:1], KNOWN, [(65, OLDEST)]).tolist() == [[90.0]]


@given(PERSONS)
def test_known_groups_are_met_exactly_and_no_year_has_less_than_nobody(persons: list[float]) -> None:
    years = by_year(np.array([persons]), KNOWN)[0]
    assert (years >= 0).all()
    ends = [OLDEST if high is None else high for _, high in KNOWN]
    sums = [years[low : high + 1].sum() for (low, _), high in zip(KNOWN, ends, strict=True)]
    assert sums == pytest.approx(persons, rel=1e-9, abs=1e-6)


@settings(max_examples=30)
@given(PERSONS, st.floats(0.01, 100))
def test_a_partition_has_everybody_and_as_many_times_persons_have_the_same_ages(
    persons: list[float], factor: float
) -> None:
    wanted: list[AgeGroup] = [(0, 12), (13, 17), (18, 29), (30, None)]
    once, many = bridged(np.array([persons, [factor * count for count in persons]]), KNOWN, wanted)
    assert once.sum() == pytest.approx(sum(persons), rel=1e-9, abs=1e-6)
    assert many == pytest.approx(once * factor, rel=1e-3, abs=1e-4 * factor * sum(persons) + 1e-2)


def test_ages_that_fall_evenly_are_split_evenly() -> None:
    """Ten persons at every age up to 64: a split of 15-24 has half of them on either side."""
    even = np.array([[150.0, 100, 100, 100, 100, 100, 460]])
    assert bridged(even, KNOWN, [(15, 19), (20, 24), (25, 44)])[0] == pytest.approx([50, 50, 200], rel=0.03)


def test_a_missing_number_leaves_its_own_row_missing_alone() -> None:
    holed = np.vstack([COUNTS, COUNTS[0]])
    holed[3, 2] = np.nan
    persons = bridged(holed, KNOWN, [(18, 29)])[:, 0]
    assert np.isnan(persons).tolist() == [False, False, False, True]
    assert persons[:3] == pytest.approx(bridged(COUNTS, KNOWN, [(18, 29)])[:, 0])
    assert np.isnan(bridged(holed[3:], KNOWN, [(18, 29)])).all()


def test_a_group_of_none_has_nobody_at_any_age() -> None:
    assert by_year(COUNTS, KNOWN)[1, :15].sum() == 0
    assert by_year(COUNTS, KNOWN)[1, 45:65].sum() == 0
    assert (by_year(np.zeros((1, len(KNOWN))), KNOWN) == 0).all()


def test_series_of_one_shape_are_bridged_alike_together_and_alone() -> None:
    """The smoothness is that of all rows, and rows of one shape and of many persons have the same alone."""
    many = COUNTS[0] * np.array([[1e3], [3e3], [1e6]])
    together = bridged(many, KNOWN, [(13, 17), (18, 29)])
    alone = np.vstack([bridged(row[None], KNOWN, [(13, 17), (18, 29)]) for row in many])
    assert together == pytest.approx(alone, rel=1e-3)


def test_many_rows_are_fitted_as_few_are() -> None:
    many = np.tile(COUNTS, (400, 1))
    few = bridged(COUNTS, KNOWN, [(13, 17), (18, 29)])
    assert bridged(many, KNOWN, [(13, 17), (18, 29)]) == pytest.approx(np.tile(few, (400, 1)), rel=1e-3)


def test_single_years_of_the_world_are_split_better_than_evenly(shared: Path) -> None:
    """Mean absolute relative errors of all countries in 2020; the even split is the rival."""
    source = shared / "official/wpp/wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz"
    table = pd.read_csv(source)
    table = table[(table["year"] == 2020) & (table["sex"] == "Female")]
    years = table.pivot_table(index="iso3", columns="age", values="pop_thousands").to_numpy() * 1000
    years = years[years.sum(axis=1) > 50_000]
    counts = np.column_stack([years[:, low : 100 if high is None else high + 1].sum(axis=1) for low, high in KNOWN])
    wanted: list[AgeGroup] = [(13, 17), (18, 24), (25, 29), (30, 44)]
    truth = np.column_stack([years[:, low : (high or 0) + 1].sum(axis=1) for low, high in wanted])
    lengths = np.array([15] + [10] * 5)
    evenly = np.repeat(counts[:, :-1] / lengths, lengths, axis=1)
    even = np.column_stack([evenly[:, low : (high or 0) + 1].sum(axis=1) for low, high in wanted])
    errors, rivals = (np.abs(split / truth - 1).mean(axis=0) for split in (bridged(counts, KNOWN, wanted), even))
    assert len(years) == 200
    assert (errors < rivals).all()
    assert errors == pytest.approx([0.040, 0.015, 0.021, 0.007], abs=1e-3)
    assert rivals == pytest.approx([0.042, 0.030, 0.055, 0.021], abs=1e-3)
    assert (errors[1:] < rivals[1:] / 1.9).all(), "only 13-17, next to a group of fifteen years, is hardly better"
