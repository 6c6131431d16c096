"""Data frames of pySocialWatcher, and of mySocialWatcher, which grew out of it: a row for each question.

``targeting`` is the spec as it was sent (a dictionary of Python), ``response`` the body (``b'{...}'``), ``timestamp``
the beginning of the run (Unix seconds); older ones have it in the name of the file only. The columns before
``targeting`` say again what was asked, and those after ``response`` what was answered: where they contradict it, as
after a sort of one column, the row is no answer. What the tools made up is none either: ``mock_response``, and the rows
that mySocialWatcher deduced from a coarser one at the floor, which it marks by a lower bound of -1.

Sources: maraujo/pySocialWatcher (utils.py, constants.py), OxfordDemSci/mySocialWatcher (collector/params.py,
pysocialwatcher_opt.py, betterestimatesauto.py).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import RawAnswer, Recorded
from smstock.platforms.meta.collectors import figures, literals
from smstock.platforms.meta.collectors.literals import UnreadableError
from smstock.platforms.meta.collectors.table import recorded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from smstock.platforms.meta.collectors.table import Row, Table

FIGURES: Final = {
    "estimate_mau_lower_bound": ("mau_audience_lower_bound", "mau_lower"),
    "estimate_mau_upper_bound": ("mau_audience_upper_bound", "mau_upper"),
    "estimate_mau": ("mau_audience", "mau"),
    "users": ("audience",),
    "estimate_dau": ("dau_audience", "dau"),
}
"""Columns of figures by Meta's name of them: in a data frame, and in the database of mySocialWatcher."""

_ANSWERED: Final = "<Response [200]>"
_DAILY: Final = "estimate_dau"
_BOUNDS: Final = ("estimate_mau_lower_bound", "estimate_mau_upper_bound")
_RUN: Final = re.compile(r"(?:_|clean)(1\d{9})(?!\d)")
"""The beginning of the run in the name of a file, also of a copy of it: ``..._1601872407 (1).csv``."""
_EVERYBODY: Final[tuple[Any, ...]] = (None, [], [0], [1, 2])
"""How a targeting says both sexes."""
_STATUSES: Final = {"scholarities": "education_statuses", "relationship_statuses": "relationship_statuses"}
_COMPARED: Final = frozenset(
    ("targeting", "response", "all_fields", "geo_locations", "ages_ranges", "behavior", *_STATUSES)
)
"""Columns that are no group, or one that is compared more closely."""


def recognised(table: Table) -> bool:
    """Return whether a table is such a data frame.

    Examples
    --------
    >>> from smstock.platforms.meta.collectors.table import Table
    >>> recognised(Table(("name", "targeting", "response"), iter(())))
    True
    """
    known = {"response", *(column for columns in FIGURES.values() for column in columns)}
    return table.has("targeting") and not known.isdisjoint(table.columns)


def rows(table: Table, name: str) -> Iterator[Recorded]:
    """Return each row as an answer, or with the reason why it is none.

    Parameters
    ----------
    table
        The data frame.
    name
        The name of its file, which may hold the time of the run.

    Examples
    --------
    >>> from smstock.platforms.meta.collectors.table import Row, Table
    >>> row = Row(2, {"targeting": "{'age_min': 18}", "response": "b'{}'", "timestamp": "1601872407"}, 3)
    >>> [line.answer.asked_at for line in rows(Table(("targeting", "response", "timestamp"), iter([row])), "a.csv")]
    ['2020-10-05T04:33:27Z']
    """
    match = _RUN.search(name)
    run = match[1] if match else ""
    return recorded(table, lambda row, place: _recorded(row, place, run, table.columns))


def _recorded(row: Row, place: str, run: str, columns: Collection[str]) -> Recorded:
    if "mockResponse" in row["response"]:
        raise UnreadableError("mock_response: the tool made the answer up, Meta gave none")
    targeting = _read("targeting", row, literals.dictionary)
    _require_same_question(row, targeting, columns)
    asked_at = _read("timestamp", row, literals.moment) or literals.moment(run)
    shown = {name: figure for name, columns in FIGURES.items() if (figure := _first(row, columns))}
    restated = not row["response"] or row["response"] == _ANSWERED
    if not restated and row["response"].startswith("<Response"):
        raise UnreadableError(f"response is {row['response'][:30]}, an error of Meta without its words")
    if restated:
        content, endpoint = _restated(shown)
    else:
        content = _read("response", row, literals.body)
        _require_asked(figures.estimate(content))
        if words := figures.contradiction(content, shown):
            raise UnreadableError(f"figures contradict the response: {words}")
        endpoint = "reachestimate" if b'"users' in content else "delivery_estimate"
    return Recorded(place, targeting, RawAnswer(content, 200, asked_at, endpoint, ""), restated=restated)


def _read(column: str, row: Row, read: Any) -> Any:
    try:
        return read(row[column])
    except UnreadableError as error:
        raise UnreadableError(f"{column} {error}") from None


def _first(row: Row, columns: tuple[str, ...]) -> str:
    return next((row[column] for column in columns if row[column]), "")


