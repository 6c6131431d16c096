"""What is refused before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smstock.platforms.linkedin import rules, targeting
from smstock.query.lattice import Cell, cells
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.places import Place
from smstock.workflows.planning import plan

if TYPE_CHECKING:
    from smstock.query.linkedin import LinkedInQuery

TODAY = "2026-11-22"


def test_a_sound_query_breaks_no_rule(profiles: LinkedInQuery) -> None:
    assert rules.findings(profiles, TODAY) == []
    planned = plan(profiles, today=TODAY)
    assert (planned.calls, planned.hours) == (len(list(cells(profiles))), None)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"origins": ("DEU",), "destinations": ("DEU",), "home": False, "totals": False}, "nothing_asked"),
        ({"ages": "20+"}, "ages"),
        ({"age_groups": ("18-24", "25-44")}, "age_groups"),
        ({"age_groups": ("65+",)}, "age_groups"),
        ({"api_version": "v25.0"}, "api_version"),
        ({"geos": {"DEU": "101282230"}}, "geos"),
        ({"schools": {"ROU": ("urn:li:skill:1",)}}, "entities"),
        ({"schools": {"ROU": ()}}, "entities"),
        ({"languages": {"ROU": ("ro",)}}, "entities"),
        ({"dimensions": {"degree": {"master": ("urn:li:seniority:3",)}}}, "entities"),
        (
            {"dimensions": {"experience": {"x": tuple(f"urn:li:yearsOfExperience:{n}" for n in (1, 2, 3))}}},
            "experience",
        ),
        ({"dimensions": {"experience": {"x": ("urn:li:yearsOfExperience:13",)}}}, "experience"),
    ],
)
def test_a_broken_rule_is_named_and_nothing_is_asked(
    profiles: LinkedInQuery, changes: dict[str, Any], rule: str
) -> None:
    found = rules.findings(profiles.model_copy(update=changes), TODAY)
    assert rule in {each.rule for each in found}
    assert {each.severity for each in found} == {"refused"}


def test_a_country_without_a_set_of_schools_is_refused_by_the_cell(profiles: LinkedInQuery) -> None:
    asked = profiles.model_copy(update={"origins": ("ROU", "POL")})
    (found,) = rules.findings(asked, TODAY)
    refused = [cell for cell in cells(asked) if rules.refusal(cell, asked)]
    assert (found.severity, found.rule, found.cells) == ("cells", "no_school_set", len(refused))
    assert "POL" in found.message
    assert {cell.origin for cell in refused} == {"POL"}


def test_a_query_without_any_set_of_schools_is_refused(profiles: LinkedInQuery) -> None:
    asked = profiles.model_copy(update={"origins": ("POL",), "totals": False})
    assert [each.rule for each in rules.findings(asked, TODAY) if each.severity == "refused"] == ["nothing_answered"]


def test_schools_of_the_destination_are_needed_to_leave_them_out(profiles: LinkedInQuery) -> None:
    asked = profiles.model_copy(update={"origin_basis": "school_country_not_destination"})
    told = {place: rules.refusal(Cell(place, "ROU", "all", Ages(18)), asked) for place in ("DEU", "ESP", "ROU")}
    assert told == {"DEU": "", "ESP": "no_school_set", "ROU": ""}


def test_a_place_without_a_location_is_refused_unless_the_query_has_one(profiles: LinkedInQuery) -> None:
    cell = Cell("PRK", "ROU", "all", Ages(18))
    assert rules.refusal(cell, profiles) == "no_geo"
    assert not rules.refusal(cell, profiles.model_copy(update={"geos": {"PRK": "urn:li:geo:1"}}))


def of_places(profiles: LinkedInQuery, *geos: str) -> LinkedInQuery:
    places = (
        Place("DE-BY", "Bavaria", "DEU", geos=geos, valid_to="2020-12-31"),
        Place("DE-BE", "Berlin", "DEU", regions=("1",)),
    )
    return profiles.model_copy(update={"places": places, "destinations": ("DE-BY", "DE-BE"), "totals": False})


def test_a_place_is_any_of_its_locations(profiles: LinkedInQuery) -> None:
    asked = of_places(profiles, "urn:li:geo:2", "urn:li:geo:1")
    where = targeting.criteria(Cell("DE-BY", "ROU", "all", Ages(18)), asked)["include"]["and"]
    assert {"or": {"urn:li:adTargetingFacet:profileLocations": ["urn:li:geo:1", "urn:li:geo:2"]}} in where


def test_a_place_without_a_location_of_the_platform_is_refused_and_named(profiles: LinkedInQuery) -> None:
    asked = of_places(profiles, "urn:li:geo:1")
    (found,) = [finding for finding in rules.findings(asked, TODAY) if finding.severity == "cells"]
    assert (found.rule, found.cells) == ("no_geo", len([c for c in cells(asked) if c.destination == "DE-BE"]))
    assert found.message.endswith(": DE-BE")
    notes = {note.rule: note.message for note in plan(asked, today=TODAY).findings}
    assert "exists until 2020-12-31" in notes["not_valid"]
    assert "LinkedIn today tells no number below 300" in notes["floor"]


@pytest.mark.parametrize(
    ("geo", "message"),
    [
        ("101282230", "write urn:li:geo:NUMBER"),
        ("urn:li:geo:101282230", "DE-BY (Bavaria) has the location of DEU"),
    ],
)
def test_a_place_that_is_no_part_is_refused(profiles: LinkedInQuery, geo: str, message: str) -> None:
    (found,) = [finding for finding in rules.findings(of_places(profiles, geo), TODAY) if finding.rule == "geos"]
    assert (found.severity, message in found.message) == ("refused", True)


def test_only_the_country_that_lacks_schools_is_named(profiles: LinkedInQuery) -> None:
    basis = {"origins": ("ROU", "POL"), "destinations": ("ESP", "DEU")}
    messages = {
        name: next(f.message for f in rules.findings(profiles.model_copy(update=basis | more), TODAY))
        for name, more in (("plain", {}), ("without", {"origin_basis": "school_country_not_destination"}))
    }
    assert messages["plain"].endswith(": POL")
    assert messages["without"].endswith(": ESP, POL")


def test_a_school_of_two_countries_is_no_difference(profiles: LinkedInQuery) -> None:
    schools = {"ROU": ("urn:li:organization:1",), "DEU": ("urn:li:organization:1",), "ESP": ("urn:li:organization:2",)}
    basis = "school_country_not_destination"
    found = rules.findings(profiles.model_copy(update={"schools": schools, "origin_basis": basis}), TODAY)
    assert [each.rule for each in found] == ["conflicting_facets"]
    assert "urn:li:organization:1 is both included and excluded" in found[0].message


def test_a_sunset_version_and_recent_locations_are_noted(profiles: LinkedInQuery) -> None:
    asked = profiles.model_copy(update={"api_version": "202511", "location_basis": "default"})
    assert [each.rule for each in rules.findings(asked, TODAY)] == ["expired_version", "location_basis"]
