"""Layouts of the US Census Bureau's files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smstock.official.base import Layout, refused
from smstock.official.census import answers, downloads
from smstock.tables import STOCK

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile

_COLUMN = re.compile(r"[A-Z]{1,2}[0-9]{2,5}[A-Z]*_[0-9C]\w*")
_TABLE = (
    'choose table B05006 (place of birth) for Nation, State or County at data.census.gov, then "Download Table Data"'
)


def _is_other_table(file: RawFile) -> bool:
    return "GEO_ID" in file.header and any(_COLUMN.fullmatch(name) for name in file.header)


def _is_workbook(file: RawFile) -> bool:
    return file.container == "workbook" and set(file.sheets) == {"Information", "Data"}


LAYOUTS = (
    Layout(
        "US Census Bureau, American Community Survey B05006 (JSON)",
        answers.is_answer,
        lambda _: (STOCK,),
        answers.read,
    ),
    Layout(
        "US Census Bureau, American Community Survey B05006 (CSV)",
        downloads.is_data,
        lambda _: (STOCK,),
        downloads.read_data,
    ),
    Layout(
        "US Census Bureau, American Community Survey B05006 (CSV of the table as shown)",
        downloads.is_shown,
        lambda _: (STOCK,),
        downloads.read_shown,
    ),
    refused(
        "US Census Bureau, another table",
        _is_other_table,
        "is another table of the US Census Bureau than B05006",
        _TABLE,
    ),
    refused(
        "US Census Bureau, a table as shown",
        lambda file: file.header[:1] == (downloads.GROUPING,),
        "is not table B05006 with places of birth in rows",
        _TABLE,
    ),
    refused(
        "US Census Bureau, workbook of a table as shown",
        _is_workbook,
        "is a workbook whose sheets are not read",
        _TABLE,
    ),
    refused(
        "American FactFinder (until 2020)",
        lambda file: file.header[:1] == ("GEO.id",),
        "is of a service that ended, whose columns are not read",
        _TABLE,
    ),
    refused(
        "US Census Bureau, metadata of columns",
        lambda file: file.header == ("Column Name", "Label"),
        "says what columns are and holds no figure",
        "give the file ...-Data.csv that came with it, or the .zip as it was downloaded",
    ),
)
