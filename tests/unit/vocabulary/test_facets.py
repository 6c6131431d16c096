"""Age groups that are parts of a whole, and what keeps others from being so."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.vocabulary.facets import Ages, partition_of


def parts_of(whole: str, *groups: str) -> tuple[list[str], str]:
    parts, fault = partition_of(Ages.parse(whole) if whole else None, [Ages.parse(group) for group in groups])
    return [str(part) for part in parts], fault


@pytest.mark.parametrize(
    ("whole", "groups", "parts"),
    [
        ("13+", ("13-17", "18+"), ["13-17", "18+"]),
        ("13+", ("18+", "13-17", "13+", "18+"), ["13-17", "18+"]),
        ("18-64", ("18-64", "18-44", "45-64", "18-29", "30-44"), ["18-29", "30-44", "45-64"]),
        ("", ("20-24", "15-19"), ["15-19", "20-24"]),
        ("18+", ("18+",), ["18+"]),
        ("18+", (), []),
    ],
)
def test_a_partition_is_the_groups_that_hold_no_other(whole: str, groups: tuple[str, ...], parts: list[str]) -> None:
    assert parts_of(whole, *groups) == (parts, "")


@pytest.mark.parametrize(
    ("whole", "groups", "fault"),
    [
        ("18+", ("18-44", "44+"), "18-44 and 44+ overlap"),
        ("", ("18-30", "20-35", "36+"), "18-30 and 20-35 overlap"),
        ("", ("18+", "17-20"), "17-20 and 18+ overlap"),
        ("18+", ("18-24", "26+"), "nobody of 25-25 is in a group"),
        ("13+", ("18-44", "45+"), "nobody of 13-17 is in a group"),
        ("13-64", ("13-17", "18-44"), "nobody of 45-64 is in a group"),
        ("13+", ("13-17", "18-64"), "nobody of 65+ is in a group"),
    ],
)
def test_an_overlap_a_gap_and_an_end_that_is_not_reached_are_told(
    whole: str, groups: tuple[str, ...], fault: str
) -> None:
    assert parts_of(whole, *groups)[1] == fault


@given(st.lists(st.integers(0, 100), min_size=2, max_size=8, unique=True), st.booleans(), st.randoms())
def test_any_cut_of_a_whole_is_a_partition_and_without_a_part_is_none(
    cuts: list[int], is_open: bool, random: object
) -> None:
    ages = sorted(cuts)
    parts = [Ages(low, high - 1) for low, high in itertools.pairwise(ages)]
    if is_open:
        parts.append(Ages(ages[-1]))
    whole = Ages(parts[0].minimum, parts[-1].maximum)
    given_parts = [*parts, whole]
    random.shuffle(given_parts)  # type: ignore[attr-defined]
    assert partition_of(whole, given_parts) == (tuple(parts), "")
    for lacking in parts if len(parts) > 1 else ():
        assert partition_of(whole, [part for part in parts if part != lacking])[1].startswith("nobody of")
