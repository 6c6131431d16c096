"""All that is known of a query's corridors as of a wave: answers and official files, each read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from smstock.errors import TooFewCellsError
from smstock.official.resolver import latest
from smstock.tables import CORRIDOR_KEY, STOCK
from smstock.vocabulary.dates import middle_of_wave
from smstock.vocabulary.dates import wave as days_of
from smstock.vocabulary.places import learn
from smstock.workflows.audiences import audiences
from smstock.workflows.completeness import usable_waves
from smstock.workflows.inputs import (
    chosen_stock,
    in_places,
    inputs_of,
    newest_internet,
    of_all_ages,
    of_groups,
    read_denominators,
    read_internet,
    read_stocks,
)
from smstock.workflows.languages import BY_LANGUAGE, of_query, query_of
from smstock.workflows.months import waves_in
from smstock.workflows.place_areas import by_official
from smstock.workflows.place_notes import require_existing
from smstock.workflows.waves import asked_corridors, origin_basis, read_waves

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.evaluate.archive import Archive
    from smstock.folder import Folder
    from smstock.query.spec import QuerySpec
    from smstock.vocabulary.places import Place
    from smstock.workflows.audiences import Audiences
    from smstock.workflows.calibration_spec import CalibrationSpec

GROWING: Final = 0.8
"""Share of the corridors with an audience and a stock whose audience growth must be known for it to be learnt from:
methods are ranked on the corridors that all of them estimate, which few with a growth would cut to a few."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What calibration, nowcast, back-test and explanation rest on; every file is read when it is first needed.

    Parameters
    ----------
    spec
        Names the official stock, users and population.
    folder
        Where the waves lie.
    query, wave
        The collected audiences; later waves are never looked at. A month of weeks or days is their mean.

    Raises
    ------
    IncompleteError
        From ``lack``: cells of the wave are open, more than its query allows.
    InputError
        From whatever reads a file: the wave was not collected, or a file is damaged or lacks what the spec names.
    ContractError
        From whatever reads a figure: a table breaks its contract, or holds a second concept or edition.
    TooFewCellsError
        From ``benchmark``: the official figures of the target date are 0 in every corridor.
    """

    spec: CalibrationSpec
    folder: Folder
    query: str
    wave: str

    @property
    def date(self) -> str:
        """The day that the wave is about, its middle (ISO)."""
        return middle_of_wave(self.wave)

    @cached_property
    def lack(self) -> str:
        """What the wave lacks, in a sentence; `IncompleteError` where it lacks more than its query allows."""
        return usable_waves(self.folder, self.query, self.wave)[1]

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The collected waves that the wave is made of: itself, or those weeks or days of a month that may be used."""
        if waves_in(self.folder, self.query, self.wave) == [self.wave]:
            return (self.wave,)
        return tuple(usable_waves(self.folder, self.query, self.wave)[0])

    @cached_property
    def audiences(self) -> Audiences:
        """Audiences of the wave, repaired by the earlier waves of the query."""
        return audiences(self.folder, self.query, self.wave, self.spec.metric, self.parts)

    @property
    def origin_basis(self) -> str:
        """What makes an account one of an origin in the audiences of the wave; empty where they do not tell."""
        return origin_basis(self.audiences.audience)

    @cached_property
    def languages(self) -> dict[str, str] | None:
        """Where origins are by language, those of each origin in words, as the query of the wave names them."""
        if self.origin_basis not in BY_LANGUAGE:
            return None
        return {} if self.asked is None else of_query(self.asked)

    @cached_property
    def asked(self) -> QuerySpec | None:
        """The query of the wave, as its journal keeps it; None where no journal is at hand.

        `QueryError` where one of its places does not exist on the day of the wave.
        """
        asked = query_of(self.folder, self.query, self.parts[-1])
        if asked is not None:
            require_existing(asked, self.wave)
        return asked

    @property
    def places(self) -> dict[str, str]:
        """Names of the places that the wave asked, by code."""
        return {} if self.asked is None else {place.code: place.name for place in self.asked.places}

    @property
    def covers(self) -> dict[str, tuple[str, ...]]:
        """Countries that places asked are together the whole of, with the codes of these places."""
        return {} if self.asked is None else dict(self.asked.covers)

    @cached_property
    def stock(self) -> pd.DataFrame:
        """Official figures up to the day of the wave."""
        stock = self._stock(until=self.date)
        return stock[stock["reference_date"] <= self.date].reset_index(drop=True)

    @cached_property
    def corridors(self) -> pd.DataFrame:
        """Corridor table of the wave: one row a corridor and sex, no benchmark in it."""
        return self._corridors(self.stock, day=self.date, known_until=self.date, benchmark=False)

    @cached_property
    def benchmark(self) -> pd.DataFrame:
        """Corridor table to learn from: audiences of the wave beside the official stock of the target date."""
        spec = self.spec
        stock = self._stock(day=spec.target_date)
        table = self._corridors(stock, day=spec.target_date, known_until=spec.known_until, benchmark=True)
        known = table["audience"].notna() & table["stock"].notna() & (table["sex"] == "all")
        learnt_from = known & table["stock"].gt(0)
        if known.any() and not learnt_from.any():
            count = int(known.sum())
            raise TooFewCellsError(
                f"the official figures of {spec.target_date} are 0 in "
                + (f"each of the {count:,} corridors with an audience" if count > 1 else "the only corridor"),
                where=", ".join(map(str, spec.stock)),
                hint="nothing is learnt from no migrants at all: mend the figures, a missing one is an empty field; or "
                "name another target_date",
            )
        growing = table.loc[learnt_from, "audience_growth"].notna().mean() if learnt_from.any() else 0.0
        if self.audiences.waves is not None and growing < GROWING:
            table["audience_growth"] = None
        return table

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Groups table of the wave: accounts and persons by sex and age; empty where the query asks no groups."""
        return self._groups(known_until=self.date)

    @cached_property
    def groups_benchmark(self) -> pd.DataFrame:
        """Groups table to learn from: accounts of the wave beside the composition at the target date."""
        return self._groups(known_until=self.spec.known_until, target_date=self.spec.target_date)

    @cached_property
    def schooling(self) -> pd.DataFrame:
        """Groups table of the wave by education; empty where no official figures by education are named."""
        return self._schooling(self.stock, known_until=self.date)

    @cached_property
    def schooling_benchmark(self) -> pd.DataFrame:
        """Groups table by education to learn from: accounts of the wave beside figures up to the target date."""
        spec = self.spec
        stock = self._stock(day=spec.target_date)
        stock = stock[stock["reference_date"] == spec.target_date]
        return self._schooling(stock, known_until=spec.known_until, target_date=spec.target_date)

    @property
    def official_by_age(self) -> bool:
        """Whether official figures are at hand of several age groups."""
        return len(self._of_groups[["age_min", "age_max"]].drop_duplicates()) > 1

    @cached_property
    def past(self) -> Archive:
        """Official figures up to the target date and audiences over time: what registers are tested on."""
        return self.audiences.series(self._learnable, self.spec.metric)

    @cached_property
    def beside(self) -> pd.DataFrame:
        """Official figures up to the target date of corridors that the wave did not ask for."""
        asked = self.audiences.audience[CORRIDOR_KEY].drop_duplicates()
        stock = self._learnable.merge(asked, how="left", indicator="asked")
        return stock[stock["asked"] == "left_only"].drop(columns="asked").reset_index(drop=True)

    @cached_property
    def series(self) -> Archive:
        """Official figures and audiences over time, up to the day of the wave."""
        return self.audiences.series(self.stock, self.spec.metric)

    def dated(self, lags: Mapping[str, int] | int) -> Archive:
        """Return figures of every date and audiences as collected, to be seen as they were known on past days.

        Weeks and days are averaged by the month, as they are known.

        Parameters
        ----------
        lags
            Months from the day a figure is about to its publication, by provider or for all alike.
        """
        from smstock.evaluate.archive import Archive

        asked_corridors(self.folder, self.query, self.parts[-1], self.spec.metric)
        waves = read_waves(self.folder, self.query, until=self.wave, parts=self.parts)
        stock = self._stock().merge(waves[CORRIDOR_KEY].drop_duplicates())
        users, population = self.denominators
        return Archive(
            official=stock,
            audiences=waves,
            metric=self.spec.metric,
            lags=dict.fromkeys(self._figures["provider"].unique(), lags) if isinstance(lags, int) else lags,
            figures=self._figures,
            users=users,
            population=population,
            as_collected=True,
            averaged=any(days_of(wave).every != "month" for wave in waves["wave"].unique()),
        )

    @cached_property
    def denominators(self) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
        """Users and population, None and None where the spec names none."""
        if self.spec.population is None:
            return None, None
        asked = asked_corridors(self.folder, self.query, self.parts[-1], self.spec.metric)
        areas = {*asked["destination"].unique(), *asked["origin"].unique(), *self._official_areas}
        users, population = read_denominators(self.spec, areas, self.folder.parsed)
        if users is None or population is None:
            return None, None
        return in_places(users, "area", self._official_areas), in_places(population, "area", self._official_areas)

    @cached_property
    def inputs(self) -> dict[str, str]:
        """SHA-256 of everything a calibration depends on, by name."""
        return inputs_of(self.spec, self.folder, self.query, self.wave, self.parts)

    @cached_property
    def _learnable(self) -> pd.DataFrame:
        return self._stock(until=self.spec.target_date)

    @cached_property
    def _stocks(self) -> tuple[pd.DataFrame, ...]:
        areas = self._official_areas  # first: from then on places are known by name
        stocks = read_stocks(self.spec, self.folder.parsed, self._asked_places)
        return tuple(in_places(stock, "destination", areas) for stock in stocks)

    @property
    def _asked_places(self) -> tuple[Place, ...] | None:
        """Places of the query; None where no journal tells them."""
        return None if self.asked is None else self.asked.places

    @cached_property
    def _official_areas(self) -> dict[str, str]:
        """Codes of the places that official figures call otherwise, by what these call them; names are learnt."""
        places = self._asked_places or ()
        learn(places)  # a query that was restored before may have another one's names
        return by_official(places)

    @cached_property
    def _figures(self) -> pd.DataFrame:
        """Every official figure at hand of all ages, whatever provider, edition, concept and corridor, each once."""
        figures = of_all_ages(self._stocks)
        return latest([figures]) if figures.duplicated(list(STOCK.key)).any() else figures

    @cached_property
    def _of_groups(self) -> pd.DataFrame:
        figures = of_groups(self._stocks, self.spec, self.folder.parsed, self._asked_places)
        return in_places(figures, "destination", self._official_areas)

    def _groups(self, *, known_until: str, target_date: str = "") -> pd.DataFrame:
        from smstock.corridors.groups import groups
        from smstock.nowcast.estimate import ages_of

        return groups(
            self.audiences.answers,
            self._of_groups,
            ages=ages_of(self.stock),
            population=self.denominators[1],
            metric=self.spec.metric,
            known_until=known_until,
            target_date=target_date,
        )

    def _schooling(self, stock: pd.DataFrame, *, known_until: str, target_date: str = "") -> pd.DataFrame:
        from smstock.corridors.schooling import schooling
        from smstock.nowcast.estimate import ages_of
        from smstock.workflows.schooling import levels_of, read_education

        totals = stock[stock["sex"] == "all"].sort_values("reference_date", ascending=False, kind="stable")
        education = read_education(self.spec, self.folder.parsed)
        return schooling(
            self.audiences.answers,
            in_places(education, "area", self._official_areas),
            self._of_groups,
            totals,
            ages=ages_of(self.stock),
            levels=levels_of(self.asked),
            metric=self.spec.metric,
            known_until=known_until,
            target_date=target_date,
        )

    @cached_property
    def _internet(self) -> pd.DataFrame | None:
        return read_internet(self.spec, self.folder.parsed)

    def _stock(self, *, day: str = "", until: str = "") -> pd.DataFrame:
        from smstock.corridors.own_country import abroad

        return abroad(chosen_stock(self._stocks, self.spec, day=day, until=until))

    def _corridors(self, stock: pd.DataFrame, *, day: str, known_until: str, benchmark: bool) -> pd.DataFrame:
        from smstock.corridors.table import corridors

        users, population = self.denominators
        return corridors(
            self.audiences.answers,
            stock,
            target_date=day,
            known_until=known_until,
            benchmark=benchmark,
            metric=self.spec.metric,
            figures=self._figures,
            users=users,
            population=population,
            internet=newest_internet(self._internet, self.spec, until=day),
            waves=self.audiences.waves,
        )
