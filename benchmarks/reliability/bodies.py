"""Bodies of answers by platform, and which numbers of a body are counts: what ``python -m benchmarks fuzz`` mutates."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.real_data import shared_folder

from smstock.platforms.known import PLATFORMS as KNOWN
from smstock.platforms.known import platform
from smstock.platforms.linkedin.bodies import body
from smstock.sandbox import display
from smstock.sandbox.criteria import LinkedInError
from smstock.sandbox.graph_error import GraphError, refused_spec
from smstock.sandbox.linkedin import THROTTLED, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from smstock.platforms.base import Answer, RawAnswer

COUNTS = {"mau": ("estimate_mau", "users"), "dau": ("estimate_dau",)}
BOUNDS = (("estimate_mau_lower_bound", "estimate_mau_upper_bound"), ("users_lower_bound", "users_upper_bound"))
MOST = 10_000_000_000
NO_ANSWERS = [b"<html>Service Unavailable</html>", b""]


@dataclass(frozen=True)
class Bodies:
    """The answers of a platform.

    Parameters
    ----------
    name
        Name of the platform.
    simulated
        Bodies of the simulated platform: every shape, small and large counts, errors.
    names
        Names in a body that may stand in place of each other.
    usage
        Name and value of a header that tells of the quota; empty where no header does.
    held
        The numbers that a body gives as counts of a metric.
    floors
        The upper ends that a floor may have, beside the numbers that the body holds.
    """

    name: str
    simulated: list[bytes]
    names: tuple[str, ...]
    usage: tuple[str, bytes]
    held: Callable[[Mapping[str, Any], str], set[float]]
    floors: Callable[[set[float]], set[float]]

    def read(self, raw: RawAnswer) -> Answer:
        """Read an answer as smstock does."""
        return platform(self.name).read(raw)

    def pools(self) -> dict[str, list[bytes]]:
        """Return simulated bodies, and recorded ones where there are any."""
        pools = {"simulated": self.simulated}
        if self.name == "meta":
            with suppress(SystemExit):
                pools["recorded"] = recorded(shared_folder())
        return pools


def recorded(shared: Path) -> list[bytes]:
    """Return every recorded body of Meta: 2017 to 2022, all shapes."""
    bodies = []
    for path in sorted((shared / "recordings").glob("*.jsonl*")):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            bodies += [json.loads(line)["response_body"].encode() for line in lines]
    return bodies


def _of_meta() -> list[bytes]:
    contents: list[dict[str, Any]] = []
    for endpoint in ("delivery_estimate", "reachestimate"):
        for era in ("point", "bounds"):
            contents += [display.estimate(10**power * 3, endpoint, era) for power in range(10)]
            contents += [display.floored(610_000, endpoint, era), display.no_number(endpoint, era)]
            contents.append(display.not_ready(endpoint, era))
    errors = [GraphError("Too many calls", 80004, 2446079), GraphError("Expired", 190, 463, status=401)]
    errors += [GraphError("Busy", 2, transient=True), refused_spec(1487694, "Gone", "The category is gone.")]
    contents += [{"error": error.content} for error in errors]
    return [json.dumps(content).encode() for content in contents] + NO_ANSWERS


def _of_linkedin() -> list[bytes]:
    contents = [body(shown(10**power * 3 + 12)) for power in range(10)] + [body(0), body(300)]
    contents += [{"elements": [{"active": 4_100, "total": 25_312_600}]}, body(0) | {"elements": []}]
    errors = [LinkedInError(THROTTLED, 101, 429), LinkedInError("Expired access token", 65602, 401)]
    errors += [LinkedInError("Version is not active", "NONEXISTENT_VERSION", 426), LinkedInError("Internal", 0, 500)]
    errors += [LinkedInError("No such school", "INVALID_VALUE_FOR_FIELD"), LinkedInError("Invalid query parameters")]
    contents += [error.content for error in errors]
    return [json.dumps(content).encode() for content in contents] + NO_ANSWERS


def _held_by_meta(content: Mapping[str, Any], metric: str) -> set[float]:
    """Return the counts of a body; none where it is an error, or not ready."""
    data = content.get("data") if content.get("error") is None else None
    items = [item for item in (data if isinstance(data, list) else [data]) if isinstance(item, dict)]
    numbers: set[float] = set()
    for item in items:
        if item.get("estimate_ready", True) is True:
            counts = {name: value for name, value in item.items() if _is_count(value)}
            numbers |= {counts[name] for name in COUNTS[metric] if name in counts}
            bounds = BOUNDS if metric == "mau" else ()
            numbers |= {(counts[low] + counts[high]) / 2 for low, high in bounds if low in counts and high in counts}
    return numbers


def _held_by_linkedin(content: Mapping[str, Any], metric: str) -> set[float]:
    """Return the total of the one element of a body; of several nobody knows which is meant."""
    elements = content.get("elements")
    one = elements[0] if isinstance(elements, list) and len(elements) == 1 else None
    return {one[metric]} if isinstance(one, dict) and _is_count(one.get(metric)) else set()


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST


PLATFORMS = {
    "meta": Bodies(
        "meta",
        _of_meta(),
        (*COUNTS["mau"], *COUNTS["dau"], *BOUNDS[0], *BOUNDS[1], "estimate_ready", "data", "error"),
        (
            "x-business-use-case-usage",
            b'{"1":[{"type":"ads_management","call_count":95,"estimated_time_to_regain_access":5}]}',
        ),
        _held_by_meta,
        lambda held: {20, 1000, *held},
    ),
    "linkedin": Bodies(
        "linkedin",
        _of_linkedin(),
        ("total", "active", "elements", "paging", "count", "start", "message", "serviceErrorCode", "code", "status"),
        ("retry-after", b"120"),
        _held_by_linkedin,
        lambda held: {300} if 0 in held else set(),
    ),
}
assert set(PLATFORMS) == set(KNOWN)
