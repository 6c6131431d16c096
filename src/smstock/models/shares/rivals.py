"""The plain ways to a composition, which any other has to beat: official shares kept, and shares of the audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from smstock.models.shares.audiences import filled, usual_audiences
from smstock.models.shares.base import ShareMethod
from smstock.models.shares.compositions import Compositions, shares

CORRIDOR = "corridor"
"""The basis of an official composition that is of the corridor itself."""


def of_corridor(of: Compositions) -> np.ndarray:
    """Return which corridors have an official composition of their own.

    Examples
    --------
    >>> from smstock.models.shares.compositions import Compositions
    >>> ends, nothing = np.array(["A", "B"], dtype=object), np.full((2, 1), np.nan)
    >>> official, basis = np.array([[9.0], [7.0]]), np.array(["corridor", "destination"], dtype=object)
    >>> of_corridor(Compositions(ends, ends, ((),), *[nothing] * 4, official, basis, nothing, (False,))).tolist()
    [True, False]
    """
    own: np.ndarray = (of.basis == CORRIDOR) & np.isfinite(of.official).all(axis=1)
    return own


@dataclass(frozen=True, kw_only=True)
class OfficialShares(ShareMethod):
    """The official composition kept: of the corridor, else of its origin in the destinations that have one.

    Without either it is that of all origins at the destination, else of everybody learnt from.

    Attributes
    ----------
    usual
        Shares of each origin, over the destinations it was fitted on, and of all origins together (``""``).
    """

    name: ClassVar[str] = "official_shares"
    source: ClassVar[str] = "the official figure kept"
    usual: dict[str, tuple[float, ...]]

    @classmethod
    def fit(cls, of: Compositions) -> Self:
        """Return the method fitted on the corridors whose stock is known."""
        known = np.isfinite(of.total) & (of.total > 0)
        usual = {"": of.stock[known].sum(axis=0)}
        for origin in np.unique(of.origin[known]):
            usual[str(origin)] = of.stock[known & (of.origin == origin)].sum(axis=0)
        return cls(usual={name: tuple((persons / persons.sum()).tolist()) for name, persons in usual.items()})

    def predict(self, of: Compositions) -> np.ndarray:
        """Return shares by corridor and group."""
        own = shares(of.official)
        everybody = np.array(self.usual[""])
        elsewhere = np.array([self.usual.get(origin, (np.nan,) * len(everybody)) for origin in of.origin])
        expected = np.where((of.basis == CORRIDOR)[:, None], own, elsewhere.reshape(len(of), -1))
        expected = np.where(np.isnan(expected), own, expected)
        return np.where(np.isnan(expected), everybody, expected)


@dataclass(frozen=True, kw_only=True)
class GroupShares(OfficialShares):
    """The newest official composition at the destination: of the corridor, else of the group that its origin is of.

    Without either it is that of the origin in the destinations that have one, else of everybody learnt from.
    """

    name: ClassVar[str] = "group_shares"
    source: ClassVar[str] = "the official figure of a group of origins"

    def predict(self, of: Compositions) -> np.ndarray:
        """Return shares by corridor and group."""
        at_destination = shares(of.official)
        return np.where(np.isnan(at_destination), super().predict(of), at_destination)


@dataclass(frozen=True, kw_only=True)
class AudienceShares(OfficialShares):
    """Shares of the audience, as if accounts were persons; groups that were not asked keep their official share."""

    name: ClassVar[str] = "audience_shares"
    source: ClassVar[str] = "the audience as it is"
    audiences: dict[str, tuple[float, ...]]

    @classmethod
    def fit(cls, of: Compositions) -> Self:
        """Return the method; of audiences it learns what is usual below the floor."""
        return cls(usual=OfficialShares.fit(of).usual, audiences=usual_audiences(of))

    def predict(self, of: Compositions) -> np.ndarray:
        """Return shares by corridor and group; not a number where an answer is missing."""
        expected = super().predict(of)
        asked = of.asked
        if asked.any():
            of_asked = expected[:, asked].sum(axis=1, keepdims=True)
            expected[:, asked] = of_asked * shares(self._persons(of))
        return np.where(np.isnan(expected).any(axis=1, keepdims=True) | ~asked.any(), np.nan, expected)

    def _persons(self, of: Compositions) -> np.ndarray:
        return filled(of, self.audiences)


@dataclass(frozen=True, kw_only=True)
class EqualPenetration(AudienceShares):
    """Shares of the audience over penetration: migrants use the platform as everybody of their sex and age does.

    Zagheni, Weber and Gummadi 2017, doi 10.1111/padr.12102, and Spyratos et al. 2018, doi 10.2760/964282, by group.
    Not a number where users or population are not known.
    """

    name: ClassVar[str] = "equal_penetration"
    source: ClassVar[str] = "Spyratos et al. 2018, by group, penetration of the destination"

    def _persons(self, of: Compositions) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            penetration = (of.users / of.population)[:, of.asked]
            return np.where(penetration > 0, super()._persons(of) / penetration, np.nan)
