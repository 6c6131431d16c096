"""Tables in any layout, read by the mapping of their sidecar (:mod:`smstock.official.column_map`).

What a column is, a person has said; whether its content is that is checked here. A column that is neither read nor
ignored may stand in the file as long as it tells no two figures apart: two figures of one meaning are refused, with the
column in which they differ.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError, shown
from smstock.official.ages import bounds
from smstock.official.base import ALL_ORIGINS, AT_HOME, GROUPS_OF_AREAS, Layout, OfficialTable
from smstock.official.columns import mapped
from smstock.official.copies import NO_AGE
from smstock.official.figures import figures, fractions_of_thousands
from smstock.official.flags import joined
from smstock.official.gazetteer import GROUP, areas_of
from smstock.official.grid import MARKS
from smstock.official.mapped import AREAS, advised, mapped_file, year_of
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import check_days, check_years, day_of_year
from smstock.official.sexes import sexes
from smstock.official.units import check_ignored, counted
from smstock.official.unread import check_unread
from smstock.tables import POPULATION, STOCK
from smstock.vocabulary.countries import known_as

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from smstock.official.mapped import Mapped
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

    Place = Callable[[int], str]

_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_GROUPED: Final = r"[1-9]\d{0,2}(?:(?:\.\d{3}){2,4}|(?:,\d{3}){2,4}|(?:\.\d{3}){1,4},\d+|(?:,\d{3}){1,4}\.\d+)"
_DECIMAL: Final = r"(?:0|[1-9]\d{0,14})[.,]\d+"
_EITHER: Final = r"[1-9]\d{0,2}[.,]\d{3}"
_HALF: Final = 0.5
_MOST_NAMED: Final = 60


def _read(file: RawFile, contract: Contract) -> OfficialTable:
    source = file.once(mapped_file)
    stated = _stated(source, contract)
    source.check_meaning()
    position, of_others = source.chosen()
    rows = source.figure_rows(position)
    lines, names = rows["row"].to_numpy(), source.figure_columns

    def place(row: int) -> str:
        heading = f", column {names[row // len(position)]}" if source.columns.wide else ""
        return f"{file.path}, {source.table.line(int(lines[row]))}{heading}"

    rows = _with_values(source, rows, place)
    check_unread(source, position)
    rows = rows.assign(reference_date=_days(source, rows, stated.get("provider", ""), place))
    rows = _with_sexes_and_ages(source, rows, stated, place)
    areas = _areas(source, rows, stated)
    rows = rows.assign(
        **{name: stated[name] for name in ("provider", "dataset", "concept") if name in stated},
        **areas,
        edition=file.edition,
        retrieved_at="",
        reason=_reasons(areas, rows["age_min"]),
    )
    in_table = np.flatnonzero(rows["reason"] == "")
    _check_distinct(source, rows.iloc[in_table], contract)
    official = table_of(rows, contract)
    line = (lambda row: source.table.line(int(lines[in_table[row]]))) if contract is STOCK else None
    return replace(official, left_out={**of_others, **official.left_out}, line=line)


def _stated(source: Mapped, contract: Contract) -> dict[str, str]:
    """Return what the sidecar says of all rows, since no column does."""
    columns = source.columns
    needed = ["provider", "dataset", "concept"] if contract is STOCK else ["provider"]
    needed += [name for name in (AREAS[:2] if contract is STOCK else AREAS[2:]) if not columns.says(name)]
    needed += [entry for name, entry in (("sex", "sex"), ("age", "ages")) if not columns.says(name)]
    if not columns.says("year") and not columns.date:
        needed.append("reference_date")
    return dict(zip(needed, source.file.stated(*needed), strict=True))


def _with_values(source: Mapped, rows: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Return the rows with their figures in persons, and the marks in place of missing ones among their flags."""
    columns = source.columns
    # the figures of a column show together what its marks mean, those that are not read too
    cells = pd.concat([rows["cell"], _telling(source, rows["cell"])], ignore_index=True)
    with advised('if it stands for a missing figure, write missing = ["..."] with it into [columns]'):
        value, missing = figures(cells, MARKS | {mark: mark for mark in columns.missing}, place, decimal="")
    value, missing = value[: len(rows)], missing[: len(rows)]
    _check_whole(source, value)
    further = source.table.rows[source.further].iloc[rows["row"].to_numpy()].reset_index(drop=True)
    with advised("or keep the rows of one unit with [columns.only]; or name the column in ignore, if it says no unit"):
        check_ignored(further, place, applied=True)
        persons = counted(value, further.assign(**{"unit ": columns.unit}) if columns.unit else further, place)
    flags = [joined(*marks) for marks in zip(rows["flags"], missing, strict=True)] if columns.flags else missing
    return rows.assign(value=np.where(persons == value, persons, np.rint(persons)), flags=flags)


