"""Counts that a person typed off LinkedIn's Campaign Manager: a CSV as the audience table of a collected wave.

Columns: :data:`COLUMNS`, in any order. A line is an audience: a location and the schools of an origin, and one entity
of one facet; facet ``total`` is the audience before any facet is picked. What a file has no column for, the caller
says.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smstock.errors import InputError, OfficialFileError, UnknownNameError, meant, shown
from smstock.official import rawfile
from smstock.official.figures import figures
from smstock.platforms.linkedin import campaign_manager, rounding
from smstock.platforms.linkedin.catalogue import AGE_RANGES
from smstock.platforms.linkedin.targeting import ranges
from smstock.skills.typed_lines import EVERYBODY, Entry, Form, Line
from smstock.skills.typed_whole import check_whole
from smstock.tables import AUDIENCE, check
from smstock.vocabulary import countries
from smstock.vocabulary.dates import is_day
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.status import FLOORED, OBSERVED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEEDED: Final = ("facet", "entity", "count")
COLUMNS: Final = (*NEEDED, "destination", "origin", "date", "sex", "age", "note")
"""What a file may have: the first three it must; a note is for the reader's eyes."""

_TOTAL: Final = frozenset({"", "total", "all", "target audience size", "target audience"})
_SEXES: Final = {
    word: sex
    for sex, words in {
        "all": ("", "all", "both"),
        "female": ("female", "females", "women", "f"),
        "male": ("male", "males", "men", "m"),
    }.items()
    for word in words
}
_MOST: Final = 10_000_000_000
"""More than there are people; a larger number is no audience."""
_COUNTS: Final = "a number above the floor such as 12,000, 12000, 12K, 1.2M or 12,000+; < 300 for one too small"
_LOOKS_NUMERIC: Final = re.compile(r"\d[\d.,'\u2019\u02bc\s]*([eE][+-]?\d{1,2})?")
_RANGE: Final = re.compile(r"\D*\d\S*\s*(-|\u2013|\u2014|to)\s*\d.*")
_AGES: Final = re.compile(r"(\d+)\s*(?:(?:-|\u2013|to)\s*(\d+)|\+|and (?:over|older|more)|or (?:over|older|more))")
_YEARS: Final = re.compile(
    r"\d{1,2}|years?|yrs?|of|experience|less|fewer|more|over|under|than|up|to|and|or|at|least|most"
)
"""Words of a range of years; a spreadsheet makes the date 2-Jan, or the number 44563, of 1-2."""
_MONTH: Final = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")


def read(path: Path, *, destination: str = "", origin: str = "", wave: str = "") -> pd.DataFrame:
    r"""Return the counts of a file as an audience table, of as many waves as it has months.

    Parameters
    ----------
    path
        A CSV with commas, semicolons or tabs.
    destination, origin, wave
        Of every line, where the file has no column ``destination``, ``origin`` or ``date``: ISO 3166-1 alpha-3 codes,
        and a month.

    Raises
    ------
    InputError
        A line cannot be read or contradicts another, or what shares are of is missing; the message says what to write.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = 'facet,entity,count\ntotal,,"12,000+"\nDegrees,Doctor of Philosophy,< 300\n'
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "counts.csv")
    ...     _ = file.write_text(text)
    ...     table = read(file, destination="IRL", origin="SRB", wave="2026-11")
    >>> table[["dimension", "category", "lower", "upper", "status"]].to_numpy().tolist()
    [['', '', 11500.0, 13000.0, 'observed'], ['degree', 'Doctor of Philosophy', 0.0, 300.0, 'floored']]
    """
    form, lines = _lines(path)
    stated = {"destination": destination, "origin": origin, "date": wave}
    for column, option in (("destination", "--destination"), ("origin", "--origin"), ("date", "--wave")):
        if column not in form.columns and not stated[column]:
            raise InputError(
                f"{path} does not say {_UNSAID[column]}",
                allowed=f"a column {column}, or {option} for all lines",
                hint=f"add {option} {_EXAMPLES[column]}",
            )
    counts = _counts(lines)
    spelling: dict[tuple[str, str], str] = {}
    entries = [_entry(line, stated, count, spelling) for line, count in zip(lines, counts, strict=True)]
    check_whole(entries, form)
    return _table(entries)


