"""Feeds of products, new products and roadmaps: entries, stable ids, headers and query counts."""

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
    """Return the feed as parsed by feedparser, which must not report errors."""
    response = client.get(path)
    assert response.status_code == 200
    headers = {"content-type": response["Content-Type"]}
    feed = feedparser.parse(response.content, response_headers=headers)
    assert not feed.bozo
    return feed


def entries(client: Client, path: str) -> list[tuple[str, str]]:
    """Return the title and update time of each entry."""
    return [
        (each.title, datetime.fromtimestamp(timegm(each.updated_parsed), UTC).isoformat()[:-6])
        for each in read(client, path).entries
    ]


def write(cycle: ReleaseCycle, at: datetime, **milestones: str) -> None:
    """Save milestones with the given time in the history."""
    for name, text in milestones.items():
        setattr(cycle, name, parse_milestone(text))
    cycle._history_date = at  # type: ignore[attr-defined]
    cycle.save()


def test_product_feed_matches_endoflife_date(client: Client, django: Product) -> None:
    """Titles and times are the same; the newest entry comes first."""
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
def test_feed_as_of_another_date(client: Client, django: Product, day: str, newest: str) -> None:
    """A release appears on its day, an end on the day after its last day."""
    assert entries(client, f"/django.atom?on={day}")[0][0] == newest


def test_extended_support_has_an_entry(client: Client) -> None:
    make_cycle(make_product("node", label="Node"), "1", eol="2020-01-01", eoes="2021-01-01")
    titles = [title for title, _ in entries(client, "/node.atom")]
    assert titles[0] == "Node 1 end of extended support"


def test_entry_properties(client: Client, django: Product) -> None:
    (entry,) = [
        each
        for each in read(client, "/django.atom").entries
        if each.title == "Django 5.2 (LTS) end of active support"
    ]
    assert entry.link == "http://testserver/django/5.2/"
    assert entry.summary == "Django 5.2: end of active support, 3 Dec 2025."
    assert entry.published == entry.updated


def times(client: Client, path: str, title: str) -> tuple[str, str]:
    """Return the publication and update time of the entry with this title."""
    (entry,) = [each for each in read(client, path).entries if each.title == title]
    return entry.published, entry.updated


@pytest.mark.parametrize("form", FORMS)
def test_moved_date_updates_the_entry(client: Client, django: Product, form: str) -> None:
    """The entry moves to the top; its id and publication time stay."""
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
def test_feed_update_time_is_that_of_its_newest_entry(
    client: Client, django: Product, name: str, form: str
) -> None:
    """This applies to the feed element and to the `Last-Modified` header."""
    moved = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    write(django.cycles.get(name="5.1"), moved, eoas="2025-04-03")
    path = f"/{name}.{form}?of=django:5.1"
    feed = read(client, path)
    newest = max(timegm(each.updated_parsed) for each in feed.entries)
    assert datetime.fromtimestamp(newest, UTC) == moved
    assert timegm(feed.feed.updated_parsed) == newest
    assert client.get(path)["Last-Modified"] == "Fri, 20 Nov 2026 08:30:00 GMT"


def test_unmoved_entry_keeps_its_date(client: Client, django: Product) -> None:
    """Other edits, and a date with higher precision, do not update it."""
    before = entries(client, "/django.atom")
    cycle = django.cycles.get(name="5.1")
    cycle.latest = "5.1.15"
    write(cycle, WRITTEN + timedelta(days=1), eol="2026-Q4")
    write(cycle, WRITTEN + timedelta(days=2), eol="2026-12-31")
    write(cycle, WRITTEN + timedelta(days=3), lts="yes")
    write(django.cycles.get(name="6.2"), WRITTEN + timedelta(days=1), eol="2030-05")
    kept = [each for each in before if "5.1" not in each[0]]
    assert [each for each in entries(client, "/django.atom") if "5.1" not in each[0]] == kept


def test_early_move_does_not_backdate_an_entry(client: Client, django: Product) -> None:
    """An entry is not dated before it appears."""
    write(django.cycles.get(name="5.1"), WRITTEN + timedelta(days=1), eol="2026-11-20")
    due = "2026-11-20T23:59:59+00:00"
    assert times(client, "/django.atom", "Django 5.1 end of life") == (due, due)


def test_move_after_the_given_date_updates_nothing(client: Client, django: Product) -> None:
    write(django.cycles.get(name="5.2"), datetime(2026, 11, 20, tzinfo=UTC), eoas="2025-12-31")
    _, updated = times(
        client, "/django.atom?on=2026-11-19", "Django 5.2 (LTS) end of active support"
    )
    assert updated == "2025-12-31T23:59:59+00:00"


