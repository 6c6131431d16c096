"""The platforms smstock knows, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from smstock.platforms.base import Platform

NAMES = ("meta",)


def platform(name: str) -> Platform:
    """Return a platform by name; raise `UnknownNameError` for one smstock does not know.

    Examples
    --------
    >>> platform("meta").metrics
    ('mau', 'dau')
    """
    if name == "meta":
        from smstock.platforms.meta.platform import META

        return META
    raise UnknownNameError(f"unknown platform {name!r}", allowed=", ".join(NAMES))
