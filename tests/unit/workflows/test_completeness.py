"""A live wave with open cells is not published, unless its query allows it; then page and manifest say so."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.learning import _learnt_once  # noqa: F401 - a fixture

from smstock.calibrate.calibration import Calibration
from smstock.errors import CredentialError, IncompleteError, PlatformError, QueryError, SmstockError
from smstock.folder import Folder
from smstock.platforms import replay
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.known import platform
from smstock.query.base import Publish
from smstock.query.spec import load, parse
from smstock.settings import Job
from smstock.workflows import calibration_spec
from smstock.workflows.calibration import settled
from smstock.workflows.collection import Collected, collect
from smstock.workflows.evidence import Evidence
from smstock.workflows.month import Month, estimate, run_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("_learnt_once")

OVERSEAS = ("AUS", "CAN", "USA")
NEIGHBOURS = ("AUT", "BEL", "BIH", "CHE", "CZE", "DEU", "DNK", "ESP", "FRA", "GBR", "GRC", "HRV", "HUN", "ITA", "LUX")
DESTINATIONS = (*OVERSEAS, *NEIGHBOURS, "NLD", "NOR", "POL", "ROU", "SVN", "SWE")
"""Those with an audience and an official stock, and no more than it takes to learn from."""
OCTOBER = datetime(2020, 10, 20, tzinfo=UTC)


@dataclass
class Silent:
    """A live platform that answers as recorded, but of some destinations not at all."""

    recorded: replay.Replay
    silent: tuple[str, ...]
    attempts: int = 1
    concurrency: int = 1
    dropped: tuple[str, ...] = ()

    async def ask(self, request: Request) -> RawAnswer | None:
        if request.cell.destination in self.silent:
            return RawAnswer(b"<html>503</html>", 503, "2020-10-20T00:00:00Z", request.endpoint, "v8.0")
        return await self.recorded.ask(request)

    def prime(self, journal: Iterable[RawAnswer]) -> None: ...

    async def close(self) -> None: ...


def collected(repository: Path, workspace: Folder, *silent: str, least: float = 1.0) -> Collected:
    asked = load(repository / "queries/serbia-diaspora.toml")
    query = asked.model_copy(
        update={
            "destinations": tuple(place for place in asked.destinations if place in DESTINATIONS),
            "breakdowns": (),
            "totals": False,
            "publish": Publish(least_answered=least),
        }
    )
    recordings = replay.read(repository / "queries/recorded/serbia-diaspora", platform("meta"), query, "2020-10")
    return collect(query, workspace, now=OCTOBER, source=Silent(recordings, silent))


def evidence(repository: Path, workspace: Folder) -> Evidence:
    spec = calibration_spec.load(repository / "calibration/serbia.toml")
    return Evidence(spec, workspace, "serbia-diaspora", "2020-10")


def test_a_wave_that_lacks_answers_is_neither_learnt_from_nor_published(repository: Path, tmp_path: Path) -> None:
    workspace = Folder(tmp_path, tmp_path)
    wave = collected(repository, workspace, "AUT", "DEU")
    assert (wave.gaps.unanswered, wave.gaps.example) == (2, "SRB in AUT, all, 13+")
    for step in (
        wave.lack,
        lambda: settled(evidence(repository, workspace)),
        lambda: estimate(evidence(repository, workspace)),
    ):
        with pytest.raises(IncompleteError, match=r"2 of \d+ cells .* no answer, such as SRB in AUT") as refused:
            step()
        assert refused.value.exit_code == 4
    assert not (tmp_path / "calibrations").exists()
    assert not (tmp_path / "estimates").exists()


def test_a_wave_that_may_lack_answers_is_published_and_says_so(repository: Path, tmp_path: Path) -> None:
    workspace = Folder(tmp_path, tmp_path)
    lack = collected(repository, workspace, "DEU", least=0.9).lack()
    assert lack.startswith("1 of ")
    made = estimate(evidence(repository, workspace))
    assert made.notices == (lack,)
    assert lack in made.page.read_text(encoding="utf-8")
    manifest = json.loads(workspace.estimate("2020-10", "serbia.manifest.json").read_text())
    assert manifest["about"]["lack"] == lack


@dataclass
class Ending(Silent):
    """A live platform that ends amid a collection, by an outage or a dead token."""

    error: SmstockError = field(default_factory=lambda: PlatformError("Meta has not answered for 30 min: HTTP 503"))

    async def ask(self, request: Request) -> RawAnswer | None:
        if request.cell.destination in self.silent:
            raise self.error
        return await self.recorded.ask(request)


@pytest.fixture
def job(repository: Path, tmp_path: Path) -> Callable[[float], Job]:
    """The worked example without breakdowns, as a job whose query allows a share of its cells to be open."""

    def job(least: float) -> Job:
        text = (repository / "queries/serbia-diaspora.toml").read_text(encoding="utf-8")
        content = {**tomllib.loads(text), "breakdowns": [], "totals": False}
        path = tmp_path / "serbia-diaspora.toml"
        lines = [f"{key} = {json.dumps(value)}" for key, value in content.items() if not isinstance(value, dict)]
        path.write_text("\n".join([*lines, "[publish]", f"least_answered = {least}"]), encoding="utf-8")
        return Job("serbia", path, repository / "calibration/serbia.toml")

    return job


def ended(repository: Path, workspace: Folder, job: Job, error: SmstockError | None = None) -> Month:
    query = load(job.query)
    recordings = replay.read(repository / "queries/recorded/serbia-diaspora", platform("meta"), query, "2020-10")
    source = Ending(recordings, ("USA",)) if error is None else Ending(recordings, ("USA",), error=error)
    return run_month(job, workspace, now=OCTOBER, source=source)


@pytest.mark.parametrize("error", [None, CredentialError("no usable credential is left")])
def test_what_an_outage_left_is_published_where_the_query_allows_it(
    repository: Path, tmp_path: Path, job: Callable[[float], Job], error: SmstockError | None
) -> None:
    month = ended(repository, Folder(tmp_path, tmp_path), job(0.5), error)
    assert month.collected.ended is not None
    assert month.collected.gaps.unanswered > 0
    lack, how = month.notices
    assert lack in month.page.read_text(encoding="utf-8")
    assert how == f"the collecting ended early: {month.collected.ended.what}"


def test_what_an_outage_left_is_not_published_below_the_share_that_the_query_asks(
    repository: Path, tmp_path: Path, job: Callable[[float], Job]
) -> None:
    with pytest.raises(PlatformError, match="has not answered for 30 min"):
        ended(repository, Folder(tmp_path, tmp_path), job(1.0))
    assert not (tmp_path / "estimates").exists()


@pytest.mark.parametrize("least", ["0", "1.5", "-1", "nan"])
def test_a_share_out_of_range_is_told_with_the_range(least: str) -> None:
    text = 'name="q"\nplatform="meta"\nages="18+"\norigins=["SRB"]\ndestinations=["AUT"]\n[publish]\n'
    with pytest.raises(
        QueryError, match=r"publish.least_answered: a share of the cells, above 0 and at most 1 \(it is"
    ):
        parse(f"{text}least_answered = {least}")


def test_no_calibration_replaces_one_that_knew_more_audiences(repository: Path, tmp_path: Path) -> None:
    workspace = Folder(tmp_path, tmp_path)
    collected(repository, workspace)
    good = settled(evidence(repository, workspace))
    assert good.anew
    assert good.calibration.audiences > 20
    path = workspace.calibration("serbia")
    richer = replace(good.calibration, audiences=good.calibration.audiences + 1, inputs={})
    path.write_text(richer.to_json())
    kept = settled(evidence(repository, workspace))
    assert (kept.anew, kept.calibration.id) == (False, richer.id)
    assert f"had {richer.audiences}; it is kept" in kept.notice
    # on another stock it is another calibration
    path.write_text(replace(richer, edition="2015").to_json())
    assert settled(evidence(repository, workspace)).anew
    assert Calibration.from_json(path.read_text(), path).audiences == good.calibration.audiences
