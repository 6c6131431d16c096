"""Folders and files on object storage by URL: what was published there, and how it gets there and back.

::

    s3://bucket/folder/index.json                          which files there are, and the SHA-256 of each
    s3://bucket/folder/objects/<SHA-256>/<name>            each file, under the hash of its bytes
    s3://bucket/folder/publishing                          present while somebody publishes

An object never changes. The index is written last, so that a reader sees all that was published before, or all that is
published now, also where the machine that publishes dies.

A file that is only read is named by its own URL, and read from a copy on the disk (`copy_of`).
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from smstock.errors import (
    BusyError,
    CredentialError,
    DamagedError,
    InputError,
    PlatformError,
    SettingsError,
    SmstockError,
    UsageError,
    shown,
)
from smstock.folder import replaced, waiting_lock, write_file
from smstock.provenance import canonical_json, file_hash
from smstock.vocabulary.dates import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_LOG: Final = logging.getLogger("smstock")
RESULTS: Final = ("waves", "calibrations", "estimates", "backtests")
"""The folders of results that are published."""
INPUTS: Final = ("queries", "calibration", "official")
"""The folders of what people write, and of official files, that are published."""
_INDEX: Final = "index.json"
_LOCK: Final = "publishing"
_NO_NAME: Final = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]")
"""What no name holds: a backslash, a control character, a byte that is no text."""


class Store:
    """A folder on S3, or on a server that speaks its protocol (``AWS_ENDPOINT_URL``).

    Credentials are those of the environment or of ``~/.aws``, as every program of S3 reads them.

    Parameters
    ----------
    url
        ``s3://bucket/folder``.

    Raises
    ------
    UsageError
        The URL is none of S3, or holds more than bucket and folder.
    SettingsError
        The extra ``cloud`` is not installed.

    Examples
    --------
    >>> Store("https://user:secret@example.org/folder")
    Traceback (most recent call last):
    smstock.errors.UsageError: the URL names no folder on object storage
      allowed: s3://bucket/folder, without a name, password or query in it
    """

    def __init__(self, url: str) -> None:
        _place_of(url, "folder")
        self.url = url.rstrip("/")
        with _in_words(self.url):
            self._files = _opened()

    def index(self) -> dict[str, str]:
        """Return the SHA-256 of each published file by its name, empty where nothing was published."""
        with _in_words(self.url):
            try:
                content = self._files.cat_file(self._place(_INDEX))
            except FileNotFoundError:
                self._require_bucket()
                return {}
        try:
            files: dict[str, str] = json.loads(content)["files"]
            if all(is_name(name) and len(digest) == 64 for name, digest in files.items()):
                return files
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            pass
        raise DamagedError(
            f"{self.url}/{_INDEX} is damaged", hint="delete it, then publish from each folder that published there"
        )

    def _require_bucket(self) -> None:
        bucket = urlsplit(self.url).netloc
        if not self._files.exists(f"{bucket}/"):
            raise InputError(f"there is no bucket {shown(bucket)}", hint="make it, or mend the URL")

    def objects(self) -> dict[str, int]:
        """Return the sizes of the objects that lie there, by their names."""
        with _in_words(self.url):
            listed = self._files.find(self._place("objects"), detail=True)
        return {name: int(about["size"]) for name, about in listed.items()}

    def put(self, path: Path, digest: str, objects: Mapping[str, int]) -> None:
        """Put a file there under its hash, unless it is among the ``objects``."""
        place = self._place(f"objects/{digest}/{path.name}")
        if objects.get(place) != path.stat().st_size:
            with _in_words(self.url):
                self._files.put_file(str(path), place)

    def get(self, name: str, digest: str, path: Path) -> None:
        """Fetch a published file; what arrives is held against its hash before it takes its place."""
        place = f"objects/{digest}/{PurePosixPath(name).name}"
        with replaced(path) as partial:
            with _in_words(self.url):
                self._files.get_file(self._place(place), str(partial))
            if file_hash(partial) != digest:
                raise DamagedError(
                    f"{self.url}: {name} is not what was published",
                    hint=f"delete {self.url}/{place}, then publish again from a folder that holds the file",
                )

    def publish(self, files: Mapping[str, str]) -> None:
        """Write the index: from now on these files are the published ones."""
        with _in_words(self.url):
            self._files.pipe_file(self._place(_INDEX), canonical_json({"files": dict(files)}).encode())

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one who publishes; an object that only one can make is the lock.

        Raises
        ------
        BusyError
            Another one publishes, or died as it did.
        """
        place, since = self._place(_LOCK), instant(datetime.now(UTC)).encode()
        with _in_words(self.url):
            try:
                self._files.pipe_file(place, since, mode="create")
            except FileNotFoundError:
                self._require_bucket()
                raise
            except FileExistsError:
                began = self._files.cat_file(place).decode(errors="replace")
                raise BusyError(
                    f"another run publishes to {self.url} since {shown(began)}",
                    hint=f"wait until it ends; if it died, delete {self.url}/{_LOCK}. Nothing was changed",
                ) from None
        try:
            yield
        finally:
            with _in_words(self.url):
                self._files.rm_file(place)

    def _place(self, name: str) -> str:
        return f"{self.url.removeprefix('s3://')}/{name}"


