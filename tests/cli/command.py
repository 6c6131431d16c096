"""The command line as tests type it: in the process of the test, or as the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from smstock.cli import main

REPOSITORY = Path(__file__).parents[2]
SMSTOCK = str(Path(sys.executable).with_name("smstock"))


def smstock(*arguments: str | Path, cwd: Path = REPOSITORY, columns: int = 100) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, where its imports are shared; an error that smstock did not foresee is raised."""
    typed = ["smstock", *map(str, arguments)]
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setenv("COLUMNS", str(columns))
        patch.setattr(sys, "argv", typed)
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return subprocess.CompletedProcess(typed, code, out.getvalue(), err.getvalue())


def installed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own, in the repository."""
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        [SMSTOCK, *map(str, arguments)], capture_output=True, text=True, cwd=REPOSITORY, check=False, env=environment
    )
