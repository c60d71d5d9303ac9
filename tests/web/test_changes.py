"""The page of changes, its feeds and its data: contents, order, wording and query counts."""

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
    set_history_date(WRITTEN)
    return product


def set_history_date(moment: datetime) -> None:
    """Set the date of all history records."""
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=moment)


def write(row: Any, days: float, **values: Any) -> None:
    """Save a row with a history date `days` later; milestones are given as text."""
    for name, value in values.items():
        is_milestone = name in ("release", "eoas", "eol", "eoes", "lts")
        setattr(row, name, parse_milestone(value) if is_milestone else value)
    row._history_date = WRITTEN + timedelta(days=days)
    row.save()


def cycle(name: str, product: str = "django") -> ReleaseCycle:
    return ReleaseCycle.objects.get(product__name=product, name=name)


def listed_changes(client: Client, query: str = "") -> list[tuple[str, str, str, str]]:
    """Return day, cycle, milestone and new date of each change."""
    rows = csv.DictReader(client.get(f"/changes.csv{query}").content.decode().splitlines())
    return [(row["at"][:10], row["cycle"], row["milestone"], row["new"]) for row in rows]


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/changes/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_moved_dates_are_listed(client: Client, django: Product) -> None:
    """They are grouped by day, newest first, each with its old and new date and the difference."""
    write(cycle("6.2"), 1, eol="2031-04", eoas="2027-12-31")
    write(cycle("5.2"), 1.5, eol="2028-04-21")
    write(cycle("6.2"), 3, eol="2031-04-30", eoas="2028-12")
    words = re.sub(r"</?(?:time|del|ins|span|svg|use)[^>]*>", "", page(client))
    lines = [" ".join(each.split()) for each in re.split(r"</?(?:li|h2|a|p)[^>]*>", words)]
    order = [
        "13 Jan 2026",
        "Bug fixes until: 31 Dec 2027 became Dec 2028, 12 months later",
        "11 Jan 2026",
        "Security fixes until: 30 Apr 2028 became 21 Apr 2028, 9 days earlier",
        "Bug fixes until: Jan 2028 became 31 Dec 2027, 1 month earlier",
        "Security fixes until: Apr 2030 became Apr 2031, 12 months later",
    ]
    assert [line for line in lines if line in order] == order
    assert 'href="/django/6.2/">Django 6.2</a>' in page(client)


def kinds(client: Client, query: str = "") -> list[tuple[str, str, str, str, str]]:
    """Return cycle, kind, milestone, old and new date of each change."""
    rows = csv.DictReader(client.get(f"/changes.csv{query}").content.decode().splitlines())
    names = ("cycle", "kind", "milestone", "old", "new")
    return [(row[names[0]], *(row[name] for name in names[1:])) for row in rows]  # type: ignore[misc]


def test_announced_withdrawn_and_added_are_reported(client: Client, django: Product) -> None:
    """Every format has them, and all can be filtered by kind."""
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
        "Security fixes until: 1 Jan 2029, announced",
        "Security fixes until: 30 Apr 2028, withdrawn",
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


def test_announcement_without_a_date(client: Client, django: Product) -> None:
    write(cycle("5.2"), 1, eoas="yes")
    assert "Bug fixes until: announced, without a date" in page(client)
    (entry,) = feedparser.parse(client.get("/changes.atom").content).entries
    assert entry.title == "Django 5.2: end of active support announced, without a date"


def test_filter_by_kind_keeps_its_state(client: Client, django: Product) -> None:
    """An unknown kind is reported."""
    html = " ".join(page(client, "?kind=moved&kind=sold").split())
    assert '<input type="checkbox" name="kind" value="moved" checked>Moved' in html
    assert '<input type="checkbox" name="kind" value="added">New cycle' in html
    assert "expected one of added, announced, moved, withdrawn." in html
    assert 'No change matches. <a href="/changes/">Clear all filters</a>' in html


