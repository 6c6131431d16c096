"""A wave of profiles by the same runner, journal, deduction, recording and replay as Meta's: the shape holds for two."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from pydantic import SecretStr

from smstock.errors import ClockError, CredentialError, QuotaError, SettingsError
from smstock.folder import Folder
from smstock.platforms.linkedin.live import LiveLinkedIn
from smstock.query.lattice import cells, count
from smstock.query.linkedin import LinkedInQuery
from smstock.query.spec import load
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.linkedin import CALLS, TOKEN, SimulatedLinkedIn
from smstock.sandbox.members import Members, simulate_members
from smstock.sandbox.server import untunnelled
from smstock.sandbox.simulation import simulate
from smstock.tables import AUDIENCE, check
from smstock.web.client import Reply
from smstock.web.credentials import Credential
from smstock.workflows.collection import collect
from smstock.workflows.recordings import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Wire:
    """Leads to a simulated LinkedIn, without a socket."""

    service: SimulatedLinkedIn
    bodies: list[bytes | None] = field(default_factory=list)

    async def fetch(
        self, url: str, *, token: SecretStr, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        self.bodies.append(content)
        lower = {name.lower(): value for name, value in headers.items()}
        lower["authorization"] = f"Bearer {token.get_secret_value()}"
        path = url.removeprefix("https://api.linkedin.com").encode()
        reply = self.service.handle(*untunnelled("POST" if content else "GET", path, lower, content or b""), lower)
        return Reply(reply.status, reply.headers, reply.body)

    async def close(self) -> None: ...


@pytest.fixture(scope="module")
def members() -> Members:
    world = simulate(np.random.default_rng(3), areas=("CHE", "ESP", "IRL"), origins=("SRB",))
    return simulate_members(np.random.default_rng(3), world)


@pytest.fixture
def query(repository: Path) -> LinkedInQuery:
    """The worked query, by fewer dimensions."""
    query = load(repository / "queries" / "serbia-skills.toml")
    assert isinstance(query, LinkedInQuery)
    return query.model_copy(update={"breakdowns": (("sex", "seniority"), ("age",), ("experience",))})


def asked(
    query: LinkedInQuery, folder: Path, members: Members, *, faults: FaultPlan | None = None, known_calls: int = 0
) -> tuple[pd.DataFrame, Wire]:
    """Return the audience table of a wave, and the wire it was asked through."""
    service = SimulatedLinkedIn(
        members, NOW.timestamp, faults=faults or FaultPlan(), calls_per_day=known_calls or CALLS["full"]
    )
    wire, workspace = Wire(service), Folder(folder, folder)
    credential = Credential(SecretStr(TOKEN), "", "statistics", calls_per_day=known_calls)
    source = LiveLinkedIn([credential], wire, patience=60.0, now=lambda: NOW)
    collect(query, workspace, now=NOW, source=source)
    return table(folder), wire


def table(folder: Path) -> pd.DataFrame:
    (path,) = folder.glob("waves/2026-11/*.audience.parquet")
    return check(pd.read_parquet(path), AUDIENCE)


def test_rows_are_cells_and_each_says_whose_profile_it_is(
    query: LinkedInQuery, tmp_path: Path, members: Members
) -> None:
    found, wire = asked(query, tmp_path, members)
    planned = list(cells(query))
    assert len(found) == len(planned) == count(query)
    assert list(zip(found["destination"], found["origin"], found["dimension"], found["category"], strict=True)) == [
        (cell.destination, cell.origin, cell.dimension, cell.category) for cell in planned
    ]
    assert set(found.loc[found["origin"] != "", "origin_basis"]) == {"school_country"}
    assert set(found.loc[found["origin"] == "", "origin_basis"]) == {""}
    assert set(found["metric"]) == {"total"}
    assert set(found["location_basis"]) == {"home"}
    floored = found[found["status"].isin(["floored", "deduced"])]
    assert floored["value"].isna().all()
    assert set(zip(floored["lower"], floored["upper"], strict=True)) <= {(0.0, 300.0)}
    home = found[(found["destination"] == "SRB") & (found["origin"] == "SRB")]
    assert len(home) == len(found[found["origin"] != ""]) / 4
    assert wire.bodies.count(None) == len(wire.bodies) == (found["status"] != "deduced").sum()


def roundings(folder: Path) -> dict[str, int]:
    (path,) = folder.glob("waves/2026-11/*.manifest.json")
    counted: dict[str, int] = json.loads(path.read_text())["about"]["roundings"]
    return counted


def test_the_wave_records_which_rule_of_rounding_its_answers_obeyed(
    query: LinkedInQuery, tmp_path: Path, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = asked(query, tmp_path / "two", members)
    assert roundings(tmp_path / "two") == {"two_digits": (found["status"] == "observed").sum()}

    monkeypatch.setattr("smstock.sandbox.linkedin.shown", lambda members: members // 10 * 10 if members >= 300 else 0)
    finer, _ = asked(query, tmp_path / "more", members)
    counted = roundings(tmp_path / "more")
    assert counted["more_digits"] > counted["two_digits"] > 0
    assert sum(counted.values()) == (finer["status"] == "observed").sum()
    large = finer[finer["value"] % 100 > 0]
    large = large[large["value"] > 1_000]
    assert ((large["upper"] - large["value"]) == 10).all()
    assert ((large["value"] - large["lower"]) == 10).all()


def test_a_spent_day_is_resumed_without_asking_anything_twice(
    query: LinkedInQuery, tmp_path: Path, members: Members
) -> None:
    with pytest.raises(QuotaError, match="midnight UTC"):
        asked(query, tmp_path, members, known_calls=40)
    first = table(tmp_path)
    assert (len(first), (first["status"] == "quota").sum()) == (count(query), count(query) - 40)
    service = SimulatedLinkedIn(members, NOW.timestamp, calls_per_day=CALLS["full"])
    wire = Wire(service)
    source = LiveLinkedIn([Credential(SecretStr(TOKEN), "", "other")], wire, now=lambda: NOW)
    collect(query, Folder(tmp_path, tmp_path), now=NOW, source=source)
    assert len(wire.bodies) == (table(tmp_path)["status"] != "deduced").sum() - 40


def test_a_token_that_expires_leaves_the_rest_to_the_next_run(
    query: LinkedInQuery, tmp_path: Path, members: Members
) -> None:
    with pytest.raises(CredentialError, match="no usable credential"):
        asked(query, tmp_path, members, faults=FaultPlan(token_expires_after=20))
    asked(query, tmp_path, members)
    assert not table(tmp_path)["status"].isin(["quota", "failed"]).any()


def test_a_version_that_is_sunset_is_the_business_of_a_person(
    query: LinkedInQuery, tmp_path: Path, members: Members
) -> None:
    with pytest.raises(SettingsError, match=r"LinkedIn does not answer by version \d{6}: .*HTTP 426") as ended:
        asked(query, tmp_path, members, faults=FaultPlan(version_expires_after=20))
    assert ended.value.exit_code == 2
    assert "set api_version" in ended.value.hint


def test_a_clock_of_another_month_than_that_of_the_platform_collects_nothing(
    query: LinkedInQuery, tmp_path: Path, members: Members
) -> None:
    later = NOW + timedelta(days=90)
    source = LiveLinkedIn(
        [Credential(SecretStr(TOKEN), "", "statistics")],
        Wire(SimulatedLinkedIn(members, NOW.timestamp)),
        now=lambda: later,
    )
    with pytest.raises(ClockError, match="the clock says 2027-02-20 12:00, and LinkedIn says 2026-11-22 12:00"):
        collect(query, Folder(tmp_path, tmp_path), now=later, source=source)
    assert list((tmp_path / "waves").iterdir()) == []


def test_a_withdrawn_school_is_a_refusal_and_no_zero(query: LinkedInQuery, tmp_path: Path, members: Members) -> None:
    found, _ = asked(query, tmp_path, members, faults=FaultPlan(category_withdrawn_after=0))
    of_origin = found[(found["origin"] == "SRB") & (found["dimension"] == "") & (found["sex"] == "all")]
    assert set(of_origin["status"]) == {"refused:invalid_value"}
    assert of_origin[["value", "lower", "upper"]].isna().all(axis=None)


def test_what_was_answered_can_be_replayed_elsewhere(query: LinkedInQuery, tmp_path: Path, members: Members) -> None:
    live, _ = asked(query, tmp_path / "here", members)
    record(Folder(tmp_path / "here", tmp_path / "here"), query.name, "2026-11", tmp_path / "recorded")
    there = Folder(tmp_path / "there", tmp_path / "there")
    collect(query, there, now=NOW, recordings=tmp_path / "recorded")
    pd.testing.assert_frame_equal(table(tmp_path / "there"), live)


def test_a_set_of_many_schools_is_tunnelled_and_answered(
    query: LinkedInQuery, tmp_path: Path, members: Members
) -> None:
    more = tuple(f"urn:li:organization:{number}" for number in range(1, 150))
    many = query.model_copy(update={"schools": {"SRB": query.schools["SRB"] + more}})
    one, _ = asked(query, tmp_path / "one", members)
    other, wire = asked(many, tmp_path / "other", members)
    assert any(body and len(body) > 4000 for body in wire.bodies)
    # schools that nobody went to change no count
    compared = [name for name in one.columns if name not in ("request_key", "asked_at")]
    pd.testing.assert_frame_equal(other[compared], one[compared])
