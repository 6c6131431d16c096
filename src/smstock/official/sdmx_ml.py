"""SDMX-ML: data in XML, generic (2.0, 2.1), compact (2.0) and structure-specific (2.1, 3.0), as the table of SDMX-CSV.

Eurostat and the OECD name the data flow or its structure in the header; the generic form need not. A file with a
document type (DTD) or its own entities is refused, and so is one that goes deeper than any message does: neither is
needed to write figures down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from sys import intern
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

import numpy as np
import pandas as pd

from smstock import files
from smstock.errors import OfficialFileError, shown
from smstock.official.rawfile import LARGEST_XML
from smstock.official.sdmx_csv import is_attribute
from smstock.official.units import is_multiplier
from smstock.vocabulary.dates import is_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from smstock.official.rawfile import RawFile

AS_CSV: Final = "download the same data as SDMX-CSV (format=SDMX-CSV at Eurostat, format=csvfile at the OECD)"

_ROOT = re.compile(rb"<(?:([\w.-]+):)?([A-Za-z]\w*)([^>]*)")
_BEFORE_ROOT = {b"<?": b"?>", b"<!": b">"}
_BEGINNING = 1 << 16
_GENERIC = {"GenericData", "GenericTimeSeriesData"}
_SPECIFIC = {"StructureSpecificData", "StructureSpecificTimeSeriesData", "CompactData"}
_IN_SERIES = {"SeriesKey", "ObsKey", "Obs", "ObsDimension", "ObsValue", "Attributes", "Value", "Time", "Comp"}
_URN = re.compile(r"(?:KeyFamily|DataStructure|DataFlow|Dataflow)=([A-Za-z0-9_.]+):([A-Za-z0-9_@]+)")
_TIME, _VALUE = "TIME_PERIOD", "OBS_VALUE"
_ALL = "AllDimensions"
_AGENCIES = {"EUROSTAT": "ESTAT"}
_DEEPEST = 32
_MOST_COLUMNS = 100
_LONGEST_TEXT = 1000
_NO_NUMBER = {"NaN", "nan"}


@dataclass(frozen=True)
class Message:
    """What a message holds.

    Parameters
    ----------
    agency, flow
        Who made it, and the name of its data flow or else of its structure; empty where it does not say.
    prepared
        Day on which it was prepared.
    rows
        A row an observation, with the columns of SDMX-CSV, as text.
    """

    agency: str
    flow: str
    prepared: str
    rows: pd.DataFrame


def root(file: RawFile) -> str:
    """Return the name of the first element of an SDMX message in XML; empty for anything else.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> root(RawFile(Path("a.xml"), "text", b'<m:Structure xmlns:m="http://www.sdmx.org/message"/>'))
    'Structure'
    """
    if file.container != "text" or not file.content[:64].lstrip().startswith(b"<"):
        return ""
    beginning = file.content[:_BEGINNING].lstrip()
    while beginning[:2] in _BEFORE_ROOT:
        end = b"-->" if beginning.startswith(b"<!--") else _BEFORE_ROOT[beginning[:2]]
        beginning = beginning.partition(end)[2].lstrip()
    element = _ROOT.search(beginning)
    is_sdmx = element is not None and (b"sdmx" in element[3].lower() or element[1] == b"message")
    return element[2].decode() if element and is_sdmx else ""


def is_data(file: RawFile) -> bool:
    """Whether a file is a message with data, in a form that is read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_data(RawFile(Path("a.xml"), "text", b'<GenericData xmlns="http://www.SDMX.org/message"/>'))
    True
    """
    return root(file) in _GENERIC | _SPECIFIC


def message(file: RawFile) -> Message:
    """Return what a message holds.

    Raises
    ------
    OfficialFileError
        It is no XML, is larger or deeper than any that is read, has a document type, takes figures back, or gives a
        multiplier to a group of series or to all.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> series = b'<Series FREQ="A" geo="DE"><Obs TIME_PERIOD="2020" OBS_VALUE="7"/></Series>'
    >>> content = b'<CompactData xmlns="http://www.SDMX.org/m"><DataSet>' + series + b"</DataSet></CompactData>"
    >>> message(RawFile(Path("a.xml"), "text", content)).rows.to_dict("records")
    [{'FREQ': 'A', 'geo': 'DE', 'TIME_PERIOD': '2020', 'OBS_VALUE': '7'}]
    """
    if len(file.content) > LARGEST_XML:
        error = files.too_large(f"{file.path} is SDMX-ML and", LARGEST_XML, OfficialFileError)
        error.hint = AS_CSV
        raise error
    reading = _Reading(file)
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    parser.StartDoctypeDeclHandler = reading.document_type
    parser.EntityDeclHandler = reading.document_type
    try:
        parser.Parse(file.content, True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise OfficialFileError(
            f"{file.path} is damaged XML: {expat.ErrorString(error.code)}",
            where=f"line {error.lineno}",
            hint="it was cut off or edited: download it again",
        ) from None
    return reading.message()


def place(row: int) -> str:
    """Return how an error names an observation.

    Examples
    --------
    >>> place(0)
    'observation 1'
    """
    return f"observation {row + 1}"


@dataclass
class _Reading:
    """What was met so far; a table of observations grows column by column, the codes of a series are held once."""

    file: RawFile
    path: list[str] = field(default_factory=list)
    agency: str = ""
    flow: str = ""
    structure: str = ""
    dataset: str = ""
    prepared: str = ""
    varying: str = _TIME
    names: set[str] = field(default_factory=set)
    series: list[dict[str, str]] = field(default_factory=list)
    of_series: list[int] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    key: dict[str, str] = field(default_factory=dict)
    observed: dict[str, str] = field(default_factory=dict)
    text: str = ""
    footer: str = ""

    def document_type(self, *_: object) -> NoReturn:
        raise OfficialFileError(
            f"{self.file.path} has a document type or entities, which no SDMX message has",
            hint="it was edited: download it again",
        )

    def characters(self, text: str) -> None:
        if len(self.text) < _LONGEST_TEXT:
            self.text += text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = name.rpartition(":")[2]
        self.path.append(element)
        self.text = ""
        if len(self.path) > _DEEPEST:
            raise OfficialFileError(
                f"{self.file.path} has elements within {_DEEPEST} others",
                where=shown("/".join(self.path[:8])),
                hint="no SDMX message has: download it again",
            )
        if len(self.path) == 1:
            self._named(" ".join(value for name, value in attributes.items() if name.startswith("xmlns")))
        elif self.path[1] == "Header":
            self._header(element, attributes)
        elif self.path[1] == "DataSet":
            self._data(element, attributes)

    def end(self, _: str) -> None:
        element = self.path.pop()
        text, self.text = self.text.strip(), ""
        if self.path[1:2] == ["Header"] or self.path == self.path[:1]:
            self._headed(element, text)
        elif self.path[1:2] == ["Footer"] and element == "Text":
            self.footer = self.footer or text
        elif element in {"KeyFamilyRef", "DataStructureRef"}:
            self.structure = self.structure or text
        elif element == "Time":
            self.observed[_TIME] = text
        elif element == "Obs":
            self._observe()
        elif element == "Series":
            self.key = {}

    def _header(self, element: str, attributes: dict[str, str]) -> None:
        """Remember who made the message, and what its structure is called."""
        if element == "Structure":
            self.varying = attributes.get("dimensionAtObservation", self.varying)
            self._named(attributes.get("namespace", ""))
        elif element == "Ref":
            self.agency = self.agency or attributes.get("agencyID", "")
            of_flow = "StructureUsage" in self.path or attributes.get("class", "").lower() == "dataflow"
            if of_flow:
                self.flow = self.flow or attributes.get("id", "")
            else:
                self.structure = self.structure or attributes.get("id", "")
        elif element == "Sender" and attributes.get("id", "").upper() in {"EUROSTAT", "ESTAT"}:
            self.agency = self.agency or "ESTAT"

    def _headed(self, element: str, text: str) -> None:
        """Take the texts of the header."""
        if element == "Prepared" and is_day(text[:10]):
            self.prepared = text[:10]
        elif element == "URN" or (element in {"Structure", "StructureUsage"} and text.startswith("urn:")):
            self._named(text)
        elif element == "KeyFamilyAgency":
            self.agency = self.agency or text
        elif element == "KeyFamilyRef":
            self.structure = self.structure or text
        elif element == "DataSetID":
            self.dataset = text

    def _named(self, text: str) -> None:
        """Take agency and name of a structure from its URN."""
        urn = _URN.search(text)
        if urn:
            self.agency = self.agency or urn[1]
            if "flow=" in urn[0].lower():
                self.flow = self.flow or urn[2]
            else:
                self.structure = self.structure or urn[2]

    def _data(self, element: str, attributes: dict[str, str]) -> None:
        parent = self.path[-2]
        plain = {name: value for name, value in attributes.items() if ":" not in name and name != "xmlns"}
        is_unknown = element not in _IN_SERIES and "Annotations" not in self.path
        if is_unknown and ({"Series", "Obs"} & set(self.path[2:-1]) or {_TIME, _VALUE} & set(plain)):
            raise OfficialFileError(
                f"{self.file.path} has an element that no SDMX message has: {shown(element)}",
                where=shown("/".join(self.path)),
                hint="it was edited: download it again",
            )
        if element == "DataSet" and any(value.lower() == "delete" for value in attributes.values()):
            raise OfficialFileError(f"{self.file.path} takes figures back (action Delete)", hint=AS_CSV)
        if element == "Series":
            self.key = dict(plain)
            self._check_columns(self.key)
        elif element == "Obs":
            self.observed = dict(plain)
        elif element == "ObsDimension":
            name = attributes.get("id") or (_TIME if self.varying == _ALL else self.varying)
            self.observed[name] = attributes.get("value", "")
        elif element == "ObsValue":
            self.observed[_VALUE] = attributes.get("value", "")
        elif element == "Value" and parent in {"SeriesKey", "ObsKey", "Attributes"}:
            self._value(parent, attributes.get("id") or attributes.get("concept", ""), attributes.get("value", ""))
        elif "Series" not in self.path and "Obs" not in self.path:
            self._of_many(plain)

    def _value(self, parent: str, name: str, value: str) -> None:
        """Take a code of a generic message: of a dimension, or of an attribute that is read."""
        if parent == "SeriesKey":
            self.key[name] = value
            self._check_columns(self.key)
        elif parent == "ObsKey":
            self.observed[name] = value
        elif "Obs" in self.path:
            self.observed |= {name: value} if is_attribute(name) else {}
        elif "Series" in self.path:
            self.key |= {name: value} if is_attribute(name) else {}
        else:
            self._of_many({name: value})

    def _of_many(self, attributes: Mapping[str, str]) -> None:
        """Refuse a multiplier that is given for many series at once: which ones is not read."""
        powers = [f"{name} {value}" for name, value in attributes.items() if is_multiplier(name) and value != "0"]
        if powers:
            raise OfficialFileError(
                f"{self.file.path} has figures in other units than persons: {', '.join(powers)}",
                where="attributes of the data set or of a group",
                hint=AS_CSV,
            )

    def _check_columns(self, names: Mapping[str, object]) -> None:
        """Refuse more dimensions and attributes than any message has."""
        self.names.update(names)
        if len(self.names) > _MOST_COLUMNS:
            raise OfficialFileError(
                f"{self.file.path} has more than {_MOST_COLUMNS} dimensions and attributes",
                where=shown(", ".join(sorted(self.names)[:8])),
                hint="no SDMX message has: download it again",
            )

    def _observe(self) -> None:
        """Add the observation that ended."""
        if not self.series or self.series[-1] is not self.key:
            self.series.append(self.key)
        count = len(self.of_series)
        self._check_columns(self.observed)
        for name, value in self.observed.items():
            column = self.columns.setdefault(name, [])
            column.extend([""] * (count - len(column)))
            column.append(value if name == _VALUE else intern(value))
        self.of_series.append(len(self.series) - 1)
        self.observed = {}

    def message(self) -> Message:
        if not self.of_series and self.footer:
            raise OfficialFileError(
                f"{self.file.path} holds no data, the service answered: {shown(self.footer)}",
                hint="if it is preparing the answer, ask again in some minutes; otherwise ask for less",
            )
        if not self.of_series:
            raise OfficialFileError(f"{self.file.path} is SDMX-ML without an observation", hint=AS_CSV)
        count = len(self.of_series)
        for column in self.columns.values():
            column.extend([""] * (count - len(column)))
        of_series = pd.DataFrame(self.series, dtype="str").fillna("").take(np.array(self.of_series))
        columns = {name: pd.Series(column, dtype="str") for name, column in self.columns.items()}
        twice = sorted(set(columns) & set(of_series.columns))
        lacking = sorted({_TIME, _VALUE} - set(columns) - set(of_series.columns))
        if twice or lacking:
            what = f"that says {twice[0]} of a series and of its figures" if twice else f"without {lacking[0]}"
            raise OfficialFileError(f"{self.file.path} is SDMX-ML {what}", hint=AS_CSV)
        rows = of_series.reset_index(drop=True).assign(**columns)
        rows[_VALUE] = rows[_VALUE].where(~rows[_VALUE].isin(_NO_NUMBER), "")
        flow = self.flow or self.structure.removesuffix("_DSD") or self.dataset
        return Message(_AGENCIES.get(self.agency, self.agency), flow, self.prepared, rows)
