"""The corridor table: audience, last official figure, penetration and benchmark of each corridor, side by side."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from smstock.audience.penetration import penetration
from smstock.corridors.composition import undivided, with_composition
from smstock.corridors.former_states import with_former_states
from smstock.corridors.history import audience_growth, audience_typical, official_history
from smstock.corridors.keys import codes, columns, equal, matches, numbers
from smstock.corridors.own_country import abroad, emptied
from smstock.corridors.reverse import official_reverse
from smstock.tables import CORRIDOR, CORRIDOR_KEY, CORRIDOR_SEX_KEY, check
from smstock.vocabulary.dates import in_order

_AUDIENCE: Final = {"audience": "value", "audience_upper": "upper"}
_TARGET: Final = {"stock": "value", "stock_concept": "concept", "stock_provider": "provider"}
_SAME_CELL: Final = {name: name for name in CORRIDOR_SEX_KEY}
_KINDS: Final = {column.name: column.kind for column in CORRIDOR.columns}
_NO_RATES: Final = pd.DataFrame({"area": [], "sex": [], "rate": []})
NOT_ASKED = "not_asked"
"""Audience status of a corridor that is in the table for its official figures alone."""


def corridors(
    audience: pd.DataFrame,
    stock: pd.DataFrame,
    *,
    target_date: str,
    known_until: str,
    benchmark: bool,
    metric: str = "mau",
    figures: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
    internet: pd.DataFrame | None = None,
    waves: pd.DataFrame | None = None,
    with_unasked: bool = False,
) -> pd.DataFrame:
    """Return the corridor table of one wave.

    Parameters
    ----------
    audience
        Audience table of one wave, every metric and breakdown.
    stock
        Stock table of one provider, edition and accepted set of concepts.
    target_date
        The day to be estimated (ISO). With ``benchmark`` its official figure becomes the ``stock`` to learn from.
    known_until
        Official figures about a later day are not used as ``official_last``.
    benchmark
        Whether the official stock of ``target_date`` is to be matched; otherwise ``stock`` is missing throughout.
    metric
        The metric of ``audience``; daily accounts are a column of their own.
    figures
        Stock table of all ages with every official figure at hand, any provider and corridor, for
        ``official_reverse``; without it those of ``stock``.
    users, population
        For penetration; without them it is missing.
    internet
        Share of persons who use the internet (columns area, sex, rate); without it that is missing.
    waves
        Audience table of every wave, comparable with this one, for ``audience_growth`` and ``audience_typical``;
        without it they are missing.
    with_unasked
        Whether corridors with an official figure but without an audience get a row, of status ``not_asked``.

    Notes
    -----
    Every corridor of the audience table is kept; what it lacks is missing. A country with itself is no corridor: its
    row is empty (`smstock.corridors.own_country`). Columns beyond the contract say what the audience is made of
    (`smstock.corridors.composition`), what comes back (`smstock.corridors.reverse`) and what is counted under a former
    state (`smstock.corridors.former_states`), each where something is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.tables import AUDIENCE, STOCK
    >>> cell = dict.fromkeys(AUDIENCE.names, "") | {"destination": "AUT", "origin": "SRB", "sex": "all"}
    >>> cell |= {"metric": "mau", "wave": "2020-10", "age_min": 18, "age_max": None, "status": "observed"}
    >>> figure = dict.fromkeys(STOCK.names, "") | {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0}
    >>> figure |= {"reference_date": "2020-01-01", "value": 140_000.0, "concept": "birth", "provider": "eurostat"}
    >>> audience = pd.DataFrame([cell | {"value": 90_000.0, "lower": 89_500.0, "upper": 90_500.0}])
    >>> table = corridors(audience, pd.DataFrame([figure]),
    ...     target_date="2020-10-15", known_until="2020-10-15", benchmark=False)
    >>> table[["audience", "official_last", "lag"]].round(2).to_numpy().tolist()
    [[90000.0, 140000.0, 0.79]]
    """
    audience, stock = emptied(audience), abroad(stock)
    history = official_history(stock, target_date=target_date, known_until=known_until)
    rows = undivided(audience[equal(audience, "metric", metric)])
    cells = _with_unasked(rows, history) if with_unasked else _asked(rows)
    cells = _joined(
        cells, history, _SAME_CELL, {str(name): str(name) for name in history if name not in CORRIDOR_SEX_KEY}
    )
    cells["audience_growth"], usual = np.full(len(cells["sex"]), np.nan), None
    if waves is not None and len(rows):
        of_metric = abroad(undivided(waves[equal(waves, "metric", metric)]))
        wave = in_order(audience["wave"].unique())[-1]
        cells["audience_growth"] = audience_growth(pd.DataFrame(cells), of_metric, wave=wave).to_numpy()
        usual = audience_typical(of_metric, wave=wave)
    penetrated = penetration(users, population) if users is not None and population is not None else None
    for name, rates in (("penetration", penetrated), ("internet", internet)):
        of_areas = _NO_RATES if rates is None else rates
        for end in CORRIDOR_KEY:
            cells = _joined(cells, of_areas, {end: "area", "sex": "sex"}, {f"{name}_{end}": "rate"})
    target = stock[equal(stock, "reference_date", target_date)] if benchmark else stock.iloc[:0]
    cells = _joined(cells, target, _SAME_CELL, _TARGET)
    table = with_composition(check(pd.DataFrame(cells), CORRIDOR), audience, metric=metric, usual=usual)
    every = stock if figures is None else figures
    table["official_reverse"] = official_reverse(table, every, known_until=known_until)
    if table["official_reverse"].isna().all():
        table = table.drop(columns="official_reverse")
    until = max(known_until, target_date) if benchmark else known_until
    return with_former_states(table, every, known_until=until, benchmark=benchmark)


def _asked(audience: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the audience of each cell that was asked for."""
    cells = dict(zip(CORRIDOR_SEX_KEY, columns(audience, CORRIDOR_SEX_KEY), strict=True))
    cells |= {name: numbers(audience[column]) for name, column in _AUDIENCE.items()}
    return cells | {"audience_status": audience["status"].to_numpy(dtype=object)}


