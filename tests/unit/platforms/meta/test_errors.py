from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.base import Action
from smstock.platforms.meta.errors import classify
from smstock.vocabulary.status import FAILED, NOT_READY, QUOTA, is_status

# error objects as they were published with issues of collectors and of Meta's own SDKs
THROTTLED: dict[str, Any] = {
    "message": "(#80004) There have been too many calls to this ad-account. Wait a bit and try again. For more info, please "
    "refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting#ads-management.",
    "type": "OAuthException",
    "code": 80004,
    "error_subcode": 2446079,
    "fbtrace_id": "Az",
}
OVERLAP: dict[str, Any] = {
    "message": "Invalid parameter",
    "type": "OAuthException",
    "code": 100,
    "error_data": '{"blame_field":"targeting"}',
    "error_subcode": 1487756,
    "is_transient": False,
    "error_user_title": "Locations Can't Be Used",
    "error_user_msg": "Some of your locations overlap. Try removing a location.",
    "fbtrace_id": "AlPL0SGfrPkTU_raHcFdx_O",
}
EXPIRED: dict[str, Any] = {
    "message": "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v6.0.",
    "code": 2635,
    "type": "OAuthException",
    "fbtrace_id": "ApMcc7aMH33Kblh9Q_oWDc4",
}

RETRY, KEEP = ("failed", Action.RETRY), Action.KEEP
ACCOUNT, APP = ("quota", Action.PAUSE_ACCOUNT), ("quota", Action.PAUSE_APP)
CREDENTIAL, RUN = ("failed", Action.STOP_CREDENTIAL), ("failed", Action.STOP_RUN)


@pytest.mark.parametrize(
    ("code", "subcode", "meaning"),
    [
        (1, None, RETRY),
        (1, 99, ("refused:too_much_data", KEEP)),
        (2, None, RETRY),
        (4, None, APP),
        (4, 1504022, APP),
        (4, 1504039, APP),
        (10, None, CREDENTIAL),
        (17, None, ACCOUNT),
        (17, 2446079, ACCOUNT),
        (17, 1885172, RETRY),
        (32, None, RETRY),
        (100, None, ("refused:invalid_parameter", KEEP)),
        (100, 4242, ("refused:invalid_parameter", KEEP)),
        (100, 33, CREDENTIAL),
        (100, 1487694, ("category_removed", KEEP)),
        (100, 1487756, ("refused:invalid_geo", KEEP)),
        (100, 1870165, ("refused:age_rule", KEEP)),
        (100, 1870199, ("refused:location_types", KEEP)),
        (100, 1885036, ("refused:too_few_users", KEEP)),
        (100, 2446394, ("refused:detailed_targeting", KEEP)),
        (100, 1870219, ("refused:detailed_targeting", KEEP)),
        (3, None, CREDENTIAL),
        (12, None, RUN),
        (102, None, CREDENTIAL),
        (104, None, CREDENTIAL),
        (190, None, CREDENTIAL),
        (190, 463, CREDENTIAL),
        (200, 1870034, CREDENTIAL),
        (270, None, CREDENTIAL),
        (275, None, CREDENTIAL),
        (294, None, CREDENTIAL),
        (341, None, APP),
        (368, None, CREDENTIAL),
        (613, None, ACCOUNT),
        (613, 1487742, ACCOUNT),
        (613, 1996, APP),
        (613, 5044001, RETRY),
        (613, 1487632, RETRY),
        (960, None, RETRY),
        (2500, None, RUN),
        (2635, None, RUN),
        (80000, None, ACCOUNT),
        (80004, None, ACCOUNT),
        (80004, 2446079, ACCOUNT),
        (80014, None, ACCOUNT),
    ],
)
@pytest.mark.parametrize("http_status", [200, 400, 403, 500])
def test_code_and_subcode_decide_whatever_the_http_status(
    code: int, subcode: int | None, meaning: tuple[str, Action], http_status: int
) -> None:
    fault = classify({"code": code, "error_subcode": subcode, "is_transient": False}, http_status)
    assert (fault.status, fault.action) == meaning


@pytest.mark.parametrize(
    ("http_status", "meaning"),
    [
        (0, RETRY),
        (200, RETRY),
        (500, RETRY),
        (503, RETRY),
        (400, ("refused:code_4711", KEEP)),
        (403, ("refused:code_4711", KEEP)),
        (401, CREDENTIAL),
        (429, ACCOUNT),
    ],
)
def test_an_unknown_code_is_read_by_its_http_status(http_status: int, meaning: tuple[str, Action]) -> None:
    fault = classify({"code": 4711, "message": "new"}, http_status)
    assert (fault.status, fault.action) == meaning


