"""A query of Meta: accounts by where they lived, in the groups of Meta's own statuses, where its placements show them.

::

    name = "serbia-diaspora"          # also the name of the files it leaves behind
    platform = "meta"
    origins = ["SRB"]                 # codes, names or groups (meta-origins); "-SRB" takes one out again
    destinations = ["eu27", "efta"]
    ages = "18+"                      # the population that everything is about
    breakdowns = [["sex", "age"]]     # facets crossed; every coarser cell is asked too
    age_groups = ["18-24", "25-44", "45-64", "65+"]
    totals = true                     # also all users, without origin: what penetration needs
    foreign = true                    # also all who lived in another country, whichever: one call a destination
    always_ask = [["sex"]]            # asked even where a coarser cell is at the floor
    metrics = ["mau"]
    origin_basis = "lived_in"         # | language: accounts that use the platform in a language of the origin
    location_basis = "default"        # default | home | recent | home_or_recent | travel_in
    placements = ["facebook"]         # empty: every placement
    endpoint = "delivery_estimate"    # | reachestimate, which answers without daily accounts

    [education]                       # a group's name = Meta's statuses, any of them
    tertiary = ["alum", "master_degree"]

    [locales]                         # for language: Meta's keys of the languages of an origin, in place of smstock's
    UKR = [52]
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from smstock.errors import QueryError
from smstock.query.base import BaseQuery

Facet = Literal["sex", "age", "education", "relationship"]
Endpoint = Literal["delivery_estimate", "reachestimate"]


class MetaQuery(BaseQuery):
    """A query of Meta.

    Attributes
    ----------
    endpoint
        Which endpoint is asked.
    education, relationship
        Groups of Meta's statuses.
    placements
        Where accounts are seen; empty: anywhere.
    locales
        For ``language`` by origin, the keys of the languages that stand for it, in place of those smstock knows.
    foreign
        Whether all foreign accounts of each destination are asked as well: cells of the origin ``WLD``, one each.

    Examples
    --------
    >>> MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", foreign=True).areas_of_foreigners
    ('AUT',)
    """

    platform: Literal["meta"] = "meta"
    breakdowns: tuple[tuple[Facet, ...], ...] = ()
    always_ask: tuple[tuple[Facet, ...], ...] = ()
    metrics: tuple[Literal["mau", "dau"], ...] = ("mau",)
    origin_basis: Literal["lived_in", "language"] = "lived_in"
    location_basis: Literal["default", "home", "recent", "home_or_recent", "travel_in"] = "default"
    endpoint: Endpoint = "delivery_estimate"
    education: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    relationship: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    placements: tuple[str, ...] = ()
    locales: dict[str, tuple[int, ...]] = Field(default_factory=dict, exclude_if=lambda locales: not locales)
    foreign: bool = False

    @field_validator("placements", mode="after")
    @classmethod
    def _sorted_placements(cls, placements: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(placements)))

    @field_validator("locales", mode="after")
    @classmethod
    def _sorted_locales(cls, locales: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        return {origin: tuple(sorted(set(numbers))) for origin, numbers in locales.items()}

    @model_validator(mode="after")
    def _one_basis_of_origin(self) -> Self:
        by_language = self.origin_basis == "language"
        if self.locales and not by_language:
            raise QueryError(
                "locales name languages, but the origins of the query are by where accounts lived",
                hint='write origin_basis = "language", or leave locales out',
            )
        if self.foreign and by_language:
            raise QueryError(
                "foreign counts accounts by where they lived, and the origins of the query are by language",
                hint='leave foreign out, or write origin_basis = "lived_in"',
            )
        return self

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The groups of each facet: sexes, ages, and the groups of statuses."""
        return super().groups | {"education": tuple(self.education), "relationship": tuple(self.relationship)}

    @property
    def areas_of_foreigners(self) -> tuple[str, ...]:
        """Where all foreign accounts are asked: every destination, or nowhere."""
        return self.destinations if self.foreign else ()

    @property
    def placement(self) -> str:
        """The placements, joined by ``+``."""
        return "+".join(self.placements) or "all"
