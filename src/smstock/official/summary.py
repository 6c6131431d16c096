"""What was found in an official file, in the few lines a person reads after an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from smstock.official.base import OfficialTable

_NAMED = 4
_COUNTED = {"destination": "destinations", "origin": "origins", "area": "areas", "group": "groups"}
_LISTED = ("provider", "dataset", "edition", "concept", "indicator", "sex", "unit")


def lines(found: OfficialTable) -> dict[str, str]:
    """Return label and text of each line: layout, rows, what they hold, years, areas, and what was left out and why.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.official.base import OfficialTable
    >>> rows = {"edition": "1", "area": ["NAM", "NER"], "reference_date": "2020-07-01", "value": [1, None]}
    >>> found = OfficialTable(pd.DataFrame(rows), {"for groups of areas": 9}, None, "tidy CSV")
    >>> for label, text in lines(found).items():
    ...     print(f"{label}: {text}")
    layout: tidy CSV
    rows: 2, 1 of them without a figure
    edition: 1
    dates: 2020-07-01 to 2020-07-01 (1)
    areas: 2
    left out: 9 figures for groups of areas
    """
    table = found.table
    said = {"layout": found.layout, "rows": f"{len(table):,}"}
    missing = int(table["value"].isna().sum())
    if missing:
        said["rows"] += f", {missing:,} of them without a figure"
    said |= {column: _listed(table[column]) for column in _LISTED if column in table}
    if "reference_date" in table:
        dates = table["reference_date"]
        said["dates"] = f"{dates.min()} to {dates.max()} ({dates.nunique()})"
    said |= {label: f"{table[column].nunique():,}" for column, label in _COUNTED.items() if column in table}
    for number, (reason, count) in enumerate(found.left_out.items()):
        said["left out" if not number else f"left out ({number + 1})"] = f"{count:,} figures {reason}"
    return said


def _listed(column: pd.Series) -> str:
    """Return the values of a column, the first of them if there are many."""
    texts = sorted(filter(None, column.unique().tolist()))
    more = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return ", ".join(texts[:_NAMED]) + more
