"""What every reader of official files shares: what a layout declares, and what reading yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from smstock.official.rawfile import RawFile
    from smstock.official.sidecar import Origin
    from smstock.tables import Contract

ALL_ORIGINS = "WLD"
"""Origin of a stock row that counts the migrants of every origin together; no area of the vocabulary."""

AT_HOME = "of natives or nationals of the area itself"
"""Why a figure whose origin is its destination is in no stock table: it counts no migrants."""

NOT_STATED = "not stated"
"""Edition of figures of which neither file nor sidecar says it."""

GROUPS_OF_AREAS = "for groups of areas, or persons of no known area"
"""Why figures of aggregates are not in the table."""


@dataclass(frozen=True)
class OfficialTable:
    """A table read from an official file.

    Parameters
    ----------
    table
        Keeps the contract it was asked for.
    left_out
        How many figures of the file are not in the table, by the reason.
    layout
        Name of the layout the file was recognised by.
    origin
        What the file's sidecar says; None if there is none.
    places
        Where an area that is not known stands, for what has no line in the file.
    remarks
        What the user is told of the file: areas that are not known, figures that do not add up.
    named
        Codes of the places that the file calls by the names of a set of places.
    line
        Says the line of the file that a row of the table stands in; None where a row is no line.
    """

    table: pd.DataFrame
    left_out: Mapping[str, int] = field(default_factory=dict)
    layout: str = ""
    origin: Origin | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    line: Callable[[int], str] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Layout:
    """One way a file can hold tables.

    Parameters
    ----------
    name
        Provider and title, as a person would know the file.
    recognises
        Whether a file, by its content, is of this layout.
    contracts
        The tables that a file of this layout holds; raises `OfficialFileError`, with the reason, for one that holds
        none.
    read
        Read one of these tables; raises `OfficialFileError`, `UnknownNameError` or `ContractError` for what is damaged
        or unknown in the file.
    parts
        Several of these tables in parts that follow each other, by the name of the contract, for files too large to
        hold at once; None for a file of which only whole tables can be checked.
    by_hand
        Whether people write such files: figures that do not add up are refused then, and only remarked on in what a
        provider gave.
    """

    name: str
    recognises: Callable[[RawFile], bool]
    contracts: Callable[[RawFile], tuple[Contract, ...]]
    read: Callable[[RawFile, Contract], OfficialTable]
    parts: Callable[[RawFile, Sequence[Contract]], Iterator[Mapping[str, OfficialTable]] | None] | None = None
    by_hand: bool = False


def refused(name: str, recognises: Callable[[RawFile], bool], why: str, hint: str) -> Layout:
    """Return the layout of files that are known and hold no table: reading one says why, and what to do.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> layout = refused("an annex", lambda file: True, "lists areas", "no figures are lost by leaving it out")
    >>> layout.contracts(RawFile(Path("annex.xlsx"), "workbook", b""))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: annex.xlsx lists areas
      where:   recognised as an annex
      next:    no figures are lost by leaving it out
    """

    def contracts(file: RawFile) -> tuple[Contract, ...]:
        raise OfficialFileError(f"{file.path} {why}", where=f"recognised as {name}", hint=hint)

    def read(file: RawFile, contract: Contract) -> OfficialTable:
        raise OfficialFileError(f"{file.path} {why}", where=f"no {contract.name} table in {name}", hint=hint)

    return Layout(name, recognises, contracts, read)
