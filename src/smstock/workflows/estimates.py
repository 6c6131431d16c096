"""Estimates of all waves: the folders of the waves are the parts of one table, which is never held in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock import results
from smstock.errors import InputError, UnknownNameError, UsageError, meant, shown
from smstock.folder import leave_aside, lock_around, replaced
from smstock.tables import DIGITS, DOUBTFUL, ESTIMATE, HELD_BACK, LEVELS, MAGNITUDE
from smstock.tables.large import chosen, database, stored, write_csv, write_parquet
from smstock.tables.sums import SUM
from smstock.vocabulary.dates import is_before
from smstock.vocabulary.facets import SEXES
from smstock.workflows import arguments
from smstock.workflows.bases import MEANING, breaks, unlike
from smstock.workflows.estimate_rows import of_groups, places_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from smstock.folder import Folder
    from smstock.results import Manifest

_OF_SUMS: Final[dict[str, tuple[str, ...]]] = {"destination": ("destination",), "origin": ("origin",), "all": ()}
"""The ends of corridors that sums keep apart."""
_CELL: Final = ("sex", "age_min", "age_max", "education")
_ENDS: Final = tuple(f"{end}_{level}" for level in LEVELS for end in ("lower", "upper"))
_KNOWN: Final = f"FILTER (median IS NOT NULL AND status <> '{HELD_BACK}')"
_OF_MAGNITUDE: Final = f"FILTER (median IS NOT NULL AND status <> '{HELD_BACK}' AND precision = '{MAGNITUDE}')"
_INDICATIVE: Final = f"median IS NOT NULL AND (regime = 'none' OR status = '{DOUBTFUL}') AND status <> '{HELD_BACK}'"
_BELOW: Final = f"median IS NULL AND status <> '{HELD_BACK}' AND upper_80"
_MOSTLY: Final = f"coalesce(fsum(median) {_OF_MAGNITUDE} > fsum(median) {_KNOWN} / 2, false)"
_SUMMED: Final = (
    f"fsum(median) {_KNOWN} AS sum_of_medians",
    f"CASE WHEN count(*) {_KNOWN} = 0 THEN '' WHEN {_MOSTLY} THEN '{MAGNITUDE}' ELSE '{DIGITS}' END AS precision",
    f"count(*) {_KNOWN} AS estimated",
    f"count(*) FILTER ({_INDICATIVE}) AS indicative",
    f"count(*) FILTER (status = '{HELD_BACK}') AS held_back",
    f"count(*) FILTER ({_BELOW} IS NOT NULL) AS floored",
    f"count(*) FILTER ({_BELOW} IS NULL) AS unknown",
)
"""Columns of a sum, as in `smstock.tables.sums.SUM`, and how many of its corridors are indicative."""
SUFFIXES: Final = (".csv", ".parquet")
"""Forms that rows are exported in."""


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of one name over waves. What its methods return is read when its rows are asked for.

    Attributes
    ----------
    name
        Name of the calibration.
    waves
        What is known of each wave, oldest first, by its name: the manifest of its estimates.
    notices
        From which wave on the estimates count something else, or rest on another source.
    rows
        The rows chosen, table `smstock.tables.ESTIMATE`; a relation of DuckDB, such as ``rows.df()`` reads into memory.
    """

    name: str
    waves: Mapping[str, Manifest]
    notices: tuple[str, ...]
    rows: DuckDBPyRelation
    _database: DuckDBPyConnection
    _sums: DuckDBPyRelation | None
    """Sums written beside the estimates, with their wave; None where there are none."""
    _chosen: frozenset[str]
    """Ends of corridors that were chosen by name."""
    _without: Mapping[str, str]
    """Waves that have estimates and are not among these, with the reason."""

    def largest(self) -> DuckDBPyRelation:
        """Return the rows in order: the newest wave first, of each the largest estimates first."""
        return self.rows.order(
            "reference_date DESC, wave DESC, median DESC NULLS LAST, destination, origin, sex, age_min, education"
        )

    def _why_without(self, wave: str) -> str:
        return f" here: {self._without[wave]}" if wave in self._without else ""

    def progress(self) -> float:
        """Return how much of what is being read or written is done, percent; -1 where nothing is, or not known."""
        return float(self._database.query_progress())

    def sums(self, by: str = "all") -> DuckDBPyRelation:
        """Return what the corridors chosen add up to, for each wave, sex and age group, the largest first.

        ``sum_of_medians`` is the sum of the estimates as listed. ``median`` and the ends of its intervals are those of
        the sum itself, taken from the draws when the wave was estimated: they are missing where the sum is over other
        corridors than that one, as where origins are chosen by name and the sum is by destination.

        Parameters
        ----------
        by
            What sums are of: each ``destination``, each ``origin``, or ``all`` corridors.

        Raises
        ------
        UsageError
            ``by`` is none of the three.
        """
        from smstock.corridors.own_country import OWN_COUNTRY

        if by not in _OF_SUMS:
            allowed = ", ".join(_OF_SUMS)
            raise UsageError(f"sums by {shown(by)} are not made", allowed=allowed, hint=meant(str(by), _OF_SUMS))
        ends = _OF_SUMS[by]
        groups = ", ".join(("wave", "reference_date", *ends, *_CELL))
        size = f"max(sum_of_medians) OVER (PARTITION BY {', '.join(ends) or 1}) DESC NULLS LAST"
        order = ", ".join((size, *ends, "reference_date", "wave", *_CELL))
        corridors = self.rows.filter(f"destination <> origin AND audience_status <> '{OWN_COUNTRY}'")
        if "destination" not in ends:
            corridors = self._once(corridors)
        added = corridors.aggregate(f"{groups}, {', '.join(_SUMMED)}", groups).set_alias("added")
        figures = ("median", *_ENDS)
        if self._sums is None or self._chosen - {*ends}:
            missing = ", ".join(f"CAST(NULL AS DOUBLE) AS {figure}" for figure in figures)
            return added.project(f"*, {missing}").order(order)
        summed_over = "".join(f" AND {end} = ''" for end in ("destination", "origin") if end not in ends)
        named = "".join(f" AND {end} <> ''" for end in ends)
        stored_sums = self._sums.filter(f"indicative = 'with'{summed_over}{named}").set_alias("stored")
        keys = _equal("added", "stored", ("wave", *ends, *_CELL, "estimated"))
        joined = added.join(stored_sums, keys, how="left")
        return joined.project("added.*, " + ", ".join(f"stored.{figure}" for figure in figures)).order(order)

    def _once(self, corridors: DuckDBPyRelation) -> DuckDBPyRelation:
        """Return corridors whose destinations count in a sum over them: no place beside its country."""
        from smstock.nowcast.sums import counted

        covers = {area: codes for made in self.waves.values() for area, codes in made.about.get("covers", {}).items()}
        asked = [code for (code,) in corridors.project("destination").distinct().fetchall()]
        return chosen(corridors, "destination", counted(asked, covers) or [""])

    def changes(self, before: str, after: str, by: str = "") -> DuckDBPyRelation:
        """Return what changed from one wave to another, corridor by corridor or in their sums, the largest first.

        ``apart`` tells whether the 80 % intervals do not meet. What is in one of the two waves only has no change.

        Parameters
        ----------
        before, after
            Two of the waves.
        by
            Compare sums, as `sums` takes it; corridors unless given.

        Raises
        ------
        UsageError
            It is no wave.
        InputError
            There are no estimates of it, or the two count different things.
        """
        for wave in (before, after):
            arguments.wave(wave)
            if wave not in self.waves:
                raise InputError(
                    f"{self.name} has no estimates of {wave}{self._why_without(wave)}",
                    allowed=", ".join(self.waves),
                    hint="choose two of these",
                )
        if differences := unlike(self.waves[before], self.waves[after], MEANING):
            raise InputError(
                f"estimates of {before} and {after} count different things: {'; '.join(differences)}",
                hint="compare waves of one kind: export each, or make one of them anew with the same calibration",
            )
        table, ends = (self.sums(by), _OF_SUMS[by]) if by else (self.rows, ("destination", "origin"))
        value = "sum_of_medians" if by else "median"
        beside = ["precision", "estimated"] if by else ["precision", "method", "status"]
        one, other = (chosen(table, "wave", [wave]).set_alias(side) for wave, side in ((before, "b"), (after, "a")))
        key = (*ends, *_CELL)
        joined = one.join(other, _equal("b", "a", key), how="outer")
        columns = (
            f"'{before}' AS wave_before, '{after}' AS wave_after",
            *(f"coalesce(b.{name}, a.{name}) AS {name}" for name in key),
            f"b.{value} AS before, a.{value} AS after, a.{value} - b.{value} AS change",
            f"a.{value} / nullif(b.{value}, 0) AS ratio",
            "b.upper_80 < a.lower_80 OR a.upper_80 < b.lower_80 AS apart",
            *(f"{side}.{name} AS {name}_{when}" for name in beside for side, when in (("b", "before"), ("a", "after"))),
        )
        order = ", ".join(("abs(change) DESC NULLS LAST", *key))
        return joined.project(", ".join(columns)).order(order)

    def export(self, relation: DuckDBPyRelation, path: str | Path, columns: Sequence[str] = ()) -> Path:
        """Write rows, sums or changes to a file, CSV or Parquet by its suffix, and return its path.

        Parameters
        ----------
        relation
            Rows of these estimates, their sums or changes.
        path
            The file; one that lies there is replaced.
        columns
            Those to write, in this order; all unless given.

        Raises
        ------
        UsageError
            The suffix is neither, or there is no such column.
        InputError
            The file cannot be written.
        """
        file = arguments.path("the file", path)
        if file.suffix not in SUFFIXES:
            raise UsageError(f"{shown(file)} is no file to export to", allowed=f"a name in {' or '.join(SUFFIXES)}")
        written = with_columns(relation, columns)
        write = write_csv if file.suffix == ".csv" else write_parquet
        with lock_around(file), replaced(file) as partial:
            write(written, partial)
        return file


