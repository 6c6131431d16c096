"""Columns of a mapped table that nobody reads, and that speak against what the mapping says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError, shown
from smstock.official.ages import ages
from smstock.official.gazetteer import area_of
from smstock.official.likeness import MOST_LABELS, Likeness, figures_beside, sex_of
from smstock.official.mapped import AREAS, names_one, no_count, year_of
from smstock.vocabulary.countries import known_as

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from smstock.official.mapped import Mapped

_CONTENTS: Final = {"sex": "sexes", "age": "ages", "year": "years", "date": "days"}
_IN_WORDS: Final = {"sex": "sex", "ages": "age", "reference_date": "year"}
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)", re.ASCII)
_ABOVE: Final = {"age": "ages", "year": "reference_date", "date": "reference_date"}


def check_unread(source: Mapped, position: np.ndarray) -> None:
    r"""Refuse a column that is not read and says that figures are flows or shares, or contradicts the sidecar.

    A column of women beside a sidecar that says ``sex = "all"`` of all rows would be overruled in silence. One that
    says the same, or that is named in ``ignore``, is none of these.

    Parameters
    ----------
    position
        The rows that are read.

    Raises
    ------
    OfficialFileError
        There is such a column.

    Examples
    --------
    >>> import numpy as np
    >>> from pathlib import Path
    >>> from smstock.official.column_map import mapped_columns
    >>> from smstock.official.mapped import mapped_file
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.sidecar import Origin
    >>> columns = mapped_columns({"destination": "to", "origin": "from", "year": "year", "value": "n"})
    >>> origin = Origin("P", "T", "1", "C", "L", "2026-11-30", sex="all", ages="0+", columns=columns)
    >>> text = b"to,from,year,n,gender\nDEU,SRB,2020,5,female\n"
    >>> check_unread(mapped_file(RawFile(Path("a.csv"), "text", text, origin)), np.arange(1))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: the column gender is not read and says 'female', unlike the sidecar
      where:   a.csv; the sidecar says sex = "all" of all rows
      allowed: columns that are read, or named in ignore of [columns] in a.csv.origin.toml
      next:    write sex = "gender" into [columns], or name it in ignore if it means something else
    """
    chosen = source.table.rows.iloc[position]
    columns = [Likeness(heading, tuple(chosen[heading].unique().tolist())) for heading in source.table.headings]
    _check_beside(source, columns)
    _check_value(source)
    for column in columns:
        if column.heading not in source.further or len(column.texts) > MOST_LABELS:
            continue
        if text := next(iter(column.of_no_count), ""):
            raise _refused(source, column, f"and says {shown(text)!r}, as if figures were {no_count(text)}", text)
        if entry := _overruled(source, column):
            raise _refused(source, column, f"and says {shown(column.filled[0])!r}, unlike the sidecar", entry)


def _check_beside(source: Mapped, columns: Sequence[Likeness]) -> None:
    """Refuse columns of figures among those that are read: they would be left out in silence, or be half a figure."""
    single = "" if source.columns.wide in AREAS else source.columns.wide
    beside = [column.heading for column in figures_beside(columns, source.figure_columns, single)]
    if unread := [heading for heading in beside if heading in source.further]:
        quoted = ", ".join(f'"{heading}"' for heading in unread)
        what = f"a heading that is no {single}" if single else "no heading"
        labels = ", or say what each is under [columns.sexes]" if single == "sex" else ""
        raise OfficialFileError(
            f"{source.file.path} has columns of figures that are not read, under {what}: {shown(quoted)}",
            where=f"{'row' if source.table.sheet else 'line'} {source.table.header_row}",
            allowed=f"columns that are read, or named in ignore of [columns] in {source.sidecar}",
            hint=f"mend the headings{labels}, or write ignore = [{quoted}] into [columns] if they are not meant",
        )


def _check_value(source: Mapped) -> None:
    """Refuse a heading of the figures that says another sex, age or year than the sidecar says of all rows."""
    heading, origin = source.columns.value, source.file.origin
    if not heading or origin is None:
        return
    years = set(_YEAR.findall(heading))
    meanings = {
        "sex": {Likeness(heading, ()).sex} - {""},
        "ages": {heading} if names_one(heading, "age") and not heading.isdecimal() else set(),
        "reference_date": years if len(years) == 1 and not source.columns.says("year") else set(),
    }
    for entry, texts in meanings.items():
        stated = str(getattr(origin, entry))
        if not stated or all(_agrees(entry.removesuffix("s"), text, stated) for text in texts):
            continue
        raise OfficialFileError(
            f"the figures under {shown(repr(heading))} seem to be of another {_IN_WORDS[entry]} than the sidecar says",
            where=f'{source.file.path}; the sidecar says {entry} = "{stated}" of all rows',
            hint=f"mend {entry} in {source.sidecar}, or give the column a heading that says no other",
        )


def _overruled(source: Mapped, column: Likeness) -> str:
    """Return what a column says that the sidecar says of all rows; empty if nothing."""
    for entry in (*_CONTENTS, *AREAS):
        stated = str(getattr(source.file.origin, _ABOVE.get(entry, entry)))
        has_time = bool(source.columns.date) or source.columns.says("year")
        if not stated or (has_time if entry in ("year", "date") else source.columns.says(entry)):
            continue
        is_alike = column.content == _CONTENTS.get(entry, "areas") and (entry not in AREAS or column.points_to(entry))
        # labels of sexes and ages may be in any language; those of sexes may be numbers
        is_label = column.content == "texts" or (entry == "sex" and not column.is_no_count)
        is_labelled = is_label and entry in ("sex", "age") and column.points_to(entry)
        if (is_labelled or is_alike) and not all(_agrees(entry, text, stated) for text in column.filled):
            return entry
    return ""


def _agrees(entry: str, text: str, stated: str) -> bool:
    """Return whether a text of a column means what the sidecar says of all rows."""
    if entry == "sex":
        return sex_of(text, in_column=True) == stated
    if entry == "age":
        return names_one(text, "age") and ages(text) == ages(stated)
    if entry in ("year", "date", "reference_date"):
        return stated.startswith(year_of(text)[: len(stated)])
    return (area_of(text) or text.upper()) == (known_as(stated) or stated)


def _refused(source: Mapped, column: Likeness, meaning: str, entry: str) -> OfficialFileError:
    reading = f'write {entry} = "{column.heading}" into [columns]'
    if entry in column.texts:
        reading = "take a table of stocks, or choose other rows with [columns.only]"
        of_all_rows = ""
    else:
        name = _ABOVE.get(entry, entry)
        of_all_rows = f'; the sidecar says {name} = "{getattr(source.file.origin, name)}" of all rows'
    return OfficialFileError(
        f"the column {column.heading} is not read {meaning}",
        where=f"{source.file.path}{of_all_rows}",
        allowed=f"columns that are read, or named in ignore of [columns] in {source.sidecar}",
        hint=f"{reading}, or name it in ignore if it means something else",
    )
