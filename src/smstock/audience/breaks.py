"""Breaks: waves from which a platform counts an origin, or everybody, otherwise; found, estimated, chain-linked.

A month-to-month step that the destinations of an origin share is an event of the platform, not migration. In March and
April 2019 Meta redefined "lived in": audiences between countries of the European Union fell to 0.506 of what they were
(median of 246 corridors).

The factor of a corridor comes from the effects of its origin, destination and size (`smstock.audience.effects`), never
from its own ratio alone, which would take the change of the stock out with the change of the definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.audience.effects import fit_effects
from smstock.audience.eras import LINK, series_numbers
from smstock.errors import TooFewCellsError
from smstock.vocabulary.dates import in_order, is_before, middle_of_wave, years_between
from smstock.vocabulary.facets import NO_ORIGIN
from smstock.vocabulary.status import OBSERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.audience.effects import Effects

SMALLEST: Final = 0.075
"""Smallest break that is told from drift, as a logarithm: the steps of -0.061 of April, May and June 2019 are drift."""

DRIFT: Final = 0.1
"""Common growth that counts as drift, as a logarithm a year."""

FEWEST: Final = 8
"""Fewest corridors in which a common step is looked for, or from which one is estimated."""

REACH: Final = 3
"""Waves on either side of a break among which a corridor's value is looked for."""

_LEAST_SD: Final = 0.03
"""Rounding and noise of a step: steps of exactly 0 in most corridors must not make the rest significant."""


