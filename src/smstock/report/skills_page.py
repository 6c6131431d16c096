"""The page of a skill profile: one HTML file that opens anywhere, without a network and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smstock.report import skills_charts as charts
from smstock.report import skills_listing as words
from smstock.report import wording
from smstock.report.limits import Limit
from smstock.report.rendering import rendered
from smstock.report.skills import MOST_COLUMNS, outstanding
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.results import Manifest

LIMITS: Final = (
    Limit(
        "Members are not migrants.",
        "The profile is that of people who have an account and entered a school of the origin there. Most are highly "
        "skilled; those who came as children, or never studied in the origin, are missing, and some of those who "
        "studied there are natives of the destination who have returned.",
    ),
    Limit(
        "Members describe themselves.",
        "Degrees, skills, positions and places are what members entered, sorted into categories by the platform. Some "
        "profiles are old, and one person may have several.",
    ),
    Limit(
        "Shares are of members, and sampled as such.",
        "Intervals hold what rounding, the platform's floor and the small number of members leave open. They do not "
        "hold the difference between members and persons.",
    ),
    Limit(
        "Counts below the floor stay hidden.",
        "A category with fewer members than the platform shows has an upper bound and no share.",
    ),
)

TYPED: Final = Limit(
    "Counts were typed by hand.",
    "A person read them off LinkedIn's Campaign Manager and typed them; they were not collected through the API, and "
    "nothing but the file that was typed vouches for what was picked and shown. Abbreviated counts (12K) have wider "
    "intervals.",
)

PERSONS: Final = (
    Limit(
        "Persons are highly skilled persons.",
        "They are divided as their members are. Who of the highly skilled becomes a member differs by occupation.",
    ),
    Limit(
        "The share of a group is not that of an origin.",
        "Official education by origin is rare. Elsewhere the official stock has the share of all persons born in, or "
        "outside, the European Union; members move the estimate away from it, as far as both agree elsewhere.",
    ),
    Limit(
        "How members per person depend on penetration is learnt where both are known.",
        "Where few corridors have both, the elasticities are what was assumed: a half of either end, give or take a "
        "quarter. No study has measured them for migrants.",
    ),
)


def page(
    title: str,
    about: str,
    profile: pd.DataFrame,
    *,
    highly_skilled: pd.DataFrame | None,
    elasticities: pd.DataFrame | None,
    manifest: Manifest,
    corridors: Sequence[tuple[str, str]],
) -> str:
    """Return the page of skill profiles as HTML: the answer, comparisons, corridors, the highly skilled, limits.

    Equal arguments give equal pages. Styles and charts are inside; nothing is loaded from elsewhere.

    Parameters
    ----------
    title
        Heading; plain text.
    about
        Line below it: the title of the query; empty for none.
    profile
        Skill profile table of one wave.
    highly_skilled, elasticities
        The highly skilled stock and what was learnt of the network; None without.
    manifest
        Query, waves, seed, hashes of the inputs, versions.
    corridors
        Destination and origin of the corridors shown one by one; those of one destination are compared as well.
    """
    shown = sorted(corridors, key=lambda pair: -words.members_of(profile, *pair))
    listed = {pair: words.listing(profile, *pair) for pair in shown}
    before = manifest.about["wave_before"]
    return rendered(
        "skills.html.j2",
        title=title,
        about=about,
        month=wording.wave(manifest.wave),
        population=profile.loc[profile["origin"] != "", "population"].iloc[0],
        sentences=[_sentence(pair, rows) for pair, rows in listed.items()],
        comparisons=_comparisons(listed),
        corridors=[_corridor(pair, rows) for pair, rows in listed.items()],
        before=wording.wave(before) if before else "",
        skilled=[] if highly_skilled is None else _skilled(highly_skilled),
        elasticities=[] if elasticities is None else [_elasticity(row) for row in elasticities.to_dict("records")],
        others=any(rows["origins_quotient"].notna().any() for rows in listed.values()),
        below=words.BELOW,
        bases=words.bases_explained(profile),
        roundings=words.roundings_explained(profile),
        limits=[
            *([TYPED] if manifest.about["source"] == "typed" else []),
            *LIMITS,
            *(PERSONS if highly_skilled is not None else ()),
        ],
        manifest=manifest,
    )


def _name(pair: tuple[str, str]) -> str:
    return f"{wording.country(pair[1])} → {wording.country(pair[0])}"


def _sentence(pair: tuple[str, str], rows: pd.DataFrame) -> str:
    """Return what stands out of a corridor in a sentence."""
    phrases = [
        f"{words.category(row['category'])} {wording.ratio(row['location_quotient'])} times"
        for row in outstanding(rows)
    ]
    everybody = f"everybody in {wording.country(pair[0])}"
    if rows["location_quotient"].isna().all():
        return f"{_name(pair)}: no share can be compared with {everybody}."
    if not phrases:
        return f"{_name(pair)}: nothing stands out against {everybody}."
    return f"{_name(pair)}: {wording.enumeration(phrases)} as common as among {everybody}."


def _comparisons(listed: Mapping[tuple[str, str], pd.DataFrame]) -> list[dict[str, Any]]:
    """Return, for each destination of several corridors, a chart of each dimension."""
    comparisons = []
    for destination in dict.fromkeys(where for where, _ in listed):
        parts = [(wording.country(pair[1]), rows) for pair, rows in listed.items() if pair[0] == destination]
        if len(parts) < 2:
            continue
        drawn = parts[:MOST_COLUMNS]
        dimensions = [
            {
                "name": words.dimension(name, base),
                "chart": charts.comparison_chart([(who, rows[rows["dimension"] == name]) for who, rows in drawn]),
            }
            for name, base in _dimensions([rows for _, rows in drawn])
        ]
        comparisons.append(
            {
                "name": f"Origins in {wording.country(destination)}",
                "left": len(parts) - len(drawn),
                "dimensions": [dimension for dimension in dimensions if dimension["chart"]],
            }
        )
    return comparisons


def _dimensions(listed: Sequence[pd.DataFrame]) -> list[tuple[str, str]]:
    """Return the dimensions that any corridor has, each with whom its shares are of."""
    lines = words.side_by_side(pd.concat(listed, ignore_index=True))
    return [(name, base) for name, base in lines[["dimension", "base"]].drop_duplicates().itertuples(index=False)]


def _corridor(pair: tuple[str, str], rows: pd.DataFrame) -> dict[str, Any]:
    """Return charts and cells of a corridor, dimension by dimension."""
    return {
        "name": _name(pair),
        "dimensions": [
            {
                "name": words.heading(group),
                "chart": charts.profile_chart(group),
                "rows": [_row(row) for row in group.to_dict("records")],
            }
            for _, group in rows.groupby(["dimension", "base"], sort=False)
        ],
    }


def _row(row: Mapping[Any, Any]) -> dict[str, str]:
    return {
        "name": words.category(row["category"]),
        "members": words.members(row),
        "share": words.share_text(row),
        "interval_80": words.interval(row),
        "interval_95": words.interval(row, 95),
        "everybody": words.share(row["everybody"]),
        "quotient": words.quotient(row, "location_quotient"),
        "others": words.quotient(row, "origins_quotient"),
        "persons": wording.persons(row["persons"]),
        "change": words.change(row),
    }


def _skilled(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the cells of the highly skilled, the largest corridor first."""
    by_sex = {sex: table[table["sex"] == sex].set_index(CORRIDOR_KEY) for sex in ("all", "female")}
    both_sexes = by_sex["all"].sort_values("median", ascending=False, na_position="last").reset_index()
    women = by_sex["female"]["median"].to_dict()
    nothing = float("nan")
    return [
        {
            "name": _name((row["destination"], row["origin"])),
            "estimate": wording.persons(row["median"]) or "no estimate",
            "interval_80": wording.interval(row["lower_80"], row["upper_80"]),
            "interval_95": wording.interval(row["lower_95"], row["upper_95"]),
            "women": wording.per_cent(100 * women.get((row["destination"], row["origin"]), nothing) / row["median"]),
            "members": wording.count(row["audience"]),
            "official": wording.count(row["official"]),
            "official_of": {"origin": "its own", "group": "its group's share"}.get(row["official_of"], ""),
        }
        for row in both_sexes.to_dict("records")
    ]


def _elasticity(row: Mapping[Any, Any]) -> dict[str, str]:
    ends = f"{wording.ratio(row['lower_80'])} to {wording.ratio(row['upper_80'])}"
    return {
        "name": str(row["name"]),
        "median": wording.ratio(row["median"]),
        "interval": ends,
        "prior": f"{wording.ratio(row['prior_mean'])} ± {wording.ratio(row['prior_sd'])}",
    }
