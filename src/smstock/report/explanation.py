"""An explanation in words and as a picture, so that an official can believe or reject an estimate with reason."""

from __future__ import annotations

import re
from dataclasses import asdict, fields, is_dataclass
from math import exp, expm1, isnan, log
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import vl_convert

from smstock.report import wording
from smstock.report.charts import BLUE, GREEN, VERMILION, amount, layer, nominal
from smstock.report.divisions import lines_of
from smstock.tables import DOUBTFUL, HELD_BACK
from smstock.vocabulary.counts import multiple, plural

if TYPE_CHECKING:
    from smstock.nowcast.explanation import Explanation
    from smstock.report.charts import Layer

INPUTS: Final = {
    "official_last": "last official figure",
    "audience": "audience",
    "penetration_destination": "penetration at the destination",
    "penetration_origin": "penetration at the origin",
}
"""Inputs of an estimate in words."""
FUSION: Final = "fusion"
"""The model over time as a method."""
MOST_METHODS: Final = 6
"""Methods shown: the one used and the best ranked."""
MANY_TIMES: Final = 3.0
"""Factor from which a source and the estimate are compared by times, no longer by percent."""
_KINDS: Final = {
    "official figure": (VERMILION, "diamond"),
    "audience": (GREEN, "triangle-up"),
    "estimate": (BLUE, "circle"),
}
_BARS: Final = {95: (1.5, 1.0), 80: (4.5, 0.5), 50: (9.0, 0.6)}  # level: thickness in pixels, opacity


def in_words(explained: Explanation) -> str:
    r"""Return the explanation as text: estimate, sources, methods, weights, interval, the model over time.

    Parameters
    ----------
    explained
        What `smstock.nowcast.explanation.explain` returns.

    Examples
    --------
    >>> from smstock.nowcast.explanation import Explanation, IntervalOrigin
    >>> row = {"destination": "AUT", "origin": "SRB", "wave": "2020-10", "reference_date": "2020-10-15", "notes": "",
    ...        "median": 178194.0, "lower_80": 161012.0, "upper_80": 197208.0, "method": "log_ratio",
    ...        "regime": "stale", "reason": "the last official figure is old", "status": "provisional",
    ...        "precision": "digits"}
    >>> none = pd.DataFrame()
    >>> explained = Explanation(row, {"audience": 66000.0}, figures=none, methods=none, pulls=none, sexes=none,
    ...     interval=IntervalOrigin(learnt=0.1, shown=0.1, errors=31, years=0), over_time=none,
    ...     not_over_time="no figure")
    >>> print(in_words(explained).replace(wording.DASH, " to ").partition("\n")[0])
    People from Serbia in Austria, 15 October 2020: 178,000 (80 % interval 161,000 to 197,000), by log ratio.
    """
    parts = [
        _headline(explained),
        _block("What each source said", _sources(explained)),
        _block("What the methods make of it", _methods(explained.methods)),
        _block("What correcting for users would do, and the split by sex", _corrections(explained)),
        _block("What the estimate hangs on", _pulls(explained)),
        _block("Where the interval comes from", _interval(explained)),
        _block("The series over time", _over_time(explained)),
    ]
    if explained.division is not None:
        parts.append(_block(f"By {explained.division.by}", lines_of(explained.division)))
    return "\n\n".join(parts)


def as_plain(explained: Explanation) -> dict[str, Any]:
    """Return the explanation as plain values for JSON: tables are lists of rows, what is missing is null.

    Examples
    --------
    >>> from smstock.nowcast.explanation import Explanation, IntervalOrigin
    >>> none, figures = pd.DataFrame(), pd.DataFrame({"reference_date": ["2020-07-01"], "value": [177609.0]})
    >>> explained = Explanation({"median": float("nan")}, {}, figures=figures, methods=none, pulls=none, sexes=none,
    ...     interval=IntervalOrigin(learnt=0.1, shown=0.1, errors=31, years=0), over_time=none, not_over_time="")
    >>> plain = as_plain(explained)
    >>> plain["estimate"], plain["figures"]
    ({'median': None}, [{'reference_date': '2020-07-01', 'value': 177609.0}])
    """

    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return plain(asdict(value))
        if isinstance(value, pd.DataFrame):
            return [plain(row) for row in value.to_dict("records")]
        if isinstance(value, dict):
            return {str(name): plain(part) for name, part in value.items()}
        if pd.isna(value):
            return None
        return value.item() if hasattr(value, "item") else value

    return {field.name: plain(getattr(explained, field.name)) for field in fields(explained)}


