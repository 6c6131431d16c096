"""Mutated bodies through the parsers of answers: no exception, and no number that the body does not hold."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from benchmarks.machine import machine
from benchmarks.reliability.bodies import PLATFORMS

from smstock.platforms.base import RawAnswer
from smstock.vocabulary.status import is_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.reliability.bodies import Bodies

    from smstock.platforms.base import Reading

    Mutation = Callable[[bytes, Random], bytes]

STATUSES = (*[200] * 20, 0, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503)
SCALARS = (
    "0", "-0", "-1", "-3", "1", "999", "1000", "1001", "1e3", "1.5", "1e999", "NaN", "-Infinity", "true", "false",
    "null", '"1000"', '""', "[]", "{}", "[[1000]]", "10000000000", "10000000001", "9" * 400, "9" * 5000, "[" * 2000,
)  # fmt: skip
"""What may stand where a value stood."""

DIGITS = (*[str(digit).encode() for digit in range(10)], b"", b"-", b".", b"e")


def _flip(body: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(body) + 1)
    return body[:place] + rng.randbytes(rng.randint(1, 3)) + body[place + rng.randint(0, 3) :]


def _cut(body: bytes, rng: Random) -> bytes:
    first, last = sorted(rng.choices(range(len(body) + 1), k=2))
    return rng.choice((body[:first], body[first:], body[:first] + body[last:], body[first:last]))


def _repeat(body: bytes, rng: Random) -> bytes:
    first, last = sorted(rng.choices(range(len(body) + 1), k=2))
    return body[:last] + body[first:last] * rng.randint(1, 3) + body[last:]


def _digits(body: bytes, rng: Random) -> bytes:
    """Change one digit or sign, so that the body stays an answer."""
    places = [place for place, byte in enumerate(body) if chr(byte) in "-0123456789"]
    if not places:
        return body
    place = rng.choice(places)
    return body[:place] + rng.choice(DIGITS) + body[place + rng.randint(0, 1) :]


def _value(body: bytes, rng: Random) -> bytes:
    """Put something else in place of one value."""
    places = [place for place, byte in enumerate(body) if byte == ord(":")]
    if not places:
        return body
    place = rng.choice(places) + 1
    end = min((position for mark in b",}]" if (position := body.find(mark, place)) > 0), default=len(body))
    return body[:place] + rng.choice(SCALARS).encode() + body[end:]


MUTATIONS: tuple[Mutation, ...] = (_flip, _cut, _repeat, *[_digits] * 5, *[_value] * 4)
"""Most leave an answer an answer."""
RENAMED = 3 / (len(MUTATIONS) + 3)
"""How often a name is mutated."""


def _renamed(body: bytes, rng: Random, names: tuple[str, ...]) -> bytes:
    """Put one name in place of another, so that names are missing, doubled or of another era."""
    present = [name for name in names if f'"{name}"'.encode() in body]
    return (
        body.replace(rng.choice(present).encode(), rng.choice(names).encode(), rng.randint(1, 2)) if present else body
    )


def mutants(bodies: Bodies, pools: list[list[bytes]], number: int, seed: int) -> Iterator[RawAnswer]:
    """Yield answers whose bodies were mutated one to three times, as many of each pool, at any HTTP status and date."""
    rng = Random(seed)  # noqa: S311 - a simulation
    for _ in range(number):
        body = rng.choice(rng.choice(pools))
        for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
            if rng.random() < 0.02:
                body += rng.choice(rng.choice(pools))
            elif rng.random() < RENAMED:
                body = _renamed(body, rng, bodies.names)
            else:
                body = rng.choice(MUTATIONS)(body, rng)
        asked_at = rng.choice(("", "2017-01-30T00:00:00Z", "2020-10-05T00:00:00Z", "2026-11-22T00:00:00Z"))
        headers: tuple[tuple[str, str], ...] = ()
        if rng.random() < 0.3:
            name, usage = bodies.usage
            headers = ((name, rng.choice(MUTATIONS)(usage, rng).decode("latin-1")),)
        yield RawAnswer(body, rng.choice(STATUSES), asked_at, "delivery_estimate", "v25.0", headers)


def problem(raw: RawAnswer, bodies: Bodies) -> str:
    """Return what is wrong with the reading of an answer, empty if nothing is."""
    try:
        answer = bodies.read(raw)
    except Exception as error:  # noqa: BLE001 - any exception is what is looked for
        return f"{type(error).__name__}: {error}"
    if not all(is_status(reading.status) for reading in answer.readings):
        return "a status that is none"
    return next((wrong for reading in answer.readings if (wrong := _made_up(reading, raw, bodies))), "")


def _made_up(reading: Reading, raw: RawAnswer, bodies: Bodies) -> str:
    shown = (reading.value, reading.lower, reading.upper)
    if reading.value is None and reading.status != "floored":
        return "" if shown == (None, None, None) else f"{reading.status} with an interval"
    if reading.lower is None or reading.upper is None:
        return "a number without its interval"
    held = _held(raw, reading.metric, bodies)
    if reading.status == "floored":
        right = reading.value is None and reading.lower == 0 and reading.upper in bodies.floors(held)
        return "" if right else f"a floor that is none: {shown}"
    if reading.status != "observed" or reading.value not in held:
        return f"{reading.value} as {reading.status}, where the body holds {sorted(held)}"
    return "" if reading.lower <= reading.value <= reading.upper else f"a value outside of its interval: {shown}"


def _held(raw: RawAnswer, metric: str, bodies: Bodies) -> set[float]:
    """Return the numbers that a body gives as counts of a metric; there are none where it is no answer."""
    if not 200 <= raw.http_status < 300:
        return set()
    try:
        content = json.loads(raw.body.decode())
    except (ValueError, RecursionError):
        return set()
    return bodies.held(content, metric) if isinstance(content, dict) else set()


def fuzz(bodies: Bodies, pools: list[list[bytes]], number: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how often each status was read of the first metric, and every problem with its body."""
    statuses: Counter[str] = Counter()
    problems = []
    for raw in mutants(bodies, pools, number, seed):
        if wrong := problem(raw, bodies):
            problems.append(f"{wrong}: HTTP {raw.http_status}, {raw.body[:300]!r}")
        else:
            statuses[bodies.read(raw).readings[0].status.partition(":")[0]] += 1
    return statuses, problems


def main(words: list[str]) -> None:
    """Print how many mutants were read as what, and every problem; ``python -m benchmarks fuzz``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz")
    parser.add_argument("--mutants", type=int, default=200_000, help="of each platform")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(words)
    print(machine())
    broken = 0
    for name, bodies in PLATFORMS.items():
        pools = bodies.pools()
        began = time.perf_counter()
        statuses, problems = fuzz(bodies, list(pools.values()), chosen.mutants, chosen.seed)
        seconds = time.perf_counter() - began
        counts = " and ".join(f"{len(pool):,} {kind}" for kind, pool in pools.items())
        print(f"\n{name}: {chosen.mutants:,} mutants of {counts} bodies: {seconds:.0f} s\n")
        print("| read as | mutants |\n| --- | ---: |")
        for status, number in statuses.most_common():
            print(f"| {status} | {number:,} |")
        print(f"| **exceptions, and numbers that the body does not hold** | {len(problems):,} |")
        for problem in problems[:20]:
            print(problem)
        broken += len(problems)
    sys.exit(1 if broken else 0)
