"""The tables that cross from one room to another: their columns, units and meaning.

Codes and dates are text (``NA`` is Namibia, dates are ISO 8601); a missing number is missing, never 0.
:func:`check` gives a table its types and order, and reports every breach at once.
"""

from __future__ import annotations

from smstock.tables.columns import (
    AGE_MAX,
    AGE_MIN,
    AREA,
    CONCEPTS,
    CORRIDOR_KEY,
    CORRIDOR_SEX_KEY,
    DAY,
    DESTINATION,
    INSTANT,
    LEVELS,
    ORIGIN,
    REFERENCE_DATE,
    SEX,
    WAVE,
)
from smstock.tables.contract import Column, Contract, check
from smstock.tables.estimate import DIGITS, DOUBTFUL, ESTIMATE, HELD_BACK, MAGNITUDE, PROVISIONAL
from smstock.vocabulary.facets import DIMENSIONS

__all__ = [
    "AGE_MAX",
    "AGE_MIN",
    "AUDIENCE",
    "CONCEPTS",
    "CONTRACTS",
    "CORRIDOR",
    "CORRIDOR_KEY",
    "CORRIDOR_SEX_KEY",
    "DESTINATION",
    "DIGITS",
    "DOUBTFUL",
    "ESTIMATE",
    "HELD_BACK",
    "LEVELS",
    "MAGNITUDE",
    "ORIGIN",
    "POPULATION",
    "PROVISIONAL",
    "REFERENCE_DATE",
    "SEX",
    "STOCK",
    "USERS",
    "Column",
    "Contract",
    "check",
]

AUDIENCE = Contract(
    "audience",
    (
        Column("platform", "text", "advertising platform"),
        Column(
            "metric",
            "text",
            "monthly or daily active accounts, or the platform's total",
            allowed=("mau", "dau", "total"),
        ),
        Column("wave", "text", "month, week or day of the collection", form=WAVE),
        Column(
            "asked_at",
            "text",
            "when the platform was asked, UTC; empty: not known or not asked",
            required=False,
            form=INSTANT,
        ),
        DESTINATION,
        Column(
            "origin",
            "text",
            "origin; WLD: all who lived in another country; empty: all users of the platform",
            required=False,
            form=AREA.or_empty(),
        ),
        Column("origin_basis", "text", "what makes an account one of the origin; empty: all users", required=False),
        SEX,
        AGE_MIN,
        AGE_MAX,
        Column("education", "text", "education group of the query; empty: all", required=False),
        Column("relationship", "text", "relationship group of the query; empty: all", required=False),
        Column(
            "dimension",
            "text",
            "dimension of a profile that the accounts are divided by; empty: not divided",
            required=False,
            allowed=("", *DIMENSIONS),
        ),
        Column("category", "text", "category of the dimension, as the query names it; empty: all", required=False),
        Column("location_basis", "text", "what makes an account one of the destination"),
        Column("placements", "text", "where the accounts are seen; all: every placement"),
        Column("value", "number", "point value by the platform's rule", "accounts", minimum=0, required=False),
        Column("lower", "number", "smallest count compatible with the answer", "accounts", minimum=0, required=False),
        Column("upper", "number", "largest count compatible with the answer", "accounts", minimum=0, required=False),
        Column("status", "text", "why the value is, or is not, there"),
        Column("request_key", "text", "hash of what was asked; empty: refused before asking", required=False),
        Column("api_version", "text", "version of the endpoint", required=False),
    ),
    (
        "platform",
        "metric",
        "wave",
        "destination",
        "origin",
        "sex",
        "age_min",
        "age_max",
        "education",
        "relationship",
        "dimension",
        "category",
        "location_basis",
        "placements",
    ),
)
"""What a platform said of each planned cell, a row for each cell and metric.

A row of a profile (LinkedIn) has ``metric`` total, ``origin_basis`` such as school_country, ``dimension`` such as
seniority and ``category`` as the query names it; the row without both is the whole. What it is compared with stands in
rows of the same table: ``origin`` empty is everybody at the destination, ``destination`` equal to ``origin`` the home
stock, those of the origin who live there. Categories of one dimension need not add up to the whole: a member may have
several or none. A floored row has no value, ``lower`` 0 and ``upper`` 300: fewer than 300 members.
"""

STOCK = Contract(
    "stock",
    (
        Column("provider", "text", "statistical office or agency"),
        Column("dataset", "text", "the provider's name of the data set"),
        Column("edition", "text", "edition or vintage of the data set"),
        Column("concept", "text", "whom the figure counts", allowed=CONCEPTS),
        DESTINATION,
        ORIGIN,
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("value", "number", "stock; missing: the flags say why", "persons", minimum=0, required=False),
        Column(
            "flags",
            "text",
            "the provider's flags and data type, one by one; a missing value's mark after a semicolon",
            required=False,
        ),
        Column("retrieved_at", "text", "when the file was obtained; empty: not known", required=False),
    ),
    (
        "provider",
        "dataset",
        "edition",
        "concept",
        "destination",
        "origin",
        "sex",
        "age_min",
        "age_max",
        "reference_date",
    ),
)

