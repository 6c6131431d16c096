"""The page on consistency: what it counts, lists and leaves out."""

from __future__ import annotations

import re

import pandas as pd

from smstock.official.consistency import counts
from smstock.report.consistency import MOST_SHOWN, consistency_page

COLUMNS = ["check", "where", "expected", "found", "difference", "verdict"]


def page(*rows: tuple[str, str, float, float, float, str]) -> str:
    table = pd.DataFrame(list(rows), columns=COLUMNS)
    return consistency_page(table, counts(table), ["<a>.xlsx"])


def test_each_check_that_was_made_has_its_verdicts_and_rows() -> None:
    html = page(
        ("jump", "CHL", 746_435, 1_306_859, 560_424, "jump"),
        ("jump", "AUT", 1, 1, 0, "agrees"),
        ("sexes", "DEU", 9, 9, 0, "agrees"),
    )
    assert re.findall("<h2>(.*?)</h2>", html) == ["Women and men", "Jumps"]
    assert "Agrees: 1, jump: 1." in html
    assert "+560,424" in html
    assert html.count("<table>") == 1
    assert "no comparison of origins, providers, editions" in html


def test_names_are_escaped_and_long_lists_end_with_a_count() -> None:
    html = page(*(("editions", f"row {number}", 9, 1, -8, "differs") for number in range(MOST_SHOWN + 3)))
    assert "&lt;a&gt;.xlsx" in html
    assert html.count('<th scope="row">') == MOST_SHOWN
    assert "3 more," in html


def test_agreement_is_said() -> None:
    assert "Every comparison agrees" in page(("sexes", "DEU", 9, 9, 0, "agrees"))


def test_origins_that_exceed_the_total_are_shown_before_those_that_fall_short() -> None:
    short = [("origins", f"partial {number}", 9e6, 1, 1 - 9e6, "falls short") for number in range(MOST_SHOWN)]
    html = page(*short, ("origins", "too much", 10, 20, 10, "exceeds"))
    assert re.findall('<th scope="row">(.*?)</th>', html)[:2] == ["too much", "partial 0"]
    assert "1 more," in html
