"""TSV: old and new headers, flags in the cells, no line or cell out of place."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pytest

from smstock.errors import OfficialFileError
from smstock.official.eurostat import tsv
from smstock.official.eurostat.tsv import dimensions, observations, recognises
from smstock.official.rawfile import RawFile

HEAD = "freq,age,geo\\TIME_PERIOD\t2019 \t2020 \r\n"


def raw(text: str) -> RawFile:
    return RawFile(Path("a.tsv"), "text", text.encode())


def cells(*lines: str) -> list[tuple[int, str, float | None, str]]:
    found = []
    for block in observations(raw(HEAD + "".join(f"{line}\r\n" for line in lines))).blocks:
        for series, year, value, flags in zip(block.series, block.year, block.value, block.flags, strict=True):
            found.append((int(series), str(year), None if isnan(value) else float(value), str(flags)))
    return found


@pytest.mark.parametrize(
    ("cell", "value", "flags"),
    [
        ("34.4 ", 34.4, ""),
        ("34", 34, ""),
        ("43.3 b", 43.3, "b"),
        ("7 bep", 7, "b e p"),
        (": ", None, ":"),
        (": u", None, "u; :"),
        (": bu", None, "b u; :"),
        (":c", None, "C; :"),
        (":z", None, "m; :"),
        ("12s", 12, "i"),
        ("0n", 0, "n"),
        ("0 ", 0, ""),
    ],
)
def test_cells(cell: str, value: float | None, flags: str) -> None:
    assert cells(f"A,TOTAL,AT\t{cell}\t1 ")[0] == (0, "2019", value, flags)


def test_lines_are_series_and_columns_years() -> None:
    assert cells("A,TOTAL,AT\t1 \t2 ", "A,TOTAL,NA\t3 \t4 ") == [
        (0, "2019", 1, ""),
        (0, "2020", 2, ""),
        (1, "2019", 3, ""),
        (1, "2020", 4, ""),
    ]


def test_parts_of_a_large_file_are_its_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"A,Y{age},AT\t{age} \t: b" for age in range(50)]
    whole = cells(*lines)
    monkeypatch.setattr(tsv, "_CELLS_AT_ONCE", 7)
    assert cells(*lines) == whole
    assert len(whole) == 100


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "A,TOTAL,AT\t1 \r\n", "a row of 2 fields below a header of 3"),
        (HEAD + "A,TOTAL,AT\t1 \t2 \t3 \r\n", "a row of 4 fields below a header of 3"),
        (HEAD + "A,AT\t1 \t2 \r\n", "more or fewer codes than dimensions"),
        (HEAD + "A,TOTAL,AT,X\t1 \t2 \r\n", "more or fewer codes than dimensions"),
        (HEAD + "A,TOTAL,AT\t1 \t2 \r\nA,TOTAL,AT\t1 \t2 \r\n", "two lines with the same codes"),
        (HEAD + "A,TOTAL,AT\t1 \t2", "ends within a line"),
        (HEAD, "no row below it"),
        (HEAD.replace("2020", "2018Q1") + "A,TOTAL,AT\t1 \t2 \r\n", "'2018Q1' is no year"),
        (HEAD.replace("2020", "0000") + "A,TOTAL,AT\t1 \t2 \r\n", "'0000' is no year\n  where:   .*line 1, column 3"),
        (HEAD.replace("2020", "2015-02-30") + "A,TOTAL,AT\t1 \t2 \r\n", "'2015-02-30' is no year"),
        (HEAD.replace("2020", "2019") + "A,TOTAL,AT\t1 \t2 \r\n", "years out of order"),
        (HEAD.replace("2020 ", "2020 \t2015 ") + "A,TOTAL,AT\t1 \t2 \t3 \r\n", "years out of order"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str) -> None:
    with pytest.raises(OfficialFileError, match=said):
        list(observations(raw(text)).blocks)


@pytest.mark.parametrize("cell", ["", "x", "1,5 ", "1e5", "12 34", "b 12", "-3 ", "1.2.3", "12 b e", "::"])
def test_a_cell_that_is_no_figure_is_refused_with_its_line(cell: str) -> None:
    with pytest.raises(OfficialFileError, match=r"is no figure with flags|is neither a figure nor a mark") as caught:
        cells("A,TOTAL,AT\t1 \t2 ", f"A,TOTAL,BE\t1 \t{cell}")
    assert caught.value.where == "a.tsv, line 3, 2020"


def test_the_corner_tells_it_is_one() -> None:
    assert recognises(raw(HEAD))
    assert recognises(raw("geo\\time\t2019 \r\n"))
    assert not recognises(raw("geo\t2019 \r\n"))
    assert not recognises(raw("freq,geo\\TIME_PERIOD,2019\n"))


def test_the_corner_may_be_in_capital_letters() -> None:
    file = RawFile(Path("a.tsv"), "text", b"FREQ,AGE,GEO/TIME_PERIOD\t2019 \r\nA,TOTAL,NA\t7 b\r\n")
    assert dimensions(file) == ("freq", "age", "geo")
    assert observations(file).keys.to_dict("list") == {"freq": ["A"], "age": ["TOTAL"], "geo": ["NA"]}
