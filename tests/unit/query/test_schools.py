"""Sets of schools: reviewed by a person, named by a query, part of it from then on."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import QueryError
from smstock.platforms.linkedin.lookup import Found, entities
from smstock.query import schools
from smstock.query.linkedin import LinkedInQuery
from smstock.query.schools import SchoolSet
from smstock.query.spec import load, parse

if TYPE_CHECKING:
    from pathlib import Path

ROU = SchoolSet("ROU", (("urn:li:organization:1035", 'Școala "A"\\B'), ("urn:li:organization:11", "")), "2026-11-22")
QUERY = """
name = "q"
platform = "linkedin"
origins = ["ROU"]
destinations = ["DEU"]
ages = "18+"
origin_basis = "school_country"
school_sets = ["schools/ROU.toml"]
"""


def written(folder: Path, text: str, name: str = "ROU.toml") -> Path:
    path = folder / "schools" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert schools.read(written(tmp_path, schools.write(ROU, "found"))) == ROU


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_name_that_linkedin_may_tell_is_written_and_read_back(names: list[str]) -> None:
    elements = tuple({"urn": f"urn:li:organization:{place}", "name": name} for place, name in enumerate(names))
    found = entities(Found("2026-11-22T10:00:00Z", "202608", {}, elements))
    listed = SchoolSet("ROU", tuple((each.urn, each.name) for each in found), "2026-11-22")
    content = tomllib.loads(schools.write(listed, "found"))
    assert [(school["urn"], school["name"]) for school in content.get("school", [])] == list(listed.schools)


def test_a_query_takes_over_the_schools_it_names(tmp_path: Path) -> None:
    written(tmp_path, schools.write(ROU, "found"))
    (tmp_path / "q.toml").write_text(QUERY, encoding="utf-8")
    query = load(tmp_path / "q.toml")
    assert isinstance(query, LinkedInQuery)
    assert query.schools == {"ROU": ("urn:li:organization:1035", "urn:li:organization:11")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (schools.write(SchoolSet("ROU", ROU.schools), "found"), "nobody has reviewed"),
        ('country = "ROU"\nreviewed = "2026-11-22"\n', "no set of schools"),
        ('country = "Atlantis"\nreviewed = "2026-11-22"\nschool = []\n', "Atlantis"),
        ('country = "ROU"\nreviewed = "2026-11-22"\nschool = 3\n', "no set of schools"),
        ("country = ", "cannot be read"),
    ],
)
def test_a_set_that_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    (tmp_path / "q.toml").write_text(QUERY, encoding="utf-8")
    with pytest.raises(QueryError, match=message) as caught:
        load(tmp_path / "q.toml")
    assert str(path.name) in str(caught.value)


def test_a_missing_set_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(QUERY, encoding="utf-8")
    with pytest.raises(QueryError, match="cannot be read") as caught:
        load(tmp_path / "q.toml")
    assert "smstock catalogue linkedin schools" in str(caught.value)


@pytest.mark.parametrize("value", ['"a.toml"', "3", "[3]", "true"])
def test_sets_that_are_no_list_of_files_are_told_what_they_are(tmp_path: Path, value: str) -> None:
    (tmp_path / "q.toml").write_text(QUERY.replace('["schools/ROU.toml"]', value), encoding="utf-8")
    with pytest.raises(QueryError, match="school_sets: a list of files, in brackets"):
        load(tmp_path / "q.toml")


@pytest.mark.parametrize("sets", ["[]", '["schools/ROU.toml"]'])
def test_schools_are_written_or_named_not_both(tmp_path: Path, sets: str) -> None:
    written(tmp_path, schools.write(ROU, "found"))
    text = QUERY.replace('["schools/ROU.toml"]', sets) + '[schools]\nROU = ["urn:li:organization:1"]\n'
    (tmp_path / "q.toml").write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match="schools and school_sets both"):
        load(tmp_path / "q.toml")


def test_sets_need_a_folder_to_lie_in() -> None:
    with pytest.raises(QueryError, match="files beside a query file"):
        parse(QUERY)
