"""Rest.li 2.0 on the wire: how a record, a list and a URN stand in a URL, and what becomes of a URL that is too long.

Structure is literal, ``( ) : , List(``; each name and each value is percent-encoded on its own, the colons, commas and
parentheses of a URN included. Sources: Microsoft Learn, LinkedIn marketing API, audience counts; the test vectors of
linkedin-api-python-client (encoder_test.py).

A finished query is sent as it is. Handed to an HTTP library as parameters it would be encoded a second time (httpx
0.28.1 makes ``%3A`` into ``%253A``), and LinkedIn answers "Invalid query parameters passed to request".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_URL: Final = 4000
"""Characters of a URL above which its query is tunnelled."""

TUNNEL: Final = {"Content-Type": "application/x-www-form-urlencoded", "X-HTTP-Method-Override": "GET"}
"""Headers of a tunnelled query: a POST whose body is the query, to be taken for a GET."""

_DEEPEST: Final = 20
"""Levels of structure that are read; criteria have five."""


@dataclass(frozen=True)
class Call:
    """A call as it is sent: a GET of ``url``, or a POST of ``body`` with `TUNNEL` where there is one."""

    url: str
    body: bytes | None = None


def encode(value: Any) -> str:
    """Return a value as it stands in a URL: text, numbers, truth values, lists and records of them, None as nothing.

    Records keep the order of their names.

    Examples
    --------
    >>> encode({"k2": "urn:li:app:123", "k3": [1, 2], "k4": {"k41": True}})
    '(k2:urn%3Ali%3Aapp%3A123,k3:List(1,2),k4:(k41:true))'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"({','.join(f'{encode(name)}:{encode(part)}' for name, part in value.items())})"
    if isinstance(value, list | tuple):
        return f"List({','.join(map(encode, value))})"
    return _quoted(str(value))


def encode_query(parameters: Mapping[str, Any]) -> str:
    """Return the query of a URL, parameters in alphabetical order.

    Examples
    --------
    >>> encode_query({"query": "Babeș & co", "facet": "urn:li:adTargetingFacet:schools"})
    'facet=urn%3Ali%3AadTargetingFacet%3Aschools&query=Babe%C8%99%20%26%20co'
    """
    return "&".join(f"{encode(name)}={encode(parameters[name])}" for name in sorted(parameters))


def call(address: str, query: str) -> Call:
    """Return the call that sends an encoded query: in the URL up to 4,000 characters of it, tunnelled beyond.

    Examples
    --------
    >>> call("https://api.linkedin.com/rest/audienceCounts", "q=targetingCriteriaV2").body is None
    True
    >>> call("https://api.linkedin.com/rest/audienceCounts", "q=" + "a" * 4000).url
    'https://api.linkedin.com/rest/audienceCounts'
    """
    url = f"{address}?{query}"
    return Call(url) if len(url) <= LONGEST_URL else Call(address, query.encode("ascii"))


def decode(text: str) -> Any:
    """Return the value that a text encodes; every scalar comes back as text.

    Raises
    ------
    ValueError
        The text is no value of Rest.li: a structure is not closed, or something follows it.

    Examples
    --------
    >>> decode("(k2:urn%3Ali%3Aapp%3A123,k3:List(1,2),k4:(k41:foobar))")
    {'k2': 'urn:li:app:123', 'k3': ['1', '2'], 'k4': {'k41': 'foobar'}}
    """
    value, end = _value(text, 0, _DEEPEST)
    if end != len(text):
        raise ValueError(f"character {end}: {text[end : end + 20]!r} follows the value")
    return value


@lru_cache(maxsize=100_000)
def _quoted(text: str) -> str:
    """Percent-encode a text; the same thousand schools stand in each request of a query."""
    return quote(text, safe="")


def _value(text: str, start: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at a place, and where it ends."""
    if not depth:
        raise ValueError(f"character {start}: more than {_DEEPEST} levels")
    if text.startswith("List(", start):
        items: list[Any] = []
        place = start + 5
        while not text.startswith(")", place) or items:
            item, place = _value(text, place, depth - 1)
            items.append(item)
            if _closed(text, place):
                break
            place += 1
        return items, place + 1
    if text.startswith("(", start):
        record: dict[str, Any] = {}
        place = start + 1
        while not text.startswith(")", place) or record:
            name, place = _scalar(text, place)
            if not text.startswith(":", place):
                raise ValueError(f"character {place}: a name without a colon")
            record[name], place = _value(text, place + 1, depth - 1)
            if _closed(text, place):
                break
            place += 1
        return record, place + 1
    return _scalar(text, start)


def _scalar(text: str, start: int) -> tuple[str, int]:
    end = start
    while end < len(text) and text[end] not in "():,":
        end += 1
    return unquote(text[start:end]), end


def _closed(text: str, place: int) -> bool:
    """Whether a structure ends here; it goes on after a comma, and anything else is an error."""
    if text.startswith(")", place):
        return True
    if text.startswith(",", place):
        return False
    raise ValueError(f"character {place}: {text[place : place + 20]!r} where ',' or ')' is due")
