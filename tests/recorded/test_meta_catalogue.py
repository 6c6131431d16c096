"""The shipped catalogue states the facts of the compiled list of Meta's categories, and no others."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from smstock.platforms.meta.catalogue import WITHOUT_ORIGIN, Behavior, changes, lived_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def compiled(shared: Path) -> list[dict[str, str]]:
    with (shared / "reference" / "meta_lived_in_behaviors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(rows: list[dict[str, str]]) -> list[Behavior]:
    return [Behavior(row["behavior_id"], row["name"], ("Expats", row["name"])) for row in rows]


def test_ids_and_origins_are_those_of_the_list(compiled: list[dict[str, str]]) -> None:
    facts = {row["behavior_id"]: row["iso3"] for row in compiled if row["iso3"]}
    assert {each.behavior_id: each.origin for each in lived_in()} == facts
    assert len(facts) == 90


def test_categories_without_an_origin_are_those_of_the_list(compiled: list[dict[str, str]]) -> None:
    assert {row["behavior_id"]: row["name"] for row in compiled if not row["iso3"]} == WITHOUT_ORIGIN


def test_the_list_differs_in_nothing_from_the_shipped_one(compiled: list[dict[str, str]]) -> None:
    found = changes(listed(compiled))
    assert found.none
    assert not found.translated


def test_what_was_seen_again_in_march_2026_is_the_list_without_the_second_id(compiled: list[dict[str, str]]) -> None:
    seen = [row for row in compiled if row["also_seen_2026_03_31"] == "yes"]
    assert {row["behavior_id"] for row in compiled} - {row["behavior_id"] for row in seen} == {
        each.behavior_id for each in lived_in() if not each.preferred
    }
    assert changes(listed(seen)).none


def test_each_category_with_a_warning_has_a_note(compiled: list[dict[str, str]]) -> None:
    warned = {row["behavior_id"] for row in compiled if row["notes"]}
    assert {each.behavior_id for each in lived_in() if each.note} == warned


def test_the_sizes_that_the_notes_name_are_those_of_the_list(compiled: list[dict[str, str]]) -> None:
    sizes = {row["iso3"]: int(row["audience_size_lower_bound"]) for row in compiled if row["iso3"] in ("GRC", "SGP")}
    assert 5_500 < sizes["GRC"] < 7_000
    assert 78_500 < sizes["SGP"] < 79_500
