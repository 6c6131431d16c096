from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import os
import traceback
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx
from benchmarks.reliability import virtual_time
from benchmarks.speed import pace
from pydantic import SecretStr

import smstock
from smstock.errors import CredentialError, QuotaError, SettingsError, UsageError
from smstock.platforms.base import Action, RawAnswer, Request, Source
from smstock.platforms.meta.accounts import FULL, LIMITED, accounts
from smstock.platforms.meta.live import LiveMeta
from smstock.platforms.meta.platform import META
from smstock.query.lattice import Cell
from smstock.vocabulary.facets import Ages
from smstock.web.client import Client
from smstock.web.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CANARY = "EAAGm0PX4ZCpsBAcanarycanary7Qf9"
SECRET = "0123456789abcdef0123456789abcdef"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
SPEC = '{"age_min":18,"flexible_spec":[{"behaviors":[{"id":"6019396657183"}]}],"geo_locations":{"countries":["DE"]}}'
REQUEST = Request(
    key="k",
    cell=Cell("DEU", "POL", "all", Ages(18, None)),
    endpoint="delivery_estimate",
    api_version="v25.0",
    parameters=(("optimization_goal", "REACH"), ("targeting_spec", SPEC)),
)

ESTIMATE = '{"data":[{"estimate_mau_lower_bound":88900,"estimate_mau_upper_bound":104600,"estimate_ready":true}]}'
CURVE = '"daily_outcomes_curve":[{"spend":0,"reach":0,"impressions":0,"actions":0}]'


def error(code: int, subcode: int | None = None, message: str = "m", **more: Any) -> str:
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Az", **more}
    return json.dumps({"error": told if subcode is None else {**told, "error_subcode": subcode}})


THROTTLED = error(
    80004, 2446079, "(#80004) There have been too many calls to this ad-account. Wait a bit and try again."
)
EXPIRED = error(190, 463, "Error validating access token: Session has expired")


def quota(**told: Any) -> dict[str, str]:
    """The header of an account's hour."""
    return {"x-business-use-case-usage": json.dumps({"1": [{"type": "ads_management", **told}]})}


def said(body: str, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, content=body.encode(), headers=headers)


def credential(account: str = "1", token: str = CANARY, **more: Any) -> Credential:
    return Credential(SecretStr(token), account, **more)


class Graph:
    """The platform: answers to each account, or to each token, in turn and the last one for ever; notes who asked when."""

    def __init__(
        self, scripts: dict[str, list[httpx.Response | Exception]] | None = None, latency: float = 0.0
    ) -> None:
        self.scripts = scripts or {}
        self.latency = latency
        self.asked: list[tuple[float, str, str]] = []
        self.urls: list[bytes] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        account = request.url.path.split("/")[2]
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.asked.append((asyncio.get_running_loop().time(), account, token))
        self.urls.append(request.url.raw_path)
        await asyncio.sleep(self.latency)
        script = self.scripts.get(token) or self.scripts.get(account) or [said(ESTIMATE)]
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    def times(self, account: str = "act_1") -> list[float]:
        return [time for time, asked, _ in self.asked if asked == account]

    def tokens(self) -> list[str]:
        return [token for _, _, token in self.asked]


class Run:
    """What a collection left: the answers, and the source that brought them."""

    def __init__(self) -> None:
        self.answers: list[RawAnswer] = []
        self.source: LiveMeta
        self.ended = 0.0


def collect(
    graph: Graph,
    credentials: list[Credential],
    *,
    cells: int = 1,
    workers: int = 1,
    journal: list[RawAnswer] | None = None,
    request: Request = REQUEST,
    run: Run | None = None,
    **options: Any,
) -> Run:
    """Settle some cells in virtual time, asking again whatever an answer did not settle."""
    run = run or Run()

    async def settle(todo: Iterator[int]) -> None:
        for _ in todo:
            action = None
            while action is not Action.KEEP:
                raw = await run.source.ask(request)
                run.answers.append(raw)
                # as a collector that journals first
                await asyncio.sleep(0)

                action = META.read(raw).action

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with LiveMeta(
            credentials,
            Client(),
            clock=loop.time,
            now=lambda: START + timedelta(seconds=loop.time()),
            **options,
        ) as run.source:
            run.source.prime(journal or [])
            todo = iter(range(cells))
            try:
                await asyncio.gather(*(settle(todo) for _ in range(workers)))
            finally:
                run.ended = loop.time()

    with respx.mock(assert_all_called=False) as router:
        router.route().mock(side_effect=graph)
        virtual_time.run(main)
    return run


