"""The panel: every figure and audience of every corridor on one row of dates, as the filter reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from smstock.errors import ContractError, TooFewCellsError
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    Integers = np.ndarray[tuple[int, ...], np.dtype[np.intp]]

OFFICIAL: Final = ("destination", "origin", "reference_date", "value", "source")
AUDIENCE: Final = ("destination", "origin", "date", "metric", "value")


@dataclass(frozen=True, eq=False)
class Measurement:
    """What one source said of all corridors at one date.

    Attributes
    ----------
    date
        Place in the dates of the panel.
    kind
        ``main`` (the series that is estimated), ``source`` (a further official source) or ``audience``.
    name
        Source or metric.
    log
        Logarithm of the number by corridor; missing where there is none.
    variance
        Error variance of the logarithm that is known beforehand (rounding of an audience).
    break_variance
        Variance of the change since the metric's previous date that a repaired break leaves; 0 for figures.
    """

    date: int
    kind: Literal["main", "source", "audience"]
    name: str
    log: Numbers
    variance: Numbers
    break_variance: Numbers


@dataclass(frozen=True, eq=False)
class Panel:
    """Corridors side by side.

    Attributes
    ----------
    corridors
        Index of (destination, origin), sorted.
    dates
        Days on which anything was measured or is asked for (ISO), sorted.
    destination, origin
        Number of each corridor's destination and origin in ``destinations`` and ``origins``.
    size
        Geometric mean of a corridor's figures (persons): those of the main source, of others where it has none.
    measurements
        In the order of dates; on one date the main source first, then others, then audiences.
    main, sources, metrics
        Names of the main source, of further ones and of the metrics.
    """

    corridors: pd.MultiIndex
    dates: tuple[str, ...]
    destinations: tuple[str, ...]
    origins: tuple[str, ...]
    destination: Integers
    origin: Integers
    size: Numbers
    measurements: tuple[Measurement, ...]
    main: str
    sources: tuple[str, ...]
    metrics: tuple[str, ...]

    @property
    def years(self) -> list[float]:
        """Years of each date since the first."""
        return [years_between(self.dates[0], date) for date in self.dates]

    def part(self, rows: slice) -> Panel:
        """Return the panel of some corridors, with the names of all destinations and origins."""
        measurements = tuple(
            replace(
                measurement,
                log=measurement.log[rows],
                variance=measurement.variance[rows],
                break_variance=measurement.break_variance[rows],
            )
            for measurement in self.measurements
        )
        return replace(
            self,
            corridors=self.corridors[rows],
            destination=self.destination[rows],
            origin=self.origin[rows],
            size=self.size[rows],
            measurements=measurements,
        )

    def only_main(self) -> Panel:
        """Return the panel with nothing but the main source, on its own dates."""
        figures = [measurement for measurement in self.measurements if measurement.kind == "main"]
        moved = tuple(replace(measurement, date=place) for place, measurement in enumerate(figures))
        dates = tuple(self.dates[figure.date] for figure in figures)
        return replace(self, dates=dates, measurements=moved, sources=(), metrics=())


def panel(
    official: pd.DataFrame,
    audiences: pd.DataFrame | None = None,
    *,
    main: str = "",
    dates: Sequence[str] = (),
    destinations: Sequence[str] = (),
    origins: Sequence[str] = (),
) -> Panel:
    """Return the panel of long tables.

    Parameters
    ----------
    official
        Columns destination, origin, reference_date (ISO), value (persons) and source. Missing values and 0, which has
        no logarithm, are left out.
    audiences
        Columns destination, origin, date (ISO), metric, value (accounts), and, if they are there, lower and upper (the
        counts an answer may stand for) and link_sd (as `smstock.audience.breaks.chain_link` leaves it). Missing values
        (below the floor, glitches) are left out, and so are corridors without any official figure.
    main
        The source that is estimated; the one with most figures unless given.
    dates
        Further days that must be in the panel.
    destinations, origins
        Names that come first, in this order: those of another panel whose shared effects are to be used.

    Raises
    ------
    ContractError
        A column is missing, a number is negative or infinite, or a corridor has two figures of one source and date.
    TooFewCellsError
        There is no figure of the main source.

    Examples
    --------
    >>> import pandas as pd
    >>> figures = pd.DataFrame({"destination": "AUT", "origin": "SRB", "reference_date": ["2016-01-01", "2017-01-01"],
    ...                         "value": [100.0, 110.0], "source": "eurostat"})
    >>> made = panel(figures)
    >>> made.dates, made.size.round(1).tolist(), len(made.measurements)
    (('2016-01-01', '2017-01-01'), [104.9], 2)
    """
    figures = _numbers(official, OFFICIAL, "official", ["reference_date", "source"])
    if audiences is None:
        audiences = pd.DataFrame(columns=list(AUDIENCE))
    answers = _numbers(audiences, AUDIENCE, "audience", ["date", "metric"])
    counts = figures["source"].value_counts(sort=False).sort_index()
    main = main or (str(counts.idxmax()) if len(counts) else "")
    if not counts.get(main, 0):
        raise TooFewCellsError(
            f"there is no official figure above 0{f' of {main!r}' if main else ''}",
            allowed=", ".join(map(str, counts.index)) or "a table of official figures",
            hint="the model over time needs a series; estimate the level from the audience instead",
        )
    corridors = pd.MultiIndex.from_frame(figures[CORRIDOR_KEY].drop_duplicates().sort_values(CORRIDOR_KEY))
    answers = answers[pd.MultiIndex.from_frame(answers[CORRIDOR_KEY]).isin(corridors)]
    days = tuple(sorted({*figures["reference_date"].unique(), *answers["date"].unique(), *dates}))
    logs = np.log(figures["value"].to_numpy(dtype=float))
    row = corridors.get_indexer(pd.MultiIndex.from_frame(figures[CORRIDOR_KEY]))
    # other sources count only where the main one, whose error the size decides, has nothing
    weight = np.where(figures["source"] == main, 1.0, 1e-9)
    size = np.exp(np.bincount(row, weight * logs, len(corridors)) / np.bincount(row, weight, len(corridors)))
    at_destination, from_origin = (corridors.get_level_values(name) for name in CORRIDOR_KEY)
    known_destinations, known_origins = _names(at_destination, destinations), _names(from_origin, origins)
    measured = [*_figures(figures, corridors, days, main), *_answers(answers, corridors, days)]
    order = {"main": 0, "source": 1, "audience": 2}
    return Panel(
        corridors,
        days,
        known_destinations,
        known_origins,
        pd.Index(known_destinations).get_indexer(at_destination),
        pd.Index(known_origins).get_indexer(from_origin),
        size,
        tuple(sorted(measured, key=lambda measurement: (measurement.date, order[measurement.kind], measurement.name))),
        main,
        tuple(name for name in counts.index if name != main),
        tuple(sorted(answers["metric"].unique())),
    )


def _numbers(table: pd.DataFrame, columns: Sequence[str], table_name: str, further_key: list[str]) -> pd.DataFrame:
    """Return the rows with a number above 0; refuse what no count can be."""
    if absent := [name for name in columns if name not in table]:
        raise ContractError(f"the {table_name} table lacks {', '.join(absent)}", allowed=", ".join(columns))
    value = table["value"].to_numpy(dtype=float)
    wrong = table[np.isinf(value) | (value < 0)]
    if len(wrong):
        raise ContractError(
            f"{len(wrong)} {table_name} numbers are negative or infinite",
            where=_rows(wrong, [*CORRIDOR_KEY, *further_key, "value"]),
            allowed="0 or more, finite",
        )
    positive = table[value > 0]
    twice = positive[positive.duplicated([*CORRIDOR_KEY, *further_key], keep=False)]
    if len(twice):
        raise ContractError(
            f"{len(twice)} {table_name} numbers share corridor, {' and '.join(further_key)}",
            where=_rows(twice, [*CORRIDOR_KEY, *further_key, "value"]),
            allowed="one number each",
            hint="choose one provider, edition and age group",
        )
    return positive


def _rows(table: pd.DataFrame, columns: list[str]) -> str:
    """Return the first rows in words."""
    texts = [" ".join(map(str, row)) for row in table[columns].head(4).itertuples(index=False)]
    return "; ".join(texts) + (f"; and {len(table) - 4} more" if len(table) > 4 else "")


def _names(occurring: pd.Index, first: Iterable[str]) -> tuple[str, ...]:
    """Return the names that come first, then the other occurring ones, sorted."""
    known = tuple(first)
    return (*known, *sorted(set(occurring) - set(known)))


def _figures(figures: pd.DataFrame, corridors: pd.MultiIndex, days: Sequence[str], main: str) -> Iterable[Measurement]:
    """Yield a measurement for each source and reference date."""
    for (source, date), rows in figures.groupby(["source", "reference_date"]):
        log = _spread(np.log(rows["value"].to_numpy(dtype=float)), rows, corridors)
        nothing = np.zeros(len(corridors))
        yield Measurement(
            days.index(str(date)), "main" if source == main else "source", str(source), log, nothing, nothing
        )


def _answers(answers: pd.DataFrame, corridors: pd.MultiIndex, days: Sequence[str]) -> Iterable[Measurement]:
    """Yield a measurement for each metric and date."""
    for metric, of_metric in answers.groupby("metric"):
        linked = np.full(len(corridors), np.nan)
        for date, rows in of_metric.groupby("date"):
            value = rows["value"].to_numpy(dtype=float)
            rounding = np.zeros(len(rows))
            if {"lower", "upper"} <= set(rows.columns):
                width = (rows["upper"] - rows["lower"]).to_numpy(dtype=float) / value
                rounding = np.nan_to_num(np.square(width) / 12)
            link = rows["link_sd"].to_numpy(dtype=float) if "link_sd" in rows else np.zeros(len(rows))
            now = np.square(_spread(link, rows, corridors))
            # the error of a link is shared by all audiences before it, so that only the change over it carries it
            broken = np.nan_to_num(np.maximum(linked - now, 0.0))
            linked = np.where(np.isnan(now), linked, now)
            yield Measurement(
                days.index(str(date)),
                "audience",
                str(metric),
                _spread(np.log(value), rows, corridors),
                np.nan_to_num(_spread(rounding, rows, corridors)),
                broken,
            )


def _spread(numbers: Numbers, rows: pd.DataFrame, corridors: pd.MultiIndex) -> Numbers:
    """Return numbers of rows by corridor, missing elsewhere."""
    spread = np.full(len(corridors), np.nan)
    spread[corridors.get_indexer(pd.MultiIndex.from_frame(rows[CORRIDOR_KEY]))] = numbers
    return spread
