"""Waves of two offices, merged by the front door and by the command."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.cli.command import REPOSITORY, smstock

from smstock import Workspace, results
from smstock.collect.journal import Journal
from smstock.errors import InputError, UsageError
from smstock.folder import Folder
from smstock.query.spec import QuerySpec, load
from smstock.workflows.completeness import lack_of

if TYPE_CHECKING:
    from smstock.workflows.collection import Collected

RECORDINGS = REPOSITORY / "queries/recorded/serbia-diaspora"
QUERY = load(REPOSITORY / "queries/serbia-diaspora.toml").model_copy(
    update={"destinations": ("AUT", "DEU", "ISL", "THA", "USA", "XKX"), "name": "few"}
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """The wave of one collector."""
    return collected(tmp_path_factory.mktemp("one"))


def collected(folder: Path, recordings: Path = RECORDINGS, query: QuerySpec = QUERY, wave: str = "") -> Collected:
    return Workspace(folder).collect(query, recordings=recordings, wave=wave)


def journal(collected: Collected) -> Path:
    return collected.audience.with_name(f"{collected.query}.journal.sqlite")


def part_of_the_recordings(folder: Path, random: Random, share: float) -> Path:
    shutil.copytree(RECORDINGS, folder)
    with (folder / "answers.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    with (folder / "answers.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *(row for row in rows if random.random() < share)])
    return folder


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("seed", range(4))
def test_offices_with_parts_of_the_answers_merge_to_the_table_of_one_collector(
    one: Collected, tmp_path: Path, seed: int
) -> None:
    # both asked parts of floors that only the other knows, and some cells both; what neither has, the third one has
    offices = [
        collected(
            tmp_path / str(drawn), part_of_the_recordings(tmp_path / f"r{drawn}", Random(drawn), 0.6), wave=one.wave
        )
        for drawn in (seed, seed + 100)
    ]
    lacking = Workspace(tmp_path / str(seed)).merge(QUERY, [journal(offices[1])]).collected
    assert lacking is not None
    assert lacking.tally.missing == (lacking.table()["status"] == "failed").sum() / len(QUERY.metrics) > 0
    third = collected(tmp_path / "third", wave=one.wave)
    whole = Workspace(tmp_path / str(seed)).merge(QUERY, [journal(third)]).collected
    assert whole is not None
    assert whole.audience.read_bytes() == one.audience.read_bytes()
    assert whole.tally.settled == one.tally.settled


def test_query_files_with_a_part_of_the_destinations_each_merge_into_the_query_of_all(
    one: Collected, tmp_path: Path
) -> None:
    areas = QUERY.destinations
    parts = [
        collected(tmp_path / name, query=QUERY.model_copy(update={"name": name, "destinations": some}), wave=one.wave)
        for name, some in (("west", areas[:2]), ("east", areas[2:]))
    ]
    merged = Workspace(tmp_path / "office").merge(QUERY, [journal(part) for part in parts])
    assert merged.wave == one.wave
    assert merged.collected is not None
    assert merged.collected.audience.read_bytes() == one.audience.read_bytes()
    manifest = results.read(merged.collected.audience.with_name("few.manifest.json"))
    assert manifest is not None
    assert manifest.about["merged"] == [
        {"answers": merged.answers, "sha256": merged.sha256} for merged in merged.journals
    ]
    assert str(tmp_path) not in json.dumps(manifest.about)
    # a wave that nothing was merged into tells nothing of it
    alone = results.read(one.audience.with_name("few.manifest.json"))
    assert alone is not None
    assert "merged" not in alone.about


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ages": "18+", "age_groups": ("18-24",)}, "was collected by another query than few: ages, age_groups differ"),
        ({"destinations": ("AUT", "NOR")}, "was collected by another query than few: destinations differ"),
        ({"destinations": ("AUT", "NOR")}, "few lacks the destinations NOR"),
        ({"wave": "2026-10"}, "has the wave 2026-10"),
        ({"source": "live"}, "has the source live"),
        ({"platform": "linkedin"}, "has the platform linkedin"),
    ],
)
def test_a_journal_that_does_not_belong_to_the_wave_is_refused_by_what_differs(
    one: Collected, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    about = {"wave": one.wave, "source": "replay"} | {key: change[key] for key in ("wave", "source") if key in change}
    query = QUERY.model_copy(update={key: value for key, value in change.items() if key not in about})
    if "platform" in change:
        query = load(REPOSITORY / "queries/serbia-skills.toml")
    Journal(tmp_path / "other.sqlite", query, **about).close()
    office = one.audience.parents[2]
    before = files(office)
    with pytest.raises(InputError, match=message):
        Workspace(office).merge(QUERY, [tmp_path / "other.sqlite"], wave=one.wave)
    assert files(office) == before


def test_a_wave_is_merged_neither_into_itself_nor_with_no_journal(one: Collected) -> None:
    workspace = Workspace(one.audience.parents[2])
    with pytest.raises(InputError, match="is the journal of the wave itself"):
        workspace.merge(QUERY, [journal(one)])
    with pytest.raises(UsageError, match="no journal to merge"):
        workspace.merge(QUERY, [])
    for path, words in (("nowhere", "there is no journal nowhere"), (one.audience.parent, "is a folder, no journal")):
        with pytest.raises(InputError, match=words) as refused:
            workspace.merge(QUERY, [path])
        assert refused.value.hint.endswith("in its folder waves/<wave>/<query>.journal.sqlite")


def test_a_trial_and_a_refused_merge_make_no_folder(one: Collected, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path / "new" / "office")
    workspace.merge(QUERY, [journal(one)], dry_run=True)
    with pytest.raises(InputError, match="has the wave 2020-10"):
        workspace.merge(QUERY, [journal(one)], wave="2020-11")
    assert list(tmp_path.iterdir()) == []
    office = Workspace(tmp_path)
    office.merge(QUERY, [journal(one)], dry_run=True)
    assert list(tmp_path.iterdir()) == []


def test_estimates_of_a_merged_wave_tell_what_no_office_collected(tmp_path: Path) -> None:
    north = collected(tmp_path / "north", query=QUERY.model_copy(update={"destinations": QUERY.destinations[:2]}))
    assert lack_of(Folder(tmp_path, tmp_path / "north"), "few", north.wave) == ""
    merged = Workspace(tmp_path / "office").merge(QUERY, [journal(north)]).collected
    assert merged is not None
    lacking = (merged.table()["status"] == "failed").sum()
    assert 0 < lacking < len(merged.table())
    assert lack_of(Folder(tmp_path, tmp_path / "office"), "few", north.wave) == (
        f"{lacking} of {len(merged.table())} figures of few in 2020-10 are in none of the journals that were merged"
    )


@pytest.fixture
def offices(one: Collected, tmp_path: Path) -> tuple[Path, Path]:
    """An office with the query and no wave, and the journal of another one."""
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries/few.toml").write_text((REPOSITORY / "queries/serbia-diaspora.toml").read_text())
    whole = load(REPOSITORY / "queries/serbia-diaspora.toml")
    other = collected(one.audience.parents[2] / "other", query=whole)
    return tmp_path, journal(other)


def test_the_command_tells_what_it_would_do_then_does_it_and_the_other_commands_go_on(
    offices: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, other = offices
    tried = smstock("collect", "few", "--merge", other, "--dry-run", "--workspace", folder)
    assert (tried.returncode, tried.stdout) == (0, "")
    assert "812 cells taken that were open" in tried.stderr
    assert "nothing was changed" in tried.stderr
    assert not (folder / "waves").exists()
    done = smstock("collect", "few", "--merge", other, "--workspace", folder, "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["cells"], told["settled"], told["deduced"], told["asked_now"]) == (1564, 812, 752, 0)
    assert [(one["taken"], one["conflicts"]) for one in told["merged"]] == [(812, [])]
    assert told["dry_run"] is False
    assert Path(told["audience"]).read_bytes() == other.with_name("serbia-diaspora.audience.parquet").read_bytes()
    status = json.loads(smstock("status", "serbia-diaspora", "--workspace", folder, "--json").stdout)
    assert (status["cells"], status["to_ask"], status["answers"]) == (1564, 0, 812)
    assert smstock("export", "serbia-diaspora", tmp_path / "kept", "--workspace", folder).returncode == 0
    again = Workspace(tmp_path / "again").collect(
        load(REPOSITORY / "queries/serbia-diaspora.toml"), recordings=tmp_path / "kept"
    )
    pd.testing.assert_frame_equal(again.table(), pd.read_parquet(told["audience"]))


def test_a_merge_asks_nothing_so_that_it_takes_no_recordings(offices: tuple[Path, Path]) -> None:
    folder, other = offices
    ended = smstock("collect", "few", "--merge", other, "--replay", RECORDINGS, "--workspace", folder)
    assert ended.returncode == 2
    assert "--merge asks nothing" in ended.stderr
