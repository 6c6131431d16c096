"""A query of LinkedIn: members by the country of their schools or their language, divided by what a profile tells.

It has the keys that `smstock.query.base` names, and says whom it takes for a migrant and what members are divided by::

    platform = "linkedin"
    origin_basis = "school_country"   # | school_country_not_destination | interface_language
    school_sets = ["schools/ROU.toml"] # reviewed lists of schools by country, beside the query file
    location_basis = "home"           # permanent locations | default: recent ones too
    home = true                       # also those of an origin who live there: the home stock
    breakdowns = [["degree"], ["sex", "seniority"]]

    [dimensions.degree]               # a category's name = LinkedIn's entities, any of them
    bachelor = ["urn:li:degree:200"]

    [languages]                       # for interface_language: the languages of an origin
    ROU = ["urn:li:locale:ro_RO"]

    [geos]                            # locations that smstock lacks, or has wrong
    PRK = "urn:li:geo:1"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from smstock.errors import QueryError, shown
from smstock.query import schools as school_sets
from smstock.query.base import BaseQuery
from smstock.vocabulary.facets import DIMENSIONS

if TYPE_CHECKING:
    from pathlib import Path

Dimension = Literal["degree", "field_of_study", "experience", "seniority", "function", "industry", "skill"]
Facet = Literal["sex", "age"] | Dimension


class LinkedInQuery(BaseQuery):
    """A query of LinkedIn.

    Attributes
    ----------
    schools, languages
        By origin, and for ``school_country_not_destination`` by destination, the entities that stand for it. A file
        names the sets of schools (``school_sets``) instead, and they become part of the query.
    geos
        Locations of areas that the catalogue lacks, or has wrong.
    dimensions
        Categories of each dimension, as groups of LinkedIn's entities.
    home
        Whether those of an origin who live there are asked for as well: cells whose destination is their origin.

    Examples
    --------
    >>> query = LinkedInQuery(name="q", origins=("ROU",), destinations=("DEU",), ages="18+", home=True,
    ...                       origin_basis="school_country")
    >>> query.corridors
    (('DEU', 'ROU'), ('ROU', 'ROU'))
    """

    platform: Literal["linkedin"] = "linkedin"
    breakdowns: tuple[tuple[Facet, ...], ...] = ()
    always_ask: tuple[tuple[Facet, ...], ...] = ()
    metrics: tuple[Literal["total"], ...] = ("total",)
    origin_basis: Literal["school_country", "school_country_not_destination", "interface_language"]
    location_basis: Literal["default", "home"] = "default"
    schools: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    languages: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    geos: dict[str, str] = Field(default_factory=dict)
    dimensions: dict[Dimension, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    home: bool = False

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys that a file may have."""
        return (*super().keys(), "school_sets")

    @classmethod
    def complete(cls, content: dict[str, Any], folder: Path | None) -> dict[str, Any]:
        """Return the content of a file in a folder, with the schools of the sets that it names."""
        content = super().complete(content, folder)
        if "school_sets" not in content:
            return content
        files = content.pop("school_sets")
        if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
            raise QueryError(
                f"school_sets: a list of files, in brackets (it is {shown(repr(files))})",
                hint='write school_sets = ["schools/ROU.toml"]',
            )
        if "schools" in content:
            raise QueryError("schools and school_sets both name the schools", hint="leave one of both out")
        if folder is None:
            raise QueryError("school_sets are files beside a query file; this query has none", hint="name the schools")
        return content | {"schools": school_sets.by_country(folder / name for name in files)}

    @model_validator(mode="after")
    def _one_dimension_at_most(self) -> Self:
        for breakdown in self.breakdowns:
            if len(crossed := [facet for facet in breakdown if facet in DIMENSIONS]) > 1:
                raise QueryError(
                    f"a breakdown crosses {' and '.join(crossed)}",
                    allowed="one dimension at most, with or without sex and age",
                    hint="write them as two breakdowns",
                )
        return self

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The groups of each facet: sexes, ages, and the categories of dimensions."""
        return super().groups | {str(name): tuple(categories) for name, categories in self.dimensions.items()}

    def entities(self, dimension: str, category: str) -> tuple[str, ...]:
        """Return LinkedIn's entities that make up a category of a dimension."""
        return {str(name): categories for name, categories in self.dimensions.items()}[dimension][category]

    @property
    def corridors(self) -> tuple[tuple[str, str], ...]:
        """Destination and origin of every corridor; the home stock comes last."""
        return super().corridors + (tuple((origin, origin) for origin in self.origins) if self.home else ())
