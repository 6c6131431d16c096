"""From members to persons: an audience divided by the members per person, learnt where both are known.

For each cell i, on the log scale::

    a_i = h_i + x_i beta + u_origin + v_destination + eps_i      what the platform shows, seen as an interval
    m_i = h_i + nu_i                                             what official figures say of the same persons

The unknown is h. beta has a Gaussian prior; u and v ~ N(0, s_u^2), eps ~ N(0, s_e^2). The error nu of an official
figure is given (`Evidence.official_sd`), except where only the group of the cell has a figure: N(f s_g^2 / 2, s_g^2).
The average of a group lies above the middle of the logarithms; with weights w of its cells, f = 1 - sum of w^2 to
second order. Given the three spreads all is Gaussian; they are summed over a lattice, with the prior
log s ~ N(log `Evidence.spreads`, 0.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.models.gaussian import lattice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

SPREAD_SD: Final = 0.7
"""Standard deviation of the logarithm of a spread before anything is seen."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a set of cells.

    Parameters
    ----------
    audience, audience_variance
        a and the variance of its count; missing where the platform gave no number.
    official, official_sd
        m and the standard deviation of nu, missing where the figure is that of the cell's group.
    group
        m by the group of the cell, where a figure of its own is there as well; missing otherwise.
    covariates
        x, shape (cells, covariates).
    prior_mean, prior_sd
        Of beta.
    origins, destinations
        Of each cell.
    spread_of_group
        f; 0 where a figure of the group is no average of its cells.
    spreads
        Medians of s_e, s_u and s_g before anything is seen.
    """

    audience: Numbers
    audience_variance: Numbers
    official: Numbers
    official_sd: Numbers
    group: Numbers
    covariates: Numbers
    prior_mean: Numbers
    prior_sd: Numbers
    origins: Sequence[str]
    destinations: Sequence[str]
    spread_of_group: Numbers
    spreads: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Corrected:
    """Draws of h, shape (draws, cells), missing where nothing is known, and of beta, shape (draws, covariates)."""

    persons: Numbers
    elasticities: Numbers


def corrected(evidence: Evidence, rng: np.random.Generator, draws: int) -> Corrected:
    """Return what is believed of the persons in each cell, and of the elasticities.

    A cell without an audience rests on its official figure, one without that on the audience, divided by what is
    learnt from the others.

    Examples
    --------
    >>> import numpy as np
    >>> cells = 40
    >>> rng = np.random.default_rng(1)
    >>> truth, rate = rng.normal(10, 1, cells), rng.normal(-1.5, 0.5, cells)
    >>> official = np.where(np.arange(cells) < 30, truth, np.nan)
    >>> believed = corrected(Evidence(truth + 0.6 * rate, np.full(cells, 1e-4), official, np.full(cells, 0.05),
    ...     np.full(cells, np.nan), rate[:, None], np.array([0.5]), np.array([0.25]),
    ...     [f"o{i % 8}" for i in range(cells)], [f"d{i % 5}" for i in range(cells)], np.zeros(cells), (0.2, 0.2, 0.4)),
    ...     rng, 1000)
    >>> bool(abs(np.median(believed.persons[:, 30:], axis=0) - truth[30:]).max() < 0.1)
    True
    >>> np.median(believed.elasticities, axis=0).round(1).tolist()
    [0.6]
    """
    model = _Model(evidence)
    grid = lattice(
        lambda points: np.array([model.log_density(np.exp(point)) for point in points]), [*np.log(evidence.spreads)]
    )
    parts = [
        model.draw(np.exp(point), rng, number)
        for point, number in zip(grid.points, rng.multinomial(draws, grid.weights), strict=True)
        if number
    ]
    order = rng.permutation(draws)
    persons, elasticities = (np.concatenate([part[place] for part in parts])[order] for place in (0, 1))
    return Corrected(persons, elasticities)


class _Model:
    """The regression of a - m on covariates and effects, on the cells that have both."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        columns = [evidence.covariates]
        for names in (evidence.origins, evidence.destinations):
            areas, place = np.unique(np.asarray(names, dtype=str), return_inverse=True)
            columns.append(np.eye(len(areas))[place])
        self.design = np.column_stack(columns)
        self.covariates = evidence.covariates.shape[1]
        observed, known = np.isfinite(evidence.audience), np.isfinite(evidence.official)
        self.both = observed & known
        own_figure = np.isfinite(evidence.official_sd) & known
        pairs = own_figure & np.isfinite(evidence.group)
        self.gaps = (evidence.group - evidence.official)[pairs]
        self.gap_variance, self.excess = (evidence.official_sd**2)[pairs], evidence.spread_of_group[pairs]

    def variance(self, spreads: Numbers) -> Numbers:
        """Return the variance of each official figure."""
        sd = self.evidence.official_sd
        variance: Numbers = np.where(np.isfinite(sd), sd, spreads[2]) ** 2
        return variance

    def official(self, spreads: Numbers) -> Numbers:
        """Return the official figures less what the average of a group exceeds its middle by."""
        excess = np.where(np.isfinite(self.evidence.official_sd), 0.0, self.evidence.spread_of_group)
        official: Numbers = self.evidence.official - excess * spreads[2] ** 2 / 2
        return official

    def effects(self, spreads: Numbers) -> tuple[Numbers, Numbers, float]:
        """Return mean and lower Cholesky factor of the precision of all effects, and the log evidence."""
        area_effects = self.design.shape[1] - self.covariates
        mean = np.concatenate([self.evidence.prior_mean, np.zeros(area_effects)])
        prior = np.concatenate([self.evidence.prior_sd, np.full(area_effects, spreads[1])]) ** -2.0
        variance = self.evidence.audience_variance + spreads[0] ** 2 + self.variance(spreads)
        design, weight = self.design[self.both], 1 / variance[self.both]
        residual = (self.evidence.audience - self.official(spreads))[self.both] - design @ mean
        precision = design.T @ (design * weight[:, None]) + np.diag(prior)
        root = np.linalg.cholesky(precision)
        right = design.T @ (weight * residual)
        shift = np.linalg.solve(precision, right)
        log_evidence = np.log(weight).sum() + np.log(prior).sum() - 2 * np.log(np.diag(root)).sum()
        return mean + shift, root, float(log_evidence - (weight * residual**2).sum() + right @ shift) / 2

    def log_density(self, spreads: Numbers) -> float:
        """Return the log posterior density of the logarithms of the spreads, up to a constant."""
        prior = -((np.log(spreads) - np.log(self.evidence.spreads)) ** 2).sum() / (2 * SPREAD_SD**2)
        variance = self.gap_variance + spreads[2] ** 2
        groups = -(np.log(variance) + (self.gaps - self.excess * spreads[2] ** 2 / 2) ** 2 / variance).sum() / 2
        return self.effects(spreads)[2] + float(prior + groups)

    def draw(self, spreads: Numbers, rng: np.random.Generator, number: int) -> tuple[Numbers, Numbers]:
        """Return draws of h and of the coefficients."""
        mean, root, _ = self.effects(spreads)
        noise = np.linalg.inv(root).T @ rng.standard_normal((len(mean), number))
        effects = mean + noise.T
        by_audience = self.evidence.audience - effects @ self.design.T
        observed, known = np.isfinite(self.evidence.audience), np.isfinite(self.evidence.official)
        weight = np.where(observed, 1 / (self.evidence.audience_variance + spreads[0] ** 2), 0.0)
        official_weight = np.where(known, 1 / self.variance(spreads), 0.0)
        total = weight + official_weight
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = np.where(observed, weight * by_audience, 0.0) + np.where(
                known, official_weight * self.official(spreads), 0.0
            )
            persons = middle / total + rng.standard_normal(by_audience.shape) / np.sqrt(total)
        return np.where(total > 0, persons, np.nan), effects[:, : self.covariates]
