from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from smstock.errors import CredentialError, PlatformError, QuotaError, SettingsError, SmstockError
from smstock.platforms.lookup import ATTEMPTS
from smstock.platforms.meta.lookup import MOST_BEHAVIORS, MOST_PLACES, Found, MetaLookUp, behaviors, places
from smstock.web.client import Client, Reply
from smstock.web.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CANARY = "EAAGm0PX4ZCpsBAcanarycanary7Qf9"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SERBIA = {"id": "6027149004983", "name": "Lived in Serbia", "path": ["Expats", "Lived in Serbia"]}


def said(content: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, headers, content if isinstance(content, bytes) else json.dumps(content).encode())


def error(code: int, subcode: int | None = None, message: str = "m", **more: Any) -> Reply:
    told = {"message": message, "code": code, "error_subcode": subcode}
    return said({"error": told}, 400, **more)


LIST = said({"data": [SERBIA]})
BUSY = error(2, message="Service temporarily unavailable")
EXPIRED = error(190, 463, "Session has expired")
THROTTLED = error(4, message="Application request limit reached")


class Graph:
    """A platform that gives each token its replies in turn, the last one for ever; notes what it was asked."""

    def __init__(self, *replies: Reply, **by_token: Sequence[Reply]) -> None:
        self.replies = {token: list(script) for token, script in by_token.items()}
        self.otherwise = list(replies)
        self.asked: list[tuple[str, str]] = []
        self.closed = False

    async def fetch(self, url: str, *, token: SecretStr, **_: object) -> Reply:
        name = token.get_secret_value()
        self.asked.append((name, url))
        script = self.replies.get(name, self.otherwise)
        return script.pop(0) if len(script) > 1 else script[0]

    async def close(self) -> None:
        self.closed = True

    def parameters(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.asked[-1][1]).query).items()}


def look_up(
    graph: Graph | Client,
    credentials: Sequence[Credential] = (Credential(SecretStr(CANARY), "1"),),
    slept: list[float] | None = None,
    **options: Any,
) -> MetaLookUp:
    async def sleep(seconds: float) -> None:
        (slept if slept is not None else []).append(seconds)

    return MetaLookUp(credentials, graph, now=lambda: NOW, rng=Random(1), sleep=sleep, **options)


def asked(live: MetaLookUp) -> Found:
    async def once() -> Found:
        async with live:
            return await live.behaviors()

    return asyncio.run(once())


def test_the_list_of_behaviours_is_asked_in_one_call() -> None:
    graph = Graph(LIST)
    found = asked(look_up(graph))
    ((_, url),) = graph.asked
    assert url == ("https://graph.facebook.com/v25.0/search?type=adTargetingCategory&class=behaviors&limit=2000")
    assert (found.asked_at, found.api_version) == ("2026-11-22T10:00:00Z", "v25.0")
    assert found.entries == [SERBIA]
    assert graph.closed


def test_places_are_asked_by_name_country_and_kind() -> None:
    graph = Graph(said({"data": []}))
    asyncio.run(look_up(graph).places("Mün & Co", "NA", ["city", "region"]))
    assert graph.parameters() == {
        "type": "adgeolocation",
        "location_types": '["city","region"]',
        "q": "Mün & Co",
        "country_code": "NA",
        "limit": "3000",
    }
    every = Graph(said({"data": []}))
    asyncio.run(look_up(every).places("", "NA", ["region"]))
    assert "q" not in every.parameters()


def test_a_list_of_places_that_may_be_cut_is_no_list_of_all() -> None:
    entry = {"key": "7", "name": "Khomas", "type": "region", "country_code": "NA"}
    whole = Found("2026-11-22T10:00:00Z", "v25.0", {}, {"data": [entry] * (MOST_PLACES - 1)})
    assert len(places(whole)) == MOST_PLACES - 1
    with pytest.raises(PlatformError, match="may be cut") as refused:
        places(Found("2026-11-22T10:00:00Z", "v25.0", {}, {"data": [entry] * MOST_PLACES}))
    assert "--type region" in refused.value.hint


