"""What is refused before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smstock.platforms.linkedin import rules
from smstock.query.lattice import Cell, cells
from smstock.vocabulary.facets import Ages
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


def test_a_school_of_two_countries_is_no_difference(profiles: LinkedInQuery) -> None:
    schools = {"ROU": ("urn:li:organization:1",), "DEU": ("urn:li:organization:1",), "ESP": ("urn:li:organization:2",)}
    basis = "school_country_not_destination"
    found = rules.findings(profiles.model_copy(update={"schools": schools, "origin_basis": basis}), TODAY)
    assert [each.rule for each in found] == ["conflicting_facets"]
    assert "urn:li:organization:1 is both included and excluded" in found[0].message


def test_a_sunset_version_and_recent_locations_are_noted(profiles: LinkedInQuery) -> None:
    asked = profiles.model_copy(update={"api_version": "202511", "location_basis": "default"})
    assert [each.rule for each in rules.findings(asked, TODAY)] == ["expired_version", "location_basis"]
