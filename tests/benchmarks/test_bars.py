"""Bars: held against figures as printed, kept with commit and day, found by topic, shown on the page."""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest
from benchmarks.accuracy import printed
from benchmarks.bars import bars, house, imports, kept, page, parses, topics
from benchmarks.bars.bar import Bar, Direction
from benchmarks.bars.kept import Commit, Measured

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 30)
AT = Commit("abc1234", DAY)


def unmeasurable() -> float:
    raise AssertionError("a long bar is measured on demand only")


def bar(direction: Direction, promised: float = 0.36, decimals: int = 3) -> Bar:
    return Bar("E4", promised, direction, lambda: 0.3604, decimals=decimals, long=True)


@pytest.mark.parametrize(
    ("direction", "figure", "holds"),
    [
        (Direction.AT_MOST, 0.3604, True),  # printed as 0.360
        (Direction.AT_MOST, 0.3606, False),
        (Direction.AT_MOST, 0.1, True),
        (Direction.AT_LEAST, 0.3596, True),
        (Direction.AT_LEAST, 0.3594, False),
        (Direction.AT_LEAST, 0.9, True),
        (Direction.EXACTLY, 0.3601, True),
        (Direction.EXACTLY, 0.35, False),
        (Direction.EXACTLY, 0.37, False),
    ],
)
def test_a_figure_is_held_against_its_bar_as_printed(direction: Direction, figure: float, holds: bool) -> None:
    assert bar(direction).holds(figure) is holds


def test_a_figure_is_rounded_as_it_is_printed() -> None:
    assert bar(Direction.AT_MOST).figure() == 0.36
    assert Bar("time", 180, Direction.AT_MOST, lambda: 1234.6, unit="s").in_words(1234.6) == "1,235 s"


def test_words_say_whether_a_bar_holds_or_that_nothing_was_measured() -> None:
    at_most = bar(Direction.AT_MOST)
    assert page.words(at_most, Measured(0.349, AT)) == (
        "E4",
        "0.349",
        "at most 0.360",
        "holds",
        "abc1234",
        "2026-11-30",
    )
    assert page.words(at_most, Measured(0.386, AT))[3] == "falls short"
    assert page.words(at_most, None) == ("E4", "not measured", "at most 0.360", "", "", "")


def test_figures_kept_are_read_back_and_sorted(tmp_path: Path) -> None:
    path = tmp_path / "kept.toml"
    figures = {
        'time of "make"': Measured(170.0, AT),
        "E3: RMSLE": Measured(0.634, Commit("f00" + kept.UNCOMMITTED, DAY)),
    }
    kept.write(figures, path)
    assert kept.read(path) == figures
    assert path.read_text().index("E3: RMSLE") < path.read_text().index("make")
    first = path.read_bytes()
    kept.write(kept.read(path), path)
    assert path.read_bytes() == first


def test_nothing_is_kept_where_there_is_no_file(tmp_path: Path) -> None:
    assert kept.read(tmp_path / "kept.toml") == {}


def test_a_commit_says_what_was_not_committed(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=tmp_path, check=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    clean = kept.commit(tmp_path).name
    assert len(clean) >= 7
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "benchmarks.md").write_text("made by measuring")
    assert kept.commit(tmp_path).name == clean
    (tmp_path / "module.py").write_text("x = 1")
    assert kept.commit(tmp_path).name == clean + ", with uncommitted changes"


def test_an_unknown_topic_names_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="'speling'") as raised:
        topics.chosen("speling")
    assert raised.value.allowed == "path, safety, files, accuracy, speed, detail, month, signals, page, local"
    with pytest.raises(SystemExit, match="no bar has the topic 'speling'"):
        bars.main(["speling"])


def test_no_two_bars_share_a_name() -> None:
    names = Counter(bar.name for bars in topics.TOPICS.values() for bar in bars)
    assert max(names.values()) == 1


