"""Areas as anybody writes them: codes of any scheme, in any case, or names; and what is no single area.

The forms of the schemes differ, so that a column may have several: letters are codes of ISO 3166-1, Eurostat, the OECD
or the World Bank, digits the numeric codes of the United Nations (M49), longer texts names. Parts of countries have
codes of NUTS, of ISO 3166-2 or one's own (``DE21``, ``US-NY``, ``DE-X1``).
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from smstock.official.base import ALL_ORIGINS
from smstock.official.copies import GAPMINDER
from smstock.official.eurostat.labels import is_group, names
from smstock.official.undesa.copies import GROUPS
from smstock.official.worldbank.indicators import is_area, is_known, known_area
from smstock.vocabulary import nuts
from smstock.vocabulary.countries import crosswalk, known_as

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from smstock.vocabulary.countries import Scheme

GROUP: Final = ""
"""What stands for a group of areas."""

WORLD: Final = frozenset({"world", "wld", "900", "1"})
"""Texts that stand for the world in every scheme, in small letters; 1 is its code in M49, 900 at UN DESA."""

NAMIBIA: Final = "NA"
"""A code of ISO 3166-1 alpha-2, and what R writes in place of a missing text."""

_SCHEMES: Final[tuple[Scheme, ...]] = ("eurostat", "oecd")
# A code of ISO 3166-2, or one's own: words have no digits.
_PART: Final = re.compile(r"([A-Z]{2})-(?:[A-Z0-9]{1,3}|(?=.*[0-9])[A-Z0-9][A-Z0-9-]{0,14})")
_GROUPS_OF_DESA: Final = frozenset(map(str, range(900, 1000)))
# Regions of M49 below the location codes of UN DESA's groups.
_REGIONS: Final = frozenset(
    map(
        str,
        (
            *(2, 5, 9, 11, 13, 14, 15, 17, 18, 19, 21, 29, 30, 34, 35, 39, 53, 54, 57, 61, 62),
            *(142, 143, 145, 150, 151, 154, 155, 202, 419),
        ),
    )
)


def area_of(text: str) -> str | None:
    """Return the ISO3 of an area however it is written, `GROUP` of a known group of areas, None of anything else.

    Examples
    --------
    >>> [area_of(text) for text in ("SRB", "deu", "de", "EL", "276", "004", "276.0", "Viet Nam", "US-NY")]
    ['SRB', 'DEU', 'DEU', 'GRC', 'DEU', 'AFG', 'DEU', 'VNM', 'US-NY']
    >>> [area_of(text) for text in ("DE21", "DEA", "ES300", "DE-09162", "DEW", "CO-OPERATION")]
    ['DE21', 'DEA', 'ES300', 'DE-09162', None, None]
    >>> area_of("Griechenland"), area_of("Côte d'Ivoire"), area_of("Allemagne")
    ('GRC', 'CIV', 'DEU')
    >>> [area_of(text) for text in ("World", "Western Europe", "908", "155", "ARB", "Atlantis", "Total", "NA")]
    ['', '', '', '', '', None, None, 'NAM']
    """
    if text.removesuffix(".0").isdecimal():
        return _of_number(text.removesuffix(".0").lstrip("0"))
    code = text.upper() if len(text) in (2, 3) else text
    if known := GAPMINDER.get(text) or _known(text) or _known(code):
        return known
    if nuts.is_code(text) and not nuts.is_extra(text):
        return text
    if is_area(text):
        return known_area(text)
    if text.casefold() in WORLD or text.casefold() in GROUPS or is_group(text) or is_known(text):
        return GROUP
    part = _PART.fullmatch(text)
    return text if part and part[1] in crosswalk("iso2") else None


def areas_of(
    texts: Collection[str], meant: Mapping[str, str] = MappingProxyType({}), *, of_origins: bool = False
) -> dict[str, str | None]:
    """Return what each text of a column of areas stands for, as `area_of` does.

    ``NA``, in any case, is Namibia among codes of two letters, and nothing in any other column, where R writes it for a
    missing text.

    Parameters
    ----------
    meant
        What some texts are: an area however it is written, ``WLD``, or ``group``.
    of_origins
        Whether the world stands for all origins together; elsewhere it is a group of areas.

    Examples
    --------
    >>> areas_of(["NA", "DE"]), areas_of(["NA", "na", "DEU"])
    ({'NA': 'NAM', 'DE': 'DEU'}, {'NA': None, 'na': None, 'DEU': 'DEU'})
    >>> areas_of(["Total", "World", "Rumania"], {"Total": "WLD", "Rumania": "ROU"}, of_origins=True)
    {'Total': 'WLD', 'World': 'WLD', 'Rumania': 'ROU'}
    """
    lengths = {len(text) for text in texts if text not in ("", NAMIBIA) and area_of(text) is not None}
    of_two_letters = lengths <= {len(NAMIBIA)}
    world = ALL_ORIGINS if of_origins else GROUP
    meanings = {text: None if text.upper() == NAMIBIA and not of_two_letters else area_of(text) for text in texts}
    meanings |= {text: world for text in texts if text.casefold() in WORLD}
    named = {text: meant[text] for text in texts if text in meant}
    return meanings | {text: world if name == ALL_ORIGINS else area_of(name) or GROUP for text, name in named.items()}


def _known(text: str) -> str:
    """Return the ISO3 of a code or name; names may be those that Eurostat has in German and French."""
    codes = (text, names().get(" ".join(text.split()).casefold(), text))
    return known_as(text) or next(
        (iso3 for code in codes for scheme in _SCHEMES if (iso3 := crosswalk(scheme).get(code, ""))), ""
    )


@cache
def _of_number(number: str) -> str | None:
    if number in crosswalk("m49"):
        return crosswalk("m49")[number]
    is_group_of_areas = number in _REGIONS or number in WORLD or number in _GROUPS_OF_DESA
    return GROUP if is_group_of_areas else None
