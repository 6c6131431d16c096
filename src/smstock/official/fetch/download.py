"""One download of a data set: its URL, where it is kept, how large it will be, and what its sidecar says."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeVar

from smstock.errors import UsageError
from smstock.vocabulary.countries import area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Element = TypeVar("Element")

Form = Literal["json", "csv", "workbook"]
"""What a good answer is: JSON, CSV (packed with gzip or not), or an .xlsx workbook."""


@dataclass(frozen=True)
class Request:
    """What a person asks of a provider.

    Parameters
    ----------
    dataset
        The provider's name of the data set: ``migr_pop3ctb``, ``B14``, ``SP.POP.TOTL``, an edition of UN DESA.
    since, until
        First and last calendar year.
    edition
        Year of a survey that has one data set a year; empty elsewhere.
    areas
        Destinations, ISO 3166-1 alpha-3; none: every one.
    ages
        By age group too, where the data set has a total.
    whole
        The whole data set in one packed file, without a filter.
    """

    dataset: str
    since: int
    until: int
    edition: str = ""
    areas: tuple[str, ...] = ()
    ages: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Source:
    """What a sidecar says of a download besides its date, address and hash, in the terms of `official.sidecar`."""

    producer: str
    title: str
    licence: str
    provider: str = ""
    dataset: str = ""
    edition: str = ""
    reference_date: str = ""


@dataclass(frozen=True)
class Download:
    """One file to obtain.

    Parameters
    ----------
    provider
        Name of the provider, and of its folder in the workspace.
    name
        Name of the file; it belongs to this URL alone.
    url
        With its query, encoded.
    form
        What a good answer is.
    source
        What its sidecar says.
    cells
        Figures it can hold at most; None where nobody knows before.
    parts
        The same figures in smaller downloads, none if it cannot be divided; asked only if the service finds it too big.
    otherwise
        What is asked instead if the service refuses this, or finds nothing.
    """

    provider: str
    name: str
    url: str
    form: Form
    source: Source
    cells: int | None = None
    parts: Callable[[], tuple[Download, ...]] = field(default=tuple, compare=False, repr=False)
    otherwise: Download | None = None


@dataclass(frozen=True)
class Service:
    """How a provider is asked.

    Parameters
    ----------
    downloads
        The downloads that hold what is requested; raises `UsageError` for what the provider does not have.
    hosts
        Hosts a redirect may lead to.
    takes
        Which parts of `Request` besides the data set it can be asked for.
    headers
        Headers of every request.
    hourly
        Downloads that the provider allows in any hour; None: no limit is published.
    """

    downloads: Callable[[Request], tuple[Download, ...]]
    hosts: frozenset[str]
    takes: frozenset[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    hourly: int | None = None


def codes(areas: Sequence[str], scheme: Literal["eurostat", "oecd"]) -> tuple[str, ...]:
    """Return areas, ISO 3166-1 alpha-3, as a provider spells them.

    Raises
    ------
    UsageError
        The provider has no code for one of them: an empty code would ask for every area.

    Examples
    --------
    >>> codes(["GRC", "XKX"], "eurostat"), codes(["GRC", "XKX"], "oecd")
    (('EL', 'XK'), ('GRC', 'XKV'))
    """
    code_of = {iso3: str(getattr(area(iso3), scheme)) for iso3 in areas}
    if unknown := [area(iso3).name for iso3, code in code_of.items() if not code]:
        raise UsageError(f"{scheme} has no code for {', '.join(unknown)}", hint="leave it out of --geo")
    return tuple(code_of.values())


def guess(name: str, names: Iterable[str]) -> str:
    """Return the question whether a name was meant that is spelt much the same; empty if none is.

    Examples
    --------
    >>> guess("migr_pop3cbt", ["migr_pop1ctz", "migr_pop3ctb"]), guess("x", ["migr_pop3ctb"])
    ('did you mean migr_pop3ctb?', '')
    """
    near = get_close_matches(name, list(names), n=1)
    return f"did you mean {near[0]}?" if near else ""


def name(start: str, url: str, suffix: str) -> str:
    """Return a file's name: readable, and different for every URL.

    Examples
    --------
    >>> name("B14_2015-2024", "https://example.org/B14", ".csv")
    'B14_2015-2024_e4e8ea84.csv'
    """
    return f"{start}_{sha256(url.encode()).hexdigest()[:8]}{suffix}"


def span(since: int, until: int) -> str:
    """Return years as a name holds them.

    Examples
    --------
    >>> span(2015, 2024), span(2020, 2020)
    ('2015-2024', '2020')
    """
    return f"{since}-{until}" if until > since else str(since)


def blocks(elements: Sequence[Element], size: int) -> list[Sequence[Element]]:
    """Return elements in blocks of a size, the last one shorter.

    Examples
    --------
    >>> blocks(range(2015, 2020), 2)
    [range(2015, 2017), range(2017, 2019), range(2019, 2020)]
    """
    return [elements[start : start + size] for start in range(0, len(elements), size)]
