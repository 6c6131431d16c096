"""Answers of the World Bank's service, version 2, in JSON, and the download of an indicator as XML.

An error comes as HTTP 200 with a ``message``. Unless asked otherwise the service answers in XML of its own and in pages
of 50 rows, which are refused. The XML of a download is another: records of four fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from smstock import files
from smstock.errors import OfficialFileError
from smstock.official import flags
from smstock.official.damage import misfits
from smstock.official.rawfile import LARGEST_JSON
from smstock.official.units import check_heading
from smstock.official.worldbank.indicators import Figures, contract_of, parsed

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile

_FIELDS = {"Country or Area", "Item", "Year", "Value"}
_AGAIN = "it was cut off or edited: download it again"


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


def is_json(file: RawFile) -> bool:
    r"""Whether a file is an answer of the service in JSON, be it an error.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_json(RawFile(Path("a.json"), "text", b'[{"message": "down"}]'))
    True
    """
    content = file.json
    if not isinstance(content, list) or not content or not isinstance(content[0], dict):
        return False
    return "message" in content[0] or {"page", "pages"} <= set(content[0])


def of_json(file: RawFile) -> Figures:
    r"""Return the figures of an answer in JSON.

    Raises
    ------
    OfficialFileError
        It is an error of the service, one page of several, damaged, or scaled.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> of_json(RawFile(Path("a.json"), "text", b'[{"message": "down"}]'))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.json holds no data: the World Bank answered an error
      next:    mend the request
    """
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
    read = (row for row in answers if contract_of(row.indicator.id))
    for heading in sorted({f"{row.indicator.value} {row.unit or ''} {row.scale or ''}".strip() for row in read}):
        check_heading(heading, str(file.path))
    rows = pd.DataFrame(
        [(row.indicator.id, row.area, row.date, row.value, row.obs_status) for row in answers],
        columns=["code", "iso3", "year", "value", "flags"],
    )
    rows["flags"] = [
        flags.joined(flags.sdmx(status.upper()), "blank" if pd.isna(value) else "")
        for status, value in zip(rows["flags"], rows["value"], strict=True)
    ]
    return Figures(
        rows,
        page.lastupdated or file.edition,
        lambda row: f"{file.path}, {rows['iso3'].iloc[row]}, figure {row + 1}",
    )


def is_xml(file: RawFile) -> bool:
    r"""Whether a file is the download of an indicator as XML.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_xml(RawFile(Path("a.xml"), "text", b'<Root xmlns:wb="http://www.worldbank.org"><data><record>'))
    True
    """
    start = file.content[:2000]
    return file.container == "text" and b"worldbank.org" in start and b"<record" in start


def of_xml(file: RawFile) -> Figures:
    r"""Return the figures of the download of an indicator as XML.

    Raises
    ------
    OfficialFileError
        It is damaged, too large, or declares a document type.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> fields = '<field name="Country or Area" key="NAM"/><field name="Item" key="SP.POP.TOTL"/>'
    >>> fields += '<field name="Year">2020</field><field name="Value">2489098</field>'
    >>> content = f"<Root><data><record>{fields}</record></data></Root>".encode()
    >>> of_xml(RawFile(Path("a.xml"), "text", content)).rows[["iso3", "year", "value"]].to_numpy().tolist()
    [['NAM', '2020', 2489098.0]]
    """
    if len(file.content) > LARGEST_JSON:
        raise files.too_large(f"{file.path} is XML and", LARGEST_JSON, OfficialFileError)
    if b"<!DOCTYPE" in file.content or b"<!ENTITY" in file.content:
        raise OfficialFileError(
            f"{file.path} declares a document type, which a file of the World Bank does not", hint="download it again"
        )
    try:
        root = ET.fromstring(file.content.decode())  # noqa: S314 - without a document type nothing is expanded
    except ET.ParseError as error:
        raise OfficialFileError(f"{file.path} is damaged XML: {error}", hint=_AGAIN) from None
    records = [{field.get("name", ""): field for field in record} for record in root.iter("record")]
    uneven = next((number for number, record in enumerate(records) if not set(record) >= _FIELDS), None)
    if uneven is not None or not records:
        raise OfficialFileError(
            f"{file.path} has a record that lacks a field" if records else f"{file.path} has no record",
            where=f"record {uneven + 1}" if uneven is not None else "",
            allowed=", ".join(sorted(_FIELDS)),
            hint=_AGAIN,
        )
    cells = pd.DataFrame(
        [
            (
                record["Item"].get("key", ""),
                record["Country or Area"].get("key") or record["Country or Area"].text or "",
                record["Year"].text or "",
                record["Value"].text or "",
                record["Item"].text or "",
            )
            for record in records
        ],
        columns=["code", "iso3", "year", "cell", "title"],
        dtype="str",
    )
    return parsed(cells, file.edition, lambda row: f"{file.path}, record {row + 1}, {cells['iso3'][row]}", ".")
