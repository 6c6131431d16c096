"""The same figures in any form that people give a table are the same figures once it was described and read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from smstock.official import readers
from smstock.vocabulary.countries import area
from smstock.workflows.description import descriptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AREAS: Final = ("DEU", "AUT", "SRB", "TUR", "NAM", "GRC", "GBR", "CIV", "VNM")
KNOWN: Final = {
    **dict.fromkeys(("producer", "title", "citation", "licence", "dataset"), '"X"'),
    "edition": '"2024"',
    "retrieved": "2026-11-30",
    "reviewed": "2026-11-30",
    "provider": '"gov-xx"',
    "concept": '"birth"',
    "sex": '"all"',
    "ages": '"0+"',
    "reference_date": '"12-31"',
}

SCHEMES: Final[Mapping[str, Callable[[str], str]]] = {
    "iso3": str,
    "small": str.lower,
    "iso2": lambda code: area(code).iso2,
    "eurostat": lambda code: area(code).eurostat,
    "m49": lambda code: str(area(code).m49),
    "name": lambda code: area(code).name,
}
WRITTEN: Final[Mapping[str, Callable[[int], str]]] = {
    "plain": str,
    "float": lambda value: f"{value}.0",
    "commas": lambda value: f"{value:,}",
    "points": lambda value: f"{value:,}".replace(",", "."),
    "blanks": lambda value: f"{value:,}".replace(",", "\N{NO-BREAK SPACE}"),
}

figures_of = st.dictionaries(
    st.tuples(st.sampled_from(AREAS), st.sampled_from(AREAS), st.sampled_from(("2015", "2020"))).filter(
        lambda key: key[0] != key[1]
    ),
    st.integers(min_value=1_000_000, max_value=9_999_999),
    min_size=6,
    max_size=20,
)


def filled(path: Path) -> None:
    """Fill in the sidecar of a file."""
    sidecar = path.with_name(f"{path.name}.origin.toml")
    lines = sidecar.read_text(encoding="utf-8").splitlines()
    names = [line.partition(" = ")[0] for line in lines]
    sidecar.write_text(
        "\n".join(
            f"{name} = {KNOWN[name]}" if ' = ""' in line else line for name, line in zip(names, lines, strict=True)
        ),
        encoding="utf-8",
    )


def saved(table: pd.DataFrame, path: Path, separator: str, title: str) -> None:
    """Write a table as a text or a workbook, below a title if there is one."""
    if path.suffix == ".csv":
        text = table.to_csv(index=False, sep=separator)
        path.write_text(f"{title}\n\n{text}" if title else text, encoding="utf-8")
        return
    book = Workbook()
    sheet = book.create_sheet("Data", 0)
    for row in [*([[title], []] if title else []), list(table), *table.to_numpy().tolist()]:
        sheet.append(row)
    book.save(path)


@settings(max_examples=25, deadline=None)
@given(
    figures=figures_of,
    form=st.sampled_from(("long", "origins", "destinations", "years")),
    scheme=st.sampled_from(sorted(SCHEMES)),
    number=st.sampled_from(sorted(WRITTEN)),
    separator=st.sampled_from(",;\t|"),
    ending=st.sampled_from((".csv", ".xlsx")),
    title=st.sampled_from(("", "Stock of the foreign-born")),
)
def test_the_same_figures_in_any_form(
    figures: dict[tuple[str, str, str], int],
    form: str,
    scheme: str,
    number: str,
    separator: str,
    ending: str,
    title: str,
) -> None:
    written = [
        (SCHEMES[scheme](destination), SCHEMES[scheme](origin), year, WRITTEN[number](value))
        for (destination, origin, year), value in figures.items()
    ]
    table = pd.DataFrame(written, columns=["destination code", "origin code", "Year", "migrants"], dtype="str")
    headings = {"origins": "origin code", "destinations": "destination code", "years": "Year"}
    if form in headings:
        rows = [name for name in table if name not in (headings[form], "migrants")]
        table = table.pivot_table(index=rows, columns=headings[form], values="migrants", aggfunc="first")
        table = table.fillna("").reset_index()
    with TemporaryDirectory() as folder:
        path = Path(folder, f"own{ending}")
        saved(table, path, separator, title)
        descriptions([path])
        filled(path)
        stock = readers.read_stock(path)
    stock = stock[stock["value"].notna()]
    keys = zip(stock["destination"], stock["origin"], stock["reference_date"].str[:4], strict=True)
    assert dict(zip(keys, stock["value"], strict=True)) == figures
    assert set(stock["reference_date"].str[4:]) == {"-12-31"}
