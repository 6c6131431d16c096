from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smstock.platforms.base import Action, Answer, RawAnswer, Reading
from smstock.platforms.meta.answers import read
from smstock.platforms.meta.collectors import figures
from smstock.vocabulary.status import FAILED, NOT_READY, QUOTA, is_status

NO_CURVE = '"daily_outcomes_curve":[{"spend":0,"reach":0,"impressions":0,"actions":0}]'

# bodies as they were received or published, one of each era and endpoint
USERS_2017 = '{"data":{"users":120,"bid_estimations":[{"unsupported":false,"location":3}],"estimate_ready":true}}'
POINT_2020 = f'{{"data":[{{{NO_CURVE},"estimate_dau":1987,"estimate_mau":2600,"estimate_ready":true}}]}}'
FLOOR_2020 = f'{{"data":[{{{NO_CURVE},"estimate_dau":0,"estimate_mau":1000,"estimate_ready":true}}]}}'
BOUNDS_2022 = (
    f'{{"data":[{{{NO_CURVE},"estimate_dau":88373,"estimate_mau_lower_bound":88900,'
    '"estimate_mau_upper_bound":104600,"estimate_ready":true}]}'
)
BOUNDS_2026 = (
    '{"data":[{"estimate_mau_lower_bound":141700,"estimate_mau_upper_bound":166700,"estimate_ready":true,'
    f'{NO_CURVE},"estimate_dau":0}}],"paging":{{}}}}'
)
REACH_2026 = '{"data":{"users_lower_bound":141700,"users_upper_bound":166700,"estimate_ready":true}}'
SENTINEL_2021 = (
    f'{{"data":[{{{NO_CURVE},"estimate_dau":-1,"estimate_mau":-1,"estimate_ready":true,'
    '"targeting_status":"lookalike_container_without_delivery_lookalike"}]}'
)
ERROR = '{"error":{"message":"Invalid parameter","type":"OAuthException","code":100,"error_subcode":1487756}}'
REAL = [USERS_2017, POINT_2020, FLOOR_2020, BOUNDS_2022, BOUNDS_2026, REACH_2026, SENTINEL_2021, ERROR]


