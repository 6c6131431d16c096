"""Estimates of several waves from the command line: shown, added up, compared, exported."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import pytest
from tests.cli.command import smstock
from tests.estimated import AFTER, BEFORE, MADE, row, write

from smstock.cli import terminal
from smstock.report.estimates import MOST
from smstock.vocabulary.countries import areas

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the estimates of two months."""
    folder = tmp_path_factory.mktemp("migration")
    write(folder, "2025-11", BEFORE)
    write(folder, "2026-11", AFTER)
    return folder


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_rows_are_listed_the_newest_wave_first(folder: Path) -> None:
    ended = smstock("estimates", "serbia", "-w", folder)
    assert ended.returncode == 0
    assert lines(ended.stdout)[0] == "Estimates: sex all, ages 15+"
    assert lines(ended.stdout)[3:6] == [
        "2026-11 Serbia in Austria 4,500 2,250\N{EN DASH}9,000 stack",
        "2026-11 Croatia in Austria 190 95\N{EN DASH}380 trend",
        "2026-11 Poland in Germany 7 4\N{EN DASH}14 trend",
    ]
    assert "2025-11 Ukraine in Austria held back trend" in lines(ended.stdout)
    assert "serbia: 2025-11, 2026-11" in ended.stderr


def test_sums_tell_how_many_corridors_they_are_over_and_without(folder: Path) -> None:
    ended = smstock("estimates", "serbia", "-w", folder, "--by", "destination", "--origin", "SRB", "--origin", "ROU")
    assert lines(ended.stdout)[3:6] == [
        "In Austria 2025-11 1,000 1 of 2",
        "In Austria 2026-11 4,500 1 of 1",
        "In Germany 2025-11 tens 1 of 1",
    ]


def test_changes_are_shown_as_exactly_as_both_estimates_may_be_quoted(folder: Path) -> None:
    ended = smstock("estimates", "serbia", "-w", folder, "--compare", "2025-11", "2026-11")
    assert lines(ended.stdout)[3:5] == [
        "Serbia in Austria 1,000 4,500 +3,500 +350 % yes trend \N{RIGHTWARDS ARROW} stack",
        "Croatia in Austria hundreds 190 \N{MINUS SIGN}tens \N{MINUS SIGN}5 % trend",
    ]


def test_json_holds_every_row_and_the_columns_chosen(folder: Path) -> None:
    ended = smstock(
        "estimates", "serbia", "-w", folder, "--json", "--columns", "wave, origin,median", "--since", "2026-01"
    )
    assert json.loads(ended.stdout) == {
        "name": "serbia",
        "waves": ["2026-11"],
        "notices": [],
        "rows": [
            {"wave": "2026-11", "origin": "SRB", "median": 4500.0},
            {"wave": "2026-11", "origin": "HRV", "median": 190.0},
            {"wave": "2026-11", "origin": "POL", "median": 7.0},
        ],
    }
    nothing = smstock("estimates", "serbia", "-w", folder, "--json", "--destination", "FRA")
    assert json.loads(nothing.stdout)["rows"] == []


