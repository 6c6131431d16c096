"""Drawing a world: sizes of countries and corridors, penetration, growth, the parts of the label error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from smstock.sandbox.parameters import Parameters
from smstock.sandbox.world import MOST_LABELLED, OLDEST, YOUNGEST_ACCOUNT, World, month_after
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from smstock.sandbox.world import Numbers


def simulate(
    rng: np.random.Generator,
    parameters: Parameters | None = None,
    *,
    areas: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
) -> World:
    """Return a world drawn from its parameters; the same generator state and arguments give the same world.

    Parameters
    ----------
    rng
        Source of everything that is drawn.
    parameters
        Sizes of the effects; the defaults of `Parameters` if left out.
    areas, origins
        ISO 3166-1 alpha-3 codes; all that Meta has answered for, and all it has a category for, if left out. Origins
        are areas too.

    Examples
    --------
    >>> import numpy as np
    >>> world = simulate(np.random.default_rng(1), areas=("AUT", "DEU"), origins=("SRB",))
    >>> world.areas, world.stock.shape, bool((world.stock >= 0).all())
    (('AUT', 'DEU', 'SRB'), (192, 3, 1), True)
    """
    parameters = parameters or Parameters()
    providers = parameters.providers
    origins = origins or countries.group("meta-origins")
    areas = tuple(sorted({*(areas or countries.group("meta-destinations")), *origins}))
    people, growth = _people(rng, len(areas))
    penetration = _penetration(rng, len(areas))
    shape = (len(areas), len(origins))
    stock = _stock(rng, parameters, people.sum(axis=(1, 2)), [areas.index(origin) for origin in origins])
    world = World(
        parameters=parameters,
        areas=areas,
        origins=origins,
        population=people,
        population_growth=growth,
        penetration=penetration,
        stock=stock,
        women=_logistic(rng.normal(0, 0.3, shape)),
        schedule=_schedule(rng, shape),
        origin_bias=rng.normal(0, parameters.origin_sd, shape[1]),
        destination_bias=rng.normal(0, parameters.destination_sd, shape[0]),
        corridor_bias=rng.normal(0, parameters.corridor_sd, shape),
        gender_gap=rng.normal(0, parameters.gender_gap_sd, shape[1]),
        breaks=_breaks(rng, parameters, shape),
        noise=rng.normal(0, parameters.noise_sd, (parameters.months, *shape)),
        undercount=np.stack([rng.normal(p.undercount, p.undercount_sd, len(areas)) for p in providers]).clip(0, 0.5),
        reports=np.stack([rng.random(len(areas)) < p.reporting for p in providers]),
    )
    return _with_room_for_natives(world)


class Corridors(NamedTuple):
    """Stocks of corridors (months, areas, origins), the share of women in each, and of each age."""

    stock: Numbers
    women: Numbers
    schedule: Numbers


def corridors(rng: np.random.Generator, parameters: Parameters, world: World, origins: tuple[str, ...]) -> Corridors:
    """Return stocks of further origins of a world, areas of it, drawn as those of its own origins.

    Examples
    --------
    >>> import numpy as np
    >>> world = simulate(np.random.default_rng(1), areas=("AUT", "UKR"), origins=("SRB",))
    >>> corridors(np.random.default_rng(2), world.parameters, world, ("UKR",)).stock.shape
    (192, 3, 1)
    """
    shape = (len(world.areas), len(origins))
    people = world.population.sum(axis=(1, 2))
    return Corridors(
        _stock(rng, parameters, people, [world.areas.index(origin) for origin in origins]),
        _logistic(rng.normal(0, 0.3, shape)),
        _schedule(rng, shape),
    )


def _logistic(numbers: Numbers) -> Numbers:
    share: Numbers = 1 / (1 + np.exp(-numbers))
    return share


def _people(rng: np.random.Generator, areas: int) -> tuple[Numbers, Numbers]:
    """Draw populations by sex and age: a pyramid that narrows by 0 to 3 % a year of age, and more women in old age."""
    age = np.arange(OLDEST + 1)
    pyramid = np.exp(-rng.uniform(0, 0.03, areas)[:, None] * age) * _logistic((78 - age) / 7)
    pyramid *= np.exp(rng.normal(16, 1.3, areas) - np.log(pyramid.sum(axis=1)))[:, None]
    women = 0.488 + 0.0018 * np.maximum(age - 30, 0)
    return np.stack([pyramid * women, pyramid * (1 - women)], axis=1), rng.normal(0.005, 0.008, areas)


def _penetration(rng: np.random.Generator, areas: int) -> Numbers:
    """Draw accounts per person: highest around the age of 28, none below 13, women and men apart by area."""
    age = np.arange(OLDEST + 1)
    curve = 0.4 - ((age - 28) / 30) ** 2
    half = rng.normal(0, 0.15, areas) / 2
    level = rng.normal(0, 0.8, areas)[:, None] + np.stack([half, -half], axis=1)
    return np.where(age < YOUNGEST_ACCOUNT, 0, _logistic(level[:, :, None] + curve))


def _stock(rng: np.random.Generator, parameters: Parameters, people: Numbers, home: list[int]) -> Numbers:
    """Draw stocks: a share of each destination's people, divided over origins, then moved along a damped trend."""
    corridors = (len(people), len(home))
    weight = people[home] ** 0.8 * np.exp(rng.normal(0, parameters.corridor_spread_sd, corridors))
    weight[home, np.arange(len(home))] = 0
    median = np.log(parameters.migrants / (1 - parameters.migrants))
    migrants = people * _logistic(rng.normal(median, 0.8, len(people)))
    first = weight * (migrants / np.maximum(weight.sum(axis=1), 1e-9))[:, None]
    yearly = sum(rng.normal(0, parameters.growth_sd, shape) for shape in (corridors[1], (corridors[0], 1), corridors))
    growth = np.empty((parameters.months, *corridors))
    shocks = rng.normal(0, parameters.shock_sd, growth.shape)
    growth[0] = 0
    now = trend = yearly / 12
    for month in range(1, parameters.months):
        now = parameters.damping * now + (1 - parameters.damping) * trend + shocks[month]
        growth[month] = now
    moved: Numbers = first * np.exp(growth.cumsum(axis=0))
    return moved


