from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from smstock.sandbox import audiences
from smstock.sandbox.parameters import Break, Parameters
from smstock.sandbox.simulation import simulate
from smstock.sandbox.world import MOST_LABELLED, SEXES, World, month_after
from smstock.vocabulary.facets import Ages


def small(seed: int = 1, parameters: Parameters | None = None) -> World:
    return simulate(np.random.default_rng(seed), parameters, areas=("AUT", "DEU"), origins=("POL", "SRB"))


@pytest.fixture(scope="module")
def whole() -> World:
    """Every area, and so few migrants that no destination's bias has to be lowered."""
    return simulate(np.random.default_rng(3), Parameters(months=60, migrants=1e-5))


def test_the_same_seed_is_the_same_world_and_another_seed_is_not() -> None:
    first, again, other = small(1), small(1), small(2)
    drawn = [field.name for field in fields(World) if isinstance(getattr(first, field.name), np.ndarray)]
    assert len(drawn) == 14
    for name in drawn:
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.stock, other.stock)


def test_an_audience_is_the_product_of_its_known_parts() -> None:
    world = small()
    month, d, o, age = "2026-11", world.areas.index("DEU"), world.origins.index("SRB"), 30
    home = world.areas.index("SRB")
    number = world.month_number(month)
    assert number == 11 * 12 + 10
    error = (
        world.parameters.label_level
        + world.origin_bias[o]
        + world.destination_bias[d]
        + world.corridor_bias[d, o]
        + world.breaks[0, d, o]
        + world.noise[number, d, o]
    )
    counted = audiences.labels(world, month, [d], Ages(age, age))[0, o]
    for sex, share, gap in zip(SEXES, (world.women[d, o], 1 - world.women[d, o]), (0.5, -0.5), strict=True):
        s = SEXES.index(sex)
        people = world.stock[number, d, o] * share * world.schedule[d, o, age]
        use = (world.penetration[d, s, age] + world.penetration[home, s, age]) / 2
        assert counted[s] == pytest.approx(people * use * np.exp(error + gap * world.gender_gap[o]))


def test_effects_have_the_sizes_that_were_asked_for(whole: World) -> None:
    sizes = whole.parameters
    # four standard errors of a standard deviation: 4 / sqrt(2 n)
    for effect, expected in (
        (whole.origin_bias, sizes.origin_sd),
        (whole.destination_bias, sizes.destination_sd),
        (whole.corridor_bias, sizes.corridor_sd),
        (whole.gender_gap, sizes.gender_gap_sd),
        (whole.noise, sizes.noise_sd),
    ):
        assert effect.std() == pytest.approx(expected, rel=4 / np.sqrt(2 * effect.size))
    assert np.exp(np.median(whole.breaks)) == pytest.approx(0.506, rel=0.06)


def test_stocks_grow_by_origin_destination_and_corridor(whole: World) -> None:
    away = whole.stock[0] > 0
    yearly = np.log(whole.stock[-1][away] / whole.stock[0][away]) / (59 / 12)
    assert yearly.std() == pytest.approx(0.02 * np.sqrt(3), rel=0.25)


def test_nobody_is_a_migrant_at_home(world: World) -> None:
    for o, origin in enumerate(world.origins):
        assert not world.stock[:, world.areas.index(origin), o].any()
    assert np.count_nonzero(world.stock[0]) == len(world.areas) * len(world.origins) - len(world.origins)


def test_labels_leave_room_for_natives_at_every_age_sex_and_month() -> None:
    crowded = small(4, Parameters(migrants=0.4, label_level=2.0))
    for month in ("2015-01", "2019-03", "2026-11", "2030-12"):
        for age in (13, 25, 40, 64):
            ages, areas = Ages(age, age), list(range(len(crowded.areas)))
            held = audiences.labels(crowded, month, areas, ages).sum(axis=1)
            assert (held <= MOST_LABELLED * audiences.users(crowded, month, areas, ages) * (1 + 1e-9)).all()


def test_a_break_moves_audiences_from_its_month_on_and_stocks_not_at_all() -> None:
    quiet = Parameters(noise_sd=0.0, breaks=())
    before = small(1, quiet)
    broken = replace(
        before,
        parameters=replace(quiet, breaks=(Break("2020-06", 0.5, 0, 0, 0),)),
        breaks=np.full((1, 4, 2), np.log(0.5)),
    )
    areas = list(range(4))
    for month, factor in (("2020-05", 1.0), ("2020-06", 0.5), ("2026-11", 0.5)):
        plain, moved = (audiences.labels(each, month, areas, Ages(18)) for each in (before, broken))
        np.testing.assert_allclose(moved, factor * plain)


def test_the_world_stands_still_outside_its_months(world: World) -> None:
    assert [world.month_number(month) for month in ("1999-05", "2015-01", "2015-02", "2030-12", "2040-01")] == [
        0,
        0,
        1,
        191,
        191,
    ]


def test_nobody_below_13_has_an_account(world: World) -> None:
    assert not world.penetration[:, :, :13].any()
    assert (world.penetration[:, :, 13:] > 0).all()
    assert (world.penetration < 1).all()


@pytest.mark.parametrize(
    ("month", "months", "expected"), [("2026-11", 1, "2026-12"), ("2026-12", 1, "2027-01"), ("2026-11", -23, "2024-12")]
)
def test_months_are_counted_over_the_end_of_a_year(month: str, months: int, expected: str) -> None:
    assert month_after(month, months) == expected
