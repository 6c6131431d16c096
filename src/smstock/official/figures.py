"""Figures as text: a number, or a mark that says why there is none. Anything else is refused, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


# An exponent is how Excel writes the smallest shares: 4.37E-06.
# no count of persons has more digits before its point, and a number of hundreds is no float
_NUMBER = "[0-9]{1,15}(?:[.][0-9]+)?(?:E-[0-9][0-9])?"


AMBIGUOUS = "[0-9]{1,3}[.][0-9]{3}"
"""Where fields are separated by semicolons: 1.234 may be a fraction or a thousand and more."""


def figures(
    cells: pd.Series, marks: Mapping[str, str], place: Callable[[int], str], *, decimal: str = "."
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of cells (missing where there is none) and, beside each missing one, why (else empty).

    Parameters
    ----------
    cells
        Text; blanks around it do not matter.
    marks
        What may stand in place of a number, and how it is said in the flags.
    place
        How an error names the cell of a position.
    decimal
        Decimal mark; a comma where fields are separated by semicolons. Points are read too, unless there are both.

    Raises
    ------
    OfficialFileError
        A cell holds neither a number (not negative) nor one of the marks; or points may be decimal or part thousands.

    Examples
    --------
    >>> import pandas as pd
    >>> figures(pd.Series(["12 ", "..", "0"]), {"..": ".."}, str)
    (array([12., nan,  0.]), array(['', '..', ''], dtype=object))
    >>> figures(pd.Series(["12,5", "n/a"]), {"..": ".."}, lambda row: f"row {row}", decimal=",")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: 'n/a' is neither a figure nor a mark for a missing one
      where:   row 1
      allowed: a number, ..
      next:    mend the cell, or take the provider's file unchanged
    """
    texts = cells.astype("str").str.strip().reset_index(drop=True)
    if decimal != ".":
        texts = _with_points(texts, decimal, place)
    numeric = texts.str.fullmatch(_NUMBER).to_numpy(dtype=bool)
    numbers = np.full(len(texts), np.nan)
    numbers[numeric] = pd.to_numeric(texts[numeric]).to_numpy("float64")
    missing = np.full(len(texts), "", dtype=object)
    no_numbers = texts[~numeric]
    missing[~numeric] = no_numbers.map(dict(marks)).to_numpy(dtype=object)
    unknown = no_numbers[~no_numbers.isin(list(marks))]
    if len(unknown):
        raise OfficialFileError(
            f"{shown(repr(unknown.iloc[0]))} is neither a figure nor a mark for a missing one",
            where=place(int(unknown.index[0])),
            allowed=", ".join(["a number", *(mark or "an empty cell" for mark in marks)]),
            hint="mend the cell, or take the provider's file unchanged",
        )
    return numbers, missing


def _with_points(texts: pd.Series, decimal: str, place: Callable[[int], str]) -> pd.Series:
    """Return numbers with decimal points, where the decimal mark may be another."""
    with_mark, pointed = (texts.str.contains(mark, regex=False) for mark in (decimal, "."))
    if pointed.any() and (with_mark.any() or texts[pointed].str.fullmatch(AMBIGUOUS).all()):
        raise OfficialFileError(
            f"{texts[pointed].iloc[0]!r} may have a decimal point or be thousands",
            where=place(int(pointed.to_numpy().argmax())),
            hint="save the table with commas between the fields and points as decimal marks",
        )
    return texts.str.replace(decimal, ".", n=1, regex=False)
