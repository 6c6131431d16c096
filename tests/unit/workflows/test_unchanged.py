"""A month that is unchanged is known again; one of which anything changed is made again."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.learning import _learnt_once  # noqa: F401 - a fixture

from smstock.errors import BusyError, CredentialError
from smstock.folder import Folder
from smstock.platforms import replay
from smstock.platforms.known import platform
from smstock.provenance import text_hash
from smstock.query.spec import load
from smstock.report.plain_tables import table_of, values_of
from smstock.report.tables import month_tables
from smstock.settings import Job, job
from smstock.vocabulary.dates import instant
from smstock.workflows import calibration, calibration_spec, unchanged
from smstock.workflows.evidence import Evidence
from smstock.workflows.month import run_month
from smstock.workflows.unchanged import recognised
from smstock.workflows.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smstock.platforms.base import RawAnswer, Request
    from smstock.workflows.outcome import Month

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ASKED = datetime(2020, 10, 20, tzinfo=UTC)
QUERY = """
name = "few"
platform = "meta"
api_version = "v8.0"
origins = ["SRB"]
destinations = ["AUT", "BEL", "CHE", "DEU", "FRA", "GBR", "HRV", "HUN", "ITA", "NLD", "SWE", "USA"]
ages = "13+"
metrics = ["mau", "dau"]
location_basis = "home"
placements = ["facebook"]
"""
SETTINGS = """
[job.few]
query = "queries/few.toml"
calibration = "calibration/serbia.toml"
recordings = "recordings"

