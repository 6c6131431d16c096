"""The simulated LinkedIn: audience counts and look-ups in front of a world, with tokens, quota, errors and faults.

::

    GET /rest/audienceCounts?q=targetingCriteriaV2&targetingCriteria=(include:...)
    GET /rest/adTargetingFacets
    GET /rest/adTargetingEntities?q=adTargetingFacet&facet=...&queryVersion=QUERY_USES_URNS
    GET /rest/adTargetingEntities?q=typeahead&facet=...&query=...&queryVersion=QUERY_USES_URNS

The token comes as ``Authorization: Bearer``. A query that was tunnelled arrives as a GET (`smstock.sandbox.server`).
Time comes from a clock that is passed in, so a day can be simulated in a second.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.linkedin import restli, rounding, versions
from smstock.platforms.linkedin import targeting as linkedin_targeting
from smstock.platforms.linkedin.bodies import body
from smstock.platforms.rounding import to_two_digits
from smstock.sandbox import criteria
from smstock.sandbox.criteria import LinkedInError
from smstock.sandbox.faults import GLITCH_FROM, LEGIBLE, FaultPlan, Injection, draw, of_answer
from smstock.sandbox.reply import Reply, answer, spoilt
from smstock.sandbox.typeahead import entities, facets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smstock.sandbox.members import Members

TOKEN: Final = "simulated-member-token"  # noqa: S105
"""Token of the sandbox; no platform takes it."""
APPLICATION: Final = "simulated"
"""Application of the sandbox."""

CALLS: Final = {"limited": 1_000, "full": 100_000}
"""Calls in a day of UTC; LinkedIn's own numbers are not published."""
THROTTLED: Final = "Resource level throttle limit for calls to this resource is reached."

_PATH: Final = re.compile(r"/rest/(?P<resource>audienceCounts|adTargetingFacets|adTargetingEntities)/?")

_FAILED: Final = answer({"message": "Internal Server Error", "status": 500}, 500)
_INSTEAD: Final = {
    "json_error": _FAILED,
    "error_in_ok": _FAILED._replace(status=200),
    "no_number": answer(body(0) | {"elements": []}),
}
"""Faults that LinkedIn words otherwise than Meta does."""


def shown(count: int) -> int:
    """Return a count as LinkedIn shows it: 0 below 300, then two digits, to the nearest.

    Examples
    --------
    >>> [shown(count) for count in (299, 304, 56_499, 56_500, 25_312_600)]
    [0, 300, 56000, 57000, 25000000]
    """
    return 0 if count < rounding.FLOOR else to_two_digits(count)


