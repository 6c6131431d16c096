from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from benchmarks.peers.super_learner import SuperLearner, stack

from smstock.errors import ModelError, TooFewCellsError
from smstock.models.methods import METHODS

LEVELS = (50, 80, 95)


def corridors(destinations: int = 30, seed: int = 1) -> pd.DataFrame:
    """Corridors of six origins; log stock is a bent function of log audience, noisier for small audiences."""
    rng = np.random.default_rng(seed)
    rows = destinations * 6
    audience = rng.uniform(7, 13, rows)
    noise = rng.normal(0, 1, rows) * np.where(audience < 10, 0.6, 0.1)
    return pd.DataFrame(
        {
            "destination": [f"D{index // 6:02}" for index in range(rows)],
            "origin": [f"O{index % 6}" for index in range(rows)],
            "audience": np.exp(audience),
            "penetration_destination": rng.uniform(0.3, 0.9, rows),
            "penetration_origin": np.nan,
            "official_last": np.nan,
            "stock": np.exp(2 + 0.5 * audience + np.maximum(audience - 10, 0) + noise),
        }
    )


@pytest.fixture(scope="module")
def fitted() -> SuperLearner:
    return SuperLearner.fit(corridors())


def test_weights_are_a_mean(fitted: SuperLearner) -> None:
    for stacked in (fitted.level, fitted.spread):
        assert min(stacked.weights.values()) >= 0
        assert sum(stacked.weights.values()) == pytest.approx(1)


def test_a_bent_relation_is_learnt_better_than_a_straight_one_can(fitted: SuperLearner) -> None:
    new = corridors(seed=2)
    straight = np.polyfit(np.log(corridors()["audience"]), np.log(corridors()["stock"]), 1)
    truth = np.log(new["stock"])
    error = np.sqrt(np.mean((np.log(fitted.predict(new)) - truth) ** 2))
    assert error < 0.9 * np.sqrt(np.mean((np.polyval(straight, np.log(new["audience"])) - truth) ** 2))
    # the noise itself has a root mean square of 0.43
    assert error < 0.5


def test_intervals_are_wider_where_errors_are_larger_and_hold_what_they_say(fitted: SuperLearner) -> None:
    new = corridors(60, seed=3)
    found = fitted.intervals(new, LEVELS)
    for level in LEVELS:
        inside = new["stock"].between(found[f"lower_{level}"], found[f"upper_{level}"]).mean()
        assert inside == pytest.approx(level / 100, abs=0.1)
    width = np.log(found["upper_80"] / found["lower_80"])
    assert width[new["audience"] < np.exp(9)].median() > 1.5 * width[new["audience"] > np.exp(11)].median()


def test_the_median_lies_in_every_interval_and_intervals_are_nested(fitted: SuperLearner) -> None:
    new = corridors(seed=4)
    found = fitted.intervals(new, LEVELS)
    ends = [*(f"lower_{level}" for level in reversed(LEVELS)), *(f"upper_{level}" for level in LEVELS)]
    table = found[ends].to_numpy()
    assert (np.diff(table, axis=1) >= 0).all()
    assert ((table[:, 2] < fitted.predict(new)) & (fitted.predict(new) < table[:, 3])).all()


def test_destination_and_origin_do_not_matter(fitted: SuperLearner) -> None:
    new = corridors(seed=2)
    there = fitted.predict(new.assign(destination="NAM", origin="NAM"))
    assert fitted.predict(new).equals(there)
    assert fitted.predict(new.drop(columns="destination")).equals(there)


def test_a_column_that_most_corridors_lack_is_no_feature(fitted: SuperLearner) -> None:
    assert fitted.columns == ("audience", "penetration_destination")


def test_a_missing_feature_stands_at_its_mean_and_a_missing_audience_has_no_estimate(fitted: SuperLearner) -> None:
    new = corridors(seed=2).head(2)
    rate = float(np.exp(np.log(corridors()["penetration_destination"]).mean()))
    lacking = fitted.predict(new.assign(penetration_destination=np.nan))
    assert lacking.tolist() == pytest.approx(fitted.predict(new.assign(penetration_destination=rate)).tolist())
    new.loc[0, "audience"] = np.nan
    assert fitted.predict(new).isna().tolist() == [True, False]
    assert fitted.intervals(new, LEVELS).isna().all(axis=1).tolist() == [True, False]


@pytest.mark.slow
def test_the_last_official_figure_is_used_where_there_is_one() -> None:
    table = corridors(12)
    table["official_last"] = table["stock"] * 1.2
    fitted = SuperLearner.fit(table)
    new = corridors(seed=2).assign(official_last=lambda rows: rows["stock"] * 1.2)
    assert np.median(np.abs(np.log(fitted.predict(new) / new["stock"]))) < 0.1


def test_out_of_fold_predictions_have_not_seen_their_group_and_are_the_same_each_time() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(60), 4)
    # the feature names the group and says nothing else: only who has seen the group can know its effect
    codes, effects = rng.permutation(60), rng.normal(0, 1, 60)
    fitted, out_of_fold = stack(codes[groups][:, None].astype(float), effects[groups], groups)
    assert np.corrcoef(out_of_fold, effects[groups])[0, 1] < 0.3
    boosting = fitted.learners["gradient_boosting"].predict(codes[groups][:, None].astype(float))
    assert np.corrcoef(boosting, effects[groups])[0, 1] > 0.7
    again = stack(codes[groups][:, None].astype(float), effects[groups], groups)
    assert again[0].weights == fitted.weights
    assert (again[1] == out_of_fold).all()


def test_too_few_destinations_make_no_folds() -> None:
    with pytest.raises(TooFewCellsError, match="10 destinations; there are 6"):
        SuperLearner.fit(corridors(6))


def test_it_is_for_benchmarks_and_cannot_be_stored(fitted: SuperLearner) -> None:
    assert SuperLearner not in METHODS
    with pytest.raises(ModelError, match="calibration file"):
        fitted.parameters()
