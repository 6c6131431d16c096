"""The command line: parse, call a workflow, print, exit code. No arithmetic and no files of its own."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstock.cli.ending import Interruption


def main() -> None:
    """Run the command line; what smstock foresaw ends in one message and its exit code, never in a traceback."""
    from smstock.cli.ending import interruptions, notes

    # most that a command makes it keeps: to look for garbage as often as Python does by itself takes a tenth of a plan
    gc.set_threshold(50_000)
    # nothing here is checked through plugins of pydantic, and looking for them opens every installed package
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with notes(), interruptions() as interruption:
        code = _run(interruption)
    if code:
        sys.exit(code)


def _run(interruption: Interruption) -> int:
    """Run the command that was typed; return its exit code."""
    from smstock.cli import ending

    as_json = "--json" in sys.argv
    try:
        from smstock.cli.app import commands

        app = commands(sys.argv[1:])
        code = int(app(prog_name="smstock", standalone_mode=False) or 0)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as error:
        foreseen = ending.code_of(error, interruption, as_json=as_json)
        if foreseen is None:
            raise
        return foreseen
    # typer makes an interrupt an exit, without a word
    return ending.interrupted(interruption, as_json=as_json) if code == ending.INTERRUPTED else code
