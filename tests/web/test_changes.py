"""The page of changes, its feeds and its data: what they report, in which order and words, what
they leave out, what they cost."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.selectors.history import changes
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from releases.web.page_keys import normalized_query
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", aliases=["dj"])
    make_cycle(product, "6.2", release="2027-04", eoas="2028-01", eol="2030-04", lts="yes")
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30", lts="yes")
    since(WRITTEN)
    return product


def since(moment: datetime) -> None:
    """All that was written was written then."""
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=moment)


def write(row: Any, days: float, **values: Any) -> None:
    """Saves a row as somebody did so many days later; milestones as texts."""
    for name, value in values.items():
        is_milestone = name in ("release", "eoas", "eol", "eoes", "lts")
        setattr(row, name, parse_milestone(value) if is_milestone else value)
    row._history_date = WRITTEN + timedelta(days=days)
    row.save()


def cycle(name: str, product: str = "django") -> ReleaseCycle:
    return ReleaseCycle.objects.get(product__name=product, name=name)


def told(client: Client, query: str = "") -> list[tuple[str, str, str, str]]:
    """Day, cycle, milestone and new date of each change."""
    rows = csv.DictReader(client.get(f"/changes.csv{query}").content.decode().splitlines())
    return [(row["at"][:10], row["cycle"], row["milestone"], row["new"]) for row in rows]


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/changes/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_moved(client: Client, django: Product) -> None:
    """Day by day, the newest on top: which date of which cycle, from when to when, how far."""
    write(cycle("6.2"), 1, eol="2031-04", eoas="2027-12-31")
    write(cycle("5.2"), 1.5, eol="2028-04-21")
    write(cycle("6.2"), 3, eol="2031-04-30", eoas="2028-12")
    words = re.sub(r"</?(?:time|del|ins|span)[^>]*>", "", page(client))
    lines = re.split(r"</?(?:li|h2|a|p)[^>]*>", words)
    order = [
        "13 Jan 2026",
        "Active support until: 31 Dec 2027 → Dec 2028, 12 months later",
        "11 Jan 2026",
        "Security support until: 30 Apr 2028 → 21 Apr 2028, 9 days earlier",
        "Active support until: Jan 2028 → 31 Dec 2027, 1 month earlier",
        "Security support until: Apr 2030 → Apr 2031, 12 months later",
    ]
    assert [line for line in lines if line in order] == order
    assert '<a href="/django/6.2/">Django 6.2</a>' in page(client)


def kinds(client: Client, query: str = "") -> list[tuple[str, str, str, str, str]]:
    """Cycle, kind, milestone, old and new date of each change."""
    rows = csv.DictReader(client.get(f"/changes.csv{query}").content.decode().splitlines())
    names = ("cycle", "kind", "milestone", "old", "new")
    return [(row[names[0]], *(row[name] for name in names[1:])) for row in rows]  # type: ignore[misc]


def test_announced_withdrawn_and_added(client: Client, django: Product) -> None:
    """In all forms, by words of their own, and in all of them by kind."""
    write(cycle("5.2"), 1, eol="no")
    write(cycle("5.2"), 2, eol="2029-01-01")
    make_cycle(django, "6.3", release="2028", eol="2031")
    ReleaseCycle.history.filter(name="6.3").update(history_date=WRITTEN + timedelta(days=3))
    expected = [
        ("6.3", "added", "", "", ""),
        ("5.2", "announced", "security_until", "no", "2029-01-01"),
        ("5.2", "withdrawn", "security_until", "2028-04-30", "no"),
    ]
    assert kinds(client) == expected
    assert kinds(client, "?kind=withdrawn&kind=added") == [expected[0], expected[2]]
    assert kinds(client, "?kind=moved") == []
    words = re.sub(r"</?(?:time|del|ins|span)[^>]*>", "", page(client))
    for line in (
        "new release cycle",
        "Security support until: 1 Jan 2029, announced",
        "Security support until: 30 Apr 2028, withdrawn",
    ):
        assert f"<li>{line}</li>" in words
    feed = feedparser.parse(client.get("/changes.atom").content)
    assert [(each.title, each.summary) for each in feed.entries] == [
        ("Django 6.3: new release cycle", "Django 6.3: new release cycle."),
        (
            "Django 5.2: end of security support announced for 1 Jan 2029",
            "Django 5.2: end of security support announced for 1 Jan 2029.",
        ),
        (
            "Django 5.2: end of security support withdrawn",
            "Django 5.2: end of security support withdrawn; it was 30 Apr 2028.",
        ),
    ]
    only = feedparser.parse(client.get("/changes.atom?kind=announced").content)
    assert [each.id for each in only.entries] == [feed.entries[1].id]
    assert only.feed.id != feed.feed.id
    (first, *_) = json.loads(client.get("/changes.json?kind=added").content)["changes"]
    assert (first["kind"], first["milestone"], first["old"]) == ("added", None, None)
    view = feedparser.parse(client.get("/roadmap.atom").content)
    assert {each.id for each in feed.entries} <= {each.id for each in view.entries}


def test_end_without_a_date(client: Client, django: Product) -> None:
    write(cycle("5.2"), 1, eoas="yes")
    assert "Active support until: announced, without a date" in page(client)
    (entry,) = feedparser.parse(client.get("/changes.atom").content).entries
    assert entry.title == "Django 5.2: end of active support announced, without a date"


def test_filter_by_kind(client: Client, django: Product) -> None:
    """The boxes of the form keep their state, and an unknown kind is named."""
    html = page(client, "?kind=moved&kind=sold")
    assert '<input type="checkbox" name="kind" value="moved" checked> Moved' in html
    assert '<input type="checkbox" name="kind" value="added"> New cycle' in html
    assert "expected one of added, announced, moved, withdrawn." in html
    assert "No changes match." in html


def test_what_is_no_change(client: Client, django: Product) -> None:
    """A new product with its cycles, a date that is known better, another edit, a deletion."""
    make_cycle(make_product("python"), "3.14", release="2025-10", eol="2030-10")
    since(WRITTEN)
    write(cycle("6.2"), 1, eol="2030-04-30", latest="6.2a1")
    cycle("5.2").delete()
    assert told(client) == []
    assert "No changes yet." in page(client)


def test_new_cycle_is_no_change_while_it_is_a_draft(client: Client, django: Product) -> None:
    """It is added when it is published; its ends until then are not reported."""
    row = make_cycle(django, "7.0", release="2028", eol="no", draft=True)
    ReleaseCycle.history.filter(name="7.0").update(history_date=WRITTEN + timedelta(days=1))
    write(row, 2, eol="2031")
    for path in ("/changes/", "/changes.json", "/changes.csv", "/changes.atom", "/roadmap.atom"):
        assert "7.0" not in client.get(path).content.decode()
    write(row, 3, draft=False)
    assert kinds(client) == [("7.0", "added", "", "", "")]


def test_import_of_a_cycle_is_reported(client: Client, tmp_path: Path) -> None:
    """A new product is silent; a cycle that a later file brings is not."""
    text = (BUNDLED / "django.md").read_text()
    head, first, rest = text.partition("  - releaseCycle:")
    cut = f"{head}{first}{rest.partition(first)[2]}"
    path = tmp_path / "django.md"
    for content in (cut, text):
        path.write_text(content)
        list(import_products(product_files([tmp_path]), on=ON))
    assert [kind for _, kind, *_ in kinds(client)] == ["added"]


def test_the_import_is_no_change(client: Client) -> None:
    """Of all products at first, nor again."""
    for _ in range(2):
        list(import_products(product_files([BUNDLED]), on=ON))
    assert ReleaseCycle.history.count() > 100
    assert told(client) == []


def test_a_date_that_went_away_and_came_back(client: Client, django: Product) -> None:
    """It was withdrawn, and announced again."""
    write(cycle("6.2"), 1, eol="", eoas="")
    write(cycle("6.2"), 2, eol="2030-04-30", eoas="2029")
    assert [(kind, milestone) for _, kind, milestone, *_ in kinds(client)] == [
        ("announced", "active_until"),
        ("announced", "security_until"),
        ("withdrawn", "active_until"),
        ("withdrawn", "security_until"),
    ]


def test_what_is_restored_is_compared_with_what_was(client: Client, django: Product) -> None:
    row = cycle("5.2")
    pk = row.pk
    row._history_date = WRITTEN + timedelta(days=1)  # type: ignore[attr-defined]
    row.delete()
    assert told(client) == []
    row = ReleaseCycle(pk=pk, product=django, name="5.2")
    write(row, 2, release="2025-04-02", lts="yes", eol="2029")
    assert told(client) == [("2026-01-12", "5.2", "security_until", "2029")]


# ---- what is not told


def test_nobody_is_named(client: Client, django: Product) -> None:
    """Neither who nor why, in any form."""
    row = cycle("6.2")
    row._history_user = get_user_model().objects.create(username="secretary")  # type: ignore[attr-defined]
    row._change_reason = "secret reason"  # type: ignore[attr-defined]
    write(row, 1, eol="2031")
    for path in ("/changes/", "/changes.json", "/changes.csv", "/changes.atom", "/changes.rss"):
        text = client.get(path).content.decode()
        assert "2031" in text
        assert "secret" not in text


def test_moves_inside_a_draft_are_not_told(client: Client, django: Product) -> None:
    """But what everybody saw before it and after it is, as of when they could."""
    row = cycle("6.2")
    write(row, 1, draft=True, eol="2031")
    write(row, 2, eol="2032")
    write(cycle("5.2"), 3, eol="2029")
    expected = [("2026-01-13", "5.2", "security_until", "2029")]
    assert told(client) == expected
    write(row, 4, eol="2033", draft=False)
    assert told(client) == [("2026-01-14", "6.2", "security_until", "2033"), *expected]
    write(row, 5, eol="2034")
    assert told(client)[0] == ("2026-01-15", "6.2", "security_until", "2034")


def test_a_draft_that_is_published_on_a_day(client: Client, django: Product) -> None:
    """Its move is told since that day begins, although no row of history says so."""
    write(cycle("6.2"), 1, eol="2031", draft=True, publish_on=date(2026, 11, 21))
    assert told(client) == [("2026-11-21", "6.2", "security_until", "2031")]
    (change,) = json.loads(client.get("/changes.json").content)["changes"]
    assert change["at"] == "2026-11-21T00:00:00+00:00"
    row = cycle("6.2")
    write(row, 2, publish_on=date(2026, 11, 22))
    assert told(client) == []


def test_of_a_product_that_is_a_draft_nothing_is_told(client: Client, django: Product) -> None:
    """Until it is published; what was moved before that was never public."""
    make_cycle(make_product("python"), "3.14", release="2025-10-07", eol="2030-10")
    Product.history.filter(name="python").update(draft=True)
    since(WRITTEN)
    write(cycle("3.14", "python"), 1, eol="2031-10")
    Product.objects.filter(name="python").update(draft=True)
    assert told(client) == []
    assert "there is no such product here" in page(client, "?product=python")
    write(Product.objects.get(name="python"), 2, draft=False)
    assert told(client) == []
    write(cycle("3.14", "python"), 3, eol="2032-10")
    assert told(client) == [("2026-01-13", "3.14", "security_until", "2032-10")]


def test_what_is_gone_is_not_told(client: Client, django: Product) -> None:
    """A change without a page to lead to."""
    write(cycle("6.2"), 1, eol="2031")
    write(cycle("5.2"), 1, eol="2031")
    cycle("6.2").delete()
    write(cycle("5.2"), 2, draft=True)
    assert told(client) == []


# ---- which part of it


def test_some_products_only(client: Client, django: Product) -> None:
    """By name or alias; who is unknown is named."""
    for name in ("python", "node"):
        make_cycle(make_product(name), "1", eol="2030")
    since(WRITTEN)
    for number, product in enumerate(("django", "python", "node"), start=1):
        write(ReleaseCycle.objects.filter(product__name=product)[0], number, eol="2031")
    assert [row[0] for row in told(client)] == ["2026-01-13", "2026-01-12", "2026-01-11"]
    assert len(told(client, "?product=dj")) == 1
    assert len(told(client, "?product=python&product=django&product=dj")) == 2
    html = page(client, "?product=python&product=nope&product=a/b&page=x")
    assert "“nope” is ignored: there is no such product here." in html
    assert "expected a name such as django" in html
    assert "/node/" not in html
    assert '<input type="checkbox" name="product" value="python" checked>' in html
    assert 'href="/?product=python&amp;product=nope&amp;known_on=2026-01-11"' in html


def test_empty_fields_do_not_stand_in_addresses(client: Client) -> None:
    response = client.get("/changes/?product=")
    assert (response.status_code, response["Location"]) == (302, "/changes/")


def test_pages(client: Client, django: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, each change once; a page behind the last one is the last one."""
    monkeypatch.setattr(changes, "CHANGES_A_PAGE", 2)
    drafted = make_cycle(django, "6.1", eol="2030")
    since(WRITTEN)
    write(drafted, 0.5, draft=True)
    write(drafted, 0.6, draft=False)
    for number in range(1, 6):
        write(drafted if number % 2 else cycle("6.2"), number, eol=str(2030 + number))
    days = [[day for day, *_ in told(client, f"?page={number}")] for number in (1, 2, 3, 4)]
    assert days[0] == ["2026-01-15", "2026-01-14"]
    assert days[1] == ["2026-01-13", "2026-01-12"]
    assert days[2] == days[3] == ["2026-01-11"]
    first, last = page(client, "?product=django"), page(client, "?product=django&page=3")
    assert '<a rel="next" href="?product=django&amp;page=2">Older</a>' in first
    assert 'rel="prev"' not in first
    assert '<a rel="prev" href="?product=django&amp;page=2">Newer</a>' in last
    assert 'rel="next"' not in last
    monkeypatch.setattr(changes, "MAX_CHANGES", 3)
    assert [day for day, *_ in told(client, "?page=9")] == ["2026-01-13"]
    assert 'rel="next"' not in page(client, "?page=2")


