"""Every platform is one record that goes with its queries."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING, Any, get_args

import pytest

from smstock.errors import RecordingError, UnknownNameError
from smstock.platforms import replay
from smstock.platforms.known import PLATFORMS, platform
from smstock.query.spec import KINDS, parse

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.platforms.base import Platform

LINKEDIN = (
    'name="q"\nplatform="linkedin"\norigins=["ROU"]\ndestinations=["DEU"]\nages="18+"\norigin_basis="school_country"'
)


def test_each_kind_of_query_has_its_platform() -> None:
    assert {name: record.queries for name, record in PLATFORMS.items()} == KINDS


@pytest.mark.parametrize("record", PLATFORMS.values(), ids=PLATFORMS)
def test_a_query_may_name_every_metric_that_an_answer_holds_and_no_other(record: Platform[Any]) -> None:
    (metric, _) = get_args(record.queries.model_fields["metrics"].annotation)
    assert get_args(metric) == record.metrics


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        platform("meta").floor = 0  # type: ignore[misc]


def test_a_platform_that_there_is_none_of_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="unknown platform 'tiktok'") as caught:
        platform("tiktok")
    assert caught.value.allowed == "linkedin, meta"


def test_a_table_of_one_platforms_figures_is_no_recording_of_another(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text("asked_at\n", encoding="utf-8")
    with pytest.raises(RecordingError, match="holds no recorded answers") as caught:
        replay.read(tmp_path, platform("linkedin"), parse(LINKEDIN))
    assert caught.value.allowed == "*.jsonl, *.jsonl.gz"
