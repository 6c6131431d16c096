from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from smstock.nowcast.sums import sums
from smstock.report import wording
from smstock.report.page import page
from smstock.report.wording import DASH

if TYPE_CHECKING:
    import pandas as pd

    from smstock.report.basis import Basis

VOID = {"meta"}


class Reader(HTMLParser):
    """What a page holds: its texts, its tables row by row, its links; it raises if a tag is closed out of turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.rows: dict[str, list[list[str]]] = {}
        self.table = ""
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.table = names["id"] or ""
            self.rows[self.table] = []
        elif tag == "tr":
            self.rows[self.table].append([])
        elif tag in ("th", "td"):
            self.rows[self.table][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"style", "script"} & set(self.open):
            return
        data = data.replace("\N{NO-BREAK SPACE}", " ")
        self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[self.table][-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html(estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> str:
    return page("People from Serbia", estimates, basis, sex_ratios)


def test_sums_stand_on_the_page_with_what_is_left_out_of_them(
    html: str, estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame
) -> None:
    added = sums(estimates)
    rows = Reader(page("People from Serbia", estimates, basis, sex_ratios, sums=added)).rows["sums"]
    without, both = added.loc[(added["origin"] == "SRB") & (added["sex"] == "all"), "median"]
    assert len(rows) == 3
    assert rows[1][:2] == ["From Serbia", wording.persons(without)]
    assert rows[2][:2] == ["From Serbia, with indicative", wording.persons(both)]
    assert rows[1][-1].startswith("3 of 8; 1 left out; 3 fewer than")
    assert rows[2][-1].startswith("4 of 8; 3 fewer than")
    assert rows[1][-1].endswith("1 unknown")
    assert "sums" not in Reader(html).rows


def test_every_corridor_is_in_the_table_or_among_the_ceilings_once(html: str) -> None:
    reader = Reader(html)
    names = [row[0] for row in reader.rows["estimates"][1:]]
    assert names == ["Germany", "Austria", "Namibia†", "Iran*", "United States"]
    ceilings = html.partition('<ul id="ceilings">')[2].partition("</ul>")[0]
    assert [ceilings.count(name) for name in ("Chile", "Fiji", "DPR Korea")] == [1, 1, 0]
    unknown = html.partition('<p id="unknown">')[2].partition("</p>")[0]
    assert [unknown.count(name) for name in ("Chile", "Fiji", "DPR Korea")] == [0, 0, 1]


def test_a_row_holds_estimate_intervals_official_figure_date_and_notes(html: str) -> None:
    namibia = next(row for row in Reader(html).rows["estimates"] if row[0].startswith("Namibia"))
    ends = [f"53{DASH}79", f"44{DASH}97"]
    notes = ["register", "official figure counts citizens"]
    assert namibia == ["Namibia†", "65", *ends, "60 %", "", "65", "2020-07-01", *notes]


def test_floored_rows_say_fewer_than(html: str) -> None:
    united_states = next(row for row in Reader(html).rows["estimates"] if row[0] == "United States")
    assert united_states[1:4] == ["fewer than 4,740", "", ""]
    assert "Fewer than 4,740 each, 2 corridors: Chile, Fiji" in Reader(html).text


def test_what_is_missing_is_never_printed(html: str) -> None:
    assert not re.search(r"\b(nan|NaN|None|NaT|<NA>|undefined)\b", Reader(html).text)


def test_the_page_loads_nothing(html: str) -> None:
    assert Reader(html).links == []
    assert not re.search(r"<(script|link|iframe|img|object|embed)\b|@import|url\(", html)


def test_text_from_outside_is_escaped(estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> None:
    title = "<script>alert(1)</script> & co."
    html = page(title, estimates, replace(basis, query="<b>q</b>"), sex_ratios)
    assert "<script" not in html
    assert "<b>" not in html
    assert Reader(html).text.count(title) == 2  # the title of the window and the heading
    assert "audience alone says 0.2 times <the> figure" in Reader(html).text


def test_a_percent_sign_stays_with_its_number(html: str) -> None:
    verdict = html.partition("How accurate")[2].partition("<figure>")[0]
    assert "84\N{NO-BREAK SPACE}%" in verdict
    assert not re.search(r"\d %", verdict)


def test_headline_verdict_limits_and_provenance_are_on_the_page(html: str, basis: Basis) -> None:
    text = Reader(html).text
    assert "On 15 October 2020 about 378,000 people from Serbia lived in the 3 countries" in text
    assert "Of 3 methods, log ratio estimates first" in text
    assert "Accounts are not persons." in text
    for fact in (
        basis.calibration,
        "a" * 64,
        "smstock 0.1.0",
        "calibrated on October 2020, estimated from October 2020",
    ):
        assert fact in text


def test_methods_and_sex_ratios_have_their_tables(html: str) -> None:
    reader = Reader(html)
    assert [row[0] for row in reader.rows["methods"][1:]] == [
        "log ratio",
        "carry forward",
        "raw audience",
        "chosen within each fold",
    ]
    assert reader.rows["ratios"] == [
        ["", "Audience", "Users", "Corrected", "✓ Official"],
        ["Austria", "0.91", "", "", "1.06"],
        ["Germany", "0.76", "0.96", "0.79", "1.02"],
    ]


def test_the_page_is_a_function_of_its_arguments(
    html: str, estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame
) -> None:
    assert page("People from Serbia", estimates.copy(), replace(basis), sex_ratios.copy()) == html


def test_a_nowcast_of_nothing_is_still_a_page(estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> None:
    nothing = replace(basis, scores=(), errors_of_ratios=())
    reader = Reader(page("Nothing", estimates.iloc[:0], nothing, sex_ratios.iloc[:0]))
    assert "No stock could be estimated" in reader.text
    assert reader.rows == {}


def test_a_caption_promises_only_what_is_drawn(estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> None:
    """Without a tested interval there is no right-hand chart; without an interval of an indicative row no grey bar."""
    html = page("x", estimates, basis, sex_ratios)
    assert "Grey bars" in html
    assert "Right: how many official stocks" in html
    ends = [f"{end}_{level}" for end in ("lower", "upper") for level in (50, 80, 95)]
    alone = estimates["regime"] == "none"
    bare = estimates.assign(**{name: estimates[name].mask(alone) for name in ends})
    untested = replace(basis, scores=tuple(replace(score, intervals=()) for score in basis.scores))
    html = page("x", bare, untested, sex_ratios)
    assert "Grey bars" not in html
    assert "Right:" not in html
    assert "No 80 % interval could be tested." in html
