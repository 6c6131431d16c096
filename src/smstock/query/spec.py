"""The query file: which audiences to ask for, written in TOML, checked before anything is asked.

A query is one of Meta or one of LinkedIn, as its key ``platform`` says. `smstock.query.base` has the keys of both,
`smstock.query.meta` and `smstock.query.linkedin` those of each, with an example.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args, get_origin

from pydantic import ValidationError

from smstock import toml
from smstock.errors import InputError, QueryError, shown
from smstock.query.lattice import count
from smstock.query.linkedin import LinkedInQuery
from smstock.query.meta import MetaQuery
from smstock.vocabulary import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

QuerySpec: TypeAlias = MetaQuery | LinkedInQuery
"""What to collect: every audience that a query file asks for."""

KINDS: Final[dict[str, type[MetaQuery | LinkedInQuery]]] = {"linkedin": LinkedInQuery, "meta": MetaQuery}
"""The queries of each platform."""

MOST_CELLS: Final = 20_000_000
"""Cells of a query at most: one account of Meta would need four years for them."""

_HINT: Final = "mend the query; `smstock plan` checks it"


def parse(text: str, where: str = "query", folder: Path | None = None) -> QuerySpec:
    r"""Return the query that a TOML text specifies.

    Parameters
    ----------
    text
        The text.
    where
        What it is called in messages.
    folder
        Where ``school_sets`` are looked for; the schools of these files become ``schools`` of the query, so that it
        says by itself whom it asks for.

    Raises
    ------
    QueryError
        The text is no TOML, names a key or value that a query of its platform does not have, or contradicts itself;
        every failure is listed with its key; or it has more than `MOST_CELLS` cells.

    Examples
    --------
    >>> query = parse('name = "q"\nplatform = "meta"\norigins = ["SRB"]\ndestinations = ["efta"]\nages = "18+"')
    >>> query.destinations, query.whole, query.metrics
    (('CHE', 'ISL', 'LIE', 'NOR'), Ages(minimum=18, maximum=None), ('mau',))
    """
    return specify(toml.parse(text, QueryError, where=where), where, folder)


def load(path: Path) -> QuerySpec:
    r"""Return the query of a file; raise `QueryError` naming the file if it cannot be used.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "q.toml")
    ...     _ = file.write_text('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    ...     load(file).name
    'q'
    """
    content = toml.read(path, QueryError, hint="name a query file, such as queries/serbia-diaspora.toml")
    return specify(content, str(path), path.parent)


def specify(content: Mapping[str, Any], where: str = "query", folder: Path | None = None) -> QuerySpec:
    """Return the query of some keys and values, those of a file or of another query; `parse` tells the rest.

    The names of its places are learnt.

    Examples
    --------
    >>> query = specify({"name": "q", "platform": "meta", "origins": ["SRB"], "destinations": ["AUT"], "ages": "18+"})
    >>> specify(query.model_dump()) == query
    True
    """
    kind = _kind(content, where)
    try:
        query = kind.model_validate(kind.complete(dict(content), folder))
    except ValidationError as error:
        raise QueryError(_failures(error, kind), where=where, hint=_HINT) from None
    except InputError as error:
        raise QueryError(
            error.what,
            where=f"{where}{f': {error.where}' if error.where else ''}",
            allowed=error.allowed,
            hint=error.hint or _HINT,
        ) from None
    if (number := count(query)) > MOST_CELLS:
        raise QueryError(
            f"the query asks for {number:,} cells",
            where=where,
            allowed=f"{MOST_CELLS:,} at most (docs/reliability.md, Bounds)",
            hint="name fewer areas, groups or breakdowns, or divide it into several queries",
        )
    places.learn(query.places)
    return query


@lru_cache(maxsize=8)
def restore(text: str, where: str = "query") -> QuerySpec:
    r"""Return the query of its own JSON text, in which a journal keeps it.

    Journals were begun when queries of all platforms had the same keys and facets: keys of the other ones are empty
    there, and no cell has their facets, so that ``always_ask`` asks nothing by them. Both are passed over.

    Raises
    ------
    QueryError
        The text is damaged, or a later smstock wrote it.

    Examples
    --------
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> restore(query.model_dump_json()) == query
    True
    """
    try:
        content: dict[str, Any] = dict(json.loads(text))
        kind = _kind(content, where)
        keys = {key: value for key, value in content.items() if key in kind.model_fields or value}
        foreign = {facet for other in KINDS.values() for facet in _facets(other)} - _facets(kind)
        asked = [facets for facets in content.get("always_ask", ()) if not foreign & set(facets)]
        return specify(keys | {"always_ask": asked}, where)
    except (ValueError, TypeError, RecursionError):
        problem = QueryError("it is no JSON object")
    except QueryError as error:
        problem = error
    raise QueryError(
        f"the query kept here cannot be used: {problem.what}",
        where=where,
        allowed=problem.allowed,
        hint="update smstock, or move the file away",
    )


def _facets(kind: type[MetaQuery | LinkedInQuery]) -> set[str]:
    """Return the facets that a query may name."""
    return set(_texts(kind.model_fields["always_ask"].annotation))


def _texts(annotation: object) -> Iterator[str]:
    """Yield the texts of every literal in an annotation."""
    for argument in get_args(annotation):
        yield from (argument,) if isinstance(argument, str) else _texts(argument)


def _kind(content: Mapping[str, Any], where: str) -> type[MetaQuery | LinkedInQuery]:
    """Return the kind of query that a platform has; refuse a platform that there is none of."""
    platform = content.get("platform")
    if isinstance(platform, str) and platform in KINDS:
        return KINDS[platform]
    what = "missing: platform" if platform is None else f"platform: there is no platform {shown(repr(platform))}"
    raise QueryError(what, where=where, allowed=", ".join(KINDS), hint=_HINT)


def _failures(error: ValidationError, kind: type[MetaQuery | LinkedInQuery]) -> str:
    """Say every failure in words; a missing key with its values, a key of another platform with its platform."""
    failures: list[dict[str, Any]] = [dict(failure) for failure in error.errors(include_url=False)]
    foreign: dict[str, list[str]] = {}
    for failure in failures:
        key = str(failure["loc"][-1]) if failure["loc"] else ""
        if failure["type"] == "missing" and key in kind.model_fields:
            failure["loc"] = (_missing(key, kind),)
        elif failure["type"] == "extra_forbidden":
            for name, other in KINDS.items():
                if key in other.keys():  # noqa: SIM118  # a method of a class, not of a mapping
                    foreign.setdefault(name, []).append(key)
    platform = kind.model_fields["platform"].default
    message = toml.faults(failures, kind.keys(), of=f"a query of {platform}")
    return "; ".join([message, *(_of_another(name, keys) for name, keys in foreign.items())])


def _of_another(platform: str, keys: list[str]) -> str:
    """Say that queries of another platform have some keys."""
    is_or_are = "is a key" if len(keys) == 1 else "are keys"
    return f"{' and '.join(keys)} {is_or_are} of queries of {platform}"


def _missing(key: str, kind: type[MetaQuery | LinkedInQuery]) -> str:
    """Return a key with the values to choose from, where they are few."""
    values = kind.model_fields[key].annotation
    return f"{key} ({', '.join(map(str, get_args(values)))})" if get_origin(values) is Literal else key