def test_edits_that_are_no_changes(client: Client, django: Product) -> None:
    """A new product with its cycles, a higher precision, another edit, a deletion."""
    make_cycle(make_product("python"), "3.14", release="2025-10", eol="2030-10")
    set_history_date(WRITTEN)
    write(cycle("6.2"), 1, eol="2030-04-30", latest="6.2a1")
    cycle("5.2").delete()
    assert listed_changes(client) == []
    assert "No changes yet." in page(client)


def test_new_cycle_is_reported_when_it_is_published(client: Client, django: Product) -> None:
    """Changes to its dates before that are not reported."""
    row = make_cycle(django, "7.0", release="2028", eol="no", draft=True)
    ReleaseCycle.history.filter(name="7.0").update(history_date=WRITTEN + timedelta(days=1))
    write(row, 2, eol="2031")
    for path in ("/changes/", "/changes.json", "/changes.csv", "/changes.atom", "/roadmap.atom"):
        assert "7.0" not in client.get(path).content.decode()
    write(row, 3, draft=False)
    assert kinds(client) == [("7.0", "added", "", "", "")]


def test_imported_cycle_is_reported(client: Client, tmp_path: Path) -> None:
    """A new product is not reported, but a cycle that a later import adds is."""
    text = (BUNDLED / "django.md").read_text()
    head, first, rest = text.partition("  - releaseCycle:")
    cut = f"{head}{first}{rest.partition(first)[2]}"
    path = tmp_path / "django.md"
    for content in (cut, text):
        path.write_text(content)
        list(import_products(product_files([tmp_path]), on=ON))
    assert [kind for _, kind, *_ in kinds(client)] == ["added"]


def test_initial_import_reports_no_changes(client: Client) -> None:
    """Repeating the import reports none either."""
    for _ in range(2):
        list(import_products(product_files([BUNDLED]), on=ON))
    assert ReleaseCycle.history.count() > 100
    assert listed_changes(client) == []


def test_date_that_was_removed_and_restored(client: Client, django: Product) -> None:
    """It is reported as withdrawn and announced again."""
    write(cycle("6.2"), 1, eol="", eoas="")
    write(cycle("6.2"), 2, eol="2030-04-30", eoas="2029")
    assert [(kind, milestone) for _, kind, milestone, *_ in kinds(client)] == [
        ("announced", "active_until"),
        ("announced", "security_until"),
        ("withdrawn", "active_until"),
        ("withdrawn", "security_until"),
    ]


def test_restored_cycle_is_compared_with_its_previous_state(
    client: Client, django: Product
) -> None:
    row = cycle("5.2")
    pk = row.pk
    row._history_date = WRITTEN + timedelta(days=1)  # type: ignore[attr-defined]
    row.delete()
    assert listed_changes(client) == []
    row = ReleaseCycle(pk=pk, product=django, name="5.2")
    write(row, 2, release="2025-04-02", lts="yes", eol="2029")
    assert listed_changes(client) == [("2026-01-12", "5.2", "security_until", "2029")]


# ---- what is not reported


def test_user_and_reason_are_not_published(client: Client, django: Product) -> None:
    row = cycle("6.2")
    row._history_user = get_user_model().objects.create(username="secretary")  # type: ignore[attr-defined]
    row._change_reason = "secret reason"  # type: ignore[attr-defined]
    write(row, 1, eol="2031")
    for path in ("/changes/", "/changes.json", "/changes.csv", "/changes.atom", "/changes.rss"):
        text = client.get(path).content.decode()
        assert "2031" in text
        assert "secret" not in text


def test_changes_within_a_draft_are_not_reported(client: Client, django: Product) -> None:
    """When the draft is published, the difference from the last public state is reported."""
    row = cycle("6.2")
    write(row, 1, draft=True, eol="2031")
    write(row, 2, eol="2032")
    write(cycle("5.2"), 3, eol="2029")
    expected = [("2026-01-13", "5.2", "security_until", "2029")]
    assert listed_changes(client) == expected
    write(row, 4, eol="2033", draft=False)
    assert listed_changes(client) == [("2026-01-14", "6.2", "security_until", "2033"), *expected]
    write(row, 5, eol="2034")
    assert listed_changes(client)[0] == ("2026-01-15", "6.2", "security_until", "2034")


