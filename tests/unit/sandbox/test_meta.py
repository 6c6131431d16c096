from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from smstock.platforms.base import Action
from smstock.platforms.known import platform
from smstock.platforms.meta import answers, targeting, usage
from smstock.query.lattice import cells
from smstock.query.spec import parse
from smstock.sandbox import audiences
from smstock.sandbox import targeting as understood
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.meta import ACCOUNT, TOKEN, Token, account

if TYPE_CHECKING:
    from smstock.query.meta import MetaQuery
    from smstock.sandbox.world import World

Make = Callable[..., Any]
DE = {"geo_locations": {"countries": ["DE"]}}


def error(reply: Any) -> tuple[int, int | None]:
    """Return code and subcode of a refusal."""
    content = json.loads(reply.body)["error"]
    return content["code"], content.get("error_subcode")


def test_every_cell_of_a_query_is_answered_with_its_true_count(client: Make, world: World) -> None:
    query = cast(
        "MetaQuery",
        parse(
            'name="q"\nplatform="meta"\norigins=["POL","NGA"]\ndestinations=["DEU","NAM"]\nages="18+"\ntotals=true\n'
            'breakdowns=[["sex","age"]]\nage_groups=["18-24","65+"]'
        ),
    )
    asking, meta = client(), platform("meta")
    for cell in cells(query):
        request = meta.request(cell, query)
        reply = asking.get(f"/{request.api_version}/act_{ACCOUNT}/{request.endpoint}", request.parameters)
        reading = meta.read(asking.raw(reply)).reading("mau")
        spec = targeting.spec(cell, query)
        count = audiences.count(world, understood.read(spec), "2026-11")
        assert reading.lower is not None
        assert reading.upper is not None
        assert reading.lower <= count <= reading.upper
    assert asking.service.outcomes == {"ok": len(asking.replies)}


def test_both_endpoints_say_the_same(client: Make, spec: Make) -> None:
    asking = client()
    one, other = (
        answers.read(asking.raw(asking.ask(spec("POL", "DE"), each))) for each in ("delivery_estimate", "reachestimate")
    )
    assert one.reading("mau") == other.reading("mau")


