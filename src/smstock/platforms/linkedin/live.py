"""LinkedIn itself as a source of answers: the quota belongs to an application, and to a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from smstock.platforms.linkedin import answers, restli
from smstock.platforms.linkedin.quota import Day
from smstock.platforms.live import Live
from smstock.web.credentials import LABEL, NUMBER, TOKEN, CredentialForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smstock.platforms.base import Answer, RawAnswer, Request
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

URL: Final = "https://api.linkedin.com"
VARIABLE: Final = "SMSTOCK_LINKEDIN_URL"

CONCURRENCY: Final = 4
"""Calls under way at most, of one application: no pace is published, and a burst is what an infrastructure refuses."""


CREDENTIAL: Final = CredentialForm(
    "linkedin",
    {"token": TOKEN, "app": LABEL, "calls_per_day": NUMBER},
    required=("token",),
    allowed="token without a blank or a line break, app (any label), calls_per_day (a whole number)",
)


def headers(api_version: str, call: restli.Call) -> dict[str, str]:
    """Return the headers of a call.

    Examples
    --------
    >>> headers("202608", restli.Call("https://api.linkedin.com/rest/adTargetingFacets"))
    {'LinkedIn-Version': '202608', 'X-Restli-Protocol-Version': '2.0.0'}
    """
    versioned = {"LinkedIn-Version": api_version, "X-Restli-Protocol-Version": "2.0.0"}
    return versioned if call.body is None else versioned | restli.TUNNEL


def address(url: str, request: Request) -> restli.Call:
    """Return the call that makes a request; its criteria are encoded already, and go out as they are.

    Examples
    --------
    >>> from smstock.platforms.base import Request
    >>> from smstock.query.lattice import Cell
    >>> from smstock.vocabulary.facets import Ages
    >>> asked = (("q", "targetingCriteriaV2"), ("targetingCriteria", "(include:(and:List()))"))
    >>> address(URL, Request("k", Cell("DEU", "", "all", Ages(18)), "audienceCounts", "202608", asked)).url
    'https://api.linkedin.com/rest/audienceCounts?q=targetingCriteriaV2&targetingCriteria=(include:(and:List()))'
    """
    query = "&".join(f"{name}={value}" for name, value in request.parameters)
    return restli.call(f"{url}/rest/{request.endpoint}", query)


@dataclass(eq=False)
class Application:
    """An application, the quota of its day, and the tokens that members gave it; the first one is used."""

    name: str
    limiter: Day
    credentials: list[Credential] = field(default_factory=list)
    concurrency: int = CONCURRENCY

    def turn(self) -> tuple[float, float]:
        """Return a key that sorts first whoever may ask soonest, then whoever asked least today."""
        return self.limiter.delay(), self.limiter.used


class LiveLinkedIn(Live[Application]):
    """LinkedIn through applications, each until its day of quota is spent."""

    credential: ClassVar = CREDENTIAL
    address: ClassVar = URL
    variable: ClassVar = VARIABLE
    payer: ClassVar = "application"
    refill: ClassVar = "; a day ends at midnight UTC"

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Count the calls that earlier runs made today.

        Parameters
        ----------
        journal
            Answers of any age; those of other applications are passed over.
        """
        calls: dict[str, list[tuple[datetime, bool]]] = {payer.name: [] for payer in self._payers}
        for raw in journal:
            if raw.account in calls:
                calls[raw.account].append((datetime.fromisoformat(raw.asked_at), raw.http_status == 429))
        for application in self._payers:
            application.limiter.prime(calls[application.name])

    def _payers_of(self, credentials: Sequence[Credential]) -> list[Application]:
        applications: dict[str, Application] = {}
        for credential in credentials:
            name = credential.app or "application"
            known = applications.setdefault(name, Application(name, Day(self._now, credential.calls_per_day)))
            known.credentials.append(credential)
        return list(applications.values())

    async def _fetch(self, request: Request, payer: Application, credential: Credential) -> Reply:
        del payer  # the token tells it
        call = address(self._url, request)
        sent = headers(request.api_version, call)
        return await self._wire.fetch(call.url, token=credential.token, headers=sent, content=call.body)

    def _read(self, raw: RawAnswer) -> Answer:
        return answers.read(raw)

    def _refused(self, payer: Application, answer: Answer, raw: RawAnswer) -> None:
        del answer, raw  # no header tells how long
        payer.limiter.refused()
