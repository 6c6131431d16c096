"""The text of a sidecar that describes a table by a guess, for somebody to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.official.guessed import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smstock.official.guessed import Guess

_ABOVE: Final = {
    "producer": "who made the figures, such as Instituto Nacional de Estadística",
    "title": "of the table",
    "edition": "such as 2024, or the day of the last update",
    "citation": "",
    "licence": "",
    "retrieved": "the day on which you got it, such as 2026-11-30",
    "provider": "undesa, eurostat, oecd, worldbank, or a short name of its own such as ine-es",
}
_OF_STOCK: Final = {
    "dataset": "a short name of the data set",
    "concept": "whom it counts: birth (foreign-born), citizenship (foreign citizens) or mixed",
}
_REVIEWED: Final = "the day on which you looked at the lines below, such as 2026-11-30"
_ORDER: Final = ("table", "sheet", "header_row", "destination", "origin", "area")
_TABLES: Final = ("sexes", "areas", "only")
_MEANINGS: Final = {
    "sexes": "all, female or male",
    "areas": "an area such as ROU; WLD: the total of all migrants; group: a group of areas, left out",
}


def draft(guess: Guess, name: str) -> str:
    r"""Return the text of the sidecar of a file; what cannot be known is empty, so that the file is refused until then.

    Parameters
    ----------
    name
        Of the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.guess import guess
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"dest,birth,year,sex,age,n\nDEU,SRB,2020,T,0+,5\n")
    >>> print(draft(guess(file), "a.csv").partition("[columns]")[2])
    <BLANKLINE>
    reviewed = ""  # the day on which you looked at the lines below, such as 2026-11-30
    destination = "dest"
    origin = "birth"
    year = "year"
    sex = "sex"
    age = "age"
    value = "n"
    <BLANKLINE>
    """
    of_stock = guess.entries.get("table") != "population"
    above = {**_ABOVE, **(_OF_STOCK if of_stock else {}), **guess.above}
    entries = dict(sorted(guess.entries.items(), key=lambda entry: _ORDER.index(entry[0]) if entry[0] in _ORDER else 9))
    tables = {entry: texts for entry in _TABLES if isinstance(texts := entries.get(entry), dict)}
    lines = [
        f"# What {name} is, guessed by smstock official describe. Fill in what is empty, or take out the line of what",
        "# the file has nothing of; docs/providers/mapping.md tells what may stand here.",
        *(_line(entry, "", comment) for entry, comment in above.items()),
        "",
        "[columns]",
        _line("reviewed", "", _REVIEWED),
        *(_line(entry, text, guess.comments.get(entry, "")) for entry, text in entries.items() if entry not in tables),
    ]
    for entry, texts in tables.items():
        lines += ["", f"[columns.{entry}]", *_lines_of(entry, texts, guess.comments)]
    return "\n".join(lines) + "\n"


def entries_to_fill(name: str, entries: Sequence[str], allowed: str) -> str:
    r"""Return the text of the sidecar of a file in a known layout that leaves out some entries: all of them empty.

    Parameters
    ----------
    name
        Of the file.
    entries
        What the file leaves out.
    allowed
        What may stand there, as the refusal says it.

    Examples
    --------
    >>> entries_to_fill("frame.csv", ["dataset"], "dataset: migr_pop3ctb, migr_pop4ctb").splitlines()[-1]
    'dataset = ""  # migr_pop3ctb, migr_pop4ctb'
    """
    meanings = dict(part.partition(": ")[::2] for part in allowed.split("; ") if ": " in part)
    lines = [
        f"# What {name} leaves out, drafted by smstock official describe. Fill in what is empty.",
        *(_line(entry, "", comment) for entry, comment in _ABOVE.items() if entry != "provider"),
        *(_line(entry, "", meanings.get(entry, "")) for entry in entries if entry not in _ABOVE or entry == "provider"),
    ]
    return "\n".join(lines) + "\n"


def _lines_of(table: str, texts: Mapping[str, object], comments: Mapping[str, str]) -> Iterator[str]:
    if table in _MEANINGS:
        yield f"# {_MEANINGS[table]}"
    for name, text in texts.items():
        yield _line(quoted(name), text, comments.get(f"{table}.{name}", ""))


def _line(name: str, value: object, comment: str) -> str:
    written = f"[{', '.join(map(quoted, value))}]" if isinstance(value, list) else quoted(value)
    behind = " ".join(comment.split())
    return f"{name} = {written}" + (f"  # {behind}" if behind else "")
