"""Compositions on the log-ratio scale: what is usual of the origin, moved by what audiences and residents show.

::

    log p_g  =  log u_og  +  sum over k of b_k x_kg  +  constant

- u: shares of the origin over the destinations learnt from, drawn towards those of all origins where persons are few.
- x: how a composition known of the corridor or its destination departs, in centred log-ratios, from what is usual of
  it: the audience's from the origin's audiences everywhere, that of all audiences of the destination, its residents',
  its users', and the official composition where there is one. Women against men and young against old have
  coefficients of their own, since the platform is biased by both.
  Where no composition was known before of any corridor learnt from, its weight cannot be learnt. Then a composition of
  the corridor itself, of n persons, counts n / k observations beside 1 / t, the worth of the expected one (`Spread`).
- b: fitted with a small ridge to the likelihood of multinomial counts whose variance is that of `Spread`, so that a
  sampled corridor of few persons, or a single large one, does not decide.

Log-ratios: Aitchison 1982, doi 10.1111/j.2517-6161.1982.tb01195.x. Composition of migrants from audiences and official
figures by group: Alexander, Polimis and Zagheni 2022, doi 10.1007/s11113-020-09599-3, whose effects of age and state
are pooled here over origins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

import numpy as np

from smstock.models.shares.audiences import filled, usual_audiences
from smstock.models.shares.base import ShareMethod
from smstock.models.shares.compositions import Compositions, shares
from smstock.models.shares.rivals import of_corridor
from smstock.models.shares.spread import Spread, measured, widened

PRIOR: Final = 25.0
"""Observations of all origins that the composition of one origin is drawn towards."""
FIRM: Final = 500.0
"""Accounts at which the departure of an audience counts half."""
RIDGE: Final = 1.0
HALF: Final = 0.5
"""Persons that a group of none is taken to have in all, so that it has a logarithm."""
TINY: Final = 1e-6
TYPICAL: Final = 8.0
FOLDS: Final = 5
STEPS: Final = 30
ENOUGH: Final = 1e-8
"""Step of a coefficient at which the fit ends."""


@dataclass(frozen=True, kw_only=True)
class LogRatioShares(ShareMethod):
    """Shares on the log-ratio scale, from the origin's usual composition and the departures that are seen.

    Attributes
    ----------
    usual
        Logarithms of the shares of each origin, and of all origins (``""``).
    audiences
        Shares of each origin's audiences by group, and of all (``""``).
    residents, users
        Centred logarithms of the mean composition of residents and of users over destinations; empty: not known.
    coefficients
        One for each departure.
    official_learnt
        Whether a composition was known before of any corridor learnt from.
    """

    name: ClassVar[str] = "log_ratio_shares"
    source: ClassVar[str] = "pooled log-ratios (this project)"
    measures_spread: ClassVar[bool] = True
    usual: dict[str, tuple[float, ...]]
    audiences: dict[str, tuple[float, ...]]
    residents: tuple[float, ...]
    users: tuple[float, ...]
    coefficients: tuple[float, ...]
    official_learnt: bool = False

    @classmethod
    def fit(cls, of: Compositions) -> Self:
        """Return the method fitted on the corridors whose stock is known, its variances measured without each fifth."""
        first = cls._fitted(of, Spread())
        folds = _folds(of.destination)
        expected = np.full(of.stock.shape, np.nan)
        for fold in np.unique(folds):
            inside = folds == fold
            expected[inside] = cls._fitted(of.without_stock(inside), first.spread).predict(of.taken(inside))
        known = np.isfinite(of.total) & (of.total > 0) & np.isfinite(expected).all(axis=1)
        stock, expected = of.stock[known], expected[known]
        return cls._fitted(of, widened(measured(stock, expected), stock, expected))

    @classmethod
    def _fitted(cls, of: Compositions, spread: Spread) -> Self:
        known = np.isfinite(of.total) & (of.total > 0)
        weights = np.where(known, spread.weights(of.total), 0.0)
        method = cls(
            spread=spread,
            usual=_usual(of.taken(known), spread.counting),
            audiences=usual_audiences(of),
            residents=_mean(of.population, of.destination),
            users=_mean(of.users, of.destination),
            coefficients=(),
            official_learnt=bool((known & of_corridor(of)).any()),
        )
        taken = of.taken(known)
        offset, departures = method._offset(taken), method._departures(taken)
        fitted = _coefficients(shares(taken.stock), weights[known], offset, departures)
        return replace(method, coefficients=tuple(fitted.tolist()))

    def predict(self, of: Compositions) -> np.ndarray:
        """Return shares by corridor and group."""
        expected = _softmax(self._offset(of) + self._departures(of) @ np.array(self.coefficients))
        return expected if self.official_learnt else self._with_official(expected, of)

    def _with_official(self, expected: np.ndarray, of: Compositions) -> np.ndarray:
        """Return shares expected, drawn towards the official ones of the corridor by the persons these are of."""
        observed = np.where(of_corridor(of), of.official.sum(axis=1), 0.0)[:, None] / self.spread.counting
        worth = 1 / self.spread.shift
        own = np.where(observed > 0, shares(of.official), expected)
        return (worth * expected + observed * own) / (worth + observed)

    def _offset(self, of: Compositions) -> np.ndarray:
        return _of_origins(self.usual, of.origin)

    def _departures(self, of: Compositions) -> np.ndarray:
        """Return departures by corridor, group and kind; 0 where a composition is not known."""
        asked = of.asked
        accounts = filled(of, self.audiences)
        usual = _centred(_of_origins(self.audiences, of.origin))
        size = accounts.sum(axis=1, keepdims=True) if asked.any() else np.full((len(of), 1), np.nan)
        audience = (_centred(accounts) - usual) * (size / (size + FIRM))
        places, number = np.unique(of.destination, return_inverse=True)
        answered = ~np.isnan(size[:, 0])
        of_all = np.zeros((len(places), accounts.shape[1]))
        np.add.at(of_all, number[answered], accounts[answered])
        everybody = np.where(of_all.sum(axis=1, keepdims=True) > 0, of_all, np.nan)[number]
        of_audiences = [
            _among(departure, asked)
            for departure in (audience, _centred(everybody) - _centred(np.array([self.audiences[""]])))
        ]
        kinds = [
            *of_audiences,
            _departure(of.population, self.residents),
            _departure(of.users, self.users),
            self._of_official(of),
        ]
        with np.errstate(divide="ignore"):
            size = np.nan_to_num(np.log(size) - TYPICAL)
        kinds += [size * contrast for contrast in of.contrasts.values()]
        kinds += [_along(kind, contrast) for kind in of_audiences for contrast in of.contrasts.values()]
        departures = np.nan_to_num(np.stack(kinds, axis=-1))
        centred: np.ndarray = departures - departures.mean(axis=1, keepdims=True)
        return centred

    def _of_official(self, of: Compositions) -> np.ndarray:
        """Return the departure of the official composition; none of a corridor's own where it was not learnt from."""
        departure = _centred(of.official) - self._offset_centred(of)
        return departure if self.official_learnt else np.where(of_corridor(of)[:, None], 0.0, departure)

    def _offset_centred(self, of: Compositions) -> np.ndarray:
        offset = self._offset(of)
        centred: np.ndarray = offset - offset.mean(axis=1, keepdims=True)
        return centred