[job.live]
query = "queries/few.toml"
calibration = "calibration/serbia.toml"
"""


@pytest.fixture(scope="module")
def made(repository: Path, request: pytest.FixtureRequest) -> tuple[Path, Month]:
    """A workspace whose month was made, from twelve recorded destinations of the worked example."""
    request.getfixturevalue("_learnt_once")
    tmp_path_factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    root = tmp_path_factory.mktemp("made")
    for name in ("queries", "recordings"):
        (root / name).mkdir()
    for other in ("serbia", "serbia-citizens"):
        shutil.copytree(repository / "calibration" / other, root / "calibration" / other)
        shutil.copyfile(repository / f"calibration/{other}.toml", root / f"calibration/{other}.toml")
    for file in (repository / "queries/recorded/serbia-diaspora").iterdir():
        shutil.copyfile(file, root / "recordings" / file.name)
    (root / "queries/few.toml").write_text(QUERY)
    (root / "smstock.toml").write_text(SETTINGS)
    return root, run_month(job(root, "few"), Folder(root, root), now=NOW)


@pytest.fixture
def root(made: tuple[Path, Month], tmp_path: Path) -> Path:
    """A copy of that workspace."""
    return shutil.copytree(made[0], tmp_path / "copy")


def again(root: Path, now: datetime = NOW, wave: str = "") -> Month | None:
    return recognised(job(root, "few"), Folder(root, root), now=now, wave=wave)


def test_an_unchanged_month_tells_what_was_made(made: tuple[Path, Month], root: Path) -> None:
    first, known = made[1], again(root)
    assert known is not None
    assert (first.unchanged, known.unchanged, known.learnt) == (False, True, False)
    assert (known.title, known.calibration_id, known.notices) == (first.title, first.calibration_id, first.notices)
    assert [path.relative_to(root) for path in known.files] == [path.relative_to(made[0]) for path in first.files]
    assert (known.collected.tally.settled, known.collected.tally.asked) == (first.collected.tally.settled, 0)
    assert known.collected.wave == "2020-10"
    assert known.tables == first.tables
    assert known.calibration == first.calibration
    for table in ("estimates", "sums", "sex_ratios"):
        pd.testing.assert_frame_equal(getattr(known.nowcast, table), getattr(first.nowcast, table))
    assert known.newest is None
    assert [path.name for path in known.nowcast.files] == [path.name for path in first.nowcast.files]


def test_tables_are_printed_as_they_were_made(made: tuple[Path, Month]) -> None:
    from rich.console import Console

    month = made[1]
    tables = month_tables(month.nowcast.estimates, month.nowcast.sums, month.nowcast.sex_ratios, month.calibration)
    for width in (60, 80, 110, 200):
        console = Console(width=width, highlight=False, markup=False)
        with console.capture() as as_made:
            console.print(*tables, sep="\n")
        with console.capture() as again_printed:
            console.print(*(table_of(json.loads(json.dumps(values_of(table)))) for table in tables), sep="\n")
        assert again_printed.get() == as_made.get()
        assert "Women per man" in as_made.get()


def test_another_time_of_a_file_and_another_place_change_nothing(root: Path, tmp_path: Path) -> None:
    for path in root.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes())
    assert again(root) is not None
    assert again(root.rename(tmp_path / "moved")) is not None
    Path(tmp_path, "moved", "notes.md").write_text("mine")
    assert again(tmp_path / "moved") is not None


OF_THE_MONTH = (
    "waves/2020-10/few.journal.sqlite",
    "waves/2020-10/few.audience.parquet",
    "waves/2020-10/few.manifest.json",
    "calibrations/serbia.json",
    "months/serbia.json",
    *(
        f"estimates/2020-10/serbia.{ending}"
        for ending in ("parquet", "csv", "json", "sums.parquet", "sums.csv", "manifest.json", "report.html")
    ),
)
MADE_OF = (
    "queries/few.toml",
    "calibration/serbia.toml",
    "calibration/serbia/stock.csv",
    "calibration/serbia/users.csv",
    "calibration/serbia/population.csv",
)


@pytest.mark.parametrize("name", [*OF_THE_MONTH, *MADE_OF])
def test_a_file_that_is_gone_has_the_month_made_again(root: Path, name: str) -> None:
    (root / name).unlink()
    assert again(root) is None


@pytest.mark.parametrize("name", [*OF_THE_MONTH, *MADE_OF[2:]])
def test_a_byte_that_is_another_has_the_month_made_again(root: Path, name: str) -> None:
    content = (root / name).read_bytes()
    (root / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert again(root) is None


def test_every_file_of_the_workspace_is_input_or_output(made: tuple[Path, Month], root: Path) -> None:
    """What is left out on purpose: settings, whose job is told by its files, other calibrations, locks, and what is parsed anew where it is gone."""
    apart = {
        "smstock.toml",
        "queries/few.toml",
        "calibration/serbia/README.md",
        "calibration/serbia-citizens.toml",
        "calibration/serbia-citizens/stock.csv",
    }
    for path in sorted(path for path in made[0].rglob("*") if path.is_file()):
        name = path.relative_to(made[0]).as_posix()
        if name in apart or name.startswith(("calibration/serbia-citizens", ".")):
            continue
        content = path.read_bytes()
        (root / name).write_bytes(content + b"\n\n# more" if content else b"#")
        assert again(root) is None, name
        (root / name).write_bytes(content)
    assert again(root) is not None


def test_what_the_query_asks_counts_and_not_how_it_is_written(root: Path) -> None:
    query = root / "queries/few.toml"
    query.write_text(f"# mine\n{QUERY}")
    assert again(root) is not None
    query.write_text(QUERY.replace('"USA"', '"CAN"'))
    assert again(root) is None


@pytest.mark.parametrize(
    "name",
    [
        "recordings/more.jsonl",
        "calibration/serbia/users.csv.origin.toml",
        "waves/2020-09/few.audience.parquet",
        "waves/2020-11/few.journal.sqlite",
        "waves/2020-10/few.journal.sqlite-wal",
    ],
)
def test_a_file_more_has_the_month_made_again(root: Path, name: str) -> None:
    if (root / name).exists():
        (root / name).unlink()
    else:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    assert again(root) is None


def test_another_sidecar_of_the_same_file_is_learnt_from_anew(root: Path) -> None:
    def on_file() -> bool:
        spec = calibration_spec.load(root / "calibration/serbia.toml")
        return calibration.on_file(Evidence(spec, Folder(root, root), "few", "2020-10")) is not None

    sidecar = root / "calibration/serbia/stock.csv.origin.toml"
    assert sidecar.is_file()
    assert on_file()
    (root / "calibration/serbia/stock.csv.bak").write_text("of somebody else")
    assert on_file()
    assert again(root) is not None
    sidecar.write_text(sidecar.read_text() + "# looked at\n")
    assert not on_file()
    assert again(root) is None


@pytest.mark.parametrize("name", ["waves/2020-10/few.journal.sqlite-shm", "waves/2020-09/other.audience.parquet"])
def test_what_is_of_no_month_is_no_matter(root: Path, name: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_bytes(b"x")
    (root / "waves/2020-10/few.journal.sqlite-wal").touch()
    assert again(root) is not None


def test_another_version_another_code_another_wave_and_another_month_are_another_month(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert again(root, wave="2020-10") is None
    assert again(root, datetime(2026, 12, 1, tzinfo=UTC)) is None
    for name, other in (("versions", lambda names: dict.fromkeys(names, "0")), ("code_hash", lambda: "another")):
        with monkeypatch.context() as patched:
            patched.setattr(unchanged, name, other)
            assert again(root) is None
    assert again(root) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"inputs": 1, "versions": 2}'])
def test_an_account_that_cannot_be_read_is_none(root: Path, text: str) -> None:
    (root / "months/serbia.json").write_text(text)
    assert again(root) is None


def edit(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the account of the month, under a seal of its own."""
    path = root / "months/serbia.json"
    account = json.loads(path.read_text().partition("\n")[2])
    change(account)
    text = json.dumps(account)
    path.write_text(f"{text_hash(text)}\n{text}")


