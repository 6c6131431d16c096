"""Meta's own Python client against the sandbox: it is answered as Meta answers it."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.targetingsearch import TargetingSearch
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from smstock.platforms.meta.rounding import FLOOR
from smstock.platforms.meta.versions import DEFAULT
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta
from smstock.sandbox.server import serve
from smstock.sandbox.simulation import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("ignore:.* does not allow ")]

SERBS = {
    "geo_locations": {"countries": ["AT"]},
    "age_min": 18,
    "flexible_spec": [{"behaviors": [{"id": "6027149004983"}]}],
}
NOW = 1_795_000_000.0


@pytest.fixture(scope="module")
def service() -> SimulatedMeta:
    return SimulatedMeta(
        simulate(np.random.default_rng(1), areas=("AUT", "DEU", "ESP"), origins=("SRB", "POL")), lambda: NOW
    )


@pytest.fixture
def client(service: SimulatedMeta, monkeypatch: pytest.MonkeyPatch) -> Iterator[FacebookAdsApi]:
    """The client, its address that of a sandbox which listens in a thread."""
    listening = threading.Event()
    told: dict[str, Any] = {}

    async def listen() -> None:
        told["loop"], told["ended"] = asyncio.get_running_loop(), asyncio.Event()
        async with await serve(service.handle, port=0) as server:
            told["port"] = server.sockets[0].getsockname()[1]
            listening.set()
            await told["ended"].wait()

    thread = threading.Thread(target=lambda: asyncio.run(listen()))
    thread.start()
    assert listening.wait(10)
    monkeypatch.setattr(FacebookSession, "GRAPH", f"http://127.0.0.1:{told['port']}")
    session = FacebookSession(app_id="1", app_secret="a-secret", access_token=TOKEN)
    yield FacebookAdsApi(session, api_version=DEFAULT)
    session.requests.close()
    told["loop"].call_soon_threadsafe(told["ended"].set)
    thread.join(10)
    assert not thread.is_alive()


def test_an_estimate_is_that_of_smstock(client: FacebookAdsApi, service: SimulatedMeta) -> None:
    account = AdAccount(f"act_{ACCOUNT}", api=client)
    listed = list(account.get_delivery_estimate(params={"targeting_spec": SERBS, "optimization_goal": "REACH"}))
    (estimate,) = listed
    path = f"/{DEFAULT}/act_{ACCOUNT}/delivery_estimate?targeting_spec={json.dumps(SERBS)}".replace(" ", "")
    body = service.handle("GET", path.encode(), {"authorization": f"Bearer {TOKEN}"}).body
    assert estimate.export_all_data() == json.loads(body)["data"][0]
    assert estimate["estimate_mau_lower_bound"] > FLOOR


def located(client: FacebookAdsApi, **locations: Any) -> int:
    account = AdAccount(f"act_{ACCOUNT}", api=client)
    spec = {"geo_locations": locations, "age_min": 18}
    (estimate,) = account.get_delivery_estimate(params={"targeting_spec": spec, "optimization_goal": "REACH"})
    return int(estimate["estimate_mau_upper_bound"])


def test_regions_and_cities_are_found_and_estimated(client: FacebookAdsApi) -> None:
    asked = {"type": "adgeolocation", "location_types": ["region", "city"], "country_code": "ES", "q": "Catalonia"}
    (catalonia,) = TargetingSearch.search(asked, client)
    (barcelona,) = TargetingSearch.search(asked | {"q": "Barc"}, client)
    assert (catalonia["type"], barcelona["type"]) == ("region", "city")
    assert str(barcelona["region_id"]) == catalonia["key"]
    region, city = {"key": catalonia["key"]}, {"key": barcelona["key"]}
    of_city = located(client, cities=[city])
    around = located(client, cities=[city | {"radius": 20, "distance_unit": "kilometer"}])
    assert FLOOR < of_city < around < located(client, regions=[region]) < located(client, countries=["ES"])
    circle = {"latitude": 41.39, "longitude": 2.16, "radius": 20, "distance_unit": "kilometer"}
    assert FLOOR < located(client, custom_locations=[circle]) < around
    assert located(client, zips=[{"key": "ES:00430"}]) < of_city
    with pytest.raises(FacebookRequestError) as refused:
        located(client, regions=[region], cities=[city])
    assert (refused.value.api_error_code(), refused.value.api_error_subcode()) == (100, 1487756)


def test_all_regions_come_in_pages(client: FacebookAdsApi) -> None:
    asked = {"type": "adgeolocation", "location_types": ["region"], "country_code": "ES", "limit": 10}
    first = client.call("GET", ("search",), asked).json()
    rest = client.call("GET", ("search",), asked | {"after": first["paging"]["cursors"]["after"]})
    assert [len(page["data"]) for page in (first, rest.json())] == [10, 9]
    assert "next" in first["paging"]
    assert "next" not in rest.json()["paging"]


def test_accounts_by_language_are_estimated(client: FacebookAdsApi) -> None:
    account = AdAccount(f"act_{ACCOUNT}", api=client)
    (polish,) = TargetingSearch.search({"type": "adlocale", "q": "pol"}, client)
    spec = {"geo_locations": {"countries": ["DE"]}, "age_min": 18, "locales": [polish["key"]]}
    (estimate,) = account.get_delivery_estimate(params={"targeting_spec": spec})
    assert FLOOR < estimate["estimate_mau_upper_bound"] < located(client, countries=["DE"])


def test_fields_that_are_asked_for_come_alone(client: FacebookAdsApi) -> None:
    account = AdAccount(f"act_{ACCOUNT}", api=client)
    (estimate,) = account.get_delivery_estimate(fields=["estimate_ready"], params={"targeting_spec": SERBS})
    assert estimate.export_all_data() == {"estimate_ready": True}
    with pytest.raises(FacebookRequestError, match="nonexisting field"):
        list(account.get_delivery_estimate(fields=["estimate_mau"], params={"targeting_spec": SERBS}))


def test_reach_is_estimated_too(client: FacebookAdsApi) -> None:
    reached = list(AdAccount(f"act_{ACCOUNT}", api=client).get_reach_estimate(params={"targeting_spec": SERBS}))
    assert len(reached) == 1
    assert reached[0]["users_lower_bound"] <= reached[0]["users_upper_bound"]


def test_what_can_be_targeted_is_found(client: FacebookAdsApi) -> None:
    behaviors = TargetingSearch.search({"type": "adTargetingCategory", "class": "behaviors", "limit": 2000}, client)
    assert {"6027149004983"} < {found["id"] for found in behaviors}
    places = TargetingSearch.search({"type": "adgeolocation", "location_types": ["country"], "q": "aus"}, client)
    assert [place["key"] for place in places] == ["AT"]
    (polish,) = TargetingSearch.search({"type": "adlocale", "q": "pol"}, client)
    assert polish["name"] == "Polish"
    ids = ["6027149004983", "1"]
    statuses = TargetingSearch.search({"type": "targetingoptionstatus", "targeting_option_list": ids}, client)
    assert [status["current_status"] for status in statuses] == ["NORMAL", "NON-DELIVERABLE"]


def test_a_refusal_has_its_code_and_subcode(client: FacebookAdsApi) -> None:
    account = AdAccount(f"act_{ACCOUNT}", api=client)
    with pytest.raises(FacebookRequestError) as refused:
        list(account.get_delivery_estimate(params={"targeting_spec": {**SERBS, "age_min": 13}}))
    assert (refused.value.api_error_code(), refused.value.api_error_subcode()) == (100, 1870165)
    with pytest.raises(FacebookRequestError) as unknown:
        list(account.get_delivery_estimate(params={"targeting_spec": SERBS, "currency": "EUR"}))
    assert "Param currency on field delivery_estimate" in unknown.value.api_error_message()
