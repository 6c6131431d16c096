"""Cities, circles and postcodes of the simulated world: parts of parts, and refused where they overlap."""

from __future__ import annotations

from contextlib import suppress
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.meta import errors
from smstock.sandbox import figures
from smstock.sandbox.audiences import count
from smstock.sandbox.cities import AROUND, SPREAD, Within, by_code, by_key, cities
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.simulation import simulate
from smstock.sandbox.targeting import read
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.places import Circle

if TYPE_CHECKING:
    from smstock.sandbox.world import World

MONTH = "2026-11"
POLES = [{"behaviors": [{"id": "6019396657183"}]}]
MADRID = next(city for city in cities() if city.name == "Madrid")
BARCELONA = next(city for city in cities() if city.name == "Barcelona")
CATALONIA = BARCELONA.region


def around(city: Any, radius: float, **more: object) -> dict[str, object]:
    return {
        "latitude": city.latitude,
        "longitude": city.longitude,
        "radius": radius,
        "distance_unit": "kilometer",
    } | more


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(np.random.default_rng(1), areas=("DEU", "ESP", "USA", "AUT"), origins=("POL", "SRB"))


def asked(world: World, locations: dict[str, Any], **parts: object) -> int:
    return count(world, read({"geo_locations": locations, "age_min": 18, **parts}), MONTH)


def key(part: Any, **more: object) -> dict[str, object]:
    return {"key": part.key} | more


@pytest.mark.parametrize("parts", [{}, {"flexible_spec": POLES}, {"locales": [7]}])
def test_a_city_is_less_than_its_region_and_all_that_its_postcodes_are(world: World, parts: dict[str, object]) -> None:
    for city in cities()[::9]:
        of_city = asked(world, {"cities": [key(city)]}, **parts)
        postcodes = [key(postcode) for postcode in city.postcodes]
        assert asked(world, {"zips": postcodes}, **parts) == pytest.approx(of_city, abs=1)
        assert of_city <= asked(world, {"regions": [key(city.region)]}, **parts)
        apart = sum(asked(world, {"zips": [postcode]}, **parts) for postcode in postcodes)
        assert apart == pytest.approx(of_city, abs=5)


def test_cities_of_a_region_leave_room_for_others() -> None:
    for region in {city.region for city in cities()}:
        inside = [city for city in cities() if city.region == region]
        for origin in ("POL", "UKR"):
            for parts, whole in (
                ([city.share for city in inside], region.share),
                ([city.share_of(origin, "2026-11") for city in inside], region.share_of(origin, "2026-11")),
                ([city.accounts_of(origin, "2026-11") for city in inside], region.accounts_of(origin, "2026-11")),
            ):
                assert sum(parts) <= whole * (1 + 1e-9)
                assert min(parts) > 0


def test_who_lives_in_a_circle_is_found_again_by_putting_people_on_the_map() -> None:
    """The oracle: people drawn one by one around the middles of cities, and counted in the circle."""
    rng = np.random.default_rng(1)
    spain = [city for city in cities() if city.country == "ESP"]
    people = 400_000
    middles, spread, weights = [], [], []
    for city in spain:
        others = [other for other in spain if other.region == city.region]
        outside = city.region.share - sum(other.share for other in others)
        middles += [(city.latitude, city.longitude)] * 2
        spread += [SPREAD * sqrt(city.thousands), AROUND]
        weights += [city.share, outside * city.thousands / sum(other.thousands for other in others)]
    assert sum(weights) == pytest.approx(1)
    home = rng.choice(len(weights), people, p=np.array(weights))
    north, east = rng.normal(0, 1, (2, people)) * np.array(spread)[home]
    latitude = np.array(middles)[home, 0] + north / 111.19
    longitude = np.array(middles)[home, 1] + east / (111.19 * np.cos(np.radians(latitude)))
    for middle, radius in ((Circle(40.42, -3.7, 0), 10), (Circle(41.5, 2.1, 0), 25), (Circle(37.2, -5.9, 0), 60)):
        away = np.hypot(
            (latitude - middle.latitude) * 111.19,
            (longitude - middle.longitude) * 111.19 * np.cos(np.radians(middle.latitude)),
        )
        share = Within(Circle(middle.latitude, middle.longitude, radius)).share
        assert share == pytest.approx((away <= radius).mean(), rel=0.03)


