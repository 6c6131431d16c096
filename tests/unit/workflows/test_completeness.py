"""A live wave with open cells is not published, unless its query allows it; then page and manifest say so."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.learning import _learnt_once  # noqa: F401 - a fixture

from smstock.calibrate.calibration import Calibration
from smstock.cli.collect import in_words
from smstock.errors import CredentialError, IncompleteError, PlatformError, QueryError, SmstockError
from smstock.folder import Folder
from smstock.platforms import replay
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.known import platform
from smstock.provenance import file_hash
from smstock.query.base import Publish
from smstock.query.spec import load, parse
from smstock.settings import Job
from smstock.workflows import calibration_spec
from smstock.workflows.calibration import settled
from smstock.workflows.collection import Collected, collect
from smstock.workflows.completeness import lack_of
from smstock.workflows.evidence import Evidence
from smstock.workflows.month import estimate, run_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from smstock.workflows.outcome import Month

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
    assert made.nowcast.notices == (lack,)
    assert lack in made.page.read_text(encoding="utf-8")
    manifest = json.loads(workspace.estimate("2020-10", "serbia.manifest.json").read_text())
    assert manifest["about"]["lack"] == lack


def manifest_of(workspace: Folder) -> Path:
    return workspace.wave("2020-10", "serbia-diaspora.manifest.json")


def lack(workspace: Folder) -> str:
    return lack_of(workspace, "serbia-diaspora", "2020-10")


ODD_PARTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "about of null": lambda content: content.update(about=None),
    "no gaps": lambda content: content["about"].pop("gaps"),
    "a further gap": lambda content: content["about"]["gaps"].update(more=1),
    "gaps of null": lambda content: content["about"].update(gaps=None),
    "gaps without numbers": lambda content: content["about"].update(gaps={}),
    "gaps in words": lambda content: content["about"]["gaps"].update(answerable="many"),
    "gaps below nothing": lambda content: content["about"]["gaps"].update(unanswered=-2),
    "no query": lambda content: content["about"].pop("query"),
    "query of null": lambda content: content["about"].update(query=None),
    "publish of null": lambda content: content["about"]["query"].update(publish=None),
    "a share in words": lambda content: content["about"]["query"]["publish"].update(least_answered="most"),
    "a share above all": lambda content: content["about"]["query"]["publish"].update(least_answered=7),
    "statuses in a list": lambda content: content["about"].update(statuses=["observed"]),
    "no source": lambda content: content["about"].pop("source"),
}


@pytest.mark.parametrize("kind", ODD_PARTS)
@pytest.mark.parametrize("silent", [(), ("AUT", "DEU")])
def test_an_odd_manifest_is_named_and_the_table_counted(
    repository: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, silent: tuple[str, ...]
) -> None:
    workspace = Folder(tmp_path, tmp_path)
    collected(repository, workspace, *silent)
    content = json.loads(manifest_of(workspace).read_text())
    ODD_PARTS[kind](content)
    manifest_of(workspace).write_text(json.dumps(content))
    if silent:
        with pytest.raises(IncompleteError, match=r"2 of \d+ cells .* no answer, such as SRB in AUT"):
            lack(workspace)
    else:
        assert lack(workspace) == ""
    assert "manifest.json does not tell which cells are open" in caplog.text
    assert "`smstock collect serbia-diaspora --wave 2020-10` writes it anew" in caplog.text


@pytest.mark.parametrize("journal", [True, False])
def test_a_live_wave_without_manifest_is_judged_by_its_table(
    repository: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, journal: bool
) -> None:
    workspace = Folder(tmp_path, tmp_path)
    collected(repository, workspace, "DEU", least=0.9)
    manifest_of(workspace).unlink()
    if journal:
        # it still tells what the query allows
        assert lack(workspace).startswith("1 of ")
    else:
        workspace.wave("2020-10", "serbia-diaspora.journal.sqlite").unlink()
        with pytest.raises(IncompleteError, match=r"1 of \d+ cells .* no answer, such as SRB in DEU"):
            lack(workspace)
    assert "manifest.json is missing" in caplog.text


def test_a_recording_without_manifest_stays_as_it_is(
    repository: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = Folder(tmp_path, tmp_path)
    query = load(repository / "queries/serbia-diaspora.toml").model_copy(update={"breakdowns": (), "totals": False})
    collect(query, workspace, now=OCTOBER, recordings=repository / "queries/recorded/serbia-diaspora")
    manifest_of(workspace).unlink()
    assert lack(workspace) == ""
    assert not caplog.records


@pytest.mark.parametrize("stated", [True, False])
def test_a_live_wave_without_any_audience_is_neither_learnt_from_nor_published(
    repository: Path, tmp_path: Path, stated: bool
) -> None:
    workspace = Folder(tmp_path, tmp_path)
    collected(repository, workspace)
    # as one that was settled without numbers
    table = workspace.wave("2020-10", "serbia-diaspora.audience.parquet")
    answers = pd.read_parquet(table).assign(value=None, lower=None, upper=None, status="no_number")
    answers.to_parquet(table)
    content = json.loads(manifest_of(workspace).read_text())
    content["outputs"] = {table.name: file_hash(table)}
    content["about"]["statuses"] = {"no_number": len(answers)} if stated else None
    manifest_of(workspace).write_text(json.dumps(content))
    for step in (
        lambda: settled(evidence(repository, workspace)),
        lambda: estimate(evidence(repository, workspace)),
    ):
        with pytest.raises(IncompleteError, match="no cell of serbia-diaspora in 2020-10 has an audience") as refused:
            step()
        assert "--again no_number" in refused.value.hint
    assert not (tmp_path / "calibrations").exists()
    assert not (tmp_path / "estimates").exists()


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


def test_the_closing_line_of_a_run_that_ended_early_counts_as_its_table_does(repository: Path, tmp_path: Path) -> None:
    query = load(repository / "queries/serbia-diaspora.toml")
    workspace = Folder(tmp_path, tmp_path)
    recordings = replay.read(repository / "queries/recorded/serbia-diaspora", platform("meta"), query, "2020-10")
    wave = collect(query, workspace, now=OCTOBER, source=Ending(recordings, ("BIH",)), raises=False)
    assert wave.ended is not None
    table = wave.table()
    cells = table[table["metric"] == query.metrics[0]]["status"].value_counts()
    assert cells["deduced"] > 0
    assert wave.tally.deduced == cells["deduced"]
    assert wave.tally.planned - wave.tally.done == wave.gaps.unanswered == cells["quota"]
    line = in_words(wave)[0]
    assert f"{cells['deduced']:,} deduced" in line
    assert f"{wave.gaps.unanswered:,} still open" in line
    with pytest.raises(IncompleteError, match=f"{wave.gaps.unanswered:,} of "):
        wave.lack()


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
