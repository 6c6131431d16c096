"""World Development Indicators: which are read, what their codes mean, and their figures as tables.

Read are the population (``SP.POP.TOTL``, and by age and sex ``SP.POP.0004.FE`` ... ``SP.POP.80UP.MA``, where
``SP.POP.2024.FE`` is ages 20-24 and no year), internet users (``IT.NET.USER.ZS``, ``.FE.ZS``, ``.MA.ZS``), and the
migrant stock of UN DESA that the Bank serves again (``SM.POP.TOTL``, by birth in some countries and by citizenship in
others, hence of mixed concept). All are for the middle of the year.

Regions and income groups stand among the countries, under codes of three letters or none.

World Development Indicators, CC BY 4.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smstock.errors import OfficialFileError
from smstock.official.areas import no_area, unknown_areas
from smstock.official.base import ALL_ORIGINS, GROUPS_OF_AREAS, Layout, OfficialTable
from smstock.official.columns import mapped
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import check_years
from smstock.official.units import check_heading
from smstock.tables import INDICATOR, POPULATION, STOCK
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from smstock.official.figures import Decimal
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

MARKS = {"": "blank", "..": ".."}
"""What stands in place of a figure that there is not."""

_POPULATION = re.compile(
    r"SP\.POP\.(?:(?P<all>TOTL)|(?P<from>\d\d)(?:(?P<to>\d\d)|UP))(?:\.(?P<sex>TO|FE|MA))?(?:\.IN)?", re.ASCII
)
_INTERNET = re.compile(r"IT\.NET\.USER(?:\.(?P<sex>FE|MA))?\.ZS")
_STOCK = "SM.POP.TOTL"
_SEXES = {None: "all", "TO": "all", "FE": "female", "MA": "male"}
_CODES = (
    "SP.POP.TOTL, SP.POP.0004.FE to SP.POP.80UP.MA, SM.POP.TOTL, IT.NET.USER.ZS, IT.NET.USER.FE.ZS, IT.NET.USER.MA.ZS"
)
_OTHER_INDICATORS = "of other indicators"

# The groups of the service's list of countries (region "Aggregates"); those of two letters have no other code.
_GROUPS = frozenset(
    code
    for line in (
        "AFE AFR AFW ARB BEA BEC BHI BLA BMN BSS CAA CEA CEB CEU CLA CME CSA CSS DEA DEC DLA DMN DNS DSA DSF DSS EAP",
        "EAR EAS ECA ECS EMU EUU FCS FXS HIC HPC IBB IBD IBT IDA IDB IDX INX LAC LCN LDC LIC LMC LMY LTE MDE MEA MIC",
        "MNA NAC NAF NRS NXS OED OSS PRE PSS PST RRS SAS SSA SSF SST SXZ TEA TEC TLA TMN TSA TSS UMC WLD XZN",
        "XD XM XN XT XY",
    )
    for code in line.split()
)

# Codes of the Bank until 2016.
_OLD = {"ADO": "AND", "IMY": "IMN", "KSV": "XKX", "ROM": "ROU", "TMP": "TLS", "WBG": "PSE", "ZAR": "COD"}


@dataclass(frozen=True)
class Figures:
    """The figures of a file, one a row.

    Parameters
    ----------
    rows
        Columns ``code`` (of the indicator), ``iso3`` (of the country or group), ``year``, ``value`` and ``flags``.
    edition
        Day of the last update, or what the sidecar says.
    place
        How an error names a row: file, and line or the like.
    of_others
        How many figures of other indicators there are that are not among the rows.
    """

    rows: pd.DataFrame
    edition: str
    place: Callable[[int], str]
    of_others: int = 0


def contract_of(code: str) -> Contract | None:
    """Return the table an indicator is for; None if it is not read.

    Examples
    --------
    >>> [contract.name for code in ("SM.POP.TOTL", "SP.POP.2024.FE") if (contract := contract_of(code))]
    ['stock', 'population']
    >>> contract_of("SP.POP.65UP.TO.ZS")
    """
    if code == _STOCK:
        return STOCK
    return POPULATION if _POPULATION.fullmatch(code) else INDICATOR if _INTERNET.fullmatch(code) else None


def parsed(cells: pd.DataFrame, edition: str, place: Callable[[int], str], decimal: Decimal) -> Figures:
    """Return the figures of cells of text, of those indicators that are read; others may be below zero or in any unit.

    Parameters
    ----------
    cells
        Columns ``code``, ``iso3``, ``year``, ``cell``, and ``title``: the name of the indicator.

    Raises
    ------
    OfficialFileError
        A cell is no figure, or the name of an indicator says thousands or the like.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"code": ["SP.POP.TOTL", "SM.POP.NETM"], "iso3": "NAM", "year": "2020"})
    >>> cells = cells.assign(cell=["2489098", "-4000"], title=["Population, total", "Net migration"])
    >>> parsed(cells, "2025", str, ".").rows["value"].tolist()
    [2489098.0, nan]
    """
    is_read = mapped(cells["code"], lambda code: contract_of(code) is not None, "bool").to_numpy()
    places = np.flatnonzero(is_read)
    for row, title in cells["title"][is_read].drop_duplicates().items():
        check_heading(title, place(int(str(row))))
    value, flags = np.full(len(cells), np.nan), np.full(len(cells), "", dtype=object)
    value[is_read], flags[is_read] = figures(
        cells["cell"][is_read], MARKS, lambda row: place(int(places[row])), decimal=decimal
    )
    return Figures(cells.assign(value=value, flags=flags), edition, place)


def layout(name: str, recognises: Callable[[RawFile], bool], figures_of: Callable[[RawFile], Figures]) -> Layout:
    """Return the layout of files of indicators, whose figures a function reads.

    Examples
    --------
    >>> layout("World Bank, answer", lambda file: True, lambda file: Figures(None, "", str)).name
    'World Bank, answer'
    """

    def contracts(file: RawFile) -> tuple[Contract, ...]:
        codes = file.once(figures_of).rows["code"].unique().tolist()
        held = tuple(contract for contract in (STOCK, POPULATION, INDICATOR) if contract in map(contract_of, codes))
        if not held:
            raise OfficialFileError(
                f"{file.path} holds {', '.join(codes[:5]) or 'nothing'} of the World Bank, which is not read",
                allowed=_CODES,
                hint="download one of these indicators",
            )
        return held

    return Layout(name, recognises, contracts, lambda file, contract: _table(file.once(figures_of), contract))


def known_area(code: str) -> str:
    """Return the ISO3 of a code of the Bank, today's or an earlier one; the code of a group, or of nothing known.

    Examples
    --------
    >>> known_area("ROM"), known_area("XKX"), known_area("WLD")
    ('ROU', 'XKX', 'WLD')
    """
    return _OLD.get(code, code)


def is_area(code: str) -> bool:
    """Whether a code is of a country or territory.

    Examples
    --------
    >>> is_area("ROM"), is_area("CHI"), is_area("WLD")
    (True, True, False)
    """
    return known_area(code) in crosswalk("iso3")


def is_known(code: str) -> bool:
    """Whether a code is of a country or territory, or of a group of them.

    Examples
    --------
    >>> is_known("WLD"), is_known("QQQ")
    (True, False)
    """
    return is_area(code) or code in _GROUPS


def _table(read: Figures, contract: Contract) -> OfficialTable:
    rows = read.rows
    check_years(rows["year"], read.place)
    _check_areas(read)
    area = mapped(rows["iso3"], known_area)
    meant = {code: _facets(code) for code in rows["code"].unique() if contract_of(code) is contract}

    def facet(name: str, dtype: str) -> pd.Series:
        return mapped(rows["code"], lambda code: meant[code][name] if code in meant else None, dtype)

    rows = rows.assign(
        sex=facet("sex", "str"),
        age_min=facet("age_min", "Int64"),
        age_max=facet("age_max", "Int64"),
        provider="worldbank",
        dataset=rows["code"],
        edition=read.edition,
        area=area,
        destination=area,
        origin=ALL_ORIGINS,
        concept="mixed" if contract is STOCK else "",
        indicator="internet_use",
        category=rows["code"],
        group="",
        unit="percent of individuals",
        reference_date=rows["year"] + "-07-01",
        retrieved_at="",
        reason=first_reason(
            [
                (~rows["code"].isin(list(meant)), _OTHER_INDICATORS),
                unknown_areas(rows["iso3"], is_known),
                (~mapped(rows["iso3"], is_area, "bool"), GROUPS_OF_AREAS),
            ]
        ),
    )
    official = table_of(rows, contract)
    of_others = official.left_out.get(_OTHER_INDICATORS, 0) + read.of_others
    return replace(official, left_out={**official.left_out, _OTHER_INDICATORS: of_others}) if of_others else official


def _check_areas(read: Figures) -> None:
    """Refuse a code of three letters that is not known; what has no such code is named later."""
    codes = read.rows["iso3"]
    unknown = next((code for code in codes.unique() if len(code) == len("DEU") and not is_known(code)), None)
    if unknown is not None:
        raise no_area(unknown, "the World Bank", read.place(int((codes == unknown).to_numpy().argmax())))


def _facets(code: str) -> dict[str, str | int | None]:
    """Return sex and ages of an indicator."""
    ages = _POPULATION.fullmatch(code)
    match = ages or _INTERNET.fullmatch(code)
    sex = _SEXES[match["sex"]] if match else "all"
    if ages is None or ages["all"]:
        return {"sex": sex, "age_min": 0, "age_max": None}
    return {"sex": sex, "age_min": int(ages["from"]), "age_max": int(ages["to"]) if ages["to"] else None}
