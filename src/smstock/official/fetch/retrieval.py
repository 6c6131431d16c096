"""Downloads, one after the other: kept files left alone, passing faults waited for, large requests divided."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt
from tenacity.stop import stop_base

from smstock.errors import PlatformError, QuotaError, UsageError
from smstock.official.fetch import shelf
from smstock.official.fetch.answer import verdict
from smstock.web.quota import HOUR, Limiter
from smstock.web.retry import Backoff, last

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from tenacity import RetryCallState

    from smstock.official.fetch.answer import Verdict
    from smstock.official.fetch.download import Download, Service
    from smstock.web.client import Client

SECONDS: Final = 900.0
"""How long one download may take; the largest are some 40 MB."""

LARGEST: Final = 512 << 20
"""Bytes of a download that are read."""

ATTEMPTS: Final = 5
"""How often a download is tried while its faults pass."""

POLL_SECONDS: Final = 20.0
POLLS: Final = 90
"""How often an answer that is being prepared is asked for: half an hour in all."""

LONGEST_PAUSE: Final = 900.0
"""The longest pause of a service that is waited for; a longer one ends the command, to be run again later."""

REDIRECTS: Final = 5

DAYS: Final = 30
"""Age at which a kept file is fetched again."""


@dataclass(frozen=True)
class Fetched:
    """What became of a download: ``fetched``, ``kept`` as it was, or ``empty``: the service has no such figures."""

    download: Download
    path: Path
    outcome: Literal["fetched", "kept", "empty"]
    size: int = 0


class _PauseTooLong(stop_base):
    """Ends the attempts where the service asks for a pause above `LONGEST_PAUSE`."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.upcoming_sleep > LONGEST_PAUSE


@dataclass
class _Errand:
    """A download under way: what is asked next through which client, how often it was put off and sent elsewhere."""

    download: Download
    url: str
    client: Client
    polls: int = 0
    hops: int = 0


