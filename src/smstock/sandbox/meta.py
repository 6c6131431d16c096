"""The simulated Meta: endpoints of the Marketing API in front of a world, with credentials, quota, errors and faults.

::

    GET /v25.0/act_<account>/delivery_estimate?targeting_spec=...&optimization_goal=REACH
    GET /v25.0/act_<account>/reachestimate?targeting_spec=...
    GET /v25.0/search?type=adTargetingCategory&class=behaviors
    GET /v25.0/search?type=adgeolocation&location_types=["region","city"]&q=...&country_code=ES
    GET /v25.0/search?type=targetingoptionstatus&targeting_option_list=[...]

The token comes as ``Authorization: Bearer``, or as the parameter ``access_token``. Time comes from a clock that is
passed in, so a day can be simulated in a second.

Parameters that an edge does not know are passed over, except those that Meta is known to refuse (code 100, "This param
is not valid"): ``currency``, on ``delivery_estimate`` since about version 6 (pySocialWatcher, issue 24, 2020) and on
``reachestimate`` (field report on v22, 2026), and ``optimize_for`` on ``reachestimate`` (field report of 9 May 2026,
v22 and v25). The report on v22 tried ``bid_amount`` too, which is no parameter of the edges: it changes nothing.
Collectors sent ``pretty``, ``method`` and ``suppress_http_code`` for years and were answered (rsocialwatcher, 2024);
whether v26 still passes them over is not known. Meta's Python client (facebook-business 26) sends ``summary=true``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from smstock.platforms.meta import catalogue, versions
from smstock.platforms.meta import targeting as meta_targeting
from smstock.sandbox import audiences, display, targeting
from smstock.sandbox.faults import GLITCH_FROM, LEGIBLE, PLANS, FaultPlan, Injection, draw, of_answer
from smstock.sandbox.graph_error import GraphError, invalid
from smstock.sandbox.quota import WORDS, Quota, Tier, quota
from smstock.sandbox.reply import Reply, answer, refusal, spoilt
from smstock.sandbox.search import search
from smstock.sandbox.world import month_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smstock.query.meta import Endpoint
    from smstock.sandbox.display import Era
    from smstock.sandbox.targeting import Target
    from smstock.sandbox.world import World

TOKEN: Final = "simulated-token"  # noqa: S105
"""Token of the sandbox; no platform takes it."""
ACCOUNT: Final = "1000000001"
"""Ad account of the sandbox."""

_REFUSED: Final[dict[Endpoint, tuple[str, ...]]] = {
    "delivery_estimate": ("currency",),
    "reachestimate": ("currency", "optimize_for"),
}
"""Edges, and the parameters that Meta refuses there."""
_PATH: Final = re.compile(r"/(?P<version>v\d+\.\d)/(?:act_(?P<account>\d+)/(?P<edge>\w+)|search)/?")


@dataclass(frozen=True)
class Token:
    """Which accounts a token may ask for, and when it expires (Unix seconds; None: never)."""

    accounts: frozenset[str]
    expires_at: float | None = None


@dataclass(frozen=True)
class Account:
    """An ad account and what is left of its calls."""

    tier: Tier
    quota: Quota


def account(tier: Tier = "limited", active_ads: int = 0) -> Account:
    """Return an ad account that has not called yet.

    Examples
    --------
    >>> account("full").quota.limit
    100000
    """
    return Account(tier, quota(tier, active_ads))


@dataclass
class SimulatedMeta:
    """Meta in front of a world; `handle` answers one request.

    Parameters
    ----------
    world
        What is true.
    clock
        Returns the present in Unix seconds.
    accounts, tokens
        By number and by token; the first token is the one a fault plan lets expire.
    era
        How counts are shown.
    faults, seed
        What goes wrong, and which requests it meets.
    withdrawn
        Origins whose category is gone.
    refuse_location_types
        Whether ``location_types`` is refused.

    Attributes
    ----------
    injected
        Every fault injected so far.
    outcomes
        Answers so far by error code as text (``80004``), ``ok`` where there was none; faults are counted apart.
    """

    world: World
    clock: Callable[[], float]
    accounts: Mapping[str, Account] = field(default_factory=lambda: {ACCOUNT: account()})
    tokens: Mapping[str, Token] = field(default_factory=lambda: {TOKEN: Token(frozenset({ACCOUNT}))})
    era: Era = "bounds"
    faults: FaultPlan = field(default_factory=FaultPlan)
    seed: int = 1
    withdrawn: set[str] = field(default_factory=set)
    refuse_location_types: bool = False
    injected: list[Injection] = field(default_factory=list, init=False)
    outcomes: Counter[str] = field(default_factory=Counter, init=False)
    _calls: int = field(default=0, init=False)
    _asks: Counter[tuple[str, ...]] = field(default_factory=Counter, init=False)
    _events: set[str] = field(default_factory=set, init=False)
    _ended_version: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Spend the part of the quota that others have spent."""
        if self.faults.quota_spent:
            now = self.clock()
            for known_account in self.accounts.values():
                known_account.quota.spend(self.faults.quota_spent, now)
            self._happened("quota_spent", ",".join(self.accounts), now)

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
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        now = self.clock()
        try:
            reply = self._routed(method, path, parameters, headers, now)
        except GraphError as error:
            reply = self._refused(error)
        common = (("date", formatdate(now, usegmt=True)), ("x-fb-trace-id", "simulated"))
        return reply._replace(headers=(*reply.headers, *common))

    def _routed(
        self, method: str, path: str, parameters: dict[str, str], headers: Mapping[str, str], now: float
    ) -> Reply:
        parts = _PATH.fullmatch(path)
        if method != "GET":
            raise invalid(f"Unsupported {method.lower()} request")
        if parts is None:
            raise GraphError(f"(#2500) Unknown path components: {path}", 2500)
        today = datetime.fromtimestamp(now, UTC).date().isoformat()
        self._check_version(parts["version"], today, now)
        token = self._token(headers.get("authorization", ""), parameters, now)
        if parts["edge"] is None:
            return self._looked_up(parameters, f"http://{headers.get('host', '')}{path}", now)
        number = parts["account"]
        edge = next((known for known in _REFUSED if known == parts["edge"]), None)
        if edge is None or number not in token.accounts or number not in self.accounts:
            raise GraphError(
                f"Unsupported get request. Object with ID 'act_{number}' does not exist, cannot be loaded due to"
                " missing permissions, or does not support this operation",
                100,
                33,
            )
        try:
            reply = self._estimated(edge, self.accounts[number].quota, parameters, today[:7], now)
        except GraphError as error:
            reply = self._refused(error)
        return reply._replace(headers=(*reply.headers, self._usage(number, now)))

    def _looked_up(self, parameters: Mapping[str, str], address: str, now: float) -> Reply:
        """Answer a look-up; some categories are marked to go, three months from now."""
        month = datetime.fromtimestamp(now, UTC).date().isoformat()[:7]
        going = {
            category.behavior_id: f"{month_after(month, 3)}-01"
            for category in catalogue.lived_in()
            if draw(self.seed, "deprecating", category.behavior_id) < self.faults.deprecating
        }
        content = search(self.world, parameters, month, withdrawn=self.withdrawn, going=going)
        marked = [entry["id"] for entry in content["data"] if entry.get("current_status") == "DEPRECATING"]
        self.injected += [Injection(now, "deprecating", identifier) for identifier in marked]
        if following := content["paging"].get("next"):
            content["paging"]["next"] = f"{address}?{following}"
        return self._answered(content)

    def _answered(self, content: Mapping[str, Any]) -> Reply:
        self.outcomes["ok"] += 1
        return answer(content)

    def _refused(self, error: GraphError) -> Reply:
        self.outcomes[str(error.content["code"])] += 1
        return refusal(error)

    def _check_version(self, version: str, today: str, now: float) -> None:
        """Refuse a version that has expired, or that there is none of yet, naming the newest one."""
        after = self.faults.version_expires_after
        if after is not None and self._calls >= after and not self._ended_version:
            self._ended_version = version
            self._happened("version_expired", version, now)
        if version == self._ended_version or versions.expired(version, today):
            dead = {name for name in versions.EXPIRY if name == self._ended_version or versions.expired(name, today)}
            newest = max(versions.EXPIRY.keys() - dead, key=versions.number, default=versions.DEFAULT)
            raise GraphError(
                "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version:"
                f" {newest}.",
                2635,
            )
        if version not in versions.EXPIRY and versions.number(version) > max(map(versions.number, versions.EXPIRY)):
            raise GraphError(f"(#2500) Unknown path components: /{version}", 2500)

    def _token(self, authorization: str, parameters: Mapping[str, str], now: float) -> Token:
        """Return the token of a request, or refuse it without repeating it."""
        given = authorization.removeprefix("Bearer ") or parameters.get("access_token", "")
        if not given:
            raise GraphError("An access token is required to request this resource.", 104)
        token = self.tokens.get(given)
        if token is None:
            raise GraphError("Invalid OAuth access token - Cannot parse access token", 190, status=401)
        after = self.faults.token_expires_after
        ended = after is not None and self._calls >= after and given == next(iter(self.tokens))
        if ended:
            self._happened("token_expired", "", now)
        if ended or (token.expires_at is not None and token.expires_at <= now):
            raise GraphError("Error validating access token: Session has expired.", 190, 463, status=401)
        return token

    def _estimated(
        self, edge: Endpoint, account: Quota, parameters: Mapping[str, str], month: str, now: float
    ) -> Reply:
        """Answer with an estimate, or with the refusal of its spec, once the call has passed the quota."""
        if not account.admit(now):
            raise GraphError(
                "(#80004) There have been too many calls to this ad-account. Wait a bit and try again. For more info,"
                " please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting#ads-management.",
                80004,
                2446079,
            )
        self._calls += 1
        if refused := [name for name in _REFUSED[edge] if name in parameters]:
            raise invalid(f"Param {refused[0]} on field {edge}: This param is not valid")
        fields = [name for name in parameters.get("fields", "").split(",") if name]
        if unknown := [name for name in fields if name not in display.fields(edge, self.era)]:
            raise invalid(f"Tried accessing nonexisting field ({unknown[0]})")
        spec = targeting.parse(parameters.get("targeting_spec", ""))
        count = audiences.count(self.world, self._target(spec, now), month)
        if self.faults == PLANS["none"]:
            return self._answered(display.only(display.estimate(count, edge, self.era), fields))
        content, fault = self._perhaps_spoilt(count, edge, meta_targeting.key(spec), month, now)
        return spoilt(self._answered(display.only(content, fields)), fault, self.faults)

    def _target(self, spec: Mapping[str, Any], now: float) -> Target:
        """Read a spec; the first origin asked for after the plan's number of calls loses its category."""
        target = self._read(spec)
        after = self.faults.category_withdrawn_after
        named = sorted(origin for group in target.groups for origin in group.origins)
        if after is None or self._calls <= after or not named or "category_withdrawn" in self._events:
            return target
        self.withdrawn.add(named[0])
        self._happened("category_withdrawn", named[0], now)
        return self._read(spec)

    def _read(self, spec: Mapping[str, Any]) -> Target:
        return targeting.read(spec, withdrawn=self.withdrawn, refuse_location_types=self.refuse_location_types)

    def _perhaps_spoilt(
        self, count: int, edge: Endpoint, key: str, month: str, now: float
    ) -> tuple[dict[str, Any], str]:
        """Return an estimate and the fault that is drawn for this request and attempt; empty: none."""
        plan, asked = self.faults, (key, edge, month)
        attempt = self._asks[asked]
        self._asks[asked] += 1
        content, shown = display.estimate(count, edge, self.era), ""
        if attempt < plan.not_ready_asks and draw(self.seed, "not_ready", *asked) < plan.not_ready:
            content, shown = display.not_ready(edge, self.era), "not_ready"
        elif count >= GLITCH_FROM and draw(self.seed, "glitch", *asked) < plan.glitch:
            content, shown = display.floored(count, edge, self.era), "glitch"
        fault = of_answer(plan, draw(self.seed, *asked, attempt))
        if fault == "no_number":
            content = display.no_number(edge, self.era)
        if shown and fault in {"", *LEGIBLE}:
            self.injected.append(Injection(now, shown, key))
        if fault:
            self.injected.append(Injection(now, fault, key))
        return content, fault

    def _happened(self, event: str, about: str, now: float) -> None:
        """Record an event of the platform, the first time it is noticed."""
        if event not in self._events:
            self._events.add(event)
            self.injected.append(Injection(now, event, about))

    def _usage(self, number: str, now: float) -> tuple[str, str]:
        """Return the header that tells how much of an account's quota is used."""
        account = self.accounts[number]
        regain = account.quota.regain_minutes(now)
        percent = 100 if regain else account.quota.percent(now)
        limit = {
            "type": "ads_management",
            "call_count": percent,
            "total_cputime": percent // 4,
            "total_time": percent // 4,
            "estimated_time_to_regain_access": regain,
            "ads_api_access_tier": WORDS[account.tier],
        }
        return "x-business-use-case-usage", json.dumps({number: [limit]}, separators=(",", ":"))
