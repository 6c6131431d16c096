"""A population pyramid as lines of text, for the terminal."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from smstock.report import wording
from smstock.report.pyramids import SIDES, group_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

WIDTH: Final = 28
"""Characters of the longest bar."""
_BAR: Final = {
    "lower_80": "\N{FULL BLOCK}",
    "median": "\N{DARK SHADE}",
    "upper_80": "\N{LIGHT SHADE}",
}
_MARKS: Final = {"audience": "\N{MULTIPLICATION SIGN}", "official": "\N{BLACK DIAMOND}"}
KEY: Final = (
    "{lower_80} to the lower end of the 80 % interval, {median} to the estimate, {upper_80} to the upper end; "
    "{official} share of the official composition, {audience} share of the audience."
).format(**_BAR, **_MARKS)


def text_pyramid(rows: pd.DataFrame) -> list[str]:
    """Return a line for each age group, the oldest first: women left and men right, or everybody.

    Parameters
    ----------
    rows
        A row a group, in persons: sex, age_min, age_max, education, median, lower_80, upper_80, official and
        audience. The last two have a mark where they are known; that of the official figure stands before that of the
        audience.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"sex": ["female", "male"], "age_min": 18, "age_max": None, "education": "", "median": [20.0, 24.0]}
    >>> rows |= {"lower_80": 10.0, "upper_80": 28.0, "audience": None, "official": [None, 1.0]}
    >>> for line in text_pyramid(pd.DataFrame(rows)):
    ...     print(line)
                           women     men
    ░░░░░░░░▓▓▓▓▓▓▓▓▓▓██████████ 18+ ◆█████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░
    """
    most = float(rows[[*_BAR, *_MARKS]].astype("float64").max().max())
    bars: dict[str, dict[str, str]] = {}
    for row in rows.sort_values(["age_min", "education"], ascending=False, kind="stable").to_dict("records"):
        text = group_text(row["age_min"], row["age_max"], row["education"])
        bars.setdefault(text, {})[row["sex"]] = _bar(row, WIDTH / max(most, 1.0))
    width = max(map(len, bars))
    if "all" in rows["sex"].unique():
        return [f"{ages.rjust(width)} {of_ages['all']}".rstrip() for ages, of_ages in bars.items()]
    heading = f"{SIDES['female'].rjust(WIDTH)} {'':{width}} {SIDES['male']}"
    women_and_men = ((ages, of_ages["female"][::-1], of_ages["male"]) for ages, of_ages in bars.items())
    return [heading, *(f"{women} {ages.center(width)} {men}".rstrip() for ages, women, men in women_and_men)]


def _bar(row: Mapping[Any, Any], persons: float) -> str:
    """Return the bar of a group, from the middle outwards."""
    bar = ""
    for name, block in _BAR.items():
        length = round(row[name] * persons) if wording.known(row[name]) else len(bar)
        bar += block * (length - len(bar))
    cells = list(bar.ljust(WIDTH))
    for name, mark in _MARKS.items():
        if wording.known(row[name]):
            cells[max(ceil(row[name] * persons) - 1, 0)] = mark
    return "".join(cells)
