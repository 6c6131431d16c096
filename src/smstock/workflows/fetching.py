"""Official data sets: fetched from their providers into the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import UsageError
from smstock.vocabulary.countries import expand
from smstock.workflows.event_loop import complete
from smstock.workflows.officials import official_folder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from random import Random

    from smstock.folder import Folder
    from smstock.official.fetch.download import Download
    from smstock.official.fetch.retrieval import Fetched

YEARS: Final = 10
"""How many years are fetched if nobody says."""

EARLIEST: Final = 1950
"""First year of any of the data sets."""


def downloads(
    provider: str,
    dataset: str,
    *,
    now: dt.datetime,
    edition: str = "",
    since: int | None = None,
    until: int | None = None,
    geo: Sequence[str] = (),
    ages: bool = False,
    whole: bool = False,
) -> tuple[Download, ...]:
    """Return the downloads that hold a data set of a provider; nothing is asked yet.

    Parameters
    ----------
    dataset
        The provider's name of it; for ``undesa`` the edition.
    edition
        Year of a survey (``census``).
    since, until
        First and last calendar year: the last ten up to this one unless given.
    geo
        Destinations by code, name or group (``eu27``); none: every one.
    ages
        By age group too (``eurostat``).
    whole
        The whole data set in one packed file (``eurostat``).

    Raises
    ------
    UsageError
        The provider does not have it, or cannot be asked so; the years run backwards.
    UnknownNameError
        A destination is not in the vocabulary.

    Examples
    --------
    >>> import datetime as dt
    >>> now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    >>> (download,) = downloads("worldbank", "SP.POP.TOTL", now=now, since=2020)
    >>> download.url.partition("?")[0]
    'https://api.worldbank.org/v2/country/all/indicator/SP.POP.TOTL'
    """
    from smstock.official.fetch.download import Request
    from smstock.official.fetch.services import downloads as of_provider

    last = now.year if until is None else until
    first = last - YEARS + 1 if since is None else since
    if not EARLIEST <= first <= last <= now.year:
        raise UsageError(
            f"{first} to {last} are no years that figures are for",
            allowed=f"--since from {EARLIEST} on, --until up to {now.year}",
        )
    given = {
        "years": since is not None or until is not None,
        "edition": edition,
        "areas": geo,
        "ages": ages,
        "whole": whole,
    }
    request = Request(dataset, first, last, edition, expand(geo), ages, whole)
    return of_provider(provider, request, frozenset(name for name, value in given.items() if value))


def fetch(
    provider: str,
    downloads: Sequence[Download],
    workspace: Folder,
    *,
    now: dt.datetime,
    rng: Random,
    days: int,
    note: Callable[[str], object] = lambda _: None,
) -> list[Fetched]:
    """Fetch downloads into ``official/<provider>/`` of the workspace, each with its sidecar.

    Parameters
    ----------
    days
        Files younger than this are kept as they are; 0: all are fetched again.
    note
        Told, in words, what is waited for.

    Raises
    ------
    BusyError
        Another run holds the workspace; nothing is asked.
    UsageError, PlatformError, QuotaError
        The service refuses, does not answer, or allows no more; what was fetched stays.

    Examples
    --------
    >>> from pathlib import Path
    >>> from random import Random
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> import datetime as dt
    >>> now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    >>> with TemporaryDirectory() as place:
    ...     fetch("oecd", (), Folder(Path(place), Path(place)), now=now, rng=Random(1), days=30)
    []
    """
    from smstock.official.fetch.retrieval import LARGEST, SECONDS, Retrieval
    from smstock.official.fetch.services import service
    from smstock.web.client import Client

    folder = official_folder(workspace)

    async def run() -> list[Fetched]:
        async with (
            Client(seconds=SECONDS, largest=LARGEST) as client,
            Client(seconds=SECONDS, largest=LARGEST, ipv4=True) as over_ipv4,
        ):
            retrieval = Retrieval(service(provider), folder, now, rng, (client, over_ipv4), days, note)
            return await retrieval.run(downloads)

    with workspace.lock():
        return complete(run())
