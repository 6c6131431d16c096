"""What is published about a world, and what is true of it, as contract tables.

Persons are rounded so that parts add up: sexes and ages to their total, exactly.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.platforms.meta import locales
from smstock.sandbox import audiences, languages
from smstock.sandbox.cities import by_code
from smstock.sandbox.regions import regions
from smstock.sandbox.world import month_after
from smstock.tables import POPULATION, SEX, STOCK, USERS, check
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from smstock.sandbox.parameters import Provider
    from smstock.sandbox.world import Numbers, World

WHOLE = (Ages(0),)
"""Every age together."""


def reference_dates(provider: Provider, edition: str) -> tuple[str, ...]:
    """Return the reference dates (ISO 8601) of an edition: those published until its month.

    Examples
    --------
    >>> from smstock.sandbox.parameters import REGISTERS
    >>> reference_dates(REGISTERS, "2017-03")
    ('2015-01-01', '2016-01-01')
    """
    dates = []
    month = provider.first[:7]
    while month_after(month, provider.lag) <= edition:
        dates.append(month + provider.first[7:])
        month = month_after(month, 12 * provider.every)
    return tuple(dates)


def newest_edition(provider: Provider, month: str) -> str:
    """Return the newest edition (its month of publication) that is out in a month; empty if none is yet.

    Examples
    --------
    >>> from smstock.sandbox.parameters import REGISTERS
    >>> newest_edition(REGISTERS, "2026-11"), newest_edition(REGISTERS, "2015-12")
    ('2026-03', '')
    """
    dates = reference_dates(provider, month)
    return month_after(dates[-1][:7], provider.lag) if dates else ""


def stock(
    world: World,
    provider: Provider,
    edition: str,
    *,
    destinations: Sequence[str] = (),
    origins: Sequence[str] = (),
    ages: Sequence[Ages] = WHOLE,
) -> pd.DataFrame:
    """Return the stock table of a provider's edition: what it counted, by sex and ages, at every reference date.

    A destination that does not report has rows without a value, flagged ``:``. Destinations and origins are all of the
    world's unless named; nobody is a migrant at home, so that corridor has no row.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.parameters import COMPILER
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("AUT", "DEU"), origins=("SRB",))
    >>> table = stock(world, COMPILER, "2016-01", destinations=["AUT"])
    >>> table[["destination", "origin", "sex", "reference_date"]].values.tolist()[0]
    ['AUT', 'SRB', 'all', '2015-07-01']
    """
    destinations, origins = tuple(destinations or world.areas), tuple(origins or world.origins)
    places, home = _places(world.areas, destinations), _places(world.origins, origins)
    office = world.parameters.providers.index(provider)
    missed = np.where(world.reports[office], world.undercount[office], np.nan)[places, None]
    women = world.women[places][:, home, None]
    schedule = world.schedule[places][:, home]
    dates = reference_dates(provider, edition)
    values = []
    for date in dates:
        counted = (world.stock[world.month_number(date[:7])][places][:, home] * (1 - missed))[:, :, None] * schedule
        values.append(_whole_numbers(np.stack([counted * women, counted * (1 - women)], axis=2), ages))
    axes = {"reference_date": dates, "destination": destinations, "origin": origins}
    table = _table(axes, ages, np.array(values))
    table = table[table["destination"] != table["origin"]]
    return check(
        table.assign(
            provider=provider.name,
            dataset=provider.dataset,
            edition=edition,
            concept=provider.concept,
            flags=table["value"].isna().map({True: ":", False: ""}),
            retrieved_at="",
        ),
        STOCK,
    )


def population(
    world: World, dates: Sequence[str], *, areas: Sequence[str] = (), ages: Sequence[Ages] = WHOLE
) -> pd.DataFrame:
    """Return the population table of the world at some dates (ISO 8601), of all areas unless they are named.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("AUT",), origins=("SRB",))
    >>> table = population(world, ["2026-07-01"], areas=["AUT"], ages=[Ages(0), Ages(18)])
    >>> table[["area", "sex", "age_min"]].values.tolist()[:3]
    [['AUT', 'all', 0], ['AUT', 'all', 18], ['AUT', 'female', 0]]
    """
    areas = tuple(areas or world.areas)
    places = _places(world.areas, areas)
    people = [world.population[places] * world.growth(date[:7])[places, None, None] for date in dates]
    table = _table({"reference_date": dates, "area": areas}, ages, _whole_numbers(np.array(people), ages))
    return check(table.assign(provider="simulated", edition="true"), POPULATION)


def users(world: World, month: str, *, areas: Sequence[str] = (), ages: Sequence[Ages] = WHOLE) -> pd.DataFrame:
    """Return the users table of a month: all accounts as they are, neither rounded as displayed nor floored.

    Nobody below the age of 13 has an account.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("AUT",), origins=("SRB",))
    >>> table = users(world, "2026-11", areas=["AUT"], ages=[Ages(18)])
    >>> both, women, men = table["value"].tolist()
    >>> both == women + men
    True
    """
    areas = tuple(areas or world.areas)
    places = _places(world.areas, areas)
    accounts = (world.population * world.penetration)[places] * world.growth(month)[places, None, None]
    table = _table({"area": areas}, ages, _whole_numbers(accounts, ages))
    return check(table.assign(platform="meta", asked_at=f"{month}-15T00:00:00Z", source="simulated"), USERS)


def truth(
    world: World, month: str, *, destinations: Sequence[str] = (), origins: Sequence[str] = (), ages: Ages = WHOLE[0]
) -> pd.DataFrame:
    """Return what is true of each corridor in a month: columns month, destination, origin, sex, stock, audience.

    ``stock`` is persons of every age, ``audience`` accounts of the given ages as the platform counts them, before it
    rounds. Neither is rounded to whole numbers. Destinations are areas of the world, all unless named, and codes of
    regions and cities.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("AUT", "ESP"), origins=("SRB",))
    >>> table = truth(world, "2026-11", destinations=["ESP", "ES-MD-1"], ages=Ages(18))
    >>> table[["destination", "origin", "sex"]].values.tolist()[2:4]
    [['ESP', 'SRB', 'male'], ['ES-MD-1', 'SRB', 'all']]
    """
    destinations, origins = tuple(destinations or world.areas), tuple(origins or world.origins)
    parts = [by_code().get(destination) for destination in destinations]
    lands = [
        destination if part is None else part.country for destination, part in zip(destinations, parts, strict=True)
    ]
    places, home = _places(world.areas, tuple(lands)), _places(world.origins, origins)
    inside = [[1.0 if part is None else part.share_of(origin, month) for origin in origins] for part in parts]
    persons = world.stock[world.month_number(month)][places][:, home] * inside
    women = world.women[places][:, home]
    by_sex = np.stack([persons * women, persons * (1 - women)], axis=-1)
    labels = audiences.labels(world, month, places, ages)[:, home]
    accounts = [[1.0 if part is None else part.accounts_of(origin, month) for origin in origins] for part in parts]
    labels *= np.array(accounts)[..., None]
    table = _corridors(month, destinations, origins, by_sex, labels)
    abroad = table["destination"].map(dict(zip(destinations, lands, strict=True))) != table["origin"]
    return table[abroad].reset_index(drop=True)


def truth_by_language(
    world: World, month: str, *, destinations: Sequence[str] = (), origins: Sequence[str] = (), ages: Ages = WHOLE[0]
) -> pd.DataFrame:
    """Return what is true of each corridor by language: columns as those of `truth`.

    ``stock`` is persons from the origin, of every age; ``audience`` accounts of the given ages that use a language
    which stands for it, whoever uses them. Origins are those of the world and all with a language of their own.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("AUT", "UKR"), origins=("SRB",))
    >>> table = truth_by_language(world, "2026-11", destinations=["AUT"], origins=["UKR"])
    >>> table["sex"].tolist(), bool((table["audience"] < table["stock"]).all())
    (['all', 'female', 'male'], True)
    """
    tongues = languages.of(world)
    destinations, origins = tuple(destinations or world.areas), tuple(origins or tongues.world.origins)
    places = _places(world.areas, destinations)
    table = truth(tongues.world, month, destinations=destinations, origins=origins, ages=ages)
    audience = np.zeros((len(destinations), len(origins), 2))
    for column, origin in enumerate(origins):
        own = frozenset(locale.number for locale in locales.of_origin(origin))
        natives, migrants = audiences.speaking(world, month, places, ages, own)
        audience[:, column] = natives + migrants.sum(axis=1)
    spoken = _corridors(month, destinations, origins, np.zeros_like(audience), audience)
    keys = ["month", "destination", "origin", "sex"]
    return table.drop(columns="audience").merge(spoken.drop(columns="stock"), on=keys, validate="1:1")


def _corridors(
    month: str, destinations: Sequence[str], origins: Sequence[str], stock: Numbers, audience: Numbers
) -> pd.DataFrame:
    """Return a table of stocks and audiences by destination, origin and the two sexes, with both sexes together."""
    axes = {"month": (month,), "destination": destinations, "origin": origins, "sex": SEX.allowed}
    table = _frame(axes, _with_both(stock)[None]).rename(columns={"value": "stock"})
    return table.assign(audience=_with_both(audience).ravel())


def of_regions(table: pd.DataFrame, country: str, end: str, value: str = "value") -> pd.DataFrame:
    """Return the rows of a country as rows of its regions, which add up to it: persons and accounts stay whole.

    Parameters
    ----------
    table, end
        A table of stocks or truths, and its column of areas.
    country
        A country that has regions.
    value
        The column to divide: by the share of the migrants of each origin in the month that the row is about.

    Examples
    --------
    >>> rows = {"destination": "DEU", "origin": "POL", "reference_date": "2020-07-01", "value": [1000.0, None]}
    >>> regions_of = of_regions(pd.DataFrame(rows), "DEU", "destination")
    >>> len(regions_of), float(regions_of["value"].sum())
    (32, 1000.0)
    """
    rows = table[table[end] == country]
    members = [region for region in regions() if region.country == country]
    months = rows["month"] if "month" in rows else rows["reference_date"].str[:7]
    shares = np.array(
        [
            [region.share_of(origin, month) for region in members]
            for origin, month in zip(rows["origin"], months, strict=True)
        ]
    ).reshape(len(rows), len(members))
    running = np.rint((rows[value].to_numpy(dtype=float)[:, None] * shares).cumsum(axis=1).round(6))
    parts = np.diff(running, axis=1, prepend=0)
    tables = [rows.assign(**{end: region.code, value: parts[:, place]}) for place, region in enumerate(members)]
    return pd.concat(tables, ignore_index=True)


def _places(among: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    return [among.index(name) for name in names]


def _whole_numbers(parts: Numbers, ages: Sequence[Ages]) -> Numbers:
    """Return whole persons by sex (all, female, male) and age range, from parts by sex and single year.

    What is rounded is the running sum over sexes and ages, so that every sum of parts is within half a person of the
    sum of what was rounded.
    """
    running = np.rint(parts.reshape(*parts.shape[:-2], -1).cumsum(axis=-1))
    persons = np.diff(running, prepend=0).reshape(parts.shape)
    ranges = [
        persons[..., age_range.minimum : None if age_range.maximum is None else age_range.maximum + 1].sum(axis=-1)
        for age_range in ages
    ]
    return np.moveaxis(_with_both(np.stack(ranges, axis=-2)), -1, -2)


def _with_both(by_sex: Numbers) -> Numbers:
    """Put both sexes together before the two on the last axis."""
    return np.concatenate([by_sex.sum(axis=-1, keepdims=True), by_sex], axis=-1)


def _table(axes: Mapping[str, Sequence[str]], ages: Sequence[Ages], values: Numbers) -> pd.DataFrame:
    """Return a table of values by some axes, sex and ages."""
    table = _frame({**axes, "sex": SEX.allowed, "ages": ages}, values)
    table["age_min"] = [age_range.minimum for age_range in table["ages"]]
    table["age_max"] = [age_range.maximum for age_range in table["ages"]]
    return table


def _frame(axes: Mapping[str, Sequence[Any]], values: Numbers) -> pd.DataFrame:
    """Return one row for each element of an array, named by its place on each axis."""
    table = pd.DataFrame(list(product(*axes.values())), columns=list(axes))
    table["value"] = values.ravel()
    return table
