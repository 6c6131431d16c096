r"""Eurostat's figures as people save them: data frames of R and Python, and copies that lost their data flow.

``get_eurostat()`` of R gives a row a figure (``time`` or ``TIME_PERIOD`` as a day or a year, ``values``, perhaps
``flags``), with codes or labels; ``write.csv`` adds the names of the rows. Python's ``eurostat`` gives a column a year
(``geo\TIME_PERIOD,2019,2020``, or ``2019_value,2019_flag``). A frame can have lost dimensions, so that it may be of
births or arrivals as well: its sidecar must name the data set, and sex and ages where their columns are lost.

``NA`` is Namibia, and R's word for a missing text. In quotes it is Namibia. Without them it is what R writes for a
missing text, which may have been Namibia before R read it; Python writes nothing there. So it is Namibia in a frame of
Python, and elsewhere the figure is left out and named, as is one of an empty area.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError
from smstock.official.areas import UNKNOWN_AREAS
from smstock.official.columns import mapped, unpivoted
from smstock.official.delimited import table
from smstock.official.eurostat.datasets import DATASETS
from smstock.official.sdmx_csv import long_table
from smstock.official.units import check_heading

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from smstock.official.observations import Observations
    from smstock.official.rawfile import RawFile

DIMENSIONS: Final = frozenset(
    {"age", "citizen", "c_birth", "freq", "geo", "sex", "unit", "isced11", "wstatus", "indic_is", "indic_de"}
    | {"ind_type"}
)
"""Dimensions of the data sets that are read."""

_TIME, _VALUE, _FLAG = "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"
HEADINGS: Final = {
    "Age class": "age",
    "Country of citizenship": "citizen",
    "Country/region of birth": "c_birth",
    "Geopolitical entity (reporting)": "geo",
    "Sex": "sex",
    "Unit of measure": "unit",
    "Time frequency": "freq",
    "Time": _TIME,
    "Altersklasse": "age",
    "Land der Staatsangehörigkeit": "citizen",
    "Geburtsland": "c_birth",
    "Geopolitische Meldeeinheit": "geo",
    "Geschlecht": "sex",
    "Maßeinheit": "unit",
    "Zeit": _TIME,
    "Classe d'âge": "age",
    "Pays de citoyenneté": "citizen",
    "Pays de naissance": "c_birth",
    "Entité géopolitique (déclarante)": "geo",
    "Sexe": "sex",
    "Unité de mesure": "unit",
    "Temps": _TIME,
}
"""What Eurostat's headings in words are, in English, German and French."""

_IN_SMALL_LETTERS = {
    **{name: name for name in DIMENSIONS},
    **dict.fromkeys(("time", "time_period", "year"), _TIME),
    **dict.fromkeys(("values", "value", "obs_value"), _VALUE),
    **dict.fromkeys(("flags", "flag", "obs_flag"), _FLAG),
    "conf_status": "CONF_STATUS",
}
_NAMES_OF_ROWS = {"", "x", "...1", "v1", "index", "rowname", "rownames", "unnamed: 0"}
_YEAR = re.compile(r"X?((?:19|20)\d\d)(?:_value)?\s*", re.ASCII)
_FLAG_OF_YEAR = re.compile(r"X?((?:19|20)\d\d)_flags?", re.ASCII)
_DAY_OF_YEAR = re.compile(r"(\d{4})(?:-(?:01-01|12-31)(?:[ T]00:00:00(?:\.0+)?Z?)?|\.0)?", re.ASCII)
_AREAS = ("geo", "citizen", "c_birth")
_NO_AREA = 'NA without quotes, or nothing (from {} on: Namibia, which is "NA" in quotes, or missing)'


@dataclass(frozen=True)
class _Columns:
    """What the columns of a frame are: ``meaning`` of each that is read, ``years`` and ``flags`` of each year."""

    meaning: dict[str, str]
    years: dict[str, str]
    flags: dict[str, str]
    other: tuple[str, ...]

    @property
    def meanings(self) -> set[str]:
        return set(self.meaning.values())


def recognises(file: RawFile) -> bool:
    r"""Whether a file is a frame or a copy: it has areas, years, and an origin, a unit or a frequency.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> recognises(RawFile(Path("a.csv"), "text", b'"","citizen","geo","time","values"\n'))
    True
    >>> recognises(RawFile(Path("a.csv"), "text", b"unit,sex,age,geo\\TIME_PERIOD,2019,2020\n"))
    True
    """
    if file.container != "text" or (file.origin and file.origin.provider not in {"", "eurostat"}):
        return False
    columns = _columns(file.header)
    if "geo" not in columns.meanings or not (columns.years or _TIME in columns.meanings):
        return False
    if len(columns.meanings) < len(columns.meaning) or (columns.years and columns.meanings & {_TIME, _VALUE}):
        return False
    of_eurostat = bool(columns.meanings & {"unit", "freq"})
    if columns.other and _VALUE not in columns.meanings and not columns.years:
        return False
    return of_eurostat or (bool(columns.meanings & {"citizen", "c_birth"}) and not columns.other)


