"""Repair of audiences: glitches found, the break of 2019 estimated from half of the corridors, simulated breaks found.

Real data: 702 corridors between countries of the European Union on eleven dates, 2016 to 2019. Simulated panels have
the same corridors in eight monthly waves: noise of 0.025 from wave to wave, a random walk of 0.02 a month for each
corridor and of 0.01 for each origin and destination, rounding to two digits, a floor of 1,000, and 4.6 % of the values
from 3,000 on shown as the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import workspace
from benchmarks.real_data import shared_folder

from smstock.audience.breaks import break_links, estimate_break, find_breaks
from smstock.audience.eras import SERIES
from smstock.audience.glitches import glitch_reasons, without_glitches
from smstock.platforms.meta.rounding import FLOOR, USERS_FLOOR
from smstock.sandbox.display import point
from smstock.vocabulary import countries
from smstock.vocabulary.status import FLOORED, OBSERVED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.floating]

BREAK: Final = "2019-04"
POISONED: Final = (("LVA", "2019-04"), ("IRL", "2019-06"), ("ITA", "2019-06"), ("ROU", "2019-06"))
"""Origins and waves whose recovered values rest on a helper that was a glitch."""
HELPER_STEP: Final = 5_000
"""Half a step of the helpers between 100,000 and 1,000,000: a recovered value below it may be rounding alone."""
GLITCHES: Final = 0.046
REAL_DRIFT: Final = (0.0, -0.041, 0.036, -0.061, -0.061)
"""Median steps between the dates of the real set that are a month apart, the break left out."""
PANELS: Final = 150
DRAWS: Final = 40
WAVES: Final = tuple(f"2018-{month:02d}" for month in range(3, 11))


def main(words: list[str]) -> None:
    """Print what is found of the glitches and breaks, and how far repaired corridors are off."""
    del words
    published = corridors(shared_folder())
    print("Glitches, real floors of 1,000\n")
    print("| reference | spurious | found | without daily accounts | true floors | called glitches |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for line in glitch_scores(published):
        print(line)
    print("\nBreaks found on the eleven real dates\n")
    for row in find_breaks(published).to_dict("records"):
        scope = row["origin"] or "all origins"
        print(f"{row['metric']} {row['wave']} {scope}: factor {row['factor']:.3f}, {row['corridors']} corridors")
    print("\nDaily over monthly accounts, glitches taken out\n")
    for period in daily_share(without_glitches(published, [BREAK]), [BREAK]).to_dict("records"):
        print(
            f"from {period['period']}: {period['share']:.2f}, sd of cells {period['sd']:.2f}, {period['cells']:,} cells"
        )
    print("\nBreak of April 2019, half of the corridors seen after it\n")
    print("\n".join(half_seen(published, draws=DRAWS)))
    print("\nSimulated panels, one break each\n")
    print("| common drift | panels | breaks found | of factor 0.85 to 0.9 | false alarms a wave | rms of the factor |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, drift in (("none", (0.0,)), ("that of the real dates", REAL_DRIFT)):
        print(f"| {name} | {break_scores(drift, panels=PANELS)}")


def daily_share(audience: pd.DataFrame, starts: Sequence[str] = ()) -> pd.DataFrame:
    """Return daily over monthly accounts by platform and period: columns platform, period, share, sd, cells.

    Parameters
    ----------
    audience
        Audience table with both metrics; only cells in which both are observed count.
    starts
        Waves at which a period begins, besides the first wave: the breaks.

    Returns
    -------
    pandas.DataFrame
        ``period`` is its first wave, ``share`` the median, ``sd`` a robust standard deviation of the logarithm
        (1.4826 times the median distance) of single cells around it.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(SERIES, "") | {"platform": "meta", "status": "observed", "destination": "DEU"}
    >>> table = pd.DataFrame([cell | {"metric": metric, "wave": wave, "value": value} for metric, wave, value in
    ...     [("mau", "2018-05", 10_000.0), ("dau", "2018-05", 5200.0), ("mau", "2024-05", 5000.0),
    ...      ("dau", "2024-05", 4350.0)]])
    >>> daily_share(table, ["2024-05"])[["period", "share"]].values.tolist()
    [['2018-05', 0.52], ['2024-05', 0.87]]
    """
    import numpy as np
    import pandas as pd

    observed = audience[(audience["status"] == OBSERVED) & (audience["value"] > 0)]
    cell = ["wave", *(name for name in SERIES if name != "metric")]
    daily, monthly = (observed[observed["metric"] == metric][[*cell, "value"]] for metric in ("dau", "mau"))
    both = daily.merge(monthly, on=cell, suffixes=("_daily", "_monthly"))
    both["log"] = np.log(both["value_daily"].astype("float64") / both["value_monthly"].astype("float64"))
    first = both["wave"].min()
    both["period"] = [max((start for start in starts if start <= wave), default=first) for wave in both["wave"]]
    rows = [
        {
            "platform": platform,
            "period": period,
            "share": float(np.exp(logs.median())),
            "sd": float(1.4826 * (logs - logs.median()).abs().median()),
            "cells": len(logs),
        }
        for (platform, period), logs in both.groupby(["platform", "period"])["log"]
    ]
    return pd.DataFrame(rows, columns=["platform", "period", "share", "sd", "cells"])


def show_break(shared: Path) -> None:
    """Print how far corridors are off once the break of April 2019 is repaired, half of them seen after it."""
    lines = half_seen(corridors(shared), draws=DRAWS)
    print("### B1: EU, break of April 2019 repaired, half of the corridors seen after it\n")
    print("\n".join(lines), end="\n\n")


def corridors(shared: Path) -> pd.DataFrame:
    """Return the published corridors as an audience table: both metrics, floors as floors, glitches as they came."""
    import pandas as pd

    raw = pd.read_csv(shared / "benchmarks/eu28/facebook_2016_2019.csv", dtype=str, keep_default_na=False)
    monthly, daily = (pd.to_numeric(raw[name].replace("", None)) for name in ("mau", "dau"))
    floor = (raw["date"] < "2018").map({True: USERS_FLOOR, False: FLOOR})
    cells = pd.DataFrame(
        {
            "wave": raw["date"].str[:7],
            "destination": raw["destination"].map(countries.find),
            "origin": raw["origin"].map(countries.find),
        }
    )
    return workspace.answers(cells, monthly, daily, floor, age_min=15, age_max=64)


def recovered(shared: Path) -> pd.Series:
    """Return what the collectors recovered of floored corridors by union and difference: by wave and corridor."""
    import pandas as pd

    raw = pd.read_csv(shared / "benchmarks/eu28/facebook_2016_2019.csv", dtype=str, keep_default_na=False)
    numbers = pd.to_numeric(raw["mau_union_difference"].replace("", None))
    return pd.Series(
        numbers.to_numpy(),
        index=pd.MultiIndex.from_arrays(
            [raw["date"].str[:7], raw["destination"].map(countries.find), raw["origin"].map(countries.find)]
        ),
    )


def glitch_scores(published: pd.DataFrame) -> list[str]:
    """Return a line for each reference set: how many of its glitches are found, how many true floors called so."""
    import numpy as np

    recent = published[published["wave"] >= "2018"].reset_index(drop=True)
    monthly = recent[recent["metric"] == "mau"].reset_index(drop=True)
    key = ["wave", "destination", "origin"]
    daily = recent[recent["metric"] == "dau"].set_index(key)["upper"].reindex(monthly.set_index(key).index).to_numpy()
    flags = (glitch_reasons(recent, [BREAK])[recent["metric"] == "mau"] != "").to_numpy()
    alone = (glitch_reasons(monthly, [BREAK]) != "").to_numpy()
    floored = (monthly["status"] == FLOORED).to_numpy()
    shown = monthly["value"].fillna(FLOOR)
    elsewhere = _others(monthly, shown)
    back = recovered(shared_folder()).reindex(monthly.set_index(key).index).to_numpy()
    poisoned = np.array([pair in POISONED for pair in zip(monthly["origin"], monthly["wave"], strict=True)])
    rule = (daily > FLOOR) | (elsewhere >= 3 * FLOOR)
    references = (
        ("other dates of the regime at 3,000 or more (median)", elsewhere >= 3 * FLOOR, ~rule),
        ("daily accounts above 1,000", daily > FLOOR, ~rule),
        ("either", rule, ~rule),
        ("recovered at 3,000 or more; true: below 1,000", (back >= 3 * FLOOR) & ~poisoned, (back < FLOOR) & ~poisoned),
        (
            "recovered at 5,000 or more; true: below 1,000",
            (back >= HELPER_STEP) & ~poisoned,
            (back < FLOOR) & ~poisoned,
        ),
    )
    lines = []
    for name, spurious, true in references:
        shown_floors, cleared = floored & spurious, floored & true
        lines.append(
            f"| {name} | {shown_floors.sum()} | {flags[shown_floors].mean():.1%} | {alone[shown_floors].mean():.1%} "
            f"| {cleared.sum():,} | {flags[cleared].mean():.2%} |"
        )
    return [*lines, _planted(monthly, flags), _simulated_glitches()]


def _others(monthly: pd.DataFrame, shown: pd.Series) -> Numbers:
    """Return the median of a corridor's other dates within the regime, floors counted as the floor."""
    import numpy as np

    regime = monthly["wave"] >= BREAK
    medians = np.full(len(monthly), np.nan)
    for places in monthly.groupby(["origin", "destination", regime]).indices.values():
        for place in places:
            other_dates = shown.to_numpy()[places[places != place]]
            medians[place] = np.median(other_dates) if len(other_dates) else np.nan
    return medians


