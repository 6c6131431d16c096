"""The groups table by level of education: accounts and persons of each corridor by level, of the ages that offices ask.

Few offices tell levels by origin. Most tell them of all people from a group of origins at a destination
(`smstock.vocabulary.schooling.groups_of`), whose shares then stand in for those of a corridor. Levels are of some ages;
how many of a corridor's people are of these, figures by age tell, those of all origins at the destination where the
corridor has none. Other ages are groups of their own, of every education.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.corridors.composition import undivided
from smstock.corridors.groups import CORRIDOR, outside, persons_by_age
from smstock.corridors.own_country import abroad
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary import status
from smstock.vocabulary.facets import FOREIGN, NO_ORIGIN
from smstock.vocabulary.schooling import EU, EVERYBODY, LEVELS, NATIVES, NOT_EU, groups_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.corridors.bridge import AgeGroup

_AGES: Final = ["age_min", "age_max"]
_SERIES: Final = ["area", "group", "concept", "source"]
_OPEN: Final = 200
"""Stands for no upper end of an age group."""
_LEVEL_OF: Final = [*CORRIDOR_KEY, "education"]


def schooling(
    audience: pd.DataFrame,
    education: pd.DataFrame,
    figures: pd.DataFrame,
    totals: pd.DataFrame,
    *,
    ages: AgeGroup,
    levels: Mapping[str, str],
    metric: str = "mau",
    known_until: str,
    target_date: str = "",
) -> pd.DataFrame:
    """Return the groups table of a wave by level of education: a row a corridor and group.

    Parameters
    ----------
    audience
        Audience table of one wave, every breakdown.
    education
        Indicator tables of education, one below the other, those to be preferred first.
    figures
        Stock tables with age groups, those to be preferred first, as for `smstock.corridors.groups.groups`.
    totals
        Persons of each corridor, columns destination, origin and value: those of the target date, if there is one.
    ages
        Youngest and oldest age of the totals.
    levels
        The level of each group of education of the query.
    metric
        Metric of the audience.
    known_until
        Figures about a later day are not used as ``official``.
    target_date
        The newest figures up to this day become ``stock``; without it none do.

    Returns
    -------
    pandas.DataFrame
        The columns of `smstock.corridors.groups.groups`, where ``official_basis`` may also be a group of origins, and
        ``population`` is a share: of each level among everybody of those ages there, or among natives;
        beside them ``stock_basis``, ``origin_group``: the group that the origin belongs to in the figures,
        ``official_source`` and ``age_basis``: the data set of the levels, and whose ages these are; ``other_group``:
        the share of the level among migrants of those ages there whose origin is of the other group (inside or outside
        the European Union). Empty where no figures by education are of ages within the totals.

    Examples
    --------
    >>> cell = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 15, "age_max": None, "metric": "mau"}
    >>> cell |= dict.fromkeys(["relationship", "dimension"], "") | {"status": "observed", "upper": 9.0}
    >>> answers = pd.DataFrame(cell | {"education": ["", "l", "m", "h"], "value": [10.0, 3.0, 5.0, 2.0]})
    >>> share = {"provider": "p", "dataset": "d", "indicator": "education", "category": LEVELS, "area": "AUT"}
    >>> share |= {"group": "NEU27_2020_FOR", "concept": "birth", "sex": "all", "age_min": 15, "age_max": 64}
    >>> share |= {"reference_date": "2019-07-01", "value": [30.0, 50.0, 20.0], "unit": "percent"}
    >>> known = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": [0, 15, 65], "age_max": [14, 64, None]}
    >>> known |= {"provider": "p", "dataset": "d", "edition": "e", "concept": "birth", "value": [10.0, 80.0, 10.0]}
    >>> by_age = pd.DataFrame(known | {"reference_date": "2019-01-01"})
    >>> whole = pd.DataFrame({"destination": ["AUT"], "origin": ["SRB"], "value": [1000.0]})
    >>> table = schooling(answers, pd.DataFrame(share), by_age, whole, ages=(0, None), known_until="2020-01-01",
    ...     levels=dict(zip("lmh", LEVELS)))
    >>> table[["age_min", "education", "audience", "official"]].fillna(0).round(6).values.tolist()
    [[0, '', 0.0, 100.0], [15, 'isced0-2', 3.0, 240.0], [15, 'isced3-4', 5.0, 400.0], [15, 'isced5-8', 2.0, 160.0], \
[65, '', 0.0, 100.0]]
    """
    rows = abroad(audience[(audience["metric"] == metric) & (audience["sex"] == "all")])
    corridors = undivided(rows)[CORRIDOR_KEY].drop_duplicates().sort_values(CORRIDOR_KEY, ignore_index=True)
    known = _shares(education, ages)
    span = _span(known, corridors)
    if corridors.empty or span is None:
        return pd.DataFrame()
    known = known[(known["age_min"] == span[0]) & (known["upper"] == _upper(span[1]))]
    every = sorted([*outside([span], ages), span], key=lambda group: group[0])
    names = [(*group, level) for group in every for level in (LEVELS if group == span else ("",))]
    table = corridors.merge(pd.DataFrame(names, columns=[*_AGES, "education"]), how="cross")
    table = table.astype(dict.fromkeys(_AGES, "Int64")).assign(sex="all")
    table = _with_accounts(table, rows, levels)
    table["population"] = _of_everybody(table, known)
    until = target_date or known_until
    newest = known[known["reference_date"] <= until]
    before = known[known["reference_date"] <= known_until]
    if target_date:  # what is the target of a series was not known before
        last = newest.groupby(_SERIES)["reference_date"].max().rename("last").reset_index()
        before = before.merge(last, on=_SERIES, how="left")
        before = before[before["reference_date"] < before["last"].fillna("9999")]
    table = table.merge(_groups(corridors, known), on=CORRIDOR_KEY)
    for name, shares, day in (("official", before, known_until), ("stock", newest, until)):
        table[[name, f"{name}_basis", f"{name}_date", f"{name}_source"]] = _persons(table, shares)
        table["age_share"], table["age_basis"] = _of_ages(table, figures, every, day)
        table[name] *= table["age_share"]
    table["other_group"] = _of_other_group(table, newest)
    of_corridor = table[CORRIDOR_KEY].merge(totals[[*CORRIDOR_KEY, "value"]].drop_duplicates(CORRIDOR_KEY), how="left")
    persons = of_corridor["value"].to_numpy(dtype=float, na_value=np.nan)
    table["official"] *= np.where(np.isnan(persons), 1.0, persons)
    table["stock"] = table["stock"] * persons if target_date else np.nan
    dropped = ["age_share", "stock_date", "stock_source", *(() if target_date else ("stock_basis",))]
    return table.drop(columns=dropped)


def of_origin_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Return the groups table of the groups of origins whose composition is known, in the place of their origins.

    Accounts and persons are sums over the corridors asked; ``origin`` is the group.

    Examples
    --------
    >>> row = {"destination": "AUT", "origin": ["SRB", "TUR"], "origin_group": "WLD", "stock_basis": "WLD"}
    >>> row |= {"official_basis": "WLD", "sex": "all", "age_min": 15, "age_max": 64, "education": "isced0-2"}
    >>> row |= dict.fromkeys(["audience", "audience_upper", "users", "population", "official", "stock"], 5.0)
    >>> of_origin_groups(pd.DataFrame(row))[["origin", "stock", "users", "official_basis"]].values.tolist()
    [['WLD', 10.0, 5.0, 'corridor']]
    """
    own = table["official_basis"] == table["origin_group"]
    rows = table.assign(
        origin=table["origin_group"],
        official=table["official"].where(own),
        stock=table["stock"].where(table["stock_basis"] == table["origin_group"]),
    )
    parts = rows.groupby([*CORRIDOR_KEY, "sex", *_AGES, "education"], dropna=False, sort=False)
    summed = parts[["audience", "audience_upper", "official", "stock"]].sum(min_count=1)
    firsts = [name for name in ("users", "population", "other_group") if name in rows]
    summed[firsts] = parts[firsts].first()
    basis = np.where(summed["official"].notna(), CORRIDOR, "")
    return summed.assign(official_basis=basis).reset_index()


