"""What a month left behind, whether it was made just now or is known to be unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from smstock.calibrate.calibration import Calibration
    from smstock.workflows.collection import Collected
    from smstock.workflows.nowcasting import Nowcast


@dataclass(frozen=True, eq=False)
class Made:
    """The calibration of a month, its estimates, and those of the week or day that was collected, if it is of one."""

    calibration: Calibration
    nowcast: Nowcast
    newest: Nowcast | None = None


@dataclass(frozen=True, eq=False)
class Month:
    """What a month left behind.

    Parameters
    ----------
    title
        Heading of its page.
    collected
        The wave. Where the query allows what it lacks, ``collected.ended`` is what ended the collecting early, if
        anything did.
    calibration_id, learnt
        The calibration behind the estimates, and whether it was made anew.
    page, files
        The page, and all files of the month, those of its newest week or day last.
    notices
        What a person should know of how it went.
    tables
        The tables of the terminal (`smstock.report.plain_tables`).
    unchanged
        Whether nothing was made, because everything that the month is made of is as it was, and lies there.
    make
        Returns what was made; where nothing was, it reads it.
    """

    title: str
    collected: Collected
    calibration_id: str
    learnt: bool
    page: Path
    files: tuple[Path, ...]
    notices: tuple[str, ...]
    tables: tuple[Mapping[str, Any], ...]
    make: Callable[[], Made] = field(repr=False)
    unchanged: bool = False

    @cached_property
    def _made(self) -> Made:
        return self.make()

    @property
    def calibration(self) -> Calibration:
        """The calibration behind the estimates."""
        return self._made.calibration

    @property
    def nowcast(self) -> Nowcast:
        """The estimates of the month."""
        return self._made.nowcast

    @property
    def newest(self) -> Nowcast | None:
        """The estimates of the week or day that was collected, None of a query by the month."""
        return self._made.newest
