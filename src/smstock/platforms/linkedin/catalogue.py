"""What LinkedIn offers to ask for: its facets, the form of their entities, and countries by location id."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

PREFIX: Final = "urn:li:adTargetingFacet:"


@dataclass(frozen=True)
class Facet:
    """A facet of targeting that smstock asks by; ``form`` is the regular expression of its entities' URNs."""

    name: str
    form: str

    @property
    def urn(self) -> str:
        """The facet as criteria name it."""
        return f"{PREFIX}{self.name}"

    def has(self, entity: str) -> bool:
        """Whether a text has the form of an entity of the facet."""
        return bool(re.fullmatch(self.form, entity))


def _numbered(name: str, kind: str) -> Facet:
    return Facet(name, rf"urn:li:{kind}:\d+")


PERMANENT_LOCATION: Final = _numbered("profileLocations", "geo")
"""Where a member lives by the profile."""
LOCATION: Final = _numbered("locations", "geo")
"""Where a member lives or was recently, by profile or address of the connection; not to be used with the other one."""
SCHOOL: Final = _numbered("schools", "organization")
LANGUAGE: Final = Facet("interfaceLocales", r"urn:li:locale:[a-z]{2,3}_[A-Z]{2}")
GENDER: Final = Facet("genders", "urn:li:gender:(FEMALE|MALE)")
AGE: Final = Facet("ageRanges", r"urn:li:ageRange:\(\d+,\d+\)")

OF_DIMENSION: Final = {
    "degree": _numbered("degrees", "degree"),
    "field_of_study": _numbered("fieldsOfStudy", "fieldOfStudy"),
    "experience": _numbered("yearsOfExperienceRanges", "yearsOfExperience"),
    "seniority": _numbered("seniorities", "seniority"),
    "function": _numbered("jobFunctions", "function"),
    "industry": _numbered("industries", "industry"),
    "skill": _numbered("skills", "skill"),
}
"""Dimension of a profile -> facet (Microsoft Learn, targeting criteria facet URNs)."""

AGE_RANGES: Final = {"18-24": "(18,24)", "25-34": "(25,34)", "35-54": "(35,54)", "55+": "(55,2147483647)"}
"""The ranges LinkedIn tells apart; the last one has no upper end."""

LONGEST_EXPERIENCE: Final = 12
"""``yearsOfExperience`` 1 to 12 are years, the last one and more; two of them are the ends of a range."""


@cache
def geos() -> dict[str, str]:
    """Return the location URN of each country that has one here, by ISO 3166-1 alpha-3 code.

    Examples
    --------
    >>> geos()["USA"], "PRK" in geos()
    ('urn:li:geo:103644278', False)
    """
    text = (resources.files(__package__) / "geos.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["area"]: f"urn:li:geo:{row['geo']}" for row in rows}
