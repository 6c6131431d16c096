"""Eurostat: what the codes of its data sets mean.

Areas are Eurostat's codes (``EL`` Greece, ``UK``, ``XK`` Kosovo, ``EX_SU`` and other dissolved states, ``OTH``
"Others"); destinations may be regions (:mod:`smstock.official.eurostat.regions`). Unions and continents are groups of
areas, and so are persons of no or unknown citizenship (``STLS``, ``RNC``, ``UNK``). A code that is none of these is not
known: its figures are left out, and the reason names it. By country of birth ``FOR`` counts all migrants; by
citizenship ``FOR_STLS`` does, for ``FOR`` leaves out the stateless. ``TOTAL`` is the population, ``NAT`` natives or
nationals.

Populations are for 1 January. Annual averages are given the middle of the year.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from smstock import tables
from smstock.errors import OfficialFileError
from smstock.official.ages import bounds
from smstock.official.areas import no_area, unknown_areas
from smstock.official.base import ALL_ORIGINS, AT_HOME, GROUPS_OF_AREAS
from smstock.official.columns import mapped
from smstock.official.eurostat import labels, regions
from smstock.official.observations import Facets, first_reason
from smstock.official.sexes import sexes
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from smstock.official.eurostat.datasets import Dataset
    from smstock.official.observations import Observations
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

    Meaning = tuple[dict[str, pd.Series | str], np.ndarray, list[tuple[ArrayLike, str]]]
    """Columns, what a figure is multiplied by, and why some series are left out."""

_SEXES = {"T": "all", "F": "female", "M": "male"}
_PERSONS = {"NR": 1.0, "PER": 1.0, "THS_PER": 1000.0, "THS": 1000.0}
_SHARES = {"PC": "percent", "PC_IND": "percent of individuals"}
# Two letters and yet no country: EU and euro area of changing composition, metropolitan France.
_GROUPS_OF_TWO_LETTERS = {"EU", "EA", "FX"}
_TOTAL = "TOTAL"

# Unions (EU27_2020, NEU27_2020_FOR, CC8_22_FOR), continents and their parts (ASI_SE), countries by development.
_GROUP = re.compile(
    r"(?:N|EXT_|OTH_)?(?:EU|EA|EEA|EFTA|CC|CPC)(?:\d+)?(?:_\w+)*|(?:AFR|AME|ASI|EUR|OCE|V?HDC|MDC|LDC|OTH)(?:_\w+)*",
    re.ASCII,
)
_NO_AREA = {
    _TOTAL,
    "FOR",
    "FOR_STLS",
    "NAT",
    "STLS",
    "RNC",
    "UNK",
    "NRP",
    "NSP",
    "CRB",
    "MEL",
    "MIC",
    "POL",
    "AUS_NZ",
    "CN_X_HK",
}

_EDUCATION = {"ED0-2": "isced0-2", "ED3_4": "isced3-4", "ED5-8": "isced5-8", _TOTAL: ""}
# Used the internet in the last 3 or 12 months, never; took part in social networks.
_ACTIVITIES = {
    "I_IU3": "internet_use",
    "I_IMT12": "internet_use",
    "I_IUX": "internet_use",
    "I_IUSNET": "social_network_use",
}
_INDIVIDUALS = re.compile(
    r"(?:(?P<sex>[FM])_)?Y(?P<from>\d+)_(?P<to>\d+)|(?P<by>CB|CC)_(?P<group>\w+)|IND_TOTAL", re.ASCII
)
_ADULTS = "Y16-74"  # whom the survey on the use of ICT asks

_POPULATION_OF_SEX = {"JAN": "T", "MJAN": "M", "FJAN": "F"}

_IN_POPULATION = "of the total population, which is another table"
_IN_STOCK = "of a part of the population by origin"
_NO_AGE = "for an unknown age, or an open one that begins nowhere"
_NO_SEX = "for an unknown sex"
_NO_MEASURE = "of other measures, or other groups of individuals"


def facets(observations: Observations, of: Dataset, contract: Contract) -> Facets:
    """Return what the series of a data set mean in the columns of a contract.

    Raises
    ------
    OfficialFileError
        The file lacks a dimension and its sidecar does not stand in for it, or has a code of sex, age or unit that is
        not known.
    UnknownNameError
        A code of two letters is no area of the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.eurostat.datasets import DATASETS
    >>> from smstock.official.observations import Observations
    >>> from smstock.official.rawfile import RawFile
    >>> key = {"age": "TOTAL", "unit": "NR", "sex": "F", "geo": "DE"}
    >>> keys = pd.DataFrame([key | {"citizen": code} for code in ("RS", "FOR_STLS", "QQQ")])
    >>> observed = Observations(RawFile(Path("a.tsv"), "text", b""), "migr_pop1ctz", "2025", keys, [])
    >>> stock = facets(observed, DATASETS["migr_pop1ctz"], tables.STOCK)
    >>> stock.columns["origin"].tolist(), stock.reason.tolist()
    (['SRB', 'WLD', 'QQQ'], ['', '', 'for areas that are not known: QQQ'])
    """
    file = observations.file
    keys = _spelled_out(labels.codes(file, observations.keys))
    lacking = [name for name in ("geo", of.origin, of.category) if name and name not in keys]
    if lacking:
        raise OfficialFileError(
            f"{file.path} lacks {' and '.join(lacking)}, dimensions of {observations.dataset}",
            hint="download it with all its dimensions",
        )
    other = sorted(set(keys["freq"].unique()) - {"A"}) if "freq" in keys else []
    if other:
        raise OfficialFileError(
            f"{file.path} holds other figures than annual ones",
            where=f"freq {', '.join(other)}",
            allowed="freq A",
            hint="download annual figures",
        )
    columns, unit, reasons = _MEANINGS[contract.name](file, keys, of)
    sex = _sexes(file, keys)
    age_groups = keys["age"] if "age" in keys else pd.Series(file.stated("ages")[0], index=keys.index)
    youngest, oldest = bounds(age_groups, f"{file.path}, dimension age")
    common = {
        "provider": "eurostat",
        "dataset": observations.dataset,
        "edition": observations.edition,
        "retrieved_at": "",
        "sex": sex,
        "age_min": youngest,
        "age_max": oldest,
    }
    reason = first_reason([*reasons, (youngest.isna(), _NO_AGE), (sex.isna(), _NO_SEX)])
    return Facets(pd.DataFrame({**common, **columns}, index=keys.index), reason, unit, of.day)


def areas(file: RawFile, codes: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return ISO3 of each code, a group's own code, and which are areas.

    Raises
    ------
    UnknownNameError
        A code of two letters is no area of the vocabulary.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> names, is_area = areas(RawFile(Path("a.tsv"), "text", b""), pd.Series(["EL", "NA", "EU27_2020", "EX_YU"]))
    >>> names.tolist(), is_area.tolist()
    (['GRC', 'NAM', 'EU27_2020', 'YUG'], [True, True, False, True])
    """
    iso3_of = crosswalk("eurostat")

    def area(code: str) -> str:
        if code not in iso3_of and len(code) <= 2 and code not in _GROUPS_OF_TWO_LETTERS:
            raise no_area(code, "Eurostat", str(file.path))
        return iso3_of.get(code, code)

    return mapped(codes, area), mapped(codes, iso3_of.__contains__, "bool").to_numpy()


