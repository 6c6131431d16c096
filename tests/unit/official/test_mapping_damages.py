"""A mapped table that was damaged is refused with a way on, or reads figures that stand in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smstock.errors import SmstockError
from smstock.official import readers
from smstock.workflows.description import descriptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

SIDECAR: Final = """
producer = "P"
title = "T"
edition = "2020"
citation = "C"
licence = "L"
retrieved = 2026-11-22
provider = "undesa"
dataset = "ims"
concept = "birth"
ages = "0+"
"""
LONG: Final = (
    "Title, 2020\nDest,Orig,Year,Sex,n\nDEU,SRB,2020,T,199691\nDEU,SRB,2020,F,99691\nDEU,SRB,2020,M,100000\nNote: x\n",
    "[columns]\nheader_row = 2\ndestination = 'Dest'\norigin = 'Orig'\nyear = 'Year'\nsex = 'Sex'\nvalue = 'n'\n",
)
WIDE: Final = (
    "Year;Destination;Total;Serbia;Turkey\n2020;Germany;1.339.000;199.691;..\n2015;Austria;7;5;2\n",
    "sex = 'all'\n[columns]\ndestination = 'Destination'\nyear = 'Year'\norigins = 'columns'\n[columns.areas]\nTotal = 'WLD'\n",
)

pieces = st.sampled_from(
    [",", ";", "\n", '"', "\t", " ", ".", "0", "-", "A", "\r", "NA", "\N{NO-BREAK SPACE}", "%", "\0"]
)
damages = st.lists(st.tuples(st.sampled_from("cdir"), st.integers(0, 200), st.integers(1, 9), pieces), max_size=3)


def damaged(text: str, blows: list[tuple[str, int, int, str]]) -> str:
    """Return a text that was cut, or lacks a piece, has one more, or another in its place."""
    for kind, place, length, piece in blows:
        at = place % (len(text) + 1)
        after = {"c": "", "d": text[at + length :], "i": piece + text[at:], "r": piece + text[at + length :]}[kind]
        text = text[:at] + after
    return text


@pytest.mark.parametrize(("text", "sidecar"), [LONG, WIDE])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blows=damages)
def test_damaged(tmp_path: Path, text: str, sidecar: str, blows: list[tuple[str, int, int, str]]) -> None:
    path = tmp_path / "own.csv"
    content = damaged(text, blows)
    path.write_text(content, encoding="utf-8")
    (tmp_path / "own.csv.origin.toml").write_text(SIDECAR + sidecar)
    digits = re.sub(r"[^0-9]", "", content)
    read = outcome(lambda: readers.read_stock(path))
    if isinstance(read, SmstockError):
        assert read.hint
        assert "own.csv" in str(read)
    else:
        assert all(f"{value:.12g}".replace(".", "") in digits for value in read["value"].dropna())
        assert blows or len(read) == (3 if sidecar == LONG[1] else 6)
    unknown = tmp_path / "unknown.csv"
    unknown.write_text(content, encoding="utf-8")
    looked_at = outcome(lambda: descriptions([unknown], dry_run=True))
    assert looked_at.hint if isinstance(looked_at, SmstockError) else "reviewed" in looked_at[0]["text"]


def outcome(call: Callable[[], T]) -> T | SmstockError:
    """Return what a call returns, or the error that smstock foresaw."""
    try:
        return call()
    except SmstockError as error:
        return error
