"""Which method estimates first, by its errors on corridors held out."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from smstock.models.baselines import CarryForward
from smstock.models.stack import AudienceStack, Stack, enough

if TYPE_CHECKING:
    from collections.abc import Mapping


def leading(errors: Mapping[str, float], cells: int, destinations: int) -> str:
    """Return the method that estimates first: the stack, or the last figure where there is no evidence against it.

    Carry forward leads where cells or destinations are too few, or where it errs less than the stack. Where no last
    figures are known, the stack of the audience leads. Without a stack, the method of least RMSLE does.

    Parameters
    ----------
    errors
        RMSLE by method, on the cells of all.
    cells, destinations
        How many these are, and of how many destinations (`smstock.models.stack.enough`).

    Examples
    --------
    >>> errors = {"carry_forward": 0.4, "log_ratio": 0.3}
    >>> leading(errors, 31, 31), leading(errors, 4, 4), leading(errors | {"stack": 0.31}, 31, 31)
    ('log_ratio', 'carry_forward', 'stack')
    >>> leading(errors | {"stack": 0.41}, 31, 31), leading({"log_linear": 1.0, "audience_stack": 1.1}, 31, 31)
    ('carry_forward', 'audience_stack')
    """
    carried = errors.get(CarryForward.name, inf)
    if carried < inf and (not enough(cells, destinations) or carried < errors.get(Stack.name, 0.0)):
        return CarryForward.name
    for stack in (Stack, AudienceStack):
        if stack.name in errors and (stack is Stack or carried == inf):
            return stack.name
    return min(errors, key=lambda name: errors[name], default="")
