"""Every bar by its topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.bars import accuracy, detail, files, path, safety, speed

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from benchmarks.bars.bar import Bar

TOPICS: Final[dict[str, tuple[Bar, ...]]] = {
    "path": path.BARS,
    "safety": safety.BARS,
    "files": files.BARS,
    "accuracy": accuracy.BARS,
    "speed": speed.BARS,
    "detail": detail.BARS,
    "month": (),
    "signals": (),
    "page": (),
    "local": (),
}
"""The bars of each topic, in the order in which they are printed; one module of bars for each topic that has some."""


def chosen(topic: str) -> dict[str, tuple[Bar, ...]]:
    """Return the bars of a topic, or of all topics if it is empty; raise `UnknownNameError` naming the topics."""
    if not topic:
        return TOPICS
    if topic not in TOPICS:
        raise UnknownNameError(f"no bar has the topic {topic!r}", allowed=", ".join(TOPICS), hint="name one of these")
    return {topic: TOPICS[topic]}
