"""The groups table: accounts and persons of each corridor by sex and age, in the groups that the query asked.

The groups of a query are its finest partition: sex by age where that was asked, else age, else sex. What stands beside
the accounts is brought into these groups: an office's age groups are bridged (`smstock.corridors.bridge`). Ages that
the totals have and the query does not ask, children above all, are groups of their own, without accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.corridors.bridge import OLDEST, bridged
from smstock.corridors.own_country import abroad
from smstock.errors import QueryError
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.facets import FOREIGN, NO_ORIGIN, Ages, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smstock.corridors.bridge import AgeGroup

CORRIDOR, DESTINATION, ORIGIN = "corridor", "destination", "origin"
"""Whose composition an official one is: the corridor's, that of all origins at the destination, of the origin."""
SPLIT: Final = ("female", "male")
_SOURCE: Final = ["provider", "dataset", "edition", "concept"]
_END: Final = float(OLDEST)


def groups(
    audience: pd.DataFrame,
    figures: pd.DataFrame,
    *,
    ages: tuple[int, int | None],
    population: pd.DataFrame | None = None,
    metric: str = "mau",
    known_until: str,
    target_date: str = "",
) -> pd.DataFrame:
    """Return the groups table of a wave: a row a corridor and group.

    Parameters
    ----------
    audience
        Audience table of one wave, every breakdown.
    figures
        Stock tables with age groups, one below the other, those to be preferred first: of corridors, and of all foreign
        origins of a destination (origin ``WLD``).
    ages
        Youngest and oldest age of the totals that the groups are parts of.
    population
        Persons of areas by sex and age.
    metric
        Metric of the audience.
    known_until
        Figures about a later day are not used as ``official``.
    target_date
        The day whose figures become ``stock``; without it none do.

    Returns
    -------
    pandas.DataFrame
        Columns destination, origin, sex, age_min, age_max, education, audience, audience_upper, audience_status, users,
        population, official, official_basis, official_date, stock. Empty where the query asks no groups.

    Raises
    ------
    QueryError
        Age groups of the query overlap, or leave a gap.

    Examples
    --------
    >>> cell = {"destination": "AUT", "origin": "SRB", "age_min": 18, "age_max": None, "metric": "mau", "status": "x"}
    >>> cell |= dict.fromkeys(["education", "relationship", "dimension"], "")
    >>> rows = [cell | {"sex": sex, "value": value} for sex, value in [("all", 9.0), ("female", 5.0), ("male", 4.0)]]
    >>> answers = pd.DataFrame(rows).assign(lower=1.0, upper=9.0)
    >>> stock = pd.DataFrame(columns=["destination", "origin", "sex", "age_min", "age_max", "value", "reference_date"])
    >>> stock = stock.reindex(columns=[*stock, "provider", "dataset", "edition", "concept"])
    >>> table = groups(answers, stock, ages=(18, None), known_until="2020-01-01")
    >>> table[["sex", "audience", "official_basis"]].values.tolist()
    [['female', 5.0, ''], ['male', 4.0, '']]
    """
    rows = abroad(_undivided(audience[audience["metric"] == metric]))
    sexes, asked = _partition(rows)
    if len(sexes) * len(asked) < 2:
        return pd.DataFrame()
    every = [*outside(asked, ages), *asked]
    corridors = rows.loc[~rows["origin"].isin(NO_ORIGIN), CORRIDOR_KEY].drop_duplicates().sort_values(CORRIDOR_KEY)
    names = pd.DataFrame([(sex, *group) for sex in sexes for group in sorted(every)], columns=["sex", *_AGES])
    table = corridors.merge(names, how="cross").assign(education="")
    cells = rows[_in_groups(rows, sexes, asked)]
    of_origins = cells[~cells["origin"].isin(NO_ORIGIN)]
    shown = {"value": "audience", "upper": "audience_upper", "status": "audience_status"}
    table = _joined(table, of_origins, [*CORRIDOR_KEY, "sex", *_AGES], shown)
    table = _joined(table, cells[cells["origin"] == ""], ["destination", "sex", *_AGES], {"value": "users"})
    table["population"] = _of_groups(table, _persons(population), ["destination"], sexes, every)
    figures = _telling(figures[figures["sex"].isin(sexes)], every)
    known = figures[figures["reference_date"] <= known_until]
    table["official"], table["official_basis"], table["official_date"] = _official(table, known, sexes, every)
    target = figures[figures["reference_date"] == target_date]
    table["stock"] = _of_groups(table, _best(target, CORRIDOR_KEY), CORRIDOR_KEY, sexes, every)
    return table.astype({"age_min": "Int64", "age_max": "Int64"}).reset_index(drop=True)


