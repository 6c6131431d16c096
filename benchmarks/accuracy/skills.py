"""Skill profiles recovered from 200 simulated worlds: interval coverage of shares, bias of the highly skilled stock.

Shares: 5 origins in 4 destinations, 4 categories. The logarithm of a category's odds has parts of the origin (0.4), the
destination (0.3) and the corridor (0.25; standard deviations), members are Poisson around a log-normal (median 4,900, a
tenth of the corridors above 26,000), counts are shown as LinkedIn shows them: to two digits, and nothing below 300. Of
one dimension a member has one category, stated by 97 %; of another, as of positions, as many as there are, each
independently, so that they add up to more than the whole as often as to less. The variants break what the model
assumes: corridors of heavy tails, corridors that differ more.

Highly skilled: 12 origins in 6 destinations, women and men; members per highly skilled person follow penetration at the
destination (elasticity 0.6) and at the origin (0.35), women per man the professional gender gap (0.7 and 0.2), all
times the effects of origins and destinations (0.15) and of corridors (0.12). Official figures by origin exist for two
corridors of five; elsewhere there is the stock times the share of the group, from which origins differ (0.4).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from smstock.platforms.linkedin import rounding
from smstock.sandbox import linkedin
from smstock.skills.highly_skilled import highly_skilled
from smstock.skills.members import COLUMNS
from smstock.skills.shares import shares, summary
from smstock.tables import LEVELS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int_]

WORLDS: Final = 200
VARIANT_WORLDS: Final = 60
DRAWS: Final = 1000


def main(words: list[str]) -> None:
    """Print how often intervals of shares hold the truth, and how far the highly skilled stock is off."""
    worlds = int(words[0]) if words else WORLDS
    print(f"Shares, {worlds} worlds\n")
    print("| world | shares | 50 % | 80 % | 95 % | below the floor | 80 % | median error |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, (dimension, spread) in VARIANTS.items():
        number = worlds if name in (AS_ASSUMED, POSITIONS) else min(worlds, VARIANT_WORLDS)
        print(coverage_row(name, share_scores(dimension, spread, number)), flush=True)
    start = time.process_time()
    print(f"\nHighly skilled, {worlds} worlds\n")
    print("| corridors | estimate | all | low penetration | high penetration | women | 80 % interval holds |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for line in bias_rows(skilled_scores(worlds)):
        print(line)
    print(f"\n{(time.process_time() - start) / worlds:.2f} s of CPU a world")


def shown(count: Counts) -> dict[str, Numbers]:
    """Return counts as LinkedIn shows them, and what these can have been: value, lower, upper."""
    import numpy as np

    readings = [_reading(int(number)) for number in count]
    return dict(zip(("value", "lower", "upper"), np.array(readings, dtype=float).T, strict=True))


def _reading(count: int) -> tuple[float, float, float]:
    total = linkedin.shown(count)
    return (total, *rounding.interval(total)) if total else (float("nan"), 0.0, float(rounding.FLOOR))


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    return rng.normal(0, 0.25, shape)


def _heavy(rng: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    drawn: Numbers = rng.standard_t(3, shape) * 0.25 / 3**0.5
    return drawn


def _differing(rng: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    return rng.normal(0, 0.8, shape)


ONE_EACH: Final = "experience"
"""A dimension of which a member has one category."""
SEVERAL: Final = "seniority"
"""A dimension of which a member may have several."""

STATED: Final = 0.97
"""Share of the members who state a category where they have one."""

AS_ASSUMED: Final = "one category, as assumed"
POSITIONS: Final = "several positions, as assumed"

Spread = Callable[["np.random.Generator", tuple[int, ...]], "Numbers"]

VARIANTS: Final[dict[str, tuple[str, Spread]]] = {
    AS_ASSUMED: (ONE_EACH, _normal),
    "one category, corridors of heavy tails (t, 3 degrees of freedom)": (ONE_EACH, _heavy),
    "one category, corridors that differ three times as much": (ONE_EACH, _differing),
    POSITIONS: (SEVERAL, _normal),
    "several positions, corridors of heavy tails": (SEVERAL, _heavy),
    "several positions, corridors that differ three times as much": (SEVERAL, _differing),
}
"""Dimension, and how corridors differ, by the name of a variant."""


def world_of_shares(rng: np.random.Generator, dimension: str, spread: Spread) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return members of a dimension and of wholes as they are shown, and true shares by corridor and category."""
    import numpy as np
    import pandas as pd

    origins, destinations, categories = 5, 4, 4
    origin, destination = (place.ravel() for place in np.meshgrid(range(origins), range(destinations), indexing="ij"))
    theta = rng.normal(0, 1, categories) + rng.normal(0, 0.4, (origins, categories))[origin]
    theta = theta + rng.normal(0, 0.3, (destinations, categories))[destination]
    theta = theta + spread(rng, (len(origin), categories))
    size = rng.poisson(np.exp(rng.normal(8.5, 1.3, len(origin))))
    if dimension == ONE_EACH:
        share = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
        stated = rng.binomial(size, STATED)
        count = np.array([rng.multinomial(number, part) for number, part in zip(stated, share, strict=True)])
    else:
        share = 1 / (1 + np.exp(1.5 - theta))
        count = rng.binomial(size[:, None], share)
    corridors = pd.DataFrame(
        {
            "destination": [f"D{place}" for place in destination],
            "origin": [f"O{place}" for place in origin],
        }
    )
    cells = corridors.loc[np.repeat(corridors.index, categories)].reset_index(drop=True)
    cells = cells.assign(category=np.tile([f"c{place}" for place in range(categories)], len(origin)))
    wholes = pd.DataFrame(shown(size)).join(corridors.assign(dimension="", category=""))
    parts = pd.DataFrame(shown(count.ravel())).join(cells.assign(dimension=dimension))
    table = pd.concat([wholes, parts], ignore_index=True)
    table = table.assign(sex="all", status=np.where(table["lower"] > 0, "observed", "floored"))
    return table[list(COLUMNS)], cells.assign(truth=share.ravel())


