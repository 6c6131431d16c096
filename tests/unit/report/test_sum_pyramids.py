"""Pyramids of sums: which are drawn, and what stands beside them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from smstock.nowcast.group_sums import GroupSums
from smstock.nowcast.sums import sums
from smstock.report.pyramids import MOST
from smstock.report.sum_pyramids import SECTIONS, sum_pyramids
from smstock.tables import LEVELS

CELLS = (("female", 18), ("male", 18))


def world(destinations: list[str], origins: list[str], **other: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return groups of each corridor, women and men, and their sums; the first destination and origin are the largest."""
    rows, totals = [], []
    for number, destination in enumerate(destinations):
        for place, origin in enumerate(origins):
            persons = 1000.0 / (1 + number) / (1 + place)
            row: dict[str, object] = {
                "destination": destination,
                "origin": origin,
                "age_max": None,
                "reference_date": "2020-01-15",
            }
            row |= {"regime": "stale", "status": "provisional", "precision": "digits", "age_min": 18}
            totals.append(row | {"sex": "all", "median": persons})
            rows += [
                row | {"sex": sex, "median": persons / 2, "audience": persons / 4, "official_last": persons / 2}
                for sex, _ in CELLS
            ]
    tables = [
        pd.DataFrame([row | {"education": ""} | other for row in part]).astype({"age_max": "Int64"})
        for part in (rows, totals)
    ]
    for table in tables:
        for level in LEVELS:
            table[f"lower_{level}"], table[f"upper_{level}"] = table["median"] / 1.5, table["median"] * 1.5
    detail, estimates = tables
    added = GroupSums(estimates, sums(estimates, count=50))
    drawn = detail["median"].to_numpy(dtype=float).reshape(-1, len(CELLS), 1).repeat(50, axis=2)
    corridors = list(zip(estimates["destination"], estimates["origin"], strict=True))
    added.add(corridors, [(sex, low, None, "") for sex, low in CELLS], drawn[:, :, 0], drawn, drawn)
    return detail, added.table()


def marks(svg: str) -> list[tuple[str, float]]:
    """Return the kind and the persons of each mark beside the bars."""
    described = re.findall(r'aria-label="(?:kind|persons): [^"]*"', svg)
    noted = []
    for text in described:
        persons, kind = re.search(r"persons: (-?[\d.]+|\u2212[\d.]+)", text), re.search(r"kind: ([a-z ]+)", text)
        if persons and kind:
            noted.append((kind[1].strip(), float(persons[1].replace("\N{MINUS SIGN}", "-"))))
    return noted


def test_every_end_has_its_section_and_the_largest_sums() -> None:
    destinations = ["AUT", "DEU", "CHE", "FRA", "ITA", "NLD", "SWE"]
    drawn = sum_pyramids(*world(destinations, ["SRB", "HRV"]))
    assert list(drawn) == list(SECTIONS.values())
    assert [len(drawn[name]) for name in SECTIONS.values()] == [MOST, 2, 1]
    assert [pyramid["name"] for pyramid in drawn[SECTIONS["destination"]]][:2] == ["In Austria", "In Germany"]
    assert [pyramid["name"] for pyramid in drawn[SECTIONS["origin"]]] == ["From Serbia", "From Croatia"]


def test_a_sum_of_one_corridor_is_not_drawn_again_nor_everything_of_one_destination() -> None:
    drawn = sum_pyramids(*world(["AUT"], ["SRB", "HRV"]))
    assert {name: [pyramid["name"] for pyramid in pyramids] for name, pyramids in drawn.items()} == {
        SECTIONS["destination"]: ["In Austria"]
    }


def test_official_figures_and_audiences_stand_beside_what_they_are_of() -> None:
    detail, added = world(["AUT"], ["SRB", "HRV"])
    svg = sum_pyramids(detail, added)[SECTIONS["destination"]][0]["svg"]
    median = added.query("destination == 'AUT' and sex == 'female' and indicative == 'without'")["median"].iloc[0]
    persons = [abs(number) for _, number in sorted(marks(svg))]
    assert persons == pytest.approx([750.0, 750.0, median, median])


@pytest.mark.parametrize(
    ("lacking", "kinds"),
    [
        ("official_last", {"share of the audience"}),
        ("audience", {"last official figure", "share of the audience"}),
    ],
)
def test_a_group_below_the_floor_or_without_figure_is_no_number_in_a_sum(lacking: str, kinds: set[str]) -> None:
    detail, added = world(["AUT"], ["SRB", "HRV"])
    detail.loc[(detail["origin"] == "HRV") & (detail["sex"] == "female"), lacking] = None
    svg = sum_pyramids(detail, added)[SECTIONS["destination"]][0]["svg"]
    assert {kind for kind, _ in marks(svg)} == kinds


def test_indicative_corridors_are_drawn_where_a_sum_has_no_others() -> None:
    detail, added = world(["AUT"], ["SRB", "HRV"], regime="none")
    ((name, drawn),) = sum_pyramids(detail, added).items()
    assert (name, len(drawn)) == (SECTIONS["destination"], 1)
