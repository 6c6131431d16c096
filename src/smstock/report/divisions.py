"""How an estimate was divided by sex and age: in words, as a table of text and as a pyramid of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.report import wording
from smstock.report.pyramids import NAMES, SIDES, group_text
from smstock.report.text_pyramid import KEY, text_pyramid
from smstock.vocabulary.schooling import ORIGIN_GROUPS, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.nowcast.division import Division

ABOUT: Final = (
    "Shares in percent; persons and their 80 % interval. Usual: of the origin, over the destinations learnt from."
)
OF_USERS: Final = (
    "Users: per 100 residents of the destination of that sex and age, of all origins; audiences are corrected by them."
)
IN_BRACKETS: Final = "In brackets: below the floor, filled by what is usual of the origin."
_SHARES: Final = {
    "usual": "Usual",
    "official_share": "Official",
    "audience_share": "Audience",
    "penetration": "Users",
    "share": "Share",
}
_BASES: Final = {"corridor": "of the corridor", "destination": "of all origins at the destination"} | {
    group: f"of all from {place} at the destination, which stands in" for group, place in ORIGIN_GROUPS.items()
}


def lines_of(division: Division) -> list[str]:
    """Return why an estimate was divided by a method, and a line for each group.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.evaluate.shares import ShareScore
    >>> from smstock.nowcast.division import Division
    >>> row = {"sex": "all", "age_min": 18, "age_max": 44, "median": 300.0, "lower_80": 200.0, "upper_80": 400.0}
    >>> row |= {"usual": 0.5, "official_share": 0.3, "audience_share": 0.4, "users": 30.0, "share": 1.0}
    >>> row |= {"audience": None, "population": 40.0, "precision": "digits", "notes": "fewer than 1,000"}
    >>> row["education"] = ""
    >>> scores = (ShareScore("official_shares", 31, 0.0171, 0.0379, 0.78),)
    >>> for line in lines_of(Division("official_shares", scores, groups=pd.DataFrame([row])))[:5]:
    ...     print(line.replace(wording.DASH, "-"))
    divided by official shares kept, which erred least on 31 corridors without their destinations (percentage points):
      official shares kept 1.71
    official composition: none; what is usual of the origin elsewhere stands for it
                    Usual Official Audience Users Share Persons    80 %
    everybody 18-44  50.0     30.0   [40.0]  75.0 100.0     300 200-400
    """
    if division.groups.empty:
        return ["not divided: only a total with an estimate has parts"]
    levels = division.groups["education"].ne("")
    penetration = division.groups["users"] / division.groups["population"]
    # of levels no residents are known, but shares
    groups = division.groups.assign(penetration=penetration.mask(levels))
    asked = levels if levels.any() else groups["median"].notna()
    rows, whole = groups.to_dict("records"), groups["median"].sum()
    on_scale = {
        "official": groups["official_share"] * whole,
        "audience": (groups["audience_share"] * groups["median"][asked].sum()).where(groups["audience"].notna()),
    }
    drawn = text_pyramid(groups.assign(**on_scale))
    table = [["", *_SHARES.values(), "Persons", "80 %"], *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        " ".join(
            text.rjust(width) if place else text.ljust(width)
            for place, (text, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in table
    ]
    below = groups["audience_share"].notna() & groups["audience"].isna()
    about = [
        ABOUT,
        *([OF_USERS] if groups["penetration"].notna().any() else []),
        *([IN_BRACKETS] if below.any() else []),
    ]
    return [*_why(division), _official(division), *lines, " ".join(about), *_notes(rows), "", *drawn, KEY]


def _why(division: Division) -> list[str]:
    if not division.scores:
        return [f"divided by {NAMES[division.method]}"]
    errors = [f"{NAMES[score.method]} {100 * score.error:.2f}" for score in division.scores]
    units = "groups of origins" if division.of_groups else "corridors"
    on = f"{division.scores[0].corridors:,} {units} without their destinations"
    decided = f"divided by {NAMES[division.method]}, which erred least on {on} (percentage points):"
    return [decided, f"  {', '.join(errors)}"]


def _official(division: Division) -> str:
    """Say whose the official composition is, and what it counts."""
    if not division.official_basis:
        return "official composition: none; what is usual of the origin elsewhere stands for it"
    persons = wording.count(division.official_persons)
    persons = "" if division.official_basis in ORIGIN_GROUPS else f", {persons} persons"
    of = f"{_BASES[division.official_basis]}, {wording.day(division.official_date)}{persons}"
    weight = division.official_weight
    counts = f"; it counts {wording.per_cent(100 * weight)}, what is expected without it the rest" if weight > 0 else ""
    return f"official composition: {of}{counts}"


def _cells(row: Mapping[Any, Any]) -> list[str]:
    below = wording.known(row["audience_share"]) and not wording.known(row["audience"])
    shares = [f"{100 * row[name]:.1f}" if wording.known(row[name]) else "" for name in _SHARES]
    shares = [
        f"[{text}]" if below and name == "audience_share" else text for name, text in zip(_SHARES, shares, strict=True)
    ]
    return [
        WORDS.get(row["education"], f"{SIDES[row['sex']]} {group_text(row['age_min'], row['age_max'])}"),
        *shares,
        wording.quoted(row["median"], row["precision"]),
        wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"]),
    ]


def _notes(rows: list[dict[Any, Any]]) -> list[str]:
    """Say what is noted of groups, each note once with the groups that it is of."""
    noted: dict[str, list[str]] = {}
    for row in rows:
        if row["notes"]:
            noted.setdefault(str(row["notes"]), []).append(_cells(row)[0])
    return [f"{'all groups' if len(names) == len(rows) else ', '.join(names)}: {note}" for note, names in noted.items()]
