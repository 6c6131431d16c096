"""Accounts of all foreign origins, compared only with those of the same basis that methods were fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.corridors.composition import ASKED, CATEGORY

if TYPE_CHECKING:
    import pandas as pd

BASES_IN_WORDS: Final = {CATEGORY: "the platform's own category", ASKED: "the sum of the origins asked"}


def comparable_foreign(corridors: pd.DataFrame, learnt: str) -> tuple[pd.DataFrame, str]:
    """Return corridors without ``audience_foreign`` that rest on something else than learnt, and what that is.

    The sum of a few origins is far below the platform's own category, so a method fitted on one is wrong on the other.
    Without the column it takes such a corridor for a usual one.

    Parameters
    ----------
    corridors
        Corridor table of a wave.
    learnt
        The basis that methods were fitted on (`smstock.calibrate.learnt.Learnt.foreign_basis`); empty: none was.

    Returns
    -------
    tuple
        The corridor table, and the basis of the wave if it was left out; else empty.

    Examples
    --------
    >>> import pandas as pd
    >>> wave = pd.DataFrame({"audience_foreign": [9000.0], "audience_foreign_basis": ["asked"]})
    >>> table, unlike = comparable_foreign(wave, "category")
    >>> table["audience_foreign"].tolist(), unlike
    ([nan], 'asked')
    >>> comparable_foreign(wave, "asked")[1]
    ''
    """
    if not learnt or "audience_foreign_basis" not in corridors.columns:
        return corridors, ""
    basis = corridors["audience_foreign_basis"].fillna("")
    unlike = (basis != "") & (basis != learnt)
    if not unlike.any():
        return corridors, ""
    return corridors.assign(audience_foreign=corridors["audience_foreign"].mask(unlike)), str(basis[unlike].iloc[0])