def _is_origin(code: str) -> bool:
    """Return whether a code or label is one of an area, or of a known group of areas or persons."""
    return (
        code in crosswalk("eurostat")
        or code in _NO_AREA
        or code in _GROUPS_OF_TWO_LETTERS
        or labels.is_group(code)
        or _GROUP.fullmatch(code) is not None
    )


def _stock(file: RawFile, keys: pd.DataFrame, of: Dataset) -> Meaning:
    destination, is_destination = areas(file, keys["geo"])
    origin, is_origin = areas(file, keys[of.origin])
    everybody = (keys[of.origin] == of.every_origin).to_numpy()
    origin = origin.mask(everybody, ALL_ORIGINS)
    columns: dict[str, pd.Series | str] = {"concept": of.concept, "destination": destination, "origin": origin}
    return (
        columns,
        _persons(file, keys),
        [
            (keys[of.origin] == _TOTAL, _IN_POPULATION),
            *regions.reasons(keys["geo"], _is_origin),
            unknown_areas(keys[of.origin], _is_origin),
            (~(is_destination | regions.are_regions(keys["geo"])) | ~(is_origin | everybody), GROUPS_OF_AREAS),
            (regions.at_home(destination, origin), AT_HOME),
        ],
    )


def _population(file: RawFile, keys: pd.DataFrame, of: Dataset) -> Meaning:
    area, is_area = areas(file, keys["geo"])
    reasons: list[tuple[ArrayLike, str]] = []
    if "indic_de" in keys:
        reasons.append((~keys["indic_de"].isin(list(_POPULATION_OF_SEX)), _NO_MEASURE))
    if of.origin:
        reasons.append((keys[of.origin] != _TOTAL, _IN_STOCK))
    reasons += _not_of_areas(keys["geo"], is_area)
    return {"area": area}, _persons(file, keys), reasons


