from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.corridors.covariates import covariates
from smstock.errors import TooFewCellsError
from smstock.models.hierarchical import TYPICAL, Hierarchical, HierarchicalGravity, HierarchicalUpdate
from smstock.models.methods import method

DESTINATIONS = ("AUT", "BEL", "CHE", "DEU", "DNK", "ESP", "FIN", "FRA", "GBR", "ITA", "NLD", "SWE")
ORIGINS = ("BRA", "CHN", "COL", "IND", "MAR", "PHL", "POL", "ROU", "RUS", "SRB")


def corridors(seed: int = 1, *, noise: float = 0.2) -> pd.DataFrame:
    """Every corridor of 12 destinations and 10 origins: elasticity 0.9, effects of sd 0.4 and 0.5."""
    rng = np.random.default_rng(seed)
    pairs = [(d, o) for d in DESTINATIONS for o in ORIGINS]
    table = pd.DataFrame(pairs, columns=["destination", "origin"]).assign(sex="all", lag=5.0)
    table["audience"] = np.exp(rng.normal(9, 1.5, len(table)))
    effects = {name: rng.normal(0, 0.4) for name in ORIGINS} | {name: rng.normal(0, 0.5) for name in DESTINATIONS}
    level = 1.5 + 0.9 * np.log(table["audience"]) + table["origin"].map(effects) + table["destination"].map(effects)
    table["stock"] = np.exp(level + rng.normal(0, noise, len(table)))
    table["official_last"] = table["stock"] * np.exp(rng.normal(-0.1, 0.2, len(table)))
    return table


def log_errors(predicted: pd.Series, table: pd.DataFrame) -> np.ndarray:
    errors: np.ndarray = np.log((predicted / table["stock"]).to_numpy(dtype=float))
    return errors


def test_effects_learnt_on_some_corridors_help_the_others() -> None:
    table = corridors()
    held_out = np.arange(len(table)) % 7 == 0
    fitted = Hierarchical.fit(table[~held_out])
    assert fitted.slope == pytest.approx(0.9, abs=0.05)
    assert np.std(log_errors(fitted.predict(table[held_out]), table[held_out])) < 0.3


def test_an_unknown_destination_is_one_of_the_middle() -> None:
    table = corridors()
    fitted = Hierarchical.fit(table[table["destination"] != "SWE"])
    sweden = table[table["destination"] == "SWE"]
    renamed = sweden.assign(destination="XXX")
    assert fitted.predict(sweden).to_numpy() == pytest.approx(fitted.predict(renamed).to_numpy(), rel=0.5)
    spread = np.ptp([fitted.destinations[name][0] for name in DESTINATIONS if name != "SWE"])
    assert spread > 0.5


@pytest.mark.parametrize("kind", [Hierarchical, HierarchicalGravity, HierarchicalUpdate], ids=lambda kind: kind.name)
def test_parameters_are_numbers_that_rebuild_the_method(kind: type[Hierarchical]) -> None:
    table = corridors()
    fitted = kind.fit(table)
    again = method(kind.name)(**fitted.parameters())
    pd.testing.assert_series_equal(fitted.predict(table), again.predict(table))


def test_the_update_goes_half_as_far_for_a_figure_half_as_old() -> None:
    table = corridors()
    fitted = HierarchicalUpdate.fit(table)
    whole, half, none = (fitted.predict(table.assign(lag=lag)) for lag in (5.0, 2.5, 0.0))
    assert (half**2).to_numpy() == pytest.approx((whole * table["official_last"]).to_numpy())
    assert none.to_numpy() == pytest.approx(table["official_last"].to_numpy())
    assert np.std(log_errors(whole, table)) < np.std(log_errors(table["official_last"], table))


