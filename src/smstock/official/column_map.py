"""The table ``[columns]`` of a sidecar: which column of a file is what, so that any rectangular table can be read.

::

    [columns]
    table = "stock"           # or population; stock unless said
    sheet = "Table 1"         # of a workbook with several
    header_row = 4            # line (row of a sheet) of the headings; the first that is not blank unless said
    destination = "Dest"      # headings of the columns; a population has area in place of destination and origin
    origin = "Orig"
    sex = "Gender"
    age = "Age group"
    year = "Year"             # or date, where days stand in the column
    value = "stock"
    flags = "status"
    unit = "thousands"        # of all figures, where no column says it
    missing = ["-", "n/a"]    # what stands in place of a missing figure, besides the usual marks
    ignore = ["Notes"]        # columns that are not read
    reviewed = 2026-11-30     # the day somebody looked at a mapping that was guessed

    [columns.only]            # rows that are read: those with this text in this column
    Variant = "Medium"

    [columns.sexes]           # what labels of sexes are that are not known: all, female or male
    Hombres = "male"

    [columns.areas]           # what names of areas are: an area, WLD (all origins together) or group (left out)
    Rumania = "ROU"
    Total = "WLD"
    "Asia total" = "group"

In a wide table ``destinations``, ``origins``, ``areas``, ``sexes``, ``ages`` or ``years`` is ``"columns"``: headings
are then destinations, origins and so on, and no column is the value. A table ``[columns.sexes]`` without ``sex`` stands
for ``sexes = "columns"``, and ``[columns.areas]`` of a population without ``area`` and ``value`` for
``areas = "columns"``: TOML has no name twice. A column without a heading is called by its
place, ``column 1``, and columns of one heading too: ``2020 (column 5)``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import meant
from smstock.official.areas import nearest_area
from smstock.official.base import ALL_ORIGINS
from smstock.vocabulary.countries import known_as
from smstock.vocabulary.dates import is_moment
from smstock.vocabulary.facets import SEXES
from smstock.vocabulary.places import is_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

WIDE: Final = {
    "destinations": "destination",
    "origins": "origin",
    "areas": "area",
    "sexes": "sex",
    "ages": "age",
    "years": "year",
}
"""Entries that say that headings are what else stands in a column, by the entry for that column."""

HEADINGS: Final = ("destination", "origin", "area", "sex", "age", "year", "date", "value", "flags")
"""Entries that name a column by its heading."""

TABLES: Final = ("stock", "population")
COLUMNS: Final = "columns"

GROUP: Final = "group"
"""What a name under ``[columns.areas]`` is that stands for a group of areas."""

_LABELS: Final = ("sexes", "areas")
_OF_STOCK: Final = ("destination", "origin", "destinations", "origins")
_OF_POPULATION: Final = ("area",)


@dataclass(frozen=True, repr=False)
class ColumnMap:
    """What the columns of a file are; see the module for the entries. Empty: the sidecar does not say it."""

    table: str = "stock"
    sheet: str = ""
    header_row: int = 0
    destination: str = ""
    origin: str = ""
    area: str = ""
    sex: str = ""
    age: str = ""
    year: str = ""
    date: str = ""
    value: str = ""
    flags: str = ""
    unit: str = ""
    missing: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    wide: str = ""
    only: tuple[tuple[str, str], ...] = ()
    sexes: tuple[tuple[str, str], ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    reviewed: str = ""

    def __repr__(self) -> str:
        entries = {column.name: getattr(self, column.name) for column in fields(self)}
        return f"[columns] {', '.join(f'{name} = {value!r}' for name, value in entries.items() if value)}"

    def headings(self) -> dict[str, str]:
        """Return the headings of the columns that are read, by their entry."""
        return {name: getattr(self, name) for name in HEADINGS if getattr(self, name)}

    def says(self, name: str) -> bool:
        """Return whether a column, or the headings, say a destination, an origin, a sex and so on."""
        return bool(getattr(self, name)) or self.wide == name


ENTRIES: Final = (*(field.name for field in fields(ColumnMap) if field.name not in ("wide", *_LABELS)), *WIDE)
"""Every entry that the table may have."""


def mapped_columns(table: Mapping[str, Any]) -> ColumnMap:
    """Return what a table ``[columns]`` without faults says.

    Examples
    --------
    >>> columns = mapped_columns({"destination": "Dest", "origins": "columns", "year": "Year"})
    >>> columns.wide, columns.headings()
    ('origin', {'destination': 'Dest', 'year': 'Year'})
    """
    entries: dict[str, Any] = {name: value for name, value in table.items() if name not in WIDE}
    entries |= {name: tuple(value) for name, value in entries.items() if isinstance(value, list)}
    if "only" in entries:
        entries["only"] = tuple((heading, str(text)) for heading, text in entries["only"].items())
    entries |= {name: tuple(labels.items()) for name in _LABELS if isinstance(labels := table.get(name), dict)}
    wide = _wide(table)
    return ColumnMap(**entries, wide=next(iter(wide.values()), ""))


def _wide(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the entries that say that headings are what else stands in a column."""
    wide = {name: single for name, single in WIDE.items() if table.get(name) == COLUMNS}
    if isinstance(table.get("sexes"), dict) and "sex" not in table:
        wide["sexes"] = "sex"
    of_population = isinstance(table.get("areas"), dict) and table.get("table") == "population"
    if of_population and not wide and "area" not in table and "value" not in table:
        wide["areas"] = "area"
    return wide


