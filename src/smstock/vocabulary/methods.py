"""Names of methods as they are said: the one place where a name becomes words."""

from __future__ import annotations


def in_words(method: str) -> str:
    """Return the name of a method as it is said.

    Examples
    --------
    >>> in_words("carry_forward")
    'carry forward'
    """
    return method.replace("_", " ")