@respx.mock
def test_the_token_travels_in_the_header_and_stays_out_of_what_is_found() -> None:
    next_page = f"https://graph.facebook.com/v25.0/search?access_token={CANARY}&after=x"
    route = respx.get(host="graph.facebook.com", path="/v25.0/search").respond(
        json={"data": [SERBIA], "paging": {"next": next_page}}
    )
    found = asked(MetaLookUp([Credential(SecretStr(CANARY), "1")], Client()))
    assert route.calls.last.request.headers["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in str(route.calls.last.request.url)
    assert CANARY not in json.dumps(dict(found.body))


def test_an_app_that_demands_a_proof_gets_it() -> None:
    graph = Graph(LIST)
    found = asked(look_up(graph, [Credential(SecretStr(CANARY), "1", app_secret=SecretStr(SECRET))]))
    expected = hmac.new(SECRET.encode(), CANARY.encode(), hashlib.sha256).hexdigest()
    assert graph.parameters()["appsecret_proof"] == expected
    assert expected not in str(found)


def test_a_passing_fault_is_asked_again_after_a_pause() -> None:
    graph, slept = Graph(BUSY, said(b"<html>503</html>", 503), LIST), list[float]()
    assert asked(look_up(graph, slept=slept)).entries == [SERBIA]
    assert len(graph.asked) == 3
    assert len(slept) == 2
    assert all(0 <= pause <= longest for pause, longest in zip(slept, (2, 8), strict=True))


@pytest.mark.parametrize(
    "reply",
    [
        BUSY,
        said(b""),
        said(b'{"data":[{"id"'),
        said({"data": {}}),
        said({"data": None}),
        said([1]),
        said({"data": []}, 500),
        Reply(0, (), b"ConnectError: refused", sent=False),
    ],
)
def test_a_fault_that_does_not_pass_ends_in_one_message(reply: Reply) -> None:
    graph, slept = Graph(reply), list[float]()
    with pytest.raises(PlatformError, match="does not answer the look-up") as caught:
        asked(look_up(graph, slept=slept))
    assert len(graph.asked) == ATTEMPTS
    assert len(slept) == ATTEMPTS - 1
    assert caught.value.hint == "run the same command later"
    assert graph.closed


def test_a_refused_look_up_is_not_asked_again_and_keeps_the_platform_s_words() -> None:
    graph = Graph(error(100, message="(#100) location_types must be an array"))
    with pytest.raises(PlatformError, match="must be an array"):
        asked(look_up(graph))
    assert len(graph.asked) == 1


def test_an_expired_version_names_the_one_to_use() -> None:
    graph = Graph(error(2635, message="Please update to the latest version: v27.0."))
    with pytest.raises(SettingsError, match=r"use version v27\.0") as caught:
        asked(look_up(graph))
    assert "update smstock" in caught.value.hint


@pytest.mark.parametrize("reply", [THROTTLED, error(80004, 2446079), error(613)])
def test_a_throttle_ends_the_look_up_at_once(reply: Reply) -> None:
    graph = Graph(reply)
    with pytest.raises(QuotaError) as caught:
        asked(look_up(graph))
    assert len(graph.asked) == 1
    assert "in an hour, not before" in caught.value.hint


def test_the_pause_that_the_platform_tells_is_told_on() -> None:
    usage = json.dumps({"1": [{"type": "ads_management", "estimated_time_to_regain_access": 7}]})
    graph = Graph(error(80004, 2446079, headers=(("x-business-use-case-usage", usage),)))
    with pytest.raises(QuotaError) as caught:
        asked(look_up(graph))
    assert "in 7 min" in caught.value.hint


def test_a_throttled_app_is_not_asked_again_with_its_other_token_and_another_app_is() -> None:
    graph = Graph(a=[THROTTLED], b=[LIST], c=[LIST])
    tokens = [Credential(SecretStr(token), "1", app=app) for token, app in (("a", "x"), ("b", "x"), ("c", "y"))]
    assert asked(look_up(graph, tokens)).entries == [SERBIA]
    assert [token for token, _ in graph.asked] == ["a", "c"]


def test_a_dead_token_gives_way_to_the_next() -> None:
    graph = Graph(a=[EXPIRED], b=[LIST])
    assert asked(look_up(graph, [Credential(SecretStr(token), "1") for token in "ab"])).entries == [SERBIA]


def test_no_token_left_is_one_message_with_the_platform_s_words_for_each() -> None:
    graph = Graph(EXPIRED)
    with pytest.raises(CredentialError) as caught:
        asked(look_up(graph, [Credential(SecretStr(CANARY), number) for number in "12"]))
    assert caught.value.where.count("Session has expired") == 2
    assert "act_1" in caught.value.where
    assert CANARY not in str(caught.value)


@given(st.binary(max_size=60) | st.from_regex(rb'\{"(data|error)":.{0,30}\}', fullmatch=True), st.integers(0, 599))
def test_no_body_ends_in_an_error_that_was_not_foreseen(body: bytes, status: int) -> None:
    try:
        found = asked(look_up(Graph(Reply(status, (), body))))
    except SmstockError:
        return
    assert json.loads(body)["data"] == list(found.body["data"])
    behaviors(found)
    places(found)


def test_a_list_as_long_as_was_asked_for_may_be_cut() -> None:
    found = Found("2026-11-22T10:00:00Z", "v25.0", {}, {"data": [SERBIA] * MOST_BEHAVIORS})
    with pytest.raises(PlatformError, match="may be cut"):
        behaviors(found)


def test_entries_without_id_key_or_form_are_passed_over() -> None:
    found = Found("", "v25.0", {}, {"data": [SERBIA, {"name": "x"}, 3, None, {"id": 5, "path": "Expats"}]})
    assert [(each.behavior_id, each.name, each.path) for each in behaviors(found)] == [
        ("6027149004983", "Lived in Serbia", ("Expats", "Lived in Serbia")),
        ("5", "", ()),
    ]
    assert places(found) == ()


def test_a_token_is_not_sent_unencrypted_to_another_machine() -> None:
    with pytest.raises(SettingsError):
        look_up(Graph(LIST), url="http://graph.example.org")


def test_connecting_takes_the_credentials_of_the_environment_and_another_address(tmp_path: Path) -> None:
    given = {"SMSTOCK_META_TOKEN": CANARY, "SMSTOCK_META_ACCOUNT": "1", "SMSTOCK_META_URL": "http://127.0.0.1:9"}
    with respx.mock:
        route = respx.get(host="127.0.0.1", path="/v25.0/search").respond(json={"data": []})
        assert asked(MetaLookUp.connect(given, tmp_path)).entries == []
        assert route.called


def test_without_a_credential_nothing_is_asked(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="no credential for meta"):
        MetaLookUp.connect({}, tmp_path)