def test_a_client_of_the_web_reaches_it_without_a_socket(client: Make, spec: Make) -> None:
    service = client().service

    def transport(request: httpx.Request) -> httpx.Response:
        reply = service.handle(request.method, request.url.raw_path, request.headers)
        return httpx.Response(reply.status, headers=list(reply.headers), content=reply.body)

    with httpx.Client(transport=httpx.MockTransport(transport), base_url="https://sandbox.test") as web:
        answered = web.get(
            f"/v25.0/act_{ACCOUNT}/reachestimate?targeting_spec={httpx.QueryParams({'q': targeting.text(spec('POL', 'DE'))})['q']}",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
    assert answered.status_code == 200
    assert answered.json()["data"]["estimate_ready"] is True


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v25.0/act_1000000001/delivery_estimate", (100, None)),
        ("/v25.0/act_1/delivery_estimate", (100, 33)),
        ("/v25.0/act_1000000001/insights", (100, 33)),
        ("/v24.0/act_1000000001/delivery_estimate", (2635, None)),
        ("/v2.9/act_1000000001/delivery_estimate", (2635, None)),
        ("/v99.0/act_1000000001/delivery_estimate", (2500, None)),
        ("/act_1000000001/delivery_estimate", (2500, None)),
        ("/v25.0/me", (2500, None)),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_as_meta_does(
    client: Make, path: str, expected: tuple[int, int | None]
) -> None:
    assert error(client().get(path)) == expected


def test_an_expired_version_is_refused_with_the_one_to_use(client: Make) -> None:
    asking = client()
    asking.version = "v24.0"
    asking.clock.now = datetime(2026, 10, 6, tzinfo=UTC).timestamp()
    assert asking.ask(DE).status == 200
    asking.clock.now += 86_400
    read = answers.read(asking.raw(asking.ask(DE)))
    assert read.action is Action.STOP_RUN
    assert read.detail.startswith("use version v26.0:")


def test_credentials_are_checked_and_never_repeated(client: Make) -> None:
    asking = client(tokens={TOKEN: Token(frozenset({ACCOUNT})), "old": Token(frozenset({ACCOUNT}), expires_at=1.0)})
    expected = {"": (104, None), "canary-9f2c": (190, None), "old": (190, 463), TOKEN: None}
    for token, told in expected.items():
        asking.token = token
        reply = asking.get(f"/v25.0/act_{ACCOUNT}/delivery_estimate", {"targeting_spec": json.dumps(DE)})
        assert (error(reply) if reply.status != 200 else None) == told
        assert not token or token.encode() not in reply.body + str(reply.headers).encode()
        if told:
            assert answers.read(asking.raw(reply)).action is Action.STOP_CREDENTIAL
    parameters = {"targeting_spec": json.dumps(DE), "access_token": TOKEN}
    assert asking.get(f"/v25.0/act_{ACCOUNT}/delivery_estimate", parameters, authorization="").status == 200


def test_a_token_asks_for_its_own_accounts_only(client: Make) -> None:
    accounts = {number: account("full") for number in ("1", "2")}
    asking = client(accounts=accounts, tokens={TOKEN: Token(frozenset({"1", "3"}))})
    assert [asking.ask(DE, number=number).status for number in ("1", "2", "3")] == [200, 400, 400]


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [("delivery_estimate", "currency"), ("reachestimate", "currency"), ("reachestimate", "optimize_for")],
)
def test_a_parameter_that_meta_is_known_to_refuse_is_refused(client: Make, endpoint: str, name: str) -> None:
    reply = client().get(f"/v25.0/act_{ACCOUNT}/{endpoint}", {"targeting_spec": json.dumps(DE), name: "1"})
    assert error(reply) == (100, None)
    assert f"Param {name} on field {endpoint}" in reply.body.decode()


@pytest.mark.parametrize("endpoint", ["delivery_estimate", "reachestimate"])
@pytest.mark.parametrize("name", ["pretty", "summary", "bid_amount", "suppress_http_code", "optimization_goal"])
def test_any_other_parameter_changes_nothing(client: Make, endpoint: str, name: str) -> None:
    asking = client()
    plain = {"targeting_spec": json.dumps(DE)}
    path = f"/v25.0/act_{ACCOUNT}/{endpoint}"
    assert asking.get(path, plain | {name: "1"}).body == asking.get(path, plain).body


@pytest.mark.parametrize("spec", ["", "[]", "{", "[" * 100_000])
def test_a_spec_that_is_no_object_is_refused(client: Make, spec: str) -> None:
    assert error(client().get(f"/v25.0/act_{ACCOUNT}/reachestimate", {"targeting_spec": spec})) == (100, None)


def test_only_get_is_answered(client: Make) -> None:
    assert error(client().service.handle("POST", b"/v25.0/search", {})) == (100, None)


def test_the_301st_call_of_an_hour_is_refused_until_the_time_told_is_over(client: Make) -> None:
    asking = client(accounts={ACCOUNT: account("limited")})
    for _ in range(300):
        assert asking.ask(DE).status == 200
        asking.clock.now += 1
    told = usage.read(asking.replies[-1].headers)
    assert (told.call_percent, told.regain_seconds, told.tier) == (100, None, "development_access")
    refused = answers.read(asking.raw(asking.ask(DE)))
    assert (refused.action, refused.wait) == (Action.PAUSE_ACCOUNT, 55 * 60)
    prolonged = answers.read(asking.raw(asking.ask(DE)))
    assert prolonged.wait == 56 * 60
    asking.clock.now += 55 * 60
    assert error(asking.ask(DE)) == (80004, 2446079)
    asking.clock.now += 60
    assert asking.ask(DE).status == 200
    assert asking.service.outcomes == {"ok": 301, "80004": 3}