def test_nested_predictions_have_not_seen_their_fold() -> None:
    table = corridors()
    folds = pd.factorize(table["destination"])[0]
    before = Hierarchical.nested(Hierarchical.read(table), folds == 0, folds)
    changed = table.assign(stock=table["stock"].where(folds != 0, table["stock"] * 20))
    assert Hierarchical.nested(Hierarchical.read(changed), folds == 0, folds) == pytest.approx(before)
    assert np.isfinite(before).all()
    # a fold inside is estimated without its own stocks, but for the variances that all folds inside share
    other = table.assign(stock=table["stock"].where(folds != 3, table["stock"] * 1.1))
    moved = Hierarchical.nested(Hierarchical.read(other), folds == 0, folds) / before
    assert moved[folds == 3] == pytest.approx(1, abs=0.03)


def test_a_corridor_without_the_audience_is_missing_and_too_few_are_too_few() -> None:
    table = corridors()
    fitted = Hierarchical.fit(table)
    table.loc[3, "audience"] = np.nan
    assert np.isnan(fitted.predict(table)[3])
    with pytest.raises(TooFewCellsError, match="hierarchical needs 10 corridors with audience"):
        Hierarchical.fit(table.head(9))


def test_a_covariate_carries_over_to_destinations_that_were_not_fitted() -> None:
    table = corridors(noise=0.1)
    rng = np.random.default_rng(5)
    daily = rng.uniform(0.2, 0.9, len(table))
    table = table.assign(audience_daily=table["audience"] * daily, stock=table["stock"] * daily**1.5)
    known = table["destination"] < "GBR"
    with_daily = log_errors(Hierarchical.fit(table[known]).predict(table[~known]), table[~known])
    without = table.drop(columns="audience_daily")
    alone = log_errors(Hierarchical.fit(without[known]).predict(without[~known]), table[~known])
    assert np.std(with_daily) < 0.8 * np.std(alone)


def test_covariates_of_unknown_places_are_missing() -> None:
    cell = pd.DataFrame({"destination": ["US-AL"], "origin": ["SRB"], "audience": [4200.0], "audience_daily": [0.0]})
    found = covariates(cell, ("returned", "population_destination", "population_origin", "daily"))
    assert found.notna().to_numpy().tolist() == [[False, False, True, True]]


def floored(table: pd.DataFrame, floor: float) -> pd.DataFrame:
    """The same corridors, audiences below a floor not shown."""
    low = table["audience"] < floor
    status = low.map({True: "floored", False: "observed"})
    upper = table["audience"].where(~low, floor)
    return table.assign(audience=table["audience"].where(~low), audience_upper=upper, audience_status=status)


@pytest.mark.parametrize("kind", [Hierarchical, HierarchicalGravity], ids=lambda kind: kind.name)
def test_a_corridor_below_the_floor_teaches_and_is_not_predicted(kind: type[Hierarchical]) -> None:
    table = corridors().assign(audience_foreign=4e6)
    seen = floored(table, np.exp(8.5))
    low = seen["audience"].isna()
    fitted, alone = kind.fit(seen), kind.fit(seen[~low])
    assert fitted.predict(seen).isna().tolist() == low.tolist()
    assert fitted.parameters() != alone.parameters()
    folds = pd.factorize(seen["destination"])[0]
    nested = kind.nested(kind.read(seen), folds == 0, folds)
    assert np.isnan(nested).tolist() == low.tolist()
    moved = seen.assign(stock=seen["stock"].where(folds != 0, seen["stock"] * 20))
    assert kind.nested(kind.read(moved), folds == 0, folds) == pytest.approx(nested, nan_ok=True)


def test_floors_tell_of_a_destination_that_is_hardly_seen() -> None:
    """Of Sweden one corridor is seen; that the others are below the floor says that stocks like those mean few users."""
    table = corridors(noise=0.1)
    table["stock"] *= np.where(table["destination"] == "SWE", 6.0, 1.0)
    seen = floored(table, np.exp(8.5))
    largest = seen[seen["destination"] == "SWE"]["audience"].idxmax()
    hidden = (seen["destination"] == "SWE") & (seen.index != largest)
    bounded = seen.assign(
        audience=seen["audience"].where(~hidden),
        audience_upper=seen["audience_upper"].where(~hidden, table["audience"] * 1.5),
        audience_status=seen["audience_status"].where(~hidden, "floored"),
    )
    truth = np.log(table[hidden]["stock"])
    shown = table[hidden]
    told, alone = Hierarchical.fit(bounded), Hierarchical.fit(bounded[bounded["audience"].notna()])
    errors = [np.sqrt(np.mean((np.log(fit.predict(shown)) - truth) ** 2)) for fit in (told, alone)]
    assert errors[0] < 0.9 * errors[1]


