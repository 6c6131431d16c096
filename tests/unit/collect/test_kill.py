"""A collection killed at any answer, and started again, leaves the table that an undisturbed one leaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from smstock.folder import Folder
from smstock.query.spec import QuerySpec, load
from smstock.workflows import collect

REPOSITORY = Path(__file__).parents[3]
RECORDINGS = REPOSITORY / "queries" / "recorded" / "serbia-diaspora"

CELLS = 60

# The process kills itself, with the signal nothing can catch, before, during or after the transaction of an answer.
KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from smstock.collect.journal import Journal
    from smstock.query.spec import restore
    from smstock.workflows import collect
    from smstock.folder import Folder

    query, recordings, output, fatal, moment = sys.argv[1:]
    write, answers = Journal.write, 0

    def kill(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    def killing(journal, arrived):
        global answers
        answers += 1
        if answers == int(fatal):
            if moment == "before":
                kill()
            if moment == "during":
                journal._connection.set_trace_callback(lambda sql: kill() if sql.startswith("COMMIT") else None)
            write(journal, arrived)
            kill()
        return write(journal, arrived)

    Journal.write = killing
    collect(restore(query), Folder(Path(), Path(output)), now=datetime.now(UTC), recordings=Path(recordings))
    """
)


@pytest.fixture(scope="module")
def query() -> QuerySpec:
    """Six destinations by sex and age: 60 cells, of the real recordings."""
    whole = load(REPOSITORY / "queries" / "serbia-diaspora.toml")
    few = ("AUT", "DEU", "ISL", "THA", "USA", "XKX")
    return whole.model_copy(update={"destinations": few, "breakdowns": (("sex",), ("age",)), "name": "few"})


def table(query: QuerySpec, output: Path) -> tuple[int, bytes]:
    collected = collect(query, Folder(Path(), output), now=datetime.now(UTC), recordings=RECORDINGS)
    rows = pd.read_parquet(collected.audience)
    rows = rows.sort_values([*rows.columns[:16]], na_position="first")
    return collected.tally.asked, rows.to_csv(index=False).encode()


# Each example starts processes: few of them, and none to shrink.
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=[Phase.generate],
)
@given(
    kills=st.lists(
        st.tuples(st.integers(1, 25), st.sampled_from(["before", "during", "after"])), min_size=1, max_size=3
    )
)
def test_killed_at_any_answer_and_resumed_the_table_is_the_same(
    query: QuerySpec, tmp_path: Path, kills: list[tuple[int, str]]
) -> None:
    shutil.rmtree(tmp_path / "killed", ignore_errors=True)
    shutil.rmtree(tmp_path / "whole", ignore_errors=True)
    everything, undisturbed = table(query, tmp_path / "whole")
    survived = 0
    for fatal, moment in kills:
        arguments = [query.model_dump_json(), str(RECORDINGS), str(tmp_path / "killed"), str(fatal), moment]
        ended = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, capture_output=True)
        if survived + fatal > everything:
            assert ended.returncode == 0, ended.stderr
            survived = everything
            break
        assert ended.returncode == -9, ended.stderr
        survived += fatal if moment == "after" else fatal - 1
    asked, resumed = table(query, tmp_path / "killed")
    assert asked == everything - survived
    assert resumed == undisturbed
    assert len(resumed.splitlines()) == 2 * CELLS + 1


@pytest.mark.slow
@pytest.mark.parametrize("fatal", range(1, 52, 5))
def test_killed_at_each_third_answer(query: QuerySpec, tmp_path: Path, fatal: int) -> None:
    arguments = [query.model_dump_json(), str(RECORDINGS), str(tmp_path / "killed"), str(fatal), "during"]
    assert subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, capture_output=True).returncode == -9
    asked, resumed = table(query, tmp_path / "killed")
    everything, undisturbed = table(query, tmp_path / "whole")
    assert asked == everything - (fatal - 1)
    assert resumed == undisturbed
