"""What the figures say, in sentences: the answer, which method came closest, which source of a sex ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.calibrate.learning import LARGE
from smstock.calibrate.register import HORIZONS
from smstock.evaluate.crossvalidate import CHOSEN
from smstock.report import wording
from smstock.report.listing import ceilings

if TYPE_CHECKING:
    import pandas as pd

    from smstock.calibrate.calibration import Calibration

BASELINE: Final = "carry_forward"


def scores(calibration: Calibration, kind: str = "all") -> dict[str, dict[str, Any]]:
    """Return the scores of one kind of cell (all, sex, large, small) by method, the least RMSLE first.

    ``chosen``, which is one of the others in each fold, comes last.
    """
    records = {str(record["method"]): record for record in calibration.scores if record["kind"] == kind}
    return dict(sorted(records.items(), key=lambda item: (item[0] == CHOSEN, *_order(item[1]["rmsle"]), item[0])))


def _order(number: float | None) -> tuple[bool, float]:
    """Return a sort key that puts what is missing last."""
    return (number is None, number or 0.0)


def headline(rows: pd.DataFrame) -> str:
    """Return the answer in a few sentences: how many, where most, and what is known of the other corridors.

    Parameters
    ----------
    rows
        A listing (see `listing`).

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.report.listing import listing
    >>> stocks = {"destination": ["AUT", "FRA"], "median": [178194.0, 96866.0], "official_last": [177609.0, 96899.0]}
    >>> table = pd.DataFrame(stocks).assign(origin="SRB", sex="all", age_min=0, age_max=None, method="log_ratio",
    ...     reference_date="2020-10-15", lower_80=None, upper_80=None, regime="stale")
    >>> print(headline(listing(table)))  # doctest: +NORMALIZE_WHITESPACE
    On 15 October 2020 about 275,000 people from Serbia lived in the 2 countries with an official figure (sum of
    medians). The largest stocks, with 80 % intervals: Austria 178,000; France 96,900.
    """
    estimated = rows[rows["median"].notna()]
    noun = ("corridor", "corridors") if rows["name"].str.contains("→").any() else ("country", "countries")
    if estimated.empty:
        none = "No stock could be estimated: no corridor has an official figure or an audience above the floor."
        return " ".join([none, *_capped(rows, noun)])
    checked, indicative = estimated[estimated["regime"] != "none"], estimated[estimated["regime"] == "none"]
    main, also = (checked, indicative) if len(checked) else (indicative, checked)
    when = f"On {wording.day(str(main['reference_date'].iloc[0]))} about"
    if len(main) == 1:
        row = main.iloc[0]
        who = f"{wording.persons(row['median'])} people from {wording.country(row['origin'])}"
        answer = [f"{when} {who} lived in {wording.country(row['destination'])}{_range(row, '80 % interval ')}."]
    else:
        total = wording.persons(float(main["median"].sum()))
        where = f"{wording.plural(len(main), *noun)} {_having(main)}"
        largest = "; ".join(_stock(row) for _, row in main.head(3).iterrows())
        answer = [f"{when} {total} {_people(rows)} {where} (sum of medians)."]
        answer.append(f"The largest stocks, with 80 % intervals: {largest}.")
    more = (f"more {noun[0]}", f"more {noun[1]}")
    if len(also):
        answer.append(f"For {wording.plural(len(also), *more)} the audience alone gives an indication.")
    return " ".join([*answer, *_capped(rows, more)])


def _people(rows: pd.DataFrame) -> str:
    """Return who lived where, up to the number of corridors."""
    if origin := wording.one_of(rows, "origin"):
        return f"people from {origin} lived in the"
    if destination := wording.one_of(rows, "destination"):
        return f"people who lived in {destination} came from the"
    return "people lived abroad, in the"


def _having(main: pd.DataFrame) -> str:
    return "with an official figure" if main["official_last"].notna().any() else "with an audience above the floor"


def _range(row: pd.Series, what: str = "") -> str:
    ends = wording.interval(row["lower_80"], row["upper_80"])
    return f" ({what}{ends})" if ends else ""


def _stock(row: pd.Series) -> str:
    return f"{row['name']} {wording.persons(row['median'])}{_range(row)}"


def _capped(rows: pd.DataFrame, noun: tuple[str, str]) -> list[str]:
    """Say in how many corridors only an upper end is known, and which if it is the same for all."""
    capped = [ceiling for ceiling in ceilings(rows) if ceiling.upper is not None]
    number = sum(len(ceiling.names) for ceiling in capped)
    if not number:
        return []
    apiece = " each" if number > 1 else ""
    few = f"{capped[0].text}{apiece}" if len(capped) == 1 else "only an upper end is known"
    return [f"In {wording.plural(number, *noun)}, {few}."]


def in_brief(calibration: Calibration) -> str:
    """Return in one sentence how far the best method was off; empty if none was measured.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> scored = [{"method": "log_ratio", "kind": "all", "cells": 31, "rmsle": 0.32, "mdape": 16.3},
    ...           {"method": "carry_forward", "kind": "all", "cells": 31, "rmsle": 0.40, "mdape": 17.7}]
    >>> calibration = Calibration(name="serbia", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", methods={}, widths={}, ranking=(), scores=scored,
    ...     sex_sources=(), errors_of_ratios=[], lag=5.0, cells=31, inputs={}, versions={}, seed=1)
    >>> print(in_brief(calibration))  # doctest: +NORMALIZE_WHITESPACE
    In a test on the official stocks of 1 July 2020, with last official figures 5.0 years old, half of the estimates
    were within 16 % (the last official figure itself: 18 %).
    """
    table = scores(calibration)
    best = next((name for name in table if name != CHOSEN), None)
    if best is None:
        return ""
    beside = ""
    if best != BASELINE and BASELINE in table:
        beside = f" (the last official figure itself: {wording.per_cent(table[BASELINE]['mdape'])})"
    return (
        f"In a test on the official stocks of {wording.day(calibration.target_date)}, with last official figures "
        f"{wording.ratio(calibration.lag, 1)} years old, half of the estimates were within "
        f"{wording.per_cent(table[best]['mdape'])}{beside}."
    )


def verdict(calibration: Calibration) -> str:
    """Return which method came closest to the benchmark, and how many official stocks its intervals held.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> scored = [{"method": "log_ratio", "kind": "all", "cells": 31, "rmsle": 0.32, "mdape": 16.3},
    ...           {"method": "carry_forward", "kind": "all", "cells": 31, "rmsle": 0.40, "mdape": 17.7}]
    >>> calibration = Calibration(name="serbia", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", methods={}, widths={}, ranking=(), scores=scored,
    ...     sex_sources=(), errors_of_ratios=[], lag=5.0, cells=31, inputs={}, versions={}, seed=1)
    >>> print(verdict(calibration))  # doctest: +NORMALIZE_WHITESPACE
    Of 2 methods, log ratio came closest to the official stocks of 1 July 2020 in 31 corridors, each estimated without
    its destination: half of its estimates were within 16 %. Its RMSLE is 0.320, 20 % less than that of carrying the
    last official figure forward (0.400).
    """
    table = scores(calibration)
    methods = [name for name in table if name != CHOSEN]
    if not methods:
        return "No method was measured."
    best, record = methods[0], table[methods[0]]
    closest = (
        f"Of {wording.plural(len(methods), 'method')}, {wording.method(best)} came closest to the official stocks of "
        f"{wording.day(calibration.target_date)} in {wording.plural(record['cells'], 'corridor')}, each estimated "
        f"without its destination: half of its estimates were within {wording.per_cent(record['mdape'])}."
    )
    error = f"Its RMSLE is {wording.ratio(record['rmsle'], 3)}"
    if best == BASELINE:
        error += "; no method was better than this baseline"
    elif baseline := table.get(BASELINE, {}).get("rmsle"):
        gain = wording.per_cent(100 * (1 - record["rmsle"] / baseline))
        error += f", {gain} less than that of carrying the last official figure forward ({wording.ratio(baseline, 3)})"
    return " ".join([closest, f"{error}.", *_held(calibration, best)])


def _held(calibration: Calibration, method: str) -> list[str]:
    """Say how many official stocks the 80 % intervals of a method held, in all and by size."""
    sizes = {"all": "", "large": f"with at least {LARGE:,} persons", "small": "with fewer"}
    held = {
        kind: (wording.per_cent(record["coverage_80"]), f"the {record['cells']} {sizes[kind]}")
        for kind in sizes
        if (record := scores(calibration, kind).get(method)) and wording.known(record.get("coverage_80"))
    }
    if "all" not in held:
        return []
    share = held.pop("all")[0]
    parts = wording.enumeration([f"{part} of {which}" for part, which in held.values()])
    return [f"Its 80 % intervals held {share} of the official stocks{': ' * bool(parts)}{parts}."]


def choice(calibration: Calibration) -> str:
    """Return how the choice of the method itself fared; empty if it was not measured.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> scored = [{"method": "chosen", "kind": "all", "cells": 31, "rmsle": 0.34, "coverage_80": 77.4}]
    >>> calibration = Calibration(name="serbia", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", methods={}, widths={}, ranking=(), scores=scored,
    ...     sex_sources=(), errors_of_ratios=[], lag=5.0, cells=31, inputs={}, versions={}, seed=1)
    >>> print(choice(calibration))  # doctest: +NORMALIZE_WHITESPACE
    Naming the winner after the fact flatters it. With the method chosen anew for each held-out destination, from the
    other destinations only, the RMSLE is 0.340, and the 80 % intervals held 77 % of the official stocks.
    """
    record = scores(calibration).get(CHOSEN)
    if not record:
        return ""
    held = wording.per_cent(record["coverage_80"])
    return (
        "Naming the winner after the fact flatters it. With the method chosen anew for each held-out destination, from "
        f"the other destinations only, the RMSLE is {wording.ratio(record['rmsle'], 3)}"
        f"{f', and the 80 % intervals held {held} of the official stocks' if held else ''}."
    )


def registers(calibration: Calibration) -> str:
    """Return how corridors with a regular and fresh series are continued, and how that fared; empty if untested.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> scored = [{"method": "fusion", "rmsle": 0.19, "wmape": 1.2}, {"method": "carry_forward", "rmsle": 0.22,
    ...     "wmape": 3.0}]
    >>> register = {"horizon": 1, "method": "fusion", "reason": "", "skill": 0.1, "cells": 1658, "dates": 5,
    ...     "scores": scored, "widths": {}}
    >>> calibration = Calibration(name="serbia", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", methods={}, widths={}, ranking=(), scores=[],
    ...     sex_sources=(), errors_of_ratios=[], lag=5.0, cells=31, inputs={}, versions={}, seed=1,
    ...     registers={"1": register})
    >>> print(registers(calibration))  # doctest: +NORMALIZE_WHITESPACE
    Corridors with a regular and fresh official series are continued instead: 1 year on by fusion (1,658 past figures of
    5 dates: RMSLE 0.190, carried forward 0.220; wMAPE 1.2 %, carried forward 3.0 %).
    """
    parts = []
    for years in HORIZONS:
        if register := calibration.register(years):
            own, carried = (
                next(record for record in register.scores if record["method"] == name)
                for name in (register.method, BASELINE)
            )
            rmsle, wmape = f"RMSLE {own['rmsle']:.3f}", f"wMAPE {own['wmape']:.1f} %"
            if register.method != BASELINE:
                rmsle += f", carried forward {carried['rmsle']:.3f}"
                wmape += f", carried forward {carried['wmape']:.1f} %"
            tested = f"{wording.plural(register.cells, 'past figure')} of {wording.plural(register.dates, 'date')}"
            when = f"{wording.plural(years, 'year')} on by {wording.method(register.method)}"
            parts.append(f"{when} ({tested}: {rmsle}; {wmape})")
    if not parts:
        return ""
    continued = wording.enumeration(parts)
    return f"Corridors with a regular and fresh official series are continued instead: {continued}."


def sex_verdict(calibration: Calibration) -> str:
    """Return which source of a sex ratio came closest to that of the benchmark, and by how much.

    A typical error is the root mean square on the log scale, given as a factor: 1.27 means 27 % too high or too low.
    Sources known for different corridors are compared by how much smaller their error is than that of an equal split.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> error = {"source": "audience", "cells": 30, "rms": 0.2776, "skill": 0.2054}
    >>> calibration = Calibration(name="serbia", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", methods={}, widths={}, ranking=(), scores=[],
    ...     sex_sources=("audience",), errors_of_ratios=[error], lag=5.0, cells=31, inputs={}, versions={}, seed=1)
    >>> print(sex_verdict(calibration))  # doctest: +NORMALIZE_WHITESPACE
    Compared with assuming as many women as men, the error against the official ratio of the benchmark is 21 % smaller
    with the audience (typically a factor of 1.32, 30 corridors).
    """
    errors = {str(record["source"]): record for record in calibration.errors_of_ratios if record["source"] != "equal"}
    ranked = [errors[source] for source in calibration.sex_sources if source in errors]
    texts = [_against_equality(record) for record in ranked if wording.known(record["skill"])]
    if not texts:
        return "No source of a sex ratio could be measured against an official one."
    return (
        "Compared with assuming as many women as men, the error against the official ratio of the benchmark is "
        f"{wording.enumeration(texts)}."
    )


def _against_equality(record: dict[str, Any]) -> str:
    change = f"{wording.per_cent(100 * abs(record['skill']))} {'smaller' if record['skill'] >= 0 else 'larger'}"
    detail = f"typically a factor of {wording.factor(record['rms'])}, {wording.plural(record['cells'], 'corridor')}"
    return f"{change} with the {wording.SOURCES[record['source']]} ({detail})"
