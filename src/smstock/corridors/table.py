"""The corridor table: audience, last official figure, penetration and benchmark of each corridor, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.audience.penetration import penetration
from smstock.corridors.composition import undivided, with_composition
from smstock.corridors.history import audience_growth, audience_typical, official_history
from smstock.corridors.reverse import official_reverse
from smstock.tables import CORRIDOR, CORRIDOR_SEX_KEY, check

if TYPE_CHECKING:
    import pandas as pd

_AUDIENCE = {"value": "audience", "upper": "audience_upper", "status": "audience_status"}
_TARGET = {"value": "stock", "concept": "stock_concept", "provider": "stock_provider"}
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
    Every corridor of the audience table is kept; what it lacks is missing. Columns beyond the contract say what the
    audience is made of (`smstock.corridors.composition`) and what comes back (`smstock.corridors.reverse`), each where
    something is known.

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
    history = official_history(stock, target_date=target_date, known_until=known_until)
    rows = undivided(audience[audience["metric"] == metric])[[*CORRIDOR_SEX_KEY, *_AUDIENCE]].rename(columns=_AUDIENCE)
    table = rows.merge(history, on=CORRIDOR_SEX_KEY, how="outer" if with_unasked else "left")
    for name in ("official_last_date", "official_concept", "official_provider"):
        table[name] = table[name].fillna("")
    table["audience_status"] = table["audience_status"].fillna(NOT_ASKED)
    table["audience_growth"] = None
    usual = None
    if waves is not None and len(rows):
        of_metric, wave = undivided(waves[waves["metric"] == metric]), audience["wave"].max()
        table["audience_growth"] = audience_growth(table, of_metric, wave=wave)
        usual = audience_typical(of_metric, wave=wave)
    target = stock[stock["reference_date"] == target_date][[*CORRIDOR_SEX_KEY, *_TARGET]].rename(columns=_TARGET)
    table = table.merge(target if benchmark else target.iloc[:0], on=CORRIDOR_SEX_KEY, how="left")
    penetrated = penetration(users, population) if users is not None and population is not None else None
    table = _with_rates(table, penetrated, "penetration")
    table = with_composition(
        check(_with_rates(table, internet, "internet"), CORRIDOR), audience, metric=metric, usual=usual
    )
    reverse = official_reverse(table, stock if figures is None else figures, known_until=known_until)
    return table.join(reverse) if reverse.notna().any() else table


def _with_rates(table: pd.DataFrame, rates: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """Add the rates of both ends of each corridor, of its sex; missing where there are none."""
    for end in ("destination", "origin"):
        if rates is None:
            table[f"{name}_{end}"] = None
        else:
            of_end = rates[["area", "sex", "rate"]].rename(columns={"area": end, "rate": f"{name}_{end}"})
            table = table.merge(of_end, on=[end, "sex"], how="left")
    return table
