"""Layouts of the World Bank's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.official.base import Layout, refused
from smstock.official.worldbank import answers, bilateral, databank, downloads
from smstock.official.worldbank.indicators import layout

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile


def _is_service_xml(file: RawFile) -> bool:
    start = file.content[:2000]
    return file.container == "text" and b"<wb:" in start and b"worldbank.org" in start


def _is_matrix(file: RawFile) -> bool:
    """Whether a file is a matrix whose corner says what stands across and what down."""
    rows = (
        [row for sheet in file.sheets.values() for row in sheet[:5]] if file.container == "workbook" else [file.header]
    )
    return any("(across)" in str(cell) and "(down)" in str(cell) for row in rows for cell in row[:2])


LAYOUTS = (
    layout("World Bank, answer of the service (JSON)", answers.is_json, answers.of_json),
    layout("World Bank, download (XML)", answers.is_xml, answers.of_xml),
    layout("World Bank, download (CSV or workbook)", downloads.is_download, downloads.of_download),
    Layout("World Bank, Global Bilateral Migration", bilateral.is_bilateral, bilateral.contracts, bilateral.read),
    layout("World Bank, DataBank (CSV or workbook)", databank.is_databank, databank.of_indicators),
    refused(
        "World Bank, answer of the service (XML)",
        _is_service_xml,
        "is an answer in XML, which comes in pages",
        "ask again with format=json&per_page=20000",
    ),
    refused(
        "World Bank (KNOMAD), bilateral matrix of migration or remittances",
        _is_matrix,
        "has names of countries across and down, without codes, and is estimated from UN DESA's stocks",
        "take UN DESA International Migrant Stock by destination and origin",
    ),
    refused(
        "World Bank, metadata of countries (CSV)",
        lambda file: {"Country Code", "Region", "IncomeGroup", "TableName"} <= set(file.header),
        "lists countries with their regions and holds no figure",
        "give the file API_*.csv that came with it, or the .zip as it was downloaded",
    ),
    refused(
        "World Bank, metadata of indicators (CSV)",
        lambda file: (
            {"INDICATOR_CODE", "INDICATOR_NAME", "SOURCE_NOTE"} <= {name.upper() for name in file.header}
            or {"Code", "License Type", "Indicator Name"} <= set(file.header)
        ),
        "describes indicators and holds no figure",
        "give the file of figures that came with it, or the .zip as it was downloaded",
    ),
)
