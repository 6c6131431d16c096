"""What the repair of a query's waves found: tables for the terminal, and the picture of a chained series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import vl_convert

from smstock.errors import InputError
from smstock.report import wording
from smstock.report.charts import BLUE, GREY, amount, layer, nominal
from smstock.report.style import add_figures, add_texts, ruled_table
from smstock.vocabulary.counts import plural
from smstock.vocabulary.dates import middle_of_wave
from smstock.vocabulary.facets import NO_ORIGIN

if TYPE_CHECKING:
    from rich.table import Table

    from smstock.audience.beside import Beside
    from smstock.audience.repair import Repair

MOST_GLITCHES: Final = 40
"""Glitches listed in the terminal, the largest corridors first."""

RULES: Final = {
    "collected": "a floor where there was an audience the month before, asked again",
    "daily": "the floor, beside more daily accounts",
    "floor": "the floor, between waves of at least three times as much",
    "row": "raised together with other destinations of the origin",
    "share": "daily accounts beside a monthly glitch",
    "spike": "three times its neighbouring waves, or a third of them",
}
"""Rules by which a number is a glitch, in words."""

_SEXES: Final = {"all": "both sexes", "female": "women", "male": "men"}


def breaks_table(breaks: pd.DataFrame) -> Table:
    """Return one row a break: when, whose, by which factor, how far corridors are apart, how sure a link is.

    Parameters
    ----------
    breaks
        Columns as in `smstock.audience.repair.Repair`.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> row = {"wave": "2019-04", "metric": "mau", "origin": "", "kind": "break", "factor": 0.506, "least": 0.4,
    ...        "most": 0.585, "link_sd": 0.08, "corridors": 246}
    >>> table = breaks_table(pd.DataFrame([row]))
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Breaks
    From     Metric  Whose        Factor       Corridors  Link sd  Seen in
    ──────────────────────────────────────────────────────────────────────
    2019-04  mau     all origins   0.506  0.400 to 0.585    8.0 %      246
    """
    caption = (
        "Everything before is multiplied. Factor: median after over before; of an origin, beyond all corridors. "
        "Corridors: 5th to 95th percentile of their own factors. Link sd: standard deviation of the logarithm of one."
    )
    table = ruled_table("Breaks", caption)
    add_texts(table, "From", "Metric", "Whose")
    add_figures(table, "Factor", "Corridors", "Link sd", "Seen in")
    for row in breaks.to_dict("records"):
        whose = wording.country(row["origin"]) if row["origin"] else "all origins"
        table.add_row(
            row["wave"],
            row["metric"],
            whose if row["kind"] == "break" else "two bounds shown",
            f"{row['factor']:.3f}",
            f"{row['least']:.3f} to {row['most']:.3f}",
            f"{100 * row['link_sd']:.1f} %",
            wording.count(row["corridors"]),
        )
    return table


def glitches_table(glitches: pd.DataFrame) -> Table:
    """Return one row a glitch, totals first; the caption tells the rules, and how many glitches are not listed.

    Parameters
    ----------
    glitches
        Columns as in `smstock.audience.repair.Repair`.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> row = {"wave": "2019-03", "metric": "mau", "origin": "POL", "destination": "DEU", "sex": "all", "age_min": 15,
    ...        "age_max": 64, "rule": "floor", "shown": 1000.0}
    >>> table = glitches_table(pd.DataFrame([row]))
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Glitches, taken out
    Wave     From    In       Metric  Cell               Shown  Rule
    ─────────────────────────────────────────────────────────────────
    2019-03  Poland  Germany  mau     both sexes, 15-64  1,000  floor
    """
    rows = glitches.assign(total=glitches["sex"] != "all").sort_values(["total", "wave"], kind="stable")
    rules = [f"{rule}: {RULES[rule]}" for rule in sorted(rows["rule"].unique())]
    more = len(rows) - MOST_GLITCHES
    if more > 0:
        rules.append(f"{plural(more, 'glitch', 'glitches')} more: --json lists all")
    table = ruled_table("Glitches, taken out", f"{'; '.join(rules)}." if rules else "")
    for header in ("Wave", "From", "In", "Metric", "Cell"):
        table.add_column(header)
    add_figures(table, "Shown")
    add_texts(table, "Rule")
    for row in rows.head(MOST_GLITCHES).to_dict("records"):
        table.add_row(
            row["wave"],
            wording.country(row["origin"]) if row["origin"] else "anywhere",
            wording.country(row["destination"]),
            row["metric"],
            _cell(row),
            wording.count(row["shown"]),
            row["rule"],
        )
    return table


def _cell(row: dict[Any, Any]) -> str:
    oldest = row["age_max"]
    ages = f"{row['age_min']}-{int(oldest)}" if wording.known(oldest) else f"{row['age_min']}+"
    return f"{_SEXES[row['sex']]}, {ages}"


def beside_table(beside: Beside) -> Table:
    """Return one row an origin: accounts of the second query to each of the first, and how well one tells the other.

    Parameters
    ----------
    beside
        The two queries and their table.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> from smstock.audience.beside import Beside
    >>> row = {"corridors": 31, "waves": 2, "ratio": 1.4, "least": 0.9, "most": 2.0, "sd_destinations": 0.2,
    ...        "sd_waves": float("nan")}
    >>> figures = pd.DataFrame([{"origin": "POL", **row}, {"origin": "", **row}])
    >>> table = beside_table(Beside(("lived", "spoken"), ("lived_in", "language"), "mau", figures))
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    spoken (by language) beside lived (by lived_in), mau
    From         Corridors  Waves  Ratio  Destinations    Sd  Sd of waves
    ─────────────────────────────────────────────────────────────────────
    Poland              31      2   1.40  0.90 to 2.00  20 %
    all origins         31      2   1.40  0.90 to 2.00  20 %
    """
    (one, other), (basis, other_basis) = beside.queries, beside.bases
    caption = (
        f"Ratio: accounts of {other} to each of {one}, median over destinations. Destinations: least and most. Sd: "
        "over destinations, of the logarithm of the ratio around that of its origin, the error of one foretelling the "
        "other where it was not seen. Sd of waves: around that of the corridor. The two are different populations."
    )
    table = ruled_table(f"{other} (by {other_basis}) beside {one} (by {basis}), {beside.metric}", caption)
    add_texts(table, "From")
    add_figures(table, "Corridors", "Waves", "Ratio", "Destinations", "Sd", "Sd of waves")
    for row in beside.table.to_dict("records"):
        table.add_row(
            wording.country(row["origin"]) if row["origin"] else "all origins",
            wording.count(row["corridors"]),
            wording.count(row["waves"]),
            f"{row['ratio']:.2f}",
            f"{row['least']:.2f} to {row['most']:.2f}",
            *(f"{100 * row[sd]:.0f} %" if pd.notna(row[sd]) else "" for sd in ("sd_destinations", "sd_waves")),
        )
    return table


def series(repair: Repair, *, metric: str, origin: str = "", destination: str = "") -> pd.DataFrame:
    """Return the series of a corridor, both sexes, widest ages: wave, shown, chained, lower and upper (95 %), glitch.

    Without names it is the largest corridor that has a link, or the largest there is. ``lower`` and ``upper`` are the
    chained value divided and multiplied by exp(1.96 ``link_sd``).

    Raises
    ------
    InputError
        No wave holds the corridor.
    """
    rows = repair.shown.assign(
        chained=repair.chained["value"].astype("float64"),
        factor=repair.chained["link_factor"],
        sd=repair.chained["link_sd"],
    )
    rows = rows[(rows["metric"] == metric) & (rows["sex"] == "all") & ~rows["origin"].isin(NO_ORIGIN)]
    rows = rows[(rows[["education", "relationship", "dimension"]] == "").all(axis=1)]
    if origin:
        rows = rows[(rows["origin"] == origin) & (rows["destination"] == destination)]
    if rows.empty:
        raise InputError(
            f"no wave holds {origin}:{destination} in {metric}" if origin else f"no wave holds a corridor in {metric}",
            allowed="a corridor of the query, as in POL:DEU",
        )
    youngest = rows[rows["age_min"] == rows["age_min"].min()]
    oldest = youngest["age_max"].astype("float64").fillna(np.inf)
    widest = youngest[oldest == oldest.max()]
    if not origin:
        sizes = widest.groupby(["origin", "destination"])
        order = sizes["sd"].max().gt(0).to_frame("linked").assign(size=sizes["chained"].median())
        first = order.sort_values(["linked", "size"], ascending=False, na_position="last").index[0]
        widest = widest[(widest["origin"] == first[0]) & (widest["destination"] == first[1])]
    widest = widest.sort_values("wave", key=lambda waves: waves.map(middle_of_wave), ignore_index=True).rename(
        columns={"value": "accounts"}
    )
    reach = np.exp(1.96 * widest["sd"].astype("float64"))
    drawn: pd.DataFrame = widest.assign(
        shown=widest["accounts"].astype("float64"),
        lower=widest["chained"] / reach,
        upper=widest["chained"] * reach,
        glitch=widest["status"] == "glitch",
    )
    return drawn[["wave", "origin", "destination", "shown", "chained", "lower", "upper", "glitch"]]


def picture(corridor: pd.DataFrame) -> bytes:
    """Return the picture of a corridor's series as PNG: as shown, and chained with its 95 % band.

    Waves that are a glitch have no value and are marked at the lower edge.

    Parameters
    ----------
    corridor
        What `series` returns.
    """
    dated = corridor.assign(date=corridor["wave"].map(middle_of_wave))
    kinds = {"shown": "as shown", "chained": "on the scale of the newest wave"}
    long = pd.concat([dated.assign(accounts=dated[name], kind=kind) for name, kind in kinds.items()])
    x = {"field": "date", "type": "temporal", "title": None}
    y = amount("accounts") | {"title": "accounts", "scale": {"zero": False}, "axis": {"format": ","}}
    key = {"title": None, "orient": "top", "labelLimit": 0}
    colour = nominal("kind", list(kinds.values()), [GREY, BLUE], legend=key)
    known = long.dropna(subset=["accounts"])[["date", "accounts", "kind"]]
    band, area = dated.dropna(subset=["chained"]), {"type": "area", "opacity": 0.2, "color": BLUE}
    layers = [
        layer(band[["date", "lower", "upper"]], area, x=x, y=amount("lower"), y2={"field": "upper"}),
        layer(known, {"type": "line", "point": True}, x=x, y=y, color=colour),
    ]
    if dated["glitch"].any():
        mark = {"type": "point", "shape": "triangle-up", "color": "black", "size": 60}
        layers.append(layer(dated.loc[dated["glitch"], ["date"]], mark, x=x, y={"value": 255}))
    row = corridor.iloc[0]
    title = f"People from {wording.country(row['origin'])} in {wording.country(row['destination'])}"
    chart = {"layer": layers, "width": 480, "height": 260, "title": title}
    drawing: bytes = vl_convert.vegalite_to_png(chart, scale=2)
    return drawing
