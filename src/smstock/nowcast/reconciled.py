"""Places and their country: estimates of both are moved until the places add up to the country.

Where a country and all places that are together the whole of it have an estimate of one origin, these contradict each
other as a rule. Minimum trace (Wickramasuriya, Athanasopoulos and Hyndman 2019, doi 10.1080/01621459.2018.1448825)
moves them by what their errors are::

    c' x = country - sum of places      moved = x - W c c' x / (c' W c)      variances: diag(W - W c c' W / (c' W c))

W has the variances of the estimates, from their 80 % intervals, and the correlation of errors of one origin that was
measured (`smstock.calibrate.common_error`). What is known best moves least, and every interval becomes narrower, the
less so the more all of them err alike. Where a place would fall below a tenth of its estimate, places are scaled alike
instead (equal). A place of which only "fewer than" is known takes up what is left, up to that; intervals then stay.

Women and men are scaled to their totals, and those of places to those of the country (proportional fitting).

Draws (`coherent`) are those of the estimates as they were before, each draw moved in the same way: places add up to
their country in every one.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.calibrate.common_error import CommonError
from smstock.nowcast.draws import SEXES, Drawn
from smstock.tables import CORRIDOR_KEY, HELD_BACK, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LEAST: Final = 0.1
"""Share of its estimate that a place keeps at least."""
ROUNDS: Final = 20
"""Rounds of proportional fitting: shares of women differ little, and each round gains about two digits."""
_MINIMUM_TRACE: Final = "minimum trace"
_EQUAL: Final = "equal"
_NOTE: Final = "moved so that places add up to their country ({how}): {before:,.0f} before"


def reconciled(
    estimates: pd.DataFrame, covers: Mapping[str, Sequence[str]], common: CommonError | None = None
) -> pd.DataFrame:
    """Return estimates of which those of places add up to those of their country, origin by origin.

    An origin is left as it is where nothing is known of the country or of one of its places, or an estimate is held
    back.

    Parameters
    ----------
    estimates
        Estimate table of one wave.
    covers
        Countries, each with the codes of the places that are together the whole of it.
    common
        Errors that corridors have in common; none, unless given.

    Examples
    --------
    >>> rows = pd.DataFrame({"destination": ["BEL", "BE-1", "BE-2"], "median": [90.0, 60.0, 60.0]})
    >>> rows = rows.assign(origin="SRB", sex="all", status="provisional", notes="")
    >>> for level, half in {50: 1.1, 80: 1.2, 95: 1.4}.items():
    ...     rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / half, rows["median"] * half
    >>> moved = reconciled(rows, {"BEL": ("BE-1", "BE-2")})
    >>> moved["median"].round(1).tolist(), moved["notes"][0]
    ([105.9, 52.9, 52.9], 'moved so that places add up to their country (minimum trace): 90 before')
    """
    common = common or CommonError()
    together = common.everywhere + common.origin
    factors, narrower = np.ones((2, len(estimates)))
    how = np.full(len(estimates), "", dtype=object)
    median, upper = (estimates[name].to_numpy(dtype=float) for name in ("median", "upper_80"))
    deviations = _deviations(estimates)
    for family in _families(estimates, covers):
        totals = family[:, 0]
        shown = ~np.isnan(median[totals])
        known = totals[shown]
        apart = median[known[0]] - median[known[1:]].sum()
        apart -= np.clip(apart, 0.0, upper[totals[~shown]].sum())
        if not apart:
            continue
        moved, left = _moved(median[known], deviations[known], apart, together)
        words = _EQUAL if np.isnan(left).any() else _MINIMUM_TRACE
        rows = family[shown]
        of_rows = rows >= 0
        for place, values in (
            (factors, moved / median[known]),
            (narrower, left if shown.all() and words == _MINIMUM_TRACE else 1.0),
        ):
            place[rows[of_rows]] = np.broadcast_to(np.reshape(values, (-1, 1)), rows.shape)[of_rows]
        how[rows[of_rows]] = words
        if shown.all() and of_rows.all():
            factors[rows[:, 1:]] = _of_sexes(median[rows[:, 1:]], moved)
    return _applied(estimates, factors, narrower, how) if (how != "").any() else estimates


def coherent(
    drawn: Iterable[Drawn],
    estimates: pd.DataFrame,
    covers: Mapping[str, Sequence[str]],
    common: CommonError | None = None,
) -> Iterator[Drawn]:
    """Yield draws in which the places of a country add up to it, where their estimates can be reconciled; others as is.

    Parameters
    ----------
    drawn
        Draws of the estimates, women and men adding up (`smstock.nowcast.draws.chunks`).
    estimates, covers, common
        As for `reconciled`: estimates as they were before.

    Examples
    --------
    >>> from smstock.nowcast.draws import chunks
    >>> rows = pd.DataFrame({"destination": ["BEL", "BE-1", "BE-2"], "median": [90.0, 60.0, 60.0]})
    >>> for level, half in {50: 1.1, 80: 1.2, 95: 1.4}.items():
    ...     rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / half, rows["median"] * half
    >>> rows = rows.assign(origin="SRB", sex="all", age_min=0, age_max=None, reference_date="2020-10-15", status="")
    >>> (part,) = coherent(chunks(rows, count=101, seed=1), rows, {"BEL": ("BE-1", "BE-2")})
    >>> totals = part.table().query("sex == 'all'").pivot(index="draw", columns="destination", values="persons")
    >>> bool(np.allclose(totals["BE-1"] + totals["BE-2"], totals["BEL"])), float(totals["BEL"].median().round(-1))
    (True, 110.0)
    """
    common = common or CommonError()
    ends = estimates[CORRIDOR_KEY].to_numpy(dtype=object)
    families = [*_families(estimates, covers)]
    corridors = [[tuple(ends[row]) for row in family[:, 0]] for family in families]
    members = {corridor for family in corridors for corridor in family}
    parts = []
    for part in drawn:
        inside = np.array([corridor in members for corridor in _corridors(part)], dtype=bool)
        if inside.any():
            parts.append(part.taken(inside))
        if not inside.any() or not inside.all():
            yield part.taken(~inside)
    if not parts:
        return
    whole = Drawn.of(parts)
    row_of = {corridor: row for row, corridor in enumerate(_corridors(whole))}
    median, upper = (estimates[name].to_numpy(dtype=float) for name in ("median", "upper_80"))
    deviations = _deviations(estimates)
    for family, named in zip(families, corridors, strict=True):
        rows = [row_of[corridor] for corridor in named]
        floored = np.isnan(median[family[:, 0]])
        whole.persons[rows] = _adding_up(
            _with_what_is_left(whole.persons[rows], floored, upper[family[floored, 0]].sum()),
            np.where(floored, 0.0, deviations[family[:, 0]]),
            median[family[:, 1:]] if (family >= 0).all() and not floored.any() else None,
            common.everywhere + common.origin,
        )
    yield whole


def _corridors(drawn: Drawn) -> Iterator[tuple[str, str]]:
    return drawn.cells[CORRIDOR_KEY].itertuples(index=False, name=None)


def _with_what_is_left(persons: np.ndarray, floored: np.ndarray, room: float) -> np.ndarray:
    """Return draws in which places below the floor share what the others leave of their country, up to so many."""
    left = persons[0, 0] - persons[1:, 0][~floored[1:]].sum(axis=0)
    drawn = persons[floored, 0].sum(axis=0)
    share = np.divide(np.clip(left, 0.0, room), drawn, out=np.zeros_like(drawn), where=drawn > 0)
    return np.where(floored[:, None, None], persons * share, persons)


def _adding_up(persons: np.ndarray, deviations: np.ndarray, of_sexes: np.ndarray | None, together: float) -> np.ndarray:
    """Return the draws of a country and its places, shape (1 + places, 3, draws), moved until places add up to it.

    ``deviations`` are 0 where a place is not moved, ``of_sexes`` the medians of women and men, None where not known.
    """
    totals = persons[:, 0]
    moved, _ = _moved(totals, deviations[:, None], totals[0] - totals[1:].sum(axis=0), together)
    women = persons[:, 1] / np.where(totals > 0, totals, 1.0)
    if of_sexes is not None:
        factors = _of_sexes(of_sexes, np.median(moved, axis=1))
        odds = np.divide(factors[:, 0], factors[:, 1], out=np.ones(len(factors)), where=factors[:, 1] > 0)[:, None]
        women = women * odds / (women * odds + 1 - women)
    women = women * moved
    moved[0], women[0] = moved[1:].sum(axis=0), women[1:].sum(axis=0)
    return np.stack([moved, women, moved - women], axis=1)


def fitted(parts: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return parts scaled in turn until they add up to the sums of rows and columns (proportional fitting).

    Parameters
    ----------
    parts
        Shape (rows, columns), 0 or more.
    rows, columns
        What they are to add up to, shapes (rows, 1) and (columns,).

    Examples
    --------
    >>> fitted(np.ones((2, 2)), np.array([[4.0], [6.0]]), np.array([5.0, 5.0])).round(3).tolist()
    [[2.0, 2.0], [3.0, 3.0]]
    """
    for _ in range(ROUNDS):
        for axis, margin in ((0, columns), (1, rows)):
            sums = parts.sum(axis=axis, keepdims=True)
            parts = parts * np.divide(margin, sums, out=np.ones_like(sums), where=sums > 0)
    return parts