def test_the_live_platform_is_a_source_that_asks_again() -> None:
    source: Source = LiveMeta([credential()], Client())
    assert source.attempts > 1


def test_only_the_parameters_that_the_endpoint_accepts_are_sent() -> None:
    graph = Graph()
    odd = replace(REQUEST, parameters=(*REQUEST.parameters, ("currency", "EUR"), ("pretty", "0")))
    collect(graph, [credential()], request=odd)
    collect(graph, [credential()], request=replace(odd, endpoint="reachestimate", api_version="v26.0"))
    spec = (
        b"targeting_spec=%7B%22age_min%22%3A18%2C%22flexible_spec%22%3A%5B%7B%22behaviors%22%3A%5B%7B%22id%22%3A"
        b"%226019396657183%22%7D%5D%7D%5D%2C%22geo_locations%22%3A%7B%22countries%22%3A%5B%22DE%22%5D%7D%7D"
    )
    assert graph.urls == [
        b"/v25.0/act_1/delivery_estimate?optimization_goal=REACH&" + spec,
        b"/v26.0/act_1/reachestimate?" + spec,
    ]


@pytest.mark.parametrize("date", ["Wed, 23 Dec 2026 10:00:00 GMT", "Sat, 21 Nov 2026 09:59:00 GMT"])
def test_an_answer_of_another_day_than_the_clock_says_is_refused(date: str) -> None:
    run, graph = Run(), Graph({"act_1": [said(ESTIMATE, headers={"date": date})]})
    with pytest.raises(UsageError, match=r"the clock says 2026-11-22 10:00, and the platform 2026-1\d-2\d") as refused:
        collect(graph, [credential()], run=run)
    assert refused.value.hint == "set the clock; the answer was not kept"
    assert run.answers == []


@pytest.mark.parametrize("date", ["Sun, 22 Nov 2026 23:00:00 GMT", "Sun, 22 Nov 2026", "yesterday", "", "1 Jan 0000 x"])
def test_a_date_that_is_near_or_cannot_be_read_refuses_no_answer(date: str) -> None:
    graph = Graph({"act_1": [said(ESTIMATE, headers={"date": date})]})
    assert len(collect(graph, [credential()]).answers) == 1


def test_an_answer_tells_who_asked_when_and_how() -> None:
    graph = Graph({"act_1": [said(ESTIMATE, headers={**quota(call_count=1), "x-fb-trace-id": "C8T", "server": "x"})]})
    (raw,) = collect(graph, [credential()]).answers
    usage = quota(call_count=1)["x-business-use-case-usage"]
    assert raw == RawAnswer(
        body=ESTIMATE.encode(),
        http_status=200,
        asked_at="2026-11-22T10:00:00Z",
        endpoint="delivery_estimate",
        api_version="v25.0",
        headers=(("x-business-use-case-usage", usage), ("x-fb-trace-id", "C8T")),
        account="act_1",
    )


