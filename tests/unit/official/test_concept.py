"""Two concepts, or two editions, are never mixed silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import ContractError
from smstock.official.concept import single_concept

if TYPE_CHECKING:
    import pandas as pd


def stock(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Return rows of (destination, concept, edition), each for three sexes."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=["destination", "concept", "edition"])
    constant = {"provider": "undesa", "dataset": "ims", "origin": "SRB"}
    return pd.concat([table.assign(sex=sex, **constant) for sex in ("all", "female", "male")], ignore_index=True)


BIRTH = stock(("DEU", "birth", "2020"), ("AUT", "birth", "2020"))
BOTH = stock(("DEU", "birth", "2020"), ("AUT", "birth", "2020"), ("CZE", "citizenship", "2020"))


@pytest.mark.parametrize("allowed", [(), ["birth"], ["birth", "citizenship"]])
def test_one_concept_passes_as_it_is(allowed: list[str]) -> None:
    assert single_concept(BIRTH, allowed=allowed) is BIRTH


@pytest.mark.parametrize("allowed", [["birth", "citizenship"], {"citizenship", "birth", "mixed"}])
def test_concepts_asked_for_by_name_pass(allowed: list[str]) -> None:
    assert single_concept(BOTH, allowed=allowed) is BOTH


def test_two_concepts_are_counted_and_the_entry_is_given() -> None:
    with pytest.raises(ContractError, match=r"birth \(2 corridors\), citizenship \(1 corridor\)") as caught:
        single_concept(BOTH)
    assert 'concepts = ["birth", "citizenship"]' in caught.value.hint


@pytest.mark.parametrize(("table", "allowed"), [(BOTH, ["birth"]), (BIRTH, ["citizenship"])])
def test_a_concept_that_was_not_asked_for_is_refused(table: pd.DataFrame, allowed: list[str]) -> None:
    with pytest.raises(ContractError, match="not asked for") as caught:
        single_concept(table, allowed=allowed)
    assert caught.value.allowed == ", ".join(allowed)


def test_two_editions_of_a_data_set_are_refused_whatever_is_allowed() -> None:
    mixed = stock(("DEU", "birth", "2020"), ("AUT", "birth", "2020"), ("AUT", "birth", "2024"))
    with pytest.raises(ContractError, match=r"undesa ims: 2020 \(2 corridors\), 2024 \(1 corridor\)") as caught:
        single_concept(mixed, allowed=["birth"])
    assert 'edition = "2020" or edition = "2024"' in caught.value.hint


def test_editions_of_different_data_sets_are_not_compared() -> None:
    import pandas as pd

    other = stock(("FRA", "birth", "2025-03")).assign(provider="eurostat", dataset="migr_pop3ctb")
    both = pd.concat([BIRTH, other])
    assert single_concept(both) is both


def test_an_empty_table_has_nothing_to_mix() -> None:
    assert single_concept(BIRTH.iloc[:0]).empty
