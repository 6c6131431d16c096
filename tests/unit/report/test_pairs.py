"""Tables of pairs read to the letter as Rich would set them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from smstock.report.pairs import Pairs

# Rich counts characters, not cells, where it takes the blank off the end of a line
WORDS = st.text(st.sampled_from("ab,.;-[]:é "), max_size=60)
WIDE_WORDS = st.lists(st.text(st.sampled_from("ab,é移"), min_size=1, max_size=3), max_size=20).map(" ".join)
"""None is wider than what the widest label leaves of the narrowest table, so none is cut."""
LABELS = st.text(st.sampled_from("ab é移"), min_size=1, max_size=8)


def by_rich(rows: list[tuple[str, str]], width: int, *, to_the_right: bool) -> list[str]:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right" if to_the_right else "left")
    for what, text in rows:
        table.add_row(Text(what), Text(text))
    return printed(table, width)


def printed(renderable: Table | Pairs, width: int) -> list[str]:
    console = Console(width=width, highlight=False, markup=False, emoji=False, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get().splitlines()


def pairs_of(rows: list[tuple[str, str]], *, to_the_right: bool) -> Pairs:
    pairs = Pairs(to_the_right=to_the_right)
    for row in rows:
        pairs.add(*row)
    return pairs


@given(
    st.lists(st.tuples(LABELS, WORDS), min_size=1, max_size=4),
    st.integers(min_value=24, max_value=80),
    st.booleans(),
)
def test_any_rows_at_any_width(rows: list[tuple[str, str]], width: int, to_the_right: bool) -> None:
    pairs = pairs_of(rows, to_the_right=to_the_right)
    expected = by_rich(rows, width, to_the_right=to_the_right)
    assert pairs.lines(width) == expected
    assert printed(pairs, width) == expected


@given(st.lists(st.tuples(LABELS, WIDE_WORDS), min_size=1, max_size=4), st.integers(min_value=24, max_value=80))
def test_wide_letters_stay_within_the_width_and_none_is_lost(rows: list[tuple[str, str]], width: int) -> None:
    lines = pairs_of(rows, to_the_right=False).lines(width)
    assert max(map(cell_len, lines)) <= width
    letters = "".join(f"{what}{text}" for what, text in rows)
    assert sorted("".join(lines).replace(" ", "")) == sorted(letters.replace(" ", ""))


@pytest.mark.parametrize("width", [30, 80, 110, 200])
def test_a_long_note_and_a_word_that_no_line_has_room_for(width: int) -> None:
    note = "totals = true adds all users at both ends, for the users of a calibration: a call a country and group"
    rows = [("calls", "1,564, at most"), ("note", note), ("note", f"see {'x' * 150} for more")]
    lines = pairs_of(rows, to_the_right=False).lines(width)
    assert lines == by_rich(rows, width, to_the_right=False)
    assert {len(line) for line in lines} == {min(width, len("calls  see  for more") + 150)}


def test_what_is_bold_is_so_on_a_terminal_only() -> None:
    pairs = Pairs()
    pairs.add("cells", "12")
    pairs.add("refused", "no age below 13", bold=True)
    console = Console(width=40, force_terminal=True, color_system="standard")
    with console.capture() as capture:
        console.print(pairs)
    plain, bold = capture.get().splitlines()
    assert "\x1b" not in plain
    assert bold == "\x1b[1mrefused  no age below 13\x1b[0m"
    assert "\x1b" not in "".join(pairs.lines(40))
