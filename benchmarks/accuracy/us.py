"""Facebook audiences of 2017 and 2018 in 35 states of the USA beside the American Community Survey: tasks US1 to US3.

Cells are states, 31 origins, nine age groups from 15 to 59, and sexes. US1 leaves states out and scores state-by-origin
totals of more than 1,000 persons. US2 is the protocol of Zagheni et al. 2017: a random third of the cells held out.
US3 runs all stages of Alexander et al. 2020 on men of three origins, with three ages of half of the states held out.

There is one vintage of the survey, the same beside both waves: no year after it can be scored, the three-year moving
average of Alexander et al. cannot be formed, and a pooled series has the survey in its first year only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import left_out, scoreboard, workspace

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.held_out import CHOSEN
from smstock.evaluate.scores import mape, mdape, on_common_cells, rmsle, wmape
from smstock.models.baselines import ConstantRatio, OriginRatio, RawAudience
from smstock.models.hierarchical import Hierarchical, HierarchicalGravity
from smstock.models.loglinear import LogLinear
from smstock.platforms.meta.rounding import USERS_FLOOR
from smstock.published.alexander.bias import Alexander, AlexanderPooled, fit_bias, sampling_error
from smstock.published.alexander.schedules import age_schedules
from smstock.published.alexander.series import LEVEL_SD, fit_series, observations
from smstock.published.zagheni import Zagheni, ZagheniNaive
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from smstock.workflows.evidence import Evidence

SURVEY_YEAR: Final = 2016
"""Whose design factor the sampling errors have; the file does not name the year."""
STATES: Final = {
    "Alabama": "US-AL",
    "Alaska": "US-AK",
    "Arkansas": "US-AR",
    "California": "US-CA",
    "Delaware": "US-DE",
    "Georgia": "US-GA",
    "Hawaii": "US-HI",
    "Idaho": "US-ID",
    "Indiana": "US-IN",
    "Kansas": "US-KS",
    "Kentucky": "US-KY",
    "Louisiana": "US-LA",
    "Maine": "US-ME",
    "Massachusetts": "US-MA",
    "Michigan": "US-MI",
    "Mississippi": "US-MS",
    "Missouri": "US-MO",
    "Montana": "US-MT",
    "New Hampshire": "US-NH",
    "New Jersey": "US-NJ",
    "New York": "US-NY",
    "North Carolina": "US-NC",
    "North Dakota": "US-ND",
    "Ohio": "US-OH",
    "Oklahoma": "US-OK",
    "Pennsylvania": "US-PA",
    "Rhode Island": "US-RI",
    "South Carolina": "US-SC",
    "South Dakota": "US-SD",
    "Utah": "US-UT",
    "Vermont": "US-VT",
    "Washington": "US-WA",
    "West Virginia": "US-WV",
    "Wisconsin": "US-WI",
    "Wyoming": "US-WY",
}
"""Codes (ISO 3166-2) of the 35 states."""
WAVE: Final = "2017-01"
YOUNGEST: Final = 15
OLDEST: Final = 59
CALIBRATION: Final = f"""
name = "states"
stock = "survey.csv"
provider = "census"
edition = "copied"
concepts = ["birth"]
target_date = "{SURVEY_YEAR}-07-01"
known_until = "{SURVEY_YEAR - 1}-07-01"
"""
FEWEST_PERSONS: Final = 1000
"""Totals above this are scored."""
THRESHOLDS: Final = (20, 100, 500, 1000)
SPLITS: Final = 20
HELD_OUT_CELLS: Final = 0.33
SERIES_ORIGINS: Final = ("MEX", "IND", "DEU")
"""The origins of Alexander et al. 2020."""
HELD_OUT_AGES: Final = 3
VAGUE: Final = 100.0
"""Standard deviation of a first level that the prior does not pull anywhere."""
TOTALS: Final = (RawAudience, ConstantRatio, OriginRatio, LogLinear, Hierarchical, HierarchicalGravity)
CELLS: Final = (ZagheniNaive, Zagheni, Alexander, AlexanderPooled)


def us_cells(shared: Path, wave: int) -> pd.DataFrame:
    """Return the cells of wave 1 (2017) or 5 (2018) of the audiences, beside the one vintage of the survey.

    Columns destination, origin, sex, age_min, audience, users, stock, population, and error (standard error of the log
    share in the survey, missing without migrants).
    """
    import pandas as pd

    rows = pd.read_csv(shared / f"benchmarks/us_states/wave{wave}.csv.gz", keep_default_na=False)
    table = pd.DataFrame(
        {
            "destination": rows["state"].map(STATES),
            "origin": rows["origin"].map(countries.find),
            "sex": rows["sex"].map({1: "male", 2: "female"}),
            "age_min": rows["age_group"].str.split("_").str[1].astype("int64"),
            "audience": rows["expats_mau"].astype("float64"),
            "users": rows["users_mau"].astype("float64"),
            "stock": rows["nof_foreign_born"].astype("float64"),
            "population": rows["nof_residents"].astype("float64"),
        }
    )
    share = (table["stock"] / table["population"]).where(table["stock"] > 0)
    return table.assign(error=sampling_error(share, table["population"], SURVEY_YEAR))


def us_totals(cells: pd.DataFrame) -> pd.DataFrame:
    """Return state-by-origin corridors with more than 1,000 persons, as a calibration learns from them."""
    with us_evidence(cells, us_survey(cells)) as evidence:
        table = evidence.benchmark
    return table[(table["sex"] == "all") & (table["stock"] > FEWEST_PERSONS)].reset_index(drop=True)


def us_survey(cells: pd.DataFrame) -> pd.DataFrame:
    """Return persons by state and origin as an official file has them."""
    counted = cells.groupby(["destination", "origin"])["stock"].sum().rename("value").reset_index()
    return workspace.stock(
        counted.assign(reference_date=f"{SURVEY_YEAR}-07-01"), provider="census", age_min=YOUNGEST, age_max=OLDEST
    )


def us_evidence(cells: pd.DataFrame, survey: pd.DataFrame) -> AbstractContextManager[Evidence]:
    """Return a workspace of the audiences and an official file, while it is open.

    Ages 15 to 59 together, each age group, and each sex are what the cells add up to, a cell at the floor counting as
    the floor: nobody asked for these sums. Where all cells of a corridor, or of a sex in it, are at the floor, so is
    their sum: nothing was shown of it.
    """
    import pandas as pd

    key = ["destination", "origin"]
    groupings: tuple[list[str], ...] = ([], ["sex"], ["age_min"])
    parts = {"audience": ("audience", "sum"), "cells": ("audience", "size")}
    sums = pd.concat(
        [cells.groupby([*key, *also], as_index=False).agg(**parts) for also in groupings], ignore_index=True
    )
    floors = (USERS_FLOOR * sums.pop("cells")).where(sums["age_min"].isna(), USERS_FLOOR)
    sums = sums.assign(
        wave=WAVE,
        sex=sums["sex"].fillna("all"),
        age_max=(sums["age_min"] + 4).fillna(OLDEST),
        age_min=sums["age_min"].fillna(YOUNGEST),
    )
    accounts = sums.pop("audience")
    answers = workspace.answers(sums, accounts, accounts * float("nan"), floors)
    return workspace.written(answers, {"survey.csv": survey}, CALIBRATION)


def states_left_out(cells: pd.DataFrame) -> pd.DataFrame:
    """Return every method's estimates of the totals, each made without its state, with intervals."""
    import numpy as np
    import pandas as pd

    totals = us_totals(cells)
    corridors = cross_validate(totals, TOTALS, np.random.default_rng(1))
    scored = totals[["destination", "origin"]]
    by_cell = [left_out.with_intervals(left_out.sums_of_cells(cells, method).merge(scored)) for method in CELLS]
    table = pd.concat([corridors[corridors["method"] != CHOSEN], *by_cell, left_out.super_learner(totals)])
    return on_common_cells(table[table["sex"] == "all"])