def test_moved_end_that_is_soon_is_updated(client: Client, django: Product) -> None:
    """Its publication time stays."""
    moved = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    write(django.cycles.get(name="5.1"), moved, eol="2026-12-01")
    title = "Django 5.1: end of security support on 1 Dec 2026"
    assert times(client, "/roadmap.atom", title) == (
        "2026-07-28T00:00:00+00:00",
        "2026-11-20T08:30:00+00:00",
    )


def test_new_products_feed(client: Client, django: Product) -> None:
    """Newest first; products without a known date are left out."""
    make_product("python", label="Python", added_on=date(2026, 2, 1))
    make_product("acme")
    make_product("later", added_on=date(2026, 11, 22))
    found = entries(client, "/new-products.atom")
    assert found == [
        ("Python added", "2026-02-01T00:00:00"),
        ("Django added", "2025-05-01T00:00:00"),
    ]
    assert read(client, "/new-products.atom").entries[0].link == "http://testserver/python/"


def test_roadmap_feed_lists_what_ends_soon(client: Client, django: Product) -> None:
    """An entry appears on the first day on which the roadmap calls it soon."""
    assert entries(client, "/roadmap.atom") == [
        ("Django 5.1: end of security support on 25 Nov 2026", "2026-07-28T00:00:00")
    ]
    assert entries(client, "/roadmap.atom?on=2026-07-27") == []
    assert len(entries(client, "/roadmap.atom?on=2026-07-28")) == 1
    assert entries(client, "/roadmap.atom?on=2026-11-26") == []


def test_roadmap_feed_lists_moved_dates(client: Client, django: Product) -> None:
    """Each move has the time at which it was made; a higher precision is no move."""
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


def test_user_and_reason_are_not_published(
    client: Client, django: Product, admin_client: Client
) -> None:
    cycle = django.cycles.get(name="6.2")
    cycle._change_reason = "secret reason"  # type: ignore[attr-defined]
    write(cycle, WRITTEN + timedelta(days=2), eol="2030-06-30")
    text = client.get("/roadmap.atom").content.decode()
    assert "moved to" in text
    assert "secret" not in text
    assert "admin" not in text


def test_deleted_cycles_have_no_entries(client: Client, django: Product) -> None:
    """Their history exists, but is not public."""
    cycle = django.cycles.get(name="6.2")
    write(cycle, WRITTEN + timedelta(days=2), eol="2030-06-30")
    cycle.delete()
    assert len(entries(client, "/roadmap.atom")) == 1


def test_roadmap_feed_with_pins(client: Client, django: Product) -> None:
    assert len(entries(client, "/roadmap.atom?pin=django:5.1")) == 1
    assert entries(client, "/roadmap.atom?pin=django:5.2") == []


