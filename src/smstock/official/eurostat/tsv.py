r"""Eurostat's TSV, the format of whole tables.

The first column joins the codes of all dimensions but time with commas, as its header names them
(``c_birth,age,unit,sex,geo\TIME_PERIOD``; before 2023 ``\time``, and without ``freq``); the other columns are years, in
either order. A cell is a number, or ``:`` for none, and flags after a blank (``43.3 b``, ``: u``; older files ``:c``,
and ``0n`` for less than half of the unit). Lines end with CR LF. The file names neither its data set nor its edition.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smstock.errors import OfficialFileError, shown
from smstock.official import flags
from smstock.official.delimited import arrow_table
from smstock.official.figures import figures, plain
from smstock.official.observations import Block, Observations
from smstock.official.periods import check_years

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.official.rawfile import RawFile

_CORNER = re.compile(r"([a-z][a-z0-9_]*(?:,[a-z][a-z0-9_]*)*)[\\/](?:TIME_PERIOD|TIME)", re.ASCII | re.IGNORECASE)
_CELL = r"^(?P<number>[0-9]{1,15}(?:[.][0-9]+)?|:)[ \t]*(?P<flags>[A-Za-z]*)$"
_WRITTEN_OTHERWISE = r"^(?P<number>[^A-Za-z:]*[0-9]|:)[ \t]*(?P<flags>[A-Za-z]*)$"
_CELLS_AT_ONCE = 500_000


def recognises(file: RawFile) -> bool:
    r"""Whether a file is a TSV of Eurostat, by the corner of its header.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> recognises(RawFile(Path("a.tsv"), "text", b"age,sex,geo\\time\t2015 \t2014 \n"))
    True
    """
    return file.delimiter == "\t" and any(_CORNER.fullmatch(field) for field in file.header[:1])


def dimensions(file: RawFile) -> tuple[str, ...]:
    r"""Return the dimensions of a TSV except time.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> dimensions(RawFile(Path("a.tsv"), "text", b"age,sex,geo\\time\t2015 \t2014 \n"))
    ('age', 'sex', 'geo')
    """
    corner = _CORNER.fullmatch(file.header[0])
    return tuple(corner[1].lower().split(",")) if corner else ()


def is_saved_otherwise(file: RawFile) -> bool:
    r"""Whether a file has the corner of a TSV and other separators than tabs, as ``get_eurostat_raw()`` saved by R has.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_saved_otherwise(RawFile(Path("a.csv"), "text", b'"","age,sex,geo\\TIME_PERIOD","2015"\n'))
    True
    """
    return file.delimiter != "\t" and any("," in field and _CORNER.fullmatch(field) for field in file.header[:2])


def observations(file: RawFile) -> Observations:
    """Return the figures of a TSV: a series a line, a figure for each year of the header.

    Raises
    ------
    OfficialFileError
        A line has more or fewer cells or codes than the header, two lines have the same codes, years are not in order,
        or a cell is no figure, mark and flags.
    """
    years = file.header[1:]
    if not years:
        raise OfficialFileError(f"{file.path} has no column of a year", where="line 1", hint="download it again")
    check_years(years, lambda column: f"{file.path}, line 1, column {column + 2}")
    if list(years) not in (sorted(set(years)), sorted(set(years), reverse=True)):
        raise OfficialFileError(
            f"{file.path} has years out of order",
            where=f"line 1: {', '.join(years)[:120]}",
            allowed="each year once, in either order",
            hint="download it again",
        )
    lines = arrow_table(file, ["", *years], skipped=1, quoted=False)
    keys = _keys(file, lines[""])
    return Observations(file, "", file.edition, keys, _blocks(file, lines.drop_columns([""])))


def _keys(file: RawFile, joined: pa.ChunkedArray) -> pd.DataFrame:
    """Return the codes of each line."""
    names = dimensions(file)
    wrong = pc.not_equal(pc.count_substring(joined, ","), len(names) - 1)
    if pc.any(wrong).as_py():
        line = pc.index(wrong, value=True).as_py()
        raise OfficialFileError(
            f"{file.path} has a line with more or fewer codes than dimensions",
            where=f"{file.line(line)}: {joined[line].as_py()[:80]}",
            allowed=",".join(names),
            hint="download it again",
        )
    codes = pc.split_pattern(joined.combine_chunks(), ",")
    keys = pd.DataFrame({name: pc.list_element(codes, place).to_pandas() for place, name in enumerate(names)})
    repeated = keys.duplicated()
    if repeated.any():
        line = int(repeated.to_numpy().argmax())
        raise OfficialFileError(
            f"{file.path} has two lines with the same codes",
            where=f"{file.line(line)}: {joined[line].as_py()[:80]}",
            hint="download it again",
        )
    return keys


def _blocks(file: RawFile, cells: pa.Table) -> Iterator[Block]:
    """Yield the figures, some lines at a time."""
    years = np.array([int(year) for year in cells.column_names])
    step = max(1, _CELLS_AT_ONCE // len(years))
    for start in range(0, cells.num_rows, step):
        lines = cells.slice(start, step)
        columns = [_cells(file, lines[year], start, year) for year in lines.column_names]
        yield Block(
            np.repeat(np.arange(start, start + lines.num_rows), len(years)),
            np.tile(years, lines.num_rows),
            np.stack([numbers for numbers, _ in columns], axis=1).ravel(),
            np.stack([texts for _, texts in columns], axis=1).ravel(),
        )


def _cells(file: RawFile, cells: pa.ChunkedArray, start: int, year: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of a column and, where they are not plain, their flags."""
    texts = pc.utf8_trim_whitespace(cells).combine_chunks()
    numbers, is_plain = plain(texts)
    printed = np.full(len(texts), "", dtype=object)
    not_plain = np.flatnonzero(~is_plain)
    if not len(not_plain):
        return numbers, printed
    marked = texts.take(pa.array(not_plain))
    matches = pc.extract_regex(marked, _CELL)
    as_eurostat_writes = matches.null_count == 0
    if not as_eurostat_writes:
        matches = pc.extract_regex(marked, _WRITTEN_OTHERWISE)

    def place(row: int) -> str:
        return f"{file.path}, {file.line(start + int(not_plain[row]))}, {year}"

    wrong = pc.is_null(matches).to_numpy(zero_copy_only=False)
    if wrong.any():
        row = int(wrong.argmax())
        raise OfficialFileError(
            f"{shown(repr(marked[row].as_py()))} is no figure with flags",
            where=place(row),
            allowed="a number or :, then flags",
            hint="mend the cell, or download the file again",
        )
    number, letters = (pc.struct_field(matches, name) for name in ("number", "flags"))
    missing = pc.equal(number, ":")
    if as_eurostat_writes:
        numbers[not_plain] = pc.cast(pc.if_else(missing, None, number), pa.float64()).to_numpy(zero_copy_only=False)
    else:
        numbers[not_plain], _ = figures(number, {":": ":"}, place)
    encoded = letters.dictionary_encode()
    split = [flags.eurostat(printed_letters) for printed_letters in encoded.dictionary.to_pylist()]
    printed[not_plain] = flags.with_mark(split, ":")[
        encoded.indices.to_numpy(), missing.to_numpy(zero_copy_only=False).astype(int)
    ]
    return numbers, printed
