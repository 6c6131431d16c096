"""The query file: which audiences to ask for, written in TOML, checked before anything is asked.

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
    location_basis = "default"        # default | home | recent | travel_in
    placements = ["facebook"]         # empty: every placement

    [education]                       # a group's name = the platform's statuses, any of them
    tertiary = ["alum", "master_degree"]

A query of profiles (LinkedIn) says whom it takes for a migrant, and what members are divided by::

    origin_basis = "school_country"   # | school_country_not_destination | interface_language
    school_sets = ["schools/ROU.toml"] # reviewed lists of schools by country, beside the query file
    home = true                       # also those of an origin who live there: the home stock
    metrics = ["total"]
    breakdowns = [["degree"], ["sex", "seniority"]]

    [dimensions.degree]               # a category's name = the platform's entities, any of them
    bachelor = ["urn:li:degree:200"]

    [languages]                       # for interface_language: the languages of an origin
    ROU = ["urn:li:locale:ro_RO"]
"""

from __future__ import annotations

from operator import not_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from smstock import toml
from smstock.errors import InputError, QueryError
from smstock.query import schools as school_sets
from smstock.vocabulary import countries
from smstock.vocabulary.facets import DIMENSIONS, Ages

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

LocationBasis = Literal["default", "home", "recent", "travel_in"]
OriginBasis = Literal["", "lived_in", "school_country", "school_country_not_destination", "interface_language"]
Dimension = Literal["degree", "field_of_study", "experience", "seniority", "function", "industry", "skill"]
Facet = Literal["sex", "age", "education", "relationship"] | Dimension


class QuerySpec(BaseModel):
    r"""What to collect: every audience that a query file asks for.

    Attributes
    ----------
    endpoint
        Which of the platform's endpoints is asked; empty: the platform's first choice.
    destinations, origins
        ISO 3166-1 alpha-3 codes in the order written, groups expanded.
    ages
        The age range of the whole; cells without an age facet carry it.
    breakdowns
        Sets of facets that are crossed. Every subset is asked too, the total always.
    totals
        Whether all users of destinations and origins are asked as well, by sex and age where broken down.
    foreign
        Whether all foreign accounts of each destination are asked as well: cells of the origin ``WLD``, one each.
    always_ask
        Sets of facets that are asked even where a coarser cell is at the floor; elsewhere such a cell is deduced.
    education, relationship
        Groups of the platform's statuses.
    origin_basis
        What makes an account one of an origin; empty: what the platform has.
    schools, languages
        By origin, and for ``school_country_not_destination`` by destination, the entities that stand for it. A file
        names the sets of schools (``school_sets``) instead, and they become part of the query.
    geos
        Locations of areas that the platform's catalogue lacks, or has wrong.
    dimensions
        Categories of each dimension, as groups of the platform's entities.
    home
        Whether those of an origin who live there are asked for as well: cells whose destination is their origin.

    Examples
    --------
    >>> query = parse('name = "q"\nplatform = "meta"\norigins = ["SRB"]\ndestinations = ["efta"]\nages = "18+"')
    >>> query.destinations, query.whole
    (('CHE', 'ISL', 'LIE', 'NOR'), Ages(minimum=18, maximum=None))
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: str = ""
    platform: str
    api_version: Annotated[str, Field(pattern=r"^(v\d{1,3}\.\d{1,2}|\d{6})?$")] = ""
    endpoint: str = Field(default="", exclude_if=not_)
    destinations: tuple[str, ...]
    origins: tuple[str, ...]
    ages: str
    breakdowns: tuple[tuple[Facet, ...], ...] = ()
    age_groups: tuple[str, ...] = ()
    sexes: tuple[Literal["female", "male"], ...] = ("female", "male")
    education: dict[str, tuple[str, ...]] = {}
    relationship: dict[str, tuple[str, ...]] = {}
    totals: bool = False
    always_ask: tuple[tuple[Facet, ...], ...] = ()
    metrics: tuple[Literal["mau", "dau", "total"], ...] = ("mau",)
    location_basis: LocationBasis = "default"
    placements: tuple[str, ...] = ()
    # left out of what is written where they say nothing, so that older queries are the same text as before
    origin_basis: OriginBasis = Field(default="", exclude_if=not_)
    schools: dict[str, tuple[str, ...]] = Field(default={}, exclude_if=not_)
    languages: dict[str, tuple[str, ...]] = Field(default={}, exclude_if=not_)
    geos: dict[str, str] = Field(default={}, exclude_if=not_)
    dimensions: dict[Dimension, dict[str, tuple[str, ...]]] = Field(default={}, exclude_if=not_)
    home: bool = Field(default=False, exclude_if=not_)
    foreign: bool = Field(default=False, exclude_if=not_)

    @field_validator("metrics", mode="after")
    @classmethod
    def _some_metric(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        if not metrics:
            raise ValueError("at least one of mau, dau, total")
        return metrics

    @field_validator("destinations", "origins", mode="after")
    @classmethod
    def _areas(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        areas = countries.expand(entries)
        if not areas:
            raise QueryError("no area is left", allowed="at least one code, name or group")
        return areas

    @field_validator("ages", "age_groups", mode="after")
    @classmethod
    def _ages(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(value, str):
            return str(Ages.parse(value))
        return tuple(dict.fromkeys(str(Ages.parse(text)) for text in value))

    @field_validator("metrics", "placements", "sexes", mode="after")
    @classmethod
    def _sorted(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(value)))

    @model_validator(mode="after")
    def _facets_have_values(self) -> Self:
        for breakdown in self.breakdowns:
            if len(crossed := [facet for facet in breakdown if facet in DIMENSIONS]) > 1:
                raise QueryError(
                    f"a breakdown crosses {' and '.join(crossed)}",
                    allowed="one dimension at most, with or without sex and age",
                    hint="write them as two breakdowns",
                )
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

    def values(self, facet: str) -> tuple[str, ...]:
        """Return the values a facet is broken down into; empty if it has none."""
        groups: dict[str, tuple[str, ...]] = {
            "sex": self.sexes,
            "age": self.age_groups,
            "education": tuple(self.education),
            "relationship": tuple(self.relationship),
            **{dimension: tuple(categories) for dimension, categories in self.dimensions.items()},
        }
        return groups.get(facet, ())

    def entities(self, dimension: str, category: str) -> tuple[str, ...]:
        """Return the platform's entities that make up a category of a dimension."""
        return {str(name): categories for name, categories in self.dimensions.items()}[dimension][category]


