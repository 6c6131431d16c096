"""What the front door refuses: one message each, with the value and what is allowed, before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smstock import Workspace, read_official
from smstock.errors import ContractError, InputError, QueryError, SmstockError, UsageError
from smstock.settings import Job
from smstock.workflows import calibration_spec

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = "serbia-diaspora"
LONG = "x" * 10_000
PATH = Path("x.toml")
ANY_JOB: Any = Job


@pytest.fixture
def workspace(repository: Path, tmp_path: Path) -> Workspace:
    """The worked example, collected."""
    place = Workspace(repository, tmp_path)
    path = place.folder.wave("2020-10", f"{QUERY}.audience.parquet")
    path.parent.mkdir(parents=True)
    path.touch()
    return place


def estimated(**arguments: Any) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    return "nowcast", ("serbia",), {"query": QUERY, **arguments}


def back_tested(**arguments: Any) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    return "backtest", ("serbia",), {"query": QUERY, **arguments}


REFUSED: list[tuple[tuple[str, tuple[Any, ...], dict[str, Any]], str, str]] = [
    (back_tested(lag=-5), "lag is -5", "from 0 to 240"),
    (back_tested(lag="6"), "lag is '6'", "from 0 to 240"),
    (back_tested(jobs=0), "jobs is 0", "from -1 to 1024, not 0"),
    (back_tested(months_after=10**9), "months_after is 1000000000", "from -120 to 120"),
    (back_tested(months_after=True), "months_after is True", "from -120 to 120"),
    (back_tested(targets="2018-01-01"), "targets is '2018-01-01'", "such as ['2018-01-01']"),
    (back_tested(score=["rmsle"]), "score is ['rmsle']", "a text of at most 200"),
    (estimated(methods="trend"), "methods is 'trend'", "such as ['trend']"),
    (estimated(methods=[1]), "methods is [1]", "a list of texts"),
    (estimated(draws=1), "1 draws were asked for", "2 or more"),
    (estimated(draws=2.5), "draws is 2.5", "a whole number"),
    (estimated(wave=202010), "wave is 202010", "a text of at most 200"),
    (estimated(wave="2020-13"), "'2020-13' is not a wave", "YYYY-MM"),
    (("explain", ("serbia", None), {"query": QUERY}), "corridor is None", "a text of at most 200"),
    (("skills", (QUERY,), {"education": "edat.tsv"}), "education is 'edat.tsv'", "a list of files"),
    (("skills", (QUERY,), {"stock": 5, "education": ["a.tsv"]}), "stock is 5", "the path of a file"),
    (("skills", (QUERY,), {"seed": -1}), "seed is -1", "from 0 to 4294967295"),
    (back_tested(score=LONG), f"score is '{LONG[:99]}… (10,002 characters)", "at most 200"),
    (estimated(wave=LONG), f"wave is '{LONG[:99]}… (10,002 characters)", "at most 200"),
    (("skills", (QUERY,), {"destination": LONG}), f"destination is '{LONG[:99]}… (10,002 characters)", "at most 200"),
    (("skills", (QUERY,), {"origin": 7}), "origin is 7", "a text of at most 200"),
    (("run", (None,), {}), "None is no job", "the name of one in smstock.toml, or a Job"),
    (("plan", (QUERY,), {"accounts": 0}), "accounts is 0", "from 1 to 10000"),
    (("collect", (QUERY,), {"patience": float("nan")}), "patience is nan", "hours, from 0 to 8784"),
    *(
        ((step, (name,), {"wave": wave}), f"wave is {wave!r}", "a text of at most 200")
        for step, name in (("collect", QUERY), ("run", "serbia"))
        for wave in (True, 5, 1.5, b"x", ["2020-10"], Path("2020-10"), None, 0, [])
    ),
    *(
        ((step, (name,), {"on_progress": None}), "on_progress is None", "a function of one argument")
        for step, name in (("collect", QUERY), ("run", "serbia"))
    ),
    (("collect", (QUERY,), {"patience": 10**400}), f"patience is 1{'0' * 99}… (401 characters)", "from 0 to 8784"),
    (estimated(draws=10**400), f"draws is 1{'0' * 99}… (401 characters)", "from 0 to 1000000"),
    (back_tested(jobs=10**400), f"jobs is 1{'0' * 99}… (401 characters)", "from -1 to 1024"),
    (back_tested(jobs=10**5000), "jobs is a number of thousands of digits", "from -1 to 1024"),
    (("run", (ANY_JOB("x", PATH, PATH, recordings=5),), {}), "the recordings of the job is 5", "the path of a file"),
    (("run", (ANY_JOB("x", None, PATH),), {}), "the query of the job is None", "the path of a file"),
    (("run", (ANY_JOB("x", PATH, 5),), {}), "the calibration of the job is 5", "the path of a file"),
    (("run", (ANY_JOB(5, PATH, PATH),), {}), "the name of the job is 5", "a text"),
    (("collect", (QUERY,), {"recordings": 1}), "recordings is 1", "the path of a file or folder"),
]


@pytest.mark.parametrize(("call", "what", "allowed"), REFUSED, ids=[what for _, what, _ in REFUSED])
def test_an_argument_out_of_bounds_is_one_message(
    workspace: Workspace, call: tuple[str, tuple[Any, ...], dict[str, Any]], what: str, allowed: str
) -> None:
    method, positional, named = call
    with pytest.raises(UsageError) as refused:
        getattr(workspace, method)(*positional, **named)
    assert refused.value.what == what
    assert allowed in refused.value.allowed


def test_the_paths_of_a_job_may_be_texts(workspace: Workspace, tmp_path: Path) -> None:
    task = ANY_JOB("x", str(tmp_path / "q.toml"), str(tmp_path / "c.toml"), recordings=str(tmp_path))
    with pytest.raises(QueryError, match=r"q\.toml cannot be read: No such file"):
        workspace.run(task)


def test_a_workspace_is_a_folder() -> None:
    with pytest.raises(UsageError, match="folder is None"):
        Workspace(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [None, 5, "", "\0", "a\0b", "\ud800", LONG, "a/" + LONG, LONG.upper()])
def test_a_name_that_no_file_can_have_is_one_short_message(workspace: Workspace, name: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: workspace.plan(name),
        lambda: workspace.nowcast("serbia", query=name),
        lambda: workspace.calibrate(name, query=QUERY),
        lambda: workspace.skills(name),
        lambda: workspace.run(name),
    ]
    for call in calls:
        with pytest.raises(SmstockError) as refused:
            call()
        assert isinstance(refused.value, InputError | UsageError)
        assert len(str(refused.value)) < 1000
        assert "\0" not in str(refused.value)
        assert str(refused.value).encode("utf-8")


@pytest.mark.parametrize("name", ["\0", "a/" + LONG, "", "a/\ud800"])
def test_a_path_that_no_file_can_have_is_one_short_message(workspace: Workspace, name: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "folder": lambda: Workspace(name),
        "output": lambda: Workspace(".", name),
        "recordings": lambda: workspace.collect(QUERY, recordings=name),
        "education": lambda: workspace.skills(QUERY, education=[name]),
        "stock": lambda: workspace.skills(QUERY, education=["a.tsv"], stock=name),
        "path": lambda: read_official(name),
    }
    for argument, call in calls.items():
        with pytest.raises(UsageError, match=f"{argument} is ") as refused:
            call()
        assert len(str(refused.value).encode("utf-8")) < 1000


def test_a_name_of_bytes_that_are_no_text_can_be_printed(repository: Path, tmp_path: Path) -> None:
    name = "\udcff"  # as Python has a file whose name is the byte 0xFF
    (tmp_path / "file").touch()
    calls: list[Callable[[], object]] = [
        lambda: Workspace(repository, tmp_path / "file" / name).calibrate("serbia", query=QUERY),
        lambda: Workspace(repository, tmp_path).collect(QUERY, recordings=tmp_path / name),
        lambda: Workspace(tmp_path / name).plan(QUERY),
        lambda: read_official(tmp_path / name),
    ]
    for call in calls:
        with pytest.raises(SmstockError) as refused:
            call()
        assert b"\\udcff" in str(refused.value).encode("utf-8")


@pytest.mark.parametrize("stock", ["**x", "a/**b/c.csv", "\0", LONG, "*" + LONG])
def test_a_pattern_that_stands_for_no_file_is_one_message(repository: Path, tmp_path: Path, stock: str) -> None:
    text = (repository / "calibration/serbia.toml").read_text(encoding="utf-8")
    path = tmp_path / "serbia.toml"
    named = stock.replace("\0", "\\u0000")
    path.write_text(text.replace('"serbia/stock.csv"', f'"{named}"'), encoding="utf-8")
    with pytest.raises(ContractError) as refused:
        calibration_spec.load(path)
    assert "stands for no file" in refused.value.what or "there is no file stock" in refused.value.what
    assert len(str(refused.value)) < 1000
