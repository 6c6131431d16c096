"""Queries of other collectors: what they ask is asked, and what cannot be said is listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smstock.errors import QueryError, UsageError
from smstock.platforms.known import platform
from smstock.platforms.meta.collectors.queries import draft
from smstock.query.spec import parse
from smstock.workflows.conversion import convert

if TYPE_CHECKING:
    from pathlib import Path

SERBIA = {"or": [6027149004983], "name": "Expats (Serbia)"}
PSW: dict[str, Any] = {
    "name": "Expats, example!",
    "geo_locations": [{"name": "countries", "values": ["AT"]}, {"name": "countries", "values": ["DE"]}],
    "genders": [0],
    "ages_ranges": [{"min": 18}],
    "behavior": [SERBIA],
}


def test_what_a_query_of_pysocialwatcher_asks_is_asked() -> None:
    scholarities = [{"name": "Graduated", "or": [3, 7, 8, 9, 11]}, None]
    asked = PSW | {
        "genders": [0, 1, 2],
        "ages_ranges": [{"min": 18, "max": 65}, {"min": 18, "max": 24}, {"min": 25, "max": 65}],
        "behavior": [SERBIA, None],
        "scholarities": scholarities,
        "languages": [None],
        "interests": [None],
    }
    query = draft(asked)
    assert query.keys == {
        "name": "expats-example",
        "title": "Expats, example!",
        "platform": "meta",
        "destinations": ["AUT", "DEU"],
        "location_basis": "home",
        "origins": ["SRB"],
        "totals": True,
        "ages": "18+",
        "age_groups": ["18-24", "25+"],
        "education": {"graduated": ["alum", "in_grad_school", "some_grad_school", "master_degree", "doctorate_degree"]},
        "placements": ["facebook"],
        "breakdowns": [["sex", "age", "education"]],
    }
    assert query.unsaid == []


def test_each_cell_that_it_asks_is_a_request_of_the_query_that_it_comes_to(tmp_path: Path) -> None:
    from smstock.query.lattice import cells

    file = tmp_path / "a.json"
    file.write_text(json.dumps(PSW | {"genders": [1, 2], "scholarities": [{"name": "G", "or": [9, 11]}]}))
    query = parse(convert(file).text)
    meta = platform("meta")
    keys = {meta.request(cell, query).key for cell in cells(query)}
    for country in ("AT", "DE"):
        for gender in (1, 2):
            sent = {
                "geo_locations": {"countries": [country], "location_types": ["home"]},
                "age_min": 18,
                "age_max": None,
                "genders": [gender],
                "flexible_spec": [{"behaviors": [{"id": 6027149004983}]}, {"education_statuses": [9, 11]}],
                "publisher_platforms": ["facebook"],
            }
            assert meta.key(sent) in keys


@pytest.mark.parametrize(
    ("change", "unsaid"),
    [
        ({"languages": [{"name": "Arabic", "values": [28]}]}, "languages: Arabic 28"),
        ({"interests": [{"or": [1], "name": "fast food"}]}, "interests: fast food"),
        ({"family_statuses": [{"or": [6023080302983], "name": "parents"}]}, "family_statuses: parents"),
        ({"behavior": [SERBIA, {"not": [6015559470583], "name": "no expats"}]}, "behavior: no expats"),
        ({"behavior": [SERBIA, {"or": [6027149004983, 6023516430783], "name": "either"}]}, "behavior: either"),
        ({"behavior": {"citizenship": [SERBIA], "access_device": [{"or": [1], "name": "iOS"}]}}, "behavior: iOS"),
        ({"genders": [0, 3]}, "genders: 3"),
        ({"ages_ranges": [{"min": 18}, {"min": "young"}]}, "ages_ranges: {'min': 'young'}"),
        ({"scholarities": [{"name": "odd", "or": [99]}]}, "scholarities: odd"),
        ({"publisher_platforms": ["facebook", "whatsapp"]}, "publisher_platforms: whatsapp"),
        ({"target_groups": [{}, {"user_os": []}]}, "target_groups: {'user_os': []}"),
    ],
)
def test_what_a_query_cannot_say_is_listed(change: dict[str, Any], unsaid: str) -> None:
    query = draft(PSW | change)
    assert query.unsaid == [unsaid]
    assert query.keys["origins"] == ["SRB"]


@pytest.mark.parametrize(
    ("place", "unsaid"),
    [
        ({"name": "regions", "values": [{"key": 4079, "name": "England"}]}, "geo_locations: regions England"),
        ({"name": "custom_locations", "values": [{"latitude": 1}]}, "geo_locations: custom_locations {'latitude': 1}"),
        ({"name": "country_groups", "values": ["europe"]}, "geo_locations: country_groups europe"),
        ({"name": "countries", "values": ["QQ"]}, "geo_locations: country QQ, which is not known"),
        (
            {"name": "countries", "values": ["FR"], "location_types": ["recent"]},
            "a query has one location_basis, home: convert a second one for FRA (recent)",
        ),
        (
            {"name": "countries", "values": ["FR"], "location_types": ["nearby"]},
            "geo_locations: countries FR with location_types nearby",
        ),
    ],
)
def test_a_place_that_is_no_country_of_the_query_is_listed(place: dict[str, Any], unsaid: str) -> None:
    query = draft(PSW | {"geo_locations": [*PSW["geo_locations"], place]})
    assert query.unsaid == [unsaid]
    assert query.keys["destinations"] == ["AUT", "DEU"]


def test_countries_asked_as_one_area_are_destinations_of_their_own_and_listed() -> None:
    query = draft(PSW | {"geo_locations": [{"name": "countries", "values": ["AT", "DE"]}]})
    assert query.keys["destinations"] == ["AUT", "DEU"]
    assert query.unsaid == ["geo_locations: countries AT, DE as one area; they are destinations of their own"]


def test_a_query_of_audiencer_asks_every_total_on_every_placement() -> None:
    place = {"name": "countries", "values": ["PL"], "location_types": ["home", "recent"]}
    categories = [{"name": "Lives abroad", "id": "6015559470583"}, {"name": "Lived in Serbia", "id": "6027149004983"}]
    asked = {
        "name": "nowcast",
        "geo_locations": [place],
        "genders": [1, 2],
        "ages_ranges": [{"min": 18, "max": 39}, {"min": 40}],
        "behavior": categories,
        "publisher_platforms": [["facebook"]],
    }
    query = draft(asked)
    assert {key: query.keys.get(key) for key in ("location_basis", "totals", "foreign", "ages", "placements")} == {
        "location_basis": "home_or_recent",
        "totals": True,
        "foreign": True,
        "ages": "18+",
        "placements": None,
    }
    assert query.unsaid == [
        "geo_locations: the whole world, which audiencer asks by itself",
        "publisher_platforms: ['facebook'], beside all of them",
    ]
    assert query.remarks[0].startswith("taken for a query of audiencer")


def test_what_its_author_should_know_is_told() -> None:
    query = draft(PSW | {"ages_ranges": [{"min": 13, "max": 24}, {"min": 45}], "behavior": [SERBIA, *_united_states()]})
    assert query.keys["ages"] == "13+"
    assert [remark.partition(":")[0] for remark in query.remarks] == [
        "USA",
        "no age range holds all others",
        "Meta refuses categories below 18 since 2023",
        "the totals of each breakdown are asked as well, so that parts can be held against them",
    ]


def _united_states() -> list[dict[str, Any]]:
    from smstock.platforms.meta.catalogue import lived_in

    second = next(one for one in lived_in() if one.origin == "USA" and not one.preferred)
    return [{"or": [int(second.behavior_id)], "name": second.name}]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"geo_locations": [{"name": "cities", "values": [{"key": "1"}]}]}, "the query names no country"),
        ({"behavior": [None]}, "no origin that Meta has a category of"),
        ({"behavior": [{"or": [1], "name": "others"}]}, "no origin that Meta has a category of"),
    ],
)
def test_a_query_of_nothing_that_smstock_asks_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(QueryError, match=named) as caught:
        draft(PSW | change)
    assert "by hand" in caught.value.hint


def test_all_foreigners_alone_are_refused_with_the_way_on() -> None:
    with pytest.raises(QueryError, match="no origin that Meta has a category of") as caught:
        draft(PSW | {"behavior": [{"or": [6015559470583], "name": "Expats"}]})
    assert caught.value.hint.startswith("all who lived abroad are asked beside an origin")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "is no JSON"),
        ("[]", "is no query of pySocialWatcher"),
        ('{"name": "x"}', "is no query of pySocialWatcher"),
        ("[" * 100_000, "is no JSON"),
        ("\xff", "is no JSON"),
    ],
)
def test_a_file_that_is_no_query_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(QueryError, match=named):
        convert(file, tmp_path / "a.toml")
    assert not (tmp_path / "a.toml").exists()


def test_names_with_quotes_and_line_ends_stay_text(tmp_path: Path) -> None:
    odd = 'Expats "abroad"\n[education]'
    file = tmp_path / "a.json"
    file.write_text(
        json.dumps(PSW | {"name": odd, "languages": [{"name": odd}], "scholarities": [{"name": odd, "or": [9]}]})
    )
    assert parse(convert(file).text).name == "expats-abroad-education"
    assert parse(convert(file, tmp_path / "a.toml").text).name == "a"
    assert '# - languages: Expats "abroad"\\n[education]' in (tmp_path / "a.toml").read_text()


@pytest.mark.parametrize(
    "value", [None, 7, "x", [7], [[1]], [{"or": 7}], [{"or": [None]}], {"a": 1}, {"a": [{"b": 2}]}]
)
@pytest.mark.parametrize("field", ["geo_locations", "genders", "ages_ranges", "behavior", "scholarities", "languages",
                                   "publisher_platforms", "name", "relationship_statuses"])  # fmt: skip
def test_odd_values_are_one_error_or_listed(tmp_path: Path, field: str, value: Any) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(PSW | {field: value}))
    try:
        query = parse(convert(file).text)
    except QueryError as error:
        assert error.what  # noqa: PT017  # either is right, a traceback is not
    else:
        assert query.origins == ("SRB",)


def test_a_query_is_named_after_its_file_and_none_is_written_over(tmp_path: Path) -> None:
    asked = {"name": "Example", "geo_locations": [{"name": "countries", "values": ["AT"]}], "genders": [0]}
    asked |= {"behavior": [{"or": [6027149004983]}], "ages_ranges": [{"min": 18}]}
    (tmp_path / "q.json").write_text(json.dumps(asked))
    assert parse(convert(tmp_path / "q.json", tmp_path / "Expats 2020.toml").text).name == "expats-2020"
    with pytest.raises(UsageError, match=r"Expats 2020\.toml"):
        convert(tmp_path / "q.json", tmp_path / "Expats 2020.toml")
