"""The platforms smstock knows, by name."""

from __future__ import annotations

from collections import UserDict
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from smstock.platforms.base import Platform


def _linkedin() -> Platform[Any]:
    from smstock.platforms.linkedin.platform import LINKEDIN

    return LINKEDIN


def _meta() -> Platform[Any]:
    from smstock.platforms.meta.platform import META

    return META


class _Platforms(UserDict[str, Any]):
    """Platforms by name; one is loaded when it is first looked up, as a query names one only."""

    def __getitem__(self, name: str) -> Platform[Any]:
        load = {"linkedin": _linkedin, "meta": _meta}
        if self.data[name] is None:
            self.data[name] = load[name]()
        record: Platform[Any] = self.data[name]
        return record


PLATFORMS: Final = _Platforms(linkedin=None, meta=None)
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
