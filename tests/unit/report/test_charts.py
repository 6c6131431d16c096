from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pandas as pd

from smstock.report import charts

if TYPE_CHECKING:
    from smstock.report.basis import Basis


def texts(svg: str) -> list[str]:
    """Return the texts of a drawing; raise if it is not well-formed."""
    return [text.strip() for element in ET.fromstring(svg).iter() if (text := element.text or "").strip()]


def test_estimates_are_drawn_by_size_with_their_medians(estimates: pd.DataFrame) -> None:
    shown = texts(charts.estimates_chart(estimates))
    names = ["Germany", "Austria", "Namibia", "Iran*", "2 below the floor"]
    assert [text for text in shown if text in names] == names
    assert {"200,000", "178,000", "17,000", "65", "<4,740"} <= set(shown)
    assert {"estimate", "last official figure", "audience", "persons"} <= set(shown)


def test_a_single_corridor_at_the_floor_keeps_its_name(estimates: pd.DataFrame) -> None:
    shown = texts(charts.estimates_chart(estimates[estimates["destination"].isin(["DEU", "CHL"])]))
    assert "Chile" in shown


def test_only_the_largest_estimates_are_drawn(estimates: pd.DataFrame) -> None:
    germany = estimates[estimates["destination"] == "DEU"]
    codes = [
        "ALB",
        "AND",
        "ARG",
        "ARM",
        "AUS",
        "AUT",
        "AZE",
        "BEL",
        "BGR",
        "BHR",
        "BIH",
        "BLR",
        "BRA",
        "CAN",
        "CHE",
        "CHN",
    ]
    codes += ["COL", "CYP", "CZE", "DEU", "DNK", "DZA", "ECU", "EGY", "ESP", "EST", "FIN", "FRA", "GBR", "GEO", "GRC"]
    many = pd.concat([germany.assign(destination=code, median=1_000.0 - i) for i, code in enumerate(codes)])
    shown = texts(charts.estimates_chart(many))
    assert "Georgia" in shown
    assert "Greece" not in shown  # the thirty-first


def test_an_estimate_without_intervals_is_still_drawn(estimates: pd.DataFrame) -> None:
    ends = [f"{end}_{level}" for end in ("lower", "upper") for level in (50, 80, 95)]
    assert "Germany" in texts(charts.estimates_chart(estimates.assign(**dict.fromkeys(ends, float("nan")))))


def test_methods_are_drawn_by_error_without_the_choice(basis: Basis) -> None:
    shown = texts(charts.methods_chart(basis.scores))
    names = ["log ratio", "carry forward", "raw audience"]
    assert [text for text in shown if text in names] == names
    assert "0.317" in shown
    assert "chosen" not in " ".join(shown)


def test_nothing_to_draw_is_no_drawing(estimates: pd.DataFrame, basis: Basis) -> None:
    assert charts.estimates_chart(estimates[estimates["method"] == "none"]) == ""
    assert charts.estimates_chart(estimates.iloc[:0]) == ""
    assert charts.methods_chart(()) == ""


def test_equal_tables_give_equal_bytes(estimates: pd.DataFrame, basis: Basis) -> None:
    assert charts.estimates_chart(estimates) == charts.estimates_chart(estimates.copy())
    assert charts.methods_chart(basis.scores) == charts.methods_chart(list(basis.scores))


def test_a_drawing_loads_nothing_and_has_no_identifiers_that_could_clash(estimates: pd.DataFrame, basis: Basis) -> None:
    for svg in (charts.estimates_chart(estimates), charts.methods_chart(basis.scores)):
        attributes = {name.rpartition("}")[2] for element in ET.fromstring(svg).iter() for name in element.attrib}
        assert attributes.isdisjoint({"href", "src", "id"})
