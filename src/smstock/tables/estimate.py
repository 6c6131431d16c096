"""The table of estimates, what everything ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.tables.columns import (
    AGE_MAX,
    AGE_MIN,
    DAY,
    DESTINATION,
    EDUCATION,
    LEVELS,
    ORIGIN,
    REFERENCE_DATE,
    SEX,
    WAVE,
)
from smstock.tables.contract import Column, Contract

if TYPE_CHECKING:
    import pandas as pd

PROVISIONAL, DOUBTFUL, HELD_BACK = "provisional", "doubtful", "held_back"
"""Statuses of an estimate."""
DIGITS, MAGNITUDE = "digits", "magnitude"
"""Precisions of an estimate."""

ESTIMATE = Contract(
    "estimate",
    (
        DESTINATION,
        ORIGIN,
        SEX,
        AGE_MIN,
        AGE_MAX,
        EDUCATION,
        REFERENCE_DATE,
        Column("wave", "text", "audience wave it rests on; a month of weeks or days: their mean", form=WAVE),
        Column(
            "median",
            "number",
            "estimate; missing where only an upper bound is known, and where it is held back",
            "persons",
            minimum=0,
            required=False,
        ),
        *(
            Column(
                f"{end}_{level}",
                "number",
                f"{end} end of the {level} % interval; of a group by sex, age or education to a thousandth of a person",
                "persons",
                minimum=0,
                required=False,
            )
            for level in LEVELS
            for end in ("lower", "upper")
        ),
        Column(
            "regime",
            "text",
            "which evidence there is: a regular and fresh official series, an old or single figure, no figure, or an"
            " audience that outgrew its peers",
            allowed=("register", "stale", "none", "shock"),
        ),
        Column(
            "status",
            "text",
            "provisional; doubtful: the audience, or a leap of the series, speaks against the official figures; or held"
            " back: what was computed is not possible and is no number here; the notes say why",
            allowed=(PROVISIONAL, DOUBTFUL, HELD_BACK),
        ),
        Column(
            "precision",
            "text",
            "how exactly the median may be quoted: to three digits, or by its order of magnitude, since its method is"
            " far off on destinations left out; empty: no median",
            required=False,
            allowed=("", DIGITS, MAGNITUDE),
        ),
        Column("reason", "text", "why this regime, and why this method"),
        Column("method", "text", "method of the median"),
        Column(
            "audience",
            "number",
            "audience of the wave; missing: see audience_status",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column("audience_status", "text", "status of the audience"),
        Column("official_last", "number", "newest official figure at hand", "persons", minimum=0, required=False),
        Column("official_last_date", "text", "its reference date; empty: none", required=False, form=DAY.or_empty()),
        Column(
            "skill_vs_carry_forward",
            "number",
            "1 - RMSLE / RMSLE of carry forward on the same cells; missing: not comparable",
            required=False,
        ),
        Column("notes", "text", "what a reader must know about this row", required=False),
        Column("calibration_id", "text", "the calibration it came from"),
    ),
    ("destination", "origin", "sex", "age_min", "age_max", "education", "reference_date", "method"),
)


def whole(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are of everybody of a corridor, of its women or of its men, and no part of these.

    Such a row has the ages that the corridor's total has: the widest.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": [0, 0, 18], "age_max": [None, 17, None]}
    >>> whole(pd.DataFrame(rows).assign(education="")).index.tolist()
    [0]
    """
    if estimates.empty:
        return estimates
    upper = estimates["age_max"].astype("Float64").fillna(float("inf")).astype(float)
    corridor = [estimates["destination"], estimates["origin"]]
    of_all = (estimates["age_min"] == estimates["age_min"].groupby(corridor).transform("min")) & (
        upper == upper.groupby(corridor).transform("max")
    )
    of_all &= estimates["education"] == ""
    return estimates if of_all.all() else estimates[of_all]


def of_ages(rows: pd.DataFrame, estimates: pd.DataFrame) -> pd.Series:
    """Return which rows, of sums say, are of the ages of some estimates, and of every education.

    Examples
    --------
    >>> import pandas as pd
    >>> ages = pd.DataFrame({"age_min": [0, 0], "age_max": [None, 17]}).assign(education="")
    >>> of_ages(ages, ages[:1]).tolist()
    [True, False]
    """
    ages = ["age_min", "age_max"]
    known = estimates[ages].drop_duplicates().assign(among=True).astype(dict.fromkeys(ages, "Int64"))
    among = rows[ages].astype("Int64").merge(known, on=ages, how="left")["among"]
    return (rows["education"] == "") & among.notna().to_numpy()