def parse(text: str, where: str = "query", folder: Path | None = None) -> QuerySpec:
    """Return the query that a TOML text specifies.

    Parameters
    ----------
    text
        The text.
    where
        What it is called in messages.
    folder
        Where ``school_sets`` are looked for; the schools of these files become ``schools`` of the query, so that it
        says by itself whom it asks for.

    Raises
    ------
    QueryError
        The text is no TOML, names a key or value the query language does not have, or contradicts itself; every
        failure is listed with its key.
    """
    return _spec(toml.parse(text, QueryError, where=where), where, folder)


def load(path: Path) -> QuerySpec:
    """Return the query of a file; raise `QueryError` naming the file if it cannot be used."""
    content = toml.read(path, QueryError, hint="name a query file, such as queries/serbia-diaspora.toml")
    return _spec(content, str(path), path.parent)


def _spec(content: dict[str, Any], where: str, folder: Path | None) -> QuerySpec:
    """Return the query of a file's content, its sets of schools read."""
    try:
        if folder is not None and isinstance(files := content.get("school_sets"), list):
            del content["school_sets"]
            content["schools"] = school_sets.by_country(folder / str(name) for name in files)
        return QuerySpec.model_validate(content)
    except ValidationError as error:
        raise QueryError(_failures(error), where=where, hint="mend the query; `smstock plan` checks it") from None
    except InputError as error:
        raise QueryError(
            error.what,
            where=f"{where}{f': {error.where}' if error.where else ''}",
            allowed=error.allowed,
            hint=error.hint or "mend the query; `smstock plan` checks it",
        ) from None


def _failures(error: ValidationError) -> str:
    """Say every failure in words; keys that do not exist together, with those that do."""
    found = error.errors(include_url=False)
    unknown = [_place(failure["loc"]) for failure in found if failure["type"] == "extra_forbidden"]
    missing = [_place(failure["loc"]) for failure in found if failure["type"] == "missing"]
    wrong: dict[tuple[str, str], list[str]] = {}
    for failure in found:
        if failure["type"] not in ("extra_forbidden", "missing"):
            # a value that fits none of several kinds fails once for each
            wrong.setdefault((_place(failure["loc"]), repr(failure["input"])), []).append(_wanted(failure))
    said = [f"{place}: {' or '.join(wanted)} (it is {value})" for (place, value), wanted in wrong.items()]
    if missing:
        said.append(f"missing: {', '.join(missing)}")
    if unknown:
        said.append(f"no such key: {', '.join(unknown)} (there are {', '.join(QuerySpec.model_fields)})")
    return "; ".join(said)


def _wanted(failure: ErrorDetails) -> str:
    match failure["type"]:
        case "literal_error":
            return str(failure["ctx"]["expected"])
        case "tuple_type":
            return "a list, in brackets"
        case _:
            return failure["msg"]


def _place(location: tuple[int | str, ...]) -> str:
    """Return where a failure is, without the kinds that were tried there."""
    return ".".join(str(part) for part in location if not str(part).startswith("literal["))
