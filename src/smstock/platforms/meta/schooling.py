"""Which level of education Meta's statuses stand for.

Levels are of the education completed, by the mapping of the United States' programmes, whose words Meta uses: a high
school diploma is ISCED 3, college without a degree leaves it there, an associate degree is 5, a bachelor's 6, master's
and first professional degrees 7, a doctorate 8 (ISCED 2011 Operational Manual, OECD, Eurostat and UNESCO 2015, doi
10.1787/9789264228368-en). Who is still in high school has completed ISCED 2, in graduate school 6.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from smstock.vocabulary.schooling import LEVELS

if TYPE_CHECKING:
    from smstock.query.meta import MetaQuery

LOW, MEDIUM, HIGH = LEVELS
STATUSES: Final = {
    "some_high_school": LOW,
    "high_school": LOW,
    "high_school_grad": MEDIUM,
    "undergrad": MEDIUM,
    "some_college": MEDIUM,
    "associate_degree": HIGH,
    "alum": HIGH,
    "in_grad_school": HIGH,
    "some_grad_school": HIGH,
    "master_degree": HIGH,
    "professional_degree": HIGH,
    "doctorate_degree": HIGH,
}
"""Level of each status; ``unspecified`` has none."""


def levels(query: MetaQuery) -> dict[str, str]:
    """Return the level that each group of a query stands for: that of most of its statuses, the lower one of a draw.

    Groups without a status that has a level are left out.

    Examples
    --------
    >>> from smstock.query.meta import MetaQuery
    >>> groups = {"tertiary": ("alum", "master_degree"), "school": ("high_school",), "unknown": ("unspecified",)}
    >>> levels(MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups))
    {'tertiary': 'isced5-8', 'school': 'isced0-2'}
    """
    of_groups = {}
    for name, statuses in query.education.items():
        counts = Counter(STATUSES[status] for status in statuses if status in STATUSES)
        if counts:
            of_groups[name] = max(LEVELS, key=lambda level: counts[level])
    return of_groups


def mixed(query: MetaQuery) -> dict[str, tuple[str, ...]]:
    """Return the statuses of each group that are of another level than the group stands for; groups of one level not.

    Examples
    --------
    >>> from smstock.query.meta import MetaQuery
    >>> groups = {"medium": ("high_school_grad", "some_college", "associate_degree")}
    >>> mixed(MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups))
    {'medium': ('associate_degree',)}
    """
    of_groups = levels(query)
    others = {
        name: tuple(status for status in query.education[name] if STATUSES.get(status, level) != level)
        for name, level in of_groups.items()
    }
    return {name: statuses for name, statuses in others.items() if statuses}