def _folds(destinations: np.ndarray) -> np.ndarray:
    """Return which fold each corridor is in: destinations in turn, in the order of their codes."""
    return np.unique(destinations, return_inverse=True)[1] % FOLDS


def _usual(of: Compositions, counting: float) -> dict[str, tuple[float, ...]]:
    """Return the log shares of each origin: all its persons, with as many of all origins as `PRIOR` observations."""
    everybody = of.stock.sum(axis=0) + HALF
    everybody /= everybody.sum()
    usual = {"": everybody}
    for origin in np.unique(of.origin):
        own = of.stock[of.origin == origin].sum(axis=0) + PRIOR * counting * everybody
        usual[str(origin)] = own / own.sum()
    return {name: tuple(np.log(composition).tolist()) for name, composition in usual.items()}


def _mean(persons: np.ndarray, destinations: np.ndarray) -> tuple[float, ...]:
    """Return the mean centred log composition over destinations; empty where none is known."""
    _, first = np.unique(destinations, return_index=True)
    known = persons[first][~np.isnan(persons[first]).any(axis=1)]
    return tuple(_centred(known).mean(axis=0).tolist()) if len(known) else ()


def _of_origins(by_origin: dict[str, tuple[float, ...]], origins: np.ndarray) -> np.ndarray:
    everybody = by_origin[""]
    return np.array([by_origin.get(origin, everybody) for origin in origins]).reshape(len(origins), len(everybody))


def _centred(counts: np.ndarray) -> np.ndarray:
    """Return centred log-ratios of counts; a group of none has next to nobody, so that it has a logarithm."""
    if not counts.shape[1]:
        return counts
    logarithms = np.log(np.where(np.isnan(counts), np.nan, np.maximum(counts, TINY)))
    centred: np.ndarray = logarithms - logarithms.mean(axis=1, keepdims=True)
    return centred


def _departure(persons: np.ndarray, mean: tuple[float, ...]) -> np.ndarray:
    return _centred(persons) - np.array(mean) if mean else np.zeros_like(persons)


def _among(departure: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return departures of the groups asked beside 0 for all others."""
    among = np.zeros((len(departure), len(asked)))
    among[:, asked] = departure
    return among


def _along(departure: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """Return the part of a departure that lies along a contrast of the groups."""
    square = (contrast**2).sum()
    return np.outer(departure @ contrast / square, contrast) if square > 0 else np.zeros_like(departure)


def _softmax(logarithms: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    composition: np.ndarray = exponentials / exponentials.sum(axis=1, keepdims=True)
    return composition


def _coefficients(known: np.ndarray, weights: np.ndarray, offset: np.ndarray, departures: np.ndarray) -> np.ndarray:
    """Return the coefficients of greatest penalised likelihood."""
    if not len(known):
        return np.zeros(departures.shape[-1])
    counts = weights[:, None] * known

    coefficients = np.zeros(departures.shape[-1])
    for _ in range(STEPS):
        expected = _softmax(offset + departures @ coefficients)
        slope = np.einsum("ngk,ng->k", departures, counts - weights[:, None] * expected) - RIDGE * coefficients
        mean = np.einsum("ngk,ng->nk", departures, expected)
        curvature = np.einsum("ngk,ng,ngl->kl", departures, weights[:, None] * expected, departures, optimize=True)
        curvature -= np.einsum("nk,n,nl->kl", mean, weights, mean, optimize=True)
        step = np.linalg.solve(curvature + RIDGE * np.eye(len(coefficients)), slope)
        coefficients = coefficients + step
        if np.abs(step).max() < ENOUGH:
            break
    return coefficients
