from __future__ import annotations

import asyncio
import json
import socket
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from smstock.errors import UsageError
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.meta import ACCOUNT, TOKEN
from smstock.sandbox.reply import Reply, answer, spoilt
from smstock.sandbox.server import HOST, _converse, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from smstock.sandbox.server import Handle

T = TypeVar("T")
SOUND = answer({"data": [{"estimate_ready": True}]})


def talk(handle: Handle, path: Path, conversation: Callable[[str], Awaitable[T]], latency: float = 0.0) -> T:
    """Hold a conversation with a server on a socket of the file system, which is no network."""

    async def hold() -> T:
        name = str(path / "s")
        async with await asyncio.start_unix_server(partial(_converse, handle, latency), name):
            return await conversation(name)

    return asyncio.run(hold())


def always(reply: Reply) -> Handle:
    return lambda method, raw_path, headers: reply


async def get(name: str, times: int = 1, path: str = "/") -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=1)
    transport = httpx.AsyncHTTPTransport(uds=name, limits=limits)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test", timeout=5) as client:
        return [await client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}) for _ in range(times)]


async def send(name: str, request: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(name)
    writer.write(request)
    writer.write_eof()
    received = await reader.read()
    writer.close()
    return received


def test_the_simulated_platform_answers_over_http(client: Callable[..., Any], tmp_path: Path) -> None:
    spec = httpx.QueryParams({"targeting_spec": json.dumps({"geo_locations": {"countries": ["DE"]}})})
    service = client().service
    replies = talk(service.handle, tmp_path, partial(get, times=3, path=f"/v25.0/act_{ACCOUNT}/reachestimate?{spec}"))
    assert [reply.json()["data"]["estimate_ready"] for reply in replies] == [True] * 3
    assert "x-business-use-case-usage" in replies[0].headers
    assert service.outcomes == {"ok": 3}


def test_one_connection_serves_many_requests(tmp_path: Path) -> None:
    seen: list[str] = []

    def handle(method: str, raw_path: bytes, headers: Any) -> Reply:
        seen.append(headers["connection"])
        return SOUND

    received = talk(handle, tmp_path, partial(send, request=b"GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n" * 3))
    assert received.count(b"HTTP/1.1 200 OK") == len(seen) == 3


def test_a_connection_ends_where_the_client_says_so(tmp_path: Path) -> None:
    received = talk(always(SOUND), tmp_path, partial(send, request=b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n" * 2))
    assert received.count(b"HTTP/1.1 200 OK") == 1
    assert b"connection: close" in received


def test_a_body_that_comes_with_a_request_is_passed_over(tmp_path: Path) -> None:
    request = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n"
    assert talk(always(SOUND), tmp_path, partial(send, request=request)).count(b"200 OK") == 2


@pytest.mark.parametrize("request_", [b"", b"\r\n\r\n", b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n", b"x" * 100_000])
def test_what_is_no_request_is_not_answered(tmp_path: Path, request_: bytes) -> None:
    assert talk(always(SOUND), tmp_path, partial(send, request=request_)) == b""


def test_a_reset_is_a_lost_connection(tmp_path: Path) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        talk(always(spoilt(SOUND, "reset", FaultPlan())), tmp_path, get)


def test_a_duplicate_comes_twice_and_reaches_no_other_request(tmp_path: Path) -> None:
    doubled = spoilt(SOUND, "duplicate", FaultPlan())
    received = talk(always(doubled), tmp_path, partial(send, request=b"GET / HTTP/1.1\r\n\r\n" * 2))
    assert received.count(SOUND.body) == 2
    second = answer({"data": []})

    def handle(method: str, raw_path: bytes, headers: Any) -> Reply:
        return doubled if raw_path == b"/first" else second

    async def both(name: str) -> list[bytes]:
        transport = httpx.AsyncHTTPTransport(uds=name, limits=httpx.Limits(max_connections=1))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test", timeout=5) as client:
            return [(await client.get(path)).content for path in ("/first", "/second")]

    assert talk(handle, tmp_path, both) == [SOUND.body, second.body]


@pytest.mark.parametrize("fault", ["html_error", "json_error", "malformed", "truncated", "empty"])
def test_a_spoilt_body_is_sent_whole_as_it_is(tmp_path: Path, fault: str) -> None:
    reply = spoilt(SOUND, fault, FaultPlan())
    (received,) = talk(always(reply), tmp_path, get)
    assert (received.status_code, received.content) == (reply.status, reply.body)


def test_latency_and_delay_hold_an_answer_back_and_nobody_else(tmp_path: Path) -> None:
    def handle(method: str, raw_path: bytes, headers: Any) -> Reply:
        return SOUND._replace(delay=0.05) if raw_path == b"/slow" else SOUND

    async def race(name: str) -> tuple[float, list[str]]:
        loop, order = asyncio.get_running_loop(), []
        start = loop.time()

        async def one(path: str) -> None:
            await get(name, path=path)
            order.append(path)

        await asyncio.gather(one("/slow"), one("/fast"))
        return loop.time() - start, order

    taken, order = talk(handle, tmp_path, race, latency=0.01)
    assert order == ["/fast", "/slow"]
    assert taken >= 0.06


@pytest.mark.enable_socket
def test_it_listens_on_this_machine_only_and_says_when_a_port_is_taken() -> None:
    async def listen() -> None:
        async with await serve(always(SOUND), port=0) as server:
            address, port = server.sockets[0].getsockname()
            assert address == HOST == "127.0.0.1"
            assert len(server.sockets) == 1
            assert server.sockets[0].family is socket.AF_INET
            with pytest.raises(UsageError, match=f"^port {port} cannot be used: Address already in use"):
                await serve(always(SOUND), port=port)

    asyncio.run(listen())


def test_a_query_in_the_body_of_a_post_reaches_the_platform_as_a_get(tmp_path: Path) -> None:
    seen: list[tuple[str, bytes]] = []

    def handle(method: str, raw_path: bytes, headers: Any) -> Reply:
        seen.append((method, raw_path))
        return SOUND

    head = b"POST /rest/audienceCounts HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    tunnelled = head + b"X-HTTP-Method-Override: GET\r\nContent-Length: 3\r\n\r\nq=a"
    plain = head + b"Content-Length: 3\r\nConnection: close\r\n\r\nq=a"
    talk(handle, tmp_path, partial(send, request=tunnelled + plain))
    assert seen == [("GET", b"/rest/audienceCounts?q=a"), ("POST", b"/rest/audienceCounts")]
