"""The page docs/benchmarks.md: the figures that matter, then the tables kept by hand in benchmarks/pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from benchmarks.bars.kept import PAGE, REPOSITORY

from smstock.folder import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.bars.bar import Bar
    from benchmarks.bars.kept import Measured

SECTIONS: Final = REPOSITORY / "benchmarks" / "pages"
HEADER: Final = ("| what | figure | bar | | commit | day |", "| --- | ---: | ---: | --- | --- | --- |")


def write(topics: Mapping[str, Sequence[Bar]], figures: Mapping[str, Measured], path: Path = PAGE) -> Path:
    """Write the page and return its path."""
    text = page(topics, figures, [section.read_text(encoding="utf-8") for section in sections()])
    write_file(path, text)
    return path


def sections(folder: Path = SECTIONS) -> list[Path]:
    """Return the files kept by hand, in the order in which the page shows them; ``front.md`` comes first."""
    return [folder / "front.md", *sorted(folder.glob("[0-9]*.md"))]


def page(topics: Mapping[str, Sequence[Bar]], figures: Mapping[str, Measured], texts: Sequence[str]) -> str:
    """Return the page: the first text, the bars by topic, the headings of the other texts, the other texts.

    A topic without bars is left out, and so is what was never measured but for its bar.
    """
    front, *chapters = texts
    tables = [[f"### {topic.capitalize()}", "", *table(bars, figures)] for topic, bars in topics.items() if bars]
    blocks = [front.strip(), *("\n".join(rows) for rows in tables), "\n".join(contents(chapters))]
    return "\n\n".join([*blocks, *(text.strip() for text in chapters)]) + "\n"


def table(bars: Sequence[Bar], figures: Mapping[str, Measured]) -> list[str]:
    """Return the lines of a table of bars, in Markdown."""
    return [*HEADER, *(f"| {' | '.join(words(bar, figures.get(bar.name)))} |" for bar in bars)]


def words(bar: Bar, measured: Measured | None) -> tuple[str, ...]:
    """Return a bar in words: name, figure, bar, verdict, commit, day; a figure that is not at hand says so."""
    promised = f"{bar.direction} {bar.in_words(bar.bar)}"
    if measured is None:
        return (bar.name, "not measured", promised, "", "", "")
    verdict = "holds" if bar.holds(measured.figure) else "falls short"
    commit = measured.commit
    return (bar.name, bar.in_words(measured.figure), promised, verdict, commit.name, commit.day.isoformat())


def contents(texts: Sequence[str]) -> Iterator[str]:
    """Yield a line with a link for each heading of the second level."""
    for text in texts:
        for heading in re.findall(r"^## (.+)$", text, re.MULTILINE):
            yield f"- [{heading.replace('`', '')}](#{anchor(heading)})"


def anchor(heading: str) -> str:
    """Return the anchor that a reader of Markdown gives a heading.

    Examples
    --------
    >>> anchor("Calls: `python -m benchmarks prune`")
    'calls-python--m-benchmarks-prune'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(text: str) -> list[str]:
    """Return the files that a page in Markdown links to, without anchors; neither addresses nor places in the page.

    Examples
    --------
    >>> links("[a](methods.md#b), [c](#d), [e](https://example.org)")
    ['methods.md']
    """
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [target for target in targets if "://" not in target]
