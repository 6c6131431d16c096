"""Benchmarks by name: ``python -m benchmarks`` lists them, ``python -m benchmarks NAME ...`` runs one."""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path


def main(words: list[str]) -> int:
    """Run the ``main`` of the module named, with the words that follow its name; return the exit code."""
    folder = Path(__file__).parent
    known = {path.stem: path for path in sorted(folder.glob("*/*.py")) if "def main(" in path.read_text()}
    if not words or words[0] not in known:
        print("usage: python -m benchmarks NAME\n")
        for name, path in known.items():
            about = ast.get_docstring(ast.parse(path.read_text())) or ""
            print(f"  {name:<12} {about.partition(chr(10))[0]}")
        return 2 if words else 0
    import_module(f"benchmarks.{known[words[0]].parent.name}.{words[0]}").main(words[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
