"""Skill profiles in words and pictures."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from smstock.errors import InputError
from smstock.report import skills_listing as words
from smstock.report.skills import corridor_table, outstanding
from smstock.report.skills_charts import comparison_chart, profile_chart


def rows(*categories: tuple[str, float | None], dimension: str = "seniority") -> pd.DataFrame:
    """Return the rows of a corridor; a share that is None is below the floor."""
    table = pd.DataFrame(categories, columns=["category", "share"]).assign(
        destination="DEU",
        origin="ROU",
        sex="all",
        dimension=dimension,
        base="stated",
        base_share=0.97,
        rounding="two_digits",
        everybody=0.2,
    )
    for level in (50, 80, 95):
        table[f"lower_{level}"] = (table["share"] - level / 2000).fillna(0.0)
        table[f"upper_{level}"] = (table["share"] + level / 2000).fillna(0.03)
    return table


def test_ages_and_experience_go_up_and_other_categories_down_by_share() -> None:
    profile = pd.concat(
        [
            rows(("25-34", 0.5), ("18-24", 0.3), dimension="age"),
            rows(("cxo", None), ("entry", 0.3), ("senior", 0.6)),
            rows(("11+", 0.5), ("2-10", 0.5), dimension="experience"),
        ]
    )
    listed = words.listing(profile, "DEU", "ROU")
    assert listed["category"].tolist() == ["18-24", "25-34", "2-10", "11+", "senior", "entry", "cxo"]


def test_a_corridor_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match="no one from Serbia in Germany") as caught:
        words.listing(rows(("entry", 0.3)), "DEU", "SRB")
    assert "ROU in DEU" in caught.value.allowed


@pytest.mark.parametrize(
    ("lower", "upper", "shown"),
    [
        (0.3146, 0.3521, "31-35 %"),
        (0.3146, 0.3149, "31.5-31.5 %"),
        (0.012, 0.034, "1.2-3.4 %"),
        (0.09, 0.12, "9.0-12.0 %"),
    ],
)
def test_an_interval_has_the_decimals_that_tell_its_ends_apart(lower: float, upper: float, shown: str) -> None:
    row = {"share": 0.1, "lower_80": lower, "upper_80": upper}
    assert words.interval(row).replace("\N{EN DASH}", "-") == shown


@pytest.mark.parametrize(
    ("lower", "upper", "mark"), [(1.1, 1.3, "▲"), (0.7, 0.9, "▼"), (0.9, 1.1, " "), (None, None, " ")]
)
def test_only_a_quotient_beyond_doubt_is_marked(lower: float | None, upper: float | None, mark: str) -> None:
    ends = pd.DataFrame([{"location_quotient_lower_80": lower, "location_quotient_upper_80": upper}], dtype="float64")
    assert words.mark(ends.to_dict("records")[0]) == mark


def test_a_corridor_of_which_nothing_is_known_says_why() -> None:
    unknown = rows(("entry", None), ("senior", None)).assign(wave="2026-11", wave_before="", population="members")
    nothing = {
        f"{name}{end}": float("nan")
        for name in ("location_quotient", "origins_quotient", "persons", "change")
        for end in ("", "_lower_80", "_upper_80")
    }
    console = Console(width=80, record=True, file=StringIO())
    console.print(corridor_table(unknown.assign(**nothing, upper_80=float("nan")), "DEU", "ROU"))
    text = " ".join(console.export_text().split())
    assert text.count("not known") == 2
    assert "Not known: the whole is below the floor, or there was no answer" in text
    assert "<:" not in text


def test_nothing_stands_out_of_a_profile_like_everybody() -> None:
    table = pd.DataFrame({"category": ["a", "b"], "location_quotient": [1.01, 0.99]}).assign(
        location_quotient_lower_80=0.9, location_quotient_upper_80=1.1
    )
    assert outstanding(table) == []


def test_a_chart_shows_shares_and_bounds_and_loads_nothing() -> None:
    svg = profile_chart(rows(("entry", 0.3), ("cxo", None)))
    assert "30 %" in svg
    assert "&lt;3.0 %" in svg
    assert "href" not in svg


def test_a_dimension_of_which_nothing_is_known_has_no_chart() -> None:
    unknown = rows(("entry", None)).assign(upper_80=None, share=None)
    assert profile_chart(unknown.astype({"upper_80": "float64"})) == ""
    assert comparison_chart([("Romania", unknown)]) == ""


def test_a_comparison_names_its_corridors_and_equal_tables_give_equal_charts() -> None:
    listed = [("Romania", rows(("entry", 0.3), ("senior", 0.5))), ("Bulgaria", rows(("entry", 0.4), ("senior", 0.4)))]
    svg = comparison_chart(listed)
    assert "Romania" in svg
    assert "Bulgaria" in svg
    assert svg == comparison_chart(listed)
