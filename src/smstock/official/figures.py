"""Figures as text: a number, or a mark that says why there is none. Anything else is refused, never guessed.

The one parser of every reader. Digits may stand in groups of three, parted by blanks (no-break and thin ones too),
apostrophes, points or commas; R and Excel write powers of ten (``1e+05``). A point or comma is a decimal mark or parts
thousands, and which of the two the figures of the file must show: ``199.691`` alone may be either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smstock.errors import OfficialFileError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

Decimal = Literal[".", "", "whole"]
"""The decimal mark a layout has: a point; empty where nothing but the figures of the file tells; ``whole`` where that
is so too, and figures are whole numbers: a mark that may part thousands then does."""

# No count of persons has more digits before its point, and a number of hundreds is no float.
_LIMIT: Final = 1e15
_THOUSAND: Final = 1000
_DIGITS: Final = "[0-9]{1,15}"
_PLAIN: Final[dict[Decimal, str]] = {
    ".": f"^{_DIGITS}([.][0-9]+)?$",
    "": f"^{_DIGITS}$",
    "whole": f"^{_DIGITS}$",
}
_BLANKS: Final = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES: Final = "'\u2019\u02bc"
_SPACED: Final = tuple(
    f"^[1-9][0-9]{{0,2}}([{separators}][0-9]{{3}}){{1,4}}([.,][0-9]+)?$" for separators in (_BLANKS, _APOSTROPHES)
)
_POWER: Final = "[eE][+-]?[0-9]{1,2}$"


def figures(
    cells: pd.Series | pa.Array, marks: Mapping[str, str], place: Callable[[int], str], *, decimal: Decimal = "."
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of cells (missing where there is none) and, beside each missing one, why (else empty).

    Parameters
    ----------
    cells
        Text; blanks around it do not matter. The cells of one file together, since they show what its marks mean.
    marks
        What may stand in place of a number, and how it is said in the flags.
    place
        How an error names the cell of a position.
    decimal
        A point where the layout of the file says that points are decimal marks; empty where nothing does; ``whole``
        for counts whose ``12.000`` can only be thousands.

    Raises
    ------
    OfficialFileError
        A cell holds neither a number (not negative) nor one of the marks; or its point or comma may be a decimal mark
        or part thousands.

    Examples
    --------
    >>> import pandas as pd
    >>> figures(pd.Series(["12 ", "..", "0"]), {"..": ".."}, str)
    (array([12., nan,  0.]), array(['', '..', ''], dtype=object))
    >>> figures(pd.Series(["199.691", "1.234,5", "1e+05"]), {}, str, decimal="")[0].tolist()
    [199691.0, 1234.5, 100000.0]
    >>> figures(pd.Series(["199.691", "300"]), {}, str, decimal="whole")[0].tolist()
    [199691.0, 300.0]
    >>> figures(pd.Series(["12,5", "n/a"]), {"..": ".."}, lambda row: f"row {row}", decimal="")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: 'n/a' is neither a figure nor a mark for a missing one
      where:   row 1
      allowed: a number, ..
      next:    mend the cell, or take the provider's file unchanged
    >>> figures(pd.Series(["199.691"]), {}, lambda row: f"row {row}", decimal="")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: '199.691' may have a decimal point or be thousands
      where:   row 0
      allowed: figures that tell: 1.234.567 or 1.234,5 has thousands, 12.5 or 1234.567 has decimals
      next:    save the table without thousands separators
    """
    texts = pc.utf8_trim_whitespace(_array(cells))
    numbers, is_plain = plain(texts, decimal=decimal)
    missing = np.full(len(texts), "", dtype=object)
    if is_plain.all():
        return numbers, missing
    other = np.flatnonzero(~is_plain)
    encoded = texts.take(pa.array(other)).dictionary_encode()
    distinct, of_cell = encoded.dictionary, encoded.indices.to_numpy()
    meanings = [marks.get(text) for text in distinct.to_pylist()]
    is_mark = np.array([meaning is not None for meaning in meanings])
    values, doubtful = np.full(len(distinct), np.nan), np.full(len(distinct), fill_value=False)
    values[~is_mark], doubtful[~is_mark] = _written(distinct.filter(pa.array(~is_mark)), decimal)
    wrong = (np.isnan(values) & ~is_mark)[of_cell]
    if wrong.any():
        first = int(wrong.argmax())
        text = distinct[int(of_cell[first])].as_py()
        raise _refused(text, place(int(other[first])), marks, doubtful=bool(doubtful[of_cell[first]]))
    numbers[other] = values[of_cell]
    missing[other] = np.array([meaning or "" for meaning in meanings], dtype=object)[of_cell]
    return numbers, missing


