"""Terminal tables of official files: what they hold, what a workspace has, where figures disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from rich.table import Table

MOST_LISTED: Final = 4
"""Values that are listed one by one; more are counted."""

MOST_COMPARED: Final = 20
"""Comparisons that disagree and are shown; all are in the table that --save writes."""


def official_table(summaries: Sequence[dict[str, Any]]) -> Table:
    """Return one column a file: what it was recognised as, how much it holds of what, and what was left out.

    Examples
    --------
    >>> official_table([{"file": "stock.csv", "layout": "tidy CSV", "rows": 3}]).row_count
    2
    """
    table = _table("")
    for summary in summaries:
        table.add_column(str(summary["file"]).rpartition("/")[2], overflow="fold")
    names = dict.fromkeys(name for summary in summaries for name in summary if name != "file")
    for name in names:
        table.add_row(name.replace("_", " "), *(_text(summary.get(name, "")) for summary in summaries))
    return table


def fetched_table(outcomes: Sequence[Mapping[str, Any]]) -> Table:
    """Return one row a download: its file, what became of it (or the cells that are expected), and its address.

    Examples
    --------
    >>> fetched_table([{"file": "B14.csv", "outcome": "kept", "bytes": 1234, "url": "https://example.org"}]).row_count
    1
    """
    table = _table(*(outcomes[0] if outcomes else ()))
    for outcome in outcomes:
        table.add_row(*("" if value is None else _text(value) for value in outcome.values()))
    return table


def holdings_table(records: Sequence[Mapping[str, Any]]) -> Table:
    """Return one row a source in a file: areas or corridors, dates, figures, destinations with holes; no refused file.

    Examples
    --------
    >>> holdings_table([{"file": "notes.txt", "refused": "notes.txt is empty"}]).row_count
    0
    """
    table = _table("source", "table", "concept", "corridors", "areas", "dates", "figures", "holes", "file")
    for record in records:
        if "refused" in record:
            continue
        source = " ".join(filter(None, (str(record.get(name, "")) for name in ("provider", "dataset", "edition"))))
        dates = f"{record['first'][:4]} to {record['last']} ({record['dates']})" if record.get("last") else ""
        missing = f", {record['missing']:,} missing" if record.get("missing") else ""
        table.add_row(
            source,
            record["table"],
            record.get("concept", ""),
            _text(record.get("corridors") or ""),
            _text(record.get("destinations", "")),
            dates,
            f"{record['figures']:,}{missing}",
            _holes(record.get("holes", {})),
            record["file"],
        )
    return table


def verdicts_table(counts: pd.DataFrame) -> Table:
    """Return how many comparisons came to each verdict.

    Examples
    --------
    >>> import pandas as pd
    >>> verdicts_table(pd.DataFrame({"check": ["sexes"], "verdict": ["agrees"], "count": [9]})).row_count
    1
    """
    table = _table("check", "verdict", "comparisons")
    for check, verdict, count in counts.itertuples(index=False):
        table.add_row(check, verdict, f"{count:,}")
    return table


def disagreements_table(comparisons: pd.DataFrame) -> Table:
    """Return the largest disagreements: where, what was expected, what was found, persons between them.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"check": "sexes", "where": "x", "expected": 9.0, "found": 8.0, "difference": -1.0, "verdict": "agrees"}
    >>> disagreements_table(pd.DataFrame([row])).row_count
    0
    """
    table = _table("check", "where", "expected", "found", "difference", "verdict")
    for row in comparisons[comparisons["verdict"] != "agrees"].head(MOST_COMPARED).itertuples(index=False):
        check, where, expected, found, difference, verdict = row
        table.add_row(check, where, f"{expected:,.0f}", f"{found:,.0f}", f"{difference:+,.0f}", verdict)
    return table


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, show_header=True, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _holes(holes: Mapping[str, Sequence[str]]) -> str:
    """Return destinations with dates that lack figures, the most of them first."""
    most = sorted(holes, key=lambda place: -len(holes[place]))
    named = ", ".join(f"{place} {len(holes[place])}" for place in most[:MOST_LISTED])
    return named + (f" and {len(most) - MOST_LISTED} more" if len(most) > MOST_LISTED else "")


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{count:,} {reason}" for reason, count in value.items()) or "nothing"
    if isinstance(value, list):
        if len(value) <= MOST_LISTED:
            return ", ".join(value) or "none"
        return f"{len(value)}: {value[0]} to {value[-1]}"
    return f"{value:,}" if isinstance(value, int) else str(value)
