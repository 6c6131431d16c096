"""Mutated bodies through the parser of Meta's answers: no exception, and no number that the body does not hold."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.platforms.base import RawAnswer
from smstock.platforms.meta.answers import read
from smstock.sandbox import display
from smstock.sandbox.graph_error import GraphError, refused_spec
from smstock.vocabulary.status import is_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smstock.platforms.base import Answer, Reading

    Mutation = Callable[[bytes, Random], bytes]

COUNTS = {"mau": ("estimate_mau", "users"), "dau": ("estimate_dau",)}
BOUNDS = (("estimate_mau_lower_bound", "estimate_mau_upper_bound"), ("users_lower_bound", "users_upper_bound"))
STATUSES = (*[200] * 20, 0, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503)
SCALARS = (
    "0", "-0", "-1", "-3", "1", "999", "1000", "1001", "1e3", "1.5", "1e999", "NaN", "-Infinity", "true", "false",
    "null", '"1000"', '""', "[]", "{}", "[[1000]]", "10000000000", "10000000001", "9" * 400, "9" * 5000, "[" * 2000,
)  # fmt: skip
"""What may stand where a value stood."""


def sandbox_bodies() -> list[bytes]:
    """Return bodies of the simulated platform: every shape and era, small and large counts, errors."""
    found: list[dict[str, Any]] = []
    for endpoint in ("delivery_estimate", "reachestimate"):
        for era in ("point", "bounds"):
            found += [display.estimate(10**power * 3, endpoint, era) for power in range(10)]
            found += [display.floored(610_000, endpoint, era), display.no_number(endpoint, era)]
            found.append(display.not_ready(endpoint, era))
    errors = [GraphError("Too many calls", 80004, 2446079), GraphError("Expired", 190, 463, status=401)]
    errors += [GraphError("Busy", 2, transient=True), refused_spec(1487694, "Gone", "The category is gone.")]
    found += [{"error": error.content} for error in errors]
    return [json.dumps(content).encode() for content in found] + [b"<html>Service Unavailable</html>", b""]


def recorded_bodies(shared: Path) -> list[bytes]:
    """Return every recorded body: 2017 to 2022, all shapes."""
    bodies = []
    for path in sorted((shared / "recordings").glob("*.jsonl*")):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            bodies += [json.loads(line)["response_body"].encode() for line in lines]
    return bodies


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
    end = min((found for mark in b",}]" if (found := body.find(mark, place)) > 0), default=len(body))
    return body[:place] + rng.choice(SCALARS).encode() + body[end:]


def _name(body: bytes, rng: Random) -> bytes:
    """Put one name of a count in place of another, so that names are missing, doubled or of another era."""
    names = [
        name.encode()
        for name in (*COUNTS["mau"], *COUNTS["dau"], *BOUNDS[0], *BOUNDS[1], "estimate_ready", "data", "error")
    ]
    there = [name for name in names if b'"' + name + b'"' in body]
    return body.replace(rng.choice(there), rng.choice(names), rng.randint(1, 2)) if there else body


MUTATIONS: tuple[Mutation, ...] = (_flip, _cut, _repeat, *[_digits] * 5, *[_value] * 4, *[_name] * 3)
"""Most leave an answer an answer."""


def mutants(pools: list[list[bytes]], number: int, seed: int) -> Iterator[RawAnswer]:
    """Yield answers whose bodies were mutated one to three times, as many of each pool, at any HTTP status and date."""
    rng = Random(seed)  # noqa: S311 - a simulation
    for _ in range(number):
        body = rng.choice(rng.choice(pools))
        for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
            body = rng.choice(MUTATIONS)(body, rng) if rng.random() < 0.98 else body + rng.choice(rng.choice(pools))
        asked_at = rng.choice(("", "2017-01-30T00:00:00Z", "2020-10-05T00:00:00Z", "2026-11-22T00:00:00Z"))
        yield RawAnswer(body, rng.choice(STATUSES), asked_at, "delivery_estimate", "v25.0", _headers(rng))


def _headers(rng: Random) -> tuple[tuple[str, str], ...]:
    if rng.random() < 0.7:
        return ()
    usage = b'{"1":[{"type":"ads_management","call_count":95,"estimated_time_to_regain_access":5}]}'
    return (("x-business-use-case-usage", rng.choice(MUTATIONS)(usage, rng).decode("latin-1")),)


def problem(raw: RawAnswer) -> str:
    """Return what is wrong with the reading of an answer, empty if nothing is."""
    try:
        answer = read(raw)
    except Exception as error:  # noqa: BLE001 - any exception is what is looked for
        return f"{type(error).__name__}: {error}"
    if not all(is_status(reading.status) for reading in answer.readings):
        return "a status that is none"
    return next((wrong for reading in answer.readings if (wrong := _made_up(reading, raw))), "")


def _made_up(reading: Reading, raw: RawAnswer) -> str:
    told = (reading.value, reading.lower, reading.upper)
    if reading.value is None and reading.status != "floored":
        return "" if told == (None, None, None) else f"{reading.status} with an interval"
    if reading.lower is None or reading.upper is None:
        return "a number without its interval"
    held = _held(raw, reading.metric)
    if reading.status == "floored":
        right = reading.value is None and reading.lower == 0 and reading.upper in {20, 1000, *held}
        return "" if right else f"a floor that is none: {told}"
    if reading.status != "observed" or reading.value not in held:
        return f"{reading.value} as {reading.status}, where the body holds {sorted(held)}"
    return "" if reading.lower <= reading.value <= reading.upper else f"a value outside of its interval: {told}"


def _held(raw: RawAnswer, metric: str) -> set[float]:
    """Return the numbers that a body gives as counts of a metric.

    There are none where it is an error, not ready, or no answer.
    """
    if not 200 <= raw.http_status < 300:
        return set()
    try:
        content = json.loads(raw.body.decode())
    except (ValueError, RecursionError):
        return set()
    data = content.get("data") if isinstance(content, dict) and content.get("error") is None else None
    items = [item for item in (data if isinstance(data, list) else [data]) if isinstance(item, dict)]
    found: set[float] = set()
    for item in items:
        if item.get("estimate_ready", True) is True:
            counts = {name: value for name, value in item.items() if _is_count(value)}
            found |= {counts[name] for name in COUNTS[metric] if name in counts}
            bounds = BOUNDS if metric == "mau" else ()
            found |= {(counts[low] + counts[high]) / 2 for low, high in bounds if low in counts and high in counts}
    return found


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= 10_000_000_000


def fuzz(pools: list[list[bytes]], number: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how often each status was read of the monthly audience, and every problem with its body."""
    statuses: Counter[str] = Counter()
    problems = []
    for raw in mutants(pools, number, seed):
        if wrong := problem(raw):
            problems.append(f"{wrong}: HTTP {raw.http_status}, {raw.body[:300]!r}")
        else:
            statuses[_read(raw)] += 1
    return statuses, problems


def _read(raw: RawAnswer) -> str:
    answer: Answer = read(raw)
    return answer.readings[0].status.partition(":")[0]


def main(words: list[str]) -> None:
    """Print how many mutants were read as what, and every problem; ``python -m benchmarks fuzz``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz")
    parser.add_argument("--mutants", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(words)
    pools = [sandbox_bodies()]
    with suppress(SystemExit):
        pools.append(recorded_bodies(shared_folder()))
    print(machine())
    began = time.perf_counter()
    statuses, problems = fuzz(pools, chosen.mutants, chosen.seed)
    seconds = time.perf_counter() - began
    print(f"\n{chosen.mutants:,} mutants of {' and '.join(f'{len(pool):,}' for pool in pools)}", end="")
    print(f" bodies (simulated{', recorded' * (len(pools) - 1)}): {seconds:.0f} s\n")
    print("| read as | mutants |\n| --- | ---: |")
    for status, number in statuses.most_common():
        print(f"| {status} | {number:,} |")
    print(f"| **exceptions, and numbers that the body does not hold** | {len(problems):,} |")
    for told in problems[:20]:
        print(told)
    sys.exit(1 if problems else 0)
