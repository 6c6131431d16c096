"""Columns of text in which few texts come many times, such as codes, and columns of figures made into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable


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
