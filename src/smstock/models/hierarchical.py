"""The level model: how a stock follows from an audience, with effects of origin and destination shrunk as they deserve.

::

    log S = a + b x + c' k + (u_o + v_o x) + (u_d + v_d x) + e        x = log A - mean
    u_o ~ N(0, s_1^2)   u_d ~ N(0, s_2^2)   v_o ~ N(0, s_3^2)   v_d ~ N(0, s_4^2)   c ~ N(0, s_5^2)
    e ~ Student(4), smaller for larger corridors

S stock, A audience, k standardized covariates (`smstock.models.covariates`), o origin, d destination. An origin or
destination that was not fitted has the effect 0, the middle of its kind. The elasticity b is learnt, and so are all
variances (`smstock.models.mixed`). `HierarchicalUpdate` is the same model of log(S / last) with x = log(A / last): the
last official figure is one more measurement, whose weight is 1 - b.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Self

from smstock.models.base import Method
from smstock.models.covariates import GRAVITY, LABEL, covariates, usual_audience

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from smstock.models.mixed import Fit

LEAST_SHARED: Final = 1.5
"""Fewest corridors an origin (a destination) has on average, for origins (destinations) to have effects."""


@dataclass(frozen=True)
class Hierarchical(Method):
    """Audience to stock, effects of origin and destination shrunk by learnt variances.

    Parameters
    ----------
    middle
        Mean log audience of the fitted corridors.
    intercept, slope
        a and b.
    covariates
        Coefficient, mean and standard deviation of each covariate (logarithms).
    origins, destinations
        Intercept u and slope v of each.
    scales
        Residual scale, standard deviations of the blocks (origins, destinations, their slopes, covariates), taper.
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
    >>> seen = pairs.set_axis(["destination", "origin"], axis=1).assign(audience=np.exp(rng.normal(9, 1, 12)))
    >>> seen["stock"] = 5 * seen["audience"] ** 0.9
    >>> method = Hierarchical.fit(seen)
    >>> round(method.slope, 1), round(float(method.predict(seen.assign(audience=1e4))[0] / 1e4), 1)
    (0.9, 2.0)
    """

    name: ClassVar = "hierarchical"
    needs: ClassVar[tuple[str, ...]] = ("audience",)
    source: ClassVar = "smstock"
    fewest: ClassVar = 10
    known: ClassVar[tuple[str, ...]] = LABEL

    middle: float = 0.0
    intercept: float = 0.0
    slope: float = 1.0
    covariates: dict[str, list[float]] = field(default_factory=dict)
    origins: dict[str, list[float]] = field(default_factory=dict)
    destinations: dict[str, list[float]] = field(default_factory=dict)
    scales: list[float] = field(default_factory=list)
    size: float = 0.0
    lag: float = 0.0

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        return cls._learn(usable)[0]

    @classmethod
    def nested(cls, corridors: pd.DataFrame, outside: np.ndarray, folds: np.ndarray) -> np.ndarray:
        """Return stocks predicted without a fold and without their own, shape (corridors,); missing where not usable.

        Rows ``outside`` take no part in the fit. Every other row is predicted without the rows of its fold; variances,
        outlier weights and standardization are those learnt on all folds inside, which saves a fit for each.

        Parameters
        ----------
        corridors
            Corridor table with the stocks to learn from.
        outside
            Which rows are held out altogether.
        folds
            Fold of each row.

        Raises
        ------
        TooFewCellsError
            Fewer usable cells inside than ``fewest``.
        """
        import numpy as np

        from smstock.models.mixed import without

        found = np.full(len(corridors), np.nan)
        inside = ~outside & cls.usable(corridors) & (corridors["stock"].to_numpy(dtype=float) > 0)
        usable = corridors[inside]
        cls.require(len(usable))
        model, fit, design, block = cls._learn(usable)
        found[outside] = model.predict(corridors[outside]).to_numpy(dtype=float)
        own, places = folds[inside], np.flatnonzero(inside)
        parts = [np.flatnonzero(own == fold) for fold in np.unique(own)]
        for part, coefficients in zip(parts, without(fit, design, cls._target(usable), block, parts), strict=True):
            found[places[part]] = model.restored(usable.iloc[part], design[part] @ coefficients)
        return found

    @classmethod
    def _learn(cls, usable: pd.DataFrame) -> tuple[Self, Fit, np.ndarray, np.ndarray]:
        from smstock.models.mixed import learn

        x, features = cls._signal(usable), cls._covariates(usable)
        # a covariate that few corridors have, or all have alike, says nothing
        spread = features.std(ddof=0)
        features = features.loc[:, (features.notna().mean() > 0.5) & (spread > 1e-6)]
        standard = {name: [features[name].mean(), spread[name]] for name in map(str, features)}
        # where nearly each one has a corridor of its own, its effect cannot be told from the error
        names = {end: sorted(usable[end].unique()) for end in ("origin", "destination")}
        names = {end: each if len(usable) >= LEAST_SHARED * len(each) else [] for end, each in names.items()}
        shell = cls(
            middle=float(x.mean()),
            covariates={name: [0.0, *moments] for name, moments in standard.items()},
            origins={name: [0.0, 0.0] for name in names["origin"]},
            destinations={name: [0.0, 0.0] for name in names["destination"]},
            lag=float(usable["lag"].median()) if "lag" in usable and usable["lag"].notna().any() else 0.0,
        )
        design, block = shell._design(usable)
        size = cls._size(usable)
        fit = learn(design, cls._target(usable), block, size)
        return shell._with(fit, float(size.mean())), fit, design, block

    def _with(self, fit: Fit, size: float) -> Self:
        """Return the method with the coefficients of a fit."""
        from dataclasses import replace

        numbers = iter(map(float, fit.coefficients))
        intercept, slope = next(numbers), next(numbers)
        levels = [[next(numbers) for _ in each] for each in (self.origins, self.destinations)]
        slopes = [[next(numbers) for _ in each] for each in (self.origins, self.destinations)]
        effects = [
            {name: [u, v] for name, u, v in zip(each, level, tilt, strict=True)}
            for each, level, tilt in zip((self.origins, self.destinations), levels, slopes, strict=True)
        ]
        return replace(
            self,
            intercept=intercept,
            slope=slope,
            origins=effects[0],
            destinations=effects[1],
            covariates={name: [next(numbers), *moments] for name, (_, *moments) in self.covariates.items()},
            scales=[fit.scales.residual, *fit.scales.blocks, fit.scales.taper],
            size=size,
        )

    def _design(self, corridors: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the design, and the block of each of its columns: flat, origins, destinations, slopes, covariates."""
        import numpy as np

        x = self._signal(corridors) - self.middle
        ends = [
            (corridors[end].to_numpy(dtype=object)[:, None] == np.array(list(fitted), dtype=object)).astype(float)
            for end, fitted in (("origin", self.origins), ("destination", self.destinations))
        ]
        parts = [np.column_stack([np.ones(len(x)), x]), *ends, *(each * x[:, None] for each in ends)]
        parts.append(self._standardized(corridors))
        block = np.repeat(np.arange(len(parts)), [part.shape[1] for part in parts])
        return np.hstack(parts), block

    def _standardized(self, corridors: pd.DataFrame) -> np.ndarray:
        import numpy as np

        features = self._covariates(corridors).reindex(columns=list(self.covariates)).to_numpy(dtype=float)
        moments = np.array([moments for _, *moments in self.covariates.values()]).reshape(-1, 2)
        standardized: np.ndarray = np.nan_to_num((features - moments[:, 0]) / moments[:, 1])
        return standardized

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        import numpy as np

        x = self._signal(usable) - self.middle
        logs = self.intercept + self.slope * x
        for end, effects in (("origin", self.origins), ("destination", self.destinations)):
            both = np.array([effects.get(name, [0.0, 0.0]) for name in usable[end]]).reshape(-1, 2)
            logs = logs + both[:, 0] + both[:, 1] * x
        logs = logs + self._standardized(usable) @ np.array([first for first, *_ in self.covariates.values()])
        return self.restored(usable, logs)

    @classmethod
    def _signal(cls, corridors: pd.DataFrame) -> np.ndarray:
        """Return what the stock is elastic to, on the log scale."""
        return _log_audience(corridors)

    @classmethod
    def _size(cls, corridors: pd.DataFrame) -> np.ndarray:
        return _log_audience(corridors)

    @classmethod
    def _target(cls, corridors: pd.DataFrame) -> np.ndarray:
        return _log(corridors, "stock")

    @classmethod
    def _covariates(cls, corridors: pd.DataFrame) -> pd.DataFrame:
        return covariates(corridors, cls.known)

    def restored(self, corridors: pd.DataFrame, logs: np.ndarray) -> pd.Series:
        """Return stocks (persons) from predictions on the scale of the model."""
        import numpy as np
        import pandas as pd

        return pd.Series(np.exp(logs), index=corridors.index)