def _telling(source: Mapped, cells: pd.Series) -> pd.Series:
    """Return figures of rows that are not read and show what parts thousands, where one that is read has such a mark.

    What is a decimal mark among shares says nothing of persons, unless the sidecar says that figures are thousands.
    """
    if not source.columns.only or not cells.str.contains(r"\d[.,]\d").any():
        return cells.iloc[:0]
    others = pd.concat([source.table.rows[name] for name in source.figure_columns]).drop_duplicates()
    is_telling = others.str.fullmatch(_GROUPED)
    if source.columns.unit:
        is_telling |= others.str.fullmatch(_DECIMAL) & ~others.str.fullmatch(_EITHER)
    telling: pd.Series = others[is_telling & ~others.isin(cells)]
    return telling


def _check_whole(source: Mapped, value: np.ndarray) -> None:
    """Refuse figures most of which have decimals, unless the sidecar says their unit: persons are whole."""
    present = value[~np.isnan(value)]
    if len(present) and not source.columns.unit and (present % 1 != 0).mean() > _HALF:
        raise OfficialFileError(
            f"most figures of {source.file.path} have decimals, and persons are whole",
            where=f"no unit in [columns] of {source.sidecar}",
            allowed="thousands, millions, persons",
            hint='write unit = "thousands" into [columns], or unit = "persons" if they are such',
        )
    if not source.columns.unit and (parted := fractions_of_thousands(present)):
        raise OfficialFileError(
            f"figures of {source.file.path} have decimals and none is 1000 or more, as if thousands had been parted",
            where=parted,
            allowed="persons, which are whole",
            hint='save the table without thousands separators, or write unit = "persons" into [columns] if they are',
        )


def _days(source: Mapped, rows: pd.DataFrame, provider: str, place: Place) -> pd.Series | str:
    """Return the day that each figure is about."""
    columns = source.columns
    if columns.date:
        days = mapped(rows["date"], lambda text: match[1] if (match := _DAY.fullmatch(text)) else text)
        with advised('if years stand in the column, name it as year = "..." in [columns]'):
            check_days(days, place)
        return days
    if not columns.says("year"):
        return source.file.stated_day()
    years = mapped(rows["year"], year_of)
    with advised(
        'if days stand in the column, name it as date = "..." in [columns]; of quarters and months keep one with '
        '[columns.only], take year out, and write its day above [columns]: reference_date = "2023-01-01"'
    ):
        check_years(years, place)
    days = years + "-" + day_of_year(source.file, provider)
    check_days(days, lambda row: f"{place(row)}, with the reference_date of its sidecar")
    return days


def _with_sexes_and_ages(source: Mapped, rows: pd.DataFrame, stated: dict[str, str], place: Place) -> pd.DataFrame:
    columns = source.columns
    with advised('or say what it means: a line such as Hombres = "male" under [columns.sexes]'):
        sex = sexes(rows["sex"], source.labels, place) if columns.says("sex") else stated["sex"]
    ages = rows["age"] if columns.says("age") else pd.Series(stated["ages"], index=rows.index)
    with advised("or keep the rows of all ages with [columns.only], take age out of [columns], and say ages above it"):
        youngest, oldest = bounds(ages, f"{source.file.path}, column {columns.age or 'ages'}")
    return rows.assign(sex=sex, age_min=youngest, age_max=oldest)


def _areas(source: Mapped, rows: pd.DataFrame, stated: dict[str, str]) -> dict[str, pd.Series]:
    """Return the areas of each figure, `GROUP` for a group; refuse the file if one is not known, with all of them."""
    areas: dict[str, pd.Series] = {}
    unknown: dict[str, tuple[str, int]] = {}
    columns, has_figure = source.columns, rows["value"].notna()
    for name in AREAS:
        if name in stated:
            areas[name] = pd.Series(known_as(stated[name]) or stated[name], rows.index)
        elif columns.says(name):
            texts = rows[name].unique().tolist()
            meaning = areas_of(texts, dict(columns.areas), of_origins=name == "origin")
            if columns.wide == name:
                meaning |= dict.fromkeys(_words(texts, columns.areas))
            area = mapped(rows[name], meaning.get)
            # a row without an area and a figure parts a table
            lacking = rows.loc[area.isna() & (has_figure | (rows[name] != "")), name].drop_duplicates()
            unknown |= {text: (name, row) for row, text in zip(lacking.index.tolist(), lacking, strict=True)}
            areas[name] = area.where(area.notna(), GROUP)
    if unknown:
        raise _unknown(source, rows, unknown)
    return areas


