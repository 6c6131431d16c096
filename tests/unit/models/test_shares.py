"""Rivals by hand: what official figures, audiences, and audiences over penetration say of a composition."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.errors import ContractError, UnknownNameError
from smstock.models.shares.audiences import LEAST, filled, usual_audiences
from smstock.models.shares.compositions import NUMBERS, Compositions, compositions, shares
from smstock.models.shares.methods import SHARE_METHODS, restored
from smstock.models.shares.rivals import AudienceShares, EqualPenetration, OfficialShares

if TYPE_CHECKING:
    from smstock.models.shares.base import ShareMethod

WOMEN_AND_MEN = (("female", 18, None, ""), ("male", 18, None, ""))
CHILDREN_TOO = (("all", 0, 17, ""), ("all", 18, 39, ""), ("all", 40, None, ""))


def cells(
    corridors: list[tuple[str, str]],
    groups: tuple[tuple[str, int, int | None, str], ...] = WOMEN_AND_MEN,
    basis: tuple[str, ...] = (),
    **numbers: list[list[float]],
) -> Compositions:
    shape = (len(corridors), len(groups))
    arrays = {name: np.array(numbers.get(name, np.full(shape, np.nan)), dtype=float) for name in NUMBERS}
    if "audience_upper" not in numbers:
        arrays["audience_upper"] = arrays["audience"]
    destinations, origins = (np.array(ends, dtype=object) for ends in zip(*corridors, strict=True))
    asked = tuple((~np.isnan(arrays["audience_upper"])).any(axis=0).tolist())
    whose = np.array(basis or [""] * len(corridors), dtype=object)
    return Compositions(
        destination=destinations, origin=origins, groups=groups, basis=whose, groups_asked=asked, **arrays
    )


FOUR = cells(
    [("AUT", "SRB"), ("DEU", "SRB"), ("AUT", "BIH"), ("DEU", "BIH")],
    stock=[[60, 40], [140, 60], [100, 300], [np.nan, np.nan]],
    audience=[[2000, 1000], [6000, 2000], [1000, 1000], [3000, 1000]],
    users=[[40, 20], [30, 30], [40, 20], [30, 30]],
    population=[[50, 50], [50, 50], [50, 50], [50, 50]],
)


def test_official_shares_without_official_figures_are_those_of_the_origin_elsewhere() -> None:
    expected = OfficialShares.fit(FOUR).predict(FOUR)
    assert expected.tolist() == [[2 / 3, 1 / 3], [2 / 3, 1 / 3], [0.25, 0.75], [0.25, 0.75]]


def test_the_official_composition_of_the_corridor_comes_before_that_of_the_origin_and_the_destinations_last() -> None:
    official = np.array([[9.0, 1.0], [3.0, 1.0], [np.nan, np.nan], [9.0, 1.0]])
    known = replace(FOUR, official=official, basis=np.array(["corridor", "destination", "", "corridor"], dtype=object))
    assert OfficialShares.fit(known).predict(known).tolist() == [[0.9, 0.1], [2 / 3, 1 / 3], [0.25, 0.75], [0.9, 0.1]]
    strangers = replace(known, origin=np.array(["SRB", "XXX", "XXX", "SRB"], dtype=object))
    expected = OfficialShares.fit(FOUR).predict(strangers)
    assert expected[1].tolist() == [0.75, 0.25]
    assert expected[2] == pytest.approx(np.array([300, 400]) / 700)


def test_shares_of_the_audience_are_accounts_over_all_accounts() -> None:
    expected = AudienceShares.fit(FOUR).predict(FOUR)
    assert expected == pytest.approx(np.array([[2 / 3, 1 / 3], [0.75, 0.25], [0.5, 0.5], [0.75, 0.25]]))


def test_equal_penetration_divides_by_users_over_population() -> None:
    """In AUT 80 % of women and 40 % of men have an account: 2,000 and 1,000 accounts are 2,500 persons of each sex."""
    expected = EqualPenetration.fit(FOUR).predict(FOUR)
    assert expected == pytest.approx(np.array([[0.5, 0.5], [0.75, 0.25], [1 / 3, 2 / 3], [0.75, 0.25]]))


def test_without_users_or_population_penetration_is_not_known() -> None:
    for name in ("users", "population"):
        holed = getattr(FOUR, name).copy()
        holed[0, 1] = np.nan
        expected = EqualPenetration.fit(FOUR).predict(replace(FOUR, **{name: holed}))
        assert np.isnan(expected).all(axis=1).tolist() == [True, False, False, False]


def test_groups_that_were_not_asked_keep_their_official_share() -> None:
    nan = np.nan
    known = cells(
        [("AUT", "SRB"), ("DEU", "SRB")],
        CHILDREN_TOO,
        ("corridor", ""),
        stock=[[20, 50, 30], [20, 40, 40]],
        audience=[[nan, 3000, 1000], [nan, 1000, 1000]],
        official=[[10, 45, 45], [nan, nan, nan]],
    )
    assert known.groups_asked == (False, True, True)
    expected = AudienceShares.fit(known).predict(known)
    assert expected == pytest.approx(np.array([[0.1, 0.9 * 0.75, 0.9 * 0.25], [0.2, 0.4, 0.4]]))


def test_a_corridor_that_lacks_an_answer_has_no_shares_of_its_audience_but_of_the_model() -> None:
    holed = replace(FOUR, audience=FOUR.audience.copy(), audience_upper=FOUR.audience_upper.copy())
    holed.audience[0, 1] = holed.audience_upper[0, 1] = np.nan
    for method in SHARE_METHODS:
        expected = method.fit(holed).predict(holed)
        bare = method in {AudienceShares, EqualPenetration}
        assert np.isnan(expected).any(axis=1).tolist() == [bare, False, False, False]


def test_a_query_without_accounts_has_no_shares_of_audiences() -> None:
    bare = replace(
        FOUR, audience=FOUR.audience * np.nan, audience_upper=FOUR.audience * np.nan, groups_asked=(False,) * 2
    )
    assert np.isnan(AudienceShares.fit(bare).predict(bare)).all()
    assert np.isfinite(OfficialShares.fit(bare).predict(bare)).all()
    model = SHARE_METHODS[0].fit(bare).predict(bare)
    assert model.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_shares_add_up_to_one_and_come_back_from_a_file(method: type[ShareMethod]) -> None:
    fitted = method.fit(FOUR)
    expected = fitted.predict(FOUR)
    assert expected.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-12)
    assert (expected > 0).all()
    stored = restored(method.name, json.loads(json.dumps(fitted.parameters())))
    assert type(stored) is method
    assert stored == fitted
    assert (stored.predict(FOUR) == expected).all()


def test_a_method_of_another_name_and_parameters_of_another_shape_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="'magic'") as refused:
        restored("magic", {})
    assert "official_shares" in str(refused.value.allowed)
    with pytest.raises(ValueError, match="usual"):
        restored("official_shares", {})


def test_below_the_floor_a_group_has_its_usual_share_of_what_is_shown() -> None:
    """Usual is 60, 30 and 10 %: beside 6,000 and 3,000 a third group has 1,000; at most the floor, at least a 20th."""
    below = cells(
        [("AUT", "SRB")] * 4,
        CHILDREN_TOO,
        audience=[[6000, 3000, np.nan], [60_000, 30_000, np.nan], [60, 30, np.nan], [np.nan] * 3],
        audience_upper=[[6000, 3000, 1000], [60_000, 30_000, 1000], [60, 30, 1000], [1000] * 3],
    )
    accounts = filled(below, {"": (0.6, 0.3, 0.1)})
    assert accounts[:, 2].tolist() == pytest.approx([1000, 1000, 1000 * LEAST, 1000 * LEAST])
    assert accounts[3] == pytest.approx([300, 150, 50])
    assert accounts[:3, :2].tolist() == below.audience[:3, :2].tolist()


def test_what_is_usual_of_an_audience_is_that_of_its_origin() -> None:
    usual = usual_audiences(FOUR)
    assert usual["SRB"] == pytest.approx((8 / 11, 3 / 11))
    assert usual["BIH"] == pytest.approx((4 / 6, 2 / 6))
    assert usual[""] == pytest.approx((12 / 17, 5 / 17))


def table(of: Compositions) -> pd.DataFrame:
    """Return the groups table that arrays came from."""
    rows = []
    for corridor, (destination, origin) in enumerate(zip(of.destination, of.origin, strict=True)):
        for group, (sex, low, high, education) in enumerate(of.groups):
            row = {"destination": destination, "origin": origin, "sex": sex, "age_min": low, "age_max": high}
            row |= {"education": education, "official_basis": of.basis[corridor]}
            rows.append(row | {name: getattr(of, name)[corridor, group] for name in NUMBERS})
    return pd.DataFrame(rows)


def test_a_groups_table_comes_in_any_order_and_with_open_ages() -> None:
    rows = table(FOUR).sample(frac=1, random_state=1)
    of = compositions(rows)
    assert of.groups == WOMEN_AND_MEN
    assert list(zip(of.destination, of.origin, strict=True)) == [
        ("AUT", "BIH"), ("AUT", "SRB"), ("DEU", "BIH"), ("DEU", "SRB"),
    ]  # fmt: skip
    assert of.stock[:2].tolist() == [[100, 300], [60, 40]]
    assert of.total[:2].tolist() == [400, 100]


def test_a_group_that_is_lacking_or_there_twice_is_refused() -> None:
    rows = table(FOUR)
    for spoilt in (rows[1:], pd.concat([rows, rows[:1]]), pd.concat([rows[1:], rows[1:2]])):
        with pytest.raises(ContractError, match="4 corridors have"):
            compositions(spoilt)


def test_shares_of_nobody_are_not_a_number() -> None:
    assert np.isnan(shares(np.array([[0.0, 0.0], [np.nan, 1.0]]))).all()


COUNTS = st.lists(st.floats(1, 1e6), min_size=2, max_size=2)


@settings(max_examples=50)
@given(COUNTS, st.floats(0.01, 100))
def test_penetration_alike_in_all_groups_is_the_audience_as_it_is(accounts: list[float], penetration: float) -> None:
    people = FOUR.population
    of = replace(FOUR, users=people * penetration, audience=np.array([accounts] * 4), audience_upper=FOUR.audience)
    plain, divided = (method.fit(of).predict(of) for method in (AudienceShares, EqualPenetration))
    assert divided == pytest.approx(plain, rel=1e-9)