def unfilled(table: Mapping[str, Any], prefix: str = "columns") -> Iterator[str]:
    """Yield the entries of a table ``[columns]`` that are empty: what a guess has left to somebody who knows.

    Examples
    --------
    >>> list(unfilled({"value": "", "year": "Year", "only": {"unit": ""}}))
    ['columns.value', 'columns.only.unit']
    """
    for name, value in table.items():
        if isinstance(value, dict):
            yield from unfilled(value, f"{prefix}.{name}")
        elif value == "":
            yield f"{prefix}.{name}"


def faults(table: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a table ``[columns]``, whatever the file holds; empty entries are no fault.

    Examples
    --------
    >>> faults({"destnation": "Dest", "year": "Year", "date": "Year", "value": "n"})[0]
    'columns.destnation is not known (did you mean destination?)'
    >>> faults({"concept": "birth", "value": "n"})
    ['columns.concept is not known (it stands above the line [columns])']
    """
    wrong = [fault for name, value in table.items() if (fault := _wrong(name, value))]
    if wrong:
        return wrong
    filled = {name: value for name, value in table.items() if value not in ("", [], {})}
    wide = _wide(filled)
    if len(wide) > 1:
        wrong.append(f"the headings are {' and '.join(wide)} at once")
    wrong += [f"columns.{single} and columns.{name} say the same" for name, single in wide.items() if single in filled]
    if "value" in filled and wide:
        wrong.append(f"columns.value is not needed where the headings are {' and '.join(wide)}")
    if "value" not in table and not wide and not any(table.get(name) == "" for name in WIDE):
        wrong.append("columns.value is missing")
    if "date" in table and ("year" in table or "years" in wide):
        wrong.append("columns.year and columns.date say the same")
    of_other = _OF_POPULATION if table.get("table", "stock") == "stock" else _OF_STOCK
    wrong += [f"columns.{name} is of no {table.get('table', 'stock')} table" for name in of_other if name in filled]
    if table.get("table", "stock") == "stock" and "areas" in wide:
        wrong.append("columns.areas is of no stock table, whose headings are destinations or origins")
    return wrong + _twice(filled)


def _twice(filled: Mapping[str, Any]) -> list[str]:
    """Return which columns have two meanings."""
    names_of: dict[str, list[str]] = {}
    for name in HEADINGS:
        if name in filled:
            names_of.setdefault(filled[name], []).append(f"columns.{name}")
    for heading in filled.get("ignore", ()):
        names_of.setdefault(heading, []).append("columns.ignore")
    return [
        f"the column {heading!r} has two meanings: {' and '.join(names)}"
        for heading, names in names_of.items()
        if len(names) > 1
    ]


def _wrong(name: str, value: object) -> str:
    """Return what is wrong with an entry by itself; empty if nothing is."""
    if name not in ENTRIES:
        return f"columns.{name} is not known{_instead(name)}"
    right, kind = _form(name, value)
    if isinstance(value, dict) and name in _LABELS and not right:
        return "; ".join(
            f"columns.{name}.{label} is {text!r}{_question(name, text)}, allowed: {kind}"
            for label, text in value.items()
            if not _form(name, {label: text})[0]
        )
    return "" if right or value == "" else f"columns.{name} is {value!r}, allowed: {kind}"


def _form(name: str, value: object) -> tuple[bool, str]:
    """Return whether an entry has the form that it must have, and the form in words."""
    if name in WIDE and not (name in _LABELS and isinstance(value, dict)):
        return value == COLUMNS, f'"{COLUMNS}", where headings say it; a column is named by {WIDE[name]}'
    has_form, form = _FORMS.get(name, (lambda text: isinstance(text, str), "a text"))
    return has_form(value), form


def _is_area(value: object) -> bool:
    return isinstance(value, str) and (value in ("", GROUP, ALL_ORIGINS) or bool(known_as(value)) or is_code(value))


def _question(name: str, text: object) -> str:
    """Return in brackets what was meant by a wrong meaning of a name or label, if that can be told."""
    if not isinstance(text, str):
        return ""
    question = meant(text.casefold(), SEXES) if name == "sexes" else nearest_area(text)
    return f" ({question})" if question else ""


_FORMS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(
        ("missing", "ignore"),
        (lambda value: isinstance(value, list) and all(isinstance(text, str) for text in value), "a list of texts"),
    ),
    "header_row": (lambda value: type(value) is int and value > 0, "the number of a line, 1 or more"),
    "table": (lambda value: value in TABLES, " or ".join(TABLES)),
    "only": (
        lambda value: isinstance(value, dict) and all(type(text) in (str, int) for text in value.values()),
        "a table of columns, a text for each",
    ),
    "reviewed": (lambda value: isinstance(value, str) and is_moment(value), "a day such as 2026-11-30"),
    "sexes": (lambda value: all(text in (*SEXES, "") for text in value.values()), ", ".join(SEXES)),
    "areas": (lambda value: all(map(_is_area, value.values())), f"an area such as ROU, {ALL_ORIGINS} or {GROUP}"),
}


def _instead(name: str) -> str:
    """Return in brackets what was meant by an entry that is not known, if that can be told."""
    if name in ("provider", "dataset", "edition", "concept", "reference_date", "producer", "title", "notes"):
        return " (it stands above the line [columns])"
    question = meant(name, ENTRIES)
    return f" ({question})" if question else ""
