"""Feeds of products, of new products and of views: what they tell, what stays, who can read them,
what they cost."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product, ReleaseCycle
from releases.presentation import feed_entries
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = ["django", "new-products", "roadmap"]
FORMS = ["atom", "rss"]
WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", aliases=["djang"], added_on=date(2025, 5, 1))
    make_cycle(product, "6.2", release="2027-04", eol="2030-04", lts="yes")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    make_cycle(product, "5.1", release="2024-08-07", eoas="2025-04-02", eol="2026-11-25")
    ReleaseCycle.history.update(history_date=WRITTEN)
    return product


def read(client: Client, path: str) -> Any:
    """The feed as feedparser reads it, without a complaint."""
    response = client.get(path)
    assert response.status_code == 200
    headers = {"content-type": response["Content-Type"]}
    feed = feedparser.parse(response.content, response_headers=headers)
    assert not feed.bozo
    return feed


def entries(client: Client, path: str) -> list[tuple[str, str]]:
    """The title of each entry and when it was updated."""
    return [
        (each.title, datetime.fromtimestamp(timegm(each.updated_parsed), UTC).isoformat()[:-6])
        for each in read(client, path).entries
    ]


def write(cycle: ReleaseCycle, at: datetime, **milestones: str) -> None:
    """Saves milestones as somebody did at that moment."""
    for name, text in milestones.items():
        setattr(cycle, name, parse_milestone(text))
    cycle._history_date = at  # type: ignore[attr-defined]
    cycle.save()


def test_the_feed_of_a_product(client: Client, django: Product) -> None:
    """What happened, with the titles and times of endoflife.date; the newest on top."""
    assert entries(client, "/django.atom") == [
        ("Django 5.1 upcoming end of life", "2026-11-18T23:59:59"),
        ("Django 5.2 (LTS) end of active support", "2025-12-03T23:59:59"),
        ("Django 5.1 end of active support", "2025-04-02T23:59:59"),
        ("Django 5.2 (LTS) released", "2025-04-02T00:00:00"),
        ("Django 5.1 released", "2024-08-07T00:00:00"),
    ]


@pytest.mark.parametrize(
    ("day", "newest"),
    [
        ("2026-11-25", "Django 5.1 upcoming end of life"),
        ("2026-11-26", "Django 5.1 end of life"),
        ("2027-04-29", "Django 5.1 end of life"),
        ("2027-04-30", "Django 6.2 (LTS) released"),
        ("2028-04-24", "Django 5.2 (LTS) upcoming end of life"),
    ],
)
def test_on_another_day(client: Client, django: Product, day: str, newest: str) -> None:
    """A release is told on its day, an end on the day after its last."""
    assert entries(client, f"/django.atom?on={day}")[0][0] == newest


def test_extended_support(client: Client) -> None:
    make_cycle(make_product("node", label="Node"), "1", eol="2020-01-01", eoes="2021-01-01")
    titles = [title for title, _ in entries(client, "/node.atom")]
    assert titles[0] == "Node 1 end of extended support"


def test_an_entry(client: Client, django: Product) -> None:
    (entry,) = [
        each
        for each in read(client, "/django.atom").entries
        if each.title == "Django 5.2 (LTS) end of active support"
    ]
    assert entry.link == "http://testserver/django/5.2/"
    assert entry.summary == "Django 5.2: end of active support, 3 Dec 2025."
    assert entry.published == entry.updated


def times(client: Client, path: str, title: str) -> tuple[str, str]:
    """When the entry of a title was published and updated."""
    (entry,) = [each for each in read(client, path).entries if each.title == title]
    return entry.published, entry.updated


@pytest.mark.parametrize("form", FORMS)
def test_a_move_updates_an_entry(client: Client, django: Product, form: str) -> None:
    """It comes first, at the time of the move; its id and the time of its publication stay."""
    title, path = "Django 5.2 (LTS) end of active support", f"/django.{form}"
    before = {each.title: each.id for each in read(client, path).entries}
    cycle = django.cycles.get(name="5.2")
    write(cycle, datetime(2026, 11, 20, 8, 30, tzinfo=UTC), eoas="2025-12-31")
    feed = read(client, path)
    assert {each.title: each.id for each in feed.entries} == before
    first = feed.entries[0]
    assert first.title == title
    assert first.summary == (
        "Django 5.2: end of active support, 31 Dec 2025. It was moved from 3 Dec 2025."
    )
    assert timegm(first.published_parsed) == timegm((2025, 12, 3, 23, 59, 59))
    assert first.updated == "2026-11-20T08:30:00+00:00"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["django", "roadmap", "changes", "stack"])
def test_a_feed_is_as_new_as_its_newest_entry(
    client: Client, django: Product, name: str, form: str
) -> None:
    """In the feed itself and in the header."""
    moved = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    write(django.cycles.get(name="5.1"), moved, eoas="2025-04-03")
    path = f"/{name}.{form}?of=django:5.1"
    feed = read(client, path)
    newest = max(timegm(each.updated_parsed) for each in feed.entries)
    assert datetime.fromtimestamp(newest, UTC) == moved
    assert timegm(feed.feed.updated_parsed) == newest
    assert client.get(path)["Last-Modified"] == "Fri, 20 Nov 2026 08:30:00 GMT"


def test_an_entry_that_never_moved_keeps_its_date(client: Client, django: Product) -> None:
    """Other edits, and a date that is known more exactly, do not update it."""
    before = entries(client, "/django.atom")
    cycle = django.cycles.get(name="5.1")
    cycle.latest = "5.1.15"
    write(cycle, WRITTEN + timedelta(days=1), eol="2026-Q4")
    write(cycle, WRITTEN + timedelta(days=2), eol="2026-12-31")
    write(cycle, WRITTEN + timedelta(days=3), lts="yes")
    write(django.cycles.get(name="6.2"), WRITTEN + timedelta(days=1), eol="2030-05")
    kept = [each for each in before if "5.1" not in each[0]]
    assert [each for each in entries(client, "/django.atom") if "5.1" not in each[0]] == kept


def test_a_move_before_an_entry_is_due_does_not_date_it_back(
    client: Client, django: Product
) -> None:
    """The entry would come with the time of a move that was made long before it."""
    write(django.cycles.get(name="5.1"), WRITTEN + timedelta(days=1), eol="2026-11-20")
    due = "2026-11-20T23:59:59+00:00"
    assert times(client, "/django.atom", "Django 5.1 end of life") == (due, due)


def test_a_move_after_the_day_updates_nothing(client: Client, django: Product) -> None:
    write(django.cycles.get(name="5.2"), datetime(2026, 11, 20, tzinfo=UTC), eoas="2025-12-31")
    _, updated = times(
        client, "/django.atom?on=2026-11-19", "Django 5.2 (LTS) end of active support"
    )
    assert updated == "2025-12-31T23:59:59+00:00"


def test_a_soon_end_that_moves_is_updated(client: Client, django: Product) -> None:
    """Its publication stays where it was told before."""
    moved = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    write(django.cycles.get(name="5.1"), moved, eol="2026-12-01")
    title = "Django 5.1: end of security support on 1 Dec 2026"
    assert times(client, "/roadmap.atom", title) == (
        "2026-07-28T00:00:00+00:00",
        "2026-11-20T08:30:00+00:00",
    )


def test_new_products(client: Client, django: Product) -> None:
    """The newest on top; not those of which nobody knows when they came."""
    make_product("python", label="Python", added_on=date(2026, 2, 1))
    make_product("acme")
    make_product("later", added_on=date(2026, 11, 22))
    found = entries(client, "/new-products.atom")
    assert found == [
        ("Python added", "2026-02-01T00:00:00"),
        ("Django added", "2025-05-01T00:00:00"),
    ]
    assert read(client, "/new-products.atom").entries[0].link == "http://testserver/python/"


def test_what_ends_soon(client: Client, django: Product) -> None:
    """It is told since it is soon, by the rule of the roadmap."""
    assert entries(client, "/roadmap.atom") == [
        ("Django 5.1: end of security support on 25 Nov 2026", "2026-07-28T00:00:00")
    ]
    assert entries(client, "/roadmap.atom?on=2026-07-27") == []
    assert len(entries(client, "/roadmap.atom?on=2026-07-28")) == 1
    assert entries(client, "/roadmap.atom?on=2026-11-26") == []


def test_moved_dates(client: Client, django: Product) -> None:
    """Each move, told when it was made; a date that is known better is none."""
    cycle = django.cycles.get(name="6.2")
    write(cycle, WRITTEN + timedelta(days=1), eol="2030-04-30")
    write(cycle, WRITTEN + timedelta(days=2), eol="2030-06-30")
    write(cycle, WRITTEN + timedelta(days=3), eol="2030-05-31")
    found = read(client, "/roadmap.atom?product=django&status=planned").entries
    assert [(each.title, each.summary, each.updated) for each in found] == [
        (
            "Django 6.2: end of security support moved to 31 May 2030",
            "Django 6.2: end of security support moved to 31 May 2030; it was 30 Jun 2030.",
            "2026-01-13T08:30:00+00:00",
        ),
        (
            "Django 6.2: end of security support moved to 30 Jun 2030",
            "Django 6.2: end of security support moved to 30 Jun 2030; it was 30 Apr 2030.",
            "2026-01-12T08:30:00+00:00",
        ),
    ]
    assert entries(client, "/roadmap.atom?status=planned&on=2026-01-11") == []
    assert len(entries(client, "/roadmap.atom?status=planned&on=2026-01-12")) == 1


def test_nobody_is_named(client: Client, django: Product, admin_client: Client) -> None:
    """The feed says what was moved, not who did it or why."""
    cycle = django.cycles.get(name="6.2")
    cycle._change_reason = "secret reason"  # type: ignore[attr-defined]
    write(cycle, WRITTEN + timedelta(days=2), eol="2030-06-30")
    text = client.get("/roadmap.atom").content.decode()
    assert "moved to" in text
    assert "secret" not in text
    assert "admin" not in text


def test_what_is_gone_is_not_told(client: Client, django: Product) -> None:
    """Of a deleted cycle there is a history, but nothing public."""
    cycle = django.cycles.get(name="6.2")
    write(cycle, WRITTEN + timedelta(days=2), eol="2030-06-30")
    cycle.delete()
    assert len(entries(client, "/roadmap.atom")) == 1


def test_pins(client: Client, django: Product) -> None:
    assert len(entries(client, "/roadmap.atom?pin=django:5.1")) == 1
    assert entries(client, "/roadmap.atom?pin=django:5.2") == []


def test_so_many_entries_at_most(
    client: Client, django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest."""
    make_cycle(django, "5.0", release="2020-01-01", eol="2026-11-30")
    monkeypatch.setattr(feed_entries, "MAX_ENTRIES", 1)
    (entry,) = entries(client, "/roadmap.atom")
    assert entry[0].startswith("Django 5.0")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_ids_stay(client: Client, django: Product, name: str, form: str) -> None:
    """They do not depend on the host or the day, and no two entries share one."""
    found = read(client, f"/{name}.{form}").entries
    ids = [entry.id for entry in found]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("urn:uuid:") for each in ids)
    other = Client(SERVER_NAME="127.0.0.1").get(f"/{name}.{form}?on=2026-11-22")
    assert [entry.id for entry in feedparser.parse(other.content).entries] == ids


