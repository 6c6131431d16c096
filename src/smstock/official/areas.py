"""Areas of official files: found in the vocabulary, or named to the user with the place where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smstock.errors import UnknownNameError
from smstock.vocabulary.countries import find

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import ArrayLike

    from smstock.vocabulary.countries import Scheme

UNKNOWN_AREAS = "for areas that are not known: "
"""Beginning of the reason why figures are left out whose area is neither in the vocabulary nor a known group."""

_NAMED = 20


def area_at(place: str, text: str, scheme: Scheme | None = None) -> str:
    """Return the ISO3 of a code or name, as `smstock.vocabulary.countries.find` does.

    Parameters
    ----------
    place
        How an error names the cell: file, and line or column.

    Raises
    ------
    UnknownNameError
        It is in no vocabulary; the message names the place and the nearest areas.

    Examples
    --------
    >>> area_at("a.csv, column origin", "Serbia", "name")
    'SRB'
    >>> area_at("a.csv, column origin", "Atlantis", "name")
    Traceback (most recent call last):
    smstock.errors.UnknownNameError: unknown area 'Atlantis'
      where:   a.csv, column origin
      allowed: an area's name
    """
    try:
        return find(text, scheme)
    except UnknownNameError as error:
        error.where = place
        raise


def no_area(code: str, provider: str, place: str) -> UnknownNameError:
    """Return the error for a code that has the form of an area's and is in no vocabulary.

    Examples
    --------
    >>> print(no_area("ZZ", "Eurostat", "a.tsv"))
    'ZZ' is no area of Eurostat
      where:   a.tsv
      next:    if the area is new, add it to countries.csv; else mend the code
    """
    return UnknownNameError(
        f"{code!r} is no area of {provider}",
        where=place,
        hint="if the area is new, add it to countries.csv; else mend the code",
    )


def unknown_areas(texts: pd.Series, is_known: Callable[[str], bool]) -> tuple[ArrayLike, str]:
    """Return which codes or labels are not known, and the reason for leaving them out, which names them.

    Examples
    --------
    >>> import pandas as pd
    >>> mask, reason = unknown_areas(pd.Series(["DE", "QQQ"]), {"DE"}.__contains__)
    >>> mask.tolist(), reason
    ([False, True], 'for areas that are not known: QQQ')
    """
    unknown = sorted(text for text in texts.unique() if not is_known(text))
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    mask = texts.isin(unknown).to_numpy() if unknown else np.zeros(len(texts), dtype=bool)
    return mask, f"{UNKNOWN_AREAS}{', '.join(unknown[:_NAMED])}{more}"
