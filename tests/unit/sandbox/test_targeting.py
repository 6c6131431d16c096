from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.known import platform
from smstock.platforms.meta import catalogue, errors
from smstock.platforms.meta import targeting as meta_targeting
from smstock.query.lattice import Cell, cells
from smstock.query.spec import parse
from smstock.sandbox import shares
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.targeting import AnyOf, Target, read
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from smstock.query.meta import MetaQuery

QUERY = cast(
    "MetaQuery",
    parse(
        """
name = "q"
platform = "meta"
ages = "18+"
age_groups = ["18-24", "65+"]
origins = ["SRB"]
destinations = ["AUT", "NAM"]
breakdowns = [["sex", "age", "education", "relationship"]]
placements = ["instagram", "facebook"]
location_basis = "home"
totals = true
[education]
high = ["alum", "master_degree"]
[relationship]
alone = ["single"]
"""
    ),
)
AUSTRIA = {"countries": ["AT"]}
KEYS = st.sampled_from(
    [
        "geo_locations", "countries", "country_groups", "location_types", "age_min", "age_max", "genders", "flexible_spec",
        "behaviors", "education_statuses", "id", "publisher_platforms",
    ]
)  # fmt: skip
SERBS = {"behaviors": [{"id": catalogue.category("SRB").behavior_id}]}


def target_of(cell: Cell) -> Target:
    """Say in the simulated platform's words what a cell is."""
    sexes = ("female", "male") if cell.sex == "all" else (cell.sex,)
    groups = [AnyOf(origins=frozenset({cell.origin}))] if cell.origin else []
    groups += [AnyOf(education=frozenset({3, 9}))] if cell.education else []
    groups += [AnyOf(relationship=frozenset({1}))] if cell.relationship else []
    share = shares.LOCATION_TYPES["home"] * shares.reached(frozenset({"facebook", "instagram"}))
    return Target((cell.destination,), sexes, cell.ages, tuple(groups), share)


def test_every_cell_is_understood_as_it_was_meant() -> None:
    asked = list(cells(QUERY))
    assert len(asked) == 27 + 2 * 36
    for cell in asked:
        assert set(read(meta_targeting.spec(cell, QUERY)).groups) == set(target_of(cell).groups)
        understood, meant = read(meta_targeting.spec(cell, QUERY)), target_of(cell)
        assert (understood.areas, understood.sexes, understood.ages, understood.share) == (
            meant.areas, meant.sexes, meant.ages, meant.share,
        )  # fmt: skip


def test_ages_end_at_65_which_is_open() -> None:
    assert read({"geo_locations": AUSTRIA}).ages == Ages(18)
    assert read({"geo_locations": AUSTRIA, "age_min": 13, "age_max": 64}).ages == Ages(13, 64)
    assert read({"geo_locations": AUSTRIA, "age_min": 65, "age_max": 65}).ages == Ages(65)


def test_both_genders_may_be_written_in_three_ways() -> None:
    written = [{"geo_locations": AUSTRIA, "genders": genders} for genders in ([0], [1, 2], [])]
    assert {read(spec).sexes for spec in written} == {("female", "male")}
    assert read({"geo_locations": AUSTRIA, "genders": [1]}).sexes == ("male",)


def test_two_categories_of_one_origin_are_the_same_people() -> None:
    ids = [category.behavior_id for category in catalogue.lived_in() if category.origin == "USA"]
    assert len(ids) == 2
    spec = {"geo_locations": AUSTRIA, "flexible_spec": [{"behaviors": [{"id": each} for each in ids]}]}
    assert read(spec).groups == (AnyOf(origins=frozenset({"USA"})),)


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        ({}, "refused:invalid_parameter"),
        ({"geo_locations": {}}, "refused:invalid_parameter"),
        ({"geo_locations": {"countries": ["XX"]}}, "refused:invalid_parameter"),
        ({"geo_locations": {"countries": "AT"}}, "refused:invalid_parameter"),
        ({"geo_locations": {"regions": [{"key": "1"}], "countries": ["AT"]}}, "refused:invalid_parameter"),
        ({"geo_locations": {"countries": ["AT"], "country_groups": ["worldwide"]}}, "refused:invalid_geo"),
        ({"geo_locations": AUSTRIA, "age_min": 12}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "age_min": 40, "age_max": 30}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "age_max": 66}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "age_min": "18"}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "genders": [3]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "genders": [True]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "user_os": ["iOS"]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "publisher_platforms": ["myspace"]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "flexible_spec": [{}]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "flexible_spec": [{"behaviors": []}]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "flexible_spec": [{"interests": [{"id": "1"}]}]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "flexible_spec": [{"behaviors": [{"id": "1"}]}]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "flexible_spec": [{"education_statuses": [99]}]}, "refused:invalid_parameter"),
        ({"geo_locations": AUSTRIA, "exclusions": SERBS}, "refused:detailed_targeting"),
        ({"geo_locations": AUSTRIA, "age_min": 17, "flexible_spec": [SERBS]}, "refused:age_rule"),
        ({"geo_locations": {"countries": ["AT", "TH"]}, "age_min": 19, "flexible_spec": [SERBS]}, "refused:age_rule"),
        ({"geo_locations": {"countries": ["ID"]}, "age_min": 20, "flexible_spec": [SERBS]}, "refused:age_rule"),
        ({"geo_locations": {"country_groups": ["worldwide"]}, "age_min": 18, "flexible_spec": [SERBS]}, "refused:age_rule"),
    ],
)  # fmt: skip
def test_a_spec_that_meta_would_refuse_is_refused_with_its_code(spec: dict[str, Any], status: str) -> None:
    with pytest.raises(GraphError) as caught:
        read(spec)
    assert errors.classify(caught.value.content, caught.value.status).status == status


def test_a_withdrawn_category_and_location_types_are_refused_when_they_are_gone() -> None:
    spec = {"geo_locations": {"countries": ["AT"], "location_types": ["home"]}, "flexible_spec": [SERBS]}
    assert read(spec).groups == (AnyOf(origins=frozenset({"SRB"})),)
    with pytest.raises(GraphError) as category:
        read(spec, withdrawn={"SRB"})
    assert errors.classify(category.value.content, 400).status == "category_removed"
    with pytest.raises(GraphError) as location:
        read(spec, refuse_location_types=True)
    assert errors.classify(location.value.content, 400).status == "refused:location_types"


def test_the_rules_refuse_before_asking_what_the_platform_would_refuse() -> None:
    """A cell that passes smstock's own rules is answered, and one that does not would have been refused."""
    meta = platform("meta")
    query = cast(
        "MetaQuery",
        parse(
            'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT", "THA", "IDN"]\nages="13+"\ntotals=true\n'
            'breakdowns=[["age"]]\nage_groups=["13-17","18-24","20-30","21-30"]'
        ),
    )
    for cell in cells(query):
        spec = meta_targeting.spec(cell, query)
        if meta.refusal(cell, query) == "age_rule":
            with pytest.raises(GraphError):
                read(spec)
        else:
            assert read(spec).ages == cell.ages


plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["AT", "worldwide"])
)
nested = st.recursive(
    plain, lambda part: st.lists(part, max_size=2) | st.dictionaries(KEYS, part, max_size=2), max_leaves=4
)


@given(st.dictionaries(KEYS, nested, max_size=4))
def test_whatever_is_sent_is_understood_or_refused(spec: dict[str, Any]) -> None:
    with suppress(GraphError):
        assert read(spec | {"geo_locations": AUSTRIA}).areas == ("AUT",)
    with suppress(GraphError):
        read(spec)
