"""What the columns of a table are guessed to be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstock.official.grid import Grid
    from smstock.official.likeness import Likeness


@dataclass
class Guess:
    """A mapping that is guessed.

    Parameters
    ----------
    table
        The table.
    entries
        Entries of ``[columns]`` in their order; empty: not known.
    comments
        What is to be known of an entry, as a comment beside it.
    above
        Entries that the sidecar needs above ``[columns]``, with what is to be known of them.
    taken
        What each column is taken as, and why.
    """

    table: Grid
    entries: dict[str, object] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, entry: str, column: Likeness, why: str) -> None:
        """Take a column as what an entry names."""
        self.entries[entry] = column.heading
        self.taken[column.heading] = (entry, why)

    def leave_open(self, entry: str, comment: str, columns: Iterable[Likeness] = ()) -> None:
        """Leave an entry empty, for somebody who knows."""
        self.entries[entry] = ""
        self.comments[entry] = comment
        self.taken |= {column.heading: (f"{entry}?", comment) for column in columns}


def quoted(value: object) -> str:
    """Return a text or number as TOML has it; JSON writes a text alike but for a control character.

    Examples
    --------
    >>> quoted("Serbia"), quoted(4)
    ('"Serbia"', '4')
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
