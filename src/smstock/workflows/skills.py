"""Skill profiles: counts of members by dimension, those before, and official figures by education, as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smstock import results
from smstock.compute import ALONE
from smstock.errors import InputError, UsageError
from smstock.folder import write_file
from smstock.provenance import STATISTICS, TABLES, versions
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary import countries
from smstock.vocabulary.dates import check_wave, middle_of_wave
from smstock.workflows.arguments import number, path, paths, text
from smstock.workflows.members import collected, typed
from smstock.workflows.references import counts_file, query_name
from smstock.workflows.waves import collected_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from smstock.compute import Compute
    from smstock.folder import Folder
    from smstock.skills.highly_skilled import HighlySkilled
    from smstock.skills.shares import Shares
    from smstock.workflows.members import MemberCounts
    from smstock.workflows.references import QueryReference


MOST_IN_PAGE: Final = 12
"""Corridors that a page shows one by one unless they are named."""


@dataclass(frozen=True)
class OfficialFiles:
    """Official files for the highly skilled; none for a profile of shares alone.

    Parameters
    ----------
    education
        Eurostat ``edat_lfs_9912`` or ``edat_lfs_9911``, OECD DIOC: one or more.
    stock
        Stock of one edition, for education by group.
    population
        For the platform's penetration.
    """

    education: tuple[Path, ...] = ()
    stock: Path | None = None
    population: Path | None = None

    def __post_init__(self) -> None:
        """Refuse files that are of no use without others."""
        if (self.stock or self.population) and not self.education:
            raise UsageError(
                "a stock or a population alone says nothing of the highly skilled", hint="add --education FILE"
            )

    @classmethod
    def named(cls, education: object, stock: object, population: object) -> OfficialFiles:
        """Return the files that a user named: a list of paths, and a path or None each."""
        one, other = (
            None if file is None else path(name, file) for name, file in (("stock", stock), ("population", population))
        )
        return cls(paths("education", education), one, other)

    def by_name(self) -> dict[str, Path]:
        """Return the files by what they are."""
        named = {f"education {place}": path for place, path in enumerate(self.education, start=1)}
        return named | {name: path for name in ("stock", "population") if (path := getattr(self, name)) is not None}


@dataclass(frozen=True)
class SkillProfile:
    """The tables of a profile, what was learnt of the network, what it was made of, and the files it was written to.

    ``title`` is the query's own, empty if it has none. ``highly_skilled`` and ``elasticities`` are None without
    official files. ``corridors`` are those that were asked for, destination and origin, of most members first.
    """

    query: str
    title: str
    profile: pd.DataFrame
    highly_skilled: pd.DataFrame | None
    elasticities: pd.DataFrame | None
    manifest: results.Manifest
    files: tuple[Path, ...]
    corridors: tuple[tuple[str, str], ...] = ()


def skills(
    workspace: Folder,
    reference: QueryReference,
    *,
    destination: str = "",
    origin: str = "",
    wave: str = "",
    since: str = "",
    official: OfficialFiles | None = None,
    seed: int = 1,
    compute: Compute = ALONE,
    present: str,
) -> SkillProfile:
    """Return the skill profiles of collected or typed counts, and write them with a page of the corridors asked for.

    Parameters
    ----------
    workspace, official, seed, compute
        As for `skill_profile`.
    reference
        A query by dimension that was collected, or a file of counts that a person typed.
    destination, origin
        Code or name of an area; the page shows the largest corridors unless given. Of a file of counts that does not
        say it, where all members live and were schooled.
    wave, since
        The wave, the newest unless given, and the one that changes are from, the one before unless given.
    present
        This month.

    Raises
    ------
    InputError, TooFewCellsError
        As for `skill_profile`, or the wave holds no such corridor.
    """
    from smstock.report.wording import country

    number("seed", seed, least=0, most=2**32 - 1)
    where, whence = (
        countries.find(place) if text(name, place) else ""
        for name, place in (("destination", destination), ("origin", origin))
    )
    month, since = (check_wave(date) if text(name, date) else "" for name, date in (("wave", wave), ("since", since)))
    if file := counts_file(reference):
        counts = typed(file, destination=where, origin=whence, wave=month, since=since, present=present)
    else:
        name = query_name(workspace.root, reference)
        month = collected_wave(workspace, name, month, present=present)
        counts = collected(workspace, query=name, wave=month, since=since)
    asked = _corridors(counts, destination=where, origin=whence)
    profile = _profile(workspace, counts, official or OfficialFiles(), seed, compute)
    title = f"Skill profiles: {counts.name}"
    if len(asked) == 1:
        title = f"Schooled in {country(asked[0][1])}, living in {country(asked[0][0])}"
    page = _write_page(profile, workspace, title, asked if where or whence else asked[:MOST_IN_PAGE])
    return replace(profile, corridors=tuple(asked), files=(*profile.files, page))


def skill_profile(
    workspace: Folder,
    *,
    query: str,
    wave: str,
    since: str = "",
    official: OfficialFiles | None = None,
    seed: int = 1,
    compute: Compute = ALONE,
) -> SkillProfile:
    """Return the skill profiles of a collected wave, and write them as Parquet and CSV with a manifest.

    Parameters
    ----------
    workspace
        Where waves lie and the profiles go.
    query, wave
        The collected audiences.
    since
        The wave that changes are from; the one before unless given, none if there is none.
    official
        Official files, for the highly skilled stock.
    seed
        Of the draws behind the intervals.
    compute
        What the compositions are spread over; no draw depends on it.

    Raises
    ------
    IncompleteError
        More cells of the wave are open than its query allows.
    InputError
        The wave was not collected or is of no dimension, or an official file does not fit.
    TooFewCellsError
        Nothing of the wave is above the floor.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> skill_profile(Folder(Path("nowhere"), Path("nowhere")), query="q", wave="2026-11", since="2026-12")
    Traceback (most recent call last):
    smstock.errors.UsageError: changes from 2026-12 to 2026-11 have no length
      allowed: a wave before 2026-11
    """
    counts = collected(workspace, query=query, wave=wave, since=since)
    return _profile(workspace, counts, official or OfficialFiles(), seed, compute)


def _profile(
    workspace: Folder, counts: MemberCounts, official: OfficialFiles, seed: int, compute: Compute
) -> SkillProfile:
    compute.prepare("smstock.skills.profile")
    import numpy as np

    from smstock.official.sidecar import hashes
    from smstock.skills import profile as profiles
    from smstock.skills.compositions import compositions
    from smstock.skills.members import members

    wave, before = counts.wave, counts.before
    who = profiles.subject(counts.audiences[wave], counts.source)
    waves = {month: members(audience) for month, audience in counts.audiences.items()}
    divided = compositions([*waves.values()])
    # one generator each, so that no part changes with what another is given
    now, then, persons = np.random.default_rng(seed).spawn(3)
    skilled = _highly_skilled(waves[wave], official, middle_of_wave(wave), persons, workspace.parsed)
    earlier = (before, _shares(waves[before], then, divided, compute)) if before else None
    newest = _shares(waves[wave], now, divided, compute)
    profile = profiles.skill_profile(newest, who, highly_skilled=skilled, before=earlier)
    table = None if skilled is None else profiles.highly_skilled_table(skilled, who)
    inputs = dict(counts.inputs)
    for name, file in official.by_name().items():
        inputs |= hashes(name, file)
    manifest = results.Manifest(
        step="skills",
        query=counts.name,
        wave=wave,
        inputs=dict(sorted(inputs.items())),
        versions=versions({*TABLES, *STATISTICS}),
        about={"lack": counts.lack, "seed": seed, "source": counts.source, "wave_before": before},
    )
    files = _write(workspace, manifest, {"skills": profile, "highly-skilled": table})
    elasticities = None if skilled is None else skilled.elasticities
    return SkillProfile(counts.name, counts.title, profile, table, elasticities, manifest, files)


def _shares(counts: pd.DataFrame, rng: np.random.Generator, compositions: Sequence[str], compute: Compute) -> Shares:
    from smstock.skills.profile import with_early_careers
    from smstock.skills.shares import shares

    return with_early_careers(shares(counts, rng, compositions=compositions, compute=compute))


def _highly_skilled(
    counts: pd.DataFrame, official: OfficialFiles, date: str, rng: np.random.Generator, store: Path
) -> HighlySkilled | None:
    """Return the highly skilled stock, None without official files."""
    if not official.education:
        return None
    import pandas as pd

    from smstock.official import readers
    from smstock.official.concept import single_concept
    from smstock.skills.highly_skilled import highly_skilled, penetrations
    from smstock.skills.shares import DRAWS
    from smstock.skills.tertiary import tertiary

    education = pd.concat([readers.read_indicator(path, store) for path in official.education], ignore_index=True)
    stock = None if official.stock is None else readers.read_stock(official.stock, store)
    if stock is not None:
        single_concept(stock, allowed=sorted(stock["concept"].unique()))
    figures = tertiary(education, stock, date)
    rates = pd.DataFrame({"area": [], "sex": [], "rate": []})
    if official.population is not None:
        rates = penetrations(counts, readers.read_population(official.population, store))
    return highly_skilled(counts, figures, rates, rng, DRAWS)


def _write(
    workspace: Folder, manifest: results.Manifest, tables: Mapping[str, pd.DataFrame | None]
) -> tuple[Path, ...]:
    writers: dict[str, results.Writer] = {}
    for name, table in tables.items():
        if table is not None:
            writers[f"{manifest.query}.{name}.parquet"] = results.parquet(table)
            writers[f"{manifest.query}.{name}.csv"] = results.csv(table)
    return results.write(workspace.estimate(manifest.wave, f"{manifest.query}.skills.manifest.json"), manifest, writers)


def _corridors(counts: MemberCounts, *, destination: str, origin: str) -> list[tuple[str, str]]:
    """Return destination and origin of the corridors of a wave, or those asked for, those of most members first.

    Raises
    ------
    InputError
        The wave holds no such corridor.
    """
    audience = counts.audiences[counts.wave]
    abroad = audience[(audience["origin"] != "") & (audience["origin"] != audience["destination"])]
    largest = abroad.groupby(CORRIDOR_KEY)["value"].max().sort_values(ascending=False, kind="stable")
    known = [(str(where), str(whence)) for where, whence in largest.index.to_list()]
    asked = [(where, whence) for where, whence in known if destination in ("", where) and origin in ("", whence)]
    if not asked:
        named = " in ".join(filter(None, [f"members from {origin}" if origin else "members", destination]))
        raise InputError(
            f"{counts.name} holds no {named}",
            allowed=", ".join(f"{whence} in {where}" for where, whence in known),
            hint=f"name a corridor that was {counts.source}, or "
            f"{'extend the query' if counts.source == 'collected' else 'add its lines to the file'}",
        )
    return asked


def _write_page(made: SkillProfile, workspace: Folder, title: str, corridors: Sequence[tuple[str, str]]) -> Path:
    """Write the HTML page of a profile, with some corridors one by one, and return its path."""
    from smstock.report.skills_page import page

    path = workspace.estimate(made.manifest.wave, f"{made.query}.skills.html")
    text = page(
        title,
        made.title,
        made.profile,
        highly_skilled=made.highly_skilled,
        elasticities=made.elasticities,
        manifest=made.manifest,
        corridors=corridors,
    )
    write_file(path, text)
    return path
