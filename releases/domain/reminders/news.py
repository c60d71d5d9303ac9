"""News: the facts of one reminder, as a message shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from releases.domain.history.changes import ChangeKind, change_kind
from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.domain.roadmap.events import stable_id


class NewsKind(StrEnum):
    """The kind of a reminder."""

    END = "end"
    """An end of support is some days away."""
    CHANGE = "change"
    """A date was announced, moved or withdrawn."""
    CYCLE = "cycle"
    """A release cycle is new."""
    RELEASE = "release"
    GONE = "gone"
    """The view of the subscription no longer exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """The facts of one reminder.

    Attributes:
        kind: Its kind. All other values are empty for `GONE`.
        product: The name of the product.
        cycle: The name of the cycle.
        cycle_key: The primary key of the cycle, which may be renamed.
        title: The labels of product and cycle: `Django 5.2`.
        path: The path of the page of the cycle.
        milestone: The milestone of an end or a change.
        day: The current date of the milestone or release, or None.
        old: The date before the change, or None.
        flag: True if the milestone is now known without a date.
        was_flag: True if the milestone was known without a date before the change.
        version: The version of a release.
        release_kind: The kind of a release; empty if not known.
        distance: The number of days before an end for which the subscriber chose the reminder.
    """

    kind: NewsKind
    product: str = ""
    cycle: str = ""
    cycle_key: int = 0
    title: str = ""
    path: str = ""
    milestone: str = ""
    day: PartialDate | None = None
    old: PartialDate | None = None
    flag: bool = False
    was_flag: bool = False
    version: str = ""
    release_kind: str = ""
    distance: int = 0

    @property
    def place(self) -> tuple[str, ...]:
        """The subject of the reminder. All changes of a milestone have the same one."""
        return self.kind, self.product, self.cycle, self.milestone, self.version

    def key(self, *about: str) -> UUID:
        """Return the id of the reminder; `about` distinguishes those with the same place."""
        return stable_id("news", *self.place, *about)

    @property
    def change(self) -> ChangeKind | None:
        """The kind of the change of a date, or None if its values are equal."""
        return change_kind(self.old or self.was_flag, self.day or self.flag)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, without empty ones."""
        names = (each.name for each in fields(self))
        values = {name: value for name in names if (value := getattr(self, name))}
        return values | {
            name: [day.date.isoformat(), day.precision]
            for name in ("day", "old")
            if (day := getattr(self, name))
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the news of `to_json`."""
        days = {
            name: PartialDate(date.fromisoformat(values[name][0]), Precision(values[name][1]))
            for name in ("day", "old")
            if name in values
        }
        return cls(**{**values, **days, "kind": NewsKind(values["kind"])})


def merged(news: Iterable[News]) -> list[News]:
    """Return reminders in the same order, with all changes of a milestone merged into one.

    The merged change is at the position of the last one, and has the old value of the first one. It
    is left out if its values are equal.
    """
    found: dict[tuple[str, ...], News] = {}
    for each in news:
        before = found.pop(each.place, None)
        if before and each.kind is NewsKind.CHANGE:
            each = replace(each, old=before.old, was_flag=before.was_flag)  # noqa: PLW2901
        found[each.place] = each
    return [each for each in found.values() if each.kind is not NewsKind.CHANGE or each.change]
