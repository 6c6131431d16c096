"""``python -m smstock``: the command line, where no ``smstock`` is on the path."""

from __future__ import annotations

from smstock.cli import main

if __name__ == "__main__":
    main()
