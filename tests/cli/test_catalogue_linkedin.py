"""``smstock catalogue linkedin`` as a person and as cron type it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import respx
from typer.testing import CliRunner, Result

from smstock.cli import catalogue
from smstock.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "AQXcanary" + "x" * 70


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMSTOCK_LINKEDIN_TOKEN", TOKEN)
    return tmp_path


def typed(workspace: Path, *words: str, elements: list[dict[str, Any]]) -> tuple[Result, list[str]]:
    """Return what a command printed, and the queries that it sent."""
    with respx.mock:
        route = respx.get(host="api.linkedin.com").respond(json={"elements": elements})
        result = CliRunner().invoke(catalogue.app, ["linkedin", *words, "--workspace", str(workspace)])
        return result, [call.request.url.raw_path.decode() for call in route.calls]


def test_entities_are_listed_with_what_a_query_names(workspace: Path) -> None:
    elements = [
        {"urn": "urn:li:degree:200", "name": "Bachelor's Degree"},
        {"urn": "urn:li:degree:1", "name": "[Other]"},
    ]
    result, sent = typed(workspace, "entities", "degrees", elements=elements)
    assert result.exit_code == 0
    assert "urn:li:degree:200  Bachelor's Degree" in result.stdout
    assert "[Other]" in result.stdout
    assert "".join(sent) == (
        "/rest/adTargetingEntities?count=100&facet=urn%3Ali%3AadTargetingFacet%3Adegrees&locale=(language:en,country:US)"
        "&q=adTargetingFacet&queryVersion=QUERY_USES_URNS&start=0"
    )
    again, nothing_sent = typed(workspace, "entities", "degrees", "--json", elements=[])
    assert json.loads(again.stdout) == elements
    assert nothing_sent == []


def test_facets_are_listed(workspace: Path) -> None:
    result, sent = typed(
        workspace, "facets", elements=[{"facetName": "schools", "availableEntityFinders": ["TYPEAHEAD"]}]
    )
    assert "schools typeahead" in " ".join(result.stdout.split())
    assert sent == ["/rest/adTargetingFacets"]


def test_nothing_found_is_said(workspace: Path) -> None:
    result, _ = typed(workspace, "entities", "skills", "welding", elements=[])
    assert result.stdout == ""
    assert "finds no skills by 'welding'" in result.stderr


def test_schools_are_written_and_their_review_is_asked_for(workspace: Path) -> None:
    elements = [{"urn": "urn:li:organization:1035", "name": "Universitatea A"}]
    result, sent = typed(workspace, "schools", "--country", "ROU", "Universitatea", elements=elements)
    path = workspace / "queries" / "schools" / "ROU.toml"
    assert result.stdout == f"{path}\n"
    assert "1 schools, not reviewed" in result.stderr
    assert "query=Universitatea&" in sent[0]
    assert 'reviewed = ""' in path.read_text(encoding="utf-8")
    path.unlink()
    told, _ = typed(workspace, "schools", "--country", "Romania", "Universitatea", "--json", elements=[])
    assert json.loads(told.stdout) == {"country": "ROU", "schools": elements, "written": str(path)}


def test_a_country_has_to_be_named(workspace: Path) -> None:
    result, sent = typed(workspace, "schools", elements=[])
    assert isinstance(result.exception, UsageError)
    assert sent == []


def test_no_file_holds_the_token(workspace: Path) -> None:
    typed(workspace, "entities", "skills", "x", elements=[{"urn": "urn:li:skill:1", "name": f"Bearer {TOKEN}"}])
    assert not [path for path in workspace.rglob("*") if path.is_file() and TOKEN in path.read_text(encoding="utf-8")]
