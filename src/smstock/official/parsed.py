"""Tables of official files as they are kept once parsed: Parquet, under the hash of all that they were read from.

A file is parsed once for a store, a folder that may be deleted at any time. The name of what is kept in it holds the
hash of the readers and that of the file and of what stands beside it; so a file that changed, or another smstock, finds
nothing. A record beside each table says what it was read from, what else was read, and the hash of the table: what is
damaged, or bears the name of another one, is not found.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from smstock.errors import OfficialFileError, SmstockError
from smstock.folder import waiting_lock, write_file
from smstock.official import sidecar
from smstock.official.base import OfficialTable
from smstock.official.beside import LABELS, SUFFIX
from smstock.official.columns import StoredColumns
from smstock.official.rawfile import LARGEST
from smstock.provenance import file_hash, text_hash
from smstock.vocabulary.places import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

_LOCK: Final = ".lock"
_PATH: Final = "\0"  # stands for the path of the file in a remark, since the same bytes may lie at several


@dataclass(frozen=True)
class ParsedTable:
    """A table of an official file on the disk: only the columns that are asked for are read.

    Parameters
    ----------
    layout, left_out, remarks, origin
        As those of `smstock.official.base.OfficialTable`.
    contracts
        Names of all tables that the file holds.
    """

    layout: str
    contracts: tuple[str, ...]
    left_out: Mapping[str, int]
    remarks: tuple[str, ...]
    origin: sidecar.Origin | None
    columns: StoredColumns

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def missing(self) -> int:
        """How many rows have no value."""
        return int(self.columns["value"].isna().sum())

    def distinct(self, column: str) -> list[str]:
        """Return the different texts of a column, in order; none where the table has no such column."""
        return self.columns.distinct(column) if column in self.columns else []

    def official(self) -> OfficialTable:
        """Return the whole table in memory."""
        return OfficialTable(self.columns.frame(), self.left_out, self.layout, self.origin, remarks=self.remarks)


def source_hash(path: Path) -> str:
    """Return the hashes of a file, and of what stands beside it: what its sidecar says, and its labels.

    The hash of the file in a sidecar, which an import adds, says nothing new.

    Examples
    --------
    >>> source_hash(Path("nowhere.csv"))
    '- - -'
    """
    beside, labels = (path.parent / (path.name + suffix) for suffix in (SUFFIX, LABELS))
    try:
        origin = sidecar.read(path) if beside.is_file() else None
        content = text_hash(repr(replace(origin, sha256=""))) if origin else "-"
    except SmstockError:  # reading the file will say what is wrong with it
        content = _hash(beside)
    return f"{_hash(path)} {content} {_hash(labels)}"


def _hash(file: Path) -> str:
    """Return the hash of a file; of one that is too large to be read, its size."""
    if not file.is_file():
        return "-"
    size = file.stat().st_size
    return file_hash(file) if size <= LARGEST else str(size)


@cache
def readers_hash() -> str:
    """Return the hash of everything that reads official files: what another smstock read is read anew.

    Examples
    --------
    >>> len(readers_hash())
    64
    """
    folder = Path(__file__).parent
    beside = [*(folder.parent / "vocabulary").glob("*.*"), *(folder.parent / "tables").glob("*.py")]
    files = [*folder.rglob("*.py"), *folder.rglob("*.csv"), *beside]
    return text_hash("".join(file_hash(file) for file in sorted(files)))


@dataclass(frozen=True)
class Entry:
    """What a store keeps of one official file.

    Parameters
    ----------
    folder
        The store.
    path
        The file.
    source
        Its `source_hash`, taken before it is read.
    """

    folder: Path
    path: Path
    source: str

    def place(self, name: str) -> Path:
        """Return where the table of a contract lies."""
        return self.folder / f"{self._stem}.{name}.parquet"

    def tables(self, name: str = "") -> dict[str, ParsedTable]:
        """Return the table of a contract by its name, or all that the file holds; nothing unless all of it is kept."""
        records = (_record(file) for file in sorted(self.folder.glob(f"{self._stem}.*.json")))
        names = [name] if name else next((record["contracts"] for record in records if record), [])
        held = {one: table for one in names if (table := self._table(one)) is not None}
        return held if len(held) == len(names) else {}

    def keep(self, name: str, read: Streamed, remarks: Sequence[str], layout: str, contracts: Sequence[str]) -> None:
        """Keep what was read of a file beside the rows of a table, which lie in their place already.

        Parameters
        ----------
        contracts
            Names of all tables that the file holds.

        Raises
        ------
        OfficialFileError
            The file is not the one any more that was there before it was read.
        """
        if source_hash(self.path) != self.source:
            raise OfficialFileError(f"{self.path} was changed while it was read", hint="run again")
        record = {
            "source": self.source,
            "contract": name,
            "parquet": file_hash(self.place(name)),
            "layout": layout,
            "contracts": list(contracts),
            "left_out": dict(read.left_out),
            "remarks": [remark.replace(str(self.path), _PATH) for remark in remarks],
            "named": dict(read.named),
        }
        text = json.dumps(record)
        write_file(self.place(name).with_suffix(".json"), f"{text_hash(text)}\n{text}")

    def prune(self) -> None:
        """Remove what other versions of the readers kept in the store."""
        for file in self.folder.glob("*-*.*.*"):
            if not file.name.startswith(readers_hash()[:8]):
                with suppress(OSError):
                    file.unlink()

    @cached_property
    def _stem(self) -> str:
        return f"{readers_hash()[:8]}-{text_hash(self.source)[:32]}"

    def _table(self, name: str) -> ParsedTable | None:
        """Return a table if it lies there as it was written."""
        place = self.place(name)
        record = _record(place.with_suffix(".json"))
        try:
            # what lies under the name of another one is not it
            if not record or (record["source"], record["contract"]) != (self.source, name):
                return None
            if file_hash(place) != record["parquet"]:
                return None
            # names of places are those of a query: another one may call other places so
            if any(named(text) != code for text, code in record["named"].items()):
                return None
            columns = StoredColumns(place)
        except OSError:
            return None
        remarks = tuple(remark.replace(_PATH, str(self.path)) for remark in record["remarks"])
        contracts = tuple(record["contracts"])
        return ParsedTable(record["layout"], contracts, record["left_out"], remarks, sidecar.read(self.path), columns)


@dataclass(frozen=True)
class Streamed:
    """A table that was written as it was read; its parts are as those of `smstock.official.base.OfficialTable`."""

    table: StoredColumns
    left_out: Mapping[str, int]
    places: Mapping[str, str]
    remarks: tuple[str, ...]
    named: Mapping[str, str]
    line: Callable[[int], str] | None


def streamed(parts: Iterable[Mapping[str, OfficialTable]], places: Mapping[str, Path]) -> dict[str, Streamed]:
    """Write parts of tables as Parquet (zstd) as they come; return what was read of each table.

    Parameters
    ----------
    parts
        Parts of each table, by name; one at least.
    places
        Where each table is written.

    Examples
    --------
    >>> import pandas as pd
    >>> parts = [{"stock": OfficialTable(pd.DataFrame({"value": [value]}), {"odd": 1})} for value in (5.0, 6.0)]
    >>> with TemporaryDirectory() as place:
    ...     stock = streamed(parts, {"stock": Path(place, "a.parquet")})["stock"]
    ...     stock.table["value"].to_list(), stock.left_out
    ([5.0, 6.0], {'odd': 2})
    """
    last: dict[str, OfficialTable] = {}
    left_out: dict[str, Counter[str]] = {name: Counter() for name in places}
    unknown: dict[str, dict[str, str]] = {name: {} for name in places}
    writers: dict[str, pq.ParquetWriter] = {}
    with ExitStack() as writing:
        for part in parts:
            for name, official in part.items():
                table = pa.Table.from_pandas(official.table, preserve_index=False)
                if name not in writers:
                    # no schema of Arrow is kept, by which texts that were written as categories would be read as such
                    writer = pq.ParquetWriter(places[name], table.schema, compression="zstd", store_schema=False)
                    writers[name] = writing.enter_context(writer)
                    writer.add_key_value_metadata(_as_texts(official.table).metadata)
                if len(table):
                    writers[name].write_table(table)
                left_out[name].update(official.left_out)
                unknown[name] |= official.places
                last[name] = official
            pa.default_memory_pool().release_unused()
    return {
        name: Streamed(
            StoredColumns(places[name]),
            dict(left_out[name]),
            unknown[name],
            official.remarks,
            official.named,
            official.line,
        )
        for name, official in last.items()
    }


def _as_texts(table: pd.DataFrame) -> pa.Schema:
    """Return the schema of a table whose categories are texts."""
    coded = [name for name, dtype in table.dtypes.items() if dtype == "category"]
    return pa.Schema.from_pandas(table.head(0).astype(dict.fromkeys(coded, "str")), preserve_index=False)


@contextmanager
def open_store(folder: Path | None) -> Iterator[Path]:
    """Yield a store to write to: the folder, held for this process, or one for the time being where there is none.

    Another process that wants to write there waits. A folder in which nothing can be locked is as good as none.

    Examples
    --------
    >>> with open_store(None) as folder:
    ...     folder.is_dir()
    True
    """
    with ExitStack() as stack:
        if folder is not None:
            try:
                stack.enter_context(waiting_lock(folder / _LOCK))
            except (OSError, NotImplementedError):
                folder = None
        yield folder or Path(stack.enter_context(TemporaryDirectory()))


def _record(path: Path) -> dict[str, Any]:
    """Return a record as it was written; an empty one if it is not there or damaged."""
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
        record: dict[str, Any] = json.loads(text) if text_hash(text) == digest else {}
    except (OSError, ValueError):
        return {}
    return record
