"""The reader is chosen by content; what cannot be read is one clear message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock import tables
from smstock.errors import ContractError, OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Rows = list[list[object]]
    Save = Callable[[Mapping[str, Rows]], Path]

POPULATION = (
    "provider,edition,area,sex,age_min,age_max,reference_date,value\nundesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
)
USERS = "platform,area,sex,age_min,age_max,asked_at,value,source\nmeta,SRB,all,13,,2019-05-03T09:35:21Z,3000000,a\n"


def test_a_workbook_gives_stock_and_population_whatever_its_name(save: Save, table_1: Rows, table_2: Rows) -> None:
    path = save({"Table 1": table_1, "Table 2": table_2})
    path = path.rename(path.with_name("download.csv"))
    assert set(readers.read_stock(path)["destination"]) == {"NAM", "QAT", "CHI"}
    assert set(readers.read_population(path)["area"]) == {"NAM", "QAT", "CHI"}
    assert readers.recognised(path).contracts == (tables.STOCK, tables.POPULATION)


def test_tidy_files_are_told_apart_by_their_header(tmp_path: Path) -> None:
    path = tmp_path / "figures.txt"
    path.write_text(POPULATION)
    assert readers.read_population(path)["value"].tolist() == [1445400]
    path.write_text(USERS)
    assert readers.read_users(path)["value"].tolist() == [3000000]


def test_a_file_of_another_table_is_called_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(POPULATION)
    with pytest.raises(OfficialFileError, match=r"figures\.csv holds no stock table, only population"):
        readers.read_stock(path)


def test_a_workbook_of_another_layout_is_described(save: Save) -> None:
    path = save({"Contents": [["Workbook: Other.xlsx"]], "Sheet 2": [[1, 2]]})
    with pytest.raises(OfficialFileError, match="holds no table in a layout that is read") as caught:
        readers.read_stock(path)
    assert (
        caught.value.where
        == "found a workbook with the sheets Contents, Sheet 2; it begins: Workbook: Other.xlsx / 1 / 2"
    )
    assert "UN DESA" in caught.value.allowed
    assert caught.value.hint


def test_a_text_of_another_layout_is_described_by_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("freq,unit;sex\n1,2,3\n")
    with pytest.raises(OfficialFileError) as caught:
        readers.read_users(path)
    assert caught.value.where == "found text whose first line is: freq,unit;sex"


def test_a_tidy_file_that_lacks_a_column_is_told_which(tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    path.write_text(POPULATION.replace("edition", "revision"))
    with pytest.raises(OfficialFileError, match="lacks a column of a tidy CSV of population: edition"):
        readers.read_population(path)


def test_a_broken_contract_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    path.write_text(POPULATION.replace(",all,", ",both,"))
    with pytest.raises(ContractError, match=r"population\.csv"):
        readers.read_population(path)


@pytest.mark.parametrize("flag", ["b2", "bepudc"])
def test_an_error_about_a_cell_names_the_file(tmp_path: Path, flag: str) -> None:
    path = tmp_path / "stock.tsv"
    path.write_text(f"c_birth,age,unit,sex,geo\\time\t2015 \nNA,TOTAL,NR,T,DE\t7 {flag}\n")
    with pytest.raises(OfficialFileError, match=flag) as caught:
        readers.read_all(path)
    assert str(path) in caught.value.where
    with pytest.raises(OfficialFileError, match=flag) as caught:
        readers.to_parquet(path, tables.STOCK, tmp_path / "stock.parquet")
    assert str(path) in caught.value.where


def test_the_sidecar_gives_the_date_and_guards_the_file(save: Save, table_1: Rows) -> None:
    path = save({"Table 1": table_1})
    entries = ("producer", "title", "edition", "citation", "licence")
    sidecar = path.with_name("workbook.xlsx.origin.toml")
    text = "".join(f'{entry} = "x"\n' for entry in entries) + "retrieved = 2026-11-22\n"
    sidecar.write_text(text)
    found = readers.read(path, tables.STOCK)
    assert set(found.table["retrieved_at"]) == {"2026-11-22"}
    assert found.origin is not None
    assert found.origin.citation == "x"
    sidecar.write_text(text + f'sha256 = "{"0" * 64}"\n')
    with pytest.raises(OfficialFileError, match="not the file its sidecar describes"):
        readers.read_stock(path)


def test_without_a_sidecar_the_date_is_not_known(save: Save, table_1: Rows) -> None:
    found = readers.read(save({"Table 1": table_1}), tables.STOCK)
    assert set(found.table["retrieved_at"]) == {""}
    assert found.origin is None


def test_a_truncated_workbook_is_refused(save: Save, table_1: Rows) -> None:
    path = save({"Table 1": table_1})
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(OfficialFileError, match="damaged workbook"):
        readers.read_stock(path)


def test_every_table_of_a_file_is_read_at_once(save: Save, table_1: Rows, table_2: Rows) -> None:
    found = readers.read_all(save({"Table 1": table_1, "Table 2": table_2}))
    assert list(found) == ["stock", "population"]
    assert all(each.layout.startswith("UN DESA International Migrant Stock") for each in found.values())


TSV = "freq,c_birth,age,unit,sex,geo\\TIME_PERIOD\t2019 \t2020 \r\nA,{},TOTAL,NR,T,DE\t1 \t2 b\r\n"


def test_a_file_of_two_tables_with_figures_for_one_has_one(tmp_path: Path) -> None:
    path = tmp_path / "estat.tsv"
    path.write_text(TSV.format("PL"), newline="")
    assert readers.recognised(path).contracts == (tables.STOCK, tables.POPULATION)
    assert list(readers.read_all(path)) == ["stock"]
    with pytest.raises(OfficialFileError, match="holds no figure for a population table") as caught:
        readers.read_population(path)
    assert caught.value.where == "left out: 2 of a part of the population by origin"


def test_parquet_holds_what_reading_gives(tmp_path: Path) -> None:
    import pandas as pd

    path, target = tmp_path / "estat.tsv", tmp_path / "stock.parquet"
    path.write_text(TSV.format("PL"), newline="")
    path.with_name("estat.tsv.origin.toml").write_text(
        "".join(f'{entry} = "x"\n' for entry in ("producer", "title", "edition", "citation", "licence"))
        + "retrieved = 2026-11-22\n"
    )
    assert readers.to_parquet(path, tables.STOCK, target) == 2
    pd.testing.assert_frame_equal(pd.read_parquet(target), readers.read_stock(path))
    assert set(pd.read_parquet(target)["retrieved_at"]) == {"2026-11-22"}


def test_parquet_of_nothing_is_not_written(tmp_path: Path) -> None:
    path, target = tmp_path / "estat.tsv", tmp_path / "stock.parquet"
    path.write_text(TSV.format("TOTAL"), newline="")
    with pytest.raises(OfficialFileError, match="holds no figure for a stock table"):
        readers.to_parquet(path, tables.STOCK, target)
    assert not target.exists()
