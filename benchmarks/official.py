"""Reading official statistics: what becomes of each real file, and how long reading takes beside other clients."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from smstock.vocabulary.countries import areas

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YEARS = range(1990, 2021, 5)
SEXES = ("Total", "Male", "Female")


def bilateral(shared: Path) -> pd.DataFrame:
    """Return UN DESA's stocks of 2020 by M49 codes of destination and origin, 0 where the source has no row.

    Rows are the pairs of the 235 areas, "Others" (2003) and the groups of the annex; columns are sex and year.
    """
    folder = shared / "official" / "undesa"
    series = pd.read_csv(folder / "un2020_bilateral_by_sex_iso3_long.csv.gz", keep_default_na=False)
    codes = {area.iso3: area.m49 for area in areas()} | {"CHA": 830}
    annex = pd.read_excel(
        folder / "aggregates_correspondence_table_2020_1.xlsx", header=10, keep_default_na=False, engine="calamine"
    )
    annex = annex[annex["Name"] == "Country/Area"]
    groups = {int(area): [int(area)] for area in annex["Location code"]}
    for column in annex.columns[annex.columns.get_loc("Code.1") :]:
        for area, cell in zip(annex["Location code"], annex[column], strict=True):
            if isinstance(cell, int | float) and int(cell) not in groups[int(area)]:
                groups[int(area)].append(int(cell))
    groups[2003] = [2003, 900]
    wide = series.assign(
        destination=series["destination_iso3"].map(codes), origin=series["origin_iso3"].map(codes)
    ).pivot_table(index=["destination", "origin"], columns=["sex", "year"], values="stock", fill_value=0)
    wide = wide[[(sex, year) for sex in SEXES for year in YEARS]]
    places = sorted({code for of in groups.values() for code in of})
    place = {code: number for number, code in enumerate(places)}
    cube = np.zeros((len(places), len(places), wide.shape[1]))
    for (destination, origin), row in zip(wide.index, wide.to_numpy(), strict=True):
        for to in groups[destination]:
            for came in groups[origin]:
                cube[place[to], place[came]] += row
    index = pd.MultiIndex.from_product([places, places], names=["destination", "origin"])
    return pd.DataFrame(cube.reshape(-1, wide.shape[1]), index=index, columns=wide.columns).drop(2003, level=0)


def workbook(stock: pd.DataFrame, path: Path) -> None:
    """Write stocks in the layout of the 2020 workbook by sex, destination and origin."""
    name = {area.m49: area.name for area in areas()} | {900: "WORLD"}
    area = "Region, development group, country or area of "
    titles = [f"International migrant stock at mid-year, {sex}" for sex in ("both sexes combined", "males", "females")]
    above = {
        2: {5: "International Migrant Stock 2020: Destination and origin"},
        4: {5: "POP/DB/MIG/Stock/Rev.2020"},
        8: {7 + 7 * number: title for number, title in enumerate(titles)},
        11: dict(enumerate(["Index", f"{area}destination", "Notes of destination", "Location code of destination"]))
        | {4: "Type of data of destination", 5: f"{area}origin", 6: "Location code of origin"}
        | {7 + number: year for number, year in enumerate([*YEARS] * 3)},
    }

    def rows() -> Iterator[str]:
        for number, cells in above.items():
            yield _row(number, cells)
        for number, ((to, came), values) in enumerate(
            zip(stock.index, stock.to_numpy().astype(int), strict=True), start=12
        ):
            cells = {
                0: number - 11,
                1: f"   {name.get(to, to)}",
                3: to,
                4: "B",
                5: f"   {name.get(came, came)}",
                6: came,
            }
            yield _row(number, cells | {7 + place: value for place, value in enumerate(values)})

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type="{relations}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type="{relations}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relations}">'
            '<sheets><sheet name="Table 1" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        sheet = "".join(rows())
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>'
        )


def _row(number: int, cells: dict[int, object]) -> str:
    return f'<row r="{number}">{"".join(_cell(number, column, cell) for column, cell in cells.items())}</row>'


def _cell(row: int, column: int, cell: object) -> str:
    letters = chr(65 + column) if column < 26 else "A" + chr(39 + column)
    if isinstance(cell, str):
        return f'<c r="{letters}{row}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{letters}{row}"><v>{cell}</v></c>'


def eurostat_table(path: Path, observations: int) -> int:
    """Write a table of the layout and codes of ``migr_pop3ctb`` as TSV; return how many of its cells have a figure.

    The figures are made up, four in five cells have one, one in ten has flags.
    """
    rng = np.random.default_rng(1)
    years = [str(year) for year in range(1998, 2026)]
    codes = sorted(area.eurostat for area in areas() if area.eurostat and area.valid_to is None)
    geos = ["EU27_2020", *(code for code in codes if len(code) == 2)][:30]
    births = ["TOTAL", "FOR", "NAT", "EU27_2020_FOR", "AFR", *codes]
    ages = ["TOTAL", "Y_LT5", *(f"Y{age}-{age + 4}" for age in range(5, 85, 5)), "Y_GE85"]
    keys = (f"A,{birth},{age},NR,{sex},{geo}" for birth in births for age in ages for sex in "FMT" for geo in geos)
    flags = np.array(["", "", "", "", "", "", "", "", "", "b", "e", "bep"])
    written = 0
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(
            "freq,c_birth,age,unit,sex,geo\\TIME_PERIOD\t" + "".join(f"{year} \t" for year in years)[:-1] + "\r\n"
        )
        for key in keys:
            if written >= observations:
                break
            values = (rng.pareto(0.5, len(years)) * 50).astype(int)
            cells = [
                f"{value} {flag}" if there else ": "
                for value, flag, there in zip(
                    values, rng.choice(flags, len(years)), rng.random(len(years)) < 0.8, strict=True
                )
            ]
            written += sum(not cell.startswith(":") for cell in cells)
            file.write(f"{key}\t" + "\t".join(cells) + "\r\n")
    return written
