"""OECD: which measures are stocks, who is counted, and males as the difference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS
from smstock.official.oecd.codes import with_males

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

HEAD = (
    "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,{origin},FREQ,MEASURE,SEX,BIRTH_PLACE,EDUCATION_LEV,UNIT_MEASURE,"
    "TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,DECIMALS\n"
)


def csvfile(*rows: str, measure: str = "B14", origin: str = "BIRTH_COUNTRY") -> str:
    """Rows of `area,origin,sex,year,value,status` in the columns of `format=csvfile`."""
    flow = "DSD_MIG_F@DF_MIG_POPF" if measure == "B14" else "DSD_MIG@DF_MIG"
    lines = []
    for row in rows:
        area, came, sex, year, value, status = row.split(",")
        lines.append(
            f"DATAFLOW,OECD.ELS.IMD:{flow}(1.0),I,{area},{came},A,{measure},{sex},_Z,_Z,PS,{year},{value},{status},0,0\n"
        )
    return HEAD.format(origin=origin) + "".join(lines)


def rows(table: pd.DataFrame) -> list[list[Any]]:
    values = table["value"].astype(object).where(table["value"].notna(), None)
    return table.assign(value=values)[["destination", "origin", "sex", "value", "flags"]].to_numpy().tolist()


def test_the_foreign_born_and_males_as_the_difference(write: Write) -> None:
    stock = readers.read_stock(write(csvfile("ISL,POL,_T,2018,17112,B", "ISL,POL,F,2018,7000,A")))
    assert rows(stock) == [
        ["ISL", "POL", "all", 17112, "b"],
        ["ISL", "POL", "female", 7000, ""],
        ["ISL", "POL", "male", 10112, "b derived"],
    ]
    assert set(stock["concept"]) == {"birth"}
    assert set(stock["reference_date"]) == {"2018-01-01"}


def test_citizenship_is_the_other_concept(write: Write) -> None:
    stock = readers.read_stock(write(csvfile("FRA,MAR,_T,2015,458561,A", measure="B15", origin="CITIZENSHIP")))
    assert stock[["concept", "value"]].to_numpy().tolist() == [["citizenship", 458561]]


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("W", "WLD"),
        ("XKV", "XKX"),
        ("NAM", "NAM"),
        ("SUN_F", "SUN"),
        ("YUG_F", "YUG"),
        ("SCG_F", "SCG"),
        ("CSK_F", "CSK"),
    ],
)
def test_the_world_kosovo_namibia_and_dissolved_states(write: Write, origin: str, expected: str) -> None:
    assert readers.read_stock(write(csvfile(f"DNK,{origin},_T,2018,1,A")))["origin"].tolist() == [expected]


@pytest.mark.parametrize("origin", ["W_X", "STLS", "EEA", "EU15", "A4"])
def test_groups_are_set_aside(write: Write, origin: str) -> None:
    found = readers.read_all(write(csvfile(f"DNK,{origin},_T,2018,3,A", "DNK,W,_T,2018,591678,A")))["stock"]
    assert rows(found.table) == [["DNK", "WLD", "all", 591678, ""]]
    assert found.left_out == {GROUPS_OF_AREAS: 1}


def test_nationals_of_the_country_itself_are_no_migrants(write: Write) -> None:
    found = readers.read_all(write(csvfile("DEU,DEU,_T,2021,9,A", "DEU,POL,_T,2021,1,A")))["stock"]
    assert rows(found.table) == [["DEU", "POL", "all", 1, ""]]
    assert found.left_out == {"of natives or nationals of the area itself": 1}


def test_a_code_of_no_area_is_refused(write: Write) -> None:
    with pytest.raises(UnknownNameError, match="'ZZZ' is no area of the OECD"):
        readers.read_stock(write(csvfile("DNK,ZZZ,_T,2018,3,A")))


@pytest.mark.parametrize("measure", ["B11", "B12", "B13", "B16"])
def test_a_flow_is_refused_with_the_measures_to_take(write: Write, measure: str) -> None:
    with pytest.raises(
        OfficialFileError, match="inflows, outflows, asylum seekers and acquisitions are flows"
    ) as caught:
        readers.read_stock(write(csvfile("BEL,W,_T,2006,83433,A", measure=measure, origin="CITIZENSHIP")))
    assert measure in caught.value.what
    assert "B14" in caught.value.hint


def test_flows_beside_stocks_are_counted(write: Write) -> None:
    text = csvfile("FRA,MAR,_T,2015,458561,A", measure="B15", origin="CITIZENSHIP")
    text += csvfile("FRA,MAR,_T,2015,7,A", measure="B11", origin="CITIZENSHIP").partition("\n")[2]
    found = readers.read_all(write(text))["stock"]
    assert len(found.table) == 1
    assert found.left_out == {"of measures that are no stock": 1}


@pytest.mark.parametrize(("field", "wrong"), [("PS", "PT_POP"), (",0,0\n", ",x,0\n")])
def test_other_units_are_refused(write: Write, field: str, wrong: str) -> None:
    with pytest.raises(OfficialFileError, match="other units than persons"):
        readers.read_stock(write(csvfile("FRA,MAR,_T,2015,458561,A").replace(field, wrong)))


def test_thousands_become_persons(write: Write) -> None:
    text = csvfile("USA,MEX,_T,2015,11906.325,A").replace(",A,0,0\n", ",A,3,3\n")
    assert readers.read_stock(write(text))["value"].tolist() == [11906325]


@given(
    both=st.none() | st.integers(0, 1000),
    female=st.none() | st.integers(0, 1000),
    flag=st.sampled_from(["", "b", "e p"]),
)
def test_males_and_females_are_both_or_males_are_missing(both: int | None, female: int | None, flag: str) -> None:
    key = {"concept": "birth", "destination": "ISL", "origin": "POL", "reference_date": "2018-01-01"}
    table = pd.DataFrame(
        [key | {"sex": "all", "value": both, "flags": flag}, key | {"sex": "female", "value": female, "flags": ""}]
    ).astype({"value": "float64"})
    male = with_males(table).iloc[2]
    assert male["sex"] == "male"
    assert "derived" in male["flags"]
    if both is None or female is None or female > both:
        assert pd.isna(male["value"])
        assert male["flags"].endswith("; blank")
    else:
        assert male["value"] + female == both
        assert male["flags"] == f"{flag} derived".strip()


def test_males_that_are_printed_are_kept() -> None:
    key = {"concept": "birth", "destination": "ISL", "origin": "POL", "reference_date": "2018-01-01", "flags": ""}
    table = pd.DataFrame(
        [key | {"sex": sex, "value": value} for sex, value in (("all", 9), ("female", 4), ("male", 6))]
    )
    assert with_males(table).equals(table)


OLD = '"CO2","Country of birth/nationality","VAR","Variable","GEN","Gender","COU","Country","YEA","Year","Value","Flag Codes","Flags"\n'


def test_the_csv_of_oecd_stat(write: Write) -> None:
    text = OLD + (
        '"AFG","Afghanistan","B14","Stock of foreign-born","TOT","Total","AUS","Australia","2010","2010",28600,"B","Break"\n'
        '"AFG","Afghanistan","B14","Stock of foreign-born","WMN","Women","AUS","Australia","2010","2010",13000,"",""\n'
        '"TOT","Total","B15","Stock of foreign population","TOT","Total","AUT","Austria","2010","2010",883600,"",""\n'
    )
    assert rows(readers.read_stock(write(text))) == [
        ["AUS", "AFG", "all", 28600, "b"],
        ["AUS", "AFG", "female", 13000, ""],
        ["AUT", "WLD", "all", 883600, ""],
        ["AUS", "AFG", "male", 15600, "b derived"],
    ]


POWER = OLD.replace('"Value"', '"Unit Code","Unit","PowerCode Code","PowerCode","Value"')


def old_row(value: str, *, unit: str = "PER", power: str = "3", word: str = "Thousands") -> str:
    return (
        '"ROU","Romania","B14","Stock of foreign-born","TOT","Total","ITA","Italy","2018","2018",'
        f'"{unit}","Persons","{power}","{word}",{value},"",""\n'
    )


def test_the_power_of_ten_of_oecd_stat(write: Write) -> None:
    rows_of_power = [old_row("1048.9"), old_row("600000", power="0", word="Units").replace("TOT", "WMN")]
    assert readers.read_stock(write(POWER + "".join(rows_of_power)))["value"].tolist() == [1048900, 600000, 448900]


@pytest.mark.parametrize("changes", [{"power": "x"}, {"unit": "PC"}, {"word": "Units"}])
def test_units_of_oecd_stat_that_do_not_count_persons_or_disagree(write: Write, changes: dict[str, str]) -> None:
    with pytest.raises(OfficialFileError, match="other units than persons"):
        readers.read_stock(write(POWER + old_row("1048.9", **changes)))


def message(**changes: Any) -> dict[str, Any]:
    """An answer with one figure and one that is missing."""
    codes = {"REF_AREA": ["AUS"], "BIRTH_COUNTRY": ["W"], "MEASURE": ["B14"], "SEX": ["_T"], "UNIT_MEASURE": ["PS"]}
    structure = {
        "dimensions": {
            "observation": [
                {"id": name, "values": [{"id": code} for code in each]}
                for name, each in {**codes, "TIME_PERIOD": ["2013", "2010"]}.items()
            ]
        },
        "attributes": {"observation": [{"id": "OBS_STATUS", "values": [{"id": "A"}, {"id": "B"}]}]},
    }
    link = {"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=OECD.ELS.IMD:DSD_MIG_F(1.0)"}
    data = {"links": [link], "observations": {"0:0:0:0:0:0": [6408740, 1], "0:0:0:0:0:1": [None, 0]}} | changes
    return {"meta": {"prepared": "2026-08-17T01:46:28Z"}, "data": {"dataSets": [data], "structures": [structure]}}


def test_sdmx_json(write: Write) -> None:
    stock = readers.read_stock(write(json.dumps(message())))
    assert rows(stock) == [["AUS", "WLD", "all", 6408740, "b"], ["AUS", "WLD", "all", None, "blank"]]
    assert stock["reference_date"].tolist() == ["2013-01-01", "2010-01-01"]
    assert set(stock["edition"]) == {"2026-08-17"}


def test_sdmx_json_multiplies(write: Write) -> None:
    answer = message(observations={"0:0:0:0:0:0": [6408.74, 0, 1], "0:0:0:0:0:1": [7, 0, 0]})
    attributes = answer["data"]["structures"][0]["attributes"]
    attributes["observation"].append({"id": "UNIT_MULT", "values": [{"id": "0"}, {"id": "3"}]})
    assert readers.read_stock(write(json.dumps(answer)))["value"].tolist() == [6408740, 7]


@pytest.mark.parametrize("level", ["dataSet", "dimensionGroup", "series"])
def test_sdmx_json_that_multiplies_many_observations_at_once_is_refused(write: Write, level: str) -> None:
    answer = message()
    attributes = answer["data"]["structures"][0]["attributes"]
    attributes[level] = [{"id": "UNIT_MULT", "values": [{"id": "0"}]}]
    assert len(readers.read_stock(write(json.dumps(answer)))) == 2
    attributes[level] = [{"id": "UNIT_MULT", "values": [{"id": "3"}]}]
    with pytest.raises(OfficialFileError, match="other units than persons: UNIT_MULT 3"):
        readers.read_stock(write(json.dumps(answer)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"observations": {}}, "no observation"),
        ({"observations": {"0:0:0:0:0:7": [1]}}, "beyond the dimensions"),
        ({"observations": {"0:0:0:0:0": [1]}}, "beyond the dimensions"),
        ({"observations": {"0:0:0:0:0:x": [1]}}, "no row of numbers"),
        ({"observations": {"0:0:0:0:0:0": [1, 9]}}, "beyond the attribute OBS_STATUS"),
        ({"observations": {"0:0:0:0:0:0": [-1, 0]}}, "negative"),
        ({"observations": {"0:0:0:0:0:0": ["1"]}}, "observations.0:0:0:0:0:0.0: a number (it is '1')"),
        ({"observations": None}, "observations: a table (it is None)"),
    ],
)
def test_a_damaged_message_is_refused(write: Write, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(OfficialFileError, match="damaged SDMX-JSON") as caught:
        readers.read_stock(write(json.dumps(message(**changes))))
    assert said in caught.value.what


def test_a_message_of_another_flow_is_refused(write: Write) -> None:
    links = [{"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=OECD.SDD:DSD_CPI(1.0)"}]
    with pytest.raises(OfficialFileError, match="is the OECD's DSD_CPI, which is neither stock nor an indicator"):
        readers.read_stock(write(json.dumps(message(links=links))))
    with pytest.raises(OfficialFileError, match="data flow without a name"):
        readers.read_stock(write(json.dumps(message(links=[]))))


def test_a_structure_holds_no_figure(write: Write) -> None:
    text = '<?xml version="1.0"?>\n<message:Structure xmlns:message="x"></message:Structure>\n'
    with pytest.raises(OfficialFileError, match="describes a data flow and holds no figure"):
        readers.read_stock(write(text))