def answer(body: str | bytes, http_status: int = 200, asked_at: str = "", **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else body
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return read(RawAnswer(content, http_status, asked_at, "delivery_estimate", "v25.0", told))


def estimate(**fields: Any) -> Answer:
    return answer(json.dumps({"data": [{"estimate_ready": True, **fields}]}))


def bounds(lower: Any, upper: Any, **fields: Any) -> Answer:
    return estimate(estimate_mau_lower_bound=lower, estimate_mau_upper_bound=upper, **fields)


def mau(told: Answer) -> Reading:
    return told.reading("mau")


def dau(told: Answer) -> Reading:
    return told.reading("dau")


@pytest.mark.parametrize(
    ("body", "monthly", "daily"),
    [
        (USERS_2017, Reading("mau", "observed", 120, 115, 125), Reading("dau", "no_number")),
        (POINT_2020, Reading("mau", "observed", 2600, 2550, 2650), Reading("dau", "observed", 1987, 1987, 1987)),
        (FLOOR_2020, Reading("mau", "floored", None, 0, 1000), Reading("dau", "observed", 0, 0, 0)),
        (
            BOUNDS_2022,
            Reading("mau", "observed", 96750, 88850, 104650),
            Reading("dau", "observed", 88373, 88373, 88373),
        ),
        (BOUNDS_2026, Reading("mau", "observed", 154200, 141650, 166750), Reading("dau", "no_number")),
        (REACH_2026, Reading("mau", "observed", 154200, 141650, 166750), Reading("dau", "no_number")),
        (SENTINEL_2021, Reading("mau", "no_number"), Reading("dau", "no_number")),
    ],
)
def test_every_shape_since_2017(body: str, monthly: Reading, daily: Reading) -> None:
    assert answer(body) == Answer((monthly, daily), Action.KEEP)


def test_data_may_be_the_item_itself_or_a_list_of_it() -> None:
    item = json.loads(POINT_2020)["data"][0]
    assert answer(json.dumps({"data": item})) == answer(POINT_2020)


def test_the_floor_of_users_rises_in_2018() -> None:
    def users(count: int, asked_at: str) -> Reading:
        return mau(answer(f'{{"data":{{"users":{count}}}}}', asked_at=asked_at))

    assert (
        users(20, "2017-01-30T11:23:13Z") == users(20, "2018-02-01T00:00:00Z") == Reading("mau", "floored", None, 0, 20)
    )
    assert users(1000, "2017-01-30T11:23:13Z") == users(1000, "") == Reading("mau", "observed", 1000, 995, 1050)
    assert users(1000, "2018-05-01T00:00:00Z") == Reading("mau", "floored", None, 0, 1000)
    assert users(1100, "2018-05-01T00:00:00Z") == Reading("mau", "observed", 1100, 1050, 1150)
    assert users(30, "2018-02-01T00:00:00Z") == Reading("mau", "observed", 30, 25, 35)


@pytest.mark.parametrize("pair", [(1000, 1000), (0, 1000), (900, 1000)])
def test_bounds_at_the_floor(pair: tuple[int, int]) -> None:
    assert mau(bounds(*pair)) == Reading("mau", "floored", None, 0, 1000)


@pytest.mark.parametrize(
    ("pair", "status"),
    [
        ((104_600, 88_900), "glitch"),
        ((-1, 104_600), "glitch"),
        ((88_900, -3), "glitch"),
        ((None, 104_600), "glitch"),
        ((88_900, 10**11), "glitch"),
        ((-1, -1), "no_number"),
        ((-3, -3), "no_number"),
        ((0, 0), "no_number"),
        ((None, None), "no_number"),
        ((88_900, "104600"), "failed"),
        ((True, True), "failed"),
    ],
)
def test_bounds_that_are_no_audience(pair: tuple[Any, Any], status: str) -> None:
    assert mau(bounds(*pair)) == Reading("mau", status)


def test_one_bound_alone_is_a_glitch() -> None:
    assert mau(estimate(estimate_mau_upper_bound=104_600)).status == "glitch"


def test_while_both_were_sent_the_one_with_a_number_counts() -> None:
    assert mau(bounds(88_900, 104_600, estimate_mau=-1)).value == 96_750
    assert mau(bounds(-1, -1, estimate_mau=97_000)).value == 97_000


@pytest.mark.parametrize("count", [-1, -3, -100, 0, None])
def test_no_number_is_never_an_empty_audience(count: int | None) -> None:
    told = estimate(estimate_mau=count)
    assert mau(told) == Reading("mau", "no_number")
    assert told.action is Action.KEEP


def test_an_empty_list_and_an_empty_estimate_hold_no_number() -> None:
    assert mau(answer('{"data":[]}')) == mau(answer('{"data":[{}]}')) == Reading("mau", "no_number")


@pytest.mark.parametrize(
    "text", ['"2600"', "true", "false", "NaN", "Infinity", "-Infinity", "2600.0", "1e400", "[2600]", "{}"]
)
def test_a_count_that_is_no_json_integer_is_asked_again(text: str) -> None:
    told = answer(f'{{"data":[{{"estimate_mau":{text},"estimate_dau":{text}}}]}}')
    assert [reading.status for reading in told.readings] == ["failed", "failed"]
    assert told.action is Action.RETRY


def test_a_damaged_daily_count_does_not_lose_the_monthly_one() -> None:
    told = estimate(estimate_mau=2600, estimate_dau="1987")
    assert (mau(told).value, dau(told).status, told.action) == (2600, "failed", Action.KEEP)


def test_more_accounts_than_people_are_a_glitch() -> None:
    told = estimate(estimate_mau=99_000_000_000, estimate_dau=10**300)
    assert told.readings == (Reading("mau", "glitch"), Reading("dau", "glitch"))


def test_an_integer_too_long_to_parse_is_no_answer() -> None:
    assert mau(answer(f'{{"data":[{{"estimate_mau":{"9" * 5000}}}]}}')).status == "failed"


@pytest.mark.parametrize("ready", [False, None, 0, "false", "true"])
def test_an_estimate_that_is_not_ready_is_asked_again(ready: Any) -> None:
    told = estimate(estimate_ready=ready, estimate_mau=2600, estimate_dau=1987)
    assert [reading.status for reading in told.readings] == ["not_ready", "not_ready"]
    assert told.action is Action.RETRY


# The daily count.


def test_a_floored_month_beside_more_daily_users_is_a_glitch() -> None:
    # Poland -> Germany, March 2019: 1,000 a month, 600,993 a day
    told = estimate(estimate_mau=1000, estimate_dau=600_993)
    assert told.readings == (Reading("mau", "glitch"), Reading("dau", "observed", 600_993, 600_993, 600_993))
    assert told.action is Action.KEEP
    assert mau(bounds(1000, 1000, estimate_dau=1001)).status == "glitch"


@pytest.mark.parametrize("shown", [1, 499, 997, 1000])
def test_beside_a_floored_month_the_daily_count_is_an_upper_bound(shown: int) -> None:
    monthly, daily = Reading("mau", "floored", None, 0, 1000), Reading("dau", "floored", None, 0, shown)
    assert estimate(estimate_mau=1000, estimate_dau=shown).readings == (monthly, daily)
    assert bounds(1000, 1000, estimate_dau=shown).readings == (monthly, daily)


def test_a_daily_zero_counts_only_beside_a_floored_point() -> None:
    assert dau(estimate(estimate_mau=1000, estimate_dau=0)) == Reading("dau", "observed", 0, 0, 0)
    assert dau(estimate(estimate_mau=1100, estimate_dau=0)) == Reading("dau", "no_number")
    assert dau(bounds(1000, 1000, estimate_dau=0)) == Reading("dau", "no_number")
    assert dau(bounds(88_900, 104_600, estimate_dau=0)) == Reading("dau", "no_number")
    assert dau(estimate(estimate_mau=-1, estimate_dau=0)) == Reading("dau", "no_number")


# What is no estimate.


def test_an_error_is_an_error_at_any_http_status() -> None:
    for http_status in (200, 400, 500):
        told = answer(ERROR, http_status)
        assert {reading.status for reading in told.readings} == {"refused:invalid_geo"}
        assert (told.action, told.detail) == (Action.KEEP, "Invalid parameter (code 100/1487756)")


def test_an_error_beside_data_counts() -> None:
    told = answer('{"data":[{"estimate_mau":2600}],"error":{"code":2,"message":"Service temporarily unavailable"}}')
    assert (mau(told), told.action) == (Reading("mau", "failed"), Action.RETRY)


@pytest.mark.parametrize("error", ['"boom"', "7", "[]", "true"])
def test_an_error_of_another_type_is_still_an_error(error: str) -> None:
    assert mau(answer(f'{{"data":[{{"estimate_mau":2600}}],"error":{error}}}')).status == "failed"


@pytest.mark.parametrize("depth", range(700, 1000, 7))
def test_a_body_nested_as_deep_as_can_just_be_parsed_is_read(depth: int) -> None:
    for field in ('{"error":', '{"data":', '{"error":{"error_data":{"blame_field":'):
        told = answer(field + "[" * depth + "]" * depth + "}" * field.count("{"))
        assert mau(told).status == "failed"


def test_a_throttle_tells_the_pause() -> None:
    usage = '{"1":[{"type":"ads_management","estimated_time_to_regain_access":5}]}'
    told = answer('{"error":{"code":80004,"message":"m"}}', 400, x_business_use_case_usage=usage)
    assert (mau(told).status, told.action, told.wait) == ("quota", Action.PAUSE_ACCOUNT, 300.0)


@pytest.mark.parametrize("http_status", [200, 400, 401, 403, 404, 500, 502, 503])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Service Unavailable",
        b"<!DOCTYPE html><html><title>Sorry, something went wrong.</title></html>",
        POINT_2020[:-9].encode(),
        b"\xff\xfe{}",
        POINT_2020.encode("utf-16"),
        b"null",
        b"2600",
        b'"Service Unavailable"',
        b'[{"estimate_mau":2600}]',
        b"{}",
        b'{"data":null}',
        b'{"data":2600}',
        b'{"data":[2600]}',
        b'{"data":[{"estimate_mau":2600},{"estimate_mau":2700}]}',
        b'{"data":[{"estimate_mau":2600}],"message":"Service Unavailable"}',
        b"[" * 100_000,
        b'{"data":' * 50_000,
    ],
)
def test_what_is_no_estimate_settles_nothing(body: bytes, http_status: int) -> None:
    told = answer(body, http_status)
    assert told.readings == (Reading("mau", "failed"), Reading("dau", "failed"))
    assert told.action is Action.RETRY
    assert f"(HTTP {http_status})" in told.detail


