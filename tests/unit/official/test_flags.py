"""Flags of different lists and spellings, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official import flags


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("", ""),
        ("b", "b"),
        ("bep", "b e p"),
        ("bd", "b d"),
        ("s", "i"),
        ("z", "m"),
        ("c", "C"),
        ("bb", "b"),
        ("r", "r"),
    ],
)
def test_eurostat_lists_old_and_new(printed: str, expected: str) -> None:
    assert flags.eurostat(printed) == expected


@given(letters=st.lists(st.sampled_from("bdefimnpu"), unique=True, max_size=5))
def test_no_letter_is_lost_or_moved(letters: list[str]) -> None:
    assert flags.eurostat("".join(letters)).split() == letters


def test_confidentiality_follows_and_free_is_none() -> None:
    assert flags.eurostat("u", "C") == "u C"
    assert flags.eurostat("", "F") == ""


@pytest.mark.parametrize("text", ["12", "b e", "Austria", "b,e", "é"])
def test_what_is_no_row_of_letters_is_refused(text: str) -> None:
    with pytest.raises(OfficialFileError, match="is no flag"):
        flags.eurostat(text)


@pytest.mark.parametrize(
    ("status", "confidentiality", "expected"),
    [("A", "", ""), ("B", "F", "b"), ("E", "C", "e C"), ("", "", ""), ("P,B", "", "p b"), ("A", "N", "N")],
)
def test_sdmx_codes(status: str, confidentiality: str, expected: str) -> None:
    assert flags.sdmx(status, confidentiality) == expected


def test_an_sdmx_status_that_is_no_code_is_refused() -> None:
    with pytest.raises(OfficialFileError, match="no code of an observation's status"):
        flags.sdmx("Normal value")


def test_the_mark_of_a_missing_value_stands_last() -> None:
    assert [flags.joined("b u", ":"), flags.joined("", ":"), flags.joined("e", "")] == ["b u; :", ":", "e"]
