from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smstock.models.offsets import OF_LAST, OF_STOCK, Labels, kinds, marks, with_labels_of_last

if TYPE_CHECKING:
    from collections.abc import Sequence


def labels(**columns: Sequence[str | float | None]) -> Labels:
    return Labels.of(pd.DataFrame(columns), (*OF_STOCK, *OF_LAST))


def table(stock: Sequence[str | None], last: Sequence[str]) -> Labels:
    return labels(stock_concept=stock, official_concept=last)


def texts(read: Labels, column: str) -> list[str]:
    return [read.texts[code] for code in read.of_column(column)]


def test_the_commonest_has_no_offset_and_of_equals_the_first_has_none() -> None:
    assert kinds(table(["birth", "citizenship", "citizenship"], [""] * 3), OF_STOCK) == ["stock_concept:birth"]
    assert kinds(table(["citizenship", "birth"], [""] * 2), OF_STOCK) == ["stock_concept:citizenship"]
    assert kinds(table(["birth", "birth"], [""] * 2), OF_STOCK) == []
    assert kinds(labels(stock=[1.0]), OF_STOCK) == []
    assert kinds(labels(stock_concept=[float("nan")] * 2, stock_provider=["", ""]), OF_STOCK) == []


def test_what_is_common_for_the_stock_is_so_for_the_last_figure() -> None:
    mixed = table(["birth"] * 3, ["citizenship"] * 3)
    assert kinds(mixed, (*OF_STOCK, *OF_LAST)) == ["official_concept:citizenship"]
    unsaid = table([""] * 3, ["citizenship", "citizenship", "birth"])
    assert kinds(unsaid, (*OF_STOCK, *OF_LAST)) == ["official_concept:birth"]


def test_a_corridor_of_an_unknown_kind_is_marked_nowhere() -> None:
    names = ["stock_concept:birth", "stock_provider:undesa"]
    assert marks(table(["mixed", ""], ["", ""]), names).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_a_stock_of_which_nothing_is_said_counts_whom_the_last_figure_counts() -> None:
    filled = with_labels_of_last(table(["", "birth", None], ["citizenship"] * 3))
    assert texts(filled, "stock_concept") == ["citizenship", "birth", "citizenship"]
    alone = with_labels_of_last(labels(official_provider=["undesa"]))
    assert texts(alone, "stock_provider") == ["undesa"]
    assert with_labels_of_last(labels(stock=[1.0])).columns == ()