def _upper(age: int | None) -> int:
    return _OPEN if age is None else age


def _shares(education: pd.DataFrame, ages: AgeGroup) -> pd.DataFrame:
    """Return shares of the three levels among the people of an area, a group and an age range, a column a level.

    Persons by sex are added up, and so are those of age groups that follow each other.
    """
    rows = education[(education["indicator"] == "education") & education["category"].isin(LEVELS)]
    rows = rows[rows["value"].notna()]
    rows = rows.assign(
        source=rows["provider"] + " " + rows["dataset"],
        upper=rows["age_max"].astype("Float64").fillna(_OPEN).astype(int),
    )
    key = [*_SERIES, "reference_date", "age_min", "upper"]
    rank = {name: number for number, name in enumerate(rows["source"].unique())}
    counts = rows["unit"] == "persons"
    by_sex = rows[counts & (rows["sex"] != "all")]
    both = by_sex.groupby([*key, "category"])["value"].agg(["sum", "size"]).reset_index()
    both = both[both["size"] == 2].rename(columns={"sum": "value"})
    rows = pd.concat([rows[rows["sex"] == "all"], both], ignore_index=True)
    rows["persons"] = rows["unit"].fillna("persons") == "persons"
    wide = rows.pivot_table(index=[*key, "persons"], columns="category", values="value", aggfunc="first")
    wide = wide.reindex(columns=list(LEVELS)).dropna().reset_index()
    wide = pd.concat([wide, _added(wide[wide["persons"]])], ignore_index=True).drop_duplicates(key)
    sums = wide[list(LEVELS)].sum(axis=1)
    wide[list(LEVELS)] = wide[list(LEVELS)].div(sums, axis=0)
    inside = (wide["age_min"] >= ages[0]) & (wide["upper"] <= _upper(ages[1])) & (sums > 0)
    return wide[inside].assign(rank=wide["source"].map(rank))


