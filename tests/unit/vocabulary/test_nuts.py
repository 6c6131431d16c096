"""Versions of NUTS: as many regions as published, and each code led to what came after it."""

from __future__ import annotations

import pytest

from smstock.errors import QueryError
from smstock.vocabulary import countries, nuts
from smstock.vocabulary.places import Place, country_of, official_code

MEMBERS = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "EL",
    "ES",
    "FI",
    "FR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]


@pytest.mark.parametrize(
    ("version", "members", "of_level_1", "of_level_2"),
    [
        ("2013", [*MEMBERS, "UK"], 98, 276),
        ("2016", [*MEMBERS, "UK"], 104, 281),
        ("2021", MEMBERS, 92, 242),
        ("2024", MEMBERS, 92, 244),
    ],
)
def test_a_version_has_as_many_regions_of_members_as_published(
    version: str, members: list[str], of_level_1: int, of_level_2: int
) -> None:
    codes = [code for code in nuts.regions() if version in nuts.versions(code) and code[:2] in members]
    assert (sum(len(code) == 3 for code in codes), sum(len(code) == 4 for code in codes)) == (of_level_1, of_level_2)


def test_every_code_has_its_country_and_every_version_is_a_tree() -> None:
    assert all(countries.known_as(country_of(code), "iso3") for code in nuts.regions() if code != "FRA")
    for version in nuts.VERSIONS:
        codes = {code for code in nuts.regions() if version in nuts.versions(code)}
        above = {code[:3] for code in codes if len(code) == 4}
        assert above == {code for code in codes if len(code) == 3}, version


def test_what_ended_leads_into_the_next_version_of_its_country_and_level() -> None:
    ended = [region for region in nuts.regions().values() if region.last and region.code[:2] != "UK"]
    assert len(ended) > 40
    for region in ended:
        following = nuts.VERSIONS[nuts.VERSIONS.index(region.last) + 1]
        assert region.became, region
        for code in region.became:
            assert following in nuts.versions(code), (region, code)
            assert (code[:2], len(code)) == (region.code[:2], len(region.code))
            assert region.code in nuts.counterparts(code, region.last)


def test_what_began_came_after_something_but_for_what_was_in_no_version() -> None:
    began = [region.code for region in nuts.regions().values() if region.first]
    new = [code for code in began if not nuts.counterparts(code, "2013") and not nuts.counterparts(code, "2016")]
    assert new == ["NO0B", "XK0", "XK00"]  # Svalbard and Jan Mayen, Kosovo


@pytest.mark.parametrize(
    ("code", "version", "others"),
    [
        ("FR24", "2016", ["FRB0"]),
        ("FR24", "2024", ["FRB0"]),
        ("FRB0", "2013", ["FR24"]),
        ("LT00", "2021", ["LT01", "LT02"]),
        ("HU10", "2016", ["HU11", "HU12"]),
        ("HU11", "2013", ["HU10"]),
        ("IE01", "2016", ["IE04", "IE06"]),
        ("IE06", "2013", ["IE01", "IE02"]),
        ("UKM3", "2016", ["UKM8", "UKM9"]),
        ("UKM3", "2024", []),
        ("UKI3", "2024", []),
        ("HR04", "2021", ["HR02", "HR05", "HR06"]),
        ("NL31", "2024", ["NL35"]),
        ("PT17", "2024", ["PT1A", "PT1B"]),
        ("PT1D", "2021", ["PT16", "PT18"]),
        ("NO01", "2021", ["NO08"]),
        ("PL12", "2016", ["PL91", "PL92"]),
        ("FR7", "2016", ["FRK"]),
        ("FRA1", "2021", ["FRY1"]),
        ("FR241", "2021", ["FRB0"]),
        ("DE21", "2013", ["DE21"]),
        ("DE41", "2013", []),
    ],
)
def test_codes_of_another_version(code: str, version: str, others: list[str]) -> None:
    assert sorted(nuts.counterparts(code, version)) == others


@pytest.mark.parametrize(
    ("codes", "version", "message", "told"),
    [
        (
            ["FR24"],
            "2021",
            "FR24 (Centre) is of NUTS 2013, not of NUTS 2021",
            "FRB0 (Centre — Val de Loire), which has its",
        ),
        (
            ["FRB0"],
            "2013",
            "is of NUTS 2016 to 2024, not of NUTS 2013",
            "FR24 (Centre), which has its area in NUTS 2013",
        ),
        (
            ["HU10"],
            "2024",
            "HU10 (Közép-Magyarország) is of NUTS 2013",
            "HU11 (Budapest), HU12 (Pest), which have parts",
        ),
        (["FR241"], "2016", "FR241 is of NUTS 2013", "FRB0 (Centre — Val de Loire)"),
        (["UKI3"], "2024", "is of NUTS 2013 to 2021", "NUTS 2024 has no region of United Kingdom"),
        (["DEX1"], "2024", "DEX1 is in no NUTS from 2013 to 2024", "codes of one's own have a hyphen"),
        (
            ["FR24", "FRB0"],
            "",
            "FR24 (Centre) is of NUTS 2013, and FRB0 (Centre — Val de Loire) of NUTS 2016 to 2024",
            "one",
        ),
        (["DE21"], "2010", "there is no NUTS 2010", '"2013", "2016", "2021", "2024"'),
    ],
)
def test_a_code_of_another_version_is_told_with_what_took_its_place(
    codes: list[str], version: str, message: str, told: str
) -> None:
    with pytest.raises(QueryError) as refused:
        nuts.check([*codes, "DE21", "US-CA", "RS-X1"], version)
    assert message in refused.value.what
    assert told in refused.value.allowed


@pytest.mark.parametrize(("codes", "version"), [(["FR24", "HU10"], ""), (["FR24", "UKI3"], "2013"), (["DEX1"], "")])
def test_codes_of_one_version_and_those_of_none_pass(codes: list[str], version: str) -> None:
    nuts.check([*codes, "DE21", "US-CA", "RS-X1", "DEZZ"], version)


@pytest.mark.parametrize(
    ("code", "official", "area", "country"),
    [
        ("GR-I", "EL30", "EL30", "GRC"),
        ("GR-I", "GR30", "EL30", "GRC"),
        ("GR30", "", "EL30", "GRC"),
        ("EL30", "", "EL30", "GRC"),
        ("GB-LND", "UKI", "UKI", "GBR"),
        ("GBI3", "", "UKI3", "GBR"),
        ("US-X1", "06037", "US-06037", "USA"),
        ("US-X1", "0500000US06037", "US-06037", "USA"),
        ("US-CA", "06", "US-CA", "USA"),
        ("DE-X1", "DE-09162", "DE-09162", "DEU"),
    ],
)
def test_the_official_area_of_a_place_is_what_official_figures_have(
    code: str, official: str, area: str, country: str
) -> None:
    assert Place(code, "x", country, official).official_area == area
    assert official_code(area) == area


@pytest.mark.parametrize("official", ["DEU", "FRA", "AT13", "EU27_2020", "9162", "06037", "Oberbayern"])
def test_an_official_area_that_no_part_of_the_country_can_have_is_refused(official: str) -> None:
    with pytest.raises(QueryError, match=f"official = '{official}', which no part of Germany is called"):
        Place("DE-X1", "x", "DEU", official)
