"""Columns of text in which few texts come many times, such as codes; of figures made into rows; and on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class StoredColumns:
    """A table in a Parquet file, of which a column is read when it is asked for: its texts as categories.

    A column of ten million codes then takes 40 MB and is compared as numbers; nobody walks over its texts.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     pd.DataFrame({"sex": ["male", "all", "all"], "value": [1.0, 2.0, 3.0]}).to_parquet(Path(place, "a.parquet"))
    ...     table = StoredColumns(Path(place, "a.parquet"))
    ...     len(table), list(table), table.distinct("sex"), table["value"].to_list(), table.row(2)["sex"].item()
    (3, ['sex', 'value'], ['all', 'male'], [1.0, 2.0, 3.0], 'all')
    """

    def __init__(self, path: Path) -> None:
        self._file = pa.OSFile(str(path))  # stays open: who deletes it takes nothing away
        self._schema = pq.read_schema(self._file)
        self._texts = [
            name
            for name, kind in zip(self._schema.names, self._schema.types, strict=True)
            if pa.types.is_string(kind) or pa.types.is_large_string(kind)
        ]

    def __len__(self) -> int:
        return int(pq.read_metadata(self._file).num_rows)

    def __iter__(self) -> Iterator[str]:
        yield from self._schema.names

    def __contains__(self, name: str) -> bool:
        return name in self._schema.names

    def __getitem__(self, name: str) -> pd.Series:
        column: pd.Series = self._column(name).to_pandas()
        return column.cat.reorder_categories(sorted(column.cat.categories)) if name in self._texts else column

    def distinct(self, name: str) -> list[str]:
        """Return the different texts of a column, in order."""
        texts: list[str] = pc.unique(self._column(name)).to_pylist()
        return sorted(texts)

    def _column(self, name: str) -> pa.ChunkedArray:
        """Return a column, its texts as numbers with one dictionary, in which further texts may stand."""
        return pq.read_table(self._file, columns=[name], read_dictionary=self._texts)[name].unify_dictionaries()

    def counted(self, names: list[str]) -> pd.DataFrame:
        """Return the different rows of some columns of texts, the ``rows`` that each stands for, and their ``values``.

        The table is read in parts, so that its length takes no memory.
        """
        file = pq.ParquetFile(self._file, read_dictionary=names)
        texts = pa.schema([(name, pa.string()) for name in names])
        parts = []
        for group in range(file.num_row_groups):
            part = file.read_row_group(group, columns=[*names, "value"]).unify_dictionaries().combine_chunks()
            counts = part.group_by(names).aggregate([([], "count_all"), ("value", "count")])
            parts.append(counts.rename_columns([*names, "rows", "values"]).cast(texts.append(_ROWS).append(_VALUES)))
        counts = pa.concat_tables(parts).group_by(names).aggregate([("rows", "sum"), ("values", "sum")])
        table: pd.DataFrame = counts.rename_columns([*names, "rows", "values"]).to_pandas()
        return table

    def codes(self, name: str) -> tuple[np.ndarray, int]:
        """Return a number for each value of a column, -1 where it is missing, and how many different values it has."""
        column = self._column(name)
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode().unify_dictionaries()
        codes = [pc.fill_null(chunk.indices, -1).to_numpy() for chunk in column.chunks]
        return np.concatenate(codes), len(column.chunk(0).dictionary)

    def frame(self, names: list[str] | None = None, filters: Any = None) -> pd.DataFrame:
        """Return some columns of the rows that pass a filter of Arrow, as written; all unless said otherwise."""
        rows: pd.DataFrame = pq.read_table(self._file, columns=names, filters=filters).to_pandas()
        return rows

    def row(self, position: int) -> pd.DataFrame:
        """Return one row."""
        file, before = pq.ParquetFile(self._file), 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if position < before + rows:
                one: pd.DataFrame = file.read_row_group(group).slice(position - before, 1).to_pandas()
                return one
            before += rows
        raise IndexError(position)

    def write(self, target: Path) -> None:
        """Write the file to another place, byte for byte."""
        self._file.seek(0)
        with target.open("wb") as file:
            while piece := self._file.read(_PIECE):
                file.write(piece)


def row(table: pd.DataFrame | StoredColumns, position: int) -> pd.DataFrame:
    """Return one row of a table in memory or on the disk.

    Examples
    --------
    >>> row(pd.DataFrame({"value": [5.0, 6.0]}), 1)["value"].item()
    6.0
    """
    return table.iloc[[position]] if isinstance(table, pd.DataFrame) else table.row(position)


def codes(table: pd.DataFrame | StoredColumns, name: str) -> tuple[np.ndarray, int]:
    """Return a number for each value of a column, -1 where it is missing, and how many different values it has.

    Examples
    --------
    >>> codes(pd.DataFrame({"sex": ["male", "all", "male"]}), "sex")
    (array([0, 1, 0]), 2)
    """
    if isinstance(table, pd.DataFrame):
        numbers, distinct = pd.factorize(table[name])
        return numbers, len(distinct)
    return table.codes(name)


_PIECE = 1 << 20
_ROWS, _VALUES = (pa.field(name, pa.int64()) for name in ("rows", "values"))


def mapped(column: pd.Series, meaning: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Return what each text of a column means, asked once for each different text, in the order of their first rows.

    Parameters
    ----------
    meaning
        Of one text; what it raises is raised. None: missing.

    Examples
    --------
    >>> import pandas as pd
    >>> mapped(pd.Series(["DE", "NA", "DE"]), {"DE": "DEU", "NA": "NAM"}.get).tolist()
    ['DEU', 'NAM', 'DEU']
    """
    codes, texts = pd.factorize(column)
    return pd.Series(pd.Series([meaning(text) for text in texts], dtype=dtype).array.take(codes), index=column.index)


def filled(column: pd.Series, text: str) -> pd.Series:
    """Return a column of texts, or of categories of them, with a text wherever it is empty.

    Examples
    --------
    >>> filled(pd.Series(["", "2025-01-01"]), "2026-11-22").tolist()
    ['2026-11-22', '2025-01-01']
    >>> filled(pd.Series(["", "2025-01-01"], dtype="category"), "2025-01-01").tolist()
    ['2025-01-01', '2025-01-01']
    """
    if column.dtype == "category" and text not in column.cat.categories:
        return column.cat.rename_categories({"": text})
    return column.astype("str").replace("", text)


def unpivoted(wide: pd.DataFrame, keys: list[str], names: list[str]) -> pd.DataFrame:
    """Return a row a cell of the columns named, column after column: its keys, ``column`` (the name) and ``cell``.

    `pandas.DataFrame.melt` does the same ten times slower for few rows and many columns.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"area": ["NAM", "XKX"], "2019": ["1", "2"], "2020": ["3", ""]}, dtype="str")
    >>> unpivoted(wide, ["area"], ["2019", "2020"]).to_dict("list")
    {'area': ['NAM', 'XKX', 'NAM', 'XKX'], 'column': ['2019', '2019', '2020', '2020'], 'cell': ['1', '2', '3', '']}
    """
    rows = wide[keys].take(np.tile(np.arange(len(wide)), len(names))).reset_index(drop=True)
    column = pd.Series(names, dtype="str").repeat(len(wide)).reset_index(drop=True)
    cell = pd.Series(wide[names].to_numpy().ravel(order="F"), dtype="str")
    return rows.assign(column=column, cell=cell)
