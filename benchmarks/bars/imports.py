"""Who imports whom in a package: circles, and arrows against the order of its layers."""

from __future__ import annotations

import ast
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Arrows = set[tuple[str, str]]
"""Pairs of modules, the first of which imports the second."""


def arrows(package: Path, *, for_types: bool) -> Arrows:
    """Return the imports between the modules of a package, those inside functions too.

    Parameters
    ----------
    package
        Folder of the package.
    for_types
        Whether imports under ``if TYPE_CHECKING`` count.
    """
    modules = {_name(path, package): path for path in package.rglob("*.py")}
    pairs = {
        (name, _module(imported, modules))
        for name, path in modules.items()
        for imported in _imported(ast.parse(path.read_text(encoding="utf-8")), for_types=for_types)
    }
    return {(importer, imported) for importer, imported in pairs if imported and imported != importer}


def circles(pairs: Arrows) -> list[list[str]]:
    """Return the groups of modules each of which imports every other one, directly or through others.

    Examples
    --------
    >>> circles({("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")})
    [['a', 'b', 'c']]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names = sorted({name for pair in pairs for name in pair})
    place = {name: index for index, name in enumerate(names)}
    rows, columns = ([place[pair[end]] for pair in pairs] for end in (0, 1))
    graph = coo_array(([1] * len(rows), (rows, columns)), shape=(len(names), len(names)))
    count, group_of = connected_components(graph, connection="strong")
    groups = [[name for name, group in zip(names, group_of, strict=True) if group == index] for index in range(count)]
    return sorted(group for group in groups if len(group) > 1)


def backward(pairs: Arrows, layers: Sequence[Sequence[str]]) -> Arrows:
    """Return the arrows from a room to one above it or beside it.

    ``layers`` holds the rooms of each layer, the highest first; a module of no layer is left out.

    Examples
    --------
    >>> backward({("p.cli.app", "p.web.client"), ("p.web", "p.cli")}, [["cli"], ["web"]])
    {('p.web', 'p.cli')}
    """
    height = {room: -index for index, rooms in enumerate(layers) for room in rooms}
    return {
        (importer, imported)
        for importer, imported in pairs
        if (lower := _room(importer)) in height
        and (upper := _room(imported)) in height
        and lower != upper
        and height[upper] >= height[lower]
    }


def declared_layers(pyproject: Path) -> list[list[str]]:
    """Return the rooms of each layer, the highest first, as the contract for import-linter names them."""
    contracts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip(" ()") for room in layer.split("|")] for layer in layers]


def _name(path: Path, package: Path) -> str:
    return ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _module(imported: str, modules: dict[str, Path]) -> str:
    """Return the module that holds an imported name, empty if it is of another package."""
    return next((name for name in (imported, imported.rpartition(".")[0]) if name in modules), "")


def _imported(tree: ast.AST, *, for_types: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imported(node, for_types=for_types)
