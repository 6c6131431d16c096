"""Languages by locale key: which stand for an origin, which for none, and why.

A locale counts the accounts that use the platform in a language. It holds people of every origin who read it, second
generations and learners, and misses those who use the language of their destination. It is another population than
"lived in": smstock adds the two nowhere, and makes no series of both.

A language stands for an origin where it is official in that state alone, or where those who use it elsewhere are few
beside it; the note says whom it holds or misses. Any other stands for none; a query may say otherwise by a key of its
own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

MOST: Final = 90
"""Locales of a targeting spec at most (Meta, targeting restrictions)."""


@dataclass(frozen=True)
class Locale:
    """A language of the platform, by the key that targets it.

    ``origin`` is the one state that it stands for, empty for none. ``spoken_in`` are the states where it is used by
    their own people, and ``note`` tells whom it holds and misses, or why it stands for no state.
    """

    number: int
    language: str
    origin: str
    spoken_in: tuple[str, ...]
    note: str


@cache
def known() -> tuple[Locale, ...]:
    """Return every language reviewed, by its key.

    Examples
    --------
    >>> [locale.language for locale in known()][:2]
    ['Czech', 'Danish']
    """
    text = (resources.files(__package__) / "locales.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Locale(int(row["locale"]), row["language"], row["origin"], tuple(row["spoken_in"].split()), row["note"])
        for row in rows
    )


def of_origin(origin: str) -> tuple[Locale, ...]:
    """Return the languages that stand for an origin; none where it has none of its own.

    Examples
    --------
    >>> [(locale.number, locale.language) for locale in of_origin("UKR")], of_origin("EGY")
    ([(52, 'Ukrainian')], ())
    """
    return tuple(locale for locale in known() if locale.origin == origin)


def locales(origin: str) -> tuple[Locale, ...]:
    """Return the languages used by the people of an origin, those that stand for it first.

    Examples
    --------
    >>> [(locale.language, locale.origin) for locale in locales("BIH")]
    [('Bosnian', 'BIH'), ('Croatian', 'HRV'), ('Serbian', 'SRB')]
    """
    return tuple(
        sorted((locale for locale in known() if origin in locale.spoken_in), key=lambda locale: locale.origin != origin)
    )


def language(numbers: tuple[int, ...]) -> str:
    """Return the names of languages by their keys, in words.

    Examples
    --------
    >>> language((52,)), language((13, 84)), language((999,))
    ('Ukrainian', 'Norwegian (bokmal) or Norwegian (nynorsk)', 'locale 999')
    """
    names = {locale.number: locale.language for locale in known()}
    return " or ".join(names.get(number, f"locale {number}") for number in numbers)


def why_none(origin: str) -> str:
    """Return why no language stands for an origin.

    Examples
    --------
    >>> why_none("PSE")
    'Arabic (28) is official in more than twenty states'
    >>> why_none("NAM")
    'no language is reviewed for it'
    """
    reasons = []
    for locale in locales(origin):
        verb = "is" if not locale.origin else f"stands for {locale.origin}:"
        reasons.append(f"{locale.language} ({locale.number}) {verb} {locale.note}")
    return "; ".join(reasons) or "no language is reviewed for it"
