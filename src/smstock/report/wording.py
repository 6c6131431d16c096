"""Numbers, days and names in words: what is missing is an empty text, never a 0 and never ``nan``."""

from __future__ import annotations

import re
from datetime import date
from math import exp, floor, isnan, log10
from typing import TYPE_CHECKING, Final

from smstock.errors import UnknownNameError
from smstock.tables import MAGNITUDE
from smstock.vocabulary import countries, places
from smstock.vocabulary.dates import wave as days_of
from smstock.vocabulary.methods import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

DASH: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"

SHORT_NAMES: Final = {
    "ARE": "UAE",
    "BIH": "Bosnia-Herzegovina",
    "CAF": "Central African Rep.",
    "COD": "DR Congo",
    "LAO": "Lao PDR",
    "MDA": "Moldova",
    "PRK": "DPR Korea",
    "RUS": "Russia",
    "TZA": "Tanzania",
    "USA": "United States",
}
"""Names that would break the columns of a terminal; all others are UN DESA's, without what stands in brackets."""

PROVIDERS: Final = {"eurostat": "Eurostat", "oecd": "OECD", "undesa": "UN DESA", "worldbank": "the World Bank"}
"""Statistical offices and agencies as they write themselves."""

METHODS: Final = {
    "carry_forward": "the last official figure, unchanged",
    "trend": "the last official figure, growing on as it grew before",
    "damped_trend_fixed": "the last official figure, growing on at 0.8 of its former rate",
    "damped_trend": "the last official figure, growing on at a rate damped as in the past",
    "moving_average": "the mean of the three newest official figures",
    "minora": "the last official figure, growing as the audience grew since",
    "raw_audience": "one account is one person",
    "constant_ratio": "every account stands for the same number of persons",
    "origin_ratio": "every account of an origin stands for the same number of persons",
    "penetration": "audience over penetration, that of destination and origin weighted",
    "penetration_lower": "audience over the higher penetration, of destination or origin",
    "penetration_upper": "audience over the lower penetration, of destination or origin",
    "log_linear": "stock on audience, both as logarithms",
    "log_ratio": "the last official figure moved towards the audience",
    "hierarchical": "stock on audience, with effects of origin and destination as far as they are learnt",
    "hierarchical_gravity": "the same as hierarchical, with the sizes of both ends",
    "hierarchical_update": "the last official figure moved towards the audience, by origin and destination",
    "stack": "methods that move the last figure, each weighted by how often it is the best on destinations left out",
    "figure_stack": "methods that move a single figure, each weighted by how often it is the best",
    "audience_stack": "methods that need no official figure, each weighted by how often it is the best",
    "fusion": "the latent stock behind the official series and the audiences over time",
    "minora_damped": "the official series continued, times a part of the audience's growth beyond its peers",
}
"""What each method does."""

SOURCES: Final = {
    "official_last": "last official figure",
    "audience": "audience",
    "corrected": "audience corrected for the platform's users",
}
"""Sources of a sex ratio."""


def known(number: float | None) -> bool:
    """Whether a number is there.

    Examples
    --------
    >>> known(0.0), known(None), known(float("nan"))
    (True, False, False)
    """
    return number is not None and not isnan(number)


def count(number: float | None) -> str:
    """Return a count as published, to the unit.

    Examples
    --------
    >>> count(199691.0), count(None)
    ('199,691', '')
    """
    return f"{number:,.0f}" if number is not None and known(number) else ""


def persons(number: float | None) -> str:
    """Return an estimate of persons to three significant digits: no estimate here is known better.

    Examples
    --------
    >>> persons(199691.0), persons(2518.0), persons(64.9), persons(0.2), persons(None)
    ('200,000', '2,520', '65', '<1', '')
    """
    if number is None or not known(number):
        return ""
    if 0 < number < 1:
        return "<1"
    return count(round(number, min(0, 2 - floor(log10(number)))) if number else 0.0)


def interval(lower: float | None, upper: float | None) -> str:
    """Return both ends of an interval of persons; empty if either is missing.

    Examples
    --------
    >>> interval(180987.3, 221672.4).split(DASH), interval(None, 5.0)
    (['181,000', '222,000'], '')
    """
    return f"{persons(lower)}{DASH}{persons(upper)}" if known(lower) and known(upper) else ""


def magnitude(number: float | None) -> str:
    """Return the order of magnitude of persons in words; empty if there is no number.

    Examples
    --------
    >>> magnitude(48_170.0), magnitude(1.2e6), magnitude(35.0), magnitude(3.0), magnitude(None)
    ('tens of thousands', 'millions', 'tens', 'a few', '')
    """
    if number is None or not known(number):
        return ""
    thousands, place = divmod(floor(log10(max(number, 1.0))), 3)
    unit = ("", "thousands", "millions", "billions")[min(thousands, 3)]
    many = ("", "tens", "hundreds")[place]
    return " of ".join(filter(None, (many, unit))) or "a few"


def quoted(number: float | None, precision: str) -> str:
    """Return an estimate as its precision allows: to three significant digits, or its order of magnitude in words.

    Examples
    --------
    >>> quoted(48_170.0, "digits"), quoted(48_170.0, "magnitude")
    ('48,200', 'tens of thousands')
    """
    return magnitude(number) if precision == MAGNITUDE else persons(number)


