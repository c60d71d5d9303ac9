"""Calendars of products and roadmaps: events, stable ids, headers and query counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import vobject
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product, ReleaseCycle
from releases.presentation import calendar_files
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

CALENDARS = ["/calendar/django.ics", "/roadmap.ics"]
WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", aliases=["djang"])
    make_cycle(product, "6.2", release="2027-04", eol="2030-04", lts="2027-04-05")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30")
    make_cycle(product, "1.4", release="2012-03-23", eol="2015-10-01", discontinued="2016-01-01")
    ReleaseCycle.history.update(history_date=WRITTEN)
    return product


def read(client: Client, path: str) -> Any:
    """Return the calendar parsed by icalendar; vobject must find the same events."""
    response = client.get(path)
    assert response.status_code == 200
    calendar = Calendar.from_ical(response.content)
    assert isinstance(calendar, Calendar)
    assert not calendar.errors
    other = vobject.readOne(response.content.decode())
    uids = [event.uid.value for event in getattr(other, "vevent_list", [])]
    assert uids == [str(event["UID"]) for event in calendar.events]
    return calendar


def events(client: Client, path: str) -> list[tuple[str, str]]:
    """Return the title and first day of each event."""
    return [
        (str(event["SUMMARY"]), event["DTSTART"].dt.isoformat())
        for event in read(client, path).events
    ]


def event(client: Client, path: str, title: str) -> Any:
    (found,) = [each for each in read(client, path).events if each["SUMMARY"] == title]
    return found


def write(cycle: ReleaseCycle, at: datetime, **milestones: str) -> None:
    """Save milestones with the given time in the history."""
    for name, text in milestones.items():
        setattr(cycle, name, parse_milestone(text))
    cycle._history_date = at  # type: ignore[attr-defined]
    cycle.save()


def test_product_calendar_matches_endoflife_date(client: Client, django: Product) -> None:
    """Titles and dates are the same; LTS dates and unreleased cycles are left out."""
    assert events(client, "/calendar/django.ics") == [
        ("Django 1.4 RELEASEDATE", "2012-03-23"),
        ("Django 1.4 EOL", "2015-10-01"),
        ("Django 1.4 DISCONTINUED", "2016-01-01"),
        ("Django 5.2 RELEASEDATE", "2025-04-02"),
        ("Django 5.2 EOAS", "2025-12-03"),
        ("Django 5.2 EOL", "2028-04-30"),
    ]


def test_planned_cycles_are_included_on_request(client: Client, django: Product) -> None:
    found = events(client, "/calendar/django.ics?planned=1")
    assert ("Django 6.2 EOL", "2030-04-30") in found
    assert len(found) == 8
    assert len(events(client, "/calendar/django.ics?on=2027-04-30")) == 8
    assert len(events(client, "/calendar/django.ics?planned=0")) == 6


def test_event_is_an_all_day_event(client: Client, django: Product) -> None:
    """It is transparent and links to the page of its cycle."""
    write(django.cycles.get(name="5.2"), WRITTEN, eol="2028-05-31")
    found = event(client, "/calendar/django.ics", "Django 5.2 EOL")
    assert found["DTSTART"].params["VALUE"] == found["DTEND"].params["VALUE"] == "DATE"
    assert found["DTSTART"].dt == date(2028, 5, 31)
    assert found["DTEND"].dt == date(2028, 6, 1)
    assert found["TRANSP"] == "TRANSPARENT"
    assert found["URL"] == "http://testserver/django/5.2/"
    assert found.categories == ["eol", "django"]
    assert found["DESCRIPTION"] == "Django 5.2: end of security support, 31 May 2028."


def test_approximate_date_is_explained(client: Client, django: Product) -> None:
    """The event is on the last day of the period."""
    found = event(client, "/roadmap.ics", "Django 6.2: end of security support")
    assert found["DTSTART"].dt == date(2030, 4, 30)
    assert found["DESCRIPTION"] == (
        "Django 6.2: end of security support, Apr 2030."
        " Known to the month only, and shown on the last day of that month."
    )


def test_moved_date_keeps_uid_and_increments_sequence(client: Client, django: Product) -> None:
    """The timestamps are those of the history."""
    cycle = django.cycles.get(name="5.2")
    title = "Django 5.2: end of security support"
    before = event(client, "/roadmap.ics", title)
    write(cycle, WRITTEN + timedelta(days=1), eol="2028-06-30")
    write(cycle, WRITTEN + timedelta(days=2), eoas="2025-12-31")
    after = event(client, "/roadmap.ics", title)
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert before["DTSTAMP"].dt == before["LAST-MODIFIED"].dt == WRITTEN
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt == WRITTEN + timedelta(days=1)


def test_every_move_increments_the_sequence(client: Client, django: Product) -> None:
    """This includes a move back; other edits and a higher precision do not count."""
    cycle = django.cycles.get(name="6.2")
    write(cycle, WRITTEN + timedelta(days=1), eol="2030-04-30")
    write(cycle, WRITTEN + timedelta(days=2), eol="2030-06-30")
    cycle.latest = "6.2a1"
    write(cycle, WRITTEN + timedelta(days=3), eol="2030-04-30")
    write(cycle, WRITTEN + timedelta(days=4), eol="")
    write(cycle, WRITTEN + timedelta(days=5), eol="2030-Q2")
    found = event(client, "/roadmap.ics", "Django 6.2: end of security support")
    assert found["SEQUENCE"] == 3


def test_only_public_moves_increment_the_sequence(client: Client, django: Product) -> None:
    """All moves within a draft count as one, on the day of its publication.

    Changes before the first publication do not count.
    """
    cycle = django.cycles.get(name="6.2")
    Product.history.update(draft=True, history_date=WRITTEN)
    for day, eol in ((1, "2030-06"), (2, "2030-08")):
        write(cycle, WRITTEN + timedelta(days=day), eol=eol)
    django._history_date = WRITTEN + timedelta(days=3)  # type: ignore[attr-defined]
    django.save()
    title = "Django 6.2: end of security support"
    shown = event(client, "/roadmap.ics", title)
    assert (shown["SEQUENCE"], shown["DTSTAMP"].dt) == (0, WRITTEN + timedelta(days=3))
    cycle.draft = True
    for day, eol in ((4, "2030-09"), (5, "2030-10")):
        write(cycle, WRITTEN + timedelta(days=day), eol=eol)
    cycle.publish_on = date(2026, 2, 1)
    write(cycle, WRITTEN + timedelta(days=6))
    shown = event(client, "/roadmap.ics", title)
    assert shown["DTSTART"].dt == date(2030, 10, 31)
    assert (shown["SEQUENCE"], shown["DTSTAMP"].dt) == (1, datetime(2026, 2, 1, tzinfo=UTC))


def test_event_without_history_is_dated_to_the_epoch(client: Client, django: Product) -> None:
    """An unknown time must not be reported as today."""
    ReleaseCycle.history.all().delete()
    found = event(client, "/calendar/django.ics", "Django 5.2 EOL")
    assert (found["DTSTAMP"].dt, found["SEQUENCE"]) == (datetime(1970, 1, 1, tzinfo=UTC), 0)


def test_alarms_precede_ends_by_a_quarter_of_the_phase(client: Client, django: Product) -> None:
    """An alarm is at most 90 days ahead, and releases have none."""
    make_cycle(django, "4.0", release="2026-01-01", eol="2026-12-07")
    for title, days in (("4.0 EOL", 85), ("5.2 EOL", 90), ("5.2 EOAS", 61)):
        path = "/calendar/django.ics?on=2025-12-03"
        (alarm,) = event(client, f"{path}&planned=1", f"Django {title}").walk("VALARM")
        assert alarm["ACTION"] == "DISPLAY"
        assert alarm["TRIGGER"].dt == timedelta(days=-days)
        assert alarm["DESCRIPTION"] == f"Django {title}"
    assert not event(client, "/calendar/django.ics", "Django 5.2 RELEASEDATE").walk("VALARM")


@pytest.mark.parametrize("path", [*CALENDARS, "/stack.ics?of=django:5.2"])
def test_past_events_have_no_alarm(client: Client, django: Product, path: str) -> None:
    """Calendar programs would trigger all of them at once; an event of today still has one."""

    def alarms(day: str) -> list[str]:
        with_day = f"{path}{'&' if '?' in path else '?'}on={day}"
        found = read(client, with_day).walk("VEVENT")
        return [each["DTSTART"].dt.isoformat() for each in found if each.walk("VALARM")]

    assert {"2025-12-03", "2028-04-30"} <= set(alarms("2025-12-03"))
    assert min(alarms("2025-12-04")) == "2028-04-30"


def test_last_representable_date_has_no_end(client: Client) -> None:
    """Some sources use 9999-12-31 for “never”, and no date follows it."""
    make_cycle(
        make_product(), "1", release="0001-01-01", eol="9999-12-31", discontinued="0001-01-02"
    )
    found = event(client, "/calendar/django.ics", "Django 1 EOL")
    assert found["DTSTART"].dt == date.max
    assert "DTEND" not in found


def test_calendar_properties(client: Client, django: Product) -> None:
    """It has a name and a refresh interval."""
    calendar = read(client, "/calendar/django.ics")
    assert calendar["VERSION"] == "2.0"
    assert calendar["X-WR-CALNAME"] == calendar["NAME"] == "Django: releases and ends of support"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(days=1)
    assert read(client, "/roadmap.ics")["X-WR-CALNAME"] == "Release Roadmap"


def test_roadmap_calendar(client: Client, django: Product) -> None:
    """It contains all events including LTS, without cycles that ended long ago."""
    assert events(client, "/roadmap.ics") == [
        ("Django 5.2: release", "2025-04-02"),
        ("Django 5.2: end of active support", "2025-12-03"),
        ("Django 6.2: start of long-term support", "2027-04-05"),
        ("Django 6.2: release", "2027-04-30"),
        ("Django 5.2: end of security support", "2028-04-30"),
        ("Django 6.2: end of security support", "2030-04-30"),
    ]


@pytest.mark.parametrize(
    ("query", "cycles"),
    [
        ("status=security", {"5.2"}),
        ("status=eol", {"1.4"}),
        ("lts=1", {"6.2"}),
        ("product=djang", {"5.2", "6.2"}),
        ("product=djang&all=django", {"1.4", "5.2", "6.2"}),
        ("product=python", {"3.14"}),
        ("category=lang&product=djang&product=python", {"3.14"}),
        ("category=lang&product=nope", set()),
        ("category=nope", set()),
        ("tag=nope", set()),
        ("tag=psf", {"3.14"}),
        ("q=pyth", {"3.14"}),
        ("pin=django:1.4&pin=djang:5.2&pin=nope:1&pin=django:9", {"1.4", "5.2"}),
        ("pin=nope:1", set()),
        ("pin=django:1.4&status=planned", {"1.4", "6.2"}),
        ("page=2&group=none&sort=-eol", {"5.2", "6.2", "3.14"}),
        ("on=2016-06-01", {"1.4", "5.2", "6.2", "3.14"}),
    ],
)
def test_roadmap_calendar_accepts_roadmap_queries(
    client: Client, django: Product, query: str, cycles: set[str]
) -> None:
    """Filters and pins have the same meaning; page and order are ignored.

    Pins without a filter stand alone, and cycles that ended recently are included.
    """
    python = make_product("python", category="lang", tags=["psf"])
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")
    assert {
        title.split(":")[0].split()[1] for title, _ in events(client, f"/roadmap.ics?{query}")
    } == cycles


def test_calendar_is_limited_to_the_given_window(client: Client, django: Product) -> None:
    found = events(client, "/roadmap.ics?from=2025-12&to=2028-04")
    assert [day for _, day in found] == ["2025-12-03", "2027-04-05", "2027-04-30", "2028-04-30"]


def test_calendar_covers_all_pages(client: Client) -> None:
    for number in range(30):
        make_cycle(make_product(f"p{number}"), "1", release="2026-01-01")
    assert len(events(client, "/roadmap.ics")) == 30


def test_number_of_events_is_limited(
    client: Client, django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events nearest to the date are kept, and the description says so."""
    monkeypatch.setattr(calendar_files, "MAX_EVENTS", 2)
    calendar = read(client, "/roadmap.ics")
    assert [each["DTSTART"].dt for each in calendar.events] == [date(2027, 4, 5), date(2027, 4, 30)]
    assert calendar["X-WR-CALDESC"] == "The 2 events that are nearest to 21 Nov 2026, of 6."


