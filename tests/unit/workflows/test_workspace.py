from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

import smstock
from smstock.collect import runner
from smstock.errors import (
    BusyError,
    ContractError,
    CredentialError,
    InputError,
    QueryError,
    UnknownNameError,
    UsageError,
)
from smstock.query.meta import MetaQuery
from smstock.query.spec import QuerySpec, load
from smstock.settings import job
from smstock.workflows import calibration_spec, collection
from smstock.workflows.references import query_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smstock.platforms.base import RawAnswer, Request
    from smstock.platforms.replay import Replay
    from smstock.workflows.collection import Collected

Workspace = smstock.Workspace
ANY_ENTRY: Any = calibration_spec.Entry


@pytest.fixture
def workspace(repository: Path, tmp_path: Path) -> Workspace:
    return Workspace(repository, tmp_path)


@pytest.fixture
def query(repository: Path) -> QuerySpec:
    """A query of few cells that the recordings answer."""
    whole = load(repository / "queries/serbia-diaspora.toml")
    return whole.model_copy(update={"name": "few", "destinations": ("AUT", "DEU")})


def test_what_is_not_offered_is_told_with_what_is() -> None:
    with pytest.raises(AttributeError, match="it has Workspace, read_official"):
        smstock.collect_all  # noqa: B018
    assert {"Workspace", "read_official"} < set(dir(smstock))


def test_a_query_is_named_given_as_a_path_or_as_an_object(workspace: Workspace, repository: Path) -> None:
    path = repository / "queries/serbia-diaspora.toml"
    plans = [workspace.plan(query) for query in ("serbia-diaspora", path, str(path), load(path))]
    assert plans == [plans[0]] * 4
    assert plans[0].cells == 1564


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ages": "18 to 24"}, "18 to 24"),
        ({"placement": ("facebook",)}, "no such key: placement"),
        ({"metrics": ["total"]}, "'mau' or 'dau'"),
        ({"platform": "tiktok"}, "there is no platform 'tiktok'"),
    ],
)
def test_a_copy_of_a_query_is_looked_at_like_a_file(
    workspace: Workspace, query: QuerySpec, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(QueryError, match="(?s)" + message + ".*the query few"):
        workspace.plan(query.model_copy(update=changes))
    assert workspace.plan(query.model_copy(update={"destinations": ["efta"]})).cells == 4 * 17


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": "../../escaped"}, "name"),
        ({"name": None}, "name"),
        ({"known_until": "2030-01-01"}, "known_until"),
        ({"target_date": "2020-13-45"}, "target_date"),
        ({"target_date": None}, "target_date"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"seed": "x"}, "seed"),
        ({"stock": ()}, "stock"),
        ({"stock": "x.csv"}, "stock"),
        ({"order": (ANY_ENTRY.model_construct(provider="undesa"),)}, "order"),
        ({"edditions": "2020"}, "edditions"),
    ],
)
@pytest.mark.parametrize("step", ["calibrate", "nowcast", "backtest"])
def test_a_copy_of_a_calibration_is_looked_at_like_a_file(
    workspace: Workspace, repository: Path, tmp_path: Path, step: str, changes: dict[str, object], key: str
) -> None:
    spec = calibration_spec.load(repository / "calibration/serbia.toml").model_copy(update=changes)
    with pytest.raises(ContractError, match=f"(?s){key}.*the calibration ") as refused:
        getattr(workspace, step)(spec, query="serbia-diaspora")
    assert "docs/commands.md" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_query_or_calibration_of_nothing_at_all_is_told(workspace: Workspace) -> None:
    query: Any = MetaQuery
    calibration: Any = calibration_spec.CalibrationSpec
    with pytest.raises(QueryError, match="missing: name, destinations"):
        workspace.plan(query.model_construct())
    with pytest.raises(ContractError, match=r"missing: .*target_date"):
        workspace.calibrate(calibration.model_construct(), query="serbia-diaspora")


def test_names_that_are_none_are_told_with_those_there_are(workspace: Workspace, repository: Path) -> None:
    queries, calibrations = (
        ", ".join(sorted(path.stem for path in (repository / folder).glob("*.toml")))
        for folder in ("queries", "calibration")
    )
    assert "serbia-diaspora, serbia-skills" in queries
    with pytest.raises(QueryError, match="there is no 'serbia-tomorrow'") as refused:
        workspace.plan("serbia-tomorrow")
    assert refused.value.allowed == queries
    with pytest.raises(ContractError, match="there is no 'austria'") as no_calibration:
        workspace.nowcast("austria", query="serbia-diaspora")
    assert no_calibration.value.allowed == calibrations
    with pytest.raises(UnknownNameError, match="there is no job 'austria'"):
        workspace.run("austria")


