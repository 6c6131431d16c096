"""Highly skilled persons by corridor as official figures have them: tertiary education, ISCED 5 to 8.

Figures by origin are persons (OECD DIOC). Elsewhere the official stock of the corridor is multiplied by the share of
the group that its origin belongs to at the destination: born in the European Union, born elsewhere, or abroad (Eurostat
``edat_lfs_9912``; ``edat_lfs_9911`` for citizens). Within a group, origins differ.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from smstock.errors import InputError
from smstock.tables import CORRIDOR_SEX_KEY
from smstock.vocabulary import countries
from smstock.vocabulary.dates import years_between
from smstock.vocabulary.facets import FOREIGN, Ages
from smstock.vocabulary.schooling import groups_of

TERTIARY: Final = "isced5-8"
WORKING_AGE: Final = 15
"""Youngest age in figures by origin; Eurostat's shares begin here as well."""
WHOLE: Final = "0+"
"""Ages of a stock where shares of no age range that it has are at hand."""


def tertiary(education: pd.DataFrame, stock: pd.DataFrame | None, date: str) -> pd.DataFrame:
    """Return the newest official figures of the highly skilled: columns destination, origin, sex, and those below.

    ``by_origin`` and ``years`` are persons and how old that figure is at ``date``; ``by_group`` is stock times share,
    ``group`` the group whose share it is, ``share`` that share (0 to 1), ``official`` the stock, ``concentration`` the
    sum of the squared shares of origins in the stock of the group. All may be missing.

    Parameters
    ----------
    education
        Indicator table, by origin in persons or by group in percent; other indicators are left out.
    stock
        Stock table of one provider and edition, for figures by group. Its ages should be those of the shares; where
        they are not, shares of the widest ages are taken to hold for all.
    date
        Figures about a later day are not used.

    Raises
    ------
    InputError
        The education table has no figure of tertiary education up to that day.

    Examples
    --------
    >>> import pandas as pd
    >>> share = {"indicator": "education", "category": "isced5-8", "area": "AUT", "concept": "birth", "sex": "all",
    ...          "group": "NEU27_2020_FOR", "age_min": 15, "age_max": 64, "reference_date": "2020-07-01", "value": 20.0,
    ...          "unit": "percent"}
    >>> stock = {"concept": "birth", "destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0, "age_max": None,
    ...          "reference_date": "2020-01-01", "value": 150000.0}
    >>> tertiary(pd.DataFrame([share]), pd.DataFrame([stock]), "2021-06-01")[["origin", "by_group"]].to_numpy().tolist()
    [['SRB', 30000.0]]
    """
    rows = education[(education["indicator"] == "education") & (education["category"] == TERTIARY)]
    rows = rows[rows["value"].notna() & (rows["reference_date"] <= date)]
    if rows.empty:
        raise InputError(
            f"the education file has no figure of tertiary education up to {date}",
            allowed="Eurostat edat_lfs_9912 or edat_lfs_9911, OECD DIOC",
        )
    own = _by_origin(rows[rows["unit"] == "persons"], date)
    shares = rows[rows["unit"] == "percent"]
    figures = own if stock is None else own.merge(_by_group(shares, stock, date), on=CORRIDOR_SEX_KEY, how="outer")
    for name in ("by_origin", "years", "by_group", "share", "official", "concentration"):
        figures[name] = pd.to_numeric(figures[name]) if name in figures else float("nan")
    figures["group"] = figures["group"].fillna("") if "group" in figures else ""
    table: pd.DataFrame = figures[
        [*CORRIDOR_SEX_KEY, "by_origin", "years", "by_group", "group", "share", "official", "concentration"]
    ]
    return table


def _by_origin(rows: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return persons by origin, of all adult ages and of both sexes together as well."""
    adults = rows[(rows["age_min"] >= WORKING_AGE) & rows["group"].isin(list(countries.crosswalk("iso3")))]
    adults = adults.rename(columns={"area": "destination", "group": "origin"})
    newest = adults.groupby(CORRIDOR_SEX_KEY)["reference_date"].transform("max")
    persons = (
        adults[adults["reference_date"] == newest]
        .groupby([*CORRIDOR_SEX_KEY, "reference_date"], as_index=False)["value"]
        .sum()
    )
    by_sex = persons[persons["sex"] != "all"].groupby(["destination", "origin", "reference_date"], as_index=False)
    sums = by_sex.agg(value=("value", "sum"), sexes=("sex", "nunique"))
    sums = sums[sums["sexes"] == 2].drop(columns="sexes").assign(sex="all")
    persons = pd.concat([persons, sums], ignore_index=True).drop_duplicates(CORRIDOR_SEX_KEY)
    years = [years_between(day, date) for day in persons["reference_date"]]
    table: pd.DataFrame = persons.assign(years=years).rename(columns={"value": "by_origin"})
    return table[[*CORRIDOR_SEX_KEY, "by_origin", "years"]]


def _by_group(shares: pd.DataFrame, stock: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return stock times the share of the group its origin is of, for the first kind of group that has one."""
    people = stock[stock["value"].notna() & (stock["reference_date"] <= date)]
    people = people[people["origin"].isin(list(countries.crosswalk("iso3")))]
    shares, people = (table.assign(ages=_ages(table)) for table in (shares, people))
    groups = set(shares["ages"].unique())
    common = groups & set(people["ages"].unique())
    widest = max(common or groups, key=_width, default=None)
    shares = shares[shares["ages"] == widest].sort_values("reference_date")
    shares = shares.drop_duplicates(["area", "concept", "group", "sex"], keep="last")
    of_shares = shares.rename(columns={"area": "destination", "value": "percent"})
    people = people[people["ages"] == (widest if common else WHOLE)].sort_values("reference_date")
    people = people.drop_duplicates([*CORRIDOR_SEX_KEY, "concept"], keep="last").rename(columns={"value": "official"})
    narrow = people["origin"].map(lambda origin: groups_of(origin)[0])
    parts = [
        _with_concentration(people.assign(group=groups)).merge(
            of_shares[["destination", "concept", "group", "sex", "percent"]],
            on=["destination", "concept", "group", "sex"],
        )
        for groups in (narrow, FOREIGN)
    ]
    products = pd.concat(parts).drop_duplicates(CORRIDOR_SEX_KEY)
    products = products.assign(
        share=products["percent"] / 100, by_group=products["official"] * products["percent"] / 100
    )
    table: pd.DataFrame = products[[*CORRIDOR_SEX_KEY, "by_group", "group", "share", "official", "concentration"]]
    return table


def _with_concentration(people: pd.DataFrame) -> pd.DataFrame:
    """Return stocks with the sum of squared shares of the origins of each group."""
    of_group = people.groupby(["destination", "concept", "group", "sex"])["official"]
    share = people["official"] / of_group.transform("sum")
    squares = people.assign(square=share**2).groupby(["destination", "concept", "group", "sex"])["square"]
    return people.assign(concentration=squares.transform("sum"))


def _ages(table: pd.DataFrame) -> list[str]:
    return [
        str(Ages(int(low), None if pd.isna(high) else int(high)))
        for low, high in zip(table["age_min"], table["age_max"], strict=True)
    ]


def _width(text: str) -> int:
    ages = Ages.parse(text)
    return (ages.maximum or 200) - ages.minimum
