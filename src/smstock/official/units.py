"""How many persons one unit of a figure is, where a column or a heading of the file says so.

SDMX gives the power of ten as ``UNIT_MULT``, OECD.Stat as ``PowerCode``; people write "thousands" into a column or a
heading. What is said is applied, and what is not understood is refused: a figure is never a thousand times too small.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.errors import OfficialFileError, shown
from smstock.official.columns import mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

_WORDS: Final = {
    "unit": 1.0,
    "units": 1.0,
    "tens": 10.0,
    "hundreds": 100.0,
    "thousand": 1e3,
    "thousands": 1e3,
    "ten thousands": 1e4,
    "hundred thousands": 1e5,
    "million": 1e6,
    "millions": 1e6,
    "billion": 1e9,
    "billions": 1e9,
}
_POWERS: Final = {str(power): 10.0**power for power in range(10)} | _WORDS
# "1" in a column of multipliers is one, not a power.
_FACTORS: Final = {str(10**power): 10.0**power for power in (0, 3, 6, 9)} | _WORDS
_PERSONS: Final = dict.fromkeys(
    (
        *("accounts", "count", "headcount", "individuals", "inhabitants", "migrants", "nbr", "nr", "number"),
        *("number of persons", "people", "per", "person", "persons", "ps", "users"),
    ),
    1.0,
)
_UNITS: Final = _PERSONS | {
    f"{word}{of}": factor
    for word, factor in {**_WORDS, "ths": 1e3, "1000": 1e3, "mio": 1e6}.items()
    for of in ("", " persons", " of persons", " people", " accounts", "_per")
}
_MULTIPLIERS: Final[Mapping[str, Mapping[str, float]]] = {
    "unitmult": _POWERS,
    "unitmultiplier": _POWERS,
    "powercode": _POWERS,
    "powercodecode": _POWERS,
    "multiplier": _FACTORS,
    "scale": _FACTORS,
}
_UNIT_COLUMNS: Final = dict.fromkeys(("unit", "units", "unitcode", "unitmeasure", "unitofmeasure"), _UNITS)
# Ten of something is as likely a count of its own, such as of sources.
_SMALLEST: Final = 1e3
_OF_UNITS: Final = re.compile(
    r"(?<![^\W_])(?:uni(?:t|ts|té|te|tés|tes|dad|tà|dade)(?![^\W_])|einheit|eenheid|measure|medida|misura|mult|factor"
    r"|faktor|facteur|fator|scale|scaling|power|exponent|magnitude)"
)
_MANY_WORDS: Final = (
    r"(?:thousands?|thsd?|ths|tsd|tausend|mille|milliers?|miles|mil|milhares|migliaia|duizend|tusen|tusental|tys|tis"
    r"|hundreds?|millions?|mio|mln|millionen|millones|milhões|milioni|miljoen|billions?|mrd|milliarden?)"
)
_MANY: Final = re.compile(
    rf"^\W*(?:in |en |em |x |in 1 )?{_MANY_WORDS}"
    r"(?:\W*$|\W+(?:of |de |d['\u2019]|di |von )?[^\W\d]+\W*$)|^'?000s?$"
)
_OF_PERSONS: Final = re.compile(r"person(?:en|nes|as|e|er)?|personnes|pessoas|osoby|headcount")
_SCALED: Final = re.compile(rf"\b{_MANY_WORDS}\b|\b1[ .,']?000s?\b|['(]000", re.IGNORECASE)
_SCALED_NOTE: Final = re.compile(rf"\b(?:in|en|em|i) (?:1 )?(?:{_MANY_WORDS}|1[ .,']?000s?)\b", re.IGNORECASE)
"""What a note below a table says of its figures; one that only names a thousand says nothing of a unit."""


def is_multiplier(column: str) -> bool:
    """Whether a column says what figures are multiplied by.

    Examples
    --------
    >>> is_multiplier("UNIT_MULT"), is_multiplier("PowerCode Code"), is_multiplier("UNIT_MEASURE")
    (True, True, False)
    """
    return _plain(column) in _MULTIPLIERS


def multiplied(numbers: np.ndarray, rows: pd.DataFrame, place: Callable[[int], str]) -> np.ndarray:
    """Return figures in single units, by the columns of their rows that say what they are multiplied by.

    Raises
    ------
    OfficialFileError
        A multiplier is not known, two columns disagree, or some figures have one and others have none.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> multiplied(np.array([1048.9, 7.0]), pd.DataFrame({"UNIT_MULT": ["3", "0"]}), str).tolist()
    [1048900.0, 7.0]
    """
    return _times(numbers, [_factors(numbers, rows, place, _MULTIPLIERS)])


def counted(numbers: np.ndarray, rows: pd.DataFrame, place: Callable[[int], str]) -> np.ndarray:
    """Return the same of rows that may say their unit too: persons, thousand persons.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> counted(np.array([1.5, 2.0]), pd.DataFrame({"unit": ["thousand persons", "persons"]}), str).tolist()
    [1500.0, 2.0]
    """
    factors = [_factors(numbers, rows, place, meanings) for meanings in (_MULTIPLIERS, _UNIT_COLUMNS)]
    twice = np.logical_and(*(factor != 1 for factor in factors))
    if twice.any():
        raise OfficialFileError(
            "a figure has both a unit and a multiplier",
            where=place(int(twice.argmax())),
            hint="leave one of the two columns out, or give the figures in persons",
        )
    return _times(numbers, factors)


def check_ignored(rows: pd.DataFrame, place: Callable[[int], str], *, applied: bool) -> None:
    """Refuse columns that nobody reads and that seem to say what figures are multiplied by.

    A column is refused if every text in it is a word such as ``thousand``, ``Tausend`` or ``milliers``, or a figure
    such as 1000 or 10^3; under a heading such as ``factor`` or ``Einheit`` also if it is an exponent such as 3.

    Parameters
    ----------
    applied
        Whether the columns that `counted` knows are applied: these pass.

    Examples
    --------
    >>> import pandas as pd
    >>> check_ignored(pd.DataFrame({"note": ["1", "x"], "unit": "thousand"}), str, applied=True)
    >>> check_ignored(pd.DataFrame({"Einheit": ["Personen", "Tausend Personen"]}), str, applied=True)
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: the column Einheit is not read and says 'Tausend Personen', as if of a multiplier
      where:   1
      next:    name it unit (thousand persons) or multiplier (1000); or give figures in single units and leave it out
    """
    for name in (str(name) for name in rows):
        if applied and _plain(name) in (*_MULTIPLIERS, *_UNIT_COLUMNS):
            continue
        texts = rows[name].str.strip().str.casefold()
        is_of_units = bool(_OF_UNITS.search(name.casefold()))
        factors = mapped(texts, partial(_factor, exponent=is_of_units), "float64").to_numpy()
        filled = (texts != "").to_numpy()
        multiplies = filled & (factors > 1)
        if multiplies.any() and (is_of_units or not np.isnan(factors[filled]).any()):
            row = int(multiplies.argmax())
            as_applied = "name it unit (thousand persons) or multiplier (1000); or " if applied else ""
            raise OfficialFileError(
                f"the column {name} is not read and says {rows[name].iloc[row]!r}, as if of a multiplier",
                where=place(row),
                hint=f"{as_applied}give figures in single units and leave it out",
            )


def _factor(text: str, *, exponent: bool) -> float | None:
    """Return what a text of any language multiplies by, None where it seems to say nothing of that."""
    if text in _UNITS:
        return _UNITS[text]
    if re.fullmatch(r"10*", re.sub(r"[\s.,'\u2019_]", "", text)):
        factor = float(re.sub(r"\D", "", text))
        return factor if exponent or factor >= _SMALLEST or factor == 1 else None
    if exponent and text in _POWERS:
        return _POWERS[text]
    if match := re.fullmatch(r"(?:10(?:\^|\*\*)|1e\+?0*)(\d)", text):
        return float(10 ** int(match[1]))
    if _MANY.search(text):
        return 1e3
    return 1.0 if _OF_PERSONS.fullmatch(text) else None


def check_heading(heading: str, where: str) -> None:
    """Refuse a heading of figures that says thousands or the like, where single units are read.

    Examples
    --------
    >>> check_heading("Population (thousands)", "a.csv, line 1")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: the figures under 'Population (thousands)' are in another unit than persons
      where:   a.csv, line 1
      next:    multiply them and mend the heading, or take the provider's file unchanged
    """
    if _SCALED.search(heading.replace("_", " ")):
        raise OfficialFileError(
            f"the figures under {heading!r} are in another unit than persons",
            where=where,
            hint="multiply them and mend the heading, or take the provider's file unchanged",
        )


def check_note(note: str, where: str) -> None:
    """Refuse a note below a table that says that its figures are in thousands or the like.

    Examples
    --------
    >>> check_note("Countries with fewer than 1,000 migrants are left out.", "a.csv")
    >>> check_note("Figures are in thousands.", "a.csv")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: the figures above 'Figures are in thousands.' are in another unit than persons
      where:   a.csv
      next:    multiply them and delete the note, or take the provider's file unchanged
    """
    if _SCALED_NOTE.search(note):
        raise OfficialFileError(
            f"the figures above {shown(repr(note))} are in another unit than persons",
            where=where,
            hint="multiply them and delete the note, or take the provider's file unchanged",
        )


def _factors(
    numbers: np.ndarray, rows: pd.DataFrame, place: Callable[[int], str], meanings: Mapping[str, Mapping[str, float]]
) -> np.ndarray:
    """Return what each figure is multiplied by."""
    has_figure = ~np.isnan(numbers)
    factors = np.full(len(rows), np.nan)
    for name in (str(name) for name in rows if _plain(str(name)) in meanings):
        of_text = meanings[_plain(name)]
        texts = rows[name].str.strip()
        column = mapped(texts.str.casefold(), of_text.get, "float64").to_numpy()
        said_otherwise = ~np.isnan(factors) & ~np.isnan(column) & (column != factors)
        wrong = has_figure & ((texts != "").to_numpy() & np.isnan(column) | said_otherwise)
        if wrong.any():
            row = int(wrong.argmax())
            raise _unknown(name, texts.iloc[row], place(row), of_text)
        factors = np.where(np.isnan(factors), column, factors)
    lacking = has_figure & np.isnan(factors)
    if lacking.any() and not np.isnan(factors[has_figure]).all():
        row = int(lacking.argmax())
        raise OfficialFileError(
            "a figure has no unit, and others have one",
            where=place(row),
            hint="fill it in, or take the provider's file unchanged",
        )
    return np.where(np.isnan(factors), 1.0, factors)


def _unknown(name: str, text: str, where: str, of_text: Mapping[str, float]) -> OfficialFileError:
    return OfficialFileError(
        f"figures in other units than persons: {name} is {text!r}",
        where=where,
        allowed=", ".join(of_text),
        hint="download persons, or multiply the figures and leave the column out",
    )


def _times(numbers: np.ndarray, factors: list[np.ndarray]) -> np.ndarray:
    factor = np.prod(factors, axis=0)
    # 1048.9 thousand is a whole number but for the binary point.
    return np.where(factor == 1, numbers, np.round(numbers * factor, 6))


def _plain(name: str) -> str:
    return re.sub(r"[\s_.-]", "", name).casefold()
