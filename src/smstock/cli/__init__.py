"""The command line: parse, call a workflow, print, exit code. No arithmetic and no files of its own."""

from __future__ import annotations

import sys
from typing import Final, NoReturn

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""


def main() -> None:
    """Run the command line; what smstock foresaw ends in one message and its exit code, never in a traceback."""
    from smstock.cli.app import app
    from smstock.errors import SmstockError

    try:
        app()
    except SmstockError as error:
        print(f"smstock: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ended:
        # typer (0.29) makes an interrupt an exit, without a word
        if ended.code == INTERRUPTED:
            _interrupted()
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _interrupted() -> NoReturn:
    print("smstock: interrupted; what was done is kept, and running again goes on from there", file=sys.stderr)
    sys.exit(INTERRUPTED)
