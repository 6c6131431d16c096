from __future__ import annotations

import pandas as pd
import pytest

from smstock.models.composition import with_composition


def corridor(destination: str, origin: str, sex: str, audience: float | None, last: float | None) -> dict[str, object]:
    return {"destination": destination, "origin": origin, "sex": sex, "audience": audience, "official_last": last}


def group(youngest: int, oldest: int | None, value: float | None, **other: object) -> dict[str, object]:
    cell: dict[str, object] = {"destination": "AUT", "origin": "DEU", "sex": "all", "education": "", "relationship": ""}
    cell |= {"dimension": "", "age_min": youngest, "age_max": oldest, "value": value, "upper": value or 1000.0}
    return cell | other


def test_shares_of_ages_and_women_and_what_lies_below_the_floor() -> None:
    table = pd.DataFrame(
        [corridor("AUT", "DEU", sex, count, None) for sex, count in (("all", 1e4), ("female", 4e3), ("male", 6e3))]
    )
    cells = [group(13, None, 1e4), group(18, 24, 2e3), group(65, None, None), group(18, 24, 5.0, education="low")]
    found = with_composition(table, pd.DataFrame(cells))
    assert found["share_18_24"].tolist() == pytest.approx([0.2] * 3)
    assert found["share_65_over"].tolist() == pytest.approx([0.05] * 3)
    assert found["share_female"].tolist() == pytest.approx([0.4] * 3)
    assert "audience_foreign" not in found.columns
    assert "official_reverse" not in found.columns


def test_the_reverse_corridor_and_all_origins() -> None:
    table = pd.DataFrame(
        [
            corridor("AUT", "DEU", "all", 130_000.0, 168_000.0),
            corridor("DEU", "AUT", "all", 70_000.0, 212_000.0),
            corridor("AUT", "POL", "all", 20_000.0, None),
        ]
    )
    found = with_composition(table, pd.DataFrame([group(13, None, 130_000.0)]))
    assert found["official_reverse"].tolist()[:2] == [212_000.0, 168_000.0]
    assert pd.isna(found["official_reverse"][2])
    assert found["audience_foreign"].tolist() == [150_000.0, 70_000.0, 150_000.0]
