"""Calendars and feeds of the shared catalogue, compared with its files and API labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import feedparser
import pytest
import vobject
import yaml
from django.test import Client
from icalendar import Calendar

from tests.conftest import CATALOGUE, ON

pytestmark = [
    pytest.mark.catalogue,
    pytest.mark.django_db,
    pytest.mark.usefixtures("catalogue"),
]

KEYS = ("releaseDate", "eoas", "eol", "eoes", "discontinued")
TITLES = {
    "releaseDate": "released",
    "eoas": "end of active support",
    "eol": "end of life",
    "eoes": "end of extended support",
}


def products() -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Yield each product's name, file contents, and cycle labels by cycle name."""
    answer = json.loads((CATALOGUE / "expected" / "api-v1-products-full.json").read_text("utf-8"))
    labels = {
        product["name"]: {each["name"]: each["label"] for each in product["releases"]}
        for product in answer
    }
    for path in sorted((CATALOGUE / "products").glob("*.md")):
        data = next(yaml.safe_load_all(path.read_text("utf-8")))
        name = data["permalink"].strip("/")
        yield name, data, labels[name]


def events(client: Client, path: str) -> list[tuple[str, date]]:
    """Return the titles and days of a calendar; vobject must find as many events."""
    content = client.get(path).content
    found: Any = Calendar.from_ical(content).walk("VEVENT")
    assert len(getattr(vobject.readOne(content.decode()), "vevent_list", [])) == len(found)
    return sorted((str(each["SUMMARY"]), each["DTSTART"].dt) for each in found)


def test_calendars_contain_every_date(client: Client) -> None:
    """Every date in a file is an event with the title of endoflife.date.

    Dates of unreleased cycles are included only on request.
    """
    count = 0
    for name, data, _ in products():
        out: list[tuple[str, date]] = []
        planned: list[tuple[str, date]] = []
        for cycle in data["releases"]:
            title = f"{data['title']} {cycle['releaseCycle']}"
            group = out if cycle["releaseDate"] <= ON else planned
            dated = ((key, cycle.get(key)) for key in KEYS)
            group += [
                (f"{title} {key.upper()}", day) for key, day in dated if isinstance(day, date)
            ]
        assert events(client, f"/calendar/{name}.ics") == sorted(out)
        assert events(client, f"/calendar/{name}.ics?planned=1") == sorted(out + planned)
        count += len(out) + len(planned)
    assert count == 2928


def test_feeds_contain_past_events_and_eol_notices(client: Client) -> None:
    """Entries have the timestamps of endoflife.date."""
    for name, data, labels in products():
        response = client.get(f"/{name}.atom")
        headers = {"content-type": response["Content-Type"]}
        feed = feedparser.parse(response.content, response_headers=headers)
        assert not feed.bozo
        expected = []
        for cycle in data["releases"]:
            title = " ".join(f"{data['title']} {labels[cycle['releaseCycle']]}".split())
            days = [(TITLES[key], cycle.get(key)) for key in TITLES]
            if isinstance(cycle.get("eol"), date):
                days.append(("upcoming end of life", cycle["eol"] - timedelta(days=7)))
            for words, day in days:
                start = words == "released"
                if isinstance(day, date) and (day <= ON if start else day < ON):
                    time = "00:00:00" if start else "23:59:59"
                    expected.append((f"{title} {words}", f"{day}T{time}+00:00"))
        assert sorted((each.title, each.updated) for each in feed.entries) == sorted(expected)


def test_only_future_events_have_alarms(client: Client) -> None:
    """Five of Python's ends of support are in the future."""
    calendar: Any = Calendar.from_ical(client.get("/calendar/python.ics").content)
    ringing = [each["DTSTART"].dt for each in calendar.walk("VEVENT") if each.walk("VALARM")]
    assert len(ringing) == 5
    assert min(ringing) >= ON
