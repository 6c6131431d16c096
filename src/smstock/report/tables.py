"""Tables for the terminal, from 80 columns up; whoever calls prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.evaluate.held_out import CHOSEN
from smstock.models.methods import METHODS
from smstock.report import sentences, wording
from smstock.report.listing import (
    CHECKED,
    DOUBTED,
    HELD,
    ROUNDED_UP,
    audience_text,
    ceilings,
    counted_otherwise,
    legend,
    listing,
    rounded_up,
    set_apart,
    with_figures,
)
from smstock.report.style import MOST_ROWS, add_figures, add_folding, cut, named, plain, ruled_table
from smstock.report.sums import sums_tables, whole
from smstock.tables import HELD_BACK, LEVELS
from smstock.vocabulary.counts import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from rich.table import Table

    from smstock.calibrate.calibration import Calibration
    from smstock.calibrate.learnt import RatioError, Score
    from smstock.calibrate.register import Register

MOST_APART: Final = 5
"""Most corridors held back of which the terminal says why."""
RATIO_COLUMNS: Final = {"audience": "Audience", "users": "Users", "corrected": "Corrected", "official_last": "Official"}
"""Columns of a table of sex ratios, and what stands above them."""
RATIOS_EXPLAINED: Final = (
    "Users: penetration of women over that of men at the destination. Corrected: audience over users. Official: last "
    "official figure. The \N{CHECK MARK} marks the source that came closest to the benchmark."
)


def month_tables(
    estimates: pd.DataFrame, sums: pd.DataFrame, sex_ratios: pd.DataFrame, calibration: Calibration
) -> list[Table]:
    """Return the tables of a month: estimates, their sums, women per man, and the accuracy of every method.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.tables import ESTIMATE
    >>> from smstock.tables.sums import SUM
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ("birth",), "target_date": "2020-07-01"}
    >>> learnt = Calibration(name="c", query="q", wave="2026-11", inputs={}, versions={}, seed=1, **source)
    >>> estimates, sums = (pd.DataFrame(columns=[*contract.names]) for contract in (ESTIMATE, SUM))
    >>> ratios = pd.DataFrame(columns=["destination", "origin", "users", "audience", "corrected", "official_last"])
    >>> [str(table.title) for table in month_tables(estimates, sums, ratios, learnt)]
    ['Stocks: no corridor', 'Women per man', 'Accuracy on 0 corridors held out']
    """
    return [
        estimates_table(estimates, sums),
        *sums_tables(sums),
        sex_ratio_table(sex_ratios, calibration.errors_of_ratios),
        methods_table(calibration.scores, calibration.registers, target_date=calibration.target_date),
    ]


def estimates_table(estimates: pd.DataFrame, sums: pd.DataFrame | None = None) -> Table:
    """Return the estimates: a row a corridor, those with an official figure first, and what is known of the others.

    Official figures and audiences stand as published, estimates and their intervals to three significant digits, or in
    words where a method gives an order of magnitude. The caption says by which method, why corridors are held back, and
    holds those with neither an estimate nor an official figure, by upper end. The last row is the sum over corridors
    with an official figure, beside that of these figures; other sums are a table of their own (`smstock.report.sums`).

    Parameters
    ----------
    estimates
        Estimate table.
    sums
        Table `smstock.tables.sums.SUM` of these estimates; there is no row for the sum without it.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 0, "age_max": None, "median": 178194.0,
    ...        "lower_80": None, "upper_80": None, "audience": 66000.0, "official_last": 177609.0, "regime": "stale",
    ...        "official_last_date": "2020-07-01", "method": "log_ratio", "reference_date": "2020-10-15",
    ...        "status": "provisional", "precision": "digits", "notes": ""}
    >>> Console(width=80).print(estimates_table(pd.DataFrame([row])))  # doctest: +NORMALIZE_WHITESPACE
    Stocks of people from Serbia on 15 October 2020
             Estimate  80 % interval  Women  Audience  Official  Year
    ─────────────────────────────────────────────────────────────────
    Austria   178,000   not measured           66,000   177,609  2020
    <BLANKLINE>
    By log ratio (the last official figure moved towards the audience).
    """
    rows = listing(estimates)
    shown = with_figures(rows)
    table = ruled_table(_title(rows), "\n".join(_caption(rows, shown)))
    add_folding(table)
    add_figures(table, "Estimate", "80 % interval", "Women", "Audience", "Official", "Year")
    for row in shown.head(MOST_ROWS).to_dict("records"):
        table.add_row(
            plain(f"{row['name']}{row['mark']}"),
            estimate_text(row),
            interval_text(row, 80),
            wording.per_cent(row["women"]),
            audience_text(row),
            wording.count(row["official_last"]),
            row["official_last_date"][:4],
        )
    _add_sum(table, shown, whole(sums))
    return table


def _title(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Stocks: no corridor"
    when = f"on {wording.day(rows['reference_date'].iloc[0])}"
    if origin := wording.one_of(rows, "origin"):
        return f"Stocks of people from {origin} {when}"
    if destination := wording.one_of(rows, "destination"):
        return f"Stocks in {destination} by origin {when}"
    return f"Stocks by corridor {when}"


def estimate_text(row: Mapping[Any, Any]) -> str:
    """Return the estimate of a row in words: the median, or what is known instead.

    Examples
    --------
    >>> row = {"median": 17000.0, "upper_80": 80568.0, "precision": "digits", "status": "provisional"}
    >>> estimate_text(row), estimate_text(row | {"median": None})
    ('17,000', 'fewer than 80,600')
    >>> estimate_text(row | {"precision": "magnitude"}), estimate_text(row | {"status": "held_back"})
    ('tens of thousands', 'held back')
    """
    if row["status"] == HELD_BACK:
        return "held back"
    if wording.known(row["median"]):
        return wording.quoted(row["median"], row["precision"])
    return f"fewer than {wording.persons(row['upper_80'])}" if wording.known(row["upper_80"]) else "no estimate"


def interval_text(row: Mapping[Any, Any], level: int) -> str:
    """Return an interval of a row in words, or that there is none; empty without an estimate.

    Examples
    --------
    >>> row = {"median": 9.0, "lower_80": None, "upper_80": None, "precision": "digits"}
    >>> interval_text(row, 80), interval_text(row | {"median": None}, 80)
    ('not measured', '')
    """
    if not wording.known(row["median"]):
        return ""
    ends = row[f"lower_{level}"], row[f"upper_{level}"]
    return wording.quoted_interval(*ends, row["precision"]) or "not measured"


def _add_sum(table: Table, shown: pd.DataFrame, of_all: Mapping[Any, Any] | None) -> None:
    """Add the sum over corridors that have both an estimate and an official figure; nothing for a single one."""
    both = shown[shown["standing"] == CHECKED]
    if of_all is None or of_all["estimated"] < 2:
        return
    table.add_section()
    table.add_row(
        f"sum of {of_all['estimated']}",
        wording.quoted(of_all["median"], of_all["precision"]),
        *("see Sums", "", ""),
        wording.count(float(both["official_last"].sum())) if of_all["estimated"] == len(both) else "",
    )


def _caption(rows: pd.DataFrame, shown: pd.DataFrame) -> list[str]:
    lines = cut(len(shown))
    lines += [
        f"{f'{mark} {meaning}' if mark else f'{meaning[0].upper()}{meaning[1:]}'}." for mark, meaning in legend(rows)
    ]
    lines += [f"Official figure of {source}: {named(names)}." for source, names in counted_otherwise(rows)]
    for standing in (DOUBTED, HELD):
        apart = set_apart(rows, standing)
        lines += [f"{standing.capitalize()}, {name}: {why}." for name, why in apart[:MOST_APART]]
        if len(apart) > MOST_APART:
            lines.append(f"{len(apart) - MOST_APART} more are {standing}; the notes of the files say why.")
    lines += [
        f"{ceiling.counted[0].upper()}{ceiling.counted[1:]}: {named(ceiling.names)}." for ceiling in ceilings(rows)
    ]
    lines += [ROUNDED_UP] * rounded_up(rows)
    return [""] * bool(lines) + lines


def methods_table(scores: Sequence[Score], registers: Iterable[Register] = (), *, target_date: str) -> Table:
    """Return the accuracy of every method on corridors it was not fitted on, in the order of the calibration's ranking.

    The first one, marked, estimates first.

    ``Cells`` are the corridors that a method can estimate; the scores are of those that all can, as the caption says
    where these are fewer. Bias is the sum of
    estimates over the sum of stocks, minus 1. The last columns say how many of the official stocks the 50, 80 and 95 %
    intervals held.

    Parameters
    ----------
    scores
        Cross-validated scores.
    registers
        How corridors with a regular and fresh series are continued.
    target_date
        The day of the official stocks that estimates were compared with (ISO).

    Examples
    --------
    >>> from rich.console import Console
    >>> from smstock.calibrate.learnt import IntervalScore, Score
    >>> intervals = IntervalScore(50, 51.6), IntervalScore(80, 80.6), IntervalScore(95, 96.8)
    >>> score = Score("log_linear", "all", 31, 1.175, cells_own=31, mdape=64.6, wmape=57.7, total_bias=4.7,
    ...               intervals=intervals)
    >>> table = methods_table([score], target_date="2020-07-01")
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Accuracy on 31 corridors held out
                         Cells  MdAPE  wMAPE  RMSLE  Bias  50 %  80 %  95 %
    ───────────────────────────────────────────────────────────────────────
    ✓ log linear            31   65 %   58 %  1.175  +5 %  52 %  81 %  97 %
    """
    of_totals = sentences.by_method(scores)
    verdict, choice = sentences.verdict(scores, target_date=target_date), sentences.choice(scores)
    own = sentences.cells(of_totals.values())
    caption = filter(None, [own, verdict, choice, sentences.continued(registers), _sources(list(of_totals))])
    cells = next((score.cells for score in of_totals.values()), 0)
    table = ruled_table(f"Accuracy on {plural(cells, 'corridor')} held out", "\n" + "\n\n".join(caption))
    table.add_column("", min_width=19)
    add_figures(table, "Cells", "MdAPE", "wMAPE", "RMSLE", "Bias", *(f"{level} %" for level in LEVELS))
    for place, (name, score) in enumerate(of_totals.items()):
        if name == CHOSEN:
            table.add_section()
        table.add_row(*_accuracy(score, best=place == 0 and name != CHOSEN), style="bold" if place == 0 else None)
    return table


def _accuracy(score: Score, *, best: bool) -> list[str]:
    return [
        f"{'✓' if best else ' '} {method_name(score.method)}",
        wording.count(score.cells_own),
        wording.per_cent(score.mdape),
        wording.per_cent(score.wmape),
        wording.ratio(score.rmsle, 3),
        wording.per_cent(score.total_bias, signed=True),
        *(wording.per_cent(score.coverage(level)) for level in LEVELS),
    ]


def _sources(names: list[str]) -> str:
    """Return the publication each method is from, methods of one source together."""
    methods: dict[str, list[str]] = {}
    for name in names:
        methods.setdefault(method_source(name), []).append(wording.method(name))
    texts = [f"{', '.join(by)}: {source}" for source, by in methods.items() if source]
    return f"Sources. {'. '.join(text[0].upper() + text[1:] for text in texts)}." if texts else ""


def method_name(name: str) -> str:
    """Return the name of a method in a table of methods.

    Examples
    --------
    >>> method_name("log_linear"), method_name("chosen")
    ('log linear', 'chosen within each fold')
    """
    return "chosen within each fold" if name == CHOSEN else wording.method(name)


def method_source(name: str) -> str:
    """Return the publication a method is from; empty for the choice among methods.

    Examples
    --------
    >>> method_source("log_linear"), method_source("chosen")
    ('Zagheni, Weber and Gummadi 2017', '')
    """
    return next((known.source for known in METHODS if known.name == name), "")


def sex_ratio_table(sex_ratios: pd.DataFrame, errors: Sequence[RatioError]) -> Table:
    """Return women per man by corridor, from every source side by side, in alphabetical order.

    Corridors without a ratio in the audience are left out. ``Users`` is the penetration of women over that of men at
    the destination; ``Corrected`` the audience's ratio over it; ``Official`` the last official figure's. The source
    that came closest to the benchmark is marked.

    Parameters
    ----------
    sex_ratios
        Columns destination, origin, users, audience, corrected, official_last.
    errors
        Those of each source, the most accurate first.

    Examples
    --------
    >>> import pandas as pd
    >>> from rich.console import Console
    >>> from smstock.calibrate.learnt import RatioError
    >>> ratios = {"audience": 0.912, "users": 0.957, "corrected": 0.952, "official_last": 1.063}
    >>> row = {"destination": "AUT", "origin": "SRB"} | ratios
    >>> table = sex_ratio_table(pd.DataFrame([row]), [RatioError("official_last", 40, 0.243, 0.431)])
    >>> table.caption = None
    >>> Console(width=80).print(table)  # doctest: +NORMALIZE_WHITESPACE
    Women per man
                        Audience  Users  Corrected  ✓ Official
    ──────────────────────────────────────────────────────────
    Austria                 0.91   0.96       0.95        1.06
    """
    rows = with_ratios(sex_ratios)
    caption = "\n\n".join([*cut(len(rows)), RATIOS_EXPLAINED, sentences.sex_verdict(errors)])
    table = ruled_table("Women per man", f"\n{caption}")
    table.add_column("", min_width=18)
    add_figures(table, *ratio_headers(errors))
    for row in rows.head(MOST_ROWS).to_dict("records"):
        table.add_row(plain(row["name"]), *(wording.ratio(row[source]) for source in RATIO_COLUMNS))
    return table


def ratio_headers(errors: Sequence[RatioError]) -> list[str]:
    """Return the headers of a table of sex ratios, the source that came closest to the benchmark marked.

    Examples
    --------
    >>> from smstock.calibrate.learnt import RatioError
    >>> ratio_headers([RatioError("corrected", 30, 0.2, 0.3), RatioError("audience", 30, 0.3, 0.1)])
    ['Audience', 'Users', '✓ Corrected', 'Official']
    """
    best = errors[0].source if errors else ""
    return [f"✓ {header}" if source == best else header for source, header in RATIO_COLUMNS.items()]


def with_ratios(sex_ratios: pd.DataFrame) -> pd.DataFrame:
    """Return the corridors that have a sex ratio in the audience, by name.

    Examples
    --------
    >>> import pandas as pd
    >>> ratios = pd.DataFrame({"destination": ["DEU", "AUT", "CHL"], "origin": "SRB", "audience": [0.8, 0.9, None]})
    >>> with_ratios(ratios)["name"].tolist()
    ['Austria', 'Germany']
    """
    rows = sex_ratios.assign(name=wording.corridors(sex_ratios))
    return rows[rows["audience"].notna()].sort_values("name")
