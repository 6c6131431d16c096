"""Results: the tables that a step of the month leaves behind, and the manifest that vouches for them.

A manifest has the same keys whatever the step::

    step       collect, nowcast, backtest or skills
    query      name of the query
    wave       the newest wave that went in, YYYY-MM
    inputs     SHA-256 of everything that it was made of, by name
    outputs    SHA-256 of each table, by the name of its file beside the manifest
    versions   smstock, Python and the libraries
    about      what only this step has to say, such as its options

The old manifest goes before the first new table comes, and the new one comes last. So a manifest never stands beside
tables of another run, and `read` makes sure of it by their hashes. Tables that the old manifest listed and the new one
does not go as well, unless somebody changed them since.
"""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import InputError, shown
from smstock.folder import replaced
from smstock.provenance import canonical_json, file_hash
from smstock.tables.large import database, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

    import pandas as pd

    Writer: TypeAlias = Callable[[Path], object]

MANY: Final = 10_000
"""Rows from which on DuckDB writes a CSV of the same bytes in a third of the time; it takes 0.1 s to load."""
ROWS_AT_ONCE: Final = 1 << 20
"""Rows of a row group of Parquet."""
ROWS_OF_TEXT: Final = 50_000
"""Rows whose CSV or JSON is held at once, some 50 MB."""
_OF_CONTRACTS: Final = {"str", "float64", "int64", "Int64"}
"""Types of the columns of contract tables."""


@dataclass(frozen=True)
class Manifest:
    """What a result was made of, and the hash of each of its tables.

    Parameters
    ----------
    step, query, wave, inputs, about
        See the module; the step is empty where an older smstock wrote the manifest. What stands in ``about`` is read
        when the tables are written, so that it may be counted then.
    versions
        Of smstock, Python and the libraries (`smstock.provenance.versions`).
    outputs
        Hashes of the tables by the names of their files; known when they are written.
    """

    step: str
    query: str
    wave: str
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    about: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


def write(path: Path, manifest: Manifest, tables: Mapping[str, Writer]) -> tuple[Path, ...]:
    """Write tables and the manifest that vouches for them; return their paths, that of the manifest last.

    All tables and the manifest are written before the first is moved to its place: where one cannot be, nothing is
    changed.

    Parameters
    ----------
    path
        Where the manifest goes; the tables go beside it.
    manifest
        What the tables were made of.
    tables
        By the name of a file, what writes it: `parquet`, `csv` or `records`.

    Raises
    ------
    InputError
        A file cannot be written, or a folder lies in its place.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> table = pd.DataFrame({"persons": [1.5]})
    >>> with TemporaryDirectory() as place:
    ...     made = Manifest("nowcast", query="q", wave="2026-11", inputs={}, versions={})
    ...     files = write(Path(place, "a.manifest.json"), made, {"a.csv": csv(table)})
    ...     [file.name for file in files], list(read(files[-1]).outputs)
    (['a.csv', 'a.manifest.json'], ['a.csv'])
    """
    files = (*(path.with_name(name) for name in tables), path)
    for file in files:
        if file.is_dir():
            raise InputError(
                f"{shown(file)} cannot be written: a folder lies there", hint="take it away, or choose another folder"
            )
    hashes: dict[str, str] = {}
    with ExitStack() as moves:
        # what is entered first is moved last
        vouching = moves.enter_context(replaced(path))
        vouching.write_bytes(b"")  # so that what is in its way is told as in its way
        for name, fill in tables.items():
            partial = moves.enter_context(replaced(path.with_name(name)))
            fill(partial)
            hashes[name] = file_hash(partial)
        text = canonical_json(vars(manifest) | {"outputs": hashes})
        vouching.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        for table in _superseded(path, tables):
            table.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return files


def read(path: Path, tables: Iterable[str] = ()) -> Manifest | None:
    """Return a manifest if it vouches for the tables beside it, as they are now.

    None if there is none, if it cannot be read, or if a table is gone or another one than was written with it: it says
    nothing then. One of an older smstock, whose steps had keys of their own, is named in the log ``smstock``: it does
    not tell its step, nor all that is told today, and what it tells stands in ``about``.

    Parameters
    ----------
    path
        The manifest.
    tables
        Names of the files that it must vouch for; all that it lists unless given.

    Examples
    --------
    >>> from pathlib import Path
    >>> read(Path("nowhere.manifest.json")) is None
    True
    """
    manifest = _stated(path)
    if manifest is None or not all(_is_as_listed(path, name, manifest) for name in tables or manifest.outputs):
        return None
    if not manifest.step:
        logging.getLogger("smstock").warning(
            "%s was written by an older smstock (%s): run the command again that made it, it tells more then",
            shown(path),
            shown(manifest.versions.get("smstock", "its version is not told")),
        )
    return manifest


