"""What a simulated world is drawn from: sizes of effects, breaks of the platform, statistical offices.

The defaults of the label error were found between audiences and official stocks of the European Union: normal effects
of origin, destination and corridor on the logarithm, and next to no noise from one month to the next. The break is
that of March 2019: audiences times 0.506 at the median, corridors 0.069 around its effects of origin and destination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Break:
    """A month from which the platform labels otherwise.

    ``factor`` is the median ratio of audiences after to before; the deviations are of its logarithm.
    """

    month: str
    factor: float
    origin_sd: float
    destination_sd: float
    corridor_sd: float


@dataclass(frozen=True)
class Provider:
    """A statistical office of the world, and how it publishes.

    Parameters
    ----------
    name, dataset, concept
        As in the stock table.
    first
        First reference date (ISO 8601, the first day of a month); the others follow every ``every`` years.
    every
        Years between reference dates.
    lag
        Months from a reference date to its publication.
    undercount, undercount_sd
        Share of a stock that is not counted: mean and standard deviation over destinations, kept within 0 and 0.5.
    reporting
        Share of destinations that publish.
    """

    name: str
    dataset: str
    concept: str
    first: str
    every: int
    lag: int
    undercount: float
    undercount_sd: float
    reporting: float


REGISTERS: Final = Provider("simulated-registers", "stock by birth", "birth", "2015-01-01", 1, 14, 0.05, 0.04, 0.9)
"""Yearly, late and with gaps, like the registers that Eurostat collects."""

COMPILER: Final = Provider("simulated-compiler", "migrant stock", "mixed", "2015-07-01", 5, 6, 0.12, 0.1, 1.0)
"""Every five years for every destination, like UN DESA's International Migrant Stock."""


@dataclass(frozen=True)
class Parameters:
    """Sizes of everything that is drawn; each ``_sd`` is the standard deviation of a logarithm.

    Parameters
    ----------
    first_month, months
        The span of the world; before and after it the world stands still.
    migrants
        Migrants per inhabitant of a destination, median.
    corridor_spread_sd
        Of the size of a corridor around what the population of its origin predicts.
    growth_sd
        Of a stock's growth a year; origin, destination and corridor contribute this much each.
    shock_sd, damping
        Of a month's shock to growth, and the share of a shock that is left a month later.
    destination_weight
        How far a migrant uses the platform as the destination does (1) or as the origin does (0).
    label_level
        Mean logarithm of labelled accounts per migrant user; returnees and visitors carry the label too.
    origin_sd, destination_sd, corridor_sd, noise_sd
        Of the label error by origin, destination, corridor, and corridor and month.
    gender_gap_sd
        Of labelled women over men, beyond what stock and penetration tell, by origin.
    breaks
        Breaks of the platform.
    providers
        Statistical offices.
    """

    first_month: str = "2015-01"
    months: int = 192
    migrants: float = 0.06
    corridor_spread_sd: float = 1.5
    growth_sd: float = 0.02
    shock_sd: float = 0.001
    damping: float = 0.9
    destination_weight: float = 0.5
    label_level: float = 0.8
    origin_sd: float = 0.3
    destination_sd: float = 0.6
    corridor_sd: float = 0.35
    noise_sd: float = 0.025
    gender_gap_sd: float = 0.15
    breaks: tuple[Break, ...] = (Break("2019-04", 0.506, 0.09, 0.09, 0.069),)
    providers: tuple[Provider, ...] = (REGISTERS, COMPILER)