@pytest.mark.parametrize("http_status", [0, 304, 400, 500])
def test_an_estimate_counts_only_if_the_platform_calls_it_a_success(http_status: int) -> None:
    assert mau(answer(POINT_2020, http_status)) == Reading("mau", "failed")


def test_a_page_instead_of_a_throttle_pauses_the_account() -> None:
    assert answer("<html>too many requests</html>", 429).action is Action.PAUSE_ACCOUNT


def test_a_lost_connection_is_told_without_the_token() -> None:
    told = answer("connection reset: https://graph.facebook.com/v25.0/act_1?access_token=EAAsecret", 0)
    assert (
        told.detail
        == "no answer came: connection reset: https://graph.facebook.com/v25.0/act_1?access_token=*** (HTTP 0)"
    )
    assert told.action is Action.RETRY


# Properties.


def numbers_of(body: bytes) -> set[float]:
    """The integers written in a body, and the mean of any two of them."""
    found = {int(digits) for digits in re.findall(rb"\d{1,18}", body)}
    return {float(number) for number in found} | {(one + other) / 2 for one, other in combinations(found, 2)}


def check(told: Answer, body: bytes) -> None:
    assert [reading.metric for reading in told.readings] == ["mau", "dau"]
    assert (told.action is Action.KEEP) == (mau(told).status not in {FAILED, NOT_READY, QUOTA})
    for reading in told.readings:
        assert is_status(reading.status)
        assert (reading.value is not None) == (reading.status == "observed")
        assert (reading.upper is not None) == (reading.lower is not None) == (reading.status in ("observed", "floored"))
        if reading.upper is not None and reading.lower is not None:
            assert 0 <= reading.lower <= (reading.lower if reading.value is None else reading.value) <= reading.upper
        if reading.value is not None:
            assert reading.value in numbers_of(body)


