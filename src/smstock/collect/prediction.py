"""The calls of a wave, predicted from an earlier one: what lay at the floor then is taken to lie there still.

The rule is that of `smstock.collect.deduction`, for all corridors of a query at once: a byte a cell, so that 15 million
cells need no gigabyte.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.deduction import Deduction
from smstock.query.lattice import grids, parents
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.facets import NO_ORIGIN
from smstock.vocabulary.places import country_of, is_place
from smstock.vocabulary.status import DEDUCED, FLOORED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from smstock.platforms.base import Platform
    from smstock.query.lattice import Cell
    from smstock.query.spec import QuerySpec

PART: Final = ("sex", "age_min", "age_max", "education", "relationship", "dimension", "category")
COLUMNS: Final = (*CORRIDOR_KEY, *PART, "metric", "status")
"""Columns of the audience table that a prediction is made of."""

_UNKNOWN, _ABOVE, _AT_FLOOR = -1, 0, 1


def predicted_calls(query: QuerySpec, platform: Platform[Any], earlier: Iterable[pd.DataFrame]) -> int:
    r"""Count the cells that neither the rules of the platform nor a coarser cell of an earlier wave would settle.

    Parameters
    ----------
    query, platform
        What will be asked, and of whom.
    earlier
        The audience table of the earlier wave in pieces of any size, with `COLUMNS`. Its query may have been another
        one: a cell that it lacks is asked unless a coarser one was at the floor.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n'
    ...               'breakdowns=[["sex"]]')
    >>> whole = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 18, "age_max": None, "education": "",
    ...          "relationship": "", "dimension": "", "category": "", "metric": "mau", "status": "floored"}
    >>> predicted_calls(query, platform("meta"), []), predicted_calls(query, platform("meta"), [pd.DataFrame([whole])])
    (3, 1)
    """
    prediction = Prediction(query, platform)
    for piece in earlier:
        prediction.learn(piece)
    return prediction.calls()


class Prediction:
    """The calls of a query, predicted from pieces of an audience table as they come; see `predicted_calls`."""

    def __init__(self, query: QuerySpec, platform: Platform[Any]) -> None:
        self._query, self._platform = query, platform
        self._grids = [_Grid(corridors, cells) for corridors, cells in grids(query)]

    def learn(self, piece: pd.DataFrame) -> None:
        """Note which cells were at the floor, and which were not."""
        rows = piece[piece["metric"] == self._platform.metrics[0]]
        for grid in self._grids:
            grid.learn(rows)

    def calls(self) -> int:
        """Count the cells to ask; countries come before their places, which they hold."""
        calls = 0
        of_countries: dict[str, _Grid] = {}
        for grid in self._grids:
            calls += grid.calls(self._query, self._platform, of_countries.get(grid.kind))
            of_countries.setdefault(grid.kind, grid)
        return calls


class _Grid:
    """Corridors that are broken down alike, and what is known of each of their cells."""

    def __init__(self, corridors: Sequence[tuple[str, str]], cells: list[Cell]) -> None:
        import numpy as np
        import pandas as pd

        self.corridors, self._cells = corridors, cells
        self._rows = pd.MultiIndex.from_tuples(corridors, names=CORRIDOR_KEY)
        self._columns = pd.MultiIndex.from_tuples([_part(cell) for cell in cells], names=PART)
        self._known = np.full((len(cells), len(corridors)), _UNKNOWN, dtype=np.int8)
        self.at_floor = self._known == _AT_FLOOR
        self.kind = next((origin if origin in NO_ORIGIN else "an origin" for _, origin in corridors), "")

    def learn(self, rows: pd.DataFrame) -> None:
        """Note which cells were at the floor, and which were not."""
        import pandas as pd

        which = self._rows.get_indexer(pd.MultiIndex.from_frame(rows[CORRIDOR_KEY]))
        part = rows[[*PART]].assign(age_max=rows["age_max"].fillna(-1).astype(int))
        what = self._columns.get_indexer(pd.MultiIndex.from_frame(part))
        planned = (which >= 0) & (what >= 0)
        self._known[what[planned], which[planned]] = rows["status"].isin((FLOORED, DEDUCED)).to_numpy()[planned]

    def calls(self, query: QuerySpec, platform: Platform[Any], of_countries: _Grid | None) -> int:
        """Count the cells to ask, coarse ones first; cells of countries may tell of those of their places."""
        import numpy as np

        deduction = Deduction(query, lambda _: "")
        place = {cell: number for number, cell in enumerate(self._cells)}
        at_floor = self.at_floor = self._known == _AT_FLOOR
        in_countries = self._in(of_countries)
        refused: dict[tuple[Any, ...], NDArray[np.bool_]] = {}
        calls = 0
        for number, cell in enumerate(self._cells):
            deduced = np.zeros(len(self.corridors), dtype=bool)
            if not deduction.insists(cell):
                for coarser in parents(cell, query):
                    if coarser in place:
                        deduced |= at_floor[place[coarser]]
                deduced |= in_countries[number]
            unknown = self._known[number] == _UNKNOWN
            at_floor[number, unknown] = deduced[unknown]
            kind = (cell.ages, bool(cell.education), bool(cell.relationship), cell.dimension)
            if kind not in refused:
                refused[kind] = np.array([bool(platform.refusal(one, query)) for one in self._everywhere(cell)])
            calls += int((~deduced & ~refused[kind]).sum())
        return calls

    def _in(self, of_countries: _Grid | None) -> NDArray[np.bool_]:
        """Return which cells are at the floor in the country of their place, where that was asked."""
        import numpy as np

        inside = np.zeros(self._known.shape, dtype=bool)
        if of_countries is None:
            return inside
        asked = {corridor: number for number, corridor in enumerate(of_countries.corridors)}
        for number, (destination, origin) in enumerate(self.corridors):
            country = asked.get((country_of(destination), origin))
            if country is not None and is_place(destination):
                inside[:, number] = of_countries.at_floor[:, country]
        return inside

    def _everywhere(self, cell: Cell) -> Iterable[Cell]:
        """Return the same cell of each corridor."""
        return (replace(cell, destination=where, origin=whence) for where, whence in self.corridors)


def _part(cell: Cell) -> tuple[object, ...]:
    oldest = -1 if cell.ages.maximum is None else cell.ages.maximum
    return (
        cell.sex,
        cell.ages.minimum,
        oldest,
        cell.education,
        cell.relationship,
        cell.dimension,
        cell.category,
    )
