from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smstock.platforms.meta import catalogue
from smstock.sandbox import audiences
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