# the bodies that were received or published since 2017, of both endpoints, and of every kind of error
@pytest.mark.parametrize(
    ("body", "status", "action"),
    [
        (
            '{"data":{"users":120,"bid_estimations":[{"unsupported":false,"location":3}],"estimate_ready":true}}',
            200,
            "keep",
        ),
        (f'{{"data":[{{{CURVE},"estimate_dau":1987,"estimate_mau":2600,"estimate_ready":true}}]}}', 200, "keep"),
        (ESTIMATE, 200, "keep"),
        ('{"data":{"users_lower_bound":141700,"users_upper_bound":166700,"estimate_ready":true}}', 200, "keep"),
        (f'{{"data":[{{{CURVE},"estimate_dau":-1,"estimate_mau":-1,"estimate_ready":true}}]}}', 200, "keep"),
        ('{"data":[{"estimate_mau":2600,"estimate_ready":false}]}', 200, "retry"),
        (error(100, 1487756, error_data='{"blame_field":"targeting"}', is_transient=False), 400, "keep"),
        (error(100, None, "(#100) Param currency on field delivery_estimate: This param is not valid"), 400, "keep"),
        (error(100, 1487694), 400, "keep"),
        (error(2635, None, "(#2635) You are calling a deprecated version of the Ads API."), 400, "stop_run"),
        (error(32, None, "(#32) Page request limit reached"), 400, "retry"),
        (error(2, None, "Service temporarily unavailable", is_transient=True), 500, "retry"),
        (error(1, None, "An unknown error occurred"), 200, "retry"),
        (THROTTLED, 400, "pause_account"),
        (error(17, 2446079, is_transient=True), 400, "pause_account"),
        (error(613, 1487742), 400, "pause_account"),
        (error(4), 403, "pause_app"),
        (EXPIRED, 401, "stop_credential"),
        (error(100, 33), 400, "stop_credential"),
        ("<html><body>Sorry, something went wrong.</body></html>", 503, "retry"),
        ("", 200, "retry"),
        ('{"data":[{"estimate_mau_lower', 200, "retry"),
    ],
)
def test_every_answer_reaches_the_collector_as_it_came(body: str, status: int, action: str) -> None:
    async def once() -> None:
        async with LiveMeta([credential()], Client()) as source:
            raw = await source.ask(REQUEST)
            assert (raw.body, raw.http_status) == (body.encode(), status)
            assert META.read(raw).action == action

    with respx.mock as router:
        router.get().respond(status, content=body.encode())
        virtual_time.run(once)


def test_passing_faults_ask_for_no_pause_of_the_account() -> None:
    faults: list[httpx.Response | Exception] = [
        said("<html>", 503),
        said(""),
        httpx.ReadError("reset"),
        said(error(2), 500),
        said(ESTIMATE),
    ]
    graph = Graph({"act_1": faults})
    run = collect(graph, [credential()])
    assert [raw.http_status for raw in run.answers] == [503, 200, 0, 500, 200]
    assert run.answers[2].body == b"ReadError: reset"
    assert graph.times() == [0.0] * 5


def test_calls_that_were_never_sent_spend_no_quota() -> None:
    lost: list[httpx.Response | Exception] = [httpx.ConnectError("no route")] * 400
    graph = Graph({"act_1": [*lost, said(ESTIMATE)]})
    collect(graph, [credential()])
    assert graph.times()[-1] == 0


def test_two_tokens_of_one_account_share_its_quota() -> None:
    graph = Graph()
    collect(graph, [credential(), credential(token="other")], cells=301)
    assert graph.times()[299:] == [0.0, 3601.0]
    apart = Graph()
    collect(apart, [credential(), credential(token="other", account="2")], cells=600)
    assert max(apart.times("act_1") + apart.times("act_2")) == 0
    assert len(apart.times("act_1")) == 300


def test_an_account_with_active_ads_may_ask_more() -> None:
    graph = Graph()
    collect(graph, [credential(active_ads=2)], cells=381)
    assert graph.times()[379:] == [0.0, 3601.0]


def test_a_throttle_waits_the_minutes_of_the_one_header() -> None:
    told = quota(call_count=100, estimated_time_to_regain_access=7)
    graph = Graph({"act_1": [said(THROTTLED, 400, told), said(ESTIMATE)]})
    collect(graph, [credential()])
    # a minute more, since the header tells whole minutes
    assert graph.times() == [0.0, 8 * 60.0]


