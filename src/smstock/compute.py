"""The one place that spreads work: over processes, threads or a cluster, through joblib, with the same bits from any.

An item of work is a function of what all items share and of its own. Linear algebra runs in one thread wherever an item
is done: sums have one order then, and workers do not wait for each other's threads.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import sys
import threading
import time
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from smstock.errors import SettingsError, WorkersError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    Options = dict[str, Any]

Item = TypeVar("Item")
Result = TypeVar("Result")

BACKENDS: Final = ("loky", "threading", "dask", "ray", "spark")
"""Processes and threads of this machine, and the clusters that may be of others."""
CLUSTERS: Final = BACKENDS[2:]
"""Backends that may have an address, each an extra of its own."""
MOST_JOBS: Final = 1024
PATIENCE: Final = 30
"""Seconds after which a cluster that does not answer, or has no worker, is given up."""
_OPENED: Final[dict[str, Any]] = {}
_OPENING: Final = threading.Lock()


@dataclass(frozen=True)
class Compute:
    """What work is spread over; one job is done in this process.

    Parameters
    ----------
    jobs
        Workers; -1 is one for each core, or all of a cluster.
    backend
        One of `BACKENDS`.
    address
        Of the cluster; empty: a cluster of this machine, started for the work and ended with it.

    Examples
    --------
    >>> Compute().spread(pow, [1, 2, 3], 2)
    [2, 4, 8]
    >>> Compute(jobs=2, backend="threading").spread(pow, [1, 2, 3], 2)
    [2, 4, 8]
    """

    jobs: int = 1
    backend: str = "loky"
    address: str = ""

    @property
    def at_once(self) -> int:
        """How many items are worth having at hand at once."""
        return self.jobs if self.jobs > 0 else os.cpu_count() or 1

    def spread(self, function: Callable[..., Result], items: Iterable[Item], *shared: object) -> list[Result]:
        """Return ``function(*shared, item)`` of every item, in their order.

        What is shared is handed to each worker once. A function must be of a module, and change nothing that is shared.

        Raises
        ------
        WorkersError
            The cluster cannot be reached, or workers died. An error of the function is raised as it is.
        SettingsError
            The library of the backend is not installed.
        """
        tasks = list(items)
        if self.jobs == 1 or len(tasks) < 2:
            with one_thread():
                return [function(*shared, task) for task in tasks]
        with self.running():
            session = _SESSION.get()
            assert session is not None  # `running` has set it
            return session.spread(function, tasks, shared)

    def prepare(self, module: str) -> None:
        """Let workers of this machine start and import a module, while this process reads what they will work on."""
        session = _SESSION.get()
        if session is not None and self.jobs != 1 and self.backend == "loky":
            session.prepare(module)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Keep the workers, from the first work that is spread inside to the end."""
        if _SESSION.get() is not None:
            yield self
            return
        with ExitStack() as stack:
            token = _SESSION.set(_Session(self, stack))
            try:
                yield self
            except KeyboardInterrupt:
                threading.excepthook = lambda _: None  # of joblib's threads, which are stopped midway
                raise
            finally:
                _SESSION.reset(token)


ALONE: Final = Compute()
"""This process alone."""


