"""Eurostat's files: JSON-stat, TSV, SDMX-CSV with codes or labels, and copies of these.

The same figures read the same from each. A copy that lost the columns of its data flow, or whose columns were renamed
to Eurostat's labels (``Age class``), is read if its sidecar names the data set, and sex and ages where their columns
are lost too: nothing else in such a file tells a stock from a flow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.official import sdmx_csv
from smstock.official.base import Layout, OfficialTable, refused
from smstock.official.delimited import table
from smstock.official.eurostat import jsonstat, tsv
from smstock.official.eurostat.codes import facets
from smstock.official.eurostat.datasets import dataset, inferred
from smstock.official.observations import parts_of, tables_of
from smstock.official.units import check_heading
from smstock.tables import INDICATOR
from smstock.tables.contract import differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from smstock.official.observations import Facets, Observations
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_AGENCY = "ESTAT"
_HEADINGS = {
    "Age class": "age",
    "Country of citizenship": "citizen",
    "Country/region of birth": "c_birth",
    "Geopolitical entity (reporting)": "geo",
    "Sex": "sex",
    "Unit of measure": "unit",
    "Time": "TIME_PERIOD",
    "TIME": "TIME_PERIOD",
    "year": "TIME_PERIOD",
    "Altersklasse": "age",
    "Land der Staatsangehörigkeit": "citizen",
    "Geburtsland": "c_birth",
    "Geopolitische Meldeeinheit": "geo",
    "Geschlecht": "sex",
    "Maßeinheit": "unit",
    "Zeit": "TIME_PERIOD",
    "Classe d'âge": "age",
    "Pays de citoyenneté": "citizen",
    "Pays de naissance": "c_birth",
    "Entité géopolitique (déclarante)": "geo",
    "Sexe": "sex",
    "Unité de mesure": "unit",
    "Temps": "TIME_PERIOD",
}
_DIMENSIONS = {"age", "citizen", "c_birth", "freq", "geo", "sex", "unit", "isced11", "wstatus", "indic_is", "ind_type"}
_NO_FIGURES = {"TIME_PERIOD", "OBS_FLAG"}
_LEVELS = ("isced0-2", "isced3-4", "isced5-8")
_ROUNDING = 0.3
_DOWNLOAD = "in the Data Browser download SDMX-CSV or TSV of the data set"


def _is_csv(file: RawFile) -> bool:
    return sdmx_csv.flow(file)[0] == _AGENCY


def _csv_dataset(file: RawFile) -> str:
    return sdmx_csv.flow(file)[1].lower()


def _tsv_dataset(file: RawFile) -> str:
    names = tsv.dimensions(file)
    lines = file.content[:65536].decode(errors="replace").split("\n", 2)
    first_codes = dict(zip(names, lines[1].split("\t")[0].split(","), strict=False)) if len(lines) > 1 else {}
    return inferred(file, names, first_codes.get("unit", ""))


def _headings(file: RawFile) -> dict[str, str]:
    """Return what each column of a copy is; the one column that is no dimension has the figures."""
    meaning_of = {name: _HEADINGS.get(name, name) for name in file.header}
    of_figures = [name for name, meaning in meaning_of.items() if meaning not in {*_DIMENSIONS, *_NO_FIGURES}]
    return meaning_of | {of_figures[0]: "OBS_VALUE"} if len(of_figures) == 1 else {}


def _is_copy(file: RawFile) -> bool:
    meanings = list(_headings(file).values())
    has_origin = "citizen" in meanings or "c_birth" in meanings
    return has_origin and {"geo", "TIME_PERIOD"} <= set(meanings) and len(set(meanings)) == len(meanings)


def _copy_dataset(file: RawFile) -> str:
    meanings = set(_headings(file).values())
    lost = [entry for dimension, entry in (("sex", "sex"), ("age", "ages")) if dimension not in meanings]
    return file.stated("dataset", *lost)[0].lower()


def _copy(file: RawFile) -> Observations:
    (heading,) = (name for name, meaning in _headings(file).items() if meaning == "OBS_VALUE")
    check_heading(heading, f"{file.path}, line {file.line_numbers[0]}")
    rows = table(file).rename(columns=_headings(file))
    return sdmx_csv.long_table(file, rows, _copy_dataset(file), file.edition, decimal="")


def _layout(
    name: str,
    recognises: Callable[[RawFile], bool],
    dataset_name: Callable[[RawFile], str],
    observations: Callable[[RawFile], Observations],
) -> Layout:
    """Return the layout of a syntax: how the file names its data set, and how its figures are read."""

    def contracts(file: RawFile) -> tuple[Contract, ...]:
        return dataset(file, dataset_name(file)).contracts

    def in_blocks(file: RawFile) -> Observations:
        return replace(observations(file), dataset=dataset_name(file))

    def at_once(file: RawFile) -> Observations:
        observed = in_blocks(file)
        return replace(observed, blocks=list(observed.blocks))

    def meaning(observed: Observations, contract: Contract) -> Facets:
        return facets(observed, dataset(observed.file, observed.dataset), contract)

    def read(file: RawFile, contract: Contract) -> OfficialTable:
        observed = file.once(at_once)
        official = tables_of(observed, meaning(observed, contract), contract)
        if "isced11" in observed.keys:
            _check_shares(file, official.table)
        return official

    def parts(file: RawFile, contract: Contract) -> Iterator[pd.DataFrame]:
        observed = in_blocks(file)
        return parts_of(observed, meaning(observed, contract), contract)

    return Layout(f"Eurostat {name}", recognises, contracts, read, parts)


def _check_shares(file: RawFile, shares: pd.DataFrame) -> None:
    """Refuse shares by education that do not add up: unemployment rates by education have the same dimensions."""
    levels = shares[shares["category"].isin(_LEVELS)]
    key = differing(levels, [name for name in INDICATOR.key if name != "category"])
    sums = levels.groupby(key, dropna=False)["value"].agg(["sum", "count"])
    complete = sums.loc[sums["count"] == len(_LEVELS), "sum"]
    apart = complete[(complete - 100).abs() > _ROUNDING]
    if len(apart):
        cell = apart.index[0]
        place = " ".join(str(part) for part in (cell if isinstance(cell, tuple) else (cell,)))
        raise OfficialFileError(
            f"{file.path} holds no shares by education: its levels add up to {apart.iloc[0]:g} %, not to 100",
            where=f"{place}, the first of {len(apart)}",
            hint="rates by education are not read: download edat_lfs_9911 or edat_lfs_9912",
        )


LAYOUTS = (
    _layout("JSON-stat 2.0", jsonstat.recognises, jsonstat.dataset, jsonstat.observations),
    _layout("TSV", tsv.recognises, _tsv_dataset, tsv.observations),
    _layout("SDMX-CSV 1.0 or 2.0, codes or labels", _is_csv, _csv_dataset, sdmx_csv.observations),
    _layout("CSV without its data flow", _is_copy, _copy_dataset, _copy),
    refused(
        "Eurostat Data Explorer CSV (before 2022)",
        lambda file: {"TIME", "GEO", "Value", "Flag and Footnotes"} <= set(file.header),
        "is an export of Eurostat's old Data Explorer, which names neither its data set nor its edition",
        _DOWNLOAD,
    ),
    refused(
        "Eurostat Data Browser spreadsheet",
        lambda file: file.container == "workbook" and {"Summary", "Structure"} <= set(file.sheets),
        "is a spreadsheet of Eurostat's Data Browser, whose flags stand in columns without a name",
        _DOWNLOAD,
    ),
)
