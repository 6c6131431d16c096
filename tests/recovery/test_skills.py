"""Simulated worlds of members: intervals hold what they say, and the corrected stock is unbiased where others are not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy.skills import (
    AS_ASSUMED,
    POSITIONS,
    VARIANTS,
    bias,
    bias_rows,
    coverage,
    coverage_row,
    share_scores,
    skilled_scores,
)

from smstock import workflows
from smstock.folder import Folder
from smstock.query.linkedin import LinkedInQuery
from smstock.query.spec import load
from smstock.sandbox.members import simulate_members
from smstock.sandbox.profiles import profiles
from smstock.sandbox.simulation import simulate
from smstock.skills.shares import COMPOSITIONS

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.workflows.skills import SkillProfile


@pytest.mark.parametrize("variant", [AS_ASSUMED, POSITIONS])
@pytest.mark.parametrize(("worlds", "slack"), [(4, 8.0), pytest.param(60, 2.0, marks=pytest.mark.slow)])
def test_intervals_of_shares_hold_the_truth(variant: str, worlds: int, slack: float) -> None:
    scores = share_scores(*VARIANTS[variant], worlds)
    held, _ = coverage(scores, 80)
    assert held == pytest.approx(80, abs=slack)
    assert coverage_row(variant, scores).count("|") == 9


@pytest.mark.parametrize(("worlds", "slack"), [(4, 6.0), pytest.param(60, 2.0, marks=pytest.mark.slow)])
def test_the_corrected_stock_is_unbiased_and_one_ratio_for_all_is_not(worlds: int, slack: float) -> None:
    scores = skilled_scores(worlds)
    new = scores[~scores["known"] & (scores["sex"] == "all")]
    assert bias(new, "median") == pytest.approx(0, abs=slack)
    low, high = new[new["low"]], new[~new["low"]]
    assert bias(low, "uncorrected") < -5
    assert bias(high, "uncorrected") > 5
    assert abs(bias(low, "median")) < abs(bias(low, "uncorrected"))
    assert len(bias_rows(scores)) == 8


@pytest.fixture(scope="module")
def simulated(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> SkillProfile:
    """The profile of the answers that the simulated LinkedIn gave about the world of seed 1."""
    workspace = Folder(repository, tmp_path_factory.mktemp("simulated"))
    collected = workflows.collect(
        load(repository / "queries/serbia-skills.toml"),
        workspace,
        now=datetime(2026, 11, 22, tzinfo=UTC),
        recordings=repository / "queries/recorded/serbia-skills",
    )
    assert collected.tally.missing == 0
    return workflows.skill_profile(workspace, query="serbia-skills", wave=collected.wave)


def test_recorded_answers_of_the_sandbox_are_labelled_as_simulated(simulated: SkillProfile) -> None:
    assert simulated.title.startswith("Simulated members")
    assert set(simulated.profile["destination"]) == {"IRL", "ESP", "CHE", "SRB"}
    assert simulated.profile.loc[simulated.profile["origin"] == "SRB", "population"].str.contains("not all").all()


@pytest.mark.slow
def test_what_the_simulated_linkedin_answers_leads_back_to_the_truth_of_its_world(
    simulated: SkillProfile, repository: Path
) -> None:
    world = simulate(np.random.default_rng(1))
    members = simulate_members(np.random.default_rng(1), world)
    destinations = ["IRL", "ESP", "CHE"]
    truth = profiles(members, simulated.manifest.wave, destinations=destinations, origins=["SRB"])
    truth = truth[truth["origin"] == "SRB"]
    expected = []
    query = load(repository / "queries/serbia-skills.toml")
    assert isinstance(query, LinkedInQuery)
    for dimension, categories in query.dimensions.items():
        if dimension == "experience":  # asked by first and last year
            continue
        for destination in destinations:
            there = truth[(truth["destination"] == destination) & (truth["dimension"] == dimension)]
            parts = {name: there.loc[there["entity"].isin(urns), "share"] for name, urns in categories.items()}
            whole = sum(part.sum() for part in parts.values()) if dimension in COMPOSITIONS else 1.0
            for name, part in parts.items():
                share = part.sum() / whole if dimension in COMPOSITIONS else 1 - np.prod(1 - part.to_numpy(dtype=float))
                expected.append((destination, dimension, name, share))
    table = pd.DataFrame(expected, columns=["destination", "dimension", "category", "truth"])
    profile = simulated.profile[(simulated.profile["origin"] == "SRB") & (simulated.profile["sex"] == "all")]
    both = profile.merge(table, on=["destination", "dimension", "category"])
    seen = both[both["share"].notna()]
    assert len(seen) > 70
    assert (seen["share"] / seen["truth"] - 1).abs().median() < 0.03
    assert ((seen["lower_80"] <= seen["truth"]) & (seen["truth"] <= seen["upper_80"])).mean() > 0.78
