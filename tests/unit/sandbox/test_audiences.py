from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.sandbox import shares
from smstock.sandbox.audiences import count
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.targeting import AnyOf, Target
from smstock.vocabulary.facets import FOREIGN, Ages

if TYPE_CHECKING:
    from smstock.sandbox.world import World

MONTH = "2026-11"
BOTH = ("female", "male")
AREAS = ("AUT", "DEU", "NAM", "NGA", "POL", "SRB", "USA")
ORIGINS = ("NGA", "POL", "SRB", "USA")


def subsets(values: tuple[str, ...] | dict[int, float], least: int = 0) -> st.SearchStrategy[frozenset[str | int]]:
    return st.frozensets(st.sampled_from(sorted(values)), min_size=least)


@st.composite
def ages(draw: st.DrawFn) -> Ages:
    minimum = draw(st.integers(13, 65))
    return Ages(minimum, draw(st.none() | st.integers(minimum, 64)) if minimum < 65 else None)


any_of = st.builds(AnyOf, subsets(ORIGINS), subsets(shares.EDUCATION), subsets(shares.RELATIONSHIP))
targets = st.builds(
    Target,
    areas=subsets(AREAS, 1).map(sorted).map(tuple),
    sexes=st.sampled_from([BOTH, ("female",), ("male",)]),
    ages=ages(),
    groups=st.lists(any_of, max_size=2).map(tuple),
    share=st.sampled_from([1.0, shares.located(frozenset({"home"})), shares.reached(frozenset({"facebook"}))]),
)


@given(wide=targets, more=any_of, data=st.data())
def test_a_narrower_target_never_holds_more(world: World, wide: Target, more: AnyOf, data: st.DataObject) -> None:
    narrower = [
        replace(wide, sexes=wide.sexes[:1]),
        replace(wide, areas=wide.areas[:1]),
        replace(wide, groups=(*wide.groups, more)),
        replace(wide, share=wide.share * 0.9),
        replace(wide, ages=Ages(wide.ages.minimum, wide.ages.minimum) if wide.ages.minimum < 65 else wide.ages),
    ]
    if wide.groups:
        fewer = replace(wide.groups[0], education=frozenset(), origins=frozenset(sorted(wide.groups[0].origins)[:1]))
        narrower.append(replace(wide, groups=(fewer, *wide.groups[1:])))
    assert 0 <= count(world, data.draw(st.sampled_from(narrower)), MONTH) <= count(world, wide, MONTH)


@given(wide=targets)
def test_parts_add_up_to_the_whole(world: World, wide: Target) -> None:
    whole = count(world, wide, MONTH)
    by_area = [replace(wide, areas=(area,)) for area in wide.areas]
    by_sex = [replace(wide, sexes=(sex,)) for sex in wide.sexes]
    by_education = [
        replace(wide, groups=(*wide.groups, AnyOf(education=frozenset({code})))) for code in shares.EDUCATION
    ]
    for parts in (by_area, by_sex, by_education):
        assert 0 <= whole - sum(count(world, part, MONTH) for part in parts) <= len(parts)


def test_objects_are_joined_by_and_and_what_stands_in_one_by_or(world: World) -> None:
    poles, serbs = AnyOf(origins=frozenset({"POL"})), AnyOf(origins=frozenset({"SRB"}))
    graduates = AnyOf(education=frozenset({3, 9}))

    def counted(*groups: AnyOf) -> int:
        return count(world, Target(("DEU",), BOTH, Ages(18), groups), MONTH)

    everyone = counted()
    assert counted(poles, serbs) == 0
    assert abs(counted(AnyOf(origins=frozenset({"POL", "SRB"}))) - counted(poles) - counted(serbs)) <= 1
    assert abs(counted(poles, graduates) - 0.26 * counted(poles)) <= 1
    either = counted(AnyOf(origins=frozenset({"POL"}), education=frozenset({3, 9})))
    assert abs(either - (counted(poles) + 0.26 * everyone - 0.26 * counted(poles))) <= 2


def test_no_area_named_is_the_whole_world(world: World) -> None:
    named, whole = (count(world, Target(areas, BOTH, Ages(18)), MONTH) for areas in (AREAS, ()))
    assert named == whole > 0


@pytest.mark.parametrize(
    "target", [Target(("FRA",), BOTH, Ages(18)), Target(("DEU",), BOTH, Ages(18), (AnyOf(frozenset({"FRA"})),))]
)
def test_what_the_world_lacks_is_refused_and_not_empty(world: World, target: Target) -> None:
    with pytest.raises(GraphError, match=r"the simulated world has no .* FRA"):
        count(world, target, MONTH)


@pytest.mark.parametrize("parts", [shares.EDUCATION, shares.RELATIONSHIP, shares.LOCATION_TYPES])
def test_each_account_has_one_status_of_each_kind(parts: dict[str, float]) -> None:
    assert sum(parts.values()) == pytest.approx(1, abs=1e-12)


def test_all_who_lived_abroad_are_those_of_every_origin(world: World) -> None:
    def held(origins: frozenset[str]) -> int:
        return count(world, Target(("DEU",), BOTH, Ages(18), (AnyOf(origins=origins),)), MONTH)

    assert held(frozenset({FOREIGN})) == held(frozenset(world.origins)) > held(frozenset({"POL"})) > 0
