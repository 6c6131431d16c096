"""What was measured, in sentences: which method came closest, which source of a sex ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.evaluate.held_out import CHOSEN
from smstock.report import wording
from smstock.vocabulary.counts import plural
from smstock.vocabulary.sizes import LARGE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from smstock.calibrate.learnt import RatioError, Score, Scored
    from smstock.calibrate.register import Register

BASELINE: Final = "carry_forward"
UNTESTED: Final = "too few corridors are left to learn one from where a destination is held out"


def by_method(scores: Iterable[Score], kind: Scored = "all") -> dict[str, Score]:
    """Return the scores of one kind of cell by method, in the order in which a calibration ranks them.

    The first one estimates first. ``chosen``, what estimates first by the other folds in each fold, comes last.

    Examples
    --------
    >>> from smstock.calibrate.learnt import Score
    >>> errors = {"chosen": 0.3, "stack": 0.31, "log_ratio": 0.3}
    >>> list(by_method(Score(name, "all", 31, error) for name, error in errors.items()))
    ['stack', 'log_ratio', 'chosen']
    """
    of_kind = {score.method: score for score in scores if score.kind == kind}
    return of_kind | {CHOSEN: of_kind.pop(CHOSEN)} if CHOSEN in of_kind else of_kind


def cells(scores: Collection[Score]) -> str:
    """Say that a method may estimate more corridors than it is scored on; empty where no method does.

    Examples
    --------
    >>> from smstock.calibrate.learnt import Score
    >>> print(cells([Score("log_ratio", "all", 31, 0.3, cells_own=31), Score("trend", "all", 31, 0.4, cells_own=40)]))
    Cells: corridors that a method can estimate. All scores are on the 31 that every method can.
    """
    more = [score for score in scores if score.cells_own > score.cells]
    if not more:
        return ""
    return (
        "Cells: corridors that a method can estimate. All scores are on the "
        f"{wording.count(more[0].cells)} that every method can."
    )


def in_brief(scores: Iterable[Score], *, target_date: str, lag: float | None) -> str:
    """Return in one sentence how far the method that estimates first was off; empty if none was measured.

    Examples
    --------
    >>> from smstock.calibrate.learnt import Score
    >>> scores = [Score("log_ratio", "all", 31, 0.32, mdape=16.3), Score("carry_forward", "all", 31, 0.40, mdape=17.7)]
    >>> print(in_brief(scores, target_date="2020-07-01", lag=5.0))  # doctest: +NORMALIZE_WHITESPACE
    In a test on the official stocks of 1 July 2020, with last official figures 5.0 years old, half of the estimates
    were within 16 % (the last official figure itself: 18 %).
    """
    table = by_method(scores)
    best = next((name for name in table if name != CHOSEN), None)
    if best is None:
        return ""
    beside = ""
    if best != BASELINE and BASELINE in table:
        beside = f" (the last official figure itself: {wording.per_cent(table[BASELINE].mdape)})"
    of_age = (
        "no earlier official figures" if lag is None else f"last official figures {wording.ratio(lag, 1)} years old"
    )
    return (
        f"In a test on the official stocks of {wording.day(target_date)}, with {of_age}, half of the estimates were "
        f"within {_bound(table[best].mdape)}{beside}."
    )


def verdict(scores: Sequence[Score], *, target_date: str) -> str:
    """Return how close the method that estimates first came to the benchmark, and what its intervals held.

    Examples
    --------
    >>> from smstock.calibrate.learnt import Score
    >>> scores = [Score("log_ratio", "all", 31, 0.32, mdape=16.3), Score("carry_forward", "all", 31, 0.40, mdape=17.7)]
    >>> print(verdict(scores, target_date="2020-07-01"))  # doctest: +NORMALIZE_WHITESPACE
    Of 2 methods, log ratio estimates first. In 31 corridors, each estimated without its destination, half of its
    estimates were within 16 % of the official stocks of 1 July 2020. Its RMSLE is 0.320, 20 % less than that of
    carrying the last official figure forward (0.400). No 80 % interval could be tested: too few corridors are left to
    learn one from where a destination is held out.
    """
    table = by_method(scores)
    methods = [name for name in table if name != CHOSEN]
    if not methods:
        return "No method was measured."
    best, score = methods[0], table[methods[0]]
    closest = (
        f"Of {plural(len(methods), 'method')}, {wording.method(best)} estimates first. In "
        f"{plural(score.cells, 'corridor')}, each estimated without its destination, half of its estimates "
        f"were within {_bound(score.mdape)} of the official stocks of {wording.day(target_date)}."
    )
    error = f"Its RMSLE is {wording.ratio(score.rmsle, 3)}"
    if best == BASELINE:
        least = min(table[name].rmsle for name in methods)
        error += "; no method was better than this baseline" if least >= score.rmsle else ""
    elif (baseline := table.get(BASELINE)) and baseline.rmsle:
        gain, carried = wording.per_cent(100 * (1 - score.rmsle / baseline.rmsle)), wording.ratio(baseline.rmsle, 3)
        error += f", {gain} less than that of carrying the last official figure forward ({carried})"
    return " ".join([closest, f"{error}.", *_held(scores, best)])


def _bound(mdape: float | None) -> str:
    """Return within what half of the estimates were: no less than 1 %, since nothing is within 0 %."""
    return wording.per_cent(mdape if mdape is None else max(mdape, 1.0))


def _held(scores: Sequence[Score], method: str) -> list[str]:
    """Say how many official stocks the 80 % intervals of a method held, in all and by size."""
    sizes: dict[Scored, str] = {"all": "", "large": f"with at least {LARGE:,} persons", "small": "with fewer"}
    held = {
        kind: (wording.per_cent(score.coverage(80)), f"the {score.cells} {sizes[kind]}")
        for kind in sizes
        if (score := by_method(scores, kind).get(method)) and wording.known(score.coverage(80))
    }
    if "all" not in held:
        return [f"No 80 % interval could be tested: {UNTESTED}."]
    share = held.pop("all")[0]
    parts = wording.enumeration([f"{part} of {which}" for part, which in held.values()])
    return [f"Its 80 % intervals held {share} of the official stocks{': ' * bool(parts)}{parts}."]


def choice(scores: Iterable[Score]) -> str:
    """Return how the choice of the method itself fared; empty if it was not measured.

    Examples
    --------
    >>> from smstock.calibrate.learnt import IntervalScore, Score
    >>> score = Score("chosen", "all", 31, 0.34, intervals=(IntervalScore(80, 77.4),))
    >>> print(choice([score]))  # doctest: +NORMALIZE_WHITESPACE
    Naming the winner after the fact flatters it. With methods weighed and chosen anew for each held-out destination,
    from the other destinations only, the RMSLE is 0.340, and the 80 % intervals held 77 % of the official stocks.
    """
    score = by_method(scores).get(CHOSEN)
    if not score:
        return ""
    held = wording.per_cent(score.coverage(80))
    return (
        "Naming the winner after the fact flatters it. With methods weighed and chosen anew for each held-out "
        f"destination, from the other destinations only, the RMSLE is {wording.ratio(score.rmsle, 3)}"
        f"{f', and the 80 % intervals held {held} of the official stocks' if held else ''}."
    )


def continued(registers: Iterable[Register]) -> str:
    """Return how corridors with a regular and fresh series are continued, and how that fared; empty if untested.

    Examples
    --------
    >>> from smstock.calibrate.register import PastScore, Register
    >>> scores = PastScore("fusion", 0.19, 1.2), PastScore("carry_forward", 0.22, 3.0)
    >>> print(continued([Register(1, "fusion", "", 0.1, 1658, 5, scores)]))  # doctest: +NORMALIZE_WHITESPACE
    Corridors with a regular and fresh official series are continued instead: 1 year on by fusion (1,658 past figures of
    5 dates: RMSLE 0.190, carried forward 0.220; wMAPE 1.2 %, carried forward 3.0 %).
    """
    parts = []
    for register in registers:
        own, carried = register.score(register.method), register.score(BASELINE)
        rmsle, wmape = f"RMSLE {own.rmsle:.3f}", f"wMAPE {own.wmape:.1f} %"
        if register.method != BASELINE:
            rmsle += f", carried forward {carried.rmsle:.3f}"
            wmape += f", carried forward {carried.wmape:.1f} %"
        tested = f"{plural(register.cells, 'past figure')} of {plural(register.dates, 'date')}"
        when = f"{plural(register.horizon, 'year')} on by {wording.method(register.method)}"
        parts.append(f"{when} ({tested}: {rmsle}; {wmape})")
    if not parts:
        return ""
    return f"Corridors with a regular and fresh official series are continued instead: {wording.enumeration(parts)}."


def sex_verdict(errors: Iterable[RatioError]) -> str:
    """Return which source of a sex ratio came closest to that of the benchmark, and by how much.

    A typical error is the root mean square on the log scale, given as a factor: 1.27 means 27 % too high or too low.
    Sources known for different corridors are compared by how much smaller their error is than that of an equal split.

    Parameters
    ----------
    errors
        Those of each source, the most accurate first.

    Examples
    --------
    >>> from smstock.calibrate.learnt import RatioError
    >>> print(sex_verdict([RatioError("audience", 30, 0.2776, 0.2054)]))  # doctest: +NORMALIZE_WHITESPACE
    Compared with assuming as many women as men, the error against the official ratio of the benchmark is 21 % smaller
    with the audience (typically a factor of 1.32, 30 corridors).
    """
    texts = [
        _against_equality(error, error.skill) for error in errors if error.source != "equal" and error.skill is not None
    ]
    if not texts:
        return "No source of a sex ratio could be measured against an official one."
    return (
        "Compared with assuming as many women as men, the error against the official ratio of the benchmark is "
        f"{wording.enumeration(texts)}."
    )


def _against_equality(error: RatioError, skill: float) -> str:
    change = f"{wording.per_cent(100 * abs(skill))} {'smaller' if skill >= 0 else 'larger'}"
    detail = f"typically a factor of {wording.factor(error.rms)}, {plural(error.cells, 'corridor')}"
    return f"{change} with the {wording.SOURCES[error.source]} ({detail})"
