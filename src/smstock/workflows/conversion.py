"""Queries of other collectors, converted to queries of smstock that it can plan."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smstock import files
from smstock.errors import QueryError, UsageError, shown
from smstock.folder import lock_around, write_file
from smstock.platforms.meta.collectors.queries import draft, query_key
from smstock.query.spec import parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LARGEST: Final = 16 << 20
"""Bytes of a query of another collector at most."""

_HINT: Final = "name the JSON query that the collector was given"


@dataclass(frozen=True)
class Conversion:
    """A query in TOML, what of the other query it does not say, and what its author should know."""

    text: str
    unsaid: tuple[str, ...]
    remarks: tuple[str, ...]


def convert(file: Path, query: Path | None = None) -> Conversion:
    """Return the query that the JSON query of another collector comes to, and write it where a path is given.

    It is named after that path, so that file and name are one; without a path after the other query.

    Raises
    ------
    QueryError
        The file is no such query, or none of what it asks can be said.
    UsageError
        The path is no name of a query, or something lies there.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> asked = {"name": "Expats", "geo_locations": [{"name": "countries", "values": ["AT"]}], "genders": [0],
    ...          "behavior": [{"or": [6027149004983]}], "ages_ranges": [{"min": 18}], "languages": [{"name": "Arabic"}]}
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "expats.json")
    ...     _ = file.write_text(json.dumps(asked))
    ...     convert(file).unsaid
    ('languages: Arabic',)
    """
    if query is not None:
        _require_new(query)
    drafted = draft(_content(file))
    if query is not None:
        drafted.keys["name"] = query_key(query.stem) or drafted.keys["name"]
    text = _toml(drafted.keys, file.name, drafted.unsaid, drafted.remarks)
    parse(text, where=f"the query that {shown(file.name)} comes to")
    if query is not None:
        with lock_around(query):
            write_file(query, text)
    return Conversion(text, tuple(drafted.unsaid), tuple(drafted.remarks))


def _require_new(query: Path) -> None:
    """Refuse a path that is no query's, or at which something lies: a query that was edited would be lost."""
    if query.suffix != ".toml":
        raise UsageError(f"{shown(query)} is no name of a query", allowed="NAME.toml, such as queries/expats.toml")
    if query.exists():
        raise UsageError(f"{shown(query)} exists", hint="name another file to be written, or remove this one")


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(files.content(file, LARGEST, QueryError, hint=_HINT).decode("utf-8-sig"))
    except OSError as error:
        raise QueryError(f"{shown(file)} cannot be read: {error.strerror or error}", hint=_HINT) from None
    except (ValueError, RecursionError) as error:
        raise QueryError(f"{shown(file)} is no JSON: {shown(error)}", hint=_HINT) from None
    if not isinstance(content, dict) or "geo_locations" not in content:
        raise QueryError(
            f"{shown(file)} is no query of pySocialWatcher, mySocialWatcher or audiencer",
            allowed="an object with geo_locations, behavior, genders and ages_ranges",
            hint=_HINT,
        )
    return content


def _toml(keys: dict[str, Any], name: str, unsaid: Sequence[str], remarks: Sequence[str]) -> str:
    """Return the text of a query: what it does not say as comments first, tables last."""
    comments = [f"Converted from {name}."]
    if unsaid:
        comments += ["Not asked here, since a query of smstock cannot say it:", *(f"- {one}" for one in unsaid)]
    if remarks:
        comments += ["To know:", *(f"- {one}" for one in remarks)]
    lines = [f"# {shown(comment)}" for comment in comments] + [""]
    tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
    lines += [f"{key} = {_value(value)}" for key, value in keys.items() if key not in tables]
    for key, table in tables.items():
        lines += ["", f"[{key}]", *(f"{_value(group)} = {_value(statuses)}" for group, statuses in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
