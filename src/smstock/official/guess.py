"""What the columns of a table may be, guessed by headings and contents, for somebody to look at.

Nothing is used before somebody has: an entry that cannot be known is left empty, and a sidecar with an empty entry
refuses its file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.errors import OfficialFileError, SmstockError, shown
from smstock.official.column_map import WIDE
from smstock.official.copies import SEXES
from smstock.official.figures import figures
from smstock.official.gazetteer import area_of
from smstock.official.grid import FIGURE, MARKS, is_unnamed, repeated
from smstock.official.guessed import Guess, quoted
from smstock.official.header import check_headings, table_below
from smstock.official.likeness import Likeness, figures_beside, sex_of
from smstock.official.mapped import AREAS, names_one, no_count
from smstock.official.places import take_areas
from smstock.official.units import check_heading, check_note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smstock.official.rawfile import RawFile

_HALF: Final = 0.5
_MOST: Final = 0.6
_FEWEST_AREAS: Final = 2
_MOST_SEXES: Final = 12
_MOST_MARKS: Final = 5
_LONGEST_MARK: Final = 12

_OF_PARTS: Final[Sequence[tuple[str, Callable[[str], object], str]]] = (
    ("sex", sex_of, "female"),
    ("reference_date", lambda text: names_one(text, "year"), "2020-07-01"),
    ("destination", area_of, "ESP"),
    ("origin", area_of, "SRB"),
)
"""What rows of headings above others may say of the columns below them."""


def guess(file: RawFile) -> Guess:
    r"""Return what the columns of the table of a file may be.

    Raises
    ------
    OfficialFileError
        The file holds no table with a row of headings, or none of figures, or figures of flows or shares alone.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> text = b"Stock by birth\nlives_in;country of birth;Jahr;n\nDEU;SRB;2020;5\nDEU;TUR;2020;7\n"
    >>> guess(RawFile(Path("a.csv"), "text", text)).entries
    {'header_row': 2, 'origin': 'country of birth', 'destination': 'lives_in', 'year': 'Jahr', 'value': 'n'}
    """
    table, above = table_below(file)
    made = Guess(table)
    if table.sheet and len(file.sheets) > 1:
        made.entries["sheet"] = table.sheet
    if table.header_row > 1 + file.above:
        made.entries["header_row"] = table.header_row
    texts_of = {name: tuple(made.table.rows[name].unique().tolist()) for name in table.headings}
    columns = [Likeness(name, texts, above.get(name, "")) for name, texts in texts_of.items()]
    check_headings(file, made.table)
    free = [column for column in columns if column.content == "figures" and not column.is_numbering]
    wide = _wide(columns, free)
    take_areas(made, columns, wide, free)
    _take_times(made, columns, wide)
    _take_groups_of_persons(made, columns, wide)
    _take_figures(file, made, free, wide)
    _take_rest(file, made, columns, wide)
    if above:
        _take_parts(made, {name: text for name, text in above.items() if not is_unnamed(name)})
    return made


def _wide(columns: Sequence[Likeness], free: Sequence[Likeness]) -> dict[str, list[Likeness]]:
    """Return the columns of figures whose headings are years, sexes or areas, by the entry of the like."""
    years = [column for column in free if names_one(column.name, "year")]
    has_years = any(column.content in ("years", "days") for column in columns)
    if len(years) > 1 or (years and not has_years):
        return {"years": years}
    of_sexes = {column.name: column.sex for column in free if column.sex in ("female", "male")}
    if sorted(of_sexes.values()) == ["female", "male"]:
        return {
            "sexes": [
                column for column in free if _sex(column) or (column.points_to("value") and not column.is_no_count)
            ]
        }
    of_areas = [column for column in columns if area_of(column.name) is not None]
    of_others = [column for column in free if column not in of_areas]
    if len(of_areas) >= _FEWEST_AREAS and len(of_areas) >= len(of_others):
        return {"areas": [column for column in columns if column in of_areas or column in of_others]}
    # names in another language, where nothing else says an area
    if (
        len(free) >= _FEWEST_AREAS
        and all(map(_may_be_area, free))
        and all(column.content != "areas" for column in columns)
    ):
        return {"areas": list(free)}
    return {}


def _may_be_area(column: Likeness) -> bool:
    is_known = column.sex or column.points_to("value") or column.is_no_count or column.is_of_everybody
    return not is_known and any(map(str.isalpha, column.name)) and not names_one(column.name, "age")


def _sex(column: Likeness) -> str:
    """Return the sex of a heading beside those of females and males, where a total is both."""
    return column.sex or sex_of(column.name, in_column=True)


def _take_times(made: Guess, columns: Sequence[Likeness], wide: dict[str, list[Likeness]]) -> None:
    """Say which column, or which headings, are years or days."""
    if "years" in wide:
        made.entries["years"] = "columns"
        made.taken |= {column.heading: ("years", "headings that are years") for column in wide["years"]}
        return
    for entry, content in (("year", "years"), ("date", "days")):
        like = [column for column in columns if column.content == content]
        named = [column for column in like if column.points_to(entry if entry == "year" else "year")]
        if len(like) == 1 or len(named) == 1:
            made.take(entry, (named or like)[0], f"every text is one of {content}")
            return
        if like:
            made.leave_open(entry, f"one of {', '.join(column.heading for column in like)}", like)
            return


def _take_groups_of_persons(made: Guess, columns: Sequence[Likeness], wide: dict[str, list[Likeness]]) -> None:
    """Say which column is the sex and which the age, and ask for what labels of sex mean that are not known."""
    if "sexes" in wide:
        are_labels = all(column.name.casefold() in SEXES for column in wide["sexes"])
        made.entries["sexes"] = "columns" if are_labels else {column.name: _sex(column) for column in wide["sexes"]}
        made.taken |= {column.heading: ("sexes", "headings that are sexes") for column in wide["sexes"]}
    free = [column for column in columns if column.heading not in made.taken]
    by_content = [column for column in free if column.content == "sexes"]
    by_heading = [column for column in free if column.content == "texts" and column.points_to("sex")]
    by_heading = [column for column in by_heading if len(column.texts) <= _MOST_SEXES]
    if "sexes" not in wide and (of_sex := (by_content or by_heading)[:1]):
        made.take("sex", of_sex[0], "its texts are sexes" if by_content else "its heading")
        foreign = {text for text in of_sex[0].filled if text.casefold() not in SEXES}
        shortest = min(map(len, foreign), default=0)  # beside another letter M is male, or mujer
        if unknown := [text for text in of_sex[0].filled if text in foreign or len(text) == shortest == 1]:
            in_column = of_sex[0].points_to("sex")
            sexes = {text: "" if len(text) == 1 else sex_of(text, in_column=in_column) for text in unknown}
            made.entries["sexes"] = sexes
    of_age = [column for column in free if column.content == "ages"]
    if of_age:
        made.take("age", of_age[0], "its texts are age groups")


def _take_figures(file: RawFile, made: Guess, free: Sequence[Likeness], wide: dict[str, list[Likeness]]) -> None:
    """Say which column is the figure; never one that says that it is a flow or a share."""
    candidates = [column for column in free if column.heading not in made.taken]
    counts = [column for column in candidates if not column.is_no_count]
    made.taken |= {
        column.heading: ("not read", f"its heading says that it is {column.is_no_count}")
        for column in candidates
        if column.is_no_count
    }
    named = [column for column in counts if column.points_to("value")]
    of_figures = [column for columns in wide.values() for column in columns]
    if not wide:
        if not counts:
            what = " and ".join(sorted({column.is_no_count for column in candidates})) or "no column of figures"
            raise _no_stock(file, made, what)
        if len(counts) == 1 or len(named) == 1:
            of_figures = (named if len(named) == 1 else counts)[:1]
            made.take("value", of_figures[0], "its heading" if named else "the only column of figures")
        else:
            names = ", ".join(column.heading for column in counts)
            made.leave_open("value", f"the persons: one of {shown(names)}", counts)
    _leave_marks_open(made, of_figures)


def _no_stock(file: RawFile, made: Guess, what: str) -> OfficialFileError:
    return OfficialFileError(
        f"{file.path} seems to hold {what}, and no persons at a date",
        where=f"headings: {shown(', '.join(made.table.headings))}",
        allowed="stocks of migrants, or populations: persons who live in a place on a day",
        hint="take a table of stocks; a flow is no stock",
    )


def _leave_marks_open(made: Guess, of_figures: Sequence[Likeness]) -> None:
    """Ask for marks of missing figures and for the unit, where the table has what smstock does not know."""
    marks = list(
        dict.fromkeys(
            text for column in of_figures for text in column.texts if text not in MARKS and not FIGURE.fullmatch(text)
        )
    )
    if marks and len(marks) <= _MOST_MARKS and all(len(mark) <= _LONGEST_MARK for mark in marks):
        quoted = ", ".join(f'"{mark}"' for mark in marks)
        made.leave_open("missing", f"[{quoted}] if each stands for a figure that is not known")
    if _is_scaled(made, of_figures):
        made.leave_open("unit", '"thousands", "millions", "persons": what one of the figures is')


def _is_scaled(made: Guess, of_figures: Sequence[Likeness]) -> bool:
    """Return whether a heading says thousands, or most figures have decimals."""
    texts = [text for column in of_figures for text in column.texts if FIGURE.fullmatch(text)]
    try:
        for heading in (*(column.heading for column in of_figures), *made.table.above):
            check_heading(heading, "")
        for note in made.table.notes:
            check_note(note, "")
    except SmstockError:
        return True
    try:
        numbers, _ = figures(pd.Series(texts, dtype="str"), MARKS, str, decimal="")
    except SmstockError:  # a refusal of the reader, not of the guess
        return False
    return bool(texts) and bool((numbers % 1 != 0).mean() > _HALF)


def _take_rest(file: RawFile, made: Guess, columns: Sequence[Likeness], wide: dict[str, list[Likeness]]) -> None:
    """Say what the other columns are; ask which rows are meant where they tell figures apart, and what all have."""
    rest = [column for column in columns if column.heading not in made.taken]
    flags = [column for column in rest if column.points_to("flags")]
    if len(flags) == 1 and not wide and flags[0].content == "texts":
        made.take("flags", flags[0], "its heading")
        rest.remove(flags[0])
    only = _of_no_counts(file, made, rest)
    if "areas" in wide:
        ignored, why = [column for column in rest if column not in only], "no area"
    else:
        made.taken |= {column.heading: ("not read", "") for column in rest}
        of_figures = [column.heading for column in next(iter(wide.values()), ())] or [str(made.entries.get("value"))]
        beside = figures_beside(columns, of_figures, next((WIDE[entry] for entry in wide), ""))
        ignored, why = [column for column in beside if column in rest], "figures under a heading that is not known"
        only = list(dict.fromkeys([*only, *_apart(made, rest)]))
    made.taken |= {column.heading: ("ignored", why) for column in ignored}
    made.entries |= {"ignore": [column.heading for column in ignored]} if ignored else {}
    if only:
        made.entries["only"] = {column.heading: "" for column in only}
    for column in only:
        made.comments[f"only.{column.heading}"] = f"one of {shown(', '.join(column.texts))}"
        made.taken[column.heading] = ("rows", "it tells figures apart: choose one of its texts")
    if "sex" not in made.entries and "sexes" not in wide:
        made.above["sex"] = "all, female or male: no column says it"
    if "age" not in made.entries:
        made.above["ages"] = "0+ for all ages, else such as 15-64: no column says it"
    if not any(made.entries.get(name) for name in ("years", "date")) and "year" not in made.entries:
        made.above["reference_date"] = "the day of the figures, such as 2020-07-01: no column says it"
    elif "date" not in made.entries:
        made.above["reference_date"] = (
            "the day of each year: 07-01 (UN DESA, World Bank), 01-01 (Eurostat, OECD), or another"
        )


def _take_parts(made: Guess, above: Mapping[str, str]) -> None:
    """Say what stands in rows of headings above the headings, and ask for the part of the columns that is read."""
    parts = {
        text: [heading for heading in made.table.headings if above.get(heading) == text] for text in above.values()
    }
    keep = "keep the columns of one of them, or " if len(parts) > 1 else ""
    made.comments["header_row"] = (
        f"the row above has headings too: {shown(', '.join(parts))}; {keep}save the table with one row of headings"
    )
    for entry, says, example in _OF_PARTS:
        if entry in made.above and any(map(says, parts)):
            made.above[entry] = f"of the columns that are read, such as {example}"
    for heading, text in above.items():
        entry, why = made.taken[heading]
        made.taken[heading] = (entry, f"{why}; below {text}".removeprefix("; "))
    if len(parts) > 1 and any(made.entries.get(entry) for entry in WIDE) and any(map(repeated, above)):
        columns = "; ".join(f"{text}: {', '.join(map(quoted, headings))}" for text, headings in parts.items())
        ignored = made.entries.get("ignore", [])
        besides = f", and {', '.join(map(quoted, ignored))}" if isinstance(ignored, list) and ignored else ""
        made.leave_open("ignore", f"[...] with the columns of all parts but one{besides}; {columns}")


def _of_no_counts(file: RawFile, made: Guess, rest: Sequence[Likeness]) -> list[Likeness]:
    """Return columns some of whose labels say that figures are flows or shares; refuse the table if all do."""
    titles = filter(None, map(no_count, made.table.above))
    of_all = [no_count(column.of_no_count[0]) for column in rest if column.of_no_count == column.filled != ()]
    if what := next(titles, "") or next(iter(of_all), ""):
        raise _no_stock(file, made, what)
    return [column for column in rest if column.of_no_count]


def _apart(made: Guess, rest: Sequence[Likeness]) -> list[Likeness]:
    """Return columns that must be of one text for each figure to have one meaning: those of fewest texts first."""
    keys = [made.entries[name] for name in (*AREAS, "sex", "age", "year", "date") if made.entries.get(name)]
    rows, chosen = made.table.rows, []
    for column in sorted(rest, key=lambda column: len(column.texts)):
        if column.is_numbering:
            continue
        again = rows.duplicated(keys, keep=False) if keys else None
        if again is None or not again.any():
            break
        groups = rows[again].groupby(keys, sort=False)[column.heading].nunique()
        if (groups > 1).any():
            chosen.append(column)
            keys = [*keys, column.heading]
    return chosen
