"""Tables of official files that are written as Parquet: those that are read, or none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from pyarrow.parquet import ParquetFile

from smstock.errors import ContractError, OfficialFileError
from smstock.official import readers
from smstock.official.eurostat import tsv
from smstock.workflows.officials import converted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

HEAD = "DATAFLOW,LAST UPDATE,"
UPDATED = "(1.0),13/03/25 23:00:00,"
POPULATION = f"{HEAD}freq,indic_de,geo,TIME_PERIOD,OBS_VALUE\n" + "".join(
    f"ESTAT:DEMO_GIND{UPDATED}A,JAN,{geo},{year},{figure}\n"
    for geo, year, figure in (("NA", 2019, 7), ("NA", 2020, 8), ("AT", 2020, 9), ("AT", 2019, ""))
)
STOCK = f"{HEAD}freq,citizen,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE\n" + "".join(
    f"ESTAT:MIGR_POP1CTZ{UPDATED}A,{citizen},TOTAL,NR,T,AT,{year},{figure}\n"
    for citizen, year, figure in (("NA", 2019, 7), ("NA", 2020, 8), ("DE", 2020, ""))
)
TOTALS = STOCK + f"ESTAT:MIGR_POP1CTZ{UPDATED}A,TOTAL,TOTAL,NR,T,AT,2019,900\n"
FRAME = '"","citizen","age","unit","sex","geo","TIME_PERIOD","values"\n' + "".join(
    f'"{row}","NA","TOTAL","NR","T","AT",{year}-01-01,{row}\n' for row, year in ((1, 2019), (2, 2020))
)
TSV = "freq,citizen,age,unit,sex,geo\\TIME_PERIOD\t2019 \t2020 \n"
LINES = TSV + "A,NA,TOTAL,NR,T,AT\t7 \t8 b\nA,TOTAL,TOTAL,NR,T,AT\t: \t900 \nA,DE,TOTAL,NR,T,AT\t: c\t9 \n"
CUBE = json.dumps(
    {
        "version": "2.0",
        "class": "dataset",
        "source": "ESTAT",
        "extension": {"id": "MIGR_POP1CTZ"},
        "id": ["citizen", "age", "unit", "sex", "geo", "time"],
        "size": [1, 1, 1, 1, 1, 2],
        "dimension": {
            name: {"category": {"index": {code: place for place, code in enumerate(codes)}}}
            for name, codes in {
                "citizen": ["NA"],
                "age": ["TOTAL"],
                "unit": ["NR"],
                "sex": ["T"],
                "geo": ["AT"],
                "time": ["2019", "2020"],
            }.items()
        },
        "value": {"0": 7, "1": 8},
    }
)


@pytest.mark.parametrize(
    ("text", "name", "entries", "rows_of"),
    [
        (POPULATION, "a.csv", {}, {"population": 3}),
        (STOCK, "a.csv", {}, {"stock": 3}),
        (TOTALS, "a.csv", {}, {"stock": 3, "population": 1}),
        (FRAME, "a.csv", {"dataset": "migr_pop1ctz"}, {"stock": 2}),
        (LINES, "a.tsv", {"dataset": "migr_pop1ctz"}, {"stock": 4, "population": 1}),
        (CUBE, "a.json", {}, {"stock": 2}),
    ],
)
def test_each_table_that_is_read_is_written_row_for_row(
    write: Write, tmp_path: Path, text: str, name: str, entries: dict[str, str], rows_of: dict[str, int]
) -> None:
    path, folder = write(text, name, **entries), tmp_path / "tables"
    records = converted([path], folder)
    assert {record["table"]: record["rows"] for record in records} == rows_of
    tables = readers.read_all(path)
    assert list(tables) == list(rows_of)
    assert {file.name for file in folder.iterdir()} == {f"{name}.{table}.parquet" for table in tables}
    for record in records:
        pd.testing.assert_frame_equal(pd.read_parquet(record["written"]), tables[record["table"]].table)


def test_a_table_that_is_written_in_parts_is_the_one_that_is_read(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(LINES, "a.tsv", dataset="migr_pop1ctz")
    tables = readers.read_all(path)
    monkeypatch.setattr(tsv, "_CELLS_AT_ONCE", 2)
    assert readers.all_to_parquet(path, tmp_path.joinpath) == {"stock": 4, "population": 1}
    assert ParquetFile(tmp_path / "stock").num_row_groups == 2
    for name, official in tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / name), official.table)


def test_two_lines_of_one_meaning_are_compared_by_their_figures(write: Write, tmp_path: Path) -> None:
    head = "freq,unit,age,sex,geo\\TIME_PERIOD\t2019 \t2020 \n"
    apart = write(head + "A,NR,Y0-4,T,EL\t7 \t: \nA,NR,Y_LT5,T,EL\t: \t8 \n", "apart.tsv", dataset="demo_pjan")
    assert readers.all_to_parquet(apart, tmp_path.joinpath) == {"population": 2}
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "population"), readers.read_population(apart))
    both = write(head + "A,NR,Y0-4,T,EL\t7 \t: \nA,NR,Y_LT5,T,EL\t8 \t: \n", "both.tsv", dataset="demo_pjan")
    for read in (readers.read_all, lambda path: readers.all_to_parquet(path, (tmp_path / "both").joinpath)):
        with pytest.raises(ContractError, match="share a key"):
            read(both)
    assert not (tmp_path / "both").exists()


def test_rates_that_are_no_shares_are_refused_as_they_are_when_they_are_read(write: Write, tmp_path: Path) -> None:
    levels = "".join(f"A,FOR,Y15-64,T,{level},PC,AT\t9 \n" for level in ("ED0-2", "ED3_4", "ED5-8"))
    text = "freq,citizen,age,sex,isced11,unit,geo\\TIME_PERIOD\t2019 \n" + levels
    path = write(text, "edat.tsv", dataset="edat_lfs_9911")
    for read in (readers.read_all, lambda file: readers.all_to_parquet(file, (tmp_path / "tables").joinpath)):
        with pytest.raises(OfficialFileError, match="no shares by education: its levels add up to 27"):
            read(path)
    assert not (tmp_path / "tables").exists()


def test_a_file_without_a_figure_is_refused_with_what_was_left_out(write: Write, tmp_path: Path) -> None:
    path = write(TSV + "A,EU27_2020,TOTAL,NR,T,AT\t7 \t8 \n", "a.tsv", dataset="migr_pop1ctz")
    with pytest.raises(OfficialFileError, match="holds no figure") as caught:
        converted([path], tmp_path / "tables")
    assert caught.value.where == "left out: 2 for groups of areas, or persons of no known area"
    assert not (tmp_path / "tables").exists()


def test_of_a_file_whose_second_table_is_refused_none_is_written(write: Write, tmp_path: Path) -> None:
    lines = LINES + "A,TOTAL,Y0-4,NR,T,EL\t900 \t: \nA,TOTAL,Y_LT5,NR,T,EL\t901 \t: \n"
    path = write(lines, "a.tsv", dataset="migr_pop1ctz")
    with pytest.raises(ContractError, match="share a key"):
        converted([path], tmp_path / "tables")
    assert not list((tmp_path / "tables").glob("*"))


def test_of_several_files_those_that_cannot_be_used_are_named(write: Write, tmp_path: Path) -> None:
    page = write("<!DOCTYPE html>", "page.csv")
    files = [page, write(POPULATION, "a.csv"), tmp_path / "missing.csv", write(STOCK, "b.csv")]
    records = converted(files, tmp_path / "tables")
    assert [record.get("table", "refused") for record in records] == ["refused", "population", "refused", "stock"]
    assert records[0]["refused"].startswith(f"{page} is an HTML page")


def test_no_table_is_written_over_that_of_another_file_of_the_same_name(write: Write, tmp_path: Path) -> None:
    (tmp_path / "older").mkdir()
    first, second = write(POPULATION, "a.csv"), write(POPULATION.replace(",9\n", ",5\n"), "older/a.csv")
    written, refused = converted([first, second], tmp_path / "tables")
    assert 9.0 in pd.read_parquet(written["written"])["value"].to_list()
    assert f"the tables of {second} would be written over those of {first}" in refused["refused"]
