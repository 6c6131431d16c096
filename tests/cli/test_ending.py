"""How a command ends: by a signal, a pipe that nobody reads, a full disk, a mistake; never by a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from tests.cli.command import REPOSITORY, SMSTOCK, smstock

from smstock.cli import main
from smstock.collect.reader import JournalReader
from smstock.collect.runner import Tally
from smstock.errors import CredentialError, PlatformError, QuotaError, SmstockError
from smstock.folder import LOCK
from smstock.workflows.collection import Collected
from smstock.workflows.outcome import Month

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY, RECORDED = REPOSITORY / "queries/serbia-diaspora.toml", REPOSITORY / "queries/recorded/serbia-diaspora"
COLLECT = ("collect", str(QUERY), "--replay", str(RECORDED))
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("ignored", [False, True])
def test_a_signal_ends_a_collection_as_an_interrupt_does(
    name: str, ignored: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ignored and name == "SIGINT":
        pytest.skip("an interrupt that is ignored stays so")
    from smstock.platforms.replay import Replay

    ask, asked = Replay.ask, []

    async def ended(self: Replay, request: object) -> object:
        asked.append(request)
        if len(asked) == 100:
            signal.raise_signal(getattr(signal, name))
        return await ask(self, request)  # type: ignore[arg-type]

    monkeypatch.setattr(Replay, "ask", ended)
    # whoever runs the tests may ignore a signal, as nohup does
    handlers: dict[str, Any] = {"SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}
    handlers |= {"SIGINT": signal.SIG_IGN if ignored else signal.default_int_handler}
    before = {number: signal.signal(getattr(signal, number), handler) for number, handler in handlers.items()}
    try:
        stopped = smstock(*COLLECT, "--output", tmp_path)
    finally:
        for number, handler in before.items():
            signal.signal(getattr(signal, number), handler)
    assert stopped.returncode == CODES[name]
    how = "interrupted" if name == "SIGINT" else f"ended by {name}"
    assert stopped.stderr.splitlines() == [
        f"smstock: {how}; what was done is kept, and running again goes on from there"
    ]
    with FileLock(tmp_path / LOCK, timeout=0):
        pass
    with JournalReader(tmp_path / "waves/2020-10/serbia-diaspora.journal.sqlite") as journal:
        assert 90 <= len(list(journal.answers())) <= 101
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
        env={**os.environ, "COLUMNS": "100", "SMSTOCK": SMSTOCK},
    )


@pytest.mark.parametrize("command", ["plan serbia-diaspora", "plan serbia-diaspora --json", "--help"])
def test_a_pipe_that_nobody_reads_is_no_fault(command: str) -> None:
    ended = shell(f'"$SMSTOCK" {command} | true')
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", ["plan serbia-diaspora", "plan serbia-diaspora --json"])
def test_a_full_disk_behind_the_output_is_one_message(command: str) -> None:
    ended = shell(f'"$SMSTOCK" {command} > /dev/full')
    assert ended.returncode == 3
    message = "the output cannot be written: No space left on device"
    if "json" in command:
        record = json.loads(ended.stderr)["error"]
        assert (record["what"], record["code"]) == (message, 3)
        assert record["next"].startswith("free space")
    else:
        assert ended.stderr == f"smstock: {message}\n  next:    free space, then run again; what was written is kept\n"


def test_notes_that_nobody_can_be_told_end_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sys, "argv", ["smstock", *COLLECT, "--output", str(tmp_path)])
    monkeypatch.setattr(sys, "stderr", Full())
    main()
    assert (tmp_path / "waves/2020-10/serbia-diaspora.audience.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("status", "none", "--json"), 3, "no collection of 'none' was begun"),
        (("plan", "none", "--json"), 3, "there is no 'none'"),
        (("plan", "--json", "--accounts", "x"), 2, "Invalid value for '--accounts'"),
        (("plan", "--json"), 2, "Missing argument"),
        (("nothing", "--json"), 2, "No such command 'nothing'"),
        (("run", "none", "--json"), 2, "there is no smstock.toml"),
    ],
)
def test_with_json_an_error_is_one_record(arguments: tuple[str, ...], code: int, what: str, tmp_path: Path) -> None:
    ended = smstock(*arguments, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (code, "")
    record = json.loads(ended.stderr)
    assert ended.stderr.count("\n") == 1
    assert set(record["error"]) == {"what", "where", "allowed", "next", "code"}
    assert record["error"]["code"] == code
    assert what in record["error"]["what"]


def test_a_mistake_in_the_options_is_told_by_the_usage(tmp_path: Path) -> None:
    ended = smstock("plan", "--accounts", "x", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Usage: smstock plan" in ended.stderr


@pytest.mark.parametrize(
    "odd",
    [
        lambda lock: lock.mkdir(),
        lambda lock: lock.symlink_to(lock.with_name("nowhere") / "deeper"),
        lambda lock: lock.symlink_to(lock),
    ],
)
def test_an_odd_lock_is_one_message(odd: Callable[[Path], None], tmp_path: Path) -> None:
    odd(tmp_path / LOCK)
    ended = smstock(*COLLECT, "--output", tmp_path)
    assert ended.returncode == 3
    assert f"{tmp_path} cannot be locked" in ended.stderr
    assert f"where:   {tmp_path / LOCK}" in ended.stderr


@pytest.mark.parametrize(
    ("number", "advice"),
    [(28, "free space"), (30, "choose another folder with --output"), (13, "let this user write it")],
)
def test_what_cannot_be_written_is_told_with_advice_that_helps(
    number: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("smstock.folder.os.fsync", refused)
    ended = smstock(*COLLECT, "--output", tmp_path)
    assert ended.returncode == 3
    assert f"cannot be written: {os.strerror(number)}" in ended.stderr
    assert advice in ended.stderr


def test_status_export_plan_and_audience_change_nothing_of_the_workspace(tmp_path: Path) -> None:
    workspace, elsewhere = tmp_path / "workspace", tmp_path / "elsewhere"
    assert smstock(*COLLECT, "--output", workspace).returncode == 0
    (workspace / LOCK).unlink(missing_ok=True)
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*")}
    for command in (
        ("status", "serbia-diaspora", "--output", workspace),
        ("export", "serbia-diaspora", elsewhere, "--output", workspace),
        ("plan", "serbia-diaspora", "--output", workspace),
    ):
        assert smstock(*command).returncode == 0
    assert smstock("audience", "serbia-diaspora", "--output", workspace).returncode == 3  # a single wave
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("*")} == before


@pytest.mark.parametrize(("error", "code"), [(PlatformError, 4), (QuotaError, 4), (CredentialError, 2)])
def test_a_month_that_was_published_from_a_part_ends_as_its_collection_did(
    error: type[SmstockError], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_by = error("Meta has not answered for 30 min", hint="run the same command later")
    collected = Collected("q", "2026-11", tmp_path / "q.audience.parquet", Tally(planned=3), ended=ended_by)
    month = Month(
        "Serbia",
        collected,
        "serbia-1",
        learnt=True,
        page=tmp_path / "serbia.report.html",
        files=(tmp_path / "serbia.csv",),
        notices=("the collecting ended early",),
        tables=(),
        make=lambda: pytest.fail("the files of the month are not read"),
    )
    monkeypatch.setattr("smstock.Workspace.run", lambda *_, **__: month)
    ended = smstock("run", "serbia", "--json")
    assert ended.returncode == code
    assert json.loads(ended.stdout)["files"] == [str(tmp_path / "serbia.csv")]
    assert json.loads(ended.stderr)["error"]["what"] == "Meta has not answered for 30 min"


def test_a_closed_stdout_is_no_fault() -> None:
    ended = shell(f"{SMSTOCK} plan {QUERY} >&-")
    assert (ended.returncode, ended.stderr) == (0, "")
