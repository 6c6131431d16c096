"""World Bank: World Development Indicators, from the service (JSON, version 2) or the download (CSV).

Read are the population (``SP.POP.TOTL``, and by age and sex ``SP.POP.0004.FE`` ... ``SP.POP.80UP.MA``, where
``SP.POP.2024.FE`` is ages 20-24 and no year), internet users (``IT.NET.USER.ZS``, ``.FE.ZS``, ``.MA.ZS``), and the
migrant stock of UN DESA that the Bank serves again (``SM.POP.TOTL``, by birth in some countries and by citizenship in
others, hence of mixed concept). All are for the middle of the year.

Regions and income groups stand among the countries, under codes of three letters or none. A download has four lines
above its header, a year a column, and a comma at the end of each line; an error comes as HTTP 200 with a ``message``.

World Development Indicators, CC BY 4.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from smstock.errors import OfficialFileError
from smstock.official import flags
from smstock.official.areas import no_area, unknown_areas
from smstock.official.base import ALL_ORIGINS, GROUPS_OF_AREAS, Layout, OfficialTable, refused
from smstock.official.columns import mapped, unpivoted
from smstock.official.damage import misfits
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import check_years
from smstock.official.units import check_heading
from smstock.tables import INDICATOR, POPULATION, STOCK
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_POPULATION = re.compile(
    r"SP\.POP\.(?:(?P<all>TOTL)|(?P<from>\d\d)(?:(?P<to>\d\d)|UP))(?:\.(?P<sex>TO|FE|MA))?(?:\.IN)?", re.ASCII
)
_INTERNET = re.compile(r"IT\.NET\.USER(?:\.(?P<sex>FE|MA))?\.ZS")
_STOCK = "SM.POP.TOTL"
_SEXES = {None: "all", "TO": "all", "FE": "female", "MA": "male"}
_CODES = (
    "SP.POP.TOTL, SP.POP.0004.FE to SP.POP.80UP.MA, SM.POP.TOTL, IT.NET.USER.ZS, IT.NET.USER.FE.ZS, IT.NET.USER.MA.ZS"
)
_COLUMNS = ("Country Name", "Country Code", "Indicator Name", "Indicator Code")
_NAMES = {"Country Code": "iso3", "Indicator Code": "code", "column": "year"}
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


class _Named(BaseModel):
    model_config = ConfigDict(strict=True)

    id: str
    value: str = ""


class _Row(BaseModel):
    model_config = ConfigDict(strict=True)

    indicator: _Named
    country: dict[str, str | None] = Field(default_factory=dict)
    countryiso3code: str

    @property
    def area(self) -> str:
        """ISO3, or what else there is: five groups have a code of two letters alone."""
        return self.countryiso3code or self.country.get("id") or self.country.get("value") or ""

    date: str
    value: float | None
    unit: str | None = ""
    scale: str | None = ""
    obs_status: str = ""


class _Page(BaseModel):
    model_config = ConfigDict(strict=True)

    page: int
    pages: int
    lastupdated: str | None = None


_ANSWER = TypeAdapter(tuple[_Page, list[_Row]])


def _is_json(file: RawFile) -> bool:
    content = file.json
    if not isinstance(content, list) or not content or not isinstance(content[0], dict):
        return False
    return "message" in content[0] or {"page", "pages"} <= set(content[0])


def _json_rows(file: RawFile) -> tuple[pd.DataFrame, str]:
    """Return the figures of an answer (``code``, ``iso3``, ``year``, ``value``, ``flags``) and its edition."""
    head = file.json[0]
    if "message" in head:
        notice = head["message"][0] if isinstance(head["message"], list) and head["message"] else {}
        message = f"{notice.get('key', '')}: {notice.get('value', '')}".strip(": ") if isinstance(notice, dict) else ""
        raise OfficialFileError(
            f"{file.path} holds no data: the World Bank answered {message[:200] or 'an error'}", hint="mend the request"
        )
    try:
        # The tuple of the model is a list of JSON.
        page, answers = _ANSWER.validate_json(file.content)
    except ValidationError as error:
        raise OfficialFileError(
            f"{file.path} is a damaged answer of the World Bank: {misfits(error)}", hint="download it again"
        ) from None
    if page.pages != 1:
        raise OfficialFileError(
            f"{file.path} is page {page.page} of {page.pages}, not the whole", hint="ask again with per_page=20000"
        )
    for heading in sorted({f"{row.indicator.value} {row.unit or ''} {row.scale or ''}".strip() for row in answers}):
        check_heading(heading, str(file.path))
    rows = pd.DataFrame(
        [(row.indicator.id, row.area, row.date, row.value, row.obs_status) for row in answers],
        columns=["code", "iso3", "year", "value", "flags"],
    )
    rows["flags"] = [
        flags.joined(flags.sdmx(status.upper()), "blank" if pd.isna(value) else "")
        for status, value in zip(rows["flags"], rows["value"], strict=True)
    ]
    return rows, page.lastupdated or file.edition


def _header(file: RawFile) -> int | None:
    """Return the number of lines above the header of a download; None if it is none."""
    lines = file.content[:65536].decode(errors="replace").split("\n", 6)[:6]
    starts = (
        number
        for number, line in enumerate(lines)
        if line.replace('"', "").replace(";", ",").startswith(",".join(_COLUMNS))
    )
    return next(starts, None)


def _csv_rows(file: RawFile) -> tuple[pd.DataFrame, str]:
    """Return the figures of a download in the columns of `_json_rows`, and its edition."""
    above = _header(file) or 0
    wide = table(file, header=above)
    header_line = above + 1
    if tuple(wide.columns[: len(_COLUMNS)]) != _COLUMNS:
        raise OfficialFileError(
            f"{file.path} has a damaged header",
            where=f"line {header_line}: {', '.join(wide.columns)[:120]}",
            allowed=", ".join(_COLUMNS),
            hint="download it again",
        )
    for name in wide["Indicator Name"].unique():
        check_heading(name, f"{file.path}, column Indicator Name")
    years = list(wide.columns[len(_COLUMNS) :])
    check_years(years, lambda column: f"{file.path}, line {header_line}, column {column + len(_COLUMNS) + 1}")
    if years != sorted(years):
        raise OfficialFileError(
            f"{file.path} has years out of order",
            where=f"line {header_line}: {', '.join(years)[:120]}",
            allowed="years from the earliest to the last",
            hint="download it again",
        )
    rows = unpivoted(wide, list(_COLUMNS), years).rename(columns=_NAMES)
    value, missing = figures(
        rows["cell"],
        {"": "blank", "..": ".."},
        lambda row: f"{file.path}, {rows['Country Name'][row]}, {rows['year'][row]}",
        decimal=file.decimal,
    )
    head = file.content[:65536].decode(errors="replace").split("\n", above)[:above]
    updated = next((re.search(r"\d{4}-\d\d-\d\d", line) for line in head if "Last Updated" in line), None)
    return rows.assign(value=value, flags=missing), updated[0] if updated else file.edition


def _rows(file: RawFile) -> tuple[pd.DataFrame, str]:
    return _json_rows(file) if _is_json(file) else _csv_rows(file)


def _contract(code: str) -> Contract | None:
    """Return the table an indicator is for; None if it is not read."""
    if code == _STOCK:
        return STOCK
    return POPULATION if _POPULATION.fullmatch(code) else INDICATOR if _INTERNET.fullmatch(code) else None


def _contracts(file: RawFile) -> tuple[Contract, ...]:
    codes = file.once(_rows)[0]["code"].unique().tolist()
    held = tuple(contract for contract in (STOCK, POPULATION, INDICATOR) if contract in map(_contract, codes))
    if not held:
        raise OfficialFileError(
            f"{file.path} holds {', '.join(codes[:5]) or 'nothing'} of the World Bank, which is not read",
            allowed=_CODES,
            hint="download one of these indicators",
        )
    return held


def _read(file: RawFile, contract: Contract) -> OfficialTable:
    rows, edition = file.once(_rows)
    check_years(rows["year"], lambda row: f"{file.path}, {rows['iso3'].iloc[row]}, figure {row + 1}")
    area, is_area = _areas(file, rows["iso3"])
    meant = {code: _facets(code) for code in rows["code"].unique() if _contract(code) is contract}

    def facet(name: str, dtype: str) -> pd.Series:
        return mapped(rows["code"], lambda code: meant[code][name] if code in meant else None, dtype)

    rows = rows.assign(
        sex=facet("sex", "str"),
        age_min=facet("age_min", "Int64"),
        age_max=facet("age_max", "Int64"),
        provider="worldbank",
        dataset=rows["code"],
        edition=edition,
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
                unknown_areas(rows["iso3"], _is_known),
                (~is_area, GROUPS_OF_AREAS),
            ]
        ),
    )
    return table_of(rows, contract)


def _facets(code: str) -> dict[str, str | int | None]:
    """Return sex and ages of an indicator."""
    ages = _POPULATION.fullmatch(code)
    match = ages or _INTERNET.fullmatch(code)
    sex = _SEXES[match["sex"]] if match else "all"
    if ages is None or ages["all"]:
        return {"sex": sex, "age_min": 0, "age_max": None}
    return {"sex": sex, "age_min": int(ages["from"]), "age_max": int(ages["to"]) if ages["to"] else None}


def _areas(file: RawFile, codes: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the code of each area or group, and which are areas."""
    areas = crosswalk("iso3")

    def is_area(code: str) -> bool:
        if len(code) == len("DEU") and not _is_known(code):
            raise no_area(code, "the World Bank", str(file.path))
        return code in areas

    return codes, mapped(codes, is_area, "bool")


def _is_known(code: str) -> bool:
    return code in crosswalk("iso3") or code in _GROUPS


LAYOUTS = (
    Layout("World Bank, answer of the service (JSON)", _is_json, _contracts, _read),
    Layout("World Bank, download (CSV)", lambda file: _header(file) is not None, _contracts, _read),
    refused(
        "World Bank, metadata of countries (CSV)",
        lambda file: {"Country Code", "Region", "IncomeGroup", "TableName"} <= set(file.header),
        "lists countries with their regions and holds no figure",
        "give the file API_*.csv that came with it, or the .zip as it was downloaded",
    ),
)