def _words(headings: Sequence[str], meant: Collection[tuple[str, str]]) -> list[str]:
    """Return the few headings of two letters among longer ones: ``no`` and ``id`` are rather words than codes."""
    known = {"UK", "US", *(name for name, _ in meant)}
    short = [text for text in headings if len(text) == len("no") and text.isalpha() and text not in known]
    return short if len(short) < _HALF * len(headings) else []


def _unknown(source: Mapped, rows: pd.DataFrame, unknown: dict[str, tuple[str, int]]) -> OfficialFileError:
    name, row = unknown.get("") or next(iter(unknown.values()))
    line = source.table.line(int(rows["row"].iloc[row]))
    if "" in unknown:
        return OfficialFileError(
            f"{source.file.path} has a figure without {name}",
            where=f"{line}, column {getattr(source.columns, name)}",
            hint="fill it in; a cell that reaches over several rows stands in each of them",
        )
    quoted = ", ".join(f'"{text}"' for text in list(unknown)[:_MOST_NAMED])
    more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
    wide = '; of columns that are no areas: ignore = ["..."] in [columns]' if source.columns.wide in AREAS else ""
    where = "below its line [columns.areas]" if source.columns.areas else "at its end, below a line [columns.areas]"
    return OfficialFileError(
        f"{source.file.path} has areas that are not known: {quoted}{more}",
        where=f"first in {line}, {name}",
        allowed="codes (ISO 3166-1, UN M49, Eurostat, OECD, World Bank) or names",
        hint=f"say in {source.sidecar} what each is, {where}: an area, {ALL_ORIGINS} for the total of all migrants, "
        f'group for a group, whose figures are left out, such as "{next(iter(unknown))}" = "group"{wide}',
    )


def _reasons(areas: dict[str, pd.Series], youngest: pd.Series) -> pd.Series:
    in_group = np.logical_or.reduce([(area == GROUP).to_numpy() for area in areas.values()])
    reasons = [(in_group, GROUPS_OF_AREAS), (youngest.isna(), NO_AGE)]
    if "origin" in areas:
        reasons.insert(1, ((areas["origin"] == areas["destination"]).to_numpy(), AT_HOME))
    return first_reason(reasons)


def _check_distinct(source: Mapped, rows: pd.DataFrame, contract: Contract) -> None:
    """Refuse two figures of one meaning, with the columns in which they differ."""
    key = list(contract.key)
    again = rows.duplicated(key, keep=False)
    if not again.any():
        return
    first = rows[again].iloc[0]
    alike = rows[(rows[key].fillna(-1) == first[key].fillna(-1)).all(axis=1)]
    lines = source.table.rows.iloc[alike["row"].to_numpy()]
    texts_of = {
        heading: texts
        for heading in source.table.headings
        if heading not in source.figure_columns and len(texts := lines[heading].unique().tolist()) > 1
    }
    apart = "; ".join(f"{heading}: {shown(', '.join(texts))}" for heading, texts in texts_of.items())
    choice = next(((heading, texts[0]) for heading, texts in texts_of.items() if heading in source.further), None)
    hint = "leave all but one out"
    if choice:
        place = "below its line [columns.only]" if source.columns.only else "at its end, below a line [columns.only]"
        hint = f'choose in {source.sidecar}, {place}: "{choice[0]}" = "{choice[1]}"'
    elif texts_of:
        hint += f", or say in {source.sidecar}, under [columns.areas], what is a group of areas"
    places = " and ".join(source.table.line(int(row)) for row in alike["row"].unique()[:4])
    oldest = "+" if pd.isna(first["age_max"]) else f"-{first['age_max']}"
    areas = (first[name] for name in AREAS if name in key)
    meaning = " ".join([*areas, first["sex"], f"{first['age_min']}{oldest}", first["reference_date"]])
    raise OfficialFileError(
        f"{source.file.path} has several figures of one meaning: {meaning}",
        where=f"{places}, which {'differ in ' + apart if apart else 'do not differ'}",
        allowed="one figure for each place, sex, age and day",
        hint=hint,
    )


def _contracts(file: RawFile) -> tuple[Contract, ...]:
    columns = file.origin.columns if file.origin else None
    return (POPULATION,) if columns and columns.table == POPULATION.name else (STOCK,)


def _recognises(file: RawFile) -> bool:
    return file.origin is not None and file.origin.columns is not None


LAYOUTS = (Layout("table read by the mapping of its sidecar", _recognises, _contracts, _read, by_hand=True),)