@dataclass(frozen=True)
class HierarchicalGravity(Hierarchical):
    """The same with the sizes of both ends: what a destination and an origin of such sizes usually share."""

    name: ClassVar = "hierarchical_gravity"
    known: ClassVar = (*LABEL, *GRAVITY)


@dataclass(frozen=True)
class HierarchicalUpdate(Hierarchical):
    """The last official figure moved towards the audience, by a pull that origin and destination share in.

    The target is log(stock / last), the signal log(audience / last); the size of the figure is a further covariate.
    What was learnt over a lag of ``lag`` years accrues evenly, as in `LogRatio`: a figure of half that age moves half
    as far, an older one no farther.
    """

    name: ClassVar = "hierarchical_update"
    needs: ClassVar = ("audience", "official_last")

    @classmethod
    def _signal(cls, corridors: pd.DataFrame) -> np.ndarray:
        signal: np.ndarray = _log_audience(corridors) - _log(corridors, "official_last")
        return signal

    @classmethod
    def _size(cls, corridors: pd.DataFrame) -> np.ndarray:
        size: np.ndarray = (_log_audience(corridors) + _log(corridors, "official_last")) / 2
        return size

    @classmethod
    def _target(cls, corridors: pd.DataFrame) -> np.ndarray:
        target: np.ndarray = _log(corridors, "stock") - _log(corridors, "official_last")
        return target

    @classmethod
    def _covariates(cls, corridors: pd.DataFrame) -> pd.DataFrame:
        return covariates(corridors, (*cls.known, "official_last"))

    def restored(self, corridors: pd.DataFrame, logs: np.ndarray) -> pd.Series:
        """Return stocks (persons) from log ratios to the last official figure, which accrue over the lag."""
        import numpy as np
        import pandas as pd

        share = np.clip(corridors["lag"].to_numpy(dtype=float) / self.lag, 0, 1) if self.lag > 0 else 1.0
        last = corridors["official_last"].to_numpy(dtype=float)
        return pd.Series(last * np.exp(logs * share), index=corridors.index)


def _log(corridors: pd.DataFrame, column: str) -> np.ndarray:
    import numpy as np

    logs: np.ndarray = np.log(corridors[column].to_numpy(dtype=float))
    return logs


def _log_audience(corridors: pd.DataFrame) -> np.ndarray:
    import numpy as np

    logs: np.ndarray = np.log(usual_audience(corridors))
    return logs
