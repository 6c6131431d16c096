"""States and counties of the United States: the numbers of FIPS 5-2 and 6-4, and the codes of ISO 3166-2.

A state is ``US-CA``, a county ``US-06037``: the number of its state and its own. Puerto Rico (72) is an area of its
own, ``PRI``, and its municipios are ``PR-72001``. The Census Bureau writes them ``0400000US06`` and ``0500000US06037``
(``GEO_ID``), some copies ``04000US06``. Connecticut has planning regions (``09110``) in place of counties since 2022.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES = {
    number: (code, name)
    for number, code, name in (
        state.split(":")
        for line in (
            "01:AL:Alabama,02:AK:Alaska,04:AZ:Arizona,05:AR:Arkansas,06:CA:California,08:CO:Colorado,09:CT:Connecticut",
            "10:DE:Delaware,11:DC:District of Columbia,12:FL:Florida,13:GA:Georgia,15:HI:Hawaii,16:ID:Idaho",
            "17:IL:Illinois,18:IN:Indiana,19:IA:Iowa,20:KS:Kansas,21:KY:Kentucky,22:LA:Louisiana,23:ME:Maine",
            "24:MD:Maryland,25:MA:Massachusetts,26:MI:Michigan,27:MN:Minnesota,28:MS:Mississippi,29:MO:Missouri",
            "30:MT:Montana,31:NE:Nebraska,32:NV:Nevada,33:NH:New Hampshire,34:NJ:New Jersey,35:NM:New Mexico",
            "36:NY:New York,37:NC:North Carolina,38:ND:North Dakota,39:OH:Ohio,40:OK:Oklahoma,41:OR:Oregon",
            "42:PA:Pennsylvania,44:RI:Rhode Island,45:SC:South Carolina,46:SD:South Dakota,47:TN:Tennessee,48:TX:Texas",
            "49:UT:Utah,50:VT:Vermont,51:VA:Virginia,53:WA:Washington,54:WV:West Virginia,55:WI:Wisconsin",
            "56:WY:Wyoming",
        )
        for state in line.split(",")
    )
}

NUMBERS: Final[Mapping[str, str]] = {number: f"US-{code}" for number, (code, _) in _STATES.items()} | {"72": "PRI"}
"""States by their number, and Puerto Rico."""

NAMES: Final[Mapping[str, str]] = {
    "United States": "USA",
    "Puerto Rico": "PRI",
    **{name: f"US-{code}" for code, name in _STATES.values()},
}
"""The country, its states and Puerto Rico by their names."""

_NUMBER: Final = re.compile(r"(?:040(?:00)?00US)?(\d\d)|(?:050(?:00)?00US)?(\d\d)(\d{3})")


def state_or_county(text: str) -> str:
    """Return the code of a state or county by its number or ``GEO_ID``; empty for anything else.

    Examples
    --------
    >>> [state_or_county(text) for text in ("06", "06037", "0500000US06037", "04000US06", "72001")]
    ['US-CA', 'US-06037', 'US-06037', 'US-CA', 'PR-72001']
    >>> [state_or_county(text) for text in ("99", "06000", "0400001US06", "California")]
    ['', '', '', '']
    """
    number = _NUMBER.fullmatch(text)
    if number is None:
        return ""
    if number[1]:
        return NUMBERS.get(number[1], "")
    if number[2] not in NUMBERS or number[3] == "000":
        return ""
    return f"{'PR' if number[2] == '72' else 'US'}-{number[2]}{number[3]}"
