"""Pages from their templates: one HTML file each, which opens without a network and runs no script."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2

TEMPLATES: Final = Path(__file__).with_name("templates")


def rendered(template: str, **values: Any) -> str:
    """Return the HTML of a template; a value that it names and is not given is an error, and texts are escaped.

    A number and its percent sign stay on one line.

    Examples
    --------
    >>> empty = {"files": ["<a>"], "total": 0, "apart": 0, "sections": [], "lacking": []}
    >>> html = rendered("consistency.html.j2", **empty)
    >>> html[:15], "&lt;a&gt;" in html
    ('<!doctype html>', True)
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    """Return the one environment, which compiles each template once."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _unbroken(value: Any) -> Any:
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if isinstance(value, str) else value
