"""Estimates over waves as tables for the terminal: rows, sums, and what changed between two waves.

They fit a terminal of 80 columns: what is alike in all lines stands above them, and texts take several lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.report import wording
from smstock.report.style import ruled_table
from smstock.tables import DIGITS, MAGNITUDE
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

MOST: Final = 40
"""Rows listed in the terminal."""
_OF_CELL: Final = ("Sex", "Ages")
_ALIKE: Final = ("Wave", *_OF_CELL)
"""Columns that stand in the title where all lines have the same."""
_TEXTS: Final = {"Wave", "Of", "Apart", "Method"}
_FOLDING: Final = {"Of", "Method", "Corridors"}

SUMS: Final = (
    "Sum: what the estimates add up to as listed. Median and interval: those of the sum itself, which exceeds it where "
    "errors are skewed; empty: not known for a sum over these corridors alone. Corridors: in the sum, of how many; the "
    "others are held back, below the floor or unknown."
)
CHANGES: Final = (
    "Apart: the 80 % intervals of both waves do not meet. A change of the method, after an arrow, may be the change."
)


def rows_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return one line an estimate, as many as are listed in the terminal.

    Parameters
    ----------
    rows
        Rows of `smstock.tables.ESTIMATE`.

    Examples
    --------
    >>> from rich.console import Console
    >>> row = {"wave": "2026-11", "origin": "SRB", "destination": "AUT", "sex": "all", "age_min": 15, "age_max": None,
    ...        "median": 178000.0, "lower_80": 160000.0, "upper_80": 200000.0, "precision": "digits"}
    >>> row |= {"method": "trend", "status": "provisional"}
    >>> table = rows_table([row, row | {"wave": "2025-11"}])
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE +ELLIPSIS
    Estimates: sex all, ages 15+
    Wave     Of                 Persons      80 % interval  Method
    ───...
    2026-11  Serbia in Austria  178,000  160,000...200,000  trend
    2025-11  Serbia in Austria  178,000  160,000...200,000  trend
    """
    lines = []
    for row in rows[:MOST]:
        precision = row["precision"]
        lines.append(
            {
                "Wave": row["wave"],
                "Of": _name(row),
                **_cell(row),
                "Persons": wording.quoted(row["median"], precision) or row["status"].replace("_", " "),
                "80 % interval": wording.quoted_interval(row["lower_80"], row["upper_80"], precision),
                "Method": row["method"],
            }
        )
    return _table("Estimates", lines, _more(rows))


