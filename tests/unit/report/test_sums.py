"""Sums as people read them: which are shown, in which order, and what is said of their parts."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from smstock.nowcast.sums import sums
from smstock.report.sums import listed, sums_tables


def corridor(destination: str, origin: str, median: float | None, *, known: bool = True) -> pd.DataFrame:
    """Women are three quarters of everybody; ends are half and twice the median, or 0 and 1,000 without one."""
    rows = []
    for sex, share in (("all", 1.0), ("female", 0.75), ("male", 0.25)):
        row = {"sex": sex, "median": None if median is None else share * median}
        for level in (50, 80, 95):
            lower, upper = (0.0, 1000.0) if median is None else (share * median / 2, share * median * 2)
            row |= {f"lower_{level}": lower if known else None, f"upper_{level}": upper if known else None}
        rows.append(row)
    table = pd.DataFrame(rows).astype({"median": float})
    table = table.assign(destination=destination, origin=origin, reference_date="2020-10-15")
    return table.assign(age_min=0, age_max=None)


WORLD = pd.concat(
    [
        corridor("AUT", "SRB", 1000.0),
        corridor("AUT", "POL", 500.0),
        corridor("DEU", "SRB", 9000.0),
        corridor("DEU", "POL", None),
        corridor("DEU", "FJI", None),
        corridor("DEU", "PRK", None, known=False),
        corridor("NAM", "SRB", None),
        corridor("NAM", "POL", None),
    ]
)


def test_sums_of_two_or_more_corridors_are_shown_destinations_first_and_all_last() -> None:
    assert listed(sums(WORLD))["name"].tolist() == [
        "In Germany",
        "In Austria",
        "From Serbia",
        "From Poland",
        "All corridors",
    ]


def test_what_is_left_out_of_a_sum_is_said() -> None:
    rows = listed(sums(WORLD)).set_index("name")
    assert rows["part"].to_dict() == {
        "In Germany": "1 of 4; 2 fewer than 2,000 together; 1 unknown",
        "In Austria": "2 of 2",
        "From Serbia": "2 of 3; 1 fewer than 1,000",
        "From Poland": "1 of 3; 2 fewer than 2,000 together",
        "All corridors": "3 of 8; 4 fewer than 4,000 together; 1 unknown",
    }
    assert rows["women"].round().tolist() == [75.0] * 5


def test_the_sum_over_everything_is_not_shown_twice() -> None:
    assert listed(sums(WORLD[WORLD["origin"] == "SRB"]))["name"].tolist() == ["From Serbia"]
    assert listed(sums(WORLD[WORLD["destination"] == "AUT"]))["name"].tolist() == ["In Austria"]


def test_single_corridors_and_nothing_estimated_make_no_table() -> None:
    assert sums_tables(sums(corridor("AUT", "SRB", 1000.0))) == []
    assert sums_tables(sums(WORLD[WORLD["destination"] == "NAM"])) == []


def test_the_table_fits_80_columns() -> None:
    console = Console(width=80)
    with console.capture() as captured:
        console.print(*sums_tables(sums(WORLD)))
    printed = captured.get()
    assert max(map(len, printed.splitlines())) <= 80
    assert "1 of 4; 2 fewer than" in printed
