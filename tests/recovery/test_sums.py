"""Worlds whose errors have known shares in common: sums cover what they say once the shares are learnt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.common_error import CommonError, learn
from smstock.models.quantiles import ENDS, SCORES, normal_scores
from smstock.nowcast.sums import sums
from smstock.tables.sums import WITH

SHARES = CommonError(destination=0.35, origin=0.15)
SPREAD = 0.6


def world(rng: np.random.Generator, *, destinations: int, origins: int) -> pd.DataFrame:
    """Corridors with right intervals of their own, and stocks whose errors go together."""
    d, o = (ends.ravel() for ends in np.meshgrid(np.arange(destinations), np.arange(origins), indexing="ij"))
    score = np.sqrt(SHARES.own) * rng.normal(size=len(d))
    score += np.sqrt(SHARES.destination) * rng.normal(size=destinations)[d]
    score += np.sqrt(SHARES.origin) * rng.normal(size=origins)[o]
    median = np.exp(rng.normal(9, 1.5, len(d)))
    ends = {end: median * np.exp(SPREAD * at) for end, at in zip(ENDS, SCORES, strict=True)}
    letters = np.array([f"{a}{b}X" for a in "ABCDEFGH" for b in "ABCDEFGH"])
    table = pd.DataFrame(
        {**ends, "destination": letters[d], "origin": letters[o], "stock": median * np.exp(SPREAD * score)}
    )
    return table.assign(sex="all", age_min=0, age_max=None, reference_date="2020-10-15")


def coverage(seeds: range, *, learnt: bool) -> dict[int, float]:
    """Return the share (percent) of sums of 15 destinations inside their intervals; 25 others teach the shares."""
    inside: dict[int, list[float]] = {50: [], 80: [], 95: []}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        table = world(rng, destinations=40, origins=20)
        first = table["destination"] < table["destination"].unique()[25]
        taught, scored = table[first], table[~first]
        common = CommonError()
        if learnt:
            scores = normal_scores(taught, taught["stock"].to_numpy())
            common = learn(scores, taught["destination"], taught["origin"])
        found = sums(scored, ["destination"], common=common, count=400)
        found = found[found["indicative"] == WITH].set_index("destination")
        truth = scored.groupby("destination")["stock"].sum()
        for level, of in inside.items():
            of.append(100 * truth.between(found[f"lower_{level}"], found[f"upper_{level}"]).mean())
    return {level: float(np.mean(of)) for level, of in inside.items()}


def test_sums_of_a_few_worlds_are_covered_only_with_common_errors() -> None:
    assert coverage(range(8), learnt=True)[80] == pytest.approx(80, abs=8)
    assert coverage(range(4), learnt=False)[80] < 60


@pytest.mark.slow
def test_sums_of_200_worlds_are_covered_as_stated() -> None:
    found = coverage(range(200), learnt=True)
    assert 78 <= found[80] <= 82
    assert (found[50], found[95]) == pytest.approx((50, 95), abs=3)
