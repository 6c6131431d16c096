"""What lies in a folder, published to object storage and fetched from it; the work is done on a local disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.collect.database import SUFFIX, ahead
from smstock.errors import InputError, shown
from smstock.folder import write_file
from smstock.provenance import canonical_json, file_hash
from smstock.storage import INPUTS, RESULTS, Store, is_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from smstock.folder import Folder

_KNOWN: Final = ".smstock.published.json"
"""What this folder last published to, or fetched from, each URL."""
_MOST_NAMES: Final = 10
"""Most files that a message lists."""
_NO_RESULTS: Final = ("-wal", "-shm", ".damaged")


@dataclass(frozen=True)
class Exchanged:
    """What was published or fetched: the names of the files that changed, and how many there are."""

    url: str
    changed: tuple[str, ...]
    files: int


def publish(workspace: Folder, url: str) -> Exchanged:
    """Publish inputs and results of a folder; what others published under other names stays.

    Raises
    ------
    UsageError, SettingsError, CredentialError
        The URL is none, the extra ``cloud`` is missing, or no credential is at hand.
    InputError
        There is no such bucket, a journal is being written, or somebody else published a file that this folder would
        replace.
    PlatformError
        The store does not answer, or somebody else publishes.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> publish(Folder(Path("nowhere"), Path("nowhere")), "https://example.org")
    Traceback (most recent call last):
    smstock.errors.UsageError: the URL names no folder on object storage
      allowed: s3://bucket/folder, without a name, password or query in it
    """
    store = Store(url)
    with workspace.lock(), store.lock():
        files = _files(workspace)
        for name, path in files.items():
            if name.endswith(SUFFIX) and ahead(path):
                raise InputError(f"the journal {path} is not closed", hint="collect to its end, then publish")
            if not is_name(name):
                raise InputError(
                    f"{shown(repr(name))} is no name to publish",
                    allowed="letters, digits and signs; no backslash, no line feed, not only points",
                    hint="rename the file, or move it elsewhere; nothing was published",
                )
        hashes = {name: file_hash(path) for name, path in files.items()}
        published, known = store.index(), _known(workspace, store.url)
        # what is as it was fetched is no news, though somebody else has published another one since
        former = {name: digest for name, digest in known.items() if name in published}
        changed = tuple(
            name for name, digest in hashes.items() if digest not in (published.get(name), former.get(name))
        )
        _refuse([name for name in changed if published.get(name) != former.get(name)], store.url)
        objects = store.objects()
        for name in (name for name in files if name in changed or published.get(name) == hashes[name]):
            # an object that was lost is put there again
            store.put(files[name], hashes[name], objects)
        index = published | {name: hashes[name] for name in changed}
        if changed:
            store.publish(index)
        _remember(workspace, store.url, known | {name: hashes[name] for name in hashes if hashes[name] == index[name]})
    return Exchanged(store.url, changed, len(hashes))


def fetch(workspace: Folder, url: str) -> Exchanged:
    """Fetch what was published: a folder that is empty gets all of it, another one what is new.

    Manifests come last, so that none vouches for a table that is not there.

    Raises
    ------
    InputError
        Nothing is published there; a file was changed here and published anew by somebody else, or is damaged; also as
        for `publish`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> fetch(Folder(Path("nowhere"), Path("nowhere")), "s3://user:secret@bucket")
    Traceback (most recent call last):
    smstock.errors.UsageError: the URL names no folder on object storage
      allowed: s3://bucket/folder, without a name, password or query in it
    """
    store = Store(url)
    with workspace.lock():
        published, known = store.index(), _known(workspace, store.url)
        if not published:
            raise InputError(
                f"nothing is published at {store.url}", hint="mend the URL, or `smstock publish` there first"
            )
        present = {name: file_hash(path) for name, path in _files(workspace).items()}
        # what was changed here alone is left as it is
        news = [name for name, digest in published.items() if name not in present or digest != known.get(name)]
        changed = tuple(name for name in sorted(news, key=_order) if present.get(name) != published[name])
        _refuse([name for name in changed if name in present and present[name] != known.get(name)], store.url)
        for name in changed:
            if name.endswith(SUFFIX) and ahead(_path(workspace, name)):
                raise InputError(f"the journal {name} is not closed", hint="collect to its end, then fetch")
        for name in changed:
            if _is_manifest(name):
                _path(workspace, name).unlink(missing_ok=True)
        for name in changed:
            store.get(name, published[name], _path(workspace, name))
        _remember(workspace, store.url, known | published)
    return Exchanged(store.url, changed, len(published))


def _refuse(names: Sequence[str], url: str) -> None:
    """Refuse to replace what was changed both here and elsewhere."""
    if not names:
        return
    number = "1 file was" if len(names) == 1 else f"{len(names):,} files were"
    more = len(names) - _MOST_NAMES
    merging = "merge the journal that was moved (`smstock collect QUERY --merge JOURNAL`)"
    raise InputError(
        f"{number} changed both here and at {url}: "
        f"{', '.join(names[:_MOST_NAMES])}{f' and {more:,} more' if more > 0 else ''}",
        allowed="a file that was changed on one side only; nothing was changed",
        hint="move here away what differs, and fetch; then "
        f"{merging if any(name.endswith(SUFFIX) for name in names) else 'put back what shall hold'}, and publish",
    )


def _files(workspace: Folder) -> dict[str, Path]:
    """Return the inputs and results of a folder by name, manifests last."""
    named = {
        path.relative_to(folder).as_posix(): path
        for folder, rooms in ((workspace.root, INPUTS), (workspace.output, RESULTS))
        for room in rooms
        for path in (folder / room).rglob("*")
        if path.is_file()
    }
    kept = [name for name in named if not _is_hidden(name) and not any(end in name for end in _NO_RESULTS)]
    return {name: named[name] for name in sorted(kept, key=_order)}


def _path(workspace: Folder, name: str) -> Path:
    return (workspace.root if name.split("/", maxsplit=1)[0] in INPUTS else workspace.output) / name


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _is_manifest(name: str) -> bool:
    return name.endswith(".manifest.json")


def _order(name: str) -> tuple[bool, str]:
    return (_is_manifest(name), name)


def _known(workspace: Folder, url: str) -> dict[str, str]:
    """Return the hashes that this folder last published to a URL, or fetched from it."""
    try:
        known = json.loads((workspace.output / _KNOWN).read_text(encoding="utf-8")).get(url, {})
        return {str(name): str(digest) for name, digest in known.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _remember(workspace: Folder, url: str, hashes: Mapping[str, str]) -> None:
    path = workspace.output / _KNOWN
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        content = {}
    write_file(path, canonical_json(content | {url: dict(hashes)}))
