"""TOML files that people write: one reader for all of them, and one tone of error. Standard library only."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from smstock import files
from smstock.errors import meant, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from smstock.errors import SmstockError

LONGEST_KEY: Final = 64
"""Characters of a key, at most; a name of one's own, as of a job, is a key too."""

LARGEST: Final = 1 << 20
"""Bytes of a file, at most."""

DEEPEST: Final = 32
"""Tables and lists that lie in each other, at most."""

# reading a key of n parts takes n² steps, so that it is refused before it is read
_PART: Final = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_PATH: Final = re.compile(rf"(?<![\w-]){_PART}(?:\.[ \t]*+{_PART}){{{DEEPEST},}}")


_KINDS: Final = {
    "bool": "true or false",
    "dict": "a table",
    "finite": "a finite number",
    "float": "a number",
    "int": "a whole number",
    "list": "a list, in brackets",
    "model": "a table",
    "path": "a path, in quotes",
    "string": "a text, in quotes",
    "tuple": "a list, in brackets",
}
"""What a value should be, by the first word of the type of pydantic's failure."""

_LIMITS: Final = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "literal_error": "{expected}",
    "too_long": "{max_length} at most",
    "too_short": "{min_length} at least",
    "value_error": "{error}",
}
"""What a value should be, by the type of pydantic's failure."""

_KIND_TRIED: Final = re.compile(r"str|\w+\[.*\]")
_TOKEN: Final = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{20,}")
_QUOTED: Final = re.compile(r"'[^']{20,}'")


def read(
    path: Path, refusal: type[SmstockError], *, hint: str = "mend the line named", longest_key: int = LONGEST_KEY
) -> dict[str, Any]:
    """Return the content of a TOML file; a date is its ISO text.

    Parameters
    ----------
    path
        The file.
    refusal
        The error to raise.
    hint
        What to do where there is no such file.
    longest_key
        Characters of a key, at most.

    Raises
    ------
    refusal
        The file is missing, no regular file or too large, is no UTF-8 text or no TOML.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.errors import QueryError
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "q.toml").write_text("day = 2020-07-01")
    ...     read(Path(place, "q.toml"), QueryError)
    {'day': '2020-07-01'}
    """
    try:
        content = files.content(path, LARGEST, refusal, hint=hint)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise refusal(f"{shown(path)} cannot be read: {reason}", hint=hint) from None
    return parse(content, refusal, where=str(path), longest_key=longest_key)


def parse(
    text: str | bytes, refusal: type[SmstockError], *, where: str, longest_key: int = LONGEST_KEY
) -> dict[str, Any]:
    """Return the content of a TOML text, or of the bytes of a file; a date is its ISO text.

    Raises
    ------
    refusal
        The bytes are no UTF-8, the text is larger than `LARGEST`, no TOML or nested deeper than `DEEPEST`, or a key is
        too long to be one or has the form of a token: a message never repeats a secret that was pasted in the wrong
        place.

    Examples
    --------
    >>> from smstock.errors import QueryError
    >>> parse("day = 2020-07-01", QueryError, where="q.toml")
    {'day': '2020-07-01'}
    >>> parse("day = ", QueryError, where="q.toml")
    Traceback (most recent call last):
        ...
    smstock.errors.QueryError: q.toml cannot be read: not valid TOML: Invalid value (at end of document)
      next:    mend the line named
    >>> parse("EAAB0123456789abcdefghij = 1", QueryError, where="q.toml")
    Traceback (most recent call last):
        ...
    smstock.errors.QueryError: q.toml has a key that is none: EAAB… (24 characters)
      allowed: keys of at most 64 characters that do not look like a token
      next:    take it out; a token belongs into the file of credentials, as a value
    """
    if len(text) > LARGEST:
        raise files.too_large(where, LARGEST, refusal)
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        if _LONG_PATH.search(decoded):
            raise _too_deep(where, refusal)
        loaded = tomllib.loads(decoded)
    except UnicodeDecodeError:
        raise refusal(f"{where} cannot be read: it is no UTF-8 text", hint="save it as UTF-8") from None
    except RecursionError:
        raise _too_deep(where, refusal) from None
    except ValueError as error:  # a number of too many digits is a plain one
        mistake = _QUOTED.sub("'***'", str(error))  # what is quoted may be a secret
        raise refusal(f"{where} cannot be read: not valid TOML: {mistake}", hint="mend the line named") from None
    if _depth(loaded) > DEEPEST:
        raise _too_deep(where, refusal)
    content: dict[str, Any] = _with_texts(loaded)
    for key in _keys(content):
        if len(key) > longest_key or _TOKEN.search(key):
            raise refusal(
                f"{where} has a key that is none: {key[:4]}… ({len(key):,} characters)",
                allowed=f"keys of at most {longest_key} characters that do not look like a token",
                hint="take it out; a token belongs into the file of credentials, as a value",
            )
    return content


