from __future__ import annotations

import asyncio
import gzip
import logging
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpcore
import httpx
import pytest
import respx
from benchmarks.reliability import virtual_time
from pydantic import SecretStr

import smstock
from smstock import __version__
from smstock.web.client import LARGEST, Client, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

CANARY = "EAAGm0PX4ZCpsBAcanarycanary7Qf9"
TOKEN = SecretStr(CANARY)
URL = "https://graph.facebook.com/v25.0/act_1/delivery_estimate"
BODY = b'{"data":[{"estimate_mau":2600,"estimate_ready":true}]}'


@pytest.fixture
def wire() -> Iterator[respx.Router]:
    with respx.mock as router:
        yield router


def fetch(url: str = URL, *, token: SecretStr = TOKEN, **options: Any) -> Reply:
    async def once() -> Reply:
        async with Client() as client:
            return await client.fetch(url, token=token, **options)

    return virtual_time.run(once)


def sent(wire: respx.Router) -> httpx.Request:
    (call,) = wire.calls
    request: httpx.Request = call.request
    return request


def test_the_url_goes_out_as_it_is(wire: respx.Router) -> None:
    wire.get().respond(content=BODY)
    query = b"targetingCriteria=(include:(and:List((or:(urn%3Ali%3AgeoX:List(a%2Cb))))))&x=%7B%22a%22:1%7D"
    fetch(f"{URL}?{query.decode()}")
    assert sent(wire).url.raw_path == b"/v25.0/act_1/delivery_estimate?" + query


def test_the_token_is_in_the_header_and_nowhere_else(wire: respx.Router) -> None:
    wire.get().respond(content=BODY)
    reply = fetch(headers={"linkedin-version": "202608"})
    request = sent(wire)
    assert request.headers["authorization"] == f"Bearer {CANARY}"
    assert request.headers["linkedin-version"] == "202608"
    assert request.headers["user-agent"] == f"smstock/{__version__}"
    assert CANARY not in str(request.url) + repr(reply)


def test_the_reply_holds_status_body_and_the_headers_worth_keeping(wire: respx.Router) -> None:
    usage = '{"1":[{"type":"ads_management","call_count":3}]}'
    wire.get().respond(
        400,
        content=BODY,
        headers={"X-Business-Use-Case-Usage": usage, "Set-Cookie": "a=b", "X-FB-Trace-ID": "C8T", "server": "x"},
    )
    reply = fetch()
    assert (reply.status, reply.body, reply.sent) == (400, BODY, True)
    assert dict(reply.headers) == {"x-business-use-case-usage": usage, "x-fb-trace-id": "C8T"}


@pytest.mark.parametrize("body", [b"", b"<html>Sorry, something went wrong.</html>", bytes(range(256)), "й".encode()])
def test_a_body_comes_in_byte_for_byte(wire: respx.Router, body: bytes) -> None:
    wire.get().respond(503, content=body)
    assert fetch().body == body


@pytest.mark.parametrize("token", [CANARY, "1234567890|s3cretS3cret/+=", "short"])
def test_a_token_that_the_platform_repeats_is_hidden(wire: respx.Router, token: str) -> None:
    body = f'{{"error":{{"message":"Malformed access token {token}"}},"next":"https://x/{quote(token, safe="")}/\xff"}}'
    wire.get().respond(400, content=body.encode("latin-1"), headers={"x-fb-trace-id": token})
    reply = fetch(token=SecretStr(token))
    assert token not in repr(reply)
    assert reply.body == b'{"error":{"message":"Malformed access token ***"},"next":"https://x/***/\xff"}'
    assert dict(reply.headers)["x-fb-trace-id"] == "***"


@pytest.mark.parametrize(
    ("fault", "reason", "counted"),
    [
        (httpx.ConnectError("All connection attempts failed"), "ConnectError: All connection attempts failed", False),
        (httpx.ConnectTimeout("no route"), "ConnectTimeout: no route", False),
        (httpx.ReadError("reset by peer"), "ReadError: reset by peer", True),
        (httpx.RemoteProtocolError("Server disconnected"), "RemoteProtocolError: Server disconnected", True),
        (
            httpx.LocalProtocolError(f"Illegal header value b'Bearer {CANARY}'"),
            "Illegal header value b'Bearer ***",
            True,
        ),
        (ConnectionResetError(104, "Connection reset by peer"), "ConnectionResetError: [Errno 104]", True),
    ],
)
def test_a_lost_connection_is_status_0_and_says_why(
    wire: respx.Router, fault: Exception, reason: str, counted: bool
) -> None:
    wire.get().mock(side_effect=fault)
    reply = fetch()
    assert (reply.status, reply.headers, reply.sent) == (0, (), counted)
    assert reason in reply.body.decode()
    assert CANARY not in repr(reply)


def test_a_body_that_cannot_be_unpacked_is_status_0(wire: respx.Router) -> None:
    stream = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    wire.get().mock(return_value=stream)
    reply = fetch()
    assert reply.status == 0
    assert reply.body.startswith(b"DecodingError: ")


