"""UN DESA's stocks by destination and origin, editions 2019 and 2020, as a tidy stock table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from benchmarks.accuracy import workspace

from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd


def stock(shared: Path, edition: Literal["2019", "2020"], years: Sequence[str]) -> pd.DataFrame:
    """Return the stocks of some years, both sexes and all ages; mid-year."""
    import pandas as pd

    rows = EDITIONS[edition](shared / "official/undesa")
    rows = rows[rows["year"].isin(years) & (rows["destination"] != rows["origin"])]
    table = pd.DataFrame({end: rows[end].map(countries.find) for end in ("destination", "origin")})
    table = table.assign(reference_date=rows["year"] + "-07-01", value=rows["stock"].astype("float64"))
    return workspace.stock(table, provider="undesa", dataset="ims", edition=edition)


def _edition_2020(folder: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(folder / "un2020_bilateral_by_sex_iso3_long.csv.gz", keep_default_na=False, dtype=str)
    names = {"destination_iso3": "destination", "origin_iso3": "origin"}
    return table[table["sex"] == "Total"].rename(columns=names)


def _edition_2019(folder: Path) -> pd.DataFrame:
    import pandas as pd

    path = folder / "ddf_un2019_migrant_stock_by_destination_origin_year.csv.gz"
    table = pd.read_csv(path, keep_default_na=False, dtype=str).rename(columns={"migrant_stock": "stock"})
    return table.assign(**{end: table[end].str.upper() for end in ("destination", "origin")})


EDITIONS: Final[dict[str, Callable[[Path], pd.DataFrame]]] = {"2019": _edition_2019, "2020": _edition_2020}
"""Text columns destination, origin (ISO 3166-1 alpha-3), year and stock of each edition, read from its folder."""
