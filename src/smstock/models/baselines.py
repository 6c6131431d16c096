"""The baselines that every method has to beat: the last official figure, and the audience taken at its word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from smstock.errors import TooFewCellsError
from smstock.models.base import Method

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CarryForward(Method):
    """The last official figure, unchanged.

    Examples
    --------
    >>> import pandas as pd
    >>> CarryForward().predict(pd.DataFrame({"official_last": [4271.0, None]})).tolist()
    [4271.0, nan]
    """

    name: ClassVar = "carry_forward"
    needs: ClassVar = ("official_last",)
    source: ClassVar = "baseline"

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        return usable["official_last"].astype("float64")


@dataclass(frozen=True)
class RawAudience(Method):
    """One account is one person.

    Examples
    --------
    >>> import pandas as pd
    >>> RawAudience().predict(pd.DataFrame({"audience": [66000.0]})).tolist()
    [66000.0]
    """

    name: ClassVar = "raw_audience"
    needs: ClassVar = ("audience",)
    source: ClassVar = "baseline"

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        return usable["audience"].astype("float64")


@dataclass(frozen=True)
class ConstantRatio(Method):
    """Every account stands for the same number of persons: the median of stock / audience.

    Parameters
    ----------
    ratio
        Persons an account stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"audience": [1000.0, 2000.0, 4000.0], "stock": [2000.0, 6000.0, 16000.0]})
    >>> ConstantRatio.fit(corridors).ratio
    3.0
    """

    name: ClassVar = "constant_ratio"
    needs: ClassVar = ("audience",)
    source: ClassVar = "baseline"
    fewest: ClassVar = 3

    ratio: float = 1.0

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        return cls(ratio=float((usable["stock"] / usable["audience"]).median()))

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        return usable["audience"].astype("float64") * self.ratio


@dataclass(frozen=True)
class OriginRatio(Method):
    """Every account of an origin stands for the same number of persons: the median of stock / audience by origin.

    With one origin it would be `ConstantRatio`, and is not fitted.

    Parameters
    ----------
    ratio
        Persons an account stands for where the origin was not fitted: the median over all corridors.
    ratios
        Persons an account of each origin stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"origin": ["POL", "POL", "SYR"], "audience": 1000.0, "stock": [2e3, 4e3, 8e3]})
    >>> OriginRatio.fit(corridors).predict(pd.DataFrame({"origin": ["POL", "SYR", "NAM"], "audience": 10.0})).tolist()
    [30.0, 80.0, 40.0]
    """

    name: ClassVar = "origin_ratio"
    needs: ClassVar = ("audience",)
    source: ClassVar = "baseline"
    fewest: ClassVar = 3

    ratio: float = 1.0
    ratios: dict[str, float] = field(default_factory=dict)

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        ratio = usable["stock"] / usable["audience"]
        by_origin = ratio.groupby(usable["origin"]).median()
        if len(by_origin) < 2:
            raise TooFewCellsError("origin_ratio needs corridors of two origins; with one, constant_ratio is the same")
        return cls(float(ratio.median()), {str(origin): float(value) for origin, value in by_origin.items()})

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        ratio = usable["origin"].map(self.ratios).astype("float64").fillna(self.ratio)
        return usable["audience"].astype("float64") * ratio
