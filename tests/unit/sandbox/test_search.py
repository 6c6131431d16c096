from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from smstock.platforms.meta import catalogue
from smstock.sandbox import audiences
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.search import search
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.sandbox.world import World

BEHAVIORS = {"type": "adTargetingCategory", "class": "behaviors", "limit": "2000"}
COUNTRIES = {"type": "adgeolocation", "location_types": '["country"]'}


def test_categories_are_those_of_the_world_by_their_real_ids(world: World) -> None:
    found = {each["id"] for each in search(world, BEHAVIORS, "2026-11")["data"]}
    assert found == {each.behavior_id for each in catalogue.lived_in() if each.origin in world.origins}


def test_a_category_has_the_size_of_its_label_everywhere(world: World) -> None:
    (serbs,) = [each for each in search(world, BEHAVIORS, "2026-11")["data"] if "Serbia" in each["name"]]
    counted = audiences.labels(world, "2026-11", list(range(7)), Ages(13))[:, world.origins.index("SRB")].sum()
    assert serbs["audience_size_lower_bound"] == int(counted)
    assert serbs["audience_size_upper_bound"] / serbs["audience_size_lower_bound"] == pytest.approx(1.176, rel=1e-3)


def test_a_withdrawn_category_is_not_found(world: World) -> None:
    names = [each["name"] for each in search(world, BEHAVIORS, "2026-11", withdrawn={"SRB"})["data"]]
    assert names
    assert not any("Serbia" in name for name in names)


def test_countries_are_found_by_the_beginning_of_their_name(world: World) -> None:
    assert [each["key"] for each in search(world, COUNTRIES | {"q": "na"}, "2026-11")["data"]] == ["NA"]
    assert len(search(world, COUNTRIES, "2026-11")["data"]) == len(world.areas)
    assert len(search(world, COUNTRIES | {"limit": "2"}, "2026-11")["data"]) == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"type": "adinterest"},
        {"type": "adTargetingCategory", "class": "interests"},
        {"type": "adgeolocation", "location_types": '["geo_market"]'},
        {"type": "adgeolocation", "location_types": "city"},
        BEHAVIORS | {"limit": "-1"},
        BEHAVIORS | {"after": "next"},
    ],
)
def test_what_is_not_simulated_is_refused(world: World, parameters: dict[str, str]) -> None:
    with pytest.raises(GraphError) as caught:
        search(world, parameters, "2026-11")
    assert caught.value.content["code"] == 100


def test_looking_up_costs_no_call_of_an_account(client: Callable[..., Any]) -> None:
    asking = client()
    reply = asking.get("/v25.0/search", BEHAVIORS)
    assert len(json.loads(reply.body)["data"]) == 5
    assert not asking.service.accounts["1000000001"].quota.admitted


PLACES = {"type": "adgeolocation", "location_types": '["region", "city", "zip"]', "limit": "1000"}


def paged(world: World, asked: dict[str, str]) -> list[list[str]]:
    """Return the keys of each page, each led to by the cursor of the one before."""
    pages = []
    body = search(world, asked, "2026-11")
    while body["data"]:
        pages.append([each["key"] for each in body["data"]])
        if "next" not in body["paging"]:
            break
        body = search(world, asked | {"after": body["paging"]["cursors"]["after"]}, "2026-11")
    return pages


def test_parts_of_a_country_are_listed_with_what_they_lie_in(world: World) -> None:
    listed = search(world, PLACES | {"country_code": "DE"}, "2026-11")["data"]
    kinds = Counter(each["type"] for each in listed)
    assert kinds == {"region": 16, "city": 29, "zip": 145}
    (munich,) = search(world, PLACES | {"q": "mun"}, "2026-11")["data"]
    assert (munich["region"], munich["region_id"], munich["country_code"]) == ("Bavaria", 9100002, "DE")
    inside = search(world, PLACES | {"region_id": "9100002"}, "2026-11")["data"]
    assert {each["region"] for each in inside} == {"Bavaria"}
    assert len(inside) == 3 * 6
    postcode = next(each for each in inside if each["type"] == "zip")
    assert (postcode["key"], postcode["primary_city"]) == ("DE:00030", "Munich")


def test_locations_of_every_kind_are_found_where_none_is_named(world: World) -> None:
    listed = search(world, {"type": "adgeolocation", "q": "ber", "country_code": "DE"}, "2026-11")["data"]
    assert [(each["name"], each["type"]) for each in listed] == [("Berlin", "region"), ("Berlin", "city")]


def test_areas_of_a_country_that_the_world_lacks_are_not_listed(world: World) -> None:
    assert not search(world, PLACES | {"country_code": "ES"}, "2026-11")["data"]


@pytest.mark.parametrize("limit", [1, 7, 16, 45, 100])
def test_pages_hold_each_entry_once_and_in_order(world: World, limit: int) -> None:
    asked = {"type": "adgeolocation", "location_types": '["region", "city"]', "country_code": "DE"}
    pages = paged(world, asked | {"limit": str(limit)})
    whole = [each["key"] for each in search(world, asked | {"limit": "1000"}, "2026-11")["data"]]
    assert [key for page in pages for key in page] == whole
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages) == -(-45 // limit)


def test_the_address_of_the_next_page_is_that_of_the_sandbox_and_holds_no_token(client: Callable[..., Any]) -> None:
    asking = client()
    asked = {"type": "adgeolocation", "location_types": '["country"]', "limit": "2", "access_token": asking.token}
    body = json.loads(asking.get("/v25.0/search", asked, host="127.0.0.1:8765").body)
    address = body["paging"]["next"]
    assert address.startswith("http://127.0.0.1:8765/v25.0/search?")
    assert asking.token not in address
    following = json.loads(asking.get("/v25.0/search", dict(parse_qsl(urlsplit(address).query))).body)
    assert not {each["key"] for each in body["data"]} & {each["key"] for each in following["data"]}


def test_categories_are_marked_to_go_at_their_rate_and_can_still_be_asked(
    client: Callable[..., Any], spec: Callable[..., Any]
) -> None:
    ids = json.dumps(list(catalogue.asked_ids()))
    asked = {"type": "targetingoptionstatus", "targeting_option_list": ids}
    some, every = (client(faults=FaultPlan(deprecating=rate)) for rate in (0.5, 1.0))
    going = [each for each in json.loads(every.get("/v25.0/search", asked).body)["data"] if each["future_plan"]]
    assert {each["current_status"] for each in going} == {"DEPRECATING"}
    assert next(each["future_plan"] for each in going) == [
        {"key": "2027-02-01T00:00:00+0000", "value": "NON-DELIVERABLE"}
    ]
    assert len(going) == 5
    assert [each.fault for each in every.service.injected] == ["deprecating"] * 5
    assert 0 < len([e for e in json.loads(some.get("/v25.0/search", asked).body)["data"] if e["future_plan"]]) < 5
    assert every.ask(spec("SRB", "DE")).status == 200
    sound = json.loads(client().get("/v25.0/search", asked).body)["data"]
    assert not any(each["future_plan"] for each in sound)
    named = {each["id"]: each["current_status"] for each in sound}
    assert {named[without] for without in catalogue.WITHOUT_ORIGIN} == {"NORMAL"}
