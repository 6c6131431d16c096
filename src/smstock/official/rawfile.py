"""A file as it was obtained: unpacked, in one encoding, with its sidecar, before anybody knows what is in it.

Text may be UTF-8, UTF-16 with a byte order mark, or Windows-1252 (what Excel saves in western Europe); it may be packed
with gzip, or be the one data file of a .zip. The World Bank packs metadata beside it (``Metadata_*``, ``*_Series -
Metadata.csv``), the US Census Bureau columns and notes (``*-Column-Metadata.csv``, ``*-Table-Notes.txt``).
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO, StringIO
from typing import IO, TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeVar

import numpy as np

from smstock import files
from smstock.errors import OfficialFileError, UnsaidError, shown
from smstock.official import sidecar
from smstock.official.base import NOT_STATED
from smstock.official.beside import SUFFIX
from smstock.official.programs import READ, check_archive, check_program
from smstock.official.vintage import vintages
from smstock.official.workbook import damaged, sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from smstock.official.figures import Decimal
    from smstock.official.workbook import Rows

T = TypeVar("T")

Container = Literal["workbook", "text"]
"""What a file is before anyone knows its layout: a spreadsheet (.xlsx) or text."""

LARGEST: Final = 1 << 30
"""Bytes of a file at most, as it lies on the disk and unpacked; the largest of a provider has a third of that."""

LARGEST_JSON: Final = 64 << 20
"""Bytes of a JSON file at most, which takes ten times its size in memory."""

LARGEST_XML: Final = 64 << 20
"""Bytes of an XML file at most, which takes 13 times its size in memory."""

_PIECE: Final = 1 << 20

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"
_PACKED = {_GZIP: "gzip", _ZIP[:2]: "zip"}
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# What lies beside the data file of an archive.
_BESIDE = re.compile(
    r"(?:Metadata_|\.|__MACOSX/).*|.*[ -]Metadata\.csv|.*-Table-Notes\.txt|.*_metadata_.*\.csv|.*_table_title_.*\.txt"
)

_OF_EUROSTAT = "Eurostat's old workbooks are not read: in the Data Browser download SDMX-CSV or TSV of the data set"

# What Excel reads in a first line, and some programs write for it: sep=;
_SEPARATOR = re.compile(rb'"?sep=([^\r\n"])"?\r?\n', re.IGNORECASE)

_UNSAID = {
    "provider": "whose figures it holds",
    "dataset": "which data set of the provider it is",
    "concept": "whom it counts, the foreign-born or foreign citizens",
    "sex": "which sex it counts",
    "ages": "which ages it counts",
    "reference_date": "which day its figures are for",
    "destination": "where the persons live",
    "origin": "where they come from",
    "area": "which area it is about",
}


@dataclass(frozen=True)
class RawFile:
    """A file, its content unpacked (text as UTF-8 without byte order mark), and what its sidecar says.

    Parameters
    ----------
    separator
        What its first line says separates its fields (``sep=;``); empty where it says nothing.
    above
        How many lines stood above its content.
    """

    path: Path
    container: Container
    content: bytes
    origin: sidecar.Origin | None = None
    separator: str = ""
    above: int = 0
    _read: dict[Callable[[RawFile], Any], Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def first_line(self) -> str:
        """First line that is not blank; empty for a workbook."""
        if self.container == "workbook":
            return ""
        lines = (line.strip("\r") for line in self.content[:65536].decode(errors="replace").split("\n"))
        return next((line for line in lines if line.strip()), "")

    @cached_property
    def delimiter(self) -> str:
        """What separates the fields, as the file or its first line says: a tab if it has one, comma or semicolon."""
        if self.separator:
            return self.separator
        if "\t" in self.first_line:  # the first field of Eurostat's TSV has commas
            return "\t"
        return max(",;", key=self.first_line.count)

    @property
    def decimal(self) -> Decimal:
        """Decimal mark of a provider's CSV: a point; saved again with semicolons, its figures must tell."""
        return "." if self.delimiter == "," else ""

    @cached_property
    def line_numbers(self) -> np.ndarray:
        """Number of each line that is not blank, the first of the file being 1."""
        characters = np.frombuffer(self.content, dtype=np.uint8)
        ends = np.append(np.flatnonzero(characters == ord("\n")), len(characters))
        starts = np.append(0, ends[:-1] + 1)
        blank = (starts == ends) | ((starts + 1 == ends) & (characters[np.minimum(starts, len(characters) - 1)] == 13))
        return np.flatnonzero(~blank) + 1 + self.above

    def line(self, row: int, *, header: int = 1) -> str:
        """Return how an error names the line of a row of the table, which begins below ``header`` lines."""
        numbers = self.line_numbers[self.line_numbers > self.above + header]
        return f"line {numbers[min(row, len(numbers) - 1)]}"  # a damaged line may have several rows

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Fields of the first line without blanks around them; none for a workbook and for JSON."""
        if self.first_line.lstrip()[:1] in ("{", "["):
            return ()
        return tuple(field.strip() for field in fields(self.first_line, self.delimiter))

    @cached_property
    def json(self) -> Any:
        """What a text that begins like JSON holds; None for anything else."""
        if self.container == "workbook" or self.content.lstrip()[:1] not in (b"{", b"["):
            return None
        if len(self.content) > LARGEST_JSON:
            raise files.too_large(f"{self.path} is JSON and", LARGEST_JSON, OfficialFileError)
        try:
            return json.loads(self.content, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            if str(error).startswith("Extra data: line 2 "):
                raise OfficialFileError(
                    f"{self.path} is JSON lines, in which no official statistics come",
                    where=shown(self.first_line),
                    hint="answers of a platform are read by smstock collect QUERY --replay FILE; a table save as CSV",
                ) from None
            raise OfficialFileError(
                f"{self.path} is damaged JSON: {error}", hint="it was cut off or edited: download it again"
            ) from None

    @cached_property
    def sheets(self) -> Mapping[str, Rows]:
        """Rows of each sheet by name; a text has one sheet without a name."""
        if self.container == "workbook":
            return sheets(self.path, self.content)
        rows = list(self.rows_by_line.values())
        if not self.content.endswith((b"\n", b"\r")) or len({len(row) for row in rows}) > 1:
            raise OfficialFileError(
                f"{self.path} is a sheet whose rows differ in length, or that ends within a line",
                hint="it was cut off or edited: save the sheet again",
            )
        return {"": rows}

    @cached_property
    def rows_by_line(self) -> Mapping[int, list[str]]:
        """Rows of a text that are not blank, by the number of the line that each begins in."""
        reader = csv.reader(StringIO(self.content.decode(), newline=""), delimiter=self.delimiter, strict=True)
        rows, begin = {}, 1
        try:
            for row in reader:
                if row:
                    rows[begin + self.above] = row
                begin = reader.line_num + 1
        except csv.Error as error:
            raise OfficialFileError(f"{self.path} is damaged: {error}", hint="save the sheet again") from None
        return rows

    def once(self, read: Callable[[RawFile], T]) -> T:
        """Return what a function reads from this file; it is called once, for however many tables.

        What it returned must not be changed.
        """
        if read not in self._read:
            self._read[read] = read(self)
        remembered: T = self._read[read]
        return remembered

    def stated(self, *entries: str) -> tuple[str, ...]:
        """Return what the sidecar says about things the file itself leaves out.

        Raises
        ------
        UnsaidError
            There is no sidecar, or it does not say all of it; the message says what to write there.
        """
        texts = tuple(getattr(self.origin, entry, "") for entry in entries)
        lacking = [entry for entry, text in zip(entries, texts, strict=True) if not text]
        if lacking:
            allowed = [f"{entry}: {sidecar.allowed(entry)}" for entry in lacking if sidecar.allowed(entry)]
            needed = lacking if self.origin else sidecar.needed(lacking)
            written = ", ".join(f'{entry} = "..."' for entry in needed)
            above = ", above its line [columns]" if self.origin and self.origin.columns else ""
            raise UnsaidError(
                f"{self.path} does not say {' and '.join(_UNSAID[entry] for entry in lacking)}",
                allowed="; ".join(allowed),
                hint=f"write {written} in its sidecar {self.path.name}{SUFFIX}{above} (docs/providers shows one)",
                entries=tuple(lacking),
            )
        return texts

    def stated_day(self) -> str:
        """Return the one day that the sidecar says all figures are for, as ISO 8601.

        Raises
        ------
        OfficialFileError
            There is no sidecar, or it does not say it, or gives no year.
        """
        (day,) = self.stated("reference_date")
        if len(day) != len("2015-07-01"):
            raise OfficialFileError(
                f"{self.path}: the reference_date of its sidecar has no year: {day}",
                allowed="a day such as 2015-07-01",
                hint=f"write the whole day in {self.path.name}{SUFFIX}",
            )
        return day

    @property
    def edition(self) -> str:
        """Edition that the sidecar gives; ``not stated`` without a sidecar."""
        return self.origin.edition if self.origin else NOT_STATED


def fields(line: str, delimiter: str) -> list[str]:
    r"""Return the fields of one line of a delimited text; none where the line has an end within it.

    Examples
    --------
    >>> fields('"Korea, Rep.",KOR', ",")
    ['Korea, Rep.', 'KOR']
    >>> fields("a\rb", ",")
    []
    """
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def opened(path: Path) -> RawFile:
    """Return a file with its content unpacked and decoded, whatever its name says it is.

    Raises
    ------
    OfficialFileError
        There is no such file, it is empty, damaged, or something that holds no table (an HTML page, an old or locked
        workbook, an archive of several files, a file of another program), or its sidecar is wrong.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "stock.csv")
    ...     _ = file.write_text("destination;value", encoding="utf-16")
    ...     opened(file).header
    ('destination', 'value')
    """
    stored = _read(path)
    content = _unpacked(path, stored)
    origin = sidecar.read(path)
    if content.startswith(_ZIP):
        return RawFile(path, "workbook", content, origin)
    if content.startswith(_OLE):
        raise OfficialFileError(
            f"{path} is an Excel 97-2003 workbook (.xls), or a workbook locked by a password",
            hint=_OF_EUROSTAT
            if b"Eurostat" in content
            else "open it in a spreadsheet program and save it as .xlsx without a password",
        )
    check_program(path, content, _PACKED.get(stored[:2], "") if content is not stored else "")
    text = _decoded(path, content)
    start = text[:512].strip().lower()
    if not start:
        raise OfficialFileError(f"{path} is empty", hint="download it again")
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        raise OfficialFileError(
            f"{path} is an HTML page",
            hint="a refused download often leaves one: download the file again in a web browser",
        )
    stated = _SEPARATOR.match(text)
    if stated:
        return RawFile(path, "text", text[stated.end() :], origin, separator=stated[1].decode(), above=1)
    return RawFile(path, "text", text, origin)


def _read(path: Path) -> bytes:
    try:
        return files.content(path, LARGEST, OfficialFileError, hint="name a file that lies on the disk")
    except FileNotFoundError as error:
        kept = vintages(path)
        hint = f"name the file as it is kept: {kept[-1]}" if kept else "mend the path"
        raise OfficialFileError(f"{path} does not exist", hint=hint) from error
    except OSError as error:
        raise OfficialFileError(
            f"{path} cannot be read: {error.strerror or error}", hint="mend its permissions, or copy it elsewhere"
        ) from error


def _unpacked(path: Path, content: bytes) -> bytes:
    """Return what gzip or an archive of one data file holds; anything else as it is."""
    if content.startswith(_GZIP):
        try:
            return _bounded(path, lambda: gzip.open(BytesIO(content)))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise OfficialFileError(f"{path} is a damaged gzip file: {error}", hint="download it again") from error
    if not content.startswith(_ZIP):
        return content
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            check_archive(path, archive)
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if "[Content_Types].xml" in names:
                return content
            tables = [name for name in names if not _is_beside(name)]
            if len(tables) == 1:
                return _bounded(path, lambda: archive.open(tables[0]))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise damaged(path, error) from error
    raise OfficialFileError(
        f"{path} is an archive of {len(names)} files: {shown(', '.join(names[:6]))}",
        hint="unpack it and name the file that holds the figures",
    )


def _is_beside(name: str) -> bool:
    """Whether a file of an archive lies beside the data, by its name with its folders or without them."""
    return any(_BESIDE.fullmatch(part) for part in (name, name.rpartition("/")[2]))


def _bounded(path: Path, unpacking: Callable[[], IO[bytes] | gzip.GzipFile]) -> bytes:
    """Return what is unpacked; counted first, so that one that is too large takes no memory."""
    size = 0
    with unpacking() as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > LARGEST:
                raise files.too_large(f"{path}, unpacked,", LARGEST, OfficialFileError)
    with unpacking() as stream:
        return stream.read()


def _decoded(path: Path, content: bytes) -> bytes:
    """Return text as UTF-8 without a byte order mark."""
    if content.startswith(_UTF8_MARK):
        content = content.removeprefix(_UTF8_MARK)
    elif content.startswith(_UTF16_MARKS):
        return content.decode("utf-16", errors="replace").encode()
    if b"\x00" in content[:4096]:
        raise OfficialFileError(
            f"{path} is neither a workbook (.xlsx) nor text",
            allowed=READ,
            hint="give the file as its provider gave it, or save the table as CSV",
        )
    try:
        content.decode()
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252").encode()
        except UnicodeDecodeError:
            raise OfficialFileError(
                f"{path} is text in no encoding that is read",
                allowed="UTF-8, UTF-16, Windows-1252",
                hint="save it as UTF-8",
            ) from None
    return content


def _no_number(text: str) -> NoReturn:
    """Refuse the constants of JavaScript that are no JSON."""
    raise ValueError(f"{text} is no number")
