"""The table of estimates by education on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.nowcast.schooling import NOT_MEASURED
from smstock.nowcast.sums import indicative
from smstock.report import wording
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    import pandas as pd


def levels_of_corridors(detail: pd.DataFrame) -> list[dict[str, Any]]:
    """Return estimate and interval of each level of each corridor as texts, the largest first, and what they rest on.

    Examples
    --------
    >>> import pandas as pd
    >>> levels = ["isced0-2", "isced3-4", "isced5-8"]
    >>> rows = {"destination": "AUT", "origin": "SRB", "education": levels, "median": [600.0, 400.0, 90.0]}
    >>> rows |= {"lower_80": 30.0, "upper_80": 800.0, "precision": "digits", "regime": "none", "status": ""}
    >>> (row,) = levels_of_corridors(pd.DataFrame(rows | {"notes": "ages 15-64"}))
    >>> row["name"], row["levels"][0]["estimate"], row["indicative"]
    ('Serbia → Austria', '600', True)
    """
    levelled = detail[detail["education"] != ""]
    levelled = levelled.assign(indicative=indicative(levelled))
    largest = levelled.groupby(CORRIDOR_KEY)["median"].sum().sort_values(ascending=False, kind="stable")
    groups = dict(iter(levelled.groupby(CORRIDOR_KEY)))
    listed = []
    for destination, origin in largest.index:
        rows = groups[destination, origin].sort_values("education").to_dict("records")
        listed.append(
            {
                "name": f"{wording.country(str(origin))} \N{RIGHTWARDS ARROW} {wording.country(str(destination))}",
                "levels": [
                    {
                        "estimate": wording.quoted(row["median"], row["precision"]),
                        "interval": wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"]),
                    }
                    for row in rows
                ],
                "indicative": any(row["indicative"] for row in rows),
                "source": rows[0]["notes"].split(f"; {NOT_MEASURED}")[0],
            }
        )
    return listed
