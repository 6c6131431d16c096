"""TOML files that people write: one reader for all of them, and one tone of error. Standard library only."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.errors import SmstockError


def read(path: Path, refusal: type[SmstockError], *, hint: str = "mend the line named") -> dict[str, Any]:
    """Return the content of a TOML file; a date is its ISO text.

    Parameters
    ----------
    path
        The file.
    refusal
        The error to raise.
    hint
        What to do where there is no such file.

    Raises
    ------
    refusal
        The file is missing, is no UTF-8 text or no TOML.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise refusal(f"{path} cannot be read: {reason}", hint=hint) from None
    return parse(content, refusal, where=str(path))


def parse(text: str | bytes, refusal: type[SmstockError], *, where: str) -> dict[str, Any]:
    """Return the content of a TOML text, or of the bytes of a file; a date is its ISO text.

    Raises
    ------
    refusal
        The bytes are no UTF-8, or the text is no TOML or nested deeper than Python can follow.

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
    """
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        content: dict[str, Any] = _with_texts(tomllib.loads(decoded))
    except UnicodeDecodeError:
        raise refusal(f"{where} cannot be read: it is no UTF-8 text", hint="save it as UTF-8") from None
    except (ValueError, RecursionError) as error:  # a number of too many digits is a plain ValueError
        reason = "nested too deeply" if isinstance(error, RecursionError) else f"not valid TOML: {error}"
        raise refusal(f"{where} cannot be read: {reason}", hint="mend the line named") from None
    return content


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
