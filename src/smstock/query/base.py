"""What queries of every platform have: areas, ages, and what they are broken down by."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from smstock.errors import QueryError
from smstock.query import places as place_sets
from smstock.query import whole
from smstock.vocabulary import countries
from smstock.vocabulary.dates import Every
from smstock.vocabulary.facets import DIMENSIONS, Ages
from smstock.vocabulary.places import Place, country_of

if TYPE_CHECKING:
    from pathlib import Path

MOST_AGE_GROUPS: Final = 100
"""Age groups of a query at most; a year each from 13 to 65 are 53."""


def of_form(pattern: str, words: str) -> AfterValidator:
    """Return what refuses a text that a regular expression does not match as a whole, and says in words what it does.

    Examples
    --------
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(Annotated[str, of_form("[a-z]+", "small letters")]).validate_python("abc")
    'abc'
    """
    form = re.compile(pattern)

    def checked(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(words)
        return text

    return AfterValidator(checked)


Name = Annotated[
    str,
    of_form(r"[a-z0-9][a-z0-9-]{0,60}", "small letters, digits and hyphens, no hyphen first, 61 characters at most"),
]
"""What files are called after: the name of a query or of a calibration."""


class Publish(BaseModel):
    """The table ``[publish]``: what a wave must hold to be published.

    Attributes
    ----------
    least_answered
        Share of the cells that could be answered; 1 means all of them. What the rules of the platform refuse, and what
        a coarser cell tells, lacks no answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    least_answered: float = 1.0

    @field_validator("least_answered", mode="after")
    @classmethod
    def _a_share(cls, share: float) -> float:
        if not 0 < share <= 1:
            raise ValueError("a share of the cells, above 0 and at most 1")
        return share


