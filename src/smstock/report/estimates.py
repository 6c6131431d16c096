"""Estimates over waves as tables for the terminal: rows, sums, and what changed between two waves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.report import wording
from smstock.report.style import add_figures, add_texts, ruled_table
from smstock.tables import DIGITS, MAGNITUDE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

MOST: Final = 40
"""Rows listed in the terminal."""

SUMS: Final = (
    "Sum: what the estimates add up to as listed. Median and interval: those of the sum itself, which exceeds it where "
    "errors are skewed; empty: not known for a sum over these corridors alone. Without: corridors that are held back, "
    "below the floor or unknown, not in the sum."
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
    >>> table = rows_table([row | {"method": "trend", "status": "provisional"}])
    >>> Console(width=100).print(table)  # doctest: +NORMALIZE_WHITESPACE +ELLIPSIS
    Estimates
    Wave     From    In       Sex  Ages  Persons      80 % interval  Method
    ───...
    2026-11  Serbia  Austria  all  15+   178,000  160,000...200,000  trend
    """
    table = ruled_table("Estimates", _more(rows))
    add_texts(table, "Wave", "From", "In", "Sex", "Ages")
    add_figures(table, "Persons", "80 % interval")
    table.add_column("Method")
    for row in rows[:MOST]:
        precision = row["precision"]
        table.add_row(
            row["wave"],
            wording.country(row["origin"]),
            wording.country(row["destination"]),
            *_cell(row),
            wording.quoted(row["median"], precision) or row["status"].replace("_", " "),
            wording.quoted_interval(row["lower_80"], row["upper_80"], precision),
            row["method"],
        )
    return table


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
    >>> table = sums_table([row | {"held_back": 0, "floored": 1, "unknown": 2}])
    >>> table.caption = None
    >>> Console(width=100).print(table)  # doctest: +NORMALIZE_WHITESPACE +ELLIPSIS
    Sums
    Of          Wave     Sex  Ages      Sum  Median  80 % interval  Corridors  Without
    ───...
    In Austria  2026-11  all  15+   178,000                                24        3
    """
    table = ruled_table("Sums", " ".join(filter(None, (SUMS, _more(rows)))))
    add_texts(table, "Of", "Wave", "Sex", "Ages")
    add_figures(table, "Sum", "Median", "80 % interval", "Corridors", "Without")
    for row in rows[:MOST]:
        table.add_row(
            _name(row),
            row["wave"],
            *_cell(row),
            *(wording.quoted(row[figure], row["precision"]) for figure in ("sum_of_medians", "median")),
            wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"]),
            wording.count(row["estimated"]),
            wording.count(row["held_back"] + row["floored"] + row["unknown"]),
        )
    return table


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
    >>> Console(width=100).print(table)  # doctest: +NORMALIZE_WHITESPACE +ELLIPSIS
    Changes
    Of                 Sex  Ages  2025-11  2026-11  Change        Apart  Method
    ───...
    Serbia in Austria  all  15+       200      300    +100  +50 %  yes    trend → log_ratio
    """
    table = ruled_table("Changes", " ".join(filter(None, (CHANGES, _more(rows)))))
    add_texts(table, "Of", "Sex", "Ages")
    add_figures(table, before, after, "Change", "")
    add_texts(table, "Apart")
    of_sums = any("estimated_before" in row for row in rows)
    if of_sums:
        add_figures(table, "Corridors")
    else:
        table.add_column("Method")
    for row in rows[:MOST]:
        change = row["change"]
        precisions = {wave: row[f"precision_{wave}"] or "" for wave in ("before", "after")}
        least = MAGNITUDE if MAGNITUDE in precisions.values() else DIGITS
        kinds = ("estimated_before", "estimated_after") if of_sums else ("method_before", "method_after")
        table.add_row(
            _name(row),
            *_cell(row),
            *(wording.quoted(row[wave], precision) for wave, precision in precisions.items()),
            "" if change is None else f"{wording.MINUS if change < 0 else '+'}{wording.quoted(abs(change), least)}",
            "" if row["ratio"] is None else wording.per_cent(100 * row["ratio"] - 100, signed=True),
            "yes" if row["apart"] else "",
            " → ".join(dict.fromkeys(str(row[kind]) for kind in kinds if row[kind] is not None)),
        )
    return table


def _more(rows: Sequence[object]) -> str:
    return (
        f"Only {MOST} lines are shown: --export writes all, --destination, --origin and --sex choose."
        if len(rows) > MOST
        else ""
    )


def _name(row: Mapping[str, Any]) -> str:
    """Say which corridors a line is about."""
    destination, origin = (wording.country(row[end]) if row.get(end) else "" for end in ("destination", "origin"))
    if destination and origin:
        return f"{origin} in {destination}"
    return f"In {destination}" if destination else f"From {origin}" if origin else "All corridors"


def _cell(row: Mapping[str, Any]) -> tuple[str, str]:
    oldest = row["age_max"]
    return row["sex"], f"{row['age_min']}{'+' if oldest is None else f'-{oldest}'}"
