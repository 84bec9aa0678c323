"""The crew: worker processes that walk over a log together."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from policylint.errors import PolicylintError

Task = TypeVar("Task")
Result = TypeVar("Result")

_WATCH: Final = 0.5  # seconds between two looks at whether the parent still lives
_TELL: Final = 0.2  # seconds between two looks at how far the work has come
_AHEAD: Final = 2  # tasks that wait for each worker, so that none is idle

# How workers are started: a forked one has the rules at hand; elsewhere it is started anew and gets them.
METHOD: Final = "fork" if sys.platform == "linux" else "spawn"

_work: Callable[[Any], Any] | None = None


class Crew(Generic[Task, Result]):
    """Does tasks in worker processes, or, where there is one worker only, right here.

    `make` is called once in each worker and gives what does a task; it and the tasks have to be picklable. `tell` is
    called a few times a second while the crew is at work.
    """

    def __init__(
        self, make: Callable[[], Callable[[Task], Result]], workers: int, tell: Callable[[], None] = lambda: None
    ) -> None:
        self.make, self.workers, self.tell = make, workers, tell

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """The results of all tasks, as they come. Raises what a task raised, PolicylintError for a worker that died.

        Left early, by an interrupt too, the workers stop at once.
        """
        waiting = iter(tasks)
        first = list(islice(waiting, 2))
        if self.workers == 1 or len(first) < 2:
            yield from self._alone(first, waiting)
            return
        pool = ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context(METHOD),
            initializer=_begin,
            initargs=(self.make, os.getpid()),
        )
        try:
            running: set[Future[Result]] = {pool.submit(_do, task) for task in first}
            running |= {pool.submit(_do, task) for task in islice(waiting, self.workers * _AHEAD)}
            while running:
                done, running = wait(running, timeout=_TELL, return_when=FIRST_COMPLETED)
                self.tell()
                for future in done:
                    running |= {pool.submit(_do, task) for task in islice(waiting, 1)}
                    yield future.result()
        except BrokenProcessPool:
            raise PolicylintError(
                "a worker process was killed, most likely because memory ran out; "
                "start again with a smaller --memory or fewer --workers, and the audit goes on where it was"
            ) from None
        finally:
            _stop(pool)

    def _alone(self, first: list[Task], waiting: Iterator[Task]) -> Iterator[Result]:
        if not first:
            return
        do = self.make()
        for tasks in (first, waiting):
            for task in tasks:
                yield do(task)
                self.tell()


def _stop(pool: ProcessPoolExecutor) -> None:
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        if process.is_alive():
            process.terminate()
    for process in processes:
        process.join()


def _begin(make: Callable[[], Callable[[Any], Any]], parent: int) -> None:
    global _work  # noqa: PLW0603 - a worker process does one thing in its life
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    _work = make()
    # What there is now stays; and the short-lived values of a walk form no cycles.
    gc.collect()
    gc.freeze()
    gc.disable()


def _watch(parent: int) -> None:
    """End with the parent, however that ends."""
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os._exit(1)


def _do(task: Any) -> Any:
    assert _work is not None
    result = _work(task)
    gc.collect()
    return result
