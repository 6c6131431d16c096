"""A design matrix by its parts: plain columns, and columns of areas, of which a row has only those of its own.

Products are made from the places of the areas, without the zeros. Among their cross-products those of the areas of one
end are block-diagonal: a system is solved for all other columns (Schur complement), and costs a cubic of these alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.linalg.blas import dsyrk, dtrmm
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs, dtrtri
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterable

    End = tuple[np.ndarray, int]


def _none(*shape: int) -> np.ndarray:
    return np.empty(shape, dtype=int)


@dataclass(frozen=True, eq=False)
class Design:
    """A matrix of shape (cells, columns), most of whose entries are 0.

    Parameters
    ----------
    plain
        The first columns, shape (cells, plain columns).
    places, values
        Further entries: columns and numbers, shape (cells, entries of a cell).
    areas
        How many columns there are beside the plain ones.
    apart
        Columns of one end, shape (areas, columns of an area): no cell has those of two of its areas.

    Examples
    --------
    >>> design = Design.of(np.ones((3, 1)), [(np.array([0, 1, 1]), 2)], np.ones((3, 1)))
    >>> design.square(np.array([1.0, 2.0, 3.0])).tolist()
    [[6.0, 1.0, 5.0], [1.0, 1.0, 0.0], [5.0, 0.0, 5.0]]
    >>> (design @ np.array([10.0, 1.0, 2.0])).tolist()
    [11.0, 12.0, 12.0]
    """

    plain: np.ndarray
    places: np.ndarray = field(default_factory=lambda: _none(0, 0))
    values: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    areas: int = 0
    apart: np.ndarray = field(default_factory=lambda: _none(0, 0))

    @classmethod
    def of(cls, plain: np.ndarray, ends: Iterable[End], values: np.ndarray, *, levels: Iterable[End] = ()) -> Self:
        """Return the design of plain columns and, for each end, one column an area and value.

        The columns of an end follow each other: all areas by the first value, then all by the second.

        Parameters
        ----------
        plain
            Shape (cells, plain columns).
        ends
            Area of each cell (from 0, -1 for none), and how many areas there are; an end of none has no columns.
        values
            Numbers of a cell in the columns of its areas, shape (cells, values); alike at all ends.
        levels
            Further ends, whose areas have a column of the first value alone.
        """
        first = plain.shape[1]
        places, entries, apart = [_none(len(plain), 0)], [np.empty((len(plain), 0))], _none(0, values.shape[1])
        for several, used in ((ends, values), (levels, values[:, :1])):
            for code, count in several:
                if not count:
                    continue
                kinds = used.shape[1]
                columns = first + np.arange(kinds * count).reshape(kinds, count).T
                places.append(columns[code])
                entries.append(np.where(code[:, None] >= 0, used, 0.0))
                first += kinds * count
                apart = columns if count > len(apart) else apart
        return cls(plain, np.hstack(places), np.hstack(entries), first - plain.shape[1], apart)

    @property
    def columns(self) -> int:
        """How many columns the matrix has."""
        return int(self.plain.shape[1]) + self.areas

    def towards(self, other: Design, parts: np.ndarray) -> Design:
        """Return a part, by the cell, of what another design of the same areas has more."""
        plain = (other.plain - self.plain) * parts[:, None]
        return replace(self, plain=plain, values=(other.values - self.values) * parts[:, None])

    def taken(self, rows: np.ndarray) -> Design:
        """Return the design of some cells."""
        if not self.areas:
            return Design(self.plain[rows])
        return Design(self.plain[rows], self.places[rows], self.values[rows], self.areas, self.apart)

    def __matmul__(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the matrix times coefficients."""
        fitted: np.ndarray = self.plain @ coefficients[: self.plain.shape[1]]
        return fitted + (coefficients[self.places] * self.values).sum(axis=1) if self.areas else fitted

    def cross(self, target: np.ndarray) -> np.ndarray:
        """Return the cross-products of the columns with a target."""
        plain: np.ndarray = self.plain.T @ target
        if not self.areas:
            return plain
        added = np.bincount(self.places.ravel(), (self.values * target[:, None]).ravel(), minlength=self.columns)
        return np.concatenate([plain, added[len(plain) :]])

    def square(self, weights: np.ndarray) -> np.ndarray:
        """Return the weighted cross-products of the columns with each other."""
        weighted = self.plain * weights[:, None]
        plain: np.ndarray = self.plain.T @ weighted
        if not self.areas:
            return plain
        cells, entries = self.places.shape
        starts, first = np.arange(0, cells * entries + 1, entries), len(plain)
        places, shape = (self.places - first).ravel(), (cells, self.areas)
        transposed = csr_array((self.values.ravel(), places, starts), shape=shape).T
        scaled = csr_array(((self.values * weights[:, None]).ravel(), places, starts), shape=shape)
        between, square = transposed @ weighted, np.empty((self.columns, self.columns))
        square[:first, :first], square[first:, :first], square[:first, first:] = plain, between, between.T
        square[first:, first:] = (transposed @ scaled).toarray()
        return square

    def variances(self, covariance: np.ndarray) -> np.ndarray:
        """Return the variance of each cell's product with coefficients of this covariance."""
        first = self.plain.shape[1]
        variances: np.ndarray = ((self.plain @ covariance[:first, :first]) * self.plain).sum(axis=1)
        entries = list(zip(self.places.T, self.values.T, strict=True)) if self.areas else []
        for number, (places, values) in enumerate(entries):
            variances += 2 * values * (covariance[places, :first] * self.plain).sum(axis=1)
            variances += values**2 * covariance[places, places]
            for others, beside in entries[:number]:
                variances += 2 * values * beside * covariance[places, others]
        return variances