def with_columns(relation: DuckDBPyRelation, columns: Sequence[str]) -> DuckDBPyRelation:
    """Return rows with some of their columns, all unless any is given; raise `UsageError` where there is none such.

    Examples
    --------
    >>> rows = database().sql("SELECT 'AUT' AS destination, 1 AS persons")
    >>> with_columns(rows, ["persons"]).fetchall()
    [(1,)]
    >>> with_columns(rows, ["person"])
    Traceback (most recent call last):
    smstock.errors.UsageError: there is no column 'person'
      allowed: destination, persons
      next:    did you mean persons?
    """
    known = relation.columns
    if unknown := [name for name in columns if name not in known]:
        hint = meant(unknown[0], known)
        raise UsageError(f"there is no column {shown(repr(unknown[0]))}", allowed=", ".join(known), hint=hint)
    return relation.project(", ".join(f'"{name}"' for name in dict.fromkeys(columns))) if columns else relation


def estimates(
    folder: Folder,
    name: str,
    *,
    since: str = "",
    until: str = "",
    destinations: Sequence[str] = (),
    origins: Sequence[str] = (),
    sex: str = "",
    ages: str = "",
    education: str = "",
) -> Estimates:
    """Return the estimates of a calibration over its waves; a wave that no manifest vouches for is left aside.

    Parameters
    ----------
    folder
        Where the estimates lie.
    name
        Name of the calibration.
    since, until
        First and last wave; all unless given.
    destinations, origins
        Codes, names or groups, of destinations also places of the query; all unless given.
    sex
        ``all``, ``female`` or ``male``; all three unless given.
    ages
        An age group as the estimates have it, such as ``15-64`` or ``65+``, or ``each``; totals unless given.
    education
        An education group as the estimates have it, or ``each``; totals unless given.

    Raises
    ------
    InputError
        There are no estimates of that name, or none of these waves, or none of the group but some of others.
    UnknownNameError
        There is no such area.
    UsageError, QueryError
        A wave, a sex or an age group is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> estimates(Folder(Path("nowhere"), Path("nowhere")), "serbia")
    Traceback (most recent call last):
    smstock.errors.InputError: there are no estimates of 'serbia'
      where:   nowhere/estimates
      allowed: none are made yet
      next:    smstock nowcast makes them
    """
    since, until = arguments.wave(since), arguments.wave(until)
    name, sex = arguments.text("name", name), arguments.text("sex", sex)
    if sex and sex not in SEXES:
        raise UsageError(f"{shown(sex)} is no sex", allowed=", ".join(SEXES), hint=meant(sex, SEXES))
    waves = folder.estimated(name)
    if not waves:
        raise _nothing(folder, name)
    within = [
        wave for wave in waves if not (since and is_before(wave, since)) and not (until and is_before(until, wave))
    ]
    vouched = {wave: manifest for wave in within if (manifest := _vouched(folder, wave, name))}
    without = {
        wave: "its table was left aside" if wave in within else "--since and --until leave it out"
        for wave in waves
        if wave not in vouched
    }
    if not vouched:
        raise InputError(
            f"{name} has no estimates to be read"
            + (f" from {since}" if since else "")
            + (f" up to {until}" if until else ""),
            where=str(folder.output / "estimates"),
            allowed=", ".join(waves),
            hint="name other waves, or estimate these anew",
        )
    ends = {
        "destination": arguments.areas("destinations", destinations, places_of(folder.root, vouched.values())),
        "origin": arguments.areas("origins", origins),
    }
    connection = database()
    files = [folder.estimate(wave, f"{name}.parquet") for wave in vouched]
    rows = stored(connection, files, columns=ESTIMATE)
    for end, codes in ends.items():
        rows = chosen(rows, end, codes)
    rows = chosen(rows, "sex", [sex] if sex else [])
    divided = any({*manifest.about.get("by", [])} - {"sex"} for manifest in vouched.values())
    rows = of_groups(rows, ages, education, divided=divided)
    sums = _stored_sums(connection, folder, name, vouched)
    named = frozenset(end for end, codes in ends.items() if codes)
    return Estimates(name, vouched, tuple(breaks(vouched)), rows, connection, sums, named, without)


