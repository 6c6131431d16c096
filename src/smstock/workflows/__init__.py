"""Each step of the month as a function; `smstock.Workspace` has them as methods, and is the front door.

>>> from smstock import workflows
>>> workflows.plan.__name__
'plan'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstock.workflows.backtesting import backtest
    from smstock.workflows.calibration import calibrate
    from smstock.workflows.collection import collect
    from smstock.workflows.month import run_month
    from smstock.workflows.nowcasting import nowcast
    from smstock.workflows.planning import plan
    from smstock.workflows.skills import skill_profile

__all__ = ["backtest", "calibrate", "collect", "nowcast", "plan", "run_month", "skill_profile"]

_MODULES = {
    "backtest": "backtesting",
    "calibrate": "calibration",
    "collect": "collection",
    "nowcast": "nowcasting",
    "plan": "planning",
    "run_month": "month",
    "skill_profile": "skills",
}


def __getattr__(name: str) -> object:
    """Import a step when it is first used, so that no step pays for another one's imports."""
    if name not in _MODULES:
        raise AttributeError(f"smstock.workflows has no {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(f"smstock.workflows.{_MODULES[name]}"), name)
