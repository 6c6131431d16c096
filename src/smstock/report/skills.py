"""Skill profiles for the terminal, from 80 columns up: a corridor, corridors side by side, the highly skilled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smstock.report import skills_listing as words
from smstock.report import wording
from smstock.report.style import add_figures, add_folding, plain, ruled_table
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.counts import plural

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from rich.table import Table

MOST_COLUMNS: Final = 5
"""Corridors side by side; the files hold all."""

MARKS: Final = f"{words.MORE} {words.FEWER}: the 80 % interval lies above, or below, what it is compared with."


def corridor_table(profile: pd.DataFrame, destination: str, origin: str) -> Table:
    """Return the profile of one corridor: shares with intervals, quotients, persons and change where they are known.

    Parameters
    ----------
    profile
        Skill profile table of one wave.
    destination, origin
        The corridor.

    Raises
    ------
    InputError
        The profile does not hold the corridor.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> nothing = [f"{name}{end}" for name in ("location_quotient", "origins_quotient", "persons", "change")
    ...            for end in ("", "_lower_80", "_upper_80")]
    >>> row = dict.fromkeys(nothing) | {"destination": "DEU", "origin": "ROU", "sex": "all", "dimension": "age",
    ...     "category": "25-34", "base": "stated", "base_share": 0.97, "share": 0.334, "lower_80": 0.31,
    ...     "upper_80": 0.35, "rounding": "two_digits",
    ...     "wave": "2026-11", "wave_before": "", "population": "LinkedIn members schooled in the origin"}
    >>> table = corridor_table(pd.DataFrame([row]), "DEU", "ROU")
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE, +ELLIPSIS
    Romania → Germany, November 2026
                                  Share  80 % interval
    ──────────────────────────────────────────────────
    Age, of stated (97 % of all)
      25...34                        33 %        31...35 %
    """
    rows = words.listing(profile, destination, origin)
    wave = rows["wave"].iloc[0]
    title = f"{wording.country(origin)} → {wording.country(destination)}, {wording.wave(wave)}"
    columns = _known_columns(rows)
    table = ruled_table(title, "\n".join(_caption(rows, columns)))
    add_folding(table)
    add_figures(table, "Share", "80 % interval", *columns)
    for _, group in rows.groupby(["dimension", "base"], sort=False):
        table.add_row(plain(words.heading(group)), style="bold")
        for row in group.to_dict("records"):
            cells = [words.share_text(row), words.interval(row), *(_CELLS[column](row) for column in columns)]
            table.add_row(plain(f"  {words.category(row['category'])}"), *cells)
    return table


_CELLS: Final = {
    "Everybody": lambda row: words.share(row["everybody"]),
    "LQ": lambda row: words.quotient(row, "location_quotient"),
    "LQ others": lambda row: words.quotient(row, "origins_quotient"),
    "Persons": lambda row: wording.persons(row["persons"]),
    "Change": words.change,
}
_FIELDS: Final = {
    "Everybody": "everybody",
    "LQ": "location_quotient",
    "LQ others": "origins_quotient",
    "Persons": "persons",
    "Change": "change",
}


def _known_columns(rows: pd.DataFrame) -> list[str]:
    """Return the columns that have something to say."""
    return [header for header, field in _FIELDS.items() if rows[field].notna().any()]


def _caption(rows: pd.DataFrame, columns: list[str]) -> list[str]:
    """Say whose profile it is, and what each column is."""
    destination, before = wording.country(rows["destination"].iloc[0]), rows["wave_before"].iloc[0]
    explained = {
        "Everybody": f"Everybody: all members in {destination}.",
        "LQ": "LQ, location quotient: share over theirs.",
        "LQ others": f"LQ others: share over that of the other origins in {destination}.",
        "Persons": "Persons: share times the highly skilled, should they be divided as their members are.",
        "Change": f"Change: percentage points since {wording.wave(before)}." if before else "",
    }
    marks = [MARKS] if {"LQ", "LQ others", "Change"} & set(columns) else []
    whose = list(filter(None, (words.bases_explained(rows), words.roundings_explained(rows))))
    below = _below(rows)
    if not rows["upper_80"].notna().all():
        below.append("Not known: the whole is below the floor, or there was no answer; the files have the status.")
    columns_explained = " ".join([*whose, *(explained[column] for column in columns), *marks, *below])
    return [f"\n{rows['population'].iloc[0]}.", columns_explained]


def _below(rows: pd.DataFrame) -> list[str]:
    """Say what a bound is, where there is one."""
    return [words.BELOW] if (rows["upper_80"].notna() & rows["share"].isna()).any() else []


def comparison_table(profile: pd.DataFrame, corridors: Sequence[tuple[str, str]]) -> Table:
    """Return the shares of corridors side by side, marked where they differ from everybody at the destination.

    At most five corridors, those of most members; with one destination, everybody there comes first.

    Parameters
    ----------
    profile
        Skill profile table of one wave.
    corridors
        Destination and origin of each; one or more.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> rows = [("", "entry", 0.2), ("", "cxo", 0.1), ("ROU", "entry", 0.3), ("ROU", "cxo", 0.4)]
    >>> profile = pd.DataFrame(rows, columns=["origin", "category", "share"]).assign(destination="DEU", sex="all",
    ...     dimension="seniority", base="members", wave="2026-11", population="LinkedIn members schooled in the origin",
    ...     base_members=900.0, upper_80=None, location_quotient_lower_80=1.1, location_quotient_upper_80=1.2)
    >>> table = comparison_table(profile, [("DEU", "ROU")])
    >>> table.caption = None
    >>> Console(width=60).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Origins in Germany, November 2026
                               Everybody  Romania
    ─────────────────────────────────────────────
    Seniority, of all members
      cxo                         10 %     40 % ▲
      entry                       20 %     30 % ▲
    """
    shown = sorted(corridors, key=lambda pair: -words.members_of(profile, *pair))[:MOST_COLUMNS]
    destinations, origins = ({pair[end] for pair in corridors} for end in (0, 1))
    listed = {pair: words.listing(profile, *pair) for pair in shown}
    everyone = pd.concat(listed.values(), ignore_index=True)
    lines = words.side_by_side(everyone)
    if len(destinations) == 1:
        title, headers = f"Origins in {wording.country(shown[0][0])}", [wording.country(whence) for _, whence in shown]
    elif len(origins) == 1:
        title, headers = f"From {wording.country(shown[0][1])}", [wording.country(where) for where, _ in shown]
    else:
        title = "Corridors"
        headers = [f"{wording.country(whence)} → {wording.country(where)}" for where, whence in shown]
    left = len(corridors) - len(shown)
    explained = [
        words.bases_explained(lines),
        f"{words.MORE} {words.FEWER}: above, or below, everybody at the destination (80 % interval of the quotient).",
        *_below(everyone),
        *(["Empty: not counted there."] if len(everyone) < len(lines) * len(listed) else []),
        *([f"{plural(left, 'corridor')} of fewer members: in the files."] if left else []),
    ]
    table = ruled_table(
        f"{title}, {wording.wave(lines['wave'].iloc[0])}",
        f"\n{lines['population'].iloc[0]}.\n{' '.join(explained)}",
    )
    add_folding(table)
    alone = len(destinations) == 1 and lines["everybody"].notna().any()
    for header in [*(["Everybody"] if alone else []), *headers]:
        table.add_column(header, justify="right")
    cells = {
        pair: {(row["dimension"], row["category"]): row for row in rows.to_dict("records")}
        for pair, rows in listed.items()
    }
    for (name, base), group in lines.groupby(["dimension", "base"], sort=False):
        table.add_row(plain(words.dimension(str(name), str(base))), style="bold")
        for row in group.to_dict("records"):
            key = (row["dimension"], row["category"])
            everybody = [f"{words.share(row['everybody'])}  "] if alone else []
            table.add_row(
                plain(f"  {words.category(row['category'])}"),
                *everybody,
                *(_marked(cells[pair].get(key)) for pair in shown),
            )
    return table


def _marked(row: Mapping[Any, Any] | None) -> str:
    return "" if row is None else f"{words.share_text(row)} {words.mark(row)}"


def overview_table(profile: pd.DataFrame, highly_skilled: pd.DataFrame | None) -> Table:
    """Return a row a corridor, the largest first: members, the highly skilled, and what stands out most.

    What stands out is the category of the highest and of the lowest location quotient, both marked.

    Parameters
    ----------
    profile
        Skill profile table of one wave.
    highly_skilled
        Highly skilled stock of the wave; None if it was not estimated.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> row = {"destination": "DEU", "origin": "ROU", "sex": "all", "dimension": "seniority", "category": "entry",
    ...        "share": 0.3, "base_members": 900.0, "wave": "2026-11", "location_quotient": 1.2,
    ...        "location_quotient_lower_80": 1.1, "location_quotient_upper_80": 1.3,
    ...        "population": "LinkedIn members schooled in the origin"}
    >>> table = overview_table(pd.DataFrame([row]), None)
    >>> table.caption = None
    >>> Console(width=60).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Profiles of November 2026
                       Members  Stands out
    ────────────────────────────────────────
    Romania → Germany      900  entry 1.20 ▲
    """
    table = ruled_table(
        f"Profiles of {wording.wave(profile['wave'].iloc[0])}",
        f"\n{_population(profile)}. Members: {words.ROUNDED} "
        f"{words.MORE} {words.FEWER}: most and least common against everybody there.",
    )
    add_folding(table)
    add_figures(table, "Members", *([] if highly_skilled is None else ["Highly skilled"]))
    add_folding(table, "Stands out")
    pairs = sorted(words.corridors(profile), key=lambda pair: -words.members_of(profile, *pair))
    for destination, origin in pairs:
        skilled = [] if highly_skilled is None else [_skilled_text(highly_skilled, destination, origin)]
        table.add_row(
            plain(f"{wording.country(origin)} → {wording.country(destination)}"),
            wording.count(words.members_of(profile, destination, origin) or None),
            *skilled,
            plain(
                ", ".join(
                    f"{words.category(row['category'])} {words.quotient(row, 'location_quotient')}"
                    for row in outstanding(words.listing(profile, destination, origin))
                )
            ),
        )
    return table


def outstanding(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return the rows that are most and least common against everybody, each if that is beyond doubt.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"category": ["nursing", "sales"], "location_quotient": [2.5, 0.9],
    ...     "location_quotient_lower_80": [2.2, 0.8], "location_quotient_upper_80": [2.8, 1.1]})
    >>> [row["category"] for row in outstanding(rows)]
    ['nursing']
    """
    known = sorted(
        (row for row in rows.to_dict("records") if wording.known(row["location_quotient"])),
        key=lambda row: -row["location_quotient"],
    )
    ends = ((known[:1], words.MORE), (known[-1:], words.FEWER))
    return [row for end, mark in ends for row in end if words.mark(row) == mark]