def share_scores(dimension: str, spread: Spread, worlds: int) -> pd.DataFrame:
    """Return truth and summary of the shares of all worlds."""
    import numpy as np
    import pandas as pd

    parts = []
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        members, truth = world_of_shares(rng, dimension, spread)
        estimates = summary(shares(members, rng, DRAWS)).merge(truth, on=["destination", "origin", "category"])
        parts.append(estimates.assign(world=seed))
    return pd.concat(parts, ignore_index=True)


def coverage(scores: pd.DataFrame, level: int, *, floored: bool = False) -> tuple[float, float]:
    """Return how many percent of the true shares are in the intervals, and the standard error over worlds."""
    known = scores[scores["upper_80"].notna() & (scores["share"].isna() == floored)]
    inside = (known[f"lower_{level}"] <= known["truth"]) & (known["truth"] <= known[f"upper_{level}"])
    by_world = inside.groupby(known["world"]).mean()
    return 100 * float(inside.mean()), 100 * float(by_world.std() / len(by_world) ** 0.5)


def coverage_row(name: str, scores: pd.DataFrame) -> str:
    """Return a line of the table of coverage."""
    known = scores[scores["share"].notna()]
    held = [coverage(scores, level) for level in LEVELS]
    below = coverage(scores, 80, floored=True)
    error = (known["share"] / known["truth"] - 1).abs().median()
    cells = [f"{value:.1f} ± {error:.1f}" for value, error in held]
    floored = int((scores["share"].isna() & scores["upper_80"].notna()).sum())
    return (
        f"| {name} | {len(known):,} | {' | '.join(cells)} | {floored:,} | {below[0]:.1f} ± {below[1]:.1f} "
        f"| {100 * error:.1f} % |"
    )


