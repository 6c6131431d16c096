"""Languages by locale id: what is left where an origin has no category, and what it is not.

A locale counts the accounts that use the platform in a language. It holds people of every origin who read it, second
generations and learners, and misses those who use the language of their destination. It is another population than
"lived in", and smstock adds the two nowhere.

Ids: ``GET /search?type=adlocale``, as listed in the README of pySocialWatcher and by a user of the API. Only languages
of origins without a category are kept; ``spoken_in`` are those of these origins where the language is official.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Locale:
    """A language of the platform: the id that targets it, and origins without a category where it is official."""

    number: int
    language: str
    spoken_in: tuple[str, ...]


LOCALES: Final = (
    Locale(17, "Russian", ("BLR", "KAZ", "KGZ")),
    Locale(19, "Turkish", ("TUR",)),
    Locale(28, "Arabic", ("BHR", "EGY", "IRQ", "LBY", "MRT", "OMN", "PSE", "SDN", "SYR", "TCD", "TUN", "YEM")),
    Locale(42, "Serbian", ("BIH", "XKX")),
    Locale(52, "Ukrainian", ("UKR",)),
    Locale(55, "Bosnian", ("BIH",)),
    Locale(79, "Macedonian", ("MKD",)),
    Locale(87, "Albanian", ("ALB", "MKD", "XKX")),
    Locale(91, "Uzbek", ("UZB",)),
)
"""Locales by id."""


def locales(origin: str) -> tuple[Locale, ...]:
    """Return the locales of an origin's official languages; empty where none is known, or a category is better.

    Examples
    --------
    >>> [(locale.number, locale.language) for locale in locales("UKR")]
    [(52, 'Ukrainian')]
    >>> locales("SRB"), locales("PAK")
    ((), ())
    """
    return tuple(locale for locale in LOCALES if origin in locale.spoken_in)