def test_an_error_without_a_code_names_the_http_status() -> None:
    assert classify({}, 400).status == "refused:unknown"
    assert classify({}, 503).detail == "an error without a message (HTTP 503)"


@pytest.mark.parametrize("code", [1, 100, 190, 2635, 4711])
def test_a_transient_error_is_asked_again(code: int) -> None:
    fault = classify({"code": code, "is_transient": True}, 400)
    assert (fault.status, fault.action) == RETRY


@pytest.mark.parametrize(("code", "meaning"), [(4, APP), (17, ACCOUNT), (80004, ACCOUNT)])
def test_a_throttle_that_calls_itself_transient_still_pauses(code: int, meaning: tuple[str, Action]) -> None:
    fault = classify({"message": "(#17) User request limit reached", "is_transient": True, "code": code}, 400)
    assert (fault.status, fault.action) == meaning


def test_codes_may_be_text() -> None:
    assert classify({"code": "100", "error_subcode": "1487694"}, 400).status == "category_removed"


def test_the_pause_of_a_throttle_is_read_from_the_headers() -> None:
    usage = '{"1":[{"type":"ads_management","call_count":100,"estimated_time_to_regain_access":11}]}'
    headers = [("x-business-use-case-usage", usage), ("x-ad-account-usage", '{"reset_time_duration":100}')]
    assert classify(THROTTLED, 400, headers).wait == 660.0
    assert classify(THROTTLED, 400).wait is None
    # the header comes with every answer; only a throttle asks for the pause
    assert classify(OVERLAP, 400, headers).wait is None
    assert classify({"code": 2}, 503, headers).wait is None


def test_the_version_to_use_comes_first() -> None:
    assert classify(EXPIRED, 400).detail.startswith("use version v6.0: (#2635) You are calling a deprecated version")
    assert classify({"code": 2635, "message": "deprecated"}, 400).detail == "deprecated (code 2635)"


def test_the_detail_holds_the_words_for_a_person_and_the_codes() -> None:
    assert classify(OVERLAP, 400).detail == (
        "Invalid parameter: Locations Can't Be Used: Some of your locations overlap. Try removing a location. "
        "(code 100/1487756, field targeting)"
    )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ('{"blame_field":"targeting"}', ", field targeting"),
        ({"blame_field_specs": [["targeting_spec"]]}, ", field targeting_spec"),
        ('{"blame_field_specs":[["age_min"]]}', ", field age_min"),
        ({"blame_field_specs": []}, ""),
        ("not JSON", ""),
        ("[" * 100_000, ""),
        (7, ""),
    ],
)
def test_the_blamed_field_is_found_in_text_and_in_objects(data: Any, field: str) -> None:
    assert classify({"code": 100, "message": "Invalid", "error_data": data}, 400).detail == f"Invalid (code 100{field})"


def test_a_credential_never_reaches_the_detail() -> None:
    token = "EAAGm0PX4ZCps" + "b0Q" * 50
    said = {"message": f"Malformed access token {token}", "error_user_msg": f"https://x/?access_token={token}"}
    detail = classify({**said, "code": 190, "error_data": {"blame_field": token}}, 400).detail
    assert "Malformed access token ***" in detail
    assert token[:20] not in detail


def test_long_words_are_cut_and_control_characters_dropped() -> None:
    detail = classify({"code": 2, "message": "\x1b[31mred\n\nalert " + "x" * 5000}, 500).detail
    assert detail.startswith("[31mred alert xxx")
    assert detail.endswith("... (code 2)")
    assert len(detail) < 330


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([["x"]]) | st.just({"blame_field": 1})
)
names = ["message", "type", "code", "error_subcode", "error_data", "is_transient", "error_user_title", "error_user_msg"]
codes = st.sampled_from([1, 4, 17, 100, 190, 613, 2635, 80004, 1487756, 33])


@given(
    st.dictionaries(st.sampled_from(names), values),
    st.fixed_dictionaries({}, optional={"code": codes, "error_subcode": codes}),
    st.integers(0, 600),
)
def test_any_error_is_classified(anything: dict[str, Any], coded: dict[str, Any], http_status: int) -> None:
    fault = classify({**anything, **coded}, http_status)
    assert is_status(fault.status)
    assert (fault.action is KEEP) == (fault.status not in {FAILED, NOT_READY, QUOTA})
    assert fault.detail
    assert json.loads(json.dumps(fault.detail)) == fault.detail
