"""The live source: what is sent, whom it asks, and what it learns from refusals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from smstock.errors import CredentialError, QuotaError, SettingsError
from smstock.platforms.base import RawAnswer
from smstock.platforms.linkedin import live
from smstock.platforms.linkedin.live import LiveLinkedIn
from smstock.platforms.linkedin.platform import LINKEDIN
from smstock.query.lattice import cells
from smstock.web.client import Reply
from smstock.web.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.query.linkedin import LinkedInQuery

OK = Reply(200, (("x-li-uuid", "u"),), b'{"elements":[{"active":0,"total":310}]}')
THROTTLED = Reply(429, (), b'{"message":"Resource level throttle limit for calls to this resource is reached."}')
EXPIRED = Reply(401, (), b'{"message":"Expired access token","serviceErrorCode":65602}')
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Wire:
    """Answers with what it is given, by token, and remembers what was sent."""

    def __init__(self, replies: Mapping[str, Any]) -> None:
        self.replies = {token: iter(given) if isinstance(given, list) else given for token, given in replies.items()}
        self.sent: list[tuple[str, str, Mapping[str, str], bytes | None]] = []

    async def fetch(
        self, url: str, *, token: SecretStr, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        given = self.replies[token.get_secret_value()]
        self.sent.append((token.get_secret_value(), url, headers, content))
        reply: Reply = given if isinstance(given, Reply) else next(given)
        return reply

    async def close(self) -> None: ...


def credential(token: str, app: str = "", calls_per_day: int = 0) -> Credential:
    return Credential(SecretStr(token), "", app, calls_per_day=calls_per_day)


def asked(
    query: LinkedInQuery, wire: Wire, *credentials: Credential, times: int = 1, **options: Any
) -> list[RawAnswer]:
    requests = [LINKEDIN.request(cell, query) for cell in cells(query)]

    async def ask() -> list[RawAnswer]:
        async with LiveLinkedIn(credentials, wire, **options) as source:
            return [await source.ask(requests[number]) for number in range(times)]

    return asyncio.run(ask())


def test_a_call_carries_version_protocol_and_encoded_criteria(profiles: LinkedInQuery) -> None:
    wire = Wire({"one": OK})
    (answer,) = asked(profiles, wire, credential("one", "statistics"))
    _, url, headers, content = wire.sent[0]
    assert url.startswith(
        "https://api.linkedin.com/rest/audienceCounts?q=targetingCriteriaV2&targetingCriteria=(include:"
    )
    assert "urn%3Ali%3AadTargetingFacet%3AprofileLocations:List(urn%3Ali%3Ageo%3A101282230)" in url
    assert headers == {"LinkedIn-Version": "202608", "X-Restli-Protocol-Version": "2.0.0"}
    assert content is None
    assert (answer.account, answer.api_version, answer.headers) == ("statistics", "202608", (("x-li-uuid", "u"),))


def test_many_schools_are_tunnelled(profiles: LinkedInQuery) -> None:
    schools = {"ROU": tuple(f"urn:li:organization:{number}" for number in range(1000, 1200))}
    query = profiles.model_copy(update={"schools": schools, "totals": False})
    wire = Wire({"one": OK})
    asked(query, wire, credential("one"))
    _, url, headers, content = wire.sent[0]
    assert url == "https://api.linkedin.com/rest/audienceCounts"
    assert headers["X-HTTP-Method-Override"] == "GET"
    assert content is not None
    assert b"urn%3Ali%3Aorganization%3A1199" in content


def test_a_dead_token_gives_way_to_the_next_one(profiles: LinkedInQuery) -> None:
    wire = Wire({"one": EXPIRED, "two": OK})
    answers = asked(profiles, wire, credential("one"), credential("two"), times=3)
    assert [answer.http_status for answer in answers] == [401, 200, 200]
    assert [token for token, *_ in wire.sent] == ["one", "two", "two"]


def test_without_a_credential_the_platforms_words_are_told(profiles: LinkedInQuery) -> None:
    with pytest.raises(CredentialError, match="no usable credential") as caught:
        asked(profiles, Wire({"one": EXPIRED}), credential("one", "statistics"), times=2)
    assert caught.value.where == "statistics: Expired access token (HTTP 401, code 65602)"


def test_another_application_goes_on_while_one_is_throttled(profiles: LinkedInQuery) -> None:
    wire = Wire({"one": THROTTLED, "two": OK})
    answers = asked(profiles, wire, credential("one", "a"), credential("two", "b"), times=4)
    assert [answer.http_status for answer in answers][1:] == [200, 200, 200]


def test_the_end_of_the_day_is_not_waited_for_longer_than_patience(profiles: LinkedInQuery) -> None:
    wire = Wire({"one": OK})
    with pytest.raises(QuotaError, match=r"next 721 min; a day ends at midnight UTC"):
        asked(profiles, wire, credential("one", calls_per_day=2), times=3, patience=3600.0, now=lambda: NOON)
    assert len(wire.sent) == 2


def test_a_restart_asks_once_whether_the_day_is_over(profiles: LinkedInQuery) -> None:
    earlier = [
        RawAnswer(b"", 429, (NOON - timedelta(minutes=minute)).isoformat(), "audienceCounts", "202608", account="a")
        for minute in range(4)
    ]
    wire = Wire({"one": THROTTLED})

    async def ask() -> None:
        source = LiveLinkedIn([credential("one", "a")], wire, patience=3600.0, now=lambda: NOON)
        source.prime(earlier)
        request = LINKEDIN.request(next(cells(profiles)), profiles)
        await source.ask(request)
        with pytest.raises(QuotaError):
            await source.ask(request)

    asyncio.run(ask())
    assert len(wire.sent) == 1


def test_a_token_does_not_travel_unencrypted() -> None:
    with pytest.raises(SettingsError, match="no address that a token may be sent to") as caught:
        LiveLinkedIn([credential("one")], Wire({}), url="http://example.org")
    assert caught.value.where == live.VARIABLE
