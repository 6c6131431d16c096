"""Large files of official statistics, rebuilt from real figures or made up, and real files beside their sidecars."""

from __future__ import annotations

import json
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from smstock.vocabulary.countries import areas

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDECARS = Path(__file__).with_name("official_sidecars.toml")

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


def described(path: Path, name: str, folder: Path) -> Path:
    """Return a link in a folder to a real file; beside that to a copy stands a sidecar with what the copy leaves out.

    Parameters
    ----------
    path
        The file.
    name
        Its name in the list of sidecars.
    """
    link = folder / path.name
    link.symlink_to(path)
    sidecar = tomllib.loads(SIDECARS.read_text(encoding="utf-8")).get(name)
    if sidecar:
        entries = (
            dict.fromkeys(("producer", "title", "citation", "licence"), "X") | {"retrieved": "2026-11-22"} | sidecar
        )
        text = "".join(f'{entry} = "{words}"\n' for entry, words in entries.items())
        link.with_name(f"{link.name}.origin.toml").write_text(text, encoding="utf-8")
    return link


SERIES = ("freq", "c_birth", "age", "unit", "sex", "geo")
FLAGS = ("b", "e", "bep")
"""Flags of Eurostat: break, estimated, and several at once."""


class MadeUp:
    """Figures with the codes of ``migr_pop3ctb``: four in five cells have one, a quarter of these has flags."""

    def __init__(self, destinations: int, first_year: int) -> None:
        codes = sorted(area.eurostat for area in areas() if area.eurostat and area.valid_to is None)
        self.years = [str(year) for year in range(first_year, 2026)]
        self.births = ["TOTAL", "FOR", "NAT", "EU27_2020_FOR", "AFR", *codes]
        self.ages = ["TOTAL", "Y_LT5", *(f"Y{age}-{age + 4}" for age in range(5, 85, 5)), "Y_GE85"]
        self.sexes = ["F", "M", "T"]
        self.geos = [
            *("AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE"),
            *("IS", "IT", "LT", "LU", "LV", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "EU27_2020", "UK"),
        ][:destinations]

    def series(self) -> Iterator[tuple[tuple[str, ...], list[tuple[str, str]]]]:
        """Yield the codes of each series, and value and flags of each year; a missing value is ``:``."""
        rng = np.random.default_rng(1)
        count = len(self.years)
        marks = np.array([""] * 9 + list(FLAGS))
        for birth in self.births:
            for age in self.ages:
                for sex in self.sexes:
                    for geo in self.geos:
                        # no office counts more persons than live
                        values = np.minimum(rng.pareto(0.5, count) * 50, 1.9e8).astype(int).tolist()
                        chosen = marks[rng.integers(len(marks), size=count)].tolist()
                        present = (rng.random(count) < 0.8).tolist()
                        yield (
                            ("A", birth, age, "NR", sex, geo),
                            [
                                (str(value), mark) if is_there else (":", "")
                                for value, mark, is_there in zip(values, chosen, present, strict=True)
                            ],
                        )

    def tsv(self, path: Path) -> None:
        """Write a TSV as the service gives a whole data set."""
        with path.open("w", encoding="ascii", newline="") as file:
            file.write(f"{','.join(SERIES)}\\TIME_PERIOD\t" + "\t".join(f"{year} " for year in self.years) + "\r\n")
            for key, cells in self.series():
                file.write(",".join(key) + "\t" + "\t".join(f"{value} {mark}" for value, mark in cells) + "\r\n")

    def json_stat(self, path: Path) -> None:
        """Write a JSON-stat 2.0 as the service answers a question."""
        positions = [["A"], self.births, self.ages, ["NR"], self.sexes, self.geos, self.years]
        cells = [cell for _, row in self.series() for cell in row]
        names = [*SERIES, "time"]
        answer = {
            "version": "2.0",
            "class": "dataset",
            "label": "made up",
            "source": "ESTAT",
            "updated": "2026-03-13T23:00:00+0100",
            "value": {str(place): int(value) for place, (value, _) in enumerate(cells) if value != ":"},
            "status": {str(place): mark for place, (_, mark) in enumerate(cells) if mark},
            "id": names,
            "size": [len(codes) for codes in positions],
            "dimension": {
                name: {
                    "label": name,
                    "category": {
                        "index": {code: place for place, code in enumerate(codes)},
                        "label": {code: code for code in codes},
                    },
                }
                for name, codes in zip(names, positions, strict=True)
            },
            "extension": {"lang": "EN", "id": "MIGR_POP3CTB", "agencyId": "ESTAT", "version": "1.0"},
        }
        path.write_text(json.dumps(answer), encoding="ascii")

    def sdmx_csv(self, path: Path) -> None:
        """Write the figures that exist as SDMX-CSV 2.0, with the column ``ACTION`` that `sdmx1` needs."""
        head = f"STRUCTURE,STRUCTURE_ID,ACTION,{','.join(SERIES)},TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"
        with path.open("w", encoding="ascii", newline="") as file:
            file.write(f"{head}\r\n")
            for key, cells in self.series():
                for year, (value, mark) in zip(self.years, cells, strict=True):
                    if value != ":":
                        file.write(f"dataflow,ESTAT:MIGR_POP3CTB(1.0),I,{','.join(key)},{year},{value},{mark},\r\n")