def test_an_answer_that_takes_too_long_is_not_waited_for(wire: respx.Router) -> None:
    async def drip(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        return httpx.Response(200)

    wire.get().mock(side_effect=drip)
    assert fetch() == Reply(0, (), b"no answer within 60 s")


def test_an_answer_is_read_to_a_bound_and_no_further(wire: respx.Router) -> None:
    sizes: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            sizes.append(1 << 20)
            yield b"x" * (1 << 20)

    class Endless(httpx.AsyncByteStream):
        def __aiter__(self) -> AsyncIterator[bytes]:
            return endless()

    wire.get().mock(return_value=httpx.Response(200, stream=Endless()))
    assert fetch() == Reply(0, (), b"the answer is larger than 4,194,304 bytes", cut=True)
    assert sum(sizes) == LARGEST + (1 << 20)


def test_the_bound_is_of_what_is_unpacked(wire: respx.Router) -> None:
    packed = gzip.compress(bytes(16 << 20))
    assert len(packed) < LARGEST
    wire.get().respond(content=packed, headers={"content-encoding": "gzip"})
    assert fetch().cut


def test_an_answer_of_the_bound_itself_is_read(wire: respx.Router) -> None:
    wire.get().respond(content=b"x" * LARGEST)
    assert len(fetch().body) == LARGEST


def test_other_calls_go_on_while_a_large_answer_is_cleaned(wire: respx.Router) -> None:
    wire.get().respond(content=b'"access_token=EAABsecret",' * 20_000)

    async def turns() -> tuple[int, Reply]:
        async with Client() as client:
            count = 0

            async def turn() -> None:
                nonlocal count
                for _ in range(10_000):
                    await asyncio.sleep(0)
                    count += 1

            turning = asyncio.ensure_future(turn())
            reply = await client.fetch(URL, token=TOKEN)
            turning.cancel()
            return count, reply

    count, reply = virtual_time.run(turns)
    assert count >= 26 * 20_000 // (1 << 16)
    assert reply.body == b'"access_token=***",' * 20_000


def test_an_address_that_is_none_is_an_answer_of_status_0() -> None:
    assert fetch("https://graph.facebook.com/\x7f").status == 0


def test_a_redirect_is_not_followed(wire: respx.Router) -> None:
    wire.get(URL).respond(302, headers={"location": "https://elsewhere.example/"})
    assert fetch().status == 302


def test_no_log_holds_a_credential(wire: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    proof = "0f" * 32
    wire.get().respond(content=BODY)
    with caplog.at_level(logging.DEBUG):
        fetch(f"{URL}?appsecret_proof={proof}")
        fetch(f"{URL}?appsecret_proof={proof}")
    assert (
        'HTTP Request: GET https://graph.facebook.com/v25.0/act_1/delivery_estimate?appsecret_proof=*** "'
        in caplog.text
    )
    assert proof not in caplog.text
    assert CANARY not in caplog.text


def test_no_traceback_holds_a_credential_even_with_its_locals(wire: respx.Router) -> None:
    wire.get().mock(side_effect=RuntimeError("nobody foresaw this"))
    with pytest.raises(RuntimeError) as caught:
        fetch()
    printed = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "authorized" in printed
    assert CANARY not in printed


def test_a_call_looks_at_one_connection_however_many_are_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    class Line(httpcore.AsyncMockStream):
        def get_extra_info(self, info: str) -> Any:
            looks.append(info)
            return super().get_extra_info(info)

    async def connect(backend: object, *address: Any, **options: Any) -> Line:
        response = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody"
        await asyncio.sleep(1)
        return Line([response, response])

    async def calls() -> int:
        async with Client() as client:
            url = "http://127.0.0.1/"
            await asyncio.gather(*(client.fetch(url, token=TOKEN) for _ in range(100)))
            looks.clear()
            assert (await client.fetch(url, token=TOKEN)).body == b"body"
            return len(looks)

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    assert virtual_time.run(calls) < 10


def test_a_call_searches_the_path_for_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    class Searches:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            searched.append(name)

    async def connect(backend: object, *address: Any, **options: Any) -> httpcore.AsyncMockStream:
        return httpcore.AsyncMockStream([b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody"] * 2)

    async def calls() -> None:
        async with Client() as client:
            await client.fetch("http://127.0.0.1/", token=TOKEN)
            monkeypatch.setattr("sys.meta_path", [Searches, *sys.meta_path])
            assert (await client.fetch("http://127.0.0.1/", token=TOKEN)).body == b"body"

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    asyncio.run(calls())
    assert searched == []


def test_httpx_is_imported_in_this_module_only() -> None:
    package = Path(smstock.__file__).parent
    importing = [
        path.name
        for path in package.rglob("*.py")
        if "httpx" in re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(), re.MULTILINE)
    ]
    assert importing == ["client.py"]
