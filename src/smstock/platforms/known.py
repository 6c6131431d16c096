"""The platforms smstock knows, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smstock.platforms.base import Platform, Source

NAMES = ("linkedin", "meta")


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
    if name == "linkedin":
        from smstock.platforms.linkedin.platform import LINKEDIN

        return LINKEDIN
    raise UnknownNameError(f"unknown platform {name!r}", allowed=", ".join(NAMES))


def connect(name: str, environment: Mapping[str, str], home: Path, *, patience: float) -> Source:
    """Return a live platform for the credentials of a user.

    Parameters
    ----------
    name
        The platform.
    environment, home
        Where credentials are looked for: variables, and the user's home folder.
    patience
        Seconds that a run may wait for quota.

    Raises
    ------
    CredentialError
        There is no credential; the message lists every place looked at.
    """
    platform(name)
    if name == "linkedin":
        from smstock.platforms.linkedin.live import LiveLinkedIn

        return LiveLinkedIn.connect(environment, home, patience=patience)
    from smstock.platforms.meta.live import LiveMeta

    return LiveMeta.connect(environment, home, patience=patience)
