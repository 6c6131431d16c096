"""A table with the mapping of its sidecar: whether the two fit each other, and which cells are its figures."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError, SmstockError, meant, shown
from smstock.official.ages import ages
from smstock.official.beside import SUFFIX
from smstock.official.column_map import WIDE
from smstock.official.columns import unpivoted
from smstock.official.copies import SEXES
from smstock.official.grid import grid, repeated
from smstock.official.units import check_heading, check_note
from smstock.vocabulary.countries import known_as

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smstock.official.column_map import ColumnMap
    from smstock.official.grid import Grid
    from smstock.official.rawfile import RawFile

AREAS: Final = ("destination", "origin", "area")
"""Entries that name areas."""

OTHER_ROWS: Final = "of other rows than "
"""Beginning of the reason why figures are left out that ``[columns.only]`` does not name."""

_FLOW: Final = re.compile(
    r"(?<![^\W_])(?:in|out|net)?(?:flows?|arrivals?|departures?|admissions?|naturali[sz]ations?|immigration|emigration"
    r"|permits?|applications?|flujos?|flux|flussi|fluxos?|zuzüge|fortzüge|wegzüge|entrées|sorties)(?![^\W_])|^(?:da_(?:min|pb)|sd_(?:drop|rev)|mig_rate)",
    re.IGNORECASE,
)
# The last ones are those of the estimates of Abel and Cohen.

_SHARE: Final = re.compile(
    r"%|(?<![^\W_])(?:per ?cent(?:age)?|pct|shares?|rates?|ratio|proportion|index|prozent|\w*anteile?|\w*quote"
    r"|porcentaje|porcentagem|percentuale|pourcentage|proporción|tasa|taxa|taux)(?![^\W_])",
    re.IGNORECASE,
)

_YEAR: Final = re.compile(r"(?:X|YR)?((?:19|20)[0-9]{2})(?:\.0)?(?: \[YR[0-9]{4}\])?")
_MOST_NAMED: Final = 60


def year_of(text: str) -> str:
    """Return the year that a text or heading is, as R, pandas and the World Bank write years too; else the text.

    Examples
    --------
    >>> year_of("X2020"), year_of("2020.0"), year_of("2020 [YR2020]"), year_of("2020-07")
    ('2020', '2020', '2020', '2020-07')
    """
    match = _YEAR.fullmatch(text)
    return match[1] if match else text


def no_count(text: str) -> str:
    """Return what a heading, title or label says that figures are, if that is no persons at a date; else empty.

    Examples
    --------
    >>> no_count("Inflows of foreign population"), no_count("Share of migrants"), no_count("Stock of immigration")
    ('a flow', 'shares', '')
    """
    if "stock" in text.casefold():
        return ""
    return "a flow" if _FLOW.search(text) else "shares" if _SHARE.search(text) else ""


def names_one(heading: str, single: str, labels: Mapping[str, str] = SEXES) -> bool:
    """Return whether a heading is a year, a sex or an age group, as ``single`` has it.

    Examples
    --------
    >>> names_one("X2020", "year"), names_one("Males", "sex"), names_one("0-4", "age"), names_one("n", "sex")
    (True, True, True, False)
    """
    if single == "year":
        return _YEAR.fullmatch(heading) is not None
    if single == "sex":
        return heading in labels or heading.casefold() in labels
    try:
        return single == "age" and ages(heading) is not None
    except SmstockError:
        return False


@contextmanager
def advised(advice: str) -> Iterator[None]:
    """Add to what an error says to do next what can be said in the sidecar.

    Examples
    --------
    >>> with advised("or say so in the sidecar"):
    ...     raise OfficialFileError("'-' is no figure", hint="mend the cell")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: '-' is no figure
      next:    mend the cell; or say so in the sidecar
    """
    try:
        yield
    except OfficialFileError as error:
        error.hint = "; ".join(filter(None, (error.hint, advice)))
        raise


@dataclass(frozen=True)
class Mapped:
    """A file, what its columns are, and its table."""

    file: RawFile
    columns: ColumnMap
    table: Grid

    @property
    def sidecar(self) -> str:
        """Name of the sidecar."""
        return self.file.path.name + SUFFIX

    @property
    def labels(self) -> dict[str, str]:
        """The sex that each label is; letters beside one of another language mean nothing yet: M is male, or mujer."""
        own = dict(self.columns.sexes)
        of_letters = any(len(label) == 1 for label in own)
        return {label: sex for label, sex in SEXES.items() if len(label) > 1 or not of_letters} | own

    @cached_property
    def figure_columns(self) -> list[str]:
        """The columns that hold figures."""
        if not self.columns.wide:
            return [self.columns.value]
        single = self.columns.wide
        entry = next(name for name, of_column in WIDE.items() if of_column == single)
        free = [heading for heading in self.table.headings if heading not in self._spoken_for]
        labels = dict(self.columns.sexes) or SEXES
        names = [heading for heading in free if single in AREAS or names_one(_base(heading), single, labels)]
        counts = Counter(_base(heading) for heading in names)
        twice = next((base for base, count in counts.items() if count > 1), "")
        if twice:
            raise OfficialFileError(
                f"{self.file.path} has several columns with the heading {twice!r}",
                where=f"{entry} of [columns] in {self.sidecar}",
                allowed="one column for each",
                hint="give one part of the table, or name the columns of the others in ignore",
            )
        if not names:
            raise OfficialFileError(
                f"{self.file.path} has no heading that is one of {entry}",
                where=f"{entry} of [columns] in {self.sidecar}",
                allowed=shown(", ".join(self.table.headings)),
                hint=f'name the column that says it ({single} = "..."), or mend header_row',
            )
        return names

    @property
    def further(self) -> list[str]:
        """Columns that mean nothing in the table, those that choose rows among them, and that are not ignored."""
        read = {*self.columns.headings().values(), *self.columns.ignore, *self.figure_columns}
        return [heading for heading in self.table.headings if heading not in read]

    @property
    def _spoken_for(self) -> set[str]:
        only = (heading for heading, _ in self.columns.only)
        return {*self.columns.headings().values(), *self.columns.ignore, *only}

    def check_headings(self) -> None:
        """Refuse entries that name a column which is not in the file."""
        headings = self.table.headings
        named = [*self.columns.headings().items()]
        named += [("ignore", heading) for heading in self.columns.ignore]
        named += [("only", heading) for heading, _ in self.columns.only]
        absent = [(name, heading) for name, heading in named if heading not in headings]
        if not absent:
            return
        words = [
            f"{name} = {heading!r}" + (f" ({question})" if (question := _meant(heading, headings)) else "")
            for name, heading in absent
        ]
        line = f"{'row' if self.table.sheet else 'line'} {self.table.header_row}"
        listed = ", ".join(headings)
        raise OfficialFileError(
            f"{self.file.path} has no such column{'s' if len(absent) > 1 else ''}: {'; '.join(words)}",
            where=f"[columns] of {self.sidecar}; the headings stand in {line}",
            allowed=shown(listed) if len(headings) > _MOST_NAMED else listed,
            hint=f"{_of_all_rows(absent)}mend the headings named in [columns], or header_row if they stand in another "
            "line",
        )

    def check_meaning(self) -> None:
        """Refuse headings and notes that say that figures are events, shares or in another unit."""
        where = f"{self.file.path}, {'row' if self.table.sheet else 'line'} {self.table.header_row}"
        names = [] if self.columns.wide in AREAS else self.figure_columns
        for heading in (*names, *self.table.above):
            if meaning := no_count(heading):
                raise OfficialFileError(
                    f"the figures under {shown(heading)!r} seem to be {meaning}, no persons at a date",
                    where=where,
                    hint="take the column or file of stocks; if they are, give the column a heading that says so",
                )
        if not self.columns.unit:
            with advised('if they are, write unit = "thousands" (or what it is) into [columns]'):
                for heading in (*names, *self.table.above):
                    check_heading(heading, where)
                for note in self.table.notes:
                    check_note(note, str(self.file.path))

    def chosen(self) -> tuple[np.ndarray, dict[str, int]]:
        """Return the rows that are read, and how many figures the others have, by the reason."""
        mask, left_out = np.full(len(self.table.rows), fill_value=True), {}
        for heading, text in self.columns.only:
            column = self.table.rows[heading]
            of_text = (column == text).to_numpy()
            if not of_text.any():
                raise OfficialFileError(
                    f"{self.file.path} has no row with {text!r} in the column {heading}",
                    where=f"[columns.only] of {self.sidecar}",
                    allowed=shown(", ".join(column.unique().tolist())),
                    hint=meant(text, column.unique().tolist()) or "name one of them",
                )
            if others := int((mask & ~of_text).sum()):
                left_out[f"{OTHER_ROWS}{heading} {text}"] = others * len(self.figure_columns)
            mask &= of_text
        if not mask.any():
            raise OfficialFileError(
                f"{self.file.path} has no row that is all of [columns.only] at once",
                where=self.sidecar,
                hint="take one of its entries out",
            )
        return np.flatnonzero(mask), left_out

    def figure_rows(self, position: np.ndarray) -> pd.DataFrame:
        """Return a row a figure of some rows: what says what it is, by entry; the figure, ``cell``; and its ``row``."""
        chosen = self.table.rows.iloc[position].reset_index(drop=True)
        headings = {name: heading for name, heading in self.columns.headings().items() if name != "value"}
        keys = pd.DataFrame({name: chosen[heading] for name, heading in headings.items()}, index=chosen.index)
        keys = keys.assign(row=position)
        wide = self.columns.wide
        if not wide:
            return keys.assign(cell=chosen[self.columns.value])
        # a heading may be the name of an entry
        names = [f"={_base(name)}" for name in self.figure_columns]
        cells = chosen[self.figure_columns].set_axis(names, axis=1)
        rows = unpivoted(keys.join(cells), [*headings, "row"], names)
        return rows.assign(**{wide: rows["column"].str[1:]}).drop(columns="column")


def mapped_file(file: RawFile) -> Mapped:
    r"""Return a file with the mapping of its sidecar, its headings checked.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.column_map import mapped_columns
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.sidecar import Origin
    >>> columns = mapped_columns({"destination": "To", "value": "n"})
    >>> origin = Origin("P", "T", "1", "C", "L", "2026-11-30", columns=columns)
    >>> mapped_file(RawFile(Path("a.csv"), "text", b"to,n\nDEU,5\n", origin))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv has no such column: destination = 'To' (did you mean to?)
      where:   [columns] of a.csv.origin.toml; the headings stand in line 1
      allowed: to, n
      next:    mend the headings named in [columns], or header_row if they stand in another line
    """
    if file.origin is None or file.origin.columns is None:
        raise OfficialFileError(f"{file.path} has no mapping in its sidecar", hint="write one: [columns]")
    columns = file.origin.columns
    mapped = Mapped(file, columns, grid(file, sheet=columns.sheet, header_row=columns.header_row))
    mapped.check_headings()
    return mapped


def _base(heading: str) -> str:
    """Return a heading as it stands in the file, though other columns share it."""
    return repeated(heading) or heading


def _meant(heading: str, headings: Sequence[str]) -> str:
    alike = [name for name in headings if repeated(name) == heading]
    if alike:
        return f"several have this heading: {' or '.join(alike)}?"
    squeezed = {" ".join(name.split()).casefold(): name for name in headings}
    nearest = squeezed.get(" ".join(heading.split()).casefold())
    return f"did you mean {nearest}?" if nearest else meant(heading, headings)


def _of_all_rows(absent: Sequence[tuple[str, str]]) -> str:
    """Return what to do where an entry names what all rows have rather than a heading; else nothing."""
    for name, text in absent:
        if (name == "sex" and text in ("all", "female", "male")) or (name in AREAS and known_as(text)):
            return f'if all rows have it, write {name} = "{text}" above the line [columns]; else '
    return ""
