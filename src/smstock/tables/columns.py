"""Columns that several tables share, and the keys and levels made of them."""

from __future__ import annotations

from dataclasses import replace

from smstock.tables.contract import Column, Form
from smstock.vocabulary.facets import SEXES

CORRIDOR_KEY = ["destination", "origin"]
"""The columns that name a corridor."""
CORRIDOR_SEX_KEY = [*CORRIDOR_KEY, "sex"]
"""The columns that name a cell of a corridor: its total, women or men."""

CONCEPTS = ("birth", "citizenship", "mixed")
"""Whom a stock counts: the foreign-born, foreign citizens, or both by turns."""

DAY = Form(r"(1[89]|2[01])\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a day such as 2020-07-01")
WAVE = Form(r"\d{4}-(?:\d{2}|W\d{2}|\d{2}-\d{2})", "a month, a week or a day such as 2020-07, 2020-W28, 2020-07-06")
INSTANT = Form(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", "a moment such as 2020-07-01T10:00:00Z").or_empty()
AREA = Form(
    r"[A-Z]{3}|[A-Z]{2}-[A-Z0-9][A-Z0-9-]{0,14}|[A-Z]{2}[A-Z0-9]{1,3}",
    "the code of an area in capital letters, such as DEU, or of a part of one, such as US-NY or DE21",
)

DESTINATION = Column("destination", "text", "area where the persons live (ISO 3166-1 alpha-3)", form=AREA)
ORIGIN = Column("origin", "text", "area they come from (ISO 3166-1 alpha-3)", form=AREA)
SEX = Column("sex", "text", "sex; all is female and male together", allowed=SEXES)
AGE_MIN = Column("age_min", "integer", "youngest completed age", "years", minimum=0, maximum=130)
AGE_MAX = replace(AGE_MIN, name="age_max", meaning="oldest completed age; missing: no upper end", required=False)
EDUCATION = Column("education", "text", "education group; empty: all", required=False, later=True)
REFERENCE_DATE = Column("reference_date", "text", "the day the number is about", form=DAY)

LEVELS = (50, 80, 95)
"""Levels of the published intervals, percent."""
