"""Places as a person types them: what is wrong is one message, of a plan as of a look at the set itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cli.command import smstock

if TYPE_CHECKING:
    from pathlib import Path

QUERY = (
    'name = "q"\nplatform = "meta"\nplace_sets = ["places/laender.csv"]\norigins = ["SRB"]\nages = "18+"\n'
    'destinations = ["DEU", "laender"]\nbreakdowns = [["sex", "age"], ["relationship"]]\n'
    'age_groups = ["18-44", "45+"]\n[relationship]\nmarried = ["married"]\n'
)
HEADER = "code,name,regions,cities,circles,valid_from,valid_to,covers,reviewed\n"
BAVARIA = "DE-BY,Bavaria,1,,,,,DEU,2026-12-01\n"
BERLIN = "DE-BE,Berlin,2,,,,,DEU,2026-12-01\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queries" / "places").mkdir(parents=True)
    return tmp_path


def planned(folder: Path, rows: str, query: str = QUERY) -> tuple[int, str]:
    """Return the exit code of a plan, and all that it printed, in one line."""
    (folder / "queries" / "places" / "laender.csv").write_text(HEADER + rows, encoding="utf-8")
    (folder / "queries" / "q.toml").write_text(query, encoding="utf-8")
    result = smstock("plan", "q", cwd=folder)
    return result.returncode, " ".join((result.stdout + result.stderr).split())


def test_a_plan_of_places_says_what_each_breakdown_is_for(folder: Path) -> None:
    code, text = planned(folder, BAVARIA + BERLIN)
    assert code == 0
    assert "cells 30 " in text
    assert "sex: women and men have estimates of their own" in text
    assert "age: `nowcast --by sex,age` divides estimates by it" in text
    assert "relationship: it is collected, and no estimate is divided by it" in text
    assert "is not asked beside its places" not in text
    assert "added up to no sum" not in text


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (BAVARIA + BERLIN.replace("Berlin,2", "Berlin,1"), "DE-BY and DE-BE both claim regions 1"),
        (BAVARIA.replace("Bavaria,1", "Bavaria,1|1"), "DE-BY claims regions 1 twice"),
        (BAVARIA + BERLIN.replace("DE-BE", "DE-BY"), "DE-BY and DE-BY both claim"),
        (BAVARIA.replace("DE-BY", "DEU"), "the place DEU has the code of a country"),
        (BAVARIA.replace("DE-BY", "AT-BY"), "the set covers DEU, and AT-BY is no part of it"),
        (BAVARIA.replace("DE-BY", "QQ-BY"), "QQ-BY"),
        (BAVARIA.replace(",,,,,DEU", ",,,2020-01-02,2020-01-01,DEU"), "ends on 2020-01-01, before it begins"),
        (BAVARIA.replace(",,,,,DEU", ",,,2020-13-02,,DEU"), "'2020-13-02' is no day"),
        (BAVARIA.replace("2026-12-01", ""), "nobody has reviewed this set of places"),
        (BAVARIA.replace(",1,,,", ",,,48 11 900,"), "the radius of a circle is 900 km; Meta takes 1 to 80 km"),
        (BAVARIA.replace(",1,,,", ",,5:5,,"), "the radius around city 5 is 5 km; Meta takes 17 to 80 km"),
        (BAVARIA.replace(",1,,,", ",,,48 11 9|48 11.1 9,"), "touch, and Meta refuses locations that overlap"),
        (BAVARIA.replace(",1,,,", ",,,48 911 9,"), "no point of the Earth"),
        (BAVARIA.replace(",1,,,", ",,,,"), "it has no location of Meta"),
    ],
)
def test_a_place_that_cannot_be_is_one_message(folder: Path, rows: str, words: str) -> None:
    code, text = planned(folder, rows)
    assert code == 3
    assert words in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("rows", "query", "words"),
    [
        (BAVARIA.replace(",1,,,", ",,,40.4 -3.7 9,"), QUERY, "may lie in Spain, whose middle is much nearer"),
        (BAVARIA.replace(",,,,,DEU", ",,,,2020-01-01,DEU"), QUERY, "exists until 2020-01-01"),
        (BAVARIA.replace("DEU", ""), QUERY, "Germany are added up to no sum: no set covers it"),
        (BAVARIA + BERLIN, QUERY.replace('"laender"', '"laender", "-DE-BE"'), "1 of its 2 places are not asked"),
        (BAVARIA + BERLIN, QUERY.replace('"DEU", ', ""), "is not asked beside its places"),
        (BAVARIA, QUERY.replace('"18-44"', '"18-39"'), "since nobody of 40-44 is in a group"),
        (BAVARIA, QUERY.replace('"18-44"', '"18-50"'), "since 18-50 and 45+ overlap"),
    ],
)
def test_what_may_be_wrong_is_noted(folder: Path, rows: str, query: str, words: str) -> None:
    code, text = planned(folder, rows, query)
    assert code == 0
    assert words in text


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("Bavaira", "did you mean Bavaria (DE-BY)?"), ("DE-BV", "did you mean Bavaria (DE-BY)?")],
)
def test_a_mistyped_place_is_answered_with_the_nearest(folder: Path, typed: str, answer: str) -> None:
    code, text = planned(folder, BAVARIA, QUERY.replace('"laender"', f'"{typed}"'))
    assert code == 3
    assert answer in text


def test_a_mistyped_column_is_answered_with_the_nearest(folder: Path) -> None:
    (folder / "queries" / "q.toml").write_text(QUERY, encoding="utf-8")
    (folder / "queries" / "places" / "laender.csv").write_text("code,name,region\nDE-BY,Bavaria,1\n")
    result = smstock("plan", "q", cwd=folder)
    assert result.returncode == 3
    assert "no such column: region" in result.stderr
    assert "did you mean regions?" in result.stderr
