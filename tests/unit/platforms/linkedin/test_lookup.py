"""Look-ups of facets, entities and schools, against the sandbox and against what goes wrong; what is kept of them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import SecretStr

from smstock.errors import CredentialError, InputError, PlatformError, QuotaError
from smstock.folder import Folder
from smstock.platforms.linkedin.lookup import MOST_PAGES, PAGE, LinkedInLookUp, entities, facets
from smstock.query import places as place_sets
from smstock.query import schools as school_sets
from smstock.sandbox.linkedin import TOKEN, SimulatedLinkedIn
from smstock.sandbox.members import simulate_members
from smstock.sandbox.server import untunnelled
from smstock.sandbox.simulation import simulate
from smstock.web.client import Reply
from smstock.web.credentials import Credential
from smstock.workflows.catalogues import write_places
from smstock.workflows.entities import entities_of, facets_of, places, schools_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Sandbox:
    """A wire that leads to a simulated LinkedIn, or answers with what it is given first."""

    service: SimulatedLinkedIn
    first: list[Reply] = field(default_factory=list)
    sent: int = 0

    async def fetch(
        self, url: str, *, token: SecretStr, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        self.sent += 1
        if self.first:
            return self.first.pop(0)
        lower = {name.lower(): value for name, value in headers.items()}
        lower["authorization"] = f"Bearer {token.get_secret_value()}"
        path = url.removeprefix("https://api.linkedin.com").encode()
        method, path = untunnelled("POST" if content else "GET", path, lower, content or b"")
        reply = self.service.handle(method, path, lower)
        return Reply(reply.status, reply.headers, reply.body)

    async def close(self) -> None: ...


@pytest.fixture(scope="module")
def service() -> SimulatedLinkedIn:
    world = simulate(np.random.default_rng(1), areas=("DEU",), origins=("ROU",))
    return SimulatedLinkedIn(simulate_members(np.random.default_rng(1), world), NOW.timestamp)


def look(wire: Sandbox, token: str = TOKEN) -> LinkedInLookUp:
    async def no_wait(_: float) -> None: ...

    return LinkedInLookUp([Credential(SecretStr(token), "")], wire, now=lambda: NOW, rng=Random(1), sleep=no_wait)


def ask(wire: Sandbox, what: str, *words: str, **options: str) -> Any:
    async def once() -> Any:
        async with look(wire, **options) as there:
            return await getattr(there, what)(*words)

    return asyncio.run(once())


def test_facets_and_entities_are_listed_and_schools_found_by_name(service: SimulatedLinkedIn) -> None:
    wire = Sandbox(service)
    assert ("schools", ("TYPEAHEAD",)) in facets(ask(wire, "facets"))
    assert len(entities(ask(wire, "entities", "seniorities"))) == 10
    found = entities(ask(wire, "entities", "schools", "Romania"))
    assert [each.name for each in found] == [f"Simulated University {number} of Romania" for number in range(1, 9)]


def test_a_long_list_comes_page_by_page(service: SimulatedLinkedIn) -> None:
    wire = Sandbox(service)
    found = entities(ask(wire, "entities", "schools", "Simulated"))
    assert wire.sent == len(found) // 100 + 1
    assert len({each.urn for each in found}) == len(found) > 1000


def page(start: int) -> Reply:
    elements = [{"urn": f"urn:li:skill:{number}", "name": "x"} for number in range(start, start + PAGE)]
    return Reply(200, (), json.dumps({"elements": elements}).encode())


def test_a_page_that_is_sent_for_ever_ends_the_list(service: SimulatedLinkedIn) -> None:
    wire = Sandbox(service, [page(0)] * 3)
    assert len(entities(ask(wire, "entities", "skills"))) == PAGE
    assert wire.sent == 2


def test_a_list_without_end_is_told_and_not_cut(service: SimulatedLinkedIn) -> None:
    wire = Sandbox(service, [page(number * PAGE) for number in range(MOST_PAGES + 1)])
    with pytest.raises(PlatformError, match="lists 5,000 entities or more"):
        ask(wire, "entities", "skills")
    assert wire.sent == MOST_PAGES


def test_a_passing_fault_is_asked_again_and_a_lasting_one_told(service: SimulatedLinkedIn) -> None:
    gone = Reply(503, (), b"<html>")
    assert facets(ask(Sandbox(service, [gone, Reply(200, (), b"{")]), "facets"))
    with pytest.raises(PlatformError, match="does not answer the look-up"):
        ask(Sandbox(service, [gone] * 4), "facets")


def test_a_spent_quota_and_a_dead_token_are_told(service: SimulatedLinkedIn) -> None:
    with pytest.raises(QuotaError, match="refuses calls for now"):
        ask(Sandbox(service, [Reply(429, (), b'{"message":"Resource level throttle limit"}')]), "facets")
    with pytest.raises(CredentialError) as caught:
        ask(Sandbox(service), "facets", token="AQX-dead-token")
    assert "Invalid access token" in str(caught.value)
    assert "AQX-dead-token" not in str(caught.value)


def test_a_throttled_application_and_a_dead_token_give_way_to_the_next(service: SimulatedLinkedIn) -> None:
    spent = Reply(429, (), b'{"message":"Resource level throttle limit"}')
    wire = Sandbox(service, [spent])
    tokens = [("AQX-1", "first"), ("AQX-2", "first"), ("AQX-dead", "second"), (TOKEN, "second")]
    credentials = [Credential(SecretStr(token), "", app=app) for token, app in tokens]

    async def pages() -> int:
        async with LinkedInLookUp(credentials, wire, now=lambda: NOW) as there:
            return len(entities(await there.entities("schools", "Simulated")))

    found = asyncio.run(pages())
    assert found > 1000
    assert wire.sent == 2 + found // 100 + 1, "neither is asked again for the next page"


def test_an_answer_is_kept_for_a_month(service: SimulatedLinkedIn, tmp_path: Path) -> None:
    wire, there = Sandbox(service), Folder(tmp_path, tmp_path)

    def degrees(days: int, *, refresh: bool = False) -> int:
        now = NOW + timedelta(days=days)
        assert len(entities_of(there, lambda: look(wire), "degrees", now=now, refresh=refresh)) == 4
        return wire.sent

    assert [degrees(0), degrees(29), degrees(29, refresh=True), degrees(31)] == [1, 1, 2, 3]
    (tmp_path / "catalogues" / "linkedin-degrees.json").write_text("cut", encoding="utf-8")
    assert degrees(0) == 4
    facets_of(there, lambda: look(wire), now=NOW)
    assert (tmp_path / "catalogues" / "linkedin-facets.json").is_file()


def test_schools_are_written_to_be_reviewed_and_not_over_a_review(service: SimulatedLinkedIn, tmp_path: Path) -> None:
    wire, there = Sandbox(service), Folder(tmp_path, tmp_path)
    path, found = schools_of(there, lambda: look(wire), "Romania", now=NOW)
    assert path == tmp_path / "queries" / "schools" / "ROU.toml"
    assert (found.country, len(found.schools), found.reviewed) == ("ROU", 8, "")
    reviewed = path.read_text(encoding="utf-8").replace('reviewed = ""', 'reviewed = "2026-11-22"')
    path.write_text(reviewed, encoding="utf-8")
    assert school_sets.read(path).schools == found.schools
    with pytest.raises(InputError, match="already"):
        schools_of(there, lambda: look(wire), "ROU", now=NOW)
    assert path.read_text(encoding="utf-8") == reviewed


def test_a_name_that_finds_nothing_and_a_facet_that_is_none_are_told(
    service: SimulatedLinkedIn, tmp_path: Path
) -> None:
    wire, there = Sandbox(service), Folder(tmp_path, tmp_path)
    with pytest.raises(InputError, match="no school by Nowhere"):
        schools_of(there, lambda: look(wire), "ROU", ["Nowhere"], now=NOW)
    with pytest.raises(InputError, match="no name of a facet"):
        entities_of(there, lambda: look(wire), "../schools", now=NOW)


def test_locations_below_the_country_are_written_as_places_that_a_query_can_ask(
    service: SimulatedLinkedIn, tmp_path: Path
) -> None:
    areas = places("Bavaria", "Germany", look(Sandbox(service)))
    assert [area.name for area in areas] == ["Bavaria", "Munich, Bavaria", "Nuremberg, Bavaria", "Augsburg, Bavaria"]
    assert places("Bavaria", "Spain", look(Sandbox(service))) == ()
    path = tmp_path / "places.toml"
    write_places(areas, path, "2026-11-22")
    path.write_text(path.read_text(encoding="utf-8").replace('reviewed = ""', 'reviewed = "2026-11-22"'))
    assert [place.geos for place in place_sets.read(path).places] == [(area.key,) for area in areas]
