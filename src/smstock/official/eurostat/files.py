"""Eurostat's files: JSON-stat, TSV, SDMX-CSV with codes or labels, SDMX-ML, and frames and copies of these.

The same figures read the same from each. A copy that lost the columns of its data flow, or whose columns were renamed
to Eurostat's labels (``Age class``), is read if its sidecar names the data set, and sex and ages where their columns
are lost too: nothing else in such a file tells a stock from a flow. So is SDMX-ML that does not name its data flow.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.official import sdmx_csv, sdmx_ml
from smstock.official.base import Layout, OfficialTable, refused
from smstock.official.eurostat import frames, jsonstat, spreadsheet, tsv
from smstock.official.eurostat.codes import facets
from smstock.official.eurostat.datasets import dataset, inferred
from smstock.official.eurostat.regions import is_region
from smstock.official.observations import parts_of, tables_of
from smstock.official.workbook import text
from smstock.tables import INDICATOR
from smstock.tables.contract import differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from smstock.official.observations import Facets, Observations
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_AGENCY = "ESTAT"
_SOURCE = re.compile(rb'^"?Source of data"?[,;\t]"?Eurostat', re.MULTILINE)
_BEGINNING, _ROWS_ABOVE = 2000, 12
_LEVEL = "isced11"
_LEVELS = ("isced0-2", "isced3-4", "isced5-8")
_ROUNDING = 0.3
_OF_CENSUS = ("2021",)


def _is_csv(file: RawFile) -> bool:
    return sdmx_csv.flow(file)[0] == _AGENCY


def _csv_dataset(file: RawFile) -> str:
    return sdmx_csv.flow(file)[1].lower()


def _tsv_dataset(file: RawFile) -> str:
    names = tsv.dimensions(file)
    lines = file.content[:65536].decode(errors="replace").split("\n")[1:]
    codes = [dict(zip(names, line.split("\t")[0].split(","), strict=False)) for line in lines]
    unit = codes[0].get("unit", "") if codes else ""
    by_region = any(is_region(of_line.get("geo", "")) for of_line in codes)
    return inferred(file, names, unit, by_region=by_region and ("wstatus" in names or file.header[1:] == _OF_CENSUS))


def _is_explorer(file: RawFile) -> bool:
    """Whether a workbook, or a sheet of one saved as text, begins as the old Data Explorer's do."""
    if file.container == "text":
        return _SOURCE.search(file.content[:_BEGINNING]) is not None
    beginnings = (rows[:_ROWS_ABOVE] for rows in file.sheets.values())
    return any(
        [text(cell) for cell in row[:2]] == ["Source of data", "Eurostat"] for rows in beginnings for row in rows
    )


def _is_ml(file: RawFile) -> bool:
    """Whether a file is SDMX-ML of Eurostat: by its header or, where that names nobody, by its sidecar."""
    if not sdmx_ml.is_data(file):
        return False
    agency = file.once(sdmx_ml.message).agency
    stated = file.origin is not None and file.origin.dataset != "" and file.origin.provider in {"", "eurostat"}
    return agency == _AGENCY or (not agency and stated)


def _ml_dataset(file: RawFile) -> str:
    return file.once(sdmx_ml.message).flow.lower() or file.stated("dataset")[0].lower()


def _ml(file: RawFile) -> Observations:
    message = file.once(sdmx_ml.message)
    rows = message.rows[[name for name in message.rows if _is_read(str(name))]]
    if "OBS_STATUS" in rows:
        letters = rows["OBS_STATUS"].str.lower().replace("a", "")
        rows = rows.drop(columns="OBS_STATUS").assign(OBS_FLAG=letters + rows.get("OBS_FLAG", ""))
    edition = file.edition if file.origin else message.prepared or file.edition
    return sdmx_csv.long_table(file, rows, "", edition, line=sdmx_ml.place)


def _is_read(name: str) -> bool:
    """Whether a column is a dimension, a figure or what says how good it is; attributes look like dimensions in XML."""
    return name.lower() in frames.DIMENSIONS or name in {"TIME_PERIOD", "OBS_VALUE"} or sdmx_csv.is_attribute(name)


def _layout(
    name: str,
    recognises: Callable[[RawFile], bool],
    dataset_name: Callable[[RawFile], str],
    observations: Callable[[RawFile], Observations],
    *,
    in_blocks: bool = False,
) -> Layout:
    """Return the layout of a syntax: how the file names its data set, and how its figures are read, some at a time."""

    def contracts(file: RawFile) -> tuple[Contract, ...]:
        return dataset(file, dataset_name(file)).contracts

    def observed_in(file: RawFile) -> Observations:
        return replace(observations(file), dataset=dataset_name(file))

    def at_once(file: RawFile) -> Observations:
        observed = observed_in(file)
        return replace(observed, blocks=list(observed.blocks))

    def meaning(observed: Observations, contract: Contract) -> Facets:
        return facets(observed, dataset(observed.file, observed.dataset), contract)

    def read(file: RawFile, contract: Contract) -> OfficialTable:
        observed = file.once(at_once)
        official = tables_of(observed, meaning(observed, contract), contract)
        if _LEVEL in observed.keys:
            _check_shares(file, official.table)
        return official

    def parts(file: RawFile, contracts: Sequence[Contract]) -> Iterator[Mapping[str, OfficialTable]] | None:
        observed = observed_in(file)
        if _LEVEL in observed.keys:
            return None
        return parts_of(observed, {contract: meaning(observed, contract) for contract in contracts})

    return Layout(f"Eurostat {name}", recognises, contracts, read, parts if in_blocks else None)


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
    _layout("TSV", tsv.recognises, _tsv_dataset, tsv.observations, in_blocks=True),
    refused(
        "Eurostat TSV saved as CSV",
        tsv.is_saved_otherwise,
        "is a TSV of Eurostat that was saved as CSV, its codes in one column",
        spreadsheet.DOWNLOAD,
    ),
    _layout("SDMX-CSV 1.0 or 2.0, codes or labels", _is_csv, _csv_dataset, sdmx_csv.observations),
    _layout("SDMX-ML", _is_ml, _ml_dataset, _ml),
    refused(
        "Eurostat Data Explorer CSV (before 2022)",
        lambda file: {"TIME", "GEO", "Value", "Flag and Footnotes"} <= set(file.header),
        "is an export of Eurostat's old Data Explorer, which names neither its data set nor its edition",
        spreadsheet.DOWNLOAD,
    ),
    refused(
        "Eurostat Data Explorer workbook (before 2022)",
        _is_explorer,
        "is a workbook of Eurostat's old Data Explorer, whose flags stand in columns without a name",
        spreadsheet.DOWNLOAD,
    ),
    _layout("CSV without its data flow", frames.recognises, frames.dataset, frames.observations),
    _layout(
        "Data Browser spreadsheet",
        spreadsheet.recognises,
        spreadsheet.dataset,
        spreadsheet.observations,
    ),
    refused(
        "Eurostat Data Browser spreadsheet saved as CSV",
        lambda file: spreadsheet.is_title(file.first_line),
        "is a sheet of Eurostat's Data Browser saved as text, whose flags stand in columns without a name",
        spreadsheet.DOWNLOAD,
    ),
)
