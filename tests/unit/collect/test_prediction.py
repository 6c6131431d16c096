from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.collect.deduction import Deduction
from smstock.collect.prediction import COLUMNS, predicted_calls
from smstock.platforms.known import platform
from smstock.query.lattice import Cell, cells, count
from smstock.query.spec import QuerySpec, specify
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Mapping

META = platform("meta")

PLACES: dict[str, object] = {
    "destinations": ["AUT", "THA", "AT-9", "AT-5"],
    "places": [
        {"code": "AT-9", "name": "Vienna", "country": "AUT", "regions": ["1"]},
        {"code": "AT-5", "name": "Salzburg", "country": "AUT", "regions": ["2"]},
    ],
}


def query(**told: object) -> QuerySpec:
    return specify(
        {
            "name": "q",
            "platform": "meta",
            "destinations": ["AUT", "THA"],
            "origins": ["SRB", "UKR", "POL"],
            "ages": "18+",
            "age_groups": ["18-44", "18-24", "45+"],
            "education": {"high": ["alum"], "low": ["high_school_grad"]},
            "breakdowns": [["sex", "age"], ["sex", "education"]],
        }
        | told
    )


def table(told: Mapping[Cell, str], metric: str = "mau") -> pd.DataFrame:
    rows = [
        (
            cell.destination, cell.origin, cell.sex, cell.ages.minimum, cell.ages.maximum, cell.education,
            cell.relationship, cell.dimension, cell.category, metric, status,
        )
        for cell, status in told.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[*COLUMNS]).astype({"age_max": "Int64"})


def test_a_corridor_whose_whole_was_at_the_floor_takes_one_call_and_what_the_query_insists_on() -> None:
    one = query(destinations=["AUT"], origins=["POL"])
    at_floor = table({Cell("AUT", "POL", "all", Ages(18)): "floored"})
    assert count(one) == 3 * 4 + 3 * 2
    assert predicted_calls(one, META, []) == 18
    assert predicted_calls(one, META, [at_floor]) == 1
    assert predicted_calls(query(destinations=["AUT"], origins=["POL"], always_ask=[["sex"]]), META, [at_floor]) == 3


def test_another_metric_says_nothing_and_a_cell_above_the_floor_is_asked_with_its_parts() -> None:
    one = query(destinations=["AUT"], origins=["POL"])
    daily = table({Cell("AUT", "POL", "all", Ages(18)): "floored"}, metric="dau")
    women = table({Cell("AUT", "POL", "all", Ages(18)): "observed", Cell("AUT", "POL", "female", Ages(18)): "deduced"})
    assert predicted_calls(one, META, [daily]) == 18
    # without 4 ages and 2 kinds of education of women: the age group 18-24 is a part of 18-44
    assert predicted_calls(one, META, [women]) == 18 - 3 - 2


@settings(max_examples=20)
@given(
    st.integers(0, 10**6),
    st.booleans(),
    st.sampled_from([(), (("sex",),), (("sex", "age"), ("education",))]),
    st.sampled_from([30, 1000]),
    st.sampled_from([{}, PLACES, PLACES | {"destinations": ["AT-9", "AT-5"]}]),
)
def test_it_predicts_what_the_deduction_cell_by_cell_does(
    seed: int, totals: bool, always_ask: tuple[tuple[str, ...], ...], size: int, places: dict[str, object]
) -> None:
    rng = Random(seed)
    asked = query(totals=totals, always_ask=always_ask, **places)
    statuses = ("floored", "deduced", "observed", "failed", "")
    known = {cell: status for cell in cells(asked) if (status := rng.choice(statuses))}
    # of another query, too: nothing of it is asked now
    earlier = table(known | {Cell("NAM", "SRB", "all", Ages(18)): "floored"})
    pieces = [earlier.iloc[start : start + size] for start in range(0, len(earlier), size)]
    deduction = Deduction(asked, lambda cell: known.get(cell, ""))
    expected = sum(not META.refusal(cell, asked) and not deduction.deduced(cell) for cell in cells(asked))
    assert predicted_calls(asked, META, pieces) == expected


def test_a_cell_that_is_settled_after_it_was_looked_at_counts_as_it_was_settled() -> None:
    whole = Cell("AUT", "SRB", "all", Ages(18))
    women = Cell("AUT", "SRB", "female", Ages(18))
    status = {whole: ""}
    deduction = Deduction(query(), lambda cell: status.get(cell, ""))
    assert not deduction.deduced(women)
    status[whole] = "floored"
    assert deduction.deduced(women)
