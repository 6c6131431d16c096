"""Tables of text as other collectors leave them: CSV by any separator, packed or not, each row with its line."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.errors import RecordingError, shown
from smstock.platforms.base import Recorded
from smstock.platforms.meta.collectors.literals import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smstock.files import Room

LONGEST_FIELD: Final = 1 << 20
"""Characters of a field at most; an answer of 2017 with all its bids has some ten thousand."""

MISSING: Final = frozenset({"", "na", "n/a", "nan", "none", "null", "<na>"})
"""What pandas and R write, in small letters, where there is no value."""

_TRUE: Final = ("true", "1", "1.0", "wahr", "vrai", "verdadero", "vero")
_FALSE: Final = ("false", "0", "0.0", "", "falsch", "faux", "falso")
"""As Python writes them, and spreadsheets in German, French, Spanish and Italian."""

_SEPARATORS: Final = (",", ";", "\t")
_NAMED: Final = 5


@dataclass(frozen=True)
class Row:
    """A row of a table: the line that it begins in, its values by column (no missing ones), its number of fields."""

    line: int
    values: dict[str, str]
    fields: int

    def __getitem__(self, column: str) -> str:
        """Return the value of a column, empty where it is missing."""
        return self.values.get(column, "")


@dataclass(frozen=True)
class Table:
    """A table: its columns in small letters, and its rows as they are read."""

    columns: tuple[str, ...]
    rows: Iterator[Row]

    def has(self, *columns: str) -> bool:
        """Return whether the table has all of some columns."""
        return set(columns) <= set(self.columns)


class _Bounded(io.RawIOBase):
    """The bytes of a file, unpacked, of which no more are read than there is room for."""

    def __init__(self, stream: io.BufferedIOBase, room: Room) -> None:
        self.stream, self.room = stream, room

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self.stream.read(len(buffer))
        self.room.take(len(piece))
        buffer[: len(piece)] = piece
        return len(piece)


def read(file: Path, room: Room) -> Table:
    r"""Return a table; its rows are read as they are asked for.

    Parameters
    ----------
    file
        CSV by comma, semicolon or tabulator, in UTF-8 or UTF-16, packed by gzip or not.
    room
        The bytes, unpacked, that may be read.

    Raises
    ------
    RecordingError
        It is no text, is larger than the bound, or cannot be read; later also where a row is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.files import Room
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "a.csv").write_text(";Name;MAU\n0;x;NA\n")
    ...     table = read(Path(place, "a.csv"), Room(Path(place), 100, RecordingError))
    ...     table.columns, list(table.rows)
    (('', 'name', 'mau'), [Row(line=2, values={'': '0', 'name': 'x'}, fields=3)])
    """
    lines = _records(file, room)
    _, header = next(lines, (0, []))
    columns = tuple(name.strip().lower() for name in header)
    return Table(columns, (_row(columns, line, fields) for line, fields in lines if any(fields)))


def _row(columns: tuple[str, ...], line: int, fields: list[str]) -> Row:
    named = zip(columns, (field.strip() for field in fields), strict=False)
    return Row(line, {column: field for column, field in named if field.lower() not in MISSING}, len(fields))


def _records(file: Path, room: Room) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a file with the line that each begins in, the heading first."""
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(file) if packed else file.open("rb") as stream:
            text = io.BufferedReader(_Bounded(stream, room))
            encoding = "utf-16" if text.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
            # a heading in another encoding is one that no collector writes, and its file may be passed over
            yield from _parsed(io.TextIOWrapper(text, encoding=encoding, errors="surrogateescape", newline=""))
    except UnicodeError:
        raise RecordingError(f"{file} is no text in UTF-8", hint="save it as CSV in UTF-8") from None
    except (csv.Error, OSError, EOFError, zlib.error) as error:
        raise RecordingError(
            f"{file} is damaged or cut short: {shown(error)}", hint="copy it again, or take out the row that was cut"
        ) from None


def _parsed(text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    first, before = text.readline(LONGEST_FIELD), 1
    separator = ""
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        separator, first, before = first[4], text.readline(LONGEST_FIELD), 2
    separators = [separator] if separator else _SEPARATORS
    headings = [next(csv.reader([first], delimiter=one), []) for one in separators]
    heading = max(headings, key=len)
    yield before, heading
    rows = csv.reader(text, delimiter=separators[headings.index(heading)], strict=True)
    begins = before + 1
    for fields in rows:
        "".join(fields).encode()  # raises for what was no UTF-8
        yield begins, fields
        begins = before + 1 + rows.line_num


def recorded(table: Table, understand: Callable[[Row, str], Recorded]) -> Iterator[Recorded]:
    """Yield each row as it is understood, or as no answer where it cannot be, with the reason.

    Parameters
    ----------
    table
        The table.
    understand
        Returns what a row at a place says; raises `literals.UnreadableError` where that is nothing.

    Examples
    --------
    >>> table = Table(("a", "b"), iter([Row(2, {"a": "1"}, 1)]))
    >>> list(recorded(table, lambda row, place: Recorded(place)))[0].reason
    'cut or damaged: 1 fields, not 2'
    """
    for row in table.rows:
        place = f"line {row.line}"
        if row.fields != len(table.columns):
            yield Recorded(place, reason=f"cut or damaged: {row.fields} fields, not {len(table.columns)}")
            continue
        try:
            _require_asked(row)
            line = understand(row, place)
        except UnreadableError as error:
            line = Recorded(place, reason=str(error))
        yield line


def _require_asked(row: Row) -> None:
    """Refuse a row that pySocialWatcher made up, in whatever table it stands."""
    mock = row["mock_response"].lower()
    if mock in _TRUE:
        raise UnreadableError("mock_response: the tool made the answer up, Meta gave none")
    if mock not in _FALSE:
        raise UnreadableError("mock_response is neither True nor False")


def columns_in_words(table: Table) -> str:
    """Return the columns of a table as a message may show them: a few, and none that could be a credential.

    Examples
    --------
    >>> columns_in_words(Table(("name", "mau", "EAAB0123456789abcdefghij"), iter(())))
    'name, mau and 1 more'
    """
    plain = [column for column in table.columns if column.replace("_", "").isalpha() and len(column) <= 30]
    few = ", ".join(plain[:_NAMED]) or "none with a name"
    more = len(table.columns) - min(len(plain), _NAMED)
    return f"{few} and {more:,} more" if more else few
