"""The highly skilled stock by corridor: official figures by education and members of the network, each corrected.

The total of a corridor follows `smstock.skills.correction` with the covariates 1, log penetration at the destination
and log penetration at the origin; women per man with the professional gender gap (women's penetration over men's) at
both. Kashyap and Verkroost 2021 (EPJ Data Science 10:39) find that the network's women per man follow those of
professionals in official figures, and that it holds too many women of high status where few women are online; no study
has measured the elasticities for migrants. The priors say so: half of each end, give or take a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.corridors.table import NOT_ASKED
from smstock.errors import ModelError
from smstock.skills.correction import Corrected, Evidence, corrected
from smstock.skills.counts import gaussian_sites
from smstock.tables import CORRIDOR_KEY, LEVELS
from smstock.vocabulary.facets import SEXES

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

PENETRATION: Final = (0.5, 0.25)
"""Prior mean and standard deviation of the elasticities of members per person: destination and origin alike."""
GENDER_GAP: Final = (0.5, 0.25)
"""Prior mean and standard deviation of the elasticities of women per man, destination and origin alike."""
LEVEL: Final = (0.0, 1.0)
"""Prior mean and standard deviation of log members per person where penetration is 1 at both ends."""
OWN_SD: Final = 0.05
"""Standard deviation (log) of a fresh official figure by origin."""
AGEING: Final = 0.04
"""What a year adds to it."""
SPREADS_OF_TOTALS: Final = (0.2, 0.2, 0.4)
SPREADS_OF_RATIOS: Final = (0.1, 0.1, 0.15)

_PRIORS: Final = {
    "level": LEVEL,
    "penetration at the destination": PENETRATION,
    "penetration at the origin": PENETRATION,
    "gender gap at the destination": GENDER_GAP,
    "gender gap at the origin": GENDER_GAP,
}


@dataclass(frozen=True, eq=False)
class HighlySkilled:
    """The highly skilled by corridor and sex, the draws behind them, and what was learnt of the network.

    Parameters
    ----------
    table
        Columns destination, origin, sex, ``median`` and intervals of 50, 80 and 95 % (persons), ``audience``,
        ``audience_status``, ``official``, ``official_of`` (origin, group or empty) and ``evidence``.
    draws
        Persons, shape (draws, rows of the table).
    elasticities
        Columns name, median, lower_80, upper_80, and prior_mean and prior_sd.
    """

    table: pd.DataFrame
    draws: Numbers
    elasticities: pd.DataFrame


def penetrations(members: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Return members per person of each area and sex: columns area, sex, rate.

    Parameters
    ----------
    members
        Table of `smstock.skills.members.members`; the rows of everybody are used.
    population
        Population table. Of an area and sex, the newest figure of the ages nearest to 18 and older is used: a common
        factor does not matter, since only differences between areas do.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"destination": "AUT", "origin": "", "sex": "all", "dimension": "", "category": "", "value": 2e6}
    >>> people = {"area": "AUT", "sex": "all", "age_min": 15, "age_max": None, "reference_date": "2020-01-01"}
    >>> penetrations(pd.DataFrame([row]), pd.DataFrame([people | {"value": 7.6e6}]))["rate"].round(2).tolist()
    [0.26]
    """
    everybody = members[(members["origin"] == "") & (members["dimension"] == "")]
    users = everybody.rename(columns={"destination": "area", "value": "users"})[["area", "sex", "users"]]
    people = population[population["age_max"].isna()]
    people = people.assign(distance=(people["age_min"].astype("float64") - 18).abs())
    people = people.sort_values(["distance", "reference_date"], ascending=[True, False])
    joined = users.merge(people.drop_duplicates(["area", "sex"]), on=["area", "sex"])
    joined["rate"] = joined["users"] / joined["value"]
    rates: pd.DataFrame = joined[["area", "sex", "rate"]]
    return rates


