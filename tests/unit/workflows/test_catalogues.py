from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from pydantic import SecretStr

from smstock.errors import InputError, PlatformError, QueryError, UnknownNameError
from smstock.folder import Folder
from smstock.platforms.meta.lookup import MetaLookUp
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta
from smstock.sandbox.simulation import simulate
from smstock.web.client import Reply
from smstock.web.credentials import Credential
from smstock.workflows.catalogues import check, offer, places

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.sandbox.world import World

START = 1_795_348_800.0  # 2026-11-22T12:00:00Z
SERBIA = 'name = "serbia"\nplatform = "meta"\norigins = ["SRB", "NAM"]\ndestinations = ["DEU"]\nages = "18+"\n'
POLAND = 'name = "poland"\nplatform = "meta"\norigins = ["POL"]\ndestinations = ["DEU"]\nages = "18+"\n'


class InProcess:
    """The wire to a simulated platform of the same process."""

    def __init__(self, service: SimulatedMeta) -> None:
        self.service = service

    async def fetch(self, url: str, *, token: SecretStr, **_: object) -> Reply:
        path = url.partition("graph.facebook.com")[2].encode()
        reply = self.service.handle("GET", path, {"authorization": f"Bearer {token.get_secret_value()}"})
        return Reply(reply.status, reply.headers, reply.body)

    async def close(self) -> None:
        """Nothing is open."""


class Says:
    """A wire on which always the same comes back; notes the URLs."""

    def __init__(self, content: Any, statuses: Any = None) -> None:
        self.body, self.statuses = json.dumps(content).encode(), json.dumps(statuses or {"data": []}).encode()
        self.urls: list[str] = []

    async def fetch(self, url: str, *, token: SecretStr, **_: object) -> Reply:
        self.urls.append(url)
        return Reply(200, (), self.statuses if "targetingoptionstatus" in url else self.body)

    async def close(self) -> None:
        """Nothing is open."""


def through(wire: InProcess | Says, token: str = TOKEN) -> MetaLookUp:
    return MetaLookUp([Credential(SecretStr(token), ACCOUNT)], wire)


@pytest.fixture(scope="module")
def world() -> World:
    """Every origin of Meta, in few places."""
    return simulate(np.random.default_rng(5), areas=("AUT",))


@pytest.fixture
def workspace(tmp_path: Path) -> Folder:
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "serbia.toml").write_text(SERBIA)
    (queries / "poland.toml").write_text(POLAND)
    return Folder(tmp_path, tmp_path / "out")


def test_a_live_list_as_shipped_changes_nothing_and_is_kept(world: World, workspace: Folder) -> None:
    checked = check(workspace, through(InProcess(SimulatedMeta(world, lambda: START))))
    assert checked.changes.none
    assert not checked.going
    assert checked.known == 90
    assert not checked.breaks_queries
    assert checked.path == workspace.output / "catalogues" / f"meta-{checked.asked_at[:10]}.json"
    kept = json.loads(checked.path.read_text(encoding="utf-8"))
    assert kept["asked_at"] == checked.asked_at
    assert kept["api_version"] == "v25.0"
    assert kept["parameters"]["class"] == "behaviors"
    assert len(kept["answer"]["data"]) == 90
    assert TOKEN not in checked.path.read_text(encoding="utf-8")


def test_a_withdrawn_category_is_told_with_the_queries_that_ask_for_it(world: World, workspace: Folder) -> None:
    service = SimulatedMeta(world, lambda: START, withdrawn={"SRB", "ITA"})
    checked = check(workspace, through(InProcess(service)))
    assert checked.queries == {"ITA": (), "SRB": ("serbia",)}
    assert checked.breaks_queries


def test_a_withdrawn_category_of_no_query_breaks_none(world: World, workspace: Folder) -> None:
    checked = check(workspace, through(InProcess(SimulatedMeta(world, lambda: START, withdrawn={"ITA"}))))
    assert [gone.origin for gone in checked.changes.removed] == ["ITA"]
    assert not checked.breaks_queries


def test_categories_marked_to_go_are_told_with_the_day_and_the_queries(world: World, workspace: Folder) -> None:
    service = SimulatedMeta(world, lambda: START, faults=FaultPlan(deprecating=1.0))
    checked = check(workspace, through(InProcess(service)))
    assert len(checked.going) == 90
    assert {(status.status, status.planned) for status in checked.going} == {
        ("DEPRECATING", (("2027-02-01", "NON-DELIVERABLE"),))
    }
    assert checked.queries["SRB"] == ("serbia",)
    assert not checked.breaks_queries, "what is to go can still be asked"


def test_a_query_that_cannot_be_read_is_told_before_anything_is_asked(workspace: Folder) -> None:
    (workspace.root / "queries" / "broken.toml").write_text("name = ")
    wire = Says({"data": []})
    with pytest.raises(QueryError, match=r"not valid TOML"):
        check(workspace, through(wire))
    assert wire.urls == []


@pytest.mark.parametrize("listed", [[], [{"id": "6004386044572", "name": "Android", "path": ["Mobile device user"]}]])
def test_a_list_of_none_of_the_categories_withdraws_none(listed: list[Any], workspace: Folder) -> None:
    with pytest.raises(PlatformError, match="none of the") as caught:
        check(workspace, through(Says({"data": listed})))
    assert "catalogues" in caught.value.where