def _families(estimates: pd.DataFrame, covers: Mapping[str, Sequence[str]]) -> Iterator[np.ndarray]:
    """Yield the rows of a country and of its places, of each origin of which all are known.

    Shape (1 + places, 3), the country first, in the order of the sexes; -1 where there is no row.
    """
    median, upper = (estimates[name].to_numpy(dtype=float) for name in ("median", "upper_80"))
    estimated = (median > 0) & np.isfinite(_deviations(estimates))
    known = (estimated | (np.isnan(median) & (upper > 0))) & (estimates["status"] != HELD_BACK).to_numpy()
    ends = [estimates[name].to_numpy(dtype=object) for name in (*CORRIDOR_KEY, "sex")]
    among = np.flatnonzero(
        np.isin(ends[0], [code for country, places in covers.items() for code in (country, *places)])
    )
    row_of = {tuple(end[row] for end in ends): row for row in among.tolist()}
    origins = pd.unique(ends[1][among])
    for country, places in covers.items():
        for origin in origins:
            rows = [[row_of.get((name, origin, sex), -1) for sex in SEXES] for name in (country, *places)]
            totals = np.array(rows)[:, 0]
            if (totals >= 0).all() and known[totals].all() and estimated[totals[0]]:
                yield np.array(rows)


def _deviations(rows: pd.DataFrame) -> np.ndarray:
    """Return the standard deviation of the logarithm of each estimate, from its 80 % interval."""
    lower, upper = (rows[f"{end}_80"].to_numpy(dtype=float) for end in ("lower", "upper"))
    with np.errstate(divide="ignore", invalid="ignore"):
        deviations: np.ndarray = (np.log(upper) - np.log(np.maximum(lower, 0.5))) / (2 * NormalDist().inv_cdf(0.9))
    return deviations