def fractions_of_thousands(numbers: np.ndarray) -> str:
    """Return how many figures look like 199.691 for 199691, read as a number by some program; empty if none does.

    They do if none is 1000 or more, and those with decimals have three at most.

    Examples
    --------
    >>> fractions_of_thousands(np.array([199.691, 12.5, 7.0])), fractions_of_thousands(np.array([1200.0, 12.5]))
    ('2 of 3 figures, such as 199.691', '')
    """
    present = numbers[~np.isnan(numbers)]
    fractions = present[present % 1 != 0]
    if not len(fractions) or present.max() >= _THOUSAND:
        return ""
    thousands = fractions * _THOUSAND
    if not np.allclose(thousands, np.rint(thousands), rtol=0, atol=1e-6):
        return ""
    return f"{len(fractions):,} of {len(present):,} figures, such as {fractions[0]:g}"


def plain(texts: pa.Array, *, decimal: Decimal = ".") -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of texts that are digits, with a decimal point where ``decimal`` says so, and which those are.

    Examples
    --------
    >>> plain(pa.array(["12.5", ":"]))
    (array([12.5,  nan]), array([ True, False]))
    """
    is_plain = pc.match_substring_regex(texts, _PLAIN[decimal])
    numbers = pc.cast(pc.if_else(is_plain, texts, None), pa.float64())
    return numbers.to_numpy(zero_copy_only=False).copy(), is_plain.to_numpy(zero_copy_only=False)


@dataclass(frozen=True)
class _Mark:
    """What a point or comma is in each text: surely decimal, surely between groups of digits, or either of the two."""

    decimal: np.ndarray
    groups: np.ndarray
    either: np.ndarray

    @property
    def anywhere(self) -> np.ndarray:
        """In which texts it stands."""
        return np.asarray(self.decimal | self.groups | self.either)


def _mark(texts: pa.Array, mark: str, other: str) -> _Mark:
    grouped = f"^[1-9][0-9]{{0,2}}([{mark}][0-9]{{3}})"
    grouped_by_other = f"^[1-9][0-9]{{0,2}}([{other}][0-9]{{3}}){{1,4}}"
    either = _match(texts, f"{grouped}$")
    single = _match(texts, f"^(0|[1-9][0-9]{{0,14}})[{mark}][0-9]+$") & ~either
    before_power = _match(texts, f"^{_DIGITS}[{mark}][0-9]+{_POWER}")
    behind_groups = _match(texts, f"{grouped_by_other}[{mark}][0-9]+$")
    groups = _match(texts, f"{grouped}{{2,4}}([{other}][0-9]+)?$") | _match(texts, f"{grouped}[{other}][0-9]+$")
    return _Mark(single | before_power | behind_groups, groups, either)


def _written(texts: pa.Array, decimal: Decimal) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of texts that are not plain, missing for what is none, and which may be one of two numbers."""
    for spaced in _SPACED:
        joined = pc.replace_substring_regex(texts, f"[{_BLANKS}{_APOSTROPHES}]", "")
        texts = pc.if_else(pc.match_substring_regex(texts, spaced), joined, texts)
    marks = {mark: _mark(texts, mark, other) for mark, other in (".,", ",.")}
    possible = np.full(len(texts), fill_value=True)
    if decimal == ".":
        possible = ~marks["."].groups & ~marks[","].decimal
    decimals = {mark for mark, shapes in marks.items() if mark == decimal or (shapes.decimal & possible).any()}
    partings = {mark for mark, shapes in marks.items() if (shapes.groups & possible).any()}
    if decimal == "whole":
        partings |= {mark for mark in marks.keys() - decimals if marks[mark].either.any()}
    if len(decimals) > 1 or len(partings) > 1 or decimals & partings:
        doubtful = marks["."].anywhere | marks[","].anywhere
    else:
        doubtful = np.full(len(texts), fill_value=False)
        for mark in marks.keys() - decimals - partings:
            doubtful |= marks[mark].either
    without_mark = _match(texts, f"^{_DIGITS}$") | _match(texts, f"^{_DIGITS}{_POWER}")
    is_number = (without_mark | marks["."].anywhere | marks[","].anywhere) & possible & ~doubtful
    for parting in partings:
        texts = pc.replace_substring(texts, parting, "")
    for mark in decimals:
        texts = pc.replace_substring(texts, mark, ".")
    numbers = pc.cast(pc.if_else(pa.array(is_number), texts, None), pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(numbers < _LIMIT, numbers, np.nan), doubtful


def _match(texts: pa.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))


def _array(cells: pd.Series | pa.Array) -> pa.Array:
    """Return cells as one array of text."""
    if isinstance(cells, pa.Array):
        return cells
    texts = pa.array(cells.astype("str"), from_pandas=True)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _refused(text: str, where: str, marks: Mapping[str, str], *, doubtful: bool) -> OfficialFileError:
    if doubtful:
        mark = "point" if "." in text else "comma"
        return OfficialFileError(
            f"{text!r} may have a decimal {mark} or be thousands",
            where=where,
            allowed="figures that tell: 1.234.567 or 1.234,5 has thousands, 12.5 or 1234.567 has decimals",
            hint="save the table without thousands separators",
        )
    return OfficialFileError(
        f"{shown(repr(text))} is neither a figure nor a mark for a missing one",
        where=where,
        allowed=", ".join(["a number", *(mark or "an empty cell" for mark in marks)]),
        hint="mend the cell, or take the provider's file unchanged",
    )