def _vouched(folder: Folder, wave: str, name: str) -> Manifest | None:
    """Return the manifest of the estimates of a wave; None, and the wave is left aside, where it vouches for none."""
    from pyarrow.parquet import read_schema

    path = folder.estimate(wave, f"{name}.parquet")
    manifest = results.read(path.with_name(f"{name}.manifest.json"), tables=[path.name])
    if manifest is None or manifest.wave != wave:
        reason = f"{path} is not vouched for by its manifest"
    elif lacking := set(ESTIMATE.names) - set(read_schema(path).names) - set(ESTIMATE.later):
        reason = f"{path} lacks the column {', '.join(sorted(lacking))}"
    else:
        return manifest
    leave_aside(InputError(reason, hint="estimate the wave anew: smstock nowcast"), path)
    return None


def _stored_sums(
    connection: DuckDBPyConnection, folder: Folder, name: str, waves: Iterable[str]
) -> DuckDBPyRelation | None:
    """Return the sums that stand beside the estimates of the waves, with the column ``wave``."""
    import pyarrow as pa

    paths = {wave: folder.estimate(wave, f"{name}.sums.parquet") for wave in waves}
    files = {
        path: wave
        for wave, path in paths.items()
        if results.read(path.with_name(f"{name}.manifest.json"), tables=[path.name])
    }
    if not files:
        return None
    of_wave = connection.from_arrow(pa.table({"filename": list(map(str, files)), "wave": list(files.values())}))
    sums = stored(connection, files, filename=True, columns=SUM)
    return sums.join(of_wave, "filename")


def _nothing(folder: Folder, name: str) -> InputError:
    """Return what is said where there are no estimates of a name."""
    files = (folder.output / "estimates").glob("*/*.manifest.json")
    names = sorted({made for file in files if "." not in (made := file.name.removesuffix(".manifest.json"))})
    error = UnknownNameError if names else InputError
    return error(
        f"there are no estimates of {shown(repr(name))}",
        where=str(folder.output / "estimates"),
        allowed=", ".join(names) or "none are made yet",
        hint=meant(name, names) or "smstock nowcast makes them",
    )


def _equal(one: str, other: str, names: Iterable[str]) -> str:
    """Return when rows of two relations share a key; a missing age is equal to a missing one."""
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in names)
