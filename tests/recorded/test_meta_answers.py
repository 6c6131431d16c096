from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from smstock.platforms import replay
from smstock.platforms.base import Action, Answer, RawAnswer
from smstock.platforms.known import platform
from smstock.platforms.meta.answers import read
from smstock.query.lattice import cells
from smstock.query.spec import specify
from smstock.vocabulary.dates import instant_of_timestamp

if TYPE_CHECKING:
    from pathlib import Path

SERBIA = "undp_serbia_expats_2020_delivery_estimate.jsonl.gz"
QCRI = "qcri_data2017-01-30-1485775503.jsonl.gz"
GULF = "psw_soccer_gcc_collected.jsonl.gz"
EXAMPLE = "psw_test_example_dataframe_complete.jsonl.gz"
OXFORD = "oxford_gb_2022_delivery_estimate_bounds.jsonl"


def recorded(path: Path) -> list[RawAnswer]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [raw_answer(json.loads(line)) for line in lines]


def raw_answer(row: dict[str, Any]) -> RawAnswer:
    asked_at = instant_of_timestamp(row["timestamp"]) if row["timestamp"] else ""
    body = row["response_body"].encode()
    return RawAnswer(body, 200, asked_at, row["endpoint"], row.get("api_version", ""))


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, list[tuple[RawAnswer, Answer]]]:
    paths = sorted(shared.joinpath("recordings").glob("*.jsonl*"))
    return {path.name: [(raw, read(raw)) for raw in recorded(path)] for path in paths}


def number(raw: RawAnswer, name: str) -> int:
    match = re.search(rf'"{name}":(-?\d+)', raw.body.decode())
    assert match, f"no {name} in {raw.body[:80]!r}"
    return int(match[1])


def test_every_recorded_answer_settles_its_cell(answers: dict[str, list[tuple[RawAnswer, Answer]]]) -> None:
    settled = {name: sum(told.action is Action.KEEP for _, told in pairs) for name, pairs in answers.items()}
    assert settled == {SERBIA: 1854, QCRI: 9792, GULF: 192, EXAMPLE: 24, OXFORD: 3}
    assert sum(map(len, answers.values())) == 11_865


@pytest.mark.parametrize(
    ("name", "monthly", "daily"),
    [
        # 627 of the 1,299 floored cells have a daily count of 0, the others one of at most 998; no cell is a glitch
        (SERBIA, {"floored": 1299, "observed": 555}, {"floored": 672, "observed": 1182}),
        (QCRI, {"floored": 241, "observed": 9551}, {"no_number": 9792}),
        (GULF, {"floored": 31, "observed": 161}, {"no_number": 192}),
        (EXAMPLE, {"floored": 8, "observed": 16}, {"no_number": 24}),
        (OXFORD, {"observed": 3}, {"observed": 3}),
    ],
)
def test_statuses(
    answers: dict[str, list[tuple[RawAnswer, Answer]]], name: str, monthly: dict[str, int], daily: dict[str, int]
) -> None:
    assert Counter(told.reading("mau").status for _, told in answers[name]) == monthly
    assert Counter(told.reading("dau").status for _, told in answers[name]) == daily


@pytest.mark.parametrize(
    ("name", "field", "floor"),
    [(SERBIA, "estimate_mau", 1000), (QCRI, "users", 20), (GULF, "users", 20), (EXAMPLE, "users", 20)],
)
def test_a_point_is_the_number_of_the_body_inside_its_interval(
    answers: dict[str, list[tuple[RawAnswer, Answer]]], name: str, field: str, floor: int
) -> None:
    for raw, told in answers[name]:
        shown, mau = number(raw, field), told.reading("mau")
        if shown == floor:
            assert (mau.value, mau.lower, mau.upper) == (None, 0, floor)
        else:
            assert mau.value == shown
            # two significant digits: half a step is at most 5 % of it, or 5 below 100
            assert mau.lower is not None
            assert mau.upper is not None
            assert shown - max(shown / 20, 5) <= mau.lower < shown < mau.upper <= shown + max(shown / 20, 5)


