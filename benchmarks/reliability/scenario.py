"""What happens in a run of ``python -m benchmarks reliability``, all of it drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from benchmarks.reliability import canary, places
from benchmarks.reliability.collector import Death, Where
from benchmarks.reliability.sides import NUMBERS, SIDES

from smstock.query.lattice import cells, count
from smstock.query.spec import QuerySpec, specify
from smstock.sandbox.entities import schools
from smstock.sandbox.faults import ANSWER_FAULTS, FaultPlan

if TYPE_CHECKING:
    from benchmarks.reliability.sides import Side

    from smstock.sandbox.display import Era
    from smstock.sandbox.quota import Tier

DESTINATIONS: Final = {
    "meta": ("AUT", "DEU", "CHE", "NAM", "THA", "ISL", "MLT", "BEL"),
    "linkedin": ("IRL", "ESP", "CHE", "GBR", "PRK", "POL"),
}


@dataclass(frozen=True)
class Scenario:
    """What happens in a run.

    Parameters
    ----------
    seed
        Of the world, of the requests that are spoilt, of latencies.
    query
        What is collected.
    era, tier, faults
        Settings of the simulated platform.
    asking
        Token and account of each credential at first.
    patience
        Seconds that a process waits for quota.
    deaths, disks
        Where the first processes are killed, and how large their files may grow.
    earlier
        Whether the month before was collected too.
    """

    seed: int
    query: QuerySpec
    era: Era
    tier: Tier
    faults: FaultPlan
    asking: tuple[tuple[str, str], ...]
    patience: float
    deaths: tuple[Death | None, ...]
    disks: tuple[int | None, ...]
    earlier: bool

    @property
    def side(self) -> Side:
        """The platform that is asked."""
        return SIDES[self.query.platform]

    @property
    def repeatable(self) -> bool:
        """Whether the table does not depend on how often, and in which order, the platform was asked."""
        return not self.faults.no_number and self.faults.category_withdrawn_after is None


def scenario(seed: int, platform: str = "meta", *, with_places: bool = False) -> Scenario:
    """Return what happens in the run of a seed against a platform, asked for countries or for places too."""
    rng = Random(seed)  # noqa: S311 - a simulation
    query = (_query if platform == "meta" else _profiles)(rng, with_places=with_places)
    number = count(query)
    deaths = [_death(rng, number) for _ in range(rng.choice((0, 1, 1, 2, 3, 4)))]
    return Scenario(
        seed=seed,
        query=query,
        era=rng.choice(("point", "bounds")),
        tier=rng.choice(("limited", "full")),
        faults=_faults(rng, number),
        asking=rng.choice(
            (
                ((canary.TOKENS[0], NUMBERS[0]),),
                ((canary.TOKENS[0], NUMBERS[0]), (canary.TOKENS[1], NUMBERS[0])),
                ((canary.TOKENS[0], NUMBERS[0]), (canary.TOKENS[1], NUMBERS[1])),
            )
        ),
        patience=rng.choice((0.0, 600.0, float("inf"))),
        deaths=tuple(deaths),
        disks=(rng.randint(40_000, 250_000),) if rng.random() < 0.1 else (),
        earlier=rng.random() < 0.25,
    )


def _query(rng: Random, *, with_places: bool) -> QuerySpec:
    """Return a query of 60 to 150 cells: minors' rules, an origin without a category and Namibia among them."""
    while True:
        breakdowns = rng.choice(
            ([("sex", "age")], [("sex",), ("age",)], [("sex", "age"), ("sex", "education")], [("age", "relationship")])
        )
        query = specify(
            {
                "name": "q",
                "platform": "meta",
                **_destinations(rng, "meta", 6, with_places=with_places),
                "origins": rng.sample(("NGA", "POL", "SRB", "UKR"), rng.randint(1, 3)),
                "ages": "18+",
                "age_groups": rng.choice((["18-24", "25-44", "45+"], ["18-44", "18-29", "30-44", "45-64", "65+"])),
                "breakdowns": breakdowns,
                "education": {"tertiary": ["alum", "master_degree"], "secondary": ["high_school_grad"]},
                "relationship": {"married": ["married"], "single": ["single"]},
                "totals": rng.random() < 0.5,
                "always_ask": rng.choice(([], [], [("sex",)])),
                "metrics": rng.choice((["mau"], ["mau", "dau"])),
                "placements": rng.choice(([], ["facebook", "instagram"])),
            }
        )
        if 60 <= count(query) <= 150 and _asks(query):
            return query


