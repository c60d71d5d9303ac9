"""The page of upcoming dates, and its calendar and feed, which have the same dates."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import feedparser
import pytest
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from releases.domain.roadmap.agenda import AgendaList
from releases.models import Product, ReleaseCycle
from releases.presentation import agenda
from releases.selectors.roadmap import events as selector
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

LINE = re.compile(
    r'<li(?P<same> class="same")?>\s*<time datetime="(?P<iso>[^"]*)">(?P<day>.*?)</time>.*?'
    r'<a\s+href="(?P<url>[^"]*)">(?P<title>[^<]*)</a>(?P<lts>.*?)</span></span>\s*'
    r'<span class="says">(?P<says>.*?)</span>\s*'
    r'<span class="sev"><span class="pill (?P<tint>[^"]*)">.*?</svg>(?P<pill>[^<]*)</span>',
    re.DOTALL,
)
"""A line of the agenda."""


@pytest.fixture
def catalogue() -> None:
    """One product for each kind of date; today is 21 Nov 2026."""
    django = make_product("django", label="Django", category="framework", aliases=["dj"])
    make_cycle(django, "6.2", release="2027-04", eoas="2028", eol="2030-04", lts="yes")
    make_cycle(django, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(django, "6.0", release="2025-12-03", eoas="2026-08-04", eol="2027-04-30")
    ubuntu = make_product(
        "ubuntu", label="Ubuntu", category="os", tags=["linux"], extended_terms="paid"
    )
    make_cycle(
        ubuntu, "22.04", release="2022-04-21", eoas="2024-09", eol="2027-04-01", eoes="2032-04-09"
    )
    make_cycle(ubuntu, "16.04", release="2016-04-21", eol="2021-04-30", eoes="2027-04-23")
    suse = make_product("sles", label="SUSE", category="os")
    make_cycle(suse, "15.4", release="2022-06-21", eol="2023-12-31", eoes="2026-12-31")
    debian = make_product(
        "debian", label="Debian", category="os", extended_terms="free", eoes_label="Debian LTS"
    )
    make_cycle(debian, "13", release="2025-08-09", eol="2027-05-01", eoes="2030-06-30")
    phone = make_product(
        "moto", label="Moto", category="device", show_eol=True, eol_label="Security Updates"
    )
    for name in ("E15", "G05", "G15"):
        make_cycle(phone, name, label=f"Moto {name}", release="2024-10-01", eol="2026-12-31")
    make_cycle(make_product("go"), "1.25", release="2025-08", eol="2026-11-20")


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/calendar/{query}")
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", "", html)).split())


def lines(client: Client, query: str = "") -> list[tuple[str, ...]]:
    """Return day, title, what happens, and what is left of each line."""
    return [
        (found["iso"], words(found["title"]), words(found["says"]), words(found["pill"]))
        for found in LINE.finditer(page(client, query))
    ]


@pytest.mark.usefixtures("catalogue")
def test_upcoming_dates_in_order(client: Client) -> None:
    """Each says what ends, what continues, and what is left; a month comes after its last day."""
    assert lines(client) == [
        ("2026-12-31", "Moto, 3 models", "Security updates end Moto E15, Moto G05, Moto G15",
         "Support ends"),
        ("2026-12-31", "SUSE 15.4", "Extended support ends", "Support ends"),
        ("2027-04-01", "Ubuntu 22.04", "Security fixes end Paid until 9 Apr 2032",
         "Paid only after"),
        ("2027-04-23", "Ubuntu 16.04", "Paid support ends", "Support ends"),
        ("2027-04-30", "Django 6.1", "Bug fixes end Security fixes until 31 Dec 2027",
         "Security only after"),
        ("2027-04-30", "Django 6.0", "Security fixes end", "Support ends"),
        ("2027-04", "Django 6.2", "Release expected The day is not announced yet", "Release"),
        ("2027-05-01", "Debian 13", "Security support ends LTS until 30 Jun 2030", "LTS after"),
    ]  # fmt: skip
    assert "8 dates" in page(client)


@pytest.mark.usefixtures("catalogue")
def test_months_and_days(client: Client) -> None:
    """Months have headings. A day that is repeated is in the markup, too."""
    html = page(client)
    assert re.findall('<h2 class="month"[^>]*>([^<]*)</h2>', html) == [
        *("December 2026", "April 2027", "May 2027")
    ]
    found = list(LINE.finditer(html))
    assert [words(each["day"]) for each in found] == [
        *("31 Thu", "31 Thu", "1 Thu", "23 Fri", "30 Fri", "30 Fri", "in Apr", "1 Sat")
    ]
    assert [bool(each["same"]) for each in found] == [
        *(False, True, False, False, False, True, False, False)
    ]


@pytest.mark.parametrize(("release", "day"), [("2027-Q1", "in Q1"), ("2026", "in 2026")])
def test_imprecise_dates_are_at_the_end_of_their_period(
    client: Client, release: str, day: str
) -> None:
    make_cycle(make_product("go"), "2", release=release)
    (found,) = LINE.finditer(page(client))
    assert words(found["day"]) == day
    assert found["iso"] == release[:4]


@pytest.mark.usefixtures("catalogue")
def test_past_dates_have_the_latest_first(client: Client) -> None:
    """They are sorted by the date that is shown, and say what was."""
    assert lines(client, "?list=ended") == [
        ("2026-11-20", "Go 1.25", "Security support ended", "Support ended"),
    ]
    assert lines(client, "?list=ended&from=2024-09") == [
        ("2026-11-20", "Go 1.25", "Security support ended", "Support ended"),
        ("2026-08-04", "Django 6.0", "Bug fixes ended Security fixes until 30 Apr 2027",
         "Security only"),
        ("2024-09", "Ubuntu 22.04", "Bug fixes ended Security fixes until 1 Apr 2027",
         "Security only"),
    ]  # fmt: skip
    assert lines(client, "?list=released&from=2026-01") == [
        ("2026-08-05", "Django 6.1", "Released Supported until 31 Dec 2027", "Released"),
    ]


def test_support_lasts_through_its_last_day(client: Client) -> None:
    """On that day it has not ended yet; a release is out on its day."""
    make_cycle(make_product("go"), "1", release="2025-01-01", eol="2026-11-21")
    make_cycle(make_product("rust"), "2", release="2026-11-21")
    assert [line[1] for line in lines(client)] == ["Go 1"]
    assert [line[1] for line in lines(client, "?list=released")] == ["Rust 2"]
    assert lines(client, "?list=ended") == []
    assert [line[1] for line in lines(client, "?list=ended&on=2026-11-22")] == ["Go 1"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("kind=release", ["Django 6.2"]),
        ("kind=bugs", ["Django 6.1"]),
        ("category=os&kind=support", ["SUSE 15.4", "Ubuntu 22.04", "Ubuntu 16.04", "Debian 13"]),
        ("tag=linux", ["Ubuntu 22.04", "Ubuntu 16.04"]),
        ("q=suse", ["SUSE 15.4"]),
        ("product=dj&product=sles", ["SUSE 15.4", "Django 6.1", "Django 6.0", "Django 6.2"]),
        ("product=nope", []),
        ("to=2026-12", ["Moto, 3 models", "SUSE 15.4"]),
        ("on=2027-05-02&category=framework", []),
    ],
)
@pytest.mark.usefixtures("catalogue")
def test_filters(client: Client, query: str, titles: list[str]) -> None:
    assert [line[1] for line in lines(client, f"?{query}")] == titles


@pytest.mark.usefixtures("catalogue")
def test_form_keeps_the_other_parameters(client: Client) -> None:
    """Its fields show the query; what has no field is kept, and can be removed."""
    html = page(client, "?list=ended&q=dj&product=django&tag=x&kind=bugs&category=os&from=2025-01")
    form = html.split('<form class="filters')[1].split("</form>")[0]
    hidden = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    assert hidden == [
        *(("list", "ended"), ("product", "django"), ("tag", "x"), ("from", "2025-01"))
    ]
    assert 'value="bugs" checked' in " ".join(form.split())
    assert 'value="support">' in " ".join(form.split())
    assert '<option value="os" selected' in " ".join(form.split())
    assert 'aria-label="Remove filter: Django"' in html
    assert "There is no tag “x” here." in html
    assert client.get("/calendar/?q=&category=&kind=bugs")["Location"] == "/calendar/?kind=bugs"


@pytest.mark.usefixtures("catalogue")
def test_empty_list_has_a_way_out(client: Client) -> None:
    html = page(client, "?q=nothing&to=2028-06")
    assert 'No date matches. <a href="?to=2028-06">Clear all filters</a>' in html
    assert "0 dates" in html


@pytest.mark.usefixtures("catalogue")
def test_lead_and_periods_name_the_days(client: Client) -> None:
    def lead(query: str) -> str:
        return words(page(client, query).split('<p class="lead">')[1].split("</p>")[0])

    assert lead("") == ("What ends and what comes out in the next 180 days, from 21 Nov 2026.")
    assert lead("?to=2028-06&on=2027-01-01") == (
        "What ends and what comes out until 30 Jun 2028, from 1 Jan 2027."
    )
    assert lead("?list=ended") == "What ended in the last 90 days, up to 21 Nov 2026."
    assert lead("?list=released&from=2026-01") == (
        "What came out since 1 Jan 2026, up to 21 Nov 2026."
    )
    html = page(client, "?to=2028-06")
    assert '<a class="chip" href="?to=2028-11"\n    >2 years</a>' in html
    assert "Until Jun 2028" in html
    assert "Showing the list of" in page(client, "?on=2027-01-01")


def test_many_cycles_of_a_line_are_not_all_named(client: Client) -> None:
    phone = make_product("phone", category="device")
    for number in range(agenda.MAX_NAMES + 2):
        make_cycle(phone, str(number), release="2025-01-01", eol="2026-12-31")
    ((_, title, says, _),) = lines(client)
    assert title == "Phone, 14 models"
    assert says.endswith("10, 11 and 2 more")


def test_long_list_is_paginated(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is that of all pages, and a page past the end shows the last one."""
    monkeypatch.setattr(agenda, "LINES_A_PAGE", 2)
    for number in range(5):
        make_cycle(make_product(f"p{number}"), "1", release="2025-01-01", eol="2026-12-31")
    found = [[line[1] for line in lines(client, f"?page={number}")] for number in (1, 2, 3, 9)]
    assert found == [["P0 1", "P1 1"], ["P2 1", "P3 1"], ["P4 1"], ["P4 1"]]
    html = page(client, "?page=2&q=p")
    assert "5 dates" in html
    assert 'rel="next" href="?q=p&amp;page=3"' in html
    assert 'rel="prev" href="?q=p"' in html