@dataclass
class SimulatedLinkedIn:
    """LinkedIn in front of the members of a world; `handle` answers one request.

    Parameters
    ----------
    members
        What is true.
    clock
        Returns the present in Unix seconds.
    tokens
        Token -> application whose quota it spends; the first token is the one a fault plan lets expire.
    calls_per_day
        Quota of an application.
    bursts
        Share of calls that are refused to protect the infrastructure, with the words of a spent quota.
    faults, seed
        What goes wrong, and which requests it meets.
    withdrawn
        Entities that are gone.

    Attributes
    ----------
    injected
        Every fault injected so far.
    outcomes
        Answers so far by HTTP status as text, ``ok`` where there was no refusal; faults are counted apart.
    """

    members: Members
    clock: Callable[[], float]
    tokens: Mapping[str, str] = field(default_factory=lambda: {TOKEN: APPLICATION})
    calls_per_day: int = CALLS["limited"]
    bursts: float = 0.0
    faults: FaultPlan = field(default_factory=FaultPlan)
    seed: int = 1
    withdrawn: set[str] = field(default_factory=set)
    injected: list[Injection] = field(default_factory=list, init=False)
    outcomes: Counter[str] = field(default_factory=Counter, init=False)
    _calls: int = field(default=0, init=False)
    _spent: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)
    _asks: Counter[tuple[str, ...]] = field(default_factory=Counter, init=False)
    _events: set[str] = field(default_factory=set, init=False)
    _ended_version: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Spend the part of today's quota that others have spent."""
        if self.faults.quota_spent:
            now = self.clock()
            for application in set(self.tokens.values()):
                self._spent[application, _day(now)] = int(self.faults.quota_spent * self.calls_per_day)
            self._happened("quota_spent", APPLICATION, now)

    def handle(self, method: str, raw_path: bytes, headers: Mapping[str, str]) -> Reply:
        """Return the answer to a request.

        Parameters
        ----------
        method, raw_path
            As on the request line: the path with its query, percent-encoded.
        headers
            By name in lower case.
        """
        path, _, query = raw_path.decode("ascii", "replace").partition("?")
        now = self.clock()
        try:
            reply = self._routed(method, path, query, headers, now)
        except LinkedInError as error:
            self.outcomes[str(error.status)] += 1
            reply = answer(error.content, error.status)
        common = (("date", formatdate(now, usegmt=True)), ("x-li-uuid", "simulated"))
        return reply._replace(headers=(*reply.headers, *common))

    def _routed(self, method: str, path: str, query: str, headers: Mapping[str, str], now: float) -> Reply:
        parts = _PATH.fullmatch(path)
        if parts is None:
            raise LinkedInError(f"No virtual resource found for {path}", status=404)
        if method != "GET":
            raise LinkedInError(f"{method} is not supported", status=405)
        if headers.get("x-restli-protocol-version") != "2.0.0":
            raise LinkedInError("Invalid query parameters passed to request")
        self._check_version(headers.get("linkedin-version", ""), now)
        application = self._application(headers.get("authorization", ""), now)
        self._admit(application, query, now)
        self._calls += 1
        parameters = _parameters(query)
        match parts["resource"]:
            case "adTargetingFacets":
                return self._answered(facets())
            case "adTargetingEntities":
                return self._answered(entities(parameters))
        if parameters.get("q") != "targetingCriteriaV2":
            raise LinkedInError("Invalid query parameters passed to request")
        return self._counted(parameters.get("targetingCriteria"), now)

    def _answered(self, content: Mapping[str, Any]) -> Reply:
        self.outcomes["ok"] += 1
        return answer(content)

    def _check_version(self, version: str, now: float) -> None:
        """Refuse a version that is sunset, that there is none of yet, or none at all."""
        after = self.faults.version_expires_after
        if after is not None and self._calls >= after and not self._ended_version:
            self._ended_version = version
            self._happened("version_expired", version, now)
        if not versions.is_version(version):
            raise LinkedInError("A version must be present. Please specify a version", "VERSION_MISSING")
        today = _day(now)
        if version == self._ended_version or versions.expired(version, today) or version > today[:7].replace("-", ""):
            raise LinkedInError(f"Requested version {version} is not active", "NONEXISTENT_VERSION", 426)

    def _application(self, authorization: str, now: float) -> str:
        """Return the application of a token, or refuse it without repeating it."""
        given = authorization.removeprefix("Bearer ")
        if given not in self.tokens:
            raise LinkedInError("Invalid access token", 65600, 401)
        after = self.faults.token_expires_after
        if after is not None and self._calls >= after and given == next(iter(self.tokens)):
            self._happened("token_expired", "", now)
            raise LinkedInError("Expired access token", 65602, 401)
        return self.tokens[given]

    def _admit(self, application: str, query: str, now: float) -> None:
        """Count a call in the day of its application, or refuse it; a refused one is not counted."""
        day = (application, _day(now))
        attempt = self._asks["burst", query]
        self._asks["burst", query] += 1
        if draw(self.seed, "burst", query, attempt) < self.bursts:
            self.injected.append(Injection(now, "burst", application))
            raise LinkedInError(THROTTLED, 101, 429)
        if self._spent[day] >= self.calls_per_day:
            raise LinkedInError(THROTTLED, 101, 429)
        self._spent[day] += 1

    def _counted(self, spec: Any, now: float) -> Reply:
        """Answer with a count, perhaps spoilt."""
        asked = self._asked(spec, now)
        month = _day(now)[:7]
        count = criteria.count(self.members, asked, month)
        if self.faults == FaultPlan():
            return self._answered(body(shown(count)))
        return self._perhaps_spoilt(count, linkedin_targeting.key(spec), month, now)

    def _asked(self, spec: Any, now: float) -> criteria.Criteria:
        """Read criteria; the first set of schools asked for after the plan's number of calls is withdrawn."""
        asked = criteria.read(spec, withdrawn=self.withdrawn)
        after = self.faults.category_withdrawn_after
        if after is None or self._calls <= after or not asked.schools or "category_withdrawn" in self._events:
            return asked
        self.withdrawn.add(min(asked.schools))
        self._happened("category_withdrawn", min(asked.schools), now)
        return criteria.read(spec, withdrawn=self.withdrawn)

    def _perhaps_spoilt(self, count: int, key: str, month: str, now: float) -> Reply:
        plan, asked = self.faults, (key, month)
        attempt = self._asks[asked]
        self._asks[asked] += 1
        total, glitch = shown(count), False
        if count >= GLITCH_FROM and draw(self.seed, "glitch", *asked) < plan.glitch:
            total, glitch = 0, True
        fault = of_answer(plan, draw(self.seed, *asked, attempt))
        if glitch and fault in {"", *LEGIBLE}:
            self.injected.append(Injection(now, "glitch", key))
        if fault:
            self.injected.append(Injection(now, fault, key))
        reply = self._answered(body(total))
        return _INSTEAD[fault] if fault in _INSTEAD else spoilt(reply, fault, plan)

    def _happened(self, event: str, about: str, now: float) -> None:
        """Record an event of the platform, the first time it is noticed."""
        if event not in self._events:
            self._events.add(event)
            self.injected.append(Injection(now, event, about))


def _parameters(query: str) -> dict[str, Any]:
    """Return the parameters of a query, decoded; refuse one that is not of Rest.li 2.0."""
    try:
        pairs = [part.partition("=") for part in query.split("&") if part]
        return {restli.decode(name): restli.decode(value) for name, _, value in pairs}
    except (ValueError, TypeError):
        raise LinkedInError("Invalid query parameters passed to request") from None


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
