from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from rich.console import Console

from smstock.nowcast.sums import sums
from smstock.query.preflight import Finding, Plan
from smstock.report import plans, tables
from smstock.report.style import MOST_ROWS
from smstock.report.wording import MINUS

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from smstock.report.basis import Basis

PLAN = Plan(
    cells=1602,
    calls=1600,
    calls_per_hour=300,
    accounts=2,
    findings=(
        Finding("note", "floor", "audiences below 1,000 are shown as 1,000"),
        Finding("cells", "age_rule", "ages [13-17] and a relationship status exclude each other", cells=2),
        Finding("refused", "version", "v8.0 ended on 4 May 2021"),
    ),
)


def printed(table: RenderableType, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


@pytest.fixture
def all_tables(estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> dict[str, RenderableType]:
    return {
        "estimates": tables.estimates_table(estimates, sums(estimates)),
        "methods": tables.methods_table(basis.scores, target_date=basis.target_date),
        "sex_ratios": tables.sex_ratio_table(sex_ratios, basis.errors_of_ratios),
        "plan": plans.plan_table(PLAN),
    }


@pytest.mark.parametrize("name", ["estimates", "methods", "sex_ratios", "plan"])
def test_a_table_reads_as_it_did(name: str, all_tables: dict[str, RenderableType], repository: Path) -> None:
    golden = repository / "tests" / "golden" / f"{name}_table.txt"
    assert printed(all_tables[name]) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", ["estimates", "methods", "sex_ratios", "plan"])
def test_nothing_is_cut_and_nothing_missing_is_printed(
    name: str, width: int, all_tables: dict[str, RenderableType]
) -> None:
    text = printed(all_tables[name], width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    assert not re.search(r"\b(nan|NaN|None|NaT|<NA>)\b", text)


def test_every_corridor_is_named_once(estimates: pd.DataFrame) -> None:
    text = printed(tables.estimates_table(estimates), 120)
    for name in ("Germany", "Austria", "Namibia", "Iran", "Chile", "Fiji", "United States", "DPR Korea"):
        assert text.count(name) == 1


def test_floored_rows_say_fewer_than(estimates: pd.DataFrame) -> None:
    text = printed(tables.estimates_table(estimates), 120)
    assert re.search(r"United States +fewer than 4,740 .* 39,837 +2020", text)
    assert "Fewer than 4,740 each, 2 corridors: Chile, Fiji." in text


def test_the_sum_compares_like_with_like(estimates: pd.DataFrame) -> None:
    text = printed(tables.estimates_table(estimates, sums(estimates)))
    assert re.search(r"sum of 3 +380,000 +see Sums +377,365", text)


def test_of_a_long_table_the_first_rows_are_shown_and_how_many_there_are(
    basis: Basis, sex_ratios: pd.DataFrame
) -> None:
    many = pd.concat([sex_ratios] * 60, ignore_index=True)
    lines = printed(tables.sex_ratio_table(many, basis.errors_of_ratios)).splitlines()
    rows = len(tables.sex_ratio_table(sex_ratios, basis.errors_of_ratios).rows) * 60
    assert rows > MOST_ROWS
    assert f"The first {MOST_ROWS} of {rows} rows are shown; the files hold all." in " ".join(lines)
    assert len(tables.sex_ratio_table(many, basis.errors_of_ratios).rows) == MOST_ROWS


def test_a_single_corridor_has_no_sum(estimates: pd.DataFrame) -> None:
    assert "sum of" not in printed(tables.estimates_table(estimates[estimates["destination"] == "DEU"]))


def test_an_empty_table_prints(estimates: pd.DataFrame) -> None:
    assert "no corridor" in printed(tables.estimates_table(estimates.iloc[:0]))


def test_methods_stand_as_they_are_ranked_the_first_marked_and_the_choice_last(basis: Basis) -> None:
    lines = printed(tables.methods_table(basis.scores, target_date=basis.target_date)).splitlines()
    order = [line.strip().split("  ")[0] for line in lines[2:] if re.search(r"\d %  \d+ %$", line)]
    assert order == ["✓ log ratio", "carry forward", "raw audience", "chosen within each fold"]


def test_a_score_that_could_not_be_computed_stays_empty(basis: Basis) -> None:
    score = replace(basis.scores[0], intervals=())
    text = printed(tables.methods_table([score], target_date=basis.target_date))
    assert re.search(rf"log ratio +31 .* {MINUS}9 %$", text, re.MULTILINE)
    assert "intervals held" not in text


def test_square_brackets_of_a_finding_are_text() -> None:
    assert "ages [13-17] and" in printed(plans.plan_table(PLAN))


def test_findings_stand_by_severity() -> None:
    text = printed(plans.plan_table(PLAN))
    assert text.index("v8.0 ended") < text.index("ages [13-17]") < text.index("audiences below")


@pytest.mark.parametrize(
    ("calls", "text"), [(0, "0 min"), (1, "1 min"), (294, "59 min"), (299, "1 h 0 min"), (1602, "5 h 21 min")]
)
def test_a_duration_is_rounded_up_to_the_minute(calls: int, text: str) -> None:
    plan = Plan(cells=calls, calls=calls, calls_per_hour=300, accounts=1)
    assert f"duration  {text}\n" in printed(plans.plan_table(plan))


def test_a_pace_that_is_not_published_leaves_the_duration_open() -> None:
    text = printed(plans.plan_table(Plan(cells=472, calls=472, calls_per_hour=None, accounts=1)))
    assert "pace      not published, 1 account\n" in text
    assert "duration  not known\n" in text


def test_cells_that_are_not_scored_are_told_apart(basis: Basis) -> None:
    caption = str(tables.methods_table(basis.scores, target_date=basis.target_date).caption)
    assert "Cells: corridors that a method can estimate. All scores are on the 31 that every method can." in caption
    alike = [score for score in basis.scores if score.cells_own == score.cells]
    assert "Cells:" not in str(tables.methods_table(alike, target_date=basis.target_date).caption)


def test_intervals_that_could_not_be_tested_are_not_passed_over(basis: Basis) -> None:
    scores = [replace(score, intervals=()) for score in basis.scores]
    assert "No 80 % interval could be tested" in str(tables.methods_table(scores, target_date="2020-07-01").caption)


def test_a_figure_of_another_source_is_named_below_the_table(estimates: pd.DataFrame) -> None:
    note = "official figure: undesa mixed 2020 instead of eurostat citizenship 2025-03-13 (no row)"
    rows = estimates.assign(notes=estimates["notes"].mask(estimates["destination"] == "DEU", note))
    text = " ".join(printed(tables.estimates_table(rows), 80).split())
    assert "Official figure of undesa mixed 2020 instead of eurostat citizenship 2025-03-13: Germany." in text
    assert "instead of" not in printed(tables.estimates_table(estimates), 80)


def test_an_audience_below_the_floor_is_fewer_than_the_floor(estimates: pd.DataFrame) -> None:
    text = printed(tables.estimates_table(estimates))
    [row] = [line for line in text.splitlines() if line.startswith("United")]
    assert "<1,000" in row
