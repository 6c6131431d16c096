"""Internet use by area and sex: who could have an account at all.

The World Bank (ITU) and Eurostat count individuals who used the internet in the last three months, the former of all
ages or those a country asks, the latter of ages 16 to 74. Eurostat's other answers (in the last twelve months, never)
are left out.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

LAST_THREE_MONTHS: Final = ("", "I_IU3", "IT.NET.USER.ZS", "IT.NET.USER.FE.ZS", "IT.NET.USER.MA.ZS")
"""Categories of the indicator ``internet_use`` that count those who used it in the last three months."""


def internet_use(indicator: pd.DataFrame, *, until: str) -> pd.DataFrame:
    """Return the share of persons who use the internet: columns area, sex, rate (0 to 1), reference_date.

    Of each area and sex the newest figure not about a later day than ``until`` counts; of figures for one day that of
    the widest ages. Figures for a group of persons, such as foreigners, are left out.

    Parameters
    ----------
    indicator
        Keeps `smstock.tables.INDICATOR`.
    until
        ISO 8601.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"indicator": "internet_use", "category": "IT.NET.USER.ZS", "area": "NAM", "group": "", "sex": "all",
    ...        "age_min": 0, "age_max": None, "unit": "percent of individuals"}
    >>> years = {"2021-07-01": 61.1, "2022-07-01": 62.2, "2023-07-01": None}
    >>> rows = pd.DataFrame([row | {"reference_date": day, "value": value} for day, value in years.items()])
    >>> internet_use(rows, until="2023-12-31").to_numpy().tolist()
    [['NAM', 'all', 0.622, '2022-07-01']]
    """
    counted = (indicator["indicator"] == "internet_use") & indicator["category"].isin(LAST_THREE_MONTHS)
    everybody = (indicator["group"] == "") & indicator["unit"].str.startswith("percent")
    in_time = indicator["value"].notna() & (indicator["reference_date"] <= until)
    rows = indicator[counted & everybody & in_time]
    oldest = pd.to_numeric(rows["age_max"]).astype("float64").fillna(float("inf"))
    rows = rows.assign(span=oldest - rows["age_min"].astype("float64"), rate=rows["value"] / 100)
    newest = rows.sort_values(["reference_date", "span"], kind="stable").drop_duplicates(["area", "sex"], keep="last")
    return newest.sort_values(["area", "sex"])[["area", "sex", "rate", "reference_date"]].reset_index(drop=True)
