"""Areas of official files: found in the vocabulary, or named to the user with the place where they stand."""

from __future__ import annotations

import logging
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from smstock.errors import UnknownNameError
from smstock.official.columns import mapped
from smstock.official.eurostat.labels import names
from smstock.vocabulary.countries import area, crosswalk, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd
    from numpy.typing import ArrayLike

    from smstock.official.rawfile import RawFile
    from smstock.vocabulary.countries import Scheme

UNKNOWN_AREAS = "for areas that are not known: "
"""Beginning of the reason why figures are left out whose area is neither in the vocabulary nor a known group."""

BY_NAME = "for regions by name: "
"""Beginning of the reason why figures are left out whose area is the name of a region; see `unknown_areas`."""

_NAMED = 20
_APART = "; "  # names have commas
MEND = "mend its code or name in the file if it is misspelt, else report it to the authors of smstock"
"""What to do about an area that should be known and is not."""

_NEXT = f"if one is a country, {MEND}; of a group nothing is lost"


def area_at(place: str, text: str, scheme: Scheme | None = None) -> str:
    """Return the ISO3 of a code or name, as `smstock.vocabulary.countries.find` does.

    Parameters
    ----------
    place
        How an error names the cell: file, and line or column.

    Raises
    ------
    UnknownNameError
        It is in no vocabulary; the message names the place and the nearest areas.

    Examples
    --------
    >>> area_at("a.csv, column origin", "Serbia", "name")
    'SRB'
    >>> area_at("a.csv, column origin", "Atlantis", "name")
    Traceback (most recent call last):
    smstock.errors.UnknownNameError: unknown area 'Atlantis'
      where:   a.csv, column origin
      allowed: an area's name
    """
    try:
        return find(text, scheme)
    except UnknownNameError as error:
        error.where = place
        raise


def nearest_area(text: str) -> str:
    """Return the question which area was meant by a code or name, also one in German or French; empty if none is near.

    Examples
    --------
    >>> nearest_area("Germny"), nearest_area("Norge"), nearest_area("Atlantis")
    ('did you mean Germany (DEU)?', 'did you mean Norway (NOR)?', '')
    """
    try:
        find(text)
    except UnknownNameError as error:
        if error.hint:
            return error.hint
    likely = get_close_matches(" ".join(text.split()).casefold(), names(), n=1, cutoff=0.75)
    iso3 = crosswalk("eurostat").get(names()[likely[0]], "") if likely else ""
    return f"did you mean {area(iso3).name} ({iso3})?" if iso3 else ""


def areas_at(file: RawFile, texts: pd.Series, column: str, area: Callable[[str], str] = find) -> pd.Series:
    r"""Return the area of each text of a column; an error names the line of the first that is not known.

    Parameters
    ----------
    column
        The heading, for the error.
    area
        Returns the area of a text, or raises `UnknownNameError`.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"area\nSRB\nDEW\n")
    >>> areas_at(file, pd.Series(["SRB", "DEW"]), "area")
    Traceback (most recent call last):
    smstock.errors.UnknownNameError: unknown area 'DEW'
      where:   a.csv, line 3, column area
      allowed: an ISO 3166-1 code (alpha-3, alpha-2) or a name
      next:    did you mean Germany (DEU)?
    """

    def placed(text: str) -> str:
        try:
            return area(text)
        except UnknownNameError as error:
            error.where = f"{file.path}, {file.line(int((texts == text).to_numpy().argmax()))}, column {column}"
            raise

    return mapped(texts, placed)


def no_area(code: str, provider: str, place: str) -> UnknownNameError:
    """Return the error for a code that has the form of an area's and is in no vocabulary.

    Examples
    --------
    >>> print(no_area("ZZ", "Eurostat", "a.tsv"))
    'ZZ' is no area of Eurostat
      where:   a.tsv
      next:    mend its code or name in the file if it is misspelt, else report it to the authors of smstock
    """
    return UnknownNameError(f"{code!r} is no area of {provider}", where=place, hint=MEND)


