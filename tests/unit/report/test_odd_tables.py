"""Odd months: what page and terminal say of each, recomputed from its estimates and sums."""

from __future__ import annotations

import re
from math import exp
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from rich.console import Console
from tests.unit.report.test_page import Reader

from smstock.nowcast.sums import sums
from smstock.report import wording
from smstock.report.headline import headline
from smstock.report.listing import listing
from smstock.report.page import page
from smstock.report.sums import listed, sums_tables
from smstock.report.tables import estimates_table
from smstock.tables import ESTIMATE, LEVELS, check
from smstock.tables.sums import WITH, WITHOUT

if TYPE_CHECKING:
    from smstock.report.basis import Basis

DOUBTED = "doubtful: the audience alone says 0.002 times the official figure of 2020-07-01 (5,000)"
HELD = "held back: 9,000,000 computed, more than 0.5 times all emigrants of the origin (900,000 in 2015)"


def corridor(
    destination: str, kind: str, median: float | None = None, *, origin: str = "SRB", upper: float = 1400.0
) -> list[dict[str, Any]]:
    """Return the rows of a corridor: official, register, indicative, in words, without ends, floored, held, unknown."""
    alone = kind in {"indicative", "words", "floored", "unknown", "held"}
    rows = []
    for sex, share in (("all", 1.0), ("female", 0.4), ("male", 0.6)):
        of_sex = None if median is None else share * median
        row: dict[str, Any] = {
            "destination": destination, "origin": origin, "sex": sex, "age_min": 0, "age_max": None,
            "reference_date": "2020-10-15", "wave": "2020-10", "median": of_sex,
            "regime": "none" if alone else "register" if kind == "register" else "stale",
            "status": "held_back" if kind.startswith("held") else "doubtful" if kind == "doubted" else "provisional",
            "precision": "" if median is None else "magnitude" if kind == "words" else "digits",
            "reason": "as stated", "method": "none" if kind == "unknown" else "log_linear" if alone else "log_ratio",
            "audience": None, "audience_status": "failed" if kind == "unknown" else "floored",
            "official_last": None if alone else 5000.0, "official_last_date": "" if alone else "2020-07-01",
            "skill_vs_carry_forward": None, "calibration_id": "c-0", "notes": HELD if kind.startswith("held") else DOUBTED if kind == "doubted" else "",
        }  # fmt: skip
        for level in LEVELS:
            width = level / 100
            ends = (
                (None, None) if of_sex is None or kind == "without_ends" else (of_sex / exp(width), of_sex * exp(width))
            )
            if kind == "floored":
                ends = (0.0, upper * level / 80)
            row |= {f"lower_{level}": ends[0], f"upper_{level}": ends[1]}
        rows.append(row)
    return rows


MONTHS: dict[str, list[list[dict[str, Any]]]] = {
    "all floored": [corridor("CHL", "floored"), corridor("FJI", "floored")],
    "floors of all sizes": [
        corridor(name, "floored", upper=upper) for name, upper in (("CHL", 900.0), ("FJI", 1700.0))
    ],
    "one corridor": [corridor("AUT", "official", 178_194.0)],
    "one corridor in words": [corridor("IRN", "words", 17_000.0)],
    "no official figure at all": [corridor("IRN", "indicative", 17_000.0), corridor("IND", "indicative", 640.0)],
    "only orders of magnitude": [corridor("IRN", "words", 17_000.0), corridor("IND", "words", 640.0)],
    "held back rows": [corridor("AUT", "official", 9000.0), corridor("DEU", "held_official"), corridor("POL", "held")],
    "doubtful rows": [
        corridor("AUT", "official", 9000.0),
        corridor("DEU", "doubted", 5e6),
        corridor("FRA", "official", 800.0),
        corridor("IND", "indicative", 640.0),
    ],
    "nothing but doubtful": [corridor("AUT", "doubted", 7e6), corridor("POL", "doubted", 5e4)],
    "doubtful and indicative": [corridor("AUT", "doubted", 7e6), corridor("IND", "indicative", 640.0)],
    "everything held back": [corridor("AUT", "held_official"), corridor("POL", "held")],
    "all registers": [corridor(name, "register", size) for name, size in (("AUT", 9e4), ("DEU", 2e5), ("FRA", 800.0))],
    "two destinations without audience": [
        corridor("AUT", "official", 5e4),
        corridor("PRK", "unknown"),
        corridor("CHN", "unknown"),
    ],
    "no intervals": [corridor("AUT", "official", 9000.0), corridor("DEU", "without_ends", 7000.0)],
    "everything at once": [
        corridor("AUT", "official", 9e4),
        corridor("DEU", "register", 2e5),
        corridor("FRA", "official", 5.0),
        corridor("ITA", "without_ends", 100.0),
        corridor("IRN", "indicative", 3e5),
        corridor("IND", "words", 640.0),
        corridor("POL", "held"),
        corridor("CHL", "floored"),
        corridor("FJI", "floored", upper=20.0),
        corridor("PRK", "unknown"),
    ],
    "many pairs": [
        corridor(destination, "official", 1000.0 * place, origin=origin)
        for place, (destination, origin) in enumerate(
            [("AUT", "POL"), ("AUT", "SRB"), ("DEU", "POL"), ("DEU", "SRB")], 1
        )
    ],
}