def _planted(monthly: pd.DataFrame, flags: npt.NDArray[np.bool_]) -> str:
    """Score floors planted among the real values of 3,000 and more, without daily accounts."""
    import numpy as np

    clean = monthly[~flags].reset_index(drop=True)
    planted = caught = 0
    for seed in range(20):
        large = clean["value"] >= 3 * FLOOR
        chosen = (large & (np.random.default_rng(seed).random(len(clean)) < GLITCHES)).to_numpy()
        flagged = (glitch_reasons(_floored(clean, chosen), [BREAK]) != "").to_numpy()
        planted, caught = planted + int(chosen.sum()), caught + int(flagged[chosen].sum())
    return f"| planted among values of 3,000 and more, 20 draws | {planted} | | {caught / planted:.1%} | | |"


def _floored(table: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return table.assign(
        value=table["value"].mask(chosen),
        lower=table["lower"].mask(chosen, 0.0),
        upper=table["upper"].mask(chosen, FLOOR),
        status=table["status"].mask(chosen, FLOORED),
    )


def _simulated_glitches() -> str:
    """Score simulated panels, in which it is known which floors are spurious."""
    import numpy as np

    spurious = caught = true = called = 0
    for seed in range(20):
        world = panel(np.random.default_rng(seed), REAL_DRIFT)
        flagged = (glitch_reasons(world.shown, [world.wave]) != "").to_numpy()
        floored = (world.shown["status"] == FLOORED).to_numpy()
        spurious, caught = spurious + int(world.glitches.sum()), caught + int(flagged[world.glitches].sum())
        below = floored & ~world.glitches
        true, called = true + int(below.sum()), called + int(flagged[below].sum())
    return f"| simulated | {spurious} | | {caught / spurious:.1%} | {true:,} | {called / true:.2%} |"


def half_seen(published: pd.DataFrame, draws: int) -> list[str]:
    """Return how far March 2019, linked, is from April 2019 in corridors that were not seen after the break."""
    import numpy as np
    import pandas as pd

    clean = without_glitches(published, [BREAK])
    clean = clean[clean["metric"] == "mau"]
    values = clean.pivot_table(values="value", index=["origin", "destination"], columns="wave")
    logs = np.log(values)
    steps = (logs[BREAK] - logs["2019-03"]).dropna()
    pairs = clean[["origin", "destination"]].drop_duplicates().sort_values(["origin", "destination"])
    keys = pd.MultiIndex.from_frame(clean[["origin", "destination"]])
    sds, scores, common = [], [], []
    for seed in range(draws):
        chosen = np.random.default_rng(seed).permutation(len(pairs))[: len(pairs) // 2]
        known_pairs = pd.MultiIndex.from_frame(pairs.iloc[chosen])
        known = clean[(clean["wave"] < BREAK) | keys.isin(known_pairs)]
        links = estimate_break(known, BREAK).links.set_index(["origin", "destination"])
        hidden = steps[~steps.index.isin(known_pairs)]
        errors = hidden - np.log(links["factor"].reindex(hidden.index))
        sds.append(errors.std())
        common.append((hidden - steps[steps.index.isin(known_pairs)].median()).std())
        scores.append((errors / links["link_sd"].reindex(hidden.index)).abs())
    z = pd.concat(scores)
    effects = estimate_break(clean, BREAK).effects
    low = np.mean(np.array(sds) <= 0.07)
    return [
        f"corridors above the floor in March and April: {len(steps)}; half of all corridors seen, the others scored",
        f"all seen: kappa {effects.kappa:.3f}, theta {effects.theta:.1f}, beta {effects.beta:.3f}",
        f"one common factor: residual sd {np.mean(common):.3f}",
        f"the estimate: residual sd {np.mean(sds):.3f}, {min(sds):.3f} to {max(sds):.3f}, {low:.0%} of draws <= 0.070",
        f"within the 80 % interval {(z < 1.2816).mean():.0%}, within the 95 % interval {(z < 1.96).mean():.0%}",
    ]


@dataclass(frozen=True, eq=False)
class Panel:
    """A simulated panel: the table as shown, which rows are glitches, the wave and true factors of its break."""

    shown: pd.DataFrame
    glitches: npt.NDArray[np.bool_]
    wave: str
    factor: float
    log_factors: pd.Series


def panel(rng: np.random.Generator, drift: tuple[float, ...], factor: float | None = None) -> Panel:
    """Return a simulated panel with a break of a factor drawn from 0.5 to 0.9, at any wave but the first two and last.

    The effects of origins, destinations and corridors have 0.13, 0.13 and 0.1 of the size of the break, as in 2019.
    """
    import numpy as np
    import pandas as pd

    codes = countries.group("eu28")
    pairs = pd.DataFrame([(o, d) for o in codes[:26] for d in codes if o != d], columns=["origin", "destination"])
    origin, destination = (pairs[name].map(codes.index).to_numpy() for name in ("origin", "destination"))
    factor = rng.uniform(0.5, 0.9) if factor is None else factor
    place = int(rng.integers(2, len(WAVES) - 1))
    size = abs(np.log(factor))
    moved = np.log(factor) + rng.normal(0, 0.13 * size, 28)[origin] + rng.normal(0, 0.13 * size, 28)[destination]
    moved += rng.normal(0, 0.1 * size, len(pairs))
    levels = rng.normal(7, 1, 28)[origin] / 1.4 + rng.normal(7, 1, 28)[destination] / 2.6 + rng.normal(0, 1, len(pairs))
    counts = []
    for number in range(len(WAVES)):
        if number:
            levels = levels + rng.choice(drift) + rng.normal(0, 0.02, len(pairs))
            levels += rng.normal(0, 0.01, 28)[origin] + rng.normal(0, 0.01, 28)[destination]
        counts.append(np.exp(levels + rng.normal(0, 0.025, len(pairs)) + (moved if number >= place else 0)))
    cells = pd.concat([pairs.assign(wave=wave) for wave in WAVES], ignore_index=True)
    true = np.concatenate(counts)
    glitches = (true >= 3 * FLOOR) & (rng.random(len(true)) < GLITCHES)
    monthly = pd.Series([float(point(int(count))) for count in true])
    shown = workspace.answers(cells, monthly, monthly * np.nan, FLOOR, age_min=15, age_max=64)
    shown = shown[shown["metric"] == "mau"].reset_index(drop=True)
    log_factors = pd.Series(moved, index=pd.MultiIndex.from_frame(pairs))
    return Panel(_floored(shown, glitches), glitches, WAVES[place], float(factor), log_factors)


def break_scores(drift: tuple[float, ...], panels: int) -> str:
    """Return breaks found, false alarms, and the error of the factors, over simulated panels."""
    import numpy as np

    hits, slight, false, errors = [], [], 0, []
    for seed in range(panels):
        world = panel(np.random.default_rng(1000 + seed), drift)
        breaks = find_breaks(world.shown)
        hit = bool(((breaks["wave"] == world.wave) & (breaks["origin"] == "")).any())
        hits.append(hit)
        slight += [hit] if world.factor > 0.85 else []
        false += len(breaks) - hit
        if hit and seed < 40:
            links = break_links(world.shown, breaks[breaks["wave"] == world.wave]).set_index(["origin", "destination"])
            errors.append(np.log(links["factor"]) - world.log_factors.reindex(links.index))
    rms = float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))
    waves = panels * (len(WAVES) - 2)
    return f"{panels} | {np.mean(hits):.1%} | {np.mean(slight):.1%} | {false / waves:.2%} | {rms:.3f} |"