_UNSAID: Final = {
    "destination": "where the members live",
    "origin": "where the schools are whose members were counted",
    "date": "when the counts were read",
}
_EXAMPLES: Final = {"destination": "IRL", "origin": "SRB", "date": "2026-11"}


def _lines(path: Path) -> tuple[Form, list[Line]]:
    """Return the form of a file and its lines that are not empty."""
    try:
        file = rawfile.opened(path)
        rows = {} if file.container == "workbook" else dict(file.rows_by_line)
    except OfficialFileError as error:
        hint = "mend the path" if not path.is_file() else f"save the table as CSV (UTF-8) with a header {_HEADER}"
        raise InputError(error.what, where=error.where, allowed=error.allowed, hint=hint) from None
    rows = {number: _trimmed(row) for number, row in rows.items() if any(cell.strip() for cell in row)}
    if not rows:
        what = "is a workbook" if file.container == "workbook" else "has no line"
        raise InputError(f"{path} {what}", hint=f"save the sheet of the counts as CSV, with a header {_HEADER}")
    header = next(iter(rows))
    columns = tuple(" ".join(name.split()).casefold() for name in rows.pop(header))
    form = Form(path, columns, file.delimiter)
    _check_columns(form, header)
    if not rows:
        raise InputError(f"{path} has a header and no line below it", hint=f"add {form.example(facet='total')}")
    return form, [_line(form, number, row) for number, row in rows.items()]


_HEADER: Final = ",".join(NEEDED)


def _check_columns(form: Form, header: int) -> None:
    where = f"{form.path}, line {header}"
    allowed = f"{', '.join(NEEDED)}; where needed {', '.join(COLUMNS[len(NEEDED) :])}"
    for name in form.columns:
        if name not in COLUMNS:
            what = f"a column {shown(name)!r}" if name else "a column without a name"
            hint = meant(name, COLUMNS) or f"write a header {_HEADER}, and take other columns away or call one note"
            raise InputError(f"{form.path} has {what}", where=where, allowed=allowed, hint=hint)
        if form.columns.count(name) > 1:
            raise InputError(f"{form.path} has two columns {name}", where=where, hint="take one of them away")
    lacking = [name for name in NEEDED if name not in form.columns]
    if lacking:
        raise InputError(
            f"{form.path} has no column {' and no '.join(lacking)}",
            where=where,
            allowed=allowed,
            hint=f"add {', '.join(lacking)} to the header",
        )


def _line(form: Form, number: int, row: list[str]) -> Line:
    if len(row) > len(form.columns):
        raise InputError(
            f"a line of {len(row)} fields below a header of {len(form.columns)}",
            where=f"{form.path}, line {number}",
            hint='write counts without thousands separators, or in quotation marks: "12,000"',
        )
    if any("\n" in cell or "\r" in cell for cell in row):
        raise InputError(
            "a quotation mark that is not closed in its line",
            where=f"{form.path}, line {number}",
            hint="close it, or take it away",
        )
    row += [""] * (len(form.columns) - len(row))
    line = Line(form, number, {name: " ".join(cell.split()) for name, cell in zip(form.columns, row, strict=True)})
    if re.fullmatch(r"\d{3}\D*", line.cells.get("note", "")):
        line.refuse(
            "note", "a note that may be the end of a count", hint='write counts in quotation marks: "12,000", or 12000'
        )
    return line


def _trimmed(row: Sequence[str]) -> list[str]:
    """Return the fields of a line without the empty ones that a spreadsheet program leaves at its end."""
    fields = list(row)
    while fields and not fields[-1].strip():
        fields.pop()
    return fields


