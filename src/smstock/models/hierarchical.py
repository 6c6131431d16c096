"""The level model: how a stock follows from an audience, with effects of origin and destination shrunk as they deserve.

::

    log S = a + b x + c' k + (u_o + v_o x) + (u_d + v_d x) + w_n + t_on + h' q + e        x = log A - mean
    u_o ~ N(0, s_1^2)   u_d ~ N(0, s_2^2)   v_o ~ N(0, s_3^2)   v_d ~ N(0, s_4^2)   c ~ N(0, s_5^2)
    h ~ N(0, s_6^2)   w_n ~ N(0, s_7^2)   t_on ~ N(0, s_8^2)   e ~ Student(4), smaller for larger corridors

S stock, A audience, k standardized covariates (`smstock.corridors.covariates`), o origin, d destination, q 1 for a
rarer concept or provider of the stock than the commonest (`smstock.models.offsets`). An unknown origin or destination
has the effect 0, the middle of its kind. The elasticity b is learnt beside a prior N(1, 0.5^2), so that few corridors
leave a constant ratio (in the update N(0, 0.5^2): the last figure, carried forward), and so are all variances
(`smstock.models.mixed`). The stock of a corridor with an audience below the floor is used all the same: the fit takes
the expectation of its audience (`smstock.models.censored`). `HierarchicalUpdate` is the same model of
log(S / last) with x = log(A / last): the last official figure is one more measurement, whose weight is 1 - b. There
the slopes of both ends act on max(x, 0), on accounts beyond the figure. An audience below it says how few have an
account as much as how few live there: a slope learnt where stocks grew is not extrapolated into a fall.

A country n has effects of its own where several destinations are of it, itself or places, and others are not: w_n, and
t_on for each origin there. So a place is drawn to its country, and a corridor of it to its origin in that country.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import numpy as np
import pandas as pd

from smstock.corridors.covariates import GRAVITY, LABEL, columns_of
from smstock.models.base import Method
from smstock.models.censored import expected
from smstock.models.design import Design
from smstock.models.mixed import VAGUE, Regression, learn, without
from smstock.models.offsets import OF_LAST, OF_STOCK, kinds, marks, with_labels_of_last
from smstock.models.readings import ENDS, Readings

if TYPE_CHECKING:
    from smstock.models.mixed import Fit

TYPICAL: Final = "typical corridor"
"""The part of a prediction that rests on the audience alone."""
ELASTICITY_SD: Final = 0.5
"""Standard deviation of the prior of the elasticity."""
LEAST_SHARED: Final = 1.5
"""Fewest corridors an origin (a destination) has on average, for origins (destinations) to have effects."""


@dataclass(frozen=True)
class Hierarchical(Method):
    """Audience to stock, effects of origin and destination shrunk by learnt variances.

    The prediction counts whom ``stock_concept`` names and is on the scale of ``stock_provider``; where the table does
    not say, or names what was not fitted, it is one of the commonest concept and provider of the stocks fitted.

    Class attributes
    ----------------
    known
        Covariates that are looked for.
    floors
        Whether corridors below the floor are learnt from. None of them is predicted.
    labels
        Columns whose values have offsets.
    unearned
        Prior mean of the elasticity: 1 is a constant ratio of persons to accounts, 0 carries the last figure forward.
    bounded
        Whether a covariate outside the range that it was fitted at counts as the nearest value inside.

    Parameters
    ----------
    middle, intercept, slope
        Mean log audience of the fitted corridors, a and b.
    covariates
        Coefficient, mean, standard deviation, least and largest value of each covariate (logarithms).
    origins, destinations
        Intercept u and slope v of each.
    countries, origins_there
        Effects w of each country of several destinations, and t of each origin in one (``origin:country``).
    offsets
        Logarithm h for each concept and provider (``column:value``) but the commonest.
    scales
        Residual scale, standard deviations of the blocks (origins, destinations, their slopes, covariates, offsets,
        countries, origins in these), taper. Last blocks that are empty have none.
    size
        Mean log size of the fitted corridors: where the residual scale is that of ``scales``.
    lag
        Median age in years of the last official figure, where the method uses one.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> pairs = pd.DataFrame([(d, o) for d in ("AUT", "BEL", "CHE", "DEU") for o in ("POL", "ROU", "SRB")])
    >>> corridors = pairs.set_axis(["destination", "origin"], axis=1).assign(audience=np.exp(rng.normal(9, 1, 12)))
    >>> corridors["stock"] = 5 * corridors["audience"] ** 0.9
    >>> method = Hierarchical.fit(corridors)
    >>> round(method.slope, 1), round(float(method.predict(corridors.assign(audience=1e4))[0] / 1e4), 1)
    (0.9, 2.0)
    """

    name: ClassVar = "hierarchical"
    needs: ClassVar[tuple[str, ...]] = ("audience",)
    uses: ClassVar[tuple[str, ...]] = (*columns_of(LABEL), "audience_upper", *OF_STOCK)
    source: ClassVar = "smstock"
    libraries: ClassVar = ("numpy", "pandas", "scipy")
    fewest: ClassVar = 10
    nests: ClassVar = True
    heavy_tailed: ClassVar = True
    known: ClassVar[tuple[str, ...]] = LABEL
    floors: ClassVar[bool] = True
    labels: ClassVar[tuple[str, ...]] = OF_STOCK
    unearned: ClassVar[float] = 1.0
    bounded: ClassVar[bool] = False

    middle: float = 0.0
    intercept: float = 0.0
    slope: float = 1.0
    covariates: dict[str, list[float]] = field(default_factory=dict)
    origins: dict[str, list[float]] = field(default_factory=dict)
    destinations: dict[str, list[float]] = field(default_factory=dict)
    countries: dict[str, float] = field(default_factory=dict)
    origins_there: dict[str, float] = field(default_factory=dict)
    offsets: dict[str, float] = field(default_factory=dict)
    scales: list[float] = field(default_factory=list)
    size: float = 0.0
    lag: float = 0.0

    @classmethod
    def fit(cls, corridors: pd.DataFrame) -> Self:
        """Return the method fitted on corridors whose ``stock`` is known, those with an audience below the floor too.

        Raises
        ------
        TooFewCellsError
            Fewer usable cells with an audience above the floor than ``fewest``.
        """
        readings = cls.read(corridors)
        return cls._learn(readings.taken(cls._teaching(readings, np.ones(len(corridors), dtype=bool))))[0]

    @classmethod
    def _teaching(cls, readings: Readings, inside: np.ndarray) -> np.ndarray:
        """Return which corridors inside are learnt from; a floor only of an origin seen above the floor somewhere.

        An origin never seen may be one that the platform does not offer any more, and its own effect would absorb
        what its floors say.
        """
        known: np.ndarray = inside & np.isfinite(readings.stock)
        teaching: np.ndarray = known & readings.usable
        cls.require(int(teaching.sum()))
        if cls.floors:
            origins = readings.places[:, 0]
            teaching |= known & readings.floored & np.isin(origins, origins[teaching])
        return teaching

    @classmethod
    def nested(cls, readings: Readings, outside: np.ndarray, folds: np.ndarray) -> np.ndarray:
        """Return the stock of each row (persons), predicted without the rows ``outside`` and without its own fold.

        Rows ``outside`` take no part in the fit. Every other row is predicted without the rows of its fold. Variances,
        outlier weights and standardization are those of all folds inside, which saves a fit for each. The result has
        the shape (corridors,), and is missing where the method cannot use a row.

        Parameters
        ----------
        readings
            Readings of a corridor table with the stocks to learn from.
        outside
            Which rows are held out altogether.
        folds
            Fold of each row.

        Raises
        ------
        TooFewCellsError
            Fewer usable cells inside than ``fewest``.
        """
        stocks, usable, teaching = np.full(len(outside), np.nan), readings.usable, cls._teaching(readings, ~outside)
        taught = readings.taken(teaching)
        model, fit, regression = cls._learn(taught)
        stocks[outside & usable] = model.stocks(readings.taken(outside & usable))
        fold_of, logs = folds[teaching], np.empty(len(regression.target))
        parts = [np.flatnonzero(fold_of == fold) for fold in np.unique(fold_of)]
        for part, coefficients in zip(parts, without(fit, regression, parts), strict=True):
            logs[part] = regression.design.taken(part) @ coefficients
        stocks[teaching] = np.where(usable[teaching], model.restored(taught, logs), np.nan)
        return stocks

    @classmethod
    def _learn(cls, taught: Readings) -> tuple[Self, Fit, Regression]:
        observed = taught.usable
        features = taught.features[observed]
        # a covariate that few corridors have, or all have alike, says nothing
        often = np.flatnonzero(np.isfinite(features).mean(axis=0) > 0.5)
        figures = features[:, often]
        moments = np.stack([of(figures, axis=0) for of in (np.nanmean, np.nanstd, np.nanmin, np.nanmax)], axis=1)
        # where nearly each one has a corridor of its own, its effect cannot be told from the error; that of a single
        # one is the intercept
        areas = [
            {name: [0.0, 0.0] for name in names if 1 < len(names) <= len(observed) / LEAST_SHARED}
            for names in map(taught.present, range(2))
        ]
        countries, origins_there = taught.of_several()
        shell = cls(
            middle=float(cls._signal(taught)[observed].mean()),
            covariates={
                taught.names[place]: [0.0, *map(float, of)]
                for place, of in zip(often, moments, strict=True)
                if of[1] > 1e-6
            },
            origins=areas[0],
            destinations=areas[1],
            countries=dict.fromkeys(countries, 0.0),
            origins_there=dict.fromkeys(origins_there, 0.0),
            offsets=dict.fromkeys(kinds(taught.labels, cls.labels), 0.0),
            lag=float(np.nanmedian(taught.lag)) if np.isfinite(taught.lag).any() else 0.0,
        )
        regression = shell._regression(taught)
        fit = learn(regression)
        return shell._with(fit, float(regression.size.mean())), fit, regression

    def _regression(self, taught: Readings) -> Regression:
        """Return what a fit is learnt from; an audience below the floor is an expected one, and blurs the design."""
        priors, observed = (VAGUE, (self.unearned, ELASTICITY_SD)), taught.usable
        if observed.all():
            design, block = self._design(taught)
            return Regression(design, self._target(taught), block, self._size(taught), priors=priors)
        features, marked = self._standardized(taught), self._marks(taught)
        steady = features[:, (features[~observed] != 0).any(axis=0)]
        plain = np.column_stack([np.ones(len(marked)), taught.stock, steady, marked])
        kind = [0, 0, *[3] * steady.shape[1], *[4] * marked.shape[1]]
        ends = self._ends(taught)
        kind += [kind for kind, (_, count) in zip((1, 2, 5, 6), ends, strict=True) for _ in range(count)]
        design = Design.of(plain, ends, np.ones((len(plain), 1)))
        seen = np.where(observed, taught.audience, np.nan)
        logs, variance = expected(seen, taught.bound, design, np.array(kind))
        filled, risen = (taught.expecting(logs + rise) for rise in (0, 1))
        design, block = self._design(filled)
        # the design is linear in the log audience
        blur = design.towards(self._design(risen)[0], np.where(observed, 0.0, np.sqrt(variance)))
        return Regression(design, self._target(filled), block, self._size(filled), blur, priors)

    def _with(self, fit: Fit, size: float) -> Self:
        """Return the method with the coefficients of a fit."""
        numbers = iter(map(float, fit.coefficients))
        intercept, slope = next(numbers), next(numbers)
        covariates = {name: [next(numbers), *moments] for name, (_, *moments) in self.covariates.items()}
        offsets = {name: next(numbers) for name in self.offsets}
        effects: dict[str, Any] = {}
        for end in ("origins", "destinations"):
            areas = getattr(self, end)
            levels, slopes = [next(numbers) for _ in areas], [next(numbers) for _ in areas]
            effects[end] = {name: list(pair) for name, *pair in zip(areas, levels, slopes, strict=True)}
        effects |= {end: {name: next(numbers) for name in getattr(self, end)} for end in ("countries", "origins_there")}
        scales = [fit.scales.residual, *fit.scales.blocks, fit.scales.taper]
        effects |= {"covariates": covariates, "offsets": offsets, "scales": scales}
        return replace(self, intercept=intercept, slope=slope, size=size, **effects)

    def _design(self, readings: Readings) -> tuple[Design, np.ndarray]:
        """Return the design, and the block of each of its columns; blocks: flat, and those of ``scales``."""
        features, marked, ends = self._standardized(readings), self._marks(readings), self._ends(readings)
        ones = np.ones(len(features))
        plain = np.column_stack([ones, self._signal(readings) - self.middle, features, marked])
        block = [0, 0, *[5] * features.shape[1], *[6] * marked.shape[1]]
        for place, (_, count) in enumerate(ends[:2], 1):
            block += [*[place] * count, *[place + 2] * count]
        block += [place for place, (_, count) in enumerate(ends[2:], 7) for _ in range(count)]
        values = np.column_stack([ones, self._signal_of_ends(readings)])
        return Design.of(plain, ends[:2], values, levels=ends[2:]), np.array(block)

    def _ends(self, readings: Readings) -> list[tuple[np.ndarray, int]]:
        """Return which fitted area of each end each corridor has, and how many there are."""
        fitted = (*self.origins,), (*self.destinations,), (*self.countries,), (*self.origins_there,)
        return [(readings.placed(end, areas), len(areas)) for end, areas in enumerate(fitted)]

    def _standardized(self, readings: Readings) -> np.ndarray:
        mean, spread, least, largest = np.array([of for _, *of in self.covariates.values()]).reshape(-1, 4).T
        features = readings.covariates(self.covariates)
        features = np.clip(features, least, largest) if self.bounded else features
        standardized: np.ndarray = np.nan_to_num((features - mean) / spread)
        return standardized

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        return pd.Series(self.stocks(self.read(usable)), index=usable.index)

    def stocks(self, readings: Readings) -> np.ndarray:
        """Return the stock of each corridor (persons)."""
        return self.restored(readings, np.sum([*self._parts(readings).values()], axis=0))

    def parts(self, corridors: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return what a prediction adds up from, on the scale of the model: a typical corridor, ends, covariates."""
        return self._parts(self.read(corridors))

    def _parts(self, readings: Readings) -> dict[str, np.ndarray]:
        signal, of_ends = self._signal(readings) - self.middle, self._signal_of_ends(readings)
        parts = {TYPICAL: self.intercept + self.slope * signal}
        for end, effects in enumerate((self.origins, self.destinations)):
            level, slope = np.array([*effects.values(), [0.0, 0.0]])[readings.placed(end, effects)].T
            parts[ENDS[end]] = level + slope * of_ends
        for end, levels in enumerate((self.countries, self.origins_there), 2):
            if levels:
                parts[ENDS[end]] = np.array([*levels.values(), 0.0])[readings.placed(end, levels)]
        features = self._standardized(readings)
        coefficients = [coefficient for coefficient, *_ in self.covariates.values()]
        parts |= {name: features[:, place] * coefficients[place] for place, name in enumerate(self.covariates)}
        parts["concept and provider"] = self._marks(readings) @ np.array(list(self.offsets.values()))
        return parts

    @classmethod
    def read(cls, corridors: pd.DataFrame) -> Readings:
        """Return what the method reads of a corridor table, once for all folds."""
        return Readings.of(corridors, cls.known, cls.labels, cls.usable(corridors))

    def _marks(self, readings: Readings) -> np.ndarray:
        return marks(readings.labels, list(self.offsets))

    @classmethod
    def _signal(cls, readings: Readings) -> np.ndarray:
        """Return what the stock is elastic to, on the log scale."""
        return readings.audience

    def _signal_of_ends(self, readings: Readings) -> np.ndarray:
        """Return what the slopes of origin and destination act on."""
        signal: np.ndarray = self._signal(readings) - self.middle
        return signal

    @classmethod
    def _size(cls, readings: Readings) -> np.ndarray:
        return readings.audience

    @classmethod
    def _target(cls, readings: Readings) -> np.ndarray:
        return readings.stock

    def restored(self, readings: Readings, logs: np.ndarray) -> np.ndarray:
        """Return stocks (persons) from predictions on the scale of the model."""
        del readings
        stocks: np.ndarray = np.exp(logs)
        return stocks


