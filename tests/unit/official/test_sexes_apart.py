"""Females and males that are not both sexes: refused in what people write, remarked on in what a provider gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.official.holdings import holdings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

TIDY = (
    "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at\n"
)
EUROSTAT = "DATAFLOW,LAST UPDATE,freq,c_birth,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
COPY_SIDECAR = {"provider": "undesa", "dataset": "ims", "concept": "mixed", "ages": "0+"}
CELLS = [
    (100, 60, 60),
    (100, 300, 0),
    (0, 5, 5),
    (59_999_691, 100_000, 99_691),
    (1000, 480, 509),
]


def tidy(*cells: tuple[float, float, float]) -> str:
    rows = [
        f"undesa,ims,2020,birth,DEU,SRB,{sex},0,,{2000 + number}-07-01,{value},,\n"
        for number, cell in enumerate(cells)
        for sex, value in zip(("all", "female", "male"), cell, strict=True)
    ]
    return TIDY + "".join(rows)


def eurostat(*cells: tuple[float, float, float]) -> str:
    rows = [
        f"ESTAT:MIGR_POP3CTB(1.0),15/03/25 23:00:00,A,RS,TOTAL,NR,{sex},AT,{2000 + number},{value},\n"
        for number, cell in enumerate(cells)
        for sex, value in zip("TFM", cell, strict=True)
    ]
    return EUROSTAT + "".join(rows)


@pytest.mark.parametrize("cell", CELLS)
def test_a_tidy_file_is_refused_with_line_cell_and_figures(write: Write, cell: tuple[float, float, float]) -> None:
    path = write("# by hand\n" + tidy((200_000, 100_000, 100_000), cell))
    with pytest.raises(OfficialFileError, match="females and males are not both sexes in 1 cell") as refused:
        readers.read_stock(path)
    both, females, males = cell
    assert refused.value.where == (
        "line 6, undesa ims 2020 birth: DEU from SRB, all, 0+, 2001-07-01: "
        f"{females:,} females and {males:,} males, {both:,} of both"
    )
    assert str(path) in refused.value.what
    assert refused.value.hint


@pytest.mark.parametrize(
    "cell",
    [(100, 50, 53), (100_000, 50_500, 50_500), (10, 5, 10), (20, 20, 10), (0, 0, 0), (7, "", 3), ("", 3, 3)],
    ids=["3 persons", "1 %", "rounded to 5", "rounded to 10", "nobody", "no females", "no total"],
)
def test_what_rounding_explains_or_nobody_printed_is_read(write: Write, cell: tuple[float, float, float]) -> None:
    assert len(readers.read_stock(write(tidy(cell)))) == 3


@pytest.mark.parametrize(
    ("step", "fits", "apart"),
    [
        (5, (15, 15, 5), (15, 20, 5)),
        (10, (30, 30, 10), (30, 40, 10)),
        (50, (150, 150, 50), (150, 200, 50)),
        (100, (3100, 1600, 1400), (3100, 1700, 1600)),
        (500, (1500, 1500, 500), (1500, 2000, 500)),
        (1000, (3000, 1000, 1000), (3000, 3000, 2000)),
    ],
)
def test_sums_of_rounded_figures_may_be_off_by_a_step_and_a_half(
    write: Write, step: int, fits: tuple[float, float, float], apart: tuple[float, float, float]
) -> None:
    both, females, males = fits
    assert abs(females + males - both) == step
    assert len(readers.read_stock(write(tidy(fits)))) == 3
    both, females, males = apart
    assert abs(females + males - both) == 2 * step
    with pytest.raises(OfficialFileError, match="in 1 cell"):
        readers.read_stock(write(tidy(apart)))


def test_the_step_is_one_of_which_all_three_figures_are_multiples(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="in 1 cell"):  # 110 apart, and 1560 is rounded to 10
        readers.read_stock(write(tidy((3000, 1550, 1560))))


def test_a_large_step_is_that_of_a_whole_table(write: Write) -> None:
    fits = tidy((3100, 1600, 1400))
    assert len(readers.read_stock(write(fits))) == 3
    other = fits.splitlines()[-1].replace("SRB", "TUR").replace("1400", "1437")
    with pytest.raises(OfficialFileError, match="in 1 cell"):
        readers.read_stock(write(f"{fits.rstrip()}\n{other}\n"))


def test_thousands_with_one_decimal_comma_add_up_to_a_tenth(write: Write) -> None:
    rows = "".join(
        f"DEU;SRB;{sex};2020;{figure}\n" for sex, figure in (("all", "3,1"), ("female", "1,6"), ("male", "1,4"))
    )
    sidecar = """
    producer = "P"
    title = "T"
    edition = "2020"
    citation = "C"
    licence = "L"
    retrieved = 2026-11-22
    provider = "office"
    dataset = "stock"
    concept = "birth"
    ages = "0+"
    reference_date = "01-01"
    [columns]
    destination = "to"
    origin = "from"
    sex = "sex"
    year = "year"
    value = "thousands"
    unit = "thousands"
    """
    path = write("to;from;sex;year;thousands\n" + rows)
    path.with_name(f"{path.name}.origin.toml").write_text("\n".join(map(str.strip, sidecar.splitlines())))
    assert readers.read_stock(path)["value"].tolist() == [3100, 1600, 1400]


def test_a_copy_is_refused_with_the_line_of_the_file(write: Write) -> None:
    rows = "DEU,DEU,Total,2015,9\n" + "".join(
        f"DEU,SRB,{sex},2015,{value}\n" for sex, value in (("Total", 100), ("Female", 60), ("Male", 60))
    )
    with pytest.raises(OfficialFileError, match="females and males are not both sexes in 1 cell") as refused:
        readers.read_all(write("destination,origin,sex,year,value\n" + rows, **COPY_SIDECAR))
    assert refused.value.where.startswith(
        "line 3, undesa ims 2020 mixed: DEU from SRB, all, 0+, 2015-07-01: 60 females"
    )


def test_a_file_of_a_provider_is_read_with_a_remark_that_a_list_repeats(write: Write) -> None:
    path = write(eurostat((100, 50, 50), *CELLS))
    official = readers.read_all(path)["stock"]
    remark = (
        f"{path}: females and males are not both sexes in 5 cells, first eurostat migr_pop3ctb 2025-03-15 birth: "
        "AUT from SRB, all, 0+, 2001-01-01: 60 females and 60 males, 100 of both (no figure is left out)"
    )
    assert (len(official.table), official.remarks) == (18, (remark,))
    assert [record["remarks"] for record in holdings(path.parent)] == [[remark]]
