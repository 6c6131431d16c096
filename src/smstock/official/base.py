"""What every reader of official files shares: what a file is, what a layout declares, what reading yields."""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from smstock.official.sidecar import Origin
    from smstock.tables import Contract

Container = Literal["workbook", "text"]
"""What a file is before anyone knows its layout: a spreadsheet (.xlsx) or text (plain or gzip)."""

ALL_ORIGINS = "WLD"
"""Origin of a stock row that counts the migrants of every origin together; no area of the vocabulary."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"
_HEAD = 4096


@dataclass(frozen=True)
class OfficialTable:
    """A table read from an official file.

    Parameters
    ----------
    table
        Keeps the contract it was asked for.
    layout
        Name of the layout the file was recognised by.
    left_out
        Rows of the file that were left out because they are for a group of areas.
    origin
        What the file's sidecar says; None if there is none.
    """

    table: pd.DataFrame
    layout: str
    left_out: int = 0
    origin: Origin | None = None


@dataclass(frozen=True)
class Layout:
    """One way a file can hold a table of a contract.

    Parameters
    ----------
    name
        Provider and title, as a person would know the file.
    contract
        The table it yields.
    container
        What the file is.
    recognises
        Whether a file, by its content, is of this layout.
    read
        Read such a file; raises `OfficialFileError` or `ContractError` for what is damaged or unknown in it.
    """

    name: str
    contract: Contract
    container: Container
    recognises: Callable[[Path], bool]
    read: Callable[[Path], OfficialTable]


def container(path: Path) -> Container:
    """Return what a file is by its first bytes, whatever its name.

    Raises
    ------
    OfficialFileError
        There is no such file, it is empty, or it is something that holds no table: an HTML page, an old or encrypted
        workbook (.xls), another binary format.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "stock.xlsx")
    ...     _ = page.write_text("<!DOCTYPE html><title>403 Forbidden</title>")
    ...     try:
    ...         container(page)
    ...     except OfficialFileError as error:
    ...         print(error.what.replace(folder, "."))
    ./stock.xlsx is an HTML page
    """
    start = _start(path)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_ZIP):
        return "workbook"
    if start.startswith(_OLE):
        raise OfficialFileError(
            f"{path} is an Excel 97-2003 workbook (.xls), or a workbook locked by a password",
            hint="open it in a spreadsheet program and save it as .xlsx without a password",
        )
    if not text:
        raise OfficialFileError(f"{path} is empty", hint="download it again")
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        raise OfficialFileError(
            f"{path} is an HTML page",
            hint="a refused download often leaves one: download the file again in a web browser",
        )
    if b"\x00" in start:
        raise OfficialFileError(f"{path} is neither a workbook (.xlsx) nor UTF-8 text")
    return "text"


def header(path: Path) -> tuple[str, ...]:
    r"""Return the column names of a comma-separated text file: its first line that is no comment (``#``).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "population.csv")
    ...     _ = file.write_text("# mid-2020\narea,value\nNAM,2489000\n")
    ...     header(file)
    ('area', 'value')
    """
    lines = _start(path).decode("utf-8-sig", errors="replace").splitlines()
    line = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return tuple(next(csv.reader([line]), ()))


def _start(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked if it is gzip."""
    if path.is_dir():
        raise OfficialFileError(f"{path} is a folder", hint="name the file in it")
    try:
        with path.open("rb") as stream:
            start = stream.read(_HEAD)
        if not start.startswith(_GZIP):
            return start
        with gzip.open(path) as packed:
            start = packed.read(_HEAD)
    except FileNotFoundError as error:
        raise OfficialFileError(f"{path} does not exist") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OfficialFileError(f"{path} is a damaged gzip file: {error}", hint="download it again") from error
    except OSError as error:
        raise OfficialFileError(f"{path} cannot be read: {error.strerror or error}") from error
    if path.suffix != ".gz":
        raise OfficialFileError(
            f"{path} is packed with gzip and its name does not say so", hint=f"name it {path.name}.gz"
        )
    return start