def _counts(lines: Sequence[Line]) -> list[tuple[float | None, float, float]]:
    """Return value, lower and upper end of each count, the value missing below the floor."""
    shown_counts = [_displayed(line) for line in lines]
    above = [(line, count) for line, count in zip(lines, shown_counts, strict=True) if count is not None]
    texts = pd.Series([count.number for _, count in above], dtype="str")
    try:
        numbers = iter(figures(texts, {}, lambda row: above[row][0].where("count"), decimal="whole")[0])
    except OfficialFileError as error:
        hint = "write counts in digits alone, without separators; < 300 for one too small"
        raise InputError(error.what, where=error.where, allowed=_COUNTS, hint=hint) from None
    counts: list[tuple[float | None, float, float]] = []
    for line, count in zip(lines, shown_counts, strict=True):
        if count is None:
            counts.append((None, 0.0, float(rounding.FLOOR)))
            continue
        number = float(next(numbers))
        if not number.is_integer() or not rounding.FLOOR <= number <= _MOST:
            line.refuse(
                "count",
                f"{line.cells['count']!r} is no audience that LinkedIn shows",
                allowed=_COUNTS,
                hint="read it again; what is too small to be shown is < 300",
            )
        counts.append((number, *campaign_manager.interval(int(number), count.step, at_least=count.at_least)))
    return counts


def _displayed(line: Line) -> campaign_manager.Displayed | None:
    """Return a count as it was displayed, None for one below the floor."""
    text = line.cells["count"]
    if not text:
        line.refuse("count", "an empty count", allowed=_COUNTS, hint="write what was shown, or take the line away")
    count = campaign_manager.displayed(text)
    if count is not None and not _LOOKS_NUMERIC.fullmatch(count.number):
        hint = "write the Target audience size as it is shown"
        if _RANGE.fullmatch(text):
            hint = "a range is a forecast of reach or clicks: write the Target audience size that stands above it"
        line.refuse("count", f"{shown(text)!r} is no size of an audience", allowed=_COUNTS, hint=hint)
    return count


def _entry(
    line: Line,
    stated: dict[str, str],
    count: tuple[float | None, float, float],
    spelling: dict[tuple[str, str], str],
) -> Entry:
    """Return what a line counts; a category is spelt as it was at first."""
    dimension, category = _category(line)
    sex = _SEXES.get(line.cells.get("sex", "").casefold())
    if sex is None:
        line.refuse("sex", f"{shown(line.cells['sex'])!r} is no sex", allowed="female, male, all", hint="mend the cell")
    age = _ages(line, "age") if line.cells.get("age", "").casefold() not in ("", "all") else None
    if age is not None and len(ranges(age)) < len(AGE_RANGES):
        if dimension or sex != "all":
            line.refuse(
                "age",
                "an age within a facet or a sex, which no profile is made of",
                allowed="ages of the total, of both sexes",
                hint="take the line away; ages by themselves are lines of facet Member Age",
            )
        dimension, category = "age", str(age)
    if sex != "all" and dimension == "":
        dimension, category, sex = "sex", sex, "all"
    elif sex != "all" and dimension in ("sex", "age"):
        line.refuse("sex", f"a sex within {campaign_manager.HEADINGS[dimension]}", hint="leave the cell empty")
    # a spreadsheet curls the apostrophe of some lines, and some systems write an accent as a letter of its own
    folded = unicodedata.normalize("NFKC", category).casefold().replace("\u2019", "'")
    category = spelling.setdefault((dimension, folded), category)
    place = {name: _area(line, name) if name in line.cells else stated[name] for name in ("destination", "origin")}
    wave = _wave(line) if "date" in line.cells else stated["date"]
    return Entry(line, wave, place["destination"], place["origin"], sex, dimension, category, *count)