def test_an_origin_that_is_never_seen_above_the_floor_teaches_nothing() -> None:
    table = floored(corridors(), np.exp(8.0))
    gone = table["origin"] == "SRB"
    table = table.assign(
        audience=table["audience"].where(~gone),
        audience_upper=table["audience_upper"].where(~gone, 1000.0),
        audience_status=table["audience_status"].where(~gone, "floored"),
    )
    assert Hierarchical.fit(table).parameters() == Hierarchical.fit(table[~gone]).parameters()


def test_the_update_takes_nothing_from_floors() -> None:
    seen = floored(corridors(), np.exp(8.5))
    alone = seen[seen["audience"].notna()]
    assert HierarchicalUpdate.fit(seen).parameters() == HierarchicalUpdate.fit(alone).parameters()


def test_floors_are_not_counted_as_cells() -> None:
    table = floored(corridors(), np.inf)
    with pytest.raises(TooFewCellsError, match="there are 0"):
        Hierarchical.fit(table)


def two_concepts(table: pd.DataFrame, ratio: float) -> pd.DataFrame:
    """A third of the corridors counted by citizenship: ``ratio`` citizens for each person born abroad."""
    citizens = np.arange(len(table)) % 3 == 0
    concept = np.where(citizens, "citizenship", "birth")
    return table.assign(stock=table["stock"] * np.where(citizens, ratio, 1.0), stock_concept=concept)


def test_a_stock_of_another_concept_is_offset_by_what_it_is_worth() -> None:
    table = two_concepts(corridors(noise=0.1), 0.5)
    fitted = Hierarchical.fit(table)
    assert np.exp(fitted.offsets["stock_concept:citizenship"]) == pytest.approx(0.5, rel=0.1)
    assert list(fitted.offsets) == ["stock_concept:citizenship"]
    without = Hierarchical.fit(table.drop(columns="stock_concept"))
    assert fitted.scales[0] < 0.5 * without.scales[0]


def test_the_table_says_whom_the_prediction_counts_and_else_it_is_the_commonest() -> None:
    table = two_concepts(corridors(noise=0.1), 0.5)
    fitted = Hierarchical.fit(table)
    citizens, born, unsaid, strange = (
        fitted.predict(table.assign(stock_concept=concept)) for concept in ("citizenship", "birth", "", "mixed")
    )
    assert (citizens / born).to_numpy() == pytest.approx(np.exp(fitted.offsets["stock_concept:citizenship"]))
    for others in (unsaid, strange, fitted.predict(table.drop(columns="stock_concept"))):
        pd.testing.assert_series_equal(others, born)


def test_a_last_figure_of_another_concept_is_read_as_what_it_is() -> None:
    """The stock counts the foreign-born everywhere, every third last figure citizens, who are half as many."""
    table = corridors(noise=0.4)
    citizens = np.arange(len(table)) % 3 == 0
    last = table["official_last"] * np.where(citizens, 0.5, 1.0)
    table = table.assign(official_last=last, stock_concept="birth")
    said = table.assign(official_concept=np.where(citizens, "citizenship", "birth"))
    fitted, blind = HierarchicalUpdate.fit(said), HierarchicalUpdate.fit(table)
    # a figure half as high counts with its weight, 1 - b, of the logarithm
    factor = np.exp(fitted.offsets["official_concept:citizenship"])
    assert factor == pytest.approx(2 ** (1 - fitted.slope), rel=0.1)
    errors = [np.std(log_errors(fit.predict(rows), table)) for fit, rows in ((fitted, said), (blind, table))]
    assert errors[0] < 0.8 * errors[1]


