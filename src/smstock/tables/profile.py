"""The tables of skill profiles: who the members of a network are by corridor, and how many highly skilled there are."""

from __future__ import annotations

from typing import Final

from smstock.tables import AGE_MAX, AGE_MIN, DESTINATION, LEVELS, ORIGIN, REFERENCE_DATE, SEX
from smstock.tables.columns import WAVE
from smstock.tables.contract import Column, Contract
from smstock.vocabulary.facets import DIMENSIONS

PROFILE_DIMENSIONS: Final = ("sex", "age", *DIMENSIONS, "early_career")
"""What a profile is divided by; ``early_career`` adds up the categories of ``experience`` at the beginning."""

_PLATFORM: Final = Column("platform", "text", "advertising platform")
_WAVE: Final = Column("wave", "text", "audience wave", form=WAVE)
_BASIS: Final = Column(
    "origin_basis", "text", "what makes a member one of the origin; empty: all members", required=False
)

_SOURCE: Final = Column(
    "source",
    "text",
    "how the members were counted: collected through the platform's API, or typed off its pages by a person",
    allowed=("collected", "typed"),
)


def _interval(name: str, meaning: str, level: int = 80) -> tuple[Column, ...]:
    """Return the columns of both ends of an interval."""
    return tuple(
        Column(f"{name}{end}_{level}", "number", f"{end} end of the {level} % interval of {meaning}", required=False)
        for end in ("lower", "upper")
    )


SKILL_PROFILE: Final = Contract(
    "skill_profile",
    (
        _PLATFORM,
        _WAVE,
        DESTINATION,
        Column("origin", "text", "origin; empty: everybody at the destination", required=False),
        _BASIS,
        SEX,
        AGE_MIN,
        AGE_MAX,
        Column("dimension", "text", "what members are divided by", allowed=PROFILE_DIMENSIONS),
        Column("category", "text", "category of the dimension, as the query names it"),
        Column(
            "base",
            "text",
            "whom a share is of: all members of the corridor, or those in any category of the dimension",
            allowed=("members", "stated"),
        ),
        Column(
            "base_members",
            "number",
            "how many these are as the platform shows them; of stated, in the categories above the floor together",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column(
            "base_share",
            "number",
            "base_members over all members of the corridor, as rounded: of stated, how many state it",
            minimum=0,
            required=False,
        ),
        Column("members", "number", "members as the platform shows them", "accounts", minimum=0, required=False),
        *(
            Column(
                f"members_{end}",
                "number",
                f"{end} end of the counts they may be",
                "accounts",
                minimum=0,
                required=False,
            )
            for end in ("lower", "upper")
        ),
        Column(
            "rounding",
            "text",
            "rule of both ends: of a count of two digits, to the nearest, or of one of more digits; empty: none shown",
            required=False,
            allowed=("", "two_digits", "more_digits"),
        ),
        Column("status", "text", "why the number of members is, or is not, there"),
        Column("share", "number", "share, 0 to 1; missing below the floor, and where nothing is known", required=False),
        *(column for level in LEVELS for column in _interval("", "the share; below the floor a bound", level)),
        Column("location_quotient", "number", "share over that of everybody at the destination", required=False),
        *_interval("location_quotient_", "the location quotient"),
        Column("origins_quotient", "number", "share over that of all other origins at the destination", required=False),
        *_interval("origins_quotient_", "that quotient"),
        Column(
            "persons", "number", "share times the highly skilled of the corridor", "persons", minimum=0, required=False
        ),
        *_interval("persons_", "the persons"),
        Column("wave_before", "text", "wave that the change is from; empty: none", required=False),
        Column("change", "number", "share less that of the wave before", required=False),
        *_interval("change_", "the change"),
        Column("population", "text", "whose profile this is"),
        _SOURCE,
    ),
    ("platform", "wave", "destination", "origin", "origin_basis", "sex", "dimension", "category"),
)
"""The profile of each corridor, and of everybody at its destination: a row a category.

It is that of members of a network who were schooled in the origin, and not of all migrants; ``population`` says so in
every row. Persons are highly skilled persons, taken to be divided as their members are.
"""

HIGHLY_SKILLED: Final = Contract(
    "highly_skilled",
    (
        _PLATFORM,
        _WAVE,
        DESTINATION,
        ORIGIN,
        _BASIS,
        SEX,
        REFERENCE_DATE,
        Column("median", "number", "persons with tertiary education", "persons", minimum=0, required=False),
        *(column for level in LEVELS for column in _interval("", "the persons", level)),
        Column("audience", "number", "members of the wave", "accounts", minimum=0, required=False),
        Column("audience_status", "text", "status of the audience, or not_asked"),
        Column("official", "number", "official figure it rests on", "persons", minimum=0, required=False),
        Column(
            "official_of",
            "text",
            "whom the official share is of: the origin, or the group it is in; empty: no figure",
            required=False,
            allowed=("", "origin", "group"),
        ),
        Column(
            "evidence",
            "text",
            "what the estimate rests on",
            allowed=("official and audience", "official", "audience", "none"),
        ),
        Column("population", "text", "whose number this is"),
        _SOURCE,
    ),
    ("platform", "wave", "destination", "origin", "origin_basis", "sex"),
)
"""The highly skilled stock of each corridor, from `smstock.skills.highly_skilled`."""
