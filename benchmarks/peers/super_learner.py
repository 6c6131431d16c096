"""The Super Learner: many learners, weighted by how well they estimate destinations that they have not seen.

Breen, Fatehkia, Yan, Zhao, Leasure, Kashyap et al. 2025, on gender gaps in internet use (public code:
OxfordDemSci/dgg_subnational); the method is that of van der Laan, Polley and Hubbard 2007, doi 10.2202/1544-6115.1309.

Learners k = 1, 2, ... predict the log stock y from the features x. Each predicts cells of destinations it has not seen
(grouped folds), and non-negative least squares on these predictions weighs the learners::

    w   = argmin_{w >= 0} sum_i (y_i - sum_k w_k f_k^{-group(i)}(x_i))^2,    scaled to add up to 1
    y^  = sum_k w_k f_k(x)                                                  learners fitted anew on all cells

A second stack of the same learners predicts u = |y - y^|, the size of the out-of-fold error, from the same features. An
interval of level L is ``y^ +- q u^(x)``, with q the conformal quantile of the out-of-fold ``|y - y^| / u^``.

As published: ordinary least squares, lasso, ridge, elastic net, splines, random forest of 100 trees, gradient boosting,
non-negative weights, groups that are countries, a second model of absolute residuals. Not as published: features and
target are those of a corridor; one gradient boosting stands for gbm and xgboost, and cubic splines with a ridge penalty
for polspline; how an interval follows from the absolute residual is not published, and the conformal factor is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self

from smstock.errors import ModelError, TooFewCellsError
from smstock.models.base import Method
from smstock.models.conformal import half_width, interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import pandas as pd

    Splits = list[tuple[np.ndarray, np.ndarray]]

FEATURES: Final = ("audience", "penetration_destination", "penetration_origin", "official_last")
"""Columns whose logarithms are features; one that fewer than half of the fitted corridors have is not used."""
FOLDS: Final = 5
SEED: Final = 1
SMALLEST_ERROR: Final = 0.1
"""A predicted error is at least this share of the mean error, so that no interval closes."""


@dataclass(frozen=True)
class Stack:
    """Fitted learners and their weights.

    Parameters
    ----------
    learners
        Fitted scikit-learn regressors by name.
    weights
        Weight of each, 0 or more, adding up to 1.
    """

    learners: Mapping[str, Any]
    weights: Mapping[str, float]

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the weighted mean of the learners, shape (cells,)."""
        import numpy as np

        prediction = np.zeros(len(features))
        for name, weight in self.weights.items():
            if weight > 0:
                prediction += weight * self.learners[name].predict(features)
        return prediction


@dataclass(frozen=True)
class SuperLearner(Method):
    """Learners weighted by how well they estimate unseen destinations.

    It knows neither the destination nor the origin of the corridor it estimates, only the features; corridors to fit
    on have the column destination, which makes the folds. A forest is no handful of numbers: the method cannot be kept
    in a calibration file, and is there for benchmarks.

    Parameters
    ----------
    columns
        Those of `FEATURES` that are used.
    centre
        Means of the features, which stand in where a corridor lacks one.
    level, spread
        Stacks for the log stock and for the size of the error.
    least_error
        Smallest predicted error (log scale).
    errors
        Out-of-fold errors over their predicted size.
    """

    name: ClassVar = "super_learner"
    needs: ClassVar = ("audience",)
    source: ClassVar = "Breen et al. 2025"
    libraries: ClassVar = ("numpy", "pandas", "scikit-learn", "scipy")
    fewest: ClassVar = 30

    columns: tuple[str, ...]
    centre: np.ndarray
    level: Stack
    spread: Stack
    least_error: float
    errors: np.ndarray

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        import numpy as np

        columns = tuple(name for name in FEATURES if name in usable and (usable[name] > 0).mean() >= 0.5)
        raw = _logs(usable, columns)
        centre = np.nanmean(raw, axis=0)
        features = np.where(np.isnan(raw), centre, raw)
        groups = usable["destination"].to_numpy()
        if len(set(groups)) < 2 * FOLDS:
            raise TooFewCellsError(f"{cls.name} needs {2 * FOLDS} destinations; there are {len(set(groups))}")
        stock = np.log(usable["stock"].to_numpy(dtype=float))
        level, out_of_fold = stack(features, stock, groups)
        size = np.abs(stock - out_of_fold)
        spread, predicted_size = stack(features, size, groups)
        least = SMALLEST_ERROR * float(size.mean())
        errors = size / np.maximum(predicted_size, least)
        return cls(columns, centre, level, spread, least, errors)

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        import numpy as np
        import pandas as pd

        estimates = np.exp(self.level.predict(self._features(usable))) if len(usable) else np.zeros(0)
        return pd.Series(estimates, index=usable.index, dtype="float64")

    def intervals(self, corridors: pd.DataFrame, levels: Iterable[int]) -> pd.DataFrame:
        """Return the columns lower_L and upper_L (persons) for each level in percent, missing where `predict` is."""
        import numpy as np
        import pandas as pd

        median = self.predict(corridors)
        known = corridors[median.notna()]
        size = np.maximum(self.spread.predict(self._features(known)), self.least_error) if len(known) else np.zeros(0)
        error = pd.Series(size, index=known.index).reindex(corridors.index)
        ends = {}
        for level in levels:
            width = error * half_width(self.errors, level)
            ends[f"lower_{level}"], ends[f"upper_{level}"] = interval(median, width)
        return pd.DataFrame(ends, index=corridors.index)

    def _features(self, corridors: pd.DataFrame) -> np.ndarray:
        import numpy as np

        raw = _logs(corridors, self.columns)
        features: np.ndarray = np.where(np.isnan(raw), self.centre, raw)
        return features

    def parameters(self) -> NoReturn:
        """Raise `ModelError`: the parameters cannot be written to a calibration file."""
        raise ModelError(f"{self.name} cannot be kept in a calibration file", hint="use it in a benchmark")