def test_the_id_of_an_end_stays_when_it_moves(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="5.1")
    before = read(client, "/roadmap.atom").entries[0]
    write(cycle, WRITTEN + timedelta(days=1), eol="2026-12-01")
    (after,) = [each for each in read(client, "/roadmap.atom").entries if " on " in each.title]
    assert after.title == "Django 5.1: end of security support on 1 Dec 2026"
    assert before.id == after.id


def test_feeds_have_ids_of_their_own(client: Client, django: Product) -> None:
    """A view has one, whichever page of it is asked for."""
    paths = ["/django.atom", "/new-products.atom", "/roadmap.atom", "/roadmap.atom?lts=1"]
    assert len({read(client, path).feed.id for path in paths}) == 4
    found = read(client, "/roadmap.atom?page=2&utm_source=x&lts=1").feed
    assert found.id == read(client, "/roadmap.atom?lts=1").feed.id
    (itself,) = [link.href for link in found.links if link.rel == "self"]
    assert itself == "http://testserver/roadmap.atom?lts=1"


def test_the_feed_itself(client: Client, django: Product) -> None:
    """What it is of, whose it is, and the page beside it."""
    found = read(client, "/django.atom").feed
    assert found.title == "Release Roadmap: Django events"
    assert found.author == "Release Roadmap"
    assert found.link == "http://testserver/django/"
    assert found.updated == "2026-11-18T23:59:59+00:00"
    assert read(client, "/roadmap.rss?lts=1").feed.link == "http://testserver/?lts=1"


