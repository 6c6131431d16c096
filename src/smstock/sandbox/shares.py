"""Shares of accounts that have an attribute: the same in every area, age and origin."""

from __future__ import annotations

from typing import Final

EDUCATION: Final = {
    1: 0.04, 2: 0.05, 3: 0.20, 4: 0.18, 5: 0.06, 6: 0.03, 7: 0.02, 8: 0.01, 9: 0.06, 10: 0.02, 11: 0.01, 12: 0.29,
    13: 0.03,
}  # fmt: skip
"""Education status -> share; each account has one (12: unspecified)."""

RELATIONSHIP: Final = {
    1: 0.20, 2: 0.08, 3: 0.24, 4: 0.02, 6: 0.38, 7: 0.01, 8: 0.01, 9: 0.01, 10: 0.01, 11: 0.01, 12: 0.02, 13: 0.01,
}  # fmt: skip
"""Relationship status -> share; each account has one (6: not specified)."""

PLACEMENTS: Final = {"facebook": 0.8, "instagram": 0.6, "messenger": 0.55, "audience_network": 0.3, "threads": 0.1}
"""Placement -> share of accounts it reaches, independently of the others; every account is reached somewhere."""

LOCATION_TYPES: Final = {"home": 0.93, "recent": 0.05, "travel_in": 0.02}
"""Kind of location -> share of accounts; each account is of one kind."""


def reached(placements: frozenset[str]) -> float:
    """Return the share of accounts that at least one of some placements reaches; 1 if none, or all, are named.

    Examples
    --------
    >>> round(reached(frozenset({"facebook", "instagram"})), 2), reached(frozenset())
    (0.92, 1.0)
    """
    if not placements or placements == PLACEMENTS.keys():
        return 1.0
    missed = 1.0
    for placement in sorted(placements):
        missed *= 1 - PLACEMENTS[placement]
    return 1 - missed


def located(kinds: frozenset[str]) -> float:
    """Return the share of accounts whose location is of one of some kinds; 1 if none are named.

    Examples
    --------
    >>> located(frozenset({"home"})), located(frozenset())
    (0.93, 1.0)
    """
    return sum(LOCATION_TYPES[kind] for kind in sorted(kinds)) if kinds else 1.0
