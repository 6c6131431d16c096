"""Work that is spread: the same from any backend, errors as they are, and a clear message where workers fail."""

from __future__ import annotations

import operator
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from distributed import LocalCluster
from threadpoolctl import threadpool_info

from smstock import compute
from smstock.compute import BACKENDS, Compute
from smstock.errors import SettingsError, TooFewCellsError, UsageError, WorkersError
from smstock.models.baselines import ConstantRatio
from smstock.workflows.arguments import number

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = [Compute(), Compute(2), Compute(2, "threading")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Dask cluster of two workers, each a process."""
    with LocalCluster(n_workers=2, **compute._ALONE) as started:
        yield started.scheduler_address


@pytest.mark.parametrize("workers", HERE, ids=str)
def test_results_come_in_the_order_of_the_items(workers: Compute) -> None:
    items = range(1, 40)
    assert workers.spread(divmod, items, 1000) == [divmod(1000, item) for item in items]
    assert workers.spread(divmod, [], 1000) == []


@pytest.mark.parametrize("workers", HERE, ids=str)
def test_an_error_of_the_work_is_raised_as_it_is(workers: Compute) -> None:
    with pytest.raises(UsageError) as refused:
        workers.spread(partial(number, "jobs", least=3), [1, 2])
    assert refused.value.allowed == "a whole number, 3 or more"
    with pytest.raises(TooFewCellsError) as few:
        workers.spread(ConstantRatio.require, [1, 0])
    assert few.value.hint.startswith("collect more destinations")
    with pytest.raises(ZeroDivisionError):
        workers.spread(operator.truediv, [1, 0, 2], 1)


def test_work_is_done_by_as_many_processes_as_are_asked_for() -> None:
    alone = set(Compute().spread(operator.call, [os.getpid] * 40))
    spread = set(Compute(2).spread(operator.call, [os.getpid] * 40))
    assert alone == set(Compute(2, "threading").spread(operator.call, [os.getpid] * 40)) == {os.getpid()}
    assert len(spread) <= 2
    assert os.getpid() not in spread


@pytest.mark.parametrize("workers", HERE, ids=str)
def test_linear_algebra_has_one_thread(workers: Compute) -> None:
    np.linalg.inv(np.eye(2))
    for pools in workers.spread(operator.call, [threadpool_info] * 3):
        assert {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"} <= {1}


def test_a_worker_that_dies_is_one_message() -> None:
    with pytest.raises(WorkersError, match="workers of 'loky' died or went out of reach") as lost:
        Compute(2).spread(os._exit, [1, 1])
    assert lost.value.exit_code == 4
    assert "nothing was half-written" in lost.value.hint
    assert Compute(2).spread(divmod, [3, 5], 10) == [(3, 1), (2, 0)]


@pytest.mark.enable_socket
def test_two_workers_of_dask_do_the_same(cluster: str) -> None:
    items, by_address = range(1, 40), Compute(-1, "dask", cluster)
    assert by_address.spread(divmod, items, 1000) == Compute().spread(divmod, items, 1000)
    processes = set(by_address.spread(operator.call, [os.getpid] * 40))
    assert os.getpid() not in processes
    with pytest.raises(ZeroDivisionError):
        by_address.spread(operator.truediv, [1, 0, 2], 1)


@pytest.mark.enable_socket
def test_a_cluster_is_started_once_and_ended() -> None:
    with Compute(2, "dask").running() as workers:
        first, second = (set(workers.spread(operator.call, [os.getpid] * 40)) for _ in range(2))
    assert len(first | second) <= 2
    assert not any(_alive(process) for process in first | second)


@pytest.mark.enable_socket
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "ftp://127.0.0.1:1"])
def test_an_address_where_nothing_answers_is_one_message(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "PATIENCE", 1)
    with pytest.raises(WorkersError, match="the cluster of 'dask' cannot be used") as dead:
        Compute(2, "dask", address).spread(abs, [1, 2])
    assert dead.value.where == address
    assert "start its scheduler" in dead.value.hint


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("backend", "address"), [("ray", "127.0.0.1:1"), ("ray", "ray://127.0.0.1:1"), ("spark", "spark://127.0.0.1:1")]
)
def test_ray_and_spark_are_not_waited_for_where_nobody_listens(backend: str, address: str) -> None:
    with pytest.raises(WorkersError, match=f"the cluster of '{backend}' cannot be used: ConnectionRefusedError"):
        compute._knock(Compute(2, backend, address))


@pytest.mark.parametrize(("backend", "address"), [("ray", ""), ("ray", "auto"), ("spark", "yarn")])
def test_an_address_without_a_port_is_left_to_its_library(backend: str, address: str) -> None:
    compute._knock(Compute(2, backend, address))


@pytest.mark.parametrize(("backend", "library"), [("dask", "distributed"), ("ray", "ray"), ("spark", "joblibspark")])
def test_a_library_that_is_missing_is_named_with_its_extra(
    backend: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SettingsError, match=f"needs {library}, which is not installed") as missing:
        Compute(2, backend).spread(abs, [1, 2])
    assert missing.value.hint == f"pip install 'smstock[{backend}]'"
    assert missing.value.allowed == ", ".join(BACKENDS)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_interruption_while_workers_start_comes_after_it() -> None:
    started = []

    def start() -> None:
        with compute._undisturbed():
            signal.raise_signal(signal.SIGINT)
            started.append("worker")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        start()
    assert started == ["worker"]
    assert signal.getsignal(signal.SIGINT) is before


def test_what_fails_as_an_interruption_is_dealt_with_is_one() -> None:
    error = RuntimeError("cannot join thread before it is started")
    error.__context__ = KeyboardInterrupt()
    assert compute._is_of_an_interruption(error)
    assert not compute._is_of_an_interruption(RuntimeError("no worker"))
