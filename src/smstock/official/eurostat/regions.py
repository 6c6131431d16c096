"""Where persons live in Eurostat's tables: countries, and their regions by codes of NUTS.

A region keeps its code (``DE21``, ``EL30``, ``UKI3``), in any version of NUTS; its country is told by its first two
letters. What lies in no region (``DEZZ``, extra-regio) or in an unknown one (``NOXX``) is left out and counted. So are
regions by name, since several may have one (``Berlin`` is of three levels).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from smstock.official.areas import BY_NAME, named_in_reason, unknown_areas
from smstock.official.columns import mapped
from smstock.vocabulary import nuts
from smstock.vocabulary.countries import crosswalk
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

NO_REGION: Final = "of no region of a country (extra-regio), or of an unknown one"
"""Why figures are left out whose code says that they are of a country and of none of its regions."""

# Regions of countries without NUTS (US1), and an area with or without a part (DE_TOT, FR_M).
_PART = re.compile(r"([A-Z]{2})(?:[0-9A-Z]{1,3}|_[A-Z]+)", re.ASCII)


def reasons(codes: pd.Series, is_known: Callable[[str], bool]) -> list[tuple[ArrayLike, str]]:
    """Return why figures of some destinations are left out; those of countries, of groups and of regions are not.

    Parameters
    ----------
    is_known
        Whether a code or label is one of a country, or of a known group of countries.

    Examples
    --------
    >>> import pandas as pd
    >>> codes = pd.Series(["DE", "DE21", "DEZZ", "Oberbayern", "QQQ"])
    >>> for mask, reason in reasons(codes, {"DE"}.__contains__):
    ...     print(codes[mask].tolist(), reason.partition(":")[0])
    ['QQQ'] for areas that are not known
    ['Oberbayern'] for regions by name
    ['DEZZ'] of no region of a country (extra-regio), or of an unknown one
    """
    by_name = mapped(codes, lambda text: nuts.named(text) and not is_known(text), "bool").to_numpy()
    return [
        unknown_areas(codes, lambda text: is_known(text) or nuts.named(text) or _is_extra(text) or _is_part(text)),
        (by_name, BY_NAME + named_in_reason(codes[by_name].unique())),
        (mapped(codes, _is_extra, "bool").to_numpy(), NO_REGION),
    ]


def are_regions(codes: pd.Series) -> np.ndarray:
    """Return which codes are of regions.

    Examples
    --------
    >>> import pandas as pd
    >>> are_regions(pd.Series(["DE", "DE21", "DEZZ"])).tolist()
    [False, True, False]
    """
    return mapped(codes, is_region, "bool").to_numpy()


def is_region(code: str) -> bool:
    """Return whether a code is one of a region.

    Examples
    --------
    >>> [is_region(code) for code in ("DE2", "ES300", "DEA", "DEZZ", "DEU", "DE", "EU27_2020")]
    [True, True, True, False, False, False, False]
    """
    return nuts.is_code(code) and not nuts.is_extra(code)


def at_home(destination: pd.Series, origin: pd.Series) -> np.ndarray:
    """Return which figures are of natives or nationals of the country that an area is, or is a part of.

    Examples
    --------
    >>> import pandas as pd
    >>> at_home(pd.Series(["DEU", "DE21", "DE21"]), pd.Series(["DEU", "DEU", "SRB"])).tolist()
    [True, True, False]
    """
    country = mapped(destination, lambda area: country_of(area) if is_region(area) else area)
    same: np.ndarray = (origin == country).to_numpy()
    return same


def _is_extra(text: str) -> bool:
    return nuts.is_extra(text) or text.startswith("Extra-Regio")


def _is_part(code: str) -> bool:
    """Return whether a code is of a region of an area, or of an area with or without a part; never an ISO3."""
    if nuts.is_code(code):
        return True
    part = _PART.fullmatch(code)
    if part is None or part[1] not in crosswalk("eurostat") or code in crosswalk("iso3"):
        return False
    # three letters alone are a country's, well or badly written
    return not (len(code) == len("DEU") and code.isalpha())
