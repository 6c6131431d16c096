"""Learning shares by education: of corridors where these are known, else of groups of origins, and how far they spread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.shares import LearntShares, learn_schooling
from smstock.models.shares.compositions import compositions
from smstock.models.shares.rivals import CORRIDOR
from smstock.nowcast.schooling import as_learnt, unmeasured, with_sources
from smstock.vocabulary.schooling import EU, LEVELS, NOT_EU

ORIGINS = {"SRB": NOT_EU, "TUR": NOT_EU, "POL": EU}
TRUTH = {"SRB": (0.3, 0.6, 0.1), "TUR": (0.7, 0.2, 0.1), "POL": (0.1, 0.5, 0.4)}
OF_GROUP = {NOT_EU: (0.5, 0.4, 0.1), EU: (0.2, 0.3, 0.5)}
PERSONS = 20_000.0


def world(*, by_origin: bool, destinations: int = 8) -> pd.DataFrame:
    """Corridors of 15 to 64 years: official shares of groups everywhere, and of origins where these are known."""
    rng, parts = np.random.default_rng(1), []
    for number in range(destinations):
        for origin, group in ORIGINS.items():
            drawn = rng.dirichlet(np.array(TRUTH[origin] if by_origin else OF_GROUP[group]) * 2000)
            before = rng.dirichlet(np.array(OF_GROUP[group]) * 2000)
            other = OF_GROUP[EU if group == NOT_EU else NOT_EU]
            row: dict[str, object] = {
                "destination": f"D{number:02}",
                "origin": origin,
                "origin_group": group,
                "sex": "all",
            }
            row |= {"age_min": 15, "age_max": 64, "official_basis": group, "age_basis": "destination"}
            row |= {"stock_basis": CORRIDOR if by_origin else group, "official_date": "2015-07-01"}
            columns = {
                "education": LEVELS,
                "official": before * PERSONS,
                "stock": drawn * PERSONS,
                "other_group": other,
            }
            parts.append(pd.DataFrame(row | columns))
    table = pd.concat(parts, ignore_index=True).astype({"age_max": "Int64"})
    nothing = dict.fromkeys(["audience", "audience_upper", "users", "population"], np.nan)
    return table.assign(**nothing, official_source="eurostat edat_lfs_9912", audience_status=None)


def learn(table: pd.DataFrame) -> LearntShares:
    learnt = learn_schooling(table)
    assert learnt is not None
    return learnt


def test_where_origins_are_known_their_own_shares_are_recovered_and_beat_those_of_the_group() -> None:
    table = world(by_origin=True)
    learnt = learn(table)
    assert not learnt.of_groups
    errors = {score.method: score.error for score in learnt.scores}
    assert errors["group_shares"] > 0.1 > 2 * errors[learnt.method]
    expected = learnt.fitted().predict(compositions(table.assign(stock=np.nan)))
    truth = np.array([TRUTH[origin] for origin in compositions(table).origin])
    assert np.abs(expected - truth).mean() < 0.03
    assert not unmeasured(compositions(table), learnt).any()


def test_the_group_stands_in_where_it_tells_more_than_the_origin_elsewhere() -> None:
    table = world(by_origin=True)
    # in each destination the group has the shares of the origin there, which differ between destinations
    rng = np.random.default_rng(2)
    for _, rows in table.groupby(["destination", "origin"]):
        shares = rng.dirichlet([4.0, 4.0, 4.0]) * PERSONS
        table.loc[rows.index, ["official", "stock"]] = np.column_stack([shares, shares])
    learnt = learn(table)
    errors = {score.method: score.error for score in learnt.scores}
    assert errors["group_shares"] == pytest.approx(0.0, abs=1e-9)
    assert learnt.method == "group_shares"


def test_groups_are_learnt_from_where_too_few_origins_are_known_and_spread_as_groups_differ() -> None:
    table = world(by_origin=False)
    learnt = learn(table)
    assert learnt.of_groups
    assert learnt.scores[0].corridors == 2 * 8  # groups, not origins
    # both groups lie 0.15, 0.05 and 0.2 from their mean, of 0.35, 0.35 and 0.3
    means, apart = np.array([0.35, 0.35, 0.3]), np.array([0.15, 0.05, 0.2])
    floor = (apart**2 / (means * (1 - means))).mean()
    assert learnt.fitted().spread.shift == pytest.approx(floor, rel=0.15)
    alone = learn(table.assign(other_group=np.nan))
    assert alone.fitted().spread.shift < floor / 10


def test_corridors_are_told_by_their_group_and_marked_indicative() -> None:
    table = world(by_origin=False)
    learnt, of = learn(table), compositions(table)
    known = as_learnt(of, table, learnt)
    assert set(known.origin) == {EU, NOT_EU}
    assert set(known.basis) == {CORRIDOR}
    assert unmeasured(of, learnt).all()
    own = table["origin"].eq("POL")
    mixed = table.assign(official_basis=table["official_basis"].mask(own, CORRIDOR))
    assert unmeasured(compositions(mixed), learnt).sum() == 16
    parts = table[["destination", "origin", "education"]].assign(regime="stale", notes="")
    told = with_sources(parts, mixed, learnt)
    assert set(told.loc[own, "regime"]) == {"stale"}
    assert set(told.loc[~own, "regime"]) == {"none"}
    assert told.loc[own, "notes"].str.contains("official figures of the corridor").all()


@pytest.mark.parametrize("destinations", [0, 2])
def test_too_few_destinations_teach_nothing(destinations: int) -> None:
    table = world(by_origin=False, destinations=destinations) if destinations else pd.DataFrame()
    assert learn_schooling(table) is None