def test_a_daily_count_is_the_number_of_the_body_or_bounded_by_it(
    answers: dict[str, list[tuple[RawAnswer, Answer]]],
) -> None:
    for raw, told in [*answers[SERBIA], *answers[OXFORD]]:
        shown, dau = number(raw, "estimate_dau"), told.reading("dau")
        assert dau.value == (shown if dau.status == "observed" else None)
        assert dau.upper == shown


def test_the_bounds_of_great_britain(answers: dict[str, list[tuple[RawAnswer, Answer]]]) -> None:
    raw, told = answers[OXFORD][0]
    assert (number(raw, "estimate_mau_lower_bound"), number(raw, "estimate_mau_upper_bound")) == (
        16_500_000,
        19_400_000,
    )
    mau = told.reading("mau")
    assert (mau.value, mau.lower, mau.upper) == (17_950_000, 16_450_000, 19_450_000)
    for raw, told in answers[OXFORD]:
        bounds = number(raw, "estimate_mau_lower_bound"), number(raw, "estimate_mau_upper_bound")
        assert told.reading("mau").value == sum(bounds) / 2
        assert bounds[0] / bounds[1] == pytest.approx(0.85, abs=0.003)


def test_beside_a_floored_month_the_daily_counts_of_the_sexes_stay_compatible(shared: Path) -> None:
    """Why such a count is read as an upper bound: women plus men exceed both together in every cell there is."""
    import pandas as pd

    table = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    floored = table[(table["mau"] == 1000) & (table["dau"] > 0)].fillna({"age_max": 99})
    cells: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
    columns = [floored[name].tolist() for name in ("destination", "origin_label", "age_min", "age_max", "sex", "dau")]
    for *cell, sex, dau in zip(*columns, strict=True):
        cells[tuple(cell)][sex] = dau
    triples = [by_sex for by_sex in cells.values() if len(by_sex) == 3]
    assert len(triples) == 8883
    assert all(women + men > 1.05 * together for together, men, women in (sorted_by_sex(t) for t in triples))
    for triple in triples:
        together, men, women = (daily_interval(shown) for shown in sorted_by_sex(triple))
        assert women[0] + men[0] <= together[1]


def sorted_by_sex(by_sex: dict[int, int]) -> tuple[int, int, int]:
    return by_sex[0], by_sex[1], by_sex[2]


def daily_interval(shown: int) -> tuple[float, float]:
    body = b'{"data":[{"estimate_dau":%d,"estimate_mau":1000,"estimate_ready":true}]}' % shown
    dau = read(RawAnswer(body, 200, "2019-04-30T00:00:00Z", "delivery_estimate", "")).reading("dau")
    assert dau.lower is not None
    assert dau.upper is not None
    return dau.lower, dau.upper


def test_recorded_places_answer_a_query_of_these_places(shared: Path) -> None:
    places = [
        {"code": "GB-ENG", "name": "England", "country": "GBR", "regions": ["4079"]},
        {"code": "GB-OXF", "name": "Oxford", "country": "GBR", "cities": [{"key": "814016"}]},
    ]
    query = specify(
        {"name": "q", "platform": "meta", "places": places, "destinations": ["GBR", "GB-ENG", "GB-OXF"], "ages": "13+"}
        | {"origins": ["SRB"], "totals": True, "location_basis": "recent", "placements": ["facebook"]}
    )
    recordings = replay.read(shared / "recordings" / OXFORD, platform("meta"), query)
    answered = {
        cell.destination: read(answers[-1]).reading("mau").value
        for cell in cells(query)
        if (answers := recordings.answers.get(platform("meta").request(cell, query).key))
    }
    assert list(answered) == ["GBR", "GB-ENG", "GB-OXF"]
    assert answered["GB-OXF"] == (88_900 + 104_600) / 2
