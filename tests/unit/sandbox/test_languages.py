"""Accounts by language: one each, of natives and of migrants who kept theirs, and known by origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from smstock.platforms.meta import errors, locales
from smstock.sandbox import figures, languages
from smstock.sandbox.audiences import count
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.regions import regions
from smstock.sandbox.simulation import simulate
from smstock.sandbox.targeting import read
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from smstock.sandbox.world import World

MONTH = "2026-11"
SPAIN: dict[str, object] = {"countries": ["ES"]}
UKRAINIAN, RUSSIAN, SPANISH = 52, 17, 7
POLES = [{"behaviors": [{"id": "6019396657183"}]}]


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(np.random.default_rng(3), areas=("AUT", "ESP", "UKR", "RUS", "TUR"), origins=("POL", "ROU"))


def asked(world: World, places: dict[str, object], **parts: object) -> int:
    return count(world, read({"geo_locations": places, "age_min": 18, **parts}), MONTH)


def test_an_account_uses_one_language(world: World) -> None:
    both = asked(world, SPAIN, locales=[UKRAINIAN, RUSSIAN])
    apart = asked(world, SPAIN, locales=[UKRAINIAN]) + asked(world, SPAIN, locales=[RUSSIAN])
    assert both == pytest.approx(apart, abs=1)
    every = asked(world, SPAIN, locales=[locale.number for locale in locales.known()])
    assert every <= asked(world, SPAIN)
    # every state of this world has a language that is known
    assert every == pytest.approx(asked(world, SPAIN), abs=1)


def test_a_language_is_used_most_at_home_and_abroad_by_migrants(world: World) -> None:
    assert asked(world, SPAIN, locales=[SPANISH]) > 0.5 * asked(world, SPAIN)
    abroad = asked(world, SPAIN, locales=[UKRAINIAN])
    of_ukraine = languages.of(world).world
    place, origin = world.areas.index("ESP"), of_ukraine.origins.index("UKR")
    assert 0 < abroad < of_ukraine.stock[of_ukraine.month_number(MONTH), place, origin]


def test_parts_add_up(world: World) -> None:
    whole = asked(world, SPAIN, locales=[UKRAINIAN])
    apart = [
        asked(world, {"regions": [{"key": region.key}]}, locales=[UKRAINIAN])
        for region in regions()
        if region.country == "ESP"
    ]
    assert sum(apart) == pytest.approx(whole, abs=len(apart))
    by_sex = [asked(world, SPAIN, locales=[UKRAINIAN], genders=[gender]) for gender in (1, 2)]
    assert sum(by_sex) == pytest.approx(whole, abs=1)
    by_age = [
        asked(world, SPAIN, locales=[UKRAINIAN], age_min=first, age_max=last) for first, last in ((18, 40), (41, 65))
    ]
    assert sum(by_age) == pytest.approx(whole, abs=1)


def test_a_label_and_a_language_hold_those_of_both(world: World) -> None:
    polish = next(locale.number for locale in locales.known() if locale.language == "Polish")
    of_label = asked(world, SPAIN, flexible_spec=POLES)
    both = asked(world, SPAIN, flexible_spec=POLES, locales=[polish])
    kept = languages.of(world).migrants(frozenset({polish}))[world.areas.index("ESP"), world.origins.index("POL")]
    assert both == pytest.approx(of_label * kept, abs=1)


def test_the_world_is_the_same_with_languages_and_without(world: World) -> None:
    again = simulate(np.random.default_rng(3), areas=("AUT", "ESP", "UKR", "RUS", "TUR"), origins=("POL", "ROU"))
    asked(world, SPAIN, locales=[UKRAINIAN])
    assert asked(world, SPAIN, flexible_spec=POLES) == asked(again, SPAIN, flexible_spec=POLES)
    assert asked(world, SPAIN, locales=[UKRAINIAN]) == asked(again, SPAIN, locales=[UKRAINIAN])


def test_the_truth_by_language_is_what_is_counted(world: World) -> None:
    table = figures.truth_by_language(world, MONTH, destinations=["AUT", "ESP"], origins=["ROU", "UKR"], ages=Ages(18))
    assert len(table) == 12
    rows = table.set_index(["destination", "origin", "sex"])
    audience, stock = rows["audience"].astype(float), rows["stock"].astype(float)
    assert asked(world, SPAIN, locales=[UKRAINIAN]) == int(audience["ESP", "UKR", "all"])
    assert asked(world, SPAIN, locales=[UKRAINIAN], genders=[2]) == int(audience["ESP", "UKR", "female"])
    known = figures.truth(world, MONTH, destinations=["ESP"], origins=["ROU"])
    assert stock["ESP", "ROU", "all"] == pytest.approx(known["stock"].iloc[0])


def test_a_world_of_origins_alone_has_languages_too() -> None:
    small = simulate(np.random.default_rng(1), areas=("POL",), origins=("POL", "ROU"))
    assert languages.of(small).world.origins == small.origins
    assert count(small, read({"geo_locations": {"countries": ["PL"]}, "locales": [15]}), MONTH) > 0


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"locales": [UKRAINIAN], "age_min": 17}, "refused:age_rule"),
        ({"locales": [999]}, "refused:invalid_parameter"),
        ({"locales": ["Ukrainian"]}, "refused:invalid_parameter"),
        ({"locales": UKRAINIAN}, "refused:invalid_parameter"),
    ],
)
def test_a_language_is_refused_as_meta_refuses_it(parts: dict[str, object], status: str) -> None:
    with pytest.raises(GraphError) as refused:
        read({"geo_locations": SPAIN, "age_min": 18, **parts})
    assert errors.classify(refused.value.content, refused.value.status).status == status
