"""Nowcasting: the newest audiences and the last official figures through a calibration, as the estimate table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smstock import results
from smstock.compute import ALONE, one_thread
from smstock.errors import InputError, QueryError, UnknownNameError, UsageError, meant
from smstock.models.methods import libraries
from smstock.provenance import STATISTICS, TABLES, versions
from smstock.tables import ESTIMATE, check
from smstock.tables.estimate import of_ages, whole
from smstock.tables.sums import SUM
from smstock.workflows.bases import basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.calibrate.calibration import Calibration
    from smstock.compute import Compute
    from smstock.nowcast.draws import Drawn
    from smstock.nowcast.group_sums import GroupSums
    from smstock.workflows.evidence import Evidence

PAGE: Final = "report.html"
"""What the name of a page ends with, after that of the calibration."""
_ENDINGS: Final = ("parquet", "csv", "json", "sums.parquet", "sums.csv")


@dataclass(frozen=True)
class Nowcast:
    """The estimates of a wave, their parts, their sums, the sex ratios behind them, and the files they were written to.

    ``detail`` has the estimates by sex and age, and ``group_sums`` their sums, where they were asked for; in the files
    they follow the estimates and the sums.
    ``calibration`` is the identity of what they were made by, ``learnt`` tells whether that was made anew for them, and
    ``notices`` what a person should know of how it went.
    """

    estimates: pd.DataFrame
    detail: pd.DataFrame
    sums: pd.DataFrame
    group_sums: pd.DataFrame
    sex_ratios: pd.DataFrame
    files: tuple[Path, ...]
    calibration: str
    learnt: bool = False
    notices: tuple[str, ...] = ()


def nowcast(
    evidence: Evidence,
    calibration: Calibration,
    *,
    methods: Sequence[str] = (),
    draws: int = 0,
    by: Sequence[str] = (),
    compute: Compute = ALONE,
) -> Nowcast:
    """Return the estimates of a wave, and write them as Parquet, CSV and JSON with a manifest; their sums beside them.

    Corridors with a regular and fresh official series are continued by the method that was best at it on past dates;
    any other is estimated by the calibration's ranking. Each row says its regime and the reason for its method.

    Audiences are repaired by the earlier waves of the query (`smstock.audience.repair`), and the notes say where.

    Parameters
    ----------
    evidence
        The wave, and everything known as of it.
    calibration
        Methods, their ranking and their errors.
    methods
        Methods to use in this order instead of the calibration's ranking.
    draws
        Draws of every corridor to write as well, for sums of one's own; none, or 2 or more.
    by
        What estimates are divided by: sex, age or both; what the calibration file says unless given. Where that cannot
        be done, estimates stand undivided, and a notice says why.
    compute
        What draws are spread over; no figure depends on it.

    Raises
    ------
    UnknownNameError
        The calibration holds no such method.
    InputError
        It was learnt on audiences whose origins have another basis than those of the wave.
    UsageError
        A single draw is asked for.
    IncompleteError
        More cells of the wave are open than its query allows.
    """
    from smstock.audience.gender_gap import sex_ratios
    from smstock.nowcast.draws import chunks, require
    from smstock.nowcast.estimate import estimate
    from smstock.nowcast.group_sums import GroupSums
    from smstock.nowcast.reconciled import coherent, reconciled
    from smstock.nowcast.sums import sums

    if unknown := [name for name in methods if name not in calibration.methods]:
        raise UnknownNameError(
            f"{calibration.id} holds no method {', '.join(unknown)}",
            allowed=", ".join(calibration.ranking),
            hint=meant(unknown[0], calibration.methods),
        )
    if (learnt := calibration.origin_basis) and (asked := evidence.origin_basis) not in ("", learnt):
        raise InputError(
            f"{calibration.id} was learnt on origins by {learnt}, those of {evidence.query} in {evidence.wave} are by "
            f"{asked}: another population",
            hint="calibrate anew on this wave, under a name of its own",
        )
    if draws:
        require(draws)
    typed, by = bool(by), tuple(by) or evidence.spec.by
    notices: tuple[str, ...] = ()
    with one_thread():
        before = estimate(
            evidence.corridors,
            calibration,
            evidence.series,
            wave=evidence.wave,
            date=evidence.date,
            stock=evidence.stock,
            population=evidence.denominators[1],
            repair=evidence.audiences.repair,
            methods=methods,
        )
        common, seed = calibration.common, calibration.seed
        estimates = reconciled(before, evidence.covers, common)
        added = sums(estimates, covers=evidence.covers, common=common, seed=seed, compute=compute)
        of_groups = GroupSums(estimates, added, evidence.covers)
        try:
            parts = divided(estimates, evidence, calibration, by, sums=of_groups, compute=compute)
        except (QueryError, UsageError) as error:
            if typed:
                raise
            # a month is published whether or not it can be divided as its calibration file wishes
            parts, notices = (
                divided(estimates, evidence, calibration, ()),
                (f"not divided by {' and '.join(by)}: {error.what}",),
            )
        group_sums = of_groups.table()
    about = _about(evidence, calibration, methods, draws, by)
    drawn = None
    if draws:
        drawn = chunks(before, count=draws, seed=seed, common=common, compute=compute)
        drawn = coherent(drawn, before, evidence.covers, common)
    tables = (_one(estimates, parts), _one(added, group_sums))
    files = _write(*tables, evidence, calibration, drawn=drawn, about=about)
    ratios = sex_ratios(evidence.corridors)
    return Nowcast(estimates, parts, added, group_sums, ratios, files, calibration.id, notices=notices)


def _one(wholes: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return wholes followed by their parts."""
    import pandas as pd

    return pd.concat([wholes, parts], ignore_index=True) if len(parts) else wholes


