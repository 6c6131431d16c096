"""What a first month costs: processor seconds of ``smstock run serbia``, beside those of a former commit.

Both are processes of their own, one after the other, each into an empty folder. Only the ratio is to be compared, as
processors differ.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tarfile
from compileall import compile_dir
from contextlib import contextmanager
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
FORMER: Final = "08434bc"
"""The commit that a month is compared with."""
MADE_FROM: Final = ("src", "queries", "calibration", "smstock.toml")
"""What a month is made from."""
COMMAND: Final = "import sys; from smstock.cli import main; sys.exit(main())"


def main(words: list[str]) -> None:
    """Print what a month costs, with the commit named or `FORMER` beside it."""
    commit = words[0] if words else FORMER
    own, before = beside(commit)
    print(
        f"| smstock run serbia, first | CPU s |\n| --- | ---: |\n| {commit} | {before:.1f} |\n| this tree | {own:.1f} |"
    )
    print(f"| ratio | {own / before:.2f} |")


def share_of_former() -> float:
    """Return the processor time of a first month over that of the former commit."""
    own, before = beside(FORMER)
    return own / before


def beside(commit: str, pairs: int = 2) -> tuple[float, float]:
    """Return the processor seconds of a first month, and as a commit of this repository makes it: the least of a few.

    They are measured by turns, as what else the machine does adds to both.
    """
    with _tree(commit) as former:
        turns = [(first_month(), first_month(former)) for _ in range(pairs)]
    own, before = zip(*turns, strict=True)
    return min(own), min(before)


def first_month(tree: Path = ROOT) -> float:
    """Return the processor seconds of a first month as a tree of smstock makes it."""
    # an installed command finds its modules compiled
    compile_dir(tree / "src", quiet=1)
    with TemporaryDirectory() as output:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 - this Python
            [sys.executable, "-c", COMMAND, "run", "serbia", "--output", output],
            cwd=tree,
            env={**environ, "PYTHONPATH": str(tree / "src"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            check=True,
            capture_output=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def _tree(commit: str) -> Iterator[Path]:
    """Write what a month is made from, as a commit has it, into a temporary folder."""
    packed = subprocess.run(  # noqa: S603
        ["git", "archive", "--format=tar", commit, *MADE_FROM],  # noqa: S607 - the git of whoever measures
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)
