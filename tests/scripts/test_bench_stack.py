"""The lock files of the measurement are read, and in time."""

from __future__ import annotations

import pytest

from scripts.bench_stack import FILES, LIMIT, file_of, timed


@pytest.mark.parametrize("name", FILES)
def test_lock_file_of_two_megabytes_is_read_in_time(name: str) -> None:
    """The limit is that of an idle machine."""
    number, seconds = timed(file_of(name), name)
    assert number > 1_000
    assert seconds < 3 * LIMIT
