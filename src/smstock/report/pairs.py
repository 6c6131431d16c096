"""Tables of two columns without a header, set without Rich: to load it takes as long as a plan does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions
    from rich.text import Text

_GAP: Final = "  "
_WORD: Final = re.compile(r"\s*\S+\s*")


@dataclass
class Pairs:
    r"""What and how much, a line each; texts that are too long take several lines, as `rich.table.Table` breaks them.

    Parameters
    ----------
    to_the_right
        Whether the second column stands to the right.

    Examples
    --------
    >>> pairs = Pairs()
    >>> pairs.add("calls", "1,564, at most")
    >>> pairs.add("note", "totals adds all users")
    >>> print("\n".join(line.rstrip() for line in pairs.lines(24)))
    calls  1,564, at most
    note   totals adds all
           users
    """

    to_the_right: bool = False
    rows: list[tuple[str, str]] = field(default_factory=list)
    bold: set[int] = field(default_factory=set)
    """Numbers of the rows that stand out on a terminal."""

    def add(self, what: str, text: str, *, bold: bool = False) -> None:
        """Add a row."""
        if bold:
            self.bold.add(len(self.rows))
        self.rows.append((what, text))

    def lines(self, width: int) -> list[str]:
        """Return the lines of the table, so many columns wide at most."""
        return [line for lines in self._set(width) for line in lines]

    def _set(self, width: int) -> list[list[str]]:
        """Return the lines of each row."""
        label = max(map(_cells, (what for what, _ in self.rows)), default=0)
        widest = max((_cells(line) for _, text in self.rows for line in text.split("\n")), default=0)
        room = max(1, min(widest, width - label - len(_GAP)))
        table = []
        for what, text in self.rows:
            parts = [part for line in text.split("\n") for part in _broken(line, room)]
            fills = [" " * (room - _cells(part)) for part in parts]
            cells = [fill + part if self.to_the_right else part + fill for part, fill in zip(parts, fills, strict=True)]
            labels = [what, *[""] * (len(cells) - 1)]
            table.append(
                [name + " " * (label - _cells(name)) + _GAP + cell for name, cell in zip(labels, cells, strict=True)]
            )
        return table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the lines for Rich, which knows how a terminal shows what is bold."""
        from rich.text import Text

        del console
        for number, lines in enumerate(self._set(options.max_width)):
            yield Text("\n".join(lines), style="bold" if number in self.bold else "", no_wrap=True)


def _cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _broken(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text; a word goes to the next line where it has no room, and is cut where none has room."""
    line, taken = "", 0
    for word in _WORD.findall(text):
        if line and taken + _cells(word.rstrip()) > width:
            yield _cut(line.rstrip(), width)
            line, taken = "", 0
        line, taken = line + word, taken + _cells(word)
    yield _cut(line.rstrip(), width)


def _cut(line: str, width: int) -> str:
    if _cells(line) <= width:
        return line
    if line.isascii():
        return f"{line[: width - 1]}…"
    from rich.cells import set_cell_size

    return f"{set_cell_size(line, width - 1)}…"