def _block(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])


def _headline(explained: Explanation) -> str:
    row = explained.estimate
    where = f"{wording.country(row['destination'])}, {wording.day(row['reference_date'])}"
    people = f"People from {wording.country(row['origin'])} in {where}"
    median = wording.quoted(row["median"], row["precision"])
    ends = wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"])
    if row["status"] == HELD_BACK:
        answer = (
            f"{people}: held back. {str(row['notes']).partition('; ')[0].removeprefix('held back: ').capitalize()}."
        )
    elif median:
        doubt = " Doubtful: something speaks against the official figures." if row["status"] == DOUBTFUL else ""
        interval = f" (80 % interval {ends})" if ends else ""
        answer = f"{people}: {median}{interval}, by {wording.method(row['method'])}.{doubt}"
    elif wording.known(row["upper_80"]):
        answer = (
            f"{people}: fewer than {wording.persons(row['upper_80'])} (80 %); no estimate below the platform's floor."
        )
    else:
        heard = wording.known(explained.corridor.get("audience"))
        want = "what the methods in use need" if heard else "an official figure and of an audience"
        answer = f"{people}: no estimate, for want of {want}."
    return f"{answer}\nRegime: {row['regime']}; {row['reason']}."


def _sources(explained: Explanation) -> list[str]:
    """Say every official figure, the audience, and how far they lie from the estimate."""
    row, corridor = explained.estimate, explained.corridor
    lines = [
        f"{figure['reference_date']}  {figure['source']:<12} {wording.count(figure['value']):>12} persons"
        f"{_against(figure['value'], row['median'])}"
        for figure in explained.figures.to_dict("records")
    ] or ["no official figure"]
    audience = corridor.get("audience")
    if audience is not None and wording.known(audience):
        accounts = f"{wording.count(audience):>12} accounts{_against(audience, row['median'])}"
        lines.append(f"{row['wave']:<10}  {'audience':<12} {accounts}")
        if explained.population:
            lines.append(f"the audience counts {explained.population}")
    else:
        upper = corridor.get("audience_upper")
        fewer = f", fewer than {wording.count(upper)} accounts" if wording.known(upper) else ""
        lines.append(f"{row['wave']:<10}  {'audience':<12} none ({corridor['audience_status']}{fewer})")
    if beside := corridor.get("former_figures"):
        lines.append(f"of the former state, in no figure above: {beside}")
    if row["notes"]:
        lines.append(f"note: {row['notes']}")
    return lines


def _against(value: float, median: float) -> str:
    """Say how far the estimate lies from a source; empty without an estimate."""
    if not (wording.known(median) and value > 0):
        return ""
    times = median / value
    if not 1 / MANY_TIMES < times < MANY_TIMES:
        return f"   the estimate is {multiple(times)} times it"
    change, side = round(100 * (times - 1)), "above" if times > 1 else "below"
    return f"   the estimate is {f'{abs(change)} % {side} it' if change else 'as much'}"


def _methods(methods: pd.DataFrame) -> list[str]:
    rows: list[dict[Any, Any]] = methods.to_dict("records")
    shown = [row for place, row in enumerate(rows) if row["used"] or place < MOST_METHODS]
    lines = []
    for row in shown:
        error = f"RMSLE {row['rmsle']:.3f}" if wording.known(row["rmsle"]) else "not measured"
        estimate = wording.persons(row["estimate"]) or wording.DASH
        lines.append(f"{wording.method(row['method']):<22} {estimate:>10}   {error:<13} {_reason(row['reason'])}")
    more = len(rows) - len(shown)
    return [*lines, *([f"and {plural(more, 'method')} more, ranked lower"] if more else [])]


def _reason(reason: str) -> str:
    """Say why a method is used or not, columns in words."""
    lacking = reason.removeprefix("lacks ")
    if lacking == reason:
        return reason
    return f"lacks {wording.enumeration([_words(name) for name in lacking.split(', ')])}"


def _words(column: str) -> str:
    """Return a column in words, ages as a range."""
    name, _, above = column.partition(" ")
    named = INPUTS.get(name) or re.sub(r"(\d+)_(\d+)", rf"\1{wording.DASH}\2", name).replace("_", " ")
    return f"{named} {above}".rstrip()


