"""The page of LinkedIn says what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from smstock.platforms.linkedin import errors, quota, restli, rounding, rules, versions
from smstock.platforms.linkedin.catalogue import OF_DIMENSION, geos
from smstock.platforms.linkedin.live import CONCURRENCY
from smstock.query.linkedin import LinkedInQuery

PAGE = (Path(__file__).parents[4] / "docs" / "platforms" / "linkedin.md").read_text(encoding="utf-8")


def test_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f"{len(geos())} countries have their location" in PAGE
    assert f"the locations of {len(geos()) - 2} countries, which are from addresses" in PAGE
    assert f"pauses {', '.join(f'{seconds:.0f}' for seconds in quota.SHORT_PAUSES)} s" in PAGE
    assert f"no value, 0 to {rounding.FLOOR}" in PAGE
    assert f"above {restli.LONGEST_URL:,} characters" in PAGE
    assert f"smstock asks {versions.DEFAULT}" in PAGE
    assert CONCURRENCY == 4


@pytest.mark.parametrize("basis", get_args(LinkedInQuery.model_fields["origin_basis"].annotation))
def test_each_basis_of_an_origin_is_explained(basis: str) -> None:
    assert f"| `{basis}` |" in PAGE


@pytest.mark.parametrize(("dimension", "facet"), [(name, facet.name) for name, facet in OF_DIMENSION.items()])
def test_each_dimension_and_its_facet_is_named(dimension: str, facet: str) -> None:
    assert f"`{dimension}`" in PAGE
    assert f"`{facet}`" in PAGE


@pytest.mark.parametrize("reason", [*sorted(rules._WORDS.keys() - {"conflicting_facets"}), *errors._REASONS.values()])
def test_each_refusal_is_named(reason: str) -> None:
    assert f"`{reason}`" in PAGE