def world_of_persons(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return members, official figures, penetration by area and sex, and the true persons by corridor and sex."""
    import numpy as np
    import pandas as pd

    origins, destinations = 12, 6
    origin, destination = (place.ravel() for place in np.meshgrid(range(origins), range(destinations), indexing="ij"))
    cells = len(origin)
    index = pd.DataFrame({"destination": [f"D{d:02}" for d in destination], "origin": [f"O{o:02}" for o in origin]})
    rate = np.exp(rng.normal(-1.6, 0.6, origins + destinations))
    gap = rng.normal(0, 0.25, origins + destinations)
    stock = np.exp(rng.normal(10.5, 1.3, cells))
    share = 1 / (1 + np.exp(-rng.normal(-0.9, 0.4, destinations)))[destination] * np.exp(rng.normal(0, 0.4, cells))
    skilled = stock * np.minimum(share, 0.95)
    women = 1 / (1 + np.exp(-rng.normal(0.05, 0.2, cells)))
    of_origin, of_destination = rng.normal(0, 0.15, origins)[origin], rng.normal(0, 0.15, destinations)[destination]
    ends = origins + destination
    joined = 0.3 + 0.6 * np.log(rate[ends]) + 0.35 * np.log(rate[origin]) + of_origin + of_destination
    members = skilled * np.exp(joined + rng.normal(0, 0.12, cells))
    odds = women / (1 - women) * np.exp(0.7 * gap[ends] + 0.2 * gap[origin] + rng.normal(0, 0.1, cells))
    known = rng.random(cells) < 0.4
    counts, official, truth = [], [], []
    parts = {
        "all": (members, skilled, stock),
        "female": (members * odds / (1 + odds), skilled * women, stock / 2),
        "male": (members / (1 + odds), skilled * (1 - women), stock / 2),
    }
    for sex, (accounts, persons, people) in parts.items():
        table = index.assign(sex=sex, dimension="", category="", **shown(rng.poisson(accounts)))
        counts.append(table.assign(status=np.where(table["lower"] > 0, "observed", "floored")))
        by_group = [persons[destination == d].sum() / people[destination == d].sum() for d in range(destinations)]
        own = np.where(known, persons * np.exp(rng.normal(0, 0.05, cells)), np.nan)
        group = people * np.array(by_group)[destination]
        squares = [
            (people[destination == d] ** 2).sum() / people[destination == d].sum() ** 2 for d in range(destinations)
        ]
        official.append(
            index.assign(
                sex=sex, by_origin=own, years=1.0, by_group=group, concentration=np.array(squares)[destination]
            )
        )
        low = np.log(rate[origin]) < np.median(np.log(rate[:origins]))
        truth.append(index.assign(sex=sex, truth=persons, low=low, by_group=group, known=known))
    areas = [f"O{place:02}" for place in range(origins)] + [f"D{place:02}" for place in range(destinations)]
    rates = [
        pd.DataFrame({"area": areas, "sex": sex, "rate": rate * np.exp(sign * gap)})
        for sex, sign in (("all", 0.0), ("female", 0.5), ("male", -0.5))
    ]
    return pd.concat(counts), pd.concat(official), pd.concat(rates), pd.concat(truth)


def skilled_scores(worlds: int) -> pd.DataFrame:
    """Return estimates and truth of all worlds, with one ratio for all corridors and the group's share beside them."""
    import numpy as np
    import pandas as pd

    parts = []
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        members, official, rates, truth = world_of_persons(rng)
        estimates = highly_skilled(members, official, rates, rng, DRAWS).table.merge(
            truth, on=["destination", "origin", "sex"]
        )
        estimates = estimates[estimates["audience_status"] == "observed"]
        learnt = estimates[estimates["known"] & (estimates["sex"] == "all")]
        ratio = float(np.exp(np.median(np.log(learnt["truth"] / learnt["audience"]))))
        parts.append(estimates.assign(world=seed, uncorrected=estimates["audience"] * ratio))
    return pd.concat(parts, ignore_index=True)


ESTIMATES: Final = {
    "median": "corrected",
    "uncorrected": "members times one ratio",
    "by_group": "stock times the group's share",
}


def bias(scores: pd.DataFrame, estimate: str) -> float:
    """Return the bias in percent: the exponential of the mean log error, less 1."""
    import numpy as np

    return 100 * float(np.exp(np.log(scores[estimate] / scores["truth"]).mean()) - 1)


def bias_rows(scores: pd.DataFrame) -> list[str]:
    """Return the lines of the table of bias."""
    lines = []
    for known, name in ((False, "without a figure by origin"), (True, "with one")):
        rows = scores[scores["known"] == known]
        both_sexes, women = rows[rows["sex"] == "all"], rows[rows["sex"] == "female"]
        held = 100 * float(
            ((both_sexes["lower_80"] <= both_sexes["truth"]) & (both_sexes["truth"] <= both_sexes["upper_80"])).mean()
        )
        for estimate, words in ESTIMATES.items():
            parts = (both_sexes, both_sexes[both_sexes["low"]], both_sexes[~both_sexes["low"]], women)
            cells = " | ".join(f"{bias(part, estimate):+.1f} %" for part in parts)
            lines.append(f"| {name} | {words} | {cells} | {f'{held:.1f} %' if estimate == 'median' else ''} |")
    total = scores[(scores["sex"] == "all") & ~scores["known"]].groupby("world")[[*ESTIMATES, "truth"]].sum()
    sums = ", ".join(
        f"{words} {100 * float((total[estimate] / total['truth'] - 1).mean()):+.1f} %"
        for estimate, words in ESTIMATES.items()
    )
    return [*lines, "", f"Sum over the corridors without a figure by origin, mean over worlds: {sums}."]
