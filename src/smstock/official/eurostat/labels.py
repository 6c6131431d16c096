"""Eurostat's English labels back to its codes.

The Data Browser writes labels instead of codes unless asked otherwise (``labels=name``). Areas are found by their names
(:mod:`smstock.vocabulary.countries`); what is no area is listed here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.columns import mapped
from smstock.vocabulary.countries import area, find

if TYPE_CHECKING:
    import pandas as pd

    from smstock.official.rawfile import RawFile

_ORIGINS = {
    "Total": "TOTAL",
    "Reporting country": "NAT",
    "Foreign country": "FOR",
    "Foreign country and stateless": "FOR_STLS",
    "Stateless": "STLS",
    "Recognised non-citizens": "RNC",
    "Unknown": "UNK",
    "EU27 countries (from 2020) except reporting country": "EU27_2020_FOR",
    "Non-EU27 countries (from 2020) nor reporting country": "NEU27_2020_FOR",
    "EU28 countries (2013-2020) except reporting country": "EU28_FOR",
    "Non-EU28 countries (2013-2020) nor reporting country": "NEU28_FOR",
    "European Free Trade Association except reporting country": "EFTA_FOR",
    "Candidate countries from 2022 (8 countries) except reporting country": "CC8_22_FOR",
}

GROUPS: Final = frozenset(
    {
        "Africa",
        "America",
        "Asia",
        "Australia and New Zealand",
        "Candidate countries from 2023 (9 countries) except reporting country",
        "Caribbean",
        "Central Africa",
        "Central America",
        "Central Asia",
        "Eastern Africa",
        "Eastern Asia",
        "Euro area \u2013 20 countries (from 2023)",
        "Europe",
        "European Free Trade Association",
        "European Union - 27 countries (from 2020)",
        "European Union - 28 countries (2013-2020)",
        "Melanesia",
        "Micronesia",
        "Non-EU27 countries (from 2020) nor EFTA countries",
        "Northern Africa",
        "Northern America",
        "Oceania",
        "Polynesia",
        "South America",
        "South-Eastern Asia",
        "Southern Africa",
        "Southern Asia",
        "Western Africa",
        "Western Asia",
    }
)
"""These keep their label: a group of areas is counted and set aside, whatever its code."""

_CODES = {
    "freq": {"Annual": "A"},
    "sex": {"Total": "T", "Females": "F", "Males": "M", "Unknown": "UNK"},
    "unit": {"Number": "NR", "Person": "PER", "Thousand persons": "THS_PER", "Percentage": "PC"},
    "indic_de": {
        "Population on 1 January - total": "JAN",
        "Population on 1 January - males": "MJAN",
        "Population on 1 January - females": "FJAN",
    },
    "isced11": {
        "Less than primary, primary and lower secondary education (levels 0-2)": "ED0-2",
        "Upper secondary and post-secondary non-tertiary education (levels 3 and 4)": "ED3_4",
        "Tertiary education (levels 5-8)": "ED5-8",
    },
    "wstatus": {
        "Employed persons": "EMP",
        "Unemployed persons": "UNE",
        "Persons outside the labour force": "INAC",
        "Population": "POP",
    },
}
_OF_AREAS = ("citizen", "c_birth", "geo")
_LABEL = re.compile(r"[a-z]")


def codes(file: RawFile, keys: pd.DataFrame) -> pd.DataFrame:
    """Return ``keys`` with codes in place of labels; a column that holds codes stays as it is.

    Codes have no lower-case letter, labels have. Ages stay labels: :func:`smstock.official.ages.ages` reads both.

    Raises
    ------
    OfficialFileError
        A label of something else than an area is not known; the message names the column.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> keys = pd.DataFrame({"sex": ["Females"], "geo": ["Kosovo*"], "citizen": ["Stateless"], "age": ["Y15"]})
    >>> codes(RawFile(Path("a.csv"), "text", b""), keys).iloc[0].tolist()
    ['F', 'XK', 'STLS', 'Y15']
    """
    return keys.assign(**{str(name): _coded(file, keys[name]) for name in keys if name != "age"})


def _coded(file: RawFile, column: pd.Series) -> pd.Series:
    if not mapped(column, lambda text: bool(_LABEL.search(text)), "bool").any():
        return column
    return mapped(column, lambda text: _code(file, str(column.name), text))


def _code(file: RawFile, name: str, label: str) -> str:
    if name in _OF_AREAS:
        return _area(label)
    code_of = _CODES.get(name, {})
    if label not in code_of:
        raise OfficialFileError(
            f"{file.path} has the label {label!r}, which stands for no known code of {name}",
            allowed="; ".join(code_of) or "codes",
            hint="download it with codes instead of labels",
        )
    return code_of[label]


def _area(label: str) -> str:
    """Return the code of a label; the label itself, which is named to the user, of what is not known."""
    if label in _ORIGINS or label in GROUPS:
        return _ORIGINS.get(label, label)
    try:
        return area(find(label, "name")).eurostat or label
    except UnknownNameError:
        return label