def _indicator(file: RawFile, keys: pd.DataFrame, of: Dataset) -> Meaning:
    area, is_area = areas(file, keys["geo"])
    reasons = _not_of_areas(keys["geo"], is_area)
    nobody = pd.Series("", index=keys.index)
    group, concept = keys.get("group", nobody), keys.get("concept", nobody)
    if of.origin:
        reasons.append(unknown_areas(keys[of.origin], _is_origin))
        group, _ = areas(file, keys[of.origin])
        concept = nobody.mask(group != _TOTAL, of.concept)
        every = of.every_origin if (group == of.every_origin).any() else "FOR"
        group = group.replace({_TOTAL: "", every: ALL_ORIGINS})
    indicator = nobody + of.indicator
    category = keys.get(of.category, nobody)
    if of.category == "isced11":
        category = category.replace(_EDUCATION)
    if of.category == "indic_is":
        indicator = mapped(category, _ACTIVITIES.get)
        reasons.append((indicator.isna() | group.isna(), _NO_MEASURE))
    # Without a column for the unit the figures of a copy are what its data set has.
    unit = keys.get("unit", nobody + ("THS_PER" if of.category == "wstatus" else "PC"))
    columns: dict[str, pd.Series | str] = {
        "indicator": indicator,
        "category": category,
        "area": area,
        "concept": concept,
        "group": group,
        "unit": mapped(
            unit, lambda code: "persons" if code in _PERSONS else _SHARES.get(code, f"percent, unit {code}")
        ),
    }
    return columns, mapped(unit, lambda code: _PERSONS.get(code, 1.0), "float64").to_numpy(), reasons


def _not_of_areas(codes: pd.Series, is_country: np.ndarray) -> list[tuple[ArrayLike, str]]:
    """Return why figures are left out that are neither of a country nor of a region."""
    return [
        *regions.reasons(codes, _is_origin),
        (~(is_country | regions.are_regions(codes)), GROUPS_OF_AREAS),
    ]


_MEANINGS: Mapping[str, Callable[[RawFile, pd.DataFrame, Dataset], Meaning]] = {
    tables.STOCK.name: _stock,
    tables.POPULATION.name: _population,
    tables.INDICATOR.name: _indicator,
}


def _spelled_out(keys: pd.DataFrame) -> pd.DataFrame:
    """Return ``keys`` with sex and age in columns of their own, where one dimension says both."""
    if "indic_de" in keys:
        return keys.assign(sex=mapped(keys["indic_de"], lambda code: _POPULATION_OF_SEX.get(code, "T")), age=_TOTAL)
    if "ind_type" in keys:
        individuals = mapped(keys["ind_type"], _individuals, "object")
        return keys.assign(**{name: [getattr(group, name) for group in individuals] for name in _Individuals._fields})
    return keys


class _Individuals(NamedTuple):
    """A group of individuals; no ``group`` where it is defined by something else than age, sex and origin."""

    sex: str = "T"
    age: str = _ADULTS
    group: str | None = ""
    concept: str = ""


def _individuals(code: str) -> _Individuals:
    match = _INDIVIDUALS.fullmatch(code)
    if match is None:
        return _Individuals(group=None)
    if match["by"]:
        group = ALL_ORIGINS if match["group"] == "FOR" else match["group"]
        return _Individuals(group=group, concept="birth" if match["by"] == "CB" else "citizenship")
    return _Individuals(match["sex"] or "T", f"Y{match['from']}-{match['to']}" if match["from"] else _ADULTS)


def _persons(file: RawFile, keys: pd.DataFrame) -> np.ndarray:
    """Return how many persons one unit of each series is."""
    if "unit" not in keys:
        return np.ones(len(keys))
    unknown = set(keys["unit"].unique()) - set(_PERSONS)
    if unknown:
        raise OfficialFileError(
            f"{file.path} has figures in the unit {min(unknown)}, not in persons",
            where="dimension unit",
            allowed=", ".join(_PERSONS),
            hint="download persons",
        )
    return mapped(keys["unit"], _PERSONS.get, "float64").to_numpy()


def _sexes(file: RawFile, keys: pd.DataFrame) -> pd.Series:
    """Return the sex of each series; missing where it is not known."""
    if "sex" not in keys:
        return pd.Series(file.stated("sex")[0], index=keys.index)
    return sexes(keys["sex"], _SEXES, lambda _: f"{file.path}, dimension sex", unknown=["UNK"])
