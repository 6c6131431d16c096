"""Answers of audienceCounts: the floor, the rounding, errors, and bodies that are no answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.base import Action, Answer, RawAnswer, Reading
from smstock.platforms.linkedin import answers, errors, versions
from smstock.vocabulary.status import FAILED, NOT_READY, QUOTA, is_status


def read(body: Any, status: int = 200) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answers.read(RawAnswer(raw, status, "2026-11-22T10:00:00Z", "audienceCounts", "202608"))


def count(total: Any) -> dict[str, Any]:
    return {"elements": [{"active": 0, "total": total}], "paging": {"count": 10, "links": [], "start": 0}}


def test_zero_is_fewer_than_three_hundred_and_not_nobody() -> None:
    answer = read(count(0))
    assert answer.readings == (Reading("total", "floored", None, 0.0, 300.0),)
    assert answer.action is Action.KEEP


@pytest.mark.parametrize(
    ("total", "lower", "upper"),
    [
        (300, 300, 305),
        (310, 305, 315),
        (1000, 995, 1050),
        (56_000, 55_500, 56_500),
        (25_312_600, 25_312_500, 25_312_700),
    ],
)
def test_a_total_stands_for_the_counts_that_its_rule_of_rounding_allows(total: int, lower: float, upper: float) -> None:
    assert read(count(total)).readings == (Reading("total", "observed", total, lower, upper),)


@given(st.integers(300, 10**10))
def test_active_is_not_used(active: int) -> None:
    assert read({"elements": [{"active": active, "total": 310}]}) == read(count(310))


@pytest.mark.parametrize(
    ("total", "status", "action"),
    [
        (-1, "no_number", Action.KEEP),
        (17, "glitch", Action.KEEP),
        (10**12, "glitch", Action.KEEP),
        (None, "failed", Action.RETRY),
        ("310", "failed", Action.RETRY),
        (310.5, "failed", Action.RETRY),
        (True, "failed", Action.RETRY),
    ],
)
def test_a_total_that_is_no_audience_has_no_value(total: Any, status: str, action: Action) -> None:
    answer = read(count(total))
    assert (answer.readings[0].status, answer.readings[0].value, answer.action) == (status, None, action)


@pytest.mark.parametrize(
    ("status", "body", "cell", "action"),
    [
        (400, {"message": "Invalid query parameters passed to request", "serviceErrorCode": 0, "status": 400}, "refused:invalid_parameter", Action.KEEP),
        (400, {"code": "INVALID_VALUE_FOR_FIELD", "message": "x"}, "refused:invalid_value", Action.KEEP),
        (400, {"code": "INCOMPATIBLE_TARGETING_COMBINATION"}, "refused:incompatible_facets", Action.KEEP),
        (422, {"errorDetailType": "FIELD_CANNOT_BE_BOTH_IN_INCLUDED_AND_EXCLUDED_TARGETING"}, "refused:included_and_excluded", Action.KEEP),
        (400, {"code": "AUDIENCE_SIZE_TOO_SMALL"}, "refused:too_few_members", Action.KEEP),
        (401, {"message": "Expired access token", "serviceErrorCode": 65602}, "failed", Action.STOP_CREDENTIAL),
        (403, {"message": "Not enough permissions", "serviceErrorCode": 100}, "failed", Action.STOP_CREDENTIAL),
        (404, {"message": "No virtual resource found"}, "failed", Action.STOP_RUN),
        (411, b"", "failed", Action.STOP_RUN),
        (426, {"message": "Requested version 202401 is not active"}, "failed", Action.STOP_RUN),
        (429, {"message": "Resource level throttle limit for calls to this resource is reached."}, "quota", Action.PAUSE_ACCOUNT),
        (500, {"code": "FAILED_TO_RETRIEVE_AUDIENCE_SIZE"}, "failed", Action.RETRY),
        (400, {"code": "FAILED_TO_RETRIEVE_AUDIENCE_SIZE"}, "failed", Action.RETRY),
        (503, b"<html>Service Unavailable</html>", "failed", Action.RETRY),
        (504, b"", "failed", Action.RETRY),
        (0, b"ReadError: reset by peer", "failed", Action.RETRY),
    ],
)  # fmt: skip
def test_errors_are_told_apart(status: int, body: Any, cell: str, action: Action) -> None:
    answer = read(body, status)
    assert answer.readings == (Reading("total", cell),)
    assert answer.action is action
    assert answer.detail


def test_a_sunset_version_is_told_with_what_to_do() -> None:
    assert "name a newer one (api_version)" in read({"message": "not active"}, 426).detail


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"[1]", b"{}", b"\xff", b'{"elements":{}}', b'{"elements":[]}', b'{"elements":[1]}',
     b'{"elements":[{"total":1},{"total":2}]}', b'{"elements":[{}]}', b"<html></html>", b"[" * 100_000],
)  # fmt: skip
def test_a_body_that_is_no_answer_is_asked_again(body: bytes) -> None:
    answer = read(body)
    assert (answer.readings[0].status, answer.action) == ("failed", Action.RETRY)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["elements", "total", "code", "message"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(json_values, st.sampled_from([0, 200, 400, 401, 422, 429, 500]))
def test_nothing_that_may_come_raises(body: Any, status: int) -> None:
    answer = read(body, status)
    assert is_status(answer.readings[0].status)
    assert (answer.action is Action.KEEP) == (answer.readings[0].status not in {FAILED, NOT_READY, QUOTA})


def test_a_credential_in_an_error_is_not_repeated() -> None:
    token = "AQV" + "x" * 80
    assert token not in read({"message": f"Invalid token {token}", "code": token}, 401).detail


@pytest.mark.parametrize(
    ("version", "today", "day"),
    [
        ("202511", "2026-11-15", ""),
        ("202511", "2026-11-16", "2026-11-16"),
        ("202601", "2026-11-22", ""),
        ("202401", "2026-11-22", "2025-01-15"),
        ("202608", "2026-11-22", ""),
    ],
)
def test_a_version_lives_a_year(version: str, today: str, day: str) -> None:
    assert versions.expired(version, today) == day
    assert not versions.expired(versions.DEFAULT, today)


@given(st.integers(0, 100), st.integers(0, 12), st.binary(max_size=6), st.sampled_from([0, 300, 310, 25_312_600]))
def test_a_number_that_is_told_is_one_that_the_body_holds(place: int, cut: int, put: bytes, total: int) -> None:
    sound = json.dumps(count(total)).encode()
    body = sound[:place] + put + sound[place + cut :]
    reading = read(body).readings[0]
    if reading.value is not None:
        assert reading.value == json.loads(body)["elements"][0]["total"] >= 300
    if reading.status == "floored":
        assert json.loads(body)["elements"][0]["total"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Application is not authorized to access this API product", "serviceErrorCode": 100},
        {"message": "Not enough permissions to access: audienceCounts.FINDER", "serviceErrorCode": 100},
        {"message": "The application has not been approved for this product"},
    ],
)
def test_a_400_about_the_application_is_no_answer_about_a_cell(body: dict[str, Any]) -> None:
    fault = errors.classify(body, 400)
    assert (fault.status, fault.action) == ("failed", Action.STOP_CREDENTIAL)
