"""A simulated world with a known break and known glitches: ten waves collected by the runner, repaired, nowcast."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pytest
from tenacity import wait_none
from typer.testing import CliRunner

from smstock import workflows
from smstock.audience.repair import Repair, repair
from smstock.cli.app import commands
from smstock.folder import Folder
from smstock.platforms.base import RawAnswer
from smstock.platforms.meta.rounding import FLOOR
from smstock.query.spec import specify
from smstock.sandbox.faults import GLITCH_FROM, FaultPlan
from smstock.sandbox.folder import ORIGINS, write
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta, account
from smstock.sandbox.parameters import Break, Parameters
from smstock.sandbox.simulation import simulate
from smstock.vocabulary import countries
from smstock.vocabulary.dates import instant
from smstock.workflows import calibration_spec, collection
from smstock.workflows.audiences import repaired
from smstock.workflows.evidence import Evidence
from smstock.workflows.waves import read_waves

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smstock.platforms.base import Request
    from smstock.sandbox.world import World
    from smstock.workflows.nowcasting import Nowcast

pytestmark = pytest.mark.slow

FACTOR = 0.6
BREAK = "2019-04"
WAVES = ("2017-01", "2018-01", *(f"2018-{month}" for month in (11, 12)), *(f"2019-0{month}" for month in range(1, 8)))
NEWEST = WAVES[-1]
GLITCHED = 0.04
DESTINATIONS = ("AUT", "BEL", "CHE", "CZE", "DEU", "DNK", "ESP", "FRA", "GRC", "HUN", "IRL", "ITA", "NLD", "PRT", "SWE")
QUERY = specify(
    {
        "name": "simulated",
        "platform": "meta",
        "origins": ["BRA", "IND", "MAR", "POL", "ROU"],
        "destinations": list(DESTINATIONS),
        "ages": "18+",
        "breakdowns": [["sex"]],
        "totals": False,
        "metrics": ["mau"],
    }
)


@dataclass
class Simulated:
    """The simulated platform without a network, as the runner's source."""

    service: SimulatedMeta
    asked_at: str
    attempts: int = 5
    concurrency: int = 60
    dropped: tuple[str, ...] = ()
    keys: dict[str, Request] = field(default_factory=dict)

    def prime(self, journal: Iterable[RawAnswer]) -> None: ...

    async def ask(self, request: Request) -> RawAnswer:
        self.keys[request.key] = request
        path = f"/{request.api_version}/act_{ACCOUNT}/{request.endpoint}?{urlencode(request.parameters)}"
        reply = self.service.handle("GET", path.encode(), {"authorization": f"Bearer {TOKEN}"})
        return RawAnswer(
            reply.body, reply.status, self.asked_at, request.endpoint, request.api_version, reply.headers, ACCOUNT
        )

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Collected:
    """What lies in the workspace, and what is true."""

    workspace: Folder
    world: World
    glitches: set[tuple[str, str, str, str]]
    repair: Repair


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    parameters = Parameters(breaks=(Break(BREAK, FACTOR, 0.05, 0.05, 0.04),), migrants=0.1)
    areas = (*countries.expand(("eu27", "efta")), *ORIGINS)
    world = simulate(np.random.default_rng(11), parameters, areas=areas, origins=ORIGINS)
    folder = tmp_path_factory.mktemp("world") / "office"
    write(world, folder, month=NEWEST, source="recovery")
    text = (folder / "calibration/simulated.toml").read_text()
    (folder / "calibration/simulated.toml").write_text(text.replace("2015-01-01", "2017-01-01"))
    there, glitches = Folder(folder, folder), set()
    patience = pytest.MonkeyPatch()
    patience.setattr(collection, "Backoff", lambda *_, **__: wait_none())  # a sudden floor is asked again after a while
    for wave in WAVES:
        now = datetime(int(wave[:4]), int(wave[5:]), 15, tzinfo=UTC)
        service = SimulatedMeta(
            world,
            now.timestamp,
            accounts={ACCOUNT: account("full")},
            era="point",
            faults=FaultPlan(glitch=GLITCHED),
            seed=3,
        )
        source = Simulated(service, instant(now))
        workflows.collect(QUERY, there, now=now, source=source, wave=wave)
        cells = {each.key: source.keys[each.key].cell for each in service.injected if each.fault == "glitch"}
        glitches |= {(wave, cell.destination, cell.origin, cell.sex) for cell in cells.values()}
    patience.undo()
    return Collected(there, world, glitches, repaired(there, QUERY.name, NEWEST))


def test_the_break_is_found_in_its_month_and_nowhere_else(collected: Collected) -> None:
    breaks = collected.repair.breaks
    assert set(breaks["wave"]) == {BREAK}
    monthly = breaks[(breaks["metric"] == "mau") & (breaks["origin"] == "")]
    assert monthly["factor"].item() == pytest.approx(FACTOR, rel=0.06)


def test_the_factor_of_each_corridor_is_recovered_with_an_honest_spread(collected: Collected) -> None:
    chained = collected.repair.chained
    before = chained[(chained["wave"] == "2019-03") & (chained["metric"] == "mau")]
    world = collected.world
    true = [
        world.breaks[0, world.areas.index(row["destination"]), world.origins.index(row["origin"])]
        for row in before.to_dict("records")
    ]
    errors = np.log(before["link_factor"].to_numpy(dtype=float)) - np.array(true)
    seen = before["status"].eq("observed").to_numpy()
    assert np.std(errors[seen]) < 0.08
    within = np.abs(errors[seen]) < 1.2816 * before["link_sd"].to_numpy()[seen]
    assert within.mean() > 0.7


