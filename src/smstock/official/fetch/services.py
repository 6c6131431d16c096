"""The services that smstock fetches from, by provider."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from smstock.errors import UsageError
from smstock.official.fetch import census, eurostat, oecd, undesa, worldbank
from smstock.official.fetch.download import guess

if TYPE_CHECKING:
    from smstock.official.fetch.download import Download, Request, Service

SERVICES: Final = {
    "eurostat": eurostat.SERVICE,
    "oecd": oecd.SERVICE,
    "worldbank": worldbank.SERVICE,
    "undesa": undesa.SERVICE,
    "census": census.SERVICE,
}

_OPTIONS: Final = {
    "ages": "--ages",
    "areas": "--geo",
    "edition": "a year behind the data set",
    "whole": "--whole",
    "years": "--since and --until",
}
_SPELLED: Final = {"eurostat": str.lower, "oecd": str.upper, "worldbank": str.upper, "census": str.upper}


def service(provider: str) -> Service:
    """Return the service of a provider; raise `UsageError` listing the providers.

    Examples
    --------
    >>> service("oecd").hourly
    60
    >>> service("ilo")
    Traceback (most recent call last):
    smstock.errors.UsageError: there is no service of 'ilo'
      allowed: eurostat, oecd, worldbank, undesa, census
    """
    if provider not in SERVICES:
        raise UsageError(
            f"there is no service of {provider!r}", allowed=", ".join(SERVICES), hint=guess(provider, SERVICES)
        )
    return SERVICES[provider]


def downloads(provider: str, request: Request, given: frozenset[str]) -> tuple[Download, ...]:
    """Return the downloads that hold what is requested of a provider.

    Parameters
    ----------
    given
        Parts of ``request`` that a person gave, and that no default filled: years, areas, edition, ages, whole.

    Raises
    ------
    UsageError
        The provider, or the data set, is not fetched, or the provider cannot be asked for such a part.

    Examples
    --------
    >>> from smstock.official.fetch.download import Request
    >>> len(downloads("undesa", Request("2020", 2015, 2020), frozenset()))
    3
    """
    of_provider = service(provider)
    options = ", ".join(_OPTIONS[part] for part in sorted(of_provider.takes))
    if beyond := sorted(given - of_provider.takes):
        raise UsageError(
            f"{provider} cannot be asked for {' and '.join(beyond)}",
            allowed=options or "the data set only, which comes whole",
            hint="leave the option out",
        )
    return of_provider.downloads(replace(request, dataset=_SPELLED.get(provider, str)(request.dataset)))
