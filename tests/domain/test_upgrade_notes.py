"""The steps that an upgrade note applies to."""

from __future__ import annotations

import pytest

from releases.domain.upgrade.notes import applies_to_step, bad_range


@pytest.mark.parametrize(
    ("first", "last", "before", "after", "belongs"),
    [
        ("1.6", "1.7", "1.6", "1.7", True),
        ("1.6", "1.7", "1.5", "1.6", False),
        ("1.6", "1.7", "1.7", "1.8", False),
        ("1.6", "1.7", "1.4", "1.8", True),
        ("1.11", "2.0", "1.11", "2.2", True),
        ("1.11", "2.0", "1.11", "1.11", True),
        ("1.11", "2.0", "1.10", "1.10", False),
        ("1.11", "2.0", "2.0", "2.0", False),
        ("", "1.7", "1.5", "1.6", True),
        ("", "1.7", "1.7", "1.8", False),
        ("4.2", "", "4.1", "4.2", False),
        ("4.2", "", "4.2", "5.0", True),
        ("4.2", "", "4.2", "4.2", True),
        ("4.2", "", "5.1", "5.2", True),
        ("9.2", "9.10", "9.6", "9.6", True),
        ("", "", "1.0", "1.1", True),
    ],
)
def test_concerns(first: str, last: str, before: str, after: str, belongs: bool) -> None:
    """A note applies to a step within its range, and to a change of runtime at a stop of it."""
    assert applies_to_step(first, last, before, after) is belongs


def test_range_must_ascend() -> None:
    assert bad_range("1.9", "1.10") == bad_range("", "1.7") == bad_range("1.7", "") == ""
    assert bad_range("1.10", "1.9") == "The way of a note goes upwards: 1.9 is not newer than 1.10."
    assert bad_range("1.9", "1.9")
