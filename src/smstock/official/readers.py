"""Which reader a file needs, by what is in it; the file's name does not matter."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smstock import tables
from smstock.errors import OfficialFileError, SmstockError
from smstock.folder import replaced, write_atomically
from smstock.official import copies, elsewhere, foreign, mapping, tidy
from smstock.official.areas import tell
from smstock.official.census import files as census
from smstock.official.columns import filled
from smstock.official.eurostat import files as eurostat
from smstock.official.observations import nothing_left
from smstock.official.oecd import dioc
from smstock.official.oecd import files as oecd
from smstock.official.parsed import Entry, open_store, source_hash, streamed
from smstock.official.rawfile import opened
from smstock.official.remarks import remarks
from smstock.official.stranger import no_layout
from smstock.official.undesa import copies as undesa_copies
from smstock.official.undesa import workbooks, wpp
from smstock.official.worldbank import files as worldbank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import Layout, OfficialTable
    from smstock.official.parsed import ParsedTable
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


def read(path: Path, contract: Contract, folder: Path | None = None) -> OfficialTable:
    r"""Return the table of a contract that an official file holds, with its layout and its origin.

    Rows without ``retrieved_at`` take the date from the file's sidecar, if it has one.

    Parameters
    ----------
    folder
        A store, as for `parsed`; without one the file is read into memory.

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
    if folder is not None:
        return parsed(path, folder, contract)[contract.name].official()
    file = opened(path)
    with _located(file):
        layout = _layout(file)
        _check_held(file, layout, contract)
        official = layout.read(file, contract)
    if official.table.empty:
        raise nothing_left(path, contract.name, official)
    official = _finished(official, file, layout)
    tell(official.remarks)
    return official


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
        read_of = {contract.name: layout.read(file, contract) for contract in layout.contracts(file)}
    finished = {name: _finished(official, file, layout) for name, official in read_of.items()}
    tell(remark for official in finished.values() for remark in official.remarks)
    filled = {name: official for name, official in finished.items() if len(official.table)}
    if not filled:
        raise nothing_left(path, *next(iter(finished.items())))
    return filled


def known(file: RawFile) -> Layout | None:
    r"""Return the layout of a file, None if it is of none that is known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> known(RawFile(Path("a.csv"), "text", b"to,from,persons\n"))
    """
    return next((layout for layout in LAYOUTS if layout.recognises(file)), None)


def parsed(path: Path, folder: Path | None, contract: Contract | None = None) -> dict[str, ParsedTable]:
    r"""Return every table that an official file has figures for, as kept on the disk, by the name of its contract.

    A file that the store holds is not parsed again; a file of many million figures is parsed in parts.

    Parameters
    ----------
    folder
        The store; None: nothing is kept longer than what is returned.
    contract
        The only table to be returned.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        As for `read`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     population = parsed(file, Path(place, "store"))["population"]
    ...     len(population), population.distinct("area")
    (1, ['NAM'])
    """
    name = "" if contract is None else contract.name
    source = source_hash(path)
    held = {} if folder is None else Entry(folder, path, source).tables(name)
    if not held:
        with open_store(folder if path.is_file() else None) as store:
            entry = Entry(store, path, source)
            if not entry.tables(name):  # another process may have been faster
                _parse(entry, contract)
            held = entry.tables(name)
    tell(remark for table in held.values() for remark in table.remarks)
    filled = {name: table for name, table in held.items() if len(table)}
    if not filled:
        raise nothing_left(path, *next(iter(held.items())))
    return filled


def to_parquet(path: Path, contract: Contract, target: Path) -> int:
    r"""Write the table of a contract that an official file holds as Parquet (zstd), and return its number of rows.

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
    (table,) = parsed(path, None, contract).values()
    write_atomically(target, table.columns.write)
    return len(table)


def all_to_parquet(path: Path, target_of: Callable[[str], Path], folder: Path | None = None) -> dict[str, int]:
    r"""Write every table that an official file has figures for; return its rows by the name of its contract.

    Of a file that is refused no table is written.

    Parameters
    ----------
    target_of
        Where the table of a contract is written, by its name.

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
    held = parsed(path, folder)
    for name, table in held.items():
        write_atomically(target_of(name), table.columns.write)
    return {name: len(table) for name, table in held.items()}


def read_stock(path: Path, folder: Path | None = None) -> pd.DataFrame:
    """Return the stock table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_stock(Path("missing.xlsx"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.xlsx does not exist
      next:    mend the path
    """
    return read(path, tables.STOCK, folder).table


def read_population(path: Path, folder: Path | None = None) -> pd.DataFrame:
    """Return the population table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_population(Path("missing.csv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
      next:    mend the path
    """
    return read(path, tables.POPULATION, folder).table


def read_indicator(path: Path, folder: Path | None = None) -> pd.DataFrame:
    """Return the indicator table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_indicator(Path("missing.tsv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.tsv does not exist
      next:    mend the path
    """
    return read(path, tables.INDICATOR, folder).table


def read_users(path: Path, folder: Path | None = None) -> pd.DataFrame:
    """Return the users table of a tidy CSV; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_users(Path("missing.csv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
      next:    mend the path
    """
    return read(path, tables.USERS, folder).table


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
        raise no_layout(file)
    return layout


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


def _parse(entry: Entry, contract: Contract | None) -> None:
    """Parse one table of a file, or all that it holds, into a store."""
    file = opened(entry.path)
    with _located(file):
        layout = _layout(file)
        contracts = layout.contracts(file)
        if contract is not None:
            _check_held(file, layout, contract)
        asked = contracts if contract is None else (contract,)
        with ExitStack() as replacing:
            places = {one.name: replacing.enter_context(replaced(entry.place(one.name))) for one in asked}
            read_of = streamed(_parts(file, layout, asked), places)
            remarks_of = {name: remarks(read, file, layout) for name, read in read_of.items()}
        for name, read in read_of.items():
            entry.keep(name, read, remarks_of[name], layout.name, [one.name for one in contracts])
    entry.prune()


def _parts(file: RawFile, layout: Layout, contracts: Sequence[Contract]) -> Iterator[Mapping[str, OfficialTable]]:
    """Yield tables in parts; whole where the layout, or this file of it, is not read in parts."""
    parts = layout.parts(file, contracts) if layout.parts else None
    for part in parts or [{contract.name: layout.read(file, contract) for contract in contracts}]:
        yield {name: replace(official, table=_retrieved(official.table, file)) for name, official in part.items()}


def _finished(official: OfficialTable, file: RawFile, layout: Layout) -> OfficialTable:
    """Return a table with what is odd in it, where it is from and when it was retrieved."""
    table, odd = _retrieved(official.table, file), remarks(official, file, layout)
    return replace(official, table=table, layout=layout.name, origin=file.origin, remarks=odd)


def _retrieved(table: pd.DataFrame, file: RawFile) -> pd.DataFrame:
    """Return the table with the date of the sidecar where a row has none."""
    if file.origin is None or "retrieved_at" not in table:
        return table
    return table.assign(retrieved_at=filled(table["retrieved_at"], file.origin.retrieved))
