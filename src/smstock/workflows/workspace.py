"""The front door: a folder, and the steps of the month as methods. Commands call the same."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from smstock import settings
from smstock.folder import Folder
from smstock.vocabulary.dates import wave_of
from smstock.workflows import arguments, references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from smstock.calibrate.calibration import Calibration
    from smstock.collect.runner import Tally
    from smstock.compute import Compute
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
    from smstock.workflows.references import CalibrationReference, QueryReference
    from smstock.workflows.skills import SkillProfile

PATIENCE: Final = 24.0
"""Hours that a live run waits for quota unless told otherwise."""


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
        root = arguments.path("folder", folder)
        self.folder = Folder(root, root if output is None else arguments.path("output", output))

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder.root)!r}, output={str(self.folder.output)!r})"

    def plan(self, query: QueryReference, *, accounts: int = 1) -> Plan:
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

        spec = references.query(self.folder.root, query)
        waves = self.folder.waves_of(spec.name)
        earlier = self.folder.wave(waves[-1], f"{spec.name}.audience.parquet") if waves else None
        return plan(spec, today=datetime.now(UTC).date().isoformat(), accounts=accounts, earlier=earlier)

    def collect(
        self,
        query: QueryReference,
        *,
        recordings: str | Path | None = None,
        wave: str = "",
        again: str = "",
        patience: float = PATIENCE,
        on_progress: Callable[[Tally], object] = lambda _: None,
    ) -> Collected:
        """Collect a wave of a query; called again, it asks only what is still open.

        Parameters
        ----------
        query
            Name, path or `QuerySpec`.
        recordings
            A file or a folder of recorded answers to replay; the platform is asked unless given, with the credentials
            in the environment or in the user's file.
        wave
            Such as ``2026-11`` or ``2026-W47``; the present one, or the newest recorded, unless given.
        again
            ``refused``, ``failed`` or ``glitch``: cells that were settled so are asked anew.
        patience, on_progress
            Hours to wait for quota, half an hour at most for answers; what is called after every cell.

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

        spec = references.query(self.folder.root, query)
        replayed = None if recordings is None else arguments.path("recordings", recordings)
        wave, on_progress = arguments.text("wave", wave), arguments.callback("on_progress", on_progress)
        source = None if replayed else _live(spec, patience, wave)
        with self.folder.lock():
            options: dict[str, Any] = {"wave": wave, "again": again, "on_progress": on_progress}
            options |= {"now": datetime.now(UTC), "patience": patience * 3600}
            return collect(spec, self.folder, recordings=replayed, source=source, **options)

    def calibrate(
        self, calibration: CalibrationReference, *, query: QueryReference, wave: str = "", jobs: int | None = None
    ) -> Calibration:
        """Learn how audiences relate to official stocks, every method measured on destinations left out.

        Parameters
        ----------
        calibration
            Name, path or `CalibrationSpec`.
        query, wave
            The collected audiences.
        jobs
            Workers, -1 for one a core; those of ``smstock.toml``, or 1, unless given. No figure depends on them.

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

        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            return calibrate(self._evidence(spec, name, wave), compute)

    def nowcast(
        self,
        calibration: CalibrationReference,
        *,
        query: QueryReference,
        wave: str = "",
        methods: Sequence[str] = (),
        draws: int = 0,
        jobs: int | None = None,
    ) -> Nowcast:
        """Estimate the stock of every corridor of a wave, and write tables, sums and a page.

        The calibration on file is used; if its inputs changed, it is made anew.

        Parameters
        ----------
        calibration, query, wave, jobs
            As for `calibrate`.
        methods
            Methods to use in this order instead of the calibration's ranking.
        draws
            Draws of every corridor to write as well; none, or 2 or more.

        Raises
        ------
        UsageError
            A single draw is asked for.
        UnknownNameError, InputError, TooFewCellsError, BusyError
            As for `calibrate`.
        """
        from smstock.workflows.month import estimate

        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            return estimate(self._evidence(spec, name, wave), methods=methods, draws=draws, compute=compute).nowcast

    def explain(
        self,
        calibration: CalibrationReference,
        corridor: str,
        *,
        query: QueryReference,
        wave: str = "",
        methods: Sequence[str] = (),
        draws: int = 0,
        jobs: int | None = None,
    ) -> Explained:
        """Estimate a wave as `nowcast` does, and tell why a corridor has the estimate it has; draw its series.

        Parameters
        ----------
        corridor
            Origin and destination, ``SRB:AUT``, by code or name.
        calibration, query, wave, methods, draws, jobs
            As for `nowcast`.

        Raises
        ------
        UsageError
            It is no corridor.
        InputError
            The wave holds no such corridor, or as for `nowcast`.
        """
        from smstock.workflows import explanation
        from smstock.workflows.month import estimate

        explanation.corridor(corridor)  # what is no corridor is told before anything is made
        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            evidence = self._evidence(spec, name, wave)
            made = estimate(evidence, methods=methods, draws=draws, compute=compute)
            return explanation.explain(evidence, made.calibration, made.nowcast, named=corridor)

    def backtest(
        self,
        calibration: CalibrationReference,
        *,
        query: QueryReference,
        months_after: int = 6,
        targets: Sequence[str] = (),
        lag: int | None = None,
        score: str = "rmsle",
        jobs: int | None = None,
    ) -> Backtested:
        """Estimate past dates by every method from what was known then, and score it by what came out later.

        Parameters
        ----------
        calibration, jobs
            As for `calibrate`.
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

        Raises
        ------
        InputError
            No wave was collected, a target date has no figure, or a publication lag is not known.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.backtesting import backtest

        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            options: dict[str, Any] = {"months_after": months_after, "targets": targets, "lag": lag, "score": score}
            return backtest(self._evidence(spec, name), compute=compute, **options)

    def skills(
        self,
        query: QueryReference,
        *,
        destination: str = "",
        origin: str = "",
        wave: str = "",
        since: str = "",
        education: Sequence[str | Path] = (),
        stock: str | Path | None = None,
        population: str | Path | None = None,
        seed: int = 1,
        jobs: int | None = None,
    ) -> SkillProfile:
        """Profile the members of each corridor by degree, field, industry, seniority and skill, in tables and a page.

        Parameters
        ----------
        query, wave
            The collected audiences, by dimension; or a CSV of counts typed off Campaign Manager, and their month.
        destination, origin
            Code or name of an area: the corridors that the page shows; the largest ones unless given. They also say
            where the members of a file of counts live and were schooled, if it does not.
        since
            Wave that changes are from; the one before unless given.
        education, stock, population
            Official files, for the highly skilled stock.
        seed, jobs
            Of the draws behind the intervals; as for `calibrate`.

        Raises
        ------
        InputError
            The wave was not collected, is of no dimension, or holds no such corridor; an official file does not fit.
        TooFewCellsError
            Nothing of the wave is above the floor.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.skills import OfficialFiles, skills

        official = OfficialFiles(
            arguments.paths("education", education),
            None if stock is None else arguments.path("stock", stock),
            None if population is None else arguments.path("population", population),
        )
        with self._working(jobs) as compute:
            corridors: dict[str, Any] = {"destination": destination, "origin": origin, "wave": wave, "since": since}
            about: dict[str, Any] = {"official": official, "seed": seed, "present": wave_of(datetime.now(UTC))}
            return skills(self.folder, query, compute=compute, **corridors, **about)

    def run(
        self,
        job: str | Job,
        *,
        wave: str = "",
        patience: float = PATIENCE,
        on_progress: Callable[[Tally], object] = lambda _: None,
        jobs: int | None = None,
    ) -> Month:
        """Do the month of a job: collect, calibrate if due, nowcast, write a page. Running it again changes nothing.

        Parameters
        ----------
        job
            Name in ``smstock.toml``, or a `Job`.
        wave
            Such as ``2026-11`` or ``2026-W47``; the present one, or the newest recorded, unless given.
        patience
            Hours that a live run may wait for quota, or at most half an hour for a platform that does not answer.
        on_progress, jobs
            Called after every cell collected; as for `calibrate`.

        Raises
        ------
        UnknownNameError, SettingsError
            There is no such job, or ``smstock.toml`` cannot be used.
        SmstockError
            Whatever the steps raise; what was finished before stays.
        """
        from smstock.workflows.month import run_month

        task = references.job(self.folder.root, job)
        wave, on_progress = arguments.text("wave", wave), arguments.callback("on_progress", on_progress)
        source = None if task.recordings else _live(references.query(self.folder.root, task.query), patience, wave)
        options: dict[str, Any] = {"wave": wave, "patience": patience * 3600, "on_progress": on_progress}
        with self._workers(jobs) as compute:
            return run_month(task, self.folder, now=datetime.now(UTC), source=source, compute=compute, **options)

    def _workers(self, jobs: int | None) -> AbstractContextManager[Compute]:
        return settings.compute(self.folder.root, None if jobs is None else arguments.jobs(jobs)).running()

    @contextmanager
    def _working(self, jobs: int | None) -> Iterator[Compute]:
        """Have workers at hand and hold the lock of the folder."""
        with self._workers(jobs) as compute, self.folder.lock():
            yield compute

    def _specified(self, calibration: CalibrationReference, query: QueryReference) -> tuple[CalibrationSpec, str]:
        return references.calibration(self.folder.root, calibration), references.query_name(self.folder.root, query)

    def _evidence(self, spec: CalibrationSpec, query: str, wave: str = "") -> Evidence:
        from smstock.workflows.evidence import Evidence
        from smstock.workflows.waves import collected_wave

        present, wave = wave_of(datetime.now(UTC)), arguments.text("wave", wave)
        return Evidence(spec, self.folder, query, collected_wave(self.folder, query, wave, present=present))


def _live(query: QuerySpec, patience: float, wave: str) -> Source:
    from smstock.workflows.collection import live

    arguments.wave(wave)  # what is no wave is told before a credential is missed
    return live(query, patience=patience)
