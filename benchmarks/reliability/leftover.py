"""Damaged leftovers in the folder of an office: what is done to its files, and what a message has to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE: Final = 4096
"""Bytes of a page of SQLite; the first one is left, or no program could tell what the file was."""


@dataclass(frozen=True)
class Leftover:
    """A kind of damage.

    Parameters
    ----------
    path
        The file, in the folder of the office; ``{month}`` and ``{before}`` are this month and the one before.
    spoil
        Damages it, by a number that is drawn.
    words
        What a message about it holds; empty if nobody has to mend it.
    bars
        Whether it may end a run.
    """

    path: str
    spoil: Callable[[Path, int], object]
    words: str = ""
    bars: bool = False


def spoil(name: str, number: int, folder: Path, *, month: str, before: str) -> bool:
    """Do the damage of a name in a folder; return whether the file was present, and large enough."""
    path = folder / LEFTOVERS[name].path.format(month=month, before=before)
    if path.exists() and path.stat().st_size >= (2 * PAGE if path.suffix == ".sqlite" else 0):
        LEFTOVERS[name].spoil(path, number)
        return True
    return False


def _cut(path: Path, _: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: 2 * len(content) // 3])


def _flip(path: Path, number: int) -> None:
    content = bytearray(path.read_bytes())
    content[PAGE + number % (len(content) - PAGE)] ^= 1 << number % 8
    path.write_bytes(content)


def _overwrite(path: Path, number: int) -> None:
    content = bytearray(path.read_bytes())
    page = PAGE * (1 + number % (len(content) // PAGE - 1))
    content[page : page + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)


def _strew(folder: Path, _: int) -> None:
    """Leave half-written files and foreign ones."""
    copy = folder.with_name("old copy of 2027-01")
    for place in (folder, copy):
        place.mkdir(exist_ok=True)
        for name in (".simulated.audience.parquet.partial", "desktop.ini", "notes on the wave.txt"):
            (place / name).write_bytes(b"\x00half of it")
    (copy / "simulated.journal.sqlite").write_bytes(b"\x00half of it")


def _be_foreign(path: Path, _: int) -> None:
    path.write_text('{"no": "journal"}')


_JOURNAL, _OTHER = "waves/{month}/simulated.journal.sqlite", "waves/{before}/other.journal.sqlite"
LEFTOVERS: Final[dict[str, Leftover]] = {
    "a page of the journal overwritten": Leftover(_JOURNAL, _overwrite, "smstock repair", bars=True),
    "a bit of the journal flipped": Leftover(_JOURNAL, _flip, "smstock repair", bars=True),
    "another query's journal: a page overwritten": Leftover(_OTHER, _overwrite, "other.journal.sqlite"),
    "another query's journal: cut short": Leftover(_OTHER, _cut, "other.journal.sqlite"),
    "another query's journal: a foreign file": Leftover(_OTHER, _be_foreign, "other.journal.sqlite"),
    "the table of the month before: cut short": Leftover(
        "waves/{before}/simulated.audience.parquet", _cut, "simulated.audience.parquet"
    ),
    "the manifest of the month before: missing": Leftover(
        "waves/{before}/simulated.manifest.json", lambda path, _: path.unlink(), "simulated.manifest.json"
    ),
    "the table of this month: cut short": Leftover("waves/{month}/simulated.audience.parquet", _cut),
    "the calibration: cut short": Leftover("calibrations/simulated.json", _cut),
    "half-written files and foreign ones": Leftover("waves/{before}", _strew),
}
"""Each kind of damage by its name."""