def _too_deep(where: str, refusal: type[SmstockError]) -> SmstockError:
    return refusal(
        f"{where} cannot be read: nested too deeply",
        allowed=f"{DEEPEST} tables and lists in each other at most",
        hint="mend the line with many brackets or points",
    )


def _depth(content: object) -> int:
    """Return how many tables and lists lie in each other; no further than is needed to know that they are too many."""
    level, layer = 0, [content]
    while layer and level <= DEEPEST:
        tables = [entry for entry in layer if isinstance(entry, dict | list)]
        layer = [part for entry in tables for part in (entry.values() if isinstance(entry, dict) else entry)]
        level += bool(tables)
    return level


def faults(failures: Iterable[Mapping[str, Any]], keys: Collection[str], *, of: str) -> str:
    """Return in one line what is wrong with the content of a file, from the failures that pydantic lists.

    Parameters
    ----------
    failures
        ``errors()`` of pydantic's error.
    keys
        The keys that the file may have.
    of
        What has these keys, with an article.

    Examples
    --------
    >>> failure = {"type": "string_type", "loc": ("ages",), "input": 18, "msg": "Input should be a valid string"}
    >>> faults([failure, {"type": "extra_forbidden", "loc": ("age",), "input": 1}], ["ages", "name"], of="a query")
    'ages: a text, in quotes (it is 18); no such key: age (did you mean ages? a query has ages, name)'
    """
    missing: list[str] = []
    unknown: list[str] = []
    remedies_by_value: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        # where a value may be of several kinds, the place names the kind that was tried, such as list[str]
        place = ".".join(str(part) for part in failure["loc"] if not _KIND_TRIED.fullmatch(str(part)))
        match failure["type"]:
            case "missing":
                missing.append(place)
            case "extra_forbidden" | "unexpected_keyword_argument":
                unknown.append(place)
            case _:
                # a value that fits none of several kinds fails once for each
                value = shown(repr(failure["input"])) if place else ""
                remedies_by_value.setdefault((place, value), []).append(_remedy(failure))
    messages = [
        f"{place}: {' or '.join(remedies)} (it is {value})" if place else " or ".join(remedies)
        for (place, value), remedies in remedies_by_value.items()
    ]
    if missing:
        messages.append(f"missing: {', '.join(missing)}")
    if unknown:
        questions = [question for key in unknown if (question := meant(key.rpartition(".")[2], keys))]
        messages.append(f"no such key: {', '.join(unknown)} ({' '.join([*questions, of])} has {', '.join(keys)})")
    return "; ".join(messages)


def _remedy(failure: Mapping[str, Any]) -> str:
    """Return what a value should be, in the words of smstock."""
    limits, kind = failure.get("ctx", {}), failure["type"]
    if kind == "too_short" and limits["min_length"] == 1:
        return "one at least"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**limits)
    return _KINDS.get(kind.partition("_")[0]) or "a value of another kind"


def _keys(content: object) -> Iterator[str]:
    """Yield the keys of a value at any depth."""
    if isinstance(content, dict):
        yield from content
    entries = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for entry in entries:
        yield from _keys(entry)


def _with_texts(value: Any) -> Any:
    """Return a value with every date, at any depth, as its ISO text."""
    match value:
        case dict():
            return {name: _with_texts(entry) for name, entry in value.items()}
        case list():
            return [_with_texts(entry) for entry in value]
        case date():
            return value.isoformat()
        case _:
            return value