def show_states_left_out(shared: Path) -> None:
    """Print the scores of US1, and MdAPE and RMSLE with intervals from drawing states."""
    table = states_left_out(us_cells(shared, 1))
    scoreboard.show("US1: states of the USA left out, totals of more than 1,000 persons", table)
    print("95 % intervals of the scores, drawing states\n")
    scoreboard.print_lines(interval_lines(table))


def interval_lines(held_out: pd.DataFrame, draws: int = 1000) -> list[str]:
    """Return a line a method: MdAPE, wMAPE and RMSLE, each with its 95 % interval over draws of destinations."""
    import numpy as np

    lines = ["| method | MdAPE | wMAPE | RMSLE |", "| --- | ---: | ---: | ---: |"]
    for name, cells in held_out.groupby("method", sort=False):
        truth, estimates = (cells[column].to_numpy(dtype=float) for column in ("stock", "estimate"))
        members = list(cells.reset_index(drop=True).groupby("destination").indices.values())
        rng = np.random.default_rng(1)
        drawn = [
            np.concatenate([members[place] for place in rng.integers(len(members), size=len(members))])
            for _ in range(draws)
        ]
        shown = []
        for measure, digits in ((mdape, 1), (wmape, 1), (rmsle, 3)):
            low, high = np.percentile([measure(truth[of], estimates[of]) for of in drawn], [2.5, 97.5])
            shown.append(f"{measure(truth, estimates):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})")
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return lines


