"""Data frames of R and Python: what their columns are, and what NA is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

BIRTH = "migr_pop3ctb"
Cell = tuple[str, str, str, str, float]


def cells(path: Path) -> list[Cell]:
    stock = readers.read_stock(path)
    columns = (stock[name] for name in ("destination", "origin", "sex", "reference_date"))
    return list(zip(*columns, stock["value"].fillna(-1), strict=True))


ROMANIA = ("AUT", "ROU", "all", "2020-01-01", 127500.0)
NAMIBIA = ("DEU", "NAM", "all", "2020-01-01", 12.0)


@pytest.mark.parametrize(
    "text",
    [
        '"freq","c_birth","age","unit","sex","geo","TIME_PERIOD","values"\n"A","RO","TOTAL","NR","T","AT",2020-01-01,127500\n',
        '"","unit","c_birth","age","sex","geo","time","values"\n"1","NR","RO","TOTAL","T","AT",2020-01-01,127500\n',
        '"";"unit";"c_birth";"age";"sex";"geo";"time";"values"\n"1";"NR";"RO";"TOTAL";"T";"AT";2020;127500\n',
        "X,unit,c_birth,age,sex,geo,time,values,flags\n1,NR,RO,TOTAL,T,AT,2020,1.275e+05,NA\n",
        "freq\tc_birth\tage\tunit\tsex\tgeo\ttime\tvalues\nA\tRO\tTOTAL\tNR\tT\tAT\t2020\t127500\n",
        "FREQ,C_BIRTH,AGE,UNIT,SEX,GEO,TIME_PERIOD,value\nA,RO,TOTAL,NR,T,AT,2020,127500.0\n",
        "Unnamed: 0,c_birth,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE\n0,RO,TOTAL,NR,T,AT,2020-01-01 00:00:00,127500.0\n",
        "c_birth,c_birth_code,age,unit,sex,geo,geo_code,time,values\nX y,RO,Total,Number,Total,X y,AT,2020,127500\n",
        "freq,unit,sex,age,c_birth,geo\\TIME_PERIOD,2020\nA,NR,T,TOTAL,RO,AT,127500.0\n",
        "unit,sex,age,c_birth,geo,X2020\nNR,T,TOTAL,RO,AT,127500\n",
        "unit,sex,age,c_birth,geo,time,values\nNR,T,TOTAL,RO,AT,2020-12-31,127500\n",
    ],
)
def test_a_frame_reads_as_its_data_set(write: Write, text: str) -> None:
    assert cells(write(text, dataset=BIRTH)) == [ROMANIA]
    with pytest.raises(OfficialFileError, match="does not say which data set") as caught:
        readers.read_stock(write(text, "other.csv"))
    assert 'dataset = "..."' in caught.value.hint


def test_years_as_columns_have_their_flags(write: Write) -> None:
    text = (
        ",unit,sex,age,c_birth,geo\\TIME_PERIOD,2019_value,2019_flag,2020_value,2020_flag\n"
        "0,NR,T,TOTAL,RO,AT,120000.0,,127500.0,bep\n1,NR,T,TOTAL,NA,DE,,: c,12.0,\n"
    )
    stock = readers.read_stock(write(text, dataset=BIRTH))
    flags = dict(zip(stock["destination"] + stock["reference_date"].str[:4], stock["flags"], strict=True))
    assert flags == {"AUT2019": "", "AUT2020": "b e p", "DEU2019": "C; :", "DEU2020": ""}


HEAD = "c_birth,age,unit,sex,geo,time,values\n"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (HEAD + '"NA","TOTAL","NR","T","DE",2020,12\n', [NAMIBIA]),
        (HEAD + '"NA",TOTAL,NR,T,DE,2020,12\n', [NAMIBIA]),
        (HEAD + '"RO","TOTAL","NR","T","AT",2020,127500\n' + 'NA,"TOTAL","NR","T","DE",2020,12\n', [ROMANIA]),
        (HEAD + "RO,TOTAL,NR,T,AT,2020,127500\n,TOTAL,NR,T,DE,2020,12\n", [ROMANIA]),
        ("," + HEAD + "0,NA,TOTAL,NR,T,DE,2020,12.0\n", [NAMIBIA]),
        ("," + HEAD + "0,RO,TOTAL,NR,T,AT,2020,127500.0\n1,,TOTAL,NR,T,DE,2020,12.0\n", [ROMANIA]),
    ],
)
def test_na_is_namibia_where_nothing_else_can_be_meant(
    write: Write, caplog: pytest.LogCaptureFixture, text: str, read: list[Cell]
) -> None:
    caplog.set_level(logging.WARNING)
    path = write(text, dataset=BIRTH)
    assert cells(path) == read
    if NAMIBIA in read:
        assert not caplog.messages
    else:
        (line,) = caplog.messages
        assert "1 figure left out for areas that are not known: NA without quotes, or nothing (from line 3 on" in line


def test_a_file_in_parts_tells_of_the_same(write: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from smstock.tables import STOCK

    path = write(HEAD + "RO,TOTAL,NR,T,AT,2020,127500\nNA,TOTAL,NR,T,DE,2020,12\n", dataset=BIRTH)
    assert readers.to_parquet(path, STOCK, tmp_path / "stock.parquet") == 1
    assert "1 figure left out for areas that are not known: NA without quotes" in caplog.text


def test_missing_figures_are_missing(write: Write) -> None:
    text = HEAD + "RO,TOTAL,NR,T,AT,2019,NA\nRO,TOTAL,NR,T,AT,2020,127500\nRO,TOTAL,NR,T,AT,2021,\n"
    stock = readers.read_stock(write(text, dataset=BIRTH))
    assert stock["value"].isna().tolist() == [True, False, True]
    assert stock["flags"].tolist() == [":", "", ":"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("freq," + HEAD + "Q,RO,TOTAL,NR,T,AT,2020-01-01,7\n", "holds other figures than annual ones"),
        (HEAD + "RO,TOTAL,NR,T,AT,2020-04-01,7\n", "'2020-04-01' is no year"),
        ("agedef," + HEAD + "REACH,RO,TOTAL,NR,T,AT,2020,7\n", "no dimension of a data set that is read: agedef"),
        (HEAD + "RO,TOTAL,NR,T,AT,2020,about 7\n", "'about 7' is neither a figure"),
        (HEAD + "RO,TOTAL,NR,T,AT,2020,199.691\n", "may have a decimal point or be thousands"),
        (HEAD + "RO,TOTAL,THS_T,T,AT,2020,7\n", "has figures in the unit THS_T"),
        ("freq," + HEAD + "A,NA,TOTAL,NR,T,AT,2020,7\n", "holds no figure for a stock table"),
        (HEAD + "RO,TOTAL,NR,T,AT,2020,7\nRO,TOTAL,NR,T,AT,2020-01-01,8\n", "share"),
    ],
)
def test_what_may_be_wrong_is_refused(write: Write, text: str, words: str) -> None:
    from smstock.errors import SmstockError

    with pytest.raises(SmstockError, match=words):
        readers.read_stock(write(text, dataset=BIRTH))


def test_a_flow_is_refused_once_it_is_named(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="it counts immigrations; a flow is no stock"):
        readers.read_stock(write(HEAD + "RO,TOTAL,NR,T,AT,2020,7\n", dataset="migr_imm3ctb"))


def test_a_frame_of_the_population(write: Write) -> None:
    text = '"freq","unit","age","sex","geo","TIME_PERIOD","values"\n"A","NR","Y18","F","NA",2020-01-01,7\n'
    population = readers.read_population(write(text, dataset="demo_pjan", edition="2025-03-01"))
    assert population[["area", "sex", "age_min", "value", "edition"]].to_numpy().tolist() == [
        ["NAM", "female", 18, 7, "2025-03-01"]
    ]


def test_a_frame_of_another_provider_is_not_eurostats(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="holds no table in a layout that is read"):
        readers.read_stock(write(HEAD + "RO,TOTAL,NR,T,AT,2020,7\n", provider="undesa", dataset="ims"))


def test_sdmx_csv_that_r_saved_again(write: Write) -> None:
    text = (
        '"","DATAFLOW","LAST.UPDATE","freq","c_birth","age","unit","sex","geo","TIME_PERIOD","OBS_VALUE","OBS_FLAG"\n'
        '"1","ESTAT:MIGR_POP3CTB(1.0)","13/03/25 23:00:00","A","RO","TOTAL","NR","T","AT",2020,127500,NA\n'
        '"2","ESTAT:MIGR_POP3CTB(1.0)","13/03/25 23:00:00","A","RO","TOTAL","NR","T","AT",2021,NA,"b"\n'
    )
    stock = readers.read_stock(write(text))
    assert stock["value"].fillna(-1).tolist() == [127500, -1]
    assert stock["flags"].tolist() == ["", "b; :"]
    assert set(stock["edition"]) == {"2025-03-13"}


def test_what_r_writes_with_one_heading_less_says_how_to_write_it(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="a row of 8 fields below a header of 7") as caught:
        readers.read_stock(write(HEAD + '"1","RO","TOTAL","NR","T","AT",2020,7\n', dataset=BIRTH))
    assert "row.names = FALSE" in caught.value.hint


def test_a_tsv_that_was_saved_as_csv_is_named(write: Write) -> None:
    text = '"","freq,c_birth,age,unit,sex,geo\\TIME_PERIOD","2019"\n"1","A,RO,TOTAL,NR,T,AT","7 b"\n'
    with pytest.raises(OfficialFileError, match="is a TSV of Eurostat that was saved as CSV") as caught:
        readers.read_stock(write(text))
    assert "download SDMX-CSV or TSV" in caught.value.hint