def one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra in one thread, from the call to the end of the context; for good if it is not entered.

    Examples
    --------
    >>> from threadpoolctl import threadpool_info
    >>> with one_thread():
    ...     {library["num_threads"] for library in threadpool_info()}
    {1}
    """
    # a library that is loaded later would not be limited: it brings its own
    import_module("scipy.linalg")
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


class _Session:
    """Workers that are kept for several pieces of work."""

    def __init__(self, compute: Compute, stack: ExitStack) -> None:
        self.compute = compute
        self.stack = stack
        self.options: Options | None = None
        self.starting: Iterator[None] = iter(())

    def prepare(self, module: str) -> None:
        from joblib import Parallel, delayed, effective_n_jobs

        jobs = effective_n_jobs(self.compute.jobs)
        start = Parallel(jobs, batch_size=1, pre_dispatch="all", return_as="generator_unordered")
        with _undisturbed():
            self.starting = start(delayed(_imported)(module) for _ in range(jobs))

    def spread(
        self, function: Callable[..., Result], tasks: Sequence[Item], shared: tuple[object, ...]
    ) -> list[Result]:
        from joblib import Parallel, delayed, parallel_config

        compute = self.compute
        if self.options is None:
            try:
                self.options = self.stack.enter_context(_ENGINES[compute.backend](compute))
            except ImportError as error:
                raise SettingsError(
                    f"the backend {compute.backend!r} needs {error.name}, which is not installed",
                    allowed=", ".join(BACKENDS),
                    hint=f"pip install 'smstock[{compute.backend}]'",
                ) from None
        threads = compute.backend == "threading"
        common = shared if threads else _Parcel(shared)
        options: Options = {"n_jobs": compute.jobs, **self.options}
        if compute.backend == "dask":
            options["scatter"] = [common]

        def work() -> list[Result | _Failure]:
            for _ in self.starting:
                pass
            # threads share the limit of their process, which only who started them can set and lift
            with parallel_config(**options), one_thread() if threads else nullcontext():
                spread = Parallel(batch_size=1 if compute.backend == "loky" else "auto")
                answers: list[Result | _Failure] = spread(delayed(_answer)(function, common, task) for task in tasks)
                return answers

        try:
            answers = _while_alive(work, self.options["client"]) if compute.backend == "dask" else work()
        except Exception as error:  # errors of the function come as answers: this one is of the workers
            if _is_of_an_interruption(error):
                raise KeyboardInterrupt from error
            raise _lost(compute, error) from error
        results = []
        for answer in answers:
            if isinstance(answer, _Failure):
                raise answer.error
            results.append(answer)
        return results


_SESSION: ContextVar[_Session | None] = ContextVar("session", default=None)


class _Parcel:
    """What all items share, as bytes that a worker opens once."""

    def __init__(self, content: tuple[object, ...]) -> None:
        import numpy as np

        self.key = uuid4().hex
        # joblib puts a large array into memory that the processes of a machine share
        self.packed = np.frombuffer(pickle.dumps(content, protocol=5), dtype=np.uint8)

    def opened(self) -> tuple[object, ...]:
        with _OPENING:
            if self.key not in _OPENED:
                _OPENED.clear()
                _OPENED[self.key] = pickle.loads(self.packed.data)  # noqa: S301 - packed by whoever started this worker
            content: tuple[object, ...] = _OPENED[self.key]
            return content


@dataclass(frozen=True)
class _Failure:
    """The error that a function ended in, told apart from those of the machinery."""

    error: Exception


def _answer(function: Callable[..., Result], common: _Parcel | tuple[object, ...], task: object) -> Result | _Failure:
    """Return what a function makes of an item, or the error that it ended in."""
    try:
        if isinstance(common, tuple):
            return function(*common, task)
        shared = common.opened()
        # for good: threads of a worker that limit and release in turn would undo each other
        one_thread()
        return function(*shared, task)
    except Exception as error:  # noqa: BLE001 - raised again where the work was spread
        return _Failure(error)


def _imported(module: str) -> None:
    import_module(module)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold an interruption back to the end of the block: joblib, interrupted as it starts workers, fails otherwise."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[tuple[Any, ...]] = []
    before = signal.signal(signal.SIGINT, lambda *which: heard.append(which))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:  # where Ctrl-C is ignored, as in the background, what came is SIGTERM
        (before if callable(before) else signal.default_int_handler)(*heard[0])


def _is_of_an_interruption(error: BaseException | None) -> bool:
    """Whether an error was raised as an interruption was dealt with."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def _lost(compute: Compute, error: Exception) -> WorkersError:
    """Return what it means that the machinery failed."""
    return WorkersError(
        f"workers of {compute.backend!r} died or went out of reach: {type(error).__name__} {shown(error)}".strip(),
        where=compute.address,
        hint="nothing was half-written: run again, with fewer jobs if memory ran out, or with --jobs 1 in this process",
    )


