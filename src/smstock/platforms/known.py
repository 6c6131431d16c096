"""The platforms smstock knows, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.errors import UnknownNameError
from smstock.platforms.linkedin.platform import LINKEDIN
from smstock.platforms.meta.platform import META

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.platforms.base import Platform

PLATFORMS: Final[Mapping[str, Platform[Any]]] = {record.name: record for record in (LINKEDIN, META)}
"""Every platform."""


def platform(name: str) -> Platform[Any]:
    """Return a platform by name; raise `UnknownNameError` for one smstock does not know.

    Examples
    --------
    >>> platform("meta").metrics
    ('mau', 'dau')
    """
    if name not in PLATFORMS:
        raise UnknownNameError(f"unknown platform {name!r}", allowed=", ".join(PLATFORMS))
    return PLATFORMS[name]
