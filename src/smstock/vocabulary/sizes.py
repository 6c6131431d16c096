"""Size bands of a stock: the one cut that scores, intervals and reports share.

Reports tell the largest band from all others.
"""

from __future__ import annotations

from typing import Final

BANDS: Final = {"<100": 0, "100-999": 100, "1,000-9,999": 1_000, ">=10,000": 10_000}
"""Bands by name, each with its lower end (persons)."""
SMALL: Final = ("<100", "100-999")
"""Bands that stand for each other where one of them has few cells: those below 1,000 persons."""
LARGE: Final = BANDS[">=10,000"]
"""Persons from which a stock is large: the lower end of the largest band."""
