"""Contracts: what a table that crosses rooms must look like, and the one check that they all pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf, nan
from typing import TYPE_CHECKING, Final, Literal

from smstock.errors import ContractError
from smstock.vocabulary import status
from smstock.vocabulary.dates import is_day, is_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

Kind = Literal["text", "integer", "number"]

_FEW: Final = 2000
_LINE: Final = "line"
_DAYS: Final = (("reference_date", "official_last_date"), is_day, "a day of the calendar")
_MOMENTS: Final = (("asked_at", "retrieved_at"), is_moment, "a day or an instant, such as 2020-10-05T07:40:47Z")


@dataclass(frozen=True)
class Form:
    r"""What a text looks like: a regular expression that the whole of it matches, and the same in words.

    Examples
    --------
    >>> Form(r"\\d{4}-\\d{2}", "a month such as 2026-11").or_empty().words
    'a month such as 2026-11, or empty'
    """

    pattern: str
    words: str

    def or_empty(self) -> Form:
        """Return the form of a text that may be empty."""
        return Form(f"({self.pattern})?", f"{self.words}, or empty")


@dataclass(frozen=True)
class Column:
    """One column of a contract table.

    Parameters
    ----------
    name, kind, meaning
        ``integer`` columns may be missing (pandas ``Int64``); ``number`` is float64; ``text`` is empty, never missing.
    unit
        Unit of a number.
    allowed
        The closed set of values, if there is one.
    minimum, maximum
        Smallest and largest allowed number.
    required
        Whether every row needs a value (for text: a non-empty one).
    form
        What the whole text looks like.
    later
        Whether tables of an earlier smstock lack the column; a text, which is empty there.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    required: bool = True
    form: Form | None = None
    maximum: float = inf
    later: bool = False


@dataclass(frozen=True)
class Contract:
    """A table that crosses rooms: its columns in order, and the columns that identify a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def later(self) -> list[str]:
        """Names of the columns that tables of an earlier smstock lack, and that are empty there."""
        return [column.name for column in self.columns if column.later]


def check(table: pd.DataFrame, contract: Contract, *, distinct: bool = False, coded: bool = False) -> pd.DataFrame:
    """Return ``table`` with the contract's columns, order and types, or raise `ContractError` with every breach.

    Columns the contract does not name are dropped. A missing text becomes empty; a missing number stays missing. An
    error names rows by their position; where the index is called ``line``, by that line of the file.

    Parameters
    ----------
    distinct
        Whether the caller knows that all keys differ; the check of keys is then left out.
    coded
        Whether columns that are categories of texts stay such, where the caller writes many rows of few texts.

    Raises
    ------
    ContractError
        A column is missing, a value is of the wrong kind, outside its set or range, or two rows share a key.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.tables import POPULATION
    >>> row = {"provider": "undesa", "edition": "2022", "area": "NAM", "sex": "all", "age_min": 0, "age_max": None,
    ...        "reference_date": "2020-07-01", "value": 2489000}
    >>> check(pd.DataFrame([row]), POPULATION)["area"].tolist()
    ['NAM']
    >>> check(pd.DataFrame([row | {"sex": "x", "value": -1}]), POPULATION)
    Traceback (most recent call last):
    smstock.errors.ContractError: the population table breaks its contract in 2 places
      where:   row 0: sex is 'x', allowed: all, female, male; row 0: value is -1.0, allowed: 0 or more
      next:    mend the rows named, then run again
    """
    absent = [name for name in contract.names if name not in table.columns]
    if absent and set(absent) <= set(contract.later):
        table, absent = table.assign(**dict.fromkeys(absent, "")), []
    if absent:
        raise ContractError(
            f"the {contract.name} table lacks the column{'s' if len(absent) > 1 else ''} {', '.join(absent)}",
            where=f"columns found: {', '.join(map(str, table.columns)) or 'none'}",
            allowed=", ".join(contract.names),
        )
    typed = _typed(table, contract, coded=coded)
    breaches = [breach for column in contract.columns for breach in _breaches(typed[column.name], column)]
    _refuse(breaches or _reversed_ages(typed), contract)
    if not distinct:
        _refuse_repeated(typed, contract)
    return typed.reset_index(drop=True)


def _named(index: pd.Index, row: object) -> str:
    return f"{_LINE if index.name == _LINE else 'row'} {row}"


def _typed(table: pd.DataFrame, contract: Contract, *, coded: bool) -> pd.DataFrame:
    """Give each column its type; a value of another kind is a breach."""
    import pandas as pd

    typed: dict[str, pd.Series] = {}
    breaches: list[str] = []
    for column in contract.columns:
        series = table[column.name]
        if column.kind == "text":
            texts = series if series.dtype == "str" or (coded and series.dtype == "category") else series.astype("str")
            typed[column.name] = texts.where(series.notna(), "") if series.hasnans else texts
        else:
            typed[column.name], wrong = _numbers(series, integers=column.kind == "integer")
            rule = "a whole number" if column.kind == "integer" else "a number"
            breaches += [
                f"{_named(table.index, row)}: {column.name} is {series[row]!s}, allowed: {rule}" for row in wrong
            ]
    _refuse(breaches, contract)
    together = pd.DataFrame(typed, index=table.index)
    return together if table.index.name == _LINE else together.reset_index(drop=True)


def _numbers(series: pd.Series, *, integers: bool) -> tuple[pd.Series, pd.Index]:
    """Return the numbers of a column, missing where a value is no number, and the rows of such values."""
    import pandas as pd

    kind = series.dtype.kind
    if kind in "iu" or (kind == "f" and not integers):
        return series.astype("Int64" if integers else "float64"), series.index[:0]
    numbers = series if kind == "f" else pd.to_numeric(series.replace("", None), errors="coerce")
    wrong = numbers.isna() & series.notna() & (series != "")
    if integers:
        wrong |= numbers.notna() & (numbers % 1 != 0)
    return numbers.where(~wrong).astype("Int64" if integers else "float64"), series.index[wrong]


def _refuse_repeated(table: pd.DataFrame, contract: Contract) -> None:
    # of few rows the whole key is looked at in less time than it takes to find the columns that matter
    key = differing(table, contract.key) if len(table) > _FEW else list(contract.key)
    repeated = table.duplicated(key, keep=False)
    if repeated.any():
        rows = table.loc[repeated, list(contract.key)].head(4).to_dict("index")
        shown = "; ".join(
            f"{_named(table.index, row)}: {' '.join(str(value) for value in key.values())}" for row, key in rows.items()
        )
        _refuse([f"rows share a key ({', '.join(contract.key)}): {shown}"], contract)


def differing(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the columns that tell rows apart, or the first where none does.

    To sort rows into groups, pandas makes codes of every column; to find that a column has one value throughout, which
    most columns of a key have, is much cheaper.

    Examples
    --------
    >>> import pandas as pd
    >>> differing(pd.DataFrame({"sex": ["all", "all"], "age_max": [None, None], "value": [1, 2]}), ["sex", "age_max"])
    ['sex']
    """
    return [name for name in names if not _is_constant(table[name])] or list(names[:1])


