"""Ages as statistical offices write them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError, SmstockError
from smstock.official.columns import mapped
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    import pandas as pd

EVERY_AGE = Ages(0)

_WHOLE = {"TOTAL", "_T", "Total", "Insgesamt"}
# UNK: not known. Y_OPEN: the last group of a country, which begins at an age that differs between countries.
_NO_RANGE = {
    *("UNK", "Unknown", "Unbekannt", "Inconnu", "_U"),
    *("Y_OPEN", "Open-ended age class", "Offene Altersklasse", "Classe d'âge ouverte"),
}
_CLOSED = re.compile(
    r"Y?(\d{1,3})(?:-|T|_)(\d{1,3})|From (\d{1,3}) to (\d{1,3}) years"
    r"|(?:Von )?(\d{1,3}) bis (\d{1,3}) Jahren?|De (\d{1,3}) à (\d{1,3}) ans",
    re.ASCII,
)
_OPEN = re.compile(
    r"Y?_?GE_?(\d{1,3})|(\d{1,3})\+|(\d{1,3}) years or over"
    r"|(\d{1,3}) Jahre (?:und|oder) (?:mehr|älter|darüber)|(\d{1,3}) ans (?:et|ou) plus",
    re.ASCII,
)
_BELOW = re.compile(
    r"Y?_?LT_?(\d{1,3})|Less than (\d{1,3}) years?"
    r"|(?:Weniger als|Unter) (\d{1,3}) Jahr(?:en?)?|Moins de (\d{1,3}) ans?",
    re.ASCII,
)
_SINGLE = re.compile(r"Y?(\d{1,3})(?: years?| Jahre?| ans?)?", re.ASCII)


@cache
def ages(text: str) -> Ages | None:
    """Return the range of completed years that a code or label stands for; None if it stands for no known range.

    Read are the codes of Eurostat (``Y_LT5``, ``Y15-64``, ``Y_GE85``, ``Y15``, ``TOTAL``) with their labels in English,
    German and French, of the OECD (``Y15T64``, ``_T``) and of the United Nations (``0-4``, ``75+``, ``Total``).

    Raises
    ------
    OfficialFileError
        The text is none of these.

    Examples
    --------
    >>> [str(ages(text)) for text in ("Y_LT5", "Y15-64", "Y_GE85", "TOTAL", "Y15", "75+", "Less than 15 years")]
    ['0-4', '15-64', '85+', '0+', '15-15', '75+', '0-14']
    >>> ages("UNK") is ages("Y_OPEN") is None
    True
    """
    text = text.strip().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    text = text.replace("d'un an", "de 1 an").replace("einem Jahr", "1 Jahr")
    if text in _WHOLE:
        return EVERY_AGE
    if text in _NO_RANGE:
        return None
    for pattern, build in ((_CLOSED, Ages), (_OPEN, Ages), (_BELOW, _below), (_SINGLE, _single)):
        if match := pattern.fullmatch(text):
            return build(*(int(number) for number in match.groups() if number))
    raise OfficialFileError(
        f"{text!r} is no age group that is read",
        allowed="such as Y15-64, Y_LT5, Y_GE85, 15-64, 75+, TOTAL",
        hint="mend the cell, or take the provider's file unchanged",
    )


def bounds(texts: pd.Series, place: str) -> tuple[pd.Series, pd.Series]:
    """Return youngest and oldest age of each text; both missing where it stands for no known range.

    Parameters
    ----------
    place
        How an error names the column.

    Raises
    ------
    OfficialFileError
        A text is no age group that is read.

    Examples
    --------
    >>> import pandas as pd
    >>> youngest, oldest = bounds(pd.Series(["Y15-64", "Y_GE65", "UNK"]), "a.csv, column age")
    >>> youngest.tolist(), oldest.tolist()
    ([15, 65, <NA>], [64, <NA>, <NA>])
    """
    try:
        youngest = mapped(texts, lambda text: span.minimum if (span := ages(text)) else None, "Int64")
    except SmstockError as error:
        error.where = place
        raise
    return youngest, mapped(texts, lambda text: span.maximum if (span := ages(text)) else None, "Int64")


def _below(limit: int) -> Ages:
    return Ages(0, limit - 1)


def _single(year: int) -> Ages:
    return Ages(year, year)