def _profiles(rng: Random, *, with_places: bool) -> QuerySpec:
    """Return a query of 60 to 150 cells: a place without a location and an origin without schools among them."""
    number = rng.choice((0, 150))
    while True:
        query = specify(
            {
                "name": "q",
                "platform": "linkedin",
                **_destinations(rng, "linkedin", 5, with_places=with_places),
                "origins": rng.sample(("SRB", "POL", "UKR"), rng.randint(1, 3)),
                "ages": "18+",
                "age_groups": rng.choice((["18-24", "25-54", "55+"], ["18-34", "18-24", "25-34"])),
                "breakdowns": rng.choice(
                    (
                        [("sex", "seniority")],
                        [("age",), ("experience",)],
                        [("sex", "age"), ("skill",)],
                        [("age", "degree")],
                    )
                ),
                "totals": rng.random() < 0.5,
                "home": rng.random() < 0.5,
                "always_ask": rng.choice(([], [], [("sex",)])),
                "metrics": ["total"],
                "location_basis": rng.choice(("home", "default")),
                "origin_basis": rng.choice(("school_country", "school_country_not_destination", "interface_language")),
                "schools": {area: _schools(area, number) for area in ("SRB", "POL", "ESP", "IRL")},
                "languages": {"SRB": ["urn:li:locale:sr_RS"], "POL": ["urn:li:locale:pl_PL"]},
                "dimensions": {
                    "seniority": {"junior": ["urn:li:seniority:3"], "manager": ["urn:li:seniority:5"]},
                    "experience": {"short": ["urn:li:yearsOfExperience:1", "urn:li:yearsOfExperience:5"]},
                    "skill": {"python": ["urn:li:skill:17"], "welding": ["urn:li:skill:77"]},
                    "degree": {"any": ["urn:li:degree:200", "urn:li:degree:300"]},
                },
            }
        )
        if 60 <= count(query) <= 150 and _asks(query):
            return query


def _destinations(rng: Random, platform: str, most: int, *, with_places: bool) -> dict[str, Any]:
    """Return the destinations of a query, with the places among them."""
    if with_places:
        return places.drawn(rng, platform)
    return {"destinations": rng.sample(DESTINATIONS[platform], rng.randint(2, most))}


def _asks(query: QuerySpec) -> bool:
    """Whether the platform lets a query ask anything; one whose only origin has no category is refused as a whole."""
    service = SIDES[query.platform].platform
    return any(not service.refusal(cell, query) for cell in cells(query))


def _schools(area: str, number: int) -> list[str]:
    """Return the schools of an area, and some that nobody went to: with these a query is too long for a URL."""
    first = 1000 * ord(area[0])
    return [*schools(area), *(f"urn:li:organization:{first + place}" for place in range(number))]


def _faults(rng: Random, cells: int) -> FaultPlan:
    """Return a plan in which about half of the answers are sound, or nearly all, or all."""
    most = rng.choice((0.0, 0.01, 0.05, 0.1))
    rates: dict[str, Any] = {name: rng.choice((0.0, most / 2, most)) for name in ANSWER_FAULTS if name != "no_number"}

    def perhaps(chance: float) -> int | None:
        return rng.randint(1, cells) if rng.random() < chance else None

    return FaultPlan(
        **rates,
        no_number=rng.choice((0.0, 0.0, 0.0, 0.03)),
        not_ready=rng.choice((0.0, 0.1, 0.3)),
        glitch=rng.choice((0.0, 0.05, 0.3)),
        quota_spent=rng.choice((0.0, 0.0, 0.5, 0.9)),
        token_expires_after=perhaps(0.25),
        category_withdrawn_after=perhaps(0.2),
        version_expires_after=perhaps(0.15),
    )


def _death(rng: Random, cells: int) -> Death:
    """Return a place to die; past the end of a process it is none."""
    where: Where = rng.choice(("await", "await", "statement", "statement", "file"))
    places = {"await": 7 * cells, "statement": 5 * cells, "file": 6}
    return Death(where, rng.randint(1, places[where]))
