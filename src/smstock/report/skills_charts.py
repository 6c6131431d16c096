"""Charts of skill profiles as SVG text: shares with their intervals beside everybody's, corridors side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.report import skills_listing as words
from smstock.report.charts import BLUE, GREEN, GREY, VERMILION, amount, layer, nominal, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.report.charts import Encoding, Layer


ORIGINS: Final = (BLUE, VERMILION, GREEN, "#CC79A7", "#E69F00")
"""Colours of corridors side by side (Okabe and Ito)."""
SHAPES: Final = ("circle", "diamond", "square", "triangle-up", "cross")

_ROW: Final = 20
_WIDTH: Final = 260
_NAMES: Final = 130
_LABELS: Final = {"minExtent": _NAMES, "maxExtent": _NAMES, "labelLimit": _NAMES}
"""An axis of names of one width, so that charts of a page are of one scale."""


def profile_chart(rows: pd.DataFrame) -> str:
    """Return the chart of one dimension of a corridor: shares with 50, 80 and 95 % intervals, everybody's beside them.

    A tick is the corridor, a diamond everybody at the destination; there is no key, since charts come in dozens. A
    category below the floor is a dashed bar up to its bound.

    Parameters
    ----------
    rows
        Rows of one dimension of a listing (see `smstock.report.skills_listing.listing`).

    Returns
    -------
    str
        SVG; empty if there is nothing to draw.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"dimension": "seniority", "category": "entry", "share": 0.33, "everybody": 0.28, "lower_50": 0.32,
    ...        "upper_50": 0.34, "lower_80": 0.31, "upper_80": 0.35, "lower_95": 0.3, "upper_95": 0.36}
    >>> chart = profile_chart(pd.DataFrame([row]))
    >>> chart[:4], "entry" in chart
    ('<svg', True)
    """
    drawn = rows[rows["upper_80"].notna()]
    if drawn.empty:
        return ""
    drawn = drawn.assign(
        row=drawn["category"].map(words.category), label=[words.share_text(row) for row in drawn.to_dict("records")]
    )
    names = drawn["row"].tolist()
    x, y = _axis(drawn), nominal("row", sort=names, title=None, axis=_LABELS)
    known, below = drawn[drawn["share"].notna()], drawn[drawn["share"].isna()]
    layers: list[Layer] = []
    for level, thickness, opacity in ((95, 1.5, 1.0), (80, 4.5, 0.5), (50, 9.0, 0.75)):
        lower, upper = f"lower_{level}", f"upper_{level}"
        bar = {"type": "rule", "strokeWidth": thickness, "opacity": opacity}
        ends = known[["row", lower, upper]]
        layers.append(layer(ends, bar, x=amount(lower) | x, x2={"field": upper}, y=y, color={"value": BLUE}))
    dashed = {"type": "rule", "strokeWidth": 1.5, "strokeDash": [4, 3]}
    bounds = below[["row", "lower_80", "upper_80"]]
    layers.append(layer(bounds, dashed, x=amount("lower_80") | x, x2={"field": "upper_80"}, y=y, color={"value": GREY}))
    points = pd.concat(
        [
            drawn[["row", column]].rename(columns={column: "size"}).assign(kind=kind).dropna()
            for column, kind in (("everybody", "everybody at the destination"), ("share", "the corridor"))
        ]
    )
    kinds = ["the corridor", "everybody at the destination"]
    layers.append(
        layer(
            points,
            {"type": "point", "strokeWidth": 1.8, "opacity": 1},
            x=amount("size") | x,
            y=y,
            color=nominal("kind", kinds, ["currentColor", VERMILION], legend=None),
            shape=nominal("kind", kinds, ["M0,-1V1", "diamond"], legend=None),
            size=nominal("kind", kinds, [160, 60], legend=None),
        )
    )
    text = {"type": "text", "align": "left"}
    layers.append(layer(drawn[["row", "label"]], text, x={"value": _WIDTH + 8}, y=y, text=nominal("label")))
    return svg({"layer": layers, "width": _WIDTH, "height": {"step": _ROW}})


def comparison_chart(listed: Sequence[tuple[str, pd.DataFrame]]) -> str:
    """Return the chart of one dimension of several corridors: shares with 80 % intervals, row by row.

    Parameters
    ----------
    listed
        Name and rows (of one dimension of a listing) of each corridor, at most five.

    Returns
    -------
    str
        SVG; empty if there is nothing to draw.

    Examples
    --------
    >>> rows = pd.DataFrame({"category": ["entry"], "share": [0.33], "lower_80": [0.31], "upper_80": [0.35]})
    >>> chart = comparison_chart([("Romania", rows), ("Serbia", rows)])
    >>> chart[:4], "Serbia" in chart
    ('<svg', True)
    """
    names = [name for name, _ in listed]
    parts = pd.concat([rows.assign(corridor=name) for name, rows in listed], ignore_index=True)
    parts = parts[parts["share"].notna()]
    if parts.empty:
        return ""
    parts = parts.assign(row=parts["category"].map(words.category))
    order = list(dict.fromkeys(words.category(category) for _, rows in listed for category in rows["category"]))
    order = [row for row in order if (parts["row"] == row).any()]
    x = _axis(parts)
    key = {"title": None, "orient": "top", "columns": 3, "symbolStrokeWidth": 1.8, "symbolSize": 70}
    parts = parts[["row", "corridor", "share", "lower_80", "upper_80"]]
    channels = {
        "y": nominal("row", sort=order, title=None, axis=_LABELS, scale={"paddingInner": 0.3}),
        "yOffset": nominal("corridor", sort=names),
        "color": nominal("corridor", names, ORIGINS[: len(names)], legend=key),
    }
    shape = nominal("corridor", names, SHAPES[: len(names)], legend=key)
    bar, point = {"type": "rule", "strokeWidth": 3, "opacity": 0.5}, {"type": "point", "strokeWidth": 1.8, "size": 45}
    layers = [
        layer(parts, bar, x=amount("lower_80") | x, x2={"field": "upper_80"}, **channels),
        layer(parts, point | {"opacity": 1}, x=amount("share") | x, shape=shape, **channels),
    ]
    return svg({"layer": layers, "width": _WIDTH + 60, "height": {"step": max(9, _ROW // 2), "for": "offset"}})


def _axis(rows: pd.DataFrame) -> Encoding:
    """Return scale and axis of shares, from 0."""
    columns = {"upper_80", "upper_95", "share", "everybody"} & set(rows.columns)
    highest = max(float(rows[name].max()) for name in columns if rows[name].notna().any())
    scale = {"domain": [0, min(1.0, 1.05 * highest)], "nice": False, "clamp": True}
    return {"scale": scale, "axis": {"title": "share of members", "format": "%", "tickCount": 5}}
