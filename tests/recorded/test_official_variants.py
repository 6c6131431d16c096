"""Real files after what happens to files: other encodings, other separators, other orders, cut off, packed, swapped."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smstock.official.base import OfficialTable

    Official = Callable[[str], dict[str, OfficialTable]]

TABLES = [
    "eurostat/demo_gind_jan_population_sdmxcsv1.csv",
    "eurostat/demo_poppcctb_sdmxcsv1_labels.csv",
    "eurostat/edat_lfs_9911_sdmxcsv2_codes_and_labels.csv",
    "eurostat/lfsa_pganws_foreigners_sdmxcsv2.csv.gz",
    "oecd/DSD_EAG_LSO_EA_DF_LSO_NEAC_DISTR_EA_MIGR_csvfilewithlabels.csv",
    "worldbank/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv",
]
OTHERS = [
    "eurostat/estat_edat_lfs_9912_filtered1.tsv",
    "eurostat/eurostat_migr_pop3ctb.json",
    "oecd/sdmx_json/AUS_B14.json",
    "worldbank/wb_SP_POP_TOTL.json.gz",
]


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def packed(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("table", content)
    return archive.getvalue()


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "mark": lambda content: b"\xef\xbb\xbf" + content.removeprefix(b"\xef\xbb\xbf"),
    "utf-16": lambda content: content.decode("utf-8-sig").encode("utf-16"),
    "cp1252": lambda content: content.decode("utf-8-sig").encode("cp1252"),
    "gzip": gzip.compress,
    "zip": packed,
    "unix": lambda content: content.replace(b"\r\n", b"\n"),
    "dos": lambda content: content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
}


def assert_same(found: dict[str, OfficialTable], expected: dict[str, OfficialTable]) -> None:
    assert list(found) == list(expected)
    for name, each in found.items():
        assert each.table.equals(expected[name].table)
        assert each.left_out == expected[name].left_out


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("name", [TABLES[0], TABLES[3], *OTHERS[1:]])
def test_wrappings_do_not_matter(shared: Path, official: Official, tmp_path: Path, name: str, wrapping: str) -> None:
    path = tmp_path / "download"
    path.write_bytes(WRAPPINGS[wrapping](unpacked(shared / "official" / name)))
    assert_same(readers.read_all(path), official(name))


@pytest.mark.parametrize("name", TABLES)
def test_order_of_columns_separator_and_decimal_comma_do_not_matter(
    shared: Path, official: Official, tmp_path: Path, name: str
) -> None:
    rows = list(csv.reader(io.StringIO(unpacked(shared / "official" / name).decode("utf-8-sig"), newline="")))
    order = list(range(len(rows[0])))
    if not name.startswith("worldbank"):  # which has a column a year
        order = sorted(order, key=lambda column: rows[0][column][::-1])
    path = tmp_path / "download"
    with path.open("w", encoding="cp1252", errors="strict", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([rows[0][column] for column in order])
        for row in rows[1:]:
            writer.writerow([comma(row[column]) for column in order])
    assert_same(readers.read_all(path), official(name))


def comma(cell: str) -> str:
    return cell.replace(".", ",") if re.fullmatch(r"\d+\.\d+(E-\d+)?", cell) else cell


@pytest.mark.parametrize("name", [*TABLES, *OTHERS])
def test_a_file_that_was_cut_off_is_refused_or_ends_with_a_whole_line(
    shared: Path, official: Official, tmp_path: Path, name: str
) -> None:
    content = unpacked(shared / "official" / name)
    path = tmp_path / "download"
    whole = {table: len(found.table) + sum(found.left_out.values()) for table, found in official(name).items()}
    for part in (0.001, 0.01, 0.2, 0.5, 0.8, 0.99, 0.9999):
        end = int(len(content) * part)
        path.write_bytes(content[:end])
        with pytest.raises(OfficialFileError) as caught:
            readers.read_all(path)
        assert str(path) in str(caught.value)
    lines = content.split(b"\n")
    if len(lines) > 100:
        path.write_bytes(b"\n".join(lines[:50]) + b"\n")
        for table, found in readers.read_all(path).items():
            assert len(found.table) + sum(found.left_out.values()) < whole[table]


def test_an_error_page_under_the_name_of_a_table_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "estat_migr_pop3ctb.tsv"
    path.write_bytes(b"\r\n<!DOCTYPE html>\n<html><head><title>We are sorry</title></head></html>\n")
    with pytest.raises(OfficialFileError, match=r"estat_migr_pop3ctb\.tsv is an HTML page"):
        readers.read_all(path)


def test_the_mislabelled_table_of_2024_is_matched_by_its_rows(shared: Path, tmp_path: Path) -> None:
    """Its column "Location code" holds the type of data; without the table of the stock no row can be told."""
    from openpyxl import load_workbook

    source = shared / "official" / "undesa" / "undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx"
    population = readers.read_population(source)
    assert population["area"].nunique() == 235
    book = load_workbook(source)
    for name in book.sheetnames:
        if name != "Table 2":
            del book[name]
    book.save(tmp_path / "alone.xlsx")
    with pytest.raises(OfficialFileError, match="has no location code"):
        readers.read_population(tmp_path / "alone.xlsx")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_workbook_that_was_cut_off_is_refused(shared: Path, tmp_path: Path, part: float) -> None:
    content = (shared / "official" / "undesa" / "UN_MigrantStockTotal_2019.xlsx").read_bytes()
    path = tmp_path / "download.xlsx"
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(OfficialFileError, match="damaged workbook or archive"):
        readers.read_all(path)
