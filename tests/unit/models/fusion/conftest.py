"""Simulated series of corridors whose growth, jumps and audiences are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DESTINATIONS = ("AUT", "BEL", "DNK", "ESP", "FIN", "HUN")
ORIGINS = ("BGR", "DEU", "FRA", "HRV", "ITA", "POL", "ROU", "SVK")


def simulated(seed: int, years: int = 8, growth: float = 0.05, noise: float = 0.01) -> pd.DataFrame:
    """Return yearly figures of 48 corridors: a damped drift around a growth, plus noise."""
    rng = np.random.default_rng(seed)
    rows = []
    for destination in DESTINATIONS:
        for origin in ORIGINS:
            level, drift = rng.uniform(5, 12), growth + 0.03 * rng.standard_normal()
            for year in range(years):
                value = np.exp(level + noise * rng.standard_normal())
                rows.append((destination, origin, f"{2010 + year}-01-01", value, "register"))
                drift = 0.9 * drift + 0.1 * growth + 0.01 * rng.standard_normal()
                level += drift
    return pd.DataFrame(rows, columns=["destination", "origin", "reference_date", "value", "source"])


@pytest.fixture(scope="session")
def series() -> Callable[..., pd.DataFrame]:
    """A function from seed, years, growth and noise to the figures of 48 corridors."""
    return simulated
