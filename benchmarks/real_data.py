"""Where the real data lie: beside the checkout, or where SMSTOCK_SHARED says."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def shared_folder() -> Path:
    """Return the folder of real data; end the program with one sentence where it is missing."""
    folder = Path(os.environ.get("SMSTOCK_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "benchmarks").is_dir():
        sys.exit(f"there are no real data in {folder}; set SMSTOCK_SHARED to where they lie")
    return folder
