"""What the project promises, and whether it holds: each bar with its figure, commit and day."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks.bars import kept, page, topics
from benchmarks.bars.kept import Measured

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.bars.bar import Bar


def main(words: list[str]) -> None:
    """Print the bars of a topic, or of all: quick ones as they are now, long ones as ``--measure`` kept them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks bars", description=__doc__)
    parser.add_argument("topic", nargs="?", default="", help=", ".join(topics.TOPICS))
    parser.add_argument(
        "--measure",
        nargs="?",
        const="",
        metavar="PART",
        help="measure the bars (whose name has this part) however long it takes, keep the figures, write the page",
    )
    parser.add_argument("--page", action="store_true", help="write docs/benchmarks.md from the figures kept")
    asked = parser.parse_args(words)
    try:
        by_topic = topics.chosen(asked.topic)
        to_measure = _named(asked.measure, by_topic)
    except UnknownNameError as error:
        sys.exit(str(error))
    commit, figures = kept.commit(), kept.read()
    for topic, bars in by_topic.items():
        print(f"\n{topic}" if bars else f"\n{topic}: no bars yet")
        for bar in bars:
            if bar.name in to_measure or not bar.long:
                figures[bar.name] = Measured(bar.figure(), commit)
            if bar.name in to_measure:
                kept.write({**kept.read(), bar.name: figures[bar.name]})
            print(line(bar, figures.get(bar.name)), flush=True)
    if asked.page or to_measure:
        print(f"\nwritten: {page.write(topics.TOPICS, kept.read())}")


def _named(part: str | None, by_topic: Mapping[str, Sequence[Bar]]) -> set[str]:
    """Return the names of the bars that ``--measure`` asks for; none without it."""
    names = [bar.name for bars in by_topic.values() for bar in bars]
    chosen = {name for name in names if part is not None and part in name}
    if part and not chosen:
        raise UnknownNameError(f"no bar has {part!r} in its name", allowed="; ".join(names) or "none is declared yet")
    return chosen


def line(bar: Bar, measured: Measured | None) -> str:
    """Return a bar in one line: name, figure, bar, whether it holds, commit, day."""
    name, figure, promised, verdict, *where = page.words(bar, measured)
    return f"{name:<64} {figure:>12}  {promised:<14} {verdict:<12} {' '.join(where)}".rstrip()
