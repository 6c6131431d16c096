"""What members of the simulated LinkedIn can be told apart by: entities with number, name and share.

Seniorities, functions and years of experience carry LinkedIn's own numbers; the others are made up, as is each share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.platforms.linkedin.catalogue import OF_DIMENSION
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from smstock.sandbox.cities import City
    from smstock.sandbox.regions import Region

SCHOOLS: Final = 8
"""Schools of a country."""
_FIRST_SCHOOL: Final = 990_000_000_000
"""Numbers beyond those of real organizations, so that a query of the sandbox asks LinkedIn itself about nobody."""
_FIRST_PART: Final = 990_000_000
IN_SCHOOLS: Final = 0.9
"""Share of those schooled in a country that one of its schools holds; the others' schools are on no list."""

ENTITIES: Final[dict[str, dict[int, tuple[str, float]]]] = {
    "degree": {
        100: ("Associate's Degree", 0.06),
        200: ("Bachelor's Degree", 0.45),
        300: ("Master's Degree", 0.28),
        400: ("Doctor of Philosophy", 0.04),
    },
    "field_of_study": {
        1001: ("Business", 0.24),
        1002: ("Computing", 0.16),
        1003: ("Engineering", 0.18),
        1004: ("Health", 0.09),
        1005: ("Education", 0.06),
    },
    "experience": {
        1: ("1 year", 0.07), 2: ("2 years", 0.07), 3: ("3 years", 0.07), 4: ("4 years", 0.07), 5: ("5 years", 0.07),
        6: ("6 years", 0.06), 7: ("7 years", 0.06), 8: ("8 years", 0.05), 9: ("9 years", 0.05), 10: ("10 years", 0.05),
        11: ("11 years", 0.05), 12: ("12 or more years", 0.33),
    },
    "seniority": {
        1: ("Unpaid", 0.02), 2: ("Training", 0.04), 3: ("Entry", 0.33), 4: ("Senior", 0.35), 5: ("Manager", 0.1),
        6: ("Director", 0.05), 7: ("VP", 0.02), 8: ("CXO", 0.03), 9: ("Partner", 0.01), 10: ("Owner", 0.05),
    },
    "function": {
        7: ("Education", 0.08), 8: ("Engineering", 0.13), 10: ("Finance", 0.07), 11: ("Healthcare Services", 0.08),
        13: ("Information Technology", 0.12), 18: ("Operations", 0.1), 25: ("Sales", 0.12),
    },
    "industry": {
        4: ("Software", 0.12), 14: ("Hospitals and Health Care", 0.12), 31: ("Hospitality", 0.07),
        43: ("Financial Services", 0.1), 48: ("Construction", 0.08), 53: ("Motor Vehicles", 0.09),
        68: ("Higher Education", 0.08), 92: ("Transportation", 0.08), 96: ("IT Services", 0.14),
    },
    "skill": {
        11: ("Nursing", 0.04), 17: ("Python", 0.12), 23: ("Sales", 0.16), 42: ("Project Management", 0.22),
        77: ("Welding", 0.02), 91: ("Teaching", 0.09),
    },
}  # fmt: skip
"""Dimension -> number -> name and share."""

EXCLUSIVE: Final = ("experience",)
"""Dimensions of which a member has one entity or none; of the others any number, each independently.

Seniority, function and industry are those of positions, and a member may have several positions.
"""


def schools(area: str) -> dict[str, str]:
    """Return the schools of a country: URN -> name, larger ones first.

    Examples
    --------
    >>> next(iter(schools("ROU").items()))
    ('urn:li:organization:990000006420', 'Simulated University 1 of Romania')
    """
    country = countries.area(area)
    if country.m49 is None:
        return {}
    first = _FIRST_SCHOOL + 10 * country.m49
    return {
        f"urn:li:organization:{first + place}": f"Simulated University {place + 1} of {country.name}"
        for place in range(SCHOOLS)
    }


def urn(dimension: str, number: int) -> str:
    r"""Return the URN of an entity.

    Examples
    --------
    >>> urn("seniority", 3)
    'urn:li:seniority:3'
    """
    return OF_DIMENSION[dimension].form.replace(r"\d+", str(number))


def geo(part: Region | City) -> str:
    """Return the URN of the location of a region or city, with a number of the sandbox's own.

    Examples
    --------
    >>> from smstock.sandbox.cities import by_code
    >>> geo(by_code()["US-CA"])
    'urn:li:geo:990003847'
    """
    return f"urn:li:geo:{_FIRST_PART + int(part.key)}"
