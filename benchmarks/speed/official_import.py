"""`smstock official import` of a Eurostat TSV of 7 million figures, beside the `eurostat` client; then list and again.

``python -m benchmarks official_import`` prints the table. A word more is the python of an environment that has the
client; without it one is made with pip. What is timed is the command as a user starts it, in a process of its own,
start included, of the packed file; of the client only reading and writing, of the file unpacked.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.speed.official import CLIENTS
from benchmarks.speed.official_files import MadeUp

SIDECAR: Final = dict.fromkeys(("producer", "title", "citation", "licence"), "X") | {
    "edition": "2025",
    "retrieved": "2026-11-22",
    "dataset": "migr_pop3ctb",
}
COMMANDS: Final = {
    "official import": ("import", "big.tsv.gz"),
    "official list": ("list",),
    "official import of the same file": ("import", "big.tsv.gz"),
}
CLIENT: Final = "eurostat==1.1.1"


@dataclass(frozen=True)
class Cost:
    """CPU seconds and the most memory (GiB) of a process."""

    cpu: float
    peak: float


def main(words: list[str]) -> None:
    """Print what each command costs, and the client."""
    measured = costs(words[0] if words else "")
    print("| what | CPU seconds | peak GiB |\n| --- | ---: | ---: |")
    for name, cost in measured.items():
        print(f"| {name} | {cost.cpu:.1f} | {cost.peak:.2f} |")


def cpu_beside_the_client() -> float:
    """Return the CPU time of the import as a multiple of what the client needs to read the same figures."""
    measured = costs()
    return measured["official import"].cpu / measured[CLIENT].cpu


def peak_of_import() -> float:
    """Return the most memory of the import, GiB."""
    return costs()["official import"].peak


def list_beside_import() -> float:
    """Return the CPU time of the list after an import as a multiple of the import: the file is not parsed again."""
    measured = costs()
    return measured["official list"].cpu / measured["official import"].cpu


@cache
def costs(python: str = "", destinations: int = 22) -> dict[str, Cost]:
    """Return what the commands cost, one after the other in one workspace, and the client.

    Parameters
    ----------
    python
        Of an environment that has the client; empty: one is made.
    destinations
        Of the file that is made up; 22 make 7 million figures.
    """
    with TemporaryDirectory() as place:
        folder = Path(place)
        MadeUp(destinations, first_year=1998).tsv(folder / "big.tsv")
        with (
            (folder / "big.tsv").open("rb") as plain,
            gzip.open(folder / "big.tsv.gz", "wb", compresslevel=6) as packed,
        ):
            shutil.copyfileobj(plain, packed)
        text = "".join(f'{entry} = "{words}"\n' for entry, words in SIDECAR.items())
        (folder / "big.tsv.gz.origin.toml").write_text(text, encoding="utf-8")
        (folder / "workspace").mkdir()
        smstock = [sys.executable, "-m", "smstock", "official"]
        measured = {
            name: _run(
                [*smstock, command, *(str(folder / file) for file in files), "--workspace", place + "/workspace"]
            )
            for name, (command, *files) in COMMANDS.items()
        }
        client = [python or _client(folder / "client"), str(CLIENTS), "eurostat_parquet", str(folder / "big.tsv")]
        read = json.loads(subprocess.run(client, capture_output=True, check=True).stdout)  # noqa: S603
    return measured | {CLIENT: Cost(read["cpu"], read["peak"])}


def _run(command: list[str]) -> Cost:
    """Return what a command costs; one that fails is an error."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20)


def _client(folder: Path) -> str:
    """Return the python of a new environment that has the client."""
    python = str(folder / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
    install = [python, "-m", "pip", "install", "--quiet", CLIENT, "pyarrow"]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return python
