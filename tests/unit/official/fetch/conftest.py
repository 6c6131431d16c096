"""Downloads asked in virtual time, of a service that answers as each test says."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
import respx
from benchmarks.reliability import virtual_time

from smstock.official.fetch.download import Download, Service, Source
from smstock.official.fetch.retrieval import Fetched, Retrieval
from smstock.web.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
URL = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/migr_pop3ctb?format=JSON"
SERVICE = Service(lambda _: (), frozenset({"ec.europa.eu"}), frozenset())


def a_download(url: str = URL, **given: object) -> Download:
    """Return a download of JSON that a test may change."""
    content = {"provider": "eurostat", "name": "migr_pop3ctb.json", "form": "json"} | given
    return Download(url=url, source=Source("Eurostat", "migr_pop3ctb", "CC BY 4.0"), **content)  # type: ignore[arg-type]


@pytest.fixture
def wire() -> Iterator[respx.Router]:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def fetch(tmp_path: Path, notes: list[str]) -> Callable[..., list[Fetched]]:
    """Fetch downloads into the temporary folder; the virtual clock makes every pause pass at once."""

    def run(
        *downloads: Download,
        service: Service = SERVICE,
        days: int = 30,
        now: datetime = NOW,
        clients: tuple[Client, Client] | None = None,
    ) -> list[Fetched]:
        async def once() -> list[Fetched]:
            async with Client() as client, Client(ipv4=True) as over_ipv4:
                retrieval = Retrieval(
                    service, tmp_path, now, Random(1), clients or (client, over_ipv4), days, notes.append
                )
                return await retrieval.run(downloads)

        return virtual_time.run(once)

    return run
