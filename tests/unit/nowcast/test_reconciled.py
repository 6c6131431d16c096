"""Places and their country after they were reconciled: by hand, by generalized least squares, in simulated worlds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.common_error import CommonError
from smstock.nowcast.draws import Drawn, chunks
from smstock.nowcast.reconciled import coherent, reconciled
from smstock.tables import LEVELS

COVERS = {"BEL": ("BE-1", "BE-2", "BE-3")}
SCORES = {50: 0.6745, 80: 1.2816, 95: 1.96}


def table(medians: dict[str, float], sds: dict[str, float], origin: str = "SRB") -> pd.DataFrame:
    rows = pd.DataFrame({"destination": [*medians], "median": [*medians.values()]})
    half = np.array([sds[name] for name in medians])
    for level in LEVELS:
        rows[f"lower_{level}"] = rows["median"] * np.exp(-SCORES[level] * half)
        rows[f"upper_{level}"] = rows["median"] * np.exp(SCORES[level] * half)
    return rows.assign(origin=origin, sex="all", status="provisional", notes="")


def test_each_moves_by_its_share_of_the_variance() -> None:
    medians = {"BEL": 1000.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}
    sds = {"BEL": 0.02, "BE-1": 0.1, "BE-2": 0.1, "BE-3": 0.2}
    moved = reconciled(table(medians, sds), COVERS).set_index("destination")
    variances = {name: (medians[name] * sds[name]) ** 2 for name in medians}
    whole = sum(variances.values())
    apart = 1000.0 - 900.0
    for name, median in medians.items():
        sign = -1 if name == "BEL" else 1
        assert moved["median"][name] == pytest.approx(median + sign * variances[name] / whole * apart, rel=1e-4)
    assert moved["median"]["BEL"] == pytest.approx(moved["median"].drop("BEL").sum())


def test_what_lacks_an_estimate_leaves_its_origin_as_it_is() -> None:
    whole = table(
        {"BEL": 1000.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}, dict.fromkeys(["BEL", *COVERS["BEL"]], 0.1)
    )
    for broken in (
        whole.drop(index=2),
        whole.assign(
            median=whole["median"].mask(whole["destination"] == "BE-3"),
            upper_80=whole["upper_80"].mask(whole["destination"] == "BE-3"),
        ),
        whole.assign(status=whole["status"].mask(whole["destination"] == "BE-1", "held_back")),
    ):
        other = whole.assign(origin="POL")
        both = pd.concat([broken, other], ignore_index=True)
        moved = reconciled(both, COVERS)
        left = moved["origin"] == "SRB"
        pd.testing.assert_frame_equal(moved[left], both[left])
        assert moved[~left & (moved["destination"] == "BEL")]["median"].item() != 1000.0
    pd.testing.assert_frame_equal(reconciled(whole, {}), whole)


def test_women_and_men_move_with_their_total() -> None:
    sds = dict.fromkeys(["BEL", *COVERS["BEL"]], 0.1)
    totals = table({"BEL": 1000.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}, sds)
    women = table({"BEL": 400.0, "BE-1": 200.0, "BE-2": 120.0, "BE-3": 40.0}, sds).assign(sex="female")
    moved = reconciled(pd.concat([totals, women], ignore_index=True), COVERS)
    ratio = moved[moved["sex"] == "female"]["median"].to_numpy() / moved[moved["sex"] == "all"]["median"].to_numpy()
    assert ratio == pytest.approx(0.4)


def test_a_place_is_never_moved_below_nobody() -> None:
    medians = {"BEL": 100.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}
    moved = reconciled(table(medians, {"BEL": 0.001, "BE-1": 0.9, "BE-2": 0.1, "BE-3": 0.1}), COVERS)
    assert (moved["median"] > 0).all()
    assert moved["median"][0] == pytest.approx(moved["median"][1:].sum())
    assert moved["notes"].str.contains("equal").all()


def test_errors_in_common_move_estimates_as_generalized_least_squares_do() -> None:
    medians = {"BEL": 1000.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}
    sds = {"BEL": 0.1, "BE-1": 0.12, "BE-2": 0.15, "BE-3": 0.3}
    common = CommonError(everywhere=0.1, origin=0.3, destination=0.2)
    moved = reconciled(table(medians, sds), COVERS, common)["median"].to_numpy(dtype=float)
    values = np.array([*medians.values()])
    spread = values * [*sds.values()]
    covariance = np.outer(spread, spread) * (0.4 + 0.6 * np.eye(4))
    adds_up = np.vstack([np.ones(3), np.eye(3)])
    precision = np.linalg.inv(covariance)
    places = np.linalg.solve(adds_up.T @ precision @ adds_up, adds_up.T @ precision @ values)
    assert moved == pytest.approx(adds_up @ places, rel=1e-4)


def test_a_place_below_the_floor_takes_up_what_is_left_as_far_as_it_can() -> None:
    rows = table(
        {"BEL": 1000.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}, dict.fromkeys(["BEL", *COVERS["BEL"]], 0.1)
    )
    floored = rows["destination"] == "BE-3"
    ends = [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]
    rows.loc[floored, ["median", *ends]] = np.nan
    for room, country in ((250.0, 1000.0), (150.0, None)):
        moved = reconciled(rows.assign(upper_80=rows["upper_80"].mask(floored, room)), COVERS)
        known = moved[~floored]
        assert np.isnan(moved["median"][3])
        assert known["notes"].str.contains("minimum trace").all() == (country is None)
        if country:
            assert known["median"].tolist() == pytest.approx([country, 500.0, 300.0])
        else:
            assert known["median"][0] == pytest.approx(known["median"][1:].sum() + room)
            assert 950.0 < known["median"][0] < 1000.0
        assert (known["upper_80"] / known["median"]).tolist() == pytest.approx((rows["upper_80"] / rows["median"])[:3])


def by_sex(women: dict[str, float]) -> pd.DataFrame:
    medians = {"BEL": 1000.0, "BE-1": 500.0, "BE-2": 300.0, "BE-3": 100.0}
    sds = {"BEL": 0.1, "BE-1": 0.12, "BE-2": 0.15, "BE-3": 0.3}
    shares = {"all": dict.fromkeys(medians, 1.0), "female": women, "male": {name: 1 - women[name] for name in medians}}
    tables = [
        table({name: medians[name] * share[name] for name in medians}, sds).assign(sex=sex)
        for sex, share in shares.items()
    ]
    return pd.concat(tables, ignore_index=True)


def test_women_of_places_add_up_to_those_of_the_country_and_with_men_to_their_total() -> None:
    moved = reconciled(by_sex({"BEL": 0.5, "BE-1": 0.4, "BE-2": 0.45, "BE-3": 0.7}), COVERS)
    wide = moved.pivot_table(index="destination", columns="sex", values="median")
    assert (wide["female"] + wide["male"]).tolist() == pytest.approx(wide["all"].tolist())
    for sex in ("all", "female", "male"):
        assert wide[sex].drop("BEL").sum() == pytest.approx(wide[sex]["BEL"], rel=1e-6)
    share = wide["female"] / wide["all"]
    assert share["BEL"] == pytest.approx(0.5)
    assert share["BE-1"] < share["BE-2"] < share["BE-3"]


@pytest.mark.parametrize("corridors", [0, 2])
def test_places_add_up_to_their_country_in_each_draw(corridors: int) -> None:
    of_places = by_sex({"BEL": 0.5, "BE-1": 0.4, "BE-2": 0.45, "BE-3": 0.7})
    other = of_places[of_places["destination"] == "BEL"].assign(destination="AUT")
    before = pd.concat([of_places, other], ignore_index=True)
    before = before.assign(age_min=0, age_max=None, reference_date="2020-10-15")
    common = CommonError(origin=0.3)
    rows = reconciled(before, COVERS, common)
    drawn = list(chunks(before, count=1000, seed=1, corridors=corridors, common=common))
    draws = Drawn.of(list(coherent(drawn, before, COVERS, common))).table()
    assert len(draws) == 5 * 3 * 1000
    wide = draws.pivot_table(index=["sex", "draw"], columns="destination", values="persons")
    assert wide[["BE-1", "BE-2", "BE-3"]].sum(axis=1).to_numpy() == pytest.approx(wide["BEL"].to_numpy())
    of_sex = draws.pivot_table(index=["destination", "draw"], columns="sex", values="persons")
    assert (of_sex["female"] + of_sex["male"]).to_numpy() == pytest.approx(of_sex["all"].to_numpy())
    untouched = Drawn.of(drawn).table().query("destination == 'AUT'")["persons"].to_numpy()
    assert draws.query("destination == 'AUT'")["persons"].to_numpy() == pytest.approx(untouched)
    for row in rows.to_dict("records"):
        persons = wide.loc[row["sex"], row["destination"]]
        assert 0.74 < persons.between(row["lower_80"], row["upper_80"]).mean() < 0.86
        assert persons.median() == pytest.approx(row["median"], rel=0.03)


def test_in_draws_places_below_the_floor_share_what_the_others_leave() -> None:
    rows = by_sex({"BEL": 0.5, "BE-1": 0.4, "BE-2": 0.45, "BE-3": 0.7}).query("sex == 'all'")
    rows = rows.assign(age_min=0, age_max=None, reference_date="2020-10-15")
    floored = rows["destination"] == "BE-3"
    for level in LEVELS:
        rows[f"lower_{level}"] = rows[f"lower_{level}"].mask(floored, 0.0)
        rows[f"upper_{level}"] = rows[f"upper_{level}"].mask(floored, 250.0)
    rows["median"] = rows["median"].mask(floored)
    drawn = list(chunks(rows, count=1000, seed=1))
    totals = Drawn.of(list(coherent(drawn, rows, COVERS))).table().query("sex == 'all'")
    wide = totals.pivot_table(index="draw", columns="destination", values="persons", observed=True)
    assert wide[["BE-1", "BE-2", "BE-3"]].sum(axis=1).to_numpy() == pytest.approx(wide["BEL"].to_numpy())
    assert wide["BE-3"].between(0, 250 + 1e-6).all()
    before = Drawn.of(drawn).table().query("sex == 'all' and destination == 'BE-1'")["persons"].to_numpy()
    taken_up = wide["BE-3"].between(1, 249).to_numpy()
    assert taken_up.mean() > 0.4
    assert wide["BE-1"].to_numpy()[taken_up] == pytest.approx(before[taken_up])


def test_estimates_that_were_not_reconciled_are_drawn_as_they_are() -> None:
    rows = by_sex({"BEL": 0.5, "BE-1": 0.4, "BE-2": 0.45, "BE-3": 0.7}).query("sex == 'all'")
    rows = rows.assign(age_min=0, age_max=None, reference_date="2020-10-15")
    rows["status"] = rows["status"].mask(rows["destination"] == "BE-1", "held_back")
    drawn = list(chunks(rows, count=100, seed=1))
    (part,) = coherent(drawn, rows, COVERS)
    assert part.persons[:, 0] == pytest.approx(drawn[0].persons[:, 0])


@pytest.mark.parametrize("together", [0.0, 0.5])
def test_errors_fall_and_intervals_hold_as_they_say(together: float) -> None:
    rng = np.random.default_rng(1)
    before: list[np.ndarray] = []
    errors: dict[str, list[np.ndarray]] = {"known": [], "ignored": []}
    held: list[np.ndarray] = []
    sds = {"BEL": 0.08, "BE-1": 0.15, "BE-2": 0.2, "BE-3": 0.25}
    for _ in range(400):
        places = dict(zip(COVERS["BEL"], np.exp(rng.normal(8, 0.7, 3)), strict=True))
        truth = {"BEL": sum(places.values()), **places}
        everywhere = rng.normal()
        noise = {name: np.sqrt(together) * everywhere + np.sqrt(1 - together) * rng.normal() for name in truth}
        estimated = table({name: truth[name] * np.exp(sds[name] * noise[name]) for name in truth}, sds)
        before.append(np.log((estimated["median"] / estimated["destination"].map(truth)).to_numpy(dtype=float)) ** 2)
        for name, common in (("known", CommonError(origin=together)), ("ignored", CommonError())):
            rows = reconciled(estimated, COVERS, common)
            true = rows["destination"].map(truth)
            errors[name].append(np.log((rows["median"] / true).to_numpy(dtype=float)) ** 2)
            if name == "known":
                held.append(((rows["lower_80"] <= true) & (true <= rows["upper_80"])).to_numpy(dtype=bool))
    assert np.mean(errors["known"]) < 0.97 * np.mean(before)
    assert np.mean(errors["known"]) <= np.mean(errors["ignored"])
    assert 0.77 < np.mean(held) < 0.83