def _corrections(explained: Explanation) -> list[str]:
    """Say what penetration makes of the audience, and how the sex ratio of the audience was corrected, if it was."""
    corridor, lines = explained.corridor, []
    rates = {end: float(corridor.get(f"penetration_{end}") or "nan") for end in ("destination", "origin")}
    for row in explained.methods.to_dict("records"):
        if row["method"] == "penetration" and wording.known(row["estimate"]):
            shares = [f"{wording.per_cent(100 * rate)} of the persons at the {end}" for end, rate in rates.items()]
            factor = wording.ratio(row["estimate"] / float(corridor["audience"]))
            error = f", RMSLE {row['rmsle']:.3f}" if wording.known(row["rmsle"]) else ""
            used = "used" if row["used"] else "not used"
            lines.append(f"users of the platform: {wording.enumeration(shares)}")
            lines.append(
                f"dividing the audience by that: {wording.persons(row['estimate'])}, {factor} times it ({used}{error})"
            )
    ratios = {str(row["source"]): row for row in explained.sexes.to_dict("records")}
    users, corrected = (ratios[name]["ratio"] if name in ratios else None for name in ("users", "corrected"))
    if wording.known(corrected):
        before = wording.ratio(ratios["audience"]["ratio"])
        lines.append(
            f"women per man in the audience {before}; there, a woman is {wording.ratio(users)} times as likely as a man"
            f" to be a user; corrected {wording.ratio(corrected)}"
        )
    for source, row in ratios.items():
        if row["used"]:
            source_named = wording.SOURCES.get(source, "as many women as men")
            lines.append(f"women per man in the estimate {wording.ratio(row['ratio'])}, from: {source_named}")
    return lines or ["no penetration and no sexes are known"]


def _pulls(explained: Explanation) -> list[str]:
    """Say by how much the estimate moves when an input does."""
    lines = [
        f"{INPUTS[row['input']]:<32} {wording.per_cent(row['elasticity'], signed=True, digits=2)} for 1 % more"
        for row in explained.pulls.to_dict("records")
        if row["elasticity"]
    ]
    lines += _parts(explained)
    if lines:
        return lines
    row = explained.estimate
    if row["status"] == HELD_BACK:
        return ["it is held back: no method gives a number that is possible"]
    if not wording.known(row["median"]):
        return ["there is no estimate"]
    if explained.interval.years:
        return [f"the official series, which {wording.method(row['method'])} continues; no single input moves it alone"]
    return [f"no single input moves {wording.method(row['method'])}"]


def _parts(explained: Explanation) -> list[str]:
    """Say what a level model makes of the audience in a typical corridor, and what changes that by a tenth or more."""
    parts = list(explained.parts.itertuples(index=False))
    if not parts:
        return []
    typical, factors = parts[0], parts[1:]
    shown = [f"{_words(name)} {factor:.2f}" for name, factor in factors if abs(log(factor)) >= log(1.1)]
    moved = explained.pulls[explained.pulls["input"] == "official_last"]["elasticity"].astype(bool).any()
    alike = "a typical corridor with this last figure" if moved else "a typical corridor"
    first = f"in {alike} this audience would mean {wording.persons(typical[1])} persons"
    return [first, *([f"times: {', '.join(shown)}"] if shown else [])]


def _interval(explained: Explanation) -> list[str]:
    learnt, shown = explained.interval.learnt, explained.interval.shown
    if isnan(shown) and wording.known(explained.estimate["upper_80"]):
        return ["the upper end is the platform's floor, estimated as if the audience reached it"]
    if isnan(shown):
        of = "past figures" if explained.interval.years else "corridors of this kind with an official figure"
        return [f"there is none: too few {of} to learn errors from"]
    below = log(float(explained.estimate["median"]) / float(explained.estimate["lower_80"]))
    if abs(shown - below) > 0.01:
        return [
            f"80 % interval: the estimate divided by {exp(below):.2f}, and multiplied by {exp(shown):.2f}",
            "it holds the official figure and what the audience says, as people may be counted under a former state",
        ]
    lines = [f"80 % interval: the estimate divided and multiplied by {exp(shown):.2f}"]
    if not isnan(learnt):
        errors, years = explained.interval.errors, explained.interval.years
        if not errors:
            elsewhere = "residents by country of birth (Eurostat, 2010 to 2018)"
            return [
                *lines,
                f"from changes of figures of that age and size among {elsewhere}, and from how this office counts",
            ]
        tested = f"{plural(errors, 'corridor')}, each estimated without its destination"
        if years:
            older = f"{plural(years, 'year')} older"
            tested = f"{plural(errors, 'past figure')}, each estimated from those {older}"
        lines.append(f"from errors on {tested}: a factor of {exp(learnt):.2f} for all")
        if abs(shown - learnt) > 0.005:
            aged = wording.known(explained.corridor.get("official_last"))
            lines.append(f"for this one by its size{', and by the age of its last official figure' * aged}")
    return lines