def _restated(shown: dict[str, str]) -> tuple[bytes, str]:
    """Return the body of the figures in columns: bounds where there are some, else the one number."""
    daily = shown.pop(_DAILY, "")
    if not shown:
        raise UnreadableError("no response: not asked, or not answered")
    bounds = {name: shown.get(name, "") for name in _BOUNDS}
    if any(bounds.values()):
        if bounds[_BOUNDS[0]].startswith("-1") and not bounds[_BOUNDS[1]].startswith("-1"):
            raise UnreadableError("deduced by mySocialWatcher from a coarser cell, not asked")
        return figures.body(bounds, daily)
    name = next(iter(shown))
    return figures.body({name: shown[name]}, daily)


def _require_asked(estimate: dict[str, Any]) -> None:
    """Refuse the answers that mySocialWatcher writes itself: both kinds of figures, with a lower bound of -1."""
    if "estimate_mau" in estimate and estimate.get("estimate_mau_lower_bound") == figures.NO_NUMBER:
        asked = estimate.get("estimate_mau") == figures.NO_NUMBER
        raise UnreadableError("not asked yet" if asked else "deduced by mySocialWatcher from a coarser cell, not asked")


def _require_same_question(row: Row, targeting: dict[str, Any], columns: Collection[str]) -> None:
    """Refuse a row whose other columns say that something else was asked; an empty one says that nothing was."""
    locations, ages = (
        _read(column, row, _group) if row[column].startswith("{") else {} for column in ("geo_locations", "ages_ranges")
    )
    asked = targeting.get("geo_locations")
    asked = asked if isinstance(asked, dict) else {}
    platforms = targeting.get("publisher_platforms")
    differing = [
        ("geo_locations", locations and not _of_places(locations, asked)),
        ("ages_ranges", ages and (ages.get("min"), ages.get("max")) != _ages(targeting)),
        ("genders", "genders" in columns and _gender(row["genders"]) != _genders(targeting)),
        ("behavior", "behavior" in columns and not _of_behaviors(row, targeting)),
        *((column, column in columns and not _of_statuses(row, column, targeting)) for column in _STATUSES),
        ("publisher_platforms", _platforms(row["publisher_platforms"], platforms) not in ([], platforms)),
        *((column, not _of_group(row, column, targeting)) for column in row.values if column not in _COMPARED),
    ]
    for column, differs in differing:
        if differs:
            raise UnreadableError(f"{column} contradicts the targeting beside it")


@lru_cache(maxsize=256)
def _group(text: str) -> dict[str, Any]:
    """Return the dictionary of a field that many rows have alike."""
    return literals.dictionary(text)


def _texts(ids: list[Any]) -> set[str]:
    return set(map(str, ids))


def _of_places(locations: dict[str, Any], asked: dict[str, Any]) -> bool:
    types = locations.get("location_types")
    of_types = not isinstance(types, list) or asked.get("location_types") == types
    return of_types and asked.get(str(locations.get("name"))) == locations.get("values")


def _of_group(row: Row, column: str, targeting: dict[str, Any]) -> bool:
    """Return whether a targeting names the ids of another group, of languages or interests; true where it is none."""
    group = _read(column, row, _group) if row[column].startswith("{") else {}
    ids = next((group[name] for name in ("or", "values") if isinstance(group.get(name), list)), None)
    return not ids or set(_leaves(ids)) <= set(_leaves(targeting))


def _leaves(part: Any) -> Iterator[str]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
    if inner is None:
        yield str(part)
    for one in inner or ():
        yield from _leaves(one)


def _of_behaviors(row: Row, targeting: dict[str, Any]) -> bool:
    """Return whether a targeting asks for the categories that a row names; for none where it names none."""
    asked = _texts([item.get("id") for item in _parts(targeting, "behaviors") if isinstance(item, dict)])
    if not row["behavior"]:
        return not asked
    ids = _read("behavior", row, _group).get("or") if row["behavior"].startswith("{") else None
    return not isinstance(ids, list) or _texts(ids) <= asked


def _of_statuses(row: Row, column: str, targeting: dict[str, Any]) -> bool:
    """Return whether a targeting asks for the statuses that a row names, and no others."""
    ids = _read(column, row, _group).get("or") if row[column].startswith("{") else None
    if row[column] and not isinstance(ids, list):
        return True
    return _texts(ids or []) == _texts(_parts(targeting, _STATUSES[column]))


def _parts(targeting: dict[str, Any], name: str) -> list[Any]:
    """Return all that the parts of a flexible spec ask for by one name."""
    parts = targeting.get("flexible_spec")
    listed = [part.get(name) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [item for items in listed if isinstance(items, list) for item in items]


def _platforms(text: str, asked: Any) -> Any:
    """Return the placements of a column; none where it is no list and none are asked for."""
    if not asked and not text.startswith("["):
        return []
    try:
        return json.loads(text or "[]")
    except (ValueError, RecursionError):
        raise UnreadableError("publisher_platforms contradicts the targeting beside it") from None


def _ages(targeting: dict[str, Any]) -> tuple[Any, Any]:
    return targeting.get("age_min"), targeting.get("age_max")


def _gender(text: str) -> list[int] | None:
    """Return whom a column of genders names, None for both."""
    try:
        genders = [literals.whole(text)] if text else []
    except UnreadableError:
        raise UnreadableError("genders contradicts the targeting beside it") from None
    return None if genders in _EVERYBODY else genders


def _genders(targeting: dict[str, Any]) -> Any:
    genders = targeting.get("genders")
    return None if genders in _EVERYBODY else genders
