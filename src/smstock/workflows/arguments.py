"""Arguments of the front door: what each may be is told before anything is read, asked or written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from smstock.errors import UsageError, shown
from smstock.vocabulary.dates import check_wave

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_HOURS: Final = 8784
"""Hours that a run may wait, at most: those of a year."""
LONGEST_TEXT: Final = 200
"""Characters of a name, a date or a corridor, at most."""
LONGEST_NAME: Final = 255
"""Bytes of the name of a file, at most, on every file system in use."""


def number(name: str, value: object, *, least: int, most: int | None = None, but: tuple[int, ...] = ()) -> int:
    """Return a whole number within its bounds, and none of those left out; raise `UsageError` otherwise.

    Examples
    --------
    >>> number("lag", 12, least=0, most=240)
    12
    >>> number("jobs", 0, least=-1, but=(0,))
    Traceback (most recent call last):
    smstock.errors.UsageError: jobs is 0
      allowed: a whole number, -1 or more, not 0
    """
    if isinstance(value, int) and not isinstance(value, bool):
        within = least <= value and (most is None or value <= most)
        if within and value not in but:
            return value
    bounds = f"{least} or more" if most is None else f"from {least} to {most}"
    left_out = "".join(f", not {one}" for one in but)
    raise _refusal(name, value, f"a whole number, {bounds}{left_out}")


def jobs(value: object) -> int:
    """Return a number of workers, -1 for one a core; raise `UsageError` otherwise.

    Examples
    --------
    >>> jobs(-1)
    -1
    """
    from smstock.compute import MOST_JOBS  # which only work that is spread needs

    return number("jobs", value, least=-1, most=MOST_JOBS, but=(0,))


def hours(name: str, value: object) -> float:
    """Return a number of hours, at most those of a year; raise `UsageError` otherwise.

    Examples
    --------
    >>> hours("patience", 1.5)
    1.5
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_HOURS:
        return float(value)
    raise _refusal(name, value, f"hours, from 0 to {MOST_HOURS}")


def text(name: str, value: object) -> str:
    """Return a text of a moderate length; raise `UsageError` for what is none.

    Examples
    --------
    >>> text("wave", "2026-11")
    '2026-11'
    """
    if _is_text(value):
        return value
    raise _refusal(name, value, f"a text of at most {LONGEST_TEXT} characters")


def wave(value: object) -> str:
    """Return the name of a wave, or the empty text where none is named; raise `UsageError` for what is neither.

    Examples
    --------
    >>> wave("2026-11"), wave("")
    ('2026-11', '')
    """
    named = text("wave", value)
    return check_wave(named) if named else ""


def texts(name: str, value: object) -> tuple[str, ...]:
    """Return the texts of a list; raise `UsageError` for a plain text, which is no list of its letters.

    Examples
    --------
    >>> texts("methods", ["trend", "hierarchical"])
    ('trend', 'hierarchical')
    >>> texts("methods", "trend")
    Traceback (most recent call last):
    smstock.errors.UsageError: methods is 'trend'
      allowed: a list of texts, such as ['trend']
    """
    if isinstance(value, list | tuple) and all(_is_text(entry) for entry in value):
        return tuple(value)
    example = f", such as [{shown(repr(value))}]" if isinstance(value, str) else ""
    raise _refusal(name, value, f"a list of texts{example}")


def path(name: str, value: object) -> Path:
    """Return the path of a file or folder; raise `UsageError` for what can be none.

    Examples
    --------
    >>> path("recordings", "queries/recorded").name
    'recorded'
    """
    if _is_path(value):
        return Path(value)
    raise _refusal(name, value, "the path of a file or folder")


def paths(name: str, value: object) -> tuple[Path, ...]:
    """Return the paths of a list of texts and paths; raise `UsageError` for what is none.

    Examples
    --------
    >>> [path.name for path in paths("education", ["a/b.tsv", Path("c.tsv")])]
    ['b.tsv', 'c.tsv']
    """
    if isinstance(value, list | tuple) and all(_is_path(entry) for entry in value):
        return tuple(Path(entry) for entry in value)
    raise _refusal(name, value, "a list of files")


def callback(name: str, value: Callable[[Any], object]) -> Callable[[Any], object]:
    """Return what can be called; raise `UsageError` for what cannot.

    Examples
    --------
    >>> callback("on_progress", print) is print
    True
    """
    if callable(value):
        return value
    raise _refusal(name, value, "a function of one argument")


def _refusal(name: str, value: object, allowed: str) -> UsageError:
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of so many digits
        text = "a number of thousands of digits"
    return UsageError(f"{name} is {shown(text)}", allowed=allowed)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_path(value: object) -> TypeGuard[str | Path]:
    """Return whether a file system can have such a name, whether or not it has it."""
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        return False
    try:
        return all(len(os.fsencode(part)) <= LONGEST_NAME for part in Path(value).parts)
    except UnicodeEncodeError:  # half a surrogate pair that stands for no byte
        return False


def areas(name: str, entries: Sequence[str], named: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the codes of countries, names and groups; the code of a place stands for itself.

    Parameters
    ----------
    name, entries
        What the argument is called, and what was given.
    named
        Names of places by their codes; none unless given.

    Raises
    ------
    UnknownNameError
        An entry is none of these.

    Examples
    --------
    >>> areas("destinations", ["Norway", "DE-BY", "Hesse"], {"DE-HE": "Hesse"})
    ('NOR', 'DE-BY', 'DE-HE')
    """
    from smstock.tables.columns import AREA
    from smstock.vocabulary import countries
    from smstock.vocabulary.places import country_of

    written = texts(name, entries)
    places = {
        entry: entry
        for entry in written
        if re.fullmatch(AREA.pattern, entry) and not countries.known_as(entry) and country_of(entry)
    }
    return countries.expand(written, {**places, **(named or {})})
