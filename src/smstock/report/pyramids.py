"""Estimates by sex and age, or by education: tables for the terminal, and pyramids or bars for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import vl_convert

from smstock.report import wording
from smstock.report.charts import BLUE, GREEN, GREY, VERMILION, amount, layer, nominal, svg
from smstock.report.style import add_figures, add_texts, ruled_table
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.places import country_of, is_place
from smstock.vocabulary.schooling import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from smstock.calibrate.shares import LearntShares

MOST: Final = 6
"""Corridors that are drawn: the largest."""
NAMES: Final = {
    "log_ratio_shares": "pooled log-ratios",
    "official_shares": "official shares kept",
    "equal_penetration": "equal penetration",
    "audience_shares": "shares of the audience",
    "group_shares": "shares of the origin's group",
}
"""What methods of shares are called."""
MEANINGS: Final = {
    "log_ratio_shares": "what is usual of the origin, moved by what audiences and residents of the destination show",
    "official_shares": "the official composition kept: of the corridor, else of its origin elsewhere",
    "equal_penetration": "accounts over users per person of the same sex and age",
    "audience_shares": "accounts as if they were persons",
    "group_shares": "the official composition of all at the destination from the group that the origin is of",
}
SIDES: Final = {"female": "women", "male": "men", "all": "everybody"}
_DRAWN: Final = ("median", "lower_80", "upper_80", "official_last", "audience")
_PLOT: Final = 250
_ROW: Final = 18
UNKNOWN: Final = ", no official composition of theirs known"
"""What was known of corridors that stand for those without an official composition."""


def shares_table(learnt: LearntShares, known: str = "") -> Table:
    """Return how wrong each method of shares was on destinations left out; the first one, marked, is used.

    Parameters
    ----------
    learnt
        The methods of shares.
    known
        What was known of the corridors held out, for the title.

    Examples
    --------
    >>> from rich.console import Console
    >>> from smstock.calibrate.shares import LearntShares
    >>> from smstock.evaluate.shares import ShareScore
    >>> scores = (ShareScore("official_shares", 31, 0.0171, 0.0379, 0.78),)
    >>> table = shares_table(LearntShares("official_shares", {}, (), scores))
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Shares by sex and age on 31 corridors held out
                            Error  Plain error  80 %
    ────────────────────────────────────────────────
    ✓ official shares kept   1.71         3.79  78 %
    """
    corridors = learnt.scores[0].corridors
    by = "education" if any(level for *_, level in learnt.groups) else "sex and age"
    units = "groups of origins" if learnt.of_groups else "corridors"
    caption = (
        "Error: mean absolute error of a share, percentage points, every person counting alike; plain: every corridor "
        "alike. 80 %: groups whose official figure lay in their 80 % interval, the total being known. The "
        "\N{CHECK MARK} marks the method that divides totals."
    )
    table = ruled_table(f"Shares by {by} on {corridors:,} {units} held out{known}", caption)
    add_texts(table, "")
    add_figures(table, "Error", "Plain error", "80 %")
    for score in learnt.scores:
        mark = "\N{CHECK MARK}" if score.method == learnt.method else " "
        table.add_row(
            f"{mark} {NAMES[score.method]}",
            f"{100 * score.error:.2f}",
            f"{100 * score.plain_error:.2f}",
            wording.per_cent(100 * score.held),
        )
    return table


def groups_table(detail: pd.DataFrame) -> Table:
    """Return the estimates of all corridors by age, women beside men, and what audience and official figures have.

    Places whose country was asked too are left out: the country counts them.

    Examples
    --------
    >>> from rich.console import Console
    >>> rows = {"destination": "AUT", "origin": "SRB", "sex": ["female", "male"], "age_min": 18, "age_max": 24}
    >>> rows |= {"education": "", "median": [600.0, 400.0], "audience": [500.0, 500.0], "official_last": None}
    >>> table = groups_table(pd.DataFrame(rows))
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +ELLIPSIS, +NORMALIZE_WHITESPACE
    All estimates by sex and age
           Women  Men  Share %  Audience %  Official %
    ...
    18...    600  400  60 | 40     50 | 50
    """
    asked = set(detail["destination"].unique())
    once = [code for code in asked if not is_place(code) or country_of(code) not in asked]
    detail = detail[detail["destination"].isin(once)]
    sexes = [sex for sex in SIDES if sex in set(detail["sex"].unique())]
    two, kinds = len(sexes) > 1, {"median": "Share %", "audience": "Audience %", "official_last": "Official %"}
    table = ruled_table(
        f"All estimates by {divided_by(detail)}",
        "Sums of the estimates of all corridors, in persons, and each group's share of all; beside it its share of the "
        f"audiences and of the last official figures{', women | men' if two else ''}; empty where one is not known.",
    )
    add_texts(table, "")
    add_figures(table, *(SIDES[sex].capitalize() for sex in sexes), *kinds.values())
    ended = detail.assign(age_max=detail["age_max"].astype("Float64").to_numpy(dtype=float, na_value=float("nan")))
    label = ["age_min", "age_max", "education"]
    sums = ended.groupby([*label, "sex"], dropna=False)[list(kinds)].agg(_sum)
    wholes = sums.sum(skipna=False)
    for _, rows in sums.groupby(level=label, dropna=False):
        youngest, oldest, level = rows.index[0][:3]
        by_sex = rows.droplevel([*label]).reindex(sexes)
        shares = [
            " | ".join(f"{100 * share:.0f}" for share in by_sex[name] / wholes[name]) if wholes[name] > 0 else ""
            for name in kinds
        ]
        table.add_row(
            group_text(float(youngest), float(oldest), level),
            *(wording.persons(number) for number in by_sex["median"]),
            *shares,
        )
    return table


def _sum(values: pd.Series) -> float:
    """Return a sum, missing where a part is."""
    return float(values.astype("float64").sum(skipna=False))


def divided_by(parts: pd.DataFrame) -> str:
    """Return what estimates are divided by, as reports call it.

    Examples
    --------
    >>> divided_by(pd.DataFrame({"sex": ["female", "male"], "education": ""}))
    'sex and age'
    """
    if (parts["education"] != "").any():
        return "education"
    return "sex and age" if len(parts["sex"].unique()) > 1 else "age"


def group_text(youngest: float, oldest: float | None, education: str = "") -> str:
    """Return a level of education, or an age group of every level, as it is written.

    Examples
    --------
    >>> group_text(18, 24).split(wording.DASH), group_text(65, None), group_text(15, 64, "isced5-8")[:4]
    (['18', '24'], '65+', 'high')
    """
    if education:
        return WORDS.get(education, education)
    return f"{int(youngest)}+" if pd.isna(oldest) else f"{int(youngest)}\N{EN DASH}{int(oldest or 0)}"


def pyramids(detail: pd.DataFrame) -> list[dict[str, str]]:
    """Return population pyramids of the largest corridors: name and SVG of each.

    Women stand left and men right. A bar is the estimate, a line through its end the 80 % interval, a diamond the last
    official figure of the group, and a cross its share of the audience, on the scale of the estimates.

    Examples
    --------
    >>> rows = {"destination": "AUT", "origin": "SRB", "sex": ["female", "male"], "age_min": 18, "age_max": 24}
    >>> rows["education"] = ""
    >>> rows |= {"median": [600.0, 400.0], "lower_80": 300.0, "upper_80": 800.0, "audience": [500.0, 500.0]}
    >>> drawn = pyramids(pd.DataFrame(rows).assign(official_last=None))
    >>> [(pyramid["name"], pyramid["svg"][:4]) for pyramid in drawn]
    [('Serbia → Austria', '<svg')]
    """
    totals = detail.groupby(CORRIDOR_KEY)["median"].sum().sort_values(ascending=False, kind="stable")
    return [
        {"name": _corridor(destination, origin), "svg": svg(pyramid(_of_corridor(detail, destination, origin)))}
        for destination, origin in totals.index[:MOST]
    ]


def pyramid_picture(detail: pd.DataFrame, destination: str, origin: str) -> bytes:
    """Return the pyramid of one corridor as PNG.

    Examples
    --------
    >>> rows = {"destination": "AUT", "origin": "SRB", "sex": ["female", "male"], "age_min": 18, "age_max": 24}
    >>> rows["education"] = ""
    >>> rows |= {"median": [600.0, 400.0], "lower_80": 300.0, "upper_80": 800.0, "audience": [500.0, 500.0]}
    >>> pyramid_picture(pd.DataFrame(rows).assign(official_last=None), "AUT", "SRB")[1:4]
    b'PNG'
    """
    rows = _of_corridor(detail, destination, origin)
    sexes = ", women left and men right" if len(rows["sex"].unique()) > 1 else ""
    key = [
        f"bars: estimates{sexes}; lines: 80 % intervals",
        "diamonds: last official figures; crosses: shares of the audience",
    ]
    title = {"text": _corridor(destination, origin), "subtitle": key, "anchor": "start"}
    chart = pyramid(rows) | {"title": title, "background": "white"}
    drawing: bytes = vl_convert.vegalite_to_png(chart, scale=2)
    return drawing


def _corridor(destination: str, origin: str) -> str:
    return f"{wording.country(str(origin))} \N{RIGHTWARDS ARROW} {wording.country(str(destination))}"


def _of_corridor(detail: pd.DataFrame, destination: str, origin: str) -> pd.DataFrame:
    return detail[(detail["destination"] == destination) & (detail["origin"] == origin)]


def texts_of(rows: pd.DataFrame) -> list[str]:
    """Return what each group is called.

    Examples
    --------
    >>> texts_of(pd.DataFrame({"age_min": [65], "age_max": [None], "education": ""}))
    ['65+']
    """
    return [group_text(*group) for group in zip(rows["age_min"], rows["age_max"], rows["education"], strict=True)]


def pyramid(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the pyramid of one corridor, or of one sum, as a chart: bars, intervals, and marks where any are known.

    Examples
    --------
    >>> rows = {"sex": ["female", "male"], "age_min": 18, "age_max": 24, "median": [600.0, 400.0], "lower_80": 300.0}
    >>> rows |= {"education": "", "upper_80": 800.0, "audience": [500.0, 500.0], "official_last": None}
    >>> [layer["mark"]["type"] for layer in pyramid(pd.DataFrame(rows))["layer"]]
    ['bar', 'rule', 'point']
    """
    table = pd.DataFrame(
        {
            "ages": texts_of(rows),
            "first": rows["age_min"].to_numpy(dtype=float),
            "education": rows["education"].to_numpy(dtype=object),
            "sex": rows["sex"].map(SIDES).to_numpy(dtype=object),
            "side": rows["sex"].map({"female": -1.0}).fillna(1.0).to_numpy(dtype=float),
        }
    )
    for name in _DRAWN:
        table[name] = rows[name].to_numpy(dtype=float, na_value=float("nan"))
    asked = table[table["education"] != ""] if (table["education"] != "").any() else table
    whole = asked["audience"].sum(skipna=False)
    table["audience"] = table["audience"] / whole * asked["median"].sum() if whole > 0 else float("nan")
    signed = {
        name: table["side"] * table[name] for name in ("median", "lower_80", "upper_80", "official_last", "audience")
    }
    table = table.assign(**signed).sort_values(["first", "education"], ascending=False)
    most = float(table[["upper_80", "lower_80", "official_last", "audience"]].abs().max().max()) * 1.05
    sexes = [side for side in SIDES.values() if side in set(table["sex"].unique())]
    two = len(sexes) > 1
    axis = {"title": "persons", "labelExpr": "format(abs(datum.value), '~s')", "tickCount": 5}
    x: dict[str, Any] = {"scale": {"domain": [-most if two else 0.0, most], "nice": False}, "axis": axis}
    order: Sequence[str] = list(dict.fromkeys(table["ages"]))
    y = {"field": "ages", "type": "nominal", "sort": [*order], "title": None}
    bars = layer(
        table[["ages", "sex", "median"]],
        {"type": "bar", "opacity": 0.55, "height": _ROW - 5},
        x=amount("median") | x,
        y=y,
        color=nominal("sex", sexes, [VERMILION, BLUE][: len(sexes)] if two else [BLUE], legend=None),
    )
    intervals = layer(
        table[["ages", "lower_80", "upper_80"]].dropna(),
        {"type": "rule", "strokeWidth": 1.5, "color": "currentColor"},
        x=amount("lower_80") | x,
        x2={"field": "upper_80"},
        y=y,
    )
    kinds = {"official_last": "last official figure", "audience": "share of the audience"}
    points = pd.concat(
        [table[["ages", name]].rename(columns={name: "persons"}).assign(kind=kind) for name, kind in kinds.items()]
    ).dropna()
    shown = [kind for kind in kinds.values() if kind in set(points["kind"].unique())]
    colours, shapes = (
        {kinds["official_last"]: GREY, kinds["audience"]: GREEN},
        {
            kinds["official_last"]: "diamond",
            kinds["audience"]: "M-1,-1L1,1M1,-1L-1,1",
        },
    )
    layers = [bars, intervals]
    if shown:
        layers.append(
            layer(
                points,
                {"type": "point", "strokeWidth": 1.8, "opacity": 1, "size": 45},
                x=amount("persons") | x,
                y=y,
                color=nominal("kind", shown, [colours[kind] for kind in shown], legend=None),
                shape=nominal("kind", shown, [shapes[kind] for kind in shown], legend=None),
            )
        )
    resolved = {"resolve": {"scale": {"color": "independent"}}}
    return {"layer": layers, "width": _PLOT, "height": {"step": _ROW}, **resolved}
