"""Queries of profiles: dimensions, the home stock, the basis of an origin, and queries of before that stay as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.collect.deduction import Deduction
from smstock.errors import QueryError
from smstock.query.lattice import Cell, cells, count, parents, shapes
from smstock.query.spec import QuerySpec, parse, restore
from smstock.vocabulary.facets import Ages

HEAD = """
name = "q"
platform = "linkedin"
origins = ["ROU", "POL"]
destinations = ["DEU", "ROU"]
ages = "18+"
age_groups = ["18-24", "25-34"]
origin_basis = "school_country"
"""
DIMENSIONS = """
[dimensions.degree]
bachelor = ["urn:li:degree:200"]
master = ["urn:li:degree:300"]
[dimensions.skill]
python = ["urn:li:skill:17"]
"""
SINGLE = ("sex", "age", "degree", "skill")


def query(
    breakdowns: list[tuple[str, ...]], *, totals: bool = False, home: bool = False, head: str = HEAD
) -> QuerySpec:
    flags = f"totals = {str(totals).lower()}\nhome = {str(home).lower()}\n"
    return parse(f"{head}{flags}breakdowns = {[list(each) for each in breakdowns]}\n{DIMENSIONS}")


@given(
    st.lists(
        st.lists(st.sampled_from(SINGLE), min_size=1, max_size=3, unique=True)
        .filter(lambda facets: not {"degree", "skill"} <= set(facets))
        .map(tuple),
        max_size=3,
    ),
    st.booleans(),
    st.booleans(),
)
def test_every_cell_comes_once_after_its_parents_and_is_counted(
    breakdowns: list[tuple[str, ...]], totals: bool, home: bool
) -> None:
    asked = query(breakdowns, totals=totals, home=home)
    listed = list(cells(asked))
    assert len(set(listed)) == len(listed) == count(asked) == sum(number for _, number in shapes(asked))
    place = {cell: index for index, cell in enumerate(listed)}
    assert all(place[parent] < place[cell] for cell in listed for parent in parents(cell, asked))


def test_a_cell_is_of_one_dimension_and_its_whole_is_without() -> None:
    asked = query([("sex", "degree"), ("skill",)])
    found = {(cell.dimension, cell.category) for cell in cells(asked)}
    assert found == {("", ""), ("degree", "bachelor"), ("degree", "master"), ("skill", "python")}
    cell = Cell("DEU", "ROU", "female", Ages(18), dimension="degree", category="master")
    assert parents(cell, asked) == [
        Cell("DEU", "ROU", "all", Ages(18), dimension="degree", category="master"),
        Cell("DEU", "ROU", "female", Ages(18)),
    ]


def test_the_home_stock_is_asked_where_the_query_says_so() -> None:
    homes = [(cell.destination, cell.origin) for cell in cells(query([], home=True)) if cell.destination == cell.origin]
    assert homes == [("ROU", "ROU"), ("POL", "POL")]
    assert all(cell.destination != cell.origin for cell in cells(query([])))


def test_all_users_are_divided_by_the_same_dimensions() -> None:
    everybody = [cell for cell in cells(query([("degree",)], totals=True)) if not cell.origin]
    assert {(cell.destination, cell.category) for cell in everybody} == {
        (area, category) for area in ("DEU", "ROU", "POL") for category in ("", "bachelor", "master")
    }


def test_a_part_of_a_floored_whole_is_deduced_unless_its_dimension_is_always_asked() -> None:
    part = Cell("DEU", "ROU", "all", Ages(18), dimension="degree", category="master")
    asked = query([("degree",)])
    assert Deduction(asked, lambda cell: "floored" if cell != part else "").deduced(part)
    always = query([("degree",)], head=HEAD + 'always_ask = [["degree"]]\n')
    assert not Deduction(always, lambda cell: "floored" if cell != part else "").deduced(part)


def test_two_dimensions_are_not_crossed() -> None:
    with pytest.raises(QueryError, match="crosses degree and skill"):
        query([("degree", "skill")])


def test_a_dimension_without_categories_is_named() -> None:
    with pytest.raises(QueryError, match=r"dimensions\.industry is empty"):
        query([("industry",)])


def test_a_query_is_what_it_was_from_its_own_text() -> None:
    asked = query([("degree",)], home=True)
    assert restore(asked.model_dump_json()) == asked