@pytest.fixture
def workbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A quick bar and a long one, with files of their own."""
    declared = (
        Bar("rooms", 24, Direction.AT_MOST, lambda: 26),
        Bar("E4", 0.36, Direction.AT_MOST, unmeasurable, decimals=3, long=True),
    )
    monkeypatch.setattr(topics, "TOPICS", {"path": declared, "speed": ()})
    monkeypatch.setattr(kept, "commit", lambda: AT)
    monkeypatch.setattr(kept.read, "__defaults__", (tmp_path / "kept.toml",))
    monkeypatch.setattr(kept.write, "__defaults__", (tmp_path / "kept.toml",))
    monkeypatch.setattr(page.write, "__defaults__", (tmp_path / "benchmarks.md",))
    return tmp_path


def test_quick_bars_are_measured_at_once_and_long_ones_are_as_kept(
    workbench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.write({"E4": Measured(0.349, Commit("0000000", DAY))})
    bars.main([])
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert lines == [
        ["path"],
        ["rooms", "26", "at", "most", "24", "falls", "short", "abc1234", "2026-11-30"],
        ["E4", "0.349", "at", "most", "0.360", "holds", "0000000", "2026-11-30"],
        ["speed:", "no", "bars", "yet"],
    ]
    assert list(kept.read()) == ["E4"]
    assert not (workbench / "benchmarks.md").exists()


def test_what_is_measured_on_demand_is_kept_and_stands_on_the_page(workbench: Path) -> None:
    bars.main(["path", "--measure", "rooms"])
    assert kept.read() == {"rooms": Measured(26, AT)}
    assert (
        "| rooms | 26 | at most 24 | falls short | abc1234 | 2026-11-30 |" in (workbench / "benchmarks.md").read_text()
    )
    with pytest.raises(AssertionError, match="on demand"):
        bars.main(["path", "--measure"])


@pytest.mark.usefixtures("workbench")
def test_a_part_that_no_name_has_is_refused() -> None:
    with pytest.raises(SystemExit, match="no bar has 'E9' in its name\n  allowed: rooms; E4"):
        bars.main(["--measure", "E9"])


def test_the_page_opens_with_the_bars_and_links_every_section() -> None:
    declared = {"path": (bar(Direction.AT_MOST),), "speed": ()}
    made = page.page(
        declared, {"E4": Measured(0.349, AT)}, ["# Benchmarks\n", "## Calls: `prune`\n\ntext\n", "## Pace\n"]
    )
    assert made == (
        "# Benchmarks\n\n### Path\n\n| what | figure | bar | | commit | day |\n| --- | ---: | ---: | --- | --- | --- |\n"
        "| E4 | 0.349 | at most 0.360 | holds | abc1234 | 2026-11-30 |\n\n"
        "- [Calls: prune](#calls-prune)\n- [Pace](#pace)\n\n## Calls: `prune`\n\ntext\n\n## Pace\n"
    )


def test_docs_benchmarks_is_what_the_generator_makes() -> None:
    texts = [section.read_text(encoding="utf-8") for section in page.sections()]
    made = page.page(topics.TOPICS, kept.read(), texts)
    assert kept.PAGE.read_text(encoding="utf-8") == made, "run `python -m benchmarks bars --page`"


def test_links_of_the_page_and_the_notes_lead_to_files() -> None:
    pages = [kept.PAGE, *(kept.PAGE.parent / "notes").glob("*.md")]
    links = [(path, link) for path in pages for link in page.links(path.read_text(encoding="utf-8"))]
    assert links
    assert [(path.name, link) for path, link in links if not (path.parent / link).exists()] == []


SOURCES = {
    "__init__.py": "",
    "cli.py": "from package import web\n",
    "web.py": "import package.errors\ndef get():\n    from package.tables import rows\n",
    "tables.py": "from typing import TYPE_CHECKING\nfrom package.web import get\n"
    "if TYPE_CHECKING:\n    from package.cli import main\n",
    "errors.py": "import json\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    return folder


def test_circles_are_found_inside_functions_and_not_among_types(package: Path) -> None:
    arrows = imports.arrows(package, for_types=False)
    assert ("package.tables", "package.cli") not in arrows
    assert imports.circles(arrows) == [["package.tables", "package.web"]]


def test_arrows_against_the_layers_are_found_those_for_types_too(package: Path) -> None:
    arrows = imports.arrows(package, for_types=True)
    assert imports.backward(arrows, [["cli"], ["web"], ["tables"], ["errors"]]) == {
        ("package.tables", "package.web"),
        ("package.tables", "package.cli"),
    }
    beside = imports.backward(arrows, [["cli"], ["web", "tables"], ["errors"]])
    assert ("package.web", "package.tables") in beside


def test_layers_are_those_of_the_contract() -> None:
    layers = imports.declared_layers(kept.REPOSITORY / "pyproject.toml")
    assert layers[0] == ["cli"]
    assert ["report", "sandbox"] in layers
    assert layers[-1] == ["errors"]


def test_a_function_is_documented_by_a_doctest_or_by_its_name_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "plan.py").write_text("def plan(): ...\n")
    (tmp_path / "tables.py").write_text(
        'def check():\n    """Check.\n\n    >>> check()\n    """\ndef read(): ...\ndef write(): ...\ndef _part(): ...\n'
    )
    assert house.undocumented(tmp_path, house.shown("call `smstock.read(path)`")) == ["tables.write"]


def test_parses_are_counted_by_answer_and_by_file(tmp_path: Path) -> None:
    from smstock.official import readers
    from smstock.platforms.base import RawAnswer
    from smstock.platforms.known import platform

    file = tmp_path / "namibia.csv"
    file.write_text(
        "provider,edition,area,sex,age_min,age_max,reference_date,value\nundesa,wpp,NAM,all,18,,2020-07-01,1445400\n"
    )
    answer = RawAnswer(b"{}", 200, "2020-10-05T00:00:00+00:00", "delivery_estimate", "v20.0")
    with parses.counted() as counts:
        for _ in range(2):
            readers.read_population(file)
        readers.recognised(file)
        for _ in range(3):
            platform("meta").read(answer)
    readers.read_population(file)
    platform("meta").read(answer)
    assert counts.of_files == {file.resolve(): 2}
    assert counts.of_answers == 3


def test_scores_are_those_of_the_first_table_of_methods() -> None:
    text = (
        "### E4\n\n| method | cells | RMSLE | skill |\n| --- | ---: | ---: | ---: |\n| trend | 5 | 0.149 | |\n\n"
        "80 % intervals\n\n| method | <100 |\n| --- | ---: |\n| trend | 96 (4.00) |\n"
    )
    assert printed.scores(text)["trend"]["RMSLE"] == "0.149"


def test_outside_of_a_checkout_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert kept.commit(tmp_path).name == kept.NO_CHECKOUT
    monkeypatch.setenv("PATH", str(tmp_path))
    assert kept.commit(tmp_path).name == kept.NO_CHECKOUT
