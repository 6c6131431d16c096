"""What a stock or an audience is broken down by: sex, age, education, relationship, the dimensions of a profile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from smstock.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable

SEXES: Final = ("all", "female", "male")
FACETS: Final = ("sex", "age", "education", "relationship")
"""The facets a query can break down by, in the order in which cells are asked."""

DIMENSIONS: Final = ("degree", "field_of_study", "experience", "seniority", "function", "industry", "skill")
"""The dimensions of a profile, asked after the facets; a cell is of one dimension at most.

``degree`` and ``field_of_study`` are of any of a member's schools; ``experience`` is years of work; ``seniority``,
``function`` and ``industry`` are of the current position; of skills a member has any number.
"""

FOREIGN: Final = "WLD"
"""Origin of all who lived in another country, whichever: one cell a destination, no part of a sum over origins."""
NO_ORIGIN: Final = ("", FOREIGN)
"""What stands where an origin would, and is none: all users, and all foreign ones."""

_AGES = re.compile(r"(?P<minimum>\d{1,3})(?:-(?P<maximum>\d{1,3})|\+)")


@dataclass(frozen=True, order=True)
class Ages:
    """A closed range of completed years of age; ``maximum`` None means no upper end.

    Examples
    --------
    >>> Ages.parse("18-24"), str(Ages.parse("65+")), Ages(13).holds(Ages(13, 17))
    (Ages(minimum=18, maximum=24), '65+', True)
    """

    minimum: int
    maximum: int | None = None

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins."""
        if self.minimum < 0 or (self.maximum is not None and self.maximum < self.minimum):
            raise QueryError(f"the age range {self} is empty", allowed="MIN-MAX with MIN <= MAX, or MIN+")

    @classmethod
    def parse(cls, text: str) -> Ages:
        """Read ``18-24`` or ``65+``; raise `QueryError` for anything else."""
        match = _AGES.fullmatch(text.strip())
        if match is None:
            raise QueryError(f"{text!r} is not an age range", allowed="MIN-MAX such as 18-24, or MIN+ such as 65+")
        maximum = match["maximum"]
        return cls(int(match["minimum"]), None if maximum is None else int(maximum))

    def holds(self, other: Ages) -> bool:
        """Whether every age of ``other`` is an age of this range."""
        if other.minimum < self.minimum:
            return False
        return self.maximum is None or (other.maximum is not None and other.maximum <= self.maximum)

    def __str__(self) -> str:
        return f"{self.minimum}+" if self.maximum is None else f"{self.minimum}-{self.maximum}"


def partition_of(whole: Ages | None, groups: Iterable[Ages]) -> tuple[tuple[Ages, ...], str]:
    """Return the groups that hold no other, in their order, and what keeps them from being a partition; empty: nothing.

    Parameters
    ----------
    whole
        What they have to be together; whatever they are unless given.
    groups
        Age groups; those that hold others are left out.

    Examples
    --------
    >>> partition_of(Ages(18), [Ages(18), Ages(18, 44), Ages(45)])
    ((Ages(minimum=18, maximum=44), Ages(minimum=45, maximum=None)), '')
    >>> partition_of(Ages(18), [Ages(18, 44), Ages(40)])[1], partition_of(Ages(18), [Ages(18, 24), Ages(30)])[1]
    ('18-44 and 40+ overlap', 'nobody of 25-29 is in a group')
    """
    listed = sorted(set(groups), key=lambda group: (group.minimum, group.maximum is None, group.maximum or 0))
    parts = [group for group in listed if not any(other != group and group.holds(other) for other in listed)]
    for before, after in pairwise(parts):
        if before.maximum is None or after.minimum <= before.maximum:
            return tuple(parts), f"{before} and {after} overlap"
        if after.minimum > before.maximum + 1:
            return tuple(parts), f"nobody of {Ages(before.maximum + 1, after.minimum - 1)} is in a group"
    if whole and parts and parts[0].minimum > whole.minimum:
        return tuple(parts), f"nobody of {Ages(whole.minimum, parts[0].minimum - 1)} is in a group"
    if whole and parts and parts[-1].maximum is not None and parts[-1].maximum != whole.maximum:
        return tuple(parts), f"nobody of {Ages(parts[-1].maximum + 1, whole.maximum)} is in a group"
    return tuple(parts), ""
