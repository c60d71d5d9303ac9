"""Agendas: what ends and what comes out, month by month; what ended and came out recently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.urls import reverse

from releases import selectors
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.domain.lifecycle.status import Status
from releases.domain.lifecycle.words import count, what_ends, what_follows
from releases.domain.roadmap.agenda import (
    NEXT_DAYS,
    RECENT_DAYS,
    AgendaList,
    AgendaQuery,
    days_from,
)
from releases.domain.roadmap.events import Event, EventKind
from releases.formats.labels import cycle_title, lts_words
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, agenda_alternates, webcal
from releases.presentation.options import Option
from releases.presentation.rows import BADGES, full_title
from releases.presentation.words import category_title

CycleEvent = Event[ReleaseCycle]

LINES_A_PAGE: Final = 400
MAX_NAMES: Final = 12
"""Maximum number of cycles that a line of several cycles names."""

TABS: Final = {
    AgendaList.UPCOMING: "Upcoming",
    AgendaList.ENDED: "Recently ended",
    AgendaList.RELEASED: "Recently released",
}
KINDS: Final = {
    EventKind.SUPPORT: ("Support ends", "Support ended"),
    EventKind.BUGS: ("Bug fixes end", "Bug fixes ended"),
    EventKind.RELEASE: ("Releases", "Releases"),
}
"""The words of the filter: for what is to come, and for what was."""
MONTHS: Final = {"1 year": 12, "2 years": 24}
"""The longer periods that the page offers, in months."""


@dataclass(frozen=True, slots=True)
class Pill:
    """What is left after an event: a sign of the sprite and a word on a tint."""

    tint: str
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """A date of a cycle, or of several cycles of a product that have the same date.

    Attributes:
        day: The date.
        same: True if the line before it has the same date.
        product: The product.
        title: The name of the cycle, or the product and the number of cycles.
        lts: The label of long-term support of a cycle; empty if it has none.
        url: The path of the page of the cycle, or of the product of several cycles.
        says: What happens: `Bug fixes end`.
        detail: What continues: `Security fixes until 31 Dec 2027`.
        names: The names and paths of several cycles; empty for one cycle.
        more: The number of cycles that are not named.
        pill: What is left afterwards.
    """

    day: PartialDate
    same: bool
    product: Product
    title: str
    lts: str
    url: str
    says: str
    detail: str
    names: list[tuple[str, str]]
    more: int
    pill: Pill

    @property
    def iso(self) -> str:
        """The date as precisely as HTML can say it: `2027-04-30`, `2027-04`, `2027`."""
        formats = {Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m"}
        return self.day.date.strftime(formats.get(self.day.precision, "%Y"))

    @property
    def period(self) -> str:
        """The words for a date that is not known to the day: `in Apr`, `in Q2`, `in 2027`."""
        if not self.day.imprecise:
            return ""
        return f"in {str(self.day).removesuffix(f' {self.day.date.year}')}"


@dataclass(frozen=True, slots=True)
class Month:
    """The dates of a month; `day` is its first day."""

    day: date
    lines: list[AgendaLine]


def agenda_page(query: AgendaQuery, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of an agenda.

    Args:
        query: The list, its filters and its date.
        absolute: Makes a path an absolute URL.
    """
    found = selectors.agenda(query)
    groups = _grouped(query, found.events)
    pages = max(1, -(-len(groups) // LINES_A_PAGE))
    page = min(query.view.page, pages)
    shown = groups[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE]
    alternates = agenda_alternates(query.subscription())
    return {
        "query": query,
        "view": query.view,
        "title": TABS[query.which],
        "tabs": agenda_tabs(query),
        "lead": _lead(query),
        "periods": list(_periods(query)),
        "kinds": [
            Option(kind.value, KINDS[kind][not query.upcoming], kind in query.kinds)
            for kind in query.offered_kinds
        ],
        "categories": [
            Option(name, category_title(name), name == query.view.category)
            for name in found.categories
        ],
        "applied": list(_applied(query, found.labels)),
        "kept": _kept(query),
        "months": list(_months(query, shown)),
        "count": count(len(groups), "date") if found.complete else f"{len(groups):,}+ dates",
        "complete": found.complete,
        "pages": pages,
        "page": page,
        "previous": query.url(page=page - 1) if page > 1 else "",
        "next": query.url(page=page + 1) if page < pages else "",
        "today_url": query.url(on=query.view.today),
        "clear_url": query.url(q="", category="", tag="", products=(), event_kinds=()),
        "problems": [*query.problems, *found.problems],
        "feed_words": "One entry for each date, when it comes up and when it moves.",
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
    }


def agenda_tabs(query: AgendaQuery | None = None) -> list[Option]:
    """Return the tabs of the lists and of the changes; without a query, of the latter."""
    path = reverse("releases:calendar")
    tabs = []
    for which, word in TABS.items():
        view = query.url(which) if query else f"?list={which.value}"
        view = "" if view in ("?", f"?list={AgendaList.UPCOMING.value}") else view
        tabs.append(Option(path + view, word, query is not None and which is query.which))
    changes = reverse("releases:changes")
    if query and query.view.products:
        only = replace(query.view, event_kinds=(), q="", category="", tag="", start=None, last=None)
        changes += only.url(on=only.today)
    return [*tabs, Option(changes, "Changes", query is None)]


def _lead(query: AgendaQuery) -> str:
    """Return the sentence below the heading, up to the date of the page."""
    view = query.view
    if query.upcoming:
        until = f"until {PartialDate(view.last)}" if view.last else f"in the next {NEXT_DAYS} days"
        return f"What ends and what comes out {until}, from"
    verb = "came out" if query.which is AgendaList.RELEASED else "ended"
    since = f"since {PartialDate(view.start)}" if view.start else f"in the last {RECENT_DAYS} days"
    return f"What {verb} {since}, up to"


def _periods(query: AgendaQuery) -> Iterator[Option]:
    """Yield the periods that the page offers, and the one of the query if it is another."""
    view, name = query.view, "last" if query.upcoming else "start"
    chosen = getattr(view, name)
    days = NEXT_DAYS if query.upcoming else RECENT_DAYS
    yield Option(query.url(None, **{name: None}), f"{days} days", chosen is None)
    known: set[date | None] = {None}
    for word, months in MONTHS.items():
        day = query.months_away(months)
        known.add(day)
        yield Option(query.url(None, **{name: day}), word, chosen == day)
    if chosen not in known:
        month = PartialDate(chosen, Precision.MONTH)
        word = f"Until {month}" if query.upcoming else f"Since {month}"
        yield Option(query.url(None, **{name: chosen}), word, True)


def _applied(query: AgendaQuery, labels: dict[str, str]) -> Iterator[Option]:
    """Yield the filters that have no field, with the query string without each."""
    view = query.view
    for name in view.products:
        rest = tuple(each for each in view.products if each != name)
        yield Option(query.url(products=rest), labels.get(name, name))
    if view.tag:
        yield Option(query.url(tag=""), view.tag)


def _kept(query: AgendaQuery) -> list[tuple[str, str]]:
    """Return the parameters that the form of the filters keeps."""
    view = replace(query.view, q="", category="", event_kinds=(), page=1)
    lists = [] if query.upcoming else [("list", query.which.value)]
    return [*lists, *view.params()]


def _grouped(query: AgendaQuery, events: Iterable[CycleEvent]) -> list[list[CycleEvent]]:
    """Return the events of one product, day and kind together, in the order of the list.

    Exact dates come before periods that end on the same day.
    """
    ordered = sorted(events, key=lambda event: event.day.date, reverse=not query.upcoming)
    groups: dict[tuple[Any, ...], list[CycleEvent]] = {}
    for _, of_day in groupby(ordered, key=lambda event: event.day.date):
        for event in sorted(of_day, key=lambda event: event.day.imprecise):
            day = event.day
            key = (day, event.cycle.product_id, event.milestone, *_says(query, event))
            groups.setdefault(key, []).append(event)
    return list(groups.values())


def _months(query: AgendaQuery, groups: Iterable[list[CycleEvent]]) -> Iterator[Month]:
    """Yield the dates by month."""
    for first, of_month in groupby(groups, key=lambda group: group[0].day.date.replace(day=1)):
        lines: list[AgendaLine] = []
        for group in of_month:
            same = bool(lines) and lines[-1].day == group[0].day
            lines.append(_line(query, group, same=same))
        yield Month(first, lines)


def _line(query: AgendaQuery, events: list[CycleEvent], *, same: bool) -> AgendaLine:
    event, cycle, product = events[0], events[0].cycle, events[0].cycle.product
    several = len(events) > 1
    says, detail = _says(query, event)
    names = [(cycle_title(product, each.cycle), each.cycle.get_absolute_url()) for each in events]
    return AgendaLine(
        day=event.day,
        same=same,
        product=product,
        title=_several(product, len(events)) if several else full_title(cycle),
        lts="" if several else lts_words(product, cycle, query.view.on),
        url=product.get_absolute_url() if several else cycle.get_absolute_url(),
        says=says,
        detail=detail,
        names=names[:MAX_NAMES] if several else [],
        more=max(0, len(names) - MAX_NAMES) if several else 0,
        pill=_pill(query, event),
    )


def _several(product: Product, number: int) -> str:
    device = product.category and product.category.name == "device"
    return f"{product.label}, {number} {'models' if device else 'releases'}"


def _says(query: AgendaQuery, event: CycleEvent) -> tuple[str, str]:
    """Return what happens at an event, and what continues after it."""
    cycle, product, life = event.cycle, event.cycle.product, event.cycle.lifecycle
    if event.milestone == "release":
        detail = _release_detail(query, event)
        says = ("Release expected" if event.day.imprecise else "Release", "Released")
        return says[not query.upcoming], detail
    what = what_ends(life, event.milestone, product.columns[event.milestone].label)
    verb = ("end" if what.endswith("s") else "ends") if query.upcoming else "ended"
    unsure = "Dates to be confirmed" if cycle.unconfirmed else ""
    follows = what_follows(life, days_from(event.day.date, 1))
    return f"{what} {verb}", ". ".join(filter(None, (follows, unsure)))


def _release_detail(query: AgendaQuery, event: CycleEvent) -> str:
    if query.upcoming:
        if event.day.imprecise:
            return "The day is not announced yet"
        return "The day is to be confirmed" if event.cycle.unconfirmed else ""
    end = event.cycle.lifecycle.supported_until
    return f"Supported until {end}" if isinstance(end, PartialDate) else ""


def _pill(query: AgendaQuery, event: CycleEvent) -> Pill:
    """Return the pill of a release, or of the status on the day after an end."""
    past = not query.upcoming
    if event.milestone == "release":
        status = Status.ACTIVE if past else Status.PLANNED
        return Pill(status.value, f"s-{status.value}", "Released" if past else "Release")
    after = event.after
    if after is Status.END_OF_LIFE:
        return Pill(
            "eol" if past else "alert", "s-eol", "Support ended" if past else "Support ends"
        )
    extended = event.cycle.lifecycle.extended
    word = BADGES[after][1]
    if after is Status.EXTENDED and extended.terms is ExtendedTerms.PAID:
        word = "Paid only"
    if after is Status.FREE_EXTENDED:
        word = extended.title
    return Pill(after.value, f"s-{after.value}", word if past else f"{word} after")