def test_scheduled_draft_is_reported_when_its_day_begins(client: Client, django: Product) -> None:
    """No history record marks that day."""
    write(cycle("6.2"), 1, eol="2031", draft=True, publish_on=date(2026, 11, 21))
    assert listed_changes(client) == [("2026-11-21", "6.2", "security_until", "2031")]
    (change,) = json.loads(client.get("/changes.json").content)["changes"]
    assert change["at"] == "2026-11-21T00:00:00+00:00"
    row = cycle("6.2")
    write(row, 2, publish_on=date(2026, 11, 22))
    assert listed_changes(client) == []


def test_changes_of_a_draft_product_are_not_reported(client: Client, django: Product) -> None:
    """Changes before its publication were never public."""
    make_cycle(make_product("python"), "3.14", release="2025-10-07", eol="2030-10")
    Product.history.filter(name="python").update(draft=True)
    set_history_date(WRITTEN)
    write(cycle("3.14", "python"), 1, eol="2031-10")
    Product.objects.filter(name="python").update(draft=True)
    assert listed_changes(client) == []
    assert "There is no product “python” here." in page(client, "?product=python")
    write(Product.objects.get(name="python"), 2, draft=False)
    assert listed_changes(client) == []
    write(cycle("3.14", "python"), 3, eol="2032-10")
    assert listed_changes(client) == [("2026-01-13", "3.14", "security_until", "2032-10")]


def test_changes_of_removed_cycles_are_not_reported(client: Client, django: Product) -> None:
    """There would be no page to link to."""
    write(cycle("6.2"), 1, eol="2031")
    write(cycle("5.2"), 1, eol="2031")
    cycle("6.2").delete()
    write(cycle("5.2"), 2, draft=True)
    assert listed_changes(client) == []


# ---- filters and pages


def test_filter_by_product(client: Client, django: Product) -> None:
    """Aliases are accepted, and unknown products are reported."""
    for name in ("python", "node"):
        make_cycle(make_product(name), "1", eol="2030")
    set_history_date(WRITTEN)
    for number, product in enumerate(("django", "python", "node"), start=1):
        write(ReleaseCycle.objects.filter(product__name=product)[0], number, eol="2031")
    assert [row[0] for row in listed_changes(client)] == ["2026-01-13", "2026-01-12", "2026-01-11"]
    assert len(listed_changes(client, "?product=dj")) == 1
    assert len(listed_changes(client, "?product=python&product=django&product=dj")) == 2
    html = page(client, "?product=python&product=nope&product=a/b&page=x")
    assert "There is no product “nope” here." in html
    assert "expected a name such as django" in html
    assert "/node/" not in html
    assert '<input type="hidden" name="product" value="python">' in html
    assert re.search(r'href="\?product=nope"\s+aria-label="Remove filter: python"', html)
    assert "No change matches." in page(client, "?product=nope")
    assert 'href="/?product=python&amp;product=nope&amp;known_on=2026-01-11"' in html


def test_empty_parameters_are_removed_by_a_redirect(client: Client) -> None:
    response = client.get("/changes/?product=")
    assert (response.status_code, response["Location"]) == (302, "/changes/")


