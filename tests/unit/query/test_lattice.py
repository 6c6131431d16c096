from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import QueryError
from smstock.query.lattice import Cell, cells, count, levels, parents
from smstock.query.spec import MOST_CELLS, QuerySpec, parse
from smstock.vocabulary import countries
from smstock.vocabulary.facets import FACETS, FOREIGN, Ages

HEAD = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB", "AUT"]\ndestinations = ["AUT", "DEU", "ITA"]\n'
GROUPS = 'age_groups = ["18-24", "25+"]\n[education]\nhigh = ["alum"]\nlow = ["high_school"]\n[relationship]\nalone = ["single"]\n'
SUBSETS = list(chain.from_iterable(combinations(FACETS, size) for size in range(1, 5)))


def query(breakdowns: list[tuple[str, ...]], *, totals: bool) -> QuerySpec:
    return parse(f"{HEAD}totals = {str(totals).lower()}\nbreakdowns = {[list(b) for b in breakdowns]}\n{GROUPS}")


@given(st.lists(st.sampled_from(SUBSETS), max_size=3), st.booleans())
def test_every_cell_comes_once_after_its_parents_and_the_count_is_known_beforehand(
    breakdowns: list[tuple[str, ...]], totals: bool
) -> None:
    asked = query(breakdowns, totals=totals)
    listed = list(cells(asked))
    assert len(set(listed)) == len(listed) == count(asked)
    place = {cell: index for index, cell in enumerate(listed)}
    for cell in listed:
        for parent in parents(cell, asked):
            assert place[parent] < place[cell]


def test_nobody_is_a_migrant_at_home() -> None:
    assert ("AUT", "AUT") not in {(cell.destination, cell.origin) for cell in cells(query([], totals=False))}


def test_totals_ask_for_all_users_at_both_ends_by_sex_and_age_only() -> None:
    totals = [cell for cell in cells(query([("sex", "education")], totals=True)) if not cell.origin]
    assert {cell.destination for cell in totals} == {"AUT", "DEU", "ITA", "SRB"}
    assert {cell.sex for cell in totals} == {"all", "female", "male"}
    assert {cell.education for cell in totals} == {""}


def test_a_product_asks_every_coarser_level_first() -> None:
    assert levels(query([("sex", "age", "education")], totals=False)) == [
        (), ("sex",), ("age",), ("education",), ("sex", "age"), ("sex", "education"), ("age", "education"), ("sex", "age", "education"),
    ]  # fmt: skip


def test_parents_relax_one_facet_at_a_time() -> None:
    cell = Cell("DEU", "SRB", "male", Ages(18, 24), "high")
    found = parents(cell, query([], totals=False))
    assert found == [
        Cell("DEU", "SRB", "all", Ages(18, 24), "high"),
        Cell("DEU", "SRB", "male", Ages(18), "high"),
        Cell("DEU", "SRB", "male", Ages(18, 24), ""),
    ]


def test_all_foreign_accounts_are_one_cell_a_destination_before_the_origins() -> None:
    asked = query([("sex", "education")], totals=True).model_copy(update={"foreign": True})
    listed = list(cells(asked))
    foreign = [cell for cell in listed if cell.origin == FOREIGN]
    assert foreign == [Cell(area, "WLD", "all", Ages(18)) for area in ("AUT", "DEU", "ITA")]
    without = list(cells(query([("sex", "education")], totals=True)))
    assert [cell for cell in listed if cell.origin != FOREIGN] == without
    assert count(asked) == len(listed) == len(without) + 3
    assert listed.index(foreign[-1]) < min(place for place, cell in enumerate(listed) if cell.origin == "SRB")


@pytest.mark.parametrize(
    ("areas", "ages", "groups", "number"),
    [(240, 48, 120, 1_020_262_320), (240, 0, 1, 344_160), (230, 48, 1, 15_484_980)],
)
def test_a_query_of_too_many_cells_is_told_their_number_without_listing_them(
    areas: int, ages: int, groups: int, number: int
) -> None:
    codes = [area.iso3 for area in countries.areas()][:areas]
    years = [f"{age}-{age}" for age in range(18, 18 + ages)]
    crossed = ["sex", "education", *(["age"] if years else [])]
    text = (
        f"{HEAD.partition('origins')[0]}origins = {codes}\ndestinations = {codes}\nbreakdowns = [{crossed}]\n"
        f"age_groups = {years}\n[education]\n"
    ) + "".join(f'g{group} = ["alum"]\n' for group in range(groups))
    if number <= MOST_CELLS:
        assert count(parse(text)) == number
    else:
        with pytest.raises(QueryError, match=f"{number:,} cells") as caught:
            parse(text)
        assert "20,000,000 at most" in caught.value.allowed


def test_age_groups_have_a_bound() -> None:
    groups = [f"{low}-{high}" for low in range(18, 60) for high in range(low, 60)]
    with pytest.raises(QueryError, match="903 age groups"):
        parse(f"{HEAD}age_groups = {groups}\n")


def test_age_groups_that_overlap_in_layers_are_put_in_order_at_once() -> None:
    # each group lies in two of the next layer, so that there are 2 to the power of 40 ways up
    groups = [group for low in range(18, 38) for group in (f"{low}-{99 - low}", f"{low + 1}-{100 - low}")]
    listed = list(cells(parse(f"{HEAD}age_groups = {groups}\nbreakdowns = [['age']]\n")))
    assert len(listed) == 5 * 41