def _with_unasked(audience: pd.DataFrame, history: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the audience of each cell, and cells that have an official figure alone, in the order of their texts."""
    cells, listed = _asked(audience), columns(history, CORRIDOR_SEX_KEY)
    of_asked, of_listed = codes([cells[name] for name in CORRIDOR_SEX_KEY], listed)
    unasked = ~np.isin(of_listed, of_asked)
    added: dict[str, np.ndarray] = {name: texts[unasked] for name, texts in zip(CORRIDOR_SEX_KEY, listed, strict=True)}
    added |= dict.fromkeys(_AUDIENCE, np.full(unasked.sum(), np.nan))
    added["audience_status"] = np.full(unasked.sum(), NOT_ASKED, dtype=object)
    order = np.argsort(np.concatenate([of_asked, of_listed[unasked]]), kind="stable")
    return {name: np.concatenate([values, added[name]])[order] for name, values in cells.items()}


def _joined(
    cells: dict[str, np.ndarray], table: pd.DataFrame, on: dict[str, str], names: dict[str, str]
) -> dict[str, np.ndarray]:
    """Add columns of the rows that match each cell; a cell with several is repeated, for `check` to refuse.

    Parameters
    ----------
    on, names
        Columns to match and to add, and what ``table`` calls them.
    """
    of_cells, of_table = codes([cells[name] for name in on], columns(table, list(on.values())))
    rows, positions = matches(of_cells, of_table)
    joined = {name: values[rows] for name, values in cells.items()}
    for name, column in names.items():
        if _KINDS[name] == "text":
            joined[name] = np.append(table[column].to_numpy(dtype=object), "")[positions]
        else:
            joined[name] = np.append(numbers(table[column]), np.nan)[positions]
    return joined
