"""Files of offices that are not read: the message says whose they are, and how to go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]
    Save = Callable[..., Path]

CUBE: dict[str, Any] = {
    "class": "dataset",
    "label": "07459: Population",
    "id": ["Region", "Tid"],
    "size": [1, 1],
    "dimension": {name: {"category": {"index": {"0": 0}}} for name in ("Region", "Tid")},
    "value": [7],
}
FIRST = {
    "dimension": CUBE["dimension"] | {"id": CUBE["id"], "size": CUBE["size"]},
    "label": "Folketal",
    "source": "Statistics Denmark",
    "value": [7],
}
LINKED = {"meta": {}, "data": {"dataSets": [{"links": [{"urn": "urn:sdmx:x.DataStructure=IT1:DCIS_POP(1.0)"}]}]}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CUBE | {"source": "Statistics Norway"}, "is JSON-stat of Statistics Norway: 07459: Population"),
        ({"dataset": FIRST}, "is JSON-stat of Statistics Denmark: Folketal"),
        (
            {"jsonrpc": "2.0", "result": CUBE | {"extension": {"copyright": {"name": "CSO, Ireland"}}}},
            "is JSON-stat of CSO, Ireland",
        ),
        (CUBE | {"extension": {"contact": [{"name": "SCB"}]}}, "is JSON-stat of SCB"),
        (CUBE | {"href": "https://statbank.example/x"}, "is JSON-stat of statbank.example"),
        (CUBE, "is JSON-stat of an office that it does not name: 07459"),
        (CUBE | {"source": "ISTAT", "extension": {"id": "DCIS_POP"}}, "is JSON-stat of ISTAT"),
        ({"a": FIRST, "b": FIRST}, "is a bundle of data sets in JSON-stat"),
        ({"class": "collection", "link": {}}, "is a bundle of data sets in JSON-stat"),
        ([{"COD": "x", "Nombre": "Total", "Data": []}], "is an answer of Spain's INE"),
        ({"dataSets": [], "structure": {}, "header": {"sender": {"name": "ABS"}}}, r"is SDMX-JSON 1.0 of ABS"),
        ({"dataSets": [], "structure": {}}, r"is SDMX-JSON 1.0 of an agency that it does not name"),
        (LINKED, r"is SDMX-JSON of IT1:DCIS_POP\(1.0\)"),
    ],
)
def test_json_of_another_office_is_named(write: Write, content: object, words: str) -> None:
    with pytest.raises(OfficialFileError, match=words) as caught:
        readers.read_all(write(json.dumps(content), "file.json"))
    assert caught.value.hint == "save the table as CSV where it is from, then: smstock official describe FILE"


def test_sdmx_csv_of_another_agency_is_named(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="holds no table in a layout that is read") as caught:
        readers.read_all(write("DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\nIT1:22_289(1.0),A,IT,2020,1\n"))
    assert "found SDMX-CSV of IT1 (22_289)" in caught.value.where


def test_an_error_of_a_service_is_told(write: Write) -> None:
    text = '<S:Fault xmlns:S="http://x"><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: 420</faultstring></S:Fault>'
    with pytest.raises(OfficialFileError, match="the service answered: EXTRACTION_TOO_BIG: 420") as caught:
        readers.read_all(write(text))
    assert "fewer areas" in caught.value.hint


@pytest.mark.parametrize(
    "rows",
    [
        [["Dataset: Migration"], [], ["Data extracted on 01 Jan 2020 15:00 UTC (GMT) from OECD.Stat"]],
        [["Foreign-born"], ["x", 1], ["© OECD 2026"]],
    ],
)
def test_a_spreadsheet_of_the_oecd_is_named(save: Save, rows: list[list[object]]) -> None:
    with pytest.raises(OfficialFileError, match="is a spreadsheet of the OECD") as caught:
        readers.read_all(save({"Table": rows}))
    assert "Unfiltered data in tabular text (CSV)" in caught.value.hint