class Rhythm(BaseModel):
    """The table ``[wave]``: how often a query is collected.

    Attributes
    ----------
    every
        What a collection that is begun is: a month, a week or a day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    every: Every = "month"

    @property
    def usual(self) -> bool:
        """Whether it is by the month; a query that is written down does not tell that."""
        return self.every == "month"


class BaseQuery(BaseModel):
    """The keys that queries of every platform have; a platform's own query adds its keys, and the values of these.

    Attributes
    ----------
    places
        Parts of countries that destinations may name by code. A file names sets of them (``place_sets``) instead, and
        they become part of the query; the name of a set among the destinations stands for all its places.
    covers
        Countries, each with the codes of the places that are together the whole of it.
    destinations, origins
        ISO 3166-1 alpha-3 codes in the order written, groups expanded; destinations also codes of places.
    ages
        The age range of the whole; cells without an age facet carry it.
    breakdowns
        Sets of facets that are crossed. Every subset is asked too, the total always.
    totals
        Whether all users of destinations and origins are asked as well, by sex and age where broken down.
    always_ask
        Sets of facets that are asked even where a coarser cell is at the floor; elsewhere such a cell is deduced.
    metrics
        What is read out of each answer.
    origin_basis
        What makes an account one of an origin.
    location_basis
        What makes an account one of a destination.
    publish
        What a wave must hold to be published; it changes nothing of what is asked.
    wave
        How often it is collected; it changes nothing of what is asked either.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Name
    title: str = ""
    platform: str
    api_version: Annotated[
        str, of_form(r"(v\d{1,3}\.\d{1,2}|\d{6})?", "a version such as v25.0 (Meta) or 202608 (LinkedIn)")
    ] = ""
    places: Annotated[tuple[Place, ...], Field(exclude_if=lambda places: not places)] = ()
    covers: Annotated[dict[str, tuple[str, ...]], Field(exclude_if=lambda covers: not covers)] = {}
    destinations: tuple[str, ...]
    origins: tuple[str, ...]
    ages: str
    breakdowns: tuple[tuple[str, ...], ...] = ()
    age_groups: tuple[str, ...] = ()
    sexes: tuple[Literal["female", "male"], ...] = ("female", "male")
    totals: bool = False
    always_ask: tuple[tuple[str, ...], ...] = ()
    metrics: tuple[str, ...]
    origin_basis: str
    location_basis: str = "default"
    publish: Publish = Publish()
    wave: Annotated[Rhythm, Field(exclude_if=lambda rhythm: rhythm.usual)] = Rhythm()

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys that a file may have."""
        return (*cls.model_fields, "place_sets")

    @classmethod
    def complete(cls, content: dict[str, Any], folder: Path | None) -> dict[str, Any]:
        """Return the content of a file in a folder together with that of the files it names: the sets of places."""
        return place_sets.complete(content, folder)

    @field_validator("places", mode="after")
    @classmethod
    def _claimed_once(cls, places: tuple[Place, ...]) -> tuple[Place, ...]:
        place_sets.distinct(places)
        return places

    @field_validator("covers", mode="after")
    @classmethod
    def _whole_countries(cls, covers: dict[str, tuple[str, ...]], info: ValidationInfo) -> dict[str, tuple[str, ...]]:
        if "places" in info.data:
            whole.check(covers, info.data["places"])
        return covers

    @field_validator("destinations", "origins", mode="after")
    @classmethod
    def _areas(cls, entries: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        places = info.data.get("places", ()) if info.field_name == "destinations" else ()
        areas = countries.expand(entries, {place.code: place.name for place in places})
        if not areas:
            raise QueryError("no area is left", allowed="at least one code, name or group")
        return areas

    @field_validator("ages", "age_groups", mode="after")
    @classmethod
    def _ages(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(value, str):
            return str(Ages.parse(value))
        if len(value) > MOST_AGE_GROUPS:
            raise QueryError(f"there are {len(value):,} age groups", allowed=f"{MOST_AGE_GROUPS} at most")
        return tuple(dict.fromkeys(str(Ages.parse(text)) for text in value))

    @field_validator("metrics", mode="after")
    @classmethod
    def _some_metric(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        if not metrics:
            raise QueryError("metrics are empty", allowed="one at least", hint="leave the key out for the usual one")
        return metrics

    @field_validator("metrics", "sexes", mode="after")
    @classmethod
    def _sorted(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(value)))

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        try:
            json.dumps(self.model_dump(), ensure_ascii=False).encode()
        except ValueError:
            raise QueryError("a text holds half a surrogate pair", allowed="text that UTF-8 can write") from None
        return self

    @model_validator(mode="after")
    def _facets_have_values(self) -> Self:
        for facet in {facet for breakdown in self.breakdowns for facet in breakdown}:
            if not self.values(facet):
                where = "age_groups" if facet == "age" else f"dimensions.{facet}" if facet in DIMENSIONS else facet
                raise QueryError(f"breakdowns name {facet!r}, but {where} is empty", hint=f"give {where} its groups")
        for text in self.age_groups:
            if text == self.ages or not self.whole.holds(Ages.parse(text)):
                raise QueryError(
                    f"age group {text} is no part of ages {self.ages}", allowed=f"ranges within {self.ages}"
                )
        return self

    @property
    def whole(self) -> Ages:
        """The age range of cells without an age facet."""
        return Ages.parse(self.ages)

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The groups of each facet that the query can break down by."""
        return {"sex": self.sexes, "age": self.age_groups}

    def place(self, code: str) -> Place | None:
        """Return the place of a code, None if it is no place of the query."""
        return self._places.get(code)

    @cached_property
    def _places(self) -> dict[str, Place]:
        return {place.code: place for place in self.places}

    def values(self, facet: str) -> tuple[str, ...]:
        """Return the groups of a facet; empty if it has none."""
        return self.groups.get(facet, ())

    @property
    def corridors(self) -> tuple[tuple[str, str], ...]:
        """Destination and origin of every corridor; nobody is a migrant at home, nor in a part of it."""
        return tuple(
            (where, whence) for where in self.destinations for whence in self.origins if country_of(where) != whence
        )

    @property
    def areas_of_totals(self) -> tuple[str, ...]:
        """Where all users are asked: destinations and origins, since penetration is needed at both ends."""
        return tuple(dict.fromkeys((*self.destinations, *self.origins))) if self.totals else ()

    @property
    def areas_of_foreigners(self) -> tuple[str, ...]:
        """Where all foreign accounts are asked, whichever their origin: nowhere, unless the platform knows them."""
        return ()

    @property
    def placement(self) -> str:
        """Where the accounts are seen, in the words of the audience table: anywhere, unless the platform tells."""
        return "all"