def test_an_answer_that_is_no_utf8_is_kept_as_it_was(workspace: Folder) -> None:
    entry = {"id": "6027149004983", "name": "Lived in \ud800", "path": ["Expats", "x"]}
    checked = check(workspace, through(Says({"data": [entry]})))
    assert json.loads(checked.path.read_text(encoding="utf-8"))["answer"]["data"] == [entry]


LISTED = {"data": [{"id": "6027149004983", "name": "Lived in Serbia", "path": ["Expats", "x"]}]}
"""Serbia alone, so that all others are removed: what a status tells is asked of all."""


def stated(status: str, *plans: tuple[str, str], behavior: str = "6027149004983") -> dict[str, Any]:
    planned = [{"key": f"{day}T00:00:00+0000", "value": value} for day, value in plans]
    return {"data": [{"id": behavior, "current_status": status} | ({"future_plan": planned} if plans else {})]}


def test_the_status_of_all_93_ids_is_asked_in_one_call_and_kept(workspace: Folder) -> None:
    wire = Says(LISTED, stated("NORMAL"))
    checked = check(workspace, through(wire))
    assert len(wire.urls) == 2
    query = dict(parse_qsl(urlsplit(wire.urls[1]).query))
    assert query["type"] == "targetingoptionstatus"
    assert len(set(json.loads(query["targeting_option_list"]))) == 93
    assert (checked.asked, checked.going) == (1, ())
    kept = json.loads(checked.path.read_text(encoding="utf-8"))["statuses"]
    assert kept["answer"] == stated("NORMAL")
    assert kept["parameters"]["type"] == "targetingoptionstatus"


@pytest.mark.parametrize(
    ("answer", "words", "breaks"),
    [
        (stated("DEPRECATING"), "DEPRECATING (to be withdrawn", False),
        (stated("NON-DELIVERABLE"), "NON-DELIVERABLE (no longer served)", True),
        (stated("NORMAL", ("2027-01-15", "NON-DELIVERABLE")), "from 2027-01-15 NON-DELIVERABLE", False),
        (stated("SUSPENDED"), "SUSPENDED", False),
        ({"data": [{"id": "6027149004983", "future_plan": {"2027-01-15": "DEPRECATING"}}]}, "UNKNOWN (Meta does not say)", False),
    ],
)  # fmt: skip
def test_a_category_that_is_to_go_is_told_with_the_day(
    workspace: Folder, answer: dict[str, Any], words: str, breaks: bool
) -> None:
    checked = check(workspace, through(Says(LISTED, answer)))
    (going,) = checked.going
    assert words in going.words
    assert checked.queries["SRB"] == ("serbia",)
    (workspace.root / "queries" / "poland.toml").unlink()  # its category is not in the list
    assert check(workspace, through(Says(LISTED, answer))).breaks_queries == breaks


@pytest.mark.parametrize("status", ["NORMAL", "INCLUSION-ONLY", "NON-DELIVERABLE-IN-EXCLUSION"])
def test_a_category_that_stays_is_not_told(workspace: Folder, status: str) -> None:
    assert check(workspace, through(Says(LISTED, stated(status)))).going == ()


def test_a_query_by_language_asks_for_no_category(workspace: Folder) -> None:
    (workspace.root / "queries" / "serbia.toml").write_text(
        'origin_basis = "language"\n' + SERBIA.replace('"NAM"', '"UKR"')
    )
    assert check(workspace, through(Says(LISTED, stated("DEPRECATING")))).queries["SRB"] == ()


def test_a_refused_status_leaves_the_list_its_comparison(workspace: Folder) -> None:
    error = {"error": {"message": "(#100) Unsupported", "code": 100, "type": "OAuthException"}}
    checked = check(workspace, through(Says(LISTED, error)))
    assert checked.known == 1
    assert "Unsupported" in checked.refused
    assert json.loads(checked.path.read_text(encoding="utf-8"))["statuses"] is None


def test_without_origins_every_category_is_offered() -> None:
    found = offer()
    assert len(found.categories) == 90
    assert found.without == {}


def test_origins_without_a_category_are_named_with_their_languages() -> None:
    found = offer(["Namibia", "Serbia", "Ukraine", "Bosnia and Herzegovina"])
    assert [category.origin for category in found.categories] == ["SRB"]
    languages = {origin: [locale.number for locale in locales] for origin, locales in found.without.items()}
    assert languages == {"NAM": [], "UKR": [52], "BIH": [55, 38, 42]}


def test_the_groups_of_the_vocabulary_and_the_catalogue_agree() -> None:
    assert offer(["meta-origins"]).without == {}
    assert offer(["meta-origins"]).categories == offer().categories


def test_an_area_that_is_not_known_is_no_origin() -> None:
    with pytest.raises(UnknownNameError, match="Atlantis"):
        offer(["Atlantis"])


def test_places_are_found_in_a_country_by_its_name_or_code() -> None:
    entry = {"key": "7", "name": "Khomas", "type": "region", "country_code": "NA", "region": ""}
    wire = Says({"data": [entry]})
    for country in ("Namibia", "NAM", "NA"):
        assert [place.key for place in places("Khomas", country, through(wire), ["region"])] == ["7"]
    assert all("country_code=NA&" in url for url in wire.urls)
    assert "location_types=%5B%22region%22%5D" in wire.urls[0]


def test_a_country_meta_has_no_code_for_is_told_before_anything_is_asked() -> None:
    wire = Says({"data": []})
    with pytest.raises(InputError, match="no ISO 3166-1 alpha-2 code"):
        places("Jersey", "Channel Islands", through(wire))
    assert wire.urls == []
