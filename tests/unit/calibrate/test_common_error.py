from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.common_error import CommonError, learn
from smstock.errors import UsageError


def drawn(seed: int, shares: CommonError, *, destinations: int, origins: int) -> CommonError:
    """Learn shares back from a world that they made."""
    rng = np.random.default_rng(seed)
    d, o = (ends.ravel() for ends in np.meshgrid(np.arange(destinations), np.arange(origins), indexing="ij"))
    score = np.sqrt(shares.own) * rng.normal(size=len(d)) + np.sqrt(shares.everywhere) * rng.normal()
    score += np.sqrt(shares.destination) * rng.normal(size=destinations)[d]
    score += np.sqrt(shares.origin) * rng.normal(size=origins)[o]
    seen = rng.uniform(size=len(d)) < 0.7
    return learn(np.where(seen, score, np.nan), pd.Series(d), pd.Series(o))


def test_products_of_mates_by_hand() -> None:
    """AUT 3, 1; DEU 1; the mean square is 11 / 3.

    With mates in the destination: AUT 3 x 1 and 1 x 3, mean 3; in the origin (SRB): 3 x 1 and 1 x 3, mean 3; strangers:
    POL in AUT and SRB in DEU, 1 x 1 each, mean 1. Shares 3 / 11, and (9 - 3) / 11 twice; together 15 / 11, scaled to 1.
    """
    ends = pd.DataFrame([("AUT", "SRB"), ("AUT", "POL"), ("DEU", "SRB")])
    found = learn(np.array([3.0, 1.0, 1.0]), ends[0], ends[1])
    assert (found.everywhere, found.destination, found.origin) == pytest.approx((3 / 15, 6 / 15, 6 / 15))
    assert found.own == pytest.approx(0)


@pytest.mark.parametrize(
    "shares",
    [
        CommonError(),
        CommonError(destination=0.4),
        CommonError(destination=0.25, origin=0.3),
        CommonError(everywhere=0.2, destination=0.3),
    ],
)
def test_shares_that_made_a_world_are_found_again(shares: CommonError) -> None:
    """Worlds of one wave each show one draw of what is common everywhere: means over worlds, not each of them."""
    found = [drawn(seed, shares, destinations=40, origins=25) for seed in range(30)]
    assert np.mean([each.destination for each in found]) == pytest.approx(shares.destination, abs=0.06)
    assert np.mean([each.origin for each in found]) == pytest.approx(shares.origin, abs=0.06)
    assert np.mean([each.everywhere for each in found]) == pytest.approx(shares.everywhere, abs=0.08)


def test_errors_that_go_apart_have_nothing_in_common() -> None:
    ends = pd.DataFrame([("AUT", "SRB"), ("AUT", "POL")])
    assert learn(np.array([1.0, -1.0]), ends[0], ends[1]) == CommonError()


@pytest.mark.parametrize("scores", [[], [1.0], [np.nan, 2.0], [0.0, 0.0]])
def test_without_pairs_nothing_is_learnt(scores: list[float]) -> None:
    ends = pd.Series(["AUT"] * len(scores)), pd.Series(["SRB", "POL"][: len(scores)])
    assert learn(np.array(scores), *ends) == CommonError()


@pytest.mark.parametrize("shares", [{"destination": -0.1}, {"origin": 0.7, "destination": 0.4}, {"origin": np.nan}])
def test_impossible_shares_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="shares of common error"):
        CommonError(**shares)
