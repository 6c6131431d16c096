"""Which dimensions of typed counts are whole: all of LinkedIn's categories, without a gap, for everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.skills.compositions import compositions

if TYPE_CHECKING:
    from collections.abc import Sequence

AGES = ("18-24", "25-34", "35-54", "55+")


def typed(dimension: str, categories: Sequence[str], origin: str = "SRB", destination: str = "IRL") -> pd.DataFrame:
    return pd.DataFrame({"category": categories}).assign(
        dimension=dimension, destination=destination, origin=origin, sex="all"
    )


@pytest.mark.parametrize(
    ("dimension", "categories"),
    [
        ("sex", ["female", "male"]),
        ("age", AGES),
        ("age", ["18-34", "35+"]),
        ("experience", [f"{year} years" for year in range(1, 13)]),
        ("experience", ["1 to 2", "3 to 5", "6 to 12"]),
        ("experience", ["up-to-2", "3-5", "6-11", "12-and-more"]),
        ("experience", ["less than 3", "3 to 12", "More than 12"]),
    ],
)
def test_all_of_a_closed_list_is_a_composition(dimension: str, categories: Sequence[str]) -> None:
    assert compositions([typed(dimension, categories)]) == (dimension,)


@pytest.mark.parametrize(
    ("dimension", "categories"),
    [
        ("sex", ["female"]),
        ("age", ["18-24", "25-34", "55+"]),
        ("age", ["25-34"]),
        ("experience", ["1 to 2", "3 to 5", "More than 12"]),
        ("experience", ["1 to 5", "6 to 12", "junior"]),
        ("experience", ["2 to 5", "6 or more"]),
        ("experience", ["1 to 11", "More than 12"]),
        ("experience", ["1 or more"]),
        ("experience", ["1 to 5", "6 to 11"]),
    ],
)
def test_a_gap_is_none(dimension: str, categories: Sequence[str]) -> None:
    assert compositions([typed(dimension, categories)]) == ()


ALL_SENIORITIES = ("Unpaid", "Training", "Entry", "Senior", "Manager", "Director", "VP", "CXO", "Partner", "Owner")


@pytest.mark.parametrize(
    ("dimension", "categories"),
    [
        ("seniority", ALL_SENIORITIES),
        ("industry", ["Hospitals", "Construction"]),
        ("function", ["Sales", "Finance"]),
        ("degree", ["Bachelor", "Master"]),
    ],
)
def test_of_positions_and_degrees_a_member_may_have_several(dimension: str, categories: Sequence[str]) -> None:
    assert compositions([typed(dimension, categories)]) == ()


def test_one_corridor_or_month_that_lacks_a_category_makes_all_shares_of_all_members() -> None:
    serbia, everybody = typed("age", AGES), typed("age", AGES[:-1], origin="")
    genders = typed("sex", ["female", "male"])
    assert compositions([pd.concat([serbia, genders, everybody])]) == ("sex",)
    assert compositions([pd.concat([serbia, genders]), everybody]) == ("sex",)
    assert compositions([pd.concat([serbia, genders]), serbia]) == ("sex", "age")


def test_categories_that_are_whole_but_not_the_same_are_none() -> None:
    ages = [typed("age", ["18-34", "35+"]), typed("age", ["18-24", "25+"], origin="HRV")]
    assert compositions([pd.concat(ages)]) == ()


def test_the_home_stock_is_not_looked_at() -> None:
    home = typed("age", ["18-24"], origin="SRB", destination="SRB")
    assert compositions([pd.concat([typed("age", AGES), home])]) == ("age",)