def highly_skilled_table(highly_skilled: pd.DataFrame) -> Table:
    """Return the highly skilled stock: a row a corridor, the largest first, with the share of women.

    Parameters
    ----------
    highly_skilled
        Highly skilled stock of one wave.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> row = {"destination": "DEU", "origin": "ROU", "wave": "2026-11", "audience": 270000.0, "lower_80": 180000.0,
    ...        "upper_80": 230000.0, "official": 210000.0, "official_of": "origin"}
    >>> rows = pd.DataFrame([row | {"sex": "all", "median": 2e5}, row | {"sex": "female", "median": 1.1e5}])
    >>> table = highly_skilled_table(rows)
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE, +ELLIPSIS
    Highly skilled persons, November 2026
                       Estimate    80 % interval  Women  Members  Official
    ──────────────────────────────────────────────────────────────────────
    Romania → Germany   200,000  180,000...230,000   55 %  270,000   210,000
    """
    table = ruled_table(
        f"Highly skilled persons, {wording.wave(highly_skilled['wave'].iloc[0])}",
        "\nPersons with tertiary education (ISCED 5 to 8), members or not: the official figure and the members, "
        f"corrected for penetration. Members: {words.ROUNDED} "
        f"{GROUP} the official share is that of the origin's group.",
    )
    add_folding(table)
    add_figures(table, "Estimate", "80 % interval", "Women", "Members", "Official")
    both_sexes = highly_skilled[highly_skilled["sex"] == "all"].sort_values(
        "median", ascending=False, na_position="last"
    )
    women = highly_skilled[highly_skilled["sex"] == "female"].set_index(CORRIDOR_KEY)["median"]
    for row in both_sexes.to_dict("records"):
        share = women.get((row["destination"], row["origin"]), float("nan")) / row["median"]
        table.add_row(
            plain(f"{wording.country(row['origin'])} → {wording.country(row['destination'])}"),
            wording.persons(row["median"]) or "no estimate",
            wording.interval(row["lower_80"], row["upper_80"]),
            wording.per_cent(100 * share),
            wording.count(row["audience"]),
            wording.count(row["official"]) + (f" {GROUP}" if row["official_of"] == "group" else ""),
        )
    return table


GROUP: Final = "†"
"""Marks an official figure that has the share of the origin's group."""


def _skilled_text(highly_skilled: pd.DataFrame, destination: str, origin: str) -> str:
    rows = highly_skilled[
        (highly_skilled["destination"] == destination)
        & (highly_skilled["origin"] == origin)
        & (highly_skilled["sex"] == "all")
    ]
    return wording.persons(rows["median"].iloc[0]) if len(rows) else ""


def _population(profile: pd.DataFrame) -> str:
    return str(profile.loc[profile["origin"] != "", "population"].iloc[0])