def highly_skilled(
    members: pd.DataFrame,
    official: pd.DataFrame,
    penetration: pd.DataFrame,
    rng: np.random.Generator,
    draws: int,
) -> HighlySkilled:
    """Return the highly skilled stock of each corridor of the members, women and men too where both are known.

    Parameters
    ----------
    members
        Table of `smstock.skills.members.members`.
    official
        Table of `smstock.skills.tertiary.tertiary`.
    penetration
        Table of `penetrations`. An area without a rate counts as the average of the others.
    rng, draws
        Source of randomness, and how many draws.

    Raises
    ------
    ModelError
        No corridor has both members above the floor and an official figure.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> members = pd.DataFrame({"destination": ["AUT", "DEU"], "origin": "SRB", "sex": "all", "dimension": "",
    ...     "category": "", "value": [9000.0, 20000.0], "lower": [8950.0, 19500.0], "upper": [9050.0, 20500.0],
    ...     "status": "observed"})
    >>> official = pd.DataFrame({"destination": ["AUT"], "origin": "SRB", "sex": "all", "by_origin": [30000.0],
    ...     "years": 0.0, "by_group": None, "concentration": None})
    >>> none = pd.DataFrame({"area": [], "sex": [], "rate": []})
    >>> found = highly_skilled(members, official, none, np.random.default_rng(1), 2000)
    >>> found.table[["destination", "median", "evidence"]].round(-4).to_numpy().tolist()
    [['AUT', 30000.0, 'official and audience'], ['DEU', 60000.0, 'audience']]
    """
    by_sex = {sex: _aligned(members, official, sex) for sex in SEXES}
    totals, ratios = _totals(by_sex["all"], penetration), _ratios(by_sex, penetration)
    if not (np.isfinite(totals.audience) & np.isfinite(totals.official)).any():
        raise ModelError(
            "no corridor has both members above the floor and an official figure of the highly skilled",
            hint="name a stock and an education file that hold the corridors of the query",
        )
    total, split = corrected(totals, rng, draws), corrected(ratios, rng, draws)
    persons, women = np.exp(total.persons), 1 / (1 + np.exp(-split.persons))
    parts = {"all": persons, "female": persons * women, "male": persons * (1 - women)}
    table = pd.concat([_summary(by_sex[sex], parts[sex]).assign(sex=sex) for sex in SEXES], ignore_index=True)
    stated = (table["sex"] == "all") | (table["evidence"] != "none") | (table["audience_status"] != NOT_ASKED)
    drawn = np.concatenate([parts[sex] for sex in SEXES], axis=1)[:, stated]
    return HighlySkilled(table[stated].reset_index(drop=True), drawn, _elasticities(total, split))


def _aligned(members: pd.DataFrame, official: pd.DataFrame, sex: str) -> pd.DataFrame:
    """Return members and official figures of a sex side by side, a row for each corridor that is asked for."""
    abroad = members[(members["origin"] != "") & (members["origin"] != members["destination"])]
    corridors = abroad[CORRIDOR_KEY].drop_duplicates().sort_values(CORRIDOR_KEY)
    undivided = abroad[(abroad["dimension"] == "") & (abroad["sex"] == sex)]
    side_by_side = corridors.merge(
        undivided[[*CORRIDOR_KEY, "value", "lower", "upper", "status"]], on=CORRIDOR_KEY, how="left"
    )
    columns = [*CORRIDOR_KEY, "by_origin", "years", "by_group", "concentration"]
    side_by_side = side_by_side.merge(official.loc[official["sex"] == sex, columns], on=CORRIDOR_KEY, how="left")
    return side_by_side.astype(dict.fromkeys(["value", "lower", "upper", *columns[2:]], "float64"))


def _logs(rows: pd.DataFrame) -> dict[str, Numbers]:
    """Return the logarithms of the official figure to be used, of its standard deviation, of the group's, of members.

    A figure by origin is preferred to one by group.
    """
    own, group, years = (rows[name].to_numpy(dtype=float) for name in ("by_origin", "by_group", "years"))
    with np.errstate(divide="ignore"):
        own, group = (np.where(figure > 0, np.log(np.where(figure > 0, figure, 1)), np.nan) for figure in (own, group))
    mean, precision = gaussian_sites(*(rows[end].to_numpy(dtype=float) for end in ("lower", "upper")))
    observed = precision > 0
    return {
        "official": np.where(np.isfinite(own), own, group),
        "official_sd": np.where(np.isfinite(own), np.hypot(OWN_SD, AGEING * np.nan_to_num(years)), np.nan),
        "own": own,
        "group": group,
        "audience": np.where(observed, mean, np.nan),
        "variance": np.where(observed, 1 / np.where(observed, precision, 1.0), np.nan),
    }


