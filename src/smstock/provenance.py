"""What an output was made of: hashes of its inputs, versions, seed. Equal manifests mean equal outputs."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from smstock import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TABLES: Final = ("numpy", "pandas", "pyarrow")
"""The libraries that tables are made and written with."""
STATISTICS: Final = ("numpy", "pandas", "scipy")
"""The libraries that cross-validation, intervals and sums compute with; what a method adds, it says itself."""


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "empty").write_bytes(b"")
    ...     file_hash(Path(place, "empty"))[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal.

    Examples
    --------
    >>> text_hash("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """Return the versions of smstock, Python and the libraries that an output was made with.

    Parameters
    ----------
    libraries
        Names of distributions, as they are installed.

    Examples
    --------
    >>> list(versions(["scipy", "numpy"]))
    ['numpy', 'python', 'scipy', 'smstock']
    """
    installed = {name: metadata.version(name) for name in libraries}
    return dict(sorted({**installed, "smstock": __version__, "python": platform.python_version()}.items()))


def canonical_json(content: Mapping[str, Any]) -> str:
    r"""Return JSON that is the same for equal contents: keys sorted, numbers as Python prints them.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": [1.5, None]})
    '{\n  "a": [\n    1.5,\n    null\n  ],\n  "b": 1\n}\n'
    """
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
