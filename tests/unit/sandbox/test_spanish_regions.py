"""The worked example below the country against the sandbox: the regions and cities of Spain, and origins by language."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import pytest

from smstock.folder import Folder
from smstock.official import sidecar
from smstock.platforms.base import RawAnswer, Request
from smstock.provenance import text_hash
from smstock.query.spec import load
from smstock.sandbox.figures import truth_by_language
from smstock.sandbox.folder import LAND, SILENT, write
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta, account
from smstock.sandbox.shares import PLACEMENTS
from smstock.sandbox.simulation import simulate
from smstock.vocabulary.dates import instant
from smstock.workflows.calibration_spec import load as load_spec
from smstock.workflows.collection import collect
from smstock.workflows.evidence import Evidence
from smstock.workflows.month import estimate

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.sandbox.world import World

NOW = datetime(2026, 11, 15, tzinfo=UTC)


class Asked:
    """The simulated platform without a wire; counts what it is asked."""

    attempts = concurrency = 1
    dropped: tuple[str, ...] = ()

    def __init__(self, service: SimulatedMeta) -> None:
        self.service, self.calls = service, 0

    async def ask(self, request: Request) -> RawAnswer:
        self.calls += 1
        query = urlencode(dict(request.parameters), quote_via=quote)
        path = f"/{request.api_version}/act_{ACCOUNT}/{request.endpoint}?{query}"
        reply = self.service.handle("GET", path.encode(), {"authorization": f"Bearer {TOKEN}"})
        return RawAnswer(
            reply.body, reply.status, instant(NOW), request.endpoint, request.api_version, (), f"act_{ACCOUNT}"
        )

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


EXAMPLE = (
    "queries/spanish-regions.toml",
    "queries/places/spanish-regions.toml",
    "queries/spanish-cities.toml",
    "queries/places/spanish-cities.toml",
    "calibration/spanish-regions.toml",
    "calibration/spanish-regions/stock.csv",
    "calibration/spanish-regions/truth.csv",
)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(np.random.default_rng(1))


@pytest.fixture(scope="module")
def workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A workspace with the queries and calibrations of this repository."""
    root = tmp_path_factory.mktemp("office")
    for name in ("queries", "calibration"):
        shutil.copytree(repository / name, root / name)
    return Folder(root, root)


def platform(world: World) -> Asked:
    return Asked(SimulatedMeta(world, NOW.timestamp, accounts={ACCOUNT: account("full")}))


def test_the_example_is_what_the_sandbox_writes(repository: Path, world: World, tmp_path: Path) -> None:
    write(world, tmp_path / "simulated", month="2026-11", source="seed 1")
    for name in EXAMPLE:
        shipped, written = (root / name for root in (repository, tmp_path / "simulated"))
        if name.endswith(".csv"):
            # another processor may round a figure otherwise
            pd.testing.assert_frame_equal(pd.read_csv(shipped), pd.read_csv(written), rtol=0, atol=1)
            origin = sidecar.read(shipped)
            assert origin is not None
            assert origin.sha256 == text_hash(shipped.read_text(encoding="utf-8"))
            assert origin.producer == "simulated by smstock"
        else:
            assert shipped.read_text(encoding="utf-8") == written.read_text(encoding="utf-8")


def test_accounts_in_ukrainian_are_collected_and_are_those_of_the_truth(workspace: Folder, world: World) -> None:
    query = load(workspace.root / "queries/ukraine-language.toml")
    table = collect(query, workspace, now=NOW, source=platform(world)).table()
    asked = table[(table["origin"] == "UKR") & (table["destination"] != "UKR")]
    true = truth_by_language(world, "2026-11", destinations=query.destinations, origins=["UKR"], ages=query.whole)
    rows = asked.merge(true, on=["destination", "origin", "sex"], validate="1:1")
    assert len(rows) == len(asked) == 3 * len(query.destinations)
    on_facebook = rows["audience"] * PLACEMENTS["facebook"]
    # a deduced cell is below the floor, as one that was asked; a shown number is rounded down from whole accounts
    assert (rows["lower"].to_numpy() <= on_facebook.to_numpy() + 1).all()
    assert (rows["upper"].to_numpy() >= on_facebook.to_numpy() - 1).all()
    assert (asked["status"] == "observed").sum() > 30


