from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console

from smstock.report.officials import (
    EXPECTED,
    MOST_COMPARED,
    disagreements_table,
    fetched_table,
    holdings_table,
    official_table,
)

if TYPE_CHECKING:
    from rich.table import Table


def printed(table: Table, width: int = 240) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_what_was_left_out_is_counted_with_its_reason() -> None:
    summary: dict[str, Any] = {"file": "a/b.csv", "rows": 5640, "left_out": {"for groups of areas": 1248}, "sex": []}
    text = printed(official_table([summary]))
    for said in ("b.csv", "5,640", "left out", "1,248 for groups of areas", "none"):
        assert said in text


def test_holdings_show_destinations_with_the_most_holes() -> None:
    holes = {place: ["2020-01-01"] * number for number, place in enumerate(["BEL", "DEU", "FRA", "GRC", "PRT"], 1)}
    record = {"file": "x.json", "table": "stock", "provider": "eurostat", "dataset": "migr_pop3ctb", "edition": "2026",
              "concept": "birth", "destinations": 5, "corridors": 1200, "figures": 9000, "missing": 12,
              "first": "2015-01-01", "last": "2024-01-01", "dates": 10, "holes": holes}  # fmt: skip
    text = printed(holdings_table([record, {"file": "y", "refused": "y is empty"}]))
    for said in ("1,200", "10 dates: 2015 to 2024-01-01", "8,988", "12 missing", "PRT 5, GRC 4", "and 3 more"):
        assert said in text
    assert "y is empty" not in text


def test_holdings_fit_a_terminal_of_80_columns() -> None:
    name = "undesa/undesa_pd_2024_ims_stock_by_sex_and_destination@2026-11-30-894fe0637f64.xlsx"
    record = {"file": name, "table": "population", "provider": "undesa", "dataset": "ims", "edition": "2024",
              "destinations": 235, "figures": 1_234_567, "missing": 123_456, "first": "1990-07-01",
              "last": "2024-07-01", "dates": 34, "holes": {"BLM": ["2020"] * 12, "MAF": ["2020"] * 11, "GRL": [""]}}  # fmt: skip
    text = printed(holdings_table([record]), width=80)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    for words in ("235 areas", "34 dates: 1990 to 2024-07-01", "holes: BLM 12, MAF 11", "1,111,111",
                  "123,456 missing", "@2026-11-30-894fe0637f64.xlsx"):  # fmt: skip
        assert words in text


def test_only_disagreements_are_listed() -> None:
    rows = [
        ("sexes", "here", 10.0, 8.0, -2.0, "falls short"),
        ("sexes", "there", 10.0, 10.0, 0.0, "agrees"),
    ]
    columns = ["check", "where", "expected", "found", "difference", "verdict"]
    text = printed(disagreements_table(pd.DataFrame(rows, columns=columns)))
    assert "here" in text
    assert "-2" in text
    assert "there" not in text


def test_a_sex_is_listed_where_both_sexes_together_agree() -> None:
    rows = [
        ("editions", f"x: DEU from WLD, {sex}, 0+, 2020-07-01", 10.0, 8.0, -2.0, verdict)
        for sex, verdict in (("all", "differs"), ("male", "differs"))
    ]
    rows += [("editions", "x: AUT from WLD, female, 0+, 2020-07-01", 10.0, 8.0, -2.0, "differs")]
    columns = ["check", "where", "expected", "found", "difference", "verdict"]
    text = printed(disagreements_table(pd.DataFrame(rows, columns=columns)))
    assert "DEU from WLD, all" in text
    assert "DEU from WLD, male" not in text
    assert "AUT from WLD, female" in text


def test_origins_that_fall_short_are_listed_after_everything_else() -> None:
    partial = [("origins", f"partial {number}", 9e6, 1.0, 1.0 - 9e6, "falls short") for number in range(30)]
    small = [
        ("origins", "too much", 10.0, 20.0, 10.0, "exceeds"),
        ("sexes", "women", 20.0, 10.0, -10.0, "falls short"),
        ("jump", "leap", 1000.0, 2000.0, 1000.0, "jump"),
        ("providers", "two offices", 10.0, 20.0, 10.0, "differs"),
        ("editions", "two years", 10.0, 20.0, 10.0, "differs"),
    ]
    columns = ["check", "where", "expected", "found", "difference", "verdict"]
    lines = printed(disagreements_table(pd.DataFrame(partial + small, columns=columns))).splitlines()[1:]
    notes = lines[MOST_COMPARED:]
    below = " ".join(" ".join(notes).split())
    assert all(f"{name}: expected is {EXPECTED[name]}." in below for name in EXPECTED)
    assert below.endswith(f"Only {MOST_COMPARED} of 35 disagreements are shown: --save writes all.")
    assert [line.split()[0] for line in lines[:5]] == ["origins", "sexes", "jump", "providers", "editions"]
    assert ["partial 0" in lines[5], "partial 14" in lines[19]] == [True, True]


def test_a_download_of_unknown_size_has_no_cells() -> None:
    text = printed(fetched_table([{"file": "B14.csv", "cells": None, "url": "https://example.org"}]))
    assert "None" not in text
    assert "https://example.org" in text
