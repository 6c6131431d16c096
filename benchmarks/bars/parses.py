"""How often one month parses each answer and each official file, counted while the worked example runs."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.bars.kept import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smstock.official.base import Layout
    from smstock.official.rawfile import RawFile
    from smstock.platforms.base import Answer, RawAnswer

JOB = "serbia"


@dataclass
class Counts:
    """Parses so far: of answers, all together, and of each official file by its path."""

    of_answers: int = 0
    of_files: Counter[Path] = field(default_factory=Counter)


@dataclass(frozen=True)
class Parses:
    """Parses in one month: of an answer, on average, and of the official file that is parsed most often."""

    of_an_answer: float
    of_a_file: int


@cache
def of_the_example() -> Parses:
    """Return the parses in a first month of the worked example, in a folder of its own."""
    from smstock.folder import Folder
    from smstock.settings import job
    from smstock.workflows.month import run_month

    with TemporaryDirectory() as output, counted() as counts:
        month = run_month(job(REPOSITORY, JOB), Folder(REPOSITORY, Path(output)), now=datetime.now(UTC))
    return Parses(counts.of_answers / month.collected.tally.settled, max(counts.of_files.values()))


@contextmanager
def counted() -> Iterator[Counts]:
    """Count, while it is open, how often answers of Meta and official files are parsed."""
    from smstock.official import readers
    from smstock.platforms.known import PLATFORMS
    from smstock.platforms.meta.platform import META

    counts, parse = Counts(), META.read

    def read(answer: RawAnswer) -> Answer:
        counts.of_answers += 1
        return parse(answer)

    layouts = tuple(_counting(layout, counts.of_files) for layout in readers.LAYOUTS)
    with patch.dict(PLATFORMS, meta=replace(META, read=read)), patch.object(readers, "LAYOUTS", layouts):
        yield counts


def _counting(layout: Layout, files: Counter[Path]) -> Layout:
    def count(parse: Callable[..., Any]) -> Callable[..., Any]:
        def of(file: RawFile, *arguments: Any) -> Any:
            files[file.path.resolve()] += 1
            return parse(file, *arguments)

        return of

    return replace(layout, read=count(layout.read), parts=layout.parts and count(layout.parts))
