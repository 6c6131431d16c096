"""The "Lived in X" categories: which origins Meta offers, by the id that never changes.

Producer: Meta, detailed-targeting catalogue, ids as re-seen in a list of 31 March 2026. Names are localised and change;
ids do not, so everything matches by id.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from smstock.errors import UnknownNameError
from smstock.vocabulary import countries


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
            hint="leave the origin out; its language is a different population, not this one",
        )
    return _by_origin()[origin]
