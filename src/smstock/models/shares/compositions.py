"""The groups table as arrays: one row a corridor, one column a group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import ContractError
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.schooling import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP: Final = ["sex", "age_min", "age_max", "education"]
"""The columns that name a group."""
NUMBERS: Final = ("audience", "audience_upper", "users", "population", "official", "stock")
_OPEN: Final = 15.0
"""Years that an open age group is taken to be long, for its middle alone."""


@dataclass(frozen=True, eq=False)
class Compositions:
    """Corridors of the same groups: accounts and persons by corridor and group.

    Attributes
    ----------
    destination, origin
        Ends of each corridor.
    groups
        Sex, youngest and oldest age (None: open) and education of each group.
    audience, audience_upper
        Accounts, and the most they can be; an audience below the floor is not a number.
    users, population
        Accounts of all users, and persons, of that sex and age at the destination.
    official, basis
        Persons of the newest official composition, and whose it is: of the ``corridor``, of all origins at the
        ``destination``, of that ``origin`` elsewhere, of a group of origins at the destination; empty: none.
    stock
        Persons at the target date.
    groups_asked
        Which groups accounts were asked of: others, such as children, are in official figures alone.
    """

    destination: np.ndarray
    origin: np.ndarray
    groups: tuple[tuple[str, int, int | None, str], ...]
    audience: np.ndarray
    audience_upper: np.ndarray
    users: np.ndarray
    population: np.ndarray
    official: np.ndarray
    basis: np.ndarray
    stock: np.ndarray
    groups_asked: tuple[bool, ...]

    def __len__(self) -> int:
        """Return the number of corridors."""
        return len(self.destination)

    def taken(self, rows: np.ndarray) -> Compositions:
        """Return some corridors: a mask, or their places."""
        return replace(self, **{name: getattr(self, name)[rows] for name in (*CORRIDOR_KEY, *NUMBERS, "basis")})

    def without_stock(self, rows: np.ndarray) -> Compositions:
        """Return the same corridors, the stock of some of them not known."""
        return replace(self, stock=np.where(np.asarray(rows)[:, None], np.nan, self.stock))

    def without_official(self, rows: np.ndarray) -> Compositions:
        """Return the same corridors, no official composition of some of them known before."""
        official = np.where(np.asarray(rows)[:, None], np.nan, self.official)
        return replace(self, official=official, basis=np.where(rows, "", self.basis))

    @property
    def asked(self) -> np.ndarray:
        """`groups_asked` as an array."""
        return np.array(self.groups_asked, dtype=bool)

    @property
    def total(self) -> np.ndarray:
        """Persons of each corridor at the target date; not a number where a group is not known."""
        persons: np.ndarray = self.stock.sum(axis=1)
        return persons

    @property
    def contrasts(self) -> dict[str, np.ndarray]:
        """Women against men, young against old, high against low: from -1 to 1 with mean 0; 0 where all are alike."""
        sexes = np.array([{"female": 1.0, "male": -1.0}.get(sex, 0.0) for sex, *_ in self.groups])
        middles = np.array([(low + (low + _OPEN if high is None else high)) / 2 for _, low, high, _ in self.groups])
        age = _scaled(middles)
        contrasts = {"sex": _scaled(sexes), "age": age, "middle": _scaled(-(age**2))}
        if any(level for *_, level in self.groups):
            ranks = {level: float(rank) for rank, level in enumerate(LEVELS, -1)}
            contrasts["education"] = _scaled(np.array([ranks.get(level, 0.0) for *_, level in self.groups]))
        return contrasts


def _scaled(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean()
    widest = np.abs(centred).max()
    return np.asarray(centred / widest if widest > 0 else centred)


def compositions(groups: pd.DataFrame) -> Compositions:
    """Return the arrays of a groups table.

    Parameters
    ----------
    groups
        One row a corridor and group: destination, origin, sex, age_min, age_max, education, audience, audience_upper,
        users, population, official, official_basis, stock; numbers may be missing.

    Raises
    ------
    ContractError
        A group stands twice, or a corridor lacks one that others have.

    Examples
    --------
    >>> rows = {"destination": "AUT", "origin": "SRB", "sex": ["female", "male"], "age_min": 18, "age_max": None}
    >>> rows |= {"education": "", "audience": [2000.0, 1000.0], "audience_upper": [2050.0, 1050.0]}
    >>> rows |= {"users": None, "population": None, "official": None, "official_basis": "", "stock": [60.0, 40.0]}
    >>> compositions(pd.DataFrame(rows)).total.tolist()
    [100.0]
    """
    ages = groups["age_max"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    ordered = groups.assign(age_max=ages).sort_values([*CORRIDOR_KEY, *GROUP], kind="stable", ignore_index=True)
    corridors, of_corridor = _distinct(ordered, CORRIDOR_KEY)
    labels, of_group = _distinct(ordered, GROUP)
    cells = of_corridor * len(labels) + of_group
    if len(cells) != len(corridors) * len(labels) or len(np.unique(cells)) != len(cells):
        raise ContractError(
            f"{len(corridors):,} corridors have {len(cells):,} groups",
            allowed=f"each of the {len(labels)} groups once in every corridor",
        )
    shape = (len(corridors), len(labels))
    numbers = {
        name: ordered[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)[np.argsort(cells)].reshape(shape)
        for name in NUMBERS
    }
    named = tuple(
        (str(sex), int(low), None if np.isinf(high) else int(high), str(education))
        for sex, low, high, education in labels.itertuples(index=False)
    )
    return Compositions(
        destination=corridors["destination"].to_numpy(dtype=object),
        origin=corridors["origin"].to_numpy(dtype=object),
        groups=named,
        groups_asked=tuple(np.any(~np.isnan(numbers["audience_upper"]), axis=0).tolist()),
        basis=ordered["official_basis"].to_numpy(dtype=object)[np.argsort(cells)].reshape(shape)[:, 0],
        **numbers,
    )


def _distinct(table: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the distinct rows of some columns in their order, and the place of each row among them."""
    numbered = table.groupby(list(names), sort=True, dropna=False).ngroup().to_numpy()
    first = pd.Series(np.arange(len(table))).groupby(numbered).first()
    return table[list(names)].iloc[first.to_numpy()].reset_index(drop=True), numbered


def shares(persons: np.ndarray) -> np.ndarray:
    """Return each row divided by its sum; not a number where the sum is 0 or not known.

    Examples
    --------
    >>> shares(np.array([[30.0, 10.0], [0.0, 0.0]])).tolist()
    [[0.75, 0.25], [nan, nan]]
    """
    totals = persons.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(totals > 0, persons / totals, np.nan)
