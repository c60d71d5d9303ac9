"""To which steps of an upgrade a note belongs, and how much it matters."""

from __future__ import annotations

from enum import StrEnum

from releases.domain.lifecycle.versions import version_key


class Severity(StrEnum):
    """How much a note matters to those whom it concerns."""

    NOTE = "note"
    IMPORTANT = "important"
    WARNING = "warning"


def concerns(first: str, last: str, before: str, after: str) -> bool:
    """Whether a note on the way from cycle `first` to `last` belongs to the step from `before` to
    `after`, whole or in part. An empty end is open: all that is older, or newer.

    The runtime is changed on one cycle, which is then both `before` and `after`: a note belongs to
    that if its way goes on from there.
    """
    begun = not first or first == before or version_key(first) < version_key(after)
    return begun and (not last or version_key(before) < version_key(last))


def bad_range(first: str, last: str) -> str:
    """What is wrong with the two ends of a note, as a sentence; empty if nothing is."""
    if first and last and version_key(first) >= version_key(last):
        return f"The way of a note goes upwards: {last} is not newer than {first}."
    return ""
