"""The simulated platforms as ``python -m benchmarks reliability`` sees them: what differs from one to another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from benchmarks.reliability import canary
from pydantic import SecretStr

from smstock.platforms.known import platform
from smstock.platforms.linkedin import live as linkedin_live
from smstock.platforms.linkedin import restli
from smstock.platforms.meta import live as meta_live
from smstock.sandbox import audiences, criteria, display, linkedin, targeting
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.linkedin import SimulatedLinkedIn
from smstock.sandbox.members import simulate_members
from smstock.sandbox.meta import SimulatedMeta, Token, account
from smstock.web.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.reliability.invariants import Evidence
    from benchmarks.reliability.scenario import Scenario

    from smstock.platforms.base import Platform, Source
    from smstock.query.lattice import Cell
    from smstock.sandbox.world import World

    Service = SimulatedMeta | SimulatedLinkedIn

HOUR = 3600.0
NUMBERS = ("1000000001", "1000000002")
"""Advertising accounts of the simulated Meta, applications of the simulated LinkedIn."""

ROUNDED_TO_FLOOR = 1050
"""A count below it may show as Meta's floor: `smstock.platforms.meta.rounding` says why it is read as 1,000 at most."""
TOO_FEW = "refused:too_few_users"
"""What a circle with too few people is."""
CALLS_PER_DAY = 100
"""Quota of the simulated LinkedIn on the limited tier: most runs need a second day."""


@dataclass(frozen=True)
class Circumstances:
    """What was done to the answers of a cell: its faults, the statuses of its wholes, whether one of them lied."""

    faults: set[str]
    wholes: set[str]
    lied_about: bool


@dataclass(frozen=True)
class Side:
    """A platform, its simulation, and the truth behind it.

    Parameters
    ----------
    platform
        As smstock knows it.
    renewed
        A version that answers where the default one has expired.
    wait
        Seconds until the next process is started after the quota was spent.
    credential
        Credential of a token and a number of `NUMBERS`.
    service, source
        The simulated platform; the live source that asks it.
    key
        Request key of the path of a call.
    problem
        What is wrong with a row that was asked for or deduced, empty if nothing is.
    """

    platform: Platform[Any]
    renewed: str
    wait: float
    credential: Callable[[str, str], Credential]
    service: Callable[[Scenario, World, Callable[[], float]], Service]
    source: Callable[..., Source]
    key: Callable[[bytes], str]
    problem: Callable[[Evidence, Mapping[str, Any], Cell, Circumstances], str]


def _meta(scenario: Scenario, world: World, clock: Callable[[], float]) -> SimulatedMeta:
    return SimulatedMeta(
        world,
        clock,
        accounts={number: account(scenario.tier) for number in NUMBERS},
        tokens={token: Token(frozenset(NUMBERS)) for token in canary.TOKENS},
        era=scenario.era,
        faults=scenario.faults,
        seed=scenario.seed,
    )


def _linkedin(scenario: Scenario, world: World, clock: Callable[[], float]) -> SimulatedLinkedIn:
    import numpy as np

    applications = {canary.TOKENS[2]: NUMBERS[0]} | dict(scenario.asking)
    return SimulatedLinkedIn(
        simulate_members(np.random.default_rng(scenario.seed), world),
        clock,
        # the first token is the one that expires
        tokens=dict(sorted(applications.items(), key=lambda application: application[0] != canary.TOKENS[0])),
        calls_per_day=CALLS_PER_DAY if scenario.tier == "limited" else linkedin.CALLS["full"],
        bursts=scenario.faults.reset,
        faults=scenario.faults,
        seed=scenario.seed,
    )


def _member(token: str, application: str) -> Credential:
    return Credential(SecretStr(token), "", application)


def _key_of_spec(path: bytes) -> str:
    spec = parse_qs(path.decode().partition("?")[2])["targeting_spec"][0]
    return platform("meta").key(json.loads(spec))


def _key_of_criteria(path: bytes) -> str:
    query = path.decode().partition("?")[2]
    spec = next(part for part in query.split("&") if part.startswith("targetingCriteria="))
    return platform("linkedin").key(restli.decode(spec.partition("=")[2]))


