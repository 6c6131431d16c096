"""Eurostat's labels, English, German and French, back to its codes.

The Data Browser writes labels instead of codes unless asked otherwise (``labels=name``). Areas are found by their
English names in :mod:`smstock.vocabulary.countries`, and by German and French ones in ``names.csv`` beside this module:
those of the Unicode CLDR (48) and of the Interinstitutional Style Guide of the EU, and older ones. What is no area is
listed here and there.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError
from smstock.official.columns import mapped
from smstock.vocabulary import nuts
from smstock.vocabulary.countries import area, known_as

if TYPE_CHECKING:
    from collections.abc import Mapping

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

# Unions, whatever their year: "Non-EU27 countries (from 2020) nor reporting country", "Euroraum - 20 Länder (ab 2023)".
_UNION = re.compile(
    r"(?:Non-|Nicht-|Länder außerhalb der |Länder der |Hors |Pays hors |Pays de l.)?(?:EU|UE|EFTA|AELE)\d*[- ].+"
    r"|(?:European Union|Europäische Union|Union européenne|Euro ?area|Euroraum|Zone euro|Candidate countries"
    r"|Beitrittskandidat|Kandidatenländer|Bewerberländer|Pays candidats|European Free Trade Association"
    r"|Europäische Freihandels|Association européenne de libre|European Economic Area|Europäischer Wirtschaftsraum"
    r"|Espace économique européen)\b.*|(?:Europäische Freihandels|Beitrittskandidat).+"
)

_CODES = {
    "freq": {"A": "Annual|Jährlich|Annuel|Annuelle"},
    "sex": {
        "T": "Total|Insgesamt",
        "F": "Females|Frauen|Weiblich|Femmes",
        "M": "Males|Männer|Männlich|Hommes",
        "UNK": "Unknown|Unbekannt|Inconnu",
    },
    "unit": {
        "NR": "Number|Zahl|Anzahl|Nombre",
        "PER": "Person|Persons|Personen|Personne|Personnes",
        "THS_PER": "Thousand persons|Tausend Personen|Milliers de personnes|Millier de personnes",
        "PC": "Percentage|Prozent|Pourcentage",
    },
    "indic_de": {
        "JAN": "Population on 1 January - total|Bevölkerung am 1. Januar - insgesamt|Population au 1er janvier - total",
        "MJAN": "Population on 1 January - males|Bevölkerung am 1. Januar - Männer|Population au 1er janvier - hommes",
        "FJAN": "Population on 1 January - females|Bevölkerung am 1. Januar - Frauen"
        "|Population au 1er janvier - femmes",
    },
    "isced11": {
        "ED0-2": "Less than primary, primary and lower secondary education (levels 0-2)"
        "|Unterhalb des Primarbereichs, Primarbereich und Sekundarbereich I (Stufen 0-2)"
        "|Inférieur à l'enseignement primaire, enseignement primaire et premier cycle de l'enseignement secondaire"
        " (niveaux 0-2)",
        "ED3_4": "Upper secondary and post-secondary non-tertiary education (levels 3 and 4)"
        "|Sekundarbereich II und postsekundärer, nicht tertiärer Bereich (Stufen 3 und 4)"
        "|Deuxième cycle de l'enseignement secondaire et enseignement post-secondaire non-supérieur (niveaux 3 et 4)",
        "ED5-8": "Tertiary education (levels 5-8)|Tertiärbereich (Stufen 5-8)|Enseignement supérieur (niveaux 5-8)",
    },
    "wstatus": {
        "EMP": "Employed persons|Erwerbstätige|Erwerbstätige Personen|Personnes occupées|Personnes en emploi",
        "UNE": "Unemployed persons|Arbeitslose|Arbeitslose Personen|Chômeurs|Personnes au chômage",
        "INAC": "Persons outside the labour force|Nichterwerbspersonen|Personnes hors de la main-d'œuvre"
        "|Personnes inactives",
        "POP": "Population|Bevölkerung",
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
    of_regions = column.name == "geo" and mapped(column, _is_of_a_region, "bool").any()
    # beside names of regions nobody knows whether Luxembourg is the country, or one of its three regions of that name
    ambiguous = nuts.named if of_regions else frozenset[str]().__contains__
    return mapped(column, lambda text: text if ambiguous(text) else _code(file, str(column.name), text))


def _is_of_a_region(label: str) -> bool:
    return nuts.named(label) and _area(label) == label


def _code(file: RawFile, name: str, label: str) -> str:
    if name in _OF_AREAS:
        return _area(label)
    code_of = {written: code for code, labels in _CODES.get(name, {}).items() for written in labels.split("|")}
    if label not in code_of:
        raise OfficialFileError(
            f"{file.path} has the label {label!r}, which stands for no known code of {name}",
            allowed="; ".join(labels.partition("|")[0] for labels in _CODES.get(name, {}).values()) or "codes",
            hint="download it with codes instead of labels",
        )
    return code_of[label]


def _area(label: str) -> str:
    """Return the code of a label; the label itself, which is named to the user, of what is not known."""
    if label in _ORIGINS or label in GROUPS:
        return _ORIGINS.get(label, label)
    iso3 = known_as(label, "name")
    return area(iso3).eurostat or label if iso3 else names().get(_squeezed(label), label)


def is_group(label: str) -> bool:
    """Return whether a label is one of a group of areas.

    Examples
    --------
    >>> is_group("Oceania"), is_group("Euroraum - 20 Länder (ab 2023)"), is_group("Germany")
    (True, True, False)
    """
    return label in GROUPS or _UNION.fullmatch(label) is not None


@cache
def names() -> Mapping[str, str]:
    """Return Eurostat's code of each German and French name, in small letters.

    Examples
    --------
    >>> names()["griechenland"], names()["états fédérés de micronésie"], names()["micronésie"]
    ('EL', 'FM', 'MIC')
    """
    text = Path(__file__).with_name("names.csv").read_text(encoding="utf-8")
    return {
        _squeezed(name): row["code"]
        for row in csv.DictReader(text.splitlines())
        for language in ("de", "fr")
        for name in filter(None, row[language].split("|"))
    }


def _squeezed(label: str) -> str:
    return " ".join(label.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()).rstrip("* ").casefold()
