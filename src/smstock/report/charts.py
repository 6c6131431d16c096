"""Charts as SVG text: the same table gives the same bytes.

Text takes the colour of its surroundings (``currentColor``), so that a chart reads on paper and on a dark screen.
Colours are those of Okabe and Ito, which the colour-blind tell apart; shapes say the same again.
"""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pandas as pd
import vl_convert

from smstock.evaluate.held_out import CHOSEN
from smstock.report import sentences, wording
from smstock.report.listing import CHECKED, DOUBT, INDICATIVE, ceilings, listing
from smstock.vocabulary.sizes import LARGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.calibrate.learnt import Score, Scored

Encoding: TypeAlias = dict[str, Any]
"""What a channel of a mark shows, as Vega-Lite writes it."""
Layer: TypeAlias = dict[str, Any]

MOST_ESTIMATES: Final = 30
"""Above this many estimates the chart shows the largest; the tables show all."""
MOST_CEILINGS: Final = 3
"""Above this many different upper ends the chart shows the highest."""

BLUE: Final = "#0072B2"
GREY: Final = "#8a8a8a"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"

_POINTS: Final = {
    # column: what the key says, colour, shape (an SVG path or a name of Vega's), area in pixels
    "median": ("estimate", "currentColor", "M0,-1V1", 160),
    "official_last": ("last official figure", VERMILION, "diamond", 60),
    "audience": ("audience", GREEN, "M-1,-1L1,1M1,-1L-1,1", 45),
}
_INTERVALS: Final = {95: (1.5, 1.0), 80: (4.5, 0.5), 50: (9.0, 0.75)}  # level: thickness in pixels, opacity
_ROW: Final = 20
_PLOT: Final = 240


def estimates_chart(estimates: pd.DataFrame) -> str:
    """Return the chart of estimates by size: intervals on a log axis, official figure and audience beside them.

    Thin, medium and thick bars are the 95, 80 and 50 % intervals; grey ones are indicative or doubtful. Corridors of
    which only an upper end is known share a dashed bar that is open below. At most 30 estimates are drawn: the largest
    with an official figure, then the largest without.

    Parameters
    ----------
    estimates
        Estimate table.

    Returns
    -------
    str
        SVG; empty if there is nothing to draw.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0, "age_max": None, "median": 178194.0,
    ...        "lower_50": 171787.0, "upper_50": 184839.0, "lower_80": 161012.0, "upper_80": 197208.0,
    ...        "lower_95": 144581.0, "upper_95": 219620.0, "audience": 66000.0, "official_last": 177609.0,
    ...        "method": "log_ratio", "reference_date": "2020-10-15", "regime": "stale", "status": "provisional",
    ...        "precision": "digits"}
    >>> svg = estimates_chart(pd.DataFrame([row]))
    >>> svg[:4], "Austria" in svg, "178,000" in svg
    ('<svg', True, True)
    """
    rows = listing(estimates)
    drawn = rows[rows["median"] > 0].head(MOST_ESTIMATES)
    marks = drawn["mark"].where(drawn["mark"].isin([INDICATIVE, DOUBT]), "")
    drawn = drawn.assign(row=drawn["name"] + marks, label=_labels(drawn))
    capped = _capped(rows)
    if drawn.empty and capped.empty:
        return ""
    labels = pd.concat([drawn[["row", "label"]], capped[["row", "label"]]])
    x, y = _persons(drawn, capped), {"field": "row", "type": "nominal", "sort": [*labels["row"]], "title": None}
    texts = layer(labels, {"type": "text", "align": "left"}, x={"value": _PLOT + 8}, y=y, text=nominal("label"))
    layers = [*_intervals(drawn, x, y), *_open_ended(capped, x, y), _points(drawn, x, y), texts]
    return svg({"layer": layers, "width": _PLOT, "height": {"step": _ROW}})


def _labels(drawn: pd.DataFrame) -> list[str]:
    return [wording.quoted(*ends) for ends in zip(drawn["median"], drawn["precision"], strict=True)]