def test_an_export_is_told_before_it_is_made(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "changes.csv"
    words = ["estimates", "serbia", "-w", str(folder), "--compare", "2025-11", "2026-11", "--export", str(file)]
    words += ["--columns", "origin,change", "--destination", "AUT"]
    ended = smstock(*words, "--dry-run")
    assert f"{file}: 6 rows of origin, change; nothing is written" in ended.stderr
    assert not file.exists()
    ended = smstock(*words)
    assert f"written: {file}" in ended.stderr
    assert file.read_text().splitlines()[:3] == ["origin,change", "SRB,3500", "HRV,-10"]


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with estimates that are divided by age, of a country and of a part of it."""
    folder = tmp_path_factory.mktemp("divided")
    cells = [
        ("all", 15, None, 100.0),
        ("female", 15, None, 60.0),
        ("male", 15, None, 40.0),
        ("all", 15, 44, 70.0),
        ("all", 45, None, 30.0),
    ]
    rows = [
        row(destination, "SRB", median, sex=sex, age_min=low, age_max=high)
        for destination in ("AUT", "AT-9")
        for sex, low, high, median in cells
    ]
    write(folder, "2026-11", rows, replace(MADE, about={**MADE.about, "by": ["age"]}))
    return folder


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [100.0, 60.0, 40.0]),
        (["--sex", "female"], [60.0]),
        (["--ages", "each", "--sex", "all"], [100.0, 70.0, 30.0]),
        (["--ages", "15-44"], [70.0]),
        (["--ages", "15+", "--sex", "all"], [100.0]),
    ],
)
def test_totals_are_meant_unless_groups_are_named(divided: Path, options: list[str], expected: list[float]) -> None:
    ended = smstock("estimates", "serbia", "-w", divided, "--destination", "AT-9", "--json", *options)
    rows = json.loads(ended.stdout)["rows"]
    assert [shown["median"] for shown in rows] == expected
    assert {shown["destination"] for shown in rows} == {"AT-9"}


def test_groups_are_added_up_without_the_parts_of_a_country(divided: Path) -> None:
    words = ("estimates", "serbia", "-w", divided, "--by", "origin", "--sex", "all", "--ages", "each", "--json")
    ended = smstock(*words)
    rows = [(shown["age_min"], shown["age_max"], shown["sum_of_medians"]) for shown in json.loads(ended.stdout)["rows"]]
    assert sorted(rows, key=str) == [(15, 44, 70.0), (15, None, 100.0), (45, None, 30.0)]


def test_a_table_says_where_it_ends_and_how_to_have_all(tmp_path: Path) -> None:
    write(tmp_path, "2026-11", [row("AUT", area.iso3, 5.0) for area in areas()[:60] if area.iso3 != "AUT"])
    ended = smstock("estimates", "serbia", "-w", tmp_path)
    assert lines(ended.stdout)[0] == "Estimates: wave 2026-11, sex all, ages 15+"
    assert sum(" in Austria " in line for line in lines(ended.stdout)) == MOST
    assert f"Only {MOST} lines are shown: --export writes all" in " ".join(lines(ended.stdout))


@pytest.mark.parametrize("options", [(), ("--by", "destination"), ("--by", "all"), ("--compare", "2026-10", "2026-11")])
def test_no_figure_and_no_method_is_cut_at_80_columns(tmp_path: Path, options: tuple[str, ...]) -> None:
    for wave, factor in (("2026-10", 1.0), ("2026-11", 0.9)):
        cells = [(sex, *ages) for sex in ("all", "female", "male") for ages in ((15, 64), (65, None))]
        rows = [
            row("USA", origin, 12_345_678.0 * factor, sex=sex, age_min=low, age_max=high, method="carry_forward")
            for origin in ("MEX", "BIH")
            for sex, low, high in cells
        ]
        write(tmp_path, wave, rows)
    ended = smstock("estimates", "serbia", "-w", tmp_path, *options, columns=80)
    assert max(map(len, ended.stdout.splitlines())) <= 80
    assert "\N{HORIZONTAL ELLIPSIS}" not in ended.stdout
    words = set(ended.stdout.replace(",\n", " ").split())
    assert {"Mexico", "female,", "15-64"} <= words or options[:1] == ("--by",)
    assert ("carry_forward" in words) == ("--by" not in options)
    assert {"12,300,000", "11,100,000"} <= words or "--by" in options


def test_a_changed_export_names_its_waves_and_tells_of_the_file_that_it_replaces(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "changes.csv"
    words = ["estimates", "serbia", "-w", str(folder), "--compare", "2025-11", "2026-11", "--export", str(file)]
    assert "in place of" not in smstock(*words).stderr
    assert file.read_text().splitlines()[1].startswith("2025-11,2026-11,AUT,SRB,")
    file.write_text("another table")
    assert "changes.csv, in place of the file that was there: 8 rows" in smstock(*words, "--dry-run").stderr
    assert file.read_text() == "another table"
    assert f"written: {file}, in place of the file that was there" in smstock(*words).stderr
    assert file.read_text() != "another table"


def test_a_wave_that_was_not_chosen_or_left_aside_is_told_as_such(tmp_path: Path) -> None:
    for wave in ("2025-11", "2026-10", "2026-11"):
        write(tmp_path, wave, AFTER)
    words = ("estimates", "serbia", "-w", tmp_path, "--compare", "2025-11", "2026-11")
    ended = smstock(*words, "--since", "2026-10")
    assert "no estimates of 2025-11 here: --since and --until leave it out" in ended.stderr
    (tmp_path / "estimates/2025-11/serbia.manifest.json").unlink()
    assert "no estimates of 2025-11 here: its table was left aside" in smstock(*words).stderr


def test_long_work_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(terminal, "SECONDS_BETWEEN_LINES", 0.001)
    reached, enough = iter([-1.0, 12.4]), Event()

    def percent() -> float:
        if (number := next(reached, None)) is None:
            enough.set()
        return number or -1.0

    with terminal.percent_shown("estimates serbia", percent):
        assert enough.wait(10)
    assert capsys.readouterr().err == "estimates serbia: 12 %\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["serbai"], 3, "there are no estimates of 'serbai'"),
        (["serbai"], 3, "did you mean serbia?"),
        (["serbia", "--ages", "15-64"], 3, "allowed: 15+"),
        (["serbia", "--by", "destnation"], 2, "did you mean destination?"),
        (["serbia", "--compare", "2025-11", "2026-10"], 3, "serbia has no estimates of 2026-10"),
        (["serbia", "--since", "2026-13"], 2, "'2026-13' is not a wave"),
        (["serbia", "--destination", "Austri"], 3, "did you mean Austria (AUT)"),
        (["serbia", "--export", "rows.txt"], 2, "a name in .csv or .parquet"),
        (["serbia", "--columns", "median"], 2, "name the file too: --export FILE, or --json"),
        (["serbia", "--dry-run"], 2, "name the file too: --export FILE"),
        (["serbia", "--json", "--columns", "mediam"], 2, "did you mean median?"),
    ],
)
def test_what_cannot_be_meant_ends_with_what_to_do_next(
    folder: Path, words: list[str], code: int, message: str
) -> None:
    ended = smstock("estimates", *words, "-w", folder)
    assert (ended.returncode, message in ended.stderr) == (code, True), ended.stderr
