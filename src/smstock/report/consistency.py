"""The page that says whether official figures agree: verdicts counted, and the largest disagreements of each check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.report.officials import CHECKS, EXPECTED, largest
from smstock.report.rendering import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

MOST_SHOWN: Final = 15
"""Disagreements of one check that the page shows; the CSV has them all."""


def consistency_page(comparisons: pd.DataFrame, counts: pd.DataFrame, files: Sequence[str]) -> str:
    """Return the HTML of the page, which opens without a network.

    Parameters
    ----------
    comparisons, counts
        What `smstock.official.consistency.checked` and ``counts`` return.
    files
        Names of the files that were compared.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"check": "sexes", "where": "undesa ims 2020 birth: DEU", "expected": 9.0, "found": 4.0,
    ...        "difference": -5.0, "verdict": "falls short"}
    >>> counted = pd.DataFrame({"check": ["sexes"], "verdict": ["falls short"], "count": [1]})
    >>> html = consistency_page(pd.DataFrame([row]), counted, ["a.xlsx"])
    >>> html[:15], "falls short" in html
    ('<!doctype html>', True)
    """
    apart = largest(comparisons)
    made = [name for name in CHECKS if (counts["check"] == name).any()]
    sections = [
        {
            "title": CHECKS[name][0],
            "meaning": f"{CHECKS[name][1]} Expected: {EXPECTED[name]}.",
            "verdicts": [
                f"{verdict}: {count:,}" for check, verdict, count in counts.itertuples(index=False) if check == name
            ],
            "rows": apart[apart["check"] == name].head(MOST_SHOWN).to_dict("records"),
            "more": max(0, int((apart["check"] == name).sum()) - MOST_SHOWN),
        }
        for name in made
    ]
    lacking = [CHECKS[name][0].lower() for name in CHECKS if name not in made]
    return rendered(
        "consistency.html.j2",
        files=list(files),
        total=int(counts["count"].sum()),
        apart=int(counts.loc[counts["verdict"] != "agrees", "count"].sum()),
        sections=sections,
        lacking=lacking,
    )
