"""Which reader a file needs, by what is in it; the file's name does not matter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smstock import tables
from smstock.errors import OfficialFileError
from smstock.official import sidecar, tidy, undesa
from smstock.official.base import OfficialTable, container, header
from smstock.official.workbook import heads, text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import Layout
    from smstock.tables import Contract

LAYOUTS = (*undesa.LAYOUTS, *tidy.LAYOUTS)
"""Every layout that is read, in the order in which they are tried."""


def recognised(path: Path) -> tuple[Layout, ...]:
    r"""Return the layouts a file is of, one for each table it holds; none if it is of no layout that is read.

    Raises
    ------
    OfficialFileError
        The file does not exist, is damaged, or is nothing that holds tables.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "namibia.csv")
    ...     _ = file.write_text("provider,edition,area,sex,age_min,age_max,reference_date,value\n")
    ...     [layout.contract.name for layout in recognised(file)]
    ['population']
    """
    kind = container(path)
    return tuple(layout for layout in LAYOUTS if layout.container == kind and layout.recognises(path))


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
    layouts = recognised(path)
    layout = next((layout for layout in layouts if layout.contract is contract), None)
    if layout is None:
        raise _unread(path, contract, layouts)
    origin = sidecar.read(path)
    found = layout.read(path)
    table = found.table
    if origin is not None and "retrieved_at" in table:
        table = table.assign(retrieved_at=table["retrieved_at"].replace("", origin.retrieved))
    return replace(found, table=table, origin=origin)


def read_stock(path: Path) -> pd.DataFrame:
    """Return the stock table of an official file; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_stock(Path("missing.xlsx"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.xlsx does not exist
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
    """
    return read(path, tables.POPULATION).table


def read_users(path: Path) -> pd.DataFrame:
    """Return the users table of a tidy CSV; see `read` for what is raised.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_users(Path("missing.csv"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: missing.csv does not exist
    """
    return read(path, tables.USERS).table


def _unread(path: Path, contract: Contract, layouts: tuple[Layout, ...]) -> OfficialFileError:
    """Build the error for a file that holds no table of the contract, saying what it is instead."""
    if layouts:
        held = " and ".join(layout.contract.name for layout in layouts)
        return OfficialFileError(
            f"{path} holds a {held} table, not a {contract.name} table",
            where=f"recognised as {layouts[0].name}",
            hint=f"name it where the {held} file belongs, and a {contract.name} file here",
        )
    return OfficialFileError(
        f"{path} holds no {contract.name} table in a layout that is read",
        where=f"found {_contents(path, contract)}",
        allowed="; ".join(layout.name for layout in LAYOUTS if layout.contract is contract),
        hint="give the provider's file unchanged, or save the figures as a tidy CSV",
    )


def _contents(path: Path, contract: Contract) -> str:
    """Say in a few words what is in a file of no known layout."""
    if container(path) == "text":
        columns = header(path)
        absent = [name for name in contract.names if name not in columns]
        lacking = f"; a tidy CSV would also have {', '.join(absent)}" if len(absent) < len(contract.names) / 2 else ""
        return f"text whose first line is: {','.join(columns)[:200]}{lacking}"
    sheets = heads(path)
    cells = dict.fromkeys(text(cell) for head in sheets.values() for row in head for cell in row if cell is not None)
    return f"a workbook with the sheets {', '.join(sheets)}; it begins: {' / '.join(list(cells)[:4])[:200]}"