def find_breaks(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the breaks of an audience table: a row for each wave and scope that moved together.

    Steps are taken between neighbouring waves, in corridors observed in both. A scope is all corridors, or those of an
    origin, less the common step. It has a break where three things hold: its median step exceeds :data:`SMALLEST` +
    :data:`DRIFT` x years by three standard errors; three quarters of its corridors move the same way; at least half of
    the step shows also against one wave earlier and one wave later. A step in the newest wave looks the same as an
    error of that wave.

    Parameters
    ----------
    audience
        Audience table (`smstock.tables.AUDIENCE`) of several waves; only observed values of corridors are used.

    Returns
    -------
    pandas.DataFrame
        platform, metric, wave (first of the new regime), origin (empty: all corridors), factor (median after over
        before; for an origin, beyond all corridors), corridors. Sorted.

    Notes
    -----
    On eleven real dates of 2016 to 2019 (702 corridors of the European Union) April 2019 is found and nothing else. In
    150 simulated panels of eight months, breaks of factor 0.5 to 0.9 are found in 99 %, with false alarms in 0.1 % of
    the other waves; 99 and 0.3 % where all corridors drift as they did between the real dates, and 92 % of the breaks
    of 0.85 to 0.9 (``python -m benchmarks audience``). Between waves far apart a break hides in what is allowed for
    growth.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.audience.eras import SERIES
    >>> cell = dict.fromkeys(SERIES, "") | {"platform": "meta", "metric": "mau", "status": "observed"}
    >>> table = pd.DataFrame([cell | {"origin": "POL", "destination": area, "wave": wave, "value": value}
    ...     for area in ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD")
    ...     for wave, value in [("2019-02", 9000.0), ("2019-03", 9100.0), ("2019-04", 4500.0), ("2019-05", 4400.0)]])
    >>> find_breaks(table)[["wave", "origin", "factor"]].round(2).values.tolist()
    [['2019-04', '', 0.49]]
    """
    rows = []
    for (platform, metric), panel in _panels(audience):
        for wave, origin, step, corridors in _steps(panel):
            rows.append((platform, metric, wave, origin, step, corridors))
    breaks = pd.DataFrame(rows, columns=["platform", "metric", "wave", "origin", "factor", "corridors"])
    return breaks.sort_values(["platform", "metric", "wave", "origin"], ignore_index=True)


def _panels(audience: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Yield, by platform and metric, logarithms of observed audiences: (origin, destination) by wave.

    A corridor is represented by its series with the most observations, the largest of these: the least rounded one.
    """
    corridors = audience[~audience["origin"].isin(NO_ORIGIN)]
    for key, rows in corridors.groupby(["platform", "metric"]):
        waves = in_order(rows["wave"].unique())
        observed = rows.assign(series=series_numbers(rows))[(rows["status"] == OBSERVED) & (rows["value"] > 0)]
        logs = observed.assign(log=np.log(observed["value"].astype("float64")))
        wide = logs.pivot_table(values="log", index=["origin", "destination", "series"], columns="wave")
        wide = wide.reindex(columns=waves)
        order = wide.notna().sum(axis=1).to_frame("count").assign(size=wide.median(axis=1))
        wide = wide.loc[order.sort_values(["count", "size"], ascending=False).index].droplevel("series")
        yield (str(key[0]), str(key[1])), wide[~wide.index.duplicated()].sort_index()


def _steps(panel: pd.DataFrame) -> Iterator[tuple[str, str, float, int]]:
    """Yield wave, origin, factor and corridors of every break of a panel."""
    waves = list(panel.columns)
    for place in range(1, len(waves)):
        before, after = panel[waves[place - 1]], panel[waves[place]]
        moved = (after - before).dropna()
        # The same step must show from one wave further back, and to one further on, where there is one.
        comparisons = [after - panel[wave] for wave in waves[:place][-2:-1]]
        comparisons += [panel[wave] - before for wave in waves[place + 1 : place + 2]]
        allowed = SMALLEST + DRIFT * years_between(middle_of_wave(waves[place - 1]), middle_of_wave(waves[place]))
        common = moved.median() if _jumps(moved, comparisons, allowed) else 0.0
        if common:
            yield waves[place], "", float(np.exp(common)), len(moved)
        for origin, of_origin in moved.groupby(level="origin"):
            beyond = of_origin - common
            confirming = [steps[steps.index.isin([origin], level="origin")] - common for steps in comparisons]
            # An origin that moves with all others, only more or less so, is part of the common break.
            if _jumps(beyond, confirming, max(allowed, abs(common))):
                yield waves[place], str(origin), float(np.exp(beyond.median())), len(of_origin)


def _jumps(moved: pd.Series, comparisons: list[pd.Series], allowed: float) -> bool:
    """Whether steps jump together, and half of the jump or more shows in the other comparisons of enough corridors."""
    if len(moved) < FEWEST:
        return False
    middle = moved.median()
    spread = max(1.4826 * (moved - middle).abs().median(), _LEAST_SD)
    together = (moved * middle > 0).mean() >= 0.75
    beyond = abs(middle) > allowed + 3 * 1.2533 * spread / len(moved) ** 0.5
    comparable = [steps.dropna() for steps in comparisons if steps.count() >= FEWEST]
    return bool(together and beyond and all(steps.median() * middle > middle**2 / 2 for steps in comparable))


@dataclass(frozen=True, eq=False)
class BreakFit:
    """A break as estimated.

    Parameters
    ----------
    wave
        First wave of the new regime.
    corridors
        Corridors it rests on.
    effects
        What it is made of, as logarithms.
    links
        Table of links (columns `LINK` of `smstock.audience.eras`), a row for each corridor of the audience table.
    """

    wave: str
    corridors: int
    effects: Effects
    links: pd.DataFrame


def estimate_break(audience: pd.DataFrame, wave: str, *, platform: str = "meta", metric: str = "mau") -> BreakFit:
    """Return the effects of a break at a wave, and the factor of every corridor of the table.

    A corridor's step is that between its last value of the :data:`REACH` waves before the break and its first value of
    as many from the break on; both are brought to the break along the common drift of their side. The standard
    deviation of a link contains the spread of corridors around the fit and the uncertainty of the fit; for an unseen
    origin or destination, the spread of their effects too.

    Raises
    ------
    TooFewCellsError
        Fewer than :data:`FEWEST` corridors are observed on both sides.

    Notes
    -----
    March to April 2019, 246 corridors above the floor in both months, half of all corridors seen and the others scored:
    residual standard deviation 0.067 (mean of 40 draws, 0.056 to 0.077), where one common factor leaves 0.127; 86 and
    97 % lie within the 80 and 95 % intervals that ``link_sd`` gives (``python -m benchmarks audience``).

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.audience.eras import SERIES
    >>> cell = dict.fromkeys(SERIES, "") | {"platform": "meta", "metric": "mau", "status": "observed"}
    >>> table = pd.DataFrame([cell | {"origin": "POL", "destination": area, "wave": wave, "value": value}
    ...     for area in ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD")
    ...     for wave, value in [("2019-03", 9000.0), ("2019-04", 4500.0)]])
    >>> estimate_break(table, "2019-04").links["factor"].round(3).unique().tolist()
    [0.5]
    """
    rows = audience[(audience["platform"] == platform) & (audience["metric"] == metric) & (audience["origin"] != "")]
    corridors = pd.MultiIndex.from_frame(rows[["origin", "destination"]].drop_duplicates()).sort_values()
    panel = next((panel for _, panel in _panels(rows)), pd.DataFrame()).reindex(corridors)
    steps, size = _steps_over(panel, wave)
    observed = steps.notna().sum()
    if observed < FEWEST:
        raise TooFewCellsError(
            f"{observed} corridors are observed before and after {wave}",
            where=f"{platform} {metric}",
            allowed=f"{FEWEST} or more",
            hint="take more waves into the audience table",
        )
    effects = fit_effects(steps, size)
    links = corridors.to_frame(index=False).assign(
        platform=platform,
        metric=metric,
        wave=wave,
        factor=np.exp(effects.fitted.to_numpy()),
        link_sd=effects.sd.to_numpy(),
    )
    return BreakFit(wave, int(observed), effects, links[list(LINK)])


def break_links(audience: pd.DataFrame, breaks: pd.DataFrame) -> pd.DataFrame:
    """Return the links of all breaks of a table: columns platform, metric, wave, destination, origin, factor, link_sd.

    A break of all corridors links every corridor; one of an origin only that origin's, and rests on these alone.
    ``link_sd`` is the standard deviation of the logarithm of ``factor``.

    Parameters
    ----------
    audience
        Audience table, glitches taken out.
    breaks
        What `find_breaks` returned, or a table of known breaks with its columns platform, metric, wave, origin.

    Raises
    ------
    TooFewCellsError
        As in `estimate_break`.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.audience.eras import SERIES
    >>> cell = dict.fromkeys(SERIES, "") | {"platform": "meta", "metric": "mau", "status": "observed"}
    >>> table = pd.DataFrame([cell | {"origin": "POL", "destination": area, "wave": wave, "value": value}
    ...     for area in ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD")
    ...     for wave, value in [("2019-02", 9000.0), ("2019-03", 9000.0), ("2019-04", 4500.0)]])
    >>> break_links(table, find_breaks(table))[["wave", "destination", "factor"]].round(3).head(2).values.tolist()
    [['2019-04', 'AUT', 0.5], ['2019-04', 'BEL', 0.5]]
    """
    columns = ["platform", "metric", "wave", "origin"]
    named = [tuple(map(str, row)) for row in breaks[columns].itertuples(index=False)]
    links = [pd.DataFrame(columns=list(LINK))]
    for platform, metric, wave, origin in named:
        if origin and (platform, metric, wave, "") in named:
            continue
        rows = audience[audience["origin"] == origin] if origin else audience
        links.append(estimate_break(rows, wave, platform=platform, metric=metric).links)
    return pd.concat(links[1:] or links, ignore_index=True)


def chain_link(audience: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Return the table on the scale of its last regime: everything before a link is multiplied by its factor.

    ``value``, ``lower`` and ``upper`` are multiplied, so that a floor of 1,000 before a factor of 0.5 says "fewer than
    500"; statuses stay. Two columns are added: ``link_factor``, the product of the factors (1 where there is no link;
    dividing by it gives the numbers as shown), and ``link_sd``, the standard deviation of its logarithm. The same error
    is in all waves before a link: it is an error of their level against the waves after, not of their changes.

    Rows without a link are left as they are; a break links no row without an origin.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"platform": "meta", "metric": "mau", "wave": ["2019-03", "2019-04"], "destination": "DEU",
    ...     "origin": "POL", "value": [610e3, 310e3], "lower": [605e3, 305e3], "upper": [615e3, 315e3]})
    >>> links = table[["platform", "metric", "destination", "origin"]].head(1).assign(
    ...     wave="2019-04", factor=0.51, link_sd=0.06)
    >>> chain_link(table, links)[["wave", "value", "link_factor", "link_sd"]].values.tolist()
    [['2019-03', 311100.0, 0.51, 0.06], ['2019-04', 310000.0, 1.0, 0.0]]
    """
    linked = audience.assign(link_factor=1.0, link_sd=0.0)
    variance = np.zeros(len(audience))
    corridor = ["platform", "metric", "destination", "origin"]
    turn = links.groupby([*corridor, "wave"]).cumcount()  # an era and a break may begin in the same wave
    waves = audience["wave"].unique()
    for (wave, _), at_wave in links.groupby(["wave", turn]):
        before = [name for name in waves if is_before(name, str(wave))]
        link_of_row = audience[[*corridor, "wave"]].merge(
            at_wave[[*corridor, "factor", "link_sd"]], on=corridor, how="left"
        )
        earlier = link_of_row["wave"].isin(before) & link_of_row["factor"].notna()
        linked["link_factor"] *= np.where(earlier, link_of_row["factor"].astype("float64"), 1.0)
        variance += np.where(earlier, link_of_row["link_sd"].astype("float64") ** 2, 0.0)
    numbers = ["value", "lower", "upper"]
    linked[numbers] = audience[numbers].astype("float64").mul(linked["link_factor"], axis=0)
    return linked.assign(link_sd=np.sqrt(variance))


def _steps_over(panel: pd.DataFrame, wave: str) -> tuple[pd.Series, pd.Series]:
    """Return steps over a break, and centred sizes; a corridor without a value before has the smallest size."""
    before = panel[[column for column in panel.columns if is_before(column, wave)][-REACH:]]
    after = panel[[column for column in panel.columns if not is_before(column, wave)][:REACH]]
    if before.empty or after.empty:
        return 2 * (pd.Series(float("nan"), panel.index),)
    # Nearest to the break last, so that the last value of a row is the one to take.
    ends = [_nearest(side) for side in (before, after[after.columns[::-1]])]
    size = ends[0].fillna(ends[0].min())
    return ends[1] - ends[0], size - ends[0].mean()


def _nearest(side: pd.DataFrame) -> pd.Series:
    """Return the value of the column nearest to the break (the last), others moved to it by the median step."""
    drift = side.diff(axis=1).median().fillna(0)
    moved = side + (drift.sum() - drift.cumsum())
    return moved.ffill(axis=1).iloc[:, -1]
