"""American Community Survey, B05006: labels tell what a column is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS
from smstock.official.census.places import origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

LABELS = {
    "B05006_001E": "Estimate!!Total:",
    "B05006_002E": "Estimate!!Total:!!Europe:",
    "B05006_003E": "Estimate!!Total:!!Europe:!!Northern Europe:!!United Kingdom (inc. Crown Dependencies):",
    "B05006_004E": "Estimate!!Total:!!Europe:!!Northern Europe:!!United Kingdom (inc. Crown Dependencies):!!Scotland",
    "B05006_005E": "Estimate!!Total:!!Asia:!!Eastern Asia:!!China:",
    "B05006_006E": "Estimate!!Total:!!Asia:!!Eastern Asia:!!China:!!China, excluding Hong Kong and Taiwan",
    "B05006_007E": "Estimate!!Total:!!Asia:!!Eastern Asia:!!China:!!Taiwan",
    "B05006_008E": "Estimate!!Total:!!Africa:!!Western Africa:!!Other Western Africa",
}
SAID = {"reference_date": "2022-07-01", "edition": "acs1 2022"}


@pytest.fixture
def answered(write: Write) -> Callable[..., Path]:
    def written(rows: list[list[str | None]], labels: dict[str, str] | None = LABELS, **entries: str) -> Path:
        path = write(json.dumps(rows), "acs.json", **(entries or SAID))
        if labels is not None:
            group = {"variables": {name: {"label": label, "group": "B05006"} for name, label in labels.items()}}
            path.with_name("acs.json.labels.json").write_text(json.dumps(group))
        return path

    return written


HEADER: list[str | None] = ["NAME", *LABELS, "B05006_001M", "B05006_001EA", "state"]
CALIFORNIA: list[str | None] = ["California", "100", "20", "9", "4", "30", "21", "8", "3", "5", None, "06"]


def test_states_and_places_of_birth(answered: Callable[..., Path]) -> None:
    found = readers.read_all(answered([HEADER, CALIFORNIA]))["stock"]
    stock = found.table
    assert dict(zip(stock["origin"], stock["value"], strict=True)) == {"WLD": 100, "GBR": 9, "CHN": 21, "TWN": 8}
    assert set(stock["destination"]) == {"US-CA"}
    assert set(stock["concept"]) == {"birth"}
    assert set(stock["reference_date"]) == {"2022-07-01"}
    assert set(stock["edition"]) == {"acs1 2022"}
    # Europe, Scotland, China with Hong Kong and Taiwan, Other Western Africa
    assert found.left_out == {GROUPS_OF_AREAS: 4}


def test_a_place_that_is_not_known_is_named(answered: Callable[..., Path]) -> None:
    labels = LABELS | {"B05006_007E": "Estimate!!Total:!!Asia:!!South Eastern Asia:!!Atlantis"}
    answer = readers.read_all(answered([HEADER, CALIFORNIA], labels))["stock"]
    assert answer.left_out == {
        "for groups of areas, or persons of no known area": 4,
        "for areas that are not known: Atlantis": 1,
    }


@pytest.mark.parametrize("day", ["2022-02-30", "2022-13-01", "0000-07-01"])
def test_an_impossible_day_of_the_sidecar_is_refused(answered: Callable[..., Path], day: str) -> None:
    with pytest.raises(OfficialFileError, match=rf"line \d+: reference_date is '{day}'") as caught:
        readers.read_stock(answered([HEADER, CALIFORNIA], reference_date=day))
    assert "acs.json.origin.toml" in caught.value.what


def test_columns_mean_what_that_year_s_labels_say(answered: Callable[..., Path]) -> None:
    moved = LABELS | {"B05006_003E": LABELS["B05006_007E"], "B05006_007E": LABELS["B05006_003E"]}
    stock = readers.read_stock(answered([HEADER, CALIFORNIA], moved))
    assert stock.set_index("origin")["value"][["GBR", "TWN"]].tolist() == [8, 9]


def test_an_annotation_in_place_of_a_number_is_missing(answered: Callable[..., Path]) -> None:
    row = [*CALIFORNIA]
    row[1], row[7] = "-666666666", None
    stock = readers.read_stock(answered([HEADER, row])).set_index("origin")
    assert stock["value"][["WLD", "TWN"]].isna().all()
    assert stock["flags"][["WLD", "TWN"]].tolist() == ["-666666666", "blank"]


def test_the_united_states_and_puerto_rico(answered: Callable[..., Path]) -> None:
    header: list[str | None] = [*HEADER[:-1], "us"]
    assert set(readers.read_stock(answered([header, [*CALIFORNIA[:-1], "1"]]))["destination"]) == {"USA"}
    assert set(readers.read_stock(answered([HEADER, [*CALIFORNIA[:-1], "72"]]))["destination"]) == {"PRI"}
    with pytest.raises(UnknownNameError, match="'99' is no state"):
        readers.read_stock(answered([HEADER, [*CALIFORNIA[:-1], "99"]]))


def test_counties_by_the_numbers_of_state_and_county(answered: Callable[..., Path]) -> None:
    header = [*HEADER, "county"]
    rows = [[*CALIFORNIA, "037"], [*CALIFORNIA[:-1], "36", "061"]]
    table = readers.read_stock(answered([header, *rows]))
    assert set(table["destination"]) == {"US-06037", "US-36061"}
    assert table.set_index(["destination", "origin"])["flags"]["US-06037"].to_dict()["WLD"] == "margin: 5"
    with pytest.raises(UnknownNameError, match="'000' is no county"):
        readers.read_stock(answered([header, [*CALIFORNIA, "000"]]))


def test_areas_by_their_geo_id(answered: Callable[..., Path]) -> None:
    header = [*HEADER[:-1], "ucgid"]
    codes = {"0100000US": "USA", "0400000US06": "US-CA", "0500000US06037": "US-06037"}
    table = readers.read_stock(answered([header, *([*CALIFORNIA[:-1], code] for code in codes)]))
    assert set(table["destination"]) == set(codes.values())


@pytest.mark.parametrize("further", ["tract", "county subdivision", "congressional district"])
def test_parts_of_a_county_or_state_are_not_taken_for_it(answered: Callable[..., Path], further: str) -> None:
    with pytest.raises(OfficialFileError, match="a geography that is not read") as caught:
        readers.read_stock(answered([[*HEADER, further], [*CALIFORNIA, "1"]]))
    assert further in caught.value.where


@pytest.mark.parametrize(
    ("rows", "labels", "said"),
    [
        ([HEADER, CALIFORNIA], None, "does not say what its columns are"),
        ([HEADER, CALIFORNIA], {"B05006_001E": "Estimate!!Total:"}, "has no label for B05006_002E"),
        ([HEADER, CALIFORNIA], LABELS | {"B05006_001E": "Estimate!!Median"}, "has no label for B05006_001E"),
        ([HEADER, CALIFORNIA[1:]], LABELS, "rows do not fit its header"),
        ([HEADER], LABELS, "rows do not fit its header"),
        ([HEADER, [7, *CALIFORNIA[1:]]], LABELS, r"Census Bureau: 1\.0: a text, in quotes \(it is 7\)"),
        ([[*HEADER, "B05006_002E"], [*CALIFORNIA, "1"]], LABELS, "rows do not fit its header"),
        ([[*HEADER[:-1], "county"], CALIFORNIA], LABELS, "a geography that is not read"),
        ([HEADER, [*CALIFORNIA[:1], "N", *CALIFORNIA[2:]]], LABELS, "neither a figure nor a mark"),
    ],
)
def test_what_does_not_fit_is_refused(
    answered: Callable[..., Path], rows: list[list[str | None]], labels: dict[str, str] | None, said: str
) -> None:
    with pytest.raises(OfficialFileError, match=said):
        readers.read_stock(answered(rows, labels))


def test_the_sidecar_gives_the_day(answered: Callable[..., Path]) -> None:
    with pytest.raises(OfficialFileError, match="does not say which day"):
        readers.read_stock(answered([HEADER, CALIFORNIA], edition="acs1 2022"))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Estimate!!Total!!Asia!!South Eastern Asia!!Burma", "MMR"),
        ("Estimate!!Total:!!Asia:!!South Eastern Asia:!!Burma (Myanmar)", "MMR"),
        ("Estimate!!Total:!!Asia:!!Eastern Asia:!!Korea", "KOR"),
        ("Estimate!!Total:!!Africa:!!Middle Africa:!!Congo", "COG"),
        ("Estimate!!Total:!!Europe:!!Eastern Europe:!!Czechoslovakia (includes Czech Republic and Slovakia)", "CSK"),
        ("Estimate!!Total:!!Americas:!!Latin America:!!Caribbean:!!St. Vincent and the Grenadines", "VCT"),
        ("Estimate!!Total:!!Oceania:!!Micronesia:", "Micronesia"),
        ("Estimate!!Total:!!Oceania:!!Micronesia", "FSM"),
        ("Estimate!!Total:!!Americas:!!Latin America:!!Caribbean:!!Antigua-Barbuda", "ATG"),
        ("Estimate!!Total:!!Americas:!!Latin America:!!Caribbean:!!West Indies", "West Indies"),
    ],
)
def test_labels(label: str, expected: str) -> None:
    assert origin(label) == expected
