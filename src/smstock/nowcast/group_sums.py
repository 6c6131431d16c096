"""Sums by sex and age: what the groups of corridors add up to, from the draws behind the estimates of these groups.

There is a row for each group of each sum over corridors (`smstock.nowcast.sums`), with the same guard: a country and
its places are never added up. A sum over groups is over the corridors that are divided.

*Medians* add up to that of the sum over all groups, women to that of women and men to that of men where these are
known. They are medians over the draws of totals, each divided by its expected shares, then scaled as women and men of a
sum are; so a sum over one corridor agrees with the rows of this corridor. *Intervals* come from draws of totals and of
shares. Where the median lies beyond an end, as that of a rare group may, the end is moved to it.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from smstock.corridors.own_country import abroad
from smstock.models.quantiles import ENDS, SCORES
from smstock.nowcast.draws import SEXES
from smstock.nowcast.reconciled import fitted
from smstock.nowcast.sums import counted, indicative, together
from smstock.tables import CORRIDOR_KEY, DIGITS, LEVELS, MAGNITUDE, check
from smstock.tables.sums import SUM, WITH, WITHOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OF_TOTAL: Final = ["age_min", "age_max", "reference_date"]
_OPEN: Final = -1
"""Stands for no upper end of an age group in keys, which a missing number cannot be part of."""
_COUNTS: Final = ["left_out", "held_back", "floored", "unknown"]
_LABEL: Final = ["sex", "age_min", "age_max", "education"]
_MIDDLE: Final = ENDS.index("median")

Label = tuple[str, int, int | None, str]
"""Sex, youngest and oldest age, and education of a group."""


class GroupSums:
    """What groups add up to, corridor by corridor as they are drawn.

    Parameters
    ----------
    estimates
        Estimate table of the totals.
    sums
        Their sums (`smstock.nowcast.sums.sums`).
    covers
        Countries with the codes of the places that are together the whole of each, as the sums had them.

    Examples
    --------
    >>> from smstock.nowcast.sums import sums
    >>> rows = pd.DataFrame({"origin": ["POL", "SRB"], "median": [900.0, 100.0]})
    >>> for level, factor in {50: 1.5, 80: 2.0, 95: 3.0}.items():
    ...     rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / factor, rows["median"] * factor
    >>> rows = rows.assign(destination="AUT", sex="all", age_min=0, age_max=None, reference_date="2020-10-15")
    >>> rows = rows.assign(regime="stale", status="provisional", precision="digits")
    >>> added = GroupSums(rows, sums(rows, ["destination"]))
    >>> labels, persons = [("all", 0, 44, ""), ("all", 45, None, "")], np.array([[[600.0], [300.0]], [[75.0], [25.0]]])
    >>> added.add([("AUT", "POL"), ("AUT", "SRB")], labels, persons[:, :, 0], persons, persons)
    >>> table = added.table()
    >>> table.loc[table["indicative"] == "with", ["age_min", "sum_of_medians", "estimated"]].values.tolist()
    [[0, 675.0, 2], [45, 325.0, 2]]
    """

    def __init__(
        self, estimates: pd.DataFrame, sums: pd.DataFrame, covers: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Prepare the sums; nothing is in them yet."""
        self._totals = _totals(estimates)
        self._sums = sums
        keys = sums.loc[sums["sex"] == "all", [*CORRIDOR_KEY, *_OF_TOTAL]].drop_duplicates(ignore_index=True)
        self._place = {key: number for number, key in enumerate(_keys(keys, [*CORRIDOR_KEY, *_OF_TOTAL]))}
        destinations = self._totals["destination"].unique()
        self._counted = counted(destinations, covers or {})
        self._together = together(destinations, covers or {})
        self._country_of = {code: country for country, codes in self._together.items() for code in codes}
        corridors = zip(*(self._totals[end].tolist() for end in CORRIDOR_KEY), strict=True)
        self._number = {pair: number for number, pair in enumerate(corridors)}
        self._of_total = _keys(self._totals, _OF_TOTAL)
        self._labels: Sequence[Label] = ()
        self._added: dict[tuple[str, str], np.ndarray] = {}
        self._alone = np.zeros(len(self._place))

    def add(
        self,
        corridors: Sequence[tuple[str, str]],
        labels: Sequence[Label],
        medians: np.ndarray,
        expected: np.ndarray,
        drawn: np.ndarray,
        *,
        alone: np.ndarray | None = None,
    ) -> None:
        """Add some corridors to the sums that they are in.

        Parameters
        ----------
        corridors, labels
            Destination and origin of each, and the groups, the same each time.
        medians
            Estimates of the groups: corridors x groups.
        expected, drawn
            Draws of the totals, divided by the expected shares and by draws of the shares: corridors x groups x draws.
        alone
            Whose shares nothing was measured of: indicative, whatever their totals are; of none unless given.
        """
        usable = np.isfinite(drawn).all(axis=(1, 2))  # an estimate without an interval is in no sum
        medians, expected, drawn = medians[usable], expected[usable], drawn[usable]
        unmeasured = np.zeros(len(medians), dtype=bool) if alone is None else alone[usable]
        pairs = [pair for pair, use in zip(corridors, usable, strict=True) if use]
        at = np.array([self._number.get(pair, -1) for pair in pairs], dtype=int)
        if not pairs:
            return
        marks = self._totals[["indicative", "vague"]].to_numpy(dtype=bool)
        left_out, vague = np.where(at[:, None] >= 0, marks[at], np.zeros(2, dtype=bool)).T
        member = self._member(pairs)
        self._labels = labels
        self._alone += csr_array(member) @ (unmeasured & (left_out == 0)).astype(float)
        left_out = left_out.astype(bool) | unmeasured
        ones, flags = np.ones((len(at), 1)), {WITH: np.ones(len(at)), WITHOUT: np.where(left_out, 0.0, 1.0)}
        for which, flag in flags.items():
            of_which = csr_array(member * flag[None, :])
            parts = {"medians": medians, "vague": medians * vague[:, None], "count": ones}
            for name, values in (parts | {"expected": expected, "drawn": drawn}).items():
                flat = of_which @ values.reshape(len(at), -1)
                summed = flat.reshape(len(self._place), *values.shape[1:])
                self._added[which, name] = self._added[which, name] + summed if (which, name) in self._added else summed

    def _member(self, pairs: Sequence[tuple[str, str]]) -> csr_array:
        """Return which sums (rows) each corridor (columns) is in."""
        places: list[tuple[int, int]] = []
        for column, (destination, origin) in enumerate(pairs):
            if (number := self._number.get((destination, origin))) is None:
                continue
            ends = [(destination, "")]
            if destination in self._country_of:
                ends.append((self._country_of[destination], ""))
            if destination in self._counted:
                ends += [("", origin), ("", "")]
            places += [
                (self._place[key], column) for end in ends if (key := (*end, *self._of_total[number])) in self._place
            ]
        at = np.array(places, dtype=int).reshape(-1, 2)
        return csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(self._place), len(pairs)))

    def table(self) -> pd.DataFrame:
        """Return the rows of the table of sums: each sum that has any corridor divided, by group."""
        parts = [self._of(which) for which in (WITHOUT, WITH)] if self._added else []
        rows = [part for part in parts if len(part)]
        if not rows:
            return check(pd.DataFrame(columns=SUM.names), SUM)
        return check(pd.concat(rows, ignore_index=True), SUM)

    def _of(self, which: str) -> pd.DataFrame:
        """Return the sums without or with indicative corridors."""
        wide = _by_sex(self._sums[self._sums["indicative"] == which], self._place)
        of_all = wide["all"]
        divided = self._added[which, "count"][:, 0]
        known = (divided > 0) & (of_all["estimated"].to_numpy(dtype=float, na_value=0) > 0)
        drawn, expected = self._added[which, "drawn"], self._added[which, "expected"]
        median = self._scaled(np.median(expected, axis=2), divided, wide)
        quantiles = np.quantile(drawn, [NormalDist().cdf(score) for score in SCORES], axis=2, method="hazen")
        count = len(self._labels)
        ends = {
            name: (np.minimum if name.startswith("lower") else np.maximum)(values, median)
            for name, values in zip(ENDS, quantiles, strict=True)
            if name != ENDS[_MIDDLE]
        }
        for level in LEVELS:
            lacking = of_all[f"upper_{level}"].isna().to_numpy()
            ends[f"lower_{level}"][lacking] = ends[f"upper_{level}"][lacking] = np.nan
        medians, vague = self._added[which, "medians"], self._added[which, "vague"]
        figures = {"median": median, **ends, "sum_of_medians": medians}
        figures["benchmarked"] = self._benchmarked(median, np.flatnonzero(known), wide)
        alone = self._alone if which == WITHOUT else np.zeros(len(divided))
        undivided = of_all["estimated"].to_numpy(dtype=float, na_value=0) - divided - alone
        counts = of_all[_COUNTS].assign(
            unknown=of_all["unknown"].to_numpy(dtype=float, na_value=0) + undivided,
            left_out=of_all["left_out"].to_numpy(dtype=float, na_value=0) + alone,
        )
        names = of_all.index.to_frame(index=False)
        table = pd.DataFrame(
            {
                **{name: np.repeat(names[name].to_numpy(), count) for name in (*CORRIDOR_KEY, "reference_date")},
                **{name: [label[place] for label in self._labels] * len(names) for place, name in enumerate(_LABEL)},
                **{name: values.ravel() for name, values in figures.items()},
                "precision": np.where(vague > medians / 2, MAGNITUDE, DIGITS).ravel(),
                "estimated": np.repeat(divided, count),
                **{name: np.repeat(counts[name].to_numpy(), count) for name in _COUNTS},
                "floored_upper_80": np.repeat(of_all["floored_upper_80"].to_numpy(dtype=float), count),
                "indicative": which,
            }
        )
        return table[np.repeat(known, count)]

    def _sexes(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield the sexes of groups, and the groups of each."""
        of_label = np.array([label[0] for label in self._labels])
        for sex in SEXES:
            if (of_label == sex).any():
                yield sex, of_label == sex

    def _scaled(self, median: np.ndarray, divided: np.ndarray, wide: Mapping[str, pd.DataFrame]) -> np.ndarray:
        """Scale medians to that of their sum, or of its sexes, where this is over the same corridors."""
        scaled = median.copy()
        total = wide["all"]["median"].to_numpy(dtype=float)
        complete = divided == wide["all"]["estimated"].to_numpy(dtype=float, na_value=0)
        targets = [(np.ones(len(self._labels), dtype=bool), total, complete)]
        for sex, of_sex in self._sexes():
            own = complete & (wide[sex]["estimated"].to_numpy(dtype=float, na_value=0) == divided)
            targets.append((of_sex, wide[sex]["median"].to_numpy(dtype=float), own))
        for labels, target, same in targets:
            added = scaled[:, labels].sum(axis=1)
            factor = np.divide(target, added, out=np.ones_like(added), where=same & (added > 0) & np.isfinite(target))
            scaled[:, labels] *= factor[:, None]
        return scaled

    def _benchmarked(self, median: np.ndarray, known: np.ndarray, wide: Mapping[str, pd.DataFrame]) -> np.ndarray:
        """Return medians of destinations, and of origins, that add up to those of the whole, group by group."""
        benchmarked = np.full(median.shape, np.nan)
        names = wide["all"].index.to_frame(index=False)
        stratum = _keys(names, _OF_TOTAL)
        for whole in known[((names["destination"] == "") & (names["origin"] == "")).to_numpy()[known]]:
            inside = known[[stratum[row] == stratum[whole] for row in known]]
            benchmarked[whole] = median[whole]
            for end, other in (CORRIDOR_KEY, CORRIDOR_KEY[::-1]):
                of_end = (names[end] != "") & (names[other] == "")
                of_end &= (end == "origin") | names[end].isin(self._counted)
                rows = inside[of_end.to_numpy()[inside]]
                parts = median[rows]
                for sex, of_sex in self._sexes():
                    targets = wide[sex]["benchmarked"].to_numpy(dtype=float)[rows]
                    targets = np.where(np.isnan(targets), parts[:, of_sex].sum(axis=1), targets)
                    parts[:, of_sex] = fitted(parts[:, of_sex], targets[:, None], median[whole][of_sex])
                benchmarked[rows] = parts
            of_country = {code: row for row in inside if (code := names["destination"][row])}
            for country, codes in self._together.items():
                if country in of_country:
                    of_places = [of_country[code] for code in codes if code in of_country]
                    benchmarked[of_country[country]] = benchmarked[of_places].sum(axis=0)
        return benchmarked


def _totals(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of corridors abroad, which of them are indicative, and which known by magnitude alone."""
    rows = abroad(estimates)
    rows = rows[rows["sex"] == "all"].reset_index(drop=True)
    return rows.assign(indicative=indicative(rows), vague=rows["precision"] == MAGNITUDE)


def _keys(rows: pd.DataFrame, names: Sequence[str]) -> list[tuple[object, ...]]:
    """Return some columns as tuples that compare."""
    ended = rows.assign(age_max=rows["age_max"].astype("Float64").fillna(_OPEN).astype(int))
    return list(zip(*(ended[name].tolist() for name in names), strict=True))


def _by_sex(sums: pd.DataFrame, place: Mapping[tuple[object, ...], int]) -> dict[str, pd.DataFrame]:
    """Return the sums of both sexes, of women and of men, each with a row for every place; empty ones where none is."""
    index = pd.MultiIndex.from_tuples(list(place), names=[*CORRIDOR_KEY, *_OF_TOTAL])
    rows = sums.assign(key=pd.Series(_keys(sums, [*CORRIDOR_KEY, *_OF_TOTAL]), index=sums.index, dtype=object))
    return {
        sex: rows[rows["sex"] == sex].set_index("key").reindex(list(place)).set_axis(index).drop(columns=index.names)
        for sex in SEXES
    }
