"""``--jobs`` and ``[compute]``: the same files from any workers, and nothing left of them when a command ends early."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.cli.command import REPOSITORY, SMSTOCK, smstock

QUERY = "serbia-diaspora"
TWO = '[compute]\njobs = 2\nbackend = "{}"\n'


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example, collected."""
    folder = tmp_path_factory.mktemp("collected")
    for name in ("queries", "calibration"):
        shutil.copytree(REPOSITORY / name, folder / name)
    ended = smstock("collect", QUERY, "--replay", f"queries/recorded/{QUERY}", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return folder


def made(collected: Path, folder: Path, settings: str, *jobs: str) -> dict[str, bytes]:
    """Return what calibrating and back-testing write."""
    shutil.copytree(collected, folder)
    (folder / "smstock.toml").write_text(settings)
    for command, options in (("calibrate", ()), ("backtest", ("--lag", "12"))):
        ended = smstock(command, "serbia", "--query", QUERY, *options, *jobs, cwd=folder)
        assert ended.returncode == 0, ended.stderr
    files = [path for place in ("calibrations", "backtests") for path in (folder / place).iterdir()]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.enable_socket
def test_not_one_byte_depends_on_workers_and_their_kind(collected: Path, tmp_path: Path) -> None:
    alone = made(collected, tmp_path / "alone", "")
    assert {"serbia.json", "serbia.parquet", "serbia.csv"} <= set(alone)
    assert made(collected, tmp_path / "loky", "", "--jobs", "2") == alone
    for backend in ("threading", "dask"):
        assert made(collected, tmp_path / backend, TWO.format(backend)) == alone
    # the option wins: nothing of a cluster that does not answer is asked for
    dead = TWO.format("dask") + 'address = "tcp://127.0.0.1:1"\n'
    assert made(collected, tmp_path / "dead", dead, "--jobs", "1") == alone


@pytest.mark.enable_socket
def test_a_cluster_that_does_not_answer_is_one_message_and_nothing_is_written(
    collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smstock.compute.PATIENCE", 1)
    folder = shutil.copytree(collected, tmp_path / "dead")
    (folder / "smstock.toml").write_text(TWO.format("dask") + 'address = "tcp://127.0.0.1:1"\n')
    ended = smstock("calibrate", "serbia", "--query", QUERY, cwd=folder)
    assert ended.returncode == 4
    assert "the cluster of 'dask' cannot be used" in ended.stderr
    assert "where:   tcp://127.0.0.1:1" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (folder / "calibrations").exists()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are listed by /proc")
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_interrupted_leaves_no_worker(
    collected: Path, tmp_path: Path, stop: signal.Signals, code: int
) -> None:
    folder = shutil.copytree(collected, tmp_path / "interrupted")
    command = [SMSTOCK, "calibrate", "serbia", "--query", QUERY, "--jobs", "2"]
    # tests in the background ignore Ctrl-C, and so would what they start
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        signal.signal(signal.SIGINT, before)
        workers: set[int] = set()
        while len(workers) < 3 and running.poll() is None:  # two, and one that clears up after them
            workers = _of_session(running.pid) - {running.pid}
        assert running.poll() is None
        running.send_signal(stop)
        _, notes = running.communicate(timeout=120)
    assert running.returncode == code
    assert "Traceback" not in notes
    until = time.monotonic() + 30
    while (left := _of_session(running.pid)) and time.monotonic() < until:
        pass
    assert not left
    assert not (folder / "calibrations").exists()


def _of_session(leader: int) -> set[int]:
    """Return the processes of a session that live."""
    processes = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            processes.add(int(process.name))
    return processes
