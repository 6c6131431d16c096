"""Figures as SDMX files have them, series by series, before anybody says what they mean.

The readers of a syntax (JSON-stat, SDMX-CSV, SDMX-JSON, Eurostat's TSV) yield `Observations`; the module of a provider
says what its codes mean, as `Facets` of each series; `tables_of` puts the two together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock import tables
from smstock.errors import OfficialFileError
from smstock.official.areas import unknown_names
from smstock.official.base import GROUPS_OF_AREAS, OfficialTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike

    from smstock.official.parsed import ParsedTable
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

WITHOUT_A_FIGURE = "without a figure"
"""Why a missing value is not in a table that needs one."""


@dataclass(frozen=True)
class Block:
    """Figures of some series, one an element of each array.

    Parameters
    ----------
    series
        Row of the series in `Observations.keys`.
    year
        Calendar year, a number.
    value
        The figure as printed; missing where there is none.
    flags
        Flags as :mod:`smstock.official.flags` writes them.
    """

    series: np.ndarray
    year: np.ndarray
    value: np.ndarray
    flags: np.ndarray


@dataclass(frozen=True)
class Observations:
    """The content of an SDMX-like file.

    Parameters
    ----------
    file
        Where it is from.
    dataset
        The provider's name of the data set, in lower case; empty if the file does not say.
    edition
        Day of the last update, or what the sidecar says.
    keys
        One row a series, one column a dimension (in lower case), codes or labels as text. The time is no column.
    blocks
        The figures.
    left_out
        Rows of the file that hold no figure, by the reason.
    """

    file: RawFile
    dataset: str
    edition: str
    keys: pd.DataFrame
    blocks: Iterable[Block]
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Facets:
    """What series mean: columns of a contract for each, and why some are not in its table.

    Parameters
    ----------
    columns
        One row a series: every column of the contract except the reference date, the value and the flags. An area that
        is a group keeps the provider's code.
    reason
        Why a series is left out; empty if it is not.
    unit
        What a figure is multiplied by to be in the contract's unit.
    day
        Month and day of the reference date, ``01-01``.
    """

    columns: pd.DataFrame
    reason: pd.Series
    unit: np.ndarray | float
    day: str


def first_reason(reasons: Sequence[tuple[ArrayLike, str]]) -> pd.Series:
    """Return, element by element, the first text whose mask is true; empty where none is.

    Examples
    --------
    >>> first_reason([([True, False, False], "a"), ([True, True, False], "b")]).tolist()
    ['a', 'b', '']
    """
    masks, texts = zip(*reasons, strict=True)
    return pd.Series(np.select([np.asarray(mask, dtype=bool) for mask in masks], texts, default=""), dtype="str")


def tables_of(
    observations: Observations,
    facets: Facets,
    contract: Contract,
    refine: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> OfficialTable:
    """Return the table of a contract, and how many figures are not in it, by the reason.

    Parameters
    ----------
    refine
        What is done with the table before it is checked.

    Raises
    ------
    ContractError
        Two figures share a key, or a value breaks the contract.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> keys = pd.DataFrame({"geo": ["NA", "AFR"]})
    >>> block = Block(np.array([0, 1]), np.array([2020, 2020]), np.array([2.5, 9.0]), np.array(["b", ""]))
    >>> observations = Observations(RawFile(Path("a.csv"), "text", b""), "demo_pjan", "2025", keys, [block])
    >>> columns = pd.DataFrame({"area": ["NAM", "AFR"]})
    >>> columns = columns.assign(provider="eurostat", edition="2025", sex="all", age_min=0, age_max=None)
    >>> facets = Facets(columns, pd.Series(["", GROUPS_OF_AREAS]), 1000.0, "01-01")
    >>> official = tables_of(observations, facets, tables.POPULATION)
    >>> official.table[["area", "reference_date", "value"]].to_numpy().tolist(), official.left_out
    ([['NAM', '2020-01-01', 2500.0]], {'for groups of areas, or persons of no known area': 1})
    """
    of_areas, cells = [], []
    left_out = Counter(observations.left_out)
    reasons = _Reasons(facets)
    for block in observations.blocks:
        in_table = reasons.none(block)
        left_out.update(reasons.counted(block))
        of_areas.append(_rows(block, facets, in_table))
        cells.append(_cells(block))
    table = pd.concat(of_areas, ignore_index=True)
    if refine:
        table = refine(table)
    table, missing = _required(table, contract)
    if missing:
        left_out[WITHOUT_A_FIGURE] = missing
    distinct = refine is None and not len(_repeated(facets, contract)) and _differ(cells)
    checked = tables.check(table, contract, distinct=distinct)
    return OfficialTable(checked, dict(left_out), places=_places(observations, left_out))


def table_of(rows: pd.DataFrame, contract: Contract, of_groups: int = 0) -> OfficialTable:
    """Return the table of a contract from rows that say themselves, in a column ``reason``, why they are left out.

    Parameters
    ----------
    of_groups
        How many figures for groups of areas there are that are not among ``rows``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"area": ["NAM", "AFR"], "value": 9, "reason": ["", "for groups"], "provider": "undesa"})
    >>> rows = rows.assign(edition="1", sex="all", age_min=0, age_max=None, reference_date="2020-07-01")
    >>> official = table_of(rows, tables.POPULATION)
    >>> official.table["area"].tolist(), official.left_out
    (['NAM'], {'for groups': 1})
    """
    left_out = {GROUPS_OF_AREAS: of_groups} if of_groups else {}
    if "reason" in rows:
        counts = rows.loc[rows["reason"] != "", "reason"].value_counts()
        left_out |= {str(reason): int(count) for reason, count in counts.items()}
        rows = rows[rows["reason"] == ""]
    with_value, missing = _required(rows, contract)
    if missing:
        left_out[WITHOUT_A_FIGURE] = missing
    return OfficialTable(tables.check(with_value, contract), left_out)


def parts_of(
    observations: Observations, facets_of: Mapping[Contract, Facets]
) -> Iterator[Mapping[str, OfficialTable]] | None:
    """Return the tables of contracts in parts, each checked by itself and with what is left out beside it.

    None where two series mean the same: only the whole table tells whether they have figures for the same day.

    Raises
    ------
    ContractError
        A value breaks the contract; raised when the part is taken.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> keys = pd.DataFrame({"geo": ["NA"]})
    >>> years = (np.array([2019]), np.array([2020]))
    >>> blocks = [Block(np.array([0]), year, np.array([9.0]), np.array([""])) for year in years]
    >>> observations = Observations(RawFile(Path("a.csv"), "text", b""), "demo_pjan", "2025", keys, blocks)
    >>> columns = pd.DataFrame({"area": ["NAM"], "provider": "eurostat", "edition": "2025", "sex": "all"})
    >>> facets = Facets(columns.assign(age_min=0, age_max=None), pd.Series([""]), 1.0, "01-01")
    >>> parts = parts_of(observations, {tables.POPULATION: facets}) or ()
    >>> [part["population"].table["reference_date"].item() for part in parts]
    ['2019-01-01', '2020-01-01']
    """
    if any(len(_repeated(facets, contract)) for contract, facets in facets_of.items()):
        return None
    return _parts(observations, {contract: _coded(facets) for contract, facets in facets_of.items()})


def _parts(observations: Observations, facets_of: Mapping[Contract, Facets]) -> Iterator[Mapping[str, OfficialTable]]:
    reasons_of = {contract: _Reasons(facets) for contract, facets in facets_of.items()}
    before = Counter(observations.left_out)
    for block in observations.blocks:
        distinct = _differ([_cells(block)])
        part: dict[str, OfficialTable] = {}
        for contract, facets in facets_of.items():
            reasons = reasons_of[contract]
            table, missing = _required(_rows(block, facets, reasons.none(block)), contract)
            left_out = before + reasons.counted(block) + Counter({WITHOUT_A_FIGURE: missing})
            checked = tables.check(table, contract, distinct=distinct, coded=True)
            part[contract.name] = OfficialTable(checked, left_out, places=_places(observations, left_out))
        yield part
        before = Counter()


def _coded(facets: Facets) -> Facets:
    """Return the same with texts as categories: rows of many figures then take numbers, not texts."""
    texts = [name for name, dtype in facets.columns.dtypes.items() if dtype == "str"]
    return replace(facets, columns=facets.columns.astype(dict.fromkeys(texts, "category")))


class _Reasons:
    """Why series are left out, as numbers: of many figures they are counted fast, and texts are not."""

    def __init__(self, facets: Facets) -> None:
        self._codes, self._texts = pd.factorize(facets.reason)

    def none(self, block: Block) -> np.ndarray:
        """Return which figures of a block are in the table."""
        in_table: np.ndarray = np.append(self._texts == "", False)[self._codes[block.series]]
        return in_table

    def counted(self, block: Block) -> Counter[str]:
        """Return how many figures of a block are not in the table, by the reason."""
        counts = np.bincount(self._codes[block.series], minlength=len(self._texts))
        counter = Counter({text: int(n) for text, n in zip(self._texts, counts, strict=True) if text and n})
        return Counter(dict(counter.most_common()))


def _places(observations: Observations, left_out: Mapping[str, int]) -> dict[str, str]:
    """Return the dimension in which each area stands that is left out as not known."""
    unknown = unknown_names(left_out)
    return {
        text: f"dimension {name}"
        for name in observations.keys
        for text in unknown
        if (observations.keys[name] == text).any()
    }


def _repeated(facets: Facets, contract: Contract) -> pd.DataFrame:
    """Return the series that mean the same as one before them."""
    of_series = facets.columns[(facets.reason == "").to_numpy()]
    repeated: pd.DataFrame = of_series[of_series.duplicated([name for name in contract.key if name in of_series])]
    return repeated


def _cells(block: Block) -> np.ndarray:
    """Return a number for the series and year of each figure."""
    cells: np.ndarray = block.series.astype(np.int64) * 10_000 + block.year
    return cells


def _differ(cells: Sequence[np.ndarray]) -> bool:
    """Return whether no series has two figures for one year."""
    numbers = np.concatenate(cells) if cells else np.empty(0, dtype=np.int64)
    return bool((np.diff(numbers) > 0).all() or (np.diff(np.sort(numbers)) > 0).all())


def _required(table: pd.DataFrame, contract: Contract) -> tuple[pd.DataFrame, int]:
    """Return the table without the rows whose value is missing, if the contract needs one, and how many they were."""
    needed = any(column.name == "value" and column.required for column in contract.columns)
    if not needed:
        return table, 0
    present = table[table["value"].notna()]
    return present, len(table) - len(present)


def nothing_left(path: Path, contract: str, official: OfficialTable | ParsedTable) -> OfficialFileError:
    """Return the error for a file of a known layout in which no figure is for the table that was asked for.

    Examples
    --------
    >>> from pathlib import Path
    >>> nothing = OfficialTable(pd.DataFrame(), {"for groups of areas": 3})
    >>> print(nothing_left(Path("a.csv"), "stock", nothing))
    a.csv holds no figure for a stock table
      where:   left out: 3 for groups of areas
      next:    download it with every area as origin and destination
    """
    counted = ", ".join([*(f"{count:,} {reason}" for reason, count in official.left_out.items()), *official.remarks])
    return OfficialFileError(
        f"{path} holds no figure for a {contract} table",
        where=f"left out: {counted or 'nothing'}",
        hint="download it with every area as origin and destination",
    )


def _rows(block: Block, facets: Facets, mask: np.ndarray) -> pd.DataFrame:
    """Return the rows of some figures of a block."""
    series = block.series[mask]
    table = facets.columns.take(series).reset_index(drop=True)
    years = block.year[mask]
    since, until = (years.min(), years.max()) if len(years) else (0, -1)
    days = pd.Categorical.from_codes(
        years - since, pd.Index([f"{year}-{facets.day}" for year in range(since, until + 1)], dtype="str")
    )
    unit = facets.unit if isinstance(facets.unit, float) else facets.unit[series]
    value = block.value[mask] * unit
    # Thousands are printed with up to three decimals, so they are whole persons but for the binary point.
    value = np.where(unit == 1, value, np.rint(value))
    return table.assign(reference_date=days, value=value, flags=block.flags[mask])
