"""The profile of corridors put together: shares, quotients, persons and change, in the table that leaves the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from smstock.platforms.known import platform
from smstock.skills.experience import EARLY_CAREER, early_careers
from smstock.skills.quotients import against_everybody, against_other_origins
from smstock.skills.shares import Shares, summary
from smstock.tables import check
from smstock.tables.profile import HIGHLY_SKILLED, SKILL_PROFILE
from smstock.vocabulary.dates import middle_of_wave

if TYPE_CHECKING:
    import numpy.typing as npt

    from smstock.skills.highly_skilled import HighlySkilled

    Numbers = npt.NDArray[np.float64]

BASES: Final = {
    "school_country": "{platform} members schooled in the origin, not all migrants",
    "school_country_not_destination": (
        "{platform} members schooled in the origin and not at the destination, not all migrants"
    ),
    "interface_language": "{platform} members who use it in a language of the origin, not all migrants",
}
"""Whose profile it is, by the basis of the origin."""

Source = Literal["collected", "typed"]
"""How members were counted: through the platform's API, or by a person who typed what its pages show."""

TYPED: Final = "counts typed off Campaign Manager by hand, not collected through the API"

_CELL: Final = ("destination", "origin", "sex", "dimension", "category")


@dataclass(frozen=True)
class Subject:
    """Whom a wave is about.

    Parameters
    ----------
    platform, wave, origin_basis
        As in the audience table.
    age_min, age_max
        Ages of everybody it counts; ``age_max`` None means no upper end.
    source
        How they were counted.
    """

    platform: str
    wave: str
    origin_basis: str
    age_min: int
    age_max: int | None
    source: Source

    def population(self, origin: str) -> str:
        """Return whose profile it is, for an origin or (empty) for everybody; and that its counts were typed.

        Examples
        --------
        >>> Subject("linkedin", "2026-11", "school_country", 18, None, "collected").population("ROU")
        'LinkedIn members schooled in the origin, not all migrants'
        """
        name = platform(self.platform).title
        mark = f"; {TYPED}" if self.source == "typed" else ""
        if not origin:
            return f"all {name} members at the destination{mark}"
        basis = BASES.get(self.origin_basis, "{platform} members of the origin, not all migrants")
        return f"{basis.format(platform=name)}{mark}"


def subject(audience: pd.DataFrame, source: Source) -> Subject:
    """Return whom an audience table of one wave is about, counted as ``source`` says.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"platform": "linkedin", "wave": "2026-11", "origin_basis": ["", "school_country"],
    ...                       "age_min": 18, "age_max": None})
    >>> subject(table, "collected")  # doctest: +NORMALIZE_WHITESPACE
    Subject(platform='linkedin', wave='2026-11', origin_basis='school_country', age_min=18, age_max=None,
            source='collected')
    """
    first = audience.iloc[0]
    oldest = None if audience["age_max"].isna().any() else int(audience["age_max"].max())
    return Subject(
        first["platform"],
        first["wave"],
        max(audience["origin_basis"]),
        int(audience["age_min"].min()),
        oldest,
        source,
    )


def with_early_careers(shares: Shares) -> Shares:
    """Return shares with early careers as one more category, where experience tells them.

    Examples
    --------
    >>> cell = {"destination": "DEU", "origin": "ROU", "sex": "all", "dimension": "experience", "status": "observed"}
    >>> rows = [cell | {"category": "1-5", "value": 100.0, "lower": 95.0, "upper": 105.0}]
    >>> with_early_careers(Shares(pd.DataFrame(rows), np.full((3, 1), 0.25))).table["category"].tolist()
    ['1-5', 'up to 5 years']
    """
    early = early_careers(shares)
    if early.table.empty:
        return shares
    return Shares(
        pd.concat([shares.table, early.table], ignore_index=True), np.concatenate([shares.draws, early.draws], axis=1)
    )


