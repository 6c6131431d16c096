"""Regions of the simulated world: they add up to their country, and are refused beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from smstock.sandbox.audiences import count
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.regions import MOVEMENT, regions
from smstock.sandbox.search import search
from smstock.sandbox.simulation import simulate
from smstock.sandbox.targeting import read

if TYPE_CHECKING:
    from smstock.sandbox.world import World

COUNTRIES = ("DEU", "ESP", "USA")
POLES = [{"behaviors": [{"id": "6019396657183"}]}]


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(np.random.default_rng(1), areas=(*COUNTRIES, "AUT"), origins=("POL", "SRB"))


def asked(world: World, locations: dict[str, list[object]], **parts: object) -> int:
    return count(world, read({"geo_locations": locations, "age_min": 18, **parts}), "2026-11")


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("parts", [{}, {"flexible_spec": POLES}, {"flexible_spec": POLES, "genders": [2]}])
def test_regions_add_up_to_their_country(world: World, country: str, parts: dict[str, object]) -> None:
    code = {"DEU": "DE", "ESP": "ES", "USA": "US"}[country]
    members = [region for region in regions() if region.country == country]
    apart = [asked(world, {"regions": [{"key": region.key}]}, **parts) for region in members]
    together = asked(world, {"regions": [{"key": region.key} for region in members]}, **parts)
    whole = asked(world, {"countries": [code]}, **parts)
    assert together == pytest.approx(whole, abs=1)
    assert sum(apart) == pytest.approx(whole, abs=len(members))
    assert min(apart) >= 0


def test_migrants_like_some_regions_better(world: World) -> None:
    poles, serbs = (
        [region.share_of(origin, "2026-11") / region.share for region in regions()] for origin in ("POL", "SRB")
    )
    assert np.std(np.log(poles)) > 0.1
    assert poles != serbs


def test_shares_of_regions_move_and_add_up_in_each_month() -> None:
    years = [f"{year}-01" for year in range(2014, 2033)]
    of_land = [region for region in regions() if region.country == "ESP"]
    for measure in ("share_of", "accounts_of"):
        shares = np.array([[getattr(region, measure)("MAR", month) for month in years] for region in of_land])
        assert shares.sum(axis=0) == pytest.approx(1.0)
        moved = np.diff(np.log(shares), axis=1)
        # before the first month and after the last one nothing moves
        assert np.abs(moved[:, [0, -1]]).max() < 1e-12
        assert np.std(moved[:, 1:-1]) == pytest.approx(MOVEMENT, rel=0.15)
    assert of_land[0].share_of("MAR", "2020-01") != of_land[0].share_of("MAR", "2020-02")


@pytest.mark.parametrize(
    "locations",
    [
        {"countries": ["DE"], "regions": [{"key": "9100001"}]},
        {"regions": [{"key": "9100001"}, {"key": "9100001"}]},
        {"country_groups": ["worldwide"], "regions": [{"key": "9100001"}]},
    ],
)
def test_locations_that_overlap_are_refused(locations: dict[str, list[object]]) -> None:
    with pytest.raises(GraphError) as refused:
        read({"geo_locations": locations, "age_min": 18})
    assert refused.value.content["error_subcode"] == 1487756


def test_a_region_beside_another_country_is_both(world: World) -> None:
    region: dict[str, list[object]] = {"regions": [{"key": "9100001"}]}
    country: dict[str, list[object]] = {"countries": ["AT"]}
    both = asked(world, {**region, **country})
    assert both == pytest.approx(asked(world, region) + asked(world, country), abs=1)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(GraphError, match="no key of a region"):
        read({"geo_locations": {"regions": [{"key": "1"}]}, "age_min": 18})


def test_regions_are_found_by_name_and_country(world: World) -> None:
    asked_for = {"type": "adgeolocation", "location_types": '["region"]', "q": "", "limit": "100"}
    assert len(search(world, asked_for | {"country_code": "ES"}, "2026-11")["data"]) == 19
    (bavaria,) = search(world, asked_for | {"q": "bav"}, "2026-11")["data"]
    assert (bavaria["name"], bavaria["type"], bavaria["country_code"]) == ("Bavaria", "region", "DE")