def _schedule(rng: np.random.Generator, corridors: tuple[int, int]) -> Numbers:
    """Draw the share of each age in a stock: a bell of working age, its middle moved by origin and destination."""
    middle = 38 + rng.normal(0, 4, (corridors[0], 1)) + rng.normal(0, 5, corridors[1])
    bell = np.exp(-(((np.arange(OLDEST + 1) - middle[:, :, None]) / 16) ** 2) / 2)
    share: Numbers = bell / bell.sum(axis=-1, keepdims=True)
    return share


def _breaks(rng: np.random.Generator, parameters: Parameters, corridors: tuple[int, int]) -> Numbers:
    factors = [
        np.log(break_.factor)
        + rng.normal(0, break_.origin_sd, corridors[1])
        + rng.normal(0, break_.destination_sd, (corridors[0], 1))
        + rng.normal(0, break_.corridor_sd, corridors)
        for break_ in parameters.breaks
    ]
    return np.stack(factors) if factors else np.zeros((0, *corridors))


def _with_room_for_natives(world: World) -> World:
    """Lower the destination biases under which labels would hold more accounts than there are."""
    months = [month_after(world.parameters.first_month, place) for place in range(world.parameters.months)]
    most = np.max([world.labelled(month) / world.growth(month)[:, None] for month in months], axis=0)
    accounts = np.diff(world.users_below)
    held = np.einsum("do,dosa->dsa", most, np.diff(world.label_rates)) / np.maximum(accounts, 1e-9)
    excess = np.log(np.maximum(held.max(axis=(1, 2)) / MOST_LABELLED, 1))
    return replace(world, destination_bias=world.destination_bias - excess)
