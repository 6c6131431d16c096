"""Sums of a nowcast as people read them: in a destination, from an origin, altogether, and of how many corridors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.report import wording
from smstock.report.style import add_figures, add_folding, plain, ruled_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.table import Table

ABOUT: Final = (
    "Only corridors with an estimate are added up. Intervals hold what the errors of corridors have in common, as "
    "learnt on corridors held out. A sum may exceed what its estimates add up to, since errors are skewed upwards."
)
"""What stands below the sums."""


def listed(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the sums over two corridors or more, any of them estimated: destinations, origins, then all together.

    The largest of a kind comes first. Columns more: ``name``; ``women``, the percentage of women; ``part``, how many
    corridors are in the sum, and what is known of the others. The sum over everything is left out where it is that of
    the only destination or origin.

    Parameters
    ----------
    sums
        Table `smstock.tables.sums.SUM`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": ["DEU", "DEU"], "origin": "", "sex": ["all", "female"], "age_min": 0,
    ...     "age_max": None, "reference_date": "2020-10-15", "median": [900.0, 450.0], "estimated": 3, "floored": 2,
    ...     "floored_upper_80": 200.0, "unknown": 1})
    >>> listed(rows)[["name", "women", "part"]].values.tolist()
    [['In Germany', 50.0, '3 of 6; 2 fewer than 200 together; 1 unknown']]
    """
    key = ["destination", "origin", "age_min", "age_max", "reference_date"]
    women = sums.loc[sums["sex"] == "female", [*key, "median"]].rename(columns={"median": "of_women"})
    rows = sums[sums["sex"] == "all"].merge(women, on=key, how="left")
    rows["women"] = 100 * rows["of_women"] / rows["median"]
    rows["name"] = [_name(*ends) for ends in zip(rows["destination"], rows["origin"], strict=True)]
    rows["part"] = [_part(row) for row in rows.to_dict("records")]
    several = rows["estimated"] + rows["floored"] + rows["unknown"] > 1
    of_all = rows["destination"].eq("") & rows["origin"].eq("")
    repeated = of_all & (rows["destination"].nunique() == 2 or rows["origin"].nunique() == 2)
    # destinations first, then origins, then all
    rows = rows.assign(of_all=of_all, of_origin=rows["destination"].eq(""))
    rows = rows[several & (rows["estimated"] > 0) & ~repeated]
    order = ["of_all", "of_origin", "median"]
    return rows.sort_values(order, ascending=[True, True, False], ignore_index=True).drop(columns=order[:2])


def _name(destination: str, origin: str) -> str:
    if destination:
        return f"In {wording.country(destination)}"
    return f"From {wording.country(origin)}" if origin else "All corridors"


def _part(row: Mapping[Any, Any]) -> str:
    """Say how many corridors are in a sum, and what is known of the others."""
    parts = [f"{row['estimated']} of {row['estimated'] + row['floored'] + row['unknown']}"]
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
    ...     "floored": 38, "floored_upper_80": 180093.0, "unknown": 0})
    >>> [table] = sums_tables(rows)
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Sums
                       Sum  80 % interval  Women  Corridors
    ────────────────────────────────────────────────────────────────────────────────
    From Serbia  1,130,000                        54 of 92; 38 fewer than 180,000
                                                  together
    """
    rows = listed(sums)
    if rows.empty:
        return []
    table = ruled_table("Sums", f"\n{ABOUT}")
    add_folding(table)
    add_figures(table, "Sum", "80 % interval", "Women")
    add_folding(table, "Corridors")
    for row in rows.to_dict("records"):
        table.add_row(plain(row["name"]), *figures(row), row["part"])
    return [table]


def figures(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    """Return the sum, its 80 % interval and the percentage of women as texts.

    Examples
    --------
    >>> figures({"median": 1.127e6, "lower_80": None, "upper_80": None, "women": 49.7})
    ('1,130,000', '', '50 %')
    """
    return (
        wording.persons(row["median"]),
        wording.interval(row["lower_80"], row["upper_80"]),
        wording.per_cent(row["women"]),
    )
