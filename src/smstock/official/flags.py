"""Flags of statistical offices, in one writing.

A flag says how good a figure is, or why there is none. In the tables of smstock each stands for itself, in the order in
which they were printed; the mark that is printed in place of a missing value follows after a semicolon: ``b e p``,
``b u; :``, or the mark alone, ``..``.

Statuses are lower-case letters (SDMX code list CL_OBS_STATUS, Eurostat's since 27 January 2025): b break in the series,
d definition differs, e estimated, f forecast, i imputed, m cannot exist, n not significant, p provisional, u of low
reliability. Confidentiality is upper-case: C confidential, N not for publication, P for internal use. smstock's own are
``derived``, computed here from figures of the same file, and `INTERPOLATED`, `RESOLVED` and `MARGIN`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smstock.errors import OfficialFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

DERIVED = "derived"
INTERPOLATED = "interpolated: "
"""Beginning of the flag of a figure that `smstock.official.resolver.at_date` computed; the two dates follow."""
RESOLVED = "resolved: "
"""Beginning of the flag of a figure that is not from the first of an order; who has it, and why, follows."""
MARGIN = "margin: "
"""Beginning of the flag that says the margin of error of a sample, in persons, at the level its office publishes."""

# Eurostat's letters before 27 January 2025 (page "Database", section on flags).
_RENAMED = {"s": "i", "z": "m", "c": "C"}
_LONGEST = 5


def eurostat(printed: str, confidentiality: str = "") -> str:
    """Return Eurostat's flags one by one; they are printed without anything between them.

    Raises
    ------
    OfficialFileError
        The text is no row of letters.

    Examples
    --------
    >>> eurostat("bep"), eurostat("s"), eurostat("bc"), eurostat("", "C")
    ('b e p', 'i', 'b C', 'C')
    """
    letters = printed + confidentiality.replace("F", "")  # F: free
    if letters and not (letters.isascii() and letters.isalpha() and len(letters) <= _LONGEST):
        raise OfficialFileError(
            f"{letters!r} is no flag",
            allowed="letters such as b, e, p, u, bep",
            hint="mend the cell, or download the file again",
        )
    return " ".join(dict.fromkeys(_RENAMED.get(letter, letter) for letter in letters))


def sdmx(status: str, confidentiality: str = "") -> str:
    """Return the flags of SDMX codes: OBS_STATUS (A, a normal value, is none) and CONF_STATUS (F, free, is none).

    Raises
    ------
    OfficialFileError
        A code is no letter.

    Examples
    --------
    >>> sdmx("A"), sdmx("B"), sdmx("E", "C"), sdmx("A", "F")
    ('', 'b', 'e C', '')
    """
    codes = [code.strip() for code in f"{status},{confidentiality}".split(",")]
    for code in codes:
        if len(code) > 1 or not (code.isascii() and (code.isalpha() or not code)):
            raise OfficialFileError(
                f"{code!r} is no code of an observation's status",
                allowed="a letter",
                hint="mend the cell, or download the file again",
            )
    *statuses, free = codes
    letters = [code.lower() for code in statuses if code not in {"", "A"}]
    return " ".join(letters + [free] * (free not in {"", "F"}))


def joined(flags: str, missing: str) -> str:
    """Return flags with the mark that stands in place of the value, if one does.

    Examples
    --------
    >>> joined("b u", ":"), joined("b", ""), joined("", "..")
    ('b u; :', 'b', '..')
    """
    return "; ".join(filter(None, (flags, missing)))


def with_mark(flags: Sequence[str], mark: str) -> np.ndarray:
    """Return a row for each text of flags: as it is, and joined with the mark of a missing figure.

    Examples
    --------
    >>> with_mark(["", "b u"], ":").tolist()
    [['', ':'], ['b u', 'b u; :']]
    """
    return np.array([[letters, joined(letters, mark)] for letters in flags], dtype=object)


def remarks(flags: str) -> list[str]:
    """Return what smstock did to choose or compute a figure, without the provider's flags.

    Examples
    --------
    >>> remarks("b; interpolated: 2015-07-01 to 2020-07-01; resolved: oecd birth 1 instead of eurostat birth 2 (:)")
    ['interpolated: 2015-07-01 to 2020-07-01', 'oecd birth 1 instead of eurostat birth 2 (:)']
    """
    entries = flags.split("; ")
    return [entry.removeprefix(RESOLVED) for entry in entries if entry.startswith((INTERPOLATED, RESOLVED))]
