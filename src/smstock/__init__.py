"""smstock estimates migrant stocks from the audiences that advertising platforms report.

The front door is :class:`smstock.Workspace`, a folder with the steps of the month as methods, and
:func:`smstock.read_official`; the command line calls the same. docs/python.md shows them at work. Nothing heavy is
imported here, so that ``import smstock`` costs milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstock.workflows.officials import read_official
    from smstock.workflows.workspace import Workspace

__version__ = "0.1.0"

__all__ = ["Workspace", "__version__", "read_official"]

_MODULES = {"Workspace": "workspace", "read_official": "officials"}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"smstock has no {name!r}; it has {', '.join(_MODULES)}")
    from importlib import import_module

    return getattr(import_module(f"smstock.workflows.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
