"""Sidecars: where an official file comes from, in ``<file>.origin.toml`` beside it.

::

    # stock.csv.origin.toml
    producer = "United Nations, Department of Economic and Social Affairs, Population Division"
    title = "International Migrant Stock"
    edition = "2020"
    citation = "United Nations ... (2020). International Migrant Stock 2020."
    licence = "CC BY 3.0 IGO"
    retrieved = 2026-11-22
    url = "https://..."        # optional
    sha256 = "9f86d0..."       # optional; when given, the file must have this hash
    notes = "..."              # optional

Some files leave out what a reader must know, a copy in another layout above all. Their sidecar says it; what the file
says itself is never overruled::

    provider = "undesa"            # whose figures: undesa, eurostat, oecd, worldbank, or a short name such as ine-es
    dataset = "ims"                # the provider's name of the data set
    concept = "birth"              # whom a stock counts: birth, citizenship, mixed
    sex = "male"                   # all, female, male
    ages = "0+"                    # MIN-MAX or MIN+
    reference_date = "2015-07-01"  # the day of the figures; "07-01": that day of the year that a row gives
    destination = "ESP"            # where all persons live; origin = "SRB": where all come from; area: of a population

A table ``[columns]`` says which column of a table in any layout is what (:mod:`smstock.official.column_map`). A file in
smstock's own layout needs no sidecar.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from smstock import toml
from smstock.errors import OfficialFileError, meant
from smstock.official.areas import nearest_area
from smstock.official.base import ALL_ORIGINS
from smstock.official.beside import SUFFIX
from smstock.official.column_map import ENTRIES, ColumnMap, faults, mapped_columns, unfilled
from smstock.provenance import file_hash
from smstock.tables import CONCEPTS
from smstock.vocabulary.countries import known_as
from smstock.vocabulary.dates import is_day, is_moment
from smstock.vocabulary.facets import SEXES
from smstock.vocabulary.places import is_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_ALLOWED = {
    "concept": CONCEPTS,
    "sex": SEXES,
}
_COLUMNS = "columns"
_LONGEST_HEADING = 400  # headings and names of areas are keys of [columns]
_AGES = re.compile(r"\d{1,3}(-\d{1,3}|\+)", re.ASCII)
_PROVIDER = re.compile(r"(?=.{2,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_OVERWRITTEN = re.compile("overwrite a value|declare .* twice|immutable namespace")
_TWICE = (
    'an entry stands twice: beside a table [columns.sexes] or [columns.areas] take the line sexes = "columns" or '
    'areas = "columns" out, which the table stands for'
)
_PROVIDERS = ("undesa", "eurostat", "oecd", "worldbank", "census")
_LEAP_YEAR = "2016"


def _is_reference_date(text: str) -> bool:
    """Return whether a text is a day of the calendar, with or without its year."""
    return is_day(text) or is_day(f"{_LEAP_YEAR}-{text}")


_AREA = "an area, such as ESP or Spain"
_LIVED_IN = (lambda text: known_as(text) or is_code(text), f"{_AREA}, or a part of one, such as ES30")

_FORMS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "provider": (
        _PROVIDER.fullmatch,
        "undesa, eurostat, oecd, worldbank, or another short name of small letters, digits and hyphens, such as ine-es",
    ),
    "destination": _LIVED_IN,
    "origin": (lambda text: text == ALL_ORIGINS or known_as(text), f"{_AREA}; {ALL_ORIGINS}: all origins together"),
    "area": _LIVED_IN,
    "ages": (_AGES.fullmatch, "MIN-MAX such as 15-64, or MIN+ such as 0+"),
    "reference_date": (
        _is_reference_date,
        "a day of the calendar such as 2015-07-01, or 07-01 for that day of every year",
    ),
    "retrieved": (is_moment, "a day of the calendar such as 2026-11-22"),
}


@dataclass(frozen=True)
class Origin:
    """Where a file comes from. ``retrieved`` is an ISO 8601 date; whatever has a default may be empty."""

    producer: str
    title: str
    edition: str
    citation: str
    licence: str
    retrieved: str
    url: str = ""
    sha256: str = ""
    notes: str = ""
    provider: str = ""
    dataset: str = ""
    concept: str = ""
    sex: str = ""
    ages: str = ""
    reference_date: str = ""
    destination: str = ""
    origin: str = ""
    area: str = ""
    columns: ColumnMap | None = None


_ENTRIES = tuple(field.name for field in fields(Origin))
_OPTIONAL = set(_ENTRIES[_ENTRIES.index("url") :])
_NEEDED_BY_NOBODY = {"url", "sha256", "notes"}


def read(path: Path) -> Origin | None:
    """Return the origin of a data file as its sidecar says it, None if it has no sidecar.

    Raises
    ------
    OfficialFileError
        The sidecar is no TOML, lacks an entry, has one that is not known or not of its form, or the data file has
        another hash.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     data = Path(folder, "stock.csv")
    ...     _ = data.write_text("figures")
    ...     read(data)
    """
    sidecar = path.with_name(path.name + SUFFIX)
    if not sidecar.exists():
        return None
    try:
        entries = toml.read(sidecar, OfficialFileError, longest_key=_LONGEST_HEADING)
    except OfficialFileError as error:
        if _OVERWRITTEN.search(f"{error}"):
            error.hint = _TWICE
        raise
    origin = _origin(sidecar, entries)
    if origin.sha256 and origin.sha256.lower() != (digest := file_hash(path)):
        raise OfficialFileError(
            f"{path} is not the file its sidecar describes: its SHA-256 is {digest}",
            where=str(sidecar),
            allowed=origin.sha256,
            hint="get the file again; if it was changed on purpose, write its new hash and what was changed there",
        )
    return origin


def allowed(entry: str) -> str:
    """Return what a sidecar may say in one of the entries that stand in for the file; empty: any text.

    Examples
    --------
    >>> allowed("concept")
    'birth, citizenship, mixed'
    """
    return _FORMS[entry][1] if entry in _FORMS else ", ".join(_ALLOWED.get(entry, ()))


def needed(entries: Iterable[str]) -> tuple[str, ...]:
    """Return what a new sidecar must have so that it says some entries: those that no sidecar is without come first.

    Examples
    --------
    >>> needed(["concept"])
    ('producer', 'title', 'edition', 'citation', 'licence', 'retrieved', 'concept')
    """
    return tuple(dict.fromkeys([*(name for name in _ENTRIES if name not in _OPTIONAL), *entries]))


def text(entries: Mapping[str, str], *, retrieved: str) -> str:
    r"""Return a sidecar that says some entries, those that are empty left out, and the day of retrieval.

    Examples
    --------
    >>> print(text({"producer": "Eurostat", "url": ""}, retrieved="2026-11-22"), end="")
    producer = "Eurostat"
    retrieved = 2026-11-22
    """
    lines = [f"{name} = {json.dumps(words, ensure_ascii=False)}" for name, words in entries.items() if words]
    return "\n".join([*lines, f"retrieved = {retrieved}"]) + "\n"


def _origin(sidecar: Path, entries: dict[str, object]) -> Origin:
    columns = entries.get(_COLUMNS)
    texts = {name: text for name, text in entries.items() if name != _COLUMNS}
    wrong = [f"{name} is not known{_instead(name)}" for name in texts if name not in _ENTRIES]
    wrong += [f"{name} is missing" for name in _ENTRIES if name not in texts and name not in _OPTIONAL]
    wrong += [f"{name} is {text!r}, not a text" for name, text in texts.items() if not isinstance(text, str)]
    mapping = columns if isinstance(columns, dict) else {}
    # An empty entry beside a mapping, or an empty day, is one that whoever drafted the sidecar could not know.
    is_draft = columns is not None or texts.get("retrieved") == ""
    unsaid = [name for name in texts if is_draft and texts[name] == "" and name not in _NEEDED_BY_NOBODY]
    wrong += [
        fault
        for name, text in texts.items()
        if isinstance(text, str) and name not in unsaid and (fault := _wrong_form(sidecar, name, text))
    ]
    if columns is not None:
        wrong += faults(mapping) if isinstance(columns, dict) else ["columns is no table: write [columns]"]
    unsaid += unfilled(mapping)
    if unsaid:
        raise _unsaid(sidecar, unsaid, wrong)
    if wrong:
        names = ", ".join(f"{name} (optional)" if name in _OPTIONAL else name for name in _ENTRIES)
        if any(fault.startswith(f"{_COLUMNS}.") for fault in wrong):
            names += f"; in [columns]: {', '.join(ENTRIES)}"
        raise OfficialFileError(
            f"{sidecar} is incomplete or wrong: {'; '.join(wrong)}", allowed=names, hint="mend the entries named"
        )
    return Origin(
        **{name: str(text) for name, text in texts.items()},
        columns=mapped_columns(mapping) if columns is not None else None,
    )


def _instead(name: str) -> str:
    """Return in brackets what was meant by an entry that is not known, if that can be told."""
    if name in ENTRIES:
        return " (it stands below the line [columns])"
    question = meant(name.casefold(), _ENTRIES)
    return f" ({question})" if question else ""


def _unsaid(sidecar: Path, unsaid: Sequence[str], wrong: Sequence[str]) -> OfficialFileError:
    """Return the error for entries that are still empty, and for what else is wrong."""
    forms = [f"{name}: {allowed(name)}" for name in unsaid if allowed(name)]
    return OfficialFileError(
        "; ".join([f"{sidecar} does not say yet: {', '.join(unsaid)}", *wrong]),
        allowed="; ".join(forms),
        hint="fill them in, or take out what the file has nothing of; then read it again",
    )


def _wrong_form(sidecar: Path, name: str, text: str) -> str:
    """Say what is wrong with the entry of a closed set or form, and in which line; empty if nothing is."""
    right = text in _ALLOWED[name] if name in _ALLOWED else name not in _FORMS or _FORMS[name][0](text)
    if right:
        return ""
    return f"{_line(sidecar, name)}: {name} is {text!r}{_question(name, text)}, allowed: {allowed(name)}"


def _question(name: str, text: str) -> str:
    """Return in brackets what was meant by a wrong text, if that can be told."""
    if _FORMS.get(name) in (_LIVED_IN, _FORMS["origin"]):
        question = nearest_area(text)
    else:
        words = _PROVIDERS if name == "provider" else _ALLOWED.get(name, ())
        question = meant(text.strip().casefold(), words)
    return f" ({question})" if question else ""


def _line(sidecar: Path, name: str) -> str:
    """Return the line in which an entry stands, in words."""
    lines = sidecar.read_text(encoding="utf-8-sig").split("\n")
    return next((f"line {number}" for number, line in enumerate(lines, 1) if _named(line) == name), "entry")


def _named(line: str) -> str:
    """Return the name of the entry that a line begins."""
    return line.partition("=")[0].strip(" \t\"'")
