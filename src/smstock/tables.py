"""The tables that cross from one room to another, and the one check they all pass.

Each contract lists its columns with unit and meaning; :func:`check` reports every breach at once.
Codes and dates are text (``NA`` is Namibia, dates are ISO 8601); a missing number is missing, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from smstock.errors import ContractError
from smstock.vocabulary import status
from smstock.vocabulary.facets import SEXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    import pandas as pd
    import pandera.pandas as pa

Kind = Literal["text", "integer", "number"]

CONCEPTS = ("birth", "citizenship", "mixed")
"""Whom a stock counts: the foreign-born, foreign citizens, or both by turns."""


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


_DAY = r"\d{4}-\d{2}-\d{2}"
_INSTANT = r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)?"
_AREA = r"[A-Z]{3}|[A-Z]{2}-[A-Z0-9]{1,3}|[A-Z]{2}[A-Z0-9]{1,3}"

DESTINATION = Column("destination", "text", "area where the persons live (ISO 3166-1 alpha-3)", pattern=_AREA)
ORIGIN = Column("origin", "text", "area they come from (ISO 3166-1 alpha-3)", pattern=_AREA)
SEX = Column("sex", "text", "sex; all is female and male together", allowed=SEXES)
AGE_MIN = Column("age_min", "integer", "youngest completed age", "years", minimum=0)
AGE_MAX = Column(
    "age_max", "integer", "oldest completed age; missing: no upper end", "years", minimum=0, required=False
)
REFERENCE_DATE = Column("reference_date", "text", "the day the number is about", pattern=_DAY)

AUDIENCE = Contract(
    "audience",
    (
        Column("platform", "text", "advertising platform"),
        Column(
            "metric",
            "text",
            "monthly or daily active accounts, or the platform's total",
            allowed=("mau", "dau", "total"),
        ),
        Column("wave", "text", "month of the collection", pattern=r"\d{4}-\d{2}"),
        Column(
            "asked_at",
            "text",
            "when the platform was asked, UTC; empty: not known or not asked",
            required=False,
            pattern=_INSTANT,
        ),
        DESTINATION,
        Column("origin", "text", "origin; empty: all users of the platform", required=False, pattern=f"({_AREA})?"),
        Column("origin_basis", "text", "what makes an account one of the origin; empty: all users", required=False),
        SEX,
        AGE_MIN,
        AGE_MAX,
        Column("education", "text", "education group of the query; empty: all", required=False),
        Column("relationship", "text", "relationship group of the query; empty: all", required=False),
        Column("location_basis", "text", "what makes an account one of the destination"),
        Column("placements", "text", "where the accounts are seen; all: every placement"),
        Column("value", "number", "point value by the platform's rule", "accounts", minimum=0, required=False),
        Column("lower", "number", "smallest count compatible with the answer", "accounts", minimum=0, required=False),
        Column("upper", "number", "largest count compatible with the answer", "accounts", minimum=0, required=False),
        Column("status", "text", "why the value is, or is not, there"),
        Column("request_key", "text", "hash of what was asked; empty: refused before asking", required=False),
        Column("api_version", "text", "version of the endpoint", required=False),
    ),
    (
        "platform",
        "metric",
        "wave",
        "destination",
        "origin",
        "sex",
        "age_min",
        "age_max",
        "education",
        "relationship",
        "location_basis",
        "placements",
    ),
)

STOCK = Contract(
    "stock",
    (
        Column("provider", "text", "statistical office or agency"),
        Column("dataset", "text", "the provider's name of the data set"),
        Column("edition", "text", "edition or vintage of the data set"),
        Column("concept", "text", "whom the figure counts", allowed=CONCEPTS),
        DESTINATION,
        ORIGIN,
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("value", "number", "stock; missing: the flags say why", "persons", minimum=0, required=False),
        Column(
            "flags",
            "text",
            "the provider's flags and data type, one by one; a missing value's mark after a semicolon",
            required=False,
        ),
        Column("retrieved_at", "text", "when the file was obtained; empty: not known", required=False),
    ),
    (
        "provider",
        "dataset",
        "edition",
        "concept",
        "destination",
        "origin",
        "sex",
        "age_min",
        "age_max",
        "reference_date",
    ),
)

POPULATION = Contract(
    "population",
    (
        Column("provider", "text", "statistical office or agency"),
        Column("edition", "text", "edition or vintage"),
        Column("area", "text", "area (ISO 3166-1 alpha-3)", pattern=_AREA),
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("value", "number", "population", "persons", minimum=0),
    ),
    ("provider", "edition", "area", "sex", "age_min", "age_max", "reference_date"),
)

INDICATORS = ("education", "internet_use", "labour_status", "sex_share", "social_network_use")
"""What an indicator table may measure: shares and counts that are neither a stock of an origin nor a population."""

INDICATOR = Contract(
    "indicator",
    (
        Column("provider", "text", "statistical office or agency"),
        Column("dataset", "text", "the provider's name of the data set"),
        Column("edition", "text", "edition or vintage of the data set"),
        Column("indicator", "text", "what is measured", allowed=INDICATORS),
        Column(
            "category",
            "text",
            "class or answer counted: isced0-2, isced3-4, isced5-8, or the provider's code",
            required=False,
        ),
        Column("area", "text", "area where the persons live (ISO 3166-1 alpha-3)", pattern=_AREA),
        Column(
            "concept",
            "text",
            "what makes a person one of the group; empty: the group is everybody",
            required=False,
            allowed=("", *CONCEPTS),
        ),
        Column(
            "group",
            "text",
            "an origin, WLD every foreign origin, NAT natives or nationals, the provider's code; empty: everybody",
            required=False,
        ),
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("value", "number", "figure; missing: the flags say why", minimum=0, required=False),
        Column("unit", "text", "persons, or percent and of whom"),
        Column("flags", "text", "the provider's flags", required=False),
        Column("retrieved_at", "text", "when the file was obtained; empty: not known", required=False),
    ),
    (
        "provider",
        "dataset",
        "edition",
        "indicator",
        "category",
        "area",
        "concept",
        "group",
        "sex",
        "age_min",
        "age_max",
        "reference_date",
        "unit",
    ),
)

USERS = Contract(
    "users",
    (
        Column("platform", "text", "advertising platform"),
        Column("area", "text", "area (ISO 3166-1 alpha-3)", pattern=_AREA),
        SEX,
        AGE_MIN,
        AGE_MAX,
        Column("asked_at", "text", "when the platform was asked"),
        Column("value", "number", "all accounts of the platform in the area", "accounts", minimum=0),
        Column("source", "text", "collection the figure is from"),
    ),
    ("platform", "area", "sex", "age_min", "age_max"),
)

CORRIDOR = Contract(
    "corridor",
    (
        DESTINATION,
        ORIGIN,
        SEX,
        Column(
            "audience",
            "number",
            "point value of the audience; missing: see audience_status",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column(
            "audience_upper",
            "number",
            "largest count compatible with the answer",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column("audience_status", "text", "status of the audience"),
        Column(
            "official_last",
            "number",
            "newest official figure known before the target date",
            "persons",
            minimum=0,
            required=False,
        ),
        Column("official_last_date", "text", "its reference date; empty: none", required=False, pattern=f"({_DAY})?"),
        Column("official_concept", "text", "whom it counts; empty: none", required=False, allowed=("", *CONCEPTS)),
        Column("lag", "number", "years from that date to the target date", "years", required=False),
        Column(
            "penetration_destination",
            "number",
            "users / population at the destination; may exceed 1",
            minimum=0,
            required=False,
        ),
        Column(
            "penetration_origin", "number", "users / population at the origin; may exceed 1", minimum=0, required=False
        ),
        Column(
            "stock",
            "number",
            "official stock at the target date; missing: to be estimated",
            "persons",
            minimum=0,
            required=False,
        ),
    ),
    ("destination", "origin", "sex"),
)
"""What a method sees of a corridor: audience, last official figure, penetration; and the stock to learn from."""

LEVELS = (50, 80, 95)
"""Levels of the published intervals, percent."""

ESTIMATE = Contract(
    "estimate",
    (
        DESTINATION,
        ORIGIN,
        SEX,
        AGE_MIN,
        AGE_MAX,
        REFERENCE_DATE,
        Column("wave", "text", "audience wave it rests on", pattern=r"\d{4}-\d{2}"),
        Column(
            "median",
            "number",
            "estimate; missing where only an upper bound is known",
            "persons",
            minimum=0,
            required=False,
        ),
        *(
            Column(
                f"{end}_{level}", "number", f"{end} end of the {level} % interval", "persons", minimum=0, required=False
            )
            for level in LEVELS
            for end in ("lower", "upper")
        ),
        Column("regime", "text", "which evidence there is", allowed=("official", "audience", "floored", "none")),
        Column("method", "text", "method of the median"),
        Column(
            "audience",
            "number",
            "audience of the wave; missing: see audience_status",
            "accounts",
            minimum=0,
            required=False,
        ),
        Column("audience_status", "text", "status of the audience"),
        Column("official_last", "number", "newest official figure at hand", "persons", minimum=0, required=False),
        Column("official_last_date", "text", "its reference date; empty: none", required=False, pattern=f"({_DAY})?"),
        Column(
            "skill_vs_carry_forward",
            "number",
            "1 - RMSLE / RMSLE of carry forward on the same cells; missing: not comparable",
            required=False,
        ),
        Column("notes", "text", "what a reader must know about this row", required=False),
        Column("calibration_id", "text", "the calibration it came from"),
    ),
    ("destination", "origin", "sex", "age_min", "age_max", "reference_date", "method"),
)

CONTRACTS = (AUDIENCE, STOCK, POPULATION, INDICATOR, USERS, CORRIDOR, ESTIMATE)


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
            typed[column.name] = series.astype("str").where(series.notna(), "")
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


def _schema(contract: Contract) -> pa.DataFrameSchema:
    """Return the pandera schema of a contract."""
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
        table = pd.read_csv(path, dtype=str, keep_default_na=False, comment="#")
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