def adjusted_r_squared(cells: pd.DataFrame, rng: np.random.Generator, draws: int = 200) -> tuple[float, float, float]:
    """Return adjusted R2 of the corrected regression on all cells, and its 95 % interval over draws of states."""
    import numpy as np
    import pandas as pd

    groups = [group for _, group in cells.groupby("destination")]
    drawn = [
        Zagheni.fit(pd.concat([groups[place] for place in rng.integers(len(groups), size=len(groups))]))
        for _ in range(draws)
    ]
    low, high = np.percentile([fit.adjusted_r_squared for fit in drawn], [2.5, 97.5])
    return Zagheni.fit(cells).adjusted_r_squared, float(low), float(high)


def random_splits(cells: pd.DataFrame, threshold: int) -> dict[str, float]:
    """Return mean scores over random splits of the cells of at least ``threshold`` accounts, naive and corrected."""
    import numpy as np

    usable = cells[(cells["stock"] > 0) & (cells["audience"] >= threshold)]
    scores: dict[str, list[float]] = {}
    for seed in range(SPLITS):
        held_out = np.random.default_rng(seed).random(len(usable)) < HELD_OUT_CELLS
        test = usable[held_out]
        for name, method in (("naive", ZagheniNaive), ("corrected", Zagheni)):
            estimate = method.fit(usable[~held_out]).predict(test)
            for measure in (mape, mdape, wmape):
                scores.setdefault(f"{measure.__name__}_{name}", []).append(measure(test["stock"], estimate))
    means = {name: float(np.mean(values)) for name, values in scores.items()}
    means["r2_naive"] = ZagheniNaive.fit(usable).adjusted_r_squared
    means["r2_corrected"] = Zagheni.fit(usable).adjusted_r_squared
    return {"cells": len(usable), **means}


