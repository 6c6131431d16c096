"""What a method of shares is: fitted on corridors whose composition is known, it tells that of others."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from smstock.models.shares.spread import Spread

if TYPE_CHECKING:
    import numpy as np

    from smstock.models.shares.compositions import Compositions


@dataclass(frozen=True, kw_only=True)
class ShareMethod:
    """A fitted method; its fields are its parameters, and all that a calibration file stores of it.

    Class attributes
    ----------------
    name
        Name in tables and files.
    source
        Where it is from.
    measures_spread
        Whether its own fit measures its spread on destinations left out.

    Attributes
    ----------
    spread
        How far compositions lie from what it says, as measured on destinations left out.
    """

    name: ClassVar[str]
    source: ClassVar[str]
    measures_spread: ClassVar[bool] = False
    spread: Spread = field(default_factory=Spread)

    @classmethod
    def fit(cls, of: Compositions) -> Self:
        """Return the method fitted on the corridors whose stock is known."""
        raise NotImplementedError

    def predict(self, of: Compositions) -> np.ndarray:
        """Return shares by corridor and group, which add up to 1; not a number where nothing tells them."""
        raise NotImplementedError

    def draws(self, of: Compositions, totals: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of the shares: corridors x groups x draws; those of a corridor add up to 1 in each draw.

        Parameters
        ----------
        of
            The corridors.
        totals
            Persons of each: the more there are, the nearer is a composition to what is expected.
        count, rng
            How many draws, and what draws them.
        """
        return self.spread.draws(self.predict(of), totals, count, rng)

    def parameters(self) -> dict[str, object]:
        """Return the parameters by name."""
        return asdict(self)
