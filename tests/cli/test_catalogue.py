"""``smstock catalogue`` as a person and as cron type it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import respx
from typer.testing import CliRunner, Result

from smstock.cli import catalogue
from smstock.errors import CredentialError, QueryError, UsageError
from smstock.platforms.meta.catalogue import lived_in
from smstock.query.places import read

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "EAAGm0PX4ZCpsBAcanarycanary7Qf9"
TOKEN = "AQXcanary" + "x" * 70
QUERY = 'name = "q"\nplatform = "meta"\norigins = ["SRB", "UKR"]\ndestinations = ["DEU"]\nages = "18+"\n'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMSTOCK_META_TOKEN", CANARY)
    monkeypatch.setenv("SMSTOCK_META_ACCOUNT", "1")
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "q.toml").write_text(QUERY)
    return tmp_path


def typed(*words: str) -> Result:
    return CliRunner().invoke(catalogue.app, words)


def listed(*without: str, **renamed: str) -> list[dict[str, Any]]:
    return [
        {"id": each.behavior_id, "name": renamed.get(each.origin, each.name), "path": ["Expats", each.name]}
        for each in lived_in()
        if each.origin not in without
    ]


def check(
    workspace: Path, entries: list[dict[str, Any]], *words: str, statuses: list[dict[str, Any]] | None = None
) -> Result:
    with respx.mock:
        asked = respx.get(host="graph.facebook.com", path="/v25.0/search", params={"type": "targetingoptionstatus"})
        asked.respond(json={"data": statuses or []})
        respx.get(host="graph.facebook.com", path="/v25.0/search").respond(json={"data": entries})
        return typed("meta", "--check", "--workspace", str(workspace), *words)


def test_the_list_is_printed_with_codes_ids_and_notes() -> None:
    result = typed("meta")
    assert result.exit_code == 0
    assert "SRB     Lived in Serbia" in result.stdout
    assert "6027149004983" in result.stdout
    assert "world audience of 6,000 to 7,000 accounts" in " ".join(result.stdout.split())
    assert result.stderr == ""


def test_the_origins_of_a_query_without_a_category_are_named_and_language_is_a_different_thing(workspace: Path) -> None:
    result = typed("meta", "--query", str(workspace / "queries" / "q.toml"))
    assert "Lived in Serbia" in result.stdout
    assert "Ukrainian (locale 52)" in result.stdout
    assert "a different population" in result.stdout
    assert "smstock makes no series of both" in result.stderr
    assert "Lived in Poland" not in result.stdout


def test_origins_are_printed_for_machines() -> None:
    told = json.loads(typed("meta", "efta", "Pakistan", "--json").stdout)
    assert [each["origin"] for each in told["categories"]] == ["CHE", "NOR"]
    languages = {each["origin"]: each["languages"] for each in told["without_category"]}
    assert languages["ISL"] == [{"locale": 69, "language": "Icelandic", "stands_for": "ISL", "note": ""}]
    assert [(each["language"], each["stands_for"]) for each in languages["PAK"]] == [
        ("English (US)", ""), ("Pashto", ""), ("Urdu", ""),
    ]  # fmt: skip


def test_an_unchanged_list_is_one_sentence_and_exit_code_0(workspace: Path) -> None:
    result = check(workspace, listed())
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "as shipped" in result.stderr


def test_a_removed_category_of_a_query_is_exit_code_3_and_names_the_query(workspace: Path) -> None:
    result = check(workspace, listed("SRB", POL="Expats (Poland)"))
    assert result.exit_code == 3
    assert "asked by q: take SRB out" in result.stdout
    assert "was Lived in Poland" in result.stdout


def test_a_removed_category_of_no_query_is_exit_code_0(workspace: Path) -> None:
    result = check(workspace, listed("ITA"))
    assert result.exit_code == 0
    assert "asked by no query here" in result.stdout


def test_a_check_is_printed_for_machines_and_kept_without_the_token(workspace: Path) -> None:
    new = {"id": "1", "name": f"Lived in {CANARY}", "path": ["Expats", "x"]}
    result = check(workspace, [*listed("SRB", POL="Expats (Poland)"), new], "--json")
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert [(each["behavior_id"], each["queries"]) for each in told["removed"]] == [("6027149004983", ["q"])]
    assert [(each["was"], each["name"]) for each in told["renamed"]] == [("Lived in Poland", "Expats (Poland)")]
    assert [each["behavior_id"] for each in told["added"]] == ["1"]
    (kept,) = (workspace / "catalogues").iterdir()
    assert str(kept) == told["written"]
    assert CANARY not in kept.read_text(encoding="utf-8") + result.output


def test_a_category_marked_to_go_is_told_with_its_day_and_its_queries(workspace: Path) -> None:
    plan = [{"key": "2027-01-15T00:00:00+0000", "value": "NON-DELIVERABLE"}]
    statuses: list[dict[str, Any]] = [
        {"id": "6027149004983", "current_status": "DEPRECATING", "future_plan": plan},
        {"id": "6015559470583", "current_status": "ODD"},
        {"id": "6019396764183", "current_status": "NORMAL"},
    ]
    result = check(workspace, listed(), statuses=statuses)
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "6027149004983 Lived in Serbia DEPRECATING" in text
    assert "from 2027-01-15 NON-DELIVERABLE (no longer served); asked by q" in text
    assert "Lives abroad ODD" in text
    assert "Canada" not in text
    assert "of 3 categories whose status Meta tells, 2 are not to stay" in " ".join(result.stderr.split())
    told = json.loads(check(workspace, listed(), "--json", statuses=statuses).stdout)
    assert told["statuses"] == 3
    assert told["going"][0]["planned"] == [["2027-01-15", "NON-DELIVERABLE"]]
    assert [each["queries"] for each in told["going"]] == [["q"], []]


def test_a_category_no_longer_served_that_a_query_asks_for_is_exit_code_3(workspace: Path) -> None:
    statuses = [{"id": "6027149004983", "current_status": "NON-DELIVERABLE"}]
    assert check(workspace, listed(), statuses=statuses).exit_code == 3


def test_a_check_of_some_origins_is_a_fault_of_usage(workspace: Path) -> None:
    result = typed("meta", "SRB", "--check", "--workspace", str(workspace))
    assert isinstance(result.exception, UsageError)


def test_a_check_without_a_credential_says_where_one_may_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    result = typed("meta", "--check", "--workspace", str(tmp_path))
    assert isinstance(result.exception, CredentialError)


def test_places_become_a_set_that_a_query_takes_once_it_is_reviewed(workspace: Path) -> None:
    entries = [
        {"key": "3843", "name": "Bavaria", "type": "region", "country_code": "DE"},
        {"key": "814016", "name": 'Munich "X"', "type": "city", "country_code": "DE", "region": "Bavaria"},
    ]
    path = workspace / "queries/places/german.toml"
    with respx.mock:
        route = respx.get(host="graph.facebook.com", path="/v25.0/search").respond(json={"data": entries})
        result = typed("places", "--country", "DE", "--write", str(path))
        assert "q" not in route.calls[0].request.url.params
        again = typed("places", "--country", "DE", "--write", str(path))
    assert "2 places, not reviewed" in result.stderr
    assert isinstance(again.exception, UsageError)
    with pytest.raises(QueryError, match="nobody has reviewed"):
        read(path)
    path.write_text(path.read_text().replace('reviewed = ""', 'reviewed = "2026-12-01"'))
    places = read(path).places
    assert [(place.code, place.regions, [city.key for city in place.cities]) for place in places] == [
        ("DE-3843", ("3843",), []),
        ("DE-814016", (), ["814016"]),
    ]


def test_places_are_printed_with_their_keys(workspace: Path) -> None:
    entry = {"key": "3843", "name": "Bavaria [by]", "type": "region", "country_code": "DE"}
    with respx.mock:
        route = respx.get(host="graph.facebook.com", path="/v25.0/search").respond(json={"data": [entry]})
        table = typed("places", "Bavaria", "--country", "Germany", "--type", "region")
        told = json.loads(typed("places", "Bavaria", "--country", "DE", "--json").stdout)
        assert route.calls[0].request.url.params["location_types"] == '["region"]'
        assert route.calls[1].request.url.params["location_types"] == '["region","city"]'
    assert "3843" in table.stdout
    assert "Bavaria [by]" in table.stdout
    assert told == [{"key": "3843", "name": "Bavaria [by]", "kind": "region", "region": "", "country": "DE"}]


def test_no_place_is_said_so(workspace: Path) -> None:
    with respx.mock:
        respx.get(host="graph.facebook.com").respond(json={"data": []})
        result = typed("places", "Atlantis", "--country", "DE")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Atlantis" in result.stderr


def test_locations_of_linkedin_become_places_of_the_country_asked(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSTOCK_LINKEDIN_TOKEN", TOKEN)
    names = (
        "Bavaria, Germany",
        "Greater Munich Metropolitan Area",
        "Bavaria, Poland",
        "Germany",
        "Munich, Bavaria, Germany",
    )
    elements = [{"urn": f"urn:li:geo:{number}", "name": name} for number, name in enumerate(names)]
    path = workspace / "queries/places/geos.toml"
    with respx.mock:
        route = respx.get(host="api.linkedin.com").respond(json={"elements": elements})
        result = typed("places", "Bav", "--country", "DE", "--platform", "linkedin", "--write", str(path))
        assert "adTargetingFacet%3AprofileLocations" in route.calls[0].request.url.raw_path.decode()
    assert "urn:li:geo:4" in result.stdout
    assert "3 places, not reviewed" in result.stderr
    path.write_text(path.read_text().replace('reviewed = ""', 'reviewed = "2026-12-01"'))
    assert [(place.code, place.name, place.geos) for place in read(path).places] == [
        ("DE-0", "Bavaria", ("urn:li:geo:0",)),
        ("DE-1", "Greater Munich Metropolitan Area", ("urn:li:geo:1",)),
        ("DE-4", "Munich, Bavaria", ("urn:li:geo:4",)),
    ]


@pytest.mark.parametrize("words", [["--country", "DE"], ["Bav", "--country", "DE", "--type", "region"]])
def test_linkedin_is_asked_for_a_name_and_for_no_type(
    words: list[str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSTOCK_LINKEDIN_TOKEN", TOKEN)
    with respx.mock:
        result = typed("places", *words, "--platform", "linkedin")
    assert isinstance(result.exception, UsageError)
