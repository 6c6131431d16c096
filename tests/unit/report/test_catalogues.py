from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.console import Console

from smstock.platforms.lookup import Place
from smstock.platforms.meta.catalogue import Behavior, Changes, category, lived_in
from smstock.platforms.meta.locales import locales
from smstock.report.catalogues import categories_table, changes_table, places_table, without_category_table

if TYPE_CHECKING:
    from rich.table import Table


def printed(table: Table, width: int = 80) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_every_id_is_whole_at_80_columns() -> None:
    text = printed(categories_table(lived_in()))
    assert all(each.behavior_id in text and each.name in text for each in lived_in())
    assert "never summed with" in " ".join(text.split())


def test_an_origin_without_a_category_stands_with_its_languages_or_with_none() -> None:
    text = printed(without_category_table({origin: locales(origin) for origin in ("UKR", "EGY", "NAM")}), 110)
    assert "UKR     Ukraine      Ukrainian (locale 52)\n" in re.sub(" +\n", "\n", text)
    assert "EGY     Egypt        Arabic (locale 28, not of it alone)" in text
    assert "NAM     Namibia      no locale known" in text
    assert "a different population" in text


def test_a_change_says_what_it_means_for_the_queries() -> None:
    new = Behavior("1", "Lived in [red]Ukraine", ("Expats", "x"))
    gone = (category("SRB"), category("ITA"))
    renamed = ((category("POL"), "Expats (Poland)"),)
    changes = Changes((new,), gone, renamed, translated=False)
    rows = [row.split(maxsplit=2) for row in printed(changes_table(changes, {"SRB": ("q", "r")}), 120).splitlines()[2:]]
    assert [row[:2] for row in rows] == [
        ["added", "1"],
        ["removed", "6027149004983"],
        ["removed", category("ITA").behavior_id],
        ["renamed", category("POL").behavior_id],
    ]
    assert "Lived in [red]Ukraine" in rows[0][2]
    assert "asked by q, r: take SRB out" in rows[1][2]
    assert "asked by no query here" in rows[2][2]
    assert "was Lived in Poland" in rows[3][2]


def test_a_place_stands_with_its_key_and_region() -> None:
    text = printed(places_table([Place("814016", "Garching [bei München]", "city", "Bavaria", "DE")]))
    assert "814016  Garching [bei München]  city  Bavaria" in text