def test_two_tokens_on_one_account_share_its_quota(client: Make) -> None:
    tokens = {name: Token(frozenset({ACCOUNT})) for name in ("one", "other")}
    asking = client(accounts={ACCOUNT: account("limited")}, tokens=tokens)
    for call in range(301):
        asking.token = ("one", "other")[call % 2]
        asking.ask(DE)
    assert asking.service.outcomes == {"ok": 300, "80004": 1}


@pytest.mark.parametrize("pause", [4, 11])
def test_no_rolling_hour_of_a_day_holds_more_answers_than_the_quota(client: Make, pause: float) -> None:
    asking = client(accounts={ACCOUNT: account("limited")})
    passed = []
    for _ in range(int(86_400 / pause)):
        if asking.ask(DE).status == 200:
            passed.append(asking.clock.now)
        asking.clock.now += pause
    assert len(passed) >= 300
    assert all(earlier + 3600 <= later for earlier, later in zip(passed, passed[300:], strict=False))


def test_who_asks_on_while_blocked_stays_blocked(client: Make) -> None:
    asking = client(accounts={ACCOUNT: account("limited")})
    for _ in range(8640):
        asking.ask(DE)
        asking.clock.now += 10
    assert asking.service.outcomes == {"ok": 300, "80004": 8340}


def test_a_refused_spec_counts_as_a_call_and_a_refused_credential_does_not(client: Make) -> None:
    asking = client(accounts={ACCOUNT: account("limited")})
    asking.ask({"geo_locations": {"countries": ["XX"]}})
    asking.token = "unknown"
    asking.ask(DE)
    assert asking.service.accounts[ACCOUNT].quota.percent(asking.clock()) == 0
    assert len(asking.service.accounts[ACCOUNT].quota.admitted) == 1


def test_others_may_have_spent_half_the_quota(client: Make) -> None:
    asking = client(accounts={ACCOUNT: account("limited")}, faults=FaultPlan(quota_spent=0.5))
    assert [asking.ask(DE).status for _ in range(151)] == [200] * 150 + [400]


def test_the_first_token_expires_in_the_middle_and_a_second_one_goes_on(client: Make) -> None:
    tokens = {name: Token(frozenset({ACCOUNT})) for name in ("first", "second")}
    asking = client(tokens=tokens, faults=FaultPlan(token_expires_after=3))
    asking.token = "first"
    assert [asking.ask(DE).status for _ in range(5)] == [200, 200, 200, 401, 401]
    asking.token = "second"
    assert asking.ask(DE).status == 200
    assert [each.fault for each in asking.service.injected] == ["token_expired"]


def test_a_category_is_withdrawn_in_the_middle(client: Make, spec: Make) -> None:
    asking = client(faults=FaultPlan(category_withdrawn_after=2))
    statuses = [answers.read(asking.raw(asking.ask(spec("POL", "DE")))).reading("mau").status for _ in range(4)]
    assert statuses[2:] == ["category_removed"] * 2
    assert "category_removed" not in statuses[:2]
    assert asking.ask(spec("NGA", "DE")).status == 200
    found = asking.get("/v25.0/search", {"type": "adTargetingCategory", "class": "behaviors", "limit": "500"})
    assert b"Poland" not in found.body
    assert [(each.fault, each.key) for each in asking.service.injected] == [("category_withdrawn", "POL")]


def test_a_version_expires_in_the_middle_and_the_next_one_answers(client: Make) -> None:
    asking = client(faults=FaultPlan(version_expires_after=1))
    assert [asking.ask(DE).status for _ in range(3)] == [200, 400, 400]
    assert b"latest version: v26.0." in asking.replies[-1].body
    asking.version = "v26.0"
    assert asking.ask(DE).status == 200


def test_audiences_change_from_month_to_month_and_not_within_one(client: Make, spec: Make) -> None:
    asking = client()
    first, again = asking.ask(spec("POL", "DE")), asking.ask(spec("POL", "DE"))
    assert first.body == again.body
    asking.clock.now += 40 * 86_400
    assert asking.ask(spec("POL", "DE")).body != first.body
