"""Tables of scores in Markdown: methods by score, by year and by size band."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import left_out

from smstock.errors import TooFewCellsError
from smstock.evaluate.comparison import BASELINE, compare
from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import on_common_cells, score, score_by, size_band
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from smstock.models.base import Method

HEADER: Final = (
    "| method | cells | MdAPE | wMAPE | MAPE | RMSLE | median log error | total bias | CRPS "
    "| 50 % | 80 % | 95 % | skill (95 % interval) |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)

SKILL: Final = "{skill:+.2f} ({skill_lower:+.2f} to {skill_upper:+.2f})"
BANDS: Final = "80 % intervals: coverage (median ratio of the ends) by size of the estimate"


def cross_validated(title: str, corridors: pd.DataFrame, methods: Sequence[type[Method]]) -> None:
    """Print the scores of every method with destinations left out, on the cells that all of them estimate.

    In a task none of whose methods needs the last official figure, no method is shown it.
    """
    import numpy as np
    import pandas as pd

    if not any("official_last" in method.needs for method in methods):
        corridors = corridors.assign(official_last=float("nan"))
    tested = [cross_validate(corridors, methods, np.random.default_rng(1))]
    try:
        tested.append(left_out.super_learner(corridors))
    except TooFewCellsError as error:
        print(f"{error}\n")
    held_out = on_common_cells(pd.concat(tested, ignore_index=True))
    show(title, held_out[held_out["sex"] == "all"])


def show(title: str, held_out: pd.DataFrame) -> None:
    """Print scores, skill and coverage by size band of estimates that have intervals."""
    print(f"### {title}\n")
    print_lines(score_lines(held_out))
    print(f"{BANDS}\n")
    print_lines(band_lines(held_out))


def print_lines(lines: Iterable[str]) -> None:
    """Print a table, an empty line after it, at once."""
    print("\n".join(lines), end="\n\n")
    sys.stdout.flush()


def score_lines(held_out: pd.DataFrame) -> list[str]:
    """Return a line a method, the most skilful first; skill of RMSLE against carry forward, else the raw audience."""
    import numpy as np

    names = set(held_out["method"])
    baseline = BASELINE if BASELINE in names else "raw_audience"
    compared = compare(held_out, np.random.default_rng(1), baseline=baseline)
    skills = {str(row["method"]): {str(name): of for name, of in row.items()} for row in compared.to_dict("records")}
    rows = score(held_out, levels=LEVELS).to_dict("records")
    rows.sort(key=lambda row: skills[row["method"]]["skill"] if row["method"] in skills else 0.0, reverse=True)
    lines = [HEADER]
    for row in rows:
        skill = SKILL.format(**skills[row["method"]]) if row["method"] in skills else ""
        coverage = " | ".join(_number(row[f"coverage_{level}"], ".0f") for level in LEVELS)
        lines.append(
            f"| {row['method']} | {row['cells']} | {row['mdape']:.1f} | {row['wmape']:.1f} | {row['mape']:.1f} "
            f"| {row['rmsle']:.3f} | {row['median_log_error']:+.3f} | {row['total_bias']:+.1f} "
            f"| {_number(row['crps'], '.3f')} | {coverage} | {skill} |"
        )
    return lines


def band_lines(held_out: pd.DataFrame) -> list[str]:
    """Return a line a method: coverage of its 80 % intervals and their width by size band."""
    import numpy as np

    bands = score_by(held_out.assign(size_band=size_band(held_out["estimate"])), "size_band", levels=(80,))
    names = list(dict.fromkeys(bands["size_band"]))
    lines = [f"| method | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    for method in dict.fromkeys(held_out["method"]):
        of = bands[bands["method"] == method].set_index("size_band")
        cells = [
            f"{of.loc[name, 'coverage_80']:.0f} ({np.exp(of.loc[name, 'width_80']):.2f})"
            if name in of.index and np.isfinite(of.loc[name, "width_80"])
            else ""
            for name in names
        ]
        if any(cells):
            lines.append(f"| {method} | {' | '.join(cells)} |")
    return lines


def year_lines(held_out: pd.DataFrame) -> list[str]:
    """Return a line a method: MdAPE / wMAPE / RMSLE (cells) of each year of the target dates."""
    years = sorted(held_out["target_date"].str[:4].unique())
    tables = {
        year: score(held_out[held_out["target_date"].str[:4] == year], levels=()).set_index("method") for year in years
    }
    lines = [f"| method | {' | '.join(years)} |", f"| --- |{' ---: |' * len(years)}"]
    for method in dict.fromkeys(held_out["method"]):
        cells = []
        for year in years:
            scores = tables[year].loc[method].to_dict() if method in tables[year].index else {}
            figures = "{mdape:.1f} / {wmape:.1f} / {rmsle:.3f} ({cells:.0f})"
            cells.append(figures.format(**scores) if scores else "")
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return lines


def _number(value: float, form: str) -> str:
    return "" if value != value else format(value, form)  # noqa: PLR0124 - only what is not a number differs from itself