@pytest.mark.parametrize(("true", "false"), [("stack", "stick"), ('"settled": ', '"settled": 1'), ("[\n", "[" * 9999)])
def test_an_account_that_was_edited_vouches_for_nothing(root: Path, true: str, false: str) -> None:
    path = root / "months/serbia.json"
    text = path.read_text()
    assert true in text
    path.write_text(text.replace(true, false))
    assert again(root) is None


def test_a_library_that_is_gone_has_the_month_made_again(root: Path) -> None:
    edit(root, lambda account: account["versions"].update({"a-library-of-another-time": "1"}))
    assert again(root) is None


def test_a_month_that_is_made_elsewhere_is_waited_for(root: Path) -> None:
    from filelock import FileLock

    with FileLock(root / ".smstock.lock"), pytest.raises(BusyError):
        again(root)


def test_what_was_logged_is_logged_again(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    edit(root, lambda account: account.update(warnings=[["left aside: a", "a"]]))
    assert again(root) is not None
    assert caplog.messages == ["left aside: a"]


@pytest.mark.parametrize("step", ["collect", "settled", "nowcast", "_write_page"])
def test_a_month_that_was_killed_is_not_taken_for_done(root: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Its title is another; the run that follows is killed as it comes to a step, and the next one finishes it."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    spec = root / "calibration/serbia.toml"
    spec.write_text(spec.read_text().replace('title = "', 'title = "All '))
    with monkeypatch.context() as patched:
        patched.setattr(f"smstock.workflows.month.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            run_month(job(root, "few"), Folder(root, root), now=NOW)
    assert again(root) is None
    if step == "_write_page":
        run_month(job(root, "few"), Folder(root, root), now=NOW)
        known = again(root)
        assert known is not None
        assert "All People from Serbia" in known.page.read_text()


def test_what_changed_while_the_month_was_made_keeps_no_account(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = root / "calibration/serbia/users.csv"

    def changing(*arguments: object) -> None:
        users.write_text(users.read_text() + "\n")

    monkeypatch.setattr("smstock.workflows.month._as_made", changing)
    (root / "months/serbia.json").unlink()
    run_month(job(root, "few"), Folder(root, root), now=NOW)
    assert not (root / "months/serbia.json").exists()


@dataclass
class Dated:
    """A live platform that answers as recorded, at the moment of its clock, in all destinations but one."""

    recorded: replay.Replay
    now: datetime
    silent: str = ""
    attempts: int = 1
    concurrency: int = 1
    dropped: tuple[str, ...] = ()

    async def ask(self, request: Request) -> RawAnswer | None:
        answer = None if request.cell.destination == self.silent else await self.recorded.ask(request)
        return answer and replace(answer, asked_at=instant(self.now))

    def prime(self, journal: Iterable[RawAnswer]) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def live(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Job, Folder]]:
    """Make the month of the live job on a day."""
    text = (root / "queries/few.toml").read_text()

    def make(now: datetime, silent: str = "") -> tuple[Job, Folder]:
        recorded = replay.read(root / "recordings", platform("meta"), load(root / "queries/few.toml"), "2020-10")
        (root / "queries/few.toml").write_text(text + "\n[publish]\nleast_answered = 0.5\n")
        folder = Folder(root, root / "live")
        run_month(job(root, "live"), folder, now=now, wave="2020-10", source=Dated(recorded, now, silent))
        return job(root, "live"), folder

    return make


def test_a_live_month_whose_wave_is_complete_needs_no_credential(
    root: Path, live: Callable[..., tuple[Job, Folder]]
) -> None:
    task, folder = live(ASKED)
    assert recognised(task, folder, now=ASKED + timedelta(seconds=1)) is not None
    assert recognised(task, folder, now=ASKED - timedelta(hours=2)) is None
    assert recognised(task, folder, now=ASKED + timedelta(days=31)) is None
    with pytest.raises(CredentialError):
        Workspace(root, root / "live").run("live")
    assert Workspace(root, root / "live").run("live", wave="2020-10").unchanged


def test_a_live_month_with_open_cells_is_asked_again(live: Callable[..., tuple[Job, Folder]]) -> None:
    task, folder = live(ASKED, silent="USA")
    assert folder.estimate("2020-10", "serbia.csv").is_file()
    assert not folder.month("serbia").exists()
    assert recognised(task, folder, now=ASKED) is None
