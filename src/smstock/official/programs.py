"""Files of other programs, which are not read, by their first bytes: what they are, and how their table is saved."""

from __future__ import annotations

import bz2
import json
import lzma
import re
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from pathlib import Path
    from zipfile import ZipFile

READ: Final = ".xlsx, text, JSON; plain, or packed with gzip or zip"
"""What a file may be."""

_PANDAS: Final = "in Python with pandas: pandas.{}({{file}}).to_csv({{csv}}, index=False)"
_SPREADSHEET: Final = "open it in a spreadsheet program and save it as .xlsx or CSV"
_OTHERWISE: Final = "save its table as .xlsx or CSV in the program that wrote it"
_PROVIDER: Final = "download the table from its provider as .xlsx or CSV"
_UNPACK: Final = "unpack it, and name the file that holds the figures"

_R: Final = {
    rb"RD[ABX][23]\n": (
        "a workspace of R (.RData)",
        "in R: load({file}) gives the names of its tables; of one, write.csv(TABLE, {csv}, row.names = FALSE)",
    ),
    rb"X\n\x00\x00\x00[\x02\x03]|B\n[\x02\x03]\x00\x00\x00|A\n[23]\n[0-9]{5,6}\n": (
        "data of R (.rds)",
        "in R: write.csv(readRDS({file}), {csv}, row.names = FALSE)",
    ),
}
_PROGRAMS: Final = {
    **_R,
    rb"PAR[1E]": ("a Parquet file", _PANDAS.format("read_parquet")),
    rb"ARROW1\x00\x00|FEA1": ("a Feather file", _PANDAS.format("read_feather")),
    rb"<stata_dta>|[\x66-\x73][\x01\x02]\x01\x00": (
        "data of Stata (.dta)",
        "in Stata: use {file}, then export delimited using {csv}; or " + _PANDAS.format("read_stata"),
    ),
    rb"\$FL[23]|(?s:.{0,400})SPSS PORT FILE": (
        "data of SPSS (.sav or .por)",
        "open it in SPSS and save it as .xlsx or CSV, with the labels of values instead of their codes",
    ),
    rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*{7}LIB": (
        "data of SAS (.sas7bdat or .xpt)",
        "in SAS export it with PROC EXPORT and DBMS=CSV",
    ),
    rb"\x89HDF\r\n\x1a\n": ("an HDF5 file", _OTHERWISE),
    rb"SQLite format 3\x00": ("an SQLite database", _OTHERWISE),
    rb"%PDF-": ("a PDF", _PROVIDER),
    rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a": ("a picture", _PROVIDER),
    rb"(?:<\?xml[^<]*)?<office:document[\s>]": ("an OpenDocument file", _SPREADSHEET),
    rb"(?:<\?[^<]*){0,3}<Workbook[\s>]": ("an Excel 2003 XML spreadsheet", _SPREADSHEET),
    rb"BZh[1-9]": ("packed with bzip2", _UNPACK),
    rb"\xfd7zXZ\x00": ("packed with xz", _UNPACK),
    rb"\x28\xb5\x2f\xfd": ("packed with Zstandard", _UNPACK),
    rb"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    rb"Rar!\x1a\x07": ("a RAR archive", _UNPACK),
}
"""First bytes of a file; what it is, and what to do, where the words name the file and the CSV that it becomes."""

_OF_OFFICE: Final = (
    ("word/", "a Word document (.docx)", "copy its table into a spreadsheet, and save that as .xlsx or CSV"),
    ("ppt/", "a presentation (.pptx)", _PROVIDER),
    ("Index/Document.iwa", "a spreadsheet or text of Apple", "in Numbers export its table to Excel (.xlsx) or CSV"),
)
"""How names in the archive of an office program begin; what it is, and what to do."""

_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_START: Final = 512


def check_program(path: Path, content: bytes, packed: str = "") -> None:
    """Refuse a file of another program: statistics software, a column store, a picture.

    Parameters
    ----------
    content
        The file, unpacked.
    packed
        What it was packed with, which R unpacks itself if it is gzip; empty if it was not.

    Raises
    ------
    OfficialFileError
        It is one; the message says what it is, and how its table is saved.

    Examples
    --------
    >>> from pathlib import Path
    >>> check_program(Path("stock.csv"), b"destination,origin")
    >>> check_program(Path("stock.parquet"), b"PAR1")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: stock.parquet is a Parquet file
      allowed: .xlsx, text, JSON; plain, or packed with gzip or zip
      next:    in Python with pandas: pandas.read_parquet("stock.parquet").to_csv("stock.csv", index=False)
    """
    start = _unpacked_by_r(content)
    for pattern, (what, hint) in _PROGRAMS.items():
        if re.match(pattern, start):
            if not packed or (packed == "gzip" and pattern in _R):
                raise _refused(path, what, hint, path.name)
            name = path.stem if packed == "gzip" else "FILE"
            raise _refused(path, f"{what}, packed with {packed}", f"unpack it; {hint}", name)


def check_archive(path: Path, archive: ZipFile) -> None:
    """Refuse a document of an office program that is an archive: OpenDocument, Numbers, a text or a presentation.

    Raises
    ------
    OfficialFileError
        It is one; the message says what it is, and how its table is saved.

    Examples
    --------
    >>> from io import BytesIO
    >>> from pathlib import Path
    >>> from zipfile import ZipFile
    >>> with ZipFile(BytesIO(), "w") as archive:
    ...     archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    ...     check_archive(Path("stock.ods"), archive)
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: stock.ods is an OpenDocument spreadsheet (.ods)
      allowed: .xlsx, text, JSON; plain, or packed with gzip or zip
      next:    open it in a spreadsheet program and save it as .xlsx or CSV
    """
    names = archive.namelist()
    kind = archive.read("mimetype").decode(errors="replace").strip() if "mimetype" in names else ""
    if kind.startswith(f"{_OPEN_DOCUMENT}spreadsheet"):
        raise _refused(path, "an OpenDocument spreadsheet (.ods)", _SPREADSHEET, path.name)
    if kind.startswith(_OPEN_DOCUMENT):
        raise _refused(path, "an OpenDocument file", _OTHERWISE, path.name)
    for beginning, what, hint in _OF_OFFICE:
        if any(name.startswith(beginning) for name in names):
            raise _refused(path, what, hint, path.name)


def _unpacked_by_r(content: bytes) -> bytes:
    """Return the first bytes of a file; of one that R packed with bzip2 or xz, those that it packed."""
    for decompressor in (bz2.BZ2Decompressor(), lzma.LZMADecompressor(lzma.FORMAT_XZ)):
        try:
            start = decompressor.decompress(content, _START)
        except (OSError, EOFError, ValueError, lzma.LZMAError):
            continue
        if any(re.match(pattern, start) for pattern in _R):
            return start
    return content[:_START]


def _refused(path: Path, what: str, hint: str, name: str) -> OfficialFileError:
    names = {"file": name, "csv": f"{name.rpartition('.')[0] or name}.csv"}
    quoted = {key: json.dumps(text, ensure_ascii=False) for key, text in names.items()}
    return OfficialFileError(f"{path} is {what}", allowed=READ, hint=hint.format(**quoted))
