"""Which collector wrote a file: told by what is in it, never by its name."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Final

from smstock.errors import RecordingError, UnknownRecordingError
from smstock.platforms.meta.collectors import audiencer, compact, rsocialwatcher, socialwatcher, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smstock.files import Room
    from smstock.platforms.base import Recorded

_OF_R: Final = 'write it as CSV in R: write.csv(readRDS("FILE"), "FILE.csv")'
_PICKLED: Final = 'write it as CSV in Python: pandas.read_pickle("FILE").to_csv("FILE.csv")'
_OTHERS: Final = (
    (b"PK\x03\x04", "a workbook or an archive", "unpack it, or save its sheet as CSV in UTF-8"),
    (b"RDX", "a data frame saved by R", _OF_R),
    (b"X\n\x00", "a data frame saved by R", _OF_R),
    (b"\x80\x04", "a data frame pickled by Python", _PICKLED),
    (b"\x80\x05", "a data frame pickled by Python", _PICKLED),
    (b"{", "JSON", "name it FILE.jsonl if each line is an answer; of a query: smstock query convert FILE"),
    (b"[", "a list in JSON", "write an object a line, with targeting_spec and response_body, to FILE.jsonl"),
    (b"PAR1", "a Parquet file", 'write it as CSV in Python: pandas.read_parquet("FILE").to_csv("FILE.csv")'),
)
ALLOWED: Final = (
    "JSON lines with targeting_spec and response_body; CSV of pySocialWatcher, mySocialWatcher or rsocialwatcher; the"
    " database of audiencer; CSV with targeting_spec and figures"
)
"""Files that are read."""


def read(file: Path, room: Room) -> Iterator[Recorded]:
    r"""Return the lines of a file of another collector.

    Parameters
    ----------
    file
        The file.
    room
        The bytes that may be read, unpacked.

    Raises
    ------
    UnknownRecordingError
        No known collector wrote it.
    RecordingError
        It is of another kind that has a way to CSV, is too large, or damaged; lines that are read later may raise it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.files import Room
    >>> head, row = "targeting_spec,estimate_mau", "{},2600"
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "a.csv").write_text(f"{head}\n{row}\n")
    ...     [line.restated for line in read(Path(place, "a.csv"), Room(Path(place), 100, RecordingError))]
    [True]
    """
    beginning = _beginning(file)
    if beginning.startswith(audiencer.BEGINNING):
        room.take(file.stat().st_size)
        return audiencer.rows(file)
    for mark, what, hint in _OTHERS:
        if beginning.startswith(mark):
            raise RecordingError(f"{file} is {what}, which is not read", hint=hint.replace("FILE", file.name))
    if not beginning.strip():
        raise UnknownRecordingError(f"{file} is empty", hint="name a file that a collector wrote, or write it again")
    frame = table.read(file, room)
    known = socialwatcher.recognised(frame) or rsocialwatcher.recognised(frame) or compact.recognised(frame)
    if known and (twice := [name for name in frame.columns if name and frame.columns.count(name) > 1]):
        raise RecordingError(f"{file} has two columns {twice[0]}", hint="take one of them away, or name it otherwise")
    if socialwatcher.recognised(frame):
        return socialwatcher.rows(frame, file.name)
    if rsocialwatcher.recognised(frame):
        return rsocialwatcher.rows(frame)
    if compact.recognised(frame):
        return compact.rows(frame)
    if frame.has("ias", "mau"):
        raise RecordingError(
            f"{file} is a table that audiencer exported: it does not tell all of what was asked",
            hint="name the database that audiencer wrote it from (SQLite)",
        )
    raise UnknownRecordingError(
        f"{file} is no recording: it has the columns {table.columns_in_words(frame)}", allowed=ALLOWED
    )


def _beginning(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            beginning = stream.read(16)
        if beginning.startswith(b"\x1f\x8b"):
            with gzip.open(file) as stream:
                return stream.read(16)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(f"{file} is damaged or cut short: {error}", hint="copy the file again") from None
    return beginning
