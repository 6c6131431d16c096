"""OECD's files: SDMX-CSV (``csvfile``, ``csvfilewithlabels``), SDMX-JSON, SDMX-ML, and the CSV of OECD.Stat.

OECD.Stat, which ended in mid-2024, wrote ``CO2`` (country of birth or nationality), ``VAR`` (measure), ``GEN``
(``TOT``, ``WMN``), ``COU`` (country), ``YEA``, ``PowerCode Code`` (the power of ten) and ``Flag Codes``; its files
still circulate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.official import sdmx_csv, sdmx_ml
from smstock.official.base import Layout, OfficialTable
from smstock.official.delimited import table
from smstock.official.observations import Observations, tables_of
from smstock.official.oecd import sdmx_json
from smstock.official.oecd.codes import education_facets, stock_facets, with_males
from smstock.official.units import is_multiplier
from smstock.tables import INDICATOR, STOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_STOCKS = ("DSD_MIG@DF_MIG", "DSD_MIG_F@DF_MIG_POPF")
_EDUCATION = "DSD_EAG_LSO_EA@DF_LSO_NEAC_DISTR_EA_MIGR"
_STRUCTURES = {"DSD_MIG": "DSD_MIG@DF_MIG", "DSD_MIG_F": "DSD_MIG_F@DF_MIG_POPF"}

_OLD_COLUMNS = {
    "CO2": "BIRTH_COUNTRY",
    "VAR": "MEASURE",
    "GEN": "SEX",
    "COU": "REF_AREA",
    "Value": "OBS_VALUE",
    "Flag Codes": "OBS_STATUS",
}
_OLD_UNITS = dict.fromkeys(("", "PER", "PERSON", "PERSONS", "NBR", "NUMBER", "NB"), "PS")
_OLD_CODES = {"SEX": {"TOT": "_T", "WMN": "F", "MEN": "M"}, "BIRTH_COUNTRY": {"TOT": "W"}}


def _csv_flow(file: RawFile) -> str:
    agency, flow = sdmx_csv.flow(file)
    return flow if agency.startswith("OECD") else ""


def urns(file: RawFile) -> list[str]:
    """Return the names of data flow and structure that an SDMX-JSON message links to.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b'{"data": {"dataSets": [{"links": [{"urn": "urn:sdmx:DataStructure=OECD.ELS.IMD:DSD_MIG(1.0)"}]}]}}'
    >>> urns(RawFile(Path("a.json"), "text", content))
    ['urn:sdmx:DataStructure=OECD.ELS.IMD:DSD_MIG(1.0)']
    """
    sets = file.json["data"]["dataSets"]
    links = sets[0].get("links", []) if isinstance(sets, list) and sets and isinstance(sets[0], dict) else []
    named = [str(link.get("urn", "")) for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return [urn for urn in named if urn]


def _is_json(file: RawFile) -> bool:
    """Whether a file is SDMX-JSON, of the OECD or of nobody that it names."""
    return sdmx_json.recognises(file) and (not urns(file) or any("=OECD" in urn for urn in urns(file)))


def _json_flow(file: RawFile) -> str:
    """Return the data flow of a message, which names only its structure: ``...=OECD.ELS.IMD:DSD_MIG_F(1.0)``."""
    structures = [urn.rpartition(":")[2].partition("(")[0] for urn in urns(file) if "DataStructure=OECD" in urn]
    structure = structures[0] if structures else ""
    return _STRUCTURES.get(structure, structure)


def _is_ml(file: RawFile) -> bool:
    """Whether a file is SDMX-ML of the OECD: by its header or, where that names nobody, by its sidecar."""
    if not sdmx_ml.is_data(file):
        return False
    agency = file.once(sdmx_ml.message).agency
    stated = file.origin is not None and file.origin.dataset != "" and file.origin.provider == "oecd"
    return agency.startswith("OECD") or (not agency and stated)


def _ml_flow(file: RawFile) -> str:
    flow = file.once(sdmx_ml.message).flow or file.stated("dataset")[0].upper()
    return _STRUCTURES.get(flow, flow)


def _ml(file: RawFile) -> Observations:
    message = file.once(sdmx_ml.message)
    edition = message.prepared or file.edition
    return sdmx_csv.long_table(file, message.rows, "", edition, line=sdmx_ml.place)


def _old(file: RawFile) -> Observations:
    rows = table(file)
    year = "YEA" if "YEA" in rows else "Year"
    rows = rows.rename(columns={**_OLD_COLUMNS, year: "TIME_PERIOD"})
    rows = rows.assign(**{name: rows[name].replace(codes) for name, codes in _OLD_CODES.items()})
    if "Unit Code" in rows:
        rows = rows.assign(UNIT_MEASURE=rows["Unit Code"].str.strip().replace(_OLD_UNITS))
    scale = [str(name) for name in rows if is_multiplier(str(name)) or name == "UNIT_MEASURE"]
    columns = [*_OLD_COLUMNS.values(), "TIME_PERIOD", *scale]
    return sdmx_csv.long_table(file, rows[columns], _old_flow(file), file.edition)


def _old_flow(_: RawFile) -> str:
    return _STOCKS[0]


def _layout(
    title: str,
    recognises: Callable[[RawFile], bool],
    flow: Callable[[RawFile], str],
    observations: Callable[[RawFile], Observations],
) -> Layout:
    """Return the layout of a syntax: how the file names its data flow, and how its figures are read."""

    def contracts(file: RawFile) -> tuple[Contract, ...]:
        name = flow(file)
        if name in _STOCKS:
            return (STOCK,)
        if name == _EDUCATION:
            return (INDICATOR,)
        raise OfficialFileError(
            f"{file.path} is the OECD's {name or 'data flow without a name'}, which is neither stock nor an indicator "
            "that is read; rates of employment and participation give no number of persons",
            allowed=", ".join([*_STOCKS, _EDUCATION]),
            hint="for stocks download measure B14 of DSD_MIG_F@DF_MIG_POPF or B15 of DSD_MIG@DF_MIG",
        )

    def read(file: RawFile, contract: Contract) -> OfficialTable:
        observed = replace(observations(file), dataset=flow(file))
        if contract is STOCK:
            return tables_of(observed, stock_facets(observed), STOCK, with_males)
        return tables_of(observed, education_facets(observed), INDICATOR)

    return Layout(title, recognises, contracts, read)


LAYOUTS = (
    _layout("OECD SDMX-CSV", lambda file: bool(_csv_flow(file)), _csv_flow, sdmx_csv.observations),
    _layout("OECD SDMX-JSON 2.0", _is_json, _json_flow, sdmx_json.observations),
    _layout("OECD SDMX-ML", _is_ml, _ml_flow, _ml),
    _layout("OECD.Stat CSV (before 2024)", lambda file: set(_OLD_COLUMNS) <= set(file.header), _old_flow, _old),
)
