"""The process that finds and sends reminders: once, or until it is stopped."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any, Final

from django.db import close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.compat import (
    DEFAULT_TASK_BACKEND_ALIAS,
    DEFAULT_TASK_QUEUE_NAME,
    TaskResultStatus,
    task_finished,
)
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from releases.delivery.mail import one_connection
from releases.delivery.passes import PassReport, delete_old, run_pass
from releases.delivery.tasks import enqueue_due
from releases.selectors.revision import last_write
from releases.web import clock
from releases.web.database import DATABASE_ERRORS

logger = logging.getLogger(__name__)

PASS_SECONDS: Final = 60.0
"""Seconds between two passes if the catalogue does not change."""
PASS_SECONDS_AFTER_WRITE: Final = 5.0
"""Seconds between two passes while the catalogue changes, as during an import."""
IDLE_SECONDS: Final = 1.0
"""Seconds to wait if nothing is due, or if the database is unavailable."""
CRASHED: Final = "crashed"
"""The outcome of a task that raised an unexpected exception."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Worker:
    """Runs passes, and the tasks of the queue one by one.

    Attributes:
        outcomes: The number of tasks that this worker has run, by outcome.
        failed_passes: The number of passes that raised an unexpected exception.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failed_passes = 0
        self._tasks = TaskWorker(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            excluded_queue_names=[],
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            batch=True,
            interval=IDLE_SECONDS,
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )
        self._revision = ""
        self._next_pass = self._next_deletion = 0.0

    @property
    def stopped(self) -> bool:
        """True after `stop`."""
        return not self._tasks.running

    def stop(self) -> None:
        """Stop after the current message."""
        self._tasks.running = False

    def run_once(self) -> PassReport:
        """Do everything that is due now, and return what was found.

        A message that fails during the run is not retried in it, so the run ends.
        """
        began = clock.now()
        report = self._pass(began)
        delete_old(began)
        while not self.stopped and self._deliver(began):
            pass
        return report

    def run(self) -> None:
        """Do everything that becomes due, until `stop` is called."""
        waiting = False
        while not self.stopped:
            try:
                close_old_connections()
                busy, waiting = self._step(), False
            except DATABASE_ERRORS as error:
                if not waiting:
                    logger.warning("The database is unavailable; the worker waits. %s", error)
                connection.close()
                busy, waiting = False, True
            if not busy and not self.stopped:
                time.sleep(IDLE_SECONDS)

    def _step(self) -> bool:
        """Do what is due now, and return True if there may be more."""
        revision = last_write().revision
        if time.monotonic() >= self._next_pass or self._is_changed(revision):
            self._pass(clock.now())
            self._revision, self._next_pass = revision, time.monotonic() + PASS_SECONDS
        if time.monotonic() >= self._next_deletion:
            delete_old(clock.now())
            self._next_deletion = time.monotonic() + 3600
        return bool(self._deliver())

    def _is_changed(self, revision: str) -> bool:
        last_pass = self._next_pass - PASS_SECONDS
        return (
            revision != self._revision and time.monotonic() >= last_pass + PASS_SECONDS_AFTER_WRITE
        )

    def _pass(self, now: datetime) -> PassReport:
        try:
            return run_pass(now)
        except DATABASE_ERRORS:
            raise
        except Exception:  # existing messages must still be sent
            logger.exception("The search for reminders failed.")
            self.failed_passes += 1
            return PassReport(0, 0)

    def _deliver(self, until: datetime | None = None) -> int:
        """Send a batch of messages that are due; return their number."""
        number = enqueue_due(until)
        if not DBTaskResult.objects.ready().exists():  # a task worker would lock SQLite
            return number
        task_finished.connect(self._count)
        try:
            with one_connection():
                self._tasks.run()
        finally:
            task_finished.disconnect(self._count)
        return number

    def _count(self, task_result: Any, **kwargs: Any) -> None:
        if self._tasks.worker_id in task_result.worker_ids:
            done = task_result.status == TaskResultStatus.SUCCESSFUL
            self.outcomes[task_result.return_value if done else CRASHED] += 1


@contextmanager
def stopped_by_signals(worker: Worker) -> Iterator[None]:
    """Stop a worker after its current message on SIGINT and SIGTERM."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stop()

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
