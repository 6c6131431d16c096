"""Learning a calibration: fit every method, measure every method, rank them, keep the errors for the intervals."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import ratio_errors, sex_ratios
from smstock.calibrate import common_error
from smstock.calibrate.learnt import IntervalScore, Learnt, RatioError, Score, Scored
from smstock.calibrate.ranking import ranked
from smstock.compute import ALONE
from smstock.corridors.former_states import misleading, taught
from smstock.corridors.sexes import ranked_sources
from smstock.errors import TooFewCellsError
from smstock.evaluate.crossvalidate import CANDIDATES, cross_validate, measured_half_widths, members_of_stacks
from smstock.evaluate.held_out import CHOSEN
from smstock.evaluate.scores import on_common_cells, score
from smstock.models.conformal import HalfWidths
from smstock.models.methods import METHODS, lacking
from smstock.models.quantiles import normal_scores
from smstock.models.stack import Stack, enough, losses, weigh
from smstock.tables import CORRIDOR_KEY, LEVELS
from smstock.vocabulary.sizes import LARGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smstock.calibrate.common_error import CommonError
    from smstock.compute import Compute
    from smstock.models.base import Method

POINT_SCORES: Final = ("mdape", "wmape", "mape", "median_log_error", "total_bias", "crps")
"""What a calibration keeps of a table of scores beside the RMSLE."""


def learn(benchmark: pd.DataFrame, rng: np.random.Generator, compute: Compute = ALONE) -> Learnt:
    """Return what is learnt from corridors with a stock: fitted methods, their errors, their ranking.

    It says, too, which columns that methods read the corridors do not have.

    Parameters
    ----------
    benchmark
        Corridor table whose ``stock`` is known for the corridors to learn from.
    rng
        Draws the folds where destinations are held out in blocks.
    compute
        What the folds are spread over.

    Raises
    ------
    TooFewCellsError
        Too few corridors have both an audience and a stock.

    Examples
    --------
    >>> from smstock.tables import CORRIDOR
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> stock = np.exp(rng.normal(9, 1.5, 12))
    >>> corridors = pd.DataFrame({"stock": stock, "audience": stock / 2, "destination": [*"ABCDEFGHIJKL"]})
    >>> corridors = corridors.assign(origin="SRB", sex="all").reindex(columns=[*CORRIDOR.names])
    >>> learnt = learn(corridors, rng)
    >>> learnt.methods["constant_ratio"], learnt.cells
    (ConstantRatio(ratio=2.0), 12)
    """
    held_out = cross_validate(benchmark, METHODS, rng, compute=compute)
    scores = _scores(held_out)
    errors = Learnt(scores=scores).rmsle()
    totals = benchmark[benchmark["sex"] == "all"]
    fitted = {method.name: method for method in _fitted(totals) if method.name in errors}
    stacks = _stacks(held_out, totals, fitted)
    fitted |= {name: stack for name, stack in stacks.items() if name in errors}
    shared = on_common_cells(held_out[held_out["sex"] == "all"])[CORRIDOR_KEY].drop_duplicates()
    destinations = int(shared["destination"].nunique())
    ranking = ranked(errors, fitted, len(shared), destinations)
    half_widths = measured_half_widths(held_out[held_out["method"] != CHOSEN])
    tested = held_out.loc[held_out["sex"] == "all", CORRIDOR_KEY].drop_duplicates()
    learnt_from = totals.merge(tested, on=CORRIDOR_KEY)
    lags, ratios = learnt_from["lag"].dropna(), sex_ratios(benchmark)
    return Learnt(
        methods={name: fitted[name] for name in ranking},
        scores=_in_order(scores, ranking),
        half_widths={name: half_widths.get(name, HalfWidths()) for name in ranking},
        ranking=ranking,
        sex_sources=ranked_sources(ratios),
        errors_of_ratios=_ratio_errors(ratios),
        common=_common(held_out[(held_out["method"] == CHOSEN) & (held_out["sex"] == "all")]),
        lacking=lacking(learnt_from),
        foreign_basis=_foreign_basis(learnt_from),
        lag=float(lags.median()) if len(lags) else None,
        cells=len(tested),
        destinations=destinations,
        former=int(misleading(totals).sum()),
        audiences=int((totals["stock"].notna() & totals["audience"].notna()).sum()),
    )


def _scores(held_out: pd.DataFrame) -> tuple[Score, ...]:
    """Score each kind of cell on the cells that all methods share; ``cells_own`` counts those a method could estimate.

    Large and small corridors are those of all totals: their numbers add up.
    Over all totals the coverage of leave-one-out intervals is close to nominal by construction; that of ``large`` and
    ``small`` corridors is what they have to prove.
    """
    totals = held_out["sex"] == "all"
    of_totals, of_sexes = on_common_cells(held_out[totals]), on_common_cells(held_out[~totals])
    large = of_totals["stock"] >= LARGE
    kinds: dict[Scored, tuple[pd.Series, pd.DataFrame]] = {
        "all": (totals, of_totals),
        "sex": (~totals, of_sexes),
        "large": (totals & (held_out["stock"] >= LARGE), of_totals[large]),
        "small": (totals & (held_out["stock"] < LARGE), of_totals[~large]),
    }
    scores = []
    for kind, (chosen, common) in kinds.items():
        own = held_out[chosen & (held_out["estimate"] > 0)]["method"].value_counts()
        for row in score(common, levels=LEVELS).to_dict("records"):
            name = str(row["method"])
            intervals = tuple(
                IntervalScore(level, _finite(row[f"coverage_{level}"]), _finite(row[f"width_{level}"]))
                for level in LEVELS
            )
            points = {point: _finite(row[point]) for point in POINT_SCORES}
            cells_own, rmsle = int(own[name]), float(row["rmsle"])
            scores.append(
                Score(name, kind, int(row["cells"]), rmsle, cells_own=cells_own, intervals=intervals, **points)
            )
    return tuple(scores)


def _in_order(scores: Iterable[Score], ranking: Sequence[str]) -> tuple[Score, ...]:
    """Return the scores in the order of the ranking, those of the choice last; a stack that is not used has none."""
    places = {name: place for place, name in enumerate((*ranking, CHOSEN))}
    return tuple(sorted((score for score in scores if score.method in places), key=lambda of: places[of.method]))


def _ratio_errors(ratios: pd.DataFrame) -> tuple[RatioError, ...]:
    """Return how far each source of a sex ratio was from the official one, the most accurate first."""
    table = ratio_errors(ratios).set_index("source").loc[list(ranked_sources(ratios))]
    return tuple(
        RatioError(str(source), int(row["cells"]), _finite(row["rms"]), _finite(row["skill"]))
        for source, row in table.iterrows()
    )


def _foreign_basis(corridors: pd.DataFrame) -> str:
    """Return what the accounts of all foreign origins rest on, one basis for a wave; empty where there are none."""
    if "audience_foreign_basis" not in corridors.columns:
        return ""
    return str(corridors["audience_foreign_basis"].max() or "") if len(corridors) else ""


def _common(chosen: pd.DataFrame) -> CommonError:
    """Return what the errors of the method chosen have in common, each corridor estimated without its destination."""
    errors = normal_scores(chosen.rename(columns={"estimate": "median"}), chosen["stock"].to_numpy(dtype=float))
    return common_error.learn(errors, chosen["destination"], chosen["origin"])


def _fitted(totals: pd.DataFrame) -> list[Method]:
    fitted, examples = [], taught(totals)
    for method in METHODS:
        try:
            fitted.append(method.fit(examples if method.misled() else totals))
        except TooFewCellsError:
            continue
    return fitted


def _stacks(held_out: pd.DataFrame, totals: pd.DataFrame, fitted: Mapping[str, Method]) -> dict[str, Stack]:
    """Return each stack of the fitted methods that can be weighted, weights by all destinations; one may have all."""
    asked = totals.loc[totals["audience"].notna(), CORRIDOR_KEY]
    of_totals = held_out[(held_out["sex"] == "all") & held_out["method"].isin(list(fitted))].merge(asked)
    wide = of_totals.pivot_table(index=[*CORRIDOR_KEY, "stock"], columns="method", values="estimate")
    cells = {name: float(wide[name].count()) if name in wide else 0.0 for name in fitted}
    stacks: dict[str, Stack] = {}
    for stack, members in members_of_stacks({name: type(method) for name, method in fitted.items()}, cells).items():
        known = wide.reindex(columns=members).dropna()
        destinations, _ = pd.factorize(known.index.get_level_values("destination"), sort=True)
        if len(members) >= CANDIDATES and enough(len(known), destinations.max(initial=-1) + 1):
            logs = np.log(known.to_numpy(dtype=float))
            target = np.log(known.index.get_level_values("stock").to_numpy(dtype=float))
            weights = weigh(losses(logs, target, destinations))
            weighted = {name: float(weight) for name, weight in zip(members, weights, strict=True) if weight > 0}
            # what needs more of a corridor and has no weight leaves the stack before as it is
            if weighted.keys() not in [other.weights.keys() for other in stacks.values()]:
                stacks[stack.name] = stack(weighted, {name: fitted[name] for name in weighted})
    return stacks


def _finite(number: float) -> float | None:
    return float(number) if isfinite(number) else None
