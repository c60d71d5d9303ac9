"""Calendars: the events of a product as the public site has them, and those of any view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from icalendar import Alarm
from icalendar import Event as CalendarEvent

from releases import selectors
from releases.domain.history.changes import Change, moves
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import MILESTONE_WORDS, Status, status_on
from releases.domain.lifecycle.words import one_line
from releases.domain.roadmap.events import Event, alarm_days, events_of, nearest, stable_id
from releases.domain.roadmap.query import MAX_TEXT, NAMES, QueryProblem
from releases.formats.labels import MILESTONE_KEYS, cycle_title
from releases.models import ReleaseCycle
from releases.presentation.calendar_files import all_day, new_calendar, precision_words
from releases.presentation.stack import STACK, cycles_of
from releases.web.cached_views import cached
from releases.web.parameters import asked_stack, refuse, strict_query
from releases.web.redirects import get_product_or_redirect
from releases.web.responses import data_view

CycleEvent = Event[ReleaseCycle]
Titles = Callable[[CycleEvent], str]

PUBLIC_MILESTONES: Final = ("release", "eoas", "eol", "eoes", "discontinued")
"""What the public site makes events of."""

MOST_EVENTS: Final = 2_000
"""Of more events than this a calendar has those that are nearest to its day."""

UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where the history does not say when a date was written."""


@cached("on", "planned")
@require_safe
@data_view
def product_ics(request: HttpRequest, name: str) -> HttpResponse:
    """`/calendar/<product>.ics`: all that the public site's calendar has, under its titles; with
    `?planned=1` also the cycles that are not out yet. Raises `Http404`."""
    product = get_product_or_redirect(
        request, name, "product_ics", read=selectors.product_with_cycles
    )
    if isinstance(product, HttpResponse):
        return product
    on = strict_query(request).on
    cycles = list(product.cycles.all())
    planned = request.GET.get("planned", "") or "0"
    if planned not in ("0", "1"):
        refuse([QueryProblem("planned", f"“{planned[:MAX_TEXT]}” is ignored: expected 1.")])
    if planned == "0":
        cycles = [cycle for cycle in cycles if status_on(cycle.lifecycle, on) is not Status.PLANNED]
    events = events_of(cycles, PUBLIC_MILESTONES)
    title = f"{product.label}: releases and ends of support"
    return _answer(request, events, on, title=title, titles=_public_title)


@cached(*NAMES)
@require_safe
@data_view
def roadmap_ics(request: HttpRequest) -> HttpResponse:
    """`/roadmap.ics`: the events of the cycles of a view, of all its pages. Where the view says
    `from` or `to`, only those in its window."""
    query = strict_query(request)
    events = events_of(selectors.cycles_in_view(query))
    if query.start or query.last:
        events = [event for event in events if event.day.date in query.window]
    return _answer(request, events, query.on, title=settings.SITE_NAME, titles=_title)


@cached(*STACK)
@require_safe
@data_view
def stack_ics(request: HttpRequest) -> HttpResponse:
    """`/stack.ics?of=...`: the events of what is in a stack."""
    asked = asked_stack(request, strict=True)
    events = events_of(cycles_of(asked.check.items))
    title = f"{settings.SITE_NAME}: your stack"
    return _answer(request, events, asked.query.on, title=title, titles=_title)


def _answer(
    request: HttpRequest, events: Sequence[CycleEvent], on: date, *, title: str, titles: Titles
) -> HttpResponse:
    chosen = nearest(events, on, MOST_EVENTS)
    calendar = new_calendar(title)
    if len(chosen) < len(events):
        part = f"The {len(chosen)} events that are nearest to {PartialDate(on)}, of {len(events)}."
        for name in ("description", "x-wr-caldesc"):
            calendar.add(name, part)
    for event in _calendar_events(request, chosen, on, titles):
        calendar.add_component(event)
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


def _calendar_events(
    request: HttpRequest, events: Sequence[CycleEvent], on: date, titles: Titles
) -> Iterable[CalendarEvent]:
    site = request.build_absolute_uri("/").removesuffix("/")
    histories = selectors.public_histories({event.cycle for event in events})
    for event in events:
        history = histories.get(event.cycle.pk)
        changes = history.dates[event.milestone] if history else []
        title = one_line(titles(event))
        found = _calendar_event(event, changes, title=title, site=site)
        days = alarm_days(event.cycle.lifecycle, event.milestone)
        if days and event.day.date >= on:
            found.add_component(_alarm(title, days))
        yield found


def _calendar_event(
    event: CycleEvent, changes: Sequence[Change], *, title: str, site: str
) -> CalendarEvent:
    cycle, product, day = event.cycle, event.cycle.product, event.day
    changed_at = changes[-1].at if changes else UNKNOWN
    found = all_day(day.date)
    found.add("uid", str(stable_id(product.name, cycle.name, event.milestone)))
    found.add("dtstamp", changed_at)
    found.add("last-modified", changed_at)
    found.add("sequence", len(moves(changes)))
    found.add("summary", title)
    found.add("description", _description(event))
    found.add("categories", [MILESTONE_KEYS[event.milestone], product.name])
    found.add("url", f"{site}{cycle.get_absolute_url()}")
    return found


def _alarm(title: str, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-days))
    alarm.add("description", title)
    return alarm


def _description(event: CycleEvent) -> str:
    product, day = event.cycle.product, event.day
    words = MILESTONE_WORDS[event.milestone]
    sentence = f"{one_line(product.label)} {event.cycle.name}: {words}, {day}."
    return f"{sentence}{precision_words(day)}"


def _public_title(event: CycleEvent) -> str:
    """As the public site has it: `Django 5.2 EOL`."""
    cycle = event.cycle
    return f"{cycle.product.label} {cycle.name} {MILESTONE_KEYS[event.milestone].upper()}"


def _title(event: CycleEvent) -> str:
    cycle = event.cycle
    title = f"{cycle.product.label} {cycle_title(cycle.product, cycle)}"
    return f"{title}: {MILESTONE_WORDS[event.milestone]}"
