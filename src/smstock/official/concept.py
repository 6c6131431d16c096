"""The concept of a stock: whom it counts. Two concepts, or two editions, are never mixed silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd


def single_concept(stock: pd.DataFrame, *, allowed: Collection[str] = ()) -> pd.DataFrame:
    """Return ``stock`` unchanged if it holds one concept and one edition of each data set.

    The same corridor differs up to threefold between the foreign-born and foreign citizens, and editions of one data
    set revise each other, so a sum or a fit over both needs somebody's decision.

    Parameters
    ----------
    stock
        A stock table.
    allowed
        Concepts the caller asked for by name; the table may hold any of them, and no other. Empty: any one concept.

    Raises
    ------
    ContractError
        The table holds several concepts, or one that was not asked for, or two editions of one data set. The message
        counts the corridors of each and says what to write in the calibration file.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"provider": "undesa", "dataset": "ims", "edition": "2020", "origin": "SRB",
    ...         "destination": ["DEU", "CHE", "AUT"], "concept": ["birth", "birth", "citizenship"]}
    >>> len(single_concept(pd.DataFrame(rows), allowed=["birth", "citizenship"]))
    3
    >>> single_concept(pd.DataFrame(rows))
    Traceback (most recent call last):
    smstock.errors.ContractError: the stock table mixes concepts: birth (2 corridors), citizenship (1 corridor)
      allowed: one concept, or those named
      next:    to use them together, write concepts = ["birth", "citizenship"] in the calibration file
    """
    concepts = _corridors(stock, "concept")
    if len(concepts) > 1 and not allowed:
        raise ContractError(
            f"the stock table mixes concepts: {_counted(concepts)}",
            allowed="one concept, or those named",
            hint=f"to use them together, write {_entry(concepts)} in the calibration file",
        )
    if allowed and not set(concepts) <= set(allowed):
        raise ContractError(
            f"the stock table holds concepts that were not asked for: {_counted(concepts)}",
            allowed=", ".join(allowed),
            hint=f"write {_entry(concepts)} in the calibration file, or leave the others out of the table",
        )
    for (provider, dataset), part in stock.groupby(["provider", "dataset"], sort=False):
        editions = _corridors(part, "edition")
        if len(editions) > 1:
            choices = " or ".join(f'edition = "{edition}"' for edition in editions)
            raise ContractError(
                f"the stock table mixes editions of {provider} {dataset}: {_counted(editions)}",
                allowed="one edition of a data set",
                hint=f"write {choices} in the calibration file",
            )
    return stock


def _corridors(stock: pd.DataFrame, column: str) -> dict[str, int]:
    """Return the number of corridors for each value of a column, sorted by value."""
    pairs = stock[[column, "destination", "origin"]].drop_duplicates()
    return {str(value): int(count) for value, count in pairs[column].value_counts().sort_index().items()}


def _counted(corridors: dict[str, int]) -> str:
    return ", ".join(f"{value} ({count} corridor{'s' if count != 1 else ''})" for value, count in corridors.items())


def _entry(concepts: dict[str, int]) -> str:
    quoted = ", ".join(f'"{concept}"' for concept in concepts)
    return f"concepts = [{quoted}]"