def test_a_circle_grows_with_its_radius_and_a_city_with_one_holds_the_city(world: World) -> None:
    circles = [asked(world, {"custom_locations": [around(MADRID, radius)]}) for radius in (1, 5, 20, 80)]
    assert circles == sorted(circles)
    alone = asked(world, {"cities": [key(MADRID)]})
    assert circles[0] < alone / 10
    wider = [asked(world, {"cities": [key(MADRID, radius=radius, distance_unit="kilometer")]}) for radius in (17, 80)]
    assert [alone, *wider] == sorted([alone, *wider])
    assert wider[1] == pytest.approx(circles[3], rel=1e-3)
    assert asked(world, {"cities": [key(MADRID, radius=0)]}) == alone


def test_miles_are_what_is_meant_where_no_unit_is_told(world: World) -> None:
    told, silent = (
        asked(world, {"cities": [key(MADRID, radius=20, **unit)]}) for unit in ({"distance_unit": "mile"}, {})
    )
    kilometres = asked(world, {"cities": [key(MADRID, radius=32.18688, distance_unit="kilometer")]})
    assert told == silent == kilometres


def test_what_a_look_up_tells_beside_a_key_says_nothing(world: World) -> None:
    beside = key(MADRID, name="Madrid", region="Madrid", region_id=9200013, country="ES")
    assert asked(world, {"cities": [beside]}) == asked(world, {"cities": [key(MADRID)]})


def test_places_apart_are_both(world: World) -> None:
    one, other = {"cities": [key(MADRID)]}, {"regions": [key(CATALONIA)]}
    assert asked(world, one | other) == pytest.approx(asked(world, one) + asked(world, other), abs=1)
    postcode = {"zips": [key(MADRID.postcodes[0])], "countries": ["AT"]}
    apart = asked(world, {"zips": postcode["zips"]}) + asked(world, {"countries": ["AT"]})
    assert asked(world, postcode) == pytest.approx(apart, abs=1)


@pytest.mark.parametrize(
    "locations",
    [
        {"countries": ["ES"], "cities": [key(MADRID)]},
        {"countries": ["ES"], "zips": [key(MADRID.postcodes[0])]},
        {"countries": ["ES"], "custom_locations": [around(MADRID, 5)]},
        {"country_groups": ["worldwide"], "cities": [key(MADRID)]},
        {"regions": [key(CATALONIA)], "cities": [key(BARCELONA)]},
        {"regions": [key(CATALONIA)], "zips": [key(BARCELONA.postcodes[0])]},
        {"regions": [key(CATALONIA)], "custom_locations": [around(BARCELONA, 5)]},
        {"cities": [key(MADRID), key(MADRID)]},
        {"cities": [key(MADRID)], "zips": [key(MADRID.postcodes[1])]},
        {"cities": [key(MADRID)], "custom_locations": [around(MADRID, 1)]},
        {"cities": [key(BARCELONA, radius=17, distance_unit="kilometer"), {"key": "9300044"}]},
        {"custom_locations": [around(MADRID, 5), around(MADRID, 5)]},
        {"custom_locations": [around(MADRID, 60), around(MADRID, 60, longitude=-2.5)]},
    ],
)  # fmt: skip
def test_locations_that_overlap_are_refused(locations: dict[str, object]) -> None:
    with pytest.raises(GraphError) as refused:
        read({"geo_locations": locations, "age_min": 18})
    assert errors.classify(refused.value.content, refused.value.status).status == "refused:invalid_geo"


