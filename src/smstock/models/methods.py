"""The methods, in the order of the printed table."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from smstock.errors import UnknownNameError, meant
from smstock.models.baselines import CarryForward, ConstantRatio, OriginRatio, RawAudience
from smstock.models.fusion.method import Fusion
from smstock.models.hierarchical import Hierarchical, HierarchicalGravity, HierarchicalUpdate
from smstock.models.loglinear import LogLinear, LogRatio
from smstock.models.penetration import Penetration, PenetrationLower, PenetrationUpper
from smstock.models.stack import STACKS
from smstock.models.trend import DampedTrend, FixedDampedTrend, Minora, MovingAverage, Trend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from smstock.models.base import Method

METHODS: Final[tuple[type[Method], ...]] = (
    CarryForward,
    Trend,
    FixedDampedTrend,
    DampedTrend,
    MovingAverage,
    Minora,
    RawAudience,
    ConstantRatio,
    OriginRatio,
    Penetration,
    PenetrationLower,
    PenetrationUpper,
    LogLinear,
    LogRatio,
    Hierarchical,
    HierarchicalGravity,
    HierarchicalUpdate,
)

SERIES: Final[tuple[type[Method], ...]] = (
    CarryForward,
    Trend,
    FixedDampedTrend,
    DampedTrend,
    MovingAverage,
    Minora,
    Fusion,
)
"""Methods that continue an official series: the candidates for registers (`smstock.calibrate.register_choice`)."""

OVER_TIME: Final[tuple[type[Method], ...]] = (Fusion,)
"""Methods of whole series, fitted anew from every vintage: back-tested, not held by a calibration."""


def method(name: str) -> type[Method]:
    """Return a method by name; raise `UnknownNameError` listing the names there are.

    Examples
    --------
    >>> method("log_linear").source
    'Zagheni, Weber and Gummadi 2017'
    """
    offered: tuple[type[Method], ...] = (*METHODS, *STACKS)
    for known in offered:
        if known.name == name:
            return known
    names = [known.name for known in METHODS]
    raise UnknownNameError(f"unknown method {name!r}", allowed=", ".join(names), hint=meant(name, names))


def restored(name: str, parameters: Mapping[str, Any]) -> Method:
    """Return a fitted method from the parameters that `Method.parameters` gave; members of a stack are restored too.

    Raises
    ------
    UnknownNameError
        smstock has no method of that name.
    ValueError
        The parameters are not the fields of the method.

    Examples
    --------
    >>> restored("carry_forward", {}).name
    'carry_forward'
    """
    for stack in STACKS:
        if stack.name == name:
            members = {member: restored(member, fitted) for member, fitted in parameters["members"].items()}
            return stack(parameters["weights"], members)
    fitted: Method = TypeAdapter(method(name)).validate_python(parameters)
    return fitted


def libraries(names: Iterable[str]) -> set[str]:
    """Return the libraries that methods of some names compute with.

    Examples
    --------
    >>> sorted(libraries(["carry_forward", "hierarchical"]))
    ['numpy', 'pandas', 'scipy']
    """
    chosen = frozenset(names)
    known: tuple[type[Method], ...] = (*METHODS, *OVER_TIME, *STACKS)
    return {library for method in known if method.name in chosen for library in method.libraries}


def columns() -> tuple[str, ...]:
    """Return every column of the corridor table that a method needs or uses, as the methods state them.

    Examples
    --------
    >>> columns()[:2]
    ('official_last', 'official_growth')
    """
    return tuple(dict.fromkeys(column for method in METHODS for column in (*method.needs, *method.uses)))


def lacking(corridors: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that methods need or use and a corridor table lacks, or has without a single value.

    Examples
    --------
    >>> import pandas as pd
    >>> stated = pd.DataFrame({column.replace("*", "18_24"): [1.0] for column in columns()})
    >>> lacking(stated), lacking(stated.assign(audience_daily=None).drop(columns="share_age_18_24"))
    ((), ('audience_daily', 'share_age_*'))
    """
    held = [name for name in corridors.columns if (corridors[name].notna() & (corridors[name] != "")).any()]
    return tuple(column for column in columns() if not any(fnmatchcase(name, column) for name in held))