def _capped(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each ceiling: columns row, upper, label."""
    known = [ceiling for ceiling in ceilings(rows) if ceiling.upper]
    records = [
        (
            ceiling.names[0] if len(ceiling.names) == 1 else f"{len(ceiling.names)} below the floor",
            ceiling.upper,
            f"<{wording.persons(ceiling.upper)}",
        )
        for ceiling in known[:MOST_CEILINGS]
    ]
    return pd.DataFrame(records, columns=["row", "upper", "label"]).astype({"upper": "float64"})


def _persons(drawn: pd.DataFrame, capped: pd.DataFrame) -> Encoding:
    """Return scale and axis of persons, logarithmic, that hold every size above 0."""
    columns = [*_POINTS, "lower_95", "upper_95"]
    sizes = [size for size in [*drawn[columns].to_numpy(dtype=float).ravel(), *capped["upper"]] if size > 0]
    low, high = float(min(sizes)) / 1.2, float(max(sizes)) * 1.2
    steps = (1,) if high / low > 500 else (1, 2, 5)
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    ticks = [tick for power in powers for step in steps if low <= (tick := step * 10.0**power) <= high]
    scale = {"type": "log", "domain": [low, high], "nice": False}
    return {"scale": scale, "axis": {"title": "persons", "values": ticks, "format": ","}}


def _intervals(drawn: pd.DataFrame, x: Encoding, y: Encoding) -> list[Layer]:
    """Return a layer a level, the widest interval first, so that narrower ones lie on top."""
    colour = {"condition": {"test": f"(datum.standing !== '{CHECKED}')", "value": GREY}, "value": BLUE}
    layers = []
    for level, (thickness, opacity) in _INTERVALS.items():
        lower, upper = f"lower_{level}", f"upper_{level}"
        known = drawn.dropna(subset=[lower, upper])[["row", "standing", lower, upper]]
        if len(known):
            bar = {"type": "rule", "strokeWidth": thickness, "opacity": opacity}
            layers.append(layer(known, bar, x=amount(lower) | x, x2={"field": upper}, y=y, color=colour))
    return layers


def _open_ended(capped: pd.DataFrame, x: Encoding, y: Encoding) -> list[Layer]:
    """Return dashed bars from an upper end down to the edge, where an arrow points on."""
    if capped.empty:
        return []
    upper, edge, colour = amount("upper") | x, {"datum": x["scale"]["domain"][0]}, {"value": GREY}
    bar = {"type": "rule", "strokeWidth": 1.5, "strokeDash": [4, 3]}
    arrow = {"type": "point", "shape": "triangle-left", "size": 50, "filled": True, "opacity": 1}
    return [
        layer(capped, bar, x=upper, x2=edge, y=y, color=colour),
        layer(capped, {"type": "tick", "thickness": 2, "size": 10}, x=upper, y=y, color=colour),
        layer(capped, arrow, x={"value": 3}, y=y, color=colour),
    ]


def _points(drawn: pd.DataFrame, x: Encoding, y: Encoding) -> Layer:
    """Return estimate, official figure and audience as points, with the key that explains them."""
    parts = [
        drawn.loc[drawn[column] > 0, ["row", column]].rename(columns={column: "size"}).assign(kind=kind)
        for column, (kind, *_) in reversed(_POINTS.items())
    ]
    kinds, colours, shapes, areas = (list(values) for values in zip(*_POINTS.values(), strict=True))
    key = {"title": None, "orient": "top", "symbolStrokeWidth": 1.8, "symbolSize": 70}
    return layer(
        pd.concat(parts),
        {"type": "point", "strokeWidth": 1.8, "opacity": 1},
        x=amount("size") | x,
        y=y,
        color=nominal("kind", kinds, colours, legend=key),
        shape=nominal("kind", kinds, shapes, legend=key),
        size=nominal("kind", kinds, areas, legend=None),
    )


def methods_chart(scores: Sequence[Score]) -> str:
    """Return the chart of methods: error on corridors held out, and how many stocks their 80 % intervals held.

    Error is RMSLE, 0 is perfect; the least is blue. Interval coverage is shown apart for stocks of at least 10,000
    persons and for smaller ones, beside the 80 % that it should be.

    Parameters
    ----------
    scores
        Cross-validated scores.

    Returns
    -------
    str
        SVG; empty if no method was measured.

    Examples
    --------
    >>> from smstock.calibrate.learnt import IntervalScore, Score
    >>> svg = methods_chart([Score("log_ratio", "all", 31, 0.317, intervals=(IntervalScore(80, 83.9),))])
    >>> svg[:4], "log ratio" in svg, "0.317" in svg
    ('<svg', True, True)
    """
    of_totals = sentences.by_method(scores)
    errors = {wording.method(name): score.rmsle for name, score in of_totals.items() if name != CHOSEN}
    if not errors:
        return ""
    accuracy = pd.DataFrame({"row": [*errors], "rmsle": errors.values()})
    accuracy["label"] = accuracy["rmsle"].map(lambda error: wording.ratio(error, 3))
    accuracy["best"] = accuracy.index == 0
    axis = {"title": "RMSLE, less is better", "tickCount": 4}
    x = amount("rmsle") | {"scale": {"domainMin": 0}, "axis": axis}
    y = {"field": "row", "type": "nominal", "sort": [*errors], "title": None}
    colour = {"condition": {"test": "datum.best", "value": BLUE}, "value": GREY}
    bars = layer(accuracy, {"type": "bar", "height": 9}, x=x, y=y, color=colour)
    labels = layer(accuracy, {"type": "text", "align": "left", "dx": 5}, x=x, y=y, text=nominal("label"))
    left = {"layer": [bars, labels], "width": 110, "height": {"step": _ROW}}
    independent = {"scale": {"color": "independent", "shape": "independent"}}
    return svg({"hconcat": [left, _coverage(scores, [*errors])], "spacing": 30, "resolve": independent})


def _coverage(scores: Sequence[Score], methods: list[str]) -> dict[str, Any]:
    """Return the panel of interval coverage by size of stock."""
    kinds: dict[Scored, str] = {"large": f"at least {LARGE:,}", "small": "fewer persons"}
    points = pd.DataFrame(
        [
            {"row": wording.method(name), "coverage": score.coverage(80), "kind": kinds[kind]}
            for kind in kinds
            for name, score in sentences.by_method(scores, kind).items()
            if wording.method(name) in methods and wording.known(score.coverage(80))
        ],
        columns=["row", "coverage", "kind"],
    )
    key, names = {"title": None, "orient": "top"}, list(kinds.values())
    axis = {"title": "inside 80 % interval, %", "values": [0, 40, 80]}
    x = amount("coverage") | {"scale": {"domain": [0, 100]}, "axis": axis}
    y = {"field": "row", "type": "nominal", "sort": methods, "title": None, "axis": {"labels": False}}
    rule, at = {"type": "rule", "strokeDash": [4, 3], "color": GREY}, pd.DataFrame({"coverage": [80.0]})
    held = layer(
        points,
        {"type": "point", "strokeWidth": 1.8, "size": 50, "opacity": 1},
        x=x,
        y=y | {"scale": {"domain": methods}},
        color=nominal("kind", names, [BLUE, VERMILION], legend=key),
        shape=nominal("kind", names, ["circle", "diamond"], legend=key),
    )
    return {"layer": [layer(at, rule, x=x), held], "width": 120, "height": {"step": _ROW}}


def layer(table: pd.DataFrame, mark: dict[str, Any], **encoding: Encoding) -> Layer:
    """Return a layer of a Vega-Lite chart: a mark for each row of a table, and what its channels show.

    Examples
    --------
    >>> layer(pd.DataFrame({"persons": [5.0]}), {"type": "point"}, x=amount("persons"))["data"]
    {'values': [{'persons': 5.0}]}
    """
    values = table.astype("object").where(table.notna(), None).to_dict("records")
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def amount(field: str) -> Encoding:
    """Return the encoding of a column of numbers.

    Examples
    --------
    >>> amount("persons")
    {'field': 'persons', 'type': 'quantitative'}
    """
    return {"field": field, "type": "quantitative"}


def nominal(field: str, domain: Sequence[str] = (), shown: Sequence[Any] = (), **parts: Any) -> Encoding:
    """Return the encoding of a column of names, and what each name of a domain is shown as.

    Examples
    --------
    >>> nominal("kind", ["estimate"], ["circle"], legend=None)["scale"]
    {'domain': ['estimate'], 'range': ['circle']}
    """
    scale = {"scale": {"domain": [*domain], "range": [*shown]}} if domain else {}
    return {"field": field, "type": "nominal", **scale, **parts}


def svg(chart: dict[str, Any]) -> str:
    """Return a chart, a Vega-Lite specification, as SVG text, with the fonts and lines of the page.

    Examples
    --------
    >>> point = layer(pd.DataFrame({"x": [1.0]}), {"type": "point"}, x=amount("x"))
    >>> svg({"layer": [point]})[:4]
    '<svg'
    """
    lines = {"domain": False, "ticks": False, "gridColor": GREY, "gridOpacity": 0.3, "gridWidth": 0.7}
    text = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 13, "titleFontSize": 13}
    config = {
        "background": "transparent",
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": {**lines, **text, "titleFontWeight": "normal", "labelLimit": 150},
        "axisY": {"grid": False, "labelPadding": 6},
        "legend": {**text, "labelLimit": 0},
        "text": {"color": "currentColor", "fontSize": 13},
    }
    drawn: str = vl_convert.vegalite_to_svg(chart | {"config": config})
    return drawn
