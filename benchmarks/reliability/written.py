"""Figures in random formats through the one parser: each is read as it was written, or refused.

A column is drawn with its format: what parts groups of three digits, the decimal mark, how many decimals and whether
their zeros are written, or powers of ten; and with its layout, which says that points are decimal marks, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.figures import figures

if TYPE_CHECKING:
    from smstock.official.figures import Decimal as Layout

COLUMNS: Final = 10_000
SEED: Final = 20261130
BLANKS: Final = (" ", "\u00a0", "\u202f", "\u2009")
APOSTROPHES: Final = ("'", "\u2019")
MARKS: Final = {"": "blank", "..": ".."}
_MOST: Final = 15  # digits of a figure


@dataclass(frozen=True)
class Format:
    """How a column writes its figures.

    Parameters
    ----------
    parting
        What parts groups of three digits; empty for nothing.
    mark
        The decimal mark.
    decimals
        How many are written.
    trimmed
        Whether zeros at the end are left out, as Excel does.
    power
        Whether powers of ten are written, as R does.
    """

    parting: str
    mark: str
    decimals: int
    trimmed: bool
    power: bool

    def text(self, number: Decimal) -> str:
        """Return a number as it is written."""
        if self.power:
            mantissa, _, power = f"{number:e}".partition("e")
            return f"{mantissa.replace('.', self.mark)}e{int(power):+03d}"
        whole, _, fraction = f"{number:,.{self.decimals}f}".partition(".")
        fraction = fraction.rstrip("0") if self.trimmed else fraction
        return whole.replace(",", self.parting) + (self.mark + fraction if fraction else "")

    def tells(self, numbers: list[Decimal]) -> bool:
        """Whether nothing in a column of these can be read in two ways."""
        if self.power or self.trimmed:
            return self.power
        if self.decimals:
            return self.decimals != len("123")
        most = max(numbers)
        return self.parting not in {".", ","} or most < 1_000 or most >= 1_000_000


@dataclass(frozen=True)
class Outcomes:
    """What became of the columns; ``refused_that_tell`` could have been read by the rule."""

    columns: int
    right: int
    wrong: int
    refused_that_tell: int


@cache
def outcomes(columns: int = COLUMNS, seed: int = SEED) -> Outcomes:
    """Return what becomes of columns in random formats."""
    rng = np.random.default_rng(seed)
    right = wrong = refused_that_tell = 0
    for _ in range(columns):
        written, layout = _format(rng)
        numbers = _numbers(rng, written)
        texts = [written.text(number) for number in numbers] + list(MARKS)
        try:
            values = figures(pd.Series(texts, dtype="str"), MARKS, str, decimal=layout)[0][: len(numbers)]
        except OfficialFileError:
            refused_that_tell += written.tells(numbers)
            continue
        is_right = bool(np.allclose(values, [float(number) for number in numbers], rtol=1e-12, atol=0))
        right, wrong = right + is_right, wrong + (not is_right)
    return Outcomes(columns, right, wrong, refused_that_tell)


def _format(rng: np.random.Generator) -> tuple[Format, Layout]:
    mark = ".,"[rng.integers(2)]
    partings = ("", *BLANKS, *APOSTROPHES, "," if mark == "." else ".")
    written = Format(
        partings[rng.integers(len(partings))],
        mark,
        int(rng.integers(0, 5)),
        trimmed=bool(rng.random() < 0.2),
        power=bool(rng.random() < 0.1),
    )
    # A layout that says that points are decimal marks is not filled in with others.
    return written, "." if mark == "." and rng.random() < 0.3 else ""


def _numbers(rng: np.random.Generator, written: Format) -> list[Decimal]:
    """Return figures of a size that a column has, with as many decimals as the format writes."""
    most = int(rng.integers(1, 13))
    digits = rng.integers(1, min(most, _MOST - written.decimals) + 1, size=rng.integers(1, 6)) + written.decimals
    drawn = [int(rng.integers(0, 10 ** int(length))) for length in digits]
    return [Decimal(number).scaleb(-written.decimals) for number in drawn]
