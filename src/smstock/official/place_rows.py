"""How much of a table of official figures is of places, parts of countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.official.columns import mapped
from smstock.vocabulary.places import is_place

if TYPE_CHECKING:
    import pandas as pd

    from smstock.official.parsed import ParsedTable


def place_rows(counted: pd.DataFrame, column: str) -> dict[str, int]:
    """Return how many ``places`` there are in a column of areas, and how many rows ``of_places``; nothing without one.

    Parameters
    ----------
    counted
        Areas with the ``rows`` that each stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> place_rows(pd.DataFrame({"area": ["DEU", "DE21", "DE2"], "rows": [9, 5, 4]}), "area")
    {'places': 2, 'of_places': 9}
    >>> place_rows(pd.DataFrame({"area": ["DEU"], "rows": [9]}), "area")
    {}
    """
    of_places = counted[mapped(counted[column], is_place, "bool").to_numpy()]
    if of_places.empty:
        return {}
    return {"places": int(of_places[column].nunique()), "of_places": int(of_places["rows"].sum())}


def place_rows_of(table: ParsedTable) -> dict[str, int]:
    r"""Return how many places a parsed table has, and how many rows are of them; nothing without one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.official.readers import parsed
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "munich.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "eurostat,2026,DE21,all,0,,2020-01-01,4700000\n"
    ...     )
    ...     place_rows_of(parsed(file, None)["population"])
    {'places': 1, 'of_places': 1}
    """
    column = next(name for name in ("destination", "area") if name in table.columns)
    return place_rows(table.columns.counted([column]), column)