# ---- its other forms


def test_data(client: Client, django: Product) -> None:
    write(cycle("6.2"), 1, eol="2031-05-31")
    response = client.get("/changes.json?product=django&product=nope")
    assert response["Access-Control-Allow-Origin"] == "*"
    found = json.loads(response.content)
    assert (found["page"], found["more"]) == (1, False)
    assert [each["name"] for each in found["problems"]] == ["product"]
    assert found["changes"] == [
        {
            "at": "2026-01-11T08:30:00+00:00",
            "product": "django",
            "cycle": "6.2",
            "kind": "moved",
            "milestone": "security_until",
            "old": {"date": "2030-04-30", "precision": "month"},
            "new": {"date": "2031-05-31", "precision": "day"},
            "milestone_name": "eol",
        }
    ]


def test_no_cell_is_a_formula(client: Client) -> None:
    make_cycle(make_product(), "-1+2", eol="2030")
    since(WRITTEN)
    write(cycle("-1+2"), 1, eol="2031")
    assert "'-1+2" in client.get("/changes.csv").content.decode()


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_the_feed(client: Client, django: Product, form: str) -> None:
    """An entry for each date, the same one as in the feed of a view."""
    write(cycle("6.2"), 1, eol="2031", eoas="2029")
    write(cycle("6.2"), 2, eol="2032")
    feed = feedparser.parse(client.get(f"/changes.{form}").content)
    assert not feed.bozo
    assert [each.title for each in feed.entries] == [
        "Django 6.2: end of security support moved to 2032",
        "Django 6.2: end of active support moved to 2029",
        "Django 6.2: end of security support moved to 2031",
    ]
    assert feed.entries[0].summary.endswith("it was 2031.")
    assert feed.feed.link == "http://testserver/changes/"
    ids = {each.id for each in feed.entries}
    assert len(ids) == 3
    view = feedparser.parse(client.get("/roadmap.atom").content)
    assert ids <= {each.id for each in view.entries}
    other = Client(SERVER_NAME="127.0.0.1").get(f"/changes.{form}?product=django")
    assert {each.id for each in feedparser.parse(other.content).entries} == ids