def test_the_update_counts_whom_the_last_figure_counts_where_nothing_is_said() -> None:
    table = two_concepts(corridors(noise=0.1), 0.5).assign(official_concept="birth")
    fitted = HierarchicalUpdate.fit(table)
    unsaid = table.assign(stock_concept="", official_concept="citizenship")
    same = unsaid.assign(stock_concept="citizenship")
    pd.testing.assert_series_equal(fitted.predict(unsaid), fitted.predict(same))
    assert (fitted.predict(unsaid) / fitted.predict(table.assign(stock_concept="birth"))).max() < 0.7


def test_distance_is_that_of_a_great_circle() -> None:
    pairs = pd.DataFrame({"destination": ["DEU", "NZL", "DEU"], "origin": ["AUT", "CHL", "DEU"], "audience": 1e4})
    found = np.exp(covariates(pairs, ("distance",))["distance"])
    # 51.5 N 10.5 E to 47.33 N 13.33 E; across the date line; a country to itself has none
    assert found.tolist() == pytest.approx([507, 9000, np.nan], rel=0.08, nan_ok=True)
    back = covariates(pairs.rename(columns={"origin": "destination", "destination": "origin"}), ("distance",))
    assert np.exp(back["distance"]).tolist() == pytest.approx(found.tolist(), nan_ok=True)


def test_a_prediction_is_the_product_of_its_parts() -> None:
    """4,000 accounts mean 2 persons each in a typical corridor, half that for the origin, a quarter there."""
    fitted = Hierarchical(
        middle=np.log(1000.0),
        intercept=np.log(2000.0),
        slope=1.0,
        origins={"IND": [np.log(0.5), 0.0]},
        destinations={"DEU": [np.log(0.25), 0.0]},
    )
    row = pd.DataFrame({"destination": ["DEU"], "origin": "IND", "sex": "all", "audience": 4000.0})
    parts = {name: float(np.exp(logs[0])) for name, logs in fitted.parts(row).items()}
    assert parts == pytest.approx({TYPICAL: 8000, "origin": 0.5, "destination": 0.25, "concept and provider": 1.0})
    assert fitted.predict(row).tolist() == pytest.approx([1000.0])


def test_slopes_of_both_ends_act_on_accounts_beyond_the_last_figure_only() -> None:
    fitted = HierarchicalUpdate(slope=0.1, origins={"HTI": [0.02, 0.8]}, destinations={"CHL": [-0.01, 0.05]})
    rows = pd.DataFrame({"destination": "CHL", "origin": "HTI", "official_last": 1000.0, "audience": [50.0, 2000.0]})
    rows["lag"] = 5.0
    few, many = np.log(fitted.predict(rows) / 1000.0)
    assert few == pytest.approx(0.01 + 0.1 * np.log(0.05))
    assert many == pytest.approx(0.01 + (0.1 + 0.8 + 0.05) * np.log(2))
    assert fitted.parts(rows)["origin"].tolist() == pytest.approx([0.02, 0.02 + 0.8 * np.log(2)])


def test_a_single_origin_has_no_effect_beside_the_intercept() -> None:
    table = corridors()
    fitted = Hierarchical.fit(pd.concat([table[table["origin"] == "SRB"]] * 2))
    assert fitted.origins == {}
    assert set(fitted.destinations) == set(DESTINATIONS)


def test_a_covariate_of_the_update_stays_within_the_range_it_was_fitted_at() -> None:
    """Daily over monthly accounts were 0.2 to 0.8 (logarithms -1.6 to -0.2); the level model goes on beyond."""
    moments = [0.5, -0.7, 0.4, np.log(0.2), np.log(0.8)]
    rows = pd.DataFrame({"destination": "DEU", "origin": "IND", "official_last": 1000.0, "audience": [1000.0] * 3})
    rows = rows.assign(lag=5.0, audience_daily=[20.0, 200.0, np.nan])
    ratios = [kind(covariates={"daily": moments}).parts(rows)["daily"] for kind in (HierarchicalUpdate, Hierarchical)]
    at_least, beyond = ((np.log(share) + 0.7) / 0.4 * 0.5 for share in (0.2, 0.02))
    assert ratios[0] == pytest.approx([at_least, at_least, 0.0])
    assert ratios[1] == pytest.approx([beyond, at_least, 0.0])