def test_number_of_entries_is_limited(
    client: Client, django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest entries are kept."""
    make_cycle(django, "5.0", release="2020-01-01", eol="2026-11-30")
    monkeypatch.setattr(feed_entries, "MAX_ENTRIES", 1)
    (entry,) = entries(client, "/roadmap.atom")
    assert entry[0].startswith("Django 5.0")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_entry_ids_are_stable(client: Client, django: Product, name: str, form: str) -> None:
    """They do not depend on host or date, and no two entries share one."""
    found = read(client, f"/{name}.{form}").entries
    ids = [entry.id for entry in found]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("urn:uuid:") for each in ids)
    other = Client(SERVER_NAME="127.0.0.1").get(f"/{name}.{form}?on=2026-11-22")
    assert [entry.id for entry in feedparser.parse(other.content).entries] == ids


def test_entry_id_of_an_end_survives_a_move(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="5.1")
    before = read(client, "/roadmap.atom").entries[0]
    write(cycle, WRITTEN + timedelta(days=1), eol="2026-12-01")
    (after,) = [each for each in read(client, "/roadmap.atom").entries if " on " in each.title]
    assert after.title == "Django 5.1: end of security support on 1 Dec 2026"
    assert before.id == after.id


def test_feeds_have_distinct_ids(client: Client, django: Product) -> None:
    """All pages of a roadmap share one id."""
    paths = ["/django.atom", "/new-products.atom", "/roadmap.atom", "/roadmap.atom?lts=1"]
    assert len({read(client, path).feed.id for path in paths}) == 4
    found = read(client, "/roadmap.atom?page=2&utm_source=x&lts=1").feed
    assert found.id == read(client, "/roadmap.atom?lts=1").feed.id
    (itself,) = [link.href for link in found.links if link.rel == "self"]
    assert itself == "http://testserver/roadmap.atom?lts=1"


def test_feed_properties(client: Client, django: Product) -> None:
    """It has a title, an author and a link to its page."""
    found = read(client, "/django.atom").feed
    assert found.title == "Release Roadmap: Django events"
    assert found.author == "Release Roadmap"
    assert found.link == "http://testserver/django/"
    assert found.updated == "2026-11-18T23:59:59+00:00"
    assert read(client, "/roadmap.rss?lts=1").feed.link == "http://testserver/?lts=1"


def test_feed_title_contains_the_site_name(
    client: Client, django: Product, settings: Settings
) -> None:
    settings.SITE_NAME = "Acme's <dates>"
    assert read(client, "/django.atom").feed.title == "Acme's <dates>: Django events"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["acme", "new-products", "roadmap"])
def test_empty_feed_is_valid(client: Client, name: str, form: str) -> None:
    """Its update time is not the current time."""
    make_product("acme")
    response = client.get(f"/{name}.{form}")
    assert entries(client, f"/{name}.{form}") == []
    assert response["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert b"2026" not in response.content


@pytest.mark.parametrize("form", FORMS)
def test_atom_and_rss_have_the_same_entries(client: Client, django: Product, form: str) -> None:
    for name in NAMES:
        titles = [each.title for each in read(client, f"/{name}.{form}").entries]
        assert titles == [title for title, _ in entries(client, f"/{name}.atom")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["evil", "new-products", "roadmap"])
def test_hostile_names_are_escaped(client: Client, name: str, form: str) -> None:
    """No name is markup, neither in the feed nor in its HTML content."""
    label = "<script>alert(1)</script> ]]> &amp; \x0b\x1f\ufffe\n\"'"
    product = make_product("evil", label=label, added_on=date(2026, 1, 1))
    make_cycle(product, "1 <", release="2020-01-01", eol="2026-11-30", label="&lt;b>")
    root = ET.fromstring(client.get(f"/{name}.{form}").content)
    shown = "<script>alert(1)</script> ]]> &amp; \"'"
    assert any(shown in (each.text or "") for each in root.iter())
    # Feed readers interpret these elements as HTML, so their text is escaped twice.
    html = root.findall(".//item/description") + root.findall(f".//{ATOM}summary")
    assert html
    assert all("<" not in (each.text or "") for each in html)
    assert not read(client, f"/{name}.{form}").bozo


def test_first_and_last_representable_dates(client: Client) -> None:
    make_cycle(make_product("old"), "1", release="0001-01-01", eol="0001-01-03", eoes="9999-12-31")
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=WRITTEN)  # the cycle is not newer than its product
    assert [title for title, _ in entries(client, "/old.atom")] == [
        "Old 1 end of life",
        "Old 1 released",
    ]
    for model in (Product, ReleaseCycle):  # cycle and product form one change
        model.history.update(history_date=WRITTEN)
    assert read(client, "/roadmap.atom").entries == []


@pytest.mark.parametrize(
    ("form", "media_type"), [("atom", "application/atom+xml"), ("rss", "application/rss+xml")]
)
@pytest.mark.parametrize("name", NAMES)
def test_feed_is_readable_cross_origin(
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
def test_alias_redirects_to_the_product_feed(client: Client, django: Product, form: str) -> None:
    response = client.get(f"/djang.{form}?on=2028-01-01")
    assert response.status_code == 301
    assert response["Location"] == f"/django.{form}?on=2028-01-01"


def test_unknown_product_has_no_feed(client: Client) -> None:
    assert client.get("/nope.atom").status_code == 404


@pytest.mark.parametrize("count", [3, 30])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """The count does not depend on the number of products; all filters together take four."""
    for number in range(count):
        product = make_product(f"p{number}", category="os", tags=["linux"])
        make_cycle(product, "1", release="2026-01-01", eol="2027-01-01")
    # product, cycles, history
    with django_assert_num_queries(3):
        client.get("/p1.atom")
    # products
    with django_assert_num_queries(1):
        client.get("/new-products.atom")
    # cycles, history
    with django_assert_num_queries(2):
        client.get("/roadmap.atom")
    # product names, pinned cycles, cycles, history
    with django_assert_num_queries(4):
        client.get("/roadmap.atom?pin=p1:1&tag=linux&category=os&product=p2")
