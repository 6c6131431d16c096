"""Corridors as the level model reads them: arrays, taken out of their table once for all folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd

from smstock.corridors.covariates import covariates, usual_audience
from smstock.models.censored import below_floor
from smstock.models.offsets import Labels
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    Coded = tuple[np.ndarray, np.ndarray | pd.Index]

ENDS: Final = ("origin", "destination", "country", "origin in country")
"""Both ends, the country that the destination is or is a place of, and the origin there: columns of ``places``."""
COLUMNS: Final = (*("places", "stock", "audience", "bound", "last", "lag", "foreign", "features", "usable", "floored"),)
"""What has an element, or a row, for each corridor, beside the labels."""


@dataclass(frozen=True, eq=False)
class Readings:
    """What the level model reads of corridors; numbers are logarithms, but for ``lag``, and NaN where there are none.

    Attributes
    ----------
    areas
        All areas of each of the `ENDS`, in alphabetical order.
    names
        Names of the columns of ``features``.
    places
        Place of each corridor's areas among these, shape (corridors, ends).
    stock, audience, bound, last, lag
        Stock, usual audience, upper bound of the audience, last official figure and its age in years.
    foreign
        Accounts of the destination that lived in any other country.
    features
        Covariates, shape (corridors, names).
    labels
        Concepts and providers.
    usable, floored
        Which corridors the method can use, and which have an audience below the floor.

    Examples
    --------
    >>> table = pd.DataFrame({"destination": ["DEU", "AUT"], "origin": "SRB", "audience": [1000.0, None]})
    >>> readings = Readings.of(table, (), (), np.array([True, False]))
    >>> readings.present(1), readings.taken(np.array([True, False])).present(1)
    (['AUT', 'DEU'], ['DEU'])
    >>> readings.placed(1, ["DEU", "POL"]).tolist(), readings.audience.round(1).tolist()
    ([0, -1], [6.9, nan])
    """

    areas: tuple[np.ndarray, ...]
    names: list[str]
    places: np.ndarray
    stock: np.ndarray
    audience: np.ndarray
    bound: np.ndarray
    last: np.ndarray
    lag: np.ndarray
    foreign: np.ndarray
    features: np.ndarray
    labels: Labels
    usable: np.ndarray
    floored: np.ndarray

    @classmethod
    def of(cls, corridors: pd.DataFrame, known: tuple[str, ...], labels: tuple[str, ...], usable: np.ndarray) -> Self:
        """Return the readings of a corridor table: covariates by name, and the labels that it has."""
        origins, destinations = (
            pd.factorize(corridors[end].astype(object), sort=True) for end in ("origin", "destination")
        )
        places, areas = zip(*_with_countries(origins, destinations), strict=True)

        def numbers(column: str) -> np.ndarray:
            absent = np.full(len(corridors), np.nan)
            return corridors[column].to_numpy(dtype=float) if column in corridors.columns else absent

        features = covariates(corridors, known)
        return cls(
            areas=tuple(map(np.asarray, areas)),
            names=list(map(str, features)),
            places=np.stack(places, axis=1),
            stock=_logarithms(numbers("stock")),
            audience=_logarithms(usual_audience(corridors)),
            bound=_logarithms(numbers("audience_upper")),
            last=_logarithms(numbers("official_last")),
            lag=numbers("lag"),
            foreign=_logarithms(numbers("audience_foreign")),
            features=features.to_numpy(dtype=float),
            labels=Labels.of(corridors, labels),
            usable=usable,
            floored=below_floor(corridors),
        )

    def taken(self, rows: np.ndarray) -> Readings:
        """Return the readings of some corridors."""
        taken = {name: getattr(self, name)[rows] for name in COLUMNS}
        return replace(self, **taken, labels=self.labels.taken(rows))

    def expecting(self, audience: np.ndarray) -> Readings:
        """Return the readings with the log audiences that are expected of corridors that cannot be used as they are.

        Of the daily accounts of these nothing is known.
        """
        expected, features = ~self.usable, self.features.copy()
        for name, figures in (("daily", np.full(len(features), np.nan)), ("share_of_foreign", audience - self.foreign)):
            if name in self.names:
                features[expected, self.names.index(name)] = figures[expected]
        return replace(self, audience=np.where(expected, audience, self.audience), features=features)

    def covariates(self, names: Collection[str]) -> np.ndarray:
        """Return covariates by name, NaN where the table had none; shape (corridors, names)."""
        chosen = np.full((len(self.places), len(names)), np.nan)
        for column, name in enumerate(names):
            if name in self.names:
                chosen[:, column] = self.features[:, self.names.index(name)]
        return chosen

    def present(self, end: int) -> list[str]:
        """Return the areas that some corridor has at an end, in alphabetical order."""
        return [str(name) for name in self.areas[end][np.unique(self.places[:, end])]]

    def of_several(self) -> tuple[list[str], list[str]]:
        """Return the countries of several destinations, where there are others too, and the origins in these.

        Examples
        --------
        >>> table = pd.DataFrame({"destination": ["DE-BE", "DE-BY", "AUT"], "origin": "SRB", "audience": 10.0})
        >>> Readings.of(table, (), (), np.ones(3, dtype=bool)).of_several()
        (['DEU'], ['SRB:DEU'])
        """
        pairs = np.unique(self.places[:, 1:3], axis=0)
        names, counts = self.areas[2], np.bincount(pairs[:, 1], minlength=len(self.areas[2]))
        several = [str(name) for name in names[counts > 1] if name] if (counts > 0).sum() > 1 else []
        return several, [name for name in self.present(3) if name.partition(":")[2] in several]

    def placed(self, end: int, fitted: Iterable[str]) -> np.ndarray:
        """Return the place of each corridor's area among those fitted, -1 where it is none of them."""
        places = {name: place for place, name in enumerate(fitted)}
        among = np.array([places.get(name, -1) for name in self.areas[end].tolist()], dtype=int)
        placed: np.ndarray = among[self.places[:, end]]
        return placed


def _with_countries(origins: Coded, destinations: Coded) -> list[Coded]:
    """Return origins, destinations, their countries and the pairs of origin and country, each as codes and names."""
    of_destination, countries = pd.factorize(np.array([*map(country_of, destinations[1]), ""], dtype=object), sort=True)
    country = of_destination[:-1][destinations[0]]
    pairs, pair = np.unique(origins[0] * len(countries) + country, return_inverse=True)
    named = [f"{origins[1][number // len(countries)]}:{countries[number % len(countries)]}" for number in pairs]
    return [origins, destinations, (country, countries), (pair, np.array(named, dtype=object))]


def _logarithms(numbers: np.ndarray) -> np.ndarray:
    logarithms: np.ndarray = np.log(np.where(numbers > 0, numbers, np.nan))
    return logarithms
