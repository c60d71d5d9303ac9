"""Upgrade notes: the steps they apply to, and their severity."""

from __future__ import annotations

from enum import StrEnum

from releases.domain.lifecycle.versions import version_key, version_tokens


class Severity(StrEnum):
    """The severity of a note for the users that it concerns."""

    NOTE = "note"
    IMPORTANT = "important"
    WARNING = "warning"


def applies_to_step(first: str, last: str, before: str, after: str) -> bool:
    """Return True if a note from cycle `first` to `last` applies to the step `before` to `after`.

    A partial overlap is enough. An empty end is open: any older, or any newer cycle.

    An upgrade of the runtime has the same cycle as `before` and `after`; a note applies to it if
    its range continues after that cycle.
    """
    begun = not first or first == before or version_key(first) < version_key(after)
    return begun and (not last or version_key(before) < version_key(last))


def applies_to_runtime(wanted: str, runtime: str) -> bool:
    """Return True if a note for a version of the runtime (`2`) applies to a present one (`2.7`).

    It applies as well if either is not known.
    """
    tokens = version_tokens(wanted)
    return not runtime or version_tokens(runtime)[: len(tokens)] == tokens


def bad_range(first: str, last: str) -> str:
    """Return a sentence if the range of a note is not ascending, else an empty string."""
    if first and last and version_key(first) >= version_key(last):
        return f"The way of a note goes upwards: {last} is not newer than {first}."
    return ""