def _moved(
    values: np.ndarray, deviations: np.ndarray, apart: np.ndarray | float, together: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return country and places, the first axis, as they add up, and what is left of each deviation.

    Parameters
    ----------
    values
        Country and places, of one estimate or of several draws.
    deviations
        Standard deviations of the logarithms.
    apart
        By how much the country exceeds its places.
    together
        Correlation of the errors.
    """
    spread = values * deviations
    contrast = np.ones_like(spread)
    contrast[1:] = -1.0
    towards = spread * (together * (spread * contrast).sum(axis=0) + (1 - together) * spread * contrast)
    variance = (towards * contrast).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = values - towards * (apart / variance)
        left = np.sqrt(np.clip(1 - towards**2 / (variance * spread**2), 0.0, 1.0)) * values / moved
        places = values[1:].sum(axis=0)
        country = np.sqrt(values[0] * (values[0] - apart))
        alike = np.concatenate([country[None], values[1:] * ((country + places - values[0] + apart) / places)])
    scaled = ~(moved >= LEAST * values).all(axis=0)
    return np.where(scaled, alike, moved), np.where(scaled, np.nan, left)


def _of_sexes(medians: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return the factors of women and men, shape (1 + places, 2), that fit them to the totals and to the country's."""
    shares = medians / np.maximum(medians.sum(axis=1, keepdims=True), 1e-9)
    scaled = shares * totals[:, None]
    scaled[1:] = fitted(scaled[1:], totals[1:, None], scaled[0])
    factors: np.ndarray = np.divide(scaled, medians, out=np.ones_like(scaled), where=medians > 0)
    return factors


def _applied(estimates: pd.DataFrame, factors: np.ndarray, narrower: np.ndarray, how: np.ndarray) -> pd.DataFrame:
    """Return estimates and their intervals moved by factors, the intervals narrower on the log scale."""
    table, median = estimates.copy(), estimates["median"]
    table["median"] = median * factors
    for level in LEVELS:
        for end in ("lower", "upper"):
            name = f"{end}_{level}"
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.log((estimates[name] / median).to_numpy(dtype=float))
            table[name] = (table["median"] * np.exp(ratio * narrower)).where(how != "", estimates[name])
    notes = [
        "; ".join(filter(None, (note, _NOTE.format(how=words, before=before) if words else "")))
        for note, words, before in zip(estimates["notes"], how, median, strict=True)
    ]
    return table.assign(notes=notes)
