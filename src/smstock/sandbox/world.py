"""A simulated world: people, migrants and accounts of every area, month by month, all of it known.

For destination d, origin o, sex s, age a and month t::

    population(t, d, s, a)  = population(d, s, a) x growth
    users(t, d, s, a)       = population(t, d, s, a) x p(d, s, a)
    stock(t, d, o, s, a)    = stock(t, d, o) x share of the sex x share of the age
    audience(t, d, o, s, a) = stock(t, d, o, s, a) x (W p(d, s, a) + (1 - W) p(o, s, a))
                              x exp(level + origin + destination + corridor + gender gap + breaks until t + noise(t))

p is penetration, W the weight of the destination; the logarithm of a stock follows a damped trend.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from smstock.sandbox.parameters import Parameters

    Numbers = npt.NDArray[np.float64]

OLDEST: Final = 100
"""Ages are single years from 0; the last one is 100 and older."""
YOUNGEST_ACCOUNT: Final = 13
OPEN_AGE: Final = 65
"""The platform does not tell ages of accounts from 65 on."""
SEXES: Final = ("female", "male")
"""The order of the axis of sexes."""
MOST_LABELLED: Final = 0.7
"""Largest share of the accounts of an area, sex and age that the labels of all origins hold together."""


@dataclass(frozen=True, eq=False)
class World:
    """A world as it was drawn: the parameters, and every effect that they yielded.

    Axes follow ``areas`` (every area is a destination), ``origins``, :data:`SEXES`, single years of age, and months
    from ``parameters.first_month`` on.

    Parameters
    ----------
    population
        Persons in the first month: areas, sexes, ages.
    population_growth
        Logarithm a year: areas.
    penetration
        Accounts per person, 0 below the age of 13: areas, sexes, ages.
    stock
        Persons, 0 at home: months, areas, origins.
    women
        Share of women in a stock: areas, origins.
    schedule
        Share of each age in a stock: areas, origins, ages.
    origin_bias, destination_bias, corridor_bias, gender_gap
        Parts of the label error, logarithms: origins; areas; areas, origins; origins. A destination's bias is lowered
        where labels would otherwise hold more than :data:`MOST_LABELLED` of the accounts of a sex and age.
    breaks
        Logarithm of the factor of each break: breaks, areas, origins.
    noise
        Logarithm: months, areas, origins.
    undercount
        Share of a stock that a provider misses: providers, areas.
    reports
        Whether a provider has figures of a destination: providers, areas.
    """

    parameters: Parameters
    areas: tuple[str, ...]
    origins: tuple[str, ...]
    population: Numbers
    population_growth: Numbers
    penetration: Numbers
    stock: Numbers
    women: Numbers
    schedule: Numbers
    origin_bias: Numbers
    destination_bias: Numbers
    corridor_bias: Numbers
    gender_gap: Numbers
    breaks: Numbers
    noise: Numbers
    undercount: Numbers
    reports: npt.NDArray[np.bool_]

    def month_number(self, month: str) -> int:
        """Return the place of a month (``YYYY-MM``) on the axis of months, the nearest end outside the span."""
        return min(max(_months(month) - _months(self.parameters.first_month), 0), self.parameters.months - 1)

    def growth(self, month: str) -> Numbers:
        """Return population and users of a month over those of the first month: areas."""
        grown: Numbers = np.exp(self.population_growth * self.month_number(month) / 12)
        return grown

    def label_bias(self, month: str) -> Numbers:
        """Return the logarithm of the label error in a month, the gender gap left out: areas, origins."""
        number = self.month_number(month)
        past = [
            place for place, break_ in enumerate(self.parameters.breaks) if self.month_number(break_.month) <= number
        ]
        constant = self.parameters.label_level + self.origin_bias + self.destination_bias[:, None] + self.corridor_bias
        biases: Numbers = constant + self.breaks[past].sum(axis=0) + self.noise[number]
        return biases

    def labelled(self, month: str) -> Numbers:
        """Return stock times label error of a month, to be multiplied by `label_rates`: areas, origins."""
        if month not in self._labelled:
            self._labelled[month] = self.stock[self.month_number(month)] * np.exp(self.label_bias(month))
        return self._labelled[month]

    @cached_property
    def _labelled(self) -> dict[str, Numbers]:
        return {}

    @cached_property
    def users_below(self) -> Numbers:
        """All accounts of the first month below each bound of age: areas, sexes, bounds.

        The bounds are the ages 13 to 65, and one above all ages: accounts of an age range lie between two of them.
        """
        return _below(self.population * self.penetration)

    @cached_property
    def label_rates(self) -> Numbers:
        """Labelled accounts per person of a stock below each bound of age: areas, origins, sexes, bounds.

        The part of the label error that `labelled` holds is left out; the bounds are those of `users_below`.
        """
        weight = self.parameters.destination_weight
        home = [self.areas.index(origin) for origin in self.origins]
        rates = np.empty((len(self.areas), len(self.origins), len(SEXES), OPEN_AGE - YOUNGEST_ACCOUNT + 2))
        for sex, (share, sign) in enumerate(((self.women, 1), (1 - self.women, -1))):
            used = weight * self.penetration[:, None, sex] + (1 - weight) * self.penetration[home, sex]
            gap = np.exp(sign * self.gender_gap / 2)[:, None]
            rates[:, :, sex] = _below(share[:, :, None] * self.schedule * used * gap)
        return rates


def month_after(month: str, months: int) -> str:
    """Return the month (``YYYY-MM``) that follows another after some months, negative for before.

    Examples
    --------
    >>> month_after("2026-11", 14), month_after("2026-01", -1)
    ('2028-01', '2025-12')
    """
    year, place = divmod(_months(month) + months, 12)
    return f"{year:04d}-{place + 1:02d}"


def _months(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _below(by_age: Numbers) -> Numbers:
    """Add single years of age up: how many are below 13, 14, ... 65, and how many there are from 13 on."""
    accounts = by_age[..., YOUNGEST_ACCOUNT:]
    shown = accounts[..., : OPEN_AGE - YOUNGEST_ACCOUNT + 1].copy()
    shown[..., -1] = accounts[..., OPEN_AGE - YOUNGEST_ACCOUNT :].sum(axis=-1)
    return np.concatenate([np.zeros_like(shown[..., :1]), shown.cumsum(axis=-1)], axis=-1)
