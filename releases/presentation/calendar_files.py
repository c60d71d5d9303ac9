"""Calendars (RFC 5545): what calendars of events and of upgrade plans have in common."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from icalendar import Calendar
from icalendar import Event as CalendarEvent

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import one_line

REFRESH: Final = timedelta(days=1)


def new_calendar(title: str) -> Calendar:
    """Return a calendar without events, which programs read again each day."""
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
    if day < date.max:  # without an end it is all of that day, too
        event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def precision_words(day: PartialDate) -> str:
    """Return how exactly the day of an event is known; empty if to the day."""
    if not day.imprecise:
        return ""
    precision = day.precision.value
    return f" Known to the {precision} only, and shown on the last day of that {precision}."
