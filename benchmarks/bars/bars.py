"""What the project promises, and whether it holds: each bar with its figure, commit and day."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks.bars import kept, page, topics
from benchmarks.bars.kept import Measured

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
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
    except UnknownNameError as error:
        sys.exit(str(error))
    commit, figures = kept.commit(), kept.read()
    for topic, bars in by_topic.items():
        print(f"\n{topic}" if bars else f"\n{topic}: no bars yet")
        for bar in bars:
            keep = asked.measure is not None and asked.measure in bar.name
            measured = Measured(bar.figure(), commit) if keep or not bar.long else figures.get(bar.name)
            print(line(bar, measured), flush=True)
            if keep and measured:
                kept.write({**kept.read(), bar.name: measured})
    if asked.page or asked.measure is not None:
        print(f"\nwritten: {page.write(topics.TOPICS, kept.read())}")


def line(bar: Bar, measured: Measured | None) -> str:
    """Return a bar in one line: name, figure, bar, whether it holds, commit, day."""
    name, figure, promised, verdict, *where = page.words(bar, measured)
    return f"{name:<64} {figure:>12}  {promised:<14} {verdict:<12} {' '.join(where)}".rstrip()