def copy_of(url: str, folder: Path, beside: Sequence[str] = ()) -> Path:
    """Return a copy of a file on object storage, and of what stands beside it, in a folder of this disk.

    The store is asked each time: a file of another size or ETag than the one that was copied is fetched again, and so
    is one whose copy was altered. Where the store does not answer a copy that is whole is used, and a warning tells so.

    Parameters
    ----------
    url
        ``s3://bucket/folder/file``.
    folder
        Where copies lie: ``folder/bucket/folder/file``.
    beside
        Endings of the names of what stands beside the file, if it is there.

    Raises
    ------
    UsageError, SettingsError, CredentialError
        The URL names no file, the extra ``cloud`` is missing, or no credential is at hand.
    InputError
        The bucket or the file is gone.
    PlatformError
        The store does not answer, and there is no copy; or the file was changed while it was fetched.

    Examples
    --------
    >>> from pathlib import Path
    >>> copy_of("s3://user:secret@office/stock.csv", Path("nowhere"))
    Traceback (most recent call last):
    smstock.errors.UsageError: the URL names no file on object storage
      allowed: s3://bucket/file, without a name, password or query in it
    """
    place = _place_of(url, "file")
    path = folder / place
    copies = {f"{place}{ending}": path.with_name(path.name + ending) for ending in ("", *beside)}
    with waiting_lock(folder / ".lock"):
        record = path.with_name(f".{path.name}.json")
        known = _record(record, copies)
        try:
            with _in_words(url):
                files = _opened()
                stored = _stored(files, place, copies)
        except PlatformError as error:
            if not known:
                raise
            _LOG.warning("%s; its copy of %s is used", error.what, known["fetched"], extra={"file": str(path)})
            return path
        if place not in stored:
            hint = f"mend the URL; a copy of {known['fetched']} lies at {path}" if known else "mend the URL"
            raise InputError(f"there is no {url}", hint=hint)
        if not known or known["stored"] != stored:
            record.unlink(missing_ok=True)
            _fetch(files, stored, copies, url)
            hashes = {name: file_hash(copies[name]) for name in stored}
            fetched = instant(datetime.now(UTC))
            write_file(record, canonical_json({"stored": stored, "hashes": hashes, "fetched": fetched}))
    return path


def _fetch(files: Any, stored: Mapping[str, list[Any]], copies: Mapping[str, Path], url: str) -> None:
    """Fetch a file and what stands beside it; what is gone beside it is gone here too."""
    for name, path in copies.items():
        if name not in stored:
            path.unlink(missing_ok=True)
            continue
        with replaced(path) as partial, _in_words(url):
            files.get_file(name, str(partial))
    with _in_words(url):
        same = _stored(files, next(iter(copies)), copies) == stored
    if not same or any(copies[name].stat().st_size != size for name, (_, size) in stored.items()):
        raise PlatformError(f"{url} was changed while it was fetched", hint="run again")


def _stored(files: Any, place: str, names: Iterable[str]) -> dict[str, list[Any]]:
    """Return ETag and size of those of some objects that are there; all names begin with that of the first."""
    parent, _, start = place.rpartition("/")
    listed = files.find(parent, prefix=start, detail=True)
    return {name: [listed[name].get("ETag", ""), listed[name]["size"]] for name in names if name in listed}


def _record(path: Path, copies: Mapping[str, Path]) -> dict[str, Any]:
    """Return what is known of copies that are whole, nothing where one is not."""
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if all(file_hash(copies[name]) == digest for name, digest in record["hashes"].items()) and record["stored"]:
            return record
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return {}


def _place_of(url: str, kind: str) -> str:
    """Return bucket and name; refuse a URL of anything else, and do not repeat it: it may hold a password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    within = [part for part in parts.path.strip("/").split("/") if part]
    if (
        parts.scheme != "s3"
        or not parts.netloc.strip(".")
        or set("@:") & set(parts.netloc)
        or parts.query
        or parts.fragment
        or (kind == "file" and not within)
        or not all(part.strip(".") and not set("\\*") & set(part) for part in within)
    ):
        raise UsageError(
            f"the URL names no {kind} on object storage",
            allowed=f"s3://bucket/{kind}, without a name, password or query in it",
        )
    return "/".join([parts.netloc, *within])


def _opened() -> Any:
    from fsspec import filesystem

    return filesystem("s3", use_listings_cache=False, skip_instance_cache=True)


def is_name(name: str) -> bool:
    r"""Whether a name is one of a file in a workspace, can be written on every system, and leads nowhere else.

    Examples
    --------
    >>> is_name("queries/q.toml"), is_name("queries/../q.toml"), is_name("queries/old\\q.toml"), is_name("q.toml")
    (True, False, False, False)
    """
    parts = name.split("/")
    return (
        parts[0] in (*RESULTS, *INPUTS)
        and len(parts) > 1
        and all(part.strip(".") for part in parts)
        and not _NO_NAME.search(name)
    )


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    """Say in words what a library of the store raises; its own words may hold a credential, and are not repeated."""
    try:
        yield
    except SmstockError:
        raise
    except ImportError:
        raise SettingsError(
            "object storage needs the extra cloud", hint="install it: pip install 'smstock[cloud]'"
        ) from None
    except Exception as error:  # noqa: BLE001  # s3fs, botocore and aiohttp have errors of their own
        kind = type(error).__name__
        if isinstance(error, PermissionError) or "Credentials" in kind or "Profile" in kind:
            raise CredentialError(
                f"no credential opens {url}",
                allowed="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws",
                hint="set them, or let their owner read and write the folder",
            ) from None
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{url}: the bucket or an object is gone", hint="mend the URL, or publish again") from None
        raise PlatformError(
            f"{url} does not answer ({kind})", hint="look at the connection and AWS_ENDPOINT_URL, then run again"
        ) from None
