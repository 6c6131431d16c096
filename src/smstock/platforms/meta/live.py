"""Meta itself as a source of answers: the quota belongs to an advertising account, and its answers tell of it."""

from __future__ import annotations

import hmac
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote, urlencode

from smstock.platforms.base import Action
from smstock.platforms.live import Live
from smstock.platforms.meta import answers
from smstock.platforms.meta.accounts import CREDENTIAL, Account, accounts
from smstock.web.client import SECONDS
from smstock.web.quota import HOUR
from smstock.web.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import SecretStr

    from smstock.platforms.base import Answer, RawAnswer, Request
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

URL: Final = "https://graph.facebook.com"
VARIABLE: Final = "SMSTOCK_META_URL"

PARAMETERS: Final = {
    "delivery_estimate": ("optimization_goal", "targeting_spec"),
    "reachestimate": ("targeting_spec",),
}
"""What each endpoint accepts of a request (facebook-python-business-sdk v25, adaccount.py); nothing else is sent."""


class LiveMeta(Live[Account]):
    """Meta through advertising accounts, each at the pace of its access tier."""

    credential: ClassVar = CREDENTIAL
    address: ClassVar = URL
    variable: ClassVar = VARIABLE
    payer: ClassVar = "account"

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Count the calls that earlier runs made within the hour, so that a restart does not spend the quota twice.

        The tier and the pauses that those answers told hold on. Calls that were under way when a run was killed are in
        no journal; as many as there can have been are counted for each account that asked within the hour.

        Parameters
        ----------
        journal
            Answers of any age; those of other accounts are passed over.
        """
        now, clock = self._now(), self._clock()
        ages: dict[str, list[float]] = {account.name: [] for account in self._payers}
        for raw in journal:
            age = (now - datetime.fromisoformat(raw.asked_at)).total_seconds() if raw.account in ages else inf
            if age < HOUR + SECONDS:
                ages[raw.account].append(age)
                for account in self._payers:
                    if account.name == raw.account:
                        account.learn(raw.headers, age=age)
        for account in self._payers:
            # the platform may have counted a call as late as its answer came
            times = [clock - age + SECONDS for age in ages[account.name]]
            account.limiter.prime(times + [clock] * account.concurrency if times else [])

    def _payers_of(self, credentials: Sequence[Credential]) -> list[Account]:
        return accounts(credentials, self._clock)

    async def _fetch(self, request: Request, payer: Account, credential: Credential) -> Reply:
        parameters = [(name, value) for name, value in request.parameters if name in PARAMETERS[request.endpoint]]
        if credential.app_secret:
            parameters.append(("appsecret_proof", proof(credential.token, credential.app_secret)))
        query = urlencode(parameters, quote_via=quote)
        began = self._clock()
        address = f"{self._url}/{request.api_version}/{payer.name}/{request.endpoint}?{query}"
        reply = await self._wire.fetch(address, token=credential.token, headers={}, content=None)
        if reply.status:
            payer.timed(self._clock() - began)
        return reply

    def _read(self, raw: RawAnswer) -> Answer:
        return answers.read(raw)

    def _refused(self, payer: Account, answer: Answer, raw: RawAnswer) -> None:
        """Pause an account, or all of its app."""
        seconds = retry_after(raw.headers) if answer.wait is None else answer.wait
        for other in self._payers:
            if other is payer or (answer.action is Action.PAUSE_APP and other.app == payer.app):
                other.limiter.refused(seconds)

    def _learn(self, payer: Account, credential: Credential, raw: RawAnswer) -> None:
        """Learn from the headers too, which tell how much of the quota is spent."""
        super()._learn(payer, credential, raw)
        payer.learn(raw.headers)


def proof(token: SecretStr, app_secret: SecretStr) -> str:
    """Return ``appsecret_proof``: HMAC-SHA256 of the token under the app's secret, in hexadecimal.

    Examples
    --------
    >>> from pydantic import SecretStr
    >>> proof(SecretStr("token"), SecretStr("secret"))[:12]
    'e941110e3d2b'
    """
    return hmac.new(app_secret.get_secret_value().encode(), token.get_secret_value().encode(), "sha256").hexdigest()
