"""The table of sums over corridors: persons of all origins, or in all destinations, and how much of them is known."""

from __future__ import annotations

from typing import Final

from smstock.tables import AGE_MAX, AGE_MIN, DIGITS, LEVELS, MAGNITUDE, REFERENCE_DATE, SEX
from smstock.tables.columns import AREA, EDUCATION
from smstock.tables.contract import Column, Contract

WITHOUT, WITH = "without", "with"
"""Sums without and with corridors that have no official figure, or whose estimate is doubtful."""

SUM: Final = Contract(
    "sum",
    (
        Column("destination", "text", "destination; empty: all", required=False, form=AREA.or_empty()),
        Column("origin", "text", "origin; empty: all", required=False, form=AREA.or_empty()),
        Column(
            "indicative",
            "text",
            "without or with the corridors whose estimates are indicative: no official figure, or a doubtful one",
            allowed=(WITHOUT, WITH),
        ),
        SEX,
        AGE_MIN,
        AGE_MAX,
        EDUCATION,
        REFERENCE_DATE,
        Column(
            "median",
            "number",
            "median of the sum over the corridors estimated; women and men, and groups, add up to their sum",
            "persons",
            minimum=0,
            required=False,
        ),
        *(
            Column(
                f"{end}_{level}",
                "number",
                f"{end} end of the {level} % interval of that sum; missing: a corridor has none at this level",
                "persons",
                minimum=0,
                required=False,
            )
            for level in LEVELS
            for end in ("lower", "upper")
        ),
        Column(
            "benchmarked",
            "number",
            "the median, scaled so that destinations, and origins, add up to the median of the whole",
            "persons",
            minimum=0,
            required=False,
        ),
        Column(
            "sum_of_medians",
            "number",
            "what the estimates of the corridors add up to as listed",
            "persons",
            minimum=0,
            required=False,
        ),
        Column(
            "precision",
            "text",
            "digits; or magnitude where more than half is of estimates that are orders of magnitude; empty: no sum",
            required=False,
            allowed=("", DIGITS, MAGNITUDE),
        ),
        Column("estimated", "integer", "corridors with an estimate and an interval: those in the sum", minimum=0),
        Column("left_out", "integer", "corridors with an indicative estimate that this sum is without", minimum=0),
        Column("held_back", "integer", "corridors whose estimate is held back, not in the sum", minimum=0),
        Column("floored", "integer", 'corridors that are only known to hold "fewer than", not in the sum', minimum=0),
        Column(
            "floored_upper_80",
            "number",
            "what these hold together at most: the sum of their upper ends (80 %); missing: there are none",
            "persons",
            minimum=0,
            required=False,
        ),
        Column("unknown", "integer", "corridors of which nothing is known, not in the sum", minimum=0),
    ),
    ("destination", "origin", "indicative", "sex", "age_min", "age_max", "education", "reference_date"),
)
"""What corridors add up to, from draws of `smstock.nowcast.draws`.

The sum is one over the corridors that are estimated. Where ``left_out``, ``held_back``, ``floored`` or ``unknown`` is
not 0 it is a part, and not the whole: ``floored_upper_80`` bounds what the floored ones add, nothing bounds the others.

Rows of groups (``nowcast --by``) follow those of totals. In these, corridors estimated are those divided, and what is
said of the others is of their totals.
"""
