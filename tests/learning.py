"""Learning from the same corridors once: what is learnt depends on them and on the draws alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.calibrate import learning
from smstock.calibrate.learning import learn
from smstock.compute import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from smstock.calibrate.learnt import Learnt
    from smstock.compute import Compute


@pytest.fixture(scope="module")
def _learnt_once() -> Iterator[None]:
    """Keep what was learnt, to be given again for the same corridors and draws; any others are learnt from anew."""
    learnt: dict[str, Learnt] = {}

    def learn_once(benchmark: pd.DataFrame, rng: np.random.Generator, compute: Compute = ALONE) -> Learnt:
        asked = f"{benchmark.to_csv()}{benchmark.dtypes}{rng.bit_generator.state}"
        if asked not in learnt:
            learnt[asked] = learn(benchmark, rng, compute)
        return learnt[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "learn", learn_once)
        yield