def _added(counts: pd.DataFrame) -> pd.DataFrame:
    """Return sums over the age groups of series in persons that follow each other."""
    key = [*_SERIES, "reference_date"]
    parts = []
    for names, rows in counts.sort_values("age_min").groupby(key):
        follow = (rows["age_min"].to_numpy()[1:] == rows["upper"].to_numpy()[:-1] + 1).all()
        if len(rows) > 1 and follow:
            ends = {"age_min": rows["age_min"].iloc[0], "upper": rows["upper"].iloc[-1], "persons": True}
            parts.append(dict(zip(key, names, strict=True)) | ends | rows[list(LEVELS)].sum().to_dict())
    return pd.DataFrame(parts, columns=counts.columns)


def _span(known: pd.DataFrame, corridors: pd.DataFrame) -> AgeGroup | None:
    """Return the ages that most destinations have shares of; of several the widest."""
    rows = known[known["area"].isin(corridors["destination"].unique()) & ~known["group"].isin([EVERYBODY, NATIVES])]
    if rows.empty:
        return None
    number = rows.groupby(["age_min", "upper"])["area"].nunique()
    low, high = max(number.index, key=lambda span: (number[span], span[1] - span[0], -span[0]))
    return int(low), None if high == _OPEN else int(high)


def _with_accounts(table: pd.DataFrame, rows: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
    """Return a table with accounts of each level, nothing where not every level was asked."""
    plain = (rows["relationship"] == "") & (rows["dimension"] == "") & rows["education"].isin(levels)
    cells = rows[plain]
    upper = cells["age_max"].astype("Float64").fillna(_OPEN)
    cells = cells[(cells["age_min"] == cells["age_min"].min()) & (upper == upper.max())]
    cells = cells.assign(education=cells["education"].map(levels))
    names = {"audience": np.nan, "audience_upper": np.nan, "audience_status": None, "users": np.nan}
    if set(cells["education"].unique()) != set(LEVELS):
        return table.assign(**names)
    parts = cells.assign(below=cells["status"].isin([status.FLOORED, status.DEDUCED])).sort_values(
        "below", ascending=False, kind="stable"
    )
    parts = parts.groupby(_LEVEL_OF, sort=False)
    summed = parts[["value", "upper"]].agg(lambda values: values.sum(skipna=False))
    summed["status"] = parts["status"].first()
    summed = summed.reset_index().rename(
        columns={"value": "audience", "upper": "audience_upper", "status": "audience_status"}
    )
    table = table.merge(summed[~summed["origin"].isin(NO_ORIGIN)], on=_LEVEL_OF, how="left")
    users = summed[summed["origin"] == ""].rename(columns={"audience": "users"})
    return table.merge(users[["destination", "education", "users"]], on=["destination", "education"], how="left")


def _of_everybody(table: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    """Return the share of each level among everybody of those ages at the destination, else among natives."""
    rows = known[known["group"].isin([EVERYBODY, NATIVES])].sort_values(["group", "reference_date"])
    rows = rows.drop_duplicates("area", keep="last").melt(["area"], list(LEVELS), "education", "share")
    joined = table[["destination", "education"]].merge(
        rows.rename(columns={"area": "destination"}), on=["destination", "education"], how="left"
    )
    return joined["share"].to_numpy(dtype=float, na_value=np.nan)


def _groups(corridors: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the group that each origin belongs to in the figures of its destination, else in any figures."""
    everywhere = set(known["group"].unique())
    at = {area: set(names.unique()) for area, names in known.groupby("area")["group"]}
    names = []
    for destination, origin in corridors[CORRIDOR_KEY].itertuples(index=False):
        own = groups_of(origin)
        options = [name for held in (at.get(destination, set()), everywhere) for name in own if name in held]
        names.append(options[0] if options else FOREIGN)
    return corridors[CORRIDOR_KEY].assign(origin_group=names)


def _persons(table: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Return share, basis, day and source of each row's newest figures: of the corridor, else of its group."""
    ordered = shares.sort_values(["rank", "reference_date"], ascending=[True, False], kind="stable")
    newest = ordered.drop_duplicates(["area", "group"]).set_index(["area", "group"])
    columns: list[Sequence[object]] = []
    for destination, origin, group, level in table[[*CORRIDOR_KEY, "origin_group", "education"]].itertuples(
        index=False
    ):
        for name, basis in ((origin, CORRIDOR), (group, group)):
            if (destination, name) in newest.index:
                figure = newest.loc[(destination, name)]
                columns.append((figure[level] if level else 1.0, basis, figure["reference_date"], figure["source"]))
                break
        else:
            columns.append((np.nan, "", "", ""))
    return pd.DataFrame(columns, index=table.index)


def _of_other_group(table: pd.DataFrame, shares: pd.DataFrame) -> np.ndarray:
    """Return the share of each row's level among those from the other group of origins at its destination."""
    ordered = shares.sort_values(["rank", "reference_date"], ascending=[True, False], kind="stable")
    rows = ordered[ordered["group"].isin([EU, NOT_EU])].drop_duplicates(["area", "group"])
    rows = rows.assign(origin_group=rows["group"].map({EU: NOT_EU, NOT_EU: EU}), destination=rows["area"])
    key = ["destination", "origin_group"]
    long = rows.melt(key, list(LEVELS), "education", "share")
    joined = table[[*key, "education"]].merge(long, on=[*key, "education"], how="left")
    return joined["share"].to_numpy(dtype=float, na_value=np.nan)


def _of_ages(
    table: pd.DataFrame, figures: pd.DataFrame, every: Sequence[AgeGroup], known_until: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each row's ages among the people of its corridor, and whose ages these are."""
    if len(every) == 1:
        return np.ones(len(table)), np.full(len(table), CORRIDOR, dtype=object)
    corridors = table[CORRIDOR_KEY].drop_duplicates()
    known = persons_by_age(corridors, figures, every, known_until=known_until)
    known["persons"] /= known.groupby(CORRIDOR_KEY)["persons"].transform(lambda values: values.sum(skipna=False))
    joined = table[[*CORRIDOR_KEY, *_AGES]].merge(known, on=[*CORRIDOR_KEY, *_AGES], how="left")
    return joined["persons"].to_numpy(dtype=float, na_value=np.nan), joined["basis"].to_numpy(dtype=object)