@pytest.mark.parametrize("path", ["/calendar/acme.ics", "/roadmap.ics?q=nothing"])
def test_calendar_without_events_is_valid(client: Client, path: str) -> None:
    make_product("acme")
    assert events(client, path) == []


def test_hostile_names_are_escaped(client: Client) -> None:
    """No name can end a line, a value or the calendar."""
    label = 'A\nEND:VCALENDAR\r\n;:,\\"\x0b\u2028\x85\x01<b>'
    make_cycle(make_product("evil", label=label), "1;\\,=", eol="2027-01-01", label="x\ny")
    (found,) = read(client, "/calendar/evil.ics").events
    assert found["SUMMARY"] == 'A END:VCALENDAR ;:,\\" <b> 1;\\,= EOL'
    (found,) = read(client, "/roadmap.ics").events
    assert found["SUMMARY"] == 'A END:VCALENDAR ;:,\\" <b> x y: end of security support'


@pytest.mark.parametrize("path", CALENDARS)
def test_calendar_is_readable_cross_origin(client: Client, django: Product, path: str) -> None:
    response = client.get(path)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in response or "Cookie" not in response["Vary"]
    assert not response.cookies
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", CALENDARS)
def test_response_is_reproducible(client: Client, django: Product, path: str) -> None:
    """It contains no timestamp of the request."""
    assert client.get(path).content == client.get(f"{path}?utm_source=x").content