def test_cities_stand_beside_regions_and_are_deduced_with_them(workspace: Folder, world: World) -> None:
    query = load(workspace.root / "queries/spanish-cities.toml")
    asked = platform(world)
    collected = collect(query, workspace, now=NOW, source=asked)
    table = collected.table()
    assert len(table) == 53 * 10
    assert asked.calls < len(table)
    assert not table["status"].str.startswith("refused").any()
    truth = pd.read_csv(workspace.root / "calibration/spanish-regions/truth.csv")
    rows = table.merge(truth[truth["sex"] == "all"], on=["destination", "origin"], validate="1:1")
    assert len(rows) == len(table)
    assert (rows["lower"].to_numpy() <= rows["audience"].to_numpy() + 1).all()
    assert (rows["upper"].to_numpy() >= rows["audience"].to_numpy() - 1).all()
    assert (rows.loc[rows["status"] == "observed", "destination"].str.count("-") == 2).sum() > 5


@pytest.mark.slow
def test_regions_are_asked_deduced_estimated_divided_and_add_up_to_spain(workspace: Folder, world: World) -> None:
    query, asked = load(workspace.root / "queries/spanish-regions.toml"), platform(world)
    collected = collect(query, workspace, now=NOW, source=asked)
    table = collected.table()
    assert len(table) == 3000
    assert asked.calls == collected.tally.settled < 1000
    deduced = table[table["status"] == "deduced"]
    assert deduced["destination"].str.startswith("ES-").mean() > 0.9

    spec = load_spec(workspace.root / "calibration/spanish-regions.toml")
    made = estimate(Evidence(spec, workspace, "spanish-regions", "2026-11"))
    estimates, detail = made.nowcast.estimates, made.nowcast.detail
    totals = estimates[estimates["sex"] == "all"]
    assert set(totals.loc[totals["regime"] == "none", "destination"]) <= set(SILENT)
    whole = detail.groupby(["destination", "origin"])["median"].sum()
    joined = totals.set_index(["destination", "origin"])["median"].reindex(whole.index)
    assert whole.to_numpy() == pytest.approx(joined.to_numpy(dtype=float), rel=1e-6)
    assert detail["age_min"].drop_duplicates().sort_values().tolist() == [0, 18, 25, 45, 65]

    of_origins = totals.pivot_table(index="origin", columns="destination", values="median")
    together, spain = of_origins.drop(columns=LAND).sum(axis=1), of_origins[LAND]
    complete = of_origins.notna().all(axis=1)
    assert together[complete].to_numpy() == pytest.approx(spain[complete].to_numpy(), rel=1e-6)
    assert list(of_origins.index[complete]) == ["SRB"]
    # of the others "fewer than" is all that is known in a silent region, and that holds what is left
    fewer = totals[totals["median"].isna()].groupby("origin")["upper_80"].sum()
    left = (spain - together)[~complete]
    assert left.between(0, fewer.reindex(left.index)).all()

    truth = pd.read_csv(workspace.root / "calibration/spanish-regions/truth.csv")
    of_silent = totals[totals["destination"].isin(SILENT) & totals["median"].notna()]
    beside = of_silent.merge(truth, on=["destination", "origin", "sex"], validate="1:1")
    assert len(beside) >= 5
    assert (beside["median"] / beside["stock"] - 1).abs().median() < 0.25
    assert beside["stock"].between(beside["lower_80"], beside["upper_80"]).mean() >= 0.6

    sums = made.nowcast.sums
    of_origin = sums[(sums["origin"] == "SRB") & (sums["destination"] == "") & (sums["sex"] == "all")]
    serbs = totals[(totals["origin"] == "SRB") & (totals["destination"] == LAND)]["median"].item()
    assert of_origin["sum_of_medians"].tolist() == pytest.approx([serbs] * len(of_origin))
    assert "Catalonia" in made.page.read_text(encoding="utf-8")


def test_the_truth_of_regions_is_that_of_spain(repository: Path) -> None:
    truth = pd.read_csv(repository / "calibration/spanish-regions/truth.csv")
    regions = truth[truth["destination"].str.fullmatch("ES-[A-Z]{2}")]
    assert regions["destination"].nunique() == 19
    keys = ["origin", "sex"]
    for measure in ("stock", "audience"):
        together = regions.groupby(keys)[measure].sum()
        whole = truth[truth["destination"] == LAND].set_index(keys)[measure].sort_index()
        assert together.to_numpy() == pytest.approx(whole.to_numpy(), abs=0.2)
