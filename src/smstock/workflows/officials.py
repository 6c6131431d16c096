"""What official files hold, before anything is learnt from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.official import registry
from smstock.tables import POPULATION, STOCK, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import OfficialTable

_COUNTED = ("provider", "edition", "concept", "destination", "origin", "area", "sex", "reference_date")


def summaries(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Return a record for each table of each file: layout, rows, missing, areas, concepts, dates, what was left out.

    Raises
    ------
    OfficialFileError
        A file is of no layout that is read, or damaged; the message names it.
    ContractError, UnknownNameError
        A figure or an area in it is not usable.
    """
    found = []
    for path in files:
        layouts = registry.recognised(path)
        contracts = list(dict.fromkeys(layout.contract.name for layout in layouts)) or [STOCK.name]
        known = {contract.name: contract for contract in (STOCK, POPULATION, USERS)}
        found += [_summary(path, registry.read(path, known[name]), name) for name in contracts]
    return found


def _summary(path: Path, official: OfficialTable, contract: str) -> dict[str, Any]:
    table = official.table
    return {
        "file": str(path),
        "table": contract,
        "layout": official.layout,
        "rows": len(table),
        "missing": int(table["value"].isna().sum()),
        "left_out": official.left_out,
        "producer": official.origin.producer if official.origin else "",
        "licence": official.origin.licence if official.origin else "",
        **{name: _values(table, name) for name in _COUNTED if name in table},
    }


def _values(table: pd.DataFrame, column: str) -> list[str]:
    return sorted(set(table[column]))