def skill_profile(
    shares: Shares,
    subject: Subject,
    *,
    highly_skilled: HighlySkilled | None = None,
    before: tuple[str, Shares] | None = None,
) -> pd.DataFrame:
    """Return the profile of every corridor and of everybody at the destinations: a `SKILL_PROFILE` table.

    Parameters
    ----------
    shares
        Shares of the wave.
    subject
        Whom they are about.
    highly_skilled
        For ``persons``; missing without. Women and men have their own figures there, so that the dimension ``sex`` has
        none.
    before
        The wave before and its shares, for ``change``; missing without.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> table = pd.DataFrame({"origin": ["", "ROU"], "lower": 1.0, "upper": 2.0, "value": [5e6, 1e5], "size": 1e6})
    >>> table = table.assign(destination="DEU", sex="all", dimension="seniority", category="entry", base="members",
    ...     whole=1e6, status="observed")
    >>> of = Subject("linkedin", "2026-11", "school_country", 18, None, "collected")
    >>> profile = skill_profile(Shares(table, np.array([[0.2, 0.3]])), of)
    >>> profile[["origin", "share", "location_quotient"]].round(2).to_numpy().tolist()
    [['', 0.2, nan], ['ROU', 0.3, 1.5]]
    """
    figures = summary(shares)
    for name, draws in (
        ("location_quotient", against_everybody(shares).draws),
        ("origins_quotient", against_other_origins(shares).draws),
        ("persons", _persons(shares, highly_skilled)),
        ("change", _change(shares, before[1] if before else None)),
    ):
        figures = _with_interval(figures, name, draws)
    named = {"size": "base_members", "value": "members", "lower": "members_lower", "upper": "members_upper"}
    table = figures.rename(columns=named).assign(
        base_share=figures["size"] / figures["whole"],
        rounding=_roundings(figures, subject.platform),
        platform=subject.platform,
        wave=subject.wave,
        origin_basis=[subject.origin_basis if origin else "" for origin in figures["origin"]],
        age_min=subject.age_min,
        age_max=subject.age_max,
        wave_before=before[0] if before else "",
        population=[subject.population(origin) for origin in figures["origin"]],
        source=subject.source,
    )
    return check(table, SKILL_PROFILE)


def _roundings(figures: pd.DataFrame, name: str) -> list[str]:
    """Return the rule of rounding that each count obeys, empty where none was shown: early careers are a sum."""
    rule = platform(name).rounding
    shown = figures["value"].notna() & (figures["dimension"] != EARLY_CAREER)
    return [rule(value) if known else "" for value, known in zip(figures["value"], shown, strict=True)]


def highly_skilled_table(skilled: HighlySkilled, subject: Subject) -> pd.DataFrame:
    """Return the highly skilled stock of a wave: a `HIGHLY_SKILLED` table.

    Examples
    --------
    >>> from smstock.skills.highly_skilled import HighlySkilled
    >>> row = {"destination": "DEU", "origin": "ROU", "sex": "all", "median": 5e4, "audience": 1e4, "official": 4e4}
    >>> row |= {f"{end}_{level}": 5e4 for end in ("lower", "upper") for level in (50, 80, 95)}
    >>> row |= {"audience_status": "observed", "official_of": "group", "evidence": "official and audience"}
    >>> skilled = HighlySkilled(pd.DataFrame([row]), np.full((3, 1), 5e4), pd.DataFrame())
    >>> table = highly_skilled_table(skilled, Subject("linkedin", "2026-11", "school_country", 18, None, "collected"))
    >>> table[["reference_date", "median"]].to_numpy().tolist()
    [['2026-11-15', 50000.0]]
    """
    population = "persons with tertiary education (ISCED 5 to 8), members or not"
    if subject.source == "typed":
        population += f"; {TYPED}"
    return check(
        skilled.table.assign(
            platform=subject.platform,
            wave=subject.wave,
            origin_basis=subject.origin_basis,
            reference_date=middle_of_wave(subject.wave),
            population=population,
            source=subject.source,
        ),
        HIGHLY_SKILLED,
    )


def _persons(shares: Shares, highly_skilled: HighlySkilled | None) -> Numbers:
    """Return share times the highly skilled of the corridor, draw by draw."""
    persons = np.full(shares.draws.shape, np.nan)
    if highly_skilled is None:
        return persons
    corridors = zip(*(highly_skilled.table[name] for name in ("destination", "origin", "sex")), strict=True)
    place = {corridor: number for number, corridor in enumerate(corridors)}
    observed = (shares.table["lower"] > 0) & (shares.table["dimension"] != "sex")
    for number, (destination, origin, sex) in enumerate(
        zip(*(shares.table[name] for name in ("destination", "origin", "sex")), strict=True)
    ):
        if observed[number] and (destination, origin, sex) in place:
            persons[:, number] = shares.draws[:, number] * highly_skilled.draws[:, place[destination, origin, sex]]
    return persons


def _change(shares: Shares, before: Shares | None) -> Numbers:
    """Return shares less those of the wave before, where both counts are above the floor."""
    change = np.full(shares.draws.shape, np.nan)
    if before is None:
        return change
    cells = zip(*(before.table[name] for name in _CELL), strict=True)
    place = {cell: number for number, cell in enumerate(cells) if before.table["lower"][number] > 0}
    observed = (shares.table["lower"] > 0).to_numpy()
    for number, cell in enumerate(zip(*(shares.table[name] for name in _CELL), strict=True)):
        if observed[number] and cell in place:
            change[:, number] = shares.draws[:, number] - before.draws[:, place[cell]]
    return change


def _with_interval(table: pd.DataFrame, name: str, draws: Numbers) -> pd.DataFrame:
    lower, median, upper = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    return table.assign(**{name: median, f"{name}_lower_80": lower, f"{name}_upper_80": upper})
