"""Estimates beside counts that nothing learnt enters: accounts, emigrants and immigrants.

A file in other units teaches methods that agree with it: its estimates look right beside its figures. Accounts, and
how many people left or came, do not. The limits are beyond what real data show: over UN DESA's stocks and the
audiences of April 2019 accounts were 0.6 times the persons in all, in the European Union of 2018 1.0 times; estimates
added up to 0.9 times all emigrants of an origin, and 1.1 times all immigrants of a destination, at most.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from smstock.nowcast.contradictions import LEAST
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.counts import multiple

MORE_THAN_ALL: Final = 1.1
"""Most of all emigrants of the origin, or immigrants of the destination, that one corridor may hold without doubt."""
TOGETHER: Final = 2.0
"""Most of all emigrants of an origin, or immigrants of a destination, that corridors may add up to without doubt."""
FEW_ACCOUNTS: Final = 10.0
"""Persons an account up to which accounts bear out that more people live abroad than in 2015."""
ACCOUNTS: Final = 50.0
"""Most accounts a person, in one corridor."""
PERSONS: Final = 100.0
"""Most persons an account, in one corridor."""
ACCOUNTS_TOGETHER: Final = 3.0
"""Most accounts a person over all corridors of a wave that have an official figure ..."""
FEWEST: Final = 5
"""... if that many do."""


def doubts(rows: pd.DataFrame, ends: pd.DataFrame) -> pd.Series:
    """Return what speaks against each estimate whatever was learnt; empty where nothing does.

    Parameters
    ----------
    rows
        Estimates: ``median`` (persons), ``audience`` and ``audience_upper`` (accounts), ``official_last``, ``sex``.
    ends
        Beside each row, all ``emigrants`` of its origin and ``immigrants`` of its destination in 2015.

    Examples
    --------
    >>> row = {"destination": "DEU", "origin": "SRB", "sex": "all", "median": 201.0, "audience": 72_000.0,
    ...     "audience_upper": 72_500.0, "official_last": 199.691}
    >>> ends = pd.DataFrame({"emigrants": [826_891.0], "immigrants": [12e6]})
    >>> doubts(pd.DataFrame([row]), ends).tolist()
    ['72,000 accounts are more than 50 times the persons']
    """
    median, audience, upper = (rows[name].astype("float64") for name in ("median", "audience", "audience_upper"))
    checked = rows["official_last"].notna() & median.notna()
    texts = _where(
        checked & (audience > ACCOUNTS * median) & (audience >= LEAST),
        [f"{accounts:,.0f} accounts are more than {ACCOUNTS:g} times the persons" for accounts in audience],
    )
    few = checked & (median > PERSONS * upper) & (median >= LEAST)
    words = [f"{accounts:,.0f} accounts" for accounts in audience]
    floored = [f"fewer than {accounts:,.0f} accounts" for accounts in upper]
    known = audience.notna()
    texts = joined(
        texts,
        _where(
            few,
            [
                f"{some if seen else at_most} for more than {PERSONS:g} times as many persons"
                for some, at_most, seen in zip(words, floored, known, strict=True)
            ],
        ),
    )
    texts = joined(texts, _more_than_all(rows, ends, median, audience, checked))
    total = checked & audience.notna() & (rows["sex"] == "all")
    accounts, persons = audience.where(total).sum(), median.where(total).sum()
    if total.sum() >= FEWEST and accounts > ACCOUNTS_TOGETHER * persons:
        everywhere = f"over all {total.sum()} corridors {accounts:,.0f} accounts for {persons:,.0f} persons"
        texts = joined(texts, _where(checked, [everywhere] * len(rows)))
    return texts


def _more_than_all(
    rows: pd.DataFrame, ends: pd.DataFrame, median: pd.Series, audience: pd.Series, checked: pd.Series
) -> pd.Series:
    """Say where estimates exceed all emigrants or immigrants, and accounts do not bear that out."""
    texts = pd.Series("", index=rows.index)
    total = checked & (rows["sex"] == "all")
    borne_out = audience * FEW_ACCOUNTS >= median
    for end, name in zip(CORRIDOR_KEY, ("immigrants", "emigrants"), strict=True):
        what, count = f"all {name} of the {end} in 2015", ends[name]
        over = checked & (median > MORE_THAN_ALL * count) & (median >= LEAST) & ~borne_out
        ratios = zip(median, count, strict=True)
        texts = joined(
            texts, _where(over, [f"{multiple(number / of)} times {what} ({of:,.0f})" for number, of in ratios])
        )
        together, accounts = (number.where(total).groupby(rows[end]).transform("sum") for number in (median, audience))
        over = checked & (together > TOGETHER * count) & (together > FEW_ACCOUNTS * accounts)
        add_up = [
            f"the corridors of the {end} add up to {multiple(number / of)} times {what} ({of:,.0f})"
            for number, of in zip(together, count, strict=True)
        ]
        texts = joined(texts, _where(over, add_up))
    return texts


def _where(holds: pd.Series, texts: list[str]) -> pd.Series:
    """Return a text where something holds, and nothing elsewhere."""
    return pd.Series(texts, index=holds.index, dtype="str").where(holds, "")


def joined(texts: pd.Series, more: pd.Series) -> pd.Series:
    """Return reasons with further ones after them.

    Examples
    --------
    >>> joined(pd.Series(["too many", ""]), pd.Series(["too late", "too late"])).tolist()
    ['too many and too late', 'too late']
    """
    return texts.where((texts == "") | (more == ""), texts + " and ") + more