def test_glitches_are_found_and_true_floors_are_not_called_so(collected: Collected) -> None:
    found = collected.repair.glitches
    found = found[found["metric"] == "mau"]
    called = set(found[["wave", "destination", "origin", "sex"]].itertuples(index=False, name=None))
    assert len(collected.glitches) >= 30
    assert len(called & collected.glitches) >= 0.95 * len(collected.glitches)
    rows = collected.repair.shown[collected.repair.shown["metric"] == "mau"]
    assert len(called - collected.glitches) <= 0.01 * len(rows)
    taken_out = rows[rows["status"] == "glitch"]
    assert taken_out[["value", "lower", "upper"]].isna().all(axis=None)
    floors = rows[rows["status"] == "floored"]
    assert len(floors) > 20
    assert (floors["upper"] == FLOOR).all()


def test_glitches_that_nobody_asked_again_are_found_too(collected: Collected) -> None:
    waves = read_waves(collected.workspace, QUERY.name, until=NEWEST)
    marked = waves["status"] == "glitch"
    bounds = {name: waves[name].astype("float64").mask(marked, end) for name, end in (("lower", 0), ("upper", FLOOR))}
    found = repair(waves.assign(status=waves["status"].mask(marked, "floored"), **bounds)).glitches
    called = set(found[["wave", "destination", "origin", "sex"]].itertuples(index=False, name=None))
    assert len(called & collected.glitches) >= 0.95 * len(collected.glitches)
    assert len(called - collected.glitches) <= 0.01 * len(waves)


@pytest.fixture(scope="module")
def estimated(collected: Collected) -> tuple[Nowcast, Nowcast]:
    """The nowcast of the newest wave by growth of the audience, and by the ranking."""
    spec = calibration_spec.load(collected.workspace.root / "calibration/simulated.toml")
    learnt = workflows.calibrate(Evidence(spec, collected.workspace, QUERY.name, NEWEST))
    growing, ranked = (
        workflows.nowcast(Evidence(spec, collected.workspace, QUERY.name, NEWEST), learnt, methods=methods)
        for methods in (["minora"], [])
    )
    return growing, ranked


def test_growth_over_the_break_follows_the_stock_and_not_the_redefinition(
    collected: Collected, estimated: tuple[Nowcast, Nowcast]
) -> None:
    estimates = estimated[0].estimates
    totals = estimates[(estimates["sex"] == "all") & estimates["median"].notna() & (estimates["official_last"] > 0)]
    assert len(totals) >= 30
    grown = np.log((totals["median"] / totals["official_last"]).to_numpy(dtype=float))
    assert abs(np.median(grown)) < 0.1  # the redefinition alone would be log 0.6 = -0.51
    noted = totals["notes"].str.contains("to chain a break")
    assert noted.all()
    widths = np.log((totals["upper_80"] / totals["median"]).to_numpy(dtype=float))
    assert (widths >= 1.2815 * 0.03).all()


def test_a_glitch_of_the_wave_is_no_audience_and_the_notes_say_so(
    collected: Collected, estimated: tuple[Nowcast, Nowcast]
) -> None:
    glitches = {tuple(cell) for wave, *cell in collected.glitches if wave == NEWEST}
    assert glitches
    rows = estimated[1].estimates.set_index(["destination", "origin", "sex"])
    for cell in glitches:
        assert rows["audience"].isna()[cell]
        assert "taken out as a glitch" in str(rows.loc[cell, "notes"])


def test_inputs_of_the_estimates_name_every_wave(collected: Collected, estimated: tuple[Nowcast, Nowcast]) -> None:
    manifest: dict[str, Any] = json.loads(estimated[1].files[-1].read_text())
    assert {name for name in manifest["inputs"] if name.startswith("audience")} == {
        "audience",
        *(f"audience {wave}" for wave in WAVES[:-1]),
    }


def run(collected: Collected, *words: str | Path) -> Any:
    return CliRunner().invoke(
        commands(), ["audience", QUERY.name, "-w", str(collected.workspace.root), *map(str, words)]
    )


def test_the_command_prints_what_was_found_and_draws_a_series(collected: Collected, tmp_path: Path) -> None:
    ended = run(collected, "--picture", tmp_path / "series.png", "--corridor", "POL:DEU")
    assert ended.exit_code == 0, ended.output
    assert BREAK in ended.output
    assert "all origins" in ended.output
    assert (tmp_path / "series.png").read_bytes().startswith(b"\x89PNG")
    content = json.loads(run(collected, "--json").stdout)
    assert [row["wave"] for row in content["breaks"] if row["metric"] == "mau" and not row["origin"]] == [BREAK]
    assert len(content["glitches"]) == len(collected.repair.glitches)
    assert all(row["shown"] is None or row["shown"] < GLITCH_FROM for row in content["glitches"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--wave", WAVES[0]), "no wave before 2017-01"),
        (("--wave", "2016-01"), "was not collected in 2016-01"),
        (("--picture", "x.png", "--corridor", "POLDEU"), "names no corridor"),
        (("--picture", "x.png", "--corridor", "POL:USA"), "no wave holds POL:USA"),
    ],
)
def test_what_cannot_be_shown_is_said(collected: Collected, words: tuple[str, ...], said: str) -> None:
    ended = run(collected, *words)
    assert ended.exit_code != 0
    assert said in str(ended.exception)
