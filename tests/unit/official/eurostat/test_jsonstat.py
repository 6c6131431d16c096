"""JSON-stat: positions and sizes must fit; answers that are no data say so."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from smstock.errors import OfficialFileError
from smstock.official.eurostat.jsonstat import dataset, observations, recognises
from smstock.official.rawfile import RawFile


def raw(content: object) -> RawFile:
    return RawFile(Path("a.json"), "text", json.dumps(content).encode())


def answer(**changes: Any) -> dict[str, Any]:
    index = {"geo": {"DE": 0, "EL": 1}, "time": {"2019": 0, "2020": 1, "2021": 2}}
    return {
        "id": ["geo", "time"],
        "size": [2, 3],
        "dimension": {name: {"label": name, "category": {"index": each}} for name, each in index.items()},
        "value": {"1": 7.5, "3": 0},
        "status": {"1": "be", "4": "u"},
        "updated": "2026-08-10T11:00:00+0200",
        "extension": {"id": "DEMO_GIND", "lang": "EN"},
    } | changes


def test_positions_run_with_the_last_dimension_fastest() -> None:
    found = observations(raw(answer()))
    (block,) = found.blocks
    assert found.keys["geo"].tolist() == ["DE", "EL"]
    assert block.series.tolist() == [0, 0, 0, 1, 1, 1]
    assert block.year.tolist() == [2019, 2020, 2021] * 2
    assert [None if isnan(value) else value for value in block.value] == [None, 7.5, None, 0, None, None]
    assert block.flags.tolist() == [":", "b e", ":", "", "u; :", ":"]
    assert (found.dataset, found.edition) == ("demo_gind", "2026-08-10")


def test_time_may_stand_anywhere_and_codes_in_any_order() -> None:
    content = answer(
        id=["time", "geo"],
        size=[2, 2],
        dimension={
            "time": {"category": {"index": {"2020": 1, "2019": 0}}},
            "geo": {"category": {"index": {"EL": 1, "DE": 0}}},
        },
        value=[1, 2, 3, None],
        status=["", "b", "", "c"],
    )
    (block,) = observations(raw(content)).blocks
    assert block.year.tolist() == [2019, 2020, 2019, 2020]
    assert block.value[:3].tolist() == [1, 3, 2]
    assert block.flags.tolist() == ["", "", "b", "C; :"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": [2, 4]}, "positions of dimension time"),
        ({"size": [3, 2]}, "positions of dimension geo"),
        ({"size": [2]}, "2 dimensions and 1 sizes"),
        ({"size": [0, 3]}, "sizes"),
        ({"size": [10**6, 10**6]}, "sizes"),
        ({"id": ["geo", "geo"]}, "2 dimensions and 2 sizes"),
        ({"id": ["geo", "sex"]}, "no dimension time"),
        ({"value": {"6": 1}}, "beyond the 6 cells"),
        ({"value": {"-1": 1}}, "a position is no number"),
        ({"value": {"1": 1, "01": 2}}, "positions are repeated"),
        ({"value": {"1": "7"}}, "value.1: a number (it is '7')"),
        ({"value": [1, 2]}, "2 figures or flags for 6 cells"),
        ({"value": 7}, "value: a table or a list, in brackets (it is 7)"),
        ({"dimension": {}}, "dimension geo is not described"),
        ({"dimension": []}, "dimension: a table (it is [])"),
        ({"status": {"1": 5}}, "status.1: a text, in quotes (it is 5)"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(OfficialFileError, match="damaged JSON-stat") as caught:
        observations(raw(answer(**changes)))
    assert said in caught.value.what


def test_months_are_refused() -> None:
    dimension = answer()["dimension"] | {"time": {"category": {"index": {"2020-01": 0, "2020-02": 1, "2020-03": 2}}}}
    with pytest.raises(OfficialFileError, match="'2020-01' is no year"):
        observations(raw(answer(dimension=dimension)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            {"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Your request will be treated"}},
            "answered 413 ASYN",
        ),
        ({"error": [{"status": 400, "id": 140, "label": "Dataset not found"}]}, "answered 400 Dataset not found"),
        ({"error": "overloaded"}, "answered an error"),
    ],
)
def test_answers_that_are_no_data_say_what_they_are(content: object, said: str) -> None:
    assert recognises(raw(content))
    with pytest.raises(OfficialFileError, match=said):
        dataset(raw(content))


@pytest.mark.parametrize("extension", [{}, {"id": 7}])
def test_an_answer_without_a_name_asks_for_the_data_set(extension: dict[str, Any]) -> None:
    with pytest.raises(OfficialFileError, match="does not say which data set") as caught:
        dataset(raw(answer(extension=extension)))
    assert 'dataset = "..."' in caught.value.hint


def test_a_multiplier_of_a_unit_is_refused() -> None:
    content = answer()
    category = content["dimension"]["geo"]["category"]
    category["unit"] = {"DE": {"decimals": 0, "label": "persons"}}
    assert observations(raw(content)).keys["geo"].tolist() == ["DE", "EL"]
    category["unit"]["EL"] = {"multiplier": 3}
    with pytest.raises(OfficialFileError, match="other units than persons: multiplier 3"):
        observations(raw(content))


def first_version(**changes: Any) -> dict[str, Any]:
    content = answer()
    dimension = content["dimension"] | {"id": content["id"], "size": content["size"], "role": {"time": ["time"]}}
    part = {"value": content["value"], "status": content["status"], "updated": "2014-07-03", "source": "Eurostat"}
    return {"demo_gind": part | {"dimension": dimension} | changes}


def test_the_service_of_version_1_1_puts_the_answer_under_its_name() -> None:
    file = raw(first_version())
    found, expected = observations(file), observations(raw(answer()))
    assert recognises(file)
    assert (found.dataset, found.edition) == ("demo_gind", "2014-07-03")
    assert found.keys.equals(expected.keys)
    ((block,), (other,)) = found.blocks, expected.blocks
    assert [part.tolist() for part in (block.year, block.flags)] == [
        part.tolist() for part in (other.year, other.flags)
    ]
    assert block.value[1] == other.value[1] == 7.5


def test_the_service_of_version_2_1_names_the_data_set_otherwise() -> None:
    found = observations(
        raw(answer(extension={"datasetId": "migr_pop3ctb", "description": None}, updated="2019-07-03"))
    )
    assert (found.dataset, found.edition) == ("migr_pop3ctb", "2019-07-03")


def test_one_position_needs_no_index_and_several_do() -> None:
    content = answer(size=[1, 3], value={"0": 1}, status={})
    content["dimension"]["geo"] = {"category": {"label": {"DE": "Germany"}}}
    assert observations(raw(content)).keys["geo"].tolist() == ["DE"]
    content["dimension"]["geo"] = {"category": {"label": {"DE": "Germany", "EL": "Greece"}}}
    with pytest.raises(OfficialFileError, match="positions of dimension geo"):
        observations(raw(content | {"size": [2, 3]}))


@pytest.mark.parametrize(
    ("changes", "is_eurostats"),
    [
        ({}, True),
        ({"source": "ESTAT"}, True),
        ({"source": "Eurostat", "extension": {}}, True),
        ({"href": "http://ec.europa.eu/eurostat/wdds/rest/data/v2.1/json/en/x", "extension": {}}, True),
        ({"source": "Statistics Norway"}, False),
        ({"extension": {}}, False),
    ],
)
def test_whose_an_answer_is_its_source_says(changes: dict[str, Any], is_eurostats: bool) -> None:
    assert recognises(raw(answer(**changes))) is is_eurostats