def dataset(file: RawFile) -> str:
    """Return the data set that the sidecar names, in lower case.

    Raises
    ------
    OfficialFileError
        It names none, or not the sex or the ages of a frame without their columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> dataset(RawFile(Path("a.csv"), "text", b"citizen,geo,sex,age,time,values"))
    Traceback (most recent call last):
    smstock.errors.UnsaidError: a.csv does not say which data set of the provider it is
      allowed: dataset: migr_pop1ctz, migr_pop2ctz, cens_21ctz_r3, lfst_r_lfsd2pwn, demo_poppcctz, edat_lfs_9911, \
lfsa_pganws
      next:    write producer = "...", title = "...", edition = "...", citation = "...", licence = "...", \
retrieved = "...", dataset = "..." in its sidecar a.csv.origin.toml (docs/providers shows one)
    """
    meanings = _columns(file.header).meanings
    has_sex, has_age = (
        bool(meanings & {"sex", "indic_de", "ind_type"}),
        bool(meanings & {"age", "indic_de", "ind_type"}),
    )
    lost = [entry for entry, has in (("sex", has_sex), ("ages", has_age)) if not has]
    try:
        return file.stated("dataset", *lost)[0].lower()
    except OfficialFileError as error:
        origins = meanings & {"citizen", "c_birth"} or {""}
        names = ", ".join(name for name, known in DATASETS.items() if known.origin in origins)
        error.allowed = "; ".join(filter(None, (f"dataset: {names}", error.allowed)))
        raise


def observations(file: RawFile) -> Observations:
    """Return the figures of a frame.

    Raises
    ------
    OfficialFileError
        It has a column that is no dimension, a heading says another unit, a period is no year, or a value no figure.
    """
    columns = _columns(file.header)
    if columns.other:
        raise OfficialFileError(
            f"{file.path} has columns that are no dimension of a data set that is read: {', '.join(columns.other)}",
            allowed=", ".join(sorted(DIMENSIONS | {_TIME, _VALUE, _FLAG})),
            hint="leave out those that say the same in every row; where they tell rows apart, keep the rows of one",
        )
    for heading, meaning in columns.meaning.items():
        if meaning == _VALUE:
            check_heading(heading, f"{file.path}, line {file.line_numbers[0]}")
    printed = table(file, missing="NA")
    if columns.years:
        rows, line = _by_year(file, printed, columns)
    else:
        rows, line = printed[list(columns.meaning)].rename(columns=columns.meaning), file.line
    rows = rows.assign(**{_TIME: mapped(rows[_TIME].fillna("NA"), _year)})
    areas = [name for name in _AREAS if name in rows]
    if _is_of_python(printed):
        rows = rows.fillna("NA")
    unknown = (rows[areas].isna() | (rows[areas] == "")).any(axis=1)
    left_out = {}
    if unknown.any():
        first = line(int(rows.index[unknown][0]))
        left_out = {UNKNOWN_AREAS + _NO_AREA.format(first): int(unknown.sum())}
    kept = rows[~unknown].fillna("NA")
    if _FLAG in kept:
        kept = kept.assign(**{_FLAG: kept[_FLAG].str.replace(":", "").str.strip()})
    observed = long_table(file, kept, "", file.edition, decimal="", line=line)
    return replace(observed, left_out={**left_out, **observed.left_out})


def _columns(header: tuple[str, ...]) -> _Columns:
    """Return what the columns are; the one that is nothing else has the figures."""
    meaning, years, flags, other = {}, {}, {}, []
    in_small_letters = {name.casefold() for name in header}
    for name in header:
        plain = re.sub(r"\\(?:TIME_PERIOD|time)$", "", name)
        known = HEADINGS.get(plain) or _IN_SMALL_LETTERS.get(plain.casefold())
        coded = plain.casefold().removesuffix("_code")
        if known and f"{known}_code" not in in_small_letters:
            meaning[name] = known
        elif coded in DIMENSIONS and coded != plain.casefold():
            meaning[name] = coded
        elif year := _YEAR.fullmatch(name):
            years[name] = year[1]
        elif year := _FLAG_OF_YEAR.fullmatch(name):
            flags[year[1]] = name
        elif not known and name.casefold() not in _NAMES_OF_ROWS:
            other.append(name)
    if len(other) == 1 and not years and _VALUE not in meaning.values():
        meaning[other.pop()] = _VALUE
    return _Columns(meaning, years, flags, tuple(other))


def _by_year(file: RawFile, printed: pd.DataFrame, columns: _Columns) -> tuple[pd.DataFrame, Callable[[int], str]]:
    """Return a row a year of a frame with a column a year, and how an error names a row."""
    keys = list(columns.meaning)
    rows = unpivoted(printed, keys, list(columns.years)).rename(columns={"cell": _VALUE, "column": _TIME})
    rows[_TIME] = rows[_TIME].map(columns.years)
    if columns.flags:
        texts = [printed[columns.flags[year]] if year in columns.flags else None for year in columns.years.values()]
        rows[_FLAG] = [flag for column in texts for flag in ([""] * len(printed) if column is None else column)]
    return rows.rename(columns=columns.meaning), lambda row: file.line(row % len(printed))


def _is_of_python(printed: pd.DataFrame) -> bool:
    """Whether Python wrote a frame: its rows count from 0, or the area and the time share a heading."""
    first = str(printed.columns[0])
    counted = first.casefold() in _NAMES_OF_ROWS and printed[first].iloc[0] == "0"
    return counted or any("\\" in str(name) for name in printed)


def _year(text: str) -> str:
    """Return the year of its first or last day (R's ``date_last``), or of a year printed as a decimal number."""
    year = _DAY_OF_YEAR.fullmatch(text)
    return year[1] if year else text
