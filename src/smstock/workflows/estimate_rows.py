"""Which rows of the estimates of all waves are meant: totals unless groups are named, and places by their names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from smstock.errors import InputError, SmstockError, meant, shown
from smstock.tables.large import chosen
from smstock.vocabulary.facets import Ages
from smstock.workflows import arguments, references

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyRelation

    from smstock.results import Manifest

EACH: Final = "each"
"""Stands for every age group, or every education, the totals among them."""
_CORRIDOR: Final = "PARTITION BY wave, destination, origin"
_OPEN: Final = 1000
"""An age above all, for groups without an upper end."""


def places_of(root: Path, manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the names of the places that the queries of estimates ask, by code; a query that is gone names none.

    Examples
    --------
    >>> from pathlib import Path
    >>> places_of(Path("nowhere"), [])
    {}
    """
    places: dict[str, str] = {}
    for query in sorted({manifest.query for manifest in manifests}):
        with suppress(SmstockError):
            places |= {place.code: place.name for place in references.query(root, query).places}
    return places


def of_groups(rows: DuckDBPyRelation, ages: str, education: str, *, divided: bool) -> DuckDBPyRelation:
    """Return the rows of an age group and an education; totals where neither is named.

    Parameters
    ----------
    rows
        Rows of `smstock.tables.ESTIMATE`.
    ages
        An age group such as ``15-64`` or ``65+``, or ``each``.
    education
        An education group, or ``each``.
    divided
        Whether any of them are parts of totals.

    Raises
    ------
    QueryError
        The ages are none.
    InputError
        There are no such rows, but some of others.

    Examples
    --------
    >>> from smstock.tables.large import database
    >>> rows = "SELECT 'w' AS wave, 'AUT' AS destination, 'SRB' AS origin, '' AS education, 15 AS age_min, "
    >>> rows = database().sql(f"{rows} unnest([24, 64, NULL]) AS age_max")
    >>> [of_groups(rows, ages, "", divided=True).project("age_max").fetchall() for ages in ("", "15-24", "each")]
    [[(None,)], [(24,)], [(24,), (64,), (None,)]]
    """
    ages, education = arguments.text("ages", ages), arguments.text("education", education)
    group = Ages.parse(ages) if ages and ages != EACH else None
    of_education = rows.filter("education = ''") if not education else rows
    if education and education != EACH:
        of_education = chosen(rows, "education", [education])
        if not _some(of_education):
            _refuse_education(rows, education)
    if group:
        oldest = "IS NULL" if group.maximum is None else f"= {group.maximum}"
        of_group = of_education.filter(f"age_min = {group.minimum} AND age_max {oldest}")
        if not _some(of_group):
            _refuse_ages(of_education, group)
        return of_group
    return _totals(of_education) if divided and not ages and not education else of_education


def _totals(rows: DuckDBPyRelation) -> DuckDBPyRelation:
    """Return the rows of the widest ages of their corridor, as `smstock.tables.estimate.whole` does."""
    upper = f"coalesce(age_max, {_OPEN})"
    is_total = f"age_min = min(age_min) OVER ({_CORRIDOR}) AND {upper} = max({upper}) OVER ({_CORRIDOR})"
    return rows.project(f"*, {is_total} AS is_total").filter("is_total").project(", ".join(rows.columns))


def _some(rows: DuckDBPyRelation) -> bool:
    return bool(rows.limit(1).fetchall())


def _refuse_ages(rows: DuckDBPyRelation, group: Ages) -> None:
    """Refuse an age group where there are rows of others only."""
    groups = [Ages(*ages) for ages in rows.project("age_min, age_max").distinct().order("ALL").fetchall()]
    if groups:
        raise InputError(
            f"no estimates are of the age group {group}",
            allowed=", ".join(map(str, groups)),
            hint="choose one of these, or leave --ages out",
        )


def _refuse_education(rows: DuckDBPyRelation, education: str) -> None:
    """Refuse an education where there are rows of others only."""
    names = [name for (name,) in rows.project("education").distinct().order("ALL").fetchall()]
    if names:
        known = [name for name in names if name]
        raise InputError(
            f"no estimates are of the education {shown(repr(education))}",
            allowed=", ".join(known) or "none: no estimate is divided by education",
            hint=meant(education, known) or "leave --education out",
        )