def unknown_areas(texts: pd.Series, is_known: Callable[[str], bool]) -> tuple[ArrayLike, str]:
    """Return which codes or labels are not known, and the reason for leaving them out, which names them.

    Examples
    --------
    >>> import pandas as pd
    >>> mask, reason = unknown_areas(pd.Series(["DE", "QQQ"]), {"DE"}.__contains__)
    >>> mask.tolist(), reason
    ([False, True], 'for areas that are not known: QQQ')
    """
    unknown = [text for text in texts.unique() if not is_known(text)]
    mask = texts.isin(unknown).to_numpy() if unknown else np.zeros(len(texts), dtype=bool)
    return mask, UNKNOWN_AREAS + named_in_reason(unknown)


def named_in_reason(names: Iterable[str]) -> str:
    """Return names as a reason has them: in order, the first of many, and how many there are more.

    Examples
    --------
    >>> named_in_reason(["Niederbayern", "Bayern"])
    'Bayern; Niederbayern'
    """
    ordered = sorted(names)
    more = [f"and {len(ordered) - _NAMED} more"] if len(ordered) > _NAMED else []
    return _APART.join(ordered[:_NAMED] + more)


def unknown_names(left_out: Mapping[str, int]) -> list[str]:
    """Return the codes and names in the reasons of `unknown_areas`.

    Examples
    --------
    >>> unknown_names({"for areas that are not known: QQQ; Burma, Union of": 3, "for groups": 1})
    ['QQQ', 'Burma, Union of']
    """
    reasons = [reason.removeprefix(UNKNOWN_AREAS) for reason in left_out if reason.startswith(UNKNOWN_AREAS)]
    return [name for reason in reasons for name in reason.split(_APART)]


def unknown_in_words(file: RawFile, left_out: Mapping[str, int], places: Mapping[str, str]) -> tuple[str, ...]:
    r"""Return what the user is told of areas that are not known (figures, names, places, what to do), or nothing.

    Parameters
    ----------
    left_out
        Figures left out, by the reason; see `unknown_areas`.
    places
        Where an area stands in a file that has no lines; otherwise its line is looked for.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"geo,value\nDE,1\nQQQ,2\n")
    >>> print(unknown_in_words(file, {"for areas that are not known: QQQ": 1}, {})[0].partition(" (if")[0])
    a.csv: 1 figure left out for areas that are not known: QQQ (line 3)
    """
    counts = [count for reason, count in left_out.items() if reason.startswith(UNKNOWN_AREAS)]
    if not counts:
        return ()
    names = unknown_names(left_out)
    placed = [f"{name} ({place})" if (place := _line(file, name) or places.get(name)) else name for name in names]
    return (f"{file.path}: {_figures(sum(counts))} left out {UNKNOWN_AREAS}{_APART.join(placed)} ({_NEXT})",)


def regions_in_words(file: RawFile, left_out: Mapping[str, int]) -> tuple[str, ...]:
    r"""Return what the user is told of regions that a file names without their codes, or nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"")
    >>> print(regions_in_words(file, {"for regions by name: Bayern; Oberbayern": 2})[0].partition(" (several")[0])
    a.csv: 2 figures left out for regions by name: Bayern; Oberbayern
    """
    return tuple(
        f"{file.path}: {_figures(count)} left out {reason} (several regions may have one name: download it with codes)"
        for reason, count in left_out.items()
        if reason.startswith(BY_NAME)
    )


def tell(remarks: Iterable[str]) -> None:
    """Log remarks on a file as ``smstock``; the command line prints them on stderr, the same only once.

    Examples
    --------
    >>> logging.disable()
    >>> tell(["a.csv: 1 figure left out for areas that are not known: QQQ"])
    >>> logging.disable(logging.NOTSET)
    """
    for remark in remarks:
        logging.getLogger("smstock").warning("%s", remark)


def _figures(count: int) -> str:
    return f"{count:,} figure{'s' if count != 1 else ''}"


def _line(file: RawFile, name: str) -> str:
    """Return the first line of a text in which a name stands by itself; empty where there are no lines."""
    if file.container != "text" or file.json is not None:
        return ""
    first = re.search(rb"(?<!\w)" + re.escape(name.encode()) + rb"(?!\w)", file.content)
    return f"line {file.content[: first.start()].count(10) + 1}" if first else ""
