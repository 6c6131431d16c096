"""Languages that stand for the origins of a wave, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.collect.database import SUFFIX
from smstock.collect.reader import JournalReader
from smstock.errors import InputError
from smstock.platforms.meta import locales
from smstock.platforms.meta.targeting import languages as keys
from smstock.query.meta import MetaQuery

if TYPE_CHECKING:
    from smstock.folder import Folder
    from smstock.query.spec import QuerySpec

BY_LANGUAGE: Final = ("language", "interface_language")
"""Bases of origin by which an account is one of an origin for its language: of Meta, and of LinkedIn."""


def of_query(query: QuerySpec) -> dict[str, str]:
    r"""Return the language or languages of each origin of a query by language, as far as any stands for it.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> of_query(parse('name="q"\nplatform="meta"\norigins=["UKR"]\ndestinations=["AUT"]\nages="18+"\n'
    ...                'origin_basis="language"'))
    {'UKR': 'Ukrainian'}
    """
    if isinstance(query, MetaQuery):
        named = {origin: locales.language(keys(origin, query)) for origin in query.origins}
    else:
        named = {
            origin: " or ".join(urn.rpartition(":")[2] for urn in query.languages.get(origin, ()))
            for origin in query.origins
        }
    return {origin: words for origin, words in named.items() if words}


def query_of(workspace: Folder, query: str, wave: str) -> QuerySpec | None:
    """Return the query of a collected wave, as its journal keeps it; None where no journal is at hand.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> query_of(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11") is None
    True
    """
    path = workspace.wave(wave, f"{query}{SUFFIX}")
    if not path.exists():
        return None
    try:
        with JournalReader(path, whole=False) as journal:
            return journal.query
    except InputError:
        return None
