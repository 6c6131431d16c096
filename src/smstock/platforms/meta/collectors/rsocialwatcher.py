"""Data frames of rsocialwatcher, as R's ``write.csv`` saves them: figures and parameters, no body.

What was asked is put together again as the package did: all placements, ``genders`` and ages always, ids of a parameter
joined by ``or``. Parameters beside each other were asked as OR, and those in ``flex_target`` as AND; a column ``query``
holds the question itself. A row whose question the columns do not tell is no answer. Whether an estimate was ready is
not kept, and taken for granted.

Source: worldbank/rsocialwatcher (R/query_fb_marketing_api.R).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import RawAnswer, Recorded
from smstock.platforms.meta.collectors import figures, literals
from smstock.platforms.meta.collectors.literals import UnreadableError
from smstock.platforms.meta.collectors.table import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.platforms.meta.collectors.table import Row, Table

_BOUNDS: Final = ("estimate_mau_lower_bound", "estimate_mau_upper_bound")
_MONTHLY: Final = (_BOUNDS, ("estimate_mau",))
_BY_ID: Final = ("behaviors", "interests", "family_statuses", "income", "industries", "life_events")
_BY_NUMBER: Final = ("education_statuses", "relationship_statuses")
_OLDER: Final = {"behavior": "behaviors", "interest": "interests"}
_KEYED: Final = ("countries", "country_groups")
_KNOWN: Final = frozenset(
    (
        "", "x", "...1", "location_unit_type", "location_types", "location_keys", "gender", "age_min", "age_max",
        "flex_target", "query", "api_call_time_utc", "estimate_dau", "estimate_mau", *_BOUNDS, "show_groups", "error",
        *_BY_ID, *_BY_NUMBER, *_OLDER,
    )
)  # fmt: skip
"""Columns that are understood; ids and row names of R say nothing."""

_IDS: Final = re.compile(r"\d{1,20}")
_TERM: Final = re.compile(r"\(([^()]+)\)|([^()]+?)(?= and |$)")
_TERMS: Final = re.compile(r"(\([^()]+\)|[^()]+?)( and (\([^()]+\)|[^()]+?))*")


def recognised(table: Table) -> bool:
    """Return whether a table is such a data frame.

    Examples
    --------
    >>> from smstock.platforms.meta.collectors.table import Table
    >>> recognised(Table(("estimate_dau", "location_unit_type", "estimate_mau_upper_bound"), iter(())))
    True
    """
    return table.has("location_unit_type") and any(column.startswith("estimate_mau") for column in table.columns)


def rows(table: Table) -> Iterator[Recorded]:
    """Return each row as an answer put together from its figures, or with the reason why it is none.

    Examples
    --------
    >>> from smstock.platforms.meta.collectors.table import Row, Table
    >>> values = {"location_unit_type": "countries", "location_keys": "US", "location_types": "home",
    ...           "gender": "1 or 2", "age_min": "18", "age_max": "65", "estimate_mau_lower_bound": "1e+05",
    ...           "estimate_mau_upper_bound": "117600"}
    >>> [line] = rows(Table(tuple(values), iter([Row(2, values, len(values))])))
    >>> line.targeting["geo_locations"], line.restated
    ({'countries': ['US'], 'location_types': ['home']}, True)
    """
    return recorded(table, _recorded)


def _recorded(row: Row, place: str) -> Recorded:
    targeting = _asked(row["query"]) if row["query"] else _targeting(row)
    if row["query"]:
        _require_same_question(row, targeting)
    monthly = next((names for names in _MONTHLY if any(row[name] for name in names)), _BOUNDS)
    content, endpoint = figures.body({name: row[name] for name in monthly}, row["estimate_dau"])
    asked_at = literals.moment(row["api_call_time_utc"], naive_is_utc=True)
    return Recorded(place, targeting, RawAnswer(content, 200, asked_at, endpoint, ""), restated=True)


def _asked(query: str) -> dict[str, Any]:
    """Return the targeting spec of a question as the package sent it."""
    _, _, spec = query.partition("targeting_spec=")
    try:
        return literals.dictionary(spec)
    except UnreadableError:
        raise UnreadableError("query holds no targeting_spec that can be read") from None


def _require_same_question(row: Row, targeting: dict[str, Any]) -> None:
    """Refuse a row whose columns say that something else was asked than its query, as after a sort of one column."""
    locations = targeting.get("geo_locations")
    keys = locations.get(row["location_unit_type"]) if isinstance(locations, dict) else None
    asked = {
        "gender": targeting.get("genders"),
        "location_keys": keys if isinstance(keys, list) else row["location_keys"],
    }
    asked |= {column: targeting.get(column) for column in ("age_min", "age_max")}
    for column, values in asked.items():
        words = {str(value) for value in (values if isinstance(values, list) else [values])}
        if row[column] and {word.removesuffix(".0") for word in row[column].split(" or ")} != words:
            raise UnreadableError(f"{column} contradicts the query beside it")


def _targeting(row: Row) -> dict[str, Any]:
    if unknown := sorted(column for column, value in row.values.items() if value and column not in _KNOWN):
        raise UnreadableError(f"asked by {', '.join(unknown[:3])}, which a row does not tell exactly")
    unit = row["location_unit_type"]
    if unit not in _KEYED:
        raise UnreadableError(f"location_unit_type is {unit[:30]!r}, not countries")
    targeting: dict[str, Any] = {
        "geo_locations": {unit: _joined(row, "location_keys"), "location_types": _joined(row, "location_types")},
        "genders": [literals.whole(gender) for gender in _joined(row, "gender")],
        "age_min": _age(row, "age_min"),
        "age_max": _age(row, "age_max"),
    }
    flexible = _flexible(row)
    return targeting | ({"flexible_spec": flexible} if flexible else {})


def _joined(row: Row, column: str) -> list[str]:
    if not row[column]:
        raise UnreadableError(f"{column} is missing")
    return row[column].split(" or ")


def _age(row: Row, column: str) -> int:
    try:
        return literals.whole(row[column])
    except UnreadableError as error:
        raise UnreadableError(f"{column} {error}") from None


def _flexible(row: Row) -> list[dict[str, Any]]:
    """Return the parts of a flexible spec: of the parameters side by side one part, of ``flex_target`` one a term."""
    beside = {_OLDER.get(column, column) for column in (*_BY_ID, *_BY_NUMBER, *_OLDER) if row[column]}
    if beside and row["flex_target"]:
        raise UnreadableError("parameters stand beside flex_target: a row does not tell how they are joined")
    if not row["flex_target"]:
        part: dict[str, list[Any]] = {}
        for column in (*_BY_ID, *_BY_NUMBER, *_OLDER):
            for value in row[column].split(" or ") if row[column] else ():
                _put(part, _OLDER.get(column, column), value)
        return [part] if part else []
    if not _TERMS.fullmatch(row["flex_target"]):
        raise UnreadableError(f"flex_target is {row['flex_target'][:60]!r}: no terms in brackets joined by and")
    parts = []
    for term in _TERM.finditer(row["flex_target"]):
        part = {}
        for item in (term[1] or term[2]).removeprefix(" and ").strip().split(" or "):
            name, _, value = item.partition(":")
            _put(part, name, value)
        parts.append(part)
    return parts


def _put(part: dict[str, list[Any]], name: str, value: str) -> None:
    if name not in (*_BY_ID, *_BY_NUMBER) or not _IDS.fullmatch(value):
        raise UnreadableError(f"{name[:30]} is {value[:30]!r}: no ids joined by or")
    part.setdefault(name, []).append(int(value) if name in _BY_NUMBER else {"id": value})
