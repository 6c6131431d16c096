"""What a reader must know before using the figures."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Final

from smstock.report import wording
from smstock.report.listing import ALONE, DOUBT, DOUBTED, HELD, INDICATIVE
from smstock.tables import MAGNITUDE
from smstock.vocabulary.counts import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.report.basis import Basis

MOST_LANGUAGES: Final = 12
"""Origins at most whose languages are named."""

_COUNTED: Final = {
    "birth": "the foreign-born",
    "citizenship": "foreign citizens",
    "mixed": "the foreign-born in some countries and foreign citizens in others",
}


@dataclass(frozen=True)
class Limit:
    """A limit in a few words, and what it means."""

    name: str
    meaning: str


_ACCOUNTS = Limit(
    "Accounts are not persons.",
    "One person may have several accounts or none, and the platform itself decides where an account comes from, by "
    "rules that it does not publish and may change. Calibration removes what is common to all destinations, not what "
    "is particular to one.",
)
_FLOOR = Limit(
    "Small audiences are hidden.",
    "A platform shows no number below its floor. For such a corridor the estimate is the last official figure, or an "
    "upper end and nothing more.",
)

_MAGNITUDE = Limit(
    "Some estimates are orders of magnitude.",
    "Their method has an RMSLE above 1 on destinations left out, so they stand in words. The files hold the number it "
    "gave, with the precision magnitude.",
)


def limits(rows: pd.DataFrame, basis: Basis) -> list[Limit]:
    """Return the limits of a nowcast, the most general first.

    Parameters
    ----------
    rows
        A listing (see `listing`).
    basis
        What the rows were estimated with.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.report.basis import Basis
    >>> basis = Basis(calibration="serbia-1", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", lag=5.0)
    >>> rows = pd.DataFrame({"standing": ["indicative"], "method": "raw_audience", "precision": "digits"})
    >>> for limit in limits(rows, basis):
    ...     print(limit.name)
    Accounts are not persons.
    Small audiences are hidden.
    The estimates count what the official stocks count.
    The intervals rest on errors of the past.
    Rows marked * are indicative.
    """
    indicative = rows[rows["standing"] == ALONE]
    stated = [_ACCOUNTS, _FLOOR, _concepts(basis), _intervals(basis)]
    if basis.languages is not None:
        stated.insert(0, _language(basis.languages))
    if basis.lack:
        stated.insert(0, Limit("The wave is incomplete.", f"{basis.lack}."))
    if len(indicative):
        stated.append(_indicative(indicative, basis))
    if number := int((rows["standing"] == DOUBTED).sum()):
        stated.append(_doubtful(number))
    if (rows["precision"] == MAGNITUDE).any():
        stated.append(_MAGNITUDE)
    if number := int((rows["standing"] == HELD).sum()):
        stated.append(_held_back(number))
    return stated


def _language(languages: Mapping[str, str]) -> Limit:
    """Return whom an audience by language counts.

    >>> _language({"UKR": "Ukrainian"}).meaning.partition(",")[0]
    'The audiences are accounts that use the platform in Ukrainian (from Ukraine)'
    """
    listed = [f"{language} (from {wording.country(origin)})" for origin, language in languages.items()]
    used = wording.enumeration(listed, "or") if len(listed) <= MOST_LANGUAGES else "a language of the origin"
    return Limit(
        "Origins are languages.",
        f"The audiences are accounts that use the platform in {used or 'a language of the origin'}, whatever their "
        "origin and generation. Who uses another language is missing. That is another population than accounts that "
        "lived in the origin; the calibration was learnt on this one.",
    )


def _concepts(basis: Basis) -> Limit:
    counted = wording.enumeration([_COUNTED[concept] for concept in basis.concepts], "or")
    varying = ", depending on the country," if len(basis.concepts) > 1 else ""
    return Limit(
        "The estimates count what the official stocks count.",
        f"These count{varying} {counted} ({wording.provider(basis.provider)}, edition {basis.edition}). A "
        "row whose official figure does not count the foreign-born says so in its notes.",
    )


def _intervals(basis: Basis) -> Limit:
    past = " Those of yearly series were measured on past dates." if basis.registers else ""
    age = "there was no earlier official figure"
    if basis.lag is not None:
        age = (
            f"the last official figure was {wording.ratio(basis.lag, 1)} years old. Where it is younger, the intervals "
            "of methods that use it are narrowed by the square root of its age: an assumption, not a measurement"
        )
    return Limit(
        "The intervals rest on errors of the past.",
        f"They were measured where {age}.{past} They hold for destinations like those of the benchmark, in times like "
        "those.",
    )


def _indicative(rows: pd.DataFrame, basis: Basis) -> Limit:
    half_widths = {str(name): basis.half_widths.get(str(name), inf) for name in sorted(rows["method"].unique())}
    factors = [
        f"{wording.factor(half_width)}{f' by {wording.method(name)}' if len(half_widths) > 1 else ''}"
        for name, half_width in half_widths.items()
        if isfinite(half_width)
    ]
    measured = f" In the benchmark, four in five such estimates were within a factor of {wording.enumeration(factors)}."
    rest = "rests" if len(rows) == 1 else "rest"
    return Limit(
        f"Rows marked {INDICATIVE} are indicative.",
        f"{plural(len(rows), 'corridor')} without an official figure {rest} on the audience alone, where "
        f"nobody could check it.{measured if factors else ''}",
    )


def _doubtful(number: int) -> Limit:
    return Limit(
        f"Rows marked {DOUBT} are doubtful.",
        f"In {plural(number, 'corridor')} the audience, a leap or a sum speaks against the official figures. "
        "Nobody can tell from here which is wrong. The notes say what. Sums over official figures leave them out.",
    )


def _held_back(number: int) -> Limit:
    return Limit(
        "Not every estimate is published.",
        f"{plural(number, 'estimate')} {'is' if number == 1 else 'are'} held back: more than the populations, "
        "the emigrants or the immigrants of 2015 allow, or against a figure or an audience that cannot be right beside "
        "it. The notes say what was computed.",
    )