def quoted_interval(lower: float | None, upper: float | None, precision: str) -> str:
    """Return both ends of an interval as its precision allows; empty if either is missing.

    Examples
    --------
    >>> quoted_interval(900.0, 30_000.0, "magnitude").split(DASH), quoted_interval(20.0, 90.0, "magnitude")
    (['hundreds', 'tens of thousands'], 'tens')
    """
    if precision != MAGNITUDE:
        return interval(lower, upper)
    ends = (magnitude(lower), magnitude(upper))
    return DASH.join(dict.fromkeys(ends)) if all(ends) else ""


def per_cent(number: float | None, *, signed: bool = False, digits: int = 0) -> str:
    """Return a percentage, without decimals unless asked for, with its sign where a sign matters.

    Examples
    --------
    >>> per_cent(52.6), per_cent(4.7, signed=True), per_cent(-0.2, signed=True), per_cent(None)
    ('53 %', '+5 %', '0 %', '')
    >>> per_cent(-0.24, digits=1) == MINUS + "0.2 %"
    True
    """
    if number is None or not known(number):
        return ""
    rounded = round(number, digits)
    sign = MINUS if rounded < 0 else "+" if rounded and signed else ""
    return f"{sign}{abs(rounded):.{digits}f} %"


def ratio(number: float | None, digits: int = 2) -> str:
    """Return a ratio or score with a fixed number of decimals.

    Examples
    --------
    >>> ratio(1.0628), ratio(0.31687, 3), ratio(None)
    ('1.06', '0.317', '')
    """
    return f"{number:.{digits}f}" if number is not None and known(number) else ""


def factor(log_error: float | None) -> str:
    """Return an error on the log scale as the factor it stands for.

    Examples
    --------
    >>> factor(0.2429)
    '1.27'
    """
    return ratio(exp(log_error)) if log_error is not None and known(log_error) else ""


def day(iso: str) -> str:
    """Return an ISO date as it is written in a sentence.

    Examples
    --------
    >>> day("2020-10-15")
    '15 October 2020'
    """
    moment = date.fromisoformat(iso)
    return f"{moment.day} {moment:%B %Y}"


def wave(name: str) -> str:
    """Return a wave as it is written in a sentence.

    Examples
    --------
    >>> wave("2020-10"), wave("2020-W41"), wave("2020-10-05")
    ('October 2020', 'the week of 5 October 2020', '5 October 2020')
    """
    days = days_of(name)
    if days.every == "month":
        return f"{date.fromisoformat(days.first):%B %Y}"
    return f"the week of {day(days.first)}" if days.every == "week" else day(days.first)


def method(name: str, *, explained: bool = False) -> str:
    """Return the name of a method in words, with what it does in brackets if ``explained``.

    Examples
    --------
    >>> method("carry_forward"), method("raw_audience", explained=True)
    ('carry forward', 'raw audience (one account is one person)')
    """
    meaning = METHODS.get(name, "") if explained else ""
    return in_words(name) + (f" ({meaning})" if meaning else "")


def provider(name: str) -> str:
    """Return how statistical offices or agencies (several with commas) write themselves, or a name as given.

    Examples
    --------
    >>> provider("undesa"), provider("ine"), provider("eurostat, undesa")
    ('UN DESA', 'ine', 'Eurostat, UN DESA')
    """
    return ", ".join(PROVIDERS.get(part, part) for part in name.split(", "))


def country(code: str) -> str:
    """Return the short name of an area, that of a place that a query named, or the code where there is no name.

    Examples
    --------
    >>> country("USA"), country("IRN"), country("NAM"), country("AT31")
    ('United States', 'Iran', 'Namibia', 'AT31')
    """
    try:
        return SHORT_NAMES.get(code) or re.sub(r"\s*\(.*?\)|\*$", "", countries.area(code).name)
    except UnknownNameError:
        return places.name(code) or code


def corridors(table: pd.DataFrame) -> list[str]:
    """Return a name for each row: the end that varies, or both where both do.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors(pd.DataFrame({"destination": ["AUT", "DEU"], "origin": "SRB"}))
    ['Austria', 'Germany']
    >>> corridors(pd.DataFrame({"destination": "AUT", "origin": ["SRB", "HRV"]}))
    ['Serbia', 'Croatia']
    >>> corridors(pd.DataFrame({"destination": ["AUT", "DEU"], "origin": ["SRB", "HRV"]}))
    ['Serbia → Austria', 'Croatia → Germany']
    """
    if one_of(table, "origin"):
        return [country(code) for code in table["destination"]]
    if one_of(table, "destination"):
        return [country(code) for code in table["origin"]]
    pairs = zip(table["origin"], table["destination"], strict=True)
    return [f"{country(origin)} → {country(destination)}" for origin, destination in pairs]


def one_of(table: pd.DataFrame, end: str) -> str:
    """Return the short name of the origin or destination that all rows share; empty if they do not.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"destination": ["AUT", "DEU"], "origin": "SRB"})
    >>> one_of(table, "origin"), one_of(table, "destination")
    ('Serbia', '')
    """
    codes = table[end].unique()
    return country(codes[0]) if len(codes) == 1 else ""


def enumeration(words: Sequence[str], last: str = "and") -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> enumeration(["birth"]), enumeration(["birth", "citizenship", "mixed"], "or")
    ('birth', 'birth, citizenship or mixed')
    """
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)
