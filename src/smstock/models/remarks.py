"""What was done to an official figure before it came into an estimate, said in the notes of the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.official.flags import remarks

if TYPE_CHECKING:
    import pandas as pd

KEY = ["destination", "origin", "sex"]


def with_remarks(estimates: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Return the estimate table with notes that also say where a last official figure was taken from another source.

    Parameters
    ----------
    estimates
        Keeps `smstock.tables.ESTIMATE`.
    stock
        Stock table that the last official figures are from, with one row for each corridor, sex and date. Its flags
        say if a figure is not from the most trusted source, or was interpolated; other flags are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"destination": "DNK", "origin": "SRB", "sex": "all"}
    >>> estimates = pd.DataFrame([row | {"official_last_date": "2020-07-01", "notes": "no audience (floored)"}])
    >>> flags = "B; resolved: undesa birth 2020 instead of eurostat birth 2025 (:)"
    >>> stock = pd.DataFrame([row | {"reference_date": "2020-07-01", "flags": flags}])
    >>> with_remarks(estimates, stock)["notes"].item()
    'no audience (floored); official figure: undesa birth 2020 instead of eurostat birth 2025 (:)'
    """
    said = stock[[*KEY, "reference_date", "flags"]].rename(columns={"reference_date": "official_last_date"})
    flags = estimates[[*KEY, "official_last_date"]].merge(said, on=[*KEY, "official_last_date"], how="left")["flags"]
    notes = [
        "; ".join(filter(None, (note, *(f"official figure: {text}" for text in remarks(of_row)))))
        for note, of_row in zip(estimates["notes"], flags.fillna(""), strict=True)
    ]
    return estimates.assign(notes=notes)
