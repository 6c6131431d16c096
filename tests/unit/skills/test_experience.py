"""Early careers out of categories of experience."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.skills.experience import early_careers, years_of
from smstock.skills.shares import Shares


def experience(*categories: str) -> Shares:
    table = pd.DataFrame({"category": categories}).assign(
        destination="DEU",
        origin="ROU",
        sex="all",
        dimension="experience",
        value=100.0,
        lower=95.0,
        upper=105.0,
        status="observed",
        base="stated",
        size=100.0 * len(categories),
    )
    return Shares(table, np.full((2, len(categories)), 1 / len(categories)))


def test_categories_within_the_years_are_added_up() -> None:
    early = early_careers(experience("1-2", "3-5", "6-10", "11+"))
    assert early.draws.tolist() == [[0.5], [0.5]]
    assert early.table["lower"].tolist() == [190.0]


@pytest.mark.parametrize("categories", [("1-4", "5-8"), ("6-10", "11+"), ("junior", "1-5"), ("3-5", "6+")])
def test_categories_that_do_not_tell_the_years_apart_give_no_share(categories: tuple[str, ...]) -> None:
    assert early_careers(experience(*categories)).table.empty


@pytest.mark.parametrize(
    ("category", "years"),
    [
        ("More than 12", (13, None)),
        ("over 12 years", (13, None)),
        (">12", (13, None)),
        ("12 or more", (12, None)),
        ("12 years and over", (12, None)),
        ("12+", (12, None)),
        ("less than 3 years", (0, 2)),
        ("<3", (0, 2)),
        ("at most 2", (0, 2)),
        ("up to 2 years", (0, 2)),
        ("2 years or less", (0, 2)),
        ("1 to 2", (1, 2)),
        ("3\u20135 years", (3, 5)),
        ("1 year", (1, 1)),
        ("many", None),
    ],
)
def test_years_are_read_as_people_write_them(category: str, years: tuple[int, int | None] | None) -> None:
    assert years_of(category) == years


def test_a_corridor_that_lacks_an_early_year_has_no_early_careers() -> None:
    serbia = experience("1-2", "3-5", "6+")
    table = pd.concat([serbia.table, serbia.table[1:].assign(origin="SRB")], ignore_index=True)
    early = early_careers(Shares(table, np.full((2, 5), 0.2)))
    assert early.table["origin"].tolist() == ["ROU"]


def test_the_years_that_are_early_can_be_chosen() -> None:
    assert early_careers(experience("1-2", "3-5", "6+"), years=2).draws[0] == pytest.approx([1 / 3])
