"""Files that people name: a regular file of a size that its reader can hold. Standard library only."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.errors import shown

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.errors import SmstockError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def kind(path: Path) -> str:
    """Return in words what lies at a path if it is no file, such as a folder or a pipe; empty if it is one, or nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> kind(Path(".")), kind(Path("nowhere"))
    ('a folder', '')
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return "a link that leads nowhere" if path.is_symlink() else ""
    if stat.S_ISREG(mode):
        return ""
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")


def content(path: Path, most: int, refusal: type[SmstockError], *, hint: str = "") -> bytes:
    """Return the bytes of a regular file; never wait for a pipe, never read more than a bound.

    Parameters
    ----------
    path
        The file.
    most
        The bound in bytes.
    refusal
        The error to raise.
    hint
        What to do next where there is no such file.

    Raises
    ------
    OSError
        There is no such file, or it cannot be read.
    refusal
        It is no regular file (a folder, a pipe, a device), or is larger than the bound.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.errors import InputError
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "a.txt").write_text("four")
    ...     content(Path(place, "a.txt"), 4, InputError)
    b'four'
    """
    check(path, most, refusal, hint=hint)
    with path.open("rb") as file:
        read = file.read(most + 1)  # a file of the system tells no size, and any may grow
    if len(read) > most:
        raise too_large(shown(path), most, refusal)
    return read


def check(path: Path, most: int, refusal: type[SmstockError], *, hint: str = "") -> None:
    """Raise as `content` does, without reading the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.errors import InputError
    >>> check(Path("."), 1, InputError)
    Traceback (most recent call last):
        ...
    smstock.errors.InputError: . is a folder, no file
      allowed: a file
    """
    facts = path.stat()
    if words := kind(path):
        raise refusal(f"{shown(path)} is {words}, no file", allowed="a file", hint=hint)
    if facts.st_size > most:
        raise too_large(f"{shown(path)} has {facts.st_size:,} bytes and", most, refusal)


def too_large(subject: str, most: int, refusal: type[SmstockError]) -> SmstockError:
    """Return the error for what is larger than its reader can hold.

    Examples
    --------
    >>> from smstock.errors import InputError
    >>> print(too_large("a.toml", 1 << 20, InputError))
    a.toml is larger than what is read of such a file
      allowed: 1,048,576 bytes at most (docs/reliability.md, Bounds)
      next:    name the right file, or divide it
    """
    return refusal(
        f"{subject} is larger than what is read of such a file",
        allowed=f"{most:,} bytes at most (docs/reliability.md, Bounds)",
        hint="name the right file, or divide it",
    )


@dataclass
class Room:
    """How many bytes may still be read of what lies at a place: of some files together, unpacked.

    Parameters
    ----------
    place
        What the files are called together.
    most
        The bound in bytes.
    refusal
        The error to raise.
    """

    place: Path
    most: int
    refusal: type[SmstockError]
    used: int = 0

    def take(self, size: int) -> None:
        """Count bytes that were read; raise the error once they are more than the bound."""
        self.used += size
        if self.used > self.most:
            raise too_large(f"{shown(self.place)}, unpacked,", self.most, self.refusal)