def _over_time(explained: Explanation) -> list[str]:
    """Say what each figure was expected to be, and how far it moved the level of the model over time."""
    if explained.not_over_time:
        return [f"no model over time: {explained.not_over_time}"]
    lines = []
    for row in explained.over_time.to_dict("records"):
        if not row["source"]:
            lines.append(f"{row['date']}  {_expected_last(explained, row['value'])}")
            continue
        expected = f"expected {wording.count(row['expected'])}" if wording.known(row["expected"]) else "the first"
        change = wording.per_cent(100 * expm1(row["moved"]), signed=True, digits=1)
        moved = f", moved the level by {change}" if wording.known(row["expected"]) else ""
        lines.append(f"{row['date']}  {row['source']:<12} {wording.count(row['value']):>12}   {expected}{moved}")
    return [*lines, *_offsets(explained)]


def _offsets(explained: Explanation) -> list[str]:
    """Say how the figures of other sources are taken to differ from those of the source that the model follows."""
    known = explained.over_time[["source", "offset"]].dropna().drop_duplicates()
    return [
        f"the model follows {wording.provider(explained.scale)}: figures of {wording.provider(source)} are taken to "
        f"lie {wording.per_cent(100 * expm1(offset), signed=True, digits=1)} from its own"
        for source, offset in known.itertuples(index=False)
        if source not in {"", explained.scale}
    ]


def _expected_last(explained: Explanation, value: float) -> str:
    """Say what the model over time expects on the day, and whether that is the estimate."""
    persons, row = wording.persons(value), explained.estimate
    if wording.known(row["median"]) and row["method"] == FUSION and wording.persons(row["median"]) == persons:
        return f"the model over time expects {persons} persons: the estimate"
    return (
        f"the model over time expects {persons} persons; the estimate is not this one ({wording.method(row['method'])})"
    )


def picture(explained: Explanation) -> bytes:
    """Return the series of a corridor as PNG: official figures, the audience, the estimate with its intervals.

    Persons and accounts share a logarithmic axis. Bars are the 95, 80 and 50 % intervals.
    """
    row, date = explained.estimate, explained.estimate["reference_date"]
    figures = explained.figures.rename(columns={"reference_date": "date"})[["date", "value"]]
    sizes = {"audience": explained.corridor.get("audience"), "estimate": row["median"]}
    known = [{"date": date, "value": value, "kind": kind} for kind, value in sizes.items() if wording.known(value)]
    waves = explained.over_time
    official = waves["source"].isin(["", *explained.figures["source"]])
    waves = waves[~official & (waves["date"] < date)][["date", "value"]]
    parts = [figures.assign(kind="official figure"), waves.assign(kind="audience")]
    drawn = pd.concat([*(part for part in parts if len(part)), pd.DataFrame(known, columns=["date", "value", "kind"])])
    x = {"field": "date", "type": "temporal", "title": None}
    scale = {"type": "log", "nice": False, "padding": 15}
    y = amount("value") | {"title": "persons or accounts", "scale": scale, "axis": {"format": ","}}
    names, (colours, shapes) = list(_KINDS), zip(*_KINDS.values(), strict=True)
    key = {"title": None, "orient": "top"}
    colour, shape = nominal("kind", names, colours, legend=key), nominal("kind", names, shapes, legend=key)
    layers: list[Layer] = []
    for level, (width, opacity) in _BARS.items():
        low, high = row[f"lower_{level}"], row[f"upper_{level}"]
        if wording.known(low) and low > 0:
            interval = pd.DataFrame({"date": [date], "low": [low], "high": [high]})
            bar = {"type": "rule", "strokeWidth": width, "opacity": opacity, "color": BLUE}
            layers.append(layer(interval, bar, x=x, y=amount("low"), y2={"field": "high"}))
    line = {"type": "line", "color": VERMILION, "opacity": 0.5}
    point = {"type": "point", "filled": True, "size": 80, "opacity": 1}
    drawn = drawn.astype({"value": "float64"})
    layers += [layer(figures, line, x=x, y=y), layer(drawn, point, x=x, y=y, color=colour, shape=shape)]
    title = f"People from {wording.country(row['origin'])} in {wording.country(row['destination'])}"
    chart = {"layer": layers, "width": 420, "height": 260, "title": title}
    drawing: bytes = vl_convert.vegalite_to_png(chart, scale=2)
    return drawing
