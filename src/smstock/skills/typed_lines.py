"""The lines of a file of typed counts, what each counts, and how a message names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from smstock.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EVERYBODY: Final = "everybody"
"""What stands in place of an origin where all members at the destination were counted."""


@dataclass(frozen=True)
class Form:
    """A file, the names of its columns, and what separates them."""

    path: Path
    columns: tuple[str, ...]
    delimiter: str

    def example(self, **cells: str) -> str:
        """Return a line of the form, to be shown in a message.

        Examples
        --------
        >>> from pathlib import Path
        >>> Form(Path("counts.csv"), ("facet", "entity", "count"), ";").example(facet="total")
        'total;;COUNT'
        """
        return self.delimiter.join({"count": "COUNT", **cells}.get(name, "") for name in self.columns)


@dataclass(frozen=True)
class Line:
    """A line of a file: its number, and its cells by column."""

    form: Form
    number: int
    cells: Mapping[str, str]

    def where(self, column: str) -> str:
        """Return how a message names a cell."""
        return f"{self.form.path}, line {self.number}, column {column}"

    def refuse(self, column: str, what: str, *, allowed: str = "", hint: str = "") -> NoReturn:
        """Raise `InputError` about a cell."""
        raise InputError(what, where=self.where(column), allowed=allowed, hint=hint)


@dataclass(frozen=True)
class Entry:
    """An audience that was counted: where it was written, whom it is, and its size.

    ``dimension`` is empty for a total; women, men and ages are categories of ``sex`` and ``age``. ``value`` is None
    below the floor.
    """

    line: Line
    wave: str
    destination: str
    origin: str
    sex: str
    dimension: str
    category: str
    value: float | None
    lower: float
    upper: float

    @property
    def group(self) -> tuple[str, str, str, str]:
        """Whom it is a part of: wave, destination, origin and sex."""
        return self.wave, self.destination, self.origin, self.sex