POPULATION = Contract(
    "population",
    (
        Column("provider", "text", "statistical office or agency"),
        Column("edition", "text", "edition or vintage"),
        Column("area", "text", "area (ISO 3166-1 alpha-3)", form=AREA),
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("value", "number", "population", "persons", minimum=0),
    ),
    ("provider", "edition", "area", "sex", "age_min", "age_max", "reference_date"),
)

INDICATORS = ("education", "internet_use", "labour_status", "sex_share", "social_network_use")
"""What an indicator table may measure: shares and counts other than stocks of origins and populations."""

INDICATOR = Contract(
    "indicator",
    (
        Column("provider", "text", "statistical office or agency"),
        Column("dataset", "text", "the provider's name of the data set"),
        Column("edition", "text", "edition or vintage of the data set"),
        Column("indicator", "text", "what is measured", allowed=INDICATORS),
        Column(
            "category",
            "text",
            "class or answer counted: isced0-2, isced3-4, isced5-8, or the provider's code",
            required=False,
        ),
        Column("area", "text", "area where the persons live (ISO 3166-1 alpha-3)", form=AREA),
        Column(
            "concept",
            "text",
            "what makes a person one of the group; empty: the group is everybody",
            required=False,
            allowed=("", *CONCEPTS),
        ),
        Column(
            "group",
            "text",
            "an origin, WLD every foreign origin, NAT natives or nationals, the provider's code; empty: everybody",
            required=False,
        ),
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("value", "number", "figure; missing: the flags say why", minimum=0, required=False),
        Column("unit", "text", "persons, or percent and of whom"),
        Column("flags", "text", "the provider's flags", required=False),
        Column("retrieved_at", "text", "when the file was obtained; empty: not known", required=False),
    ),
    (
        "provider",
        "dataset",
        "edition",
        "indicator",
        "category",
        "area",
        "concept",
        "group",
        "sex",
        "age_min",
        "age_max",
        "reference_date",
        "unit",
    ),
)

USERS = Contract(
    "users",
    (
        Column("platform", "text", "advertising platform"),
        Column("area", "text", "area (ISO 3166-1 alpha-3)", form=AREA),
        SEX,
        AGE_MIN,
        AGE_MAX,
        Column("asked_at", "text", "when the platform was asked"),
        Column("value", "number", "all accounts of the platform in the area", "accounts", minimum=0),
        Column("source", "text", "collection the figure is from"),
    ),
    ("platform", "area", "sex", "age_min", "age_max"),
)

CORRIDOR = Contract(
    "corridor",
    (
        DESTINATION,
        ORIGIN,
        SEX,
        Column(
            "audience",
            "number",
            "point value of the audience; missing: see audience_status",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column(
            "audience_upper",
            "number",
            "largest count compatible with the answer",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column("audience_status", "text", "status of the audience"),
        Column(
            "official_last",
            "number",
            "newest official figure known before the target date",
            "persons",
            minimum=0,
            required=False,
        ),
        Column("official_last_date", "text", "its reference date; empty: none", required=False, form=DAY.or_empty()),
        Column("official_concept", "text", "whom it counts; empty: none", required=False, allowed=("", *CONCEPTS)),
        Column("official_provider", "text", "who published it; empty: none", required=False),
        Column("lag", "number", "years from that date to the target date", "years", required=False),
        Column(
            "official_growth",
            "number",
            "growth of the logarithm a year up to the newest figure, over a span like the lag; missing: one figure",
            "1 / years",
            required=False,
        ),
        Column(
            "official_mean",
            "number",
            "mean of the three newest official figures, or of as many as there are",
            "persons",
            minimum=0,
            required=False,
        ),
        Column(
            "audience_growth",
            "number",
            "log of the audience now over the audience nearest official_last_date; missing: floored or not collected",
            required=False,
        ),
        Column(
            "penetration_destination",
            "number",
            "users / population at the destination; may exceed 1",
            minimum=0,
            required=False,
        ),
        Column(
            "penetration_origin", "number", "users / population at the origin; may exceed 1", minimum=0, required=False
        ),
        Column(
            "internet_destination",
            "number",
            "share of persons of that sex who use the internet, at the destination",
            minimum=0,
            required=False,
        ),
        Column("internet_origin", "number", "the same at the origin", minimum=0, required=False),
        Column(
            "stock",
            "number",
            "official stock at the target date; missing: to be estimated",
            "persons",
            minimum=0,
            required=False,
        ),
        Column(
            "stock_concept", "text", "whom the stock counts; empty: not known", required=False, allowed=("", *CONCEPTS)
        ),
        Column("stock_provider", "text", "who publishes it; empty: not known", required=False),
    ),
    ("destination", "origin", "sex"),
)
"""What a method sees of a corridor: audience, last official figure, penetration; and the stock to learn from."""

CONTRACTS = (AUDIENCE, STOCK, POPULATION, INDICATOR, USERS, CORRIDOR, ESTIMATE)