@given(st.binary(), st.sampled_from([0, 200, 400, 429, 500]), st.text())
def test_any_bytes_are_read(body: bytes, http_status: int, asked_at: str) -> None:
    check(answer(body, http_status, asked_at), body)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real body with up to four of its bytes replaced, cut or repeated."""
    body = bytearray(draw(st.sampled_from(REAL)).encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body) - 1))
        body[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.from_regex(rb"\A[0-9,:{}\[\]\".eE-]{1,3}\Z")
        )
    return bytes(body)


@given(mutated())
@example(b'{"data":[{"estimate_mau":2600,"estimate_mau":2700}]}')
@example(b'{"data":[{"estimate_mau":2600}],"error":null}')
def test_a_mutated_body_never_gives_a_number_it_does_not_hold(body: bytes) -> None:
    check(answer(body), body)


FIELDS = [
    "users", "users_lower_bound", "users_upper_bound", "estimate_mau", "estimate_mau_lower_bound",
    "estimate_mau_upper_bound", "estimate_dau", "estimate_ready",
]  # fmt: skip
VALUES = st.integers() | st.integers(-3, 2000) | st.none() | st.booleans() | st.floats() | st.text(max_size=4)


@given(
    st.dictionaries(st.sampled_from(FIELDS), VALUES), st.booleans(), st.sampled_from(["", "2017-01-30", "2020-10-05"])
)
def test_any_combination_of_fields_is_read(fields: dict[str, Any], listed: bool, asked_at: str) -> None:
    body = json.dumps({"data": [fields] if listed else fields}).encode()
    check(answer(body, 200, asked_at), body)


@pytest.mark.parametrize("name", ["users", "estimate_mau"])
@pytest.mark.parametrize("upper", [1100, 1200])
def test_a_lower_bound_at_the_floor_bounds_nothing_also_of_another_collector(name: str, upper: int) -> None:
    content, _ = figures.body({f"{name}_lower_bound": "1000", f"{name}_upper_bound": str(upper)})
    expected = Reading("mau", "observed", (1000 + upper) / 2, 0.0, upper + 50.0)
    assert answer(content, asked_at="2026-11-22T12:00:00Z").reading("mau") == expected
