"""What is damaged of a provider's answer in JSON, in the words of smstock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock import toml

if TYPE_CHECKING:
    from pydantic import ValidationError


def misfits(error: ValidationError) -> str:
    """Return what is wrong with the parts of an answer in JSON: place, what belongs there, and what stands there.

    The first three are told.

    Examples
    --------
    >>> from pydantic import TypeAdapter, ValidationError
    >>> try:
    ...     TypeAdapter(list[dict[str, float | None]]).validate_python([{"DEU": "x"}])
    ... except ValidationError as error:
    ...     print(misfits(error))
    0.DEU: a number (it is 'x')
    """
    return toml.faults(error.errors(include_url=False)[:3], (), of="an answer")