def divided(
    estimates: pd.DataFrame,
    evidence: Evidence,
    calibration: Calibration,
    by: Sequence[str],
    *,
    sums: GroupSums | None = None,
    compute: Compute = ALONE,
) -> pd.DataFrame:
    """Return the estimates by sex and age, or by education; none where nothing is to be divided by.

    Raises
    ------
    UsageError
        A facet is unknown or was not asked, or no official composition is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.folder import Folder
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> from smstock.workflows.evidence import Evidence
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"], "target_date": "2020-07-01"}
    >>> spec = CalibrationSpec(name="c", stock=[Path("stock.csv")], known_until="2015-07-01", **source)
    >>> learnt = Calibration(name="c", query="q", wave="2026-11", inputs={}, versions={}, seed=1, **source)
    >>> len(divided(pd.DataFrame(), Evidence(spec, Folder(Path(), Path()), "q", "2026-11"), learnt, ()))
    0
    """
    import pandas as pd

    from smstock.nowcast.detail import detail, require

    require(by)
    if not set(by) - {"sex"}:  # women and men stand among the estimates
        return check(pd.DataFrame(columns=ESTIMATE.names), ESTIMATE)
    groups, learnt = (
        (evidence.schooling, calibration.schooling) if "education" in by else (evidence.groups, calibration.shares)
    )
    if "education" in by:
        _require_schooling(evidence, calibration)
    elif groups.empty:
        raise UsageError(
            f"{evidence.query} asks no groups to divide estimates by",
            allowed='a query with breakdowns = [["sex", "age"]] and age_groups',
        )
    if learnt is None:
        raise UsageError(
            "the official composition by sex and age of too few corridors is known to learn shares from",
            allowed="ten corridors of three destinations or more, at the target date of the calibration",
            hint="give figures by sex and age among the stock files of the calibration, or as compositions",
        )
    return detail(
        estimates,
        groups,
        learnt,
        by,
        common=calibration.common,
        seed=calibration.seed,
        sums=sums,
        compute=compute,
    )


def _require_schooling(evidence: Evidence, calibration: Calibration) -> None:
    """Raise `UsageError` where official figures do not tell parts by education, saying what they lack."""
    if not evidence.spec.education:
        raise UsageError(
            f"{calibration.name} names no official figures by education",
            allowed='education = "FILE" in the calibration file: Eurostat edat_lfs_9912 or edat_lfs_9911, OECD DIOC or '
            "attainment by place of birth, tidy files with a column education",
        )
    groups = evidence.schooling
    if groups.empty:
        raise UsageError(
            "no official figures by education are of a destination asked, at ages that the totals have",
            allowed="shares or persons of three levels (ISCED 0-2, 3-4, 5-8), foreign-born or foreign citizens",
        )
    if groups["official_basis"].ne("").any() and groups["official"].isna().all():
        levelled = groups[groups["education"] != ""].iloc[0]
        raise UsageError(
            f"education is known of ages {levelled['age_min']} to {levelled['age_max']}, and of no destination how "
            "many of its migrants are of these ages",
            allowed="figures by age of corridors, or of all origins at a destination",
            hint="name such a file under compositions in the calibration file, or give totals of these ages",
        )
    if calibration.schooling is None:
        raise UsageError(
            "the official composition by education of too few corridors, or groups of origins, is known to learn "
            "shares from",
            allowed="ten of them in three destinations or more, up to the target date of the calibration",
            hint="give figures of more destinations",
        )