def stack(features: np.ndarray, target: np.ndarray, groups: np.ndarray) -> tuple[Stack, np.ndarray]:
    """Return the stack fitted on all cells, and its predictions of each cell by learners that have not seen its group.

    The weights of the second are those of the first: they have seen all groups, the learners have not.

    Parameters
    ----------
    features
        Shape (cells, features), finite.
    target
        Shape (cells,).
    groups
        What is left out together, shape (cells,); at least `FOLDS` of them differ.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0, 10, 60)[:, None]
    >>> fitted, out_of_fold = stack(x, 2 * x[:, 0], np.arange(60) % 12)
    >>> round(sum(fitted.weights.values()), 9), bool(abs(out_of_fold - 2 * x[:, 0]).max() < 0.1)
    (1.0, True)
    """
    import numpy as np
    from sklearn.base import clone
    from sklearn.linear_model import LinearRegression

    folds = _splits(groups)
    names = list(_library(folds))
    held_out = np.empty((len(target), len(names)))
    for train, test in folds:
        library = _library(_splits(groups[train]))
        for column, name in enumerate(names):
            held_out[test, column] = library[name].fit(features[train], target[train]).predict(features[test])
    weights = LinearRegression(positive=True, fit_intercept=False).fit(held_out, target).coef_
    weights = weights / weights.sum() if weights.sum() > 0 else np.full(len(names), 1 / len(names))
    learners = {name: clone(learner).fit(features, target) for name, learner in _library(folds).items()}
    return Stack(
        learners, {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    ), held_out @ weights


def _splits(groups: np.ndarray) -> Splits:
    from sklearn.model_selection import GroupKFold

    return list(GroupKFold(FOLDS).split(groups, groups=groups))


def _library(folds: Splits) -> dict[str, Any]:
    """Return the learners, not yet fitted.

    ``folds`` choose the penalties of lasso and elastic net; ridge leaves out one cell at a time, in closed form.
    """
    from numpy import logspace
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import ElasticNetCV, LassoCV, LinearRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    penalties = logspace(-3, 3, 13)
    spline = SplineTransformer(n_knots=5, knots="quantile", extrapolation="linear", include_bias=False)
    return {
        "least_squares": LinearRegression(),
        "ridge": make_pipeline(StandardScaler(), RidgeCV(penalties)),
        "lasso": make_pipeline(StandardScaler(), LassoCV(cv=folds, alphas=30)),
        "elastic_net": make_pipeline(StandardScaler(), ElasticNetCV(cv=folds, alphas=30)),
        "splines": make_pipeline(StandardScaler(), spline, RidgeCV(penalties)),
        "random_forest": RandomForestRegressor(100, min_samples_leaf=5, random_state=SEED),
        "gradient_boosting": GradientBoostingRegressor(n_estimators=100, max_depth=2, random_state=SEED),
    }


def _logs(corridors: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Return the logarithms of columns, missing where they are not above 0, shape (cells, columns)."""
    import numpy as np

    values = corridors[list(columns)].to_numpy(dtype=float, na_value=np.nan)
    logs: np.ndarray = np.log(np.where(values > 0, values, np.nan))
    return logs