@dataclass(frozen=True, eq=False)
class Square:
    """Cross-products of a design, cut into what belongs to the areas apart and to all other columns."""

    whole: np.ndarray
    apart: np.ndarray
    others: np.ndarray
    within: np.ndarray
    between: np.ndarray
    beside: np.ndarray

    @classmethod
    def of(cls, whole: np.ndarray, apart: np.ndarray) -> Self:
        """Return cross-products cut at the columns apart, shape (areas, columns of an area)."""
        others = np.setdiff1d(np.arange(len(whole)), apart) if apart.size else np.arange(len(whole))
        within = whole[apart[:, :, None], apart[:, None, :]]
        if not apart.size:
            return cls(whole, apart, others, within, whole[:0], whole)
        between = whole[apart.ravel()[:, None], others].reshape(*apart.shape, -1)
        return cls(whole, apart, others, within, between, whole[others[:, None], others])

    def solved(self, scale: float, precision: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Solve with the matrix ``scale * whole + diag(precision)``.

        Returns
        -------
        tuple
            The solution, the diagonal of the inverse, and the log determinant.

        Examples
        --------
        >>> whole = np.array([[2.0, 1.0], [1.0, 3.0]])
        >>> square = Square.of(whole, np.empty((0, 1), dtype=int))
        >>> [np.round(of, 3).tolist() for of in square.solved(1.0, np.ones(2), np.array([1.0, 0.0]))]
        [[0.364, -0.091], [0.364, 0.273], 2.398]
        >>> [np.round(of, 3).tolist() for of in Square.of(whole, np.array([[1]])).solved(1.0, np.ones(2), np.ones(2))]
        [[0.273, 0.182], [0.364, 0.273], 2.398]
        """
        reduced = self._reduced(scale, precision)
        inverse, _ = dtrtri(reduced.factor, lower=1)
        variances = np.empty(len(right))
        variances[self.others] = _squares(inverse)
        diagonal = reduced.factor.diagonal()
        if self.apart.size:
            inverses = reduced.inverses
            tilted = (inverses.transpose(0, 2, 1) @ reduced.half.reshape(*self.apart.shape, -1)).reshape(
                reduced.half.shape
            )
            # a transposed matrix is taken as it lies, without a copy
            spread = _squares(dtrmm(1.0, inverse, tilted.T, lower=1, overwrite_b=1))
            variances[self.apart] = (inverses**2).sum(axis=1) + spread.reshape(self.apart.shape)
            diagonal = np.concatenate([diagonal, 1 / np.diagonal(inverses, axis1=1, axis2=2).ravel()])
        solution = self._solution(reduced, right)
        return solution, variances, float(2 * np.log(diagonal).sum())

    def solution(self, scale: float, precision: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the solution alone."""
        return self._solution(self._reduced(scale, precision), right)

    def _reduced(self, scale: float, precision: np.ndarray) -> _Reduced:
        """Solve for the areas apart, and factor what is left of all other columns."""
        if not self.apart.size:
            return _Reduced(_factor(self.whole.T * scale, precision), self.whole[:0], self.within)
        areas, kinds = self.apart.shape
        blocks = self.within * scale
        blocks[:, range(kinds), range(kinds)] += precision[self.apart]
        inverses = np.linalg.inv(np.linalg.cholesky(blocks))
        half = ((inverses * scale) @ self.between).reshape(areas * kinds, -1)
        complement = dsyrk(-1.0, half.T, beta=scale, c=self.beside.T, lower=1)
        return _Reduced(_factor(complement, precision[self.others]), half, inverses)

    def _solution(self, reduced: _Reduced, right: np.ndarray) -> np.ndarray:
        if not self.apart.size:
            return np.asarray(dpotrs(reduced.factor, right, lower=1)[0])
        inverses, half = reduced.inverses, reduced.half
        of_apart = (inverses @ right[self.apart][:, :, None]).ravel()
        solution = np.empty(len(right))
        solution[self.others] = dpotrs(reduced.factor, right[self.others] - of_apart @ half, lower=1)[0]
        back = (of_apart - half @ solution[self.others]).reshape(len(inverses), 1, -1)
        solution[self.apart] = (back @ inverses)[:, 0]
        return solution

    def covariance(self, scale: float, precision: np.ndarray) -> np.ndarray:
        """Return the inverse of ``scale * whole + diag(precision)``."""
        lower, _ = dpotri(_factor(self.whole.T * scale, precision), lower=1, overwrite_c=1)
        return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


@dataclass(frozen=True, eq=False)
class _Reduced:
    """A system whose areas apart are solved for.

    Attributes
    ----------
    factor
        Lower Cholesky factor of what is left of the other columns.
    half, inverses
        The areas apart with the other columns, times the inverses of the Cholesky factors of their blocks.
    """

    factor: np.ndarray
    half: np.ndarray
    inverses: np.ndarray


def _factor(square: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Return the lower Cholesky factor of ``square + diag(precision)``; ``square`` is overwritten."""
    square.reshape(-1, order="F")[:: len(square) + 1] += precision
    return np.asarray(dpotrf(square, lower=1, overwrite_a=1)[0])


def _squares(matrix: np.ndarray) -> np.ndarray:
    """Return the sum of squares of each column."""
    return np.asarray(np.einsum("ij,ij->j", matrix, matrix))
