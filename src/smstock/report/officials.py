"""Terminal tables of official files: what they hold, what a workspace has, where figures disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

MOST_LISTED: Final = 4
"""Values that are listed one by one; more are counted."""

MOST_HOLES: Final = 2
"""Destinations with holes that are named; more are counted, and --json names them all."""

MOST_COMPARED: Final = 20
"""Comparisons that disagree and are shown; all are in the table that --save writes."""

CHECKS: Final = {
    "sexes": ("Women and men", "Females plus males against both sexes, to 3 persons."),
    "origins": ("Origins", "The sum over origins against the total, where more than one origin is itemised."),
    "jump": (
        "Jumps",
        "A figure against the one before it: above 25 % a year and 1,000 persons. The provider flagged the breaks.",
    ),
    "providers": ("Providers", "The same concept, corridor and day at two providers: more than 5 % apart."),
    "editions": ("Editions", "The same figure in two editions of a data set: more than 5 % apart."),
}
"""Title of each check, and what it compares; see `smstock.official.consistency`."""

EXPECTED: Final = {
    "sexes": "both sexes as published; found: females plus males",
    "origins": "the total as published; found: the sum over origins",
    "jump": "the figure before; found: the one of the day that is named",
    "providers": "the source before the bar; found: the one behind it",
    "editions": "the edition before the bar; found: the one behind it",
}
"""Which figure of each check is called expected, and which found."""


def official_table(summaries: Sequence[dict[str, Any]]) -> Table:
    """Return what each table of each file holds, a line a property: recognised as what, how much, what was left out.

    Examples
    --------
    >>> official_table([{"file": "stock.csv", "layout": "tidy CSV", "rows": 3}]).row_count
    3
    """
    table = _table("", "")
    table.show_header = False
    table.columns[0].no_wrap = True
    for number, summary in enumerate(summaries):
        if number:
            table.add_row("", "")
        for name, value in summary.items():
            if value != "":
                table.add_row(name.replace("_", " "), _text(value))
    return table


def imported_table(records: Sequence[Mapping[str, Any]]) -> Table:
    """Return one row a file that is kept: where, whose figures of what, how many, for which years; no refused file.

    It fits a terminal of 60 columns.

    Examples
    --------
    >>> imported_table([{"file": "notes.txt", "refused": "notes.txt is empty"}]).row_count
    0
    """
    table = _table("file", "holds", "figures", "years")
    for column in table.columns[1:]:
        column.no_wrap = True
    for record in records:
        if "refused" in record:
            continue
        lines = (f"{record['outcome']}: {_name(record['file'])}", record["source"])
        years = dict.fromkeys((record["first"][:4], record["last"][:4]))
        table.add_row(
            "\n  ".join(filter(None, lines)),
            "\n".join([*record["tables"], *record["concept"]]),
            _text(record["figures"] - record["missing"]),
            " to ".join(years),
        )
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

    It fits a terminal of 80 columns.

    Examples
    --------
    >>> holdings_table([{"file": "notes.txt", "refused": "notes.txt is empty"}]).row_count
    0
    """
    table = _table("source and file", "holds", "figures")
    table.columns[2].no_wrap = True
    for record in records:
        if "refused" in record:
            continue
        source = " ".join(filter(None, (str(record.get(name, "")) for name in ("provider", "dataset", "edition"))))
        corridors = f"{record['corridors']:,} corridors" if record.get("corridors") else ""
        missing, holes = record.get("missing", 0), _holes(record.get("holes", {}))
        holds = (
            " ".join(filter(None, (record["table"], record.get("concept", "")))),
            corridors or f"{record.get('destinations', '')} areas",
            f"{record['places']:,} places: {record['of_places']:,} figures" if "places" in record else "",
            f"{record['dates']} dates: {record['first'][:4]} to {record['last']}" if record.get("last") else "",
            holes and f"holes: {holes}",
        )
        table.add_row(
            # day and hash begin a line, so that fewer names are broken
            f"{source}\n  " + str(record["file"]).replace("@", "\n  @"),
            "\n".join(filter(None, holds)),
            _text(record["figures"] - missing) + (f"\n{missing:,} missing" if missing else ""),
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

    Below them stand what expected and found mean, and how many are not shown.
    Females and males are left out where both sexes together disagree too; see `largest` for the order.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"check": "sexes", "where": "x", "expected": 9.0, "found": 8.0, "difference": -1.0, "verdict": "agrees"}
    >>> disagreements_table(pd.DataFrame([row])).row_count
    0
    """
    table = _table("check", "where", "expected", "found", "difference", "verdict")
    for column in table.columns[2:5]:
        column.no_wrap, column.justify = True, "right"
    apart = largest(comparisons)
    notes = [f"{name}: expected is {EXPECTED[name]}." for name in EXPECTED if (apart["check"] == name).any()]
    if len(apart) > MOST_COMPARED:
        notes.append(f"Only {MOST_COMPARED} of {len(apart):,} disagreements are shown: --save writes all.")
    table.caption, table.caption_justify, table.caption_style = "\n".join(notes) or None, "left", "none"
    for row in apart.head(MOST_COMPARED).itertuples(index=False):
        check, where, expected, figure, difference, verdict = row[:6]
        table.add_row(check, where, f"{expected:,.0f}", f"{figure:,.0f}", f"{difference:+,.0f}", verdict)
    return table


def largest(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons that disagree, without females and males where both sexes together disagree too.

    Origins that fall short of the total come last: most tables itemise only some of them.

    Examples
    --------
    >>> import pandas as pd
    >>> where = [f"undesa 2020: DEU from WLD, {sex}, 0+, 2020-07-01" for sex in ("all", "female")]
    >>> rows = pd.DataFrame({"check": "editions", "where": where, "verdict": "differs"})
    >>> largest(rows)["where"].tolist()
    ['undesa 2020: DEU from WLD, all, 0+, 2020-07-01']
    """
    rows = comparisons[comparisons["verdict"] != "agrees"]
    names = rows["check"] + " " + rows["where"]
    of_both = names.str.replace(r", (?:fe)?male, ", ", all, ", regex=True)
    shown = rows[(names == of_both) | ~of_both.isin(names)]
    partial = (shown["check"] == "origins") & (shown["verdict"] == "falls short")
    ordered: pd.DataFrame = shown.iloc[partial.to_numpy().argsort(kind="stable")]
    return ordered


def _table(*columns: str) -> Table:
    table = Table(box=None, show_header=True, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _holes(holes: Mapping[str, Sequence[str]]) -> str:
    """Return destinations with dates that lack figures, the most of them first."""
    most = sorted(holes, key=lambda place: -len(holes[place]))
    named = ", ".join(f"{place} {len(holes[place])}" for place in most[:MOST_HOLES])
    return named + (f" and {len(most) - MOST_HOLES} more" if len(most) > MOST_HOLES else "")


def _name(path: str) -> str:
    """Return the name of a file without its folder."""
    return path.replace("\\", "/").rpartition("/")[2]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{count:,} {reason}" for reason, count in value.items()) or "nothing"
    if isinstance(value, list):
        if len(value) <= MOST_LISTED:
            return ", ".join(value) or "none"
        return f"{len(value)}: {value[0]} to {value[-1]}"
    return f"{value:,}" if isinstance(value, int) else str(value)
