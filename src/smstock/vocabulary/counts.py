"""A count and its noun, and how many times a number is another one."""

from __future__ import annotations


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "corridor"), plural(1564, "corridor"), plural(2, "country", "countries")
    ('1 corridor', '1,564 corridors', '2 countries')
    """
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def multiple(factor: float) -> str:
    """Return a factor to two digits, without an exponent.

    Examples
    --------
    >>> multiple(123.4), multiple(1234.5), multiple(0.0456)
    ('120', '1,200', '0.046')
    """
    return f"{float(f'{factor:.2g}'):,g}"
