"""OECD: stocks of the International Migration Database, and education by place of birth.

Of the data flows ``DSD_MIG@DF_MIG`` and ``DSD_MIG_F@DF_MIG_POPF`` two measures are stocks: ``B14`` counts the
foreign-born by country of birth, ``B15`` foreign citizens by citizenship. Inflows, outflows, asylum seekers and
acquisitions of nationality are flows. Areas are ISO 3166-1 alpha-3 except ``XKV`` (Kosovo) and dissolved states
(``SUN_F``); ``W`` is the world, ``W_X`` unspecified, ``STLS`` stateless, ``EEA``, ``EU15`` and ``A4`` are groups.
There are figures for both sexes and for females; males are their difference, marked ``derived``.

The OECD gives a year, not a day. For the European countries its figures are Eurostat's for 1 January of that year
(2018: France 8,199,663, Czechia 467,580 foreign-born in both), hence 1 January; countries that count in mid-year are
half a year off.

Shares of adults by education and place of birth are ``DSD_EAG_LSO_EA@DF_LSO_NEAC_DISTR_EA_MIGR``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official import flags
from smstock.official.ages import bounds
from smstock.official.areas import no_area, unknown_areas
from smstock.official.base import ALL_ORIGINS, AT_HOME, GROUPS_OF_AREAS
from smstock.official.columns import mapped
from smstock.official.observations import Facets, first_reason
from smstock.official.oecd.groups import GROUPS
from smstock.official.sexes import sexes
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from smstock.official.observations import Observations
    from smstock.official.rawfile import RawFile

_STOCKS = {"B14": "birth", "B15": "citizenship"}
_ORIGINS = {"birth_country": "origin", "citizenship": "origin"}
_SEXES = {"_T": "all", "F": "female", "M": "male"}

_LEVELS = {"ISCED11A_0T2": "isced0-2", "ISCED11A_3_4": "isced3-4", "ISCED11A_5T8": "isced5-8"}
_BORN = {"FB": ALL_ORIGINS, "NB": "NAT"}
# What tells the shares of all adults by education from their standard errors and from parts of the population.
_ALL_ADULTS = {
    "education_field": "_T",
    "measure": "POP",
    "labour_force_status": "POP",
    "edu_status": "ED_NED",
    "statistical_operation": "OBS",
    "unit_measure": "PT_POP_SEX_AGE",
}

_NO_STOCK = "of measures that are no stock"
_NO_SHARE = "of parts of the population, or standard errors"


def stock_facets(observations: Observations) -> Facets:
    """Return what the series of the International Migration Database mean in the columns of a stock table.

    Raises
    ------
    OfficialFileError
        No measure is a stock, or a code of sex or unit is not known.
    UnknownNameError
        A code of three letters is no area of the vocabulary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.observations import Observations
    >>> from smstock.official.rawfile import RawFile
    >>> keys = pd.DataFrame({"ref_area": ["FRA"], "birth_country": ["W"], "measure": ["B14"], "sex": ["F"]})
    >>> observations = Observations(RawFile(Path("a.csv"), "text", b""), "dsd_mig_f@df_mig_popf", "2025", keys, [])
    >>> stock_facets(observations).columns[["concept", "destination", "origin", "sex"]].iloc[0].tolist()
    ['birth', 'FRA', 'WLD', 'female']
    """
    file, keys = observations.file, _dimensions(observations, "ref_area", "origin", "measure", "sex")
    is_stock = keys["measure"].isin(_STOCKS).to_numpy()
    if not is_stock.any():
        measures = ", ".join(sorted(keys["measure"].unique()))
        raise OfficialFileError(
            f"{file.path} holds {measures} of the International Migration Database and no stock: inflows, outflows, "
            "asylum seekers and acquisitions are flows",
            hint="download measure B14 of DSD_MIG_F@DF_MIG_POPF (by birth) or B15 of DSD_MIG@DF_MIG (by citizenship)",
        )
    destination, is_destination = _areas(file, keys["ref_area"])
    origin, is_origin = _areas(file, keys["origin"])
    everybody = (keys["origin"] == "W").to_numpy()
    origin = origin.mask(everybody, ALL_ORIGINS)
    reasons = [
        (~is_stock, _NO_STOCK),
        *(unknown_areas(keys[end], _is_known) for end in ("ref_area", "origin")),
        (~is_destination | ~(is_origin | everybody), GROUPS_OF_AREAS),
        ((origin == destination).to_numpy(), AT_HOME),
    ]
    columns = {
        "concept": mapped(keys["measure"], _STOCKS.get),
        "destination": destination,
        "origin": origin,
        "sex": _sexes(file, keys["sex"]),
        "age_min": 0,
        "age_max": pd.Series(pd.NA, index=keys.index, dtype="Int64"),
    }
    _check_persons(file, keys[is_stock])
    return Facets(_with_edition(observations, keys, columns), first_reason(reasons), 1.0, "01-01")


def education_facets(observations: Observations) -> Facets:
    """Return what the shares of adults by education mean in the columns of an indicator table.

    Raises
    ------
    OfficialFileError
        A dimension is missing, or a code of sex or age is not known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.observations import Observations
    >>> from smstock.official.rawfile import RawFile
    >>> keys = {"ref_area": "FRA", "sex": "_T", "age": "Y25T64", "attainment_lev": "ISCED11A_5T8", "birth_place": "FB"}
    >>> keys = pd.DataFrame([keys | _ALL_ADULTS])
    >>> observations = Observations(RawFile(Path("a.csv"), "text", b""), "dsd_eag", "2025", keys, [])
    >>> education_facets(observations).columns[["area", "group", "category"]].iloc[0].tolist()
    ['FRA', 'WLD', 'isced5-8']
    """
    file = observations.file
    keys = _dimensions(observations, "ref_area", "sex", "age", "attainment_lev", "birth_place", *_ALL_ADULTS)
    area, is_area = _areas(file, keys["ref_area"])
    group = mapped(keys["birth_place"], _BORN.get)
    arrived = keys.get("migration_age", pd.Series("_T", index=keys.index)).isin(["_T", "_Z"])
    of_all_adults = np.all([keys[name] == code for name, code in _ALL_ADULTS.items()], axis=0)
    youngest, oldest = bounds(keys["age"], f"{file.path}, AGE")
    reasons = [
        unknown_areas(keys["ref_area"], _is_known),
        (~is_area, GROUPS_OF_AREAS),
        (~of_all_adults | group.isna().to_numpy() | ~arrived.to_numpy(), _NO_SHARE),
        (youngest.isna(), _NO_SHARE),
    ]
    columns = {
        "indicator": "education",
        "category": keys["attainment_lev"].replace(_LEVELS),
        "area": area,
        "concept": "birth",
        "group": group,
        "sex": _sexes(file, keys["sex"]),
        "age_min": youngest,
        "age_max": oldest,
        "unit": "percent",
    }
    return Facets(_with_edition(observations, keys, columns), first_reason(reasons), 1.0, "07-01")


def with_males(stock: pd.DataFrame) -> pd.DataFrame:
    """Return a stock table with a row for males, both sexes minus females, for every figure that has none.

    Its flags are those of both sexes and ``derived``. It is missing where either figure is, or females exceed both.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"sex": ["all", "female"], "value": [9.0, 4.0], "flags": ["b", ""], "concept": "birth"})
    >>> rows = rows.assign(destination="ISL", origin="POL", reference_date="2008-01-01")
    >>> with_males(rows)[["sex", "value", "flags"]].to_numpy().tolist()
    [['all', 9.0, 'b'], ['female', 4.0, ''], ['male', 5.0, 'b derived']]
    """
    key = ["concept", "destination", "origin", "reference_date"]
    females = stock.loc[stock["sex"] == "female", [*key, "value"]].rename(columns={"value": "females"})
    counted = stock.loc[stock["sex"] == "male", key].assign(counted=True)
    males = stock[stock["sex"] == "all"].merge(females, on=key).merge(counted, on=key, how="left")
    males = males[males["counted"].isna()].drop(columns="counted")
    value = males["value"] - males.pop("females")
    males = males.assign(sex="male", value=value.where(value >= 0))
    males["flags"] = [
        flags.joined(f"{of_both.partition(';')[0]} {flags.DERIVED}".strip(), "blank" if missing else "")
        for of_both, missing in zip(males["flags"], males["value"].isna(), strict=True)
    ]
    return pd.concat([stock, males], ignore_index=True) if len(males) else stock


def _dimensions(observations: Observations, *needed: str) -> pd.DataFrame:
    """Return the codes of each series, the country of birth or citizenship as ``origin``."""
    keys = observations.keys.rename(columns=_ORIGINS)
    lacking = ", ".join(name.upper() for name in needed if name not in keys)
    if lacking:
        raise OfficialFileError(
            f"{observations.file.path} lacks the dimension {lacking}", hint="download it with all columns"
        )
    return keys


def _with_edition(observations: Observations, keys: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    common = {"provider": "oecd", "dataset": observations.dataset, "edition": observations.edition, "retrieved_at": ""}
    return pd.DataFrame({**common, **columns}, index=keys.index)


def _areas(file: RawFile, codes: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return ISO3 of each code, a group's own code, and which are areas."""
    iso3_of = crosswalk("oecd")

    def area(code: str) -> str:
        if code not in iso3_of and len(code) == 3 and code.isalpha() and code not in GROUPS:
            raise no_area(code, "the OECD", str(file.path))
        return iso3_of.get(code, code)

    return mapped(codes, area), mapped(codes, iso3_of.__contains__, "bool").to_numpy()


def _is_known(code: str) -> bool:
    return code in crosswalk("oecd") or code in GROUPS


def _sexes(file: RawFile, codes: pd.Series) -> pd.Series:
    return sexes(codes, _SEXES, lambda _: f"{file.path}, dimension SEX")


def _check_persons(file: RawFile, keys: pd.DataFrame) -> None:
    """Refuse a series that counts anything but persons."""
    other = sorted(set(keys.get("unit_measure", pd.Series(["PS"])).unique()) - {"PS"})
    if other:
        raise OfficialFileError(
            f"{file.path} has figures in other units than persons: {', '.join(other)}",
            allowed="UNIT_MEASURE PS",
            hint="download persons",
        )
