"""Tables of a delimited text (comma, semicolon, tab), in which every row must have as many fields as the header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

from smstock.errors import OfficialFileError
from smstock.official.rawfile import fields

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow.csv import InvalidRow

    from smstock.official.rawfile import RawFile

_BLOCK = 1 << 24  # bytes parsed at once; no row is longer
_NAMES_OF_ROWS = "if R's write.table wrote it, write it with row.names = FALSE; else download it again"
_AGAIN = "it was cut off or edited: download it again"


def table(file: RawFile, *, header: int = 0, missing: str = "") -> pd.DataFrame:
    r"""Return the table of a delimited text: every field is text, columns are named by the header.

    A last column without a name and without a field is dropped: World Bank files end each line with a comma.

    Parameters
    ----------
    header
        Number of lines above the header.
    missing
        What stands without quotes where a text is missing (R: ``NA``); none if it is empty.

    Raises
    ------
    OfficialFileError
        There is no row, a row has more or fewer fields than the header, a quotation mark is not closed, two columns
        have one name, or the last line has no end, as in a file that was cut off.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> table(RawFile(Path("a.csv"), "text", b"area;value\nNA;1,5\n")).to_dict("records")
    [{'area': 'NA', 'value': '1,5'}]
    >>> table(RawFile(Path("a.csv"), "text", b"area,value\nNA\n"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv has a row of 1 field below a header of 2
      where:   line 2: NA
      next:    it was cut off or edited: download it again
    """
    lines = file.content[:_BLOCK].decode(errors="replace").split("\n", header + 1)
    line = lines[header].strip("\r") if len(lines) > header else ""
    names = [name.strip() for name in fields(line, file.delimiter)]
    if not names:  # there is a line end within it
        raise OfficialFileError(
            f"{file.path} has no header that can be read", where=f"line {file.above + header + 1}", hint=_AGAIN
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise OfficialFileError(f"{file.path} has two columns of one name: {', '.join(repeated)}", hint=_AGAIN)
    rows: pd.DataFrame = arrow_table(file, names, skipped=header + 1, quoted=True, missing=missing).to_pandas()
    if "" in rows and (rows[""] == "").all():
        rows = rows.drop(columns="")
    return rows


def arrow_table(file: RawFile, names: list[str], *, skipped: int, quoted: bool, missing: str = "") -> pa.Table:
    r"""Return the rows of a delimited text below its first lines, as columns of text.

    Parameters
    ----------
    names
        Names of the columns.
    skipped
        Number of lines above the rows.
    quoted
        Whether a field may stand in double quotes.
    missing
        As for `table`.

    Raises
    ------
    OfficialFileError
        As for `table`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> arrow_table(RawFile(Path("a.tsv"), "text", b'a\tb\n"NA\t1 \n'), ["a", "b"], skipped=1, quoted=False).to_pylist()
    [{'a': '"NA', 'b': '1 '}]
    """
    if not file.content.endswith(b"\n"):
        raise OfficialFileError(f"{file.path} ends within a line: it was cut off", hint="download it again")
    wrong: list[InvalidRow] = []

    def refused(row: InvalidRow) -> str:
        wrong.append(row)
        return "error"

    # In one thread a row that is refused knows its number.
    reading = ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=skipped)
    parsing = ParseOptions(delimiter=file.delimiter, quote_char='"' if quoted else False, invalid_row_handler=refused)
    converting = ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=bool(missing),
        quoted_strings_can_be_null=False,
        null_values=[missing],
    )
    try:
        rows = read_csv(pa.BufferReader(file.content), reading, parsing, converting)
    except pa.ArrowInvalid as error:
        raise _damaged(file, wrong, error, skipped) from None
    if not rows.num_rows:
        raise OfficialFileError(f"{file.path} has a header and no row below it", hint="download it again")
    if quoted and b'"' in file.content:
        _check_quotes(file, rows, skipped)
    return rows


def _check_quotes(file: RawFile, rows: pa.Table, skipped: int) -> None:
    """Refuse a field that reaches over the end of its line, which hides the rows it swallows."""
    for name in rows.column_names:
        over = compute.match_substring(rows[name], "\n")
        if compute.any(over).as_py():
            row = compute.index(over, value=True).as_py()
            place = f"{file.line(row, header=skipped)}, column {name}"
            raise OfficialFileError(f"{file.path} has a quotation mark that is not closed", where=place, hint=_AGAIN)


def _damaged(file: RawFile, wrong: list[InvalidRow], error: Exception, skipped: int) -> OfficialFileError:
    if not wrong:
        return OfficialFileError(f"{file.path} is damaged: {error}", hint=_AGAIN)
    row = wrong[0]  # its number counts no blank line
    of_r = row.actual_columns == row.expected_columns + 1 and row.number == skipped + 1
    fields_of_row = f"{row.actual_columns} field{'s' if row.actual_columns != 1 else ''}"
    return OfficialFileError(
        f"{file.path} has a row of {fields_of_row} below a header of {row.expected_columns}",
        where=f"{file.line(row.number - skipped - 1, header=skipped)}: {row.text[:80]}",
        hint=_NAMES_OF_ROWS if of_r else _AGAIN,
    )
