"""The front door: a folder, and the steps of the month as methods. Commands call the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeGuard

from smstock.errors import ContractError, QueryError
from smstock.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smstock.calibrate.calibration import Calibration
    from smstock.collect.runner import Tally
    from smstock.errors import SmstockError
    from smstock.platforms.base import Source
    from smstock.query.preflight import Plan
    from smstock.query.spec import QuerySpec
    from smstock.settings import Job
    from smstock.workflows.backtesting import Backtested
    from smstock.workflows.calibration_spec import CalibrationSpec
    from smstock.workflows.collection import Collected
    from smstock.workflows.evidence import Evidence
    from smstock.workflows.explanation import Explained
    from smstock.workflows.month import Month
    from smstock.workflows.nowcasting import Nowcast
    from smstock.workflows.skills import SkillProfile

PATIENCE: Final = 24.0
"""Hours that a live run waits for quota unless told otherwise."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


class Workspace:
    """A folder with queries, calibrations and jobs, in which the steps of the month are done.

    A query is given by its name (``queries/<name>.toml``), the path of a file, or as a `QuerySpec`; a calibration by
    its name (``calibration/<name>.toml``), the path of a file, or as a `CalibrationSpec`; a job by its name in
    ``smstock.toml`` or as a `Job`. Where a query was collected before, its name is enough. A wave is the newest one
    unless named. A method that writes holds the lock of the folder.

    Parameters
    ----------
    folder
        Where ``smstock.toml``, ``queries/`` and ``calibration/`` are.
    output
        Where waves, calibrations and estimates go; the folder itself unless given.

    Attributes
    ----------
    folder
        Where each file lies.

    Examples
    --------
    >>> Workspace("migration").folder.estimate("2020-10", "serbia.csv").as_posix()
    'migration/estimates/2020-10/serbia.csv'
    """

    def __init__(self, folder: str | Path = ".", output: str | Path | None = None) -> None:
        root = Path(folder)
        self.folder = Folder(root, root if output is None else Path(output))

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder.root)!r}, output={str(self.folder.output)!r})"

    def plan(self, query: str | Path | QuerySpec, *, accounts: int = 1) -> Plan:
        """Return cells, calls and hours of a query, and every rule it breaks; nobody is asked.

        Where an earlier wave lies in the workspace, the calls are predicted from it.

        Parameters
        ----------
        query
            Name, path or `QuerySpec`.
        accounts
            Advertising accounts that share the calls.

        Raises
        ------
        QueryError
            There is no such query, or it is none.
        """
        from smstock.workflows.planning import plan

        spec = self._query(query)
        waves = self.folder.waves_of(spec.name)
        earlier = self.folder.wave(waves[-1], f"{spec.name}.audience.parquet") if waves else None
        return plan(spec, today=datetime.now(UTC).date().isoformat(), accounts=accounts, earlier=earlier)

    def collect(
        self,
        query: str | Path | QuerySpec,
        *,
        recordings: str | Path | None = None,
        wave: str = "",
        patience: float = PATIENCE,
        on_progress: Callable[[Tally], object] = lambda _: None,
    ) -> Collected:
        """Collect a wave of a query; called again, it asks only what is still open.

        Parameters
        ----------
        query
            Name, path or `QuerySpec`.
        recordings
            A folder of recorded answers to replay; the platform is asked unless given, with the credentials in the
            environment or in the user's file.
        wave
            Month, ``YYYY-MM``; this month, or the newest one of the recordings, unless given.
        patience
            Hours that a live run may wait for quota.
        on_progress
            Called after every cell.

        Raises
        ------
        QueryError, RecordingError, CredentialError
            The query is refused, the recordings do not answer it, or no credential is at hand.
        QuotaError, PlatformError
            The platform stopped answering; what was answered is kept.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.collection import collect

        spec = self._query(query)
        replayed = None if recordings is None else Path(recordings)
        source = None if replayed else _live(spec, patience)
        with self.folder.lock():
            return collect(
                spec,
                self.folder,
                now=datetime.now(UTC),
                recordings=replayed,
                source=source,
                wave=wave,
                on_progress=on_progress,
            )

    def calibrate(
        self, calibration: str | Path | CalibrationSpec, *, query: str | Path | QuerySpec, wave: str = ""
    ) -> Calibration:
        """Learn how audiences relate to official stocks, every method measured on destinations left out.

        Parameters
        ----------
        calibration
            Name, path or `CalibrationSpec`.
        query, wave
            The collected audiences.

        Raises
        ------
        InputError
            The wave was not collected, or a file does not fit.
        TooFewCellsError
            Too few corridors have both an audience and a stock.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.calibration import calibrate

        evidence = self._evidence(calibration, query, wave)
        with self.folder.lock():
            return calibrate(evidence)

    def nowcast(
        self,
        calibration: str | Path | CalibrationSpec,
        *,
        query: str | Path | QuerySpec,
        wave: str = "",
        methods: Sequence[str] = (),
        draws: int = 0,
    ) -> Nowcast:
        """Estimate the stock of every corridor of a wave, and write tables, sums and a page.

        The calibration on file is used; if its inputs changed, it is made anew.

        Parameters
        ----------
        calibration
            Name, path or `CalibrationSpec`.
        query, wave
            The collected audiences.
        methods
            Methods to use in this order instead of the calibration's ranking.
        draws
            Draws of every corridor to write as well; none, or 2 or more.

        Raises
        ------
        UsageError
            There is no such method, or a single draw is asked for.
        InputError, TooFewCellsError, BusyError
            As for `calibrate`.
        """
        evidence = self._evidence(calibration, query, wave)
        with self.folder.lock():
            return _nowcast(evidence, methods, draws)[0]

    def explain(
        self,
        calibration: str | Path | CalibrationSpec,
        corridor: str,
        *,
        query: str | Path | QuerySpec,
        wave: str = "",
        methods: Sequence[str] = (),
        draws: int = 0,
    ) -> Explained:
        """Estimate a wave as `nowcast` does, and tell why a corridor has the estimate it has; draw its series.

        Parameters
        ----------
        corridor
            Origin and destination, ``SRB:AUT``, by code or name.
        calibration, query, wave, methods, draws
            As for `nowcast`.

        Raises
        ------
        UsageError
            It is no corridor.
        InputError
            The wave holds no such corridor, or as for `nowcast`.
        """
        from smstock.workflows import explanation

        explanation.corridor(corridor)  # what is no corridor is told before anything is made
        evidence = self._evidence(calibration, query, wave)
        with self.folder.lock():
            estimates, learnt = _nowcast(evidence, methods, draws)
            return explanation.explain(evidence, learnt, estimates, named=corridor)

    def backtest(
        self,
        calibration: str | Path | CalibrationSpec,
        *,
        query: str | Path | QuerySpec,
        months_after: int = 6,
        targets: Sequence[str] = (),
        lag: int | None = None,
        score: str = "rmsle",
        jobs: int = 1,
    ) -> Backtested:
        """Estimate past dates by every method from what was known then, and score it by what came out later.

        Parameters
        ----------
        calibration
            Name, path or `CalibrationSpec`.
        query
            The collected audiences, all waves.
        months_after
            Months from each target date to the day it is estimated on.
        targets
            Target dates (ISO); every date of the stock unless given.
        lag
            Publication lag in months, in place of those known.
        score
            Score of the skill: mdape, wmape, mape, rmsle or crps.
        jobs
            Processes; -1 is one for each core.

        Raises
        ------
        InputError
            No wave was collected, a target date has no figure, or a publication lag is not known.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.backtesting import backtest

        evidence = self._evidence(calibration, query)
        with self.folder.lock():
            return backtest(
                evidence,
                months_after=months_after,
                targets=targets,
                lag=lag,
                score=score,
                jobs=jobs,
            )

    def skills(
        self,
        query: str | Path | QuerySpec,
        *,
        destination: str = "",
        origin: str = "",
        wave: str = "",
        since: str = "",
        education: Sequence[str | Path] = (),
        stock: str | Path | None = None,
        population: str | Path | None = None,
        seed: int = 1,
    ) -> SkillProfile:
        """Profile the members of each corridor by degree, field, industry, seniority and skill, in tables and a page.

        Parameters
        ----------
        query, wave
            The collected audiences, by dimension.
        destination, origin
            Code or name of an area: the corridors that the page shows; the largest ones unless given.
        since
            Wave that changes are from; the one before unless given.
        education, stock, population
            Official files, for the highly skilled stock.
        seed
            Of the draws behind the intervals.

        Raises
        ------
        InputError
            The wave was not collected, is of no dimension, or holds no such corridor; an official file does not fit.
        TooFewCellsError
            Nothing of the wave is above the floor.
        BusyError
            Another run holds the folder.
        """
        from smstock.vocabulary.countries import find
        from smstock.vocabulary.dates import check_wave
        from smstock.workflows import skills

        name = self._name(query)
        official = skills.OfficialFiles(tuple(map(Path, education)), _path(stock), _path(population))
        with self.folder.lock():
            month = self._wave(name, wave)
            corridors = skills.corridors(
                self.folder,
                query=name,
                wave=month,
                destination=find(destination) if destination else "",
                origin=find(origin) if origin else "",
            )
            profile = skills.skill_profile(
                self.folder,
                query=name,
                wave=month,
                since=check_wave(since) if since else "",
                official=official,
                seed=seed,
            )
            in_page = corridors if destination or origin else corridors[: skills.MOST_IN_PAGE]
            page = skills.write_page(profile, self.folder, skills.heading(name, corridors), in_page)
        return replace(profile, corridors=tuple(corridors), files=(*profile.files, page))

    def run(
        self,
        job: str | Job,
        *,
        wave: str = "",
        patience: float = PATIENCE,
        on_progress: Callable[[Tally], object] = lambda _: None,
    ) -> Month:
        """Do the month of a job: collect, calibrate if due, nowcast, write a page. Running it again changes nothing.

        Parameters
        ----------
        job
            Name in ``smstock.toml``, or a `Job`.
        wave
            Month, ``YYYY-MM``; this month, or the newest one of the recordings, unless given.
        patience
            Hours that a live run may wait for quota.
        on_progress
            Called after every cell collected.

        Raises
        ------
        SettingsError
            There is no such job, or ``smstock.toml`` cannot be used.
        SmstockError
            Whatever the steps raise; what was finished before stays.
        """
        from smstock import settings
        from smstock.workflows.month import run_month

        task = settings.job(self.folder.root, job) if isinstance(job, str) else job
        source = None if task.recordings else _live(self._query(task.query), patience)
        return run_month(task, self.folder, now=datetime.now(UTC), wave=wave, source=source, on_progress=on_progress)

    def _evidence(
        self, calibration: str | Path | CalibrationSpec, query: str | Path | QuerySpec, wave: str = ""
    ) -> Evidence:
        from smstock.workflows.evidence import Evidence

        spec, name = self._calibration(calibration), self._name(query)
        return Evidence(spec, self.folder, name, self._wave(name, wave))

    def _query(self, query: str | Path | QuerySpec) -> QuerySpec:
        from smstock.query.spec import QuerySpec, load

        if isinstance(query, QuerySpec):
            return query
        return load(self._file("queries", query, QueryError))

    def _calibration(self, calibration: str | Path | CalibrationSpec) -> CalibrationSpec:
        from smstock.workflows.calibration_spec import CalibrationSpec, load

        if isinstance(calibration, CalibrationSpec):
            return calibration
        return load(self._file("calibration", calibration, ContractError))

    def _name(self, query: str | Path | QuerySpec) -> str:
        """Return the name of a query; of one that was collected before, no file is needed."""
        return query if _is_name(query) else self._query(query).name

    def _wave(self, query: str, wave: str) -> str:
        from smstock.vocabulary.dates import check_wave
        from smstock.workflows.inputs import newest_wave

        return check_wave(wave) if wave else newest_wave(self.folder, query)

    def _file(self, folder: str, named: str | Path, error: type[SmstockError]) -> Path:
        """Return the file of a name, or the path that was given in its place."""
        if not _is_name(named):
            return Path(named)
        path = self.folder.root / folder / f"{named}.toml"
        if not path.is_file():
            names = ", ".join(sorted(known.stem for known in path.parent.glob("*.toml")))
            raise error(
                f"there is no {named!r}",
                where=str(path.parent),
                allowed=names or "none is written yet",
                hint="mend the name, or give the path of a file",
            )
        return path


def _nowcast(evidence: Evidence, methods: Sequence[str], draws: int) -> tuple[Nowcast, Calibration]:
    """Return the estimates of a wave, the page among their files, and the calibration they rest on."""
    from smstock.workflows.calibration import calibrate, on_file
    from smstock.workflows.month import write_page
    from smstock.workflows.nowcasting import nowcast

    calibration = on_file(evidence) or calibrate(evidence)
    estimates = nowcast(evidence, calibration, methods=methods, draws=draws)
    page = write_page(evidence.spec.title or evidence.spec.name, estimates, calibration, evidence.folder, evidence.wave)
    return replace(estimates, files=(*estimates.files, page)), calibration


def _is_name(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def _path(named: str | Path | None) -> Path | None:
    return None if named is None else Path(named)


def _live(query: QuerySpec, patience: float) -> Source:
    from smstock.workflows.collection import live

    return live(query, patience=patience)
