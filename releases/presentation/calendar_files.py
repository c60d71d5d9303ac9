"""Calendars (RFC 5545) of the events of cycles, and helpers for calendars of upgrade plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar
from icalendar import Event as CalendarEvent

from releases import selectors
from releases.domain.history.changes import Change, moves
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.words import one_line
from releases.domain.roadmap.events import Event, alarm_days, nearest, stable_id
from releases.models import ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl
from releases.presentation.rows import full_title

CycleEvent = Event[ReleaseCycle]
Titles = Callable[[CycleEvent], str]

MAX_EVENTS: Final = 2_000
"""Maximum number of events of a calendar; the ones nearest to its date are kept."""

UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a change that is missing in the history."""

REFRESH: Final = timedelta(days=1)


def event_calendar(
    events: Sequence[CycleEvent], on: date, *, title: str, titles: Titles, absolute: AbsoluteUrl
) -> Calendar:
    """Return a calendar of the events of cycles.

    Args:
        events: The events.
        on: The date that alarms are relative to: past events have none.
        title: The title of the calendar.
        titles: Returns the title of an event.
        absolute: Makes a path an absolute URL.
    """
    chosen = nearest(events, on, MAX_EVENTS)
    calendar = new_calendar(title)
    if len(chosen) < len(events):
        part = f"The {len(chosen)} events that are nearest to {PartialDate(on)}, of {len(events)}."
        for name in ("description", "x-wr-caldesc"):
            calendar.add(name, part)
    for event in _calendar_events(chosen, on, titles, absolute):
        calendar.add_component(event)
    return calendar


def new_calendar(title: str) -> Calendar:
    """Return a calendar without events, which calendar programs refresh daily."""
    calendar = Calendar()
    calendar.add("prodid", "-//Release Roadmap//Release Roadmap//EN")
    calendar.add("version", "2.0")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, one_line(title))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "P1D")
    return calendar


def all_day(day: date) -> CalendarEvent:
    """Return an event that lasts all of a day and does not block time."""
    event = CalendarEvent()
    event.add("dtstart", day)
    if day < date.max:  # an event without an end lasts that day, too
        event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def precision_words(day: PartialDate) -> str:
    """Return a sentence on the precision of a date; empty if it is known to the day."""
    if not day.imprecise:
        return ""
    precision = day.precision.value
    return f" Known to the {precision} only, and shown on the last day of that {precision}."


def _calendar_events(
    events: Sequence[CycleEvent], on: date, titles: Titles, absolute: AbsoluteUrl
) -> Iterable[CalendarEvent]:
    site = absolute("/").removesuffix("/")
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
    changed_at = changes[-1].at if changes else UNKNOWN_TIME
    found = all_day(day.date)
    found.add("uid", str(stable_id(product.name, cycle.name, event.milestone)))
    found.add("dtstamp", changed_at)
    found.add("last-modified", changed_at)
    found.add("sequence", len(moves(changes)))
    found.add("summary", title)
    found.add("description", _description(event))
    found.add("categories", [MILESTONES[event.milestone].file_key, product.name])
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
    words = MILESTONES[event.milestone].noun
    sentence = f"{one_line(product.label)} {event.cycle.name}: {words}, {day}."
    return f"{sentence}{precision_words(day)}"


def public_title(event: CycleEvent) -> str:
    """Return the title of an event as on endoflife.date: `Django 5.2 EOL`."""
    cycle = event.cycle
    return f"{cycle.product.label} {cycle.name} {MILESTONES[event.milestone].file_key.upper()}"


def event_title(event: CycleEvent) -> str:
    """Return the title of an event with the label of its cycle."""
    return f"{full_title(event.cycle)}: {MILESTONES[event.milestone].noun}"