def test_a_throttle_waits_the_seconds_of_the_other_header() -> None:
    told = {
        "x-ad-account-usage": '{"acc_id_util_pct":100,"reset_time_duration":280,"ads_api_access_tier":"development_access"}'
    }
    graph = Graph({"act_1": [said(error(17, 2446079), 400, told), said(ESTIMATE)]})
    collect(graph, [credential()])
    assert graph.times() == [0.0, 280.0 + 60]


def test_a_throttle_without_a_code_waits_as_http_tells() -> None:
    graph = Graph({"act_1": [said('{"error":{}}', 429, {"retry-after": "600"}), said(ESTIMATE)]})
    collect(graph, [credential()])
    assert graph.times() == [0.0, 600.0 + 60]


def test_a_throttle_that_tells_no_time_waits_5_then_15_then_60_minutes() -> None:
    graph = Graph({"act_1": [*[said(THROTTLED, 400)] * 4, said(ESTIMATE), said(THROTTLED, 400), said(ESTIMATE)]})
    collect(graph, [credential()], cells=2)
    minutes = [time / 60 for time in graph.times()]
    assert minutes == [0, 5, 20, 80, 140, 140, 145]


def test_calls_that_were_refused_together_are_one_refusal() -> None:
    graph = Graph({"act_1": [said(THROTTLED, 400), said(THROTTLED, 400), said(ESTIMATE)]}, latency=1.0)
    collect(graph, [credential()], cells=2, workers=2)
    assert graph.times() == [0.0, 0.0, 301.0, 301.0]


def test_a_throttled_account_holds_up_no_other() -> None:
    told = quota(call_count=100, estimated_time_to_regain_access=30)
    graph = Graph({"act_1": [said(THROTTLED, 400, told), said(ESTIMATE)]}, latency=0.5)
    collect(graph, [credential(), credential("2")], cells=299, workers=4)
    assert len(graph.times("act_2")) >= 298
    assert max(graph.times("act_2")) < 300
    assert not [time for time in graph.times("act_1") if 1 < time < 31 * 60]


def test_an_app_that_is_throttled_pauses_its_accounts_and_no_others() -> None:
    graph = Graph({"act_1": [said(error(4, None, "(#4) Application request limit reached"), 403), said(ESTIMATE)]})
    found = [credential("1", app="a"), credential("2", app="a"), credential("3", app="b")]
    collect(graph, found, cells=302)
    assert len(graph.times("act_3")) == 300
    assert max(graph.times("act_3")) == 0
    assert [time for time in graph.times("act_1") + graph.times("act_2") if time > 0] == [300.0, 300.0]


def test_a_dead_token_is_dropped_and_the_account_goes_on_with_its_next() -> None:
    graph = Graph({"first": [said(ESTIMATE), said(ESTIMATE), said(EXPIRED, 400)]}, latency=1.0)
    run = collect(graph, [credential(token="first"), credential(token="second")], cells=6, workers=2)
    # both calls under way met the expiry; the second token outlived it
    assert Counter(graph.tokens()) == {"first": 4, "second": 4}
    assert run.source.dropped == ["act_1: Error validating access token: Session has expired (code 190/463)"]


def test_a_dead_account_is_dropped_and_the_others_go_on() -> None:
    graph = Graph({"act_1": [said(error(100, 33, "Unsupported get request"), 400)]})
    run = collect(graph, [credential("1"), credential("2")], cells=5)
    assert Counter(account for _, account, _ in graph.asked) == {"act_1": 1, "act_2": 5}
    assert run.source.concurrency == 2


def test_without_a_credential_left_the_run_ends_for_all_who_wait_and_names_each() -> None:
    throttled = said(THROTTLED, 400, quota(estimated_time_to_regain_access=30))
    graph = Graph({"act_1": [said(EXPIRED, 400)], "act_2": [throttled, said(error(200), 403)]}, latency=1.0)
    with pytest.raises(CredentialError) as caught:
        collect(graph, [credential("1"), credential("2")], cells=8, workers=2)
    assert str(caught.value) == (
        "no usable credential is left\n"
        "  where:   act_1: Error validating access token: Session has expired (code 190/463); act_2: m (code 200)\n"
        "  next:    renew what the platform names; running again goes on where this run stopped"
    )
    assert set(graph.times("act_2")) == {0.0, 1 + 31 * 60.0}


