"""What was known on a day: official figures that were out by then, audiences that had been asked for.

A figure of a statistical office is published long after the day it is about. A test that lets a method see it earlier
measures something nobody could have done. Later revisions are not undone: figures are those of the edition at hand.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.audience.month import by_month
from smstock.audience.repair import repair
from smstock.corridors.table import corridors
from smstock.corridors.vintage import Vintage
from smstock.errors import InputError
from smstock.tables import CORRIDOR_SEX_KEY
from smstock.vocabulary.dates import in_order, middle_of_wave, years_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


PUBLICATION_LAGS: Final[Mapping[str, int]] = {"eurostat": 15, "undesa": 7, "worldbank": 7, "oecd": 24, "census": 15}
"""Months from the day a figure is about to its publication, by provider; on the safe side.

eurostat
    Regulation (EC) No 862/2007, Article 3: supplied within 12 months of the end of the year that 1 January follows. A
    file of `demo_poppcctb` updated on 13 March 2025 ends with 1 January 2024: 14.4 months.
undesa
    Documentation of the editions is dated August 2019 and December 2020, for mid-2019 and mid-2020: up to 6 months,
    and one on the safe side.
    Editions came every two to five years, so a figure in between was out later than this says.
worldbank
    Restates UN DESA.
oecd, census
    Assumed; no page that says it was read. The one-year American Community Survey is out in September of the next year.
