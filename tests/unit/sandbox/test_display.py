from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.base import Answer, RawAnswer
from smstock.platforms.meta import answers
from smstock.query.meta import Endpoint
from smstock.sandbox import display
from smstock.sandbox.display import Era

counts = st.integers(0, 3_000_000_000) | st.integers(0, 2000) | st.integers(900_000, 1_300_000)
endpoints = st.sampled_from(get_args(Endpoint))
eras = st.sampled_from(get_args(Era))
MONTHS = {"point": "2020-10-05T07:40:47Z", "bounds": "2026-11-22T12:00:00Z"}


def read(content: dict[str, Any], era: Era) -> Answer:
    return answers.read(RawAnswer(json.dumps(content).encode(), 200, MONTHS[era], "", "v25.0"))


@given(counts, endpoints, eras)
def test_what_is_shown_reads_back_to_an_interval_that_holds_the_count(count: int, endpoint: Endpoint, era: Era) -> None:
    reading = read(display.estimate(count, endpoint, era), era).reading("mau")
    assert reading.status == ("floored" if reading.upper == 1000 else "observed")
    assert reading.lower is not None
    assert reading.upper is not None
    # counts of 1,000 to 1,049 are shown as the floor, which is read as 1,000 at most
    slack = 49 if era == "point" and reading.status == "floored" else 0
    assert reading.lower <= count <= reading.upper + slack


@given(counts)
def test_daily_accounts_read_back_too(count: int) -> None:
    reading = read(display.estimate(count, "delivery_estimate", "point"), "point").reading("dau")
    assert reading.lower is not None
    assert reading.upper is not None
    assert reading.lower <= int(display.DAILY * count) <= reading.upper


@given(counts, endpoints)
def test_daily_accounts_are_not_told_since_2026(count: int, endpoint: Endpoint) -> None:
    assert read(display.estimate(count, endpoint, "bounds"), "bounds").reading("dau").status == "no_number"


@given(counts, counts)
def test_more_accounts_never_show_a_smaller_number(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert display.point(fewer) <= display.point(more)
    assert all(low <= high for low, high in zip(display.bounds(fewer), display.bounds(more), strict=True))


@given(endpoints, eras)
def test_sentinels_are_no_numbers(endpoint: Endpoint, era: Era) -> None:
    assert read(display.no_number(endpoint, era), era).reading("mau").status == "no_number"
    assert read(display.not_ready(endpoint, era), era).reading("mau").status == "not_ready"


def test_a_glitch_shows_in_the_point_era_by_its_daily_accounts() -> None:
    assert read(display.floored(610_000, "delivery_estimate", "point"), "point").reading("mau").status == "glitch"
    assert read(display.floored(610_000, "delivery_estimate", "bounds"), "bounds").reading("mau").status == "floored"


@pytest.mark.parametrize(
    ("endpoint", "era", "keys"),
    [
        ("delivery_estimate", "point", {"estimate_mau", "estimate_dau", "estimate_ready", "daily_outcomes_curve"}),
        (
            "delivery_estimate",
            "bounds",
            {
                "estimate_mau_lower_bound",
                "estimate_mau_upper_bound",
                "estimate_dau",
                "estimate_ready",
                "daily_outcomes_curve",
            },
        ),
        ("reachestimate", "point", {"users", "estimate_ready"}),
        ("reachestimate", "bounds", {"users_lower_bound", "users_upper_bound", "estimate_ready"}),
    ],
)
def test_a_body_has_the_keys_of_its_endpoint_and_era(endpoint: Endpoint, era: Era, keys: set[str]) -> None:
    data = display.estimate(88_373, endpoint, era)["data"]
    assert isinstance(data, list) == (endpoint == "delivery_estimate")
    assert set(data[0] if isinstance(data, list) else data) == keys
