"""Requests at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections


def run_concurrently(*calls: Callable[[], Any]) -> list[Any]:
    """Return the results of calls that start at the same time, each with its own connection."""
    start, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            start.wait()
            # An in-memory SQLite database fails instead of waiting for the lock, unlike a file.
            while (answer := call()).status_code == 503:
                pass
            answers[place] = answer
        finally:
            if connection.connection:  # Django keeps an in-memory SQLite database open
                connection.connection.close()
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