def show_random_splits(shared: Path) -> None:
    """Print US2: adjusted R2 and errors, without and with the effects of origin and of age by sex."""
    import numpy as np

    cells = us_cells(shared, 1)
    print("### US2: Zagheni et al. 2017, a random third of the cells held out (mean of 20 splits)\n")
    lines = ["| audience | cells | adjusted R2 | MAPE | MdAPE | wMAPE |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for threshold in THRESHOLDS:
        row = random_splits(cells, threshold)
        measures = " | ".join(
            f"{row[f'{name}_naive']:.1f} -> {row[f'{name}_corrected']:.1f}" for name in ("mape", "mdape", "wmape")
        )
        lines.append(
            f"| >= {threshold} | {row['cells']} | {row['r2_naive']:.3f} -> {row['r2_corrected']:.3f} | {measures} |"
        )
    scoreboard.print_lines(lines)
    value, low, high = adjusted_r_squared(cells[cells["stock"] > 0], np.random.default_rng(1))
    print(
        f"Adjusted R2 of the corrected regression on all cells: {value:.3f}; drawing the 35 states anew, {low:.3f} to "
        f"{high:.3f}. All 50 states have 13,328 cells and 0.699.\n"
    )


def ages_held_out(shared: Path, origin: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return held-out shares of men of an origin beside the estimates of each competitor of Alexander et al. 2020.

    Half of the states, then the other half, lose three ages, drawn for each state; schedules come from the states that
    lose none. The survey and wave 1 stand in 2017, wave 5 in 2018. Columns destination, age_min, share, population,
    and the estimates survey, audience, combined, combined_vague.
    """
    import numpy as np
    import pandas as pd

    waves = {2017: us_cells(shared, 1), 2018: us_cells(shared, 5)}
    waves = {
        year: table[(table["origin"] == origin) & (table["sex"] == "male")].assign(year=year)
        for year, table in waves.items()
    }
    survey, audiences = waves[2017], pd.concat(waves.values())
    order = {name: place for place, name in enumerate(rng.permutation(survey["destination"].unique()))}
    ages = survey["age_min"].unique()
    lost = {name: set(rng.permutation(ages)[:HELD_OUT_AGES]) for name in order}
    parts = []
    for half in (0, 1):
        half_lost = survey["destination"].map(order) % 2 == half
        is_lost = np.array(
            [age in lost[name] for name, age in zip(survey["destination"], survey["age_min"], strict=True)]
        )
        held_out = survey[half_lost & is_lost & (survey["stock"] > 0)]
        known = survey.drop(index=held_out.index)
        bias = fit_bias(known)
        shares = (known["stock"] / known["population"]).groupby([known["destination"], known["age_min"]]).sum()
        schedules = age_schedules(shares.unstack()[ages.tolist()])  # noqa: PD010 - a matrix of destinations and ages
        both = observations(known, audiences, bias)
        table = held_out.assign(
            share=held_out["stock"] / held_out["population"], audience=np.exp(bias.log_share(held_out))
        )
        for name, observed, level_sd in (
            ("survey", both[both["source"] == "survey"], VAGUE),
            ("combined", both, LEVEL_SD),
            ("combined_vague", both, VAGUE),
        ):
            fitted = fit_series(observed, schedules, level_sd=level_sd).shares
            fitted = fitted[fitted["year"] == 2017].assign(**{name: lambda rows: np.exp(rows["log_share"])})
            table = table.merge(fitted[["destination", "age_min", name]], on=["destination", "age_min"], how="left")
        parts.append(table)
    return pd.concat(parts, ignore_index=True).dropna(subset=["survey", "audience", "combined"])


def show_ages_held_out(shared: Path) -> None:
    """Print US3: errors of the shares, each competitor on the same cells, over three draws of states and ages."""
    import numpy as np
    import pandas as pd

    print("### US3: Alexander et al. 2020, men, three ages of half of the states held out\n")
    names = {
        "survey": "survey alone",
        "audience": "audience alone",
        "combined": "combined, prior of the level as published",
        "combined_vague": "combined, vague prior of the level",
    }
    lines = [
        f"| origin | cells | {' | '.join(names.values())} |",
        f"| --- | ---: |{' ---: |' * len(names)}",
    ]
    for origin in SERIES_ORIGINS:
        table = pd.concat([ages_held_out(shared, origin, np.random.default_rng(seed)) for seed in range(3)])
        per_thousand = {name: 1000 * np.sqrt(np.mean((table[name] - table["share"]) ** 2)) for name in names}
        figures = [f"{per_thousand[name]:.2f} / {rmsle(table['share'], table[name]):.3f}" for name in names]
        lines.append(f"| {origin} | {len(table)} | {' | '.join(figures)} |")
    print("RMSE per 1,000 residents, as published, / RMSLE\n")
    scoreboard.print_lines(lines)