@dataclass(frozen=True)
class Retrieval:
    """How downloads of one provider are asked for.

    Parameters
    ----------
    service
        The provider's hosts, headers and limit.
    folder
        The folder ``official`` of a workspace.
    now
        The present.
    rng
        Source of the jitter of pauses.
    clients
        The client, and one that connects over IPv4 only, which is tried after a lost connection.
    days
        Files younger than this are kept; 0: none is.
    note
        Told, in words, what is waited for.
    """

    service: Service
    folder: Path
    now: datetime
    rng: Random
    clients: tuple[Client, Client]
    days: int = DAYS
    note: Callable[[str], object] = lambda _: None

    async def run(self, downloads: Iterable[Download]) -> list[Fetched]:
        """Return what became of each download; what was obtained before an error stays.

        Raises
        ------
        UsageError
            The service does not know what was asked for.
        PlatformError
            It does not answer, refuses, or the answer is not ready in time.
        QuotaError
            It allows no further download for a while.
        """
        limiter = self._limiter()
        fetched: list[Fetched] = []
        waiting = list(downloads)
        while waiting:
            download = waiting.pop(0)
            path = shelf.place(self.folder, download)
            if self.days and shelf.is_kept(path, download, today=self.now.date(), days=self.days):
                fetched.append(Fetched(download, path, "kept", path.stat().st_size))
                continue
            answer, body = await self._asked(download, limiter)
            source = download
            while answer.kind in {"refused", "nothing"} and source.otherwise is not None:
                source = source.otherwise
                answer, body = await self._asked(source, limiter)
            if answer.kind == "too big":
                waiting = [*self._parts(download, answer), *waiting]
            elif answer.kind == "nothing":
                fetched.append(Fetched(download, path, "empty"))
            elif answer.kind == "refused":
                raise _refusal(source, answer)
            else:
                shelf.store(path, body, replace(download, url=source.url), today=self.now.date())
                fetched.append(Fetched(download, path, "fetched", len(body)))
        return fetched

    async def _asked(self, download: Download, limiter: Limiter | None) -> tuple[Verdict, bytes]:
        """Return the last verdict and its body: data, nothing, too big or refused."""

        def note(state: RetryCallState) -> None:
            self.note(f"{download.name}: {last(state)[0].message}; asked again in {state.upcoming_sleep:.0f} s")

        def give_up(state: RetryCallState) -> None:
            raise _unanswered(download, last(state)[0], state)

        asking = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS) | _PauseTooLong(),
            wait=Backoff(self.rng, requested=lambda answer: answer[0].seconds),
            retry=retry_if_result(lambda answer: answer[0].kind == "passing"),
            before_sleep=note,
            sleep=asyncio.sleep,
            retry_error_callback=give_up,
        )
        answer: tuple[Verdict, bytes] = await asking(
            self._attempt, _Errand(download, download.url, self.clients[0]), limiter
        )
        return answer

    async def _attempt(self, errand: _Errand, limiter: Limiter | None) -> tuple[Verdict, bytes]:
        """Return the verdict that neither puts off nor sends elsewhere, and its body; after a fault start anew."""
        download = errand.download
        while True:
            await self._room(limiter)
            reply = await errand.client.fetch(errand.url, headers=self.service.headers)
            if limiter is not None:
                limiter.end(sent=reply.sent)
            answer = verdict(reply, errand.url, download.form)
            if answer.kind == "elsewhere":
                errand.hops += 1
                errand.url = self._followed(answer, download, errand.hops)
            elif answer.kind == "later":
                errand.polls += 1
                if errand.polls > POLLS:
                    raise PlatformError(
                        f"{download.provider} has been preparing the answer for half an hour",
                        where=download.url,
                        hint="run the command again later; what was fetched is kept",
                    )
                self.note(f"{download.name}: {answer.message}, asked again in {POLL_SECONDS:.0f} s")
                await asyncio.sleep(POLL_SECONDS)
                errand.url = answer.url or download.url
            else:
                lost = reply.status == 0
                errand.client = self.clients[1] if lost and errand.client is self.clients[0] else self.clients[0]
                errand.url = download.url
                return answer, reply.body

    def _followed(self, redirect: Verdict, download: Download, hops: int) -> str:
        """Return where a redirect leads, if it is a place of the provider."""
        target = urlsplit(redirect.url)
        if hops > REDIRECTS or target.scheme != "https" or target.hostname not in self.service.hosts:
            raise PlatformError(
                f"{download.provider} redirects to {redirect.url[:200]}, which is not followed",
                where=download.url,
                allowed=", ".join(sorted(self.service.hosts)),
                hint="download the file in a web browser, and give it to `smstock official import`",
            )
        return redirect.url

    async def _room(self, limiter: Limiter | None) -> None:
        """Take a place in the provider's hour, waiting for it if need be."""
        if limiter is None:
            return
        while (seconds := limiter.delay()) > 0:
            self.note(f"the limit of {limiter.limit} downloads an hour is reached: waiting {seconds / 60:.0f} minutes")
            await asyncio.sleep(seconds)
        limiter.begin()

    def _limiter(self) -> Limiter | None:
        """Return the places of the hour; files that an earlier run fetched within it have taken theirs."""
        if self.service.hourly is None:
            return None
        loop = asyncio.get_running_loop()
        limiter = Limiter(self.service.hourly, clock=loop.time)
        present = self.now.timestamp()
        ages = [present - path.stat().st_mtime for path in self.folder.glob("*/*") if path.suffix != ".toml"]
        limiter.prime(loop.time() - age for age in ages if 0 <= age < HOUR)
        return limiter

    def _parts(self, download: Download, answer: Verdict) -> tuple[Download, ...]:
        parts = download.parts()
        if not parts:
            raise PlatformError(
                f"{download.provider} finds the request too big, and it cannot be divided: {answer.message}",
                where=download.url,
                hint="ask for fewer destinations (--geo), or for totals without --ages",
            )
        self.note(f"{download.name}: too big for {download.provider}, asked for in {len(parts)} parts")
        return parts


def _refusal(download: Download, answer: Verdict) -> Exception:
    """Return the error for a refusal: of the request, or of whoever asks."""
    if answer.message.startswith(("HTTP 401", "HTTP 403")):
        return PlatformError(
            f"{download.provider} refuses the download: {answer.message}",
            where=download.url,
            hint="download the file in a web browser, and give it to `smstock official import`",
        )
    return UsageError(
        f"{download.provider} does not answer this request: {answer.message}",
        where=download.url,
        hint="mend data set, years or destinations; --dry-run prints what would be asked",
    )


def _unanswered(download: Download, answer: Verdict, state: RetryCallState) -> Exception:
    """Return the error for a fault that did not pass: in the attempts there are, or in a pause that is waited for."""
    if state.attempt_number >= ATTEMPTS:
        return PlatformError(
            f"{download.provider} did not answer in {ATTEMPTS} attempts: {answer.message}",
            where=download.url,
            hint="run the command again later; what was fetched is kept",
        )
    return QuotaError(
        f"{download.provider} asks to wait {state.upcoming_sleep / 60:.0f} minutes: {answer.message}",
        where=download.url,
        hint="run the command again then; what was fetched is kept",
    )
