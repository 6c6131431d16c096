"""The command line answers at once: it is typed many times a day, and shells complete it on every tab."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from smstock.cli import main

SMSTOCK = str(Path(sys.executable).with_name("smstock"))
SECONDS = 0.3


def test_help_takes_less_than_300_ms_from_process_start_to_exit() -> None:
    # The best of five, because another process may hold the machine during any one of them.
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        ended = subprocess.run([SMSTOCK, "--help"], capture_output=True, text=True, check=True)
        taken.append(time.perf_counter() - start)
    assert "Usage" in ended.stdout
    assert min(taken) < SECONDS


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