def _totals(rows: pd.DataFrame, penetration: pd.DataFrame) -> Evidence:
    logs = _logs(rows)
    rates = penetration[penetration["sex"] == "all"].set_index("area")["rate"].astype("float64")
    ends = [_filled(np.log(rates.reindex(rows[end]).to_numpy())) for end in CORRIDOR_KEY]
    mean, sd = zip(LEVEL, PENETRATION, PENETRATION, strict=True)
    return Evidence(
        audience=logs["audience"],
        audience_variance=logs["variance"],
        official=logs["official"],
        official_sd=logs["official_sd"],
        group=logs["group"],
        covariates=np.column_stack([np.ones(len(rows)), *ends]),
        prior_mean=np.array(mean),
        prior_sd=np.array(sd),
        origins=rows["origin"].tolist(),
        destinations=rows["destination"].tolist(),
        spread_of_group=1 - rows["concentration"].fillna(1.0).to_numpy(),
        spreads=SPREADS_OF_TOTALS,
    )


def _ratios(by_sex: dict[str, pd.DataFrame], penetration: pd.DataFrame) -> Evidence:
    """Return what is known of the logarithm of women per man."""
    female, male = (_logs(by_sex[sex]) for sex in ("female", "male"))
    rows = by_sex["all"]
    rates = penetration.pivot_table(index="area", columns="sex", values="rate").reindex(columns=["female", "male"])
    rates["gap"] = rates["female"].astype("float64") / rates["male"].astype("float64")
    ends = [_filled(np.log(rates["gap"].reindex(rows[end]).to_numpy(dtype=float))) for end in CORRIDOR_KEY]
    own, group, audience = (female[name] - male[name] for name in ("own", "group", "audience"))
    mean, sd = zip(GENDER_GAP, GENDER_GAP, strict=True)
    return Evidence(
        audience=audience,
        audience_variance=female["variance"] + male["variance"],
        official=np.where(np.isfinite(own), own, group),
        official_sd=np.where(np.isfinite(own), female["official_sd"], np.nan),
        group=group,
        covariates=np.column_stack(ends),
        prior_mean=np.array(mean),
        prior_sd=np.array(sd),
        origins=rows["origin"].tolist(),
        destinations=rows["destination"].tolist(),
        spread_of_group=np.zeros(len(rows)),
        spreads=SPREADS_OF_RATIOS,
    )


def _filled(logs: Numbers) -> Numbers:
    """Return logarithms of rates with the average in place of those that are missing, 0 where all are."""
    known = np.isfinite(logs)
    return np.where(known, logs, logs[known].mean() if known.any() else 0.0)


def _summary(rows: pd.DataFrame, persons: Numbers) -> pd.DataFrame:
    """Return the table of one sex: median, intervals, and what they rest on."""
    own, group = rows["by_origin"].notna(), rows["by_group"].notna()
    observed, estimated = rows["lower"] > 0, np.isfinite(persons).all(axis=0)
    evidence = np.select(
        [~estimated, observed & (own | group), observed], ["none", "official and audience", "audience"], "official"
    )
    table = rows[CORRIDOR_KEY].assign(
        median=np.median(persons, axis=0),
        audience=rows["value"],
        audience_status=rows["status"].fillna(NOT_ASKED),
        official=rows["by_origin"].fillna(rows["by_group"]),
        official_of=np.select([own, group], ["origin", "group"], ""),
        evidence=evidence,
    )
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        table[f"lower_{level}"], table[f"upper_{level}"] = np.quantile(persons, [tail, 1 - tail], axis=0)
    return table


def _elasticities(total: Corrected, split: Corrected) -> pd.DataFrame:
    """Return what was learnt of the network beside what was believed beforehand."""
    draws = np.concatenate([total.elasticities, split.elasticities], axis=1)
    lower, median, upper = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    mean, sd = zip(*_PRIORS.values(), strict=True)
    return pd.DataFrame(
        {"name": [*_PRIORS], "median": median, "lower_80": lower, "upper_80": upper, "prior_mean": mean, "prior_sd": sd}
    )
