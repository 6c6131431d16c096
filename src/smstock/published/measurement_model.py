"""What a measurement model says before it sees a count: sources, their biases, a migration model, priors.

`smstock.published.measurement` has the equations and fits them; `smstock.published.measurement_uk` is a published
model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from smstock.errors import ModelError


@dataclass(frozen=True)
class Gamma:
    """A gamma prior of a precision.

    Parameters
    ----------
    shape, rate
        Both above 0; the mean is shape / rate.

    Examples
    --------
    >>> Gamma(100, 1).mean, Gamma(100, 1).sd
    (100.0, 10.0)
    """

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        """Expected precision."""
        return self.shape / self.rate

    @property
    def sd(self) -> float:
        """Standard deviation of the precision."""
        return math.sqrt(self.shape) / self.rate

    def __post_init__(self) -> None:
        """Refuse what is no density."""
        if not (0 < self.shape < math.inf and 0 < self.rate < math.inf):
            raise ModelError(f"{self} is not a gamma distribution", allowed="shape and rate above 0, finite")


@dataclass(frozen=True)
class Term:
    """A parameter with one value for all cells, and its Gaussian prior (log scale).

    Parameters
    ----------
    name
        A covariate's is its column; elsewhere a label.
    mean, sd
        Of the prior; the standard deviation is above 0.
    """

    name: str
    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Refuse what is no density."""
        _check_sd(self.name, self.sd)
        if not math.isfinite(self.mean):
            raise ModelError(f"the prior of {self.name!r} has the mean {self.mean}", allowed="a finite number")


@dataclass(frozen=True)
class CellTerm:
    """A parameter with a value of its own in every cell, and its Gaussian priors (log scale).

    Parameters
    ----------
    name
        Column of the prior means; a cell whose mean is missing does not have the term.
    sd
        Standard deviation of the priors, above 0.
    """

    name: str
    sd: float

    def __post_init__(self) -> None:
        """Refuse what is no density."""
        _check_sd(self.name, self.sd)


@dataclass(frozen=True)
class Source:
    """A source of counts and how it errs.

    Parameters
    ----------
    name
        Column of the counts (1 or more); a missing count is not used.
    precision
        Prior of tau_k, the precision of the logarithm.
    terms, cell_terms
        Bias terms; on the log scale, so that -0.1 is an undercount of about 10 %.
    """

    name: str
    precision: Gamma
    terms: tuple[Term, ...] = ()
    cell_terms: tuple[CellTerm, ...] = ()


@dataclass(frozen=True)
class MeasurementModel:
    """Sources, and the migration model that links the stocks of the cells.

    Parameters
    ----------
    sources
        At least one; their names differ, and none is ``migration``.
    intercept, covariates
        Coefficients a0 and a1, a2, ...
    precision
        Prior of tau_m.

    Examples
    --------
    >>> survey = Source("survey", Gamma(100, 1), cell_terms=(CellTerm("undercount", 0.1),))
    >>> model = MeasurementModel((survey,), Term("intercept", 0, 10), (Term("population", 0, 1),), Gamma(100, 1))
    >>> model.columns()
    ['survey', 'undercount', 'population']
    """

    sources: tuple[Source, ...]
    intercept: Term
    covariates: tuple[Term, ...]
    precision: Gamma

    def __post_init__(self) -> None:
        """Refuse two equations of one name."""
        names = [source.name for source in self.sources]
        if not names or len({*names, "migration"}) <= len(names):
            raise ModelError(f"the sources are {names}", allowed="one or more, of different names, none migration")

    def columns(self) -> list[str]:
        """Return the columns that a table of cells must have."""
        terms = [term.name for source in self.sources for term in source.cell_terms]
        return [*(source.name for source in self.sources), *terms, *(term.name for term in self.covariates)]

    def coefficients(self) -> list[tuple[str, Term]]:
        """Return every parameter with one value for all cells, with the equation it belongs to."""
        biases = [(source.name, term) for source in self.sources for term in source.terms]
        return [("migration", term) for term in (self.intercept, *self.covariates)] + biases

    def precisions(self) -> list[tuple[str, Gamma]]:
        """Return the prior of every precision, with the equation it belongs to."""
        return [*((source.name, source.precision) for source in self.sources), ("migration", self.precision)]


def _check_sd(name: str, sd: float) -> None:
    if not 0 < sd < math.inf:
        raise ModelError(f"the prior of {name!r} has the standard deviation {sd}", allowed="a finite number above 0")