def test_the_feed_of_a_product_is_another_one(client: Client, django: Product) -> None:
    feeds = [
        feedparser.parse(client.get(f"/changes.atom{query}").content).feed
        for query in ("", "?product=django", "?page=2&q=x")
    ]
    assert feeds[0].id == feeds[2].id != feeds[1].id
    assert feeds[1].link == "http://testserver/changes/?product=django"


def test_hostile_names_stay_text(client: Client) -> None:
    make_cycle(make_product("evil", label="<script>alert(1)</script>"), "1", eol="2030")
    since(WRITTEN)
    write(cycle("1", "evil"), 1, eol="2031")
    for path in ("/changes/", "/changes.atom"):
        assert "<script>alert" not in client.get(path).content.decode()


def test_it_is_found(client: Client, django: Product) -> None:
    """From every page, from its product, from the map of the site."""
    assert '<a href="/changes/">Changes</a>' in client.get("/products/").content.decode()
    product = client.get("/django/").content.decode()
    assert '<a href="/changes/?product=django">Announced, moved and withdrawn dates</a>' in product
    assert "/changes/</loc>" in client.get("/sitemap.xml").content.decode()


def test_it_is_kept_like_other_pages() -> None:
    """By its product and page, whatever else stands in the address."""
    assert normalized_query(
        "/changes/", "utm=1&product=django&kind=moved&on=2020-01-01&page=2"
    ) == ("kind=moved&page=2&product=django")


@pytest.mark.parametrize("count", [3, 120])
def test_query_budget(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """However many there are."""
    product = make_product(aliases=["dj"])
    for number in range(count):
        make_cycle(product, str(number), eol="2030")
    since(WRITTEN)
    for number in range(count):
        write(cycle(str(number)), number, eol="2031")
    # cycles that were ever drafts; what was moved last; those cycles, their history
    with django_assert_num_queries(4):
        read({})
    # the names besides
    with django_assert_num_queries(5):
        read({"product": ["dj"], "page": ["2"]})
    write(cycle("1"), 300, draft=True)
    write(cycle("1"), 301, draft=False)
    # the history of those that were drafts besides
    with django_assert_num_queries(6):
        read({"product": ["dj"]})


def read(params: dict[str, list[str]]) -> None:
    found = selectors.recent_changes(RoadmapQuery.parse(params, ON))
    assert found.cycles
    assert {each.cycle.product.label for each in found.cycles} == {"Django"}