_AGES: Final = ["age_min", "age_max"]


def persons_by_age(
    corridors: pd.DataFrame, figures: pd.DataFrame, ages: Sequence[AgeGroup], *, known_until: str
) -> pd.DataFrame:
    """Return persons of both sexes in some age groups, a row a corridor and group, as the newest figures have them.

    Columns are destination, origin, age_min, age_max, persons, and basis: whose figure it is, of the ``corridor`` or of
    all origins at the ``destination``; empty where none tells every group.

    Examples
    --------
    >>> pair = {"destination": "AUT", "origin": "SRB"}
    >>> stock = pd.DataFrame(pair | {"sex": "all", "age_min": [0, 15], "age_max": [14, None], "value": [20.0, 80.0]})
    >>> stock = stock.assign(reference_date="2019-01-01", provider="p", dataset="d", edition="e", concept="birth")
    >>> groups_of_ages = [(0, 14), (15, None)]
    >>> known = persons_by_age(pd.DataFrame([pair]), stock, groups_of_ages, known_until="2020-01-01")
    >>> known[["persons", "basis"]].values.tolist()
    [[20.0, 'corridor'], [80.0, 'corridor']]
    """
    names = pd.DataFrame(sorted(ages), columns=_AGES).assign(sex="all")
    table = corridors[CORRIDOR_KEY].merge(_keyed(names), how="cross")
    figures = _telling(figures[figures["sex"] == "all"], list(ages))
    known = figures[figures["reference_date"] <= known_until]
    table["persons"], table["basis"], _ = _official(table, known, ("all",), list(ages))
    return table.drop(columns="sex")


