"""Groups of education of a query as levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.platforms.meta import schooling
from smstock.query.meta import MetaQuery
from smstock.vocabulary.schooling import LEVELS, WORDS

if TYPE_CHECKING:
    from smstock.query.spec import QuerySpec


def levels_of(query: QuerySpec | None) -> dict[str, str]:
    """Return the level that each group of education of a query stands for; none where it has no such groups.

    Examples
    --------
    >>> groups = {"school": ("high_school",), "tertiary": ("alum",)}
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups)
    >>> levels_of(query), levels_of(None)
    ({'school': 'isced0-2', 'tertiary': 'isced5-8'}, {})
    """
    return schooling.levels(query) if isinstance(query, MetaQuery) else {}


def use_of_education(query: QuerySpec) -> str:
    """Return what estimates by education make of the groups of a query, and what is collected only.

    Examples
    --------
    >>> groups = {"tertiary": ("alum",)}
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups)
    >>> use_of_education(query)[:80]
    '`nowcast --by education` divides estimates by what official figures know of low,'
    """
    of_groups = levels_of(query)
    use = (
        "`nowcast --by education` divides estimates by what official figures know of low, medium and high education "
        "(ISCED 0-2, 3-4, 5-8)"
    )
    lacking = [WORDS[level].split(" ")[0] for level in LEVELS if level not in of_groups.values()]
    if lacking:
        return f"{use}; no group asked is {' or '.join(lacking)}: accounts are collected, and not used for it"
    stands = ", ".join(f"{name} is {WORDS[level].split(' ')[0]}" for name, level in of_groups.items())
    use = f"{use}; of the groups asked, {stands}, any other is collected only"
    mixed = schooling.mixed(query) if isinstance(query, MetaQuery) else {}
    notes = [f"{name} holds {', '.join(statuses)}, of another level" for name, statuses in mixed.items()]
    return "; ".join([use, *notes])