def sums_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return one line a sum.

    Parameters
    ----------
    rows
        Rows of `smstock.workflows.estimates.Estimates.sums`.

    Examples
    --------
    >>> from rich.console import Console
    >>> row = {"wave": "2026-11", "destination": "AUT", "sex": "all", "age_min": 15, "age_max": None, "median": None,
    ...        "sum_of_medians": 178000.0, "lower_80": None, "upper_80": None, "estimated": 24, "precision": "digits"}
    >>> row |= {"held_back": 0, "floored": 1, "unknown": 2}
    >>> table = sums_table([row, row | {"sex": "male"}])
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE +ELLIPSIS
    Sums: wave 2026-11, ages 15+
    Of                    Sum  Median  80 % interval  Corridors
    ───...
    In Austria, all   178,000                          24 of 27
    In Austria, male  178,000                          24 of 27
    """
    lines = []
    for row in rows[:MOST]:
        without = row["held_back"] + row["floored"] + row["unknown"]
        lines.append(
            {
                "Of": _name(row),
                "Wave": row["wave"],
                **_cell(row),
                "Sum": wording.quoted(row["sum_of_medians"], row["precision"]),
                "Median": wording.quoted(row["median"], row["precision"]),
                "80 % interval": wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"]),
                "Corridors": f"{wording.count(row['estimated'])} of {wording.count(row['estimated'] + without)}",
            }
        )
    return _table("Sums", lines, " ".join(filter(None, (SUMS, _more(rows)))))


def changes_table(rows: Sequence[Mapping[str, Any]], before: str, after: str) -> Table:
    """Return one line a change, the largest first.

    Parameters
    ----------
    rows
        Rows of `smstock.workflows.estimates.Estimates.changes`.
    before, after
        The waves.

    Examples
    --------
    >>> from rich.console import Console
    >>> row = {"origin": "SRB", "destination": "AUT", "sex": "all", "age_min": 15, "age_max": None, "before": 200.0,
    ...        "after": 300.0, "change": 100.0, "ratio": 1.5, "apart": True, "method_before": "trend"}
    >>> row |= {"method_after": "log_ratio", "precision_before": "digits", "precision_after": "digits"}
    >>> table = changes_table([row], "2025-11", "2026-11")
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE +ELLIPSIS
    Changes: sex all, ages 15+
    Of                 2025-11  2026-11  Change        Apart  Method
    ───...
    Serbia in Austria      200      300    +100  +50 %  yes    trend → log_ratio
    """
    of_sums = any("estimated_before" in row for row in rows)
    what, key = ("Corridors", "estimated") if of_sums else ("Method", "method")
    lines = []
    for row in rows[:MOST]:
        change = row["change"]
        precisions = {wave: row[f"precision_{wave}"] or "" for wave in ("before", "after")}
        least = MAGNITUDE if MAGNITUDE in precisions.values() else DIGITS
        values = (row[f"{key}_before"], row[f"{key}_after"])
        lines.append(
            {
                "Of": _name(row),
                **_cell(row),
                before: wording.quoted(row["before"], precisions["before"]),
                after: wording.quoted(row["after"], precisions["after"]),
                "Change": ""
                if change is None
                else f"{wording.MINUS if change < 0 else '+'}{wording.quoted(abs(change), least)}",
                "": "" if row["ratio"] is None else wording.per_cent(100 * row["ratio"] - 100, signed=True),
                "Apart": "yes" if row["apart"] else "",
                what: " → ".join(dict.fromkeys(str(value) for value in values if value is not None)),
            }
        )
    return _table("Changes", lines, " ".join(filter(None, (CHANGES, _more(rows)))))


def _table(title: str, lines: Sequence[Mapping[str, str]], caption: str) -> Table:
    """Return a table of lines, whose keys are the headers.

    What is alike in all lines stands in the title. Sex and ages that are not stand with the corridor, which takes
    several lines where there is no room.
    """
    columns = {header: [line[header] for line in lines] for header in (lines[0] if lines else ())}
    alike = [header for header in _ALIKE if len(set(columns.get(header, ()))) == 1]
    above = ", ".join(f"{header.lower()} {columns.pop(header)[0]}" for header in alike)
    cells = [columns.pop(header) for header in _OF_CELL if header in columns]
    if cells:
        columns["Of"] = [", ".join(texts) for texts in zip(columns["Of"], *cells, strict=True)]
    table = ruled_table(f"{title}: {above}" if above else title, caption)
    for header, texts in columns.items():
        # orders of magnitude are words, and longer than any figure
        folding = header in _FOLDING or any(" " in text.removesuffix(" %") for text in texts)
        table.add_column(
            header,
            justify="left" if header in _TEXTS else "right",
            no_wrap=not folding,
            overflow="fold" if folding else "ellipsis",
        )
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table


def _more(rows: Sequence[object]) -> str:
    return (
        f"Only {MOST} lines are shown: --export writes all, --destination, --origin, --sex and --ages choose."
        if len(rows) > MOST
        else ""
    )


def _name(row: Mapping[str, Any]) -> str:
    """Say which corridors a line is about."""
    destination, origin = (wording.country(row[end]) if row.get(end) else "" for end in ("destination", "origin"))
    if destination and origin:
        return f"{origin} in {destination}"
    return f"In {destination}" if destination else f"From {origin}" if origin else "All corridors"


def _cell(row: Mapping[str, Any]) -> dict[str, str]:
    ages = str(Ages(row["age_min"], row["age_max"]))
    return {"Sex": row["sex"], "Ages": ", ".join(filter(None, (ages, row.get("education"))))}
