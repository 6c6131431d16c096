"""Groups of education of a query as levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.platforms.meta import schooling
from smstock.query.meta import MetaQuery

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
