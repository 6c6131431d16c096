"""Places and their country after they were reconciled: by hand, and in simulated worlds of known stocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.nowcast.reconciled import reconciled
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
        whole.assign(median=whole["median"].mask(whole["destination"] == "BE-3")),
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


def test_errors_fall_and_intervals_hold_as_they_say() -> None:
    rng = np.random.default_rng(1)
    errors: list[np.ndarray] = []
    before: list[np.ndarray] = []
    held: list[np.ndarray] = []
    held_before: list[np.ndarray] = []
    sds = {"BEL": 0.08, "BE-1": 0.15, "BE-2": 0.2, "BE-3": 0.25}
    for _ in range(400):
        places = dict(zip(COVERS["BEL"], np.exp(rng.normal(8, 0.7, 3)), strict=True))
        truth = {"BEL": sum(places.values()), **places}
        estimated = table({name: value * np.exp(rng.normal(0, sds[name])) for name, value in truth.items()}, sds)
        for rows, of_errors, of_held in (
            (estimated, before, held_before),
            (reconciled(estimated, COVERS), errors, held),
        ):
            true = rows["destination"].map(truth)
            of_errors.append(np.log((rows["median"] / true).to_numpy(dtype=float)) ** 2)
            of_held.append(((rows["lower_80"] <= true) & (true <= rows["upper_80"])).to_numpy(dtype=bool))
    assert np.mean(errors) < 0.9 * np.mean(before)
    assert 0.76 < np.mean(held) < 0.84
    assert 0.76 < np.mean(held_before) < 0.84