"""
FEWEST_WAVES: Final = 2
"""Glitches and breaks show against other waves."""
NEAR: Final = 1.0
"""Years that a wave may lie from the target date to be its audience."""


def months_later(day: str, months: int) -> str:
    """Return the day so many months later (earlier if negative), at most the last day of that month.

    Examples
    --------
    >>> months_later("2018-01-31", 1), months_later("2018-01-01", -15)
    ('2018-02-28', '2016-10-01')
    """
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).isoformat()


def known_official(stock: pd.DataFrame, cutoff: str, lags: Mapping[str, int] = PUBLICATION_LAGS) -> pd.DataFrame:
    """Return the figures of a stock table that were published by the cutoff.

    Raises
    ------
    InputError
        A provider without a publication lag.

    Examples
    --------
    >>> import pandas as pd
    >>> stock = pd.DataFrame({"provider": "eurostat", "reference_date": ["2016-01-01", "2017-01-01"]})
    >>> known_official(stock, "2018-03-31")["reference_date"].tolist()
    ['2016-01-01']
    >>> known_official(stock, "2018-04-01")["reference_date"].tolist()
    ['2016-01-01', '2017-01-01']
    """
    newest = {name: months_later(cutoff, -lag_of(name, lags)) for name in stock["provider"].unique()}
    return stock[stock["reference_date"] <= stock["provider"].map(newest)]


def lag_of(provider: str, lags: Mapping[str, int] = PUBLICATION_LAGS) -> int:
    """Return the publication lag of a provider in months; raise `InputError` if it is not known.

    Examples
    --------
    >>> lag_of("eurostat")
    15
    """
    if provider not in lags:
        raise InputError(
            f"it is not known how long after their date figures of {provider!r} are published",
            allowed=", ".join(lags),
            hint="say so in months: `smstock backtest --lag 12`",
        )
    return lags[provider]


def known_audiences(audiences: pd.DataFrame, cutoff: str) -> pd.DataFrame:
    """Return the waves of an audience table that were complete by the cutoff.

    A wave is dated by its last answer, and by its middle day where no answer is dated.

    Examples
    --------
    >>> import pandas as pd
    >>> waves = pd.DataFrame({"wave": ["2018-05", "2018-06", "2018-06"], "asked_at": ["", "2018-06-30T23:00:00Z", ""]})
    >>> known_audiences(waves, "2018-06-15")["wave"].tolist()
    ['2018-05']
    """
    complete = audiences.groupby("wave")["asked_at"].max().str[:10]
    known = [wave for wave, day in complete.items() if (day or middle_of_wave(str(wave))) <= cutoff]
    return audiences[audiences["wave"].isin(known)]


@dataclass(frozen=True)
class Archive:
    """All that a back-test may draw on; a vintage is the part of it that was known on a day.

    Attributes
    ----------
    official
        Stock table, one or more providers, one accepted set of concepts and one age group.
    audiences
        Audience table, any number of waves and metrics.
    provider
        Whose figures are estimated; those of others reach only methods that read `Vintage.official`. Empty: whosever
        figure a corridor has, one a date.
    metric
        Metric of the corridors' audience.
    lags
        Months from the day a figure is about to its publication, by provider.
    figures
        Every official figure at hand, any provider, edition and corridor, all ages; None: those of ``official``.
    users, population
        For penetration, as far as asked for and dated by a cutoff; without them it is missing.
    as_collected
        Whether the audiences are as the platform showed them: then they are repaired by the waves known at each cutoff
        (`smstock.audience.repair`), never by later ones.
    averaged
        Whether the waves known of a month are averaged, as estimates of a month are (`smstock.audience.month`).
    """

    official: pd.DataFrame
    audiences: pd.DataFrame
    provider: str = ""
    metric: str = "mau"
    lags: Mapping[str, int] = field(default_factory=lambda: dict(PUBLICATION_LAGS))
    figures: pd.DataFrame | None = None
    users: pd.DataFrame | None = None
    population: pd.DataFrame | None = None
    as_collected: bool = False
    averaged: bool = False

    def audiences_at(self, cutoff: str) -> pd.DataFrame:
        """Return the audiences of the waves that were complete by a cutoff, comparable with the newest of them."""
        known = known_audiences(self.audiences, cutoff)
        waves = tuple(in_order(known["wave"].unique()))
        repairs = self.as_collected and len(waves) >= FEWEST_WAVES
        if not waves or not (repairs or self.averaged):
            return known
        if waves not in self._repaired:
            repaired = repair(known).chained if repairs else known
            self._repaired[waves] = by_month(repaired) if self.averaged else repaired
        return self._repaired[waves]

    def keep(self, cutoff: str, audiences: pd.DataFrame) -> None:
        """Keep `audiences_at` of a cutoff that was made elsewhere, such as by a worker."""
        self._repaired[tuple(in_order(known_audiences(self.audiences, cutoff)["wave"].unique()))] = audiences

    @cached_property
    def _repaired(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """Audiences made so far, by the waves known: a stand, a vintage and further cutoffs read the same."""
        return {}

    @property
    def own(self) -> pd.DataFrame:
        """The figures that are estimated: the provider's, both sexes together."""
        both_sexes = self.official[self.official["sex"] == "all"]
        return both_sexes[both_sexes["provider"] == self.provider] if self.provider else both_sexes


