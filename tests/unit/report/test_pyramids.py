"""Pyramids and the table by sex and age: what they show of estimates, of audiences and of official figures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from rich.console import Console

from smstock.calibrate.shares import LearntShares
from smstock.evaluate.shares import ShareScore
from smstock.report.page import page
from smstock.report.pyramids import MOST, UNKNOWN, groups_table, pyramids, shares_table

if TYPE_CHECKING:
    from smstock.report.basis import Basis

SVG = "{http://www.w3.org/2000/svg}"


def groups(*, by_sex: bool = True, **other: object) -> pd.DataFrame:
    """Two age groups of one corridor, as estimated."""
    sexes = ["female", "male"] if by_sex else ["all"]
    rows = [
        {"sex": sex, "age_min": low, "age_max": high, "median": 100.0 * place, "audience": 10.0 * place}
        for place, (sex, low, high) in enumerate(
            ((sex, low, high) for low, high in ((18, 39), (40, None)) for sex in sexes), 1
        )
    ]
    table = pd.DataFrame(rows).assign(destination="AUT", origin="SRB", official_last=None)
    table = table.assign(lower_80=table["median"] / 2, upper_80=table["median"] * 2)
    return table.assign(education="").assign(**other).astype({"age_max": "Int64"})  # type: ignore[arg-type]


def printed(detail: pd.DataFrame) -> list[list[str]]:
    """Return the words of each line of the table in the terminal, without its caption."""
    table = groups_table(detail)
    table.caption = None
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table)
    return [re.split(r"\s{2,}", line.strip()) for line in capture.get().splitlines()]


def test_the_table_has_women_beside_men_and_shares_of_all() -> None:
    title, head, _, young, old = printed(groups())
    assert title == ["All estimates by sex and age"]
    assert head == ["Women", "Men", "Share %", "Audience %", "Official %"]
    assert young == ["18\N{EN DASH}39", "100", "200", "10 | 20", "10 | 20"]
    assert old == ["40+", "300", "400", "30 | 40", "30 | 40"]


def test_shares_of_what_is_known_in_part_are_not_shown() -> None:
    table = groups()
    table.loc[0, "audience"] = None
    *_, young, old = printed(table.assign(official_last=[5.0, 5.0, 5.0, 35.0]))
    assert young == ["18\N{EN DASH}39", "100", "200", "10 | 20", "10 | 10"]
    assert old[-1] == "10 | 70"


def test_by_age_alone_there_is_one_column_of_persons() -> None:
    title, head, _, young, _ = printed(groups(by_sex=False))
    assert title == ["All estimates by age"]
    assert head[0] == "Everybody"
    assert young[:3] == ["18\N{EN DASH}39", "100", "33"]


@pytest.mark.parametrize(("by_sex", "bars"), [(True, 4), (False, 2)])
def test_a_pyramid_has_a_bar_for_each_group_and_its_interval(by_sex: bool, bars: int) -> None:
    (drawn,) = pyramids(groups(by_sex=by_sex, official_last=50.0))
    root = ET.fromstring(drawn["svg"])
    described = [element.get("aria-roledescription") for element in root.iter() if element.get("aria-roledescription")]
    assert drawn["name"] == "Serbia \N{RIGHTWARDS ARROW} Austria"
    assert described.count("bar") == bars
    assert described.count("rule mark container") == 1
    assert described.count("point") == 2 * bars
    assert "href" not in drawn["svg"].replace("xlink", "")
    assert list(root.iter(f"{SVG}script")) == []


def test_the_largest_corridors_are_drawn_the_largest_first() -> None:
    origins = ["ALB", "BIH", "HRV", "POL", "ROU", "SRB", "TUR", "UKR"]
    parts = [
        groups(median=float(place), lower_80=0.5, upper_80=20.0).assign(origin=origin)
        for place, origin in enumerate(origins, 1)
    ]
    names = [drawn["name"].split()[0] for drawn in pyramids(pd.concat(parts, ignore_index=True))]
    assert len(names) == MOST
    assert names[:2] == ["Ukraine", "T\N{LATIN SMALL LETTER U WITH DIAERESIS}rkiye"]


def test_the_page_names_what_it_divides_by(estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame) -> None:
    by_both = page("Title", estimates, basis, sex_ratios, detail=groups())
    by_age = page("Title", estimates, basis, sex_ratios, detail=groups(by_sex=False))
    neither = page("Title", estimates, basis, sex_ratios)
    assert ">By sex and age</h2>" in by_both
    assert "women left" in by_both
    assert ">By age</h2>" in by_age
    assert "women left" not in by_age
    assert "age</h2>" not in neither


def learnt() -> LearntShares:
    """Shares kept where they are known, and audiences where they are not."""
    elsewhere = (ShareScore("audience_shares", 1234, 0.0217, 0.03, 0.79), ShareScore("official_shares", 1234, 1, 1, 1))
    own = (ShareScore("official_shares", 56, 0.0041, 0.01, 0.81),)
    return LearntShares("official_shares", {}, (), own, LearntShares("audience_shares", {}, (), elsewhere))


def test_the_page_has_the_methods_where_a_composition_is_known_and_where_not(
    estimates: pd.DataFrame, basis: Basis, sex_ratios: pd.DataFrame
) -> None:
    html = page("Title", estimates, replace(basis, shares=learnt()), sex_ratios, detail=groups())
    known, unknown = html.partition('<table id="shares">')[2].partition("</table>")[0].split('scope="rowgroup"')
    assert "<td>0.41</td><td>1.00</td><td>81" in known
    assert "is known: 1,234 corridors" in unknown
    assert unknown.index("<td>2.17</td><td>3.00</td><td>79") < unknown.index("<td>100.00</td>")
    alone = page(
        "Title", estimates, replace(basis, shares=replace(learnt(), elsewhere=None)), sex_ratios, detail=groups()
    )
    assert 'scope="rowgroup"' not in alone


def test_a_table_says_of_which_corridors_it_is() -> None:
    own = learnt()
    assert own.elsewhere is not None
    assert str(shares_table(own).title) == "Shares by sex and age on 56 corridors held out"
    title = str(shares_table(own.elsewhere, UNKNOWN).title)
    assert title == "Shares by sex and age on 1,234 corridors held out, no official composition of theirs known"
