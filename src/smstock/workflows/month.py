"""The month in one step: collect, calibrate if due, nowcast, a page to read. Running it again changes nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smstock.collect.outage import PATIENCE
from smstock.compute import ALONE
from smstock.errors import IncompleteError, SmstockError
from smstock.folder import write_file
from smstock.models.methods import libraries
from smstock.provenance import STATISTICS, TABLES
from smstock.report.plain_tables import values_of
from smstock.report.tables import month_tables
from smstock.vocabulary.dates import month_of_wave
from smstock.workflows import unchanged
from smstock.workflows.arguments import number, texts
from smstock.workflows.calibration import settled
from smstock.workflows.collection import collect
from smstock.workflows.evidence import Evidence
from smstock.workflows.nowcasting import PAGE, nowcast
from smstock.workflows.outcome import Made, Month

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from smstock.calibrate.calibration import Calibration
    from smstock.collect.runner import Tally
    from smstock.compute import Compute
    from smstock.folder import Folder
    from smstock.platforms.base import Source
    from smstock.settings import Job
    from smstock.workflows.collection import Collected
    from smstock.workflows.nowcasting import Nowcast


@dataclass(frozen=True)
class Estimated:
    """The estimates of a wave, the page among their files, and the calibration behind them."""

    calibration: Calibration
    nowcast: Nowcast
    page: Path


def run_month(
    job: Job,
    workspace: Folder,
    *,
    now: datetime,
    wave: str = "",
    source: Source | None = None,
    patience: float = PATIENCE,
    on_progress: Callable[[Tally], object] = lambda _: None,
    compute: Compute = ALONE,
) -> Month:
    """Do the month of a job under the lock of the workspace.

    Of a query by the week or the day, the newest wave is collected, the month is estimated from its waves at hand, and
    the newest wave by itself, by the calibration of the month.

    Parameters
    ----------
    job
        Query, calibration spec and, if it is a replay, recordings.
    workspace
        Where everything is read and written.
    now
        The present; it names the wave of a live job.
    wave
        The wave, if not the present one (live) or the newest one (recordings).
    source
        The live platform of a job without recordings.
    patience, on_progress
        As for `smstock.workflows.collection.collect`.
    compute
        What calibrating is spread over.

    Raises
    ------
    BusyError
        Another run holds the workspace.
    IncompleteError
        Cells of the wave are still open, more than the query allows: nothing is learnt or published. Where an outage,
        a spent quota or a dead credential ended the collecting, its error is raised in place of this one.
    SmstockError
        Whatever the steps raise; what was finished before stays, and running again goes on from there.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from smstock.settings import Job
    >>> job, nowhere = Job("serbia", Path("q.toml"), Path("c.toml")), Folder(Path("nowhere"), Path("nowhere"))
    >>> run_month(job, nowhere, now=datetime(2026, 11, 22, tzinfo=UTC))
    Traceback (most recent call last):
    smstock.errors.QueryError: q.toml cannot be read: No such file or directory
      next:    name a query file, such as queries/serbia-diaspora.toml
    """
    inputs = unchanged.inputs_of(job, now=now, wave=wave, fetched=workspace.fetched)
    query, spec = inputs.query, inputs.spec
    with workspace.lock(), unchanged.listening() as warnings:
        collected = collect(
            query,
            workspace,
            now=now,
            recordings=job.recordings,
            source=source,
            wave=wave,
            patience=patience,
            on_progress=on_progress,
            raises=False,
        )
        notice = _ended(collected)
        title = spec.title or query.title or job.name
        of_month = month_of_wave(collected.wave)
        estimated = estimate(Evidence(spec, workspace, query.name, of_month), title=title, compute=compute)
        newest, notices = None, [*estimated.nowcast.notices, *filter(None, [notice])]
        if of_month != collected.wave:
            newest = _newest(Evidence(spec, workspace, query.name, collected.wave), estimated.calibration, title)
            notices += _news(newest, collected.wave)
        made = Made(estimated.calibration, estimated.nowcast, newest)
        month = _as_made(made, collected, estimated, title, notices)
        # what changed while the month was made may be in it or not
        with suppress(SmstockError, OSError):
            if unchanged.inputs_of(job, now=now, wave=wave, fetched=workspace.fetched) == inputs:
                used = {*TABLES, *STATISTICS, *libraries(made.calibration.methods)}
                unchanged.keep(month, inputs, workspace, warnings, used)
    return month


def _as_made(made: Made, collected: Collected, estimated: Estimated, title: str, notices: Sequence[str]) -> Month:
    """Return a month that was made just now, with its tables as they are printed."""
    estimates = made.nowcast
    tables = month_tables(estimates.estimates, estimates.sums, estimates.sex_ratios, made.calibration)
    return Month(
        title,
        collected,
        made.calibration.id,
        learnt=estimates.learnt,
        page=estimated.page,
        files=estimates.files + (made.newest.files if made.newest else ()),
        notices=tuple(notices),
        tables=tuple(map(values_of, tables)),
        make=lambda: made,
    )


def _newest(evidence: Evidence, calibration: Calibration, title: str) -> Nowcast:
    """Estimate a week or a day of a month by the calibration of the month, and write its page."""
    estimates = nowcast(evidence, calibration)
    return replace(estimates, files=(*estimates.files, _write_page(title, estimates, calibration, evidence)))


def _news(newest: Nowcast, wave: str) -> list[str]:
    """Name the corridors whose audience outran its peers up to a wave."""
    shocks = newest.estimates[(newest.estimates["regime"] == "shock") & (newest.estimates["sex"] == "all")]
    names = ", ".join(f"{row.origin} in {row.destination}" for row in shocks.itertuples())
    return [f"shock up to {wave}: {names}"] if names else []


def _ended(collected: Collected) -> str:
    """Say what ended the collecting early, empty if nothing; raise it unless the query allows what the wave lacks."""
    try:
        collected.lack()
    except IncompleteError as error:
        raise collected.ended or error from None
    return f"the collecting ended early: {collected.ended.what}" if collected.ended else ""


def estimate(
    evidence: Evidence,
    *,
    title: str = "",
    methods: Sequence[str] = (),
    draws: int = 0,
    by: Sequence[str] = (),
    compute: Compute = ALONE,
) -> Estimated:
    """Estimate a collected wave by the calibration on file, made anew if its inputs changed, and write the page.

    Parameters
    ----------
    evidence, methods, draws, by
        As for `nowcast`.
    title
        Heading of the page; that of the spec unless given.
    compute
        What calibrating is spread over.
    """
    from smstock.nowcast.draws import require

    methods = texts("methods", methods)
    if number("draws", draws, least=0, most=1_000_000):
        require(draws)
    lack, learning = evidence.lack, settled(evidence, compute)
    calibration = learning.calibration
    estimates = nowcast(evidence, calibration, methods=methods, draws=draws, by=texts("by", by), compute=compute)
    heading = title or evidence.spec.title or evidence.spec.name
    page = _write_page(heading, estimates, calibration, evidence)
    notices = tuple(filter(None, (lack, learning.notice, _by_language(evidence), *estimates.notices)))
    files = (*estimates.files, page)
    estimates = replace(estimates, files=files, learnt=learning.anew, notices=notices)
    return Estimated(calibration, estimates, page)


def _by_language(evidence: Evidence) -> str:
    """Say whom the audiences count where origins are by language; empty where they are not."""
    if evidence.languages is None:
        return ""
    listed = ", ".join(f"{origin} {language}" for origin, language in evidence.languages.items())
    return f"origins are by language: accounts that use the platform in it, another population ({listed})"


def _write_page(title: str, nowcast: Nowcast, calibration: Calibration, evidence: Evidence) -> Path:
    """Write the HTML page of a nowcast and return its path."""
    from smstock.report.basis import Basis
    from smstock.report.page import page

    basis = Basis(
        calibration=calibration.id,
        query=calibration.query,
        wave=calibration.wave,
        provider=calibration.provider,
        edition=calibration.edition,
        concepts=calibration.concepts,
        target_date=calibration.target_date,
        lag=calibration.lag,
        scores=calibration.scores,
        registers=calibration.registers,
        errors_of_ratios=calibration.errors_of_ratios,
        half_widths={name: half_widths.at("all", 80) for name, half_widths in calibration.half_widths.items()},
        languages=evidence.languages,
        shares=calibration.shares,
        schooling=calibration.schooling,
        seed=calibration.seed,
        inputs=calibration.inputs,
        versions=calibration.versions,
        lack=evidence.lack,
    )
    path = evidence.folder.estimate(evidence.wave, f"{calibration.name}.{PAGE}")
    parts = {"detail": nowcast.detail, "group_sums": nowcast.group_sums}
    text = page(title, nowcast.estimates, basis, nowcast.sex_ratios, sums=nowcast.sums, **parts)
    write_file(path, text)
    return path