def test_who_waits_for_the_last_credential_learns_at_once_that_it_died() -> None:
    graph, run = Graph({"act_1": [*[said(ESTIMATE)] * 299, said(EXPIRED, 400)]}, latency=1.0), Run()
    with pytest.raises(CredentialError):
        collect(graph, [credential()], cells=302, workers=3, run=run)
    assert run.ended == 150.0


def test_who_waits_for_a_place_gets_it() -> None:
    async def together() -> list[RawAnswer]:
        async with LiveMeta([credential()], Client(), clock=asyncio.get_running_loop().time) as source:
            return await asyncio.gather(*(source.ask(REQUEST) for _ in range(7)))

    graph = Graph(latency=1.0)
    with respx.mock as router:
        router.get().mock(side_effect=graph)
        assert len(virtual_time.run(together)) == 7
    assert graph.times() == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0]


def test_beyond_its_patience_a_run_does_not_wait() -> None:
    graph, run = Graph(), Run()
    with pytest.raises(QuotaError, match="the quota of every account is spent for the next 61 min") as caught:
        collect(graph, [credential()], cells=301, patience=3600.0, run=run)
    assert caught.value.exit_code == 4
    assert len(run.answers) == 300
    patient = Graph()
    collect(patient, [credential()], cells=900, patience=2.1 * 3600)
    assert patient.times()[-1] == 7202.0
    # it may end later than it waits, if it need not wait
    slow = Graph(latency=50.0)
    collect(slow, [credential()], cells=20, patience=0.0)
    assert slow.times()[-1] == 950.0


def test_the_full_tier_is_taken_over_from_the_header() -> None:
    graph = Graph({"act_1": [said(ESTIMATE, headers=quota(call_count=1, ads_api_access_tier=FULL))]}, latency=1.0)
    run = collect(graph, [credential()], cells=400)
    assert graph.times()[-1] == 399
    # 100,000 an hour at a second each, and a quarter more
    assert run.source.concurrency == 35
    assert LiveMeta([credential(), credential("2")], Client()).concurrency == 4
    assert LiveMeta([credential(str(number)) for number in range(1000)], Client()).concurrency == 256


def test_calls_go_to_the_account_that_has_most_to_spare() -> None:
    graph = Graph()
    collect(graph, [credential("1"), credential("2", active_ads=15)], cells=300)
    # 300 and 900 an hour
    assert (len(graph.times("act_1")), len(graph.times("act_2"))) == (75, 225)


