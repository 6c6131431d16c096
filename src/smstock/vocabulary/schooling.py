"""Levels of education, and the groups of origins that offices tell them of.

Levels are those of ISCED 2011 in the three classes that Eurostat and the OECD publish: below upper secondary (0-2),
upper secondary and post-secondary below tertiary (3-4), tertiary (5-8).
"""

from __future__ import annotations

from typing import Final

from smstock.vocabulary import countries
from smstock.vocabulary.facets import FOREIGN

LEVELS: Final = ("isced0-2", "isced3-4", "isced5-8")
"""Levels, the lowest first, as tables have them."""
WORDS: Final = dict(
    zip(LEVELS, ("low (ISCED 0\N{EN DASH}2)", "medium (3\N{EN DASH}4)", "high (5\N{EN DASH}8)"), strict=True)
)
"""What reports call a level."""
EU, NOT_EU, NATIVES, EVERYBODY = "EU27_2020_FOR", "NEU27_2020_FOR", "NAT", ""
"""Groups of Eurostat: from another country of the European Union of 2020, from outside it, natives, everybody."""
ORIGIN_GROUPS: Final = {EU: "other countries of the EU", NOT_EU: "outside the EU", FOREIGN: "abroad"}
"""Groups of origins that stand in for one of theirs, and where they are from."""


def groups_of(origin: str) -> tuple[str, str]:
    """Return the groups that an origin belongs to, the narrowest first.

    Examples
    --------
    >>> groups_of("POL"), groups_of("SRB")
    (('EU27_2020_FOR', 'WLD'), ('NEU27_2020_FOR', 'WLD'))
    """
    return (EU if origin in countries.group("eu27") else NOT_EU, FOREIGN)
