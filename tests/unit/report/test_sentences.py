from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.calibrate.learnt import Score
from smstock.report import sentences

if TYPE_CHECKING:
    from smstock.report.basis import Basis


def test_the_verdict_compares_with_the_baseline_and_tells_interval_coverage_by_size(basis: Basis) -> None:
    said = sentences.verdict(basis.scores, target_date=basis.target_date)
    assert "Of 3 methods, log ratio estimates first" in said
    assert "RMSLE is 0.317, 21 % less than that of carrying the last official figure forward (0.403)" in said
    assert (
        "held 84 % of the official stocks: 92 % of the 13 with at least 10,000 persons and 78 % of the 18 with" in said
    )


def test_a_baseline_that_wins_is_not_praised(basis: Basis) -> None:
    scores = [score for score in basis.scores if score.method != "log_ratio"]
    said = sentences.verdict(scores, target_date=basis.target_date)
    assert "carry forward estimates first" in said
    assert "no method was better than this baseline" in said
    assert "less than" not in said


def test_the_choice_is_told_apart_from_the_winner(basis: Basis) -> None:
    assert "the RMSLE is 0.321, and the 80 % intervals held 77 %" in sentences.choice(basis.scores)
    assert sentences.choice(()) == ""


def test_sources_of_sex_ratios_are_told_in_order_and_untested_ones_left_out(basis: Basis) -> None:
    said = sentences.sex_verdict(basis.errors_of_ratios)
    assert "43 % smaller with the last official figure (typically a factor of 1.28, 40 corridors)" in said
    assert "and 4 % larger with the audience (typically a factor of 1.32, 30 corridors)." in said
    assert "corrected" not in said


def test_nothing_measured_is_said_in_words() -> None:
    assert sentences.verdict((), target_date="2020-07-01") == "No method was measured."
    assert sentences.in_brief((), target_date="2020-07-01", lag=5.0) == ""
    assert sentences.sex_verdict(()) == "No source of a sex ratio could be measured against an official one."


def test_methods_that_err_equally_keep_the_order_of_the_ranking() -> None:
    """The first of them is the one that estimates, and the one that is said to."""
    scores = [Score(name, "all", 4, 0.14, mdape=4.0) for name in ("chosen", "damped_trend_fixed", "damped_trend")]
    assert list(sentences.by_method(scores)) == ["damped_trend_fixed", "damped_trend", "chosen"]
    assert "damped trend fixed estimates first" in sentences.verdict(scores, target_date="2020-07-01")


def test_without_an_earlier_figure_no_age_is_said() -> None:
    text = sentences.in_brief([Score("raw_audience", "all", 4, 0.14, mdape=4.0)], target_date="2020-07-01", lag=None)
    assert "with no earlier official figures, half" in text


def test_no_estimate_is_said_to_be_within_nothing() -> None:
    scores = [Score("hierarchical_update", "all", 38, 0.02, mdape=0.31)]
    assert "half of the estimates were within 1 %." in sentences.in_brief(scores, target_date="2025-07-01", lag=5.0)
    assert "half of its estimates were within 1 % of" in sentences.verdict(scores, target_date="2025-07-01")
