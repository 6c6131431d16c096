"""Rows of several tables brought together by their texts, as numbers: tables of few rows are joined in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns(table: pd.DataFrame, names: Sequence[str]) -> list[np.ndarray]:
    """Return columns as arrays of Python texts, which NumPy takes and compares without further ado.

    Examples
    --------
    >>> columns(pd.DataFrame({"destination": ["AUT"], "origin": ["SRB"]}), ["destination", "origin"])
    [array(['AUT'], dtype=object), array(['SRB'], dtype=object)]
    """
    return [table[name].to_numpy(dtype=object) for name in names]


def numbers(values: pd.Series) -> np.ndarray:
    """Return a column as floats, not a number where it is missing.

    Examples
    --------
    >>> numbers(pd.Series([3, None], dtype="Int64")).tolist()
    [3.0, nan]
    """
    figures: np.ndarray = values.to_numpy(dtype="float64", na_value=np.nan)
    return figures


def equal(table: pd.DataFrame, name: str, text: str) -> np.ndarray:
    """Return which rows have a text in a column.

    Examples
    --------
    >>> equal(pd.DataFrame({"sex": ["all", "female"]}), "sex", "all").tolist()
    [True, False]
    """
    return np.asarray(table[name].array == text, dtype=bool)


def codes(*tables: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return a number for each row of each table, in the order of the rows' texts: equal rows have equal numbers.

    Parameters
    ----------
    tables
        The same columns of each table, the first one counts most.

    Examples
    --------
    >>> left, right = [np.array(["AUT", "DEU"], dtype=object)], [np.array(["CHE", "AUT", "FRA"], dtype=object)]
    >>> [of_table.tolist() for of_table in codes(left, right)]
    [[0, 2], [1, 0, 3]]
    """
    lengths = [len(texts[0]) for texts in tables]
    of_rows = np.zeros(sum(lengths), dtype="int64")
    for texts in zip(*tables, strict=True):
        of_column, different = pd.factorize(np.concatenate(texts), sort=True)
        of_rows = of_rows * len(different) + of_column
    return np.split(of_rows, np.cumsum(lengths)[:-1])


def matches(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of all pairs of equal codes, in the order of the left, then of the right.

    A code of the left without its like has one pair, with position -1.

    Examples
    --------
    >>> [positions.tolist() for positions in matches(np.array([7, 5, 6]), np.array([6, 5, 6]))]
    [[0, 1, 2, 2], [-1, 1, 0, 2]]
    """
    order = np.argsort(right, kind="stable")
    first, end = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    pairs = np.maximum(end - first, 1)
    of_left = np.repeat(np.arange(len(left)), pairs)
    within = np.arange(len(of_left)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    alone = (first == end)[of_left]
    return of_left, np.where(alone, -1, np.append(order, -1)[np.where(alone, -1, first[of_left] + within)])


def beside(left: Sequence[np.ndarray], right: Sequence[np.ndarray], values: np.ndarray) -> np.ndarray:
    """Return the number that stands in the row of the right with the same texts, not a number where there is none.

    Examples
    --------
    >>> beside([np.array(["AUT", "DEU"], dtype=object)], [np.array(["DEU"], dtype=object)], np.array([5.0])).tolist()
    [nan, 5.0]
    """
    of_left, of_right = codes(left, right)
    different, rows = np.unique(of_right, return_index=True)
    positions = np.searchsorted(different, of_left)
    alone = np.append(different, -1)[positions] != of_left
    return np.where(alone, np.nan, np.append(values[rows], np.nan)[positions])
