"""Cells in LinkedIn's words, by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.linkedin import restli, targeting
from smstock.platforms.linkedin.platform import LINKEDIN
from smstock.query.lattice import Cell, cells
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from smstock.query.linkedin import LinkedInQuery

WHOLE = Ages(18)


def of(cell: Cell, query: LinkedInQuery, **changes: Any) -> dict[str, Any]:
    """Return the criteria of a cell without the prefix of facets."""
    text = json.dumps(targeting.criteria(cell, query.model_copy(update=changes)))
    found: dict[str, Any] = json.loads(text.replace("urn:li:adTargetingFacet:", ""))
    return found


def test_a_migrant_has_a_school_of_the_origin_and_lives_at_the_destination(profiles: LinkedInQuery) -> None:
    assert of(Cell("DEU", "ROU", "all", WHOLE), profiles) == {
        "include": {
            "and": [
                {"or": {"profileLocations": ["urn:li:geo:101282230"]}},
                {"or": {"schools": ["urn:li:organization:1035", "urn:li:organization:11"]}},
            ]
        }
    }


def test_the_whole_of_the_ages_is_asked_without_an_age(profiles: LinkedInQuery) -> None:
    aged = of(Cell("DEU", "", "female", Ages(25, 54)), profiles)["include"]["and"]
    assert {"or": {"ageRanges": ["urn:li:ageRange:(25,34)", "urn:li:ageRange:(35,54)"]}} in aged
    assert {"or": {"genders": ["urn:li:gender:FEMALE"]}} in aged
    assert of(Cell("DEU", "", "all", WHOLE), profiles)["include"]["and"] == [
        {"or": {"profileLocations": ["urn:li:geo:101282230"]}}
    ]


def test_a_category_is_any_of_its_entities(profiles: LinkedInQuery) -> None:
    cell = Cell("DEU", "ROU", "all", WHOLE, dimension="degree", category="master")
    assert {"or": {"degrees": ["urn:li:degree:450", "urn:li:degree:500"]}} in of(cell, profiles)["include"]["and"]


def test_those_with_a_school_of_the_destination_are_left_out_where_the_query_says_so(profiles: LinkedInQuery) -> None:
    basis = {"origin_basis": "school_country_not_destination"}
    abroad = of(Cell("DEU", "ROU", "all", WHOLE), profiles, **basis)
    assert abroad["exclude"] == {"or": {"schools": ["urn:li:organization:500"]}}
    assert "exclude" not in of(Cell("ROU", "ROU", "all", WHOLE), profiles, **basis)
    assert "exclude" not in of(Cell("DEU", "", "all", WHOLE), profiles, **basis)


def test_a_language_is_the_weaker_proxy(profiles: LinkedInQuery) -> None:
    asked = of(Cell("DEU", "ROU", "all", WHOLE), profiles, origin_basis="interface_language")["include"]["and"]
    assert {"or": {"interfaceLocales": ["urn:li:locale:ro_RO"]}} in asked
    assert "schools" not in str(asked)


def test_recent_locations_are_another_facet(profiles: LinkedInQuery) -> None:
    asked = of(Cell("DEU", "", "all", WHOLE), profiles, location_basis="default")["include"]["and"]
    assert asked == [{"or": {"locations": ["urn:li:geo:101282230"]}}]


def test_a_query_may_put_a_location_right(profiles: LinkedInQuery) -> None:
    asked = of(Cell("DEU", "", "all", WHOLE), profiles, geos={"DEU": "urn:li:geo:1"})["include"]["and"]
    assert asked == [{"or": {"profileLocations": ["urn:li:geo:1"]}}]


def test_a_request_is_what_is_sent_and_its_recording_has_its_key(profiles: LinkedInQuery) -> None:
    keys = set()
    for cell in cells(profiles):
        request = LINKEDIN.request(cell, profiles)
        sent = dict(request.parameters)
        assert sent["q"] == "targetingCriteriaV2"
        assert restli.decode(sent["targetingCriteria"]) == targeting.criteria(cell, profiles)
        assert LINKEDIN.key(LINKEDIN.targeting(sent)) == request.key
        keys.add(request.key)
    assert len(keys) == len(list(cells(profiles)))


@given(st.permutations(["urn:li:skill:1", "urn:li:skill:2", "urn:li:skill:3"]), st.booleans())
def test_equal_criteria_have_equal_keys(entities: list[str], turned: bool) -> None:
    clauses = [{"or": {"urn:li:adTargetingFacet:skills": entities}}, {"or": {"urn:li:adTargetingFacet:a": ["b"]}}]
    one = {"include": {"and": clauses[::-1] if turned else clauses}}
    other = {"include": {"and": [{"or": {"urn:li:adTargetingFacet:skills": sorted(entities)}}, clauses[1]]}}
    assert targeting.key(one) == targeting.key(other)


def clause(facet: str, *entities: str) -> dict[str, Any]:
    return {"or": {f"urn:li:adTargetingFacet:{facet}": list(entities)}}


def test_facets_that_exclude_each_other_are_named() -> None:
    assert targeting.conflicts({"include": {"and": [clause("titles", "a"), clause("seniorities", "b")]}}) == [
        "titles cannot be joined with seniorities"
    ]
    assert targeting.conflicts({"include": {"and": [clause("employers", "a"), clause("industries", "b")]}}) == [
        "employers cannot be joined with industries"
    ]
    assert targeting.conflicts({"include": {"and": []}, "exclude": clause("ageRanges", "a")}) == [
        "ageRanges can be included only"
    ]
    both = {"include": {"and": [clause("schools", "a", "b")]}, "exclude": clause("schools", "b")}
    assert targeting.conflicts(both) == ["b is both included and excluded"]
    assert targeting.conflicts({"include": {"and": [clause("schools", "a"), clause("skills", "b")]}}) == []
