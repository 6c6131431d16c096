"""Which dimensions are compositions: those of which a member has one category, if every category was counted.

A share of those in one of the categories needs all of them: of two ages out of four it would be a share of those two.
LinkedIn's lists of genders, ages and years of experience are closed and known. A dimension that is not certainly whole
has shares of all members, for everyone: quotients compare like with like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.platforms.linkedin.catalogue import AGE_RANGES, LONGEST_EXPERIENCE
from smstock.platforms.linkedin.targeting import ranges
from smstock.skills.experience import covered, years_of
from smstock.skills.shares import COMPOSITIONS
from smstock.tables import CORRIDOR_SEX_KEY
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd


def compositions(waves: Sequence[pd.DataFrame]) -> tuple[str, ...]:
    """Return the dimensions that have all of LinkedIn's categories, the same ones for everyone in every wave.

    Parameters
    ----------
    waves
        Tables of `smstock.skills.members.members`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("sex", "female"), ("sex", "male"), ("age", "18-24"), ("age", "25-34")]
    >>> table = pd.DataFrame(rows, columns=["dimension", "category"]).assign(destination="IRL", origin="SRB", sex="all")
    >>> compositions([table])
    ('sex',)
    """
    migrants = [table[table["destination"] != table["origin"]] for table in waves]
    return tuple(
        dimension
        for dimension in COMPOSITIONS
        if len(sets := _sets([table[table["dimension"] == dimension] for table in migrants])) == 1
        and _is_whole(dimension, *sets)
    )


def _sets(waves: Sequence[pd.DataFrame]) -> set[frozenset[str]]:
    """Return the sets of categories that corridors have."""
    return {frozenset(rows["category"].unique()) for table in waves for _, rows in table.groupby(CORRIDOR_SEX_KEY)}


def _is_whole(dimension: str, categories: Collection[str]) -> bool:
    """Whether categories of a dimension are several, and certainly all that LinkedIn has."""
    if len(categories) < 2:
        return False
    match dimension:
        case "sex":
            return set(categories) == {"female", "male"}
        case "age":
            return {text for category in categories for text in ranges(Ages.parse(category))} == set(AGE_RANGES)
        case _:
            return all(map(years_of, categories)) and covered(categories, 1, LONGEST_EXPERIENCE)
