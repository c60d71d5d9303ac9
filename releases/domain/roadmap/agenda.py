"""Agendas: the events that come after a day, or that were shortly before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self
from urllib.parse import urlencode

from releases.domain.lifecycle.milestones import Precision, last_day
from releases.domain.lifecycle.status import milestone_reached
from releases.domain.roadmap.events import Event, EventKind
from releases.domain.roadmap.query import MAX_TEXT, QueryProblem, RoadmapQuery

NEXT_DAYS: Final = 180
"""The days of an agenda of coming events, unless its query has another end."""
RECENT_DAYS: Final = 90
"""The days of an agenda of past events, unless its query has another start."""

AGENDA_NAMES: Final = (
    *("q", "product", "category", "tag", "kind", "list", "from", "to", "on", "page"),
)
"""The parameters of `/calendar/`."""


class AgendaList(StrEnum):
    """The agendas, as values of the parameter `list`."""

    UPCOMING = "upcoming"
    ENDED = "ended"
    RELEASED = "released"


_KINDS: Final = {
    AgendaList.UPCOMING: tuple(EventKind),
    AgendaList.ENDED: (EventKind.SUPPORT, EventKind.BUGS),
    AgendaList.RELEASED: (EventKind.RELEASE,),
}


@dataclass(frozen=True, slots=True)
class AgendaQuery:
    """An agenda: one of the lists, and a view of the roadmap with filters, date and window."""

    which: AgendaList
    view: RoadmapQuery
    problems: tuple[QueryProblem, ...] = ()

    @classmethod
    def parse(cls, params: Mapping[str, Sequence[str]], today: date) -> Self:
        """Parse the parameters of a URL. Never raises: bad values are listed in `problems`."""
        view = RoadmapQuery.parse(params, today, events=True)
        text = next((each.strip() for each in reversed(params.get("list", ())) if each.strip()), "")
        if text in ("", *AgendaList):
            return cls(AgendaList(text or AgendaList.UPCOMING), view, view.problems)
        expected = ", ".join(AgendaList)
        problem = f"“{text[:MAX_TEXT]}” is ignored: expected one of {expected}."
        return cls(AgendaList.UPCOMING, view, (*view.problems, QueryProblem("list", problem)))

    @property
    def offered_kinds(self) -> tuple[EventKind, ...]:
        """The kinds that the list can have."""
        return _KINDS[self.which]

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        """The kinds that the list has: those of the query, or all if it names none of them."""
        chosen = tuple(kind for kind in self.offered_kinds if kind in self.view.event_kinds)
        return chosen or self.offered_kinds

    @property
    def upcoming(self) -> bool:
        return self.which is AgendaList.UPCOMING

    @property
    def first(self) -> date:
        """The first day of the list, inclusive."""
        if self.upcoming:
            return self.view.on
        return self.view.start or days_from(self.view.on, -RECENT_DAYS)

    @property
    def last(self) -> date:
        """The last day of the list, inclusive."""
        if self.upcoming:
            return self.view.last or days_from(self.view.on, NEXT_DAYS)
        return self.view.on

    def months_away(self, months: int) -> date:
        """Return the last day of the month that is some months after the date.

        For a list of past events it is the first day of the month that is as many months before.
        """
        on = self.view.on
        number = on.year * 12 + on.month - 1 + (months if self.upcoming else -months)
        first = date(number // 12, number % 12 + 1, 1)
        return last_day(first, Precision.MONTH) if self.upcoming else first

    def holds(self, event: Event[Any]) -> bool:
        """Return True if an event between the two days is to come, or was, as the list says.

        On its last day, support has not ended yet.
        """
        reached = milestone_reached(event.milestone, event.day, self.view.on)
        return reached is not self.upcoming

    def url(self, which: AgendaList | None = None, **changes: object) -> str:
        """Return the agenda as a query string with the `?`, on page 1 unless `changes` say more.

        Args:
            which: Another list; it gets neither the window nor the kinds of this one.
            changes: Fields of the view to replace.
        """
        own = which is None or which is self.which
        other: dict[str, object] = {} if own else {"event_kinds": (), "start": None, "last": None}
        if set(self.view.event_kinds) >= set(self.offered_kinds):
            other["event_kinds"] = ()
        pairs = self.view.params(**(other | {"page": 1} | changes))
        shown = which or self.which
        lists = [] if shown is AgendaList.UPCOMING else [("list", shown.value)]
        return "?" + urlencode([*lists, *pairs])

    def subscription(self) -> RoadmapQuery:
        """Return the view of the calendar and the feeds: the same filters, on all days."""
        return RoadmapQuery(
            self.view.today,
            self.view.on,
            q=self.view.q,
            products=self.view.products,
            category=self.view.category,
            tag=self.view.tag,
            event_kinds=self.kinds,
        )


def days_from(day: date, days: int) -> date:
    """Return the day that is some days later, or earlier; the calendar has a first and a last."""
    number = min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(number)