def on_file(
    evidence: Evidence,
    calibration: Calibration,
    *,
    methods: Sequence[str] = (),
    draws: int = 0,
    by: Sequence[str] | None = (),
) -> Nowcast | None:
    """Return the estimates of a wave that lie there if they were made from this very evidence, else None.

    Parameters
    ----------
    evidence, calibration, methods, draws
        As for `nowcast`.
    by
        The same; None: whatever they are divided by.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.folder import Folder
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> from smstock.workflows.evidence import Evidence
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"], "target_date": "2020-07-01"}
    >>> spec = CalibrationSpec(name="c", stock=[Path("stock.csv")], known_until="2015-07-01", **source)
    >>> learnt = Calibration(name="c", query="q", wave="2026-11", inputs={}, versions={}, seed=1, **source)
    >>> on_file(Evidence(spec, Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11"), learnt) is None
    True
    """
    manifest = results.read(evidence.folder.estimate(evidence.wave, f"{calibration.name}.manifest.json"))
    if manifest is None:
        return None
    facets = manifest.about.get("by", []) if by is None else by or evidence.spec.by
    asked = (evidence.inputs, _versions(calibration), _about(evidence, calibration, methods, draws, facets))
    return written(evidence, calibration.id) if (manifest.inputs, manifest.versions, manifest.about) == asked else None


def written(evidence: Evidence, calibration: str) -> Nowcast:
    """Return the estimates of a wave as they were written by a calibration of that id, with the page beside them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> from smstock.workflows.evidence import Evidence
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> written(Evidence(spec, Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11"), "serbia-1")
    Traceback (most recent call last):
    FileNotFoundError: nowhere/estimates/2026-11/serbia.parquet
    """
    import pandas as pd

    from smstock.audience.gender_gap import sex_ratios

    def path(ending: str) -> Path:
        return evidence.folder.estimate(evidence.wave, f"{evidence.spec.name}.{ending}")

    rows = check(pd.read_parquet(path("parquet")), ESTIMATE)
    estimates = whole(rows)
    parts = rows.drop(index=estimates.index).reset_index(drop=True)
    sums = check(pd.read_parquet(path("sums.parquet")), SUM)
    of_totals = of_ages(sums, estimates)
    added, group_sums = sums[of_totals].reset_index(drop=True), sums[~of_totals].reset_index(drop=True)
    files = tuple(map(path, (*_ENDINGS, "manifest.json", PAGE)))
    estimates, ratios = estimates.reset_index(drop=True), sex_ratios(evidence.corridors)
    return Nowcast(estimates, parts, added, group_sums, ratios, files, calibration)


def _write(
    rows: pd.DataFrame,
    sums: pd.DataFrame,
    evidence: Evidence,
    calibration: Calibration,
    *,
    drawn: Iterable[Drawn] | None,
    about: dict[str, Any],
) -> tuple[Path, ...]:
    """Write estimates with their parts, sums and, if any are asked for, draws."""
    name = calibration.name
    of_sums = (results.parquet(sums), results.csv(sums))
    writers = (results.parquet(rows), results.csv(rows), results.records(rows), *of_sums)
    tables = {f"{name}.{ending}": write for ending, write in zip(_ENDINGS, writers, strict=True)}
    if drawn is not None:
        tables[f"{name}.draws.parquet"] = results.parquet(part.table() for part in drawn)
    manifest = results.Manifest(
        step="nowcast",
        query=evidence.query,
        wave=evidence.wave,
        inputs=evidence.inputs,
        versions=_versions(calibration),
        about=about,
    )
    return results.write(evidence.folder.estimate(evidence.wave, f"{name}.manifest.json"), manifest, tables)


def _versions(calibration: Calibration) -> dict[str, str]:
    return versions({*TABLES, *STATISTICS, *libraries(calibration.methods)})


def _about(
    evidence: Evidence, calibration: Calibration, methods: Sequence[str], draws: int, by: Sequence[str]
) -> dict[str, Any]:
    """Return what the manifest says of estimates beside their inputs and versions."""
    return {
        "by": list(by),
        "basis": basis(evidence.spec, evidence.audiences.answers),
        "calibration": calibration.id,
        "covers": {country: list(codes) for country, codes in evidence.covers.items()},
        "draws": draws,
        "lack": evidence.lack,
        "methods": list(methods),
        "seed": calibration.seed,
    }
