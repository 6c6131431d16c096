"""What stands beside an official file and belongs to it: its sidecar, and the labels of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIX: Final = ".origin.toml"
"""What the name of a sidecar ends with, after the name of the data file."""

LABELS: Final = ".labels.json"
"""What the name of a file with labels of columns ends with, after the name of the data file (US Census Bureau)."""


def is_data(path: Path) -> bool:
    """Return whether a file is one of data, by its name: sidecars, labels, notes (.md) and hidden files are not.

    Examples
    --------
    >>> from pathlib import Path
    >>> is_data(Path("B14.csv")), is_data(Path("B14.csv.origin.toml")), is_data(Path("README.md"))
    (True, False, False)
    """
    return not path.name.startswith(".") and not path.name.endswith((SUFFIX, LABELS, ".md"))


def with_beside(files: Mapping[str, Path]) -> dict[str, Path]:
    """Return files by name, and what stands beside each: it says what a file's figures are, as the file itself does.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     for name in ("a.csv", "a.csv.origin.toml", "b.csv"):
    ...         Path(place, name).touch()
    ...     list(with_beside({"stock": Path(place, "a.csv"), "users": Path(place, "b.csv")}))
    ['stock', 'stock.origin.toml', 'users']
    """
    beside = {
        f"{name}{ending}": place
        for name, path in files.items()
        for ending in (SUFFIX, LABELS)
        if (place := path.with_name(path.name + ending)).is_file()
    }
    return dict(sorted({**files, **beside}.items()))