def test_the_name_of_the_site(client: Client, django: Product, settings: Settings) -> None:
    settings.SITE_NAME = "Acme's <dates>"
    assert read(client, "/django.atom").feed.title == "Acme's <dates>: Django events"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["acme", "new-products", "roadmap"])
def test_an_empty_feed(client: Client, name: str, form: str) -> None:
    """It is a feed, too, and does not say that it was updated now."""
    make_product("acme")
    response = client.get(f"/{name}.{form}")
    assert entries(client, f"/{name}.{form}") == []
    assert response["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert b"2026" not in response.content


@pytest.mark.parametrize("form", FORMS)
def test_both_forms_tell_the_same(client: Client, django: Product, form: str) -> None:
    for name in NAMES:
        titles = [each.title for each in read(client, f"/{name}.{form}").entries]
        assert titles == [title for title, _ in entries(client, f"/{name}.atom")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["evil", "new-products", "roadmap"])
def test_hostile_names_stay_text(client: Client, name: str, form: str) -> None:
    """No name is markup, in the feed or in what a reader makes of it."""
    label = "<script>alert(1)</script> ]]> &amp; \x0b\x1f\ufffe\n\"'"
    product = make_product("evil", label=label, added_on=date(2026, 1, 1))
    make_cycle(product, "1 <", release="2020-01-01", eol="2026-11-30", label="&lt;b>")
    root = ET.fromstring(client.get(f"/{name}.{form}").content)
    shown = "<script>alert(1)</script> ]]> &amp; \"'"
    assert any(shown in (each.text or "") for each in root.iter())
    # What readers take for HTML is escaped once more.
    html = root.findall(".//item/description") + root.findall(f".//{ATOM}summary")
    assert html
    assert all("<" not in (each.text or "") for each in html)
    assert not read(client, f"/{name}.{form}").bozo


def test_days_at_the_ends_of_the_calendar(client: Client) -> None:
    make_cycle(make_product("old"), "1", release="0001-01-01", eol="0001-01-03", eoes="9999-12-31")
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=WRITTEN)  # not a cycle that came after its product
    assert [title for title, _ in entries(client, "/old.atom")] == [
        "Old 1 end of life",
        "Old 1 released",
    ]
    for model in (Product, ReleaseCycle):  # one change: the cycle came with its product
        model.history.update(history_date=WRITTEN)
    assert read(client, "/roadmap.atom").entries == []


