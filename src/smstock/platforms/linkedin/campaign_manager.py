"""What LinkedIn's Campaign Manager shows to a person: facets by their headings, audiences as abbreviated text.

Headings are those of the page on which an audience is put together (LinkedIn Marketing Solutions help, targeting
options). "Target audience size" stands as ``12,000+``; what is below 300 members is too small to be shown. Forecasts
(reach, impressions, clicks) stand as ranges, and are no size of an audience.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from smstock.platforms.linkedin import rounding
from smstock.platforms.linkedin.catalogue import AGE, GENDER, OF_DIMENSION

HEADINGS: Final = {
    "sex": "Member Gender",
    "age": "Member Age",
    "degree": "Degrees",
    "field_of_study": "Fields of Study",
    "experience": "Years of Experience",
    "seniority": "Job Seniorities",
    "function": "Job Functions",
    "industry": "Company Industries",
    "skill": "Member Skills",
}
"""Dimension of a profile -> heading of Campaign Manager."""

_SINGULAR: Final = {
    "sex": ("gender", "genders"),
    "age": ("ages", "age range"),
    "field_of_study": ("field of studies", "study field"),
    "experience": ("years of experience range", "years experience"),
    "seniority": ("job seniority",),
    "function": ("job function",),
    "industry": ("company industry",),
    "skill": ("member skill",),
}

_FLOORED: Final = re.compile(
    r"0([.,]0+)?|(<|fewer than|less than|under|below)\s*300(\s*members)?"
    r"|((your|the)\s+)?((target\s+)?audience\s+)?(is\s+)?too\s+(small|narrow)",
    re.IGNORECASE,
)
_POWERS: Final = {"k": 3, "tsd": 3, "m": 6, "mio": 6, "b": 9}
_ABBREVIATED: Final = re.compile(r"(?P<digits>\d{1,3}([.,]\d{1,2})?)\s*(?P<power>k|tsd|m|mio|b)\.?", re.IGNORECASE)


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


_DIMENSIONS: Final = {
    _squeezed(name): dimension
    for dimension, heading in HEADINGS.items()
    for name in (
        dimension,
        heading,
        {"sex": GENDER, "age": AGE, **OF_DIMENSION}[dimension].name,
        *_SINGULAR.get(dimension, ()),
    )
}


def dimension_of(facet: str) -> str:
    """Return the dimension of a facet by its heading, its name in the API or smstock's; empty if it is of none.

    Examples
    --------
    >>> dimension_of("Job Seniorities"), dimension_of("fieldsOfStudy"), dimension_of("skill"), dimension_of("Job Title")
    ('seniority', 'field_of_study', 'skill', '')
    """
    return _DIMENSIONS.get(_squeezed(facet), "")


@dataclass(frozen=True)
class Displayed:
    """An audience as it is displayed.

    Parameters
    ----------
    number
        The number as text, abbreviations written out.
    step
        Members that the last digit of an abbreviation stands for; 1 where the number is written in full.
    at_least
        Whether a ``+`` says that there may be more.
    """

    number: str
    step: int = 1
    at_least: bool = False


def displayed(text: str) -> Displayed | None:
    """Return what a text says of an audience; None if it says that it is too small to be shown.

    Examples
    --------
    >>> displayed("12,000+")
    Displayed(number='12,000', step=1, at_least=True)
    >>> displayed("1.2M")
    Displayed(number='1200000', step=100000, at_least=False)
    >>> displayed("< 300") is displayed("Audience too narrow") is None
    True
    """
    text = " ".join(text.split())
    if _FLOORED.fullmatch(text):
        return None
    text = re.sub(r"\s*members$", "", text, flags=re.IGNORECASE)
    number = text.removesuffix("+").rstrip()
    at_least = number != text
    if (short := _ABBREVIATED.fullmatch(number)) is None:
        return Displayed(number, at_least=at_least)
    digits = Decimal(short["digits"].replace(",", "."))
    unit = Decimal(10) ** _POWERS[short["power"].lower()]
    exponent = digits.as_tuple().exponent
    return Displayed(str(int(digits * unit)), int(unit.scaleb(int(exponent))), at_least)


def interval(total: int, step: int = 1, *, at_least: bool = False) -> tuple[float, float]:
    """Return the true counts compatible with a total that a person read.

    A number in full is as uncertain as an answer of the API (`rounding.interval`). An abbreviation may be rounded to
    the nearest, as these are, or down: half a unit of its last digit below, a whole one above. So may a number with a
    ``+``, which says "that many or more": half a step below, a whole one above.

    Examples
    --------
    >>> interval(12_000), interval(12_000, at_least=True), interval(2_000, 1_000)
    ((11500.0, 12500.0), (11500.0, 13000.0), (1500.0, 3000.0))
    """
    lower, upper = rounding.interval(total)
    if at_least and rounding.rule(total) == rounding.TWO_DIGITS:
        upper = 2 * upper - total
    return max(min(lower, total - step / 2), float(rounding.FLOOR)), max(upper, float(total + step))
