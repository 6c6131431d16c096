"""Figures that cannot be as they were read: above any country, or parts of persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.errors import OfficialFileError
from smstock.official.columns import row
from smstock.official.figures import fractions_of_thousands
from smstock.tables import POPULATION, STOCK

if TYPE_CHECKING:
    import pandas as pd

    from smstock.official.base import Layout
    from smstock.official.columns import StoredColumns
    from smstock.official.rawfile import RawFile

MOST: Final = {POPULATION: 2e9, STOCK: 2e8}
"""Persons of one country at most: India has 1.5 billion, the United States 50 million migrants."""


def check_size(table: pd.DataFrame | StoredColumns, file: RawFile) -> None:
    """Refuse figures that no country can have: a program took decimals for thousands, or a unit was applied twice.

    Raises
    ------
    OfficialFileError
        A figure is above `MOST`.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from smstock.official.rawfile import RawFile
    >>> row = {"area": "NAM", "sex": "all", "age_min": 0, "age_max": None, "reference_date": "2020-07-01"}
    >>> table = pd.DataFrame([{"provider": "undesa", "edition": "1", **row, "value": 2540916000.0}])
    >>> check_size(table, RawFile(Path("wpp.csv"), "text", b""))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: wpp.csv has a figure that no country can have: 2,540,916,000 persons
      where:   NAM all 2020-07-01
      allowed: 2,000,000,000 persons at most in a population table
      next:    take the provider's file as it came: a program may have read 12.345 as 12345; or mend the unit
    """
    contract = next((known for known in MOST if set(known.names) <= set(table)), None)
    if contract is None or not len(table) or not (table["value"] > MOST[contract]).any():
        return
    first = row(table, int(table["value"].argmax())).iloc[0]
    cell = " ".join(
        str(first[name]) for name in ("area", "destination", "origin", "sex", "reference_date") if name in first
    )
    raise OfficialFileError(
        f"{file.path} has a figure that no country can have: {first['value']:,.0f} persons",
        where=cell,
        allowed=f"{MOST[contract]:,.0f} persons at most in a {contract.name} table",
        hint="take the provider's file as it came: a program may have read 12.345 as 12345; or mend the unit",
    )


def thousands(table: pd.DataFrame | StoredColumns, file: RawFile, layout: Layout) -> tuple[str, ...]:
    """Return what the user is told of decimals in people's own files of persons, unless a mapping says its unit.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from smstock.official.copies import LAYOUTS
    >>> from smstock.official.rawfile import RawFile
    >>> row = {"provider": "x", "dataset": "x", "edition": "1", "concept": "birth", "destination": "DEU", "flags": "",
    ...        "origin": "SRB", "age_min": 0, "age_max": None, "reference_date": "2020-07-01", "retrieved_at": ""}
    >>> table = pd.DataFrame([row | {"sex": sex, "value": value} for sex, value in (("all", 9.0), ("female", 4.0))])
    >>> thousands(table, RawFile(Path("a.csv"), "text", b""), LAYOUTS[0])
    ()
    """
    names = set(table)
    of_persons = any(set(contract.names) <= names for contract in MOST)
    if not (layout.by_hand and of_persons) or (file.origin and file.origin.columns):
        return ()
    parted = fractions_of_thousands(table["value"].to_numpy(dtype="float64", na_value=np.nan))
    return (f"{file.path}: {parted}, have decimals and none is 1000 or more: are they thousands?",) if parted else ()