def _category(line: Line) -> tuple[str, str]:
    """Return dimension and category of a line; empty for the total."""
    facet, entity = line.cells["facet"], line.cells["entity"]
    if facet.casefold() in _TOTAL:
        if entity.casefold() not in _TOTAL:
            line.refuse(
                "facet" if not facet else "entity",
                f"{shown(entity)!r} of no facet",
                allowed=f"{', '.join(campaign_manager.HEADINGS.values())}; total with an empty entity",
                hint="write the facet into every line",
            )
        return "", ""
    dimension = campaign_manager.dimension_of(facet)
    if not dimension:
        line.refuse(
            "facet",
            f"{shown(facet)!r} is no facet that profiles are made of",
            allowed=f"{', '.join(campaign_manager.HEADINGS.values())}; total for the audience before a facet is picked",
            hint=meant(facet.casefold(), _known_facets())
            or "write the facet in English, as here, or take the line away",
        )
    if not entity:
        line.refuse("entity", f"{facet} without an entity", hint="write which one was picked")
    if dimension == "sex":
        sex = _SEXES.get(entity.casefold(), "all")
        if sex == "all":
            line.refuse("entity", f"{shown(entity)!r} is no gender", allowed="Female, Male", hint="mend the cell")
        return dimension, sex
    if dimension == "age":
        ages = _ages(line, "entity")
        if len(ranges(ages)) == len(AGE_RANGES):
            line.refuse("entity", f"{entity} is everybody", hint="write it as facet total with an empty entity")
        return dimension, str(ages)
    if dimension == "experience" and not _of_years(entity):
        line.refuse(
            "entity",
            f"{shown(entity)!r} is no range of years",
            allowed="1 year, 1-2, 3 to 5, 12+ years and the like",
            hint="a spreadsheet changes 1-2 into a date: write 1 to 2, or set the column to text first",
        )
    return dimension, entity


def _of_years(entity: str) -> bool:
    words = re.findall(r"\w+", entity.casefold())
    return all(_YEARS.fullmatch(word) for word in words) and not re.search(r"[./:]|\d+-\d+-", entity)


def _known_facets() -> list[str]:
    return [heading.casefold() for heading in campaign_manager.HEADINGS.values()]


def _ages(line: Line, column: str) -> Ages:
    text = line.cells[column]
    match = _AGES.fullmatch(text.casefold())
    ages = Ages(int(match[1]), int(match[2]) if match[2] else None) if match and _ascends(match) else None
    if ages is None or not ranges(ages):
        line.refuse(
            column,
            f"{shown(text)!r} is no range of LinkedIn's ages",
            allowed=f"{', '.join(AGE_RANGES)}, and neighbouring ones together",
            hint="mend the cell",
        )
    return ages


def _ascends(match: re.Match[str]) -> bool:
    return not match[2] or int(match[1]) <= int(match[2])


def _area(line: Line, column: str) -> str:
    """Return the code of an area, empty for everybody in place of an origin."""
    text = line.cells[column]
    if column == "origin" and text.casefold() in (EVERYBODY, "everyone", "all"):
        return ""
    if not text:
        allowed = f"a country; {EVERYBODY} for all members at the destination" if column == "origin" else "a country"
        line.refuse(column, f"an empty {column}", allowed=allowed, hint=f"write the {column} into every line")
    try:
        return countries.find(text)
    except UnknownNameError as error:
        line.refuse(column, error.what, allowed=error.allowed, hint=error.hint)


def _wave(line: Line) -> str:
    text = line.cells["date"]
    if not (_MONTH.fullmatch(text) or (is_day(text) and text.startswith("20"))):
        what = f"{shown(text)!r} is no date" if text else "an empty date"
        line.refuse("date", what, allowed="YYYY-MM-DD, or YYYY-MM", hint="write the day on which the count was read")
    return text[:7]


def _table(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the audience table of entries: women, men and ages stand in columns of their own."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        ages = Ages.parse(entry.category) if entry.dimension == "age" else Ages(18)
        rows.append(
            {
                "wave": entry.wave,
                "destination": entry.destination,
                "origin": entry.origin,
                "origin_basis": "school_country" if entry.origin else "",
                "sex": entry.category if entry.dimension == "sex" else entry.sex,
                "age_min": ages.minimum,
                "age_max": ages.maximum,
                "dimension": "" if entry.dimension in ("sex", "age") else entry.dimension,
                "category": "" if entry.dimension in ("sex", "age") else entry.category,
                "value": entry.value,
                "lower": entry.lower,
                "upper": entry.upper,
                "status": FLOORED if entry.value is None else OBSERVED,
            }
        )
    return check(
        pd.DataFrame(rows).assign(
            platform="linkedin",
            metric="total",
            asked_at="",
            education="",
            relationship="",
            location_basis="not stated",
            placements="all",
            request_key="",
            api_version="",
        ),
        AUDIENCE,
    )
