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
    all_origins = "Total"     # the origin that stands for all origins together
    groups = ["Asia total"]   # areas that are groups of areas: their figures are left out
    ignore = ["Notes"]        # columns that are not read
    reviewed = 2026-11-30     # the day somebody looked at a mapping that was guessed

    [columns.only]            # rows that are read: those with this text in this column
    Variant = "Medium"

    [columns.sexes]           # labels that are not known: all, female or male
    Hombres = "male"

In a wide table ``destinations``, ``origins``, ``areas``, ``sexes``, ``ages`` or ``years`` is ``"columns"``: headings are
then destinations, origins and so on, and no column is the value. A column without a heading is called by its place,
``column 1``, and columns of one heading too: ``2020 (column 5)``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import meant
from smstock.vocabulary.dates import is_moment
from smstock.vocabulary.facets import SEXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

_LISTS: Final = ("missing", "groups", "ignore")
_TEXTS: Final = ("sheet", "unit", "all_origins")
_OF_STOCK: Final = ("destination", "origin", "destinations", "origins", "all_origins")
_OF_POPULATION: Final = ("area", "areas")


@dataclass(frozen=True)
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
    all_origins: str = ""
    groups: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    wide: str = ""
    only: tuple[tuple[str, str], ...] = ()
    sexes: tuple[tuple[str, str], ...] = ()
    reviewed: str = ""

    def headings(self) -> dict[str, str]:
        """Return the headings of the columns that are read, by their entry."""
        return {name: getattr(self, name) for name in HEADINGS if getattr(self, name)}

    def says(self, name: str) -> bool:
        """Return whether a column, or the headings, say a destination, an origin, a sex and so on."""
        return bool(getattr(self, name)) or self.wide == name


ENTRIES: Final = (*(field.name for field in fields(ColumnMap) if field.name not in ("wide", "sexes")), *WIDE)
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
    labels = table.get("sexes")
    if isinstance(labels, dict):
        entries["sexes"] = tuple(labels.items())
    wide = [WIDE[name] for name in WIDE if table.get(name) == COLUMNS]
    if isinstance(labels, dict) and not table.get("sex"):
        wide.append("sex")
    return ColumnMap(**entries, wide=wide[0] if wide else "")


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
    wide = {name: WIDE[name] for name in filled if filled[name] == COLUMNS and name in WIDE}
    if isinstance(filled.get("sexes"), dict) and "sex" not in table:
        wide["sexes"] = "sex"
    if len(wide) > 1:
        wrong.append(f"the headings are {' and '.join(wide)} at once")
    wrong += [f"columns.{single} and columns.{name} say the same" for name, single in wide.items() if single in filled]
    if "value" in filled and wide:
        wrong.append(f"columns.value is not needed where the headings are {' and '.join(wide)}")
    if "value" not in table and not any(name in table for name in WIDE):
        wrong.append("columns.value is missing")
    if "date" in table and ("year" in table or "years" in wide):
        wrong.append("columns.year and columns.date say the same")
    of_other = _OF_POPULATION if table.get("table", "stock") == "stock" else _OF_STOCK
    wrong += [f"columns.{name} is of no {table.get('table', 'stock')} table" for name in of_other if name in filled]
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
    if value == "":
        return ""
    if name in _LISTS:
        right, kind = isinstance(value, list) and all(isinstance(text, str) for text in value), "a list of texts"
    elif name == "header_row":
        right, kind = type(value) is int and value > 0, "the number of a line, 1 or more"
    elif name == "table":
        right, kind = value in TABLES, " or ".join(TABLES)
    elif name == "only":
        texts = value.values() if isinstance(value, dict) else [None]
        right, kind = all(type(text) in (str, int) for text in texts), "a table of columns, a text for each"
    elif name == "sexes" and isinstance(value, dict):
        right, kind = all(text in (*SEXES, "") for text in value.values()), f"labels, each {', '.join(SEXES)}"
    elif name in WIDE:
        right, kind = value == COLUMNS, f'"{COLUMNS}", where headings say it; a column is named by {WIDE[name]}'
    elif name == "reviewed":
        right, kind = isinstance(value, str) and is_moment(value), "a day such as 2026-11-30"
    else:
        right, kind = isinstance(value, str), "a text"
    return "" if right else f"columns.{name} is {value!r}, allowed: {kind}"


def _instead(name: str) -> str:
    """Return in brackets what was meant by an entry that is not known, if that can be told."""
    if name in ("provider", "dataset", "edition", "concept", "reference_date", "producer", "title", "notes"):
        return " (it stands above the line [columns])"
    question = meant(name, ENTRIES)
    return f" ({question})" if question else ""
