"""Workbooks in the layouts of UN DESA, small enough to count by hand, and files with sidecars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    Rows = Iterable[Sequence[object]]

AREA = "Region, development group, country or area"
STOCK_TITLE = "International migrant stock at mid-year"
POPULATION_TITLE = "Total population at mid-year"
SIDECAR = """
producer = "P"
title = "T"
edition = "2020"
citation = "C"
licence = "L"
retrieved = 2026-11-22
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a text file; further arguments are entries of its sidecar."""

    def written(text: str | bytes, name: str = "file.csv", **entries: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if entries:
            lines = "".join(f'{entry} = "{said}"\n' for entry, said in entries.items() if entry != "edition")
            said = SIDECAR.replace("2020", entries["edition"], 1) if "edition" in entries else SIDECAR
            path.with_name(name + ".origin.toml").write_text(said + lines, encoding="utf-8")
        return path

    return written


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Mapping[str, Rows]], Path]:
    """Write sheets, given by their rows, as a workbook."""

    def written(sheets: Mapping[str, Rows]) -> Path:
        from openpyxl import Workbook

        book = Workbook()
        book.remove(book.worksheets[0])
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "workbook.xlsx"
        book.save(path)
        return path

    return written


@pytest.fixture
def table_1() -> list[list[object]]:
    """The stock by destination in 2015 and 2020: the world, a region, Namibia, Qatar and the Channel Islands."""
    return [
        [],
        [None, "International Migrant Stock 2020: Destination"],
        [None, "POP/DB/MIG/Stock/Rev.2020"],
        [
            *[None] * 5,
            f"{STOCK_TITLE}, both sexes combined",
            None,
            f"{STOCK_TITLE}, males",
            None,
            f"{STOCK_TITLE}, females",
        ],
        [],
        [None, AREA, "Notes", "Location code", "Type of data", 2015, 2020, 2015, 2020, 2015, 2020],
        [1, "World", None, 900, "", 1, 2, 1, 1, 0, 1],
        [2, "  Southern Africa", None, 913, "", 7, 9, 3, 4, 4, 5],
        [3, "   Namibia", None, 516, "B R ", 101618, 109391, 54739, 59024, 46879, 50367],
        [4, "   Qatar", None, 634, "C", "..", 2226192, "..", 1842785, "..", 383407],
        [5, "   Channel Islands*", 6, 830, "I", 82307, 84087, 39338, "~", 42969, None],
    ]


@pytest.fixture
def table_2() -> list[list[object]]:
    """The population of the same areas as the 2024 edition prints it: no code, the type of data in its place."""
    sexes = ("both sexes combined", "males", "females")
    return [
        [None, "International Migrant Stock 2024: Destination"],
        [None, "POP/DB/MIG/Stock/Rev.2024"],
        [*[None] * 4, *(f"{POPULATION_TITLE}, {sex} (thousands)" for sex in sexes)],
        [None, AREA, "Population notes", "Location code", 2020, 2020, 2020],
        [1, "World", "", None, 3.0, 1.5, 1.5],
        [2, "Southern Africa", "", None, 3.0, 1.5, 1.5],
        [3, "   Namibia", "", "B R", 2728.762, 1330.536, 1398.226],
        [4, "   Qatar", "", "C", 2803.375, 2021.502, 781.874],
        [5, "   Channel Islands*", "B2", "I", 166.23499999999999, "..", ".."],
    ]


@pytest.fixture
def origins() -> list[list[object]]:
    """The stock by destination and origin as the 2024 edition heads it, one year."""
    return [
        [None, "International Migrant Stock 2024: Destination and origin"],
        [None, "POP/DB/MIG/Stock/Rev.2024"],
        [
            *[None] * 7,
            f"{STOCK_TITLE}, both sexes combined",
            f"{STOCK_TITLE}, males",
            f"{STOCK_TITLE}, females",
        ],
        [
            "Index",
            f"{AREA} of destination",
            "Coverage",
            "Data type",
            "Location code of destination",
            f"{AREA} of origin",
            "Location code of origin",
            2024,
            2024,
            2024,
        ],
        [1, "World", None, None, 900, "World", 900, 99, 49, 50],
        [2, "World", None, None, 900, "Namibia", 516, 9, 4, 5],
        [3, "Qatar", None, "C", 634, "World", 900, 60, 40, 20],
        [4, "Qatar", None, "C", 634, "Africa", 903, 30, 20, 10],
        [5, "Qatar", None, "C", 634, "Namibia", 516, 30, 20, 10],
        [6, "Qatar", None, "C", 634, "Others", 2003, 30, 20, 10],
    ]