def stand(evidence: Archive, *, cutoff: str, target_date: str) -> pd.DataFrame:
    """Return the corridor table of a target date as it stood at a cutoff, totals of both sexes.

    Its audience is the wave nearest the target date (of two, the later), within a year. ``stock`` is what the official
    figures say of the target date, however late: it is there to score, and to learn from once it was out. Two columns
    are added: ``target_date``, and ``published``, the day by which that figure was out (empty: there is none).

    Examples
    --------
    >>> from smstock.tables import AUDIENCE, STOCK
    >>> figure = dict.fromkeys(STOCK.names, "") | {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0}
    >>> figure |= {"concept": "birth", "provider": "eurostat"}
    >>> dated = [("2017-01-01", 90.0), ("2018-01-01", 99.0)]
    >>> official = pd.DataFrame([figure | {"reference_date": day, "value": value} for day, value in dated])
    >>> evidence = Archive(official, audiences=pd.DataFrame(columns=AUDIENCE.names), provider="eurostat")
    >>> table = stand(evidence, cutoff="2018-06-01", target_date="2018-01-01")
    >>> table[["official_last", "stock", "published"]].to_numpy().tolist()
    [[90.0, 99.0, '2019-04-01']]
    """
    audiences = evidence.audiences_at(cutoff)
    of_metric = audiences[audiences["metric"] == evidence.metric]
    distances = {
        wave: abs(years_between(target_date, middle_of_wave(wave))) for wave in in_order(of_metric["wave"].unique())
    }
    wave = min(reversed(distances), key=lambda name: distances[name], default="")
    table = corridors(
        audiences[audiences["wave"] == wave] if wave and distances[wave] <= NEAR else audiences.iloc[:0],
        known_official(evidence.own, cutoff, evidence.lags),
        target_date=target_date,
        known_until=cutoff,
        benchmark=False,
        metric=evidence.metric,
        figures=None if evidence.figures is None else known_official(evidence.figures, cutoff, evidence.lags),
        users=_until(evidence.users, "asked_at", cutoff),
        population=_until(evidence.population, "reference_date", cutoff),
        waves=audiences,
        with_unasked=True,
    )
    table = table[table["sex"] == "all"].reset_index(drop=True)
    truth = evidence.own[(evidence.own["reference_date"] == target_date) & evidence.own["value"].notna()]
    publication = {name: months_later(target_date, lag_of(name, evidence.lags)) for name in truth["provider"].unique()}
    truth = truth[CORRIDOR_SEX_KEY].assign(stock=truth["value"], published=truth["provider"].map(publication))
    table = table.drop(columns="stock").merge(
        truth.drop_duplicates(CORRIDOR_SEX_KEY, keep="last"), on=CORRIDOR_SEX_KEY, how="left"
    )
    table["published"] = table["published"].fillna("")
    return table.assign(target_date=target_date)


def _until(table: pd.DataFrame | None, column: str, cutoff: str) -> pd.DataFrame | None:
    """Return the rows dated no later than the cutoff, None if there are none."""
    if table is None:
        return None
    known = table[table[column].str[:10] <= cutoff]
    return known if len(known) else None


def vintage(evidence: Archive, stands: Sequence[pd.DataFrame], *, cutoff: str, target_date: str) -> Vintage:
    """Return what was known at a cutoff about the stocks of a target date.

    Parameters
    ----------
    evidence
        What there is by now.
    stands
        `stand` of this target date and of others, all with the same time from target date to cutoff. Rows of earlier
        dates whose figure was out by the cutoff become ``past``; later dates are not used.
    cutoff, target_date
        ISO days.

    Examples
    --------
    >>> official = pd.DataFrame({"provider": "eurostat", "reference_date": ["2016-01-01", "2018-01-01"]})
    >>> evidence = Archive(official, audiences=pd.DataFrame({"wave": ["2018-01"], "asked_at": [""]}))
    >>> rows = [("2016-01-01", "2017-04-01", 90.0), ("2018-01-01", "2019-04-01", 99.0)]
    >>> stands = [pd.DataFrame([row], columns=["target_date", "published", "stock"]) for row in rows]
    >>> known = vintage(evidence, stands, cutoff="2018-06-01", target_date="2018-01-01")
    >>> known.past["stock"].tolist(), known.corridors["stock"].tolist(), known.official["reference_date"].tolist()
    ([90.0], [nan], ['2016-01-01'])
    """
    table = pd.concat(stands, ignore_index=True)
    published = (table["published"] != "") & (table["published"] <= cutoff)
    of_target = table[table["target_date"] == target_date].reset_index(drop=True)
    return Vintage(
        cutoff=cutoff,
        target_date=target_date,
        corridors=of_target.drop(columns=["published", "target_date"]).assign(stock=float("nan")),
        past=table[published & (table["target_date"] < target_date)].drop(columns="published").reset_index(drop=True),
        official=known_official(evidence.official, cutoff, evidence.lags).reset_index(drop=True),
        audiences=evidence.audiences_at(cutoff).reset_index(drop=True),
    )