def test_names_are_escaped(client: Client) -> None:
    product = make_product("evil", label="<b>x</b>", eol_label="<i>&</i> Support")
    make_cycle(product, "1", label="<u>", eol="2026-12-31")
    html = page(client)
    assert "<b>x" not in html
    assert "<u>" not in html
    assert "&amp; support ends" in html


# ---- calendar and feed


def calendar_events(client: Client, address: str) -> set[tuple[str, str]]:
    """Return day and title of the events of a calendar."""
    calendar: Any = Calendar.from_ical(client.get(address).content)
    return {(str(each["DTSTART"].dt), str(each["SUMMARY"])) for each in calendar.walk("VEVENT")}


QUERIES = [
    *("", "?kind=release", "?kind=bugs&kind=support&q=ubuntu", "?category=os", "?product=dj"),
    *(
        "?tag=linux",
        "?list=ended",
        "?list=released&kind=release",
        "?product=nope",
        "?on=2027-04-01",
    ),
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.usefixtures("catalogue")
def test_calendar_and_feed_have_the_dates_of_the_page(client: Client, query: str) -> None:
    """The feed has both the coming and the past ones, the calendar those of later days, too."""
    html = page(client, query)
    addresses = [unescape(each) for each in re.findall(r'href="(/roadmap\.[^"]*)"', html)]
    feed = next(each for each in addresses if ".atom" in each)
    calendar = next(each for each in addresses if ".ics" in each)
    assert f'href="webcal://testserver{calendar}"'.replace("&", "&amp;") in html
    entries = feedparser.parse(client.get(feed).content).entries
    told = {each.title.partition(":")[0] for each in entries}
    one_list = "list=" in query or "kind=" in query
    every = [""] if one_list else [f"{'&' if query else '?'}list={each}" for each in AgendaList]
    names = {title for each in every for title in shown(client, query + each)}
    assert names <= {title.partition(":")[0] for _, title in calendar_events(client, calendar)}
    assert names <= told if one_list else names == told


def shown(client: Client, query: str) -> set[str]:
    """Return the title of each cycle on a page, also of those that share a line."""
    found = set()
    for line in LINE.finditer(page(client, query)):
        found |= set(re.findall(r'<a\s+href="[^"]*">([^<]*)</a>', line["says"])) or {
            words(line["title"])
        }
    return found


@pytest.mark.usefixtures("catalogue")
def test_calendar_has_only_the_kinds(client: Client) -> None:
    """Without kinds it has all milestones, as before."""
    assert calendar_events(client, "/roadmap.ics?kind=bugs") == {
        ("2026-08-04", "Django 6.0: end of active support"),
        ("2027-04-30", "Django 6.1: end of active support"),
        ("2028-12-31", "Django 6.2: end of active support"),
    }
    assert calendar_events(client, "/roadmap.ics?kind=release&product=django") == {
        ("2025-12-03", "Django 6.0: release"),
        ("2026-08-05", "Django 6.1: release"),
        ("2027-04-30", "Django 6.2: release"),
    }
    assert ("2024-09-30", "Ubuntu 22.04: end of active support") in calendar_events(
        client, "/roadmap.ics"
    )
    pinned = calendar_events(client, "/roadmap.ics?kind=support&pin=django:6.0")
    assert pinned == {("2027-04-30", "Django 6.0: end of security support")}


@pytest.mark.usefixtures("catalogue")
def test_feed_entry_is_published_when_its_date_comes_up(client: Client) -> None:
    """It is updated when the date moves."""
    ReleaseCycle.history.update(history_date="2026-01-10T00:00Z")

    def entry(query: str = "") -> Any:
        found = feedparser.parse(client.get(f"/roadmap.atom?kind=release{query}").content).entries
        (only,) = [each for each in found if "6.2" in each.title]
        return only

    before = entry()
    assert before.title == "Django 6.2: release in Apr 2027"
    assert before.published == "2026-11-01T00:00:00+00:00"
    cycle = ReleaseCycle.objects.get(name="6.2")
    cycle.release_date, cycle.release_precision = "2027-05-10", "day"
    cycle._history_date = "2026-11-20T08:00Z"  # type: ignore[attr-defined]
    cycle.save()
    after = entry()
    assert (after.id, after.updated) == (before.id, "2026-11-20T08:00:00+00:00")
    assert after.summary.endswith("It was moved from Apr 2027.")


@pytest.mark.parametrize("address", ["/roadmap.ics", "/roadmap.atom", "/roadmap.rss"])
def test_unknown_kind_is_refused(client: Client, address: str) -> None:
    response = client.get(f"{address}?kind=moved")
    assert response.status_code == 400
    assert b"kind: \xe2\x80\x9cmoved\xe2\x80\x9d cannot be read" in response.content


@pytest.mark.usefixtures("catalogue")
def test_large_catalogue_has_the_nearest_dates(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If not all cycles are read, the days shown are complete, and the page says so."""
    monkeypatch.setattr(selector, "MAX_CYCLES", 4)
    assert [line[1] for line in lines(client)] == ["Moto, 3 models", "SUSE 15.4"]
    html = page(client)
    assert "2+ dates" in html
    assert "There are more dates than this list can hold." in html
    monkeypatch.setattr(selector, "MAX_CYCLES", 1)
    assert [line[1] for line in lines(client, "?list=ended&from=2024-09")] == ["Go 1.25"]
    monkeypatch.setattr(selector, "MAX_CYCLES", 10)
    assert "There are more dates" not in page(client)


@pytest.mark.usefixtures("catalogue")
def test_calendar_of_an_unknown_pin_is_empty(client: Client) -> None:
    assert calendar_events(client, "/roadmap.ics?kind=support&pin=nope:1") == set()


@pytest.mark.parametrize("number", [3, 30])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    """The count does not depend on the number of products."""
    for each in range(number):
        product = make_product(f"p{each}", category="os", tags=["linux"])
        make_cycle(product, "1", release="2026-01-01", eol="2027-01-01")
    # cycles, categories
    with django_assert_num_queries(2):
        page(client)
    # product names and labels, cycles, categories, existence of the tag, and for the search the
    # revision and the names
    with django_assert_num_queries(7):
        page(client, "?product=p1&tag=linux&category=os&q=p&kind=support")
    # cycles, history
    for address in ("/roadmap.ics?kind=support", "/roadmap.atom?kind=support"):
        with django_assert_num_queries(2):
            client.get(address)


def test_agenda_of_an_empty_catalogue(client: Client) -> None:
    assert Product.objects.count() == 0
    assert "0 dates" in page(client)
