"""What an output was made of: hashes of its inputs, versions, seed. Equal manifests mean equal outputs."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smstock import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLES: Final = ("numpy", "pandas", "pyarrow")
"""The libraries that tables are made and written with."""
STATISTICS: Final = ("numpy", "pandas", "scipy")
"""The libraries that cross-validation, intervals and sums compute with; what a method adds, it says itself."""


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile() as empty:
    ...     file_hash(Path(empty.name))[:8]
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


@cache
def code_hash() -> str:
    """Return the SHA-256 of smstock as it is installed, file by file: two states of a checkout bear one version.

    Examples
    --------
    >>> len(code_hash())
    64
    """
    package = Path(__file__).parent
    files = sorted(path for path in package.rglob("*") if path.suffix != ".pyc" and path.is_file())
    return text_hash("".join(f"{path.relative_to(package).as_posix()} {file_hash(path)}\n" for path in files))


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