@pytest.mark.parametrize(
    ("form", "media_type"), [("atom", "application/atom+xml"), ("rss", "application/rss+xml")]
)
@pytest.mark.parametrize("name", NAMES)
def test_other_programs_may_read_it(
    client: Client, django: Product, name: str, form: str, media_type: str
) -> None:
    response = client.get(f"/{name}.{form}")
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in response or "Cookie" not in response["Vary"]
    assert not response.cookies
    assert client.head(f"/{name}.{form}").status_code == 200
    assert client.post(f"/{name}.{form}").status_code == 405


@pytest.mark.parametrize("form", FORMS)
def test_an_alias_leads_to_the_feed_of_its_product(
    client: Client, django: Product, form: str
) -> None:
    response = client.get(f"/djang.{form}?on=2028-01-01")
    assert response.status_code == 301
    assert response["Location"] == f"/django.{form}?on=2028-01-01"


def test_an_unknown_product_has_no_feed(client: Client) -> None:
    assert client.get("/nope.atom").status_code == 404


@pytest.mark.parametrize("count", [3, 30])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """Six queries with everything, however many products there are."""
    for number in range(count):
        product = make_product(f"p{number}", category="os", tags=["linux"])
        make_cycle(product, "1", release="2026-01-01", eol="2027-01-01")
    # the product, its cycles, their history
    with django_assert_num_queries(3):
        client.get("/p1.atom")
    # the products
    with django_assert_num_queries(1):
        client.get("/new-products.atom")
    # the cycles, their history
    with django_assert_num_queries(2):
        client.get("/roadmap.atom")
    # names of products, pinned cycles, whether there is the category, and the tag; the cycles,
    # their history
    with django_assert_num_queries(6):
        client.get("/roadmap.atom?pin=p1:1&tag=linux&category=os&product=p2")
