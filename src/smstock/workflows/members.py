"""Counts of members that profiles are made of: a collected wave and the one before, or a file that a person typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock import results
from smstock.errors import InputError, UsageError
from smstock.folder import leave_aside
from smstock.provenance import file_hash
from smstock.vocabulary.dates import check_wave, in_order, is_before, month_of_wave
from smstock.vocabulary.dates import wave as days_of
from smstock.workflows.arguments import text
from smstock.workflows.completeness import usable_waves
from smstock.workflows.months import waves_before, waves_in
from smstock.workflows.waves import audience_path, read_answers, read_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.folder import Folder
    from smstock.skills.profile import Source

_ENDING: Final = re.compile(r"(\.(csv|tsv|txt|gz|zip))+$")
_LONGEST: Final = 50


@dataclass(frozen=True, eq=False)
class MemberCounts:
    """The counts of a wave and, if there is one, of the wave that changes are from, with what they were read from.

    Parameters
    ----------
    name
        What the files of the profile are called after: the query, or the file and ``typed``.
    title
        A line about them; empty for none.
    wave, before
        The wave, and the one that changes are from (empty: none).
    audiences
        Audience table, totals alone, by wave.
    inputs
        Hashes of what was read.
    lack
        What the wave lacks; empty if nothing.
    source
        How they were counted.
    """

    name: str
    title: str
    wave: str
    before: str
    audiences: Mapping[str, pd.DataFrame]
    inputs: Mapping[str, str]
    lack: str = ""
    source: Source = "collected"


def collected(workspace: Folder, *, query: str, wave: str, since: str = "") -> MemberCounts:
    """Return the counts of a collected wave and of the one before it, or since another one.

    Raises
    ------
    IncompleteError
        More cells of the wave are open than its query allows.
    InputError
        A wave was not collected, or holds no totals.
    UsageError
        ``since`` is no wave before it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> collected(Folder(Path("nowhere"), Path("nowhere")), query="q", wave="2026-11", since="2026-12")
    Traceback (most recent call last):
    smstock.errors.UsageError: changes from 2026-12 to 2026-11 have no length
      allowed: a wave before 2026-11
    """
    _check_since(since, wave)
    parts, lack = usable_waves(workspace, query, wave)
    before = since or _wave_before(workspace, query, wave)
    waves = {wave: parts} | ({before: waves_in(workspace, query, before)} if before else {})
    audiences = {name: _totals(workspace, query, name, parts) for name, parts in waves.items()}
    inputs = {
        f"audience{'' if name == wave else ' before'}{'' if part == name else f' {part}'}": file_hash(
            audience_path(workspace, query, part)
        )
        for name, parts in waves.items()
        for part in parts
    }
    return MemberCounts(query, _title(workspace, query, parts[-1]), wave, before, audiences, inputs, lack)


def typed(
    file: Path, *, destination: str = "", origin: str = "", wave: str = "", since: str = "", present: str
) -> MemberCounts:
    r"""Return the counts of a file that a person typed off Campaign Manager: the newest month of it, or a named one.

    Parameters
    ----------
    file
        As `smstock.skills.typed.read` reads it.
    destination, origin
        ISO 3166-1 alpha-3 codes, for all lines of a file without such columns.
    wave
        The month of a file without dates; of one with dates, which month.
    since
        Month of the file that changes are from; the one before unless given.
    present
        This month: nobody has read a later one.

    Raises
    ------
    InputError
        The file cannot be used, or holds no such month.
    UsageError
        ``since`` is no wave before it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = "facet,entity,count,date\ntotal,,12000,2026-11-03\nMember Skills,Nursing,700,2026-11-03\n"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "Serbia in Ireland.csv")
    ...     _ = path.write_text(text)
    ...     counts = typed(path, destination="IRL", origin="SRB", present="2026-12")
    >>> counts.name, counts.wave, counts.source
    ('serbia-in-ireland-typed', '2026-11', 'typed')
    """
    from smstock.report import wording
    from smstock.skills import typed as files

    for named in filter(None, (wave, since)):
        check_wave(named, "month")
    table = files.read(file, destination=destination, origin=origin, wave=wave)
    months = in_order(table["wave"].unique())
    wave = wave or months[-1]
    _check_since(since, wave)
    for month in filter(None, (wave, since)):
        if month not in months:
            raise InputError(
                f"{file} holds no count of {month}",
                allowed=", ".join(months),
                hint="name a month of its column date",
            )
    if months[-1] > present:
        raise InputError(
            f"{file} has counts of {months[-1]}, and this is {present}",
            allowed="months up to this one",
            hint="mend the date",
        )
    before = since or max((month for month in months if month < wave), default="")
    audiences = {month: table[table["wave"] == month].reset_index(drop=True) for month in filter(None, (wave, before))}
    title = f"Typed off LinkedIn's Campaign Manager by hand in {wording.wave(wave)}, not collected through the API"
    return MemberCounts(_name(file), title, wave, before, audiences, {"typed counts": file_hash(file)}, source="typed")


def _name(file: Path) -> str:
    """Return what a profile of typed counts is called after its file; never as a query is."""
    name = _ENDING.sub("", file.name.casefold())
    stem = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:_LONGEST].strip("-")
    return f"{stem or 'counts'}-typed"


def _check_since(since: str, wave: str) -> None:
    if text("since", since) and not is_before(check_wave(since), wave):
        raise UsageError(f"changes from {since} to {wave} have no length", allowed=f"a wave before {wave}")


def _wave_before(workspace: Folder, query: str, wave: str) -> str:
    """Return the last wave before one whose file can be used, empty if there is none; before a month a month."""
    for earlier in reversed(waves_before(workspace, query, wave)):
        path = audience_path(workspace, query, earlier)
        try:
            read_wave(path)
        except InputError as error:
            leave_aside(error, path)
        else:
            return month_of_wave(earlier) if days_of(wave).every == "month" else earlier
    return ""


def _title(workspace: Folder, query: str, wave: str) -> str:
    """Return the title that the query had when the wave was collected, as the manifest of the wave tells."""
    manifest = results.read(workspace.wave(wave, f"{query}.manifest.json"))
    asked = manifest.about.get("query") if manifest else None
    title = asked.get("title") if isinstance(asked, dict) else None
    return title if isinstance(title, str) else ""


def _totals(workspace: Folder, query: str, wave: str, parts: Sequence[str]) -> pd.DataFrame:
    """Return the totals of a wave, means where it is made of others; profiles are made of them alone."""
    import pandas as pd

    from smstock.audience.month import by_month

    hint = "skills are profiled from LinkedIn's totals: name a LinkedIn query by dimension"
    answers = pd.concat([read_answers(workspace, query, part, with_metric="total", hint=hint) for part in parts])
    totals = answers[answers["metric"] == "total"].reset_index(drop=True)
    return totals if list(parts) == [wave] else by_month(totals)