def _is_constant(values: pd.Series) -> bool:
    missing = values.isna()
    if missing.any():
        return bool(missing.all())
    return bool(len(values) == 0 or (values == values.iloc[0]).all())


def _breaches(values: pd.Series, column: Column) -> list[str]:
    """Say which rows break a rule of their column, and what is allowed there."""
    if column.kind == "text":
        wrong = {text: rule for text in values.unique().tolist() if (rule := _broken_rule(text, column))}
        refused = values[values.isin(list(wrong))].items() if wrong else ()
        return [
            f"{_named(values.index, row)}: {column.name} is {text!r}, allowed: {wrong[text]}" for row, text in refused
        ]
    breaches: list[str] = []
    if column.required and values.hasnans:
        rows = values.index[values.isna()]
        breaches += [f"{_named(rows, row)}: {column.name} is missing, allowed: a value" for row in rows]
    if column.minimum is not None:
        numbers = values.to_numpy("float64", na_value=nan)
        outside = (numbers < column.minimum) | (numbers > column.maximum) | (numbers == inf)
        allowed = f"{column.minimum:g} or more, finite" if column.minimum else "0 or more"
        if column.maximum < inf:
            allowed = f"{column.minimum:g} to {column.maximum:g}"
        numbers_refused = values[outside].items() if outside.any() else ()
        breaches += [
            f"{_named(values.index, row)}: {column.name} is {number!s}, allowed: {allowed}"
            for row, number in numbers_refused
        ]
    return breaches


def _reversed_ages(table: pd.DataFrame) -> list[str]:
    """Say which rows end at a younger age than they begin."""
    if not {"age_min", "age_max"} <= set(table.columns):
        return []
    wrong = table[(table["age_max"] < table["age_min"]).fillna(value=False)]
    return [
        f"{_named(table.index, row)}: age_max is {last}, allowed: {first} (age_min) or more"
        for row, first, last in zip(wrong.index, wrong["age_min"], wrong["age_max"], strict=True)
    ]


def _broken_rule(text: str, column: Column) -> str:
    """Return what a column allows in place of a text, empty if it allows the text."""
    if column.allowed and text not in column.allowed:
        return ", ".join(column.allowed)
    if column.form and not re.fullmatch(column.form.pattern, text):
        return column.form.words
    if column.required and not text:
        return "a non-empty text"
    for names, holds, allowed in (_DAYS, _MOMENTS):
        if column.name in names and text and not holds(text):
            return allowed
    if column.name == "status" and not column.allowed and not status.is_status(text):
        return ", ".join([*status.STATUSES, status.REFUSED + "<reason>"])
    return ""


def _refuse(breaches: list[str], contract: Contract, shown: int = 8) -> None:
    if not breaches:
        return
    omitted = f"; and {len(breaches) - shown} more" if len(breaches) > shown else ""
    raise ContractError(
        f"the {contract.name} table breaks its contract in {len(breaches)} place{'s' if len(breaches) > 1 else ''}",
        where="; ".join(breaches[:shown]) + omitted,
        hint="mend the rows named, then run again",
    )
