from __future__ import annotations

import json
from collections import Counter
from math import sqrt
from typing import TYPE_CHECKING, Any

import pytest

from smstock.errors import UsageError
from smstock.platforms.meta import answers
from smstock.platforms.meta.targeting import key
from smstock.sandbox import audiences, targeting
from smstock.sandbox.faults import ANSWER_FAULTS, GLITCH_FROM, PLANS, FaultPlan, draw
from smstock.sandbox.reply import answer, spoilt

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.sandbox.display import Era
    from smstock.sandbox.world import World

RATES: dict[str, Any] = dict.fromkeys(ANSWER_FAULTS, 0.04)
EVERY = FaultPlan(**RATES, not_ready=0.1, glitch=0.2)


def specs() -> list[dict[str, Any]]:
    """Return some thousand different specs, large audiences and small ones."""
    return [
        {"geo_locations": {"countries": [country]}, "age_min": minimum, "age_max": maximum, "genders": [sex]}
        for country in ("AT", "DE", "NA", "NG", "PL", "RS", "US")
        for sex in (1, 2)
        for minimum in range(18, 40)
        for maximum in range(45, 55)
    ]


def within(observed: float, rate: float, cases: int) -> bool:
    """Whether a share is within four standard errors of its rate."""
    return abs(observed - rate) < 4 * sqrt(rate * (1 - rate) / cases)


@pytest.mark.parametrize("era", ["point", "bounds"])
def test_every_fault_comes_at_its_rate_and_nothing_false_is_told(
    client: Callable[..., Any], world: World, era: Era
) -> None:
    asking = client(faults=EVERY, era=era)
    large, floored = 0, set()
    for spec in specs():
        count = audiences.count(world, targeting.read(spec), "2026-11")
        large += count >= GLITCH_FROM
        reading = answers.read(asking.raw(asking.ask(spec))).reading("mau")
        if reading.status == "observed":
            assert reading.lower is not None
            assert reading.upper is not None
            assert reading.lower <= count <= reading.upper
        elif reading.status in ("floored", "glitch") and count > 1049:
            floored.add(key(spec))
    assert floored == {each.key for each in asking.service.injected if each.fault == "glitch"}
    injected = Counter(each.fault for each in asking.service.injected)
    asked = len(asking.replies)
    for fault in ANSWER_FAULTS:
        assert within(injected[fault] / asked, 0.04, asked), fault
    # state faults are told only where the body is legible: neither replaced, cut nor without a number
    legible = 1 - 0.04 * 8
    assert within(injected["not_ready"] / asked, 0.1 * legible, asked)
    assert within(injected["glitch"] / large, 0.2 * 0.9 * legible, large)


def test_what_a_request_meets_does_not_depend_on_the_others(client: Callable[..., Any]) -> None:
    some = specs()[:200]
    forward, backward = client(faults=EVERY), client(faults=EVERY)
    one = {key(spec): forward.ask(spec).body for spec in some}
    other = {key(spec): backward.ask(spec).body for spec in reversed(some)}
    assert one == other
    assert one != {key(spec): client(faults=EVERY, seed=2).ask(spec).body for spec in some}


def test_an_estimate_is_ready_after_some_asking(client: Callable[..., Any], spec: Callable[..., Any]) -> None:
    asking = client(faults=FaultPlan(not_ready=1.0, not_ready_asks=2))
    statuses = [answers.read(asking.raw(asking.ask(spec("POL", "DE")))).reading("mau").status for _ in range(4)]
    assert statuses[:2] == ["not_ready"] * 2
    assert "not_ready" not in statuses[2:]


def test_a_glitch_stays_for_the_month_and_spares_small_audiences(
    client: Callable[..., Any], spec: Callable[..., Any]
) -> None:
    asking = client(faults=FaultPlan(glitch=1.0), era="point")
    everyone = {"geo_locations": {"countries": ["DE"]}}
    statuses = {answers.read(asking.raw(asking.ask(everyone))).reading("mau").status for _ in range(3)}
    assert statuses == {"glitch"}
    asking.ask(spec("SRB", "NA", age_min=60, age_max=60))
    assert Counter(each.fault for each in asking.service.injected) == {"glitch": 3}


@pytest.mark.parametrize("body", [answer({"data": [{"estimate_mau": 2600}]}), answer({"data": {"users": 20}})])
@pytest.mark.parametrize("fault", ["malformed", "truncated", "empty"])
def test_a_spoilt_body_is_no_json(body: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Extra"):
        json.loads(spoilt(body, fault, FaultPlan()).body)


def test_faults_of_the_wire_are_told_to_the_server() -> None:
    plan, sound = FaultPlan(slow_seconds=3, late_seconds=99), answer({"data": []})
    assert spoilt(sound, "reset", plan).status == 0
    assert [spoilt(sound, fault, plan).delay for fault in ("slow", "late", "")] == [3, 99, 0]
    assert spoilt(sound, "duplicate", plan) == sound._replace(copies=2)
    assert spoilt(sound, "", plan) == sound


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({"reset": 1.5}, "reset has the rate 1\\.5"),
        ({"glitch": -0.1}, "glitch"),
        ({"reset": 0.6, "empty": 0.6}, "1\\.2 together"),
    ],
)
def test_what_is_no_rate_is_refused(rates: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        FaultPlan(**rates)


def test_plans_grow_worse() -> None:
    none, some, many = (PLANS[level] for level in ("none", "some", "many"))
    assert none == FaultPlan()
    for fault in ANSWER_FAULTS:
        assert 0 == getattr(none, fault) <= getattr(some, fault) <= getattr(many, fault) > 0


def test_draws_are_even() -> None:
    drawn = [draw(1, "fault", place) for place in range(4000)]
    assert all(0 <= each < 1 for each in drawn)
    shares = Counter(int(10 * each) for each in drawn)
    assert all(within(shares[tenth] / 4000, 0.1, 4000) for tenth in range(10))
