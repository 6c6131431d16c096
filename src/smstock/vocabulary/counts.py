"""A count and its noun."""

from __future__ import annotations


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "corridor"), plural(1564, "corridor"), plural(2, "country", "countries")
    ('1 corridor', '1,564 corridors', '2 countries')
    """
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
