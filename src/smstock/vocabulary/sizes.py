"""Size bands of a stock: the one cut that scores, intervals and reports share.

Scores are shown by four bands. Intervals need errors enough in each band, so they take the two smallest bands as one:
a grouping of the same cut. Reports tell the largest band from all others.
"""

from __future__ import annotations

from typing import Final

BANDS: Final = {"<100": 0, "100-999": 100, "1,000-9,999": 1_000, ">=10,000": 10_000}
"""Bands by name, each with its lower end (persons)."""
BANDS_OF_INTERVALS: Final = {"<1,000": BANDS["<100"], **{name: BANDS[name] for name in ("1,000-9,999", ">=10,000")}}
"""The same with those below 1,000 persons as one."""
LARGE: Final = BANDS[">=10,000"]
"""Persons from which a stock is large: the lower end of the largest band."""
