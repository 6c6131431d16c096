"""SDMX-CSV: which columns hold codes, and what a row says."""

from __future__ import annotations

from pathlib import Path

import pytest

from smstock.errors import OfficialFileError
from smstock.official.rawfile import RawFile
from smstock.official.sdmx_csv import flow, observations

OECD = (
    "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,Reference area,MEASURE,TIME_PERIOD,Time period,OBS_VALUE,OBS_STATUS,CONF_STATUS\n"
    'DATAFLOW,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),I,FRA,"France, all",B15,2018,,7,B,F\n'
    "DATAFLOW,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),I,NAM,Namibia,B15,2019,,,A,C\n"
    "DATAFLOW,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),I,NAM,Namibia,B15,,,,,\n"
)


def raw(text: str) -> RawFile:
    return RawFile(Path("a.csv"), "text", text.encode())


def test_columns_of_labels_are_not_read_and_rows_without_a_period_counted() -> None:
    found = observations(raw(OECD))
    (block,) = found.blocks
    assert found.keys.to_dict("list") == {"ref_area": ["FRA", "NAM"], "measure": ["B15", "B15"]}
    assert block.year.tolist() == [2018, 2019]
    assert block.flags.tolist() == ["b", "C; :"]
    assert found.left_out == {"rows of attributes, without a period": 1}
    assert found.dataset == "dsd_mig@df_mig"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("DSD_MIG@DF_MIG(1.0),I,NAM,Namibia,B15,2019", "DSD_MIG@DF_NUP(1.0),I,NAM,Namibia,B15,2019"),
            "two data flows",
        ),
        ((",2019,", ",2019-Q1,"), "'2019-Q1' is no year"),
        ((",2019,", ",2015-02-30,"), "'2015-02-30' is no year\n  where:   a.csv, line \\d"),
        ((",2019,", ",0000,"), "'0000' is no year"),
        ((",7,B", ",seven,B"), "'seven' is neither a figure"),
        ((",B,F", ",Break,F"), "no code of an observation's status"),
    ],
)
def test_what_cannot_be_is_refused(change: tuple[str, str], said: str) -> None:
    with pytest.raises(OfficialFileError, match=said):
        observations(raw(OECD.replace(*change)))


def test_the_last_update_is_the_edition() -> None:
    text = "DATAFLOW,LAST UPDATE,geo,TIME_PERIOD,OBS_VALUE\n" + "ESTAT:A_B(1.0),{} 23:00:00,DE,2020,1\n" * 2
    assert observations(raw(text.format("13/03/25", "13/03/25"))).edition == "2025-03-13"
    for wrong in (("13/03/25", "14/03/25"), ("2025-03-13", "2025-03-13"), ("30/02/25", "30/02/25")):
        with pytest.raises(OfficialFileError, match="no single day of last update"):
            observations(raw(text.format(*wrong)))


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "DATAFLOW,geo\nESTAT:A(1.0),DE\n", "STRUCTURE_ID,TIME_PERIOD,OBS_VALUE\nESTAT,2020,1\n"]
)
def test_other_tables_have_no_flow(text: str) -> None:
    assert flow(raw(text)) == ("", "")


def test_semicolons_and_decimal_commas() -> None:
    text = "DATAFLOW;geo;TIME_PERIOD;OBS_VALUE\nESTAT:A_B(1.0);DE;2020;1,5\n"
    (block,) = observations(raw(text)).blocks
    assert block.value.tolist() == [1.5]


def test_codes_and_labels_may_stand_in_one_column() -> None:
    head = "DATAFLOW,LAST UPDATE,freq: Time frequency,geo: Area,TIME_PERIOD: Time,OBS_VALUE: Value,OBS_FLAG: Flag\n"
    row = (
        "ESTAT:DEMO_PJAN(1.0): Population,13/03/25 23:00:00,A: Annual,NA: Namibia: all,2020,7,b: break in time series\n"
    )
    found = observations(raw(head + row))
    (block,) = found.blocks
    assert (found.dataset, found.edition) == ("demo_pjan", "2025-03-13")
    assert found.keys.to_dict("list") == {"freq": ["A"], "geo": ["NA"]}
    assert (block.year.tolist(), block.value.tolist(), block.flags.tolist()) == ([2020], [7], ["b"])


def test_a_dimension_that_stands_twice_is_refused() -> None:
    text = "DATAFLOW,geo,GEO,TIME_PERIOD,OBS_VALUE\nESTAT:DEMO_PJAN(1.0),DE,AT,2020,7\n"
    with pytest.raises(OfficialFileError, match="two columns geo, in small and capital letters"):
        observations(raw(text))