def test_changes_are_paginated(
    client: Client, django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first and each change once; a page past the end shows the last one."""
    monkeypatch.setattr(changes, "CHANGES_A_PAGE", 2)
    drafted = make_cycle(django, "6.1", eol="2030")
    set_history_date(WRITTEN)
    write(drafted, 0.5, draft=True)
    write(drafted, 0.6, draft=False)
    for number in range(1, 6):
        write(drafted if number % 2 else cycle("6.2"), number, eol=str(2030 + number))
    days = [
        [day for day, *_ in listed_changes(client, f"?page={number}")] for number in (1, 2, 3, 4)
    ]
    assert days[0] == ["2026-01-15", "2026-01-14"]
    assert days[1] == ["2026-01-13", "2026-01-12"]
    assert days[2] == days[3] == ["2026-01-11"]
    first, last = page(client, "?product=django"), page(client, "?product=django&page=3")
    assert re.search(r'rel="next" href="\?product=django&amp;page=2">Older', first)
    assert 'rel="prev"' not in first
    assert re.search(r'rel="prev" href="\?product=django&amp;page=2">.*?Newer', last, re.DOTALL)
    assert 'rel="next"' not in last
    monkeypatch.setattr(changes, "MAX_CHANGES", 3)
    assert [day for day, *_ in listed_changes(client, "?page=9")] == ["2026-01-13"]
    assert 'rel="next"' not in page(client, "?page=2")


# ---- other formats


def test_json_format(client: Client, django: Product) -> None:
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


def test_csv_escapes_formulas(client: Client) -> None:
    make_cycle(make_product(), "-1+2", eol="2030")
    set_history_date(WRITTEN)
    write(cycle("-1+2"), 1, eol="2031")
    assert "'-1+2" in client.get("/changes.csv").content.decode()


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_feed_has_an_entry_for_each_changed_date(
    client: Client, django: Product, form: str
) -> None:
    """Entries have the same ids as in the feed of a roadmap."""
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


def test_feed_of_a_product_has_its_own_id(client: Client, django: Product) -> None:
    feeds = [
        feedparser.parse(client.get(f"/changes.atom{query}").content).feed
        for query in ("", "?product=django", "?page=2&q=x")
    ]
    assert feeds[0].id == feeds[2].id != feeds[1].id
    assert feeds[1].link == "http://testserver/changes/?product=django"


def test_hostile_names_are_escaped(client: Client) -> None:
    make_cycle(make_product("evil", label="<script>alert(1)</script>"), "1", eol="2030")
    set_history_date(WRITTEN)
    write(cycle("1", "evil"), 1, eol="2031")
    for path in ("/changes/", "/changes.atom"):
        assert "<script>alert" not in client.get(path).content.decode()


def test_pages_link_to_changes(client: Client, django: Product) -> None:
    """Every page, the product page and the site map do."""
    assert '<a href="/changes/">Changes</a>' in client.get("/products/").content.decode()
    product = client.get("/django/").content.decode()
    assert 'href="/changes/?product=django"' in product
    assert "/changes/</loc>" in client.get("/sitemap.xml").content.decode()


def test_page_is_cached_by_its_parameters() -> None:
    """The cache key ignores unrelated parameters."""
    assert normalized_query(
        "/changes/", "utm=1&product=django&kind=moved&on=2020-01-01&page=2"
    ) == ("kind=moved&page=2&product=django")


@pytest.mark.parametrize("count", [3, 120])
def test_query_budget(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """The count does not depend on the number of changes."""
    product = make_product(aliases=["dj"])
    for number in range(count):
        make_cycle(product, str(number), eol="2030")
    set_history_date(WRITTEN)
    for number in range(count):
        write(cycle(str(number)), number, eol="2031")
    # cycles that were ever drafts, latest moves, those cycles, their history
    with django_assert_num_queries(4):
        read({})
    # and the product names
    with django_assert_num_queries(5):
        read({"product": ["dj"], "page": ["2"]})
    write(cycle("1"), 300, draft=True)
    write(cycle("1"), 301, draft=False)
    # and the history of former drafts
    with django_assert_num_queries(6):
        read({"product": ["dj"]})


def read(params: dict[str, list[str]]) -> None:
    found = selectors.recent_changes(RoadmapQuery.parse(params, ON))
    assert found.cycles
    assert {each.cycle.product.label for each in found.cycles} == {"Django"}