def _unreachable(compute: Compute, error: BaseException) -> WorkersError:
    return WorkersError(
        f"the cluster of {compute.backend!r} cannot be used: {type(error).__name__} {shown(error)}".strip(),
        where=compute.address,
        hint="start its scheduler and a worker, mend the address in smstock.toml, or work with --jobs 1",
    )


_ALONE: Final[Options] = {
    "threads_per_worker": 1,
    "dashboard_address": "127.0.0.1:0",
    "scheduler_kwargs": {"dashboard": False},
    "silence_logs": "CRITICAL",
}
"""A Dask cluster of this machine: a process a worker, and no page on a port that another may have."""


@contextmanager
def _dask(compute: Compute) -> Iterator[Options]:
    from distributed import Client, LocalCluster

    # what became of workers is told in one message
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        try:
            if compute.address:
                client = stack.enter_context(Client(compute.address, timeout=PATIENCE, set_as_default=False))
                client.wait_for_workers(1, timeout=PATIENCE)
            else:
                cluster = stack.enter_context(LocalCluster(n_workers=compute.at_once, **_ALONE))
                client = stack.enter_context(Client(cluster, set_as_default=False))
        except (OSError, ValueError, TimeoutError) as error:
            raise _unreachable(compute, error) from None
        yield {"backend": "dask", "client": client}


def _while_alive(work: Callable[[], Result], client: Any) -> Result:
    """Return what the work returns; give it up where a Dask cluster has no worker for long: it would wait for ever."""
    ended: Future[Result] = Future()

    def run() -> None:
        try:
            ended.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the work is waited for
            ended.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    alive = time.monotonic()
    while not wait([ended], timeout=1).done:
        if client.status == "running" and client.scheduler_info().get("workers"):
            alive = time.monotonic()
        elif time.monotonic() - alive > PATIENCE:
            raise TimeoutError(f"no worker for {PATIENCE} seconds")
    return ended.result()


def _knock(compute: Compute) -> None:
    """Refuse an address of a host and a port where nobody listens: Ray and Spark try for minutes."""
    try:
        address = urlsplit(compute.address if "://" in compute.address else f"//{compute.address}")
        if address.hostname and address.port:
            socket.create_connection((address.hostname, address.port), PATIENCE).close()
    except (OSError, ValueError) as error:
        raise _unreachable(compute, error) from None


@contextmanager
def _ray(compute: Compute) -> Iterator[Options]:
    import ray
    from ray.util.joblib import register_ray

    _knock(compute)
    register_ray()
    place = {"address": compute.address} if compute.address else {"num_cpus": max(compute.jobs, 0) or None}
    try:
        ray.init(log_to_driver=False, include_dashboard=False, logging_level="error", **place)
    except (OSError, ValueError, RuntimeError, TimeoutError) as error:
        raise _unreachable(compute, error) from None
    try:
        yield {"backend": "ray"}
    finally:
        ray.shutdown()


@contextmanager
def _spark(compute: Compute) -> Iterator[Options]:
    from joblibspark import register_spark
    from pyspark.sql import SparkSession

    _knock(compute)
    register_spark()
    cores = compute.jobs if compute.jobs > 0 else "*"
    if not compute.address:  # workers of this machine have the libraries of this Python
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        session = SparkSession.builder.appName("smstock").master(compute.address or f"local[{cores}]").getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except Exception as error:  # noqa: BLE001 - of Java, by classes that only pyspark knows
        raise _unreachable(compute, error) from None
    try:
        yield {"backend": "spark"}
    finally:
        session.stop()


def _of_this_machine(compute: Compute) -> AbstractContextManager[Options]:
    return nullcontext({"backend": compute.backend})


_ENGINES: Final[dict[str, Callable[[Compute], AbstractContextManager[Options]]]] = {
    "loky": _of_this_machine,
    "threading": _of_this_machine,
    "dask": _dask,
    "ray": _ray,
    "spark": _spark,
}
