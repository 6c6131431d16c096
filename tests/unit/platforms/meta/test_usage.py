from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.meta.usage import Usage, read, regain_seconds

# the three headers as Meta's page on rate limiting shows them
ACCOUNT = (
    "x-ad-account-usage",
    '{"acc_id_util_pct":9.67,"reset_time_duration":100,"ads_api_access_tier":"standard_access"}',
)
APP = ("x-app-usage", '{"call_count":28,"total_time":25,"total_cputime":26}')


def bucket(**told: Any) -> dict[str, Any]:
    ordinary = {"type": "ads_management", "call_count": 95, "total_cputime": 20, "total_time": 21}
    return {**ordinary, "estimated_time_to_regain_access": 0, "ads_api_access_tier": "development_access", **told}


def business(value: Any) -> tuple[str, str]:
    return "x-business-use-case-usage", json.dumps(value)


def test_every_header_is_read_and_the_limit_nearest_to_its_end_counts() -> None:
    assert read([business({"123": [bucket()]}), ACCOUNT, APP]) == Usage(95.0, 26.0, 100.0, "development_access")


def test_the_use_case_limit_tells_minutes() -> None:
    assert regain_seconds([business({"act_123": [bucket(estimated_time_to_regain_access=7)]})]) == 420.0


def test_the_account_limit_tells_seconds() -> None:
    assert regain_seconds([ACCOUNT]) == 100.0


def test_the_longest_wait_counts() -> None:
    assert regain_seconds([business({"1": [bucket(estimated_time_to_regain_access=1)]}), ACCOUNT]) == 100.0
    assert regain_seconds([business({"1": [bucket(estimated_time_to_regain_access=2)]}), ACCOUNT]) == 120.0


def test_every_key_and_every_item_is_looked_at_but_no_other_use_case() -> None:
    told = {
        "business": [bucket(type="ads_insights", call_count=100, estimated_time_to_regain_access=60)],
        "act_1": [bucket(call_count=3), bucket(call_count=101, estimated_time_to_regain_access=4)],
    }
    assert read([business(told)]) == Usage(101.0, 21.0, 240.0, "development_access")


def test_header_names_may_be_of_any_case() -> None:
    assert read([("X-App-Usage", APP[1])]).call_percent == 28.0


@pytest.mark.parametrize(
    "headers", [[], [("content-type", "application/json")], [business({"1": [bucket(type="pages")]})]]
)
def test_an_absent_header_is_no_information(headers: list[tuple[str, str]]) -> None:
    assert read(headers) == Usage(None, None, None, "")


def test_a_wait_of_zero_is_no_wait() -> None:
    assert regain_seconds([business({"1": [bucket()]})]) is None


@pytest.mark.parametrize("number", ["true", '"95"', "null", "-1", "NaN", "Infinity", "1e400", "9" * 500, "[1]", "{}"])
def test_what_is_no_amount_is_passed_over(number: str) -> None:
    assert read([("x-app-usage", f'{{"call_count":{number},"total_time":25}}')]) == Usage(None, 25.0)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "95", "<html>", "[" * 100_000, '{"1":{}}', '{"1":[null,[]]}'])
def test_a_damaged_header_is_no_information(text: str) -> None:
    assert read([("x-business-use-case-usage", text), ("x-ad-account-usage", text)]) == Usage()


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.none(), max_size=1)
limits = st.fixed_dictionaries({}, optional=dict.fromkeys([*bucket(), "reset_time_duration"], values))


@given(limits, values, st.text())
def test_whatever_the_headers_hold_a_wait_is_positive_or_none(limit: dict[str, Any], other: Any, text: str) -> None:
    told = business({"1": [{**bucket(), **limit}, other], "2": other})
    usage = read([told, ("x-ad-account-usage", json.dumps(limit)), ("x-app-usage", text)])
    assert usage.regain_seconds is None or usage.regain_seconds > 0
