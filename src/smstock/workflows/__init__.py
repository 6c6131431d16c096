"""The library's front door: each step of the month as a function that Python users call as well.

>>> from smstock import workflows
>>> workflows.plan.__module__
'smstock.workflows.plan'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstock.workflows.calibrate import calibrate
    from smstock.workflows.collect import collect
    from smstock.workflows.nowcast import nowcast
    from smstock.workflows.plan import plan
    from smstock.workflows.run import run

__all__ = ["calibrate", "collect", "nowcast", "plan", "run"]


def __getattr__(name: str) -> object:
    """Import a step when it is first used, so that no step pays for another one's imports."""
    if name not in __all__:
        raise AttributeError(f"smstock.workflows has no {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(f"smstock.workflows.{name}"), name)
