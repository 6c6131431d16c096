"""Columns of a mapped table that nobody reads, and that speak against what the mapping says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError, shown
from smstock.official.ages import ages
from smstock.official.gazetteer import area_of
from smstock.official.likeness import MOST_LABELS, Likeness, sex_of
from smstock.official.mapped import AREAS, names_one, no_count, year_of
from smstock.vocabulary.countries import known_as

if TYPE_CHECKING:
    import numpy as np

    from smstock.official.mapped import Mapped

_CONTENTS: Final = {"sex": "sexes", "age": "ages", "year": "years", "date": "days"}
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
    for heading in source.further:
        texts = tuple(chosen[heading].unique().tolist())
        if len(texts) > MOST_LABELS:
            continue
        column = Likeness(heading, texts)
        if text := next(iter(column.of_no_count), ""):
            raise _refused(source, column, f"and says {shown(text)!r}, as if figures were {no_count(text)}", text)
        if entry := _overruled(source, column):
            raise _refused(source, column, f"and says {shown(column.filled[0])!r}, unlike the sidecar", entry)


def _overruled(source: Mapped, column: Likeness) -> str:
    """Return what a column says that the sidecar says of all rows; empty if nothing."""
    for entry in (*_CONTENTS, *AREAS):
        stated = str(getattr(source.file.origin, _ABOVE.get(entry, entry)))
        has_time = bool(source.columns.date) or source.columns.says("year")
        if not stated or (has_time if entry in ("year", "date") else source.columns.says(entry)):
            continue
        is_like = column.content == _CONTENTS.get(entry, "areas") and (entry not in AREAS or column.points_to(entry))
        if is_like and not all(_agrees(entry, text, stated) for text in column.filled):
            return entry
    return ""


def _agrees(entry: str, text: str, stated: str) -> bool:
    """Return whether a text of a column means what the sidecar says of all rows."""
    if entry == "sex":
        return sex_of(text, in_column=True) == stated
    if entry == "age":
        return names_one(text, "age") and ages(text) == ages(stated)
    if entry in ("year", "date"):
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
