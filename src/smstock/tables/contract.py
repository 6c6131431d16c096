"""Contracts: what a table that crosses rooms must look like, and the one check that they all pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from smstock.errors import ContractError
from smstock.vocabulary import status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    import pandas as pd
    import pandera.pandas as pa

Kind = Literal["text", "integer", "number"]


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
    minimum
        Smallest allowed number.
    required
        Whether every row needs a value (for text: a non-empty one).
    pattern
        Regular expression that the whole text matches.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    required: bool = True
    pattern: str = ""


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


def check(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return ``table`` with the contract's columns, order and types, or raise `ContractError` with every breach.

    Columns the contract does not name are dropped. A missing text becomes empty; a missing number stays missing.

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
    if absent:
        raise ContractError(
            f"the {contract.name} table lacks the column{'s' if len(absent) > 1 else ''} {', '.join(absent)}",
            where=f"columns found: {', '.join(map(str, table.columns)) or 'none'}",
            allowed=", ".join(contract.names),
        )
    return _validated(_typed(table[contract.names], contract), contract)


def _typed(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Give each column its type; a number that is not one is a breach."""
    import pandas as pd

    typed: dict[str, pd.Series] = {}
    breaches: list[str] = []
    for column in contract.columns:
        series = table[column.name]
        if column.kind == "text":
            texts = series.astype("str")
            typed[column.name] = texts.where(series.notna(), "") if series.hasnans else texts
            continue
        if series.dtype == "float64" and column.kind == "number":
            typed[column.name] = series
            continue
        numbers = pd.to_numeric(series.replace("", None), errors="coerce")
        wrong = numbers.isna() & series.notna() & (series != "")
        if column.kind == "integer":
            wrong |= numbers.notna() & (numbers % 1 != 0)
        what = "a whole number" if column.kind == "integer" else "a number"
        breaches += [f"row {row}: {column.name} is {series[row]!s}, allowed: {what}" for row in series.index[wrong]]
        typed[column.name] = numbers.where(~wrong).astype("Int64" if column.kind == "integer" else "float64")
    _refuse(breaches, contract)
    return pd.DataFrame(typed, index=table.index, columns=contract.names).reset_index(drop=True)


def _validated(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    from pandera.errors import SchemaErrors

    try:
        _schema(contract).validate(table, lazy=True)
    except SchemaErrors as error:
        _refuse(_breaches(error.failure_cases.to_dict("records"), contract), contract)
    repeated = table.duplicated(list(contract.key), keep=False)
    if repeated.any():
        rows = table.loc[repeated, list(contract.key)].head(4).to_dict("index")
        shown = "; ".join(f"row {row}: {' '.join(str(value) for value in key.values())}" for row, key in rows.items())
        _refuse([f"rows share a key ({', '.join(contract.key)}): {shown}"], contract)
    return table


@cache
def _schema(contract: Contract) -> pa.DataFrameSchema:
    """Return the pandera schema of a contract; columns that may hold anything are not in it."""
    import pandera.pandas as pa

    columns: dict[str, pa.Column] = {}
    for column in contract.columns:
        checks: list[pa.Check] = []
        if column.allowed:
            checks.append(pa.Check.isin(column.allowed, error="set"))
        if column.pattern:
            checks.append(pa.Check.str_matches(f"^(?:{column.pattern})$", error="pattern"))
        if column.kind == "text" and column.required and not column.allowed and not column.pattern:
            checks.append(pa.Check.str_length(min_value=1, error="empty"))
        if column.minimum is not None:
            checks.append(pa.Check.in_range(column.minimum, float("inf"), include_max=False, error="range"))
        if column.name == "status":
            checks.append(pa.Check(lambda texts: texts.map(status.is_status), error="status"))
        if checks or column.required:
            columns[column.name] = pa.Column(checks=checks, nullable=not column.required)
    return pa.DataFrameSchema(columns)


def _breaches(failures: Iterable[Mapping[Any, Any]], contract: Contract) -> list[str]:
    """Say each pandera failure in words: row, column, value, what is allowed."""
    columns = {column.name: column for column in contract.columns}
    said = []
    for failure in failures:
        column = columns[str(failure["column"])]
        allowed = {
            "set": ", ".join(column.allowed),
            "pattern": f"text of the form {column.pattern}",
            "empty": "a non-empty text",
            "range": f"{column.minimum:g} or more, finite" if column.minimum else "0 or more",
            "status": ", ".join([*status.STATUSES, status.REFUSED + "<reason>"]),
        }.get(str(failure["check"]), "a value")
        said.append(f"row {failure['index']}: {column.name} is {failure['failure_case']!r}, allowed: {allowed}")
    return said


def _refuse(breaches: list[str], contract: Contract, shown: int = 8) -> None:
    if not breaches:
        return
    more = f"; and {len(breaches) - shown} more" if len(breaches) > shown else ""
    raise ContractError(
        f"the {contract.name} table breaks its contract in {len(breaches)} place{'s' if len(breaches) > 1 else ''}",
        where="; ".join(breaches[:shown]) + more,
        hint="mend the rows named, then run again",
    )


def read_csv(path: Path, contract: Contract) -> pd.DataFrame:
    """Read a contract table from CSV (``.csv`` or ``.csv.gz``): codes stay text, ``NA`` is Namibia.

    Raises
    ------
    ContractError
        The file is no CSV, or its table breaks the contract; the message names the file.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError, EOFError) as error:
        raise ContractError(
            f"{path} is not a readable CSV: {error}", allowed="UTF-8, comma-separated, one header line"
        ) from error
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return check(table, contract)
    except ContractError as error:
        error.what = f"{path}: {error.what}"
        raise
