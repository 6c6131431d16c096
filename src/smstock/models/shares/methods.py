"""The methods of shares by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from smstock.errors import UnknownNameError
from smstock.models.shares.log_ratio import LogRatioShares
from smstock.models.shares.rivals import AudienceShares, EqualPenetration, GroupShares, OfficialShares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.models.shares.base import ShareMethod

SHARE_METHODS: Final[tuple[type[ShareMethod], ...]] = (
    LogRatioShares,
    OfficialShares,
    EqualPenetration,
    AudienceShares,
)
"""Every method of shares by sex and age; of equals the first one is chosen."""
EDUCATION_METHODS: Final[tuple[type[ShareMethod], ...]] = (*SHARE_METHODS, GroupShares)
"""Those of shares by education, where figures of a group of origins may stand in."""


def restored(name: str, parameters: Mapping[str, Any]) -> ShareMethod:
    """Return a fitted method from the parameters that `ShareMethod.parameters` gave.

    Raises
    ------
    UnknownNameError
        smstock has no method of that name.
    ValueError
        The parameters are not the fields of the method.

    Examples
    --------
    >>> restored("official_shares", {"usual": {"": (0.5, 0.5)}}).name
    'official_shares'
    """
    for method in EDUCATION_METHODS:
        if method.name == name:
            fitted: ShareMethod = TypeAdapter(method).validate_python(parameters)
            return fitted
    raise UnknownNameError(
        f"unknown method of shares {name!r}", allowed=", ".join(method.name for method in EDUCATION_METHODS)
    )