@pytest.fixture(scope="module", params=MONTHS, ids=str)
def month(request: pytest.FixtureRequest) -> pd.DataFrame:
    return check(pd.DataFrame([row for rows in MONTHS[request.param] for row in rows]), ESTIMATE)


@pytest.fixture(scope="module")
def added(month: pd.DataFrame) -> pd.DataFrame:
    return sums(month)


@pytest.fixture(scope="module")
def html(month: pd.DataFrame, added: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> str:
    """The page of the month with its sums; drawn once for all that look at it."""
    return page("Odd", month, basis, sex_ratios, sums=added)


@pytest.fixture(scope="module")
def html_without_sums(month: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> str:
    return page("Odd", month, basis, sex_ratios)


def totals(month: pd.DataFrame) -> pd.DataFrame:
    return month[month["sex"] == "all"]


def printed(month: pd.DataFrame, added: pd.DataFrame) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(estimates_table(month, added), *sums_tables(added))
    return capture.get()


def counts(text: str) -> list[int]:
    """Return how many corridors each part of a headline is about."""
    several = re.findall(r"(?:of the |the |For |In |Of )(\d+) (?:more )?(?:countr|corridor)", text)
    one = len(re.findall(r"people from \w+ lived in (?!the |\d)", text))
    return [int(number) for number in several] + [1] * one


def test_every_corridor_is_counted_once_in_the_headline(month: pd.DataFrame, added: pd.DataFrame) -> None:
    text = headline(listing(month), added)
    assert sum(counts(text)) == len(totals(month)), text


def test_the_sum_of_the_headline_is_that_of_the_table_and_of_the_page(
    month: pd.DataFrame, added: pd.DataFrame, html: str
) -> None:
    checked = totals(month)[_checked(month)]
    of_all = added[(added["destination"] == "") & (added["origin"] == "") & (added["sex"] == "all")]
    without = of_all[of_all["indicative"] == WITHOUT].iloc[0]
    text, terminal = headline(listing(month), added), printed(month, added)
    reader = Reader(html)
    assert text in reader.text
    if len(checked) > 1:
        number = wording.persons(without["median"])
        assert f"about {number} people" in text
        assert without["estimated"] + without[["left_out", "held_back", "floored", "unknown"]].sum() == len(
            totals(month)
        )
        if without["estimated"] > 1:
            assert re.search(rf"sum of {without['estimated']} +{number} ", terminal)
            assert [row[1] for row in reader.rows["sums"] if row[0] in {"From Serbia", "All corridors"}][-1:] == [
                number
            ]
    else:
        assert "sum of" not in terminal


def test_what_nothing_checks_is_called_indicative_and_boasts_no_test(
    month: pd.DataFrame, added: pd.DataFrame, html: str
) -> None:
    rows = totals(month)
    checked, doubted = _checked(month).any(), rows["status"] == "doubtful"
    text = headline(listing(month), added)
    alone = rows["median"].notna() & (rows["regime"] == "none")
    assert ("indicative" in text) == bool(alone.any() and not checked)
    assert ("doubtful" in text) == bool(doubted.any())
    assert ("In a test on the official stocks" in Reader(html).text) == checked


def test_sums_with_indicative_ones_are_called_so(month: pd.DataFrame, added: pd.DataFrame) -> None:
    shown = listed(added)
    alone = totals(month)[totals(month)["median"].notna() & ~_checked(month)]
    assert shown["name"].str.contains("indicative").any() == bool(len(alone) and len(totals(month)) > 1)
    for row in shown.to_dict("records"):
        assert row["indicative"] == (WITH if "indicative" in row["name"] else WITHOUT)
        parts = [int(number) for number in re.findall(r"(?:^|; )(\d+)", row["part"])]
        assert sum(parts) == int(row["part"].split(" of ")[1].split(";")[0])


def test_rows_stand_with_a_figure_first_then_doubtful_then_indicative_then_held_back(month: pd.DataFrame) -> None:
    standings = listing(month)["standing"].tolist()
    order = ["checked", "doubtful", "indicative", "held back", "not estimated", "bounded", "unknown"]
    assert standings == sorted(standings, key=order.index)


def test_no_number_of_what_is_held_back_stands_in_a_cell_and_the_reason_does(
    month: pd.DataFrame, added: pd.DataFrame, html: str
) -> None:
    held = totals(month)[totals(month)["status"] == "held_back"]
    rows = Reader(html).rows.get("estimates", [[]])[1:]
    assert sum(row[1] == "held back" for row in rows) == len(held)
    assert all("9,000,000" not in cell for row in rows for cell in row[:-1])
    assert printed(month, added).count("Held back, ") == len(held)


def test_what_is_doubtful_is_marked_in_every_cell_and_its_reason_stands_below(
    month: pd.DataFrame, added: pd.DataFrame, html: str
) -> None:
    doubted = totals(month)[totals(month)["status"] == "doubtful"]
    reader = Reader(html)
    rows = reader.rows.get("estimates", [[]])[1:]
    names = {f"{wording.country(code)}?" for code in doubted["destination"]}
    assert {row[0] for row in rows if row[0].endswith("?")} == names
    assert printed(month, added).count("Doubtful, ") == len(doubted)
    assert ("Rows marked ? are doubtful." in reader.text) == bool(len(doubted))


def test_an_order_of_magnitude_has_no_digits(month: pd.DataFrame, html_without_sums: str) -> None:
    names = {wording.country(code) for code in totals(month).query("precision == 'magnitude'")["destination"]}
    rows = Reader(html_without_sums).rows.get("estimates", [[]])[1:]
    for row in rows:
        if row[0].rstrip("*†") in names:
            assert not re.search(r"\d", " ".join(row[1:4])), row


def _checked(month: pd.DataFrame) -> pd.Series:
    """Return which totals stand beside an official figure that nothing speaks against."""
    rows = totals(month)
    return rows["median"].notna() & rows["official_last"].notna() & (rows["status"] != "doubtful")


def test_no_estimate_has_an_empty_interval(month: pd.DataFrame, html_without_sums: str) -> None:
    rows = Reader(html_without_sums).rows.get("estimates", [[]])[1:]
    assert all(all(row[2:4]) for row in rows if row[1] not in {"held back", "no estimate"})


def test_upper_ends_and_unknown_corridors_stand_under_their_own_headings(
    month: pd.DataFrame, html_without_sums: str
) -> None:
    bounded = html_without_sums.partition('<ul id="ceilings">')[2].partition("</ul>")[0]
    unknown = html_without_sums.partition('<p id="unknown">')[2].partition("</p>")[0]
    for row in totals(month).to_dict("records"):
        name = wording.country(row["destination"])
        no_estimate = pd.isna(row["median"]) and row["status"] != "held_back" and pd.isna(row["official_last"])
        assert (name in bounded) == (no_estimate and pd.notna(row["upper_80"]))
        assert (name in unknown) == (no_estimate and pd.isna(row["upper_80"]))


def test_the_chart_says_how_many_it_draws(month: pd.DataFrame, html_without_sums: str) -> None:
    assert ("Grey bars are" in html_without_sums) == bool((totals(month)["median"].notna() & ~_checked(month)).any())
    estimated = int(totals(month)["median"].notna().sum())
    assert (" estimates, the largest with an official figure first" in html_without_sums) == (estimated > 30)