@dataclass(frozen=True)
class HierarchicalGravity(Hierarchical):
    """The level model with the sizes of both ends, and the distance between them, as further covariates."""

    name: ClassVar = "hierarchical_gravity"
    uses: ClassVar = (*columns_of((*LABEL, *GRAVITY)), "audience_upper", *OF_STOCK)
    known: ClassVar = (*LABEL, *GRAVITY)


@dataclass(frozen=True)
class HierarchicalUpdate(Hierarchical):
    """The last official figure moved towards the audience; origin and destination have a part in how far.

    The target is log(stock / last), the signal log(audience / last); the size of the figure is a further covariate.
    What was learnt over a lag of ``lag`` years accrues evenly, as in `LogRatio`: a figure of half that age moves half
    as far, an older one no farther. Nothing is extrapolated: the slopes of both ends act on accounts beyond the last
    figure, and a covariate stays within the range that it was fitted at. Corridors below the floor take no part:
    beside a last figure they say little.

    A stock without a stated concept or provider has those of the last figure.
    """

    name: ClassVar = "hierarchical_update"
    needs: ClassVar = ("audience", "official_last")
    uses: ClassVar = (*columns_of(LABEL), "lag", *OF_STOCK, *OF_LAST)
    floors: ClassVar = False
    labels: ClassVar = (*OF_STOCK, *OF_LAST)
    unearned: ClassVar = 0.0
    bounded: ClassVar = True

    @classmethod
    def read(cls, corridors: pd.DataFrame) -> Readings:
        """Return what the method reads of a corridor table: the size of the last figure is a covariate too."""
        return Readings.of(corridors, (*cls.known, "official_last"), cls.labels, cls.usable(corridors))

    @classmethod
    def _signal(cls, readings: Readings) -> np.ndarray:
        return np.asarray(readings.audience - readings.last)

    def _signal_of_ends(self, readings: Readings) -> np.ndarray:
        return np.asarray(np.maximum(self._signal(readings), 0.0))

    @classmethod
    def _size(cls, readings: Readings) -> np.ndarray:
        return np.asarray((readings.audience + readings.last) / 2)

    @classmethod
    def _target(cls, readings: Readings) -> np.ndarray:
        return np.asarray(readings.stock - readings.last)

    def _marks(self, readings: Readings) -> np.ndarray:
        labels = with_labels_of_last(readings.labels) if self.offsets else readings.labels
        return marks(labels, list(self.offsets))

    def restored(self, readings: Readings, logs: np.ndarray) -> np.ndarray:
        """Return stocks (persons) from log ratios to the last official figure, which accrue over the lag."""
        share = np.clip(readings.lag / self.lag, 0, 1) if self.lag > 0 else 1.0
        return np.asarray(np.exp(readings.last) * np.exp(logs * share))
