"""A query of profiles, and its cells."""

from __future__ import annotations

import pytest

from smstock.query.linkedin import LinkedInQuery
from smstock.query.spec import parse

TEXT = """
name = "q"
platform = "linkedin"
origins = ["ROU"]
destinations = ["DEU", "ESP"]
ages = "18+"
age_groups = ["18-24", "25-54", "55+"]
metrics = ["total"]
origin_basis = "school_country"
location_basis = "home"
home = true
totals = true
breakdowns = [["sex", "degree"], ["age"], ["experience"]]
[schools]
ROU = ["urn:li:organization:1035", "urn:li:organization:11"]
DEU = ["urn:li:organization:500"]
[languages]
ROU = ["urn:li:locale:ro_RO"]
[dimensions.degree]
master = ["urn:li:degree:500", "urn:li:degree:450"]
[dimensions.experience]
recent = ["urn:li:yearsOfExperience:1", "urn:li:yearsOfExperience:5"]
"""


@pytest.fixture
def profiles() -> LinkedInQuery:
    """Romanians in Germany and Spain."""
    query = parse(TEXT)
    assert isinstance(query, LinkedInQuery)
    return query