def _stated(path: Path) -> Manifest | None:
    """Return what a manifest says, None if there is none or it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if "step" in content:
            manifest = Manifest(**content)
        else:
            manifest = _of_a_wave(content) if "audience_sha256" in content else _of_an_older_step(content)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    parts = (manifest.inputs, manifest.versions, manifest.about, manifest.outputs)
    return manifest if all(isinstance(part, dict) for part in parts) else None


def _of_a_wave(content: Mapping[str, Any]) -> Manifest:
    """Return the manifest of a wave that was collected when manifests of waves had keys of their own."""
    query = content["query"]
    return Manifest(
        step="collect",
        query=query["name"],
        wave=content["wave"],
        inputs={"query": content["query_sha256"]},
        versions=content["versions"],
        about={name: content[name] for name in ("answers", "query", "source", "statuses")},
        outputs={f"{query['name']}.audience.parquet": content["audience_sha256"]},
    )


def _of_an_older_step(content: Mapping[str, Any]) -> Manifest:
    """Return the manifest of a nowcast, back-test or profile that was made when each had keys of its own."""
    common = ("query", "wave", "inputs", "outputs", "versions")
    return Manifest(
        step="",
        query=content.get("query", ""),
        wave=content.get("wave", ""),
        inputs=content["inputs"],
        versions=content["versions"],
        about={name: value for name, value in content.items() if name not in common},
        outputs=content["outputs"],
    )


def _superseded(path: Path, tables: Mapping[str, Writer]) -> list[Path]:
    """Return the tables beside a manifest that it alone lists, as they were written with it."""
    manifest = _stated(path)
    names = [name for name in manifest.outputs if name not in tables] if manifest else []
    return [path.with_name(name) for name in names if manifest and _is_as_listed(path, name, manifest)]


def _is_as_listed(path: Path, name: str, manifest: Manifest) -> bool:
    try:
        return file_hash(path.with_name(name)) == manifest.outputs.get(name)
    except (OSError, ValueError):  # a name that leads elsewhere is a plain ValueError
        return False


def contradicted(path: Path, table: Path) -> bool:
    """Whether a manifest vouches for another table than the one that lies in its place.

    Where there is no manifest, or one that cannot be read, nothing contradicts the table.

    Examples
    --------
    >>> from pathlib import Path
    >>> contradicted(Path("nowhere.manifest.json"), Path("q.audience.parquet"))
    False
    """
    try:
        known = json.loads(path.read_text(encoding="utf-8"))["outputs"][table.name]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return bool(known != file_hash(table))


def parquet(tables: pd.DataFrame | Iterable[pd.DataFrame]) -> Writer:
    """Return what writes a table, or the tables that make it up one after the other, as Parquet.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> parts = (pd.DataFrame({"persons": [number]}) for number in (1.5, 2.5))
    >>> with TemporaryDirectory() as place:
    ...     parquet(parts)(Path(place, "a.parquet"))
    ...     pd.read_parquet(Path(place, "a.parquet"))["persons"].to_list()
    [1.5, 2.5]
    """

    def write_parts(path: Path) -> None:
        import pandas as pd
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        parts = iter(_parts(tables, ROWS_AT_ONCE) if isinstance(tables, pd.DataFrame) else tables)
        first = pa.Table.from_pandas(next(parts), preserve_index=False)
        with ParquetWriter(path, first.schema, compression="zstd") as file:
            file.write_table(first)
            for part in parts:
                file.write_table(pa.Table.from_pandas(part, first.schema, preserve_index=False))

    return write_parts


def csv(table: pd.DataFrame) -> Writer:
    r"""Return what writes a table as CSV, numbers with six digits.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> with TemporaryDirectory() as place:
    ...     csv(pd.DataFrame({"persons": [2 / 3]}))(Path(place, "a.csv"))
    ...     Path(place, "a.csv").read_text()
    'persons\n0.666667\n'
    """

    def write_all(path: Path) -> None:
        if len(table) < MANY or not {str(kind) for kind in table.dtypes} <= _OF_CONTRACTS:
            table.to_csv(path, index=False, float_format="%.6g")
            return
        import pyarrow as pa

        schema = pa.Schema.from_pandas(table, preserve_index=False)
        # texts of a table put together from others lie in several chunks
        parts = (
            batch
            for part in _parts(table, ROWS_OF_TEXT)
            for batch in pa.Table.from_pandas(part, schema, preserve_index=False).combine_chunks().to_batches()
        )
        write_csv(database().from_arrow(pa.RecordBatchReader.from_batches(schema, parts)), path)

    return write_all


def records(table: pd.DataFrame) -> Writer:
    r"""Return what writes a table as JSON, a record a row, numbers with three decimals.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> with TemporaryDirectory() as place:
    ...     records(pd.DataFrame({"persons": [2 / 3]}))(Path(place, "a.json"))
    ...     Path(place, "a.json").read_text()
    '[\n {\n  "persons":0.667\n }\n]'
    """

    def write_parts(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for number, part in enumerate(_parts(table, ROWS_OF_TEXT)):
                text = part.to_json(orient="records", indent=1, double_precision=3)
                # what closes the list stands after the last part only
                file.write(text.removesuffix("\n]") if number == 0 else "," + text[1:].removesuffix("\n]"))
            file.write("\n]")

    return write_parts


def _parts(table: pd.DataFrame, rows: int) -> Iterator[pd.DataFrame]:
    """Yield so many rows of a table at a time; an empty table once."""
    for start in range(0, max(len(table), 1), rows):
        yield table.iloc[start : start + rows]
