"""The client as it asks services that need no token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx
from benchmarks.reliability import virtual_time

from smstock.web.client import Client, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://sdmx.oecd.org/public/rest/data/OECD.ELS.IMD,DSD_MIG@DF_MIG,1.0/DEU+FRA..A.B15.._Z._Z.PS?format=csvfile"


@pytest.fixture
def wire() -> Iterator[respx.Router]:
    with respx.mock as router:
        yield router


def fetch(**options: Any) -> Reply:
    async def once() -> Reply:
        async with Client() as client:
            return await client.fetch(URL, **options)

    return virtual_time.run(once)


def test_no_credential_goes_out_and_the_url_as_it_is(wire: respx.Router) -> None:
    wire.get().respond(content=b"")
    fetch(headers={"user-agent": "Mozilla/5.0"})
    (call,) = wire.calls
    assert "authorization" not in call.request.headers
    assert call.request.headers["user-agent"] == "Mozilla/5.0"
    assert str(call.request.url) == URL


def test_a_file_comes_in_byte_for_byte_even_where_it_looks_like_a_token(wire: respx.Router) -> None:
    body = b"PK\x03\x04 EAAGm0PX4ZCpsBAcanarycanary7Qf9 access_token=x" + bytes(range(256))
    wire.get().respond(content=body)
    assert fetch().body == body


def test_where_a_redirect_leads_is_told(wire: respx.Router) -> None:
    wire.get().respond(302, headers={"location": "https://sorry.ec.europa.eu/"})
    assert dict(fetch().headers)["location"] == "https://sorry.ec.europa.eu/"


def test_a_client_of_ipv4_binds_to_an_address_of_ipv4(wire: respx.Router, monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[object] = []

    class Transport(httpx.AsyncHTTPTransport):
        def __init__(self, **options: Any) -> None:
            bound.append(options.get("local_address"))
            super().__init__(**options)

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Transport)
    wire.get().respond(content=b"x")

    async def once() -> Reply:
        async with Client(ipv4=True) as client:
            return await client.fetch(URL)

    assert virtual_time.run(once).body == b"x"
    assert bound == ["0.0.0.0"]
