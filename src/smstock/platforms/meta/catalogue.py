"""The "Lived in X" categories: which origins Meta offers, by the id that never changes.

Producer: Meta, detailed-targeting catalogue, ids as re-seen in a list of 31 March 2026. Names are localised and change;
ids do not, so everything matches by id.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from smstock.errors import UnknownNameError
from smstock.vocabulary import countries
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Iterable

LIVES_ABROAD: Final = "6015559470583"
"""All who lived in another country, whichever; formerly "Expats (All)"."""
WITHOUT_ORIGIN: Final = {
    LIVES_ABROAD: "Lives abroad",
    "6025753961783": "Family of those who live abroad",
    "6203619967383": "Friends of those who live abroad",
}
"""Categories of the same kind that name no origin, id -> name."""


@dataclass(frozen=True)
class LivedIn:
    """A category of accounts that lived in an origin and live elsewhere now.

    ``preferred`` is False for a second id of the same origin; the two are never summed.
    """

    behavior_id: str
    origin: str
    name: str
    preferred: bool
    note: str


@cache
def lived_in() -> tuple[LivedIn, ...]:
    """Return every category with an origin, in the order of the catalogue.

    Examples
    --------
    >>> len({category.origin for category in lived_in()})
    89
    """
    text = (resources.files(__package__) / "lived_in.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(LivedIn(r["behavior_id"], r["origin"], r["name"], r["preferred"] == "yes", r["note"]) for r in rows)


@cache
def _by_origin() -> dict[str, LivedIn]:
    return {category.origin: category for category in lived_in() if category.preferred}


def asked_ids() -> tuple[str, ...]:
    """Return the id of every category, those without an origin too.

    Examples
    --------
    >>> len(asked_ids()), "6015559470583" in asked_ids()
    (93, True)
    """
    return (*(category.behavior_id for category in lived_in()), *WITHOUT_ORIGIN)


def name_of(behavior_id: str) -> str:
    """Return the name of a category; its id where it is not known.

    Examples
    --------
    >>> name_of("6027149004983"), name_of("6015559470583"), name_of("1")
    ('Lived in Serbia', 'Lives abroad', '1')
    """
    names = {category.behavior_id: category.name for category in lived_in()} | WITHOUT_ORIGIN
    return names.get(behavior_id, behavior_id)


def origin_of(behavior_id: str) -> str:
    """Return the origin of a category; empty where it names none, or is the second id of one.

    Examples
    --------
    >>> origin_of("6027149004983"), origin_of("6015559470583")
    ('SRB', '')
    """
    return next((origin for origin, category in _by_origin().items() if category.behavior_id == behavior_id), "")


def has(origin: str) -> bool:
    """Whether Meta has a category for an origin.

    Examples
    --------
    >>> has("SRB"), has("UKR")
    (True, False)
    """
    return origin in _by_origin()


def category(origin: str) -> LivedIn:
    """Return the category of an origin; raise `UnknownNameError` where Meta has none.

    Examples
    --------
    >>> category("SRB").behavior_id
    '6027149004983'
    """
    if origin not in _by_origin():
        raise UnknownNameError(
            f"Meta has no 'Lived in' category for {countries.area(origin).name} ({origin})",
            allowed="the group meta-origins",
            hint='leave the origin out; its language is a different population, asked by origin_basis = "language"',
        )
    return _by_origin()[origin]


def behavior(origin: str) -> str:
    """Return the id of the category of an origin, or of all who lived abroad; raise `UnknownNameError` without one.

    Examples
    --------
    >>> behavior("SRB"), behavior("WLD")
    ('6027149004983', '6015559470583')
    """
    return LIVES_ABROAD if origin == FOREIGN else category(origin).behavior_id


@dataclass(frozen=True)
class Behavior:
    """A category as a live list shows it; ``path`` leads to it from the root of the catalogue."""

    behavior_id: str
    name: str
    path: tuple[str, ...] = ()


NORMAL: Final = "NORMAL"
UNKNOWN: Final = "UNKNOWN"
STATUSES: Final = {
    NORMAL: "can be asked",
    "NON-DELIVERABLE": "no longer served",
    "DEPRECATING": "to be withdrawn: it is taken in nothing new any more",
    "NON-DELIVERABLE-IN-EXCLUSION": "cannot be excluded, which smstock never does",
    "INCLUSION-ONLY": "cannot be excluded, which smstock never does",
    UNKNOWN: "Meta does not say",
}
"""Statuses of targeting options, in words (Meta, targeting search, option status; 1 December 2026)."""
_STAYING: Final = frozenset({NORMAL, "NON-DELIVERABLE-IN-EXCLUSION", "INCLUSION-ONLY"})


@dataclass(frozen=True)
class Status:
    """What becomes of a category: its status, and the days from which others are planned."""

    behavior_id: str
    status: str
    planned: tuple[tuple[str, str], ...] = ()

    @property
    def goes(self) -> bool:
        """Whether it is, or is planned to be, anything but to stay.

        >>> Status("1", "NORMAL").goes, Status("1", "NORMAL", (("2027-01-15", "DEPRECATING"),)).goes
        (False, True)
        """
        return not {self.status, *(status for _, status in self.planned)} <= _STAYING

    @property
    def gone(self) -> bool:
        """Whether nobody is served by it any more."""
        return self.status == "NON-DELIVERABLE"

    @property
    def words(self) -> str:
        """The status and the plans in words; one that is not known stands as it is.

        >>> Status("1", "NORMAL", (("2027-01-15", "DEPRECATING"),)).words
        'NORMAL (can be asked); from 2027-01-15 DEPRECATING (to be withdrawn: it is taken in nothing new any more)'
        >>> Status("1", "PAUSED").words
        'PAUSED'
        """
        stated = [("", self.status), *((f"from {day} ", status) for day, status in self.planned)]
        return "; ".join(
            f"{when}{status}{f' ({STATUSES[status]})' if status in STATUSES else ''}" for when, status in stated
        )


@dataclass(frozen=True)
class Changes:
    """How a live list differs from the shipped catalogue.

    Parameters
    ----------
    added
        Categories beside the known ones that are not known.
    removed
        Known ones that the list lacks.
    renamed
        Known ones, and the name that the list gives them; empty where the list is in another language.
    translated
        Whether most names differ: then the list is in another language, and names tell nothing.
    """

    added: tuple[Behavior, ...]
    removed: tuple[LivedIn, ...]
    renamed: tuple[tuple[LivedIn, str], ...]
    translated: bool

    @property
    def none(self) -> bool:
        """Whether the list is as shipped."""
        return not (self.added or self.removed or self.renamed)


def changes(listed: Iterable[Behavior]) -> Changes:
    """Return what a live list of all behaviours added to, removed from and renamed in the shipped catalogue.

    Ids decide. A behaviour counts as added where it lies in a folder of the known categories, whatever that is called:
    Meta renamed it once ("Ex-pats" to "Expats"), and translates it. The second id of an origin may be missing, as it
    was on 31 March 2026.

    Examples
    --------
    >>> found = changes([Behavior("6027149004983", "Lived in Serbia (Formerly Expats - Serbia)", ("Expats", "Serbia")),
    ...                  Behavior("1", "Lived in Ukraine", ("Expats", "Ukraine"))])
    >>> [behavior.name for behavior in found.added], len(found.removed), found.renamed
    (['Lived in Ukraine'], 88, ())
    """
    by_number = {behavior.behavior_id: behavior for behavior in listed}
    known = {category.behavior_id: category for category in lived_in()}
    common = [(category, by_number[number]) for number, category in known.items() if number in by_number]
    folders = {_folder(behavior) for _, behavior in common} - {()}
    renamed = tuple(
        (category, behavior.name) for category, behavior in common if category.name != _without_former(behavior.name)
    )
    translated = 2 * len(renamed) > len(common)
    return Changes(
        added=tuple(
            behavior
            for number, behavior in by_number.items()
            if _folder(behavior) in folders and number not in known.keys() | WITHOUT_ORIGIN.keys()
        ),
        removed=tuple(category for number, category in known.items() if category.preferred and number not in by_number),
        renamed=() if translated else renamed,
        translated=translated,
    )


def _folder(behavior: Behavior) -> tuple[str, ...]:
    return behavior.path[:-1] or behavior.path


def _without_former(name: str) -> str:
    """Return ``Lived in Serbia`` for ``Lived in Serbia (Formerly Expats - Serbia)``."""
    return re.sub(r"\s*\(formerly .*\)$", "", name.strip(), flags=re.IGNORECASE)