@pytest.mark.parametrize(
    "locations",
    [
        {"cities": [key(BARCELONA), {"key": "9300047"}]},
        {"zips": [key(postcode) for postcode in MADRID.postcodes]},
        {"regions": [key(CATALONIA)], "cities": [key(MADRID)], "custom_locations": [around(MADRID, 5, latitude=37.4)]},
        {"countries": ["AT", "DE"], "cities": [key(MADRID, radius=80, distance_unit="kilometer")]},
    ],
)
def test_locations_side_by_side_are_taken(locations: dict[str, object]) -> None:
    asked_for = read({"geo_locations": locations, "age_min": 18})
    assert len(asked_for.places) + len(asked_for.areas) == sum(map(len, locations.values()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("locations", "words"),
    [
        ({"cities": [{"key": "9200013"}]}, "no key of a city"),
        ({"regions": [key(MADRID)]}, "no key of a region"),
        ({"zips": [{"key": "ES:99999"}]}, "no key of a postcode"),
        ({"cities": ["9300053"]}, "no key of a city"),
        ({"cities": [key(MADRID, radius=16, distance_unit="kilometer")]}, "17 to 80 kilometers"),
        ({"cities": [key(MADRID, radius=51)]}, "10 to 50 miles"),
        ({"cities": [key(MADRID, radius="20")]}, "radius of '20'"),
        ({"cities": [key(MADRID, radius=20, distance_unit="league")]}, "distance_unit 'league'"),
        ({"custom_locations": [around(MADRID, 0)]}, "1 to 80 kilometers"),
        ({"custom_locations": [around(MADRID, 5, latitude=91)]}, "no point of the Earth"),
        ({"custom_locations": [{"address_string": "Madrid", "radius": 5}]}, "latitude and longitude"),
        ({"zips": {"key": "ES:00530"}}, "must be a list"),
        ({"regions": [{"key": "3847"}] * 201}, "more than 200"),
        ({"geo_markets": [{"key": "DMA:501"}]}, "geo_markets is not known here"),
    ],
)
def test_a_location_that_is_none_is_refused_by_name(locations: dict[str, object], words: str) -> None:
    with pytest.raises(GraphError, match=words) as refused:
        read({"geo_locations": locations, "age_min": 18})
    assert "error_subcode" not in refused.value.content


def test_a_circle_with_too_few_people_is_refused(world: World) -> None:
    with pytest.raises(GraphError) as refused:
        asked(world, {"custom_locations": [around(MADRID, 5, latitude=36.0, longitude=-9.0)]})
    assert errors.classify(refused.value.content, refused.value.status).status == "refused:too_few_users"


def test_the_truth_of_a_place_is_what_is_counted_there(world: World) -> None:
    places = ["ESP", "ES-CT", "ES-MD-1", "US-CA-1"]
    table = figures.truth(world, MONTH, destinations=places, origins=["POL"], ages=Ages(18))
    rows = table.set_index(["destination", "sex"])
    audience, stock = rows["audience"].astype(float), rows["stock"].astype(float)
    for place in places[1:]:
        part = by_code()[place]
        kind = "regions" if place == "ES-CT" else "cities"
        spec = {"flexible_spec": POLES}
        assert asked(world, {kind: [key(part)]}, **spec) == int(audience[place, "all"])
        assert asked(world, {kind: [key(part)]}, genders=[2], **spec) == int(audience[place, "female"])
    assert stock["ES-MD-1", "all"] == pytest.approx(stock["ESP", "all"] * MADRID.share_of("POL", MONTH))
    at_home = figures.truth(world, MONTH, destinations=["ES-CT"], origins=["SRB", "POL"])
    assert set(at_home["origin"]) == {"SRB", "POL"}


plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["kilometer", "mile", "9300053", "3847"])
)
location = st.dictionaries(
    st.sampled_from(["key", "radius", "distance_unit", "latitude", "longitude"]), plain, max_size=5
)


@given(
    st.dictionaries(
        st.sampled_from(["cities", "regions", "zips", "custom_locations"]), st.lists(location | plain, max_size=3)
    )
)
def test_whatever_is_sent_is_understood_or_refused(world: World, locations: dict[str, Any]) -> None:
    with suppress(GraphError):
        assert asked(world, locations) >= 0


def test_keys_are_of_one_part_each() -> None:
    assert len(by_key()) == 86 + 127 * 6
    assert len(by_code()) == 86 + 127