def _problem_of_meta(evidence: Evidence, row: Mapping[str, Any], cell: Cell, circumstances: Circumstances) -> str:
    service = evidence.service
    assert isinstance(service, SimulatedMeta)
    spec = json.loads(dict(evidence.platform.request(cell, evidence.query).parameters)["targeting_spec"])
    try:
        count = audiences.count(service.world, targeting.read(spec), evidence.month)
    except GraphError:  # too few people in a circle: Meta tells no number, and the country may have told enough
        count = 0
        if row["status"] == TOO_FEW:
            return ""
    shown = display.estimate(count, "delivery_estimate", service.era)["data"][0]
    small = count < ROUNDED_TO_FLOOR or circumstances.lied_about
    floor = evidence.platform.floor
    match row["status"]:
        case "observed":
            right = _is_shown(row, shown, count, lied_about=circumstances.lied_about)
        case "floored":
            told_apart = service.era == "point" or evidence.earlier.get(row["request_key"], 0) >= 3 * floor
            glitch = "glitch" in circumstances.faults and told_apart
            right = small and row["lower"] == 0 and row["upper"] <= floor and not glitch
        case "deduced":
            right = small and row["upper"] == floor and bool({"floored", "deduced"} & circumstances.wholes)
        case "glitch":
            right = circumstances.lied_about
        case "no_number":
            right = "no_number" in circumstances.faults or (
                row["metric"] == "dau" and (service.era == "bounds" or circumstances.lied_about)
            )
        case "category_removed":
            right = cell.origin in service.withdrawn
        case _:
            return "the collection is not done"
    return "" if right else f"the world holds {count:,} and shows {shown}"


def _is_shown(row: Mapping[str, Any], shown: Mapping[str, Any], count: int, *, lied_about: bool) -> bool:
    """Whether an observed row is what Meta displays of a count."""
    if row["metric"] == "dau":
        daily = int(display.DAILY * count)
        return row["value"] == shown["estimate_dau"] and (row["lower"] <= daily <= row["upper"] or lied_about)
    if "estimate_mau" in shown:
        value = shown["estimate_mau"]
    else:
        value = (shown["estimate_mau_lower_bound"] + shown["estimate_mau_upper_bound"]) / 2
    floor = platform("meta").floor
    return bool(row["value"] == value and value > floor and row["lower"] <= count <= row["upper"])


def _problem_of_linkedin(evidence: Evidence, row: Mapping[str, Any], cell: Cell, circumstances: Circumstances) -> str:
    service = evidence.service
    assert isinstance(service, SimulatedLinkedIn)
    # the entities that were withdrawn held members all the same
    asked = criteria.read(evidence.platform.targeting(dict(evidence.platform.request(cell, evidence.query).parameters)))
    count = criteria.count(service.members, asked, evidence.month)
    shown, floor = linkedin.shown(count), evidence.platform.floor
    bounds = (row["lower"], row["upper"]) == (0, floor)
    match row["status"]:
        case "observed":
            right = row["value"] == shown > 0 and row["lower"] <= count <= row["upper"]
        case "floored":
            sudden = "glitch" in circumstances.faults and evidence.earlier.get(row["request_key"], 0) >= 3 * floor
            right = bounds and (count < floor or circumstances.lied_about) and not sudden
        case "deduced":
            small = count < floor or circumstances.lied_about
            right = small and bounds and bool({"floored", "deduced"} & circumstances.wholes)
        case "glitch":
            right = circumstances.lied_about
        case "refused:invalid_value":
            right = bool((asked.schools | asked.without_schools) & service.withdrawn)
        case _:
            return "the collection is not done"
    return "" if right else f"the world holds {count:,} and shows {shown:,}"


SIDES = {
    "meta": Side(
        platform("meta"), "v26.0", HOUR, canary.credential, _meta, meta_live.LiveMeta, _key_of_spec, _problem_of_meta
    ),
    "linkedin": Side(
        platform("linkedin"),
        "202607",
        4 * HOUR,
        _member,
        _linkedin,
        linkedin_live.LiveLinkedIn,
        _key_of_criteria,
        _problem_of_linkedin,
    ),
}
