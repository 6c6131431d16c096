"""Recorded answers of which a table keeps the figures, its cells in smstock's words: ``answers.csv``.

One answer is a row (columns: :data:`COLUMNS`); ``origin.toml`` beside it names the source. ``asked_at`` is an instant
in UTC, empty where unknown; a sex is ``all``, ``female`` or ``male``, ``estimate_ready`` true or false. Since November
2021 two bounds stand in the place of ``estimate_mau``: ``estimate_mau_lower_bound`` and ``estimate_mau_upper_bound``,
or of ``reachestimate`` ``users_lower_bound`` and ``users_upper_bound``.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from smstock.errors import InputError, RecordingError, shown
from smstock.platforms.base import RawAnswer
from smstock.platforms.meta.collectors import figures
from smstock.platforms.meta.targeting import LOCATION_TYPES, PLACEMENTS, request
from smstock.query.lattice import Cell
from smstock.vocabulary.dates import is_moment
from smstock.vocabulary.facets import SEXES, Ages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from smstock.query.meta import MetaQuery

FILE: Final = "answers.csv"
COLUMNS: Final = (
    "asked_at", "endpoint", "api_version", "destination", "origin", "sex", "ages", "education", "relationship",
    "location_basis", "placements", "estimate_mau", "estimate_dau", "estimate_ready",
)  # fmt: skip
"""Columns of the table; placements are joined by ``+``, and the three last ones become the body."""

_MONTHLY: Final = (
    ("estimate_mau",),
    ("estimate_mau_lower_bound", "estimate_mau_upper_bound"),
    ("users_lower_bound", "users_upper_bound"),
)
"""Columns of monthly accounts in each era and endpoint."""

_READY: Final = {"true": True, "false": False}
"""``estimate_ready`` in small letters; spreadsheets write ``TRUE``."""
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?")


def read(file: Path, query: MetaQuery) -> Iterator[tuple[str, RawAnswer]]:
    r"""Yield request key and answer of each row of a table; rows of groups the query lacks are left out.

    Raises
    ------
    RecordingError
        The table has other columns, or a row is damaged (the message names file and line).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.query.meta import MetaQuery
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("DEU",), ages="18+")
    >>> row = "2018-06-03T10:00:00Z,delivery_estimate,v3.0,DEU,SRB,all,18+,,,home,facebook,91000,52000,true"
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, FILE).write_text(",".join(COLUMNS) + "\n" + row)
    ...     [answer.body[:30] for _, answer in read(Path(folder, FILE), query)]
    [b'{"data":[{"estimate_mau":91000']
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        try:
            yield from _rows(rows, file, query)
        except (csv.Error, UnicodeDecodeError, OSError) as error:
            raise RecordingError(f"{file} is damaged: {error}", hint="copy the recording again") from None


def _rows(rows: csv.DictReader[str], file: Path, query: MetaQuery) -> Iterator[tuple[str, RawAnswer]]:
    columns = tuple(rows.fieldnames or ())
    monthly = next((names for names in _MONTHLY if columns == _columns(names)), None)
    if monthly is None:
        raise RecordingError(
            f"{file} has other columns: {shown(', '.join(rows.fieldnames or ()))}", allowed=", ".join(COLUMNS)
        )
    for row in rows:
        if row["education"] and row["education"] not in query.education:
            continue
        if row["relationship"] and row["relationship"] not in query.relationship:
            continue
        try:
            answer = _answer(row, query, monthly)
        except (ValueError, LookupError, TypeError, AttributeError, InputError) as error:
            raise RecordingError(
                f"not a recorded answer: {shown(error)}", where=f"{file}, line {rows.line_num}"
            ) from None
        yield answer


def _columns(monthly: tuple[str, ...]) -> tuple[str, ...]:
    at = COLUMNS.index("estimate_mau")
    return (*COLUMNS[:at], *monthly, *COLUMNS[at + 1 :])


def _answer(row: dict[str, str], query: MetaQuery, monthly: tuple[str, ...]) -> tuple[str, RawAnswer]:
    if None in row or None in row.values():
        raise ValueError("it has not as many fields as there are columns")
    # a sex of another word would ask for everybody
    sex = _one_of("sex", row["sex"], SEXES)
    asked_at = row["asked_at"]
    if not _INSTANT.fullmatch(asked_at) or (asked_at and not is_moment(asked_at)):
        raise ValueError(f"asked_at is {asked_at!r}, no instant in UTC such as 2020-10-05T07:40:47Z")
    ready = _READY[_one_of("estimate_ready", row["estimate_ready"].lower(), _READY)]
    cell = Cell(row["destination"], row["origin"], sex, Ages.parse(row["ages"]), row["education"], row["relationship"])
    placements = tuple(sorted(filter(None, row["placements"].split("+"))))
    for placement in placements:
        _one_of("placements", placement, PLACEMENTS)
    basis = _one_of("location_basis", row["location_basis"], ("default", *LOCATION_TYPES))
    asked = query.model_copy(update={"location_basis": basis, "placements": placements})
    body, _ = figures.body({name: row[name] for name in monthly}, row["estimate_dau"], ready=ready)
    return request(cell, asked).key, RawAnswer(body, 200, asked_at, row["endpoint"], row["api_version"])


def _one_of(column: str, text: str, known: Collection[str]) -> str:
    if text not in known:
        raise ValueError(f"{column} is {text!r}, not {', '.join(known)}")
    return text
