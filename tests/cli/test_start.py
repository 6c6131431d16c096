"""The command line answers at once: it is typed many times a day, and shells complete it on every tab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.command import smstock

from smstock.cli import main

SMSTOCK = str(Path(sys.executable).with_name("smstock"))
SECONDS = 0.3


def processor_seconds(*command: str) -> float:
    """Return the processor time of a command, its own and the system's for it; waiting for a busy machine is no part."""
    before = os.times()
    subprocess.run(command, capture_output=True, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_help_takes_less_than_300_ms_of_processor_time() -> None:
    # The best of five, because a shared cache or a clock turned down slows any one of them.
    assert min(processor_seconds(SMSTOCK, "--help") for _ in range(5)) < SECONDS


def test_it_runs_as_a_module_of_python_too() -> None:
    ended = subprocess.run([sys.executable, "-m", "smstock", "--version"], capture_output=True, check=True, text=True)
    assert ended.stdout == smstock("--version").stdout


def test_processor_time_counts_work() -> None:
    busy = "import time\nwhile time.process_time() < 0.25: pass"
    assert processor_seconds(sys.executable, "-c", busy) == pytest.approx(0.25, abs=0.1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("backtest", "c", "--query", "q", "--score", "foo"), "'--score': 'foo' is not one of 'mdape', 'wmape'"),
        (("plan", "q", "--accounts", "0"), "'--accounts': it should be greater than or equal to 1"),
        (("catalogue", "places", "Bavaria", "--type", "town"), "'--type': 'town' is not one of 'region', 'city'"),
    ],
)
def test_the_value_of_an_option_is_told_in_plain_words(words: tuple[str, ...], message: str) -> None:
    ended = smstock(*words)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert "Value error" not in ended.stderr


def test_an_interrupt_ends_in_one_sentence_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("smstock.query.spec.load", interrupted)
    monkeypatch.setattr("sys.argv", ["smstock", "plan", "q.toml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.startswith("smstock: interrupted; what was done is kept")