def test_the_tier_may_fall_again() -> None:
    (account,) = accounts([credential(active_ads=1)], lambda: 0.0)
    limits = []
    for tier in (FULL, "", "unheard_of", LIMITED):
        account.learn([("X-Ad-Account-Usage", json.dumps({"acc_id_util_pct": 9.67, "ads_api_access_tier": tier}))])
        limits.append(account.limiter.limit)
    assert limits == [100_040, 100_040, 100_040, 340]


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"x-ad-account-usage": '{"acc_id_util_pct":89.9,"reset_time_duration":100}'}, 0.0),
        ({"x-ad-account-usage": '{"acc_id_util_pct":90,"reset_time_duration":100}'}, 100.0),
        ({"x-ad-account-usage": '{"acc_id_util_pct":97}'}, 300.0),
        ({"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":95}'}, 300.0),
        ({"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}, 0.0),
        (quota(call_count=100, total_time=20), 3601.0),
        (quota(call_count=20, total_time=95, total_cputime=20), 3601.0),
        (quota(call_count=20, total_time=20, total_cputime=20), 0.0),
        (quota(call_count=20, estimated_time_to_regain_access=5), 360.0),
        ({"x-business-use-case-usage": "{"}, 0.0),
    ],
)
def test_a_limit_that_is_nearly_spent_pauses_before_it_refuses(headers: dict[str, str], pause: float) -> None:
    graph = Graph({"act_1": [said(ESTIMATE, headers=headers), said(ESTIMATE)]})
    collect(graph, [credential()], cells=2)
    assert graph.times() == [0.0, pause]


def test_a_restart_counts_what_was_asked_within_the_hour() -> None:
    before = collect(Graph(), [credential()], cells=200).answers
    later = [replace(raw, asked_at="2026-11-22T09:30:00Z") for raw in before]
    graph = Graph()
    collect(
        graph,
        [credential()],
        cells=100,
        journal=[*later, replace(before[0], account="act_9"), replace(before[0], account="", asked_at="")],
    )
    # 200 in the journal, and the 2 that may have been under way when the first run was killed
    assert graph.times()[:98] == [0.0] * 98
    # the calls of 9:30 may have been counted until a minute later
    assert graph.times()[98:] == [1861.0] * 2


def test_a_restart_keeps_the_tier_and_the_pause_it_was_told() -> None:
    told = quota(call_count=100, estimated_time_to_regain_access=30, ads_api_access_tier=FULL)
    refused = RawAnswer(
        THROTTLED.encode(), 400, "2026-11-22T09:50:00Z", "delivery_estimate", "v25.0", tuple(told.items()), "act_1"
    )
    graph = Graph()
    collect(graph, [credential()], cells=400, journal=[refused])
    assert set(graph.times()) == {21 * 60.0}
    other = Graph()
    collect(other, [credential(), credential("2")], cells=300, journal=[refused])
    assert other.times("act_1") == []
    assert set(other.times("act_2")) == {0.0}


@pytest.mark.parametrize(
    ("told", "left"), [('{"acc_id_util_pct":95,"reset_time_duration":700}', 100.0), ('{"acc_id_util_pct":95}', 0.0)]
)
def test_a_restart_waits_for_what_is_left_of_a_pause(told: str, left: float) -> None:
    before = RawAnswer(
        ESTIMATE.encode(),
        200,
        "2026-11-22T09:50:00Z",
        "delivery_estimate",
        "v25.0",
        (("x-ad-account-usage", told),),
        "act_1",
    )
    graph = Graph()
    collect(graph, [credential()], journal=[before])
    assert graph.times() == [left]


def test_answers_of_more_than_an_hour_ago_are_past() -> None:
    told = quota(estimated_time_to_regain_access=600)
    old = RawAnswer(
        ESTIMATE.encode(), 200, "2026-11-22T08:50:00Z", "delivery_estimate", "v25.0", tuple(told.items()), "act_1"
    )
    graph = Graph()
    collect(graph, [credential()], cells=300, journal=[old] * 300)
    assert set(graph.times()) == {0.0}


def test_the_proof_of_the_app_secret_goes_along() -> None:
    graph = Graph()
    collect(graph, [credential(app_secret=SecretStr(SECRET))])
    proof = hmac.new(SECRET.encode(), CANARY.encode(), hashlib.sha256).hexdigest()
    assert graph.urls[0].endswith(f"&appsecret_proof={proof}".encode())


@pytest.mark.parametrize(
    "script",
    [
        [said(error(190, None, f"Malformed access token {CANARY}"), 400)],
        [
            said(
                json.dumps(
                    {"data": [], "paging": {"next": f"https://x/?access_token={CANARY}&appsecret_proof={'0f' * 32}"}}
                )
            ),
            said(EXPIRED, 400),
        ],
        [httpx.LocalProtocolError(f"Illegal header value b'Bearer {CANARY}'"), said(EXPIRED, 400)],
        [said(ESTIMATE, headers={"x-fb-trace-id": CANARY}), said(EXPIRED, 400)],
        [said(ESTIMATE), RuntimeError("nobody foresaw this")],
    ],
)
def test_a_token_is_nowhere(script: list[httpx.Response | Exception], caplog: pytest.LogCaptureFixture) -> None:
    graph, run = Graph({"act_1": script}), Run()
    with caplog.at_level(logging.DEBUG), pytest.raises((CredentialError, RuntimeError)) as caught:
        collect(graph, [credential(app_secret=SecretStr(SECRET))], cells=5, run=run)
    printed = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    package = str(Path(smstock.__file__).parent)
    ours = "".join(part for part in printed if f'File "{package}{os.sep}' in part)
    journal = "".join(map(repr, run.answers))
    for shown in (
        ours,
        journal,
        caplog.text,
        str(caught.value),
        repr(caught.value),
        repr(vars(run.source)),
        repr(run.source.dropped),
    ):
        assert CANARY not in shown
        assert SECRET not in shown
    assert journal
    assert "Live" in ours
    assert CANARY not in b"".join(graph.urls).decode()
    proof = hmac.new(SECRET.encode(), CANARY.encode(), hashlib.sha256).hexdigest()
    assert proof not in journal + caplog.text


@pytest.mark.parametrize(
    "url", ["https://graph.example", "http://127.0.0.1:8765/", "http://localhost:1", "http://[::1]:1"]
)
def test_another_platform_may_stand_in_its_place(url: str) -> None:
    async def once() -> None:
        async with LiveMeta([credential()], Client(), url=url) as source:
            await source.ask(REQUEST)

    with respx.mock as router:
        route = router.get(url__startswith=f"{url.rstrip('/')}/v25.0/act_1/delivery_estimate?").respond(content=b"")
        virtual_time.run(once)
    assert route.call_count == 1


@pytest.mark.parametrize(
    "url", ["http://graph.example", "http://127.0.0.1.example", "ftp://localhost", "localhost:8765", ""]
)
def test_a_token_is_not_sent_in_the_open(url: str) -> None:
    with pytest.raises(SettingsError, match="no address that a token may be sent to"):
        LiveMeta([credential()], Client(), url=url)


def test_the_environment_of_a_user_is_enough(tmp_path: Path) -> None:
    given = {"SMSTOCK_META_TOKEN": CANARY, "SMSTOCK_META_ACCOUNT": "act_7", "SMSTOCK_META_URL": "http://127.0.0.1:8765"}

    async def once() -> RawAnswer:
        async with LiveMeta.connect(given, tmp_path) as source:
            return await source.ask(REQUEST)

    with respx.mock as router:
        route = router.get(host="127.0.0.1", port=8765).respond(content=ESTIMATE.encode())
        assert virtual_time.run(once).account == "act_7"
    assert route.calls[0].request.headers["authorization"] == f"Bearer {CANARY}"
    with pytest.raises(CredentialError, match="there is no credential for meta"):
        LiveMeta.connect({}, tmp_path)


@pytest.mark.parametrize(
    ("platform", "found", "hours", "killed_every"),
    [
        (lambda: pace.Platform(Random(1)), ["1"], 24.0, None),
        (lambda: pace.Platform(Random(2), latency=5.0), ["1"], 24.0, None),
        (lambda: pace.Platform(Random(3)), ["1"], 24.0, 37 * 60.0),
        (lambda: pace.Platform(Random(4)), ["1", "1"], 24.0, None),
        (lambda: pace.Platform(Random(5)), [str(number) for number in range(10)], 3.0, None),
    ],
    ids=["one account", "a slow wire", "killed every 37 min", "two tokens", "ten accounts"],
)
def test_a_day_spends_the_quota_and_meets_no_refusal(
    platform: Callable[[], pace.Platform], found: list[str], hours: float, killed_every: float | None
) -> None:
    spent = pace.simulate(platform(), found, hours=hours, killed_every=killed_every)
    assert spent.refused == 0
    assert spent.share >= 0.98


def test_what_another_program_spent_is_left_alone() -> None:
    spent = pace.simulate(pace.Platform(Random(6), spent=150), ["1"], hours=6.0)
    assert spent.refused == 0
    assert spent.answered >= 0.98 * (6 * 300 - 150)


def test_the_full_tier_answers_25_a_second_at_half_a_second_each() -> None:
    spent = pace.simulate(pace.Platform(Random(7), tier=FULL, latency=0.5), ["1"], hours=1 / 15)
    assert spent.answered / 240 >= 25
    assert spent.refused == 0
