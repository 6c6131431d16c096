"""The query file: which audiences to ask for, written in TOML, checked before anything is asked.

A query is one of Meta or one of LinkedIn, as its key ``platform`` says. `smstock.query.base` has the keys of both,
`smstock.query.meta` and `smstock.query.linkedin` those of each, with an example.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args, get_origin

from pydantic import ValidationError

from smstock import toml
from smstock.errors import InputError, QueryError, shown
from smstock.query.linkedin import LinkedInQuery
from smstock.query.meta import MetaQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

QuerySpec: TypeAlias = MetaQuery | LinkedInQuery
"""What to collect: every audience that a query file asks for."""

KINDS: Final[dict[str, type[MetaQuery | LinkedInQuery]]] = {"linkedin": LinkedInQuery, "meta": MetaQuery}
"""The queries of each platform."""

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
        every failure is listed with its key.

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

    Examples
    --------
    >>> query = specify({"name": "q", "platform": "meta", "origins": ["SRB"], "destinations": ["AUT"], "ages": "18+"})
    >>> specify(query.model_dump()) == query
    True
    """
    kind = _kind(content, where)
    try:
        return kind.model_validate(kind.complete(dict(content), folder))
    except ValidationError as error:
        raise QueryError(_failures(error, kind), where=where, hint=_HINT) from None
    except InputError as error:
        raise QueryError(
            error.what,
            where=f"{where}{f': {error.where}' if error.where else ''}",
            allowed=error.allowed,
            hint=error.hint or _HINT,
        ) from None


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
    """Say every failure in words; keys that do not exist together, with those that do."""
    failures = error.errors(include_url=False)
    unknown = [_place(failure["loc"]) for failure in failures if failure["type"] == "extra_forbidden"]
    missing = [_missing(_place(failure["loc"]), kind) for failure in failures if failure["type"] == "missing"]
    wrong: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        if failure["type"] not in ("extra_forbidden", "missing"):
            # a value that fits none of several kinds fails once for each
            wrong.setdefault((_place(failure["loc"]), repr(failure["input"])), []).append(_remedy(failure))
    messages = [f"{place}: {' or '.join(remedies)} (it is {value})" for (place, value), remedies in wrong.items()]
    if missing:
        messages.append(f"missing: {', '.join(missing)}")
    if unknown:
        nearest = [near for key in unknown for near in get_close_matches(key, kind.keys(), n=1, cutoff=0.8)]
        meant = f"did you mean {' and '.join(nearest)}? " if nearest else ""
        platform = kind.model_fields["platform"].default
        messages.append(
            f"no such key: {', '.join(unknown)} ({meant}a query of {platform} has {', '.join(kind.keys())})"
        )
    return "; ".join(messages)


def _missing(key: str, kind: type[MetaQuery | LinkedInQuery]) -> str:
    """Return a key with the values to choose from, where they are few."""
    values = kind.model_fields[key].annotation
    return f"{key} ({', '.join(map(str, get_args(values)))})" if get_origin(values) is Literal else key


def _remedy(failure: ErrorDetails) -> str:
    match failure["type"]:
        case "literal_error":
            return str(failure["ctx"]["expected"])
        case "tuple_type":
            return "a list, in brackets"
        case _:
            return failure["msg"]


def _place(location: tuple[int | str, ...]) -> str:
    """Return where a failure is, without the kinds that were tried there."""
    return ".".join(str(part) for part in location if not str(part).startswith("literal["))
