"""Skill profiles: a collected wave by dimension, the wave before, and official figures by education, as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smstock import results
from smstock.errors import InputError, UsageError
from smstock.folder import leave_aside, write_file
from smstock.provenance import STATISTICS, TABLES, file_hash, versions
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary import countries
from smstock.vocabulary.dates import check_wave, middle_of_wave
from smstock.workflows.arguments import number, text
from smstock.workflows.completeness import lack_of
from smstock.workflows.months import dated_waves
from smstock.workflows.waves import audience_path, read_answers, read_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from smstock.folder import Folder
    from smstock.skills.highly_skilled import HighlySkilled
    from smstock.skills.shares import Shares


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
    *,
    query: str,
    wave: str,
    destination: str = "",
    origin: str = "",
    since: str = "",
    official: OfficialFiles | None = None,
    seed: int = 1,
) -> SkillProfile:
    """Return the skill profiles of a collected wave, and write them with a page of the corridors asked for.

    Parameters
    ----------
    workspace, query, wave, since, official, seed
        As for `skill_profile`.
    destination, origin
        Code or name of an area; the page shows the largest corridors unless given.

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
    asked = _corridors(workspace, query=query, wave=wave, destination=where, origin=whence)
    profile = skill_profile(
        workspace,
        query=query,
        wave=wave,
        since=check_wave(since) if text("since", since) else "",
        official=official,
        seed=seed,
    )
    title = f"Skill profiles: {query}"
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
    import numpy as np

    from smstock.skills import profile as profiles
    from smstock.skills.members import members

    official = official or OfficialFiles()
    if since >= wave:
        raise UsageError(f"changes from {since} to {wave} have no length", allowed=f"a wave before {wave}")
    before, lack = since or _wave_before(workspace, query, wave), lack_of(workspace, query, wave)
    audience = _totals(workspace, query, wave)
    counts, who = members(audience), profiles.subject(audience)
    # one generator each, so that no part changes with what another is given
    now, then, persons = np.random.default_rng(seed).spawn(3)
    skilled = _highly_skilled(counts, official, middle_of_wave(wave), persons)
    earlier = (before, _shares(members(_totals(workspace, query, before)), then)) if before else None
    profile = profiles.skill_profile(_shares(counts, now), who, highly_skilled=skilled, before=earlier)
    table = None if skilled is None else profiles.highly_skilled_table(skilled, who)
    waves = {"audience": wave} | ({"audience before": before} if before else {})
    inputs = {name: file_hash(audience_path(workspace, query, month)) for name, month in waves.items()}
    inputs |= {name: file_hash(path) for name, path in official.by_name().items()}
    manifest = results.Manifest(
        step="skills",
        query=query,
        wave=wave,
        inputs=dict(sorted(inputs.items())),
        versions=versions({*TABLES, *STATISTICS}),
        about={"lack": lack, "seed": seed, "wave_before": before},
    )
    files = _write(workspace, manifest, {"skills": profile, "highly-skilled": table})
    title = _title(workspace, query, wave)
    return SkillProfile(
        query, title, profile, table, None if skilled is None else skilled.elasticities, manifest, files
    )


def _wave_before(workspace: Folder, query: str, wave: str) -> str:
    """Return the last wave before one whose file can be used, empty if there is none."""
    for month in reversed([month for month in dated_waves(workspace, query) if month < wave]):
        path = audience_path(workspace, query, month)
        try:
            read_wave(path)
        except InputError as error:
            leave_aside(error, path)
        else:
            return month
    return ""


def _title(workspace: Folder, query: str, wave: str) -> str:
    """Return the title that the query had when the wave was collected, as the manifest of the wave tells."""
    manifest = results.read(workspace.wave(wave, f"{query}.manifest.json"))
    asked = manifest.about.get("query") if manifest else None
    title = asked.get("title") if isinstance(asked, dict) else None
    return title if isinstance(title, str) else ""


def _totals(workspace: Folder, query: str, wave: str) -> pd.DataFrame:
    """Return the totals of a wave; profiles are made of them alone."""
    hint = "skills are profiled from LinkedIn's totals: name a LinkedIn query by dimension"
    answers = read_answers(workspace, query, wave, with_metric="total", hint=hint)
    return answers[answers["metric"] == "total"].reset_index(drop=True)


def _shares(counts: pd.DataFrame, rng: np.random.Generator) -> Shares:
    from smstock.skills.profile import with_early_careers
    from smstock.skills.shares import shares

    return with_early_careers(shares(counts, rng))


def _highly_skilled(
    counts: pd.DataFrame, official: OfficialFiles, date: str, rng: np.random.Generator
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

    education = pd.concat([readers.read_indicator(path) for path in official.education], ignore_index=True)
    stock = None if official.stock is None else readers.read_stock(official.stock)
    if stock is not None:
        single_concept(stock, allowed=sorted(set(stock["concept"])))
    figures = tertiary(education, stock, date)
    rates = pd.DataFrame({"area": [], "sex": [], "rate": []})
    if official.population is not None:
        rates = penetrations(counts, readers.read_population(official.population))
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


def _corridors(
    workspace: Folder, *, query: str, wave: str, destination: str = "", origin: str = ""
) -> list[tuple[str, str]]:
    """Return destination and origin of the corridors of a collected wave, those of most members first.

    Parameters
    ----------
    workspace
        Where the wave lies.
    query, wave
        The collected audiences.
    destination, origin
        ISO 3166-1 alpha-3 codes; all unless given.

    Raises
    ------
    InputError
        The wave holds no such corridor.
    """
    audience = _totals(workspace, query, wave)
    abroad = audience[(audience["origin"] != "") & (audience["origin"] != audience["destination"])]
    largest = abroad.groupby(CORRIDOR_KEY)["value"].max().sort_values(ascending=False, kind="stable")
    known = [(str(where), str(whence)) for where, whence in largest.index.to_list()]
    asked = [(where, whence) for where, whence in known if destination in ("", where) and origin in ("", whence)]
    if not asked:
        named = " in ".join(filter(None, [f"members from {origin}" if origin else "members", destination]))
        raise InputError(
            f"{query} holds no {named}",
            allowed=", ".join(f"{whence} in {where}" for where, whence in known),
            hint="name a corridor that was collected, or extend the query",
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
