from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.unit.official.fetch.conftest import NOW, SERVICE, URL, a_download

from smstock.errors import PlatformError, QuotaError, UsageError
from smstock.official import sidecar
from smstock.official.beside import SUFFIX
from smstock.official.fetch import oecd, undesa
from smstock.official.fetch.download import Request
from smstock.official.fetch.retrieval import ATTEMPTS, POLLS
from smstock.web.client import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import respx

    from smstock.official.fetch.retrieval import Fetched

    Fetch = Callable[..., list[Fetched]]

BODY = b'{"value": {"0": 1}}'
REQUEST = "6f1c1a52-0b6f-4a4e-9a51-2c4f7a1d9e10"


def queued(status: str) -> httpx.Response:
    return httpx.Response(200, text=f"<queued><id>{REQUEST}</id><status>{status}</status></queued>")


def test_raw_bytes_lie_beside_a_sidecar_that_says_where_they_are_from(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(content=BODY)
    (found,) = fetch(a_download())
    assert (found.outcome, found.size, found.path.read_bytes()) == ("fetched", len(BODY), BODY)
    origin = sidecar.read(found.path)
    assert origin is not None
    assert (origin.producer, origin.url, origin.retrieved) == ("Eurostat", URL, "2026-11-22")
    assert (
        origin.sha256 == "bfc2c4f8b5ab46c0b9ab85a6ed5fb64f68a2dd1e8a2d0a38b1f6f6a9f8d9a5d7" or len(origin.sha256) == 64
    )


def test_a_young_file_is_not_asked_for_again(wire: respx.Router, fetch: Fetch) -> None:
    route = wire.get(URL).respond(content=BODY)
    outcomes = [
        fetch(a_download())[0].outcome,
        fetch(a_download(), now=NOW + timedelta(days=29))[0].outcome,
        fetch(a_download(), now=NOW + timedelta(days=30))[0].outcome,
        fetch(a_download(), days=0)[0].outcome,
    ]
    assert outcomes == ["fetched", "kept", "fetched", "fetched"]
    assert route.call_count == 3


@pytest.mark.parametrize("damage", ["data", "sidecar", "address"])
def test_a_file_that_is_not_what_was_fetched_is_fetched_again(wire: respx.Router, fetch: Fetch, damage: str) -> None:
    wire.get(url__startswith=URL).respond(content=BODY)
    path = fetch(a_download())[0].path
    if damage == "data":
        path.write_bytes(b"edited")
    elif damage == "sidecar":
        path.with_name(path.name + SUFFIX).write_text("producer = ")
    other = URL + "&geo=DE" if damage == "address" else URL
    assert fetch(a_download(other))[0].outcome == "fetched"
    assert path.read_bytes() == BODY


def test_faults_that_pass_are_waited_for(wire: respx.Router, fetch: Fetch, notes: list[str]) -> None:
    route = wire.get(URL)
    route.side_effect = [
        httpx.Response(502, text="<html>Bad Gateway</html>"),
        httpx.Response(200, text="<!DOCTYPE html><title>Maintenance</title>"),
        httpx.Response(302, headers={"location": "https://sorry.ec.europa.eu/"}),
        httpx.Response(200, content=BODY),
    ]
    assert fetch(a_download())[0].outcome == "fetched"
    assert len(notes) == 3
    assert "HTTP 502: Bad Gateway" in notes[0]


def test_faults_that_stay_end_in_one_message(wire: respx.Router, fetch: Fetch, tmp_path: Path) -> None:
    route = wire.get(URL).respond(503, text="<html>down</html>")
    with pytest.raises(PlatformError, match="did not answer in 5 attempts: HTTP 503: down"):
        fetch(a_download())
    assert route.call_count == ATTEMPTS
    assert list(tmp_path.rglob("*.json")) == []


def test_a_lost_connection_is_tried_over_ipv4(fetch: Fetch) -> None:
    asked: list[str] = []

    class Wire:
        def __init__(self, family: str, *replies: Reply) -> None:
            self.family, self.replies = family, list(replies)

        async def fetch(self, url: str, **_: object) -> Reply:
            asked.append(self.family)
            return self.replies.pop(0)

    lost = Reply(0, (), b"ConnectError: no route", sent=False)
    clients = (Wire("any", lost, Reply(200, (), BODY)), Wire("ipv4", lost))
    assert fetch(a_download(), clients=clients)[0].outcome == "fetched"
    assert asked == ["any", "ipv4", "any"]


def test_a_pause_of_an_hour_ends_the_command(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(429, headers={"retry-after": "3600"})
    with pytest.raises(QuotaError, match="asks to wait 60 minutes"):
        fetch(a_download())


def test_an_answer_that_is_prepared_is_asked_for_again(wire: respx.Router, fetch: Fetch) -> None:
    later = httpx.Response(200, json={"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}})
    route = wire.get(URL)
    route.side_effect = [later, later, httpx.Response(200, content=BODY)]
    assert fetch(a_download())[0].outcome == "fetched"
    assert route.call_count == 3


def test_a_queued_request_is_polled_and_then_collected(wire: respx.Router, fetch: Fetch) -> None:
    base = "https://ec.europa.eu/eurostat/api/dissemination/1.0/async"
    wire.get(URL).mock(return_value=queued("SUBMITTED"))
    status = wire.get(f"{base}/status/{REQUEST}")
    status.side_effect = [queued("PROCESSING"), queued("AVAILABLE")]
    wire.get(f"{base}/data/{REQUEST}").respond(content=b"DATAFLOW,LAST UPDATE\n")
    (found,) = fetch(a_download(form="csv"))
    assert found.path.read_bytes() == b"DATAFLOW,LAST UPDATE\n"
    assert status.call_count == 2


def test_polling_has_an_end(wire: respx.Router, fetch: Fetch) -> None:
    route = wire.get(URL).respond(json={"warning": {"status": 413}})
    with pytest.raises(PlatformError, match="preparing the answer for half an hour"):
        fetch(a_download())
    assert route.call_count == POLLS + 1


def test_a_request_too_big_is_divided_until_it_is_answered(wire: respx.Router, fetch: Fetch) -> None:
    too_big = httpx.Response(413, text="<faultstring>EXTRACTION_TOO_BIG</faultstring>")
    parts = tuple(a_download(f"{URL}&part={part}", name=f"{part}.json") for part in "ab")
    wire.get(f"{URL}&part=a").respond(content=BODY)
    wire.get(f"{URL}&part=b").respond(content=BODY)
    wire.get(URL).mock(return_value=too_big)
    found = fetch(replace(a_download(), parts=lambda: parts))
    assert [each.path.name for each in found] == ["a.json", "b.json"]


def test_a_request_too_big_that_cannot_be_divided_says_what_to_do(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(413, text="EXTRACTION_TOO_BIG: estimated 420709314 rows")
    with pytest.raises(PlatformError, match="420709314 rows") as caught:
        fetch(a_download())
    assert "--geo" in caught.value.hint


def test_an_empty_slice_is_no_file_and_no_error(wire: respx.Router, fetch: Fetch, tmp_path: Path) -> None:
    wire.get(URL).respond(404, text="No results found")
    assert fetch(a_download())[0].outcome == "empty"
    assert not (tmp_path / "eurostat").exists()


def test_what_the_service_does_not_know_is_a_mistake_of_the_request(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(json=[{"message": [{"id": "120", "value": "The provided parameter value is not valid"}]}])
    with pytest.raises(UsageError, match="The provided parameter value is not valid"):
        fetch(a_download())


def test_a_redirect_within_the_provider_is_followed(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(301, headers={"location": "https://ec.europa.eu/new"})
    wire.get("https://ec.europa.eu/new").respond(content=BODY)
    assert fetch(a_download())[0].outcome == "fetched"


@pytest.mark.parametrize("target", ["https://elsewhere.example/x", "http://ec.europa.eu/x"])
def test_a_redirect_elsewhere_is_not_followed(wire: respx.Router, fetch: Fetch, target: str) -> None:
    wire.get(URL).respond(302, headers={"location": target})
    beyond = wire.get(target).respond(content=BODY)
    with pytest.raises(PlatformError, match="which is not followed"):
        fetch(a_download())
    assert not beyond.called


def test_redirects_without_end_are_not_followed(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(302, headers={"location": URL})
    with pytest.raises(PlatformError, match="which is not followed"):
        fetch(a_download())


def test_un_org_alone_is_told_of_a_browser(wire: respx.Router, fetch: Fetch) -> None:
    downloads = undesa.downloads(Request("2024", 1990, 2024))
    wire.get(url__startswith="https://www.un.org/").respond(content=b"PK\x03\x04")
    wire.get(URL).respond(content=BODY)
    fetch(*downloads, service=undesa.SERVICE)
    fetch(a_download())
    agents = [call.request.headers["user-agent"] for call in wire.calls]
    assert [agent.partition("/")[0] for agent in agents] == ["Mozilla", "Mozilla", "smstock"]


def test_a_refusal_of_whoever_asks_says_how_to_get_the_file(wire: respx.Router, fetch: Fetch) -> None:
    wire.get(URL).respond(403, text="<h1>Forbidden</h1>")
    with pytest.raises(PlatformError, match="refuses the download: HTTP 403: Forbidden") as caught:
        fetch(a_download())
    assert "web browser" in caught.value.hint


def test_a_key_that_is_not_answered_gives_way_to_the_whole_flow(wire: respx.Router, fetch: Fetch) -> None:
    (download,) = oecd.downloads(Request("B14", 2015, 2024))
    assert download.otherwise is not None
    wire.get(download.url).respond(404, text="NoRecordsFound")
    whole = wire.get(download.otherwise.url).respond(content=b"DATAFLOW,REF_AREA\n")
    (found,) = fetch(download, service=oecd.SERVICE)
    origin = sidecar.read(found.path)
    assert origin is not None
    assert origin.url == download.otherwise.url
    assert fetch(download, service=oecd.SERVICE)[0].outcome == "kept"
    assert whole.call_count == 1


def test_sixty_downloads_an_hour_are_not_exceeded(
    wire: respx.Router, fetch: Fetch, notes: list[str], tmp_path: Path
) -> None:
    """58 files of an earlier run, ten minutes old, leave room for two; the third waits for the oldest to leave."""
    folder = tmp_path / "oecd"
    folder.mkdir()
    earlier = (NOW - timedelta(minutes=10)).timestamp()
    for number in range(58):
        path = folder / f"{number}.csv"
        path.write_text("DATAFLOW,\n")
        os.utime(path, (earlier, earlier))
    wire.get(url__startswith=URL).respond(content=BODY)
    downloads = [a_download(f"{URL}&x={number}", provider="oecd", name=f"new{number}.json") for number in range(3)]
    fetch(*downloads, service=replace(SERVICE, hourly=60))
    assert notes == ["the limit of 60 downloads an hour is reached: waiting 50 minutes"]
