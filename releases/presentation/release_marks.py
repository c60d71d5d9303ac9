"""The marks of releases on the lifeline of a cycle: their shapes say their kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.timeline import Window
from releases.models import Release


class Shape(StrEnum):
    """The shape of a mark, which is its template and its CSS class."""

    FIRST = "first"
    SECURITY = "security"
    PATCH = "patch"
    PRE_RELEASE = "pre-release"


LABELS: Final = {
    Shape.FIRST: "First release",
    Shape.SECURITY: "Security release",
    Shape.PATCH: "Patch release",
    Shape.PRE_RELEASE: "Alpha, beta, candidate",
}
"""The labels of the legend, in its order."""

UPPER, LOWER = 84, 100
"""The middle of the two lanes of marks in px. Security releases are in the lower one."""

_SHAPES: Final = {
    ReleaseKind.FINAL: Shape.FIRST,
    ReleaseKind.SECURITY: Shape.SECURITY,
    ReleaseKind.PATCH: Shape.PATCH,
}


@dataclass(frozen=True, slots=True)
class ReleaseMark:
    """The mark of a release; `x` is a fraction of the window, `y` is in px."""

    shape: Shape
    x: float
    to_come: bool

    @property
    def y(self) -> int:
        return LOWER if self.shape is Shape.SECURITY else UPPER


@dataclass(frozen=True, slots=True)
class MarkEntry:
    """An entry of the legend."""

    label: str
    shape: Shape
    to_come: bool = False


def release_marks(releases: Iterable[Release], window: Window, on: date) -> list[ReleaseMark]:
    """Return the marks of the releases whose dates are in the window."""
    dated = ((ReleaseKind(each.kind), each.date) for each in releases if each.day)
    return [
        ReleaseMark(_SHAPES.get(kind, Shape.PRE_RELEASE), window.fraction(day), day > on)
        for kind, day in dated
        if day and day in window
    ]


def mark_legend(marks: Iterable[ReleaseMark]) -> list[MarkEntry]:
    """Return the entries of the legend for what the marks show."""
    drawn = list(marks)
    shapes = {mark.shape for mark in drawn}
    entries = [MarkEntry(label, shape) for shape, label in LABELS.items() if shape in shapes]
    to_come = next((mark.shape for mark in drawn if mark.to_come), None)
    return [*entries, MarkEntry("To come", to_come, to_come=True)] if to_come else entries
