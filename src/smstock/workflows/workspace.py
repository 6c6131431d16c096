"""The front door: a folder, and the steps of the month as methods. Commands call the same."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from smstock import settings
from smstock.vocabulary.dates import wave_of
from smstock.workflows import arguments, references
from smstock.workflows.collecting import PATIENCE, Collecting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from smstock.calibrate.calibration import Calibration
    from smstock.collect.runner import Tally
    from smstock.compute import Compute
    from smstock.settings import Job
    from smstock.workflows.backtesting import Backtested
    from smstock.workflows.calibration_spec import CalibrationSpec
    from smstock.workflows.estimates import Estimates
    from smstock.workflows.evidence import Evidence
    from smstock.workflows.explanation import Explained
    from smstock.workflows.nowcasting import Nowcast
    from smstock.workflows.outcome import Month
    from smstock.workflows.references import CalibrationReference, QueryReference
    from smstock.workflows.skills import SkillProfile


class Workspace(Collecting):
    """A folder with queries, calibrations and jobs, in which the steps of the month are done.

    A query is given by its name (``queries/<name>.toml``), the path of a file, or as a `QuerySpec`; a calibration by
    its name (``calibration/<name>.toml``), the path of a file, or as a `CalibrationSpec`; a job by its name in
    ``smstock.toml`` or as a `Job`. Where a query was collected before, its name is enough. A wave is the newest one
    unless named. A method that writes holds the lock of the folder, and raises `BusyError` where another run does.

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
        by: Sequence[str] = (),
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
        by
            What estimates are divided by: sex, age or both; what the calibration file says unless given.

        Raises
        ------
        UsageError, UnknownNameError, InputError, TooFewCellsError
            A single draw is asked for, or as for `calibrate`.
        """
        from smstock.workflows.month import estimate

        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            return estimate(
                self._evidence(spec, name, wave), methods=methods, draws=draws, by=by, compute=compute
            ).nowcast

    def explain(
        self,
        calibration: CalibrationReference,
        corridor: str,
        *,
        query: QueryReference,
        wave: str = "",
        methods: Sequence[str] = (),
        draws: int = 0,
        by: Sequence[str] = (),
        jobs: int | None = None,
    ) -> Explained:
        """Tell why a corridor has the estimate it has, and draw its series; a wave is estimated first if it is due.

        Parameters
        ----------
        corridor
            Origin and destination, ``SRB:AUT``, by code or name.
        calibration, query, wave, methods, draws, jobs
            As for `nowcast`.
        by
            What estimates are divided by; whatever those on file are, unless given.

        Raises
        ------
        UsageError
            It is no corridor.
        InputError
            The wave holds no such corridor, or as for `nowcast`.
        """
        from smstock.workflows import explanation

        explanation.ends(corridor)  # what is no corridor is told before anything is looked for
        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            options: dict[str, Any] = {"methods": methods, "draws": draws, "by": by, "compute": compute}
            return explanation.explain(self._evidence(spec, name, wave), corridor, **options)

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
        """
        from smstock.workflows.backtesting import backtest

        spec, name = self._specified(calibration, query)
        with self._working(jobs) as compute:
            options: dict[str, Any] = {"months_after": months_after, "targets": targets, "lag": lag, "score": score}
            return backtest(self._evidence(spec, name), compute=compute, **options)

    def estimates(
        self,
        calibration: str,
        *,
        since: str = "",
        until: str = "",
        destinations: Sequence[str] = (),
        origins: Sequence[str] = (),
        sex: str = "",
        ages: str = "",
        education: str = "",
    ) -> Estimates:
        """Return the estimates by a calibration over waves, as `smstock.workflows.estimates.estimates` does."""
        from smstock.workflows.estimates import estimates

        only: dict[str, Any] = {"destinations": destinations, "origins": origins, "sex": sex, "ages": ages}
        only["education"] = education
        return estimates(self.folder, calibration, since=since, until=until, **only)

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
        """
        from smstock.workflows.skills import OfficialFiles, skills

        official = OfficialFiles.named(education, stock, population)
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
        """Do the month of a job: collect, calibrate if due, nowcast, write a page. Running it again makes nothing anew.

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
        from smstock.workflows.unchanged import recognised

        task, now = references.job(self.folder.root, job), datetime.now(UTC)
        wave, on_progress = arguments.text("wave", wave), arguments.callback("on_progress", on_progress)
        if month := recognised(task, self.folder, now=now, wave=wave):
            return month
        from smstock.workflows.collection import live
        from smstock.workflows.month import run_month

        query = references.query(self.folder.root, task.query)
        source = None if task.recordings else live(query, patience=patience, wave=wave)
        options: dict[str, Any] = {"wave": wave, "patience": patience * 3600, "on_progress": on_progress}
        with self._workers(jobs) as compute:
            return run_month(task, self.folder, now=now, source=source, compute=compute, **options)

    def _workers(self, jobs: int | None) -> AbstractContextManager[Compute]:
        return settings.compute(self.folder.root, None if jobs is None else arguments.jobs(jobs)).running()

    @contextmanager
    def _working(self, jobs: int | None) -> Iterator[Compute]:
        """Have workers at hand and hold the lock of the folder."""
        with self._workers(jobs) as compute, self.folder.lock():
            yield compute

    def _specified(self, calibration: CalibrationReference, query: QueryReference) -> tuple[CalibrationSpec, str]:
        root = self.folder.root
        return references.calibration(root, calibration, self.folder.fetched), references.query_name(root, query)

    def _evidence(self, spec: CalibrationSpec, query: str, wave: str = "") -> Evidence:
        from smstock.workflows.evidence import Evidence
        from smstock.workflows.waves import collected_wave

        wave, present = arguments.text("wave", wave), wave_of(datetime.now(UTC))
        return Evidence(spec, self.folder, query, collected_wave(self.folder, query, wave, present=present))
