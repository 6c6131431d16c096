"""Regions of Spain, from a simulated platform to estimates by sex and age."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import pytest

from smstock.folder import Folder
from smstock.platforms.base import RawAnswer, Request
from smstock.query.spec import load
from smstock.sandbox.folder import LAND, SILENT, write
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta, account
from smstock.sandbox.simulation import simulate
from smstock.vocabulary.dates import instant
from smstock.workflows.calibration_spec import load as load_spec
from smstock.workflows.collection import collect
from smstock.workflows.evidence import Evidence
from smstock.workflows.month import estimate

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.slow
def test_regions_are_asked_deduced_estimated_and_divided(tmp_path: Path) -> None:
    world, root = simulate(np.random.default_rng(1)), tmp_path / "simulated"
    write(world, root, month="2026-11", source="seed 1")
    query, folder = load(root / "queries/spanish-regions.toml"), Folder(root, root)
    platform = Asked(SimulatedMeta(world, NOW.timestamp, accounts={ACCOUNT: account("full")}))
    collected = collect(query, folder, now=NOW, source=platform)
    table = collected.table()
    assert len(table) == 3000
    assert platform.calls == collected.tally.settled < 1000
    deduced = table[table["status"] == "deduced"]
    assert deduced["destination"].str.startswith("ES-").mean() > 0.9

    made = estimate(
        Evidence(load_spec(root / "calibration/spanish-regions.toml"), folder, "spanish-regions", "2026-11")
    )
    estimates, detail = made.nowcast.estimates, made.nowcast.detail
    totals = estimates[estimates["sex"] == "all"]
    assert set(totals.loc[totals["regime"] == "none", "destination"]) <= set(SILENT)
    whole = detail.groupby(["destination", "origin"])["median"].sum()
    joined = totals.set_index(["destination", "origin"])["median"].reindex(whole.index)
    assert whole.to_numpy() == pytest.approx(joined.to_numpy(dtype=float), rel=1e-6)
    assert detail["age_min"].drop_duplicates().sort_values().tolist() == [0, 18, 25, 45, 65]

    sums = made.nowcast.sums
    of_origin = sums[(sums["origin"] == "SRB") & (sums["destination"] == "") & (sums["sex"] == "all")]
    serbs = totals[(totals["origin"] == "SRB") & (totals["destination"] == LAND)]["median"].item()
    assert of_origin["sum_of_medians"].tolist() == pytest.approx([serbs] * len(of_origin))
    assert "Catalonia" in made.page.read_text(encoding="utf-8")
    truth = pd.read_csv(root / "calibration/spanish-regions/truth.csv")
    whole = (truth["age_min"] == 0) & truth["age_max"].isna()
    both = truth[whole & (truth["sex"] == "all")].groupby("origin")["stock"]
    of_groups = truth[~whole].groupby(["destination", "origin", "sex"])["stock"].sum()
    of_all = truth[whole].set_index(["destination", "origin", "sex"])["stock"]
    assert (of_groups.reindex(of_all.index) - of_all).abs().max() <= 5  # parts of regions are rounded one by one
    assert both.sum().to_numpy() == pytest.approx(2 * both.max().to_numpy())
