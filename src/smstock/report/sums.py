"""Sums of a nowcast as people read them: in a destination, from an origin, altogether, and of how many corridors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smstock.report import wording
from smstock.report.style import MOST_ROWS, add_figures, add_folding, cut, plain, ruled_table
from smstock.tables.sums import WITHOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

ABOUT: Final = (
    "Only corridors with an estimate and an interval are added up, first those with an official figure that nothing "
    "speaks against; those left out are indicative or doubtful. Intervals hold "
    "what the errors of corridors have in common, as learnt on corridors held out. A sum may exceed what its estimates "
    "add up to, since errors are skewed upwards."
)
"""What stands below the sums."""
_KEY: Final = ["destination", "origin", "age_min", "age_max", "reference_date"]


def listed(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the sums over two corridors or more, any of them estimated: destinations, origins, then all together.

    The largest of a kind comes first. Below a sum that is without indicative corridors stands that with them, if there
    are any. Columns more: ``name``; ``women``, the percentage of women; ``part``, how many corridors are in the sum,
    and what is known of the others. The sum over everything is left out where it is that of the only destination or
    origin.

    Parameters
    ----------
    sums
        Table `smstock.tables.sums.SUM`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": ["DEU", "DEU"], "origin": "", "sex": ["all", "female"], "age_min": 0,
    ...     "age_max": None, "reference_date": "2020-10-15", "median": [900.0, 450.0], "estimated": 3, "floored": 2,
    ...     "floored_upper_80": 200.0, "unknown": 1, "indicative": "with", "left_out": 0, "held_back": 0})
    >>> listed(rows)[["name", "women", "part"]].values.tolist()
    [['In Germany', 50.0, '3 of 6; 2 fewer than 200 together; 1 unknown']]
    """
    women = sums.loc[sums["sex"] == "female", [*_KEY, "indicative", "median", "estimated"]]
    women = women.rename(columns={"median": "of_women", "estimated": "with_women"})
    rows = sums[sums["sex"] == "all"].merge(women, on=[*_KEY, "indicative"], how="left")
    # a sum over fewer corridors is no share of this one
    rows["women"] = (100 * rows["of_women"] / rows["median"]).where(rows["with_women"] == rows["estimated"])
    rows = _told_apart(rows)
    ends = zip(rows["destination"], rows["origin"], rows["kind"], strict=True)
    rows["name"] = [f"{_name(*pair)}{kind}" for *pair, kind in ends]
    rows["part"] = [_part(row) for row in rows.to_dict("records")]
    several = _corridors(rows) > 1
    of_all = rows["destination"].eq("") & rows["origin"].eq("")
    repeated = of_all & (rows["destination"].nunique() == 2 or rows["origin"].nunique() == 2)
    # destinations first, then origins, then all
    rows = rows.assign(of_all=of_all, of_origin=rows["destination"].eq(""))
    rows = rows[several & (rows["estimated"] > 0) & ~repeated]
    rows = rows.assign(size=rows.groupby(_KEY, dropna=False)["median"].transform("max"))
    order = ["of_all", "of_origin", "size", "destination", "origin", "indicative"]
    ascending = [True, True, False, True, True, False]
    rows = rows.sort_values(order, ascending=ascending, ignore_index=True)
    return rows.drop(columns=["of_all", "of_origin", "size", "kind", "with_women"])


def _told_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row of each sum, or two and ``kind``, how each is called, where indicative corridors matter."""
    without, groups = rows["indicative"] == WITHOUT, [rows[name] for name in _KEY]
    beside = {
        name: rows[name].where(without).groupby(groups, dropna=False).transform("max")
        for name in ("left_out", "estimated")
    }
    more = ~without & (beside["left_out"] > 0)
    kind = pd.Series("", index=rows.index).mask(more, ", with indicative")
    kind = kind.mask(more & (beside["estimated"] == 0), ", indicative only")
    return rows.assign(kind=kind)[without | more | beside["estimated"].isna()]


def _corridors(rows: pd.DataFrame) -> pd.Series:
    """Return how many corridors each sum is about, estimated or not."""
    return rows[["estimated", "left_out", "held_back", "floored", "unknown"]].sum(axis=1)


def whole(sums: pd.DataFrame | None, indicative: str = WITHOUT) -> dict[Any, Any] | None:
    """Return the row of the sum over all corridors and both sexes; None where there is none, or one of several ages.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": ["", "AUT"], "origin": "", "sex": "all", "indicative": "without"})
    >>> whole(rows)["sex"], whole(None)
    ('all', None)
    """
    if sums is None:
        return None
    rows = sums[(sums["destination"] == "") & (sums["origin"] == "") & (sums["sex"] == "all")]
    rows = rows[rows["indicative"] == indicative]
    return rows.iloc[0].to_dict() if len(rows) == 1 else None


def _name(destination: str, origin: str) -> str:
    if destination:
        return f"In {wording.country(destination)}"
    return f"From {wording.country(origin)}" if origin else "All corridors"


def _part(row: Mapping[Any, Any]) -> str:
    """Say how many corridors are in a sum, and what is known of the others."""
    others = ("left_out", "held_back", "floored", "unknown")
    parts = [f"{row['estimated']} of {row['estimated'] + sum(row[name] for name in others)}"]
    if row["left_out"]:
        parts.append(f"{row['left_out']} left out")
    if row["held_back"]:
        parts.append(f"{row['held_back']} held back")
    if row["floored"]:
        together = " together" if row["floored"] > 1 else ""
        parts.append(f"{row['floored']} fewer than {wording.persons(row['floored_upper_80'])}{together}")
    if row["unknown"]:
        parts.append(f"{row['unknown']} unknown")
    return "; ".join(parts)


def sums_tables(sums: pd.DataFrame) -> list[Table]:
    """Return the sums as a table for the terminal; none where no two corridors have anything to add up.

    Parameters
    ----------
    sums
        Table `smstock.tables.sums.SUM`.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> rows = pd.DataFrame({"destination": "", "origin": ["SRB"], "sex": "all", "age_min": 0, "age_max": None,
    ...     "reference_date": "2020-10-15", "median": 1.127e6, "lower_80": None, "upper_80": None, "estimated": 54,
    ...     "floored": 38, "floored_upper_80": 180093.0, "unknown": 0, "indicative": "with", "left_out": 0,
    ...     "held_back": 0, "precision": "digits"})
    >>> [table] = sums_tables(rows)
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Sums
                       Sum  80 % interval  Women  Corridors
    ────────────────────────────────────────────────────────────────────────────────
    From Serbia  1,130,000   not measured         54 of 92; 38 fewer than 180,000
                                                  together
    """
    rows = listed(sums)
    if rows.empty:
        return []
    caption = "\n\n".join([*cut(len(rows)), ABOUT])
    table = ruled_table("Sums", f"\n{caption}")
    add_folding(table)
    add_figures(table, "Sum", "80 % interval", "Women")
    add_folding(table, "Corridors")
    of_all = rows["destination"].eq("") & rows["origin"].eq("")
    for row in rows[of_all | (rows.index < MOST_ROWS)].to_dict("records"):
        table.add_row(plain(row["name"]), *figures(row), row["part"])
    return [table]


def figures(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    """Return the sum, its 80 % interval and the percentage of women as texts.

    Examples
    --------
    >>> figures({"median": 1.127e6, "lower_80": 1e6, "upper_80": None, "women": 49.7, "precision": "digits"})
    ('1,130,000', 'not measured', '50 %')
    """
    return (
        wording.quoted(row["median"], row["precision"]),
        wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"]) or "not measured",
        wording.per_cent(row["women"]),
    )
