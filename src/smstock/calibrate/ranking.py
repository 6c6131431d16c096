"""The order of the methods of a calibration: a corridor is estimated by the first one that it has the data for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.evaluate.leading import leading
from smstock.models.stack import STACKS, Stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.models.base import Method


def ranked(
    errors: Mapping[str, float], methods: Mapping[str, Method], cells: int, destinations: int
) -> tuple[str, ...]:
    """Return the methods in order.

    A stack comes before any other method that does with as little. A stack of one member is that member. All others
    follow by their error, but for the one that leads (`smstock.evaluate.leading.leading`).

    Parameters
    ----------
    errors
        Cross-validated RMSLE by method, on the cells of all.
    methods
        The fitted methods by name, stacks among them.
    cells, destinations
        How many cells these are, and of how many destinations (`smstock.evaluate.leading.leading`).

    Examples
    --------
    >>> from smstock.models.baselines import CarryForward, ConstantRatio, RawAudience
    >>> from smstock.models.stack import AudienceStack
    >>> methods = {method.name: method() for method in (CarryForward, ConstantRatio, RawAudience)}
    >>> errors = {"carry_forward": 0.4, "constant_ratio": 0.5, "raw_audience": 0.6, "stack": 0.39}
    >>> errors["audience_stack"] = 0.5
    >>> stack = Stack({"carry_forward": 0.6, "log_ratio": 0.4}, {})
    >>> ranked(errors, methods | {"stack": stack}, 31, 31)
    ('stack', 'carry_forward', 'constant_ratio', 'raw_audience')
    >>> ranked(errors, methods | {"audience_stack": AudienceStack({"raw_audience": 1.0}, {})}, 31, 31)
    ('carry_forward', 'raw_audience', 'constant_ratio')
    """
    names = [name for name, method in methods.items() if not isinstance(method, Stack)]
    names.sort(key=lambda name: errors[name])
    leaders = {}
    for kind in reversed(STACKS):
        stack = methods.get(kind.name)
        if isinstance(stack, Stack):
            leader = next(iter(stack.weights)) if len(stack.weights) == 1 else kind.name
            names = [name for name in names if name != leader]
            place = next((place for place, name in enumerate(names) if kind.admits(type(methods[name]))), len(names))
            names.insert(place, leader)
            leaders[kind.name] = leader
    first = leading({name: errors[name] for name in methods if name in errors}, cells, destinations)
    first = leaders.get(first, first)
    return (first, *(name for name in names if name != first)) if first else tuple(names)
