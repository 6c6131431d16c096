"""Values that Python or JSON wrote into a field: dictionaries, bodies of answers, numbers, times; bounded, no guess."""

from __future__ import annotations

import ast
import json
import re
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from smstock.errors import shown
from smstock.vocabulary.dates import instant, instant_of_timestamp

LONGEST: Final = 200_000
"""Characters of a literal of Python at most."""

_FAULTS: Final = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)
_NUMBER: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?(?:[eE]\+?\d{1,2})?")
_THOUSANDS: Final = re.compile(r"-?\d{1,3}\.\d{3}")
"""34.000 is 34 to some and 34,000 to others."""
_DIGITS: Final = re.compile(r"\d+")
_UNIX: Final = re.compile(r"\d{1,15}(?:\.\d{1,15})?")
"""In full: of 1.6E+09 a spreadsheet has cut the digits that tell the month."""
_SECONDS: Final = (1_104_537_600, 4_102_444_800)
"""Unix seconds of 2005 and of 2100: another number is no time of a collection."""
_PYTHON_TEXT: Final = re.compile(r"""[bBuU]?(['"])""")


class UnreadableError(ValueError):
    """A field holds something else than it should; the text says what."""


def _python(text: str) -> Any:
    if len(text) > LONGEST:
        raise UnreadableError(f"has {len(text):,} characters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _value(ast.parse(text.strip(), mode="eval").body)
        except UnreadableError:
            raise
        except _FAULTS:
            raise UnreadableError(f"is {shown(repr(text[:60]))}") from None


def _value(node: ast.expr) -> Any:
    """Return the value of a literal: a constant, or a list or dictionary of such."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            names = [_value(key) for key in keys if key is not None]
            _require_once(names)
            return dict(zip(names, map(_value, values), strict=True))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    raise ValueError("no literal")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _require_once([name for name, _ in pairs])
    return dict(pairs)


def _require_once(names: list[Any]) -> None:
    """Refuse a dictionary that names a key twice: nobody can say which of the two was asked."""
    once = set(names)
    if len(once) < len(names):
        twice = next(name for name in once if names.count(name) > 1)
        raise UnreadableError(f"names {shown(repr(twice))} twice")


def dictionary(text: str) -> dict[str, Any]:
    """Return the dictionary of a field, in JSON or as Python writes it.

    Raises
    ------
    UnreadableError
        It is none, or holds what JSON cannot say.

    Examples
    --------
    >>> dictionary("{u'genders': [1], 'age_max': None}") == dictionary('{"genders": [1], "age_max": null}')
    True
    """
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except UnreadableError:
        raise
    except (ValueError, RecursionError):
        value = _python(text)
    try:
        # a tuple becomes a list, and what is no JSON (a set, bytes) is refused
        value = json.loads(json.dumps(value, allow_nan=False))
    except (*_FAULTS, OverflowError):
        value = None
    if not isinstance(value, dict):
        raise UnreadableError(f"is {shown(repr(text[:60]))}")
    _require_ids(value)
    return value


def _require_ids(part: Any) -> None:
    """Refuse the id of a category that a spreadsheet turned into a number with an exponent or a fraction."""
    if isinstance(part, dict):
        number = part.get("id")
        if isinstance(number, float) or (isinstance(number, str) and not _DIGITS.fullmatch(number)):
            raise UnreadableError(f"names the id {shown(number)}, whose digits are lost")
        part = [*part.values()]
    if isinstance(part, list):
        for inner in part:
            _require_ids(inner)


def body(text: str) -> bytes:
    r"""Return the body of an answer that a field holds: as it is, as Python shows bytes or a text, or a dictionary.

    Raises
    ------
    UnreadableError
        It holds no body of an answer.

    Examples
    --------
    >>> body("b'{\"data\":[]}'"), body('{"data":[]}'), body("{'data': []}")
    (b'{"data":[]}', b'{"data":[]}', b'{"data":[]}')
    """
    if _PYTHON_TEXT.match(text):
        value = _python(text)
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        if not text.startswith("{'"):
            raise UnreadableError(f"is {shown(repr(text[:60]))}") from None
        decoded = dictionary(text)
        text = json.dumps(decoded, separators=(",", ":"))
    if not isinstance(decoded, dict):
        raise UnreadableError(f"is {shown(repr(text[:60]))}")
    return text.encode(errors="replace")


def whole(text: str) -> int:
    """Return a whole number; of the ways to write one also R's ``1e+05`` and pandas' ``34000.0``.

    Raises
    ------
    UnreadableError
        It is no whole number, or written in a way that could be another one.

    Examples
    --------
    >>> whole("34000.0"), whole("1e+05"), whole("-1")
    (34000, 100000, -1)
    """
    number = Decimal(text) if _NUMBER.fullmatch(text) and not _THOUSANDS.fullmatch(text) else None
    if number is None or number != int(number):
        raise UnreadableError(f"is {shown(repr(text[:60]))}, no whole number")
    return int(number)


def moment(text: str, *, naive_is_utc: bool = False) -> str:
    """Return a time as ISO 8601 in UTC: from Unix seconds, or a date and time with its zone; empty for no text.

    Parameters
    ----------
    text
        The field.
    naive_is_utc
        Whether a date and time without a zone is in UTC, as the column says.

    Raises
    ------
    UnreadableError
        It is no time of a collection, or nobody can say of which zone.

    Examples
    --------
    >>> moment("1601872407"), moment("2024-05-04 10:00:00 UTC"), moment("")
    ('2020-10-05T04:33:27Z', '2024-05-04T10:00:00Z', '')
    """
    if not text:
        return ""
    if _NUMBER.fullmatch(text):
        seconds = float(Decimal(text))
        if _UNIX.fullmatch(text) and _SECONDS[0] <= seconds < _SECONDS[1]:
            return instant_of_timestamp(seconds)
        raise UnreadableError(f"is {shown(text)}, no Unix time of a collection")
    try:
        time = datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", text))
    except ValueError:
        raise UnreadableError(f"is {shown(repr(text[:60]))}, no time") from None
    if time.tzinfo is None:
        if not naive_is_utc:
            raise UnreadableError(f"is {shown(repr(text[:60]))}, of no time zone")
        time = time.replace(tzinfo=UTC)
    return instant(time)
