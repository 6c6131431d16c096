"""Files of other programs are refused in one message: what it is, and how its table is saved."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.official.rawfile import opened
from smstock.workflows.officials import converted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Write = Callable[..., Path]

TIDY = (
    "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at\n"
    "undesa,ims,2020,birth,DEU,NAM,all,0,,2020-07-01,12,b,\n"
    "undesa,ims,2020,birth,DEU,SRB,all,0,14,2020-07-01,,; ..,\n"
)
RDS = b"X\n\x00\x00\x00\x03\x00\x04\x03\x00\x00\x03\x05\x00\x00\x00\x00\x05UTF-8\x00\x00\x03\x13"
RDATA = b"RDX3\n" + RDS
IN_R = 'in R: write.csv(readRDS("stock.rds"), "stock.csv", row.names = FALSE)'
IN_R_BY_NAME = (
    'in R: load("stock.RData") gives the names of its tables; of one, write.csv(TABLE, "stock.csv", row.names = FALSE)'
)
IN_PANDAS = 'in Python with pandas: pandas.{}("{}").to_csv("stock.csv", index=False)'
UNPACK = "unpack it, and name the file that holds the figures"


def archive(parts: Mapping[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return content.getvalue()


ODS = archive(
    {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"<office:document-content/>",
        "META-INF/manifest.xml": b"<manifest/>",
    }
)


@pytest.mark.parametrize(
    ("name", "content", "what", "hint"),
    [
        ("stock.rds", RDS, "data of R (.rds)", IN_R),
        ("stock.rds", gzip.compress(RDS, mtime=0), "data of R (.rds)", IN_R),
        ("stock.rds", bz2.compress(RDS), "data of R (.rds)", IN_R),
        ("stock.rds", lzma.compress(RDS), "data of R (.rds)", IN_R),
        ("stock.rds", b"A\n3\n263169\n197888\n5\nUTF-8\n787\n", "data of R (.rds)", IN_R),
        ("stock.RData", gzip.compress(RDATA, mtime=0), "a workspace of R (.RData)", IN_R_BY_NAME),
        ("stock.RData", lzma.compress(RDATA), "a workspace of R (.RData)", IN_R_BY_NAME),
        ("stock.RData", b"RDA3\nA\n3\n263169\n", "a workspace of R (.RData)", IN_R_BY_NAME),
        ("stock.sav", b"$FL2@(#) SPSS DATA FILE\x00", "data of SPSS (.sav or .por)", "open it in SPSS and save it as"),
        ("stock.zsav", b"$FL3@(#) SPSS DATA FILE\x00", "data of SPSS (.sav or .por)", "open it in SPSS and save it as"),
        ("stock.por", b"ASCII " * 33 + b"ASCII SPSS PORT FILE\n", "data of SPSS (.sav or .por)", "open it in SPSS"),
        ("stock.dta", b"s\x02\x01\x00\x03\x00", "data of Stata (.dta)", 'in Stata: use "stock.dta", then export'),
        ("stock.xpt", b"HEADER RECORD*******LIBRARY HEADER RECORD!!", "data of SAS (.sas7bdat or .xpt)", "PROC EXPORT"),
        (
            "stock.ods",
            ODS,
            "an OpenDocument spreadsheet (.ods)",
            "open it in a spreadsheet program and save it as .xlsx",
        ),
        (
            "stock.ods",
            archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
            "an OpenDocument spreadsheet (.ods)",
            "open it in a spreadsheet program and save it as .xlsx",
        ),
        ("stock.fods", b'<?xml version="1.0"?>\n<office:document a="b">', "an OpenDocument file", "save it as .xlsx"),
        (
            "stock.docx",
            archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
            "a Word document",
            "copy",
        ),
        (
            "stock.numbers",
            archive({"Index/Document.iwa": b"\x00", "a.jpg": b"\x00"}),
            "a spreadsheet",
            "in Numbers export",
        ),
        (
            "stock.xml",
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:x">',
            "an Excel 2003 XML spreadsheet",
            "open it in a spreadsheet program and save it as .xlsx",
        ),
        ("stock.pdf", b"%PDF-1.7\n", "a PDF", "download the table from its provider"),
        ("stock.db", b"SQLite format 3\x00", "an SQLite database", "save its table as .xlsx or CSV"),
        ("stock.csv.bz2", bz2.compress(TIDY.encode()), "packed with bzip2", UNPACK),
        ("stock.csv.xz", lzma.compress(TIDY.encode()), "packed with xz", UNPACK),
        ("stock.csv.7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive", UNPACK),
    ],
)
def test_a_file_of_another_program_is_named_with_what_to_do(
    write: Write, name: str, content: bytes, what: str, hint: str
) -> None:
    path = write(content, name)
    with pytest.raises(OfficialFileError) as refused:
        readers.read_all(path)
    assert refused.value.what.startswith(f"{path} is {what}")
    assert hint in refused.value.hint
    assert refused.value.allowed == ".xlsx, text, JSON; plain, or packed with gzip or zip"


WRITERS: dict[str, tuple[str, str]] = {
    "read_parquet": ("to_parquet", "a Parquet file"),
    "read_feather": ("to_feather", "a Feather file"),
    "read_stata": ("to_stata", "data of Stata (.dta)"),
}


@pytest.mark.parametrize("reader", WRITERS)
def test_what_pandas_writes_is_read_once_the_advice_was_followed(
    write: Write, tmp_path: Path, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, what = WRITERS[reader]
    tidy = write(TIDY, "tidy.csv")
    table = readers.read_stock(tidy)
    path = tmp_path / f"stock.{reader.removeprefix('read_')}"
    getattr(table.astype({"age_max": "float64"}), writer)(path)
    with pytest.raises(OfficialFileError) as refused:
        opened(path)
    assert refused.value.what == f"{path} is {what}"
    assert refused.value.hint.endswith(IN_PANDAS.format(reader, path.name))
    monkeypatch.chdir(tmp_path)
    columns = table.columns.to_list()
    getattr(pd, reader)(path.name)[columns].to_csv("stock.csv", index=False)
    pd.testing.assert_frame_equal(readers.read_stock(tmp_path / "stock.csv"), table)


def test_a_table_that_convert_wrote_is_read_again_as_csv(write: Write, tmp_path: Path) -> None:
    tidy = write(TIDY, "tidy.csv")
    (record,) = converted([tidy], tmp_path / "tables")
    with pytest.raises(OfficialFileError, match="is a Parquet file"):
        readers.read_all(tmp_path / "tables" / "tidy.csv.stock.parquet")
    again = tmp_path / "again.csv"
    pd.read_parquet(record["written"]).to_csv(again, index=False)
    pd.testing.assert_frame_equal(readers.read_stock(again), readers.read_stock(tidy))


@pytest.mark.parametrize(
    ("name", "content", "packed", "file"),
    [
        ("stock.parquet.gz", gzip.compress(b"PAR1\x00", mtime=0), "gzip", "stock.parquet"),
        ("stock.zip", archive({"stock.parquet": b"PAR1\x00"}), "zip", "FILE"),
    ],
)
def test_one_that_is_packed_is_to_be_unpacked_first(
    write: Write, name: str, content: bytes, packed: str, file: str
) -> None:
    with pytest.raises(OfficialFileError) as refused:
        opened(write(content, name))
    assert refused.value.what.endswith(f"{name} is a Parquet file, packed with {packed}")
    assert refused.value.hint.startswith("unpack it; in Python with pandas")
    assert f'pandas.read_parquet("{file}")' in refused.value.hint


@pytest.mark.parametrize("text", ["A\n3\n", "PART,B\n1,2\n", "RD,A\n1,2\n", "sex,age\n1,2\n", "<?xml?>\n<a/>"])
def test_a_text_that_begins_alike_is_text(write: Write, text: str) -> None:
    assert opened(write(text)).content == text.encode()