def test_lines_are_folded(client: Client) -> None:
    """Lines have at most 75 octets (RFC 5545) and characters are not split."""
    make_cycle(make_product(label="長期支援" * 40), "1", eol="2027-01-01")
    content = client.get("/roadmap.ics").content
    assert all(len(line) <= 75 and line.decode() is not None for line in content.split(b"\r\n"))


def test_alias_redirects_to_the_calendar_of_the_product(client: Client, django: Product) -> None:
    response = client.get("/calendar/djang.ics?planned=1")
    assert response.status_code == 301
    assert response["Location"] == "/calendar/django.ics?planned=1"


def test_unknown_product_has_no_calendar(client: Client) -> None:
    assert client.get("/calendar/nope.ics").status_code == 404


@pytest.mark.parametrize("count", [3, 30])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """The count does not depend on the number of products; all filters together take four."""
    for number in range(count):
        product = make_product(f"p{number}", category="os", tags=["linux"])
        make_cycle(product, "1", release="2026-01-01", eol="2027-01-01")
    # cycles, history
    with django_assert_num_queries(2):
        client.get("/roadmap.ics")
    # product names, pinned cycles, cycles, history
    with django_assert_num_queries(4):
        client.get("/roadmap.ics?pin=p1:1&tag=linux&category=os&product=p2")
    # product, cycles, history
    with django_assert_num_queries(3):
        client.get("/calendar/p1.ics")
