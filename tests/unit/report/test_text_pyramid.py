"""The pyramid of the terminal: lengths by hand, sides, and marks of what is known."""

from __future__ import annotations

import pandas as pd
import pytest

from smstock.report.text_pyramid import WIDTH, text_pyramid

FULL, DARK, LIGHT = "\N{FULL BLOCK}", "\N{DARK SHADE}", "\N{LIGHT SHADE}"
DASH, OFFICIAL, AUDIENCE = "\N{EN DASH}", "\N{BLACK DIAMOND}", "\N{MULTIPLICATION SIGN}"


def groups(*sexes: str, **other: object) -> pd.DataFrame:
    """Two age groups, the older of which is WIDTH persons at most."""
    rows = [
        {"sex": sex, "age_min": low, "age_max": high, "median": median, "official": None, "audience": None}
        for low, high, median in ((18, 44, 10.0), (45, None, 20.0))
        for sex in sexes
    ]
    table = pd.DataFrame(rows)
    ends = {"lower_80": table["median"] - 5, "upper_80": table["median"] + [8.0] * len(table)}
    return table.assign(education="").assign(**ends).assign(**other).astype({"age_max": "Int64"})  # type: ignore[arg-type]


def test_everybody_has_one_side_and_bars_as_long_as_persons() -> None:
    assert text_pyramid(groups("all")) == [
        f"  45+ {FULL * 15}{DARK * 5}{LIGHT * 8}",
        f"18{DASH}44 {FULL * 5}{DARK * 5}{LIGHT * 8}",
    ]
    assert WIDTH == 28


def test_women_and_men_mirror_one_another() -> None:
    head, old, young = text_pyramid(groups("female", "male"))
    assert head.split() == ["women", "men"]
    for line, ages in ((old, " 45+ "), (young, f"18{DASH}44")):
        women, men = line.split(ages)
        assert women.strip() == men.strip()[::-1]
        assert len(women) == WIDTH + 1


@pytest.mark.parametrize(("persons", "place"), [(28.0, 27), (1.0, 0), (0.0, 0), (14.0, 13)])
def test_a_mark_stands_at_its_persons_the_official_one_first(persons: float, place: int) -> None:
    old, _ = text_pyramid(groups("all", audience=persons))
    assert old[6:].index(AUDIENCE) == place
    both, _ = text_pyramid(groups("all", audience=persons, official=persons))
    assert both[6:].index(OFFICIAL) == place
    assert AUDIENCE not in both


def test_the_longest_bar_or_mark_has_the_whole_width() -> None:
    lines = text_pyramid(groups("female", "male", official=280.0))
    assert all(line.startswith(OFFICIAL) and line.endswith(OFFICIAL) for line in lines[1:])
    assert {len(line) for line in lines[1:]} == {2 * WIDTH + 7}
    assert FULL * 3 not in lines[1]


def test_groups_of_nobody_have_no_bar() -> None:
    lines = text_pyramid(groups("all", median=0.0, lower_80=0.0, upper_80=0.0))
    assert [line.strip() for line in lines] == ["45+", f"18{DASH}44"]