def test_the_nearest_name_is_asked_for(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, ask in (
        ("serbia-diaspora", lambda: workspace.plan("serbia-diaspra")),
        ("serbia", lambda: workspace.nowcast("sebia", query="serbia-diaspora")),
        ("serbia", lambda: workspace.run("serbai")),
    ):
        with pytest.raises(InputError) as refused:
            ask()
        assert (refused.value.hint, refused.value.exit_code) == (f"did you mean {name}?", 3)
    monkeypatch.chdir(workspace.folder.root)
    with pytest.raises(QueryError, match="'queries' is a folder"):
        workspace.plan("queries")


def test_a_wave_that_is_none_or_was_not_collected_is_told(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="'October' is not a wave"):
        workspace.nowcast("serbia", query="serbia-diaspora", wave="October")
    with pytest.raises(InputError, match="was not collected yet"):
        workspace.nowcast("serbia", query="serbia-diaspora")


def test_a_corridor_that_is_none_is_told_before_anything_is_made(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names no corridor"):
        workspace.explain("serbia", "Austria", query="serbia-diaspora")
    assert list(tmp_path.iterdir()) == []


def test_without_recordings_a_credential_is_needed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CredentialError):
        workspace.collect("serbia-today")
    with pytest.raises(UsageError, match="'2026-13' is not a wave"):
        workspace.collect("serbia-today", wave="2026-13")


@pytest.fixture
def another_run(workspace: Workspace) -> Iterator[None]:
    """Another run at work in the same output folder."""
    holds, ends = threading.Event(), threading.Event()

    def hold() -> None:
        with workspace.folder.lock():
            holds.set()
            ends.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait()
    yield
    ends.set()
    thread.join()


STEPS: dict[str, Callable[[Workspace], object]] = {
    "collect": lambda it: it.collect("serbia-diaspora", recordings=it.folder.root / "queries/recorded/serbia-diaspora"),
    "calibrate": lambda it: it.calibrate("serbia", query="serbia-diaspora"),
    "nowcast": lambda it: it.nowcast("serbia", query="serbia-diaspora"),
    "explain": lambda it: it.explain("serbia", "SRB:AUT", query="serbia-diaspora"),
    "backtest": lambda it: it.backtest("serbia", query="serbia-diaspora"),
    "skills": lambda it: it.skills("serbia-skills"),
    "run": lambda it: it.run("serbia"),
}


@pytest.mark.usefixtures("another_run")
@pytest.mark.parametrize("step", STEPS)
def test_what_writes_waits_for_no_other_run(workspace: Workspace, step: str, tmp_path: Path) -> None:
    with pytest.raises(BusyError, match="another smstock run is at work"):
        STEPS[step](workspace)
    assert [path.name for path in tmp_path.iterdir()] == [".smstock.lock"]


@pytest.mark.usefixtures("another_run")
def test_a_plan_writes_nothing_and_needs_no_lock(workspace: Workspace) -> None:
    assert workspace.plan("serbia-diaspora").cells == 1564


def test_steps_of_one_run_share_its_lock(workspace: Workspace, query: QuerySpec, repository: Path) -> None:
    with workspace.folder.lock():
        collected = workspace.collect(query, recordings=repository / "queries/recorded/serbia-diaspora")
    assert collected.tally.done == collected.tally.planned > 0


def test_a_job_and_a_calibration_may_be_objects(workspace: Workspace, repository: Path) -> None:
    spec = calibration_spec.load(repository / "calibration/serbia.toml")
    with pytest.raises(InputError, match="was not collected yet"):
        workspace.calibrate(spec, query="serbia-diaspora")
    task = job(repository, "serbia")
    with pytest.raises(UsageError, match="not a wave"):
        workspace.run(task, wave="October")


def test_a_notebook_collects_the_same_wave_as_a_script(query: QuerySpec, repository: Path, tmp_path: Path) -> None:
    recordings = repository / "queries/recorded/serbia-diaspora"

    async def cell() -> Collected:
        return Workspace(repository, tmp_path / "notebook").collect(query, recordings=recordings)

    notebook = asyncio.run(cell())
    script = Workspace(repository, tmp_path / "script").collect(query, recordings=recordings)
    assert notebook.tally == script.tally
    assert notebook.audience.read_bytes() == script.audience.read_bytes()
    assert len(notebook.table()) == 2 * notebook.tally.planned


class Interrupting:
    """A source that answers a few requests as another one does; at the next one a person presses Ctrl-C."""

    concurrency = 1

    def __init__(self, source: Replay, answers: int) -> None:
        self.source, self.left, self.wave = source, answers, source.wave
        self.attempts, self.dropped, self.prime, self.close = 1, source.dropped, source.prime, source.close

    async def ask(self, request: Request) -> RawAnswer | None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        return await self.source.ask(request)


def test_an_interrupt_in_a_notebook_keeps_what_was_answered(
    query: QuerySpec, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = repository / "queries/recorded/serbia-diaspora"
    whole = Workspace(repository, tmp_path / "whole").collect(query, recordings=recordings)
    replayed = collection._replay
    monkeypatch.setattr(runner, "GRACE", 0.0)
    workspace = Workspace(repository, tmp_path / "interrupted")

    def interrupting(*asked: Any) -> Interrupting:
        return Interrupting(replayed(*asked), answers=5)

    async def cell() -> None:
        with pytest.raises(KeyboardInterrupt):
            workspace.collect(query, recordings=recordings)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(collection, "_replay", interrupting)
            asyncio.run(cell())
    finally:
        signal.signal(signal.SIGINT, before)
    resumed = workspace.collect(query, recordings=recordings)
    assert resumed.tally.asked == whole.tally.asked - 5
    assert resumed.audience.read_bytes() == whole.audience.read_bytes()


def test_a_query_is_named_by_what_its_file_says(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "file.toml").write_text('name = "stated"\n')
    (tmp_path / "queries" / "damaged.toml").write_text("name = ")
    names = {name: query_name(tmp_path, name) for name in ("file", "stated", "collected-before", "damaged")}
    assert names == {
        "file": "stated",
        "stated": "stated",
        "collected-before": "collected-before",
        "damaged": "damaged",
    }