def _undivided(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without a breakdown other than sex and age."""
    plain = np.logical_and.reduce([audience[name] == "" for name in ("education", "relationship", "dimension")])
    return audience[plain]


def _partition(rows: pd.DataFrame) -> tuple[tuple[str, ...], list[AgeGroup]]:
    """Return sexes and age groups of the finest breakdown that corridors have."""
    rows = rows[~rows["origin"].isin(NO_ORIGIN)]
    whole = _whole(rows)
    by_age = _ages_of(rows[(rows["sex"] != "all")]) - {whole}
    if by_age:
        return SPLIT, _finest(by_age, whole)
    by_age = _ages_of(rows[rows["sex"] == "all"]) - {whole}
    if by_age:
        return ("all",), _finest(by_age, whole)
    return (SPLIT if rows["sex"].isin(SPLIT).any() else ()), [whole]


def _whole(rows: pd.DataFrame) -> AgeGroup:
    of_rows = _ages_of(rows)
    if not of_rows:
        return (0, None)
    youngest = min(low for low, _ in of_rows)
    return max((group for group in of_rows if group[0] == youngest), key=lambda group: _upper(group[1]))


def _ages_of(rows: pd.DataFrame) -> set[AgeGroup]:
    pairs = rows[_AGES].drop_duplicates()
    return {
        (int(low), None if pd.isna(high) else int(high))
        for low, high in zip(pairs["age_min"], pairs["age_max"], strict=True)
    }


def _finest(by_age: set[AgeGroup], whole: AgeGroup) -> list[AgeGroup]:
    """Return the age groups that hold no other, which must follow each other from end to end of the whole."""
    parts, fault = partition_of(Ages(*whole), [Ages(*group) for group in by_age])
    if fault:
        raise QueryError(
            f"the age groups of the query are no composition: {fault}",
            allowed=f"groups that follow each other from end to end of {Ages(*whole)}",
            hint="mend age_groups of the query, or ask for no detail by age",
        )
    return [(part.minimum, part.maximum) for part in parts]


def outside(asked: Sequence[AgeGroup], ages: tuple[int, int | None]) -> list[AgeGroup]:
    """Return the ages of the totals that lie below and above those asked.

    Examples
    --------
    >>> outside([(18, 24), (25, 64)], (0, None))
    [(0, 17), (65, None)]
    """
    low, high = min(asked)[0], max(_upper(group[1]) for group in asked)
    below: list[AgeGroup] = [(ages[0], low - 1)] if ages[0] < low else []
    above: list[AgeGroup] = [(int(high) + 1, ages[1])] if _upper(ages[1]) > high else []
    return [*below, *above]


def _upper(age: int | None) -> float:
    return _END if age is None else float(age)


def _in_groups(rows: pd.DataFrame, sexes: tuple[str, ...], asked: Sequence[AgeGroup]) -> np.ndarray:
    lows, highs = rows["age_min"].astype("int64"), rows["age_max"].astype("Float64").fillna(_END)
    groups_of = {(low, _upper(high)) for low, high in asked}
    inside = [pair in groups_of for pair in zip(lows, highs, strict=True)]
    chosen: np.ndarray = rows["sex"].isin(sexes).to_numpy() & np.array(inside, dtype=bool)
    return chosen


def _joined(table: pd.DataFrame, cells: pd.DataFrame, on: list[str], names: dict[str, str]) -> pd.DataFrame:
    right = cells[[*on, *names]].rename(columns=names).drop_duplicates(on)
    return _keyed(table).merge(_keyed(right), on=on, how="left")


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose open age groups join."""
    return table.assign(age_min=table["age_min"].astype("Int64"), age_max=table["age_max"].astype("Int64"))


def _persons(population: pd.DataFrame | None) -> pd.DataFrame:
    if population is None:
        return pd.DataFrame(columns=["destination", "sex", *_AGES, "value"])
    return population.rename(columns={"area": "destination"})


def _telling(figures: pd.DataFrame, every: list[AgeGroup]) -> pd.DataFrame:
    """Return the figures of the series that tell every group: a newer total, or one of another source, hides none."""
    series = [*CORRIDOR_KEY, *_SOURCE, "reference_date", "sex"]
    figures = figures[figures["value"].notna()]
    if figures.empty:
        return figures
    shape = _shapes(figures, series)
    tells = {pairs: bool(_known(pairs, every)) for pairs in set(shape)}
    return figures[
        figures[series].merge(shape.map(tells).rename("tells").reset_index(), how="left")["tells"].to_numpy()
    ]


def _best(figures: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the figures of each key that are of the first source, of its newest date."""
    if figures.empty:
        return figures
    of_source = figures.assign(rank=figures.groupby(_SOURCE, sort=False).ngroup())
    first = of_source.groupby(key)["rank"].transform("min")
    chosen = of_source[of_source["rank"] == first]
    newest = chosen.groupby(key)["reference_date"].transform("max")
    return chosen[chosen["reference_date"] == newest].drop(columns="rank")


def _official(
    table: pd.DataFrame, known: pd.DataFrame, sexes: tuple[str, ...], every: list[AgeGroup]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return persons of the newest official composition of each row, whose it is, and its day."""
    own = _best(known[~known["origin"].isin(NO_ORIGIN)], CORRIDOR_KEY)
    of_all = _best(known[known["origin"] == FOREIGN], ["destination"])
    persons, basis = np.full(len(table), np.nan), np.full(len(table), "", dtype=object)
    days = np.full(len(table), "", dtype=object)
    for name, figures, key in ((CORRIDOR, own, CORRIDOR_KEY), (DESTINATION, of_all, ["destination"])):
        values = _of_groups(table, figures, key, sexes, every)
        day = figures.drop_duplicates(key).set_index(key)["reference_date"] if len(figures) else pd.Series(dtype=object)
        fresh = np.isnan(persons) & ~np.isnan(values)
        persons[fresh], basis[fresh] = values[fresh], name
        named = pd.MultiIndex.from_frame(table[key]) if len(key) > 1 else pd.Index(table[key[0]])
        days[fresh] = day.reindex(named).fillna("").to_numpy(dtype=object)[fresh]
    return persons, basis, days


def _of_groups(
    table: pd.DataFrame, figures: pd.DataFrame, key: list[str], sexes: tuple[str, ...], every: list[AgeGroup]
) -> np.ndarray:
    """Return persons of each row's group, bridged from the age groups that its area or corridor has."""
    parts = [
        pd.DataFrame(bridged_rows, columns=[*key, "sex", *_AGES, "persons"])
        for bridged_rows in _bridged(figures, key, sexes, every)
    ]
    if not parts:
        return np.full(len(table), np.nan)
    right = pd.concat(parts, ignore_index=True).drop_duplicates([*key, "sex", *_AGES])
    joined = _keyed(table[[*key, "sex", *_AGES]]).merge(_keyed(right), on=[*key, "sex", *_AGES], how="left")
    values: np.ndarray = joined["persons"].to_numpy(dtype=float)
    return values


def _bridged(
    figures: pd.DataFrame, key: list[str], sexes: tuple[str, ...], every: list[AgeGroup]
) -> Iterator[pd.DataFrame]:
    """Yield persons of the groups, for the series that have the same age groups at a time."""
    if figures.empty:
        return
    series = [*key, "sex"]
    figures = _ended(figures[figures["sex"].isin(sexes) & figures["value"].notna()])
    figures = figures.drop_duplicates([*series, "low", "upper"])
    shape = _shapes(figures, series)
    for pairs in shape.unique():
        named, known = shape.index[[of == pairs for of in shape]], _known(pairs, every)
        if not known:
            continue
        wide = figures.set_index(series).loc[list(named)].reset_index()
        wide = wide.pivot_table(index=series, columns=["low", "upper"], values="value", aggfunc="first")
        counts = wide[[(float(low), _upper(high)) for low, high in known]].to_numpy(dtype=float)
        persons = bridged(counts, known, sorted(every))
        for place, (low, high) in enumerate(sorted(every)):
            rows = wide.index.to_frame(index=False)
            yield rows.assign(age_min=low, age_max=high, persons=persons[:, place]).astype({"age_max": "Int64"})


def _ended(figures: pd.DataFrame) -> pd.DataFrame:
    upper = figures["age_max"].astype("Float64").fillna(_END).astype(float)
    return figures.assign(low=figures["age_min"].astype(float), upper=upper)


def _shapes(figures: pd.DataFrame, series: list[str]) -> pd.Series:
    """Return the age groups of each series."""
    ended = _ended(figures)
    pairs = pd.Series(list(zip(ended["low"], ended["upper"], strict=True)), index=ended.index, dtype=object)
    shapes: pd.Series = pairs.groupby([ended[name] for name in series]).agg(lambda of: tuple(sorted(set(of))))
    return shapes


def _known(pairs: tuple[tuple[float, float], ...], every: list[AgeGroup]) -> list[AgeGroup]:
    """Return age groups of an office that hold no other and follow each other over all that is wanted; else none.

    A single one tells itself alone.
    """
    offered = [Ages(int(low), None if high >= _END else int(high)) for low, high in pairs]
    low, high = min(every)[0], max(_upper(group[1]) for group in every)
    parts, fault = partition_of(None, offered)
    covers = bool(parts) and parts[0].minimum <= low and _upper(parts[-1].maximum) >= high
    known = [(part.minimum, part.maximum) for part in parts]
    return [] if fault or not covers or (len(known) < 2 and known != every) else known
