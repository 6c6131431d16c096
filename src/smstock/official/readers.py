"""Which reader a file needs, by what is in it; the file's name does not matter."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from shlex import quote
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from smstock import tables
from smstock.errors import OfficialFileError, SmstockError
from smstock.folder import replaced
from smstock.official import copies, elsewhere, foreign, mapping, sdmx_csv, tidy
from smstock.official.areas import tell, unknown_in_words
from smstock.official.census import files as census
from smstock.official.consistency import remarks_on_sexes
from smstock.official.eurostat import files as eurostat
from smstock.official.header import place_of_headings
from smstock.official.observations import nothing_left
from smstock.official.oecd import dioc
from smstock.official.oecd import files as oecd
from smstock.official.plausibility import check_size, thousands
from smstock.official.rawfile import opened
from smstock.official.undesa import copies as undesa_copies
from smstock.official.undesa import workbooks, wpp
from smstock.official.workbook import text
from smstock.official.worldbank import files as worldbank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import Layout, OfficialTable
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

LAYOUTS = (
    *mapping.LAYOUTS,
    *tidy.LAYOUTS,
    *eurostat.LAYOUTS,
    *oecd.LAYOUTS,
    *foreign.LAYOUTS,
    *elsewhere.LAYOUTS,
    *worldbank.LAYOUTS,
    *wpp.LAYOUTS,
    *census.LAYOUTS,
    *dioc.LAYOUTS,
    *workbooks.LAYOUTS,
    *undesa_copies.LAYOUTS,
    *copies.LAYOUTS,
)
"""Every layout that is known, in the order in which they are tried."""


@dataclass(frozen=True)
class Recognition:
    """The layout a file was recognised by, and the tables it holds."""

    layout: str
    contracts: tuple[Contract, ...]


def recognised(path: Path) -> Recognition:
    r"""Return what a file is.

    Raises
    ------
    OfficialFileError
        The file does not exist, is damaged, is of no layout that is read, or of one that holds no table; the message
        says what was found and what to do.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "namibia.csv")
    ...     _ = file.write_text("provider,edition,area,sex,age_min,age_max,reference_date,value\n")
    ...     [contract.name for contract in recognised(file).contracts]
    ['population']
    """
    file = opened(path)
    with _located(file):
        layout = _layout(file)
        return Recognition(layout.name, layout.contracts(file))


def read(path: Path, contract: Contract) -> OfficialTable:
    r"""Return the table of a contract that an official file holds, with its layout and its origin.

    Rows without ``retrieved_at`` take the date from the file's sidecar, if it has one.

    Raises
    ------
    OfficialFileError
        The file is damaged, of a layout that is not read, or not the one its sidecar describes; the message says what
        was found and which layouts are read.
    ContractError, UnknownNameError
        The file is of a known layout and a figure or an area in it is not usable.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     read(file, tables.POPULATION).layout[:8]
    'tidy CSV'
    """
    file = opened(path)
    with _located(file):
        layout = _layout(file)
        _check_held(file, layout, contract)
        official = layout.read(file, contract)
    if official.table.empty:
        raise nothing_left(file, contract, official)
    return _finished(official, file, layout)


def read_all(path: Path) -> dict[str, OfficialTable]:
    r"""Return every table that an official file has figures for, by the name of its contract.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        As for `read`.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_all(Path("missing.csv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
      next:    mend the path
    """
    file = opened(path)
    with _located(file):
        layout = _layout(file)
        contracts = layout.contracts(file)
        read_of = {contract.name: layout.read(file, contract) for contract in contracts}
    tell(remark for official in read_of.values() if official.table.empty for remark in official.remarks)
    held = {name: _finished(official, file, layout) for name, official in read_of.items() if len(official.table)}
    if not held:
        raise nothing_left(file, contracts[0], read_of[contracts[0].name])
    return held


def known(file: RawFile) -> Layout | None:
    r"""Return the layout of a file, None if it is of none that is known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> known(RawFile(Path("a.csv"), "text", b"to,from,persons\n"))
    """
    return next((layout for layout in LAYOUTS if layout.recognises(file)), None)


def to_parquet(path: Path, contract: Contract, target: Path) -> int:
    r"""Write the table of a contract that an official file holds as Parquet (zstd), and return its number of rows.

    A file of many million figures is read and written in parts, so that it never stands in memory as a whole table.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        As for `read`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     to_parquet(file, tables.POPULATION, Path(folder, "namibia.parquet"))
    1
    """
    file = opened(path)
    with _located(file):
        layout = _layout(file)
        _check_held(file, layout, contract)
        with ExitStack() as replacing:
            rows = _write(file, layout, contract, target, replacing)
        if not rows:
            raise nothing_left(file, contract, layout.read(file, contract))
    return rows


def all_to_parquet(path: Path, target_of: Callable[[str], Path]) -> dict[str, int]:
    r"""Write every table that an official file has figures for; return its rows by the name of its contract.

    Of a file that is refused no table is written.

    Parameters
    ----------
    target_of
        Where the table of a contract is written, by the name of the contract.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        As for `read_all`.

    Examples
    --------
    >>> from pathlib import Path
    >>> all_to_parquet(Path("missing.csv"), lambda name: Path(name))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
      next:    mend the path
    """
    file = opened(path)
    with _located(file), ExitStack() as replacing:
        layout = _layout(file)
        contracts = layout.contracts(file)
        rows_of = {one.name: _write(file, layout, one, target_of(one.name), replacing) for one in contracts}
        if not any(rows_of.values()):
            raise nothing_left(file, contracts[0], layout.read(file, contracts[0]))
    return {name: rows for name, rows in rows_of.items() if rows}


def read_stock(path: Path) -> pd.DataFrame:
    """Return the stock table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_stock(Path("missing.xlsx"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.xlsx does not exist
      next:    mend the path
    """
    return read(path, tables.STOCK).table


def read_population(path: Path) -> pd.DataFrame:
    """Return the population table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_population(Path("missing.csv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
      next:    mend the path
    """
    return read(path, tables.POPULATION).table


def read_indicator(path: Path) -> pd.DataFrame:
    """Return the indicator table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_indicator(Path("missing.tsv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.tsv does not exist
      next:    mend the path
    """
    return read(path, tables.INDICATOR).table


def read_users(path: Path) -> pd.DataFrame:
    """Return the users table of a tidy CSV; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_users(Path("missing.csv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
      next:    mend the path
    """
    return read(path, tables.USERS).table


@contextmanager
def _located(file: RawFile) -> Iterator[None]:
    """Name the file in an error that names only a place in it."""
    try:
        yield
    except SmstockError as error:
        if str(file.path) not in f"{error.what} {error.where}":
            error.where = ", ".join(filter(None, (str(file.path), error.where)))
        raise


def _layout(file: RawFile) -> Layout:
    """Return the layout of a file, or say what is in it."""
    layout = known(file)
    if layout is None:
        tidy.check_columns(file)
        raise OfficialFileError(
            f"{file.path} holds no table in a layout that is read",
            where=f"found {_contents(file)}",
            allowed="files of Eurostat, UN DESA, the OECD, the World Bank and the US Census Bureau; a tidy CSV",
            hint="give the provider's file unchanged (docs/providers lists what is read), or save it as a tidy CSV"
            + _description(file),
        )
    return layout


def _description(file: RawFile) -> str:
    """Return what to do with a table that nobody knows; nothing of a file that is no table."""
    try:
        place_of_headings(file)
    except OfficialFileError:
        return ""
    return f"; of any other table `smstock official describe {quote(str(file.path))}` drafts how it is read"


def _check_held(file: RawFile, layout: Layout, contract: Contract) -> None:
    """Refuse a file that holds other tables than the one asked for."""
    held = layout.contracts(file)
    if contract not in held:
        names = " and ".join(other.name for other in held)
        raise OfficialFileError(
            f"{file.path} holds no {contract.name} table, only {names}",
            where=f"recognised as {layout.name}",
            hint=f"name it where {names} belongs, and a file of {contract.name} here",
        )


def _finished(official: OfficialTable, file: RawFile, layout: Layout) -> OfficialTable:
    check_size(official.table, file)
    unknown = unknown_in_words(file, official.left_out, official.places)
    of_sexes = remarks_on_sexes(official, file.path, by_hand=layout.by_hand)
    remarks = (*official.remarks, *unknown, *thousands(official, file, layout), *of_sexes)
    tell(remarks)
    table = _retrieved(official.table, file)
    return replace(official, table=table, layout=layout.name, origin=file.origin, remarks=remarks)


def _write(file: RawFile, layout: Layout, contract: Contract, target: Path, replacing: ExitStack) -> int:
    """Write a table beside its target, whose place it takes when the stack ends well; return its number of rows."""
    parts = (layout.parts(file, contract) if layout.parts else None) or _whole(file, layout, contract)
    filled = (part for part in parts if len(part))
    first = next(filled, None)
    if first is None:
        return 0
    schema = pa.Schema.from_pandas(first, preserve_index=False)
    partial = replacing.enter_context(replaced(target))
    rows = 0
    with ParquetWriter(partial, schema, compression="zstd") as writer:
        for part in chain([first], filled):
            check_size(part, file)
            writer.write_table(pa.Table.from_pandas(_retrieved(part, file), schema, preserve_index=False))
            rows += len(part)
    return rows


def _whole(file: RawFile, layout: Layout, contract: Contract) -> Iterator[pd.DataFrame]:
    """Yield the table of a layout that is not read in parts."""
    yield _finished(layout.read(file, contract), file, layout).table


def _retrieved(table: pd.DataFrame, file: RawFile) -> pd.DataFrame:
    """Return the table with the date of the sidecar where a row has none."""
    if file.origin is None or "retrieved_at" not in table:
        return table
    return table.assign(retrieved_at=table["retrieved_at"].replace("", file.origin.retrieved))


def _contents(file: RawFile) -> str:
    """Say in a few words what is in a file of no known layout."""
    agency, flow = sdmx_csv.flow(file)
    if agency:
        return f"SDMX-CSV of {agency} ({flow}); those of Eurostat and the OECD are read"
    if file.container == "text":
        return f"text whose first line is: {file.first_line[:200]}"
    rows = (row for sheet in file.sheets.values() for row in sheet[:30])
    cells = dict.fromkeys(text(cell) for row in rows for cell in row if cell != "")
    return f"a workbook with the sheets {', '.join(file.sheets)}; it begins: {' / '.join(list(cells)[:4])[:200]}"
