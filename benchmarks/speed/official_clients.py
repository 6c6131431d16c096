"""One file read by one client in a process of its own: ``PYTHON official_clients.py CLIENT FILE`` prints JSON.

Any environment that has a client can run this file, as it imports nothing of the repository but `smstock`, for the
client of that name. The clock starts when the client is imported.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Counts = dict[str, int]
Reading = tuple["Callable[[], Any]", "Callable[[Any], Counts]"]
"""What is timed, and what counts figures, missing cells that say why, and flagged figures in what it returned."""

ENOUGH = 1.0
"""Seconds after which a reading is not repeated."""


def smstock(path: Path) -> Reading:
    """First table of a file, validated; figures that are not in it are counted by the reason."""
    from smstock.official import readers

    for name in ("pandas", "pyarrow.csv", "python_calamine"):
        import_module(name)
    (contract, *_) = readers.recognised(path).contracts

    def count(reading: Any) -> Counts:
        present = reading.table["value"].notna()
        flagged = reading.table["flags"] != "" if "flags" in reading.table else ~present & False
        return {
            "figures": int(present.sum()),
            "missing": int((~present & flagged).sum()),
            "flagged": int((present & flagged).sum()),
            "left_out": sum(reading.left_out.values()),
        }

    return lambda: readers.read(path, contract), count


def smstock_parquet(path: Path) -> Reading:
    """Stock table of a file, written as Parquet in pieces."""
    from smstock.official import readers
    from smstock.tables import STOCK

    for name in ("pandas", "pyarrow.csv", "pyarrow.parquet"):
        import_module(name)
    target = path.with_suffix(".parquet")

    def count(rows: int) -> Counts:
        import pyarrow.compute as pc
        from pyarrow.parquet import read_table

        table = read_table(target, columns=["value", "flags"])
        missing, flagged = pc.is_null(table["value"]), pc.not_equal(table["flags"], "")
        return {
            "figures": rows - pc.sum(missing).as_py(),
            "missing": pc.sum(pc.and_(missing, flagged)).as_py(),
            "flagged": pc.sum(pc.and_not(flagged, missing)).as_py(),
        }

    return lambda: readers.to_parquet(path, STOCK, target), count


def eurostat(path: Path) -> Reading:
    """``eurostat.get_data_df(flags=True)`` of a TSV, then a row a figure by ``melt``.

    The service is replaced by the file, and nothing has to be unpacked.
    """
    client: Any = import_module("eurostat.eurostat")
    client.__dict__["__get_dims_info__"] = lambda *_, **__: ("", "EUROSTAT", [])
    client.__dict__["__get_resp__"] = lambda *_, **__: SimpleNamespace(content=path.read_bytes())
    client.decompress = lambda content: content

    def read() -> Any:
        wide = client.get_data_df("migr_pop3ctb", flags=True)
        values, marks = ([name for name in wide if name.endswith(end)] for end in ("_value", "_flag"))
        keys = [name for name in wide if name not in {*values, *marks}]
        long = wide.melt(keys, values, "year", "value")
        return long.assign(
            year=long["year"].str.removesuffix("_value"), status=wide.melt(keys, marks, "year", "flag")["flag"]
        )

    return read, _of_frame


def eurostat_parquet(path: Path) -> Reading:
    """Write what `eurostat` reads as Parquet."""
    read, _ = eurostat(path)
    target = path.with_suffix(".parquet")

    def write() -> Any:
        table = read()
        table.astype({"value": "float64"}).to_parquet(target, index=False)
        return table

    return write, _of_frame


def pyjstat(path: Path) -> Reading:
    """``pyjstat.Dataset.read(...).write("dataframe")`` of a JSON-stat."""
    client = import_module("pyjstat.pyjstat")

    def read() -> Any:
        return client.Dataset.read(path.read_text(encoding="utf-8")).write("dataframe", naming="id")

    return read, _of_frame


def sdmx1(path: Path) -> Reading:
    """``sdmx.read_sdmx`` and ``sdmx.to_pandas`` with the attributes of observations."""
    sdmx, v30 = import_module("sdmx"), import_module("sdmx.model.v30")
    structure = None
    if path.suffix == ".csv":
        structure = v30.DataStructureDefinition(id="DATA")
        for name in path.open(encoding="utf-8").readline().strip().split(","):
            if name in {"OBS_FLAG", "CONF_STATUS"}:
                structure.attributes.getdefault(name)
            elif name == "OBS_VALUE":
                structure.measures.getdefault(name)
            elif not name.startswith("STRUCTURE") and name != "ACTION":
                structure.dimensions.getdefault(name)

    def read() -> Any:
        message = sdmx.read_sdmx(path, **({"structure": structure} if structure else {}))
        return sdmx.to_pandas(message.data[0], attributes="o")

    return read, _of_frame


def read_excel(path: Path) -> Reading:
    """``pandas.read_excel`` with openpyxl of the rows below the header."""
    import pandas as pd

    import_module("openpyxl")

    def read() -> Any:
        return pd.read_excel(path, engine="openpyxl", header=10, keep_default_na=False)

    def count(table: Any) -> Counts:
        return {"figures": int(table.iloc[:, 7:].notna().to_numpy().sum()), "missing": 0, "flagged": 0}

    return read, count


def _of_frame(table: Any) -> Counts:
    """Count figures in the column ``value``, flags in that of a status."""
    value = next(name for name in table if str(name).casefold() == "value")
    present = table[value].notna() & (table[value].astype(str) != "")
    names = [name for name in table if str(name) in {"status", "OBS_FLAG", "OBS_STATUS"}]
    marked = (table[names].astype(str).replace({"None": "", "nan": ""}) != "").any(axis=1)
    return {
        "figures": int(present.sum()),
        "missing": int((~present & marked).sum()),
        "flagged": int((present & marked).sum()),
    }


CLIENTS = {
    client.__name__: client
    for client in (smstock, smstock_parquet, eurostat, eurostat_parquet, pyjstat, sdmx1, read_excel)
}


def measured(client: str, path: Path) -> dict[str, float]:
    """Return the least of at most five readings in seconds and CPU seconds, peak memory in GiB, and the counts."""
    read, count = CLIENTS[client](path)
    seconds: list[float] = []
    cpu: list[float] = []
    while not seconds or (len(seconds) < 5 and sum(seconds) < ENOUGH):
        start, start_cpu = perf_counter(), process_time()
        content = read()
        seconds.append(perf_counter() - start)
        cpu.append(process_time() - start_cpu)
    peak = _peak()
    return {"seconds": min(seconds), "cpu": min(cpu), "peak": peak, **count(content)}


def _peak() -> float:
    """Return the most memory that this process had, in GiB, as Linux counts it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 2**20


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]))))
