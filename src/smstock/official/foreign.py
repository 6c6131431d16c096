"""Files of statistical offices that are not read: each is named by its form and its office, with the way on.

JSON-stat, SDMX and spreadsheets are the forms of many offices. One that is neither Eurostat's nor the OECD's says
whose it is, and so does the message; its figures come in by a table that the user describes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from smstock.errors import OfficialFileError, shown
from smstock.official import sdmx_ml
from smstock.official.base import Layout
from smstock.official.eurostat import jsonstat
from smstock.official.oecd import files as oecd
from smstock.official.oecd import sdmx_json
from smstock.official.workbook import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.official.base import OfficialTable
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_AS_CSV = "save the table as CSV where it is from, then: smstock official describe FILE"
_EXPLORER = "in the OECD Data Explorer choose Download, then Unfiltered data in tabular text (CSV)"
_ROWS_LOOKED_AT = 40
_BEGINNING = 4000
_FAULT = re.compile(rb"<(?:\w+:)?(?:faultstring|Text)\b[^>]*>([^<]+)<")
_OF_OECD = re.compile(
    r"Data extracted on .* from OECD|OECD\.?Stat\b|WebTableParameter|data-explorer\.oecd\.org|© ?OECD"
)


def _stat(file: RawFile) -> dict[str, Any]:
    """Return the data set in JSON-stat that a file holds; empty for anything else."""
    return jsonstat.answer(file)


def _stat_source(file: RawFile) -> str:
    """Return whose a data set in JSON-stat is, and what it is called."""
    content = _stat(file)
    extension = content.get("extension")
    extension = extension if isinstance(extension, dict) else {}
    contacts = extension.get("contact")
    names = [
        content.get("source"),
        _entry(extension.get("copyright"), "name"),
        _entry(contacts[0] if isinstance(contacts, list) and contacts else contacts, "name"),
        urlsplit(str(content.get("href") or "")).netloc if "href" in content else "",
    ]
    office = next((name for name in names if isinstance(name, str) and name.strip()), "an office that it does not name")
    label = content.get("label")
    return shown(f"{office.strip()}: {label}" if isinstance(label, str) and label else office.strip())


def _entry(part: object, name: str) -> object:
    return part.get(name) if isinstance(part, dict) else None


def _sets(file: RawFile) -> bool:
    """Whether a file is a bundle of data sets in JSON-stat, or a list of links to them."""
    content = file.json
    if not isinstance(content, dict):
        return False
    parts = [part for part in content.values() if isinstance(part, dict) and isinstance(part.get("dimension"), dict)]
    return content.get("class") in {"bundle", "collection"} or len(parts) > 1


def _is_ine(file: RawFile) -> bool:
    """Whether a file is an answer of Spain's INE: a list of series."""
    content = file.json
    series = content[0] if isinstance(content, list) and content else None
    return isinstance(series, dict) and {"Nombre", "Data"} <= set(series)


def _is_sdmx_json(file: RawFile) -> bool:
    return isinstance(file.json, dict) and {"dataSets", "structure"} <= set(file.json)


def _sender(file: RawFile) -> str:
    """Return the sender of an SDMX-JSON message of version 1."""
    sender = _entry(_entry(file.json.get("header"), "sender"), "name") or "an agency that it does not name"
    return shown(str(sender))


def _fault(file: RawFile) -> str:
    """Return what a service says in XML of a request that it refused; empty for anything else."""
    beginning = file.content[:_BEGINNING] if file.container == "text" else b""
    is_fault = b"faultstring>" in beginning or sdmx_ml.root(file) == "Error"
    texts = _FAULT.search(beginning) if is_fault else None
    return shown(texts[1].decode(errors="replace").strip()) if texts else ""


def _structure(file: RawFile) -> str:
    """Return agency and structure of an SDMX-JSON message of version 2."""
    return shown(next(iter(oecd.urns(file)), "").rpartition("=")[2] or "an agency that it does not name")


def _of_oecd(file: RawFile) -> bool:
    """Whether a workbook is an export of the OECD's Data Explorer or of OECD.Stat."""
    if file.container != "workbook":
        return False
    edges = (row for sheet in file.sheets.values() for row in [*sheet[:_ROWS_LOOKED_AT], *sheet[-_ROWS_LOOKED_AT:]])
    return any(_OF_OECD.search(text(cell)) for row in edges for cell in row[:5] if isinstance(cell, str) and cell)


def _layout(name: str, recognises: Callable[[RawFile], bool], what: Callable[[RawFile], str], hint: str) -> Layout:
    """Return the layout of files that are known and not read; ``what`` says what a file is."""

    def refuse(file: RawFile) -> NoReturn:
        raise OfficialFileError(f"{file.path} {what(file)}", where=f"recognised as {name}", hint=hint)

    def contracts(file: RawFile) -> tuple[Contract, ...]:
        refuse(file)

    def read(file: RawFile, _: Contract) -> OfficialTable:
        refuse(file)

    return Layout(name, recognises, contracts, read)


def _is_ml_of_another(file: RawFile) -> bool:
    return sdmx_ml.is_data(file) and file.once(sdmx_ml.message).agency != ""


def _ml_agency(file: RawFile) -> str:
    message = file.once(sdmx_ml.message)
    return f"is SDMX-ML of {shown(message.agency)} ({shown(message.flow) or 'of no named flow'}), which is not read"


LAYOUTS = (
    _layout("JSON-stat", lambda file: bool(_stat(file)), lambda file: f"is JSON-stat of {_stat_source(file)}", _AS_CSV),
    _layout("JSON-stat of several data sets", _sets, lambda _: "is a bundle of data sets in JSON-stat", _AS_CSV),
    _layout("JSON of INE", _is_ine, lambda _: "is an answer of Spain's INE in its own JSON", _AS_CSV),
    _layout(
        "SDMX-JSON 1.0",
        _is_sdmx_json,
        lambda file: f"is SDMX-JSON 1.0 of {_sender(file)}; version 2.0 of the OECD is read",
        _AS_CSV,
    ),
    _layout(
        "SDMX-JSON 2.0",
        sdmx_json.recognises,
        lambda file: f"is SDMX-JSON of {_structure(file)}; that of the OECD is read",
        _AS_CSV,
    ),
    _layout("SDMX-ML of another agency", _is_ml_of_another, _ml_agency, _AS_CSV),
    _layout(
        "SDMX-ML",
        sdmx_ml.is_data,
        lambda _: "is SDMX-ML that says neither whose its figures are nor of which data flow",
        f'{sdmx_ml.AS_CSV}; or write provider = "eurostat" and dataset = "migr_pop3ctb", or what else it is, '
        "in its sidecar (docs/providers)",
    ),
    _layout(
        "SDMX structure message",
        lambda file: sdmx_ml.root(file) == "Structure",
        lambda _: "describes a data flow and holds no figure",
        "download the data themselves as SDMX-CSV (format=SDMX-CSV at Eurostat, format=csvfile at the OECD)",
    ),
    _layout(
        "error of a service",
        lambda file: bool(_fault(file)),
        lambda file: f"holds no data, the service answered: {_fault(file)}",
        "mend the request; of one that is too big ask for fewer areas, ages or years",
    ),
    _layout(
        "SDMX-ML without data",
        lambda file: bool(sdmx_ml.root(file)),
        lambda file: f"is SDMX-ML ({sdmx_ml.root(file)}) without data in a form that is read",
        sdmx_ml.AS_CSV,
    ),
    _layout("OECD spreadsheet", _of_oecd, lambda _: "is a spreadsheet of the OECD, laid out for the eye", _EXPLORER),
)
